#!/usr/bin/python3
"""Compares the report "reordering" with the kernel's counters and with other reports.

usage: test_reordering.py PATH_OF_MPTCPSCOPE [unittest options]
CAPTURES may be set to another folder with captures of the lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("CAPTURES", os.path.join(HERE, "..", "..", "captures"))
NAMES = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(CAPTURES + "/*/kernel.json"))
COMMAND = "mptcpscope"
# Without a path emulator delays are microseconds. Segments wait longer in the host than on the
# path, so neither the vantage point nor the order in which the kernel handled them is known.
NO_DELAY = {"gso", "gro"}
# TCP joins segments that wait after a gap of their subflow, so MPTCP gets fewer than arrived.
JOINED = 0.05
SENDER = {"c2s": "client", "s2c": "server"}
RECEIVER = {"c2s": "server", "s2c": "client"}


def report(name, side, which):
    done = subprocess.run([COMMAND, "report", which, os.path.join(CAPTURES, name, side + ".pcapng"),
                           "--format=json"], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)["rows"]


def counters(name, side):
    with open(os.path.join(CAPTURES, name, "nstat." + side), encoding="utf-8") as file:
        rows = [line.split() for line in file]
    return {row[0]: int(row[1]) for row in rows if len(row) > 1 and row[1].isdigit()}


def each_capture():
    for name in NAMES:
        for side in ("client", "server"):
            yield name, side, report(name, side, "reordering")


class Kernel(unittest.TestCase):
    """The receiver's capture shows what MPTCP put into its out-of-order queue."""

    def test_out_of_order_queue(self):
        exact = positive = 0
        for name, side, rows in each_capture():
            kernel = counters(name, side)
            queue = kernel["MPTcpExtOFOQueue"]
            mine = [r for r in rows if RECEIVER[r["direction"]] == side]
            data = sum(r["queued_segments"] for r in mine if r["level"] == "data")
            subflows = sum(r["queued_segments"] for r in mine if r["level"] == "subflow")
            with self.subTest(capture=name, side=side, queued=data, kernel=queue):
                self.assertEqual(data, subflows)
                self.assertEqual(data > 0, queue > 0)
                self.assertLessEqual(kernel["MPTcpExtOFOQueueTail"], queue)
                self.assertLessEqual(kernel["MPTcpExtOFOMerge"], queue)
                if name not in NO_DELAY:
                    self.assertLessEqual(queue, data)
                    self.assertGreaterEqual(queue, data * (1 - JOINED))
                    exact += queue == data > 0
                    positive += data > 0
        if positive:
            self.assertGreater(exact, positive / 2)


class Position(unittest.TestCase):
    """The capture shows at which end it was made."""

    def test_near(self):
        checked = 0
        for name, side, rows in each_capture():
            for row in rows:
                expected = "sender" if SENDER[row["direction"]] == side else "receiver"
                if name in NO_DELAY:
                    expected = None
                self.assertEqual(row["near"], expected, (name, side, row))
                checked += 1
        self.assertGreater(checked, 0)


class Sums(unittest.TestCase):
    """Figures agree with each other and with the reports on connections and subflows."""

    def test_bytes_are_those_of_other_reports(self):
        for name, side, rows in each_capture():
            connections = {r["connection"]: r for r in report(name, side, "connections")}
            subflows = {(r["connection"], r["subflow"]): r
                        for r in report(name, side, "subflows")}
            for row in rows:
                where = (name, side, row["connection"], row["subflow"], row["direction"])
                if row["level"] == "data":
                    other = connections[row["connection"]][row["direction"]]
                    self.assertEqual(row["bytes"], other["data_bytes"], where)
                else:
                    other = subflows[row["connection"], row["subflow"]][row["direction"]]
                    self.assertEqual(row["bytes"],
                                     other["bytes"] - other["retransmitted_bytes"], where)

    def test_row_by_row(self):
        for name, side, rows in each_capture():
            for row in rows:
                with self.subTest(capture=name, side=side, row=row):
                    self.check(row)

    def check(self, row):
        hold, buffer = row["hold"], row["buffer"]
        self.assertEqual(row["unreleased_bytes"], 0)
        self.assertEqual(row["held_segments"] > 0, row["reordered_segments"] > 0)
        self.assertLessEqual(buffer["max"], row["held_bytes"])
        self.assertAlmostEqual(row["held_share"], row["held_bytes"] / row["bytes"], places=9)
        if not row["held_segments"]:
            self.assertIsNone(hold["median"])
            self.assertIsNone(row["waited_for"])
            self.assertEqual(hold["mean_of_all"], 0)
            return
        order = [hold[key] for key in ("min", "median", "p95", "p99", "max")]
        self.assertEqual(order, sorted(order))
        self.assertAlmostEqual(hold["mean"] * row["held_bytes"],
                               hold["mean_of_all"] * row["bytes"], delta=1e-9 * row["bytes"])
        if row["level"] == "data":
            waits = row["waited_for"]
            self.assertAlmostEqual(sum(w["share"] for w in waits), 1, places=6)
            self.assertAlmostEqual(sum(w["byte_seconds"] for w in waits),
                                   hold["mean"] * row["held_bytes"],
                                   delta=1e-9 * row["held_bytes"])
            self.assertNotIn(None, [w["subflow"] for w in waits])  # nothing was missed


if __name__ == "__main__":
    COMMAND = sys.argv.pop(1)
    unittest.main()
