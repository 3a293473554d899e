#!/usr/bin/python3
"""Compares the command with the truth of the shipped captures: the kernel's counters, and the
record of the lab, which has the packets that are the same at both ends.

usage: test_truth.py PATH_OF_MPTCPSCOPE [unittest options]
CAPTURES may be set to another folder with captures of the lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("CAPTURES", os.path.join(HERE, "..", "..", "captures"))
NAMES = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(CAPTURES + "/*/kernel.json"))
# If one end has a segment in one piece and the other in several, the path emulator has no record of
# pairs. Such a run has no owd.json.
PAIRED = [n for n in NAMES if os.path.exists(os.path.join(CAPTURES, n, "owd.json"))]
COMMAND = "mptcpscope"
FRESH = "CAPTURES" in os.environ  # runs of now, which chance makes a little different each time
# The kernel counts what it queued on a subflow that died but never sent (captures/README.md).
SUBFLOW_DIES = {"handover"}
# The least RTT in TCP_INFO of a subflow whose SYN was not answered. The kernel counts it, we do not.
NEVER_ANSWERED = 2**32 - 1
# Segments at the end of a capture: no answer to them was captured.
SLACK = 3
TOLERANCE = 1e-6  # seconds; captures hold nanoseconds


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments):
    done = subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{arguments}: exit {done.returncode}: {done.stderr}")
    return done.stdout


def report(name, side, which="connections"):
    return json.loads(run("report", which, path(name, side), "--format=json"))["rows"]


def kernel(name):
    with open(os.path.join(CAPTURES, name, "kernel.json"), encoding="utf-8") as file:
        return json.load(file)


def owd(name, *options):
    return json.loads(run("owd", path(name, "client"), path(name, "server"), "-f", "json",
                          *options))


def pairs(name):
    """@return the lab's record of which packets are the same at both ends."""
    with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
        return list(csv.DictReader(file))


def packets(name):
    """@return the pairs that the command finds."""
    with tempfile.TemporaryDirectory() as folder:
        found = os.path.join(folder, "packets.csv")
        owd(name, "--packets", found)
        with open(found, encoding="utf-8") as file:
            return list(csv.DictReader(file))


class Kernel(unittest.TestCase):
    """Figures agree with MPTCP_INFO to the byte."""

    @staticmethod
    def each_end():
        for name in NAMES:
            for side, direction in (("client", "c2s"), ("server", "s2c")):
                rows = report(name, side)
                for info in kernel(name)[side]:
                    yield name, side, direction, rows, info

    @staticmethod
    def joins_without_payload(name, side, row):
        """Joins that moved no payload, in a fresh run: how many, and how many of them a RST ended. The kernel was queried while some of them were on their way. The shipped
        captures have none."""
        if not FRESH:
            return 0, 0
        idle = [s for s in report(name, side, "subflows")
                if s["connection"] == row["connection"] and not s["initial"]
                and s["c2s"]["bytes"] + s["s2c"]["bytes"] == 0]
        return len(idle), sum(s["state"] == "reset" for s in idle)

    def test_every_connection_of_the_kernel_is_reported(self):
        seen = 0
        for name, side, direction, rows, info in self.each_end():
            where = (name, side, info)
            if not info.get("mptcp", True):  # the path removed or dropped the options
                port = info["local" if side == "client" else "peer"][1]
                states = [r["state"] for r in rows if r["client_port"] == port]
                self.assertIn(states, [["fallback"]] if side == "client" else [[], ["fallback"]],
                              where)
                continue
            row = next(r for r in rows if r[side + "_token"] == info["token"])
            self.assertEqual(row[direction]["data_bytes"], info["bytes_sent"], where)
            self.assertEqual(row["version"], 1, where)
            self.assertEqual(row["checksum"], bool(info["csum_enabled"]), where)
            never = sum(s["min_rtt_us"] == NEVER_ANSWERED for s in info.get("subflows", []))
            kernel_subflows = info["subflows_total"] - never
            idle, refused = self.joins_without_payload(name, side, row)
            self.assertGreaterEqual(row["subflows"], kernel_subflows - refused, where)
            self.assertLessEqual(row["subflows"], kernel_subflows + idle, where)
            if name not in SUBFLOW_DIES:
                self.assertEqual(row[direction]["reinjected_bytes"], info["bytes_retrans"], where)
            seen += 1
        self.assertGreater(seen, 0)

    def test_bytes_of_a_direction_add_up(self):
        for name in NAMES:
            for side in ("client", "server"):
                connections = report(name, side)
                subflows = report(name, side, "subflows")
                for row in connections:
                    own = [s for s in subflows if s["connection"] == row["connection"]]
                    for direction in ("c2s", "s2c"):
                        for key in ("segments", "bytes", "data_bytes", "retransmitted_bytes",
                                    "reinjected_bytes", "reinjections"):
                            self.assertEqual(row[direction][key],
                                             sum(s[direction][key] for s in own), (name, key))
                        total = row[direction]
                        mapped = (total["data_bytes"] + total["retransmitted_bytes"]
                                  + total["reinjected_bytes"])
                        if row["fallback"]: # what comes before it may have no mapping
                            self.assertGreaterEqual(total["bytes"], mapped, (name, side, direction))
                        else:
                            self.assertEqual(total["bytes"], mapped, (name, side, direction))


