#!/usr/bin/python3
"""Tests of `mptcpscope diff`: on the shipped captures, and on copies of them that this test changes
like a path, so that it knows what must be found, and where.

usage: test_diff.py PATH_OF_MPTCPSCOPE [unittest options]
The environment variable LAB may name a folder with new runs of the lab, for the class Lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import labrecord
from labrecord import CAPTURES, path, pcapng, run

LAB = os.environ.get("LAB")
ETHERNET = 14
FIN, SYN, RST, PSH, ACK, ECE = 1, 2, 4, 8, 16, 64
MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS, MPTCP = 2, 3, 4, 8, 30


def diff(a, b, *arguments):
    return json.loads(run("diff", a, b, "-f", "json", *arguments))


def folded(data):
    """The one's complement sum of all whole 16-bit words."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[:len(data) // 2 * 2]))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return total


class Frame:
    """A TCP segment in IPv4 on Ethernet that a test changes."""

    def __init__(self, number, data, wire):
        self.number, self.data, self.wire = number, bytearray(data), wire
        self.tcp = ETHERNET + (self.data[ETHERNET] & 15) * 4
        self.end = self.tcp + (self.data[self.tcp + 12] >> 4) * 4

    def port(self, side):
        return struct.unpack_from("!H", self.data, self.tcp + 2 * side)[0]

    @property
    def c2s(self):
        return self.port(1) == 5001

    @property
    def path1(self):
        return self.data[ETHERNET + 14] == 1  # 10.0.1.x

    @property
    def flags(self):
        return self.data[self.tcp + 13]

    @property
    def length(self):
        return self.wire - self.end

    def options(self):
        """Yield position, kind and length of each option."""
        at = self.tcp + 20
        while at < self.end and self.data[at]:
            length = 1 if self.data[at] == 1 else self.data[at + 1]
            if self.data[at] != 1:
                yield at, self.data[at], length
            at += length

    def find(self, kind, subtype=None):
        for at, found, length in self.options():
            if found == kind and subtype in (None, self.data[at + 2] >> 4):
                return at, length
        return None, 0

    def claim(self):
        """The sum of all that the checksum covers, without the payload and the checksum itself."""
        header = bytearray(self.data[self.tcp:self.end])
        header[16:18] = b"\0\0"
        return folded(self.data[ETHERNET + 12:ETHERNET + 20] + header
                      + struct.pack("!HH", 6, self.wire - self.tcp))

    def fix(self, before, payload=0):
        """Update the checksum after a change: the header's sum was `before`, and the payload's sum
        grew by `payload`."""
        checksum = struct.unpack_from("!H", self.data, self.tcp + 16)[0]
        total = (0xffff - checksum) - before + self.claim() + payload
        struct.pack_into("!H", self.data, self.tcp + 16, 0xffff - total % 0xffff)

    def erase(self, kind, subtype=None):
        """Replace an option by padding. @return whether it was there"""
        at, length = self.find(kind, subtype)
        if at:
            self.data[at:at + length] = b"\x01" * length
        return bool(at)

    def insert(self, option):
        """Insert an option after the fixed header. The captured length does not grow."""
        if len(self.data) < self.wire:
            del self.data[-len(option):]
        self.data[self.tcp + 20:self.tcp + 20] = option
        self.data[self.tcp + 12] += len(option) << 2
        total = struct.unpack_from("!H", self.data, ETHERNET + 2)[0]
        struct.pack_into("!H", self.data, ETHERNET + 2, total + len(option))
        self.wire += len(option)
        self.end += len(option)

    @property
    def ttl(self):
        return self.data[ETHERNET + 8]

    @ttl.setter
    def ttl(self, value):
        self.data[ETHERNET + 8] = value

    @property
    def tos(self):
        return self.data[ETHERNET + 1]

    @tos.setter
    def tos(self, value):
        self.data[ETHERNET + 1] = value


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)

    def edited(self, source, edit, fix=True):
        """Copy and change a capture: edit(frame) changes a frame and returns None, or returns the
        frames to write instead. @return the path of the copy"""
        with open(source, "rb") as file:
            data = file.read()
        result, number = [], 0
        for kind, body in pcapng.blocks(data):
            if kind != pcapng.ENHANCED_PACKET:
                result.append(pcapng.block(kind, body))
                continue
            number += 1
            captured, wire = struct.unpack_from("=II", body, 12)
            frame = Frame(number, body[20:20 + captured], wire)
            before = frame.claim()
            frames = edit(frame) or [frame]
            if fix:
                frame.fix(before)
            for one in frames:
                size = len(one.data)
                result.append(pcapng.block(kind, body[:12] + struct.pack("=II", size, one.wire)
                                           + bytes(one.data) + bytes(-size % 4)))
        target = os.path.join(self.folder, "edited.pcapng")
        with open(target, "wb") as file:
            file.write(b"".join(result))
        return target

    def kept(self, source, wanted, name):
        """Copy only those frames of a capture for which wanted(frame) is true. @return the path
        of the copy"""
        with open(source, "rb") as file:
            data = file.read()
        result, number = [], 0
        for kind, body in pcapng.blocks(data):
            if kind == pcapng.ENHANCED_PACKET:
                number += 1
                captured, wire = struct.unpack_from("=II", body, 12)
                if not wanted(Frame(number, body[20:20 + captured], wire)):
                    continue
            result.append(pcapng.block(kind, body))
        target = os.path.join(self.folder, name + ".pcapng")
        with open(target, "wb") as file:
            file.write(b"".join(result))
        return target

    def frames(self, name, side, wanted):
        """The numbers of the frames for which wanted(frame) is true."""
        found = []

        def look(frame):
            if wanted(frame):
                found.append(frame.number)
        self.edited(path(name, side), look)
        return found

    def pairs(self, name):
        """The lab's record: {B's frame: A's frame}, both directions."""
        with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
            return {int(r["server_frame"]): int(r["client_frame"]) for r in csv.DictReader(file)
                    if r["copy"] == "0"}

    def check(self, name, edit, what, kind, wanted, of, fix=True, **expected):
        """Change the frames of the server's capture for which wanted(frame) is true, and check that
        this is the only finding. @param of  like wanted: the frames of the column `of`
        @return the row and the sentences"""
        places = self.frames(name, "server", wanted)
        target = self.edited(path(name, "server"),
                             lambda frame: edit(frame) if frame.number in places else None, fix)
        result = diff(path(name, "client"), target)
        rows = [r for r in result["rows"] if r["kind"] not in ("missing",)]
        self.assertEqual([(r["what"], r["kind"]) for r in rows], [(what, kind)], rows)
        row = rows[0]
        self.assertEqual(row["count"], len(places))
        self.assertEqual(row["of"], len(self.frames(name, "server", of)))
        self.assertEqual(row["peer_frame"], places[0])
        self.assertEqual(row["frame"], self.pairs(name)[places[0]])
        for key, value in expected.items():
            self.assertEqual(row[key], value, key)
        return row, result["sentences"]


