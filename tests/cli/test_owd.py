#!/usr/bin/python3
"""Variation, loss runs, round trips and error bounds of delays, anew from the lab's record of which
packet is which, and with clocks that were changed on purpose.

usage: test_owd.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import functools
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

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # noqa: E402 (of the lab)

CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = ("twopath", "lossy", "many", "nat", "handover", "ipv6")
COMMAND = "mptcpscope"
SENDER = {"c2s": "client", "s2c": "server"}
OTHER = {"client": "server", "server": "client"}
DELAYS = ("min", "median", "mean", "p95", "p99", "max")
NS = 2e-9  # figures are rounded to 1 ns


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def owd(a, b, *options):
    return json.loads(run("owd", a, b, "-f", "json", *options))


def owd_of(name, *options):
    return owd(path(name, "client"), path(name, "server"), *options)


@functools.lru_cache(maxsize=None)
def record_of(name):
    return Record(name)


def percentile(values, permille):
    return sorted(values)[(len(values) * permille + 999) // 1000 - 1]


class Record:
    """What the lab knows of a run: per stream of the client and direction, what was sent, when,
    and when it arrived, in ns. The hosts share one clock."""

    def __init__(self, name):
        times, own = {}, {}
        for side in SENDER.values():
            out = subprocess.run(
                ["tshark", "-r", path(name, side), "-Y", "tcp", "-T", "fields", "-e",
                 "frame.number", "-e", "frame.time_epoch", "-e", "tcp.stream", "-e",
                 "tcp.dstport"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                check=True).stdout
            for line in out.splitlines():
                frame, time, stream, port = line.split("\t")
                times[side, int(frame)] = int(time.replace(".", ""))
                direction = "c2s" if port == "5001" else "s2c"
                if SENDER[direction] == side:
                    own.setdefault((side, int(stream), direction), []).append(int(frame))
        arrived, client_stream, self.arrival = {}, {}, {}
        with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                client_stream[int(row["peer"])] = int(row["stream"])
                if row["copy"] == "0":
                    side = SENDER[row["direction"]]
                    to = OTHER[side]
                    arrived[side, int(row[side + "_frame"])] = times[to, int(row[to + "_frame"])]
                    self.arrival[side, int(row[side + "_frame"])] = int(row[to + "_frame"])
        self.sent = {}  # (stream, direction): [(sent, arrived or None)]
        self.frames = {}  # (stream, direction): frames in the sender's capture
        for (side, stream, direction), frames in own.items():
            stream = stream if side == "client" else client_stream.get(stream)
            self.sent[stream, direction] = [(times[side, f], arrived.get((side, f)))
                                            for f in sorted(frames)]
            self.frames[stream, direction] = sorted(frames)

    def delays(self, key):
        return [b - a for a, b in self.sent[key] if b is not None]

    def loss_runs(self, key):
        runs = "".join("." if b is None else "x" for _, b in self.sent[key]).split("x")
        return [len(r) for r in runs if r]

    def ipdv(self, key):
        pairs = zip(self.sent[key], self.sent[key][1:])
        return [(d - c) - (b - a) for (a, b), (c, d) in pairs if b is not None and d is not None]

    def round_trips(self, key):
        stream, direction = key
        back = sorted((a, b) for a, b in
                      self.sent[stream, "s2c" if direction == "c2s" else "c2s"] if b is not None)
        found = []
        for sent, arrived in self.sent[key]:
            answer = next((x for x in back if arrived is not None and x[0] >= arrived), None)
            if answer:
                found.append((answer[1] - sent) - (answer[0] - arrived))
        return found


class Figures(unittest.TestCase):
    """Every figure, worked out anew by its definition."""

    def check(self, found, expected, what):
        if expected is None:
            self.assertIsNone(found, what)
        else:
            self.assertAlmostEqual(found, expected / 1e9, delta=NS, msg=what)

    def check_row(self, record, row, rows, where):
        key = row["tcp_stream"], row["direction"]
        delays, ipdv, trips = record.delays(key), record.ipdv(key), record.round_trips(key)
        least, middle = min(delays), statistics.median(delays)
        for name, value in (("median", middle), ("p95", percentile(delays, 950)),
                            ("p99", percentile(delays, 990)), ("p999", percentile(delays, 999)),
                            ("max", max(delays))):
            self.check(row["pdv"][name], value - least, (where, "pdv", name))
        sizes = [abs(x) for x in ipdv]
        for name, value in (("min", min), ("max", max)):
            self.check(row["ipdv"][name], value(ipdv) if ipdv else None, (where, "ipdv", name))
        self.check(row["ipdv"]["mean_abs"], statistics.mean(sizes) if sizes else None, where)
        self.check(row["ipdv"]["p95_abs"], percentile(sizes, 950) if sizes else None, where)
        for name, value in (("min", min), ("median", statistics.median), ("max", max),
                            ("p95", lambda x: percentile(x, 950))):
            self.check(row["rtt"][name], value(trips) if trips else None, (where, "rtt", name))
        streams = [r["tcp_stream"] for r in rows if r["connection"] == row["connection"]
                   and r["direction"] == row["direction"] and r["matched"]]
        fastest = min((record.delays((s, row["direction"])) for s in streams), key=min)
        self.check(row["relative"]["min"], least - min(fastest), where)
        self.check(row["relative"]["median"], middle - statistics.median(fastest), where)

    def test_by_definition(self):
        checked = 0
        for name in NAMES:
            record, rows = record_of(name), owd_of(name)["rows"]
            for row in rows:
                if row["matched"] == 0:
                    continue
                where = (name, row["tcp_stream"], row["direction"])
                with self.subTest(where=where):
                    self.check_row(record, row, rows, where)
                    checked += 1
        self.assertGreater(checked, 40)

    def test_loss(self):
        """RFC 7680 and RFC 3357."""
        checked = 0
        for name in NAMES:
            record = record_of(name)
            for row in owd_of(name)["rows"]:
                if row["sent"] == 0:
                    self.assertIsNone(row["loss_ratio"])
                    self.assertIsNone(row["loss_runs"]["count"])
                    continue
                runs = record.loss_runs((row["tcp_stream"], row["direction"]))
                with self.subTest(capture=name, row=row):
                    self.assertAlmostEqual(row["loss_ratio"],
                                           sum(runs) / (sum(runs) + row["matched"]))
                    self.assertEqual(row["loss_runs"]["count"], len(runs))
                    self.assertEqual(row["loss_runs"]["longest"], max(runs, default=0))
                    if runs:
                        self.assertAlmostEqual(row["loss_runs"]["mean"], statistics.mean(runs))
                        checked += len(runs) > 1
                    else:
                        self.assertIsNone(row["loss_runs"]["mean"])
        self.assertGreater(checked, 5)

    def test_by_connection(self):
        for name in NAMES:
            record, result = record_of(name), owd_of(name)
            for total in result["connections"]:
                own = [r for r in result["rows"] if r["connection"] == total["connection"]
                       and r["direction"] == total["direction"]]
                self.assertEqual(total["subflows"], len(own))
                for key in ("sent", "received", "matched", "lost", "sent_bytes"):
                    self.assertEqual(total[key], sum(r[key] for r in own), (name, key))
                delays = [d for r in own if r["matched"]
                          for d in record.delays((r["tcp_stream"], r["direction"]))]
                self.check(total["owd"]["min"], min(delays), name)
                self.check(total["owd"]["median"], statistics.median(delays), name)
                self.check(total["owd"]["p99"], percentile(delays, 990), name)
                self.check(total["pdv"]["max"], max(delays) - min(delays), name)


class Data(unittest.TestCase):
    """What data took, byte by byte: by tshark's fields, each byte's times kept in a table."""

    FIELDS = ("frame.time_epoch", "tcp.dstport", "tcp.len", "tcp.seq",
              "tcp.options.mptcp.subflowseqno", "tcp.options.mptcp.rawdataseqno")

    def times(self, name, side):
        """By direction and data sequence number of a byte: when it was first captured, and in which
        segment. Each segment of these captures has a mapping; the first data rides on MP_CAPABLE,
        which has none."""
        arguments = [x for field in self.FIELDS for x in ("-e", field)]
        out = subprocess.run(["tshark", "-r", path(name, side), "-Y", "tcp.len > 0", "-T", "fields",
                              *arguments], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                             text=True, check=True).stdout
        found, unmapped = {"c2s": {}, "s2c": {}}, []
        for line in out.splitlines():
            time, port, length, seq, ssn, dsn = line.split("\t")
            direction = "c2s" if port == "5001" else "s2c"
            segment = int(time.replace(".", "")), direction, int(length)
            if dsn:
                self.note(found, segment, int(dsn) + int(seq) - int(ssn))
            else:
                unmapped.append(segment)
        for segment in unmapped:
            self.note(found, segment, min(found[segment[1]]) - segment[2])
        return found

    @staticmethod
    def note(found, segment, dsn):
        time, direction, length = segment
        for byte in range(dsn, dsn + length):
            old = found[direction].get(byte)
            found[direction][byte] = min(old or (time, dsn), (time, dsn))

    def test_byte_by_byte(self):
        checked = 0
        for name in ("lossy", "twopath", "nat", "handover", "ipv6", "limitrate"):
            seen = {side: self.times(name, side) for side in OTHER}
            for row in owd_of(name)["connections"]:
                side = SENDER[row["direction"]]
                sent, got = (seen[s][row["direction"]] for s in (side, OTHER[side]))
                self.assertEqual(set(sent), set(got), name)
                if not sent:
                    self.assertIsNone(row["data_arrival"]["min"])
                    continue
                arrival, delivery, last, highest = [], [], None, 0
                for byte in sorted(sent):
                    highest = max(highest, got[byte][0])
                    if (sent[byte], got[byte]) != last:
                        arrival.append(got[byte][0] - sent[byte][0])
                        delivery.append(highest - sent[byte][0])
                    last = sent[byte], got[byte]
                for group, values in (("data_arrival", arrival), ("data_delivery", delivery)):
                    for key, value in (("min", min(values)), ("max", max(values)),
                                       ("median", statistics.median(values)),
                                       ("p95", percentile(values, 950)),
                                       ("mean", statistics.mean(values))):
                        with self.subTest(capture=name, direction=row["direction"], group=group,
                                          key=key):
                            self.assertAlmostEqual(row[group][key], value / 1e9, delta=NS)
                            checked += 1
        self.assertGreater(checked, 100)

    def test_not_known_where_segments_were_not_captured(self):
        with tempfile.TemporaryDirectory() as folder:
            part = os.path.join(folder, "client.pcapng")
            record = record_of("lossy")
            frame = next(f for f in record.frames[0, "c2s"][50:] if ("client", f) in record.arrival)
            subprocess.run(["editcap", path("lossy", "client"), part, str(frame)], check=True)
            rows = owd(part, path("lossy", "server"))["connections"]
        for row in rows:
            if row["unseen"] > 0:
                self.assertIsNone(row["data_arrival"]["min"])
                self.assertIsNone(row["data_delivery"]["error_low"])
        self.assertEqual(sum(r["unseen"] for r in rows), 1)

    def test_plain_tcp_at_one_end_has_no_data_level(self):
        for row in owd_of("fallback")["connections"]:
            self.assertIsNone(row["peer_connection"])
            self.assertIsNone(row["data_arrival"]["min"])


def rewritten(source, target, change):
    """Copy a capture with other times. @param change  of a time in ns"""
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            if kind == pcapng.ENHANCED_PACKET:
                high, low = (int.from_bytes(body[i:i + 4], "little") for i in (4, 8))
                time = change(high << 32 | low)
                body = body[:4] + (time >> 32).to_bytes(4, "little") \
                    + (time & 0xffffffff).to_bytes(4, "little") + body[12:]
            file.write(pcapng.block(kind, body))


class Clocks(unittest.TestCase):
    """The truth lies within the error that is told, whatever B's clock is."""

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
        cases = ((0, 0), (3_700_000_000, 45e-6), (-86_400_000_000_000, -120e-6),
                 (315_576_000_000_000_000, 300e-6))
        for name in ("lossy", "twopath", "handover"):
            truth = owd_of(name)["rows"]
            for offset, skew in cases:
                begin = []

                def change(time):
                    begin.append(time) if not begin else None
                    return time + offset + round((time - begin[0]) * skew)

                rewritten(path(name, "server"), self.other, change)
                for mode in ("none", "offset", "skew"):
                    result = owd(path(name, "client"), self.other, "--clock", mode)
                    for row, true in zip(result["rows"], truth):
                        self.within(row, true, (name, offset, skew, mode))

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
        """Acknowledgements were filtered out: nothing bounds the clocks, and all the rest stands."""
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