@unittest.skipUnless(PAIRED, "no record of pairs")
class Delays(unittest.TestCase):
    """Delays, losses and pairs agree with the record of the path emulator."""

    def test_counts_and_delays(self):
        checked = 0
        for name in PAIRED:
            rows = {(r["tcp_stream"], r["direction"]): r for r in owd(name)["rows"]}
            with open(os.path.join(CAPTURES, name, "owd.json"), encoding="utf-8") as file:
                truth = json.load(file)
            for expected in truth:
                row = rows.get((expected["stream"], expected["direction"]))
                with self.subTest(capture=name, expected=expected):
                    self.assertIsNotNone(row)
                    for key in ("sent", "received", "lost"):
                        self.assertEqual(row[key], expected[key])
                    self.assertEqual(row["matched"] + row["ambiguous"], expected["matched"])
                    self.assertEqual(row["duplicated"], expected["extra"])
                    if not FRESH:
                        self.assertEqual(row["ambiguous"], 0)
                    if row["matched"] and not row["ambiguous"]:
                        for key in ("min", "median", "mean", "p95", "p99", "max"):
                            self.assertAlmostEqual(row["owd"][key], expected[key],
                                                   delta=TOLERANCE)
                    checked += 1
        self.assertGreater(checked, 0)

    def test_every_pair_is_right(self):
        for name in PAIRED:
            truth = {(r["client_frame"], r["server_frame"]): r for r in pairs(name)
                     if r["copy"] == "0"}
            rows = packets(name)
            found = {(r["frame"], r["peer_frame"]): r for r in rows}
            with self.subTest(capture=name):
                self.assertEqual(set(found) - set(truth), set(), "pairs that are wrong")
                missing = set(truth) - set(found)
                ambiguous = sum(r["ambiguous"] for r in owd(name)["rows"]) if FRESH else 0
                self.assertEqual(len(missing), ambiguous, "pairs that are missing")
                for key in missing:  # RSTs in a row can be equal in every byte
                    self.assertEqual(truth[key]["length"], "0", key)
                for key, row in found.items():
                    length = truth[key].get("length", row["length"])  # older: whole payloads only
                    self.assertEqual(row["length"], length, key)
                frames = [int(r["frame"]) for r in rows]
                self.assertEqual(frames, sorted(frames))

    def test_swapped_files_give_the_same_delays(self):
        for name in PAIRED:
            given = owd(name)["rows"]
            swapped = json.loads(run("owd", path(name, "server"), path(name, "client"),
                                     "-f", "json"))
            self.assertIn("A was captured nearer the server", swapped["notes"][0])
            key = lambda r, a, b: (r[a], r[b], r["direction"])
            other = {key(r, "peer_tcp_stream", "tcp_stream"): r for r in swapped["rows"]}
            for row in given:
                twin = other[key(row, "tcp_stream", "peer_tcp_stream")]
                for name_of in ("sent", "received", "matched", "lost", "loss_ratio", "loss_runs"):
                    self.assertEqual(row[name_of], twin[name_of], (name, row))
                for name_of in ("min", "median", "mean", "p95", "p99", "max"):
                    self.assertEqual(row["owd"][name_of], twin["owd"][name_of], (name, row))

    def test_clocks_are_reported_as_not_corrected(self):
        self.assertEqual(owd(PAIRED[0])["clock"]["mode"], "none")
        text = run("owd", path(PAIRED[0], "client"), path(PAIRED[0], "server"))
        self.assertIn("not corrected", text)


