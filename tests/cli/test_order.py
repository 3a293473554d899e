#!/usr/bin/python3
"""Files that are not in the order of time: the reports are those of the sorted file. And captures
whose clock leapt: segments keep the order of the file, and nothing is measured across the leap.

usage: test_order.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

CAPTURES = os.path.join(FOLDER, "..", "..", "captures")
REPORTS = ("summary", "connections", "subflows", "events", "reinjections", "rtt", "reordering",
           "limits", "interarrival", "series", "mib", "flows")
ETHERNET, MS, SECOND = 14, 10**6, 10**9


def capture(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def frames(path):
    """[time, number of the interface, bytes] of each frame, by time."""
    packets = list(pcapng.packets(path))
    names = sorted({packet[0] for packet in packets})
    return sorted(([time, names.index(name), data] for name, time, data, _ in packets),
                  key=lambda frame: frame[0])


def wire_length(data):
    """The bytes of a frame of IPv4 on the wire: the snaplen may have cut it."""
    return max(len(data), ETHERNET + struct.unpack_from("!H", data, ETHERNET + 2)[0])


def write(path, packets):
    """A pcap file of nanoseconds."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 262144, 1))
        for time, _, data in packets:
            file.write(struct.pack("<IIII", time // SECOND, time % SECOND, len(data),
                                   wire_length(data)) + data)


def shuffled(packets, width):
    """Each frame stands up to so many ns too late."""
    dice = random.Random(width)
    return sorted(packets, key=lambda frame: frame[0] + dice.randrange(width))


