#!/usr/bin/python3
"""What became of reinjections, by both ends: held against the lab's record of which packet is which.

usage: test_fates.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = ("many", "handover", "checksum", "gso", "lossy", "nat")
COMMAND = "mptcpscope"
SENDER = {"c2s": "client", "s2c": "server"}


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def fates(name, swapped=False):
    sides = ("server", "client") if swapped else ("client", "server")
    return json.loads(run("reinjections", *(path(name, s) for s in sides), "-f", "json"))


def reinjections(name, side):
    rows = json.loads(run("report", "reinjections", path(name, side), "-f", "json"))["rows"]
    return [r for r in rows if SENDER[r["direction"]] == side]


def arrivals(name):
    """By direction and sender's frame: when the receiver saw it (the hosts share one clock)."""
    with tempfile.TemporaryDirectory() as folder:
        packets = os.path.join(folder, "packets.csv")
        run("owd", path(name, "client"), path(name, "server"), "--packets", packets)
        with open(packets, encoding="utf-8") as file:
            times = {}
            for row in csv.DictReader(file):
                times["client", row["frame"]] = row["time"]
                times["server", row["peer_frame"]] = row["peer_time"]
    found = {}
    with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["copy"] == "0":
                other = "server" if row["direction"] == "c2s" else "client"
                sent = row[SENDER[row["direction"]] + "_frame"]
                found[row["direction"], int(sent)] = int(
                    times[other, row[other + "_frame"]].replace(".", ""))
    return found


class Fates(unittest.TestCase):
    def test_verdicts_are_those_of_the_record(self):
        checked = 0
        for name in NAMES:
            arrived = arrivals(name)
            rows = {(r["direction"], r["frame"]): r for r in fates(name)["rows"]}
            expected = [r for s in ("client", "server") for r in reinjections(name, s)]
            self.assertEqual(set(rows), {(r["direction"], r["frame"]) for r in expected}, name)
            for row in expected:
                found = rows[row["direction"], row["frame"]]
                self.assertEqual(found["length"], row["length"])
                if len({o["length"] for o in row["originals"]} | {row["length"]}) > 1:
                    continue  # several pieces: each with a fate of its own
                own = arrived.get((row["direction"], row["frame"]))
                earlier = [arrived[row["direction"], o["frame"]] for o in row["originals"]
                           if (row["direction"], o["frame"]) in arrived]
                verdict = ("lost" if own is None else
                           "useful" if not earlier or own < min(earlier) else "redundant")
                with self.subTest(capture=name, row=row):
                    self.assertEqual(found["verdict"], verdict)
                    checked += 1
        self.assertGreater(checked, 30)

    def test_sums(self):
        for name in NAMES:
            result = fates(name)
            for total in result["totals"]:
                own = [r for r in result["rows"] if r["connection"] == total["connection"]
                       and r["direction"] == total["direction"]]
                self.assertEqual(total["reinjections"], len(own))
                for key in ("length", "useful_bytes", "redundant_bytes", "lost_bytes",
                            "spurious_bytes", "unsure_bytes"):
                    self.assertEqual(total[key], sum(r[key] for r in own), (name, key))
                self.assertEqual(total["length"], total["useful_bytes"]
                                 + total["redundant_bytes"] + total["lost_bytes"])
                self.assertLessEqual(total["spurious_bytes"] + total["unsure_bytes"],
                                     total["redundant_bytes"] + total["lost_bytes"])

    def test_spurious_by_the_shared_clock(self):
        """The hosts share one clock: what is said to be spurious is, and what is not is not."""
        for name in NAMES:
            arrived = arrivals(name)
            times = {(r["direction"], r["frame"]): int(r["time"].replace(".", ""))
                     for s in ("client", "server") for r in reinjections(name, s)}
            originals = {(r["direction"], r["frame"]): r["originals"]
                         for s in ("client", "server") for r in reinjections(name, s)}
            for row in fates(name)["rows"]:
                key = row["direction"], row["frame"]
                earlier = [arrived[row["direction"], o["frame"]] for o in originals[key]
                           if (row["direction"], o["frame"]) in arrived]
                spurious = bool(earlier) and min(earlier) < times[key]
                if row["spurious_bytes"] == row["length"]:
                    self.assertTrue(spurious, (name, row))
                if row["spurious_bytes"] == row["unsure_bytes"] == 0 and earlier \
                        and row["verdict"] in ("redundant", "lost"):
                    self.assertFalse(spurious, (name, row))

    def test_swapped_files(self):
        given, swapped = fates("many"), fates("many", swapped=True)
        key = lambda r: (r["direction"], r["frame"], r["verdict"], r["gain"])
        self.assertEqual(sorted(map(str, map(key, given["rows"]))),
                         sorted(map(str, map(key, swapped["rows"]))))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