class Ranges(unittest.TestCase):
    """Merged and split segments match by their bytes."""

    @unittest.skipUnless("tso" in PAIRED, "no such capture")
    def test_kinds(self):
        """By the record, a received segment with more bytes than it shares is merged; any other of
        several pieces of a sent one is split."""
        truth = pairs("tso")
        ends = {"c2s": ("client_frame", "server_frame"), "s2c": ("server_frame", "client_frame")}
        payload, pieces = collections.Counter(), collections.Counter()
        for row in truth:
            sent, received = ends[row["direction"]]
            pieces[row["direction"], row[sent]] += 1
            payload[row["direction"], row[received]] += int(row["length"])
        kinds = {(r["frame"], r["peer_frame"]): r["match"] for r in packets("tso")}
        for row in truth:
            sent, received = ends[row["direction"]]
            kind = kinds[row["client_frame"], row["server_frame"]]
            more = payload[row["direction"], row[received]] > int(row["length"])
            self.assertEqual(kind == "merged", more, row)
            if pieces[row["direction"], row[sent]] > 1:
                self.assertNotEqual(kind, "exact", row)
        self.assertEqual(set(kinds.values()), {"exact", "split", "merged"})

    def test_all_bytes_match(self):
        for name in sorted(set(NAMES) - set(PAIRED)):
            found = owd(name)["rows"]
            for row in found:
                self.assertEqual(row["matched_bytes"], row["sent_bytes"], (name, row))
                self.assertEqual((row["lost"], row["unseen"], row["ambiguous"]), (0, 0, 0), name)
            self.assertGreater(sum(r["merged"] + r["split"] for r in found), 0, name)


class PartOfACapture(unittest.TestCase):
    """Segments before one capture began, or after it ended, do not count as lost."""

    def test_late_and_early(self):
        for name in ("twopath", "lossy"):
            whole = owd(name)["rows"]
            frames = sum(r["received"] for r in whole if r["direction"] == "c2s") \
                + sum(r["sent"] for r in whole if r["direction"] == "s2c")
            for keep in (f"{frames // 3}-{frames}", f"1-{frames // 2}"):
                with tempfile.TemporaryDirectory() as folder:
                    part = os.path.join(folder, "part.pcapng")
                    subprocess.run(["editcap", "-r", path(name, "server"), part, keep],
                                   check=True, stderr=subprocess.DEVNULL)
                    rows = json.loads(run("owd", path(name, "client"), part, "-f", "json"))["rows"]
                for row in rows:
                    self.assertEqual(row["sent"], row["matched"] + row["lost"] + row["ambiguous"]
                                     + row["outside"] + row["uncaptured"], (name, keep))
                lost = {d: sum(r["lost"] for r in rows if r["direction"] == d)
                        for d in ("c2s", "s2c")}
                allowed = {d: sum(r["lost"] for r in whole if r["direction"] == d)
                           for d in ("c2s", "s2c")}
                self.assertLessEqual(lost["c2s"], allowed["c2s"] + SLACK, (name, keep))
                self.assertLessEqual(lost["s2c"], allowed["s2c"] + SLACK, (name, keep))
                self.assertGreater(sum(r["outside"] for r in rows), 50, (name, keep))


def pairs_of(name, client, server):
    """@return the pairs that were found, those of the record, and the rows of `owd`."""
    with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
        truth = {(int(r["client_frame"]), int(r["server_frame"])) for r in csv.DictReader(file)
                 if r["copy"] == "0"}
    with tempfile.TemporaryDirectory() as folder:
        packets = os.path.join(folder, "packets.csv")
        result = json.loads(run("owd", client, server, "-f", "json", "--packets", packets))
        with open(packets, encoding="utf-8") as file:
            found = {(int(r["frame"]), int(r["peer_frame"])) for r in csv.DictReader(file)}
    return found, truth, result["rows"]


class CutShort(unittest.TestCase):
    """With a snaplen that cuts options at one end, no pair is wrong and few are missing."""

    def test_snaplens(self):
        for name in ("lossy", "many", "nat", "ipv6"):
            with open(os.path.join(CAPTURES, name, "owd.json"), encoding="utf-8") as file:
                lost = sum(r["lost"] for r in json.load(file))
            for snaplen in (54, 66, 74, 96):
                if name == "ipv6" and snaplen < 74:
                    continue  # no TCP header is left
                with self.subTest(capture=name, snaplen=snaplen), \
                        tempfile.TemporaryDirectory() as folder:
                    part = os.path.join(folder, "part.pcapng")
                    subprocess.run(["editcap", "-s", str(snaplen), path(name, "server"), part],
                                   check=True)
                    found, truth, rows = pairs_of(name, path(name, "client"), part)
                    self.assertEqual(found - truth, set())
                    self.assertLess(len(truth - found) * 50, len(truth))
                    self.assertLessEqual(sum(r["lost"] for r in rows), lost)
                    self.assertEqual(sum(r["unseen"] for r in rows), 0)


