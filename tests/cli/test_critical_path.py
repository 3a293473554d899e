#!/usr/bin/python3
"""mptcpscope critical-path A B on the shipped captures.

usage: test_critical_path.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import decimal
import glob
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

import criticalrows
import labrecord
from criticalrows import ns
from labrecord import CAPTURES, path, pcapng, rewritten, run
import rewrite  # from tests/lab

NAMES = sorted(os.path.basename(os.path.dirname(p))
               for p in glob.glob(os.path.join(CAPTURES, "*", "server.pcapng")))
MS = 10**6


def critical(a, b, *options):
    document = json.loads(run("critical-path", a, b, "-f", "json", *options),
                          parse_float=decimal.Decimal)
    return document["rows"]


def critical_of(name, *options):
    return critical(path(name, "client"), path(name, "server"), *options)


def without(source, target, frames):
    """Copy a capture without some frames."""
    with open(source, "rb") as file:
        data = file.read()
    number = 0
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            number += kind == pcapng.ENHANCED_PACKET
            if kind != pcapng.ENHANCED_PACKET or number not in frames:
                file.write(pcapng.block(kind, body))


def drifting(source, target, ppm):
    """Copy a capture as if its clock had run fast since its first packet."""
    with open(source, "rb") as file:
        data = rewrite.rewrite(file.read(), 0, ppm, [])
    with open(target, "wb") as file:
        file.write(data)


class Sums(criticalrows.Sums):
    def test_pieces_join_and_add_up(self):
        paths = 0
        for name in NAMES:
            for end in ((), *labrecord.ends_of(path(name, "client"))):
                for row in critical_of(name, "--pieces", "--interval", "0.1", *end):
                    where = (name, end, row["connection"], row["direction"])
                    if row["reason"] is None:
                        self.check_sums(row, where)
                        self.assertNotIn("unexplained", [p["cause"] for p in row["pieces"]], where)
                        paths += 1
                    else:
                        self.assertIsNone(row["elapsed"])
                        self.assertIsNone(row["classes"])
        self.assertGreater(paths, 3 * len(NAMES))

    def test_all_data_are_delivered(self):
        for name in NAMES:
            for row in critical_of(name):
                if row["reason"] is None:
                    self.assertEqual(row["undelivered_bytes"], 0, name)

    def test_formats_agree(self):
        for name in ("lossy", "many"):
            rows = [r for r in critical_of(name, "--pieces") if r["reason"] is None]
            text = run("critical-path", path(name, "client"), path(name, "server"), "--pieces", "-f",
                       "csv")
            shown = list(csv.DictReader(io.StringIO(text)))
            expected = [(row["connection"], row["direction"], p["cause"], ns(p["time"]))
                        for row in rows for p in row["pieces"]]
            self.assertEqual(expected, [(int(p["connection"]), p["path_direction"], p["cause"],
                                         ns(p["time"])) for p in shown])


class Clocks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.other = os.path.join(folder.name, "server.pcapng")

    def steps(self, rows):
        return [[(p["from_frame"], p["to_frame"], p["cause"], p["why"],
                  0 if p["cause"] == "propagation" else ns(p["time"])) for p in row["pieces"]]
                for row in rows if row["reason"] is None]

    def test_a_constant_offset_changes_propagation_alone(self):
        for name in ("lossy", "handover", "limitrate", "tso"):
            truth = critical_of(name, "--pieces", "--clock", "none")
            for offset in (3 * MS, -50 * MS):
                rewritten(path(name, "server"), self.other, lambda t, o=offset: t + o)
                moved = critical(path(name, "client"), self.other, "--pieces", "--clock", "none")
                self.assertEqual(self.steps(truth), self.steps(moved), (name, offset))
                for before, after in zip(truth, moved):
                    if before["reason"] is None:
                        sign = 1 if before["direction"] == "c2s" else 0
                        self.assertEqual(ns(after["elapsed"]) - ns(before["elapsed"]),
                                         sign * offset, (name, offset))
                same = critical(path(name, "client"), self.other, "--pieces")
                self.assertEqual([r["elapsed"] for r in critical_of(name)],
                                 [r["elapsed"] for r in same])

    def way(self, rows):
        """The pieces of each path by what they are, all but propagation."""
        return [{(p["from_capture"], p["from_frame"], p["to_capture"], p["to_frame"], p["cause"],
                  p["why"], p["detail"], p["subflow"], p["direction"]): ns(p["time"])
                 for p in row["pieces"] if p["cause"] != "propagation"}
                for row in rows if row["reason"] is None]

    def compare_ways(self, truth, drifted, where):
        """A piece that one of the ways does not have is one of some ns, an error of rounding."""
        for before, after in zip(self.way(truth), self.way(drifted), strict=True):
            for what in before.keys() | after.keys():
                mine, its = before.get(what, 0), after.get(what, 0)
                self.assertLess(abs(mine - its), 100 + mine / 1000, (where, what))

    def test_a_drift_changes_propagation_alone(self):
        """No other piece, whether the offset of the clocks is corrected or nothing is. 200 ppm in
        two seconds are as much as 50 ppm in eight."""
        for name in NAMES:
            for clock in ("none", "offset"):
                truth = critical_of(name, "--pieces", "--clock", clock)
                for ppm in (50, -50, 200, -200):
                    drifting(path(name, "server"), self.other, ppm)
                    rows = critical(path(name, "client"), self.other, "--pieces", "--clock", clock)
                    self.compare_ways(truth, rows, (name, clock, ppm))

    def test_a_drift_of_as_clock(self):
        for name in ("lossy", "handover", "limitrate", "tso"):
            truth = critical(path(name, "server"), path(name, "client"), "--pieces")
            for ppm in (50, -50):
                drifting(path(name, "server"), self.other, ppm)
                rows = critical(self.other, path(name, "client"), "--pieces")
                self.compare_ways(truth, rows, (name, ppm))

    def test_a_clock_that_was_set(self):
        times = [int(line) for line in subprocess.run(
            ["tshark", "-r", path("limitrate", "server"), "-T", "fields", "-e", "frame.time_epoch"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
            check=True).stdout.replace(".", "").split()]
        middle = (times[0] + times[-1]) // 2
        rewritten(path("limitrate", "server"), self.other,
                  lambda t: t + 700 * MS if t > middle else t)
        rows = critical(path("limitrate", "client"), self.other, "--direction", "c2s")
        self.assertEqual(rows[0]["reason"], "a clock was set during the transfer")


class Holes(unittest.TestCase):
    """A capture lacks segments."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.cut = os.path.join(folder.name, "cut.pcapng")
        self.whole = critical_of("limitrate", "--direction", "c2s")[0]

    def of(self, side, frames):
        without(path("limitrate", side), self.cut, frames)
        pair = {side: self.cut, labrecord.OTHER[side]: path("limitrate", labrecord.OTHER[side])}
        return critical(pair["client"], pair["server"], "--direction", "c2s")[0]

    def test_the_receivers_capture_missed_data(self):
        row = self.of("server", {100, 101})
        self.assertEqual(row["data_bytes"], self.whole["data_bytes"])
        self.assertEqual(row["elapsed"], self.whole["elapsed"])

    def test_the_senders_capture_missed_data(self):
        row = self.of("client", {100, 101})
        self.assertEqual(row["reason"], "a capture misses data that its host sent")

    def test_the_senders_capture_ended(self):
        row = self.of("client", set(range(200, 10000)))
        self.assertIsNone(row["reason"])
        self.assertLess(row["elapsed"], self.whole["elapsed"])
        self.assertGreater(row["data_bytes"], 50000)

    def test_the_receivers_capture_ended(self):
        row = self.of("server", set(range(200, 10000)))
        self.assertIsNone(row["reason"])
        self.assertEqual(row["data_bytes"] + row["undelivered_bytes"], self.whole["data_bytes"])
        self.assertGreater(row["undelivered_bytes"], 50000)

    def test_the_handshake_was_not_captured(self):
        row = self.of("client", {1})
        self.assertEqual(row["reason"],
                         "the connection's first SYN was not captured at the client")


