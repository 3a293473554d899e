#!/usr/bin/python3
"""Captures that show segments more than once: each counts once, and what the network duplicated
counts as often as it came.

The captures are made of shipped ones: what a capture of several interfaces, or of both ends, would
hold is written to a pcap file, which has no interfaces, or to a pcapng file.

usage: test_copies.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import unittest

FOLDER = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(FOLDER, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

CAPTURES = os.path.join(FOLDER, "..", "..", "captures")
ETHERNET = 14
MS = 1000000


def frames(path):
    """(time, bytes) of each frame, by time."""
    return sorted(((time, data) for _, time, data, _ in pcapng.packets(path)),
                  key=lambda frame: frame[0])


def length_of(data):
    """The bytes of a frame on the wire: the snaplen may have cut it."""
    if data[ETHERNET] >> 4 == 4:
        return max(len(data), ETHERNET + struct.unpack_from("!H", data, ETHERNET + 2)[0])
    return max(len(data), ETHERNET + 40 + struct.unpack_from("!H", data, ETHERNET + 4)[0])


def write(path, captured):
    """Write (time, bytes) as pcap, by time."""
    write_in_order(path, sorted(captured, key=lambda frame: frame[0]))


def write_in_order(path, captured):
    write_pcap(path, 1, ((time, data, length_of(data)) for time, data in captured))


def write_cooked(path, captured):
    """Write (time, bytes, way) as a capture on "any" (Linux cooked v1), in this order."""
    write_pcap(path, 113, ((time, cooked(data, way), length_of(data) + 2)
                           for time, data, way in captured))


def write_pcap(path, link_type, captured):
    """@param captured  (time, bytes, bytes on the wire)"""
    with open(path, "wb") as file:
        file.write(struct.pack("=IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link_type))
        for time, data, length in captured:
            file.write(struct.pack("=IIII", time // 10**9, time % 10**9, len(data), length))
            file.write(data)


def write_sections(path, captures):
    """Write captures as pcapng, each from an interface of its own, by time."""
    merged = sorted(((time, number, data) for number, captured in enumerate(captures)
                     for time, data in captured), key=lambda frame: frame[0])
    with open(path, "wb") as file:
        file.write(pcapng.block(pcapng.SECTION_HEADER,
                                struct.pack("=IHHq", pcapng.BYTE_ORDER_MAGIC, 1, 0, -1)))
        for _ in captures:
            file.write(pcapng.block(pcapng.INTERFACE, struct.pack("=HHI", 1, 0, 0) +
                                    pcapng.option_list([(pcapng.IF_TSRESOL, b"\x09")])))
        for time, number, data in merged:
            padding = bytes(-len(data) % 4)
            file.write(pcapng.block(pcapng.ENHANCED_PACKET, struct.pack(
                "=IIIII", number, time >> 32, time & 0xFFFFFFFF, len(data), length_of(data)) +
                data + padding))


def from_client(data):
    """The shipped captures' servers have a low port."""
    tcp = ETHERNET + (data[ETHERNET] & 15) * 4
    source, destination = struct.unpack_from("!HH", data, tcp)
    return source > destination


IN, BETWEEN_OTHERS, OUT = 0, 3, 4


def cooked(data, way):
    return struct.pack("!HHH", way, 1, 6) + data[6:12] + bytes(2) + data[12:]


def ipv4_length(data):
    return struct.unpack_from("!H", data, ETHERNET + 2)[0]


