#!/usr/bin/python3
"""mptcpscope report critical-path FILE: what one capture near the sender shows.

usage: test_critical_one.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import decimal
import glob
import io
import json
import os
import subprocess
import sys
import tempfile
import unittest

import criticalrows
import labrecord
from criticalrows import ns
from labrecord import CAPTURES, path, pcapng, rewritten, run

CAPTURED = sorted(glob.glob(os.path.join(CAPTURES, "*", "*.pcapng")))
SENDER = {"client": "c2s", "server": "s2c"}
MS = 10**6
# What the capture of one host cannot split or see.
OF_TWO = {"propagation", "serialisation", "queueing", "bottleneck", "receiver"}
# What the verdict on two captures alone says.
OF_TWO_WORDS = ("queue of", "let through", "waited for the receiver;")
# Classes that both ways must agree on: what the sender did, and why.
SHARED = ("sender", "recovery", "held", "handshake")


def document(file, *options):
    return json.loads(run("report", "critical-path", file, "-f", "json", *options),
                      parse_float=decimal.Decimal)


def rows(file, *options):
    return document(file, *options)["rows"]


def two(name, direction):
    text = run("critical-path", path(name, "client"), path(name, "server"), "-f", "json",
               "--direction", direction)
    return json.loads(text, parse_float=decimal.Decimal)["rows"]


def classes(row):
    return {part["class"]: ns(part["time"]) for part in row["classes"]}


def changed(source, target, keep=lambda number, body: True, change=lambda body: body):
    """Copy a capture. `keep` chooses frames by number and data, `change` changes the data."""
    with open(source, "rb") as file:
        data = file.read()
    number = 0
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            if kind == pcapng.ENHANCED_PACKET:
                number += 1
                if not keep(number, body):
                    continue
                body = change(body)
            file.write(pcapng.block(kind, body))
    return target


class Sums(criticalrows.Sums):
    def check(self, row, where):
        self.check_sums(row, where)
        for piece, after in zip(row["pieces"], row["pieces"][1:]):
            if piece["why"] != "peer-data":  # what exceeds the shortest round trip begins at no frame
                self.assertEqual(piece["to_frame"], after["from_frame"], where)
        for piece in row["pieces"]:
            self.assertNotIn(piece["cause"], OF_TWO, where)
            self.assertIsNone(piece["from_capture"], where)

    def test_pieces_join_and_add_up(self):
        paths = 0
        for file in CAPTURED:
            for end in ((), *labrecord.ends_of(file)):
                for row in rows(file, "--pieces", "--interval", "0.1", *end):
                    where = (file, end, row["connection"], row["direction"])
                    if row["reason"] is None:
                        self.check(row, where)
                        paths += 1
                    else:
                        for column in ("elapsed", "data_bytes", "verdict", "classes", "pieces"):
                            self.assertIsNone(row[column], where)
        self.assertGreater(paths, 2 * len(CAPTURED))

    def test_only_the_sender_is_explained(self):
        for file in CAPTURED:
            side = os.path.basename(file).split(".")[0]
            for row in rows(file):
                if row["reason"] is None:
                    self.assertEqual(row["direction"], SENDER[side], file)


class TwoCaptures(unittest.TestCase):
    """Two captures of the same transfer show the same sender."""

    def test_the_sender_did_the_same(self):
        compared = 0
        for name in ("limitpaced", "limitrcvbuf"):  # the others also answer, or wait in queues
            one = {r["connection"]: r for r in rows(path(name, "client"), "--direction", "c2s")}
            for row in two(name, "c2s"):
                of_one = one[row["connection"]]
                self.assertEqual(of_one["data_bytes"], row["data_bytes"], name)
                self.assertEqual(of_one["undelivered_bytes"], 0, name)
                self.assertGreater(ns(of_one["elapsed"]), ns(row["elapsed"]), name)
                for each in SHARED:
                    self.assertAlmostEqual(classes(of_one)[each], classes(row)[each],
                                           delta=0.06 * ns(row["elapsed"]), msg=(name, each))
                compared += 1
        self.assertEqual(compared, 2)

    def test_the_window_is_that_of_window_and_receiver(self):
        (one,), (both,) = rows(path("limitrcvbuf", "client"), "--direction", "c2s"), \
            two("limitrcvbuf", "c2s")
        self.assertIn("waited for the receive window", one["verdict"])
        for row in (one, both):  # a round trip has the receiver and a queue in it
            row["sum"] = sum(classes(row)[c] for c in ("window", "receiver", "rate"))
        self.assertAlmostEqual(one["sum"], both["sum"], delta=0.02 * ns(both["elapsed"]))
        self.assertGreater(classes(one)["window"], 0.7 * ns(one["elapsed"]))

    def test_what_one_capture_cannot_tell_is_not_said(self):
        for file in CAPTURED:
            for row in rows(file):
                for words in OF_TWO_WORDS:
                    self.assertNotIn(words, row["verdict"] or "", file)

    def test_two_captures_say_it(self):
        said = "".join(row["verdict"] or "" for name in ("limitrate", "lossy", "many", "gso")
                       for direction in ("c2s", "s2c") for row in two(name, direction))
        for words in OF_TWO_WORDS:
            self.assertIn(words, said)


class Reasons(unittest.TestCase):
    """Why there is no path."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "client.pcapng")

    def reason(self, file, *options, direction="c2s"):
        (row,) = rows(file, "-c", "0", "--direction", direction, *options)
        self.assertIsNone(row["verdict"] if row["reason"] else None)
        return row["reason"]

    def test_near_the_receiver(self):
        self.assertEqual(self.reason(path("lossy", "client"), direction="s2c"),
                         "the capture was made near the receiver")
        self.assertEqual(self.reason(path("lossy", "server")),
                         "the capture was made near the receiver")
        self.assertEqual(self.reason(path("lossy", "client"), "--near", "server"),
                         "the capture was made near the receiver")

    def test_in_the_middle_or_not_known(self):
        said = "nothing shows that the capture was made near the sender"
        self.assertEqual(self.reason(path("lossy", "client"), "--near", "middle"), said)
        self.assertEqual(self.reason(path("gso", "client")), said)
        self.assertIsNone(self.reason(path("gso", "client"), "--near", "client"))
        self.assertIsNone(self.reason(path("gso", "client"), "--near", "10.0.1.1"))

    def test_no_data(self):
        for side in ("client", "server"):
            self.assertEqual(self.reason(path("limitrate", side), direction="s2c"),
                             "no data was delivered in this direction")

    def test_no_handshake(self):
        changed(path("limitrate", "client"), self.file, lambda n, _: n != 1)
        self.assertEqual(self.reason(self.file, "--near", "client"),
                         "the connection's first SYN was not captured")

    def test_no_window_scale(self):
        changed(path("limitrate", "client"), self.file, lambda n, _: n != 2)
        self.assertEqual(self.reason(self.file, "--near", "client"),
                         "the scale of the receive window was not captured")

    def frames_with_payload(self, ways):
        """Frames of the first subflow of the client (True) or of the server with payload."""
        found, number = [], 0

        def look(_, body):
            nonlocal number
            number += 1
            data = body[20:]
            ip = data[14:]
            header = (ip[0] & 15) * 4
            length = int.from_bytes(ip[2:4], "big") - header - (ip[header + 12] >> 4) * 4
            from_client = int.from_bytes(ip[header + 2:header + 4], "big") == 5001
            if length > 0 and from_client in ways:
                found.append(number)
            return True
        return found, look

    def test_holes(self):
        """A single segment that is missing in the middle, at the beginning, near the end."""
        for name, ways in (("limitrate", (True,)), ("lossy", (True,)), ("lossy", (False,))):
            source = path(name, "client")
            frames, look = self.frames_with_payload(ways)
            changed(source, self.file, look)
            self.assertIsNone(self.reason(self.file))
            for frame in (frames[0], frames[len(frames) // 3], frames[len(frames) // 2]):
                changed(source, self.file, lambda n, _, f=frame: n != f)
                self.assertEqual(self.reason(self.file, "--near", "client"),
                                 "the capture misses segments that were acknowledged",
                                 (name, frame))

    def test_the_capture_ended(self):
        """Then the path ends with the last data that were acknowledged."""
        (whole,) = rows(path("limitrate", "client"), "--direction", "c2s")
        changed(path("limitrate", "client"), self.file, lambda n, _: n < 200)
        (row,) = rows(self.file, "--direction", "c2s")
        self.assertIsNone(row["reason"])
        self.assertLess(row["elapsed"], whole["elapsed"])
        self.assertLess(row["data_bytes"], whole["data_bytes"])
        self.assertGreater(row["undelivered_bytes"], 0)

    def test_nothing_was_acknowledged(self):
        frames, look = self.frames_with_payload((True,))
        changed(path("limitrate", "client"), self.file, look)
        changed(path("limitrate", "client"), self.file, lambda n, _: n <= frames[0])
        self.assertEqual(self.reason(self.file, "--near", "client"),
                         "no data of this direction were acknowledged")

    def test_the_clock_leapt(self):
        with open(path("limitrate", "client"), "rb") as file:
            times = [int.from_bytes(b[4:8], "little") << 32 | int.from_bytes(b[8:12], "little")
                     for kind, b in pcapng.blocks(file.read()) if kind == pcapng.ENHANCED_PACKET]
        middle = times[len(times) // 2]
        for by in (-3600 * 1000 * MS, 3600 * 1000 * MS):
            rewritten(path("limitrate", "client"), self.file,
                      lambda t, d=by: t + d if t > middle else t)
            self.assertEqual(self.reason(self.file, "--near", "client"),
                             "the clock of the capture leapt", by)

    def test_no_such_subflow(self):
        """A connection without the subflow has no path. It is an error if no connection has it."""
        with open(self.file, "wb") as file:
            for name in ("twopath", "fallback"):
                with open(path(name, "client"), "rb") as part:
                    file.write(part.read())
        both = rows(self.file, "--end", "1", "--direction", "c2s")
        self.assertEqual([row["reason"] for row in both],
                         [None, "the connection has no such subflow"])
        for options, message in (
                (("--end", "9"), "no connection has a subflow 9"),
                (("--end", "1", "-c", "1"),
                 "connection 1 has no subflow 1; it has 1, numbered from 0"),
                (("--end", "2", "-c", "0"),
                 "connection 0 has no subflow 2; it has 2, numbered from 0")):
            done = subprocess.run([labrecord.COMMAND, "report", "critical-path", self.file, *options],
                                  check=False, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stdout, done.stderr),
                             (1, "", f"mptcpscope: {self.file}: {message}\n"))


class Choice(unittest.TestCase):
    def test_options(self):
        self.assertEqual([(r["connection"], r["direction"]) for r in rows(
            path("many", "client"), "-c", "1", "--direction", "s2c")], [(1, "s2c")])
        (row,) = rows(path("limitrate", "client"), "--end", "1", "--direction", "c2s", "--pieces")
        self.assertEqual((row["end_subflow"], row["pieces"][-1]["subflow"]), (1, 1))
        (row,) = rows(path("limitrate", "client"), "--direction", "c2s")
        self.assertIsNone(row["pieces"])
        self.assertIsNone(row["intervals"])

    def test_formats_agree(self):
        file = path("many", "client")
        found = [r for r in rows(file, "--pieces", "--interval", "0.2") if r["reason"] is None]
        text = run("report", "critical-path", file, "--pieces", "-f", "csv")
        self.assertEqual([(r["connection"], p["cause"], ns(p["time"])) for r in found
                          for p in r["pieces"]],
                         [(int(p["connection"]), p["cause"], ns(p["time"]))
                          for p in csv.DictReader(io.StringIO(text))])
        text = run("report", "critical-path", file, "--interval", "0.2", "-f", "csv")
        self.assertEqual(len(list(csv.DictReader(io.StringIO(text)))),
                         sum(len(r["intervals"]) for r in found))
        text = run("report", "critical-path", file, "-f", "csv")
        self.assertEqual([r["reason"] or "" for r in rows(file)],
                         [r["reason"] for r in csv.DictReader(io.StringIO(text))])
        text = " ".join(run("report", "critical-path", file, "--pieces").split())
        for row in found:
            self.assertIn(" ".join(row["verdict"].split()), text)

    def test_says_what_one_capture_does_not_show(self):
        said = "One capture shows one end."
        notes = document(path("lossy", "client"))["notes"]
        self.assertEqual(len([note for note in notes if note.startswith(said)]), 1)
        for file, *options in ((path("lossy", "client"), "--near", "middle"),
                               (path("lossy", "client"), "--direction", "s2c"),
                               (path("limitrate", "server"),)):  # it sent no data
            found = document(file, *options)
            self.assertEqual([note for note in found["notes"] if note.startswith(said)], [])
            self.assertEqual([row for row in found["rows"] if row["reason"] is None], [])

    def test_there_are_not_too_many_intervals(self):
        """All paths of a table have intervals of the same length, which text tells."""
        file = path("many", "client")
        paths = len([row for row in rows(file) if row["reason"] is None])
        text = run("report", "critical-path", file, "--interval", "0.000000001", "-f", "csv")
        lengths = [row["length"] for row in csv.DictReader(io.StringIO(text))]
        self.assertGreater(paths, 1)
        self.assertLessEqual(len(lengths), 100000)
        self.assertGreater(len(lengths), 100000 // 2 - paths)
        (length,) = {ns(length) for length, count in collections.Counter(lengths).items()
                     if count > paths}
        said = (f"each interval has {length / 10**9:.9f} s, as there would be too many of "
                "0.000000001 s")
        self.assertIn(said, run("report", "critical-path", file, "--interval", "0.000000001"))
        self.assertNotIn("each interval has",
                         run("report", "critical-path", file, "--interval", "0.1"))

    def test_wrong_calls(self):
        file = path("lossy", "client")
        for message, *arguments in (
                ("--direction must be c2s or s2c", "critical-path", file, "--direction", "up"),
                ("--end must be the number", "critical-path", file, "--end", "x"),
                ("interval=\"0\"", "critical-path", file, "--interval", "0"),
                ("has no critical paths", "summary", file, "--pieces"),
                ("has no critical paths", "limits", file, "--direction", "c2s"),
                ("has no critical paths", "series", file, "--end", "0"),
                ("has no intervals", "limits", file, "--interval", "1")):
            done = subprocess.run([labrecord.COMMAND, "report", *arguments], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
            self.assertIn(message, done.stderr)


if __name__ == "__main__":
    labrecord.COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
