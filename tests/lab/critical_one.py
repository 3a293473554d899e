#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks `report critical-path` on the sender's capture against both captures of runs of the lab, and
against the pauses that the applications wrote down.

usage: CAPTURES=FOLDER THRESHOLDS=PROGRAM critical_one.py PATH_OF_MPTCPSCOPE [unittest options]
"""

import json
import subprocess
import sys
import unittest
from decimal import Decimal

import critical_path
from critical_path import captures_of, length, path

SENDER = {"c2s": 0, "s2c": 1}
NEAR = {"c2s": "client", "s2c": "server"}  # on a busy machine a slow host may not show it
CLOSE = 0.06  # of the time elapsed
# Runs in which no queue is full, so that both ways show the same.
PLAIN = (("waitsmall", "c2s"), ("waitbursts", "c2s"), ("waitcwnd", "c2s"), ("waitshort", "c2s"),
         ("waitrcvbuf", "c2s"), ("waitreader", "c2s"))
ONE_TRIP = ("window", "receiver", "rate")  # one capture does not tell these apart in a round trip


def one(name, direction):
    text = subprocess.run([critical_path.COMMAND, "report", "critical-path", "--direction", direction,
                           captures_of(name)[SENDER[direction]], "--pieces", "-f", "json",
                           "--near", NEAR[direction]],
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    row, = json.loads(text, parse_float=Decimal)["rows"]
    return row


def times(row):
    """The ns of each class; those of ONE_TRIP together."""
    found = {entry["class"]: length([entry]) for entry in row["classes"]}
    found["window"] = sum(found.pop(each) for each in ONE_TRIP)
    return found


class OneCapture(critical_path.Case):
    pauses = critical_path.Known.pauses

    def test_the_sender_did_the_same(self):
        for name, direction in PLAIN:
            with self.subTest(run=name):
                both, alone = path(name, direction), one(name, direction)
                elapsed = length(both["classes"])
                self.assertEqual(alone["data_bytes"], both["data_bytes"])
                found, expected = times(alone), times(both)
                for each in set(found) - {"delivery"}:  # there one has the way back, too
                    self.assertLess(abs(found[each] - expected[each]), CLOSE * elapsed,
                                    (each, found, expected))

    def test_pauses_of_writers(self):
        for name, direction, kind in (("waitsmall", "c2s", "write"), ("waitbursts", "c2s", "write")):
            with self.subTest(run=name):
                row = one(name, direction)
                self.near(length(row["causes"], cause=("application",)),
                          self.pauses(name, row, kind), name)

    def test_each_end_shows_its_own_pauses(self):
        with self.subTest(run="waittalk"):
            row = path("waittalk", "s2c")
            parts = [length(one("waittalk", direction)["causes"], cause=("application",))
                     for direction in SENDER]
            self.near(sum(parts), length(row["causes"], cause=("application",)), parts)

    def test_a_full_queue_is_not_the_application(self):
        for name in ("waitrate", "waitheld"):
            with self.subTest(run=name):
                row = one(name, "c2s")
                self.assertLess(length(row["causes"], cause=("application",)),
                                CLOSE * length(row["classes"]), row["classes"])


if __name__ == "__main__":
    critical_path.COMMAND = sys.argv.pop(1)
    unittest.main()
