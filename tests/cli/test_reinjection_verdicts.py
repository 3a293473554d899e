#!/usr/bin/python3
"""The verdicts on bytes that were sent again, by the captures of both ends, compared with the lab's
record of which packet is which. This test reads what was sent from the captures' bytes,
independently of the program.

usage: test_reinjection_verdicts.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import bisect
import collections
import csv
import hashlib
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import labrecord
from labrecord import CAPTURES, path, pcapng, run

NAMES = ("many", "handover", "checksum", "gso", "lossy", "nat", "limitrate", "twopath", "ipv6",
         "fallback", "stripped")
SIDES = {"c2s": "client", "s2c": "server"}
PORT = 5001  # the server's
SYN, RST = 2, 4
MPTCP, CAPABLE, JOIN, DSS = 30, 0, 1, 2


def verdicts_of(name, swapped=False):
    sides = ("server", "client") if swapped else ("client", "server")
    return json.loads(run("reinjections", *(path(name, s) for s in sides), "-f", "json"))


def ns(text):
    return int(text.replace(".", ""))


def idsn_of(key):
    return struct.unpack("!Q", hashlib.sha256(key).digest()[-8:])[0]


class Segment:
    """A TCP segment, read from its bytes in the capture."""

    def __init__(self, frame, time, data):
        self.frame, self.time = frame, time
        if data[12:14] == b"\x86\xdd":
            total, tcp = 40 + struct.unpack_from("!H", data, 18)[0], 54
            hosts = data[22:38], data[38:54]
        else:
            total, tcp = struct.unpack_from("!H", data, 16)[0], 14 + 4 * (data[14] & 15)
            hosts = data[26:30], data[30:34]
        ports = struct.unpack_from("!HH", data, tcp)
        self.flow = hosts + ports
        self.direction = "c2s" if ports[1] == PORT else "s2c"
        self.seq = struct.unpack_from("!I", data, tcp + 4)[0]
        header = 4 * (data[tcp + 12] >> 4)
        self.flags = data[tcp + 13]
        self.length = 14 + total - tcp - header
        self.options = list(self.read_options(data[tcp + 20:tcp + header]))

    @staticmethod
    def read_options(raw):
        at = 0
        while at < len(raw) and raw[at] != 0:
            length = 1 if raw[at] == 1 else raw[at + 1]
            if raw[at] == MPTCP:
                yield raw[at:at + length]
            at += length

    def mapping(self):
        """(relative SSN, DSN, length) that the segment carries, or None."""
        for raw in self.options:
            if raw[2] >> 4 == CAPABLE and len(raw) >= 22 and self.length:
                length = struct.unpack_from("!H", raw, 20)[0]
                return 1, idsn_of(raw[4:12]) + 1, length
            if raw[2] >> 4 == DSS and raw[3] & 4:
                at = 4 + (raw[3] & 1) * (8 if raw[3] & 2 else 4)
                assert raw[3] & 8  # Linux sends all 64 bits
                dsn, ssn, length = struct.unpack_from("!QIH", raw, at)
                return ssn, dsn, length - (raw[3] >> 4 & 1)
        return None


    def data_ack(self, idsn):
        """What its DATA_ACK acknowledges, or None. @param idsn  where its numbers start"""
        for raw in self.options:
            if raw[2] >> 4 == DSS and raw[3] & 1:
                if raw[3] & 2:
                    return struct.unpack_from("!Q", raw, 4)[0]
                return idsn + (struct.unpack_from("!I", raw, 4)[0] - idsn & 0xffffffff)
        return None

    def ends(self):
        """The TCP connection, in either direction."""
        return frozenset((self.flow[0::2], self.flow[1::2]))


class NumberSpace:
    """A number space: the segments that sent each range of it, in their order."""

    def __init__(self):
        self.ranges = []  # (start, end, senders in their order), ascending

    def add(self, start, end, sender):
        """@return the ranges of it, each with those that sent it before"""
        first = bisect.bisect_left(self.ranges, start, key=lambda s: s[1] - 1)
        last, before, at = first, [], start
        while last < len(self.ranges) and self.ranges[last][0] < end:
            low, high, senders = self.ranges[last]
            before.append((at, max(at, low), ()))
            at = min(high, end)
            before.append((max(start, low), at, senders))
            last += 1
        before = [s for s in before + [(at, end, ())] if s[1] > s[0]]
        put = [(low, high, senders + (sender,)) for low, high, senders in before]
        if last > first and self.ranges[first][0] < start:
            put.insert(0, (self.ranges[first][0], start, self.ranges[first][2]))
        if last > first and self.ranges[last - 1][1] > end:
            put.append((end, self.ranges[last - 1][1], self.ranges[last - 1][2]))
        self.ranges[first:last] = put
        return before


class Truth:
    """What was sent twice in one capture, and the verdict on it, by the record."""

    def __init__(self, name):
        self.reinjected = {}     # (direction, frame): Counter of bytes by verdict
        self.retransmitted = {}  # the same
        self.gains = collections.defaultdict(set)
        self.advanced = collections.Counter()
        segments = {side: {s.frame: s for s in self.read(name, side)} for side in SIDES.values()}
        self.arrivals = {}
        with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                sender = SIDES[row["direction"]]
                receiver = "server" if sender == "client" else "client"
                if row["copy"] == "0":
                    self.arrivals[row["direction"], int(row[sender + "_frame"])] = \
                        segments[receiver][int(row[receiver + "_frame"])].time
        for direction, side in SIDES.items():
            back = list(segments["server" if side == "client" else "client"].values())
            self.walk([s for s in segments[side].values() if s.direction == direction],
                      self.read_acks(back, direction))

    @staticmethod
    def read(name, side):
        for frame, (_, time, data, _) in enumerate(pcapng.packets(path(name, side)), 1):
            if data[12:14] in (b"\x08\x00", b"\x86\xdd") and \
                    data[20 if data[12] == 0x86 else 23] == 6:
                yield Segment(frame, time, data)

    @staticmethod
    def read_acks(segments, direction):
        """(time, number) of each DATA_ACK of what goes in a direction."""
        keys, acks = {}, []  # of both ends by TCP connection
        for segment in segments:
            for raw in segment.options:
                if raw[2] >> 4 == CAPABLE and len(raw) >= 20:
                    keys[segment.ends()] = {"c2s": raw[4:12], "s2c": raw[12:20]}
        tokens = {hashlib.sha256(pair["s2c"]).digest()[:4]: pair for pair in keys.values()}
        for segment in segments:
            for raw in segment.options:
                if raw[2] >> 4 == JOIN and segment.flags & SYN and len(raw) == 12:
                    keys[segment.ends()] = tokens[raw[4:8]]
        for segment in segments:
            if segment.direction != direction and segment.ends() in keys:
                ack = segment.data_ack(idsn_of(keys[segment.ends()][direction]))
                acks += [(segment.time, ack)] if ack is not None else []
        return acks

    def walk(self, segments, acks):
        isn = {s.flow: s.seq for s in segments if s.flags & SYN}
        maps = {(s.flow, *s.mapping()) for s in segments if s.mapping()}
        by_flow = collections.defaultdict(list)
        for flow, ssn, dsn, length in sorted(maps):
            by_flow[flow].append((ssn, ssn + length, dsn))
        # 64-bit DSNs of different connections do not collide.
        flows, data = collections.defaultdict(NumberSpace), NumberSpace()
        for segment in sorted(segments, key=lambda s: (s.time, s.frame)):
            if segment.length == 0 or segment.flags & (SYN | RST):
                continue
            start = segment.seq - isn[segment.flow] & 0xffffffff
            for low, high, before in flows[segment.flow].add(start, start + segment.length,
                                                             segment):
                if before:
                    self.note_retransmitted(segment, high - low, before)
                for first, last, dsn in by_flow[segment.flow]:
                    cut = max(low, first), min(high, last)
                    if cut[0] >= cut[1]:
                        continue
                    for one in data.add(dsn + cut[0] - first, dsn + cut[1] - first,
                                        (segment, bool(before))):
                        if one[2] and not before:
                            self.note_reinjected(segment, one[1] - one[0],
                                                 [sender for sender, _ in one[2]])
        self.note_gains(data, acks)

    def arrival(self, segment):
        return self.arrivals.get((segment.direction, segment.frame))

    def first(self, before):
        return min((self.arrival(s) for s in before if self.arrival(s)), default=None)

    def note_retransmitted(self, segment, length, before):
        found = self.retransmitted.setdefault((segment.direction, segment.frame),
                                              collections.Counter())
        first = self.first(before)
        found["length"] += length
        found["needed" if first is None else "spurious"] += length
        if self.arrival(segment) is None:
            found["lost"] += length
        if first is not None and first < segment.time:
            found["early"] += length

    def note_reinjected(self, segment, length, before):
        found = self.reinjected.setdefault((segment.direction, segment.frame),
                                           collections.Counter())
        first, own = self.first(before), self.arrival(segment)
        found["length"] += length
        found["lost" if own is None else
              "useful" if first is None or own < first else "redundant"] += length
        if first is not None and first < segment.time and (own is None or own >= first):
            found["spurious"] += length
        if own is not None and first is not None and own >= first:
            self.gains[segment.direction, segment.frame].add(first - own)

    def note_gains(self, data, acks):
        """For bytes that a reinjection brought first: the time until they came again, and how many
        the receiver acknowledged by then (numbers of other connections are far away)."""
        for low, high, senders in data.ranges:
            came = sorted((self.arrival(s), i) for i, (s, _) in enumerate(senders)
                          if self.arrival(s))
            if not came or came[0][1] == 0 or senders[came[0][1]][1]:
                continue  # the first that was sent, or a retransmission on the subflow
            first = senders[came[0][1]][0]
            again = came[1][0] if len(came) > 1 else float("inf")
            self.advanced[first.direction, first.frame] += max(
                (min(ack, high) - low for time, ack in acks
                 if time < again and 0 < ack - low < 1 << 40), default=0)
            if len(came) > 1:
                self.gains[first.direction, first.frame].add(again - came[0][0])


TRUTHS = {}


def truth(name):
    if name not in TRUTHS:
        TRUTHS[name] = Truth(name)
    return TRUTHS[name]


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
                ("there are: reinjections, pairs", "reinjections", *files, "--table", "rows"),
                ("owd does not take --table", "owd", *files, "--table", "pairs")):
            done = subprocess.run([labrecord.COMMAND, *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
