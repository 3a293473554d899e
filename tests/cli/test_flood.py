#!/usr/bin/python3
"""Floods of subflows and connections: text says what is important and how much it leaves out; json has
all.

usage: test_flood.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import hashlib
import json
import os
import struct
import subprocess
import sys
import unittest

from folder import FolderCase

CLIENT, SERVER = (bytes((10, 0, 0, 1)), 40000), (bytes((10, 0, 0, 2)), 80)
CLIENT_KEY, SERVER_KEY = bytes(range(8)), bytes(range(8, 16))
SYN, SYN_ACK, ACK, PSH_ACK, RST_ACK = 0x02, 0x12, 0x10, 0x18, 0x14
COUNT = 3000  # of the flood
LINES_MAX = 130  # of a summary of one connection


class Capture:
    """Writes a capture of raw IP.
    @param delay, ttl  of what the client sends; the other end is that much earlier"""

    def __init__(self, delay=0, ttl=64):
        self.time, self.delay, self.ttl = 1_700_000_000_000_000, delay, ttl
        self.parts = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 101)]

    def add(self, source, target, seq, ack, flags, options=b"", data=b""):
        self.time += 100
        options += b"\x01" * (-len(options) % 4)
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], seq, ack, 5 + len(options) // 4 << 4,
                          flags, 65535, 0, 0) + options + data
        packet = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 1, 0, self.ttl, 6, 0)
        packet += source[0] + target[0] + tcp
        time = self.time + (self.delay if target == SERVER else -self.delay)
        self.parts.append(struct.pack("<IIII", time // 1_000_000, time % 1_000_000, len(packet),
                                      len(packet)) + packet)

    def add_connection(self):
        """A connection with 100 bytes from the client."""
        idsn = int.from_bytes(hashlib.sha256(CLIENT_KEY).digest()[-8:], "big") & 0xffffffff
        self.add(CLIENT, SERVER, 1000, 0, SYN, b"\x1e\x04\x01\x01")
        self.add(SERVER, CLIENT, 5000, 1001, SYN_ACK, b"\x1e\x0c\x01\x01" + SERVER_KEY)
        self.add(CLIENT, SERVER, 1001, 5001, ACK, b"\x1e\x14\x01\x01" + CLIENT_KEY + SERVER_KEY)
        self.add(CLIENT, SERVER, 1001, 5001, PSH_ACK, b"\x1e\x0e\x20\x04" + struct.pack(
            ">IIH", idsn + 1 & 0xffffffff, 1, 100), bytes(100))

    def add_joins(self, count, answer=None, token=hashlib.sha256(SERVER_KEY).digest()[:4]):
        for i in range(count):
            source = bytes((10, 1, i >> 8, i & 255)), 1024 + i
            own = token if token else struct.pack(">I", i * 7919)
            self.add(source, SERVER, 100, 0, SYN,
                     b"\x1e\x0c\x10\x01" + own + struct.pack(">I", i))
            if answer is not None:
                self.add(SERVER, source, 0, 101, answer)

    def add_fastclose(self):
        self.time += 2_000_000
        self.add(CLIENT, SERVER, 1101, 5001, ACK, b"\x1e\x0c\x70\x00" + SERVER_KEY)

    def write(self, path):
        with open(path, "wb") as file:
            file.write(b"".join(self.parts))
        return path


class Flood(FolderCase):
    def run_command(self, *arguments):
        return subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.PIPE,
                              text=True).stdout

    def reports(self, capture):
        """@return the summary as lines of text, rows of csv and rows of json"""
        path = capture.write(os.path.join(self.folder, "x.pcap"))
        return (self.run_command("report", "summary", path).splitlines(),
                list(csv.DictReader(self.run_command("report", "summary", path, "-f", "csv")
                                    .splitlines())),
                json.loads(self.run_command("report", "summary", path, "-f", "json"))["rows"])

    def assert_bounded(self, answer, kind, states):
        capture = Capture()
        capture.add_connection()
        capture.add_joins(COUNT, answer)
        capture.add_fastclose()
        lines, (cells,), (row,) = self.reports(capture)
        self.assertLess(len(lines), LINES_MAX)
        text = " ".join(" ".join(lines).split())
        self.assertIn(f"Subflows: {COUNT + 1} tried, 1 accepted", text)
        self.assertIn("0: 10.0.0.1:40000 > 10.0.0.2:80, initial", text)  # the one with payload
        self.assertIn(f"and {COUNT - 31} more ({states})", text)
        found = [problem for problem in row["problems"] if problem["problem"] == kind]
        self.assertEqual((len(row["subflows"]), len(found)), (COUNT + 1, COUNT))
        more = f"and {COUNT - 5} more {found[0]['severity']}s of the kind {kind}, the last in frame " \
            f"{found[-1]['frame']}"
        self.assertIn(more, text)
        self.assertIn("aborted the connection with MP_FASTCLOSE", text)  # not crowded out
        self.assertIn(more, cells["problems"])
        self.assertLess(len(cells["problems"]) + len(cells["subflows"]), 8000)

    def test_joins_without_an_answer(self):
        self.assert_bounded(None, "join_unanswered", f"{COUNT - 31} syn")

    def test_joins_that_are_refused(self):
        self.assert_bounded(RST_ACK, "syn_reset", f"{COUNT - 31} reset")

    def test_connections_that_never_open(self):
        """Joins of connections that the capture does not have: the real one is still there."""
        capture = Capture()
        capture.add_joins(COUNT, token=None)
        capture.add_connection()
        lines, _, rows = self.reports(capture)
        self.assertEqual(len(rows), COUNT + 1)
        self.assertLess(len(lines), 2000)
        text = " ".join(" ".join(lines).split())
        self.assertIn(f"Connection {COUNT}: 10.0.0.1:40000", text)
        self.assertIn(f"And {COUNT - 99} more connections, of which {COUNT - 99} never opened.", text)

    def test_few_are_all_shown(self):
        capture = Capture()
        capture.add_connection()
        capture.add_joins(31)
        lines, (cells,), (row,) = self.reports(capture)
        text = " ".join(" ".join(lines).split())
        self.assertEqual((len(row["problems"]), text.count("never answered:")), (32, 31))
        self.assertNotIn(" more", text)
        self.assertEqual(cells["problems"].count("never answered:"), 31)

    def test_diff(self):
        """The same sentence about each of many subflows."""
        paths = []
        for name, ends in (("a", ()), ("b", (5000, 59))):
            capture = Capture(*ends)
            capture.add_connection()
            capture.add_joins(200, RST_ACK)
            paths.append(capture.write(os.path.join(self.folder, name)))
        text = self.run_command("diff", *paths)
        sentences = json.loads(self.run_command("diff", *paths, "-f", "json"))["sentences"]
        self.assertGreater(len(sentences), 200)
        unbroken = " ".join(text.split())
        shown = [sentence for sentence in sentences if sentence in unbroken]
        self.assertGreater(len(shown), 0)
        self.assertLess(len(shown), 64)
        self.assertIn(f"And {len(sentences) - len(shown)} more sentences", text)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
