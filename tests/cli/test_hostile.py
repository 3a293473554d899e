#!/usr/bin/python3
"""Input that is made to do harm: times, lengths and frame numbers at their limits.

usage: test_hostile.py PATH_OF_MPTCPSCOPE [unittest options]

With a build that has the sanitizers (MPTCPSCOPE_SANITIZE), undefined behaviour makes the command
fail, and thereby the test.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

HOSTILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases", "hostile")
REPORTS = ("connections", "subflows", "summary", "events", "reinjections", "mib", "rtt",
           "reordering", "limits", "series", "interarrival", "critical-path",
           "flows")
TWO_CAPTURES = (("map",), ("clock",), ("owd",), ("owd", "--clock=skew"), ("owd", "--interval=1000"),
                ("reinjections",), ("diff",))
TIME_MAX = 2**62  # ns from the epoch, docs/dump-format.md

# Lengths of time, which are never negative. (A delay between two clocks can be.)
LENGTHS = ("duration", "handshake_rtt", "hold", "hold_mean", "hold_max", "mean_hold", "spent",
           "join_delay", "longest")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def document(*arguments):
    return json.loads(run(*arguments, "--format=json"))


def values(node, key=""):
    """All numbers of a document, with their keys."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield from values(value, name)
    elif isinstance(node, list):
        for value in node:
            yield from values(value, key)
    elif isinstance(node, (int, float)):
        yield key, node


def case(name):
    return os.path.join(HOSTILE, name)


def altered(name, change, out):
    """Writes the dump `name` with other cells: change(number of the row, cells by column)."""
    with open(case(name), encoding="utf-8") as lines, open(out, "w", encoding="utf-8") as to:
        columns, number = None, 0
        for line in lines:
            cells = line.rstrip("\n").split(",")
            if not line.startswith("#") and columns is None:
                columns = cells
            elif not line.startswith("#"):
                row = dict(zip(columns, cells))
                change(number, row)
                cells, number = list(row.values()), number + 1
            to.write(",".join(cells) + "\n")
    return out


class Hostile(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def path(self, name):
        return os.path.join(self.folder.name, name)

    def assert_lengths(self, *arguments):
        for key, value in values(document(*arguments)):
            if key in LENGTHS:
                self.assertGreaterEqual(value, 0, (arguments, key))
        self.assertNotIn("lasted -", run(*arguments))

    def test_times_of_cases(self):
        for name in ("time-2.a.csv", "time-13.a.csv", "time-13.b.csv"):
            for report in REPORTS:
                self.assert_lengths("report", report, case(name))
        connection, = document("report", "connections", case("time-2.a.csv"))["rows"]
        self.assertEqual(connection["start"], "-4611686018.427387904")
        self.assertIsNone(connection["duration"])  # the clock leapt in between

    def test_times_of_two_captures(self):
        for command, *options in TWO_CAPTURES:
            for a, b in (("a", "b"), ("b", "a")):
                run(command, *options, case(f"time-13.{a}.csv"), case(f"time-13.{b}.csv"))

    def test_other_times(self):
        """Times at the limits, in an order of their own for each pair."""
        chance = random.Random(62)
        series = (
            (lambda i: TIME_MAX if i % 2 else -TIME_MAX, lambda i: -TIME_MAX if i % 2 else TIME_MAX),
            (lambda i: chance.randint(-TIME_MAX, TIME_MAX),) * 2,
            (lambda i: i * 1000 - TIME_MAX, lambda i: TIME_MAX - 10**9 + i * 1000),
            (lambda i: -i * 10**17, lambda i: i * 10**17),
            (lambda i: i if i % 7 else TIME_MAX, lambda i: i if i % 5 else -TIME_MAX))
        for number, times in enumerate(series):
            paths = [altered("time-2.a.csv", lambda i, row, time=time: row.update(
                {"time_ns": str(time(i))}), self.path(f"{number}.{which}.csv"))
                     for which, time in enumerate(times)]
            for report in REPORTS:
                self.assert_lengths("report", report, paths[0])
            for command, *options in TWO_CAPTURES:
                run(command, *options, *paths)

    def test_frame_numbers(self):
        """Memory follows the rows, not the largest number."""
        for name, number in (("last", lambda i: 2**32 - 1 - i), ("far", lambda i: i * 10**8 % 2**32 + 1)):
            path = altered("time-2.a.csv", lambda i, row: row.update(
                {"frame": str(number(i)), "time_ns": str(i * 10**6)}), self.path(name))
            for report in REPORTS:
                run("report", report, path)
        for report in REPORTS:
            done = subprocess.Popen([COMMAND, "report", report, case("frame-max.csv")],
                                    stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(done.pid, 0)
            done.returncode = os.waitstatus_to_exitcode(status)
            self.assertEqual(done.returncode, 0)
            self.assertLess(usage.ru_maxrss, 200_000, report)  # kB; it was 529 000

    def test_lengths(self):
        done = subprocess.run([COMMAND, "report", "connections", case("length-max.csv")],
                              stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("line 7, column length: \"4294967295\" is out of range", done.stderr)
        path = altered("length-max.csv", lambda i, row: row.update(
            {"length": str(min(int(row["length"]), 2**30))}), self.path("longest"))
        connection, = document("report", "connections", path)["rows"]
        sent = connection["c2s"]
        self.assertEqual(sent["bytes"], 4 * 2**30 + 16 + 7 * 1424)
        for key in ("data_bytes", "retransmitted_bytes", "reinjected_bytes"):
            self.assertGreaterEqual(sent[key], 0)
        self.assertLessEqual(sent["data_bytes"] + sent["retransmitted_bytes"] +
                             sent["reinjected_bytes"], sent["bytes"])
        for report in REPORTS:
            run("report", report, path)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    COMMAND = sys.argv.pop(1)
    unittest.main()
