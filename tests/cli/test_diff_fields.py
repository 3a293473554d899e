#!/usr/bin/python3
"""Tests of `mptcpscope diff`: changes of TCP options, header fields and payload, on copies of the
shipped captures that this test changes like a path.

usage: test_diff_fields.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import struct
import sys
import unittest

import labrecord
from captureedit import (ECE, ETHERNET, MPTCP, MSS, SACK_PERMITTED, SYN, TIMESTAMPS,
                         WINDOW_SCALE, Case, diff)
from labrecord import path


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


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