class Shipped(Case):
    """The changes that the lab's paths made are found, and no others."""

    def found(self, name, sides=("client", "server")):
        result = diff(*(path(name, s) for s in sides))
        return [r for r in result["rows"] if r["kind"] != "missing"], result["sentences"]

    def test_nat_and_shift(self):
        rows, sentences = self.found("nat")
        found = {(r["subflow"], r["direction"], r["what"]): r for r in rows}
        ends = {(s, d, "source" if d == "c2s" else "destination") for s in (0, 1)
                for d in ("c2s", "s2c")}
        self.assertEqual(set(found), {(s, d, f"{e}_{w}") for s, d, e in ends
                                      for w in ("address", "port")}
                         | {(0, "c2s", "sequence"), (0, "s2c", "acknowledgement")})
        address = found[1, "s2c", "destination_address"]
        self.assertEqual((address["a"], address["b"]), ("10.0.2.1", "10.0.2.77"))
        self.assertEqual(address["count"], address["of"])
        shift = found[0, "c2s", "sequence"]
        self.assertEqual((shift["kind"], shift["constant"], shift["difference"]),
                         ("shifted", True, 0x9abcdef1))
        self.assertEqual((shift["frame"], shift["peer_frame"]), (1, 1))
        back = found[0, "s2c", "acknowledgement"]
        self.assertEqual(back["difference"], 2**32 - 0x9abcdef1)
        self.assertIn("Connection 0, subflow 0: The client is 10.0.1.1:58264 in A and "
                      "10.0.1.77:59288 in B: the path translates addresses (NAT).", sentences)
        self.assertEqual(len(sentences), 3)

    def test_stripped_join(self):
        rows, sentences = self.found("stripped")
        self.assertEqual(len(rows), 1)
        row = rows[0]
        self.assertEqual((row["what"], row["kind"], row["direction"]),
                         ("MP_JOIN", "stripped", "c2s"))
        self.assertEqual((row["frame"], row["peer_frame"], row["count"], row["of"]), (8, 8, 1, 1))
        self.assertEqual(sentences, [
            "Connection 0, subflow 1: The client sent MP_JOIN in A's frame 8; the server received "
            "the segment without it in B's frame 8 (1 of 1). The subflow did not join: it was "
            "reset.", "Nothing was changed on the other subflow."])

    def test_fallback(self):
        rows, sentences = self.found("fallback")
        self.assertEqual([(r["what"], r["kind"], r["frame"], r["peer_frame"]) for r in rows],
                         [("MP_CAPABLE", "stripped", 1, 1)])
        self.assertIn("fell back to plain TCP", sentences[0])

    def test_clean_paths_change_nothing(self):
        for name in ("twopath", "ipv6", "lossy", "many", "handover", "checksum", "gso"):
            rows, sentences = self.found(name)
            self.assertEqual([r for r in rows if r["what"] != "subflow"], [], name)
            self.assertIn("Nothing was changed", sentences[-1], name)

    def test_losses_are_those_of_the_record(self):
        for name in ("lossy", "many", "nat", "limitrate"):
            arrived = {"c2s": set(), "s2c": set()}
            with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    side = "client" if row["direction"] == "c2s" else "server"
                    arrived[row["direction"]].add(int(row[side + "_frame"]))
            rows = diff(path(name, "client"), path(name, "server"))["rows"]
            for direction, side in (("c2s", "client"), ("s2c", "server")):
                sent = self.frames(name, side, lambda f, d=direction: f.c2s == (d == "c2s"))
                lost = set(sent) - arrived[direction]
                own = [r for r in rows if r["direction"] == direction and r["kind"] == "missing"]
                self.assertEqual(sum(r["count"] for r in own), len(lost), name)
                key = "frame" if side == "client" else "peer_frame"
                firsts = {r[key] for r in own}
                self.assertLessEqual(firsts, lost, name)
                self.assertEqual(min(firsts, default=None), min(lost, default=None), name)

    def test_merged_by_offload(self):
        rows, _ = self.found("gro")
        self.assertEqual({(r["direction"], r["what"], r["kind"]) for r in rows},
                         {("s2c", "segmentation", "merged")})
        for row in rows:
            self.assertIn("offload at the client", row["text"])

    def test_a_subflow_of_one_end(self):
        """One MP_JOIN of `many` never arrives."""
        for sides in (("client", "server"), ("server", "client")):
            result = diff(*(path("many", s) for s in sides))
            rows = [r for r in result["rows"] if r["what"] == "subflow"]
            self.assertEqual([(r["kind"], r["direction"], r["count"]) for r in rows],
                             [("missing", "c2s", 1)])
            self.assertTrue(any("nothing that the client sent on it reached the server" in s
                                for s in result["sentences"]))

    def test_swapped(self):
        for name in ("nat", "lossy", "fallback"):
            given, _ = self.found(name)
            swapped, _ = self.found(name, ("server", "client"))
            key = ("direction", "what", "kind", "count", "of", "difference")
            self.assertEqual([[r[k] for k in key] + [r["frame"], r["peer_frame"], r["a"], r["b"]]
                              for r in given],
                             [[r[k] for k in key] + [r["peer_frame"], r["frame"], r["b"], r["a"]]
                              for r in swapped])


