#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Checks `critical-path` against what runs of the lab are known to have waited for: each scenario
has one limit; the applications wrote down their pauses, and the paths what each frame waited for.

usage: CAPTURES=FOLDER THRESHOLDS=PROGRAM critical_path.py PATH_OF_MPTCPSCOPE [unittest options]
"""

import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from decimal import Decimal

import pcapng
import rewrite
import waits

CAPTURES = os.environ["CAPTURES"]
COMMAND = "mptcpscope"
THRESHOLDS = os.environ["THRESHOLDS"]  # tests/critical/thresholds.c
WITHIN = 0.05  # of what is known
AFTER_LOSS = ("recovery", "congestion-window-after-loss")
LINK = ("bottleneck", "queueing", "serialisation")  # causes: time at the link of a path


class Limit:
    """What limits a scenario."""

    def __init__(self, classes, share, path=None):
        self.classes = classes  # they have more of the time than any other class
        self.share = share  # and at least this share of it
        self.path = path  # number of the path that has more of the time than any other; None: any


LIMITS = {
    ("waitanswer", "c2s"): Limit(("sender",), 0.3),
    ("waitanswer", "s2c"): Limit(("sender",), 0.3),
    ("waitbbr", "c2s"): Limit(("rate",), 0.8),
    ("waitbursts", "c2s"): Limit(("sender",), 0.9),
    ("waitcwnd", "c2s"): Limit(("congestion-window",), 0.5),
    ("waitdead", "c2s"): Limit(("rate", "held", "recovery"), 0.6),
    ("waitdown", "s2c"): Limit(("rate",), 0.8),
    ("waitheld", "c2s"): Limit(("rate",), 0.6, path=2),
    ("waitloss", "c2s"): Limit(AFTER_LOSS, 0.6),
    ("waitlossone", "c2s"): Limit(("rate",), 0.5),
    ("waitnagle", "s2c"): Limit(("sender",), 0.4),
    ("waitplain", "c2s"): Limit(("rate",), 0.8),
    ("waitrate", "c2s"): Limit(("rate",), 0.8),
    ("waitrcvbuf", "c2s"): Limit(("window",), 0.6),
    ("waitreader", "c2s"): Limit(("receiver",), 0.85),
    ("waitshort", "c2s"): Limit(("handshake",), 0.6),
    ("waitsilence", "c2s"): Limit(("rate",), 0.7),
    ("waitsmall", "c2s"): Limit(("sender",), 0.9),
    ("waitsndbuf", "c2s"): Limit(("sender",), 0.5),
    ("waittalk", "c2s"): Limit(("sender",), 0.5),
    ("waittalk", "s2c"): Limit(("sender",), 0.5),
    ("waittso", "c2s"): Limit(("rate",), 0.8),
}


def ns(seconds):
    """Exact, from a Decimal of json or a time in words."""
    return int(Decimal(seconds) * 10**9)


def was_busy(name):
    return os.path.exists(os.path.join(CAPTURES, name, "busy"))


def captures_of(name):
    """The captures of a run. The test leaves out one that the machine delayed."""
    if was_busy(name):
        raise unittest.SkipTest(name + ": the machine was busy")
    return [os.path.join(CAPTURES, name, side + ".pcapng") for side in ("client", "server")]


def path_of(paths, direction, *options):
    """The row of a direction. The hosts share a clock, so the default is none here."""
    text = subprocess.run([COMMAND, "critical-path", *paths, "--pieces", "--clock=none",
                           "--direction", direction, "-f", "json", *options],
                          stdout=subprocess.PIPE, check=True, text=True).stdout
    rows = json.loads(text, parse_float=Decimal)["rows"]
    assert len(rows) == 1, rows
    return rows[0]


@functools.lru_cache(maxsize=None)
def path(name, direction="c2s"):
    return path_of(captures_of(name), direction)


def length(entries, **wanted):
    """The ns of the entries of `causes` or `pieces` that have what is wanted."""
    return sum(ns(entry["time"]) for entry in entries
               if all(entry[key] in value for key, value in wanted.items()))


def steps(pieces):
    """The way of a path, without times: the frames that it goes through."""
    return [(piece["from_capture"], piece["from_frame"], piece["to_capture"], piece["to_frame"],
             piece["why"], piece["subflow"], piece["direction"]) for piece in pieces]


def way(pieces):
    """The same, without pieces that are parts of the same step."""
    return list(dict.fromkeys(steps(pieces)))


def share_of(row, classes):
    return sum(entry["time"] for entry in row["classes"] if entry["class"] in classes) / row["elapsed"]


def other_share(row, limit):
    """The largest share of a class that is not the limit's."""
    return max(entry["time"] for entry in row["classes"]
               if entry["class"] not in limit.classes) / row["elapsed"]