class Intervals(unittest.TestCase):
    def test_sums(self):
        for name in NAMES:
            for seconds in ("0.1", "1"):
                result = owd_of(name, "--interval", seconds)
                for row in result["rows"]:
                    own = [r for r in result["intervals"]
                           if (r["connection"], r["subflow"], r["direction"])
                           == (row["connection"], row["subflow"], row["direction"])]
                    for key in ("sent", "matched", "lost", "reordered"):
                        self.assertEqual(row[key], sum(r[key] for r in own), (name, key))
                    if not row["matched"]:
                        continue
                    full = [r for r in own if r["matched"]]
                    self.assertEqual(row["owd"]["min"], min(r["owd"]["min"] for r in full))
                    self.assertEqual(row["owd"]["max"], max(r["owd"]["max"] for r in full))
                    starts = [round(r["start_relative"] / float(seconds)) for r in own]
                    self.assertEqual(starts, list(range(starts[0], starts[-1] + 1)))
                    for empty in (r for r in own if not r["matched"]):
                        self.assertIsNone(empty["owd"]["min"])
                        self.assertIsNone(empty["owd"]["error_low"])

    def test_segments_are_where_they_belong(self):
        """By the record: a segment counts when it left or reached the client."""
        record = record_of("lossy")
        result = owd_of("lossy", "--interval", "0.25")
        first = min(t for pairs in record.sent.values() for pair in pairs for t in pair
                    if t is not None)
        self.assertEqual(result["intervals"][0]["start"].replace(".", ""), str(first))
        streams = {r["subflow"]: r["tcp_stream"] for r in result["rows"]}
        for row in result["intervals"]:
            pairs = record.sent[streams[row["subflow"]], row["direction"]]
            mine = 0 if row["direction"] == "c2s" else 1
            delays = [b - a for a, b in pairs if b is not None
                      and ((a, b)[mine] - first) // 250_000_000
                      == round(row["start_relative"] / 0.25)]
            self.assertEqual(row["matched"], len(delays))
            if delays:
                self.assertAlmostEqual(row["owd"]["median"], statistics.median(delays) / 1e9,
                                       delta=NS)

    def test_by_connection(self):
        result = owd_of("many", "--interval", "0.2", "--by", "connection")
        for total in result["connections"]:
            own = [r for r in result["intervals"] if r["connection"] == total["connection"]
                   and r["direction"] == total["direction"]]
            self.assertEqual(sum(r["matched"] for r in own), total["matched"])
            self.assertEqual({r["subflow"] for r in own}, {None})

    def test_csv(self):
        for options, column, count in ((("--by", "subflow"), "rtt_min", 16 * 2),
                                       (("--by", "connection"), "pdv_p999", 8 * 2),
                                       (("--interval", "100"), "start", 16 * 2 - 1)):  # nothing came back once
            text = run("owd", path("many", "client"), path("many", "server"), "-f", "csv",
                       *options)
            rows = list(csv.DictReader(io.StringIO(text)))
            self.assertIn(column, rows[0])
            self.assertEqual(len(rows), count)

    def test_hostile_times_and_lengths(self):
        """Rows are bounded by the segments, not by time over length."""
        with tempfile.TemporaryDirectory() as folder:
            other = os.path.join(folder, "server.pcapng")
            far = iter(range(10**6))
            rewritten(path("lossy", "server"), other,
                      lambda t: t + (4 * 10**18 if next(far) % 2 else 0))
            for captures in ((path("lossy", "client"), path("lossy", "server")),
                             (path("lossy", "client"), other)):
                result = owd(*captures, "--interval", "0.000000001")
                sent = sum(r["sent"] for r in result["rows"])
                self.assertLessEqual(len(result["intervals"]), sent + 100_000)


