#!/usr/bin/python3
"""The numbers that pictures draw are those of the reports.

usage: test_plot_numbers.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import json
import statistics
import sys

from plotted import Case, KINDS, NAMES, files_of, generate, main, path, report, run


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
            ends = {(r["direction"], r["subflow"], round(r["time"], 5)) for r in rows
                    if r["rate"] == ""}
            self.assertEqual(ends, {(d, s, end) for d, s, end in
                                    ((d, s, round(x + 0.05, 5)) for d, s, x in expected)
                                    if (d, s, end) not in expected and
                                    end < float(report("connections", name)[0]["duration"]) and
                                    d in {r["direction"] for r in rows}},
                             "a curve ends with the rows of its subflow")
            rows = [r for r in rows if r["rate"] != ""]
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
                last = [r["window"] for r in announced if r["window"] != ""][-1] if announced else None
                self.assertEqual(last, row["receive_window"], (name, row))

    def test_interarrival_has_the_gaps(self):
        for name in NAMES:
            rows = self.plot("interarrival", path(name), "-c", "0")
            for row in report("interarrival", name, "-c", "0"):
                gaps = [r["gap"] for r in rows if r["direction"] == row["direction"] and
                        r["subflow"] == "" and r["series"] == "gap"]
                self.assertEqual(len(gaps), max(row["segments"] - 1, 0))
                by_subflow = [r for r in rows if r["direction"] == row["direction"] and
                              r["subflow"] != ""]
                self.assertEqual(len(by_subflow), len(gaps))
                switches = [r for r in rows if r["direction"] == row["direction"] and
                            r["series"] == "switch"]
                self.assertEqual(len(switches), row["switches"])
                subflows = {r["frame"] for r in by_subflow}
                self.assertLessEqual({r["gap"] for r in switches}, set(gaps))
                self.assertLessEqual({r["frame"] for r in switches}, subflows)
                if gaps:
                    self.assertAlmostEqual(min(gaps), row["gap"]["min"], places=9)
                    self.assertAlmostEqual(statistics.median(gaps), row["gap"]["median"], places=8)
                    self.assertAlmostEqual(max(gaps), row["gap"]["max"], places=9)
            shares = [r["share"] for r in rows if r["subflow"] == "" and r["series"] == "gap" and
                      r["direction"] == "c2s"]
            self.assertEqual(shares, sorted(shares))
            self.assertEqual(shares[-1], 1)

    def test_acksize_adds_up_to_what_was_acknowledged(self):
        """It is what each DATA_ACK of dsn adds, but for the DATA_FIN, which is no data."""
        for name in ("twopath", "lossy", "handover"):
            sizes, acks = collections.defaultdict(list), collections.defaultdict(list)
            for row in self.plot("acksize", path(name)):
                sizes[row["direction"]].append((row["frame"], row["bytes"]))
            for row in self.plot("dsn", path(name)):
                if row["series"] == "DATA_ACK":
                    acks[row["direction"]].append((row["frame"], row["dsn"]))
            sent = report("connections", name)[0]
            for direction, rows in acks.items():
                data = sent[direction]["data_bytes"]
                self.assertEqual(rows[-1][1], data + 2, "with the DATA_FIN")
                covered, expected = 1, {}
                for frame, ack in rows:
                    new, covered = min(ack, data + 1) - covered, max(covered, min(ack, data + 1))
                    if new > 0:
                        expected[frame] = new
                self.assertEqual(dict(sizes[direction]), expected)
                self.assertEqual(sum(expected.values()), data)

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

    def test_payload_counts_where_data_are_not_known(self):
        """Connection 1 has most payload, and its options were cut off: plot and flow choose it."""
        capture = generate.connections(2)
        capture.data(generate.flow_of(0), 2, 2, 300, keys=generate.keys_of(0))
        for i in range(5):
            capture.data(generate.flow_of(1), 2 + 1000 * i, 2 + 1000 * i, 1000,
                         keys=generate.keys_of(1))
            time, frame, total = capture.frames[-1]
            capture.frames[-1] = (time, frame[:40], total)
        capture.write(self.at("cut.pcap"))
        rows = json.loads(run("report", "connections", self.at("cut.pcap"), "-f", "json").stdout)["rows"]
        self.assertEqual([(r["c2s"]["data_bytes"], r["c2s"]["bytes"]) for r in rows],
                         [(301, 301), (None, 5001)])
        self.assertEqual({r["connection"] for r in self.plot("inflight", self.at("cut.pcap"))}, {1})
        flow = json.loads(run("flow", self.at("cut.pcap"), "-f", "json").stdout)
        self.assertEqual(flow["connection"], 1)

    def test_connection_that_is_plain_for_the_other(self):
        """The server saw no options: both captures have the segments all the same."""
        files = path("fallback"), path("fallback", "server")
        owd = json.loads(run("owd", *files, "-f", "json").stdout)["rows"]
        rows = self.plot("delay-cdf", *files)
        for row in owd:
            self.assertEqual(len([r for r in rows if r["series"] == "delay" and
                                  r["direction"] == row["direction"]]), row["matched"])
        self.plot("critical-path", *files)

    def test_connection_of_two_is_in_both(self):
        files = path("many"), path("many", "server")
        number = {r["connection"] for r in self.plot("delay", *files)}
        self.assertEqual(number, {r["connection"] for r in self.plot("rate", files[0])})
        done = run("plot", "delay", path("many"), path("lossy", "server"), "-o", self.at("a.svg"))
        self.assertEqual(done.returncode, 1)

    def test_shares_of_distributions(self):
        """The n-th of N numbers of a curve has the share n / N."""
        for kind, files, column in (("interarrival", (path("lossy"),), "gap"),
                                    ("reinjections", (path("handover"),), "delay"),
                                    ("delay-cdf", (path("lossy"), path("lossy", "server")), "delay")):
            curves = collections.defaultdict(list)
            for row in self.plot(kind, *files):
                curves[(row["direction"], row["subflow"], row["series"])].append(row)
            for rows in curves.values():
                self.assertEqual([r[column] for r in rows], sorted(r[column] for r in rows))
                for number, row in enumerate(rows):
                    self.assertAlmostEqual(row["share"], (number + 1) / len(rows), places=5)

    def test_direction(self):
        for kind in KINDS:
            rows = self.rows_of(kind, *files_of(kind, "handover"), "--direction", "s2c")
            own = [r for r in rows if kind != "dsn" or r["dsn"] != ""]  # but ticks
            self.assertLessEqual({r["direction"] for r in own}, {"s2c"}, kind)


if __name__ == "__main__":
    main(sys.argv)
