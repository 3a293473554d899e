#!/usr/bin/python3
"""Compares the report "events" with the kernel's counters, and tests HMACs and DSS checksums with
captures in which one bit was flipped.

usage: test_events.py PATH_OF_MPTCPSCOPE [unittest options]
CAPTURES may be set to another folder with captures of the lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

CAPTURES = os.environ.get("CAPTURES", os.path.join(HERE, "..", "..", "captures"))
FILES = sorted(glob.glob(CAPTURES + "/*/*.pcapng"))
COMMAND = "mptcpscope"


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def events(capture):
    done = subprocess.run([COMMAND, "report", "events", capture, "--format=json"],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{capture}: exit {done.returncode}: {done.stderr}")
    return json.loads(done.stdout)


def rows(capture, event, step=None):
    return [r for r in events(capture)["rows"] if r["event"] == event and r["step"] == step]


def nstat(name, side):
    with open(os.path.join(CAPTURES, name, "nstat." + side), encoding="utf-8") as file:
        lines = [line.split() for line in file if line.startswith("MPTcpExt")]
    return {words[0][len("MPTcpExt"):]: int(words[1]) for words in lines}


def with_bit_flipped(capture, frame, offset):
    """@return the path of a copy of a capture in which bit 0 of a byte of a frame differs. The caller
    deletes it."""
    copy, count = b"", 0
    with open(capture, "rb") as file:
        data = file.read()
    for kind, body in pcapng.blocks(data):
        if kind == pcapng.ENHANCED_PACKET:
            count += 1
            if count == frame:
                body = bytearray(body)
                body[20 + offset] ^= 1
                body = bytes(body)
        copy += pcapng.block(kind, body)
    assert len(copy) == len(data) and copy != data
    with tempfile.NamedTemporaryFile(suffix=".pcapng", delete=False) as file:
        file.write(copy)
    return file.name


def packet(capture, frame):
    return list(pcapng.packets(capture))[frame - 1][2]


class FoldedDataFins(unittest.TestCase):
    """Text has one row for a DATA_FIN, which tells its copies; json has a row for each."""

    @staticmethod
    def shown(capture):
        """The rows of text, each in one line again: frame and details."""
        done = subprocess.run([COMMAND, "report", "events", capture], stdout=subprocess.PIPE,
                              text=True, check=True)
        lines = done.stdout.split("\n")[4:]
        column, found = lines[0].index("Details"), []
        for line in lines[1:]:
            if line.startswith(("=", "(none)")):
                return found
            if line[:5].strip():
                found.append([int(line[:5]), line[column:]])
            else:
                found[-1][1] += " " + line.strip()
        raise AssertionError(done.stdout)

    def test_copies(self):
        folded = 0
        for file in FILES:
            first, copies, others = {}, {}, []
            for row in events(file)["rows"]:
                key = row["connection"], row["direction"], row["dsn"]
                if row["event"] != "DATA_FIN" or row["dsn"] is None:
                    others.append(row["frame"])
                elif key in first:
                    copies[key].append(row)
                else:
                    first[key], copies[key] = row, []
            shown = self.shown(file)
            self.assertEqual(sorted(frame for frame, _ in shown),
                             sorted(others + [row["frame"] for row in first.values()]))
            for key, row in first.items():
                details = dict(shown)[row["frame"]] if others.count(row["frame"]) == 0 else None
                if details is None:
                    continue
                words = row["details"]
                if copies[key]:
                    last, count = copies[key][-1], len(copies[key])
                    words += (f"; {count} copies, the last in" if count > 1 else "; 1 copy, in"
                              ) + f" frame {last['frame']}"
                    if last["subflow"] != row["subflow"]:
                        words += f" on subflow {last['subflow']}"
                    folded += 1
                self.assertEqual(details, words)
        self.assertGreater(folded, 0)


class Kernel(unittest.TestCase):
    """An event has as many rows as the kernel counted."""

    def check(self, name, side, counter, found):
        self.assertEqual(len(found), nstat(name, side)[counter], (name, side, counter))

    def test_counters(self):
        for name in ("twopath", "checksum", "ipv6", "nat", "gso"):
            here = path(name, "client")
            self.check(name, "client", "MPCapableSYNTX", rows(here, "MP_CAPABLE", "SYN"))
            self.check(name, "client", "MPCapableSYNACKRX", rows(here, "MP_CAPABLE", "SYN/ACK"))
            self.check(name, "client", "MPJoinSynAckRx", rows(here, "MP_JOIN", "SYN/ACK"))
            self.check(name, "client", "AddAddr", rows(here, "ADD_ADDR"))
            self.check(name, "client", "EchoAddTx", rows(here, "ADD_ADDR echo"))
            there = path(name, "server")
            self.check(name, "server", "MPCapableSYNRX", rows(there, "MP_CAPABLE", "SYN"))
            self.check(name, "server", "MPJoinSynRx", rows(there, "MP_JOIN", "SYN"))
            self.check(name, "server", "MPJoinAckRx", rows(there, "MP_JOIN", "ACK"))
            self.check(name, "server", "EchoAdd", rows(there, "ADD_ADDR echo"))

    def test_fallback(self):
        found = [r for r in events(path("fallback", "client"))["rows"] if r["event"] == "fallback"]
        self.check("fallback", "client", "MPCapableFallbackSYNACK", found)
        self.assertEqual([r["reason"] for r in found], ["no MP_CAPABLE in SYN/ACK"])

    def test_data_fins_are_acknowledged(self):
        for name in ("twopath", "lossy", "ipv6"):
            for side in ("client", "server"):
                found = [r for r in events(path(name, side))["rows"] if r["event"] == "DATA_FIN"]
                self.assertEqual({r["direction"] for r in found}, {"c2s", "s2c"})
                self.assertEqual(len({(r["direction"], r["dsn"], r["acked"]) for r in found}), 2)
                self.assertTrue(all(r["acked"] for r in found), (name, side))


@unittest.skipUnless(os.path.isdir(os.path.join(CAPTURES, "corruptone")), "needs runs of the lab")
class Lab(unittest.TestCase):
    """What the kernels did when the path or a host disturbed the connection on purpose."""

    def count(self, name, side, event, counter, direction):
        found = [r for r in rows(path(name, side), event) if r["direction"] == direction]
        self.assertEqual(len(found), nstat(name, side)[counter], (name, side, event))
        self.assertGreater(len(found), 0, (name, side, event))
        return found

    def test_damaged_payload(self):
        for name in ("corrupt", "corruptone"):
            bad = self.count(name, "server", "DSS checksum", "DataCsumErr", "c2s")
            fails = self.count(name, "server", "MP_FAIL", "MPFailTx", "s2c")
            self.assertEqual([r["dsn"] for r in bad], [r["dsn"] for r in fails])
            self.assertEqual(rows(path(name, "client"), "DSS checksum"), [])

    def test_fallback(self):
        for name, client, server in (
                ("corruptone", "DSS checksum failed", "DSS checksum failed"),
                ("impatient",) + ("SYN repeated without MP_CAPABLE",) * 2,
                ("striplate",) + ("options vanished after the handshake",) * 2,
                ("stripsynack", "no MP_CAPABLE in SYN/ACK", "no MP_CAPABLE in ACK")):
            for side, reason in (("client", client), ("server", server)):
                found = rows(path(name, side), "fallback")
                self.assertEqual([r["reason"] for r in found], [reason], (name, side))

    def test_addresses(self):
        self.count("removeaddr", "client", "REMOVE_ADDR", "RmAddr", "s2c")
        found = self.count("addrport", "client", "ADD_ADDR", "AddAddr", "s2c")
        self.assertEqual([(r["port"], r["hmac"]) for r in found], [(5002, "ok")])

    def test_priority(self):
        found = self.count("prio", "client", "MP_PRIO", "MPPrioRx", "s2c")
        self.assertTrue(found[-1]["backup"])

    def test_forged_hmac(self):
        found = [r for r in events(path("knock", "server"))["rows"] if r["hmac"] == "bad"]
        self.assertEqual([(r["event"], r["step"]) for r in found], [("MP_JOIN", "ACK")])
        self.assertEqual(nstat("knock", "server")["MPJoinAckHMacFailure"], 1)

    def test_fastclose(self):
        found = self.count("fastclose", "client", "MP_FASTCLOSE", "MPFastcloseTx", "c2s")
        keys = {r["key"] for r in rows(path("fastclose", "client"), "MP_CAPABLE", "SYN/ACK")}
        self.assertEqual({r["key"] for r in found}, keys)


class Hmac(unittest.TestCase):
    """HMACs that the kernels accepted are right, and wrong with one bit flipped."""

    def test_all_are_right(self):
        seen = 0
        for capture in FILES:
            if "/knock/" in capture:  # it has a forged one
                continue
            found = [r for r in events(capture)["rows"] if r["step"] in ("SYN/ACK", "ACK")
                     and r["event"] == "MP_JOIN" or r["event"] == "ADD_ADDR"]
            self.assertEqual([r["frame"] for r in found if r["hmac"] != "ok"], [], capture)
            seen += len(found)
        self.assertGreater(seen, 15)

    def test_one_bit(self):
        capture = path("twopath", "client")
        was = events(capture)["rows"]
        for row in was:
            if row["hmac"] is None:
                continue
            # kind and length of the option, and the offset of its HMAC
            mark, at = {"ADD_ADDR": (b"\x1e\x10\x30", 8), "SYN/ACK": (b"\x1e\x10", 4),
                        "ACK": (b"\x1e\x18\x10", 4)}[row["step"] or row["event"]]
            offset = packet(capture, row["frame"]).index(mark, 34) + at
            copy = with_bit_flipped(capture, row["frame"], offset)
            now = events(copy)["rows"]
            os.unlink(copy)
            self.assertEqual([r["frame"] for r in now if r["hmac"] == "bad"], [row["frame"]])
            self.assertEqual(len(now), len(was))


class Checksum(unittest.TestCase):
    """Every checksum of the capture with checksums is right, until a bit of payload is flipped."""

    def counts(self, capture):
        report = events(capture)
        sums = {k: sum(c[k] for c in report["checksums"]) for k in ("ok", "bad", "unknown")}
        bad = [r for r in report["rows"] if r["event"] == "DSS checksum"]
        self.assertEqual(len(bad), sums["bad"])
        return sums, bad

    def test_all_are_right(self):
        for side in ("client", "server"):
            sums, _ = self.counts(path("checksum", side))
            self.assertEqual((sums["bad"], sums["unknown"]), (0, 0), side)
            self.assertGreater(sums["ok"], 5)
            self.assertEqual(nstat("checksum", side)["DataCsumErr"], 0)

    def test_without_checksums_there_are_no_counts(self):
        self.assertEqual(events(path("twopath", "client"))["checksums"], [])

    def test_one_bit(self):
        capture = path("checksum", "server")
        before, _ = self.counts(capture)
        tried = 0
        for frame, (_, _, captured, length) in enumerate(pcapng.packets(capture), 1):
            if length < 1000 or frame % 5:
                continue
            copy = with_bit_flipped(capture, frame, len(captured) - 1 - frame % 2)
            after, bad = self.counts(copy)
            os.unlink(copy)
            self.assertEqual(after, {"ok": before["ok"] - 1, "bad": 1, "unknown": 0}, frame)
            self.assertEqual(bad[0]["checksum"], "bad")
            self.assertGreaterEqual(bad[0]["frame"], frame)
            tried += 1
        self.assertGreater(tried, 5)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