class Legs(unittest.TestCase):
    """A third capture, between the two: made from the record. What was lost was lost before it or
    behind it, by the toss of a coin; its clock is of its own."""

    LEGS = {"c2s": ("1-2", "2-3"), "s2c": ("2-3", "1-2")}
    BEFORE = {"c2s": 3_000_000, "s2c": 4_000_000}  # ns from the sender to the middle

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.middle = os.path.join(folder.name, "middle.pcap")

    def make_middle(self, name, missed=0.0):
        """@return by stream and direction, of each segment: on which leg it was lost (0, 1), None
        if it arrived, "missed" if it did and the middle did not capture it"""
        record, coin = record_of(name), random.Random(name)
        content = {side: list(pcapng.packets(path(name, side))) for side in SENDER.values()}
        frames, fates = [], {}
        for key, sent in record.sent.items():
            fates[key] = []
            for frame, (time, arrived) in zip(record.frames[key], sent):
                behind_nat = name == "nat" and key[1] == "c2s"  # as the middle is
                fate = None if arrived is not None else 0 if behind_nat else coin.randrange(2)
                if arrived is not None and coin.random() < missed:
                    fate = "missed"
                fates[key].append(fate)
                _, _, data, length = content[SENDER[key[1]]][frame - 1]
                if behind_nat and arrived is not None:
                    data = content["server"][record.arrival["client", frame] - 1][2]
                if fate in (None, 1):
                    frames.append((time + self.BEFORE[key[1]], data, length))
        frames.sort(key=lambda f: f[0])
        begin = frames[0][0]
        with open(self.middle, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
            for time, data, length in frames:
                time += 100_000_000_000 + round((time - begin) * 80e-6)
                file.write(struct.pack("<IIII", time // 10**9, time % 10**9, len(data), length)
                           + data)
        return record, fates

    def run_legs(self, name, *options, order=("client", "middle", "server")):
        paths = {"client": path(name, "client"), "middle": self.middle,
                 "server": path(name, "server")}
        return json.loads(run("owd", *(paths[o] for o in order), "-f", "json", *options))

    def test_where_segments_were_lost(self):
        for name, missed in (("lossy", 0), ("many", 0), ("nat", 0), ("twopath", 0),
                             ("lossy", 0.05)):
            _, fates = self.make_middle(name, missed)
            for row in self.run_legs(name)["path"]:
                own = fates[row["tcp_stream"], row["direction"]]
                hop = self.LEGS[row["direction"]].index(row["leg"])
                here = [f for f in own if hop == 0 or f in (None, 1)]
                with self.subTest(capture=name, missed=missed, row=row):
                    self.assertEqual(row["entered"], len(here))
                    self.assertEqual(row["lost"], here.count(hop))
                    self.assertEqual(row["unknown"], here.count("missed"))
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
        """The truth lies within the error; the first leg takes the same time for all."""
        for mode in ("none", "offset", "skew"):
            record, fates = self.make_middle("twopath")
            for row in self.run_legs("twopath", "--clock", mode)["path"]:
                key = row["tcp_stream"], row["direction"]
                before = self.BEFORE[row["direction"]] / 1e9
                through = [(b - a) / 1e9 - before
                           for (a, b), f in zip(record.sent[key], fates[key]) if f is None]
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
        """The truth lies between the bounds with any clock; estimates add up to the whole."""
        for mode in ("none", "offset"):
            record, fates = self.make_middle("twopath")
            shares = {}
            for row in self.run_legs("twopath", "--clock", mode)["path"]:
                key = row["tcp_stream"], row["direction"]
                mean = statistics.mean(b - a for (a, b), f in zip(record.sent[key], fates[key])
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
        _, fates = self.make_middle("lossy")
        result = self.run_legs("lossy", order=("server", "middle", "client"))
        self.assertEqual(result["notes"], [])
        for row in result["path"]:
            own = fates[row["tcp_stream"], row["direction"]]
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
        self.assertLessEqual(max(map(len, text.splitlines())), 150)
        for part in ("1: client.pcapng\n2: middle.pcap\n3: server.pcapng", "Leg 1-2", "Leg 2-3",
                     "Whole path 1-3", "Where segments were lost"):
            self.assertIn(part, text)

    def test_wrong_calls(self):
        self.make_middle("lossy")
        captures = path("lossy", "client"), self.middle, path("lossy", "server")
        for status, message, arguments in (
                (2, "--packets wants two captures", (*captures, "--packets", "x")),
                (1, "is it one capture twice?", (*captures[:2], self.middle)),
                (1, "no connection is in both", (*captures[:2], path("many", "server"))),
                (1, "No such file", (*captures, "missing.pcap")),
                (1, "there is no connection 9", (*captures, "-c", "9"))):
            done = subprocess.run([COMMAND, "owd", *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (status, ""), arguments)
            self.assertIn(message, done.stderr)


class Text(unittest.TestCase):
    def test_width(self):
        for name in NAMES:
            text = run("owd", path(name, "client"), path(name, "server"), "--interval", "1")
            self.assertLessEqual(max(map(len, text.splitlines())), 150, name)
            for title in ("One-way delay", "Segments", "Variation", "By connection", "Over time"):
                self.assertIn("\n" + title, text)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
