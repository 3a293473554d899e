#!/usr/bin/python3
"""The verdicts on bytes that were sent again, by the captures of both ends, compared with the lab's
record of which packet is which. This test reads what was sent from the captures' bytes,
independently of the program.

usage: test_reinjection_verdicts.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

import labrecord
from labrecord import path, run
from verdictrecord import SIDES, truth

NAMES = ("many", "handover", "checksum", "gso", "lossy", "nat", "limitrate", "twopath", "ipv6",
         "fallback", "stripped")


def verdicts_of(name, swapped=False):
    sides = ("server", "client") if swapped else ("client", "server")
    return json.loads(run("reinjections", *(path(name, s) for s in sides), "-f", "json"))


def by_frame(rows):
    return {(r["direction"], r["frame"]): r for r in rows}


def word(bytes_of, words):
    """The verdict that all bytes share; otherwise "mixed"."""
    return next((w for w in words if bytes_of[w] == bytes_of["length"]), "mixed")


class Reinjections(unittest.TestCase):
    def each(self):
        for name in NAMES:
            found, expected = by_frame(verdicts_of(name)["rows"]), truth(name).reinjected
            self.assertEqual(set(found), set(expected), name)
            for key, row in found.items():
                yield name, row, expected[key]

    def test_bytes(self):
        words = ("useful", "redundant", "lost")
        seen = collections.Counter()
        for _, row, expected in self.each():
            self.assertEqual(row["length"], expected["length"], row)
            self.assertEqual(row["unknown_bytes"], 0, row)
            for verdict in words:
                self.assertEqual(row[verdict + "_bytes"], expected[verdict], row)
            self.assertEqual(row["verdict"], word(expected, words))
            seen[row["verdict"]] += 1
        self.assertGreater(seen["useful"], 10)
        self.assertGreater(seen["redundant"], 20)

    def test_spurious_by_the_shared_clock(self):
        """The hosts share one clock, which gives the true number of spurious bytes. It must lie
        within the bounds."""
        certain = 0
        for _, row, expected in self.each():
            self.assertLessEqual(row["spurious_bytes"], expected["spurious"])
            self.assertGreaterEqual(row["spurious_bytes"] + row["unsure_bytes"],
                                    expected["spurious"])
            if row["spurious"] is not None:
                self.assertEqual(row["spurious"], expected["spurious"] == row["length"])
                certain += 1
        self.assertGreater(certain, 40)

    def test_gain(self):
        for name, row, _ in self.each():
            expected = truth(name).gains[row["direction"], row["frame"]]
            gain = None if row["gain"] is None else round(row["gain"] * 1e9)
            self.assertEqual(gain, max(expected, default=None), row)

    def test_acknowledged_sooner(self):
        advanced = 0
        for name, row, _ in self.each():
            expected = truth(name).advanced[row["direction"], row["frame"]]
            self.assertEqual(row["advanced_bytes"], expected, row)
            advanced += expected > 0
        self.assertGreater(advanced, 10)

    def test_are_those_of_the_report(self):
        """No mapping comes late in these captures, so hindsight changes nothing."""
        keys = ("frame", "time", "direction", "dsn", "length", "delay", "delay_first", "acked",
                "acked_bytes", "same_subflow", "complete")
        for name in NAMES:
            expected = {}
            for direction, side in SIDES.items():
                rows = json.loads(run("report", "reinjections", path(name, side),
                                      "-f", "json"))["rows"]
                expected.update(by_frame(r for r in rows if r["direction"] == direction))
            for key, row in by_frame(verdicts_of(name)["rows"]).items():
                for column in keys:
                    self.assertEqual(row[column], expected[key][column], (name, column, row))
                self.assertEqual([(o["frame"], o["length"]) for o in row["originals"]],
                                 [(o["frame"], o["length"]) for o in expected[key]["originals"]])

    def test_sums(self):
        keys = ("length", "useful_bytes", "redundant_bytes", "lost_bytes", "unknown_bytes",
                "spurious_bytes", "unsure_bytes")
        place = lambda row: (row["connection"], row["direction"])
        for name in NAMES:
            result = verdicts_of(name)
            self.assertEqual({place(r) for r in result["rows"]},
                             {place(r) for r in result["totals"]})
            for total in result["totals"]:
                rows = [r for r in result["rows"] if place(r) == place(total)]
                pairs = [r for r in result["pairs"] if place(r) == place(total)]
                self.assertEqual(total["reinjections"], len(rows))
                for key in keys:
                    self.assertEqual(total[key], sum(r[key] for r in rows), (name, key))
                for key in keys + ("wasted_bytes", "gained_bytes", "advanced_bytes"):
                    self.assertEqual(total[key], sum(r[key] for r in pairs), (name, key))
                self.assertEqual(total["wasted_bytes"],
                                 total["redundant_bytes"] + total["lost_bytes"])
                self.assertLessEqual(total["spurious_bytes"] + total["unsure_bytes"],
                                     total["wasted_bytes"])
                self.assertLessEqual(total["gained_bytes"], total["useful_bytes"])

    def test_pairs(self):
        """From the subflow that carried a byte last to the one that reinjected it."""
        for name in NAMES:
            result = verdicts_of(name)
            moved = collections.Counter()
            for row in result["rows"]:
                if len(row["originals"]) == 1:
                    moved[row["connection"], row["direction"], row["originals"][0]["subflow"],
                          row["subflow"]] += row["length"]
            pairs = {(r["connection"], r["direction"], r["from"], r["to"]): r["length"]
                     for r in result["pairs"]}
            for pair, length in moved.items():
                self.assertLessEqual(length, pairs[pair], (name, pair))
            self.assertEqual(sum(pairs.values()), sum(r["length"] for r in result["rows"]))


class Retransmissions(unittest.TestCase):
    def test_bytes(self):
        words = ("needed", "spurious")
        seen = collections.Counter()
        for name in NAMES:
            found = by_frame(verdicts_of(name)["retransmissions"])
            expected = truth(name).retransmitted
            self.assertEqual(set(found), set(expected), name)
            for key, row in found.items():
                with self.subTest(capture=name, row=row):
                    self.assertEqual(row["length"], expected[key]["length"])
                    self.assertEqual(row["unknown_bytes"], 0)
                    for verdict in words + ("lost",):
                        self.assertEqual(row[verdict + "_bytes"], expected[key][verdict])
                    self.assertEqual(row["verdict"], word(expected[key], words))
                    self.assertLessEqual(row["early_bytes"], expected[key]["early"])
                    self.assertGreaterEqual(row["early_bytes"] + row["unsure_bytes"],
                                            expected[key]["early"])
                    seen[row["verdict"]] += 1
        self.assertGreater(seen["needed"], 100)
        self.assertGreater(seen["spurious"], 0)

    def test_totals(self):
        place = lambda row: (row["tcp_stream"], row["direction"])
        for name in NAMES:
            result = verdicts_of(name)
            self.assertEqual({place(r) for r in result["retransmissions"]},
                             {place(r) for r in result["retransmission_totals"]})
            for total in result["retransmission_totals"]:
                rows = [r for r in result["retransmissions"] if place(r) == place(total)]
                self.assertEqual(total["retransmissions"], len(rows))
                for key in ("length", "needed_bytes", "spurious_bytes", "unknown_bytes",
                            "lost_bytes", "early_bytes", "unsure_bytes"):
                    self.assertEqual(total[key], sum(r[key] for r in rows), (name, key))
                self.assertEqual(total["length"], total["needed_bytes"]
                                 + total["spurious_bytes"] + total["unknown_bytes"])


class Command(unittest.TestCase):
    def test_swapped_files(self):
        """If A and B are exchanged, the verdicts stay the same. Numbers of connections and subflows
        are A's, and may differ."""
        names = {"A": "client", "B": "server"}
        swapped_names = {"A": "server", "B": "client"}
        keys = ("direction", "frame", "length", "verdict", "unknown_bytes", "unsure_bytes")
        more = {"rows": ("spurious_bytes", "gain", "advanced_bytes", "acked_bytes",
                         "delay"),
                "retransmissions": ("early_bytes", "lost_bytes", "ssn", "dsn", "delay")}
        for name in NAMES:
            given, swapped = verdicts_of(name), verdicts_of(name, swapped=True)
            for table, extra in more.items():
                found = [sorted(str([who[r["capture"]]] + [r[k] for k in keys + extra])
                               for r in result[table])
                        for result, who in ((given, names), (swapped, swapped_names))]
                self.assertEqual(found[0], found[1], (name, table))

    def test_tables(self):
        result = verdicts_of("many")
        result["reinjections"] = result["rows"]
        files = path("many", "client"), path("many", "server")
        for table in ("reinjections", "pairs", "totals", "retransmission_totals",
                      "retransmissions"):
            rows = list(csv.DictReader(
                run("reinjections", *files, "-f", "csv", "--table", table).splitlines()))
            self.assertEqual(len(rows), len(result[table]), table)
            self.assertEqual(list(rows[0]), list(result[table][0]), table)
        rows = list(csv.DictReader(run("reinjections", *files, "-f", "csv").splitlines()))
        self.assertEqual([r["frame"] for r in rows], [str(r["frame"]) for r in result["rows"]])

    def test_text_has_rows_of_retransmissions_only_if_asked(self):
        files = path("many", "client"), path("many", "server")
        titles = ("Reinjections and their verdicts", "Reinjections by pair of subflows",
                  "Reinjections by connection and direction",
                  "Retransmissions by subflow and direction",
                  "Retransmissions and their verdicts")
        text = run("reinjections", *files)
        self.assertEqual([t in text for t in titles], [True] * 4 + [False])
        text = run("reinjections", *files, "--table=retransmissions")
        self.assertEqual([t in text for t in titles], [False] * 4 + [True])

    def test_width(self):
        for name in NAMES:
            text = run("reinjections", path(name, "client"), path(name, "server"))
            self.assertLessEqual(max(map(len, text.splitlines())), 150, name)

    def test_one_connection(self):
        whole = verdicts_of("many")
        one = json.loads(run("reinjections", path("many", "client"), path("many", "server"), "-c",
                             "7", "-f", "json"))
        for table in ("rows", "pairs", "totals", "retransmissions", "retransmission_totals"):
            self.assertEqual(one[table], [r for r in whole[table] if r["connection"] == 7])

    def test_mptcp_in_b_only(self):
        """A's snaplen cuts all options. What is MPTCP in B has no number in A, but the same
        verdicts."""
        whole = verdicts_of("handover")
        with tempfile.TemporaryDirectory() as folder:
            cut = os.path.join(folder, "client.pcap")
            subprocess.run(["editcap", "-F", "nsecpcap", "-s", "54", path("handover", "client"),
                            cut], check=True)
            files = cut, path("handover", "server")
            found = json.loads(run("reinjections", *files, "-f", "json"))
            text = run("reinjections", *files, "--table", "totals")
        self.assertEqual(len(found["totals"]), 1)
        for table in ("rows", "pairs", "totals"):
            expected = [dict(r, connection=None, advanced_bytes=0) for r in whole[table]
                        if r["direction"] == "s2c"]
            for row in found[table]:  # A does not show what it acknowledged
                row["advanced_bytes"] = 0
            self.assertEqual(found[table], expected)
        self.assertRegex(text, "\n +-  s2c +11 ")

    def test_a_wrong_table(self):
        files = path("many", "client"), path("many", "server")
        for message, *arguments in (
                ("known tables: reinjections, pairs", "reinjections", *files, "--table", "rows"),
                ("owd does not take --table", "owd", *files, "--table", "pairs")):
            done = subprocess.run([labrecord.COMMAND, *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