def pieces(data, size):
    """A super-segment (IPv4) as the segments of a network card: their IP IDs follow."""
    ip_size = (data[ETHERNET] & 15) * 4
    tcp = ETHERNET + ip_size
    headers = ip_size + (data[tcp + 12] >> 4) * 4
    payload = ipv4_length(data) - headers
    for at in range(0, max(payload, 1), size):
        piece = bytearray(data[:ETHERNET + headers])
        struct.pack_into("!H", piece, ETHERNET + 2, headers + min(size, payload - at))
        ip_id, = struct.unpack_from("!H", data, ETHERNET + 4)
        struct.pack_into("!H", piece, ETHERNET + 4, (ip_id + at // size) & 0xFFFF)
        seq, = struct.unpack_from("!I", data, tcp + 4)
        struct.pack_into("!I", piece, tcp + 4, (seq + at) & 0xFFFFFFFF)
        yield bytes(piece)


def in_bursts(captured, span):
    """As dumpcap writes several interfaces: what each captured in a while, one after the other.
    @param captured  list of (time, bytes) of each interface"""
    first = min(frames_[0][0] for frames_ in captured)
    last = max(frames_[-1][0] for frames_ in captured)
    return [frame for begin in range(first, last + 1, span) for frames_ in captured
            for frame in frames_ if begin <= frame[0] < begin + span]


def routed(data, nat):
    """As a router sends it on: TTL less one, and at the server's side another client's address."""
    changed = bytearray(data)
    changed[ETHERNET + 8] -= 1
    return natted(bytes(changed)) if nat else bytes(changed)


def natted(data):
    changed = bytearray(data)
    at = ETHERNET + (12 if from_client(data) else 16)
    changed[at:at + 4] = bytes([192, 0, 2, 1])
    return bytes(changed)


def through_router(captured, lag, nat=False, behind=0):
    """What is sent on both sides of a router, or both ends of a path with a router, merged.
    @param lag     ns from one side to the other
    @param behind  of the clock at the server's side, ns"""
    both = []
    for time, data in captured:
        if from_client(data):
            both += [(time, data), (time + lag - behind, routed(data, nat))]
        else:
            both += [(time, routed(data, False)),
                     (time - lag - behind, natted(data) if nat else data)]
    return both


class Copies(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def report(self, name, path):
        return json.loads(subprocess.run([COMMAND, "report", name, "--format=json", path],
                                         check=True, stdout=subprocess.PIPE).stdout)

    def document(self, name, captured, writer=write):
        path = os.path.join(self.folder.name, "capture")
        writer(path, captured)
        return self.report(name, path)

    def figures(self, document):
        return [(row["connection"], row["subflow"], row["client"], row["state"],
                 *(row[way][key] for way in ("c2s", "s2c") for key in
                   ("segments", "bytes", "data_bytes", "retransmitted_bytes", "reinjected_bytes")))
                for row in document["rows"]]

    def bytes_of(self, captured, writer=write):
        """All figures but the numbers of segments."""
        return [row[:4] + row[5:9] + row[10:]
                for row in self.figures(self.document("subflows", captured, writer))]

    def assert_copies(self, captured, variant, writer=write, repeated=True):
        expected = self.document("subflows", captured)
        found = self.document("subflows", variant, writer)
        self.assertEqual(self.figures(found), self.figures(expected))
        self.assertEqual(any("more than once" in note for note in found["notes"]), repeated)
        return expected["rows"], found["rows"]

    def both(self):
        for name in ("twopath", "lossy"):
            yield frames(os.path.join(CAPTURES, name, "client.pcapng"))

    def test_any_number_of_copies(self):
        """Nothing tells the places apart: nearly all segments come again."""
        for captured in self.both():
            for copies in (2, 3, 4):
                self.assert_copies(captured, [(time + 20000 * copy, data) for time, data in captured
                                              for copy in range(copies)])

    def test_one_direction(self):
        for captured in self.both():
            for client in (True, False):
                self.assert_copies(captured, captured + [
                    (time + 20000, data) for time, data in captured
                    if from_client(data) == client])

    def test_some_copies_are_missing(self):
        dice = random.Random(1)
        for captured in self.both():
            self.assert_copies(captured, captured + [
                (time + 20000, data) for time, data in captured if dice.random() < 0.95])

    def test_router(self):
        """The figures, the addresses and the times are those of the client's side."""
        for captured in self.both():
            for nat in (False, True):
                expected, found = self.assert_copies(captured,
                                                     through_router(captured, 20000, nat))
                self.assertEqual([row["handshake_rtt"] for row in found],
                                 [row["handshake_rtt"] for row in expected])

    def test_both_ends(self):
        """RTTs are those of the client's end, 5 ms from the server's."""
        for captured in self.both():
            expected = self.document("rtt", captured)
            self.assert_copies(captured, through_router(captured, 5 * MS))
            found = self.document("rtt", through_router(captured, 5 * MS))
            for key in ("samples", "ambiguous", "min", "max", "mean"):
                self.assertEqual([row[key] for row in found["rows"][::2]],
                                 [row[key] for row in expected["rows"][::2]], key)

    def test_clock_behind(self):
        """The server's end shows all first: so it counts, and RTTs are 10 ms less than at the
        client's."""
        for captured in self.both():
            variant = through_router(captured, 5 * MS, behind=200 * MS)
            self.assert_copies(captured, variant)
            expected, found = (self.document("rtt", frames_)["rows"][0]
                               for frames_ in (captured, variant))
            for key in ("min", "median", "max"):
                self.assertAlmostEqual(found[key], expected[key] - 0.01, 9)

    def test_interfaces(self):
        """A bridge: what one interface received, the other one sent."""
        for captured in self.both():
            other = [(time + (3000 if from_client(data) else -3000), data)
                     for time, data in captured]
            self.assert_copies(captured, [captured, other], write_sections)

    def test_bridge_on_any_interface(self):
        """Of three sights on "any" two have nothing that tells them apart; the frames are not quite
        in the order of time."""
        for captured in self.both():
            expected = self.document("subflows", captured)
            found = self.document("subflows", [
                sight for time, data in captured
                for sight in ((time, data, BETWEEN_OTHERS), (time + 9000, data, OUT),
                              (time, data, BETWEEN_OTHERS))], write_cooked)
            self.assertEqual(self.figures(found), self.figures(expected))
            self.assertEqual(len(found["notes"]), 1)

    def test_vlan_on_any_interface(self):
        """A host's capture: everything comes by the parent and the VLAN."""
        for captured in self.both():
            expected = self.document("subflows", captured)
            found = self.document("subflows", [
                (time + lag, data, OUT if from_client(data) else IN)
                for time, data in captured for lag in (0, 4000)], write_cooked)
            self.assertEqual(self.figures(found), self.figures(expected))

    def test_network_duplicates_on_any_interface(self):
        """What the network duplicated comes by both interfaces twice, once it is known how often
        segments come."""
        dice = random.Random(3)
        for captured in self.both():
            sent, seen = list(captured), {}
            for time, data in captured:
                flow = data[ETHERNET + 12:ETHERNET + 20]
                seen[flow] = seen.get(flow, 0) + 1
                if seen[flow] > 20 and dice.random() < 0.05:
                    sent.append((time + 20000, data))
            sent.sort()
            found = self.document("subflows", sorted(
                (time + lag, data, OUT if from_client(data) else IN)
                for time, data in sent for lag in (0, 4000)), write_cooked)
            self.assertEqual(self.figures(found), self.figures(self.document("subflows", sent)))

    def test_offload_on_any_interface(self):
        """A bridge gets super-segments, its port cuts them; or the other way round. What the network
        card sends is as many bytes as the host sent."""
        captured = frames(os.path.join(CAPTURES, "tso", "client.pcapng"))
        for above_first in (True, False):
            variant = []
            for time, data in captured:
                below = [(time + 2000 * above_first, piece) for piece in pieces(data, 1200)]
                above = [(time + 2000 * (not above_first), data)]
                for at, sight in above + below if above_first else below + above:
                    variant.append((at, sight, OUT if from_client(data) else IN))
            self.assertEqual(self.bytes_of(variant, write_cooked), self.bytes_of(captured))

    def test_offload_between_ends(self):
        """Both ends, merged without their interfaces: the server's end got pieces."""
        captured = frames(os.path.join(CAPTURES, "tso", "client.pcapng"))
        variant = list(captured)
        for time, data in captured:
            lag = 7 * MS if from_client(data) else -7 * MS
            variant += [(time + lag, piece) for piece in pieces(data, 1200)]
        found, expected = self.bytes_of(variant), self.bytes_of(captured)
        for row, other in zip(found, expected, strict=True):
            self.assertEqual(row[4] + row[6] + row[8] + row[10],
                             other[4] + other[6] + other[8] + other[10])

    def test_both_ends_without_ip_id(self):
        """IPv6: the timestamps alone tell, although queues make the way longer all the time."""
        captured = frames(os.path.join(CAPTURES, "ipv6", "client.pcapng"))
        first, last = captured[0][0], captured[-1][0]
        variant = list(captured)
        for time, data in captured:
            lag = 5 * MS + 80 * MS * (time - first) // (last - first)
            variant.append((time + lag if from_client(data) else time - 5 * MS, data))
        self.assertEqual(self.bytes_of(variant), self.bytes_of(captured))

    def test_bursts(self):
        """A capture of two interfaces, merged with itself: all in one file twice, in bursts."""
        for captured in self.both():
            expected = self.figures(self.document("subflows", captured))
            found = self.document("subflows", in_bursts([captured, captured], 240 * MS),
                                  write_in_order)
            self.assertEqual(self.figures(found), expected)

    def test_addresses_in_bursts(self):
        """dumpcap wrote first what a router sent to the server. Still the client has its own
        addresses, and no time is from one place to another."""
        for captured in self.both():
            inside = [(time, data if from_client(data) else routed(data, False))
                      for time, data in captured]
            outside = [(time + 5 * MS, routed(data, True)) if from_client(data) else
                       (time - 5 * MS, natted(data)) for time, data in captured]
            expected = self.document("rtt", captured)["rows"]
            for span in (240 * MS, 1000 * MS):
                variant = in_bursts([outside, inside], span)
                rows = self.document("subflows", variant, write_in_order)["rows"]
                self.assertEqual({row["client"] for row in rows}, {
                    row["client"] for row in self.document("subflows", captured)["rows"]})
                for row, other in zip(self.document("rtt", variant, write_in_order)["rows"],
                                      expected):
                    if row["subflow"] is None:
                        continue
                    if row["direction"] == "s2c" and row["samples"]:
                        self.assertIn(round((row["median"] - other["median"]) * 1e3), (0, 10))
                        self.assertIn(round((row["min"] - other["min"]) * 1e3), (0, 10))
                    if row["handshake_rtt"] is not None:
                        self.assertAlmostEqual(row["handshake_rtt"], other["handshake_rtt"], 6)

    def test_capture_on_the_server(self):
        """By TTL the client is behind a router, the server is not. So the sights nearest to it
        count: those of the interface above."""
        lag = MS // 5
        for name in ("twopath", "lossy"):
            near = [(time, routed(data, False) if from_client(data) else data) for time, data in
                    frames(os.path.join(CAPTURES, name, "server.pcapng"))]
            far = [(time - lag if from_client(data) else time + lag, data) for time, data in near]
            expected = self.document("rtt", near)["rows"]
            found = self.document("rtt", [far, near], write_sections)["rows"]
            for row, other in zip(found, expected, strict=True):
                self.assertEqual([row[key] for key in ("samples", "min", "max")],
                                 [other[key] for key in ("samples", "min", "max")])

    def test_cut_at_one_place(self):
        """The snaplen cuts the options below a tunnel, but not above."""
        for captured in self.both():
            cut = [(time + 3000, data[:ETHERNET + 46]) for time, data in captured]
            expected = self.document("subflows", captured)
            found = self.document("subflows", [captured, cut], write_sections)
            self.assertEqual(self.figures(found), self.figures(expected))

    def test_one_way_of_a_bridge(self):
        """All that a filter lets pass goes out. A bridge sends what it forwards, too: nothing tells
        that the capture was made on the client."""
        for captured in self.both():
            out = [(time, data, OUT) for time, data in captured if from_client(data)]
            for row in self.document("limits", out, write_cooked)["rows"]:
                self.assertIsNone(row["near"])
            both = [(time, data, OUT if from_client(data) else IN) for time, data in captured]
            self.assertEqual({(row["direction"], row["near"]) for row in
                              self.document("limits", both, write_cooked)["rows"]},
                             {("c2s", "sender"), ("s2c", "receiver")})

    def test_network_duplicates(self):
        """They came by one interface: each counts, as the kernel counts it."""
        dice = random.Random(2)
        for captured in self.both():
            for share in (0.01, 0.05, 0.3):
                variant = captured + [(time + 20000, data) for time, data in captured
                                      if dice.random() < share]
                rows = self.document("connections", variant)
                self.assertEqual(sum(row[way]["segments"] for row in rows["rows"]
                                     for way in ("c2s", "s2c")), len(variant))
                self.assertEqual(rows["notes"], [])

    def test_one_direction_by_one_interface(self):
        """A network may duplicate all of one direction."""
        for captured in self.both():
            variant = captured + [(time + 20000, data) for time, data in captured
                                  if from_client(data)]
            rows = self.document("connections", [variant], write_sections)
            self.assertEqual(sum(row[way]["segments"] for row in rows["rows"]
                                 for way in ("c2s", "s2c")), len(variant))
            self.assertEqual(rows["notes"], [])

    def test_merged_ends(self):
        """Both real captures of a path with loss and offload: what one end did not see, the other
        one did."""
        for name in ("lossy", "gro", "ipv6"):
            ends = [frames(os.path.join(CAPTURES, name, end + ".pcapng"))
                    for end in ("client", "server")]
            client, server = ({way: sum(row[way]["retransmitted_bytes"] for row in
                                        self.document("connections", end)["rows"])
                               for way in ("c2s", "s2c")} for end in ends)
            merged = self.document("connections", ends, write_sections)["rows"]
            for row, whole in zip(merged, self.document("connections", ends[0])["rows"]):
                for way in ("c2s", "s2c"):
                    self.assertEqual(row[way]["data_bytes"], whole[way]["data_bytes"])
            for way in ("c2s", "s2c"):
                found = sum(row[way]["retransmitted_bytes"] for row in merged)
                self.assertGreaterEqual(found, max(client[way], server[way]))
                self.assertLessEqual(found, client[way] + server[way])


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
