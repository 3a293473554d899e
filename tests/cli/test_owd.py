#!/usr/bin/python3
"""Variation, loss runs, round trips, intervals and data delays of two captures, computed again from
the lab's record of which packet is which.

usage: test_owd.py PATH_OF_MPTCPSCOPE [unittest options]

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
from labrecord import NS, OTHER, SENDER, owd, owd_of, path, percentile, record_of, rewritten, run

CASES = os.path.join(labrecord.HERE, "..", "cases")
NAMES = ("twopath", "lossy", "many", "nat", "handover", "ipv6")


def without_ip_id(source, target):
    """Copy a capture of IPv4 in which every IP ID is 0."""
    subprocess.run(["editcap", "-F", "nsecpcap", source, target], check=True)
    with open(target, "rb") as file:
        data = bytearray(file.read())
    at = 24
    while at < len(data):
        if data[at + 28:at + 30] == b"\x08\x00":
            data[at + 34:at + 36] = b"\0\0"
        at += 16 + struct.unpack_from("<I", data, at + 8)[0]
    with open(target, "wb") as file:
        file.write(data)


class Figures(unittest.TestCase):
    """Every figure, computed again by its definition."""

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


class OneDirection(unittest.TestCase):
    """Captures that have one direction only: the other direction is not lost."""

    def test_what_was_not_captured_is_not_lost(self):
        whole = owd_of("lossy")["rows"]
        for side, port, missing in (("client", "dst", "s2c"), ("server", "src", "c2s")):
            with tempfile.TemporaryDirectory() as folder:
                part = os.path.join(folder, side + ".pcapng")
                subprocess.run(["tshark", "-r", path("lossy", side), "-w", part, "-Y",
                                f"tcp.{port}port == 5001"], check=True,
                               stderr=subprocess.DEVNULL)
                files = {OTHER[side]: path("lossy", OTHER[side]), side: part}
                result = owd(files["client"], files["server"])
            for row, expected in zip(result["rows"], whole):
                if row["direction"] == missing:
                    self.assertEqual((row["lost"], row["received"]), (0, 0))
                    self.assertEqual(row["sent"], row["outside"] + row["uncaptured"])
                    self.assertIsNone(row["loss_ratio"])
                else:
                    self.assertEqual((row["lost"], row["matched"]),
                                     (expected["lost"], expected["matched"]))
            self.assertIn("one direction only of 2 TCP connections", " ".join(result["notes"]))

    def test_what_was_not_captured_when_sent(self):
        """A capture of only what its host received: what the host sent is unseen, and a note says
        why."""
        with tempfile.TemporaryDirectory() as folder:
            part = os.path.join(folder, "server.pcapng")
            subprocess.run(["tshark", "-r", path("lossy", "server"), "-w", part, "-Y",
                            "tcp.dstport == 5001"], check=True, stderr=subprocess.DEVNULL)
            result = owd(path("lossy", "client"), part)
        self.assertEqual([r["unseen"] == r["received"] > 0 for r in result["rows"]],
                         [False, True] * 2)
        self.assertEqual(result["notes"],
                         ["B's capture has one direction only of 2 TCP connections: the outcome "
                          "of the other is not known."])
        self.assertEqual(result["clock"]["reason"], "segments matched in one direction only")

    def test_answers_that_are_lost_are(self):
        """A client that gets no answer to its SYN acknowledges nothing."""
        with tempfile.TemporaryDirectory() as folder:
            parts = [os.path.join(folder, side) for side in OTHER]
            for side, part, kept in zip(OTHER, parts, ("tcp.flags.ack == 0", "tcp.flags.syn == 1")):
                subprocess.run(["tshark", "-r", path("lossy", side), "-w", part, "-Y",
                                f"tcp.stream == 0 && {kept}"], check=True,
                               stderr=subprocess.DEVNULL)
            there, back = owd(*parts)["rows"]
        self.assertEqual((there["matched"], there["lost"]), (1, 0))
        self.assertEqual((back["sent"], back["lost"], back["outside"]), (1, 1, 0))


class Incomplete(unittest.TestCase):
    """Captures that miss segments: what they lack is lost only if that is proved."""

    def check(self, row):
        """Sums, and bounds of the ratio."""
        self.assertEqual(row["sent"], sum(row[key] for key in (
            "matched", "lost", "ambiguous", "outside", "uncaptured", "undetermined")))
        known = row["matched"] + row["lost"] + row["undetermined"]
        if known:
            self.assertAlmostEqual(row["loss_ratio_low"], row["lost"] / known)
            self.assertAlmostEqual(row["loss_ratio_high"],
                                   (row["lost"] + row["undetermined"]) / known)
        self.assertEqual(row["loss_ratio"],
                         None if row["undetermined"] else row["loss_ratio_low"])

    def test_receiver_capture_drops(self):
        """tcpdump dropped 305 packets at one end and 1194 at the other. The kernel sent again all
        that was lost."""
        connect, listen = (os.path.join(CASES, "owd-receiver-capture-drops", name)
                           for name in ("connect.pcap.gz", "listen.pcap.gz"))
        for ends in ((connect, listen), (listen, connect)):
            result = owd(*ends, "--interval", "0.2")
            sums = {d: {key: sum(r[key] for r in result["rows"] if r["direction"] == d)
                        for key in ("lost", "undetermined", "uncaptured")} for d in SENDER}
            self.assertEqual(sums, {
                "c2s": {"lost": 0, "undetermined": 445, "uncaptured": 0},
                "s2c": {"lost": 374, "undetermined": 0, "uncaptured": 20}})
            for row in result["rows"] + result["connections"]:
                self.check(row)
            self.assertEqual(len([n for n in result["notes"] if "missed packets" in n]), 2)
            for row in result["intervals"]:
                self.assertEqual(row["sent"], row["matched"] + row["lost"] + row["unknown"])
            c2s = [r for r in result["intervals"] if r["direction"] == "c2s"]
            self.assertEqual(sum(r["lost"] for r in c2s), 0)
            self.assertEqual(sum(r["unknown"] for r in c2s), 445)
            self.assertEqual({r["loss_ratio"] for r in c2s if r["unknown"]}, {None})

    def test_any_segments_dropped(self):
        """A segment that was not lost is never called lost, whatever the capture misses."""
        drops = random.Random(1)
        for name in ("lossy", "tso", "twopath"):
            whole = {(r["tcp_stream"], r["direction"]): r for r in owd_of(name)["rows"]}
            for share in (0.02, 0.1, 0.4):
                with tempfile.TemporaryDirectory() as folder:
                    part = os.path.join(folder, "server.pcapng")
                    numbers = [str(n) for n in range(1, 800) if drops.random() < share]
                    subprocess.run(["editcap", path(name, "server"), part, *numbers[:400]],
                                   check=True)
                    result = owd(path(name, "client"), part)
                self.assertIn("B's capture missed packets", " ".join(result["notes"]))
                for row in result["rows"]:
                    self.check(row)
                    true = whole[row["tcp_stream"], row["direction"]]
                    with self.subTest(name=name, share=share, row=row):
                        self.assertLessEqual(row["lost"], true["lost"])
                        if row["direction"] == "c2s":
                            self.assertGreaterEqual(row["lost"] + row["undetermined"]
                                                    + row["ambiguous"], true["lost"])

    def test_near(self):
        """What the user says of A counts; it is noted where the delays contradict it."""
        found = owd_of("twopath")
        for near in ("client", "10.0.2.1"):
            self.assertEqual(owd_of("twopath", "--near", near), found)
        for near, where in (("server", "the server"), ("10.0.1.2", "10.0.1.2")):
            told = owd_of("twopath", "--near", near)
            self.assertIn(f"A was captured near {where}, as given; the delays of 1 of 1 connection "
                          "contradict that.", told["notes"])
            self.assertFalse([note for note in told["notes"] if "nearer the server" in note])
            self.assertNotEqual(told["rows"], found["rows"])
        exchanged = owd(path("twopath", "server"), path("twopath", "client"), "--near", "server")
        self.assertEqual(exchanged["rows"][0]["matched"], found["rows"][0]["matched"])
        self.assertFalse([note for note in exchanged["notes"] if "contradict" in note])
        self.assertIn("No connection has an end with the address 10.9.9.9; where A was captured is "
                      "found by the delays.", owd_of("twopath", "--near", "10.9.9.9")["notes"])

    def test_complete_captures(self):
        for name in NAMES:
            for row in owd_of(name)["rows"]:
                self.check(row)
                self.assertEqual(row["undetermined"], 0)

    def test_legs(self):
        """The capture in the middle misses segments that the last one has, or that were lost on
        either leg."""
        with tempfile.TemporaryDirectory() as folder:
            middle = os.path.join(folder, "middle.pcapng")
            subprocess.run(["editcap", path("lossy", "server"), middle,
                            *(str(n) for n in range(1, 700, 9))], check=True)
            shifted = os.path.join(folder, "last.pcapng")
            subprocess.run(["editcap", "-t", "0.001", path("lossy", "server"), shifted],
                           check=True)
            hops = owd(path("lossy", "client"), middle, shifted)["path"]
        first = [h for h in hops if h["leg"] == "1-2" and h["direction"] == "c2s"]
        self.assertTrue(any(h["loss_ratio"] is None for h in first))
        for hop in first:
            self.assertEqual(hop["entered"], hop["passed"] + hop["lost"] + hop["unknown"])
            self.assertLessEqual(hop["loss_ratio_low"], hop["loss_ratio_high"])


class Mirror(unittest.TestCase):
    """`owd A B` and `owd B A` say the same, with the numbers of the other capture."""
    KEYS = ("sent", "received", "matched", "lost", "unseen", "duplicated", "reordered",
            "ambiguous", "outside", "uncaptured", "undetermined", "split", "merged",
            "sent_bytes", "matched_bytes", "loss_ratio", "loss_runs")

    def part_of(self, source, chance, folder):
        """A part of a capture: its beginning, its end, its middle, some frames left out, other
        times, or all of it."""
        target = os.path.join(folder, str(chance.random()))
        count = 700
        low, high = sorted((chance.randrange(1, count), chance.randrange(1, count)))
        share = chance.choice((0.02, 0.1, 0.5))
        dropped = [str(n) for n in range(1, count) if chance.random() < share][:400]
        subprocess.run(["editcap", *chance.choice((
            ["-r", source, target, f"1-{high}"], ["-r", source, target, f"{low}-9999"],
            ["-r", source, target, f"{low}-{high}"], [source, target, *dropped],
            ["-t", "-3.5", source, target], [source, target]))], check=True,
                       stderr=subprocess.DEVNULL)
        return target

    def figures(self, result, of_b):
        """By the streams' numbers in both captures, and the direction."""
        streams = ("peer_tcp_stream", "tcp_stream") if of_b else ("tcp_stream", "peer_tcp_stream")
        return {(*(r[s] for s in streams), r["direction"]):
                ([r[key] for key in self.KEYS],
                 [None if r["owd"][key] is None else round(r["owd"][key] * 1e9)
                  for key in ("min", "mean", "max")]) for r in result["rows"]}

    def results(self, *files):
        """@return the results in both orders; None where they cannot be compared"""
        found = [subprocess.run([labrecord.COMMAND, "owd", "-f", "json", *order], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                 for order in (files, files[::-1])]
        self.assertEqual(found[0].returncode, found[1].returncode)
        return None if found[0].returncode else [json.loads(f.stdout) for f in found]

    def test_random_parts(self):
        chance, compared = random.Random(5), 0
        for name in NAMES + ("tso", "gro", "stripped", "fallback") * 2:
            with tempfile.TemporaryDirectory() as folder:
                files = [self.part_of(path(name, side), chance, folder) for side in OTHER]
                results = self.results(*files)
            if not results:
                continue
            told = [any("Nothing shows which capture" in n for n in r["notes"]) for r in results]
            self.assertEqual(told[0], told[1])
            if not told[0]:
                with self.subTest(name=name):
                    self.assertEqual(self.figures(results[0], False),
                                     self.figures(results[1], True))
                    compared += 1
        self.assertGreater(compared, 8)

    def test_whole_captures(self):
        for name in NAMES:
            given, swapped = self.results(path(name, "client"), path(name, "server"))
            self.assertEqual(self.figures(given, False), self.figures(swapped, True))


class Data(unittest.TestCase):
    """Delays of data, byte by byte: by tshark's fields, each byte's times kept in a table."""

    FIELDS = ("frame.time_epoch", "tcp.dstport", "tcp.len", "tcp.seq",
              "tcp.options.mptcp.subflowseqno", "tcp.options.mptcp.rawdataseqno")

    def times(self, name, side):
        """By direction and data sequence number of a byte: when it was first captured, and in which
        segment. Each segment of these captures has a mapping, except the first data, which is on
        MP_CAPABLE."""
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
        """By the record: a segment counts at the time at which it left or reached the client."""
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

    def test_what_is_ambiguous_counts_as_unknown(self):
        """Without IP IDs, some copies cannot be result apart."""
        ambiguous = 0
        for name in ("limitrate", "many", "tso"):
            with tempfile.TemporaryDirectory() as folder:
                files = [os.path.join(folder, side + ".pcap") for side in OTHER]
                for side, file in zip(OTHER, files):
                    without_ip_id(path(name, side), file)
                result = owd(*files, "--interval", "0.1")
            for row in result["intervals"]:
                self.assertEqual(row["sent"], row["matched"] + row["lost"] + row["unknown"])
            for row in result["rows"]:
                own = [r for r in result["intervals"]
                       if (r["connection"], r["subflow"], r["direction"])
                       == (row["connection"], row["subflow"], row["direction"])]
                lost, unknown = (sum(r[key] for r in own) for key in ("lost", "unknown"))
                self.assertLessEqual(lost, row["lost"])
                self.assertEqual(lost + unknown, row["sent"] - row["matched"])
                self.assertEqual(row["loss_runs"]["count"] is None,
                                 row["ambiguous"] > 0 or row["sent"] == 0)
                ambiguous += row["ambiguous"]
        self.assertGreater(ambiguous, 3)

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
                                       (("--interval", "100"), "start", 31)):  # one has nothing
            text = run("owd", path("many", "client"), path("many", "server"), "-f", "csv",
                       *options)
            rows = list(csv.DictReader(io.StringIO(text)))
            self.assertIn(column, rows[0])
            self.assertEqual(len(rows), count)

    def test_hostile_times_and_lengths(self):
        """The number of rows is bounded by the number of segments, not by time / length."""
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


