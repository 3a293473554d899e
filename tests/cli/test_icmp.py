#!/usr/bin/python3
"""ICMP errors about segments: which of them refuse a join, and what the reports say of them.

usage: test_icmp.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import socket
import subprocess
import sys
import tempfile
import unittest

import encapsulate
import icmpmade


def rows(report, path):
    done = subprocess.run([COMMAND, "report", report, "--format=json", path], check=True,
                          stdout=subprocess.PIPE)
    return json.loads(done.stdout)["rows"]


def errors_of(path):
    return [row for row in rows("events", path) if row["event"] == "ICMP error"]


class Made(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "capture.pcap")

    def test_variants(self):
        for (version, name), (_, right) in icmpmade.VARIANTS.items():
            with self.subTest(version=version, name=name):
                icmpmade.write(self.path, version, name)
                joins = [row for row in rows("subflows", self.path) if not row["initial"]]
                summary, = rows("summary", self.path)
                self.assertEqual([row["state"] for row in joins],
                                 [right.state] if right.state else [])
                self.assertEqual([row["icmp_error"] for row in joins],
                                 [right.error] if right.state else [])
                self.assertEqual(len(errors_of(self.path)), right.events)
                about = 1 if joins else 0
                self.assertEqual(sorted({problem["problem"] for problem in summary["problems"]
                                         if problem["subflow"] == about}),
                                 sorted(right.problems))
                self.assertEqual(summary["subflows_accepted"], 1)

    def test_initial_syn(self):
        for version, words in ((4, "port unreachable"), (6, "port unreachable")):
            icmpmade.write_initial(self.path, version)
            connection, = rows("connections", self.path)
            self.assertEqual((connection["state"], connection["subflows"]), ("reset", 0))
            summary, = rows("summary", self.path)
            self.assertEqual(summary["ended"], "never opened: refused by ICMP in frame 2")
            sender = summary["server"]
            self.assertEqual([problem["text"] for problem in summary["problems"]],
                             [f"SYN with MP_CAPABLE refused by ICMP: {words}, from {sender}"])

    def test_event(self):
        """What an event has: about whose segment it is, who sent it, the numbers on the wire."""
        icmpmade.write(self.path, 4, "host")
        event, = errors_of(self.path)
        initial, join = icmpmade.packets_of(4)
        expected = {"frame": len(initial) + 2, "connection": 0, "subflow": 1, "direction": "c2s",
                    "step": "SYN", "reason": "host unreachable", "address": "10.0.2.99",
                    "icmp_type": 3, "icmp_code": 1, "mtu": None, "port": None,
                    "details": "host unreachable, from 10.0.2.99"}
        self.assertEqual({key: event[key] for key in expected}, expected)
        icmpmade.write(self.path, 6, "too-big")
        event, = errors_of(self.path)
        sender = socket.inet_ntop(socket.AF_INET6, icmpmade.packets_of(6)[1].destination)
        self.assertEqual((event["mtu"], event["details"]),
                         (1280, f"packet too big, MTU 1280, from {sender}"))
        icmpmade.write(self.path, 4, "about-data")
        event, = errors_of(self.path)
        self.assertEqual((event["subflow"], event["step"]), (0, None))

    def test_sentences(self):
        icmpmade.write(self.path, 4, "sent-again")
        text = subprocess.run([COMMAND, "report", "summary", self.path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout
        text = " ".join(text.split())
        self.assertIn("not accepted, refused by ICMP: port unreachable, from 10.1.2.2", text)
        self.assertIn("SYN with MP_JOIN refused by ICMP: port unreachable, from 10.1.2.2; 2 sent",
                      text)
        self.assertNotIn("never answered", text)
        self.assertNotIn("before the subflow opened", text)

    def test_every_encapsulation(self):
        for version, source in icmpmade.SOURCES.items():
            expected = {report: rows(report, source) for report in ("subflows", "events")}
            self.assertEqual(expected["subflows"][1]["state"], "reset")
            for name in encapsulate.WRAPPERS:
                encapsulate.wrap(source, self.path, name)
                for report, right in expected.items():
                    with self.subTest(name=name, report=report, version=version):
                        self.assertEqual(right, rows(report, self.path))

    def test_two_places(self):
        """An error that two interfaces show is one event; TTL and addresses differ."""
        initial, join = icmpmade.packets_of(4)
        once = icmpmade.error(join, 3, 3)
        routed = once[:8] + bytes([once[8] - 1]) + once[9:]
        for second, count in ((routed, 1), (once, 2)):
            frames = [packet.data for packet in initial] + [join.data, once, second]
            encapsulate.write(self.path, encapsulate.LINK_ETHERNET, [
                (join.time + i * icmpmade.MILLISECOND, encapsulate.ethernet(data), len(data) + 14)
                for i, data in enumerate(frames)])
            self.assertEqual(len(errors_of(self.path)), count)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