class Links:
    """The links of a run, by what they recorded."""

    def __init__(self, visits, arrivals):
        self.arrivals = arrivals
        self.visits = {}  # the last segment of a frame, if it was split
        self.busy = {}
        self.link_of = {}
        self.all = visits
        for link, frames in visits.items():
            self.busy[link] = waits.merge((visit.received, visit.left) for visit in frames)
            for visit in frames:
                self.visits[link[1], visit.frame] = visit
                self.link_of[link[1], visit.frame] = link

    def rates(self):
        """Mbit/s of payload of each link that has a rate: of its frames of 1000 bytes and more."""
        rates = []
        for frames in self.all.values():
            large = [visit for visit in frames if visit.payload >= 1000 and visit.service]
            if large:
                rates.append(sum(visit.payload for visit in large) * 8e3
                             / sum(visit.service for visit in large))
        return rates

    def link_of_piece(self, piece):
        """(path number, direction) of a piece of the network."""
        frame = piece["from_frame"]
        if piece["cause"] == "bottleneck":
            frame = self.arrivals[piece["direction"], frame]
        return self.link_of[piece["direction"], frame]

    def crossing(self, piece):
        """The time at the link of a frame that crossed the network."""
        visit = self.visits[piece["direction"], piece["from_frame"]]
        return visit.left - visit.received

    def between(self, piece):
        """For how long the link was busy between two frames that the receiver got."""
        ends = [self.visits[piece["direction"], self.arrivals[piece["direction"], piece[frame]]]
                for frame in ("from_frame", "to_frame")]
        link = self.link_of[piece["direction"], ends[0].frame]
        return waits.covered(self.busy[link], ends[0].left, ends[1].left)

    def compare(self, pieces):
        """(ns at links that the pieces say, ns that are known)"""
        pieces = [piece for piece in pieces if piece["cause"] in LINK]
        crossings = {(piece["from_capture"], piece["from_frame"]): piece for piece in pieces
                     if piece["cause"] != "bottleneck"}
        return length(pieces), (
            sum(self.crossing(piece) for piece in crossings.values())
            + sum(self.between(piece) for piece in pieces if piece["cause"] == "bottleneck"))


@functools.lru_cache(maxsize=None)
def links(name):
    folder = os.path.join(CAPTURES, name)
    return Links(waits.read_visits(folder), waits.read_arrivals(folder))


def path_named(name, row):
    """The number of the path that has most of the time. Subflows are numbered as they are captured,
    so that the first one need not be that of path 1."""
    found = {}
    for piece in row["pieces"]:
        if piece["cause"] in LINK + ("propagation",):
            link = links(name).link_of_piece(piece)
            found[link] = found.get(link, 0) + piece["time"]
    return max(found, key=found.get)[0]


class Case(unittest.TestCase):
    def each(self, check):
        """Call a function with the name, the direction, the limit and the path of each run."""
        for (name, direction), limit in LIMITS.items():
            with self.subTest(run=name, direction=direction):
                check(name, direction, limit, path(name, direction))

    def near(self, found, known, what):
        self.assertLess(abs(found - known), WITHIN * known, (what, found / 1e9, known / 1e9))


class Machine(unittest.TestCase):
    def test_most_runs_were_quiet(self):
        names = {name for name, _ in LIMITS}
        self.assertLess(3 * sum(map(was_busy, names)), len(names))


class Path(Case):
    """What holds of every path."""

    def test_the_limit_dominates(self):
        def check(name, _direction, limit, row):
            shares = {entry["class"]: round(float(entry["share"]), 3) for entry in row["classes"]
                      if entry["time"]}
            self.assertGreater(share_of(row, limit.classes), limit.share, shares)
            self.assertGreater(share_of(row, limit.classes), other_share(row, limit), shares)
            self.assertLess(share_of(row, ("unexplained",)), 0.02, shares)
            self.assertIn(limit.path, (None, path_named(name, row)), shares)

        self.each(check)

    def test_pieces_join_and_add_up(self):
        def check(_name, _direction, _limit, row):
            now = ns(row["start"])
            for piece in row["pieces"]:
                self.assertEqual(ns(piece["from_time"]), now)
                now += ns(piece["time"])
                self.assertEqual(ns(piece["to_time"]), now)
            self.assertEqual(now, ns(row["end"]))
            for entries in (row["classes"], row["causes"], row["pieces"]):
                self.assertEqual(length(entries), ns(row["elapsed"]))

        self.each(check)


