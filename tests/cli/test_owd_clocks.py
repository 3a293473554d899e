#!/usr/bin/python3
"""Delays between captures whose clocks were changed: the truth is within the error in the output.
Also three captures: the one in the middle is made from the lab's record.

usage: test_owd_clocks.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import io
import json
import os
import random
import statistics
import struct
import subprocess
import sys
import tempfile
import unittest

import labrecord
from labrecord import NS, OTHER, SENDER, owd, owd_of, path, pcapng, record_of, rewritten, run

DELAYS = ("min", "median", "mean", "p95", "p99", "max")


class Clocks(unittest.TestCase):
    """The truth is within the error in the output, for every clock of B."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.other = os.path.join(folder.name, "server.pcapng")

    def within(self, row, truth, where):
        for name in DELAYS:
            low = truth["owd"][name] - row["owd"][name]
            self.assertLessEqual(row["owd"]["error_low"] - NS, low, (where, name))
            self.assertGreaterEqual(row["owd"]["error_high"] + NS, low, (where, name))
        for group, names in (("pdv", ("median", "p95", "p999", "max")),
                             ("ipdv", ("min", "max", "mean_abs", "p95_abs")),
                             ("relative", ("min", "median")), ("rtt", ("min", "median", "max"))):
            for name in names:
                if row[group][name] is None:
                    self.assertIsNone(truth[group][name])
                    continue
                self.assertAlmostEqual(row[group][name], truth[group][name],
                                       delta=row[group]["error"] + NS, msg=(where, group, name))

    def test_errors_hold(self):
        cases = ((0, 0, 0), (3_700_000_000, 45e-6, 0), (-86_400_000_000_000, -120e-6, 0),
                 (315_576_000_000_000_000, 300e-6, 0), (5_000_000, 20e-6, 200_000_000))
        for name in ("lossy", "twopath", "handover"):
            truth = owd_of(name)["rows"]
            for offset, skew, step in cases:  # a step of `step` ns after 0.6 s
                begin = []

                def change(time):
                    begin.append(time) if not begin else None
                    late = time - begin[0] > 600_000_000
                    return time + offset + round((time - begin[0]) * skew) + step * late

                rewritten(path(name, "server"), self.other, change)
                for mode in ("none", "offset", "skew"):
                    result = owd(path(name, "client"), self.other, "--clock", mode)
                    for row, true in zip(result["rows"], truth):
                        self.within(row, true, (name, offset, skew, step, mode))

    def test_an_offset_changes_nothing_that_is_exact(self):
        truth = owd_of("lossy")
        rewritten(path("lossy", "server"), self.other, lambda t: t - 10**18 - 123)  # 31.7 years
        found = owd(path("lossy", "client"), self.other)
        self.assertEqual(found["exact"], truth["exact"])
        self.assertGreater(len(found["exact"]), 10)
        for row, true in zip(found["rows"], truth["rows"]):
            for key in found["exact"]:
                self.assertEqual(row[key], true[key], key)
            sign = -1 if row["direction"] == "c2s" else 1
            for key in DELAYS:  # to the nanosecond, 31.7 years off
                self.assertAlmostEqual(row["owd"][key] - sign * 1e9, true["owd"][key], delta=1e-6)

    def test_bounds_of_one_direction_are_not_known(self):
        """Without acknowledgements the clocks have no bounds. All other figures stay the same."""
        only = []
        for side in ("client", "server"):
            target = os.path.join(os.path.dirname(self.other), side + "-c2s.pcapng")
            subprocess.run(["tshark", "-r", path("lossy", side), "-Y", "tcp.dstport == 5001", "-w",
                            target], check=True, stderr=subprocess.DEVNULL)
            only.append(target)
        truth = {r["tcp_stream"]: r for r in owd_of("lossy")["rows"] if r["direction"] == "c2s"}
        for row in owd(*only)["rows"]:
            if row["direction"] != "c2s":
                continue
            self.assertEqual(row["pdv"]["p95"], truth[row["tcp_stream"]]["pdv"]["p95"])
            for group, key in (("owd", "error_low"), ("owd", "error_high"), ("pdv", "error"),
                               ("ipdv", "error"), ("rtt", "min")):
                self.assertIsNone(row[group][key], (group, key))


