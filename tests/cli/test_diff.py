#!/usr/bin/python3
"""Tests of `mptcpscope diff`: what the lab's paths did in the shipped captures, segments that one
capture lacks, and the output formats.

usage: test_diff.py PATH_OF_MPTCPSCOPE [unittest options]
The environment variable LAB may name a folder with new runs of the lab, for the class Lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import io
import os
import struct
import subprocess
import sys
import unittest

import labrecord
from captureedit import ACK, ETHERNET, MPTCP, RST, SYN, Case, Frame, diff
from labrecord import CAPTURES, path, run

LAB = os.environ.get("LAB")
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")


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

    def reset_at_the_end(self, kept):
        """The last segment of the client on path 1 becomes a reset. Of A, `kept` frames are left.
        @return the result and the frame of the reset"""
        early = self.kept(path("twopath", "client"), lambda f: f.number <= kept, "early")
        last = self.frames("twopath", "server", lambda f: f.c2s and f.path1)[-1]

        def edit(frame):
            if frame.number == last:
                frame.data[frame.tcp + 13] = RST | ACK
        return diff(early, self.edited(path("twopath", "server"), edit)), last

    def test_a_reset_outside_the_time_of_a_capture(self):
        """A's capture ended before: it cannot show that the path made the reset."""
        for kept in (300, 600, 780):
            result, _ = self.reset_at_the_end(kept)
            self.assertEqual(result["rows"], [])
            self.assertEqual([n.split(":")[0] for n in result["notes"]],
                             ["Segments outside the time of the other capture"])

    def test_a_reset_at_the_end_of_a_capture(self):
        """A's capture still ran: it has later segments."""
        result, last = self.reset_at_the_end(10000)
        self.assertIn(("reset", "added", last),
                      [(r["what"], r["kind"], r["peer_frame"]) for r in result["rows"]])

    def test_reset_after_the_end_of_a_capture(self):
        """The client's capture ended 0.8 s before the server sent again and its host reset that."""
        connect, listen = (os.path.join(CASES, "diff-reset-after-capture-end", name)
                           for name in ("connect.pcap.gz", "listen.pcap.gz"))
        for ends in ((connect, listen), (listen, connect)):
            result = diff(*ends)
            self.assertEqual([r for r in result["rows"] if r["kind"] == "added"], [])
            self.assertNotIn("reset", " ".join(result["sentences"]))
            self.assertIn("Segments outside the time of the other capture: 3.", result["notes"])

    def test_captures_that_miss_segments(self):
        """What a capture missed was neither made nor lost by the path."""
        ends = [os.path.join(CASES, "owd-receiver-capture-drops", name)
                for name in ("connect.pcap.gz", "listen.pcap.gz")]
        result = diff(*ends)
        found = [(r["kind"], r["direction"], r["count"]) for r in result["rows"]
                 if r["what"] == "segment"]
        self.assertEqual(found, [("missing", "s2c", 132), ("missing", "s2c", 242)])
        self.assertIn("Segments that were lost or that the receiver's capture missed: 445.",
                      result["notes"])
        self.assertIn("Segments that arrived and that the sender's capture missed: 467.",
                      result["notes"])

    def test_any_part_of_a_capture(self):
        """Nothing is added or missing because a capture was cut, wherever it was cut."""
        whole = path("twopath", "client"), path("twopath", "server")
        for side, other in enumerate(("client", "server")):
            last = self.frames("twopath", other, lambda f: True)[-1]
            for at in (2, 5, 9, 23, 101, 333, last - 30, last - 11, last - 4):
                for wanted in (lambda f: f.number <= at, lambda f: f.number > at):
                    ends = list(whole)
                    ends[side] = self.kept(whole[side], wanted, "part")
                    with self.subTest(side=other, at=at):
                        self.assertEqual(diff(*ends)["rows"], [])

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
        text = run("diff", *ends).replace("\n    ", " ") # sentences are broken into lines
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