def pieces(packets, order):
    size = -(-len(packets) // len(order))
    return [frame for piece in order for frame in packets[piece * size:(piece + 1) * size]]


def by_interface(packets):
    return sorted(packets, key=lambda frame: frame[1])


def in_batches(packets):
    """As dumpcap writes: each interface is read every 100 ms, the higher number first."""
    return sorted(packets, key=lambda frame: (frame[0] // (100 * MS), -frame[1], frame[0]))


def everywhere(packets):
    order = list(packets)
    random.Random(1).shuffle(order)
    return order


VARIANTS = {
    "interfaces one after the other": by_interface,
    "the second interface first": lambda packets: sorted(packets, key=lambda frame: -frame[1]),
    "batches": in_batches,
    "within 5 ms": lambda packets: shuffled(packets, 5 * MS),
    "within 300 ms": lambda packets: shuffled(packets, 300 * MS),
    "two pieces": lambda packets: pieces(packets, (1, 0)),
    "five pieces": lambda packets: pieces(packets, (3, 0, 4, 1, 2)),
    "reversed": lambda packets: packets[::-1],
    "everywhere": everywhere,
}


def leapt(packets, *leaps):
    """The clock is set by some seconds before each of the frames (from 1)."""
    packets = [list(frame) for frame in packets]
    for first, seconds in leaps:
        for frame in packets[first - 1:]:
            frame[0] += round(seconds * SECOND)
    return packets


def run(*arguments, data=None):
    return subprocess.run([COMMAND, *arguments], check=True, input=data,
                          stdout=subprocess.PIPE).stdout


def report(name, path, *arguments):
    document = json.loads(run("report", name, "--format=json", path, *arguments))
    del document["capture"]
    return document


def renumbered(value, numbers, key=""):
    """A value of json with other frames. Sentences name none, and there is no tcp_stream: Wireshark
    numbers connections in the order of the file."""
    if isinstance(value, dict):
        return {name: renumbered(member, numbers, name) for name, member in value.items()
                if name != "tcp_stream"}
    if isinstance(value, list):
        members = [renumbered(member, numbers, key) for member in value]
        return sorted(members, key=str) if key == "problems" else members  # they go by frames
    if isinstance(value, str):
        return re.sub(r"frames? \d+( (and|to) \d+)*", "frame", value)
    is_frame = "frame" in key or key in ("acked", "peer") and not isinstance(value, bool)
    return numbers[value] if is_frame and value in numbers else value


def segments_of(packets):
    """What the TCP segments of IPv4 say: (time, to the server, SSN, payload bytes, mapping (DSN, SSN)
    or None, DATA_ACK or None). Numbers are as on the wire."""
    for time, _, data in packets:
        tcp = ETHERNET + (data[ETHERNET] & 15) * 4
        end = tcp + (data[tcp + 12] >> 4) * 4
        mapping = ack = None
        at = tcp + 20
        while at < min(end, len(data)) and data[at]:
            length = 1 if data[at] == 1 else data[at + 1]
            if data[at] == 30 and data[at + 2] >> 4 == 2:
                flags, field = data[at + 3], at + 4
                if flags & 1:
                    ack = int.from_bytes(data[field:field + (8 if flags & 2 else 4)], "big")
                    field += 8 if flags & 2 else 4
                if flags & 4:
                    size = 8 if flags & 8 else 4
                    mapping = (int.from_bytes(data[field:field + size], "big"),
                               int.from_bytes(data[field + size:field + size + 4], "big"))
            at += length
        ports = struct.unpack_from("!HHI", data, tcp)
        yield (time, ports[1] == 5001, data[ETHERNET + 12:ETHERNET + 20] + data[tcp:tcp + 4],
               ports[2], wire_length(data) - end, data[tcp + 13], mapping, ack)


def data_round_trips(packets):
    """The times, ns, from each segment of the server with data to the DATA_ACK that first covers it,
    by the definition: frames are taken as they come. No segment of the server came twice."""
    first, isn, open_data, samples, acked, late = None, {}, [], [], 0, 0
    for time, from_client, subflow, seq, length, flags, mapping, ack in segments_of(packets):
        if not from_client and flags & 2:
            isn[subflow] = seq
        elif not from_client and length > 0 and mapping:
            relative = (seq - isn[subflow] - mapping[1]) % 2**32
            dsn = (mapping[0] + relative) % 2**32
            first = dsn if first is None else first
            end = (dsn - first + 2**31 + length) % 2**32
            if end <= acked:
                late += 1
            else:
                open_data.append((end, time))
        elif from_client and ack is not None and first is not None:
            acked = max(acked, (ack - first + 2**31) % 2**32)
            samples += [time - sent for end, sent in open_data if end <= acked]
            open_data = [(end, sent) for end, sent in open_data if end > acked]
    return samples, late


class Order(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(self.folder.cleanup)
        self.path = os.path.join(self.folder.name, "x.pcap")
        self.sorted = os.path.join(self.folder.name, "sorted.pcap")

    def test_reports(self):
        for name in ("lossy", "handover", "twopath"):
            packets = frames(capture(name))
            write(self.sorted, packets)
            right = {kind: report(kind, self.sorted) for kind in REPORTS}
            for variant, order in VARIANTS.items():
                packets_of_file = order(packets)
                places = {id(frame): number for number, frame in enumerate(packets_of_file, 1)}
                numbers = {i: places[id(frame)] for i, frame in enumerate(packets, 1)}
                write(self.path, packets_of_file)
                for kind in REPORTS:
                    with self.subTest(capture=name, variant=variant, report=kind):
                        self.assertEqual(renumbered(report(kind, self.path), {}),
                                         renumbered(right[kind], numbers))

    def test_comparison(self):
        for name in ("lossy", "handover"):
            packets = frames(capture(name))
            write(self.sorted, packets)
            for variant, order in VARIANTS.items():
                write(self.path, order(packets))
                for command in ("owd", "clock", "reinjections"):
                    with self.subTest(capture=name, variant=variant, command=command):
                        found, right = (
                            renumbered(json.loads(run(command, "--format=json", path,
                                                      capture(name, "server"))), {}, "")
                            for path in (self.path, self.sorted))
                        self.assertEqual(self.without_names(found), self.without_names(right))

    def without_names(self, value):
        """Without the names of the files and the numbers of frames."""
        if isinstance(value, dict):
            return {key: self.without_names(member) for key, member in value.items()
                    if "frame" not in key and key not in ("a", "b", "A", "B", "captures")}
        return [self.without_names(member) for member in value] if isinstance(value, list) else value

    def test_same_from_a_pipe(self):
        write(self.path, by_interface(frames(capture("lossy"))))
        with open(self.path, "rb") as file:
            data = file.read()
        for kind in REPORTS:
            if kind != "series":  # of a pipe, its rows are written at once
                found = json.loads(run("report", kind, "--format=json", "-", data=data))
                del found["capture"]
                self.assertEqual(found, report(kind, self.path), kind)

    def test_round_trips_by_hand(self):
        """Of 150 segments of the server, each has a sample in the order of time. In the order of the
        shipped file, 30 stand after their DATA_ACK."""
        file_order = [[time, interface, data] for interface, time, data, _ in
                      pcapng.packets(capture("lossy"))]
        samples, late = data_round_trips(frames(capture("lossy")))
        self.assertEqual((len(samples), late), (150, 0))
        self.assertGreater(min(samples), 0)
        rank = sorted(samples)[-(-150 * 95 // 100) - 1]
        row = [row for row in report("rtt", capture("lossy"))["rows"]
               if row["level"] == "data" and row["direction"] == "s2c"][0]
        self.assertEqual((row["samples"], row["p95"]), (150, rank / SECOND))
        samples, late = data_round_trips(file_order)
        self.assertEqual((len(samples), late), (120, 30))

    def test_leaps(self):
        """What is counted does not change; what is measured is not across a leap."""
        packets = frames(capture("lossy"))
        write(self.sorted, packets)
        right = {kind: report(kind, self.sorted) for kind in REPORTS}
        for leaps in (((300, -3600),), ((300, 3600),), ((300, -0.5),), ((300, -0.2),),
                      ((300, -3600), (500, 3600)), ((200, 3600), (400, -3600), (600, -7200)),
                      ((5, -3600),), ((700, -2),)):
            write(self.path, leapt(packets, *leaps))
            with self.subTest(leaps=leaps):
                self.check_leap(right, leaps)

    def check_leap(self, right, leaps):
        found = {kind: report(kind, self.path) for kind in REPORTS}
        for kind in REPORTS:
            note, = found[kind]["notes"]
            self.assertRegex(note, f"^Times leap .* in frame {leaps[0][0]}[,:]")
        for kind in ("connections", "subflows"):
            for row, other in zip(found[kind]["rows"], right[kind]["rows"], strict=True):
                for side in ("c2s", "s2c"):
                    for column in ("segments", "bytes", "data_bytes", "retransmitted_bytes",
                                   "reinjected_bytes"):
                        self.assertEqual(row[side][column], other[side][column])
            self.assertIsNone(found["connections"]["rows"][0]["duration"])
        self.assertEqual(found["mib"]["rows"], right["mib"]["rows"])
        self.assertEqual([row["details"] for row in found["events"]["rows"]],
                         [row["details"] for row in right["events"]["rows"]])
        for row, other in zip(found["rtt"]["rows"], right["rtt"]["rows"], strict=True):
            self.assertEqual(row["samples"] + row["ambiguous"],
                             other["samples"] + other["ambiguous"])
            self.assertFalse(row["samples"] and not 0 < row["min"] <= row["max"] < 1)
        for row, other in zip(found["reordering"]["rows"], right["reordering"]["rows"],
                              strict=True):
            for column in ("segments", "reordered_segments", "held_segments", "held_bytes"):
                self.assertEqual(row[column], other[column])
            self.assertFalse(row["hold"]["max"] and not 0 < row["hold"]["max"] < 1)
            self.assertFalse(row["hold"]["min"] and row["hold"]["min"] < 0)
        self.check_series(found["series"]["rows"], right["series"]["rows"])

    def test_advance_across_leaps(self):
        """What a reinjection advanced counts on both sides of a leap of the receiver's clock. By how
        much is known within one side only."""
        for name, direction in (("handover", "s2c"), ("many", "c2s")):
            ends = {"c2s": ("client", "server"), "s2c": ("server", "client")}[direction]
            sender = capture(name, ends[0])
            packets = frames(capture(name, ends[1]))
            write(self.sorted, packets)
            right = self.advanced(sender, self.sorted, direction)
            self.assertGreater(right, 0)
            for first in range(20, len(packets), len(packets) // 7):
                for seconds in (-3600, 3600):
                    with self.subTest(capture=name, first=first, seconds=seconds):
                        write(self.path, leapt(packets, (first, seconds)))
                        self.assertEqual(self.advanced(sender, self.path, direction), right)

    def advanced(self, sender, receiver, direction):
        document = json.loads(run("reinjections", "--format=json", sender, receiver))
        rows = [row for row in document["rows"] if row["direction"] == direction]
        for row in rows:
            self.assertLess(abs(row["gain"] or 0), 5, row)
        return sum(row["advanced_bytes"] for row in rows)

    def check_series(self, rows, right):
        for column in ("segments", "bytes", "data_bytes", "retransmitted_bytes"):
            self.assertEqual(sum(row[column] for row in rows), sum(row[column] for row in right))
        self.assertEqual(max(row["in_flight_max"] or 0 for row in rows),
                         max(row["in_flight_max"] or 0 for row in right))
        self.assertFalse([row for row in rows if row["rtt"] and not 0 < row["rtt"] < 1])

    def test_no_leap_in_order(self):
        """Frames in another order are no leap, if their numbers agree with their times."""
        for name in ("lossy", "many"):
            packets = [frame for frame in frames(capture(name)) if frame[2][12:14] == b"\x08\0"]
            for variant, order in VARIANTS.items():
                with self.subTest(capture=name, variant=variant):
                    write(self.path, order(packets))
                    self.assertNotRegex(str(report("connections", self.path)["notes"]), "leap")


if __name__ == "__main__":
    COMMAND = sys.argv.pop(1)
    unittest.main()