class Document(unittest.TestCase):
    """The output of mptcpscope clock is the same in text, csv and json."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.files = path("lossy", "client"), os.path.join(folder.name, "server.pcapng")
        rewritten(path("lossy", "server"), self.files[1],
                  lambda t: t + 5 * 10**9 + (t > 1795296292_750_000_000) * 100_000_000)

    def test_csv_has_the_row_of_json(self):
        for files in (self.files, (path("twopath", "client"), path("twopath", "server"))):
            clock = json.loads(run("clock", *files, "-f", "json"))["clock"]
            row, = csv.DictReader(io.StringIO(run("clock", *files, "-f", "csv")))
            self.assertEqual(list(row), [key for key in clock if key not in
                                         ("mode", "corrected", "steps", "rates",
                                          "path_changes")])
            for key, value in row.items():
                self.assertEqual(value if key in ("reason", "reference") else
                                 float(value) if value else None,
                                 clock[key] if key != "reason" else clock[key] or "", key)

    def test_text_has_offset_and_step(self):
        clock = json.loads(run("clock", *self.files, "-f", "json"))["clock"]
        step, = clock["steps"]
        text = run("clock", *self.files)
        for value in (clock["offset"], clock["offset_low"], clock["offset_high"], step["size"],
                      step["size_low"], step["size_high"]):
            self.assertIn(f" {value:.9f} ", text.replace("(", " ").replace(")", " "))
        self.assertLess(step["size_low"], 0.1)
        self.assertGreater(step["size_high"], 0.1)
        self.assertNotIn("corrected", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_negative_delays_are_explained(self):
        sentence = "Delays are negative because the clocks differ: --clock offset corrects them."
        rows = json.loads(run("owd", *self.files, "-f", "json"))["rows"]
        self.assertLess(min(row["owd"]["min"] for row in rows if row["owd"]["min"] is not None), 0)
        self.assertIn(sentence, run("owd", *self.files))
        self.assertNotIn(sentence, run("owd", *self.files, "--clock", "offset"))
        self.assertNotIn(sentence, run("owd", path("lossy", "client"), path("lossy", "server")))

    def test_notes_are_in_every_document(self):
        files = path("lossy", "server"), path("lossy", "client")
        note = "A was captured nearer the server, B nearer the client."
        for command in ("owd", "clock", "reinjections", "diff"):
            self.assertIn(note, json.loads(run(command, *files, "-f", "json"))["notes"], command)
            self.assertIn("\nNote: " + note, run(command, *files), command)


class Slew(unittest.TestCase):
    """B's clock is slewed by -83 ppm for 20 of 39 s, as NTP does: its mean rate is -42.6 ppm."""

    FROM, UNTIL, END, PPM = 9.5, 29.5, 39.0, -83

    def ahead(self, elapsed):
        """By how much B's clock is ahead after a time, ns."""
        return self.PPM * 1e3 * max(0, min(elapsed, self.UNTIL) - self.FROM)

    @staticmethod
    def segment(c2s, seq, ack, length):
        ports, hosts = (40000, 5001), (bytes((10, 0, 0, 1)), bytes((10, 0, 0, 2)))
        if not c2s:
            ports, hosts = ports[::-1], hosts[::-1]
        ip = struct.pack("!BBHHHBBH", 0x45, 0, 40 + length, 0, 0, 64, 6, 0) + b"".join(hosts)
        tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, 5 << 4, 16, 65535, 0, 0)
        return bytes(12) + b"\x08\x00" + ip + tcp + bytes(length)

    def transfer(self, delay, jitter):
        """One connection that sends both ways. @return [(sent, received, c2s, frame)], in s"""
        coin, passed = random.Random(1), []
        at, sent = 0.0, {True: 1, False: 1}
        while at < self.END:
            c2s = coin.random() < 0.5
            frame = self.segment(c2s, sent[c2s], sent[not c2s], 100)
            wait = coin.expovariate(1 / jitter) + coin.expovariate(0.5 / jitter) * (delay > 1e-3)
            passed.append((at, at + delay + wait, c2s, frame))
            sent[c2s] += 100
            at += 0.01 * (0.5 + coin.random())
        return passed

    def captures(self, delay, jitter):
        """The capture of each end, the second one with its own clock."""
        passed = self.transfer(delay, jitter)
        for client in (True, False):
            times = sorted((sent if c2s == client else received, frame)
                           for sent, received, c2s, frame in passed)
            path_ = os.path.join(self.folder, "client.pcap" if client else "server.pcap")
            with open(path_, "wb") as file:
                file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
                for at, frame in times:
                    ns = 1_700_000_000 * 10**9 + round(at * 1e9)
                    ns += 0 if client else 10**9 + round(self.ahead(at))
                    file.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame),
                                           len(frame)) + frame)
            yield path_

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def test_rates_are_told(self):
        for delay, jitter, width in ((25e-6, 5e-6, 40), (10e-3, 1e-4, 200)):
            with self.subTest(delay=delay):
                a, b = self.captures(delay, jitter)
                document = json.loads(run("clock", a, b, "-f", "json"))
                clock = document["clock"]
                self.assertEqual([s for s in clock["steps"] if s["certain"]], [])
                self.assertLess(abs(clock["skew_ppm"] + 42.56), clock["skew_ppm_error"])
                self.assertLess(clock["skew_ppm_error"], 15)
                rates = clock["rates"]
                self.assertEqual(len(rates), 3)
                for rate, truth in zip(rates, (0, self.PPM, 0)):
                    self.assertLess(rate["ppm_low"], truth)
                    self.assertGreater(rate["ppm_high"], truth)
                    self.assertLess(rate["ppm_high"] - rate["ppm_low"], width)
                self.assertLess(rates[0]["since_start"], 1)
                self.assertLess(abs(rates[1]["since_start"] - self.FROM), 4)
                self.assertLess(abs(rates[2]["since_start"] - self.UNTIL), 4)
                text = run("clock", a, b)
                self.assertIn(" ppm on average, likely within ", text)
                self.assertEqual(text.count("        Rate:   "), 3)
                self.assertLessEqual(max(map(len, text.splitlines())), 100)

    def test_delays_follow_the_rates(self):
        a, b = self.captures(10e-3, 1e-4)
        for mode, off in (("offset", 1e-3), ("skew", 4e-4)):
            rows = owd(a, b, "--clock", mode)["rows"]
            self.assertEqual(len(rows), 2)
            for row in rows:
                shortest = row["owd"]["min"]
                self.assertLessEqual(row["owd"]["error_low"], 0.010 - shortest)
                self.assertGreaterEqual(row["owd"]["error_high"], 0.010 - shortest)
            # One direction looks shorter by as much as the clock strays from what is applied.
            shortest = min(row["owd"]["min"] for row in rows)
            if mode == "skew":
                self.assertLess(abs(shortest - 0.010), off)
            else:
                self.assertGreater(abs(shortest - 0.010), off)


