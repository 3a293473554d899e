#!/usr/bin/python3
"""The report series during a live capture: tshark reads a pipe that is written in parts.

usage: test_live.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import json
import subprocess
import sys
import threading
import time
import unittest

import test_tshark
from test_tshark import Tshark, capture

INTERVAL = 0.25
# The interfaces of this capture are in order at the ends of the intervals, so the live report is
# the same as one of the file, except for intervals without a segment: live they come late or, at
# the end of the capture, not at all.
CAPTURE = capture("fallback")
PARTS, PAUSE = 8, 0.5  # dumpcap forwards packets twice a second
HEADING = "start,start_relative,connection"


class Live(unittest.TestCase):
    def setUp(self):
        self.tshark = Tshark()

    def start(self, *options):
        call = ",".join(("mptcp,series", f"interval={INTERVAL}", *options))
        return subprocess.Popen([*self.tshark.user, "tshark", "-q", "-n", "-i", "-", "-z", call],
                                env=self.tshark.environment, stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def read(self, *options):
        call = ",".join(("mptcp,series", f"interval={INTERVAL}", *options))
        return self.tshark.stat(CAPTURE, call).stdout

    def test_rows_come_before_the_end(self):
        with open(CAPTURE, "rb") as file:
            content = file.read()
        came = []  # each line, and whether it came after the end of the capture was written
        process = self.start("format=csv")
        ended = threading.Event()
        reader = threading.Thread(target=lambda: came.extend(
            (line.decode(), ended.is_set()) for line in process.stdout))
        reader.start()
        size = len(content) // PARTS + 1
        for start in range(0, len(content), size):
            process.stdin.write(content[start:start + size])
            process.stdin.flush()
            time.sleep(PAUSE)
        ended.set()
        process.stdin.close()
        reader.join(timeout=60)
        self.assertEqual(process.wait(timeout=60), 0)
        process.stdout.close()
        self.assertTrue(came[0][0].startswith(HEADING), came)
        early = [line for line, late in came if not late]
        self.assertGreaterEqual(len(early), 3, came)  # the heading and the first interval
        self.assertEqual("".join(line for line, _ in came), self.read("format=csv"))

    def test_json_is_one_document(self):
        with open(CAPTURE, "rb") as file:
            content = file.read()
        with self.start("format=json") as process:
            output, _ = process.communicate(content)
        live, later = json.loads(output), json.loads(self.read("format=json"))
        self.assertIsNone(live["capture"])
        self.assertEqual(live["rows"], later["rows"])
        self.assertGreater(len(live["rows"]), 2)

    def test_text_has_a_heading_and_rows(self):
        with open(CAPTURE, "rb") as file:
            content = file.read()
        with self.start() as process:
            output, _ = process.communicate(content)
        lines = output.decode().splitlines()
        self.assertEqual(lines[:2], ["MPTCP Series", "Filter: <none>"])
        rows = list(csv.DictReader(self.read("format=csv").splitlines()))
        self.assertEqual(len(lines), 4 + len(rows))  # a heading has two lines
        self.assertLessEqual(max(map(len, lines)), 120)
        for line, row in zip(lines[4:], rows):
            cells = line.split()
            self.assertEqual(cells[1:4], [row["connection"], row["subflow"], row["direction"]])
            self.assertEqual(cells[6:8], [row["retransmitted_bytes"], row["reinjected_bytes"]])
            self.assertEqual(float(cells[4]), round(float(row["throughput"]) / 1e6, 3))

    def test_interval_is_for_series_only(self):
        done = self.tshark.stat(CAPTURE, "mptcp,rtt,interval=1")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("unknown option \"interval\"", done.stderr)
        done = self.tshark.stat(CAPTURE, "mptcp,series,interval=0")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("expected seconds", done.stderr)


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    unittest.main()