class Options(Case):
    def test_mss_clamped(self):
        def edit(frame):
            struct.pack_into("!H", frame.data, frame.find(MSS)[0] + 2, 1400)

        def syn(f):
            return f.c2s and f.flags == SYN and f.path1
        _, sentences = self.check("twopath", edit, "mss", "altered", syn, syn, a="1460", b="1400",
                                  difference=-60, constant=True)
        self.assertIn("It was clamped: the server sends no larger segments.", sentences[0])

    def test_window_scale_removed(self):
        def syn(f):
            return f.c2s and f.flags == SYN and f.path1
        row, sentences = self.check("twopath", lambda f: f.erase(WINDOW_SCALE) and None,
                                    "window_scale", "stripped", syn, syn, b=None)
        self.assertEqual(row["text"], f"The client sent the window scale ({row['a']}) in A's frame "
                         "1; the server received the segment without it in B's frame 1 (1 of 1).")
        self.assertIn("Windows are not scaled", sentences[0])

    def test_timestamps_removed(self):
        def one(f):
            return f.c2s and f.path1
        self.check("twopath", lambda f: f.erase(TIMESTAMPS) and None, "timestamps", "stripped", one,
                   one)

    def test_timestamps_shifted(self):
        def edit(frame):
            at, _ = frame.find(TIMESTAMPS)
            value = struct.unpack_from("!I", frame.data, at + 2)[0]
            struct.pack_into("!I", frame.data, at + 2, (value + 77) % 2**32)

        def one(f):
            return f.c2s and f.path1
        self.check("twopath", edit, "timestamps", "altered", one, one, difference=77, constant=True)

    def test_sack_permitted_removed(self):
        def syn(f):
            return f.c2s and f.flags == SYN and f.path1
        _, sentences = self.check("twopath", lambda f: f.erase(SACK_PERMITTED) and None,
                                  "sack_permitted", "stripped", syn, syn, a=None, b=None)
        self.assertIn("The server must not send SACK.", sentences[0])

    def test_option_inserted(self):
        def one(f):
            return f.c2s and f.path1 and f.number > 20 and f.end - f.tcp <= 56
        self.check("twopath", lambda f: f.insert(b"\xfe\x04\xca\xfe"), "option_254", "added", one,
                   one, a=None, b="cafe")

    def test_padding_and_order_are_no_change(self):
        def edit(frame):
            if frame.c2s and frame.end - frame.tcp <= 56:
                frame.insert(b"\x01\x01\x01\x01")
        rows = diff(path("twopath", "client"),
                    self.edited(path("twopath", "server"), edit))["rows"]
        self.assertEqual(rows, [])

    def test_dss_stripped_from_some(self):
        def every_tenth(f):
            return f.c2s and f.path1 and f.number % 10 == 0 and f.find(MPTCP, 2)[0]
        self.check("twopath", lambda f: f.erase(MPTCP, 2) and None, "DSS", "stripped", every_tenth,
                   lambda f: f.c2s and f.path1 and f.find(MPTCP, 2)[0])

    def test_dss_altered(self):
        """The path adds 1 to the subflow sequence number of mappings."""
        def mapped(f):
            at, _ = f.find(MPTCP, 2)
            return f.c2s and f.path1 and at and f.data[at + 3] & 0x0f == 0x0d

        def edit(frame):
            at, _ = frame.find(MPTCP, 2)
            at += 4 + 4 + 8  # DATA_ACK of 4 bytes, DSN of 8
            value = struct.unpack_from("!I", frame.data, at)[0]
            struct.pack_into("!I", frame.data, at, value + 1)
        row, _ = self.check("twopath", edit, "DSS", "altered",
                            lambda f: mapped(f) and f.number > 30,
                            lambda f: f.c2s and f.path1 and f.find(MPTCP, 2)[0])
        self.assertRegex(row["a"], r"^ssn \d+$")
        self.assertEqual(int(row["b"].split()[1]), int(row["a"].split()[1]) + 1)

    def test_add_addr_stripped(self):
        """On the way to the client, so that the client's capture is the receiver's."""
        def announces(f):
            return not f.c2s and f.find(MPTCP, 3)[0]
        places = self.frames("twopath", "client", announces)
        self.assertEqual(len(places), 1)
        target = self.edited(path("twopath", "client"),
                             lambda f: f.erase(MPTCP, 3) and None if announces(f) else None)
        result = diff(target, path("twopath", "server"))
        self.assertEqual([(r["what"], r["kind"], r["direction"], r["frame"])
                          for r in result["rows"]], [("ADD_ADDR", "stripped", "s2c", places[0])])
        self.assertIn("address 10.0.2.2", result["rows"][0]["b"])
        self.assertIn("The peer does not learn of this address.", result["sentences"][0])

    def test_echo_stripped(self):
        """The client's echo of ADD_ADDR: the client did learn of the address."""
        def echoes(f):
            return f.c2s and f.find(MPTCP, 3)[0]
        row, sentences = self.check("twopath", lambda f: f.erase(MPTCP, 3) and None, "ADD_ADDR",
                                    "stripped", echoes, echoes)
        self.assertTrue(row["a"].startswith("echo 1, "))
        self.assertFalse(any("learn" in s for s in sentences))

    def test_cut_options_are_compared_in_part(self):
        def cut(frame):
            if frame.c2s and frame.path1:
                del frame.data[frame.tcp + 24:]
        target = self.edited(path("twopath", "server"), cut, fix=False)
        result = diff(path("twopath", "client"), target)
        self.assertEqual([r["what"] for r in result["rows"]], [])
        self.assertIn(", as far as they were captured.", result["sentences"][-1])
        count = len(self.frames("twopath", "server",
                                lambda f: f.c2s and f.path1 and f.end - f.tcp > 24))
        self.assertIn("Segments whose options were not captured whole (compared in part): "
                      f"{count}.", result["notes"])

    def cut(self, name, side, size):
        """Copy a capture, with every frame truncated to `size` bytes."""
        def shorten(frame):
            del frame.data[size:]
        target = self.edited(path(name, side), shorten, fix=False)
        return shutil.move(target, os.path.join(self.folder, f"{side}-{size}.pcapng"))

    def test_both_captures_cut(self):
        """66 bytes include timestamps but no MPTCP option. The checksum shows that an MPTCP option
        was stripped, and that payload and options were not changed otherwise."""
        def found(name, *sizes):
            ends = (self.cut(name, side, size) for side, size in zip(("client", "server"), sizes))
            result = diff(*ends)
            self.assertEqual([n for n in result["notes"] if "payload" in n], [])
            self.assertTrue(any("compared in part" in n for n in result["notes"]))
            return [(r["what"], r["kind"], r["count"], r["frame"], r["peer_frame"])
                    for r in result["rows"] if r["kind"] != "missing"]
        for sizes in ((66, 66), (66, 96), (96, 66), (71, 80)):
            self.assertEqual(found("twopath", *sizes), [])
            self.assertEqual(found("lossy", *sizes), [])
            self.assertEqual(found("stripped", *sizes), [("cut_checksum", "altered", 1, 8, 8)])
        self.assertEqual(found("fallback", 66, 66), [("cut_checksum", "altered", 1, 1, 1)])

    def test_shifted_sack_blocks_that_were_cut(self):
        ends = (self.cut("nat", side, 66) for side in ("client", "server"))
        self.assertEqual({r["what"] for r in diff(*ends)["rows"]},
                         {"source_address", "source_port", "destination_address",
                          "destination_port", "sequence", "acknowledgement", "segment"})

    def test_mss_of_cut_captures(self):
        def clamp(frame):
            if frame.flags & SYN and frame.c2s:
                struct.pack_into("!H", frame.data, frame.find(MSS)[0] + 2, 1400)
        client = self.cut("twopath", "client", 66)
        edited = self.edited(path("twopath", "server"), clamp)
        server = os.path.join(self.folder, "clamped.pcapng")

        def shorten(frame):
            del frame.data[66:]
        os.rename(edited, server)
        result = diff(client, self.edited(server, shorten, fix=False))
        self.assertEqual([(r["what"], r["kind"], r["a"], r["b"], r["count"], r["of"])
                          for r in result["rows"]], [("mss", "altered", "1460", "1400", 1, 1)] * 2)


