#!/usr/bin/python3
"""The same segments give the same figures inside of every encapsulation, and in fragments.

usage: test_encapsulations.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

import encapsulate

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "captures")
PLAIN = os.path.join(CAPTURES, "twopath", "client.pcapng")
IPV6 = os.path.join(CAPTURES, "ipv6", "client.pcapng")
WHOLE = os.path.join(CAPTURES, "checksum", "client.pcapng")
REPORTS = ("connections", "subflows", "events", "rtt", "mib")


def rows(report, path):
    done = subprocess.run([COMMAND, "report", report, "--format=json", path], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)["rows"]


def without_frames(value):
    """A row without numbers of frames, which fragments change."""
    if isinstance(value, dict):
        return {key: without_frames(inner) for key, inner in value.items() if "frame" not in key
                and key != "acked"}
    return [without_frames(inner) for inner in value] if isinstance(value, list) else value


class Encapsulations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "capture.pcap")

    def test_every_encapsulation(self):
        for source in (PLAIN, IPV6):
            expected = {report: rows(report, source) for report in REPORTS}
            self.assertGreater(expected["connections"][0]["c2s"]["data_bytes"], 100000)
            for name in encapsulate.WRAPPERS:
                encapsulate.wrap(source, self.path, name)
                for report in REPORTS:
                    with self.subTest(name=name, report=report, source=source):
                        self.assertEqual(expected[report], rows(report, self.path))

    def test_fragments(self):
        orders = {"in order": lambda parts: parts, "reversed": lambda parts: parts[::-1],
                  "repeated": lambda parts: [part for part in parts for _ in range(2)][:-1]}
        expected = without_frames(rows("connections", WHOLE))
        self.assertGreater(expected[0]["c2s"]["data_bytes"], 10000)
        for name, order in orders.items():
            with self.subTest(order=name):
                encapsulate.fragment(WHOLE, self.path, 560, order)
                self.assertEqual(expected, without_frames(rows("connections", self.path)))

    def test_fragment_missing(self):
        """A packet that lacks a fragment is no segment; those that fit into one packet are."""
        encapsulate.fragment(WHOLE, self.path, 560, lambda parts: parts[:-1] or parts)
        whole, without = rows("connections", WHOLE)[0], rows("connections", self.path)[0]
        for direction in ("c2s", "s2c"):
            self.assertLessEqual(without[direction]["bytes"],
                                 560 * without[direction]["segments"])
            self.assertLess(without[direction]["segments"], whole[direction]["segments"])

    def test_after_2038(self):
        later = 2147483700 * 10**9
        frames = list(encapsulate.ip_packets(PLAIN))
        first = frames[0][0]
        encapsulate.write(self.path, encapsulate.LINK_RAW,
                          [(time - first + later, packet, length)
                           for time, packet, length in frames])
        connection, plain = rows("connections", self.path)[0], rows("connections", PLAIN)[0]
        self.assertEqual(connection["start"], "2147483700.000000000")
        self.assertEqual(connection["duration"], plain["duration"])
        self.assertEqual(connection["checksum"], plain["checksum"])
        self.assertEqual([row["join_delay"] for row in rows("subflows", self.path)],
                         [row["join_delay"] for row in rows("subflows", PLAIN)])


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
