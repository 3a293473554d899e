#!/usr/bin/python3
"""Pages for a browser: their tables are those of the reports, their pictures those of plot; nothing
that a capture holds becomes html; they ask for nothing from anywhere and stay small.

usage: test_html.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import base64
import collections
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from folder import FolderCase
from htmlpage import GENERATE, make, numbers, path

EVIL = "<img src=x onerror=alert(1)>&\"'`${1}</h1"
LIBRARY = "/usr/share/javascript/dygraphs/dygraph.min.js"


def run(*arguments, **options):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, **options)


def document(*arguments):
    done = run(*arguments, "--format", "json")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)


def flat(row):
    """A row of json with the names that csv has."""
    result = {}
    for key, value in row.items():
        if isinstance(value, dict):
            result.update({f"{key}_{inner}": one for inner, one in value.items()})
        else:
            result[key] = value
    return result


class Case(FolderCase):
    def page(self, *arguments, **options):
        return make(COMMAND, self.at("page.html"), *arguments, **options)


class Tables(Case):
    def test_tables_of_one_capture_are_the_reports(self):
        for name in ("lossy", "handover", "fallback", "many"):
            page = self.page(path(name))
            for report in ("connections", "subflows", "events", "reinjections", "rtt", "reordering",
                           "interarrival", "limits", "mib", "critical-path"):
                rows = [flat(row) for row in document("report", report, path(name))["rows"]]
                self.assertEqual(page.table(report), rows, (name, report))

    def test_tables_of_two_captures_are_those_of_the_commands(self):
        for name in ("lossy", "handover", "many", "nat"):
            both = path(name), path(name, "server")
            page = self.page(*both)
            owd = document("owd", *both, "--clock=offset")
            again = document("reinjections", *both)
            for table, rows in (
                    ("owd", owd["rows"]), ("owd-connections", owd["connections"]),
                    ("critical-path", document("critical-path", *both)["rows"]),
                    ("reinjections", again["rows"]), ("pairs", again["pairs"]),
                    ("retransmissions", again["retransmissions"]),
                    ("diff", document("diff", *both)["rows"]),
                    ("events-A", document("report", "events", both[0])["rows"]),
                    ("events-B", document("report", "events", both[1])["rows"])):
                self.assertEqual(page.table(table), [flat(row) for row in rows], (name, table))

    def test_texts_are_those_of_the_commands(self):
        both = path("handover"), path("handover", "server")
        page = self.page(*both)
        summary = run("summary", *both).stdout
        self.assertEqual(page.texts["pre"][0], summary)
        clock = run("clock", *both).stdout
        lines = [line.strip() for line in clock.splitlines()]
        shown = page.texts["pre"][1].splitlines()
        self.assertIn("Offset: B's clock minus A's", shown[0])
        self.assertEqual([line for line in shown if line.strip() not in lines], [])
        for note in document("critical-path", *both)["notes"]:
            self.assertIn(note, page.texts["li"])
        one = self.page(path("handover"))
        self.assertEqual(one.texts["pre"][0], run("report", "summary", path("handover")).stdout)

    def test_footer_names_the_version(self):
        version = run("--version").stdout.strip()
        self.assertIn(f"Made by {version};", self.page(path("lossy")).text)

    def test_moments_of_pictures_begin_with_the_connection(self):
        page = self.page(path("many"), path("many", "server"))
        start = {row["connection"]: row["start"] for row in page.table("connections-A")}
        for one in page.pictures()["connections"]:
            self.assertEqual(one["start"], start[one["connection"]])

    def test_one_connection(self):
        both = path("many"), path("many", "server")
        page = self.page(*both, "--connection", "3")
        for table in page.tables():
            names = [column["name"] for column in table["columns"]]
            if "connection" in names and not table["id"].endswith("-B"):
                at = names.index("connection")
                self.assertEqual({row[at] for row in table["rows"]}, {3}, table["id"])
        peer = {row["peer_connection"] for row in page.table("owd")}
        self.assertEqual({row["connection"] for row in page.table("events-B")}, peer)
        self.assertEqual([one["connection"] for one in page.pictures()["connections"]], [3])


class Pictures(Case):
    def test_numbers_are_those_of_plot(self):
        """Of captures that need not be thinned: every dot. Stacks are where one begins on another."""
        for name in ("lossy", "handover", "many"):
            page = self.page(path(name), "-c", "0")
            for picture in page.pictures()["connections"][0]["pictures"]:
                if "reason" in picture:
                    continue
                done = run("plot", picture["kind"], path(name), "-c", "0", "-o", self.at("i.svg"),
                           "--data", self.at("data"))
                self.assertEqual(done.returncode, 0, done.stderr)
                with open(self.at("data"), encoding="utf-8", newline="") as file:
                    drawn = [row for row in csv.reader(file)][1:]
                wanted = collections.Counter((row[1], row[3]) for row in drawn)
                ticks = len(picture["ticks"])
                dots = sum(len(curve["x"]) for panel in picture["panels"]
                           for curve in panel["curves"] if curve["style"] != "stack")
                stacked = any(curve["style"] == "stack" for panel in picture["panels"]
                              for curve in panel["curves"])
                if not stacked:
                    self.assertEqual(dots + ticks, sum(wanted.values()), (name, picture["kind"]))

    def test_dsn_dots(self):
        page = self.page(path("lossy"))
        picture = next(one for one in page.pictures()["connections"][0]["pictures"]
                       if one["kind"] == "dsn")
        run("plot", "dsn", path("lossy"), "-o", self.at("i.svg"), "--data", self.at("data"))
        with open(self.at("data"), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        wanted = sorted((int(row["frame"]), round(float(row["time"]) * 1e9), int(row["dsn"]),
                         int(row["dsn_end"])) for row in rows
                        if row["series"] in ("data", "retransmitted"))
        got = []
        for panel in picture["panels"]:
            for curve in panel["curves"]:
                if curve["style"] == "strokes":
                    got += zip(numbers(curve, "frame", "bytes"), numbers(curve, "x", "time"),
                               numbers(curve, "y", "bytes"), numbers(curve, "y2", "bytes"))
        self.assertEqual(sorted(got), wanted)

    def test_connections_are_bounded_and_those_with_most_data_come_first(self):
        self.generate("connections", 60)
        page = self.page(self.at("made.pcap"))
        pictures = page.pictures()
        self.assertEqual(pictures["all"], 60)
        self.assertEqual(len(pictures["connections"]), 8)
        rows = {row["connection"]: row for row in document("report", "connections",
                                                           path("many"))["rows"]}
        order = [one["connection"] for one in self.page(path("many")).pictures()["connections"]]
        data = [sum(rows[one][way]["data_bytes"] for way in ("c2s", "s2c")) for one in order]
        self.assertEqual(data, sorted(data, reverse=True))

    def generate(self, kind, count):
        subprocess.run([sys.executable, GENERATE, kind, str(count), self.at("made.pcap")],
                       check=True)

    def test_a_long_capture_is_thinned_but_keeps_its_extremes(self):
        """300 000 segments: below 8 MB, with the least and the greatest number of each curve."""
        self.generate("two_paths", 150000)
        page = self.page(self.at("made.pcap"))
        segments = document("report", "connections", self.at("made.pcap"))["rows"][0]
        self.assertGreaterEqual(segments["c2s"]["segments"] + segments["s2c"]["segments"], 300000)
        self.assertLess(len(page.text.encode()), 8e6)
        picture = next(one for one in page.pictures()["connections"][0]["pictures"]
                       if one["kind"] == "rtt")
        run("plot", "rtt", self.at("made.pcap"), "-o", self.at("i.svg"), "--data", self.at("data"))
        extremes = {}
        with open(self.at("data"), encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                if row[5] == "time" or row[6] == "":
                    continue
                key, value = (row[1], row[2]), round(float(row[6]) * 1e9)
                low, high = extremes.get(key, (value, value))
                extremes[key] = min(low, value), max(high, value)
        got = set()
        for panel in picture["panels"]:
            for curve in panel["curves"]:
                values = [one for one in numbers(curve, "y", "time") if one is not None]
                if values:
                    got.add((min(values), max(values)))
        self.assertTrue(got)
        self.assertEqual(got, set(extremes.values()))

    def test_events_are_thinned_and_counted(self):
        sys.path.insert(0, os.path.dirname(GENERATE))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.opened()
        capture.data(generate.FIRST, 1, 1, 100)
        for i in range(20000):
            capture.send(generate.FIRST, i % 2, 16, 101, 1, generate.prio(0))
        capture.data(generate.FIRST, 101, 101, 100)
        capture.write(self.at("events.pcap"))
        page = self.page(self.at("events.pcap"))
        picture = page.pictures()["connections"][0]["pictures"][0]
        self.assertEqual(picture["kind"], "dsn")
        ticks = picture["ticks"]
        self.assertEqual(len(ticks) + picture["ticksLeftOut"], 20000)
        self.assertGreater(len(ticks), 1000)
        self.assertLess(len(ticks), 10000)
        self.assertEqual([t[0] for t in ticks], sorted(t[0] for t in ticks))
        self.assertEqual({t[3] for t in ticks}, {"c2s", "s2c"}, "each direction has its own")
        few = self.page(path("handover")).pictures()["connections"][0]["pictures"][0]
        self.assertEqual(few["ticksLeftOut"], 0)

    def test_two_long_captures_stay_small(self):
        """300 000 segments at each end."""
        subprocess.run([sys.executable, GENERATE, "two_paths", "150000", self.at("a.pcap"),
                        self.at("b.pcap")], check=True)
        page = self.page(self.at("a.pcap"), self.at("b.pcap"))
        self.assertLess(len(page.text.encode()), 8e6)
        drawn = [one["kind"] for one in page.pictures()["connections"][0]["pictures"]
                 if "reason" not in one]
        self.assertLessEqual({"dsn", "rtt", "inflight", "delay", "delay-cdf"}, set(drawn))

    def test_a_flood_of_events_stays_small(self):
        """Of 100 000 events among data, the table says how many there are, and pictures keep some."""
        self.generate("announced", 100000)
        page = self.page(self.at("made.pcap"))
        self.assertLess(len(page.text.encode()), 8e6)
        events = next(table for table in page.tables() if table["id"] == "events")
        self.assertGreater(events["all"], 100000)
        self.assertTrue(1000 < len(events["rows"]) <= 5000)
        picture = next(one for one in page.pictures()["connections"][0]["pictures"]
                       if one["kind"] == "dsn")
        times = [tick[0] for tick in picture["ticks"] if tick[1] == "ADD_ADDR"]
        self.assertTrue(100 < len(times) <= 4000, len(times))
        gap = max(after - before for before, after in zip(times, times[1:]))
        self.assertLess(gap, 0.02 * picture["end"])

    def test_a_long_name_stays_small(self):
        """A dump may give its capture a name of 64 kB, each letter of which takes six in json."""
        with open(os.path.join(os.path.dirname(GENERATE), "..", "fuzz", "corpus", "dump",
                               "lossy.csv"), encoding="utf-8") as file:
            lines = file.read().split("\n", 1)
        with open(self.at("long.csv"), "w", encoding="utf-8") as file:
            file.write(f"# mptcpscope dump, version 1; capture {'<' * 65000}\n{lines[1]}")
        page = self.page(self.at("long.csv"))
        self.assertLess(len(page.texts["data-pictures"][0]), 1.6e6)
        self.assertLess(len(page.text.encode()), 8e6)

    def test_a_flood_of_connections_stays_small(self):
        self.generate("connections", 6000)
        page = self.page(self.at("made.pcap"))
        self.assertLess(len(page.text.encode()), 8e6)
        events = next(table for table in page.tables() if table["id"] == "connections")
        self.assertEqual(events["all"], 6000)
        self.assertLessEqual(len(events["rows"]), 5000)

    def test_very_many_subflows_are_no_picture(self):
        self.generate("subflows", 2000)
        page = self.page(self.at("made.pcap"))
        self.assertLess(len(page.text.encode()), 8e6)
        for picture in page.pictures()["connections"][0]["pictures"]:
            self.assertEqual(picture["reason"], "it has too many subflows to draw")


class Safety(Case):
    def check(self, page):
        """All elements are the page's own, and nothing comes from elsewhere."""
        for tag, attributes in page.elements:
            self.assertNotIn(tag, ("img", "iframe", "object", "link", "form", "base", "svg"))
            for name, value in attributes.items():
                self.assertFalse(name.startswith("on"), (tag, name))
                self.assertNotEqual(name, "src")
                if name == "href":
                    self.assertTrue(value.startswith("#"), value)
        scripts = [text for text in page.texts["script"]]
        self.assertEqual(len(scripts), 2)
        policy = next(attributes["content"] for tag, attributes in page.elements
                      if attributes.get("http-equiv") == "Content-Security-Policy")
        hashes = [base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
                  for text in scripts]
        self.assertTrue(policy.startswith("default-src 'none'; script-src 'sha256-"), policy)
        self.assertEqual(re.findall(r"'sha256-([^']+)'", policy), hashes)
        self.assertNotIn("sourceMappingURL", page.text)
        self.assertNotIn("@import", page.text)
        self.assertIsNone(re.search(r"url\(", page.text.split("</style>")[0]))

    def test_names_of_captures_are_text(self):
        evil = self.at(EVIL.replace("/", "") + ".pcapng")
        shutil.copy(path("lossy"), evil)
        page = self.page(evil)
        self.check(page)
        self.assertIn(os.path.basename(evil), page.texts["h1"][0])
        self.assertIn(os.path.basename(evil), page.texts["title"][0])
        self.check(self.page(evil, path("lossy", "server")))

    def test_names_in_dumps_are_text(self):
        """A dump may give its capture any name, also one that ends a script."""
        with open(os.path.join(os.path.dirname(GENERATE), "..", "fuzz", "corpus", "dump",
                               "lossy.csv"), encoding="utf-8") as file:
            lines = file.read().split("\n", 1)
        for name in ("</script><script>alert(1)</script>", "<!--<script>", "\u2028\u202e]]>", EVIL,
                     "</pre></title></style><script>alert(2)</script>"):
            with open(self.at("evil.csv"), "w", encoding="utf-8") as file:
                file.write(f"# mptcpscope dump, version 1; capture {name}\n{lines[1]}")
            page = self.page(self.at("evil.csv"))
            self.check(page)
            shown = name.replace("\u202e", "\\u202e").replace("\u2028", "\\u2028")
            self.assertIn(shown, page.texts["h1"][0])

    def test_pages_of_shipped_captures(self):
        for name in ("twopath", "fallback", "stripped", "nat", "gso"):
            self.check(self.page(path(name), path(name, "server")))

    def test_licence_of_what_is_embedded(self):
        page = self.page(path("twopath"))
        self.assertIn("Permission is hereby granted, free of charge", page.texts["pre"][-1])
        self.assertIn("Dan Vanderkam", page.texts["pre"][-1])