class Fields(Case):
    @staticmethod
    def path1_up(f):
        return f.c2s and f.path1

    def test_hops(self):
        def edit(frame):
            frame.ttl -= 4
        _, sentences = self.check("twopath", edit, "ttl", "shifted", self.path1_up, self.path1_up,
                                  difference=-4, constant=True, a="64", b="60")
        self.assertEqual(sentences, [
            "Connection 0, subflow 0: Only the TTL was changed: 4 hops to the server.",
            "Nothing was changed on the other subflow."])

    def test_route_change(self):
        def edit(frame):
            if self.path1_up(frame):
                frame.ttl -= 4 if frame.number < 100 else 6
        result = diff(path("twopath", "client"), self.edited(path("twopath", "server"), edit))
        before = self.frames("twopath", "server", lambda f: self.path1_up(f) and f.number < 100)
        after = self.frames("twopath", "server", lambda f: self.path1_up(f) and f.number >= 100)
        self.assertEqual([(r["what"], r["kind"], r["count"], r["difference"], r["peer_frame"])
                          for r in result["rows"]],
                         [("ttl", "altered", len(after), -6, after[0]),
                          ("ttl", "shifted", len(before), -4, before[0])])
        self.assertTrue(any("The number of hops changed" in s for s in result["sentences"]))

    def test_dscp_ecn_and_marks(self):
        def edit(frame):
            if self.path1_up(frame):
                frame.tos = 0x28
        row = diff(path("twopath", "client"),
                   self.edited(path("twopath", "server"), edit))["rows"]
        self.assertEqual([(r["what"], r["a"], r["b"]) for r in row], [("dscp", "0", "10")])
        sender = os.path.join(self.folder, "sender.pcapng")
        ect = self.edited(path("twopath", "client"), lambda f: setattr(f, "tos", 2))
        os.rename(ect, sender)

        def mark(frame):
            frame.tos = 2
            if self.path1_up(frame):
                frame.tos = 0 if frame.number < 100 else 3
        result = diff(sender, self.edited(path("twopath", "server"), mark))
        after = self.frames("twopath", "server", lambda f: self.path1_up(f) and f.number >= 100)
        self.assertEqual([(r["what"], r["a"], r["b"]) for r in result["rows"]],
                         [("ecn", "ECT(0)", "Not-ECT"), ("congestion_mark", "ECT(0)", "CE")])
        self.assertEqual(result["rows"][1]["count"], len(after))
        self.assertEqual(result["rows"][1]["peer_frame"], after[0])

    def test_flags_window_and_ip_id(self):
        def flag(frame):
            frame.data[frame.tcp + 13] |= ECE
        self.check("twopath", flag, "flags", "altered",
                   lambda f: self.path1_up(f) and f.number == 7, self.path1_up, a="ACK",
                   b="ACK ECE")

        def window(frame):
            struct.pack_into("!H", frame.data, frame.tcp + 14, 1)
        self.check("twopath", window, "window", "altered",
                   lambda f: self.path1_up(f) and f.number == 7, self.path1_up, b="1")

        def identify(frame):
            number = struct.unpack_from("!H", frame.data, ETHERNET + 4)[0]
            struct.pack_into("!H", frame.data, ETHERNET + 4, (number + 9) & 0xffff)
        self.check("twopath", identify, "ip_id", "altered", self.path1_up, self.path1_up)


