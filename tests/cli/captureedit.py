# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests of `mptcpscope diff`: copies of captures that a test changes like a path, so
that it knows what must be found, and where."""
import csv
import json
import os
import struct

from folder import FolderCase
from labrecord import CAPTURES, path, pcapng, run

ETHERNET = 14  # bytes of the header
SYN, RST, ACK, ECE = 2, 4, 16, 64  # TCP flags
MSS, WINDOW_SCALE, SACK_PERMITTED, TIMESTAMPS, MPTCP = 2, 3, 4, 8, 30  # TCP option kinds


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


class Case(FolderCase):
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
