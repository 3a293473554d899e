#!/usr/bin/python3
"""Captures that miss a part of the traffic: what they miss does not count as lost. And captures
that have every packet twice.

usage: test_partial.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import os
import sys
import tempfile
import unittest

import labrecord
import pcapng
from labrecord import owd, owd_of, path

ON_ITS_WAY = 2  # segments of a subflow that were on their way when the other capture ended
COUNTS = "matched lost ambiguous outside uncaptured".split()


def delayed(body, by):
    """@return an enhanced packet block that was captured `by` ns later."""
    time = (int.from_bytes(body[4:8], "little") << 32 | int.from_bytes(body[8:12], "little")) + by
    return (body[:4] + (time >> 32).to_bytes(4, "little")
            + (time & 0xffffffff).to_bytes(4, "little") + body[12:])


def keep(source, target, chosen):
    """Copy some packets of a capture.
    @param chosen  whether to copy a packet, by its number, from 0, and its interface"""
    number = -1
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            if kind == pcapng.ENHANCED_PACKET:
                number += 1
                if not chosen(number, int.from_bytes(body[:4], "little")):
                    continue
            file.write(pcapng.block(kind, body))


def repeat(source, target, frame):
    """Copy a capture with a packet twice, 3 us apart.
    @param frame  its number, from 1"""
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        number = 0
        for kind, body in pcapng.blocks(data):
            file.write(pcapng.block(kind, body))
            number += kind == pcapng.ENHANCED_PACKET
            if kind == pcapng.ENHANCED_PACKET and number == frame:
                file.write(pcapng.block(kind, delayed(body, 3000)))


def owd_of_part(name, chosen, side="server"):
    """Compare a run's captures, one of them in part."""
    with tempfile.TemporaryDirectory() as folder:
        part = os.path.join(folder, "part")
        keep(path(name, side), part, chosen)
        files = {"client": path(name, "client"), "server": path(name, "server"), side: part}
        return owd(files["client"], files["server"])


class Partial(unittest.TestCase):
    @staticmethod
    def key(row):
        return row["client"], row["client_port"], row["direction"]

    def check_losses(self, part, name):
        """No subflow has more losses than when everything was captured."""
        whole = {self.key(row): row["lost"] for row in owd_of(name)["rows"]}
        for row in part["rows"]:
            self.assertEqual(row["sent"], sum(row[key] for key in COUNTS), row)
            self.assertLessEqual(row["lost"], whole[self.key(row)] + ON_ITS_WAY, (name, row))

    def test_one_interface(self):
        """The other subflow was not lost: the client has the answers to it."""
        for side in ("client", "server"):
            part = owd_of_part("lossy", lambda _, interface: interface == 0, side)
            self.check_losses(part, "lossy")
            rows = [row for row in part["rows"] if None in (row["peer_subflow"], row["subflow"])
                    or None in (row["tcp_stream"], row["peer_tcp_stream"])]
            self.assertEqual(len(rows), 2)
            sent = sum(row["sent"] for row in rows)
            self.assertGreater(sent, 40)
            self.assertEqual(sent, sum(row["outside"] for row in rows))
            self.assertIn(f"{'B' if side == 'server' else 'A'}'s capture does not have 1 subflow",
                          " ".join(part["notes"]))

    def test_copy_after_the_last(self):
        """A copy of a segment proves nothing about the other capture: what was sent last the other
        way, and never arrived, is lost."""
        for name in ("lossy", "twopath"):
            with tempfile.TemporaryDirectory() as folder:
                client, server, pairs = (os.path.join(folder, of)
                                         for of in ("client", "server", "pairs"))
                owd(path(name, "client"), path(name, "server"), "--packets", pairs)
                with open(pairs, encoding="utf-8") as file:
                    rows = [row for row in csv.DictReader(file) if row["subflow"] == "0"]
                last = {row["direction"]: row for row in rows}  # in order of frames
                keep(path(name, "server"), server,
                     lambda n, _: n + 1 != int(last["c2s"]["peer_frame"]))
                repeat(path(name, "client"), client, int(last["s2c"]["frame"]))
                row = owd(client, server)["rows"][0]
            whole = owd_of(name)["rows"][0]
            self.assertEqual((row["lost"], row["outside"]),
                             (whole["lost"] + 1, whole["outside"]), name)

    def test_subflow_that_never_arrived(self):
        """A subflow whose SYNs are all lost gets no answer. Its segments are lost."""
        rows = [row for row in owd_of("many")["rows"] if row["peer_tcp_stream"] is None]
        self.assertGreater(rows[0]["sent"], 0)
        self.assertEqual(rows[0]["sent"], rows[0]["lost"])

    def test_over_soon(self):
        """A capture that ends when most subflows have just begun, or begins when most are about to
        end."""
        for name in ("many", "lossy", "twopath"):
            for side in ("client", "server"):
                frames = sum(1 for _ in pcapng.packets(path(name, side)))
                for percent in range(5, 100, 5):
                    limit = frames * percent // 100
                    self.check_losses(owd_of_part(name, lambda n, _, m=limit: n < m, side), name)
                    self.check_losses(owd_of_part(name, lambda n, _, m=limit: n >= m, side), name)


def doubled(source, target):
    """Copy a capture with each packet twice, 20 us apart and not always next to each other."""
    late = []
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            file.write(pcapng.block(kind, body))
            if kind != pcapng.ENHANCED_PACKET:
                continue
            late.append(delayed(body, 20000))
            while late and (len(late) > 2 or body[8] % 3):
                file.write(pcapng.block(kind, late.pop(0)))
        for body in late:
            file.write(pcapng.block(pcapng.ENHANCED_PACKET, body))


class Twice(unittest.TestCase):
    """A capture on all interfaces of a host may have each packet twice. It was sent once."""

    def test_counts_once(self):
        for name in ("lossy", "ipv6", "tso", "many"):
            whole = owd_of(name)["rows"]
            for sides in (("client",), ("server",), ("client", "server")):
                with tempfile.TemporaryDirectory() as folder:
                    files = {side: path(name, side) for side in ("client", "server")}
                    for side in sides:
                        files[side] = os.path.join(folder, side)
                        doubled(path(name, side), files[side])
                    result = owd(files["client"], files["server"])
                for row, expected in zip(result["rows"], whole):
                    for key in ["sent", "received", "unseen", "duplicated", "reordered", *COUNTS]:
                        self.assertEqual(row[key], expected[key], (name, sides, key))
                self.assertEqual(len([note for note in result["notes"] if "more than once" in note]),
                                 len(sides))


if __name__ == "__main__":
    labrecord.COMMAND = sys.argv.pop(1)
    unittest.main()
