#!/usr/bin/python3
"""Small captures that came out wrong once (tests/cases), and what is right.

usage: test_cases.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import subprocess
import sys
import unittest

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def case(name):
    return os.path.join(CASES, name)


def rows(report, name):
    return json.loads(run("report", report, "--format=json", case(name)))["rows"]


def counters(name):
    return {row["counter"][len("MPTcpExt"):]: (row["client"], row["server"])
            for row in rows("mib", name)}


class Cases(unittest.TestCase):
    def problems(self, name):
        return [problem["text"] for row in rows("summary", name) for problem in row["problems"]]

    def assert_bytes(self, direction, **expected):
        self.assertEqual(expected, {key: direction[key] for key in expected})

    def test_fast_open_accepted(self):
        """The SYN/ACK acknowledges the SYN's 700 bytes, which have no mapping (RFC 8684 B.3)."""
        (connection,), (subflow,) = (rows(report, "tfo-syn-data.pcap")
                                     for report in ("connections", "subflows"))
        self.assertEqual((connection["frame"], connection["state"], connection["subflows"]),
                         (1, "closed", 1))
        self.assertAlmostEqual(subflow["handshake_rtt"], 0.000044, 9)
        self.assert_bytes(connection["c2s"], bytes=25700, data_bytes=25000,
                          retransmitted_bytes=0, reinjected_bytes=0)
        self.assert_bytes(connection["s2c"], bytes=3000, data_bytes=3000)
        self.assertEqual(self.problems("tfo-syn-data.pcap"), [])
        found = counters("tfo-syn-data.pcap")
        self.assertEqual([found["MPCapable" + name] for name in
                          ("SYNTX", "SYNRX", "SYNACKRX", "ACKRX")], [(1, 0), (0, 1), (1, 0), (0, 1)])
        self.assertEqual((found["DssFallback"], found["MPCapableDataFallback"]), ((0, 0), (0, 0)))

    def test_fast_open_refused(self):
        """The SYN's 700 bytes are sent again, with a mapping."""
        connection, = rows("connections", "tfo-rejected.pcap")
        self.assert_bytes(connection["c2s"], bytes=1400, data_bytes=700, retransmitted_bytes=700,
                          reinjected_bytes=0)
        self.assertEqual(self.problems("tfo-rejected.pcap"), [])

    def test_tunnels(self):
        for name in ("plain", "pppoe", "vxlan"):
            connection, = rows("connections", f"tunnel-{name}.pcap")
            self.assert_bytes(connection["c2s"], segments=10, bytes=3100)

    def test_fragments(self):
        connection, = rows("connections", "fragments.pcap")
        self.assert_bytes(connection["c2s"], bytes=10100)
        self.assert_bytes(connection["s2c"], bytes=5000)

    def test_after_2038(self):
        """Seconds of pcap are unsigned."""
        connection, = rows("connections", "after-2038.pcap")
        self.assertEqual((connection["start"], connection["duration"], connection["checksum"]),
                         ("2147483700.000000000", 0.087201, False))
        data = rows("limits", "after-2038.pcap")[0]
        self.assertEqual(data["limited_by"], "sender")
        self.assertAlmostEqual(data["sender"], 0.6, 3)
        self.assertAlmostEqual(data["rtt"]["min"], 0.010, 5)
        self.assertAlmostEqual(data["rtt"]["max"], 0.021, 5)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
