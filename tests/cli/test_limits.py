#!/usr/bin/python3
"""Tests the report "limits" with captures of runs that were limited on purpose, and compares it
with other reports.

usage: test_limits.py PATH_OF_MPTCPSCOPE [unittest options]
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
COMMAND = "mptcpscope"
CAUSES = ("sender", "window", "network", "idle")
# What limits the data from client to server, by scenario of the lab (tests/lab/scenarios).
LIMITED_BY = {
    "limitidle": "idle",
    "limitloss": "network",
    "limitone": "sender",
    "limitpaced": "sender",
    "limitrate": "network",
    "limitrcvbuf": "window",
    "limitreader": "window",
    "limitsndbuf": "sender",
}


def paths():
    return sorted(glob.glob(CAPTURES + "/*/client.pcapng") + glob.glob(CAPTURES + "/*/server.pcapng"))


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, check=True,
                          text=True).stdout


def report(name, path):
    return json.loads(run("report", name, path, "--format=json"))["rows"]


def limited_on_purpose():
    for name, cause in LIMITED_BY.items():
        for side in ("client", "server"):
            path = os.path.join(CAPTURES, name, side + ".pcapng")
            if os.path.exists(path):
                yield name, side, cause, report("limits", path)


class Purpose(unittest.TestCase):
    """Runs that are limited in one known way."""

    def test_cause_is_named_at_the_sender(self):
        seen = 0
        for name, side, cause, rows in limited_on_purpose():
            if side != "client":
                continue
            row = next(r for r in rows if r["level"] == "data" and r["direction"] == "c2s")
            with self.subTest(run=name, why=row["why"]):
                self.assertEqual(row["near"], "sender")
                self.assertEqual(row["limited_by"], cause)
                self.assertGreaterEqual(row[cause], 0.5)
            seen += 1
        self.assertGreaterEqual(seen, 3)

    def test_no_wrong_cause_is_named_elsewhere(self):
        """At the server, and for subflows that carried a good part of the data."""
        seen = 0
        for name, side, cause, rows in limited_on_purpose():
            for row in rows:
                if row["direction"] == "c2s" and row["bytes"] > 20000:
                    allowed = (cause, None) if side == "client" else (None,)
                    with self.subTest(run=name, side=side, subflow=row["subflow"]):
                        self.assertIn(row["limited_by"], allowed)
                    seen += 1
        self.assertGreater(seen, 6)

    def test_backup_carries_nothing(self):
        for name, side, _, rows in limited_on_purpose():
            if name == "limitone" and side == "client":  # which subflow is 0 may vary
                found = sorted(((r["bytes"] > 0, r["limited_by"]) for r in rows
                                if r["level"] == "subflow" and r["direction"] == "c2s"), key=str)
                self.assertEqual(found, [(False, None), (True, "sender")])

    def test_scheduler_leaves_a_subflow_out_now_and_then(self):
        for name, side, _, rows in limited_on_purpose():
            if name == "limitpaced" and side == "client":
                shares = [r["scheduler"] for r in rows
                          if r["level"] == "subflow" and r["direction"] == "c2s"]
                self.assertEqual(len(shares), 2)
                self.assertGreater(max(shares), 0.25)


class Rows(unittest.TestCase):

    def test_shares_add_up_and_agree_with_the_cause(self):
        known = unknown = 0
        for path in paths():
            for row in report("limits", path):
                with self.subTest(path=path, row=row):
                    self.assertTrue(row["why"])
                    if row["sender"] is None:
                        self.assertEqual([row[c] for c in CAUSES], [None] * 4)
                        self.assertIsNone(row["limited_by"])
                        self.assertIsNone(row["duration"])
                        unknown += 1
                        continue
                    known += 1
                    self.assertEqual(row["near"], "sender")
                    self.assertAlmostEqual(sum(row[c] for c in CAUSES), 1, places=9)
                    self.assertLessEqual(row["scheduler"], row["sender"] + 1e-9)
                    self.assertLessEqual(row["unproved"], row["network"] + 1e-9)
                    if row["limited_by"]:
                        self.assertEqual(row["limited_by"], max(CAUSES, key=lambda c: row[c]))
        self.assertGreater(known, 10)
        self.assertGreater(unknown, 10)

    def test_bytes_are_those_of_connections(self):
        checked = 0
        for path in paths():
            rows = report("limits", path)
            for connection in report("connections", path):
                for direction in ("c2s", "s2c"):
                    row = next((r for r in rows if r["level"] == "data"
                                and r["connection"] == connection["connection"]
                                and r["direction"] == direction), None)
                    if row:
                        self.assertEqual(row["bytes"], connection[direction]["data_bytes"], path)
                        checked += 1
        self.assertGreater(checked, 10)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