class Known(Case):
    """Figures that the applications or the paths wrote down."""

    def pauses(self, name, row, *kinds):
        """The ns of pauses while the path of a row lasted."""
        known = waits.merge((pause.begin, pause.end) for pause
                            in waits.read_pauses(os.path.join(CAPTURES, name))
                            if pause.kind in kinds)
        return waits.covered(known, ns(row["start"]), ns(row["end"]))

    def test_pauses_of_writers(self):
        for name, direction in (("waitsmall", "c2s"), ("waitbursts", "c2s"), ("waittalk", "c2s"),
                                ("waittalk", "s2c")):
            with self.subTest(run=name, direction=direction):
                row = path(name, direction)
                self.near(length(row["causes"], cause=("application",)),
                          self.pauses(name, row, "write", "think"), name)

    def test_pauses_before_an_answer(self):
        """The client pauses before it sends, and again before it reads what has filled its buffer."""
        with self.subTest(run="waitanswer"):
            row = path("waitanswer", "s2c")
            first, second = waits.read_pauses(os.path.join(CAPTURES, "waitanswer"))
            self.near(length(row["causes"], cause=("application",)), first.end - first.begin, "first")
            slow = [piece for piece in row["pieces"]
                    if piece["cause"] == "receiver" and ns(piece["time"]) > 5_000_000]
            self.assertTrue(slow)
            for piece in slow:
                self.assertGreater(ns(piece["from_time"]), second.begin)
                self.assertLess(ns(piece["to_time"]), second.end + 5_000_000)

    def test_a_dead_path_holds_data(self):
        """Path 1 carries nothing any more, and what the scheduler gave to it goes over path 2."""
        with self.subTest(run="waitdead"):
            row = path("waitdead")
            dead = waits.read_visits(os.path.join(CAPTURES, "waitdead"))[1, "c2s"][-1].captured
            longest = max((piece for piece in row["pieces"] if piece["class"] in ("held", "recovery")),
                          key=lambda piece: piece["time"])
            self.assertGreater(ns(longest["to_time"]), dead)
            self.assertGreater(ns(longest["time"]), 100_000_000)

    def test_pauses_of_the_reader(self):
        with self.subTest(run="waitreader"):
            row = path("waitreader")
            self.near(length(row["causes"], cause=("receiver",)),
                      self.pauses("waitreader", row, "read"), "waitreader")

    def test_silence(self):
        with self.subTest(run="waitsilence"):
            visits = waits.read_visits(os.path.join(CAPTURES, "waitsilence"))[1, "c2s"]
            (begin, end), = waits.silences(visits)
            delay = 10_000_000  # of the path, after the link
            queued = waits.merge((ns(piece["from_time"]), ns(piece["to_time"]))
                                 for piece in path("waitsilence")["pieces"] if piece["cause"] in LINK)
            self.near(waits.covered(queued, begin + delay, end + delay), end - begin, "waitsilence")

    def test_the_verdict_has_the_rates(self):
        """The rates of queues in words are those that paths of the run have."""
        seen = 0
        for (name, direction), limit in LIMITS.items():
            if limit.classes != ("rate",):
                continue
            with self.subTest(run=name, direction=direction):
                verdict, rates = path(name, direction)["verdict"], links(name).rates()
                for text in re.findall(r"([\d.]+) Mbit/s", verdict):
                    self.assertLess(min(abs(float(text) / rate - 1) for rate in rates), WITHIN,
                                    (text, rates))
                    seen += 1
        self.assertGreater(seen, 3)

    def test_the_verdict_has_the_silence(self):
        with self.subTest(run="waitsilence"):
            text = path("waitsilence")["verdict"]
            seconds = re.search(r"but for ([\d.]+) s in which nothing of it arrived", text)
            self.assertIsNotNone(seconds, text)
            self.near(float(seconds[1]) * 1e9, 0.45e9, text)

    def test_time_at_the_links(self):
        """What the path spent at the links of the network: every frame that it went through, and
        every time in which it waited for the frame before."""
        def check(name, _direction, _limit, row):
            found, known = links(name).compare(row["pieces"])
            if found > 0.1 * ns(row["elapsed"]):
                self.near(found, known, name)

        self.each(check)