class Payload(Case):
    @staticmethod
    def data_up(f):
        return f.c2s and f.path1 and f.length > 1000

    def flip(self, frame, fix=True):
        """Change a byte in the middle of the payload. @param fix  update the checksum, too"""
        before = frame.claim()
        at = (frame.end - frame.tcp + frame.length // 2) // 2 * 2 + frame.tcp
        frame.data[at + 1] ^= 0x10
        if fix:
            frame.fix(before, 0x10 if frame.data[at + 1] & 0x10 else -0x10)

    def test_changed_with_a_good_checksum(self):
        def one(f):
            return self.data_up(f) and f.number == 7
        row, sentences = self.check(
            "checksum", self.flip, "payload", "altered", one,
            lambda f: f.c2s and f.path1 and f.length > 0, fix=False)
        self.assertNotEqual(row["a"], row["b"])
        self.assertIn("The path changed content.", sentences[0])

    def test_changed_with_the_old_checksum(self):
        target = self.edited(path("checksum", "server"),
                             lambda f: self.flip(f, False) if f.number == 7 else None, fix=False)
        rows = diff(path("checksum", "client"), target)["rows"]
        self.assertEqual([(r["what"], r["kind"], r["peer_frame"]) for r in rows
                          if r["kind"] != "missing"],
                         [("checksum", "altered", 7), ("payload", "altered", 7)])

    def test_truncated_captures_show_it_by_the_checksum(self):
        """The snaplen truncated the payload, but the checksum shows that it was changed."""
        def edit(frame):
            checksum = struct.unpack_from("!H", frame.data, frame.tcp + 16)[0]
            struct.pack_into("!H", frame.data, frame.tcp + 16, checksum ^ 0x10)
        self.check("twopath", edit, "payload_checksum", "altered",
                   lambda f: self.data_up(f) and f.number in (9, 13),
                   lambda f: f.c2s and f.path1, fix=False)


class Segments(Case):
    def spoof(self, ttl):
        def edit(frame):
            if frame.number != 21:
                return None
            forged = Frame(0, frame.data[:frame.end], frame.end)
            forged.ttl = ttl
            forged.data[forged.tcp + 13] = RST | ACK
            struct.pack_into("!H", forged.data, ETHERNET + 2, forged.end - ETHERNET)
            return [forged, frame]
        self.assertTrue(self.frames("twopath", "server", lambda f: f.number == 21 and f.c2s))
        target = self.edited(path("twopath", "server"), edit)
        rows = diff(path("twopath", "client"), target)["rows"]
        self.assertEqual([(r["what"], r["kind"], r["frame"], r["peer_frame"], r["count"])
                          for r in rows], [("reset", "added", None, 21, 1)])
        self.assertTrue(rows[0]["b"].startswith("RST ACK seq "))
        return rows[0]["text"]

    def test_spoofed_reset(self):
        self.assertIn("TTL 57, but 64 in all compared segments", self.spoof(57))
        self.assertNotIn("TTL", self.spoof(64))

    def test_acknowledged_segments(self):
        """Segments that the server acknowledged are not lost, even if its capture lacks them."""
        places = self.frames("twopath", "server",
                             lambda f: f.c2s and f.path1 and 40 < f.number < 60)
        target = self.kept(path("twopath", "server"), lambda f: f.number not in places, "lacking")
        result = diff(path("twopath", "client"), target)
        self.assertEqual(result["rows"], [])
        self.assertIn("Segments that the receiver acknowledged but its capture does not have: "
                      f"{len(places)}.", result["notes"])

    def test_an_interface_that_was_not_captured(self):
        """The client got answers, so its segments arrived, although B lacks them."""
        up = self.frames("twopath", "client", lambda f: f.c2s and not f.path1)
        down = self.frames("twopath", "client", lambda f: not f.c2s and not f.path1)
        target = self.kept(path("twopath", "server"), lambda f: f.path1, "path1")
        result = diff(path("twopath", "client"), target)
        self.assertEqual([(r["what"], r["kind"], r["direction"], r["count"], r["frame"],
                           r["peer_frame"]) for r in result["rows"]],
                         [("subflow", "added", "s2c", len(down), down[0], None)])
        self.assertTrue(result["rows"][0]["a"].startswith("SYN ACK seq "))
        self.assertEqual([s for s in result["sentences"] if "nothing that" in s.lower()], [])
        self.assertIn("Segments that the receiver acknowledged but its capture does not have: "
                      f"{len(up)}.", result["notes"])

    def test_captures_that_begin_late_or_end_early(self):
        """Traffic outside the time of one capture is not a change, in either direction."""
        whole = path("twopath", "client"), path("twopath", "server")
        count = len(self.frames("twopath", "client", lambda f: True))
        for side in (0, 1):
            for wanted in (lambda f: f.number > 300, lambda f: f.number <= 300):
                ends = list(whole)
                ends[side] = self.kept(whole[side], wanted, "part")
                left = len(self.frames("twopath", ("client", "server")[side], wanted))
                result = diff(*ends)
                self.assertEqual(result["rows"], [])
                self.assertEqual(result["notes"], [
                    f"Segments outside the time of the other capture: {count - left}."])

    def test_a_reset_that_ends_a_capture(self):
        """It is reported, although it may be outside the time of the other capture."""
        early = self.kept(path("twopath", "client"), lambda f: f.number <= 300, "early")
        last = self.frames("twopath", "server", lambda f: f.c2s and f.path1)[-1]

        def edit(frame):
            if frame.number == last:
                frame.data[frame.tcp + 13] = RST | ACK
        rows = diff(early, self.edited(path("twopath", "server"), edit))["rows"]
        self.assertEqual([(r["what"], r["kind"], r["peer_frame"]) for r in rows],
                         [("reset", "added", last)])

    def test_nothing_arrives(self):
        """A path that loses everything from the server."""
        client = self.kept(path("twopath", "client"),
                           lambda f: f.path1 or f.c2s and f.flags == SYN, "client")
        server = self.kept(path("twopath", "server"),
                           lambda f: f.path1 or f.flags & SYN, "server")
        result = diff(client, server)
        self.assertEqual([(r["what"], r["kind"], r["direction"], r["count"], r["of"])
                          for r in result["rows"]], [("segment", "missing", "s2c", 1, 1)])
        self.assertEqual(result["sentences"], [
            "Connection 0, subflow 1: Nothing that the server sent reached the client: 1 segment "
            f"(in B's frame {result['rows'][0]['peer_frame']}).",
            "Nothing was changed on the other subflow."])

    def test_duplicates(self):
        """A path that delivers a segment with payload twice."""
        def copy(frame):
            return [frame, frame] if frame.number == place else None
        place = self.frames("twopath", "server",
                            lambda f: f.c2s and f.path1 and f.length > 1000)[20]
        result = diff(path("twopath", "client"), self.edited(path("twopath", "server"), copy))
        self.assertEqual([(r["what"], r["kind"], r["count"], r["frame"], r["peer_frame"])
                          for r in result["rows"]], [("segment", "duplicated", 1, None, place + 1)])
        self.assertEqual(result["rows"][0]["text"], "1 duplicate of segments from the client "
                         f"reached the server (in B's frame {place + 1}).")


@unittest.skipUnless(LAB, "no runs of the lab")
class Lab(Case):
    """Runs of the lab in which a path changes one known thing."""

    def found(self, name):
        result = diff(*(os.path.join(LAB, name, s + ".pcapng") for s in ("client", "server")))
        return [r for r in result["rows"] if r["kind"] != "missing"], result["sentences"]

    def segments(self, name, side, wanted):
        found = []
        self.edited(os.path.join(LAB, name, side + ".pcapng"),
                    lambda f: found.append(f.number) if wanted(f) else None)
        return found

    def test_options_in_the_handshake_only(self):
        rows, sentences = self.found("striplate")
        self.assertEqual({(r["what"], r["kind"]) for r in rows}, {("DSS", "stripped")})
        for row in rows:
            side = "client" if row["direction"] == "c2s" else "server"
            sent = self.segments("striplate", side,
                                 lambda f, r=row: f.find(MPTCP, 2)[0]
                                 and f.c2s == (r["direction"] == "c2s"))
            self.assertEqual((row["count"], row["of"]), (len(sent), len(sent)))
            self.assertEqual(row["frame" if side == "client" else "peer_frame"], sent[0])
        self.assertEqual(sum("fell back to plain TCP" in s for s in sentences), 1)

    def test_synack_without_options(self):
        rows, sentences = self.found("stripsynack")
        self.assertEqual([(r["what"], r["kind"], r["direction"]) for r in rows],
                         [("MP_CAPABLE", "stripped", "s2c")])
        answer = self.segments("stripsynack", "server", lambda f: f.flags & SYN and not f.c2s)
        self.assertEqual(rows[0]["peer_frame"], answer[0])
        self.assertIn("fell back to plain TCP", sentences[0])

    def test_corrupted_payload(self):
        """The tenth segment with payload on path 2."""
        rows, _ = self.found("corrupt")
        sent = self.segments("corrupt", "client",
                             lambda f: f.c2s and not f.path1 and f.length > 0)
        self.assertEqual([(r["what"], r["kind"], r["direction"], r["frame"], r["count"])
                          for r in rows], [("payload", "altered", "c2s", sent[9], 1)])


class Formats(Case):
    def test_csv_is_json(self):
        ends = path("nat", "client"), path("nat", "server")
        rows = diff(*ends)["rows"]
        table = list(csv.DictReader(io.StringIO(run("diff", *ends, "-f", "csv"))))
        self.assertEqual(len(table), len(rows))
        for flat, row in zip(table, rows):
            text = {k: "" if v is None else str(v).lower() if isinstance(v, bool) else str(v)
                    for k, v in row.items()}
            self.assertEqual(flat, text)

    def test_text(self):
        ends = path("fallback", "client"), path("fallback", "server")
        text = run("diff", *ends)
        for sentence in diff(*ends)["sentences"]:
            self.assertIn(sentence + "\n", text)

    def test_one_connection(self):
        ends = path("many", "client"), path("many", "server")
        everything = diff(*ends)["rows"]
        for number in range(8):
            self.assertEqual(diff(*ends, "-c", str(number))["rows"],
                             [r for r in everything if r["connection"] == number])

    def test_one_capture_twice(self):
        capture = path("nat", "client")
        done = subprocess.run([labrecord.COMMAND, "diff", capture, capture],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, "")
        self.assertIn("is it one capture twice?", done.stderr)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