class BegunLate(unittest.TestCase):
    """The receiver's capture begins late. What it does not show is unexplained, the rest is right."""

    def paths(self, name, direction, share):
        """@return the paths of the whole captures and of those of which one begins late."""
        files = {side: path(name, side) for side in ("client", "server")}
        receiver = "server" if direction == "c2s" else "client"
        with tempfile.TemporaryDirectory() as folder:
            late = os.path.join(folder, "late.pcapng")
            with open(files[receiver], "rb") as source, open(late, "wb") as target:
                target.write(rewrite.begun_late(source.read(), share))
            files[receiver] = late
            rows = critical(files["client"], files["server"], "--clock=none",
                            f"--direction={direction}")
        whole = critical_of(name, "--clock=none", f"--direction={direction}")
        return [({row["connection"]: row for row in whole}).get(row["connection"], row)
                for row in rows], rows

    def test_the_path_is_the_same_as_far_as_it_is_known(self):
        compared = 0
        for name in NAMES:
            for direction, share in (("c2s", 0.1), ("s2c", 0.1), ("c2s", 0.5), ("s2c", 0.5)):
                for whole, late in zip(*self.paths(name, direction, share)):
                    if None in (whole["elapsed"], late["elapsed"]):
                        continue
                    compared += 1
                    where = (name, direction, share, late["connection"])
                    self.assertLess(abs(late["elapsed"] - whole["elapsed"]), 0.0001, where)
                    self.assertEqual(late["data_bytes"], whole["data_bytes"], where)
                    for entry, other in zip(late["classes"], whole["classes"]):
                        if entry["class"] != "unexplained":
                            self.assertLess(entry["time"], other["time"] + whole["elapsed"] / 10,
                                            (where, entry))
        self.assertGreater(compared, 20)