class Clocks(Case):
    """The server's capture as if another clock had made it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def other_clock(self, name, direction, *options, offset=0, ppm=0):
        client, server = captures_of(name)
        changed = os.path.join(self.folder, "server.pcapng")
        with open(server, "rb") as source, open(changed, "wb") as target:
            target.write(rewrite.rewrite(source.read(), offset, ppm, []))
        return path_of((client, changed), direction, *options)

    def test_offset_changes_propagation_only(self):
        def check(name, direction, _limit, row):
            for offset in (3_000_000, -50_000_000):
                other = self.other_clock(name, direction, offset=offset)
                self.assertEqual(steps(other["pieces"]), steps(row["pieces"]))
                for mine, its in zip(row["pieces"], other["pieces"]):
                    if mine["cause"] != "propagation":
                        self.assertEqual(its["time"], mine["time"], mine)
                # From client to server the path ends on the other clock than it began.
                self.assertEqual(ns(other["elapsed"]) - ns(row["elapsed"]),
                                 offset if direction == "c2s" else 0)

        self.each(check)

    def test_offset_is_corrected(self):
        def check(name, direction, _limit, _row):
            row = path_of(captures_of(name), direction, "--clock=offset")
            other = self.other_clock(name, direction, "--clock=offset", offset=-50_000_000)
            self.assertEqual(steps(other["pieces"]), steps(row["pieces"]))
            self.assertLess(abs(ns(other["elapsed"]) - ns(row["elapsed"])), 1000)

        self.each(check)

    def test_the_note_bounds_the_error(self):
        """The hosts share a clock, so what --clock=none shows is true."""
        def check(name, direction, _limit, row):
            text = subprocess.run([COMMAND, "critical-path", *captures_of(name), "-f", "json",
                                   "--direction", direction], stdout=subprocess.PIPE, check=True,
                                  text=True).stdout
            document = json.loads(text, parse_float=Decimal)
            found = re.search(r"up to ([\d.]+) ms less or ([\d.]+) ms more",
                              " ".join(document["notes"]))
            error = (row["elapsed"] - document["rows"][0]["elapsed"]) * 1000
            if direction == "s2c":
                self.assertLess(abs(error), Decimal("0.1"))
                return
            self.assertIsNotNone(found, document["notes"])
            self.assertGreater(error, -Decimal(found[1]) - Decimal("0.1"))
            self.assertLess(error, Decimal(found[2]) + Decimal("0.1"))

        self.each(check)

    def test_skew_changes_propagation_only(self):
        """Its likely part is taken out of the delays that are compared."""
        def check(name, direction, _limit, row):
            for ppm in (50, -50):
                other = self.other_clock(name, direction, ppm=ppm)
                self.assertEqual(way(other["pieces"]), way(row["pieces"]))
                for cause in LINK + ("receiver", "host", "application", "held", "recovery"):
                    change = (length(other["causes"], cause=(cause,))
                              - length(row["causes"], cause=(cause,)))
                    self.assertLess(abs(change), 1000 + row["elapsed"] * 10**5, cause)  # 100 ppm

        self.each(check)


class Partial(Case):
    """The receiver's capture begins late: what it does not show is unexplained, and the rest is
    right. It lacks the scale of its own windows, too, which the sender's capture has."""

    def test_no_other_class_dominates(self):
        def check(name, direction, limit, row):
            paths = captures_of(name)
            with tempfile.TemporaryDirectory() as folder:
                receiver = 1 if direction == "c2s" else 0
                late = os.path.join(folder, "late.pcapng")
                with open(paths[receiver], "rb") as source, open(late, "wb") as target:
                    target.write(rewrite.begun_late(source.read(), 0.3))
                paths[receiver] = late
                other = path_of(paths, direction)
            if other["elapsed"] is None:
                self.assertTrue(other["reason"])
                return
            for entry, whole in zip(other["classes"], row["classes"]):
                if entry["class"] != "unexplained":
                    self.assertLess(entry["time"], whole["time"] + row["elapsed"] / 5, entry)
            self.assertNotIn("never on the path", other["verdict"])
            seen.append(share_of(other, limit.classes))

        seen = []
        self.each(check)
        self.assertGreater(sum(share > 0.3 for share in seen), 10, seen)


class Thresholds(Case):
    """Half and twice the thresholds name the same class and the same subflow."""

    def path(self, paths, direction, factor):
        """The row of a direction, with the thresholds of MPS_CRITICAL_LIMITS times the factor."""
        text = subprocess.run([THRESHOLDS, *paths, str(200 * factor), str(1000 * factor)],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
        return next(row for row in json.loads(text, parse_float=Decimal)["rows"]
                    if row["direction"] == direction)

    def test_the_usual_thresholds(self):
        """Those are the ones that are halved and doubled."""
        def check(name, direction, _limit, row):
            self.assertEqual(self.path(captures_of(name), direction, 1)["pieces"], row["pieces"])

        self.each(check)

    def test_verdict_stays(self):
        def check(name, direction, limit, _row):
            for factor in (Decimal("0.5"), 2):
                other = self.path(captures_of(name), direction, factor)
                self.assertGreater(share_of(other, limit.classes), other_share(other, limit), factor)
                self.assertIn(limit.path, (None, path_named(name, other)), factor)

        self.each(check)


if __name__ == "__main__":
    COMMAND = sys.argv.pop(1)
    unittest.main()