class Text(unittest.TestCase):
    TITLES = ("Subflows", "One-way delay", "Segments", "Loss", "Delay variation",
              "Delay relative to the fastest subflow", "By connection", "Data arrival: ",
              "Data delivery: ", "Over time")

    def test_width(self):
        for name in NAMES:
            text = run("owd", path(name, "client"), path(name, "server"), "--interval", "1")
            self.assertLessEqual(max(map(len, text.splitlines())), 120, name)
            self.assertRegex(text, r"Client > server +Split +Merged ")
            for title in self.TITLES:
                self.assertIn("\n" + title, text)

    def test_figures_are_those_of_json(self):
        """The tables show the rows' counts, bounds of delays, round trips and their errors."""
        for name in ("lossy", "tso"):
            files = path(name, "client"), path(name, "server")
            text, result = run("owd", *files), owd(*files)
            for row in result["rows"]:
                start = [row["connection"], row["subflow"], row["tcp_stream"], row["direction"]]
                counts = [row[key] for key in (
                    "sent", "received", "matched", "lost", "unseen", "duplicated", "reordered",
                    "ambiguous", "outside", "uncaptured", "undetermined")]
                payload = [row[key] for key in ("split", "merged", "sent_bytes", "matched_bytes")]
                delay = [f"{1e3 * value:.3f}" for value in row["owd"].values()]
                trips = [f"{1e3 * row['rtt'][key]:.3f}" for key in ("min", "median", "p95", "error")]
                for line in (start + counts, start + [row["matched"]] + delay):
                    self.assertRegex(text, "\n +" + " +".join(map(str, line)) + "\n")
                self.assertRegex(text, "\n +" + " +".join(map(str, start)) + ".* "
                                 + " +".join(trips) + "\n")
                self.assertRegex(text, " ".join([f":{row['server_port']}", *map(" *{}".format,
                                                                               payload)]) + "\n")
            self.assertEqual(sum(row["split"] + row["merged"] for row in result["rows"]) > 0,
                             name == "tso")


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