class Legs(unittest.TestCase):
    """A third capture between the two, made from the record. Each lost segment was lost before or
    after it, at random. It has a clock of its own."""

    LEGS = {"c2s": ("1-2", "2-3"), "s2c": ("2-3", "1-2")}
    BEFORE = {"c2s": 3_000_000, "s2c": 4_000_000}  # ns from the sender to the middle

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.middle = os.path.join(folder.name, "middle.pcap")

    def make_middle(self, name, missed=0.0):
        """@return by stream and direction, for each segment: the leg on which it was lost (0, 1);
        None: it arrived; "missed": it arrived, but the middle did not capture it"""
        record, coin = record_of(name), random.Random(name)
        content = {side: list(pcapng.packets(path(name, side))) for side in SENDER.values()}
        frames, outcomes = [], {}
        for key, sent in record.sent.items():
            outcomes[key] = []
            for frame, (time, arrived) in zip(record.frames[key], sent):
                behind_nat = name == "nat" and key[1] == "c2s"  # like the middle
                outcome = None if arrived is not None else 0 if behind_nat else coin.randrange(2)
                if arrived is not None and coin.random() < missed:
                    outcome = "missed"
                outcomes[key].append(outcome)
                _, _, data, length = content[SENDER[key[1]]][frame - 1]
                if behind_nat and arrived is not None:
                    data = content["server"][record.arrival["client", frame] - 1][2]
                if outcome in (None, 1):
                    frames.append((time + self.BEFORE[key[1]], data, length))
        frames.sort(key=lambda f: f[0])
        begin = frames[0][0]
        with open(self.middle, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
            for time, data, length in frames:
                time += 100_000_000_000 + round((time - begin) * 80e-6)
                file.write(struct.pack("<IIII", time // 10**9, time % 10**9, len(data), length)
                           + data)
        return record, outcomes

    def run_legs(self, name, *options, order=("client", "middle", "server")):
        paths = {"client": path(name, "client"), "middle": self.middle,
                 "server": path(name, "server")}
        return json.loads(run("owd", *(paths[o] for o in order), "-f", "json", *options))

    def test_where_segments_were_lost(self):
        for name, missed in (("lossy", 0), ("many", 0), ("nat", 0), ("twopath", 0),
                             ("lossy", 0.05)):
            _, outcomes = self.make_middle(name, missed)
            for row in self.run_legs(name)["path"]:
                own = outcomes[row["tcp_stream"], row["direction"]]
                hop = self.LEGS[row["direction"]].index(row["leg"])
                here = [f for f in own if hop == 0 or f in (None, 1)]
                with self.subTest(capture=name, missed=missed, row=row):
                    self.assertEqual(row["entered"], len(here))
                    if missed: # what the middle lacks may have passed it, unless that is proved
                        self.assertLessEqual(row["lost"], here.count(hop))
                    else:
                        self.assertEqual(row["lost"], here.count(hop))
                    self.assertEqual(row["lost"] + row["unknown"],
                                     here.count(hop) + here.count("missed"))
                    self.assertEqual(row["passed"], sum(f is None or f == 1 > hop for f in here))

    def test_each_subflow_has_each_leg(self):
        self.make_middle("many")
        result = self.run_legs("many")
        whole = result["legs"][2]
        self.assertEqual(len(result["path"]),
                         2 * sum(r["sent"] > 0 or r["received"] > 0 for r in whole["rows"]))
        self.assertEqual([leg["leg"] for leg in result["legs"]], ["1-2", "2-3", "1-3"])
        self.assertEqual(result["captures"], ["client.pcapng", "middle.pcap", "server.pcapng"])
        self.assertEqual(whole["rows"], owd_of("many")["rows"])

    def test_delay_of_each_leg(self):
        """The truth is within the error. All segments have the same delay on the first leg."""
        for mode in ("none", "offset", "skew"):
            record, outcomes = self.make_middle("twopath")
            for row in self.run_legs("twopath", "--clock", mode)["path"]:
                key = row["tcp_stream"], row["direction"]
                before = self.BEFORE[row["direction"]] / 1e9
                through = [(b - a) / 1e9 - before
                           for (a, b), f in zip(record.sent[key], outcomes[key]) if f is None]
                first = row["leg"] == self.LEGS[row["direction"]][0]
                for name, truth in (("min", before if first else min(through)),
                                    ("max", before if first else max(through))):
                    self.assertLessEqual(row["owd"]["error_low"] - NS, truth - row["owd"][name])
                    self.assertGreaterEqual(row["owd"]["error_high"] + NS,
                                            truth - row["owd"][name])
                variation = 0 if first else max(through) - min(through)
                self.assertAlmostEqual(row["pdv"]["max"], variation,
                                       delta=row["pdv"]["error"] + NS)

    def test_shares(self):
        """The truth is within the bounds in every mode; the estimates add up to the whole."""
        for mode in ("none", "offset"):
            record, outcomes = self.make_middle("twopath")
            shares = {}
            for row in self.run_legs("twopath", "--clock", mode)["path"]:
                key = row["tcp_stream"], row["direction"]
                mean = statistics.mean(b - a for (a, b), f in zip(record.sent[key], outcomes[key])
                                       if f is None)
                first = row["leg"] == self.LEGS[row["direction"]][0]
                before = self.BEFORE[row["direction"]]
                truth = (before if first else mean - before) / mean
                self.assertLessEqual(row["share"]["low"], truth)
                self.assertGreaterEqual(row["share"]["high"], truth)
                self.assertLess(row["share"]["high"] - row["share"]["low"], 1)
                shares.setdefault(key, []).append(row["share"]["estimate"])
            for pair in shares.values():
                if mode == "none":
                    self.assertEqual(pair, [None, None])
                else:
                    self.assertAlmostEqual(sum(pair), 1)

    def test_given_from_the_server_on(self):
        _, outcomes = self.make_middle("lossy")
        result = self.run_legs("lossy", order=("server", "middle", "client"))
        self.assertEqual(result["notes"], [])
        for row in result["path"]:
            own = outcomes[row["tcp_stream"], row["direction"]]
            hop = {"c2s": ("2-3", "1-2"), "s2c": ("1-2", "2-3")}[row["direction"]].index(row["leg"])
            self.assertEqual(row["lost"], own.count(hop), row)

    def test_wrong_order_is_noticed(self):
        self.make_middle("lossy")
        result = self.run_legs("lossy", order=("client", "server", "middle"))
        self.assertIn("not in the order", result["notes"][0])
        self.assertEqual(result["path"], [])

    def test_one_connection(self):
        self.make_middle("many")
        result = self.run_legs("many", "-c", "3")
        self.assertEqual({r["connection"] for r in result["path"]}, {3})
        for leg in result["legs"]:
            self.assertEqual(len(leg["connections"]), 2, leg["leg"])
        ports = {r["tcp_stream"] for r in result["legs"][2]["rows"]}
        self.assertEqual({r["tcp_stream"] for r in result["legs"][0]["rows"]}, ports)

    def test_csv_and_text(self):
        self.make_middle("lossy")
        captures = path("lossy", "client"), self.middle, path("lossy", "server")
        rows = list(csv.DictReader(io.StringIO(run("owd", *captures, "-f", "csv"))))
        self.assertEqual([r["leg"] for r in rows], ["1-2"] * 4 + ["2-3"] * 4 + ["1-3"] * 4)
        text = run("owd", *captures, "--clock", "offset")
        self.assertLessEqual(max(map(len, text.splitlines())), 125)
        for part in ("1: client.pcapng\n2: middle.pcap\n3: server.pcapng", "Leg 1-2", "Leg 2-3",
                     "Whole path 1-3", "Where segments were lost", "Where segments were delayed"):
            self.assertIn(part, text)

    def test_wrong_calls(self):
        self.make_middle("lossy")
        captures = path("lossy", "client"), self.middle, path("lossy", "server")
        for status, message, arguments in (
                (2, "--packets needs exactly two files", (*captures, "--packets", "x")),
                (1, "is it one capture twice?", (*captures[:2], self.middle)),
                (1, "no connection is in both", (*captures[:2], path("many", "server"))),
                (1, "No such file", (*captures, "missing.pcap")),
                (1, "no connection 9", (*captures, "-c", "9"))):
            done = subprocess.run([labrecord.COMMAND, "owd", *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (status, ""), arguments)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
