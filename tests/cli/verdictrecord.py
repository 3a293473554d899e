# SPDX-License-Identifier: GPL-2.0-or-later
"""The true verdicts on bytes that were sent again: what was sent is read from the captures' bytes,
independently of the program; the lab's record shows what arrived, and when."""
import bisect
import collections
import csv
import hashlib
import os
import struct

from labrecord import CAPTURES, path, pcapng

SIDES = {"c2s": "client", "s2c": "server"}
PORT = 5001  # the server's
SYN, RST = 2, 4
MPTCP, CAPABLE, JOIN, DSS = 30, 0, 1, 2


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
            self.replay([s for s in segments[side].values() if s.direction == direction],
                      self.read_acks(back, direction))

    @staticmethod
    def read(name, side):
        for frame, (_, time, data, _) in enumerate(pcapng.packets(path(name, side)), 1):
            if data[12:14] in (b"\x08\x00", b"\x86\xdd") and \
                    data[20 if data[12] == 0x86 else 23] == 6:
                yield Segment(frame, time, data)

    @staticmethod
    def read_acks(segments, direction):
        """(time, number) of each DATA_ACK of the data of a direction."""
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

    def replay(self, segments, acks):
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
