#!/usr/bin/python3
"""Compares the report "summary" with what is known about the shipped captures, and with the other
reports.

usage: test_summary.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import io
import json
import os
import re
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("CAPTURES", os.path.join(HERE, "..", "..", "captures"))
FILES = sorted(glob.glob(CAPTURES + "/*/*.pcapng"))
COMMAND = "mptcpscope"


def run(which, path, form):
    done = subprocess.run([COMMAND, "report", which, path, "-f", form], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{path}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def rows(path, which="summary"):
    return json.loads(run(which, path, "json"))["rows"]


def capture(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def problems(name, side="client"):
    return [p for row in rows(capture(name, side)) for p in row["problems"]]


class Facts(unittest.TestCase):
    """What captures/README.md says about each folder."""

    def test_nothing_is_wrong_with_clean_paths(self):
        for name in ("twopath", "ipv6", "checksum", "gso"):
            for side in ("client", "server"):
                self.assertEqual(problems(name, side), [], (name, side))
            self.assertIn("No problems found.", run("summary", capture(name), "text"))

    def test_join_is_refused(self):
        found, = problems("stripped")
        self.assertEqual((found["severity"], found["frame"], found["subflow"], found["problem"]),
                         ("warning", 110, 1, "join_refused"))
        self.assertIn("the client reset the subflow in frame 111 (MPTCP-specific error)",
                      found["text"])
        row, = rows(capture("stripped"))
        self.assertEqual((row["subflows_tried"], row["subflows_accepted"],
                          row["subflows_unused"]), (2, 1, 0))

    def test_fallback(self):
        found, = problems("fallback")
        self.assertEqual((found["severity"], found["frame"], found["problem"]),
                         ("warning", 2, "fallback"))
        self.assertIn("no MP_CAPABLE in SYN/ACK", found["text"])
        row, = rows(capture("fallback"))
        self.assertEqual(row["ended"], "plain TCP from frame 2 on, closed by both sides")

    def test_subflow_falls_silent(self):
        # Frame 382 is the last one from the client before its interface goes down. After the
        # DATA_ACK in frame 589 the next one comes 245.4 ms later, in frame 596.
        found = [p for p in problems("handover") if p["problem"] == "silent"]
        self.assertEqual([(p["severity"], p["subflow"], p["frame"]) for p in found],
                         [("warning", 0, 382)])
        self.assertIn("fell silent at 0.748 s", found[0]["text"])
        self.assertIn("the client's data stalled for up to 0.245 s (no new DATA_ACK between "
                      "frames 589 and 596)", found[0]["text"])
        found = [p for p in problems("handover", "server") if p["problem"] == "silent"]
        self.assertEqual([p["subflow"] for p in found], [0])

    def test_join_is_lost(self):
        found = [p for p in problems("many") if p["problem"] == "join_unanswered"]
        self.assertEqual([(p["frame"], p["severity"]) for p in found], [(786, "note")])


class Figures(unittest.TestCase):
    """The figures are those of the other reports, and the same in every format."""

    def test_ratios_follow_from_connections(self):
        for path in FILES:
            for row, other in zip(rows(path), rows(path, "connections"), strict=True):
                for direction in ("c2s", "s2c"):
                    own, counted = row[direction], other[direction]
                    for key in counted:
                        self.assertEqual(own[key], counted[key], (path, key))
                    for ratio, part, whole in (
                            ("retransmission_ratio", "retransmitted_bytes", "bytes"),
                            ("reinjection_ratio", "reinjected_bytes", "data_bytes")):
                        if counted[whole]:
                            self.assertAlmostEqual(own[ratio], counted[part] / counted[whole],
                                                   places=9)
                        else:
                            self.assertIsNone(own[ratio])
        row, = rows(capture("lossy"))
        self.assertAlmostEqual(row["c2s"]["retransmission_ratio"], 8544 / 308561, places=9)

    def test_subflows_are_those_of_subflows(self):
        for path in FILES:
            given = rows(path, "subflows")
            own = [dict(s, connection=row["connection"]) for row in rows(path)
                   for s in row["subflows"]]
            self.assertEqual(len(own), len(given))
            for subflow, other in zip(own, given):
                for key in set(subflow) & set(other) - {"c2s", "s2c"}:
                    self.assertEqual(subflow[key], other[key], (path, key))
                for direction in ("c2s", "s2c"):
                    for key in other[direction]:
                        self.assertEqual(subflow[direction][key], other[direction][key])

    def test_shares_add_up(self):
        for path in FILES:
            for row in rows(path):
                for direction in ("c2s", "s2c"):
                    for share, whole in (("share", "data_bytes"), ("throughput_share", "bytes")):
                        shares = [s[direction][share] for s in row["subflows"]]
                        if row[direction][whole]:
                            self.assertAlmostEqual(sum(shares), 1, places=9)
                        else:
                            self.assertEqual(set(shares), {None})

    def test_all_is_acknowledged_in_the_end(self):
        for path in FILES:
            for row in rows(path):
                if row["state"] == "closed":
                    for direction in ("c2s", "s2c"):
                        self.assertEqual(row[direction]["acked_bytes"],
                                         row[direction]["data_bytes"], path)
                        self.assertEqual(row[direction]["unacked_bytes"], 0)

    def test_window_is_told_where_limits_names_it(self):
        """The summary asks "limits" only where a rough bound on the closed window allows it."""
        told = 0
        for path in FILES + sorted(glob.glob(HERE + "/../cases/*/ns?.pcap")):
            expected = {(row["connection"], row["frame"]) for row in rows(path, "limits")
                        if row["level"] == "data" and row["limited_by"] == "window"}
            found = {(row["connection"], problem["frame"]) for row in rows(path)
                     for problem in row["problems"] if problem["problem"] == "window_limited"}
            self.assertEqual(found, expected, path)
            told += len(found)
        self.assertGreater(told, 1)

    def test_csv_holds_the_problems(self):
        for path in FILES:
            cells = list(csv.DictReader(io.StringIO(run("summary", path, "csv"))))
            for cell, row in zip(cells, rows(path), strict=True):
                texts = [f"{p['severity']}, frame {p['frame']}: "
                         + (f"subflow {p['subflow']}: " if p["subflow"] is not None else "")
                         + p["text"] for p in row["problems"]]
                self.assertEqual(cell["problems"], " | ".join(texts))
                self.assertEqual(cell["c2s_data_bytes"], str(row["c2s"]["data_bytes"]))

    def test_problems_are_sorted_by_frame(self):
        for path in FILES:
            for row in rows(path):
                frames = [p["frame"] for p in row["problems"]]
                self.assertEqual(frames, sorted(frames))
                self.assertEqual(row["warnings"],
                                 sum(p["severity"] == "warning" for p in row["problems"]))


class Text(unittest.TestCase):
    """The text has the same figures, in at most 100 columns."""

    LINE = re.compile(r"^  (Connection|Subflow \d+|) +(c2s|s2c) +(.*)$", re.M)

    @staticmethod
    def cells(own, whole):
        def number(value, scale, decimals):
            return "-" if value is None else f"{value * scale:.{decimals}f}"
        share = 1.0 if whole["bytes"] else None
        data_share = 1.0 if whole["data_bytes"] else None
        return [str(own["bytes"]), number(own.get("throughput_share", share), 100, 1),
                number(own["throughput"], 1e-6, 3), str(own["data_bytes"]),
                number(own.get("share", data_share), 100, 1), number(own["goodput"], 1e-6, 3),
                number(own["retransmission_ratio"], 100, 1),
                number(own["reinjection_ratio"], 100, 1)]

    def test_figures_are_those_of_json(self):
        for path in FILES:
            expected = []
            for row in rows(path):
                lines = [row] + [s for s in row["subflows"]
                                 if s["c2s"]["bytes"] + s["s2c"]["bytes"] > 0]
                expected += [[d] + self.cells(line[d], row[d]) for line in lines
                             for d in ("c2s", "s2c")]
            shown = [[d] + figures.split()
                     for _, d, figures in self.LINE.findall(run("summary", path, "text"))]
            self.assertEqual(shown, expected, path)

    def test_problems_are_those_of_json(self):
        for path in FILES:
            text = " ".join(run("summary", path, "text").split())
            for row in rows(path):
                self.assertIn(row["ended"] + ".", text)
                for found in row["problems"]:
                    name = found["severity"].capitalize()
                    self.assertRegex(text, rf"{name} frame {found['frame']} (subflow \d+: )?"
                                     + re.escape(found["text"]))

    def test_width(self):
        for path in FILES:
            for line in run("summary", path, "text").splitlines():
                self.assertLessEqual(len(line), 100, (path, line))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