class NoHandshake(unittest.TestCase):
    """Behind NAT that shifts sequence numbers, without the handshake: segments identify the
    subflows and the shift."""

    def test_late_start(self):
        for first in (40, 300):
            for side in ("client", "server"):
                with self.subTest(first=first, side=side), \
                        tempfile.TemporaryDirectory() as folder:
                    part = os.path.join(folder, "part.pcapng")
                    subprocess.run(["editcap", "-r", path("nat", side), part, f"{first}-99999"],
                                   check=True, stderr=subprocess.DEVNULL)
                    ends = {s: part if s == side else path("nat", s) for s in ("client", "server")}
                    evidence = [r["evidence"] for r in json.loads(
                        run("map", ends["client"], ends["server"], "-f", "json"))["rows"]]
                    self.assertEqual(evidence.count("segments"), 1 if first == 40 else 2)
                    found, truth, _ = pairs_of("nat", ends["client"], ends["server"])
                    column = ("client", "server").index(side)
                    whole = {tuple(f + first - 1 if i == column else f
                                   for i, f in enumerate(pair)) for pair in found}
                    self.assertEqual(whole, {p for p in truth if p[column] >= first})


class Dropped(unittest.TestCase):
    """What the receiver's capture missed does not count as lost: the receiver acknowledged it."""

    def test_missed_by_the_server_s_capture(self):
        for name in ("twopath", "ipv6"):
            with tempfile.TemporaryDirectory() as folder:
                packets = os.path.join(folder, "packets.csv")
                whole = {(r["tcp_stream"], r["direction"]): r
                         for r in owd(name, "--packets", packets)["rows"]}
                with open(packets, encoding="utf-8") as file:
                    frames = {int(r["peer_frame"]): r for r in csv.DictReader(file)}
                gone = [f for f in frames if f % 7 == 3 and 20 < f < len(frames) - 20]
                part = os.path.join(folder, "part.pcapng")
                subprocess.run(["editcap", path(name, "server"), part, *map(str, gone)],
                               check=True, stderr=subprocess.DEVNULL)
                result = json.loads(run("owd", path(name, "client"), part, "-f", "json"))
            self.assertIn("B's capture missed", " ".join(result["notes"]))
            rows = {(r["tcp_stream"], r["direction"]): r for r in result["rows"]}
            total = {key: sum(r[key] for (_, d), r in rows.items() if d == "c2s")
                     for key in ("uncaptured", "lost", "undetermined", "ambiguous")}
            data = sum(frames[f]["direction"] == "c2s" and int(frames[f]["length"]) > 0
                       for f in gone)
            bare = sum(frames[f]["direction"] == "c2s" and int(frames[f]["length"]) == 0
                       for f in gone)
            self.assertGreater(data, 5, name)
            self.assertEqual(total, {"uncaptured": data, "lost": 0, "undetermined": bare,
                                     "ambiguous": 0}, name)
            for key, row in rows.items():
                if key[1] == "s2c":
                    self.assertEqual((row["lost"], row["uncaptured"]), (0, 0), (name, key))
                    self.assertEqual(row["received"], whole[key]["received"], (name, key))


class Map(unittest.TestCase):
    """Connections and subflows are paired by the right evidence."""

    def rows(self, name):
        return json.loads(run("map", path(name, "client"), path(name, "server"),
                              "--format=json"))["rows"]

    def test_evidence(self):
        rows = self.rows("twopath")
        self.assertEqual([(r["subflow"], r["peer_subflow"], r["evidence"], r["translated"])
                          for r in rows],
                         [(0, 0, "MP_CAPABLE", False), (1, 1, "nonces", False)])
        self.assertEqual({r["connection_evidence"] for r in rows}, {"tokens"})

    def test_translated_addresses(self):
        for row in self.rows("nat"):
            self.assertTrue(row["translated"])
            self.assertTrue(row["client"].endswith(".1"))
            self.assertTrue(row["peer_client"].endswith(".77"))
            self.assertNotEqual(row["client_port"], row["peer_client_port"])

    def test_subflow_that_reached_one_end_only(self):
        """A SYN of connection 5 was lost. Both captures have the connection all the same."""
        for sides, here, there in ((("client", "server"), "", "peer_"),
                                   (("server", "client"), "peer_", "")):
            ends = [path("many", side) for side in sides]
            rows = json.loads(run("map", *ends, "-f", "json"))["rows"]
            row, = [r for r in rows if r["evidence"] is None]
            self.assertEqual((row[here + "connection"], row[here + "subflow"]), (5, 1))
            number = row[there + "connection"]
            self.assertEqual([row[there + key] for key in ("subflow", "tcp_stream", "client")],
                             [None] * 3)
            self.assertEqual({(r["connection"], r["peer_connection"], r["connection_evidence"])
                              for r in rows if r[here + "connection"] == 5},
                             {(row["connection"], row["peer_connection"], "tokens")})
            self.assertIsNotNone(number)
            own = json.loads(run("map", *ends, "-f", "json", "-c", str(row["connection"])))["rows"]
            self.assertEqual(own, [r for r in rows if r["connection"] == row["connection"]])
            self.assertIn(row, own)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