class Choice(unittest.TestCase):
    def test_one_direction_of_one_connection(self):
        rows = critical_of("many", "-c", "1", "--direction", "s2c")
        self.assertEqual([(r["connection"], r["direction"]) for r in rows], [(1, "s2c")])

    def test_another_end(self):
        rows = critical_of("limitrate", "--end", "1", "--direction", "c2s", "--pieces")
        self.assertEqual(rows[0]["end_subflow"], 1)
        self.assertEqual(rows[0]["pieces"][-1]["subflow"], 1)
        a, b = path("limitrate", "client"), path("limitrate", "server")
        done = subprocess.run([labrecord.COMMAND, "critical-path", a, b, "--end", "9"], check=False,
                              text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (1, "",
                         f"mptcpscope: {a}: connection 0 has no subflow 9; it has 2, numbered from "
                         "0\n"))

    def test_the_captures_may_be_exchanged(self):
        a = critical_of("lossy", "--pieces")
        b = critical(path("lossy", "server"), path("lossy", "client"), "--pieces")
        for x, y in zip(a, b):
            self.assertEqual(x["elapsed"], y["elapsed"])
            self.assertEqual([(p["cause"], p["from_frame"]) for p in x["pieces"]],
                             [(p["cause"], p["from_frame"]) for p in y["pieces"]])

    def test_wrong_calls(self):
        files = path("lossy", "client"), path("lossy", "server")
        for options in (("--direction", "up"), ("--end", "x"), ("--interval", "0")):
            done = subprocess.run([labrecord.COMMAND, "critical-path", *files, *options],
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
            self.assertEqual(done.returncode, 2, options)
        done = subprocess.run([labrecord.COMMAND, "owd", *files, "--pieces"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
