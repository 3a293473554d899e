#!/usr/bin/python3
"""Pictures: the numbers that are drawn are those of the reports; what gnuplot makes of them is an
image; wrong calls and captures without anything to draw are told.

usage: test_plot.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = ("twopath", "lossy", "handover", "many", "fallback", "checksum")
KINDS = ("dsn", "rate", "rtt", "inflight", "window", "interarrival", "acksize", "reinjections",
         "reorder-buffer", "delay", "delay-cdf", "critical-path")
TWO = ("delay", "delay-cdf")  # kinds of two captures
NEVER = "never.svg"


def path(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments, **options):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, **options)


def report(which, name, *options):
    done = run("report", which, path(name), "--format=json", *options)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)["rows"]


def files_of(kind, name):
    """What a kind takes, of the receiver of most data where that has more to show."""
    if kind in TWO:
        return path(name), path(name, "server")
    return (path(name, "server" if kind == "reorder-buffer" else "client"),)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def at(self, name):
        return os.path.join(self.folder, name)

    def rows_of(self, kind, *arguments):
        """The same; no rows if there is nothing to draw."""
        done = run("plot", kind, *arguments, "-o", self.at("image.svg"))
        if done.returncode == 1 and "nothing to draw" in done.stderr:
            return []
        return self.plot(kind, *arguments)

    def plot(self, kind, *arguments):
        """The numbers of a picture: its rows, with numbers where there are some."""
        done = run("plot", kind, *arguments, "-o", self.at("image.svg"), "--data", self.at("data"))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.at("data"), encoding="utf-8", newline="") as file:
            return [{key: value if key in ("direction", "series", "lane") or value == "" else float(value)
                     for key, value in row.items()} for row in csv.DictReader(file)]


class Numbers(Case):
    """Every number of a kind against the report that it comes from."""

    def test_dsn_has_all_data_of_each_subflow(self):
        kinds = {"data": "data_bytes", "retransmitted": "retransmitted_bytes",
                 "reinjected": "reinjected_bytes"}
        for name in NAMES:
            drawn = collections.Counter()
            for row in self.plot("dsn", path(name), "-c", "0"):
                if row["series"] in kinds:
                    drawn[(row["subflow"], row["direction"], kinds[row["series"]])] += \
                        row["dsn_end"] - row["dsn"]
            for subflow in report("subflows", name, "-c", "0"):
                for direction in ("c2s", "s2c"):
                    for column in kinds.values():
                        key = (subflow["subflow"], direction, column)
                        self.assertEqual(drawn[key], subflow[direction][column], (name, key))

    def test_dsn_begins_with_1_and_is_acknowledged(self):
        for name in ("twopath", "lossy", "handover"):
            rows = self.plot("dsn", path(name))
            sent = report("connections", name)[0]
            for direction in ("c2s", "s2c"):
                own = [r for r in rows if r["direction"] == direction]
                data = [r for r in own if r["series"] == "data"]
                acks = [r["dsn"] for r in own if r["series"] == "DATA_ACK"]
                self.assertEqual(min(r["dsn"] for r in data), 1)
                end = sent[direction]["data_bytes"] + 1
                self.assertEqual(max(r["dsn_end"] for r in data), end)
                self.assertEqual(acks, sorted(acks))
                self.assertEqual(acks[-1], end + 1, "with the DATA_FIN")
                edges = [r["dsn"] for r in own if r["series"] == "window edge"]
                self.assertEqual(edges, sorted(set(edges)))
                self.assertGreaterEqual(edges[-1], end)

    def test_reinjections_are_those_of_the_report(self):
        origin = {r["connection"]: float(r["start"]) for r in report("connections", "handover")}
        drawn = {}
        for row in self.plot("dsn", path("handover")):
            if row["series"] == "reinjected":
                drawn[row["frame"]] = (row["subflow"], row["direction"],
                                       row["dsn_end"] - row["dsn"])
                time = row["time"] + origin[0]
        rows = report("reinjections", "handover")
        self.assertGreater(len(rows), 0)
        self.assertEqual(drawn, {r["frame"]: (r["subflow"], r["direction"], r["length"])
                                 for r in rows})
        self.assertAlmostEqual(time, float(rows[-1]["time"]), places=5)

    def test_ticks_are_events(self):
        for name in ("twopath", "fallback", "checksum", "handover"):
            rows = self.plot("dsn", path(name), "-c", "0")
            ticks = {(r["frame"], r["series"], r["subflow"], r["direction"]) for r in rows
                     if r["dsn"] == ""}
            ticks = {tick for tick in ticks if tick[1] not in ("DATA_ACK", "window edge")}
            shown = {"ADD_ADDR", "REMOVE_ADDR", "MP_PRIO", "MP_FAIL", "MP_FASTCLOSE",
                     "MP_TCPRST", "DATA_FIN", "fallback"}
            events = report("events", name, "-c", "0")
            expected = {(e["frame"], e["event"], e["subflow"], e["direction"]) for e in events
                        if e["event"] in shown or e["event"] == "MP_JOIN" and e["step"] == "SYN"}
            self.assertEqual(ticks, expected, name)
            self.assertGreater(len(ticks), 0)

    def test_rate_is_the_series(self):
        for name in NAMES:
            rows = self.plot("rate", path(name), "-c", "0", "--interval", "0.05")
            expected, goodput = collections.Counter(), collections.Counter()
            origin = float(report("connections", name)[0]["start"])
            for row in report("series", name, "-c", "0", "--interval", "0.05"):
                x = round(float(row["start"]) - origin, 5)
                expected[(row["direction"], row["subflow"], x)] = row["throughput"]
                goodput[(row["direction"], x)] += row["goodput"]
            for row in rows:
                x = round(row["time"], 5)
                right = goodput[(row["direction"], x)] if row["series"] == "goodput" else \
                    expected[(row["direction"], row["subflow"], x)]
                self.assertAlmostEqual(row["rate"], right, delta=1, msg=(name, row))
            drawn = [r for r in rows if r["series"] == "throughput"]
            whole = sum(e for (direction, _, _), e in expected.items()
                        if direction in {r["direction"] for r in drawn})
            self.assertAlmostEqual(sum(r["rate"] for r in drawn), whole, delta=1)

    def test_rtt_has_the_samples(self):
        for name in NAMES:
            samples = collections.defaultdict(list)
            for row in self.plot("rtt", path(name), "-c", "0"):
                samples[(row["series"], row["subflow"], row["direction"])].append(row)
            for row in report("rtt", name, "-c", "0"):
                subflow = "" if row["subflow"] is None else row["subflow"]
                own = samples[(row["level"], subflow, row["direction"])]
                self.assertEqual(len(own), row["samples"], (name, row))
                if own:
                    times = [r["rtt"] for r in own]
                    self.assertAlmostEqual(min(times), row["min"], places=9)
                    self.assertAlmostEqual(statistics.median(times), row["median"], places=8)
                    self.assertAlmostEqual(max(times), row["max"], places=9)
                    self.assertIn(row["max_frame"], [r["frame"] for r in own])

    def test_inflight_and_window_are_the_series(self):
        for name in NAMES:
            flight = self.plot("inflight", path(name), "-c", "0")
            window = self.plot("window", path(name), "-c", "0")
            for row in report("series", name, "-c", "0", "--interval", "1000000"):
                def of(rows, series, subflow):
                    return [r for r in rows if (r["series"], r["subflow"], r["direction"]) ==
                            (series, subflow, row["direction"])]
                own = of(flight, "subflow", row["subflow"])
                if own:
                    values = [r["bytes"] for r in own if r["bytes"] != ""]
                    self.assertEqual(max(values, default=0), row["in_flight_max"] or 0, name)
                    self.assertEqual(own[-1]["bytes"], row["in_flight"], name)
                data = [r["bytes"] for r in of(flight, "data", "")]
                if data and row["data_in_flight_max"] is not None:
                    self.assertEqual(max(d for d in data if d != ""), row["data_in_flight_max"])
                announced = of(window, "window", row["subflow"])
                last = announced[-1]["window"] if announced else None
                self.assertEqual(last, row["receive_window"], (name, row))

    def test_interarrival_has_the_gaps(self):
        for name in NAMES:
            rows = self.plot("interarrival", path(name), "-c", "0")
            for row in report("interarrival", name, "-c", "0"):
                gaps = [r["gap"] for r in rows if r["direction"] == row["direction"] and
                        r["subflow"] == ""]
                self.assertEqual(len(gaps), max(row["segments"] - 1, 0))
                by_subflow = [r for r in rows if r["direction"] == row["direction"] and
                              r["subflow"] != ""]
                self.assertEqual(len(by_subflow), len(gaps))
                if gaps:
                    self.assertAlmostEqual(min(gaps), row["gap"]["min"], places=9)
                    self.assertAlmostEqual(statistics.median(gaps), row["gap"]["median"], places=8)
                    self.assertAlmostEqual(max(gaps), row["gap"]["max"], places=9)
            shares = [r["share"] for r in rows if r["subflow"] == "" and r["direction"] == "c2s"]
            self.assertEqual(shares, sorted(shares))
            self.assertEqual(shares[-1], 1)

    def test_acksize_adds_up_to_what_was_acknowledged(self):
        for name in ("twopath", "lossy", "handover"):
            sizes, acks = collections.Counter(), {}
            for row in self.plot("acksize", path(name)):
                sizes[row["direction"]] += row["bytes"]
            for row in self.plot("dsn", path(name)):
                if row["series"] == "DATA_ACK":
                    acks[row["direction"]] = row["dsn"] - 1
            self.assertEqual(dict(sizes), acks)

    def test_reorder_buffer_is_the_greatest_of_the_report(self):
        checked = 0
        for name in set(NAMES) - {"fallback"}:  # its server saw no MPTCP
            held, most = collections.Counter(), collections.Counter()
            for row in sorted(self.rows_of("reorder-buffer", path(name, "server"), "-c", "0"),
                              key=lambda r: r["time"]):
                held[(row["direction"], row["subflow"])] = row["bytes"]
                total = sum(v for (d, _), v in held.items() if d == row["direction"])
                most[row["direction"]] = max(most[row["direction"]], total)
            done = run("report", "reordering", path(name, "server"), "-c", "0", "-f", "json")
            for row in json.loads(done.stdout)["rows"]:
                if row["level"] == "data":
                    self.assertEqual(most[row["direction"]], row["buffer"]["max"], name)
                    checked += row["buffer"]["max"] > 0
        self.assertGreater(checked, 1)

    def test_reinjections_are_those_with_a_delay(self):
        rows = self.plot("reinjections", path("handover"))
        names = {True: "acknowledged", False: "not acknowledged", None: "unknown"}
        expected = sorted((r["direction"], names[r["acked"]], r["frame"], r["delay"])
                          for r in report("reinjections", "handover") if r["delay"] is not None)
        self.assertEqual(sorted((r["direction"], r["series"], r["frame"], r["delay"])
                                for r in rows if r["series"] != "all"), expected)
        self.assertEqual(len([r for r in rows if r["series"] == "all"]), len(expected))

    def test_reinjections_of_two_have_the_verdicts(self):
        both = path("handover"), path("handover", "server")
        rows = self.plot("reinjections", *both)
        done = json.loads(run("reinjections", *both, "-f", "json").stdout)["rows"]
        expected = sorted((r["direction"], r["verdict"] if r["verdict"] in ("useful", "redundant")
                           else "other", r["delay"]) for r in done if r["delay"] is not None)
        self.assertGreater(len(expected), 0)
        self.assertEqual(sorted((r["direction"], r["series"], r["delay"])
                                for r in rows if r["series"] != "all"), expected)

    def test_delay_is_that_of_every_pair(self):
        for name in ("lossy", "handover"):
            both = path(name), path(name, "server")
            rows = self.plot("delay", *both)
            done = run("owd", *both, "--clock", "offset", "-f", "json", "--packets",
                       self.at("pairs"))
            with open(self.at("pairs"), encoding="utf-8") as file:
                pairs = list(csv.DictReader(file))
            column = "owd" if "owd" in pairs[0] else "delay"
            self.assertEqual(sorted(r["delay"] for r in rows if r["series"] == "delay"),
                             sorted(float(p[column]) for p in pairs))
            cdf = self.plot("delay-cdf", *both)
            for row in json.loads(done.stdout)["rows"]:
                own = [r["delay"] for r in cdf if (r["subflow"], r["direction"], r["series"]) ==
                       (row["subflow"], row["direction"], "delay")]
                self.assertEqual(len(own), row["matched"])
                self.assertAlmostEqual(min(own), row["owd"]["min"], places=9)
                self.assertAlmostEqual(max(own), row["owd"]["max"], places=9)
                least = [r["delay"] for r in cdf if (r["subflow"], r["direction"], r["series"]) ==
                         (row["subflow"], row["direction"], "least")]
                self.assertEqual(len(least), len(own))
                self.assertGreaterEqual(min(least) - min(own), row["owd"]["error_low"] - 1e-9)
                for r in rows:
                    if r["series"] == "error":
                        self.assertLessEqual(r["delay"], r["delay_most"])

    def assert_critical(self, rows, found):
        drawn = {r["direction"] for r in rows}
        self.assertEqual(drawn, {r["direction"] for r in found if r["reason"] is None})
        for path_of in found:
            if path_of["reason"] is not None:
                continue
            own = [r for r in rows if r["direction"] == path_of["direction"]]
            self.assertEqual(len([r for r in own if r["lane"] != "all"]),
                             len(path_of["pieces"]))
            sums = sum(r["until"] - r["time"] for r in own if r["lane"] == "all")
            self.assertAlmostEqual(sums, path_of["elapsed"], places=8)
            times = collections.Counter()
            for r in own:
                if r["lane"] != "all":
                    times[r["series"]] += r["until"] - r["time"]
            classes = {c["class"]: c["time"] for c in path_of["classes"]}
            self.assertLessEqual(set(times), set(classes))
            for name, time in classes.items():
                self.assertAlmostEqual(times[name], time, places=7)

    def test_critical_path_is_that_of_the_report(self):
        for name in ("lossy", "handover", "twopath"):
            rows = self.plot("critical-path", path(name))
            self.assert_critical(rows, report("critical-path", name, "--pieces"))
            both = path(name), path(name, "server")
            done = run("critical-path", *both, "--pieces", "-f", "json")
            self.assert_critical(self.plot("critical-path", *both), json.loads(done.stdout)["rows"])

    def test_connection_with_most_data(self):
        rows = report("connections", "many")
        most = max(rows, key=lambda r: (r["c2s"]["data_bytes"] + r["s2c"]["data_bytes"],
                                        -r["connection"]))["connection"]
        self.assertEqual({r["connection"] for r in self.plot("rate", path("many"))}, {most})
        done = run("plot", "rate", path("many"), "-o", self.at("a.svg"))
        self.assertIn(f"drawing connection {most}, the first with most data of {len(rows)}",
                      done.stderr)
        self.assertEqual({r["connection"] for r in self.plot("rtt", path("many"), "-c", "5")}, {5})
        done = run("plot", "rate", path("twopath"), "-o", self.at("a.svg"))
        self.assertEqual(done.stderr, "")

    def test_connection_of_two_is_in_both(self):
        files = path("many"), path("many", "server")
        number = {r["connection"] for r in self.plot("delay", *files)}
        self.assertEqual(number, {r["connection"] for r in self.plot("rate", files[0])})
        done = run("plot", "delay", path("many"), path("lossy", "server"), "-o", self.at("a.svg"))
        self.assertEqual(done.returncode, 1)

    def test_direction(self):
        for kind in KINDS:
            rows = self.rows_of(kind, *files_of(kind, "handover"), "--direction", "s2c")
            own = [r for r in rows if kind != "dsn" or r["dsn"] != ""]  # but ticks
            self.assertLessEqual({r["direction"] for r in own}, {"s2c"}, kind)


class Parts(Case):
    """A subflow, a stretch of time; for xplot; kinds of others."""

    def test_subflow(self):
        for kind in sorted(set(KINDS) - {"critical-path", "reinjections"}):
            files = files_of(kind, "handover")
            every, one = self.plot(kind, *files), self.plot(kind, *files, "--subflow", "1")
            ticks = {"ADD_ADDR", "DATA_FIN", "MP_JOIN"}
            self.assertEqual([r for r in one if r["series"] not in ticks],
                             [r for r in every if r["subflow"] in (1, "") and
                              r["series"] not in ticks], kind)
            self.assertTrue(any(r["subflow"] == 1 for r in one), kind)

    def test_range(self):
        for kind in ("dsn", "rtt", "inflight", "delay", "reorder-buffer", "rate"):
            files = files_of(kind, "handover")
            every = self.plot(kind, *files)
            part = self.plot(kind, *files, "--from", "0.3", "--to", "0.6")
            self.assertEqual({r["time"] >= 0.3 and r["time"] <= 0.6 for r in part}, {True})
            within = [r for r in every if 0.3 < r["time"] <= 0.6]
            self.assertEqual([r for r in part if r["time"] > 0.3], within, kind)
            for row in part:
                if row["time"] == 0.3:  # what held before
                    last = [r for r in every if r["time"] <= 0.3 and all(
                        r[c] == row[c] for c in ("direction", "subflow", "series"))][-1]
                    self.assertEqual({**last, "time": 0.3}, row)
        self.assertEqual(self.plot("rtt", path("handover"), "--to", "1000"),
                         self.plot("rtt", path("handover")))

    def test_parts_that_are_not_there(self):
        call = ("-o", self.at("a.svg"))
        done = run("plot", "rtt", path("handover"), "--subflow", "2", *call)
        self.assertEqual(done.returncode, 1)
        self.assertIn("connection 0 has no subflow 2; it has 2, numbered from 0", done.stderr)
        done = run("plot", "rtt", path("handover"), "--from", "100", *call)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nothing to draw", done.stderr)
        for kind, option in (("critical-path", "--subflow"), ("reinjections", "--subflow"),
                             ("interarrival", "--from"), ("interarrival", "--to")):
            done = run("plot", kind, path("handover"), option, "0", *call)
            self.assertEqual(done.returncode, 2, (kind, option))
        self.assertEqual(os.listdir(self.folder), [])

    def test_xplot(self):
        for kind, signs in (("dsn", {"line", "box", "rtext"}), ("rtt", {"dot"}),
                            ("inflight", {"line"})):
            done = run("plot", kind, path("handover"), "-o", self.at("a.svg"), "--xplot",
                       self.at("a.xpl"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("--direction s2c chooses the other", done.stderr)
            with open(self.at("a.xpl"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(lines[0], "timeval double" if kind == "rtt" else "timeval unsigned")
            self.assertIn("connection 0 of client.pcapng, c2s", lines[2])
            self.assertEqual(lines[-1], "go")
            words = [line.split() for line in lines[7:-1]]
            self.assertLessEqual(signs, {w[0] for w in words})
            places = {"line": 5, "dot": 3, "box": 3, "diamond": 3, "rtext": 3}
            for word in words:
                if word[0] in places:
                    self.assertEqual(len(word), places[word[0]], word)
                    [float(number) for number in word[1:]]
        origin = float(report("connections", "handover")[0]["start"])
        drawn = [r for r in self.plot("rtt", path("handover"), "--direction", "c2s")]
        done = run("plot", "rtt", path("handover"), "-o", self.at("a.svg"), "--direction", "c2s",
                   "--xplot", self.at("a.xpl"))
        self.assertEqual(done.stderr, "")
        with open(self.at("a.xpl"), encoding="utf-8") as file:
            dots = [line.split()[1:] for line in file if line.startswith("dot ")]
        self.assertEqual(len(dots), len(drawn))
        for dot, row in zip(dots, drawn):
            self.assertAlmostEqual(float(dot[0]) - origin, row["time"], places=4)
            self.assertAlmostEqual(float(dot[1]), row["rtt"] * 1000, places=5)
        done = run("plot", "rate", path("handover"), "-o", self.at("a.svg"), "--xplot", "x")
        self.assertEqual(done.returncode, 2)
        self.assertIn("dsn, rtt and inflight can", done.stderr)

    def test_kinds_of_others(self):
        os.mkdir(self.at("bin"))
        program = self.at("bin/mptcpscope-plot-foo")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nprintf '%s|' \"$MPTCPSCOPE\" \"$@\"; exit 7\n")
        os.chmod(program, 0o755)
        environment = {**os.environ, "PATH": self.at("bin") + ":" + os.environ["PATH"]}
        done = run("plot", "foo", "a b", "--own", "-o", "x", env=environment)
        self.assertEqual((done.returncode, done.stdout),
                         (7, os.path.realpath(COMMAND) + "|a b|--own|-o|x|"))
        shutil.copy(program, self.at("bin/mptcpscope-plot-rtt"))
        done = run("plot", "rtt", path("twopath"), "-o", self.at("a.svg"), env=environment)
        self.assertEqual((done.returncode, done.stdout), (0, ""), "a built-in kind comes first")
        for kind in ("foo", "../foo", "x"):
            done = run("plot", kind, path("twopath"), "-o", self.at("a.svg"))
            self.assertEqual(done.returncode, 2)
            self.assertIn(f'unknown plot "{kind}"', done.stderr)

    def test_many_subflows(self):
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        generate.subflows(400).write(self.at("many.pcap"))
        for kind in ("inflight", "rate", "dsn", "window"):
            rows = self.plot(kind, self.at("many.pcap"))
            self.assertGreaterEqual(len({r["subflow"] for r in rows}), 400, kind)
            self.assertLess(os.path.getsize(self.at("image.svg")), 4000000, kind)
            with open(self.at("image.svg"), encoding="utf-8") as file:
                legend = set(re.findall(r"<text>(subflow \d+)", file.read()))
            self.assertEqual(legend - {"subflow 0"}, {f"subflow {i}" for i in range(1, 16)}, kind)

    def test_images_of_much_are_small(self):
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.opened()
        for i in range(20000):
            capture.data(generate.FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
            capture.ack(generate.FIRST, 1001 + 1000 * i, 1001 + 1000 * i)
        capture.write(self.at("much.pcap"))
        for kind in ("dsn", "rtt", "inflight", "acksize", "interarrival"):
            rows = self.plot(kind, self.at("much.pcap"))
            self.assertGreaterEqual(len(rows), 19999, kind)
            self.assertLess(os.path.getsize(self.at("image.svg")), 2000000, kind)


class Images(Case):
    def test_formats(self):
        begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "PNG": b"\x89PNG"}
        for kind in KINDS:
            for ending, begin in begins.items():
                image = self.at("image." + ending)
                done = run("plot", kind, *files_of(kind, "handover"), "-o", image)
                self.assertEqual((done.returncode, done.stderr), (0, ""), kind)
                with open(image, "rb") as file:
                    first = file.read()
                self.assertTrue(first.startswith(begin))
                run("plot", kind, *files_of(kind, "handover"), "-o", image)
                with open(image, "rb") as file:
                    self.assertEqual(file.read(), first, "the same each time")

    def texts(self):
        """All texts of the image."""
        root = xml.etree.ElementTree.parse(self.at("image.svg")).getroot()
        return {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}

    def test_texts_of_the_image(self):
        self.plot("rate", path("lossy"))
        self.assertLessEqual({"Throughput and goodput: connection 0 of client.pcapng",
                              "rate (Mbit/s)", "time since the first frame (ms)",
                              "subflow 1: 10.0.2.1 - 10.0.2.2", "goodput of all",
                              "data of the server (s2c)"}, self.texts())

    def test_names_of_files_are_shown_as_they_are(self):
        for name in ("it's `id` $HOME @x \"q\".pcapng", "<b>&amp;{Symbol a}_^\\n.pcapng",
                     "ä\u202e.pcapng"):
            shutil.copy(path("twopath"), self.at(name))
            self.plot("rtt", self.at(name))
            shown = name.replace("\u202e", "\\u202e")
            self.assertIn("Round-trip time: connection 0 of " + shown, self.texts())

    def test_colour_of_a_subflow_is_the_same_in_all_kinds(self):
        for kind in set(KINDS) - {"critical-path", "reinjections"}:
            self.plot(kind, *files_of(kind, "handover"))
            with open(self.at("image.svg"), encoding="utf-8") as file:
                self.assertTrue("213,  94,   0" in file.read(), kind + ": subflow 1")


class Wrong(Case):
    def assert_fails(self, status, message, *arguments, **options):
        before = sorted(os.listdir(self.folder))
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("mptcpscope: "), done.stderr)
        self.assertIn(message, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_calls(self):
        image = self.at(NEVER)
        file = path("twopath")
        self.assert_fails(2, "plot needs --output", "plot", "dsn", file)
        self.assert_fails(2, "plot needs --output", "plot", "dsn", file, "--data", self.at("d"))
        for name in ("image.gif", "image", ".svg", "-"):
            self.assert_fails(2, ".svg, .png or .pdf", "plot", "dsn", file, "-o", name)
        self.assert_fails(2, 'unknown plot "dsm"; known plots: dsn, rate, rtt, ',
                          "plot", "dsm", file, "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot", "dsn", "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot")
        self.assert_fails(2, "plot delay needs two files", "plot", "delay", file, "-o", image)
        self.assert_fails(2, "plot dsn needs one file", "plot", "dsn", file, file, "-o", image)
        self.assert_fails(2, "at most 3", "plot", "dsn", file, file, file, "-o", image)
        self.assert_fails(2, "plot rtt has no intervals", "plot", "rtt", file, "-o", image,
                          "--interval", "1")
        self.assert_fails(2, "--direction must be", "plot", "rtt", file, "-o", image,
                          "--direction", "up")
        self.assert_fails(2, "does not take --format", "plot", "rtt", file, "-o", image, "-f", "csv")
        self.assert_fails(2, "--clock needs two files", "plot", "rtt", file, "-o", image,
                          "--clock", "skew")
        self.assert_fails(2, "the same file", "plot", "rtt", file, "-o", image, "--data", image)
        self.assert_fails(2, "--data needs a file", "plot", "rtt", file, "-o", image, "--data", "")
        self.assert_fails(2, "owd does not take --data", "owd", file, file, "--data", "x")

    def test_overwriting_the_input(self):
        shutil.copy(path("twopath"), self.at("in.svg"))
        for option in ("-o", "--data"):
            self.assert_fails(2, "would overwrite the input", "plot", "dsn", self.at("in.svg"),
                              "-o", self.at(NEVER), option, self.at("in.svg"))

    def test_unwritable_outputs(self):
        for output in (self.at("none/image.svg"), self.at("image.svg/x.svg")):
            self.assert_fails(1, "No such file", "plot", "dsn", path("twopath"), "-o", output)
        self.assert_fails(1, "No such file", "plot", "dsn", path("twopath"), "-o", self.at(NEVER),
                          "--data", self.at("none/data"))

    def test_gnuplot_missing_or_failing(self):
        call = ("plot", "dsn", path("twopath"), "-o", self.at(NEVER), "--data", self.at("data"))
        os.mkdir(self.at("bin"))
        path_of = {**os.environ, "PATH": self.at("bin")}
        self.assert_fails(1, "gnuplot-nox", *call, env=path_of)
        for script, message in (("echo 'line 0: no such terminal' >&2; exit 1", "no such terminal"),
                                ("exit 0", "it gave no reason"), ("kill -9 $$", "gnuplot failed")):
            with open(self.at("bin/gnuplot"), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n" + script + "\n")
            os.chmod(self.at("bin/gnuplot"), 0o755)
            self.assert_fails(1, message, *call, env=path_of)

    def test_nothing_to_draw(self):
        with open(path("twopath"), "rb") as file:
            head = file.read(400)
        with open(self.at("cut.pcapng"), "wb") as file:
            file.write(head)
        image = self.at(NEVER)
        self.assert_fails(1, "no connection 8", "plot", "dsn", path("many"), "-c", "8", "-o", image)
        for kind, missing in (("dsn", "data whose sequence numbers are known"),
                              ("rate", "payload"), ("rtt", "round-trip time")):
            done = run("plot", kind, self.at("cut.pcapng"), "-o", image)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(missing, done.stderr)
        self.assertFalse(os.path.exists(image))


class Gallery(Case):
    """docs/gallery.md has a picture of each kind, and its pictures are what its commands draw."""

    def test_pictures(self):
        root = os.path.join(HERE, "..", "..")
        with open(os.path.join(root, "docs", "gallery.md"), encoding="utf-8") as file:
            calls = re.findall(r"^    mptcpscope (plot .*) -o (docs/gallery/(\S+)\.svg)$",
                               file.read(), re.M)
        self.assertEqual({kind for _, _, kind in calls}, set(KINDS))
        for call, shown, kind in calls:
            done = run(*call.split(), "-o", self.at("image.svg"), cwd=root)
            self.assertEqual((done.returncode, done.stderr), (0, ""), call)
            with open(self.at("image.svg"), "rb") as one, \
                    open(os.path.join(root, shown), "rb") as other:
                drawn, kept = one.read(), other.read()
            version = re.compile(rb"Produced by GNUPLOT.*")
            if version.search(drawn).group() == version.search(kept).group():
                self.assertTrue(drawn == kept, f"{shown} is not what its command draws")
            else:  # another gnuplot draws other lines
                texts = re.compile(rb"<text>.*</text>")
                self.assertLessEqual(set(texts.findall(kept)), set(texts.findall(drawn)), kind)


class Drawn(Case):
    def test_settings_of_users_do_not_count(self):
        with open(self.at(".gnuplot"), "w", encoding="utf-8") as file:
            file.write("exit status 3\n")
        done = run("plot", "rtt", path("twopath"), "-o", self.at("image.svg"),
                   env={**os.environ, "HOME": self.folder})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
