#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks the offset, the skew and the steps that the command finds against the truth. The hosts of
the lab share a clock; their captures are rewritten as if other clocks had made them.

usage: CAPTURES=FOLDER clocks.py PATH_OF_MPTCPSCOPE [unittest options]
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import unittest

import rewrite

CAPTURES = os.environ["CAPTURES"]
COMMAND = "mptcpscope"
YEAR = 365 * 86400 * 10**9
SKEW_WITHIN = {"tenseconds": 20, "minute": 5}  # ppm
RUNS = 12


def read(name, side):
    with open(os.path.join(CAPTURES, name, side + ".pcapng"), "rb") as file:
        return file.read()


def run(*arguments):
    return json.loads(subprocess.run([COMMAND, *arguments, "-f", "json"], stdout=subprocess.PIPE,
                                     text=True, check=True).stdout)


def ns(seconds):
    return round(seconds * 1e9)


def first_time(data):
    return min(high << 32 | low for high, low in rewrite.times(data))


class Clocks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.paths = [os.path.join(folder.name, side) for side in ("a", "b")]
        self.random = random.Random(1)

    def compare(self, name, command, options=(), offset=0, ppm=0, steps=(), of_client=False):
        """@return the output for captures of which one side has another clock. The client is A."""
        for path, side in zip(self.paths, ("client", "server")):
            data = read(name, side)
            if of_client == (side == "client"):
                data = rewrite.rewrite(data, offset, ppm, steps)
            with open(path, "wb") as file:
                file.write(data)
        return run(command, *self.paths, *options)

    def truth(self):
        offset = self.random.randrange(-3 * YEAR, 3 * YEAR)
        return offset, self.random.uniform(-300, 300)

    def test_offset_and_skew(self):
        for name, within in SKEW_WITHIN.items():
            errors = []
            ahead_of_first = first_time(read(name, "client")) - first_time(read(name, "server"))
            for _ in range(RUNS):
                offset, ppm = self.truth()
                clock = self.compare(name, "clock", offset=offset, ppm=ppm)["clock"]
                # The offset is at the client's first matched segment; the skew applies from the
                # server's first segment on.
                truth = offset + ahead_of_first * ppm * 1e-6
                self.assertLessEqual(ns(clock["offset_low"]) - 100, truth, (name, ppm))
                self.assertGreaterEqual(ns(clock["offset_high"]) + 100, truth, (name, ppm))
                self.assertLessEqual(clock["skew_ppm_low"], ppm)
                self.assertGreaterEqual(clock["skew_ppm_high"], ppm)
                self.assertEqual([s for s in clock["steps"] if s["certain"]], [])
                self.assertEqual(clock["path_changes"], [])  # queues only
                self.assertLess(abs(clock["skew_ppm"] - ppm), clock["skew_ppm_error"])
                errors.append(abs(clock["skew_ppm"] - ppm))
            print(f"{name}: skew within {max(errors):.2f} ppm, median "
                  f"{statistics.median(errors):.2f}", file=sys.stderr)
            self.assertLess(max(errors), within, name)

    def test_steps(self):
        for name in SKEW_WITHIN:
            with open(os.path.join(CAPTURES, name, "kernel.json"), encoding="utf-8") as file:
                self.assertTrue(json.load(file))
            length = run("clock", *(os.path.join(CAPTURES, name, side + ".pcapng")
                                    for side in ("client", "server")))["clock"]["span"]
            for _ in range(RUNS):
                offset, ppm = self.truth()
                size = int(10 ** self.random.uniform(8.3, 12.5)) * self.random.choice((-1, 1))
                at = self.random.uniform(0.2, 0.8) * length
                of_client = self.random.random() < 0.5
                clock = self.compare(name, "clock", offset=offset, ppm=ppm,
                                     steps=[(int(at * 1e9), size)], of_client=of_client)["clock"]
                what = (name, ppm, size, at, of_client)
                if clock["offset"] is None:
                    self.assertIsNotNone(clock["reason"], what)
                    continue
                steps = [s for s in clock["steps"] if s["certain"]]
                self.assertEqual(len(steps), 1, what)
                truth = -size if of_client else size
                self.assertLessEqual(steps[0]["size_low"] - 1e-6, truth / 1e9, what)
                self.assertGreaterEqual(steps[0]["size_high"] + 1e-6, truth / 1e9, what)
                self.assertAlmostEqual(steps[0]["size"], truth / 1e9, delta=0.005, msg=what)

    def test_slews(self):
        """B's clock is slewed for a while: the bounds hold, and no clock step is certain."""
        first = first_time(read("minute", "server"))
        for _ in range(RUNS):
            rate = 10 ** self.random.uniform(-5, -3.3) * self.random.choice((-1, 1))
            begin, end = sorted(self.random.uniform(0, 40e9) for _ in range(2))

            def ahead(time):
                return rate * max(0, min(time - first, end) - begin)

            data = read("minute", "server")
            with open(self.paths[0], "wb") as file:
                file.write(read("minute", "client"))
            with open(self.paths[1], "wb") as file:
                file.write(rewrite.changed(data, lambda time: time + round(ahead(time))))
            clock = run("clock", *self.paths)["clock"]
            self.assertLessEqual(clock["offset_low"], 1e-7)
            self.assertGreaterEqual(clock["offset_high"], -1e-7)
            self.assertEqual([s for s in clock["steps"] if s["certain"]], [], (rate, begin, end))

    def test_corrected_delays(self):
        """The true delays are within the bounds of the corrected delays."""
        for name in SKEW_WITHIN:
            true = {(r["subflow"], r["direction"]): r["owd"]
                    for r in self.compare(name, "owd")["rows"]}
            offset, ppm = self.truth()
            rows = self.compare(name, "owd", ("--clock", "skew"), offset=offset, ppm=ppm)["rows"]
            self.assertEqual(len(rows), len(true))
            for row in rows:
                for key in ("min", "median", "mean", "p95", "p99", "max"):
                    error = true[row["subflow"], row["direction"]][key] - row["owd"][key]
                    self.assertLessEqual(row["owd"]["error_low"] - 1e-6, error)
                    self.assertGreaterEqual(row["owd"]["error_high"] + 1e-6, error)
                    self.assertLess(abs(error), 0.003, (name, key))


if __name__ == "__main__":
    COMMAND = sys.argv.pop(1)
    unittest.main()