class Calls(Case):
    def refuse(self, status, message, *arguments, **options):
        done = run("html", *arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertIn(message, done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_wrong_calls(self):
        page = self.at("page.html")
        self.refuse(2, "needs --output", path("lossy"))
        self.refuse(2, "does not take --format", path("lossy"), "-o", page, "--format", "json")
        self.refuse(2, "needs two files, A and B, or one", "-o", page)
        self.refuse(2, "--clock needs two files", path("lossy"), "--clock", "skew", "-o", page)
        self.refuse(1, "no connection 7", path("lossy"), "-c", "7", "-o", page)
        self.refuse(1, "No such file", self.at("none.pcap"), "-o", page)
        self.refuse(1, "no connection is in both", path("lossy"), path("many"), "-o", page)

    def test_library_that_is_not_installed(self):
        self.refuse(1, "install the package libjs-dygraphs", path("lossy"), "-o",
                    self.at("page.html"), env={**os.environ, "XDG_DATA_DIRS": self.folder})

    def test_capture_without_connections(self):
        with open(self.at("empty.pcap"), "wb") as file:
            file.write(b"\xd4\xc3\xb2\xa1\2\0\4\0" + bytes(8) + b"\xff\xff\0\0\1\0\0\0")
        page = self.page(self.at("empty.pcap"))
        self.assertEqual(page.pictures()["connections"], [])
        self.assertIn("There is no MPTCP segment.", page.texts["li"])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    COMMAND = sys.argv.pop(1)
    if not os.path.exists(LIBRARY):
        print("the package libjs-dygraphs is not installed")
        sys.exit(77)
    unittest.main()
