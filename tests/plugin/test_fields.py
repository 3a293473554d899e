#!/usr/bin/python3
"""Compares the fields and expert info of the plugin with the reports on the same captures.

usage: test_fields.py BUILD_DIR [unittest arguments]

The same library makes fields and reports, but in different ways: a field is shown for each segment,
often before later segments are known; a report is made at the end. Both must agree.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import os
import subprocess
import sys
import unittest

import test_tshark
from test_tshark import Case, capture, captures

PREFIX = "mptcpscope."

# Fields that are known when the segment passes.
NOW = ("data_ack", "rtt", "in_flight", "event", "checksum", "fallback", "mapping_frame", "hmac")
# The same, but they are only right if the capture is in order of time.
IN_ORDER = ("out_of_order", "data_rtt", "data_in_flight", "reinjection_of")
# Fields that depend on later segments.
LATER = ("hold", "reinjected_in")
TWO_PASSES = ["-2"]
EXPERT = "mptcpscope.expert."
LIMIT = 32  # most values of one field in one segment


class FieldCase(Case):
    def table(self, path, *names, more=()):
        """Rows of all MPTCP segments as dictionaries; each field is a list of its values."""
        names = ("connection", "subflow", "direction", *names)
        rows = self.tshark.fields(path, "frame.number", *(PREFIX + name for name in names),
                                  more=[*more, "-Y", "mptcpscope", "-E", "aggregator=;"])
        return [{"frame": int(row[0]), **{name: value.split(";") if value else []
                                          for name, value in zip(names, row[1:])}}
                for row in rows]

    def rows(self, path, report):
        return self.tshark.json(path, "mptcp," + report)["rows"]

    @staticmethod
    def direction(row):
        """The key of a direction of a connection."""
        return int(row["connection"][0]), row["direction"][0]

    @classmethod
    def other_direction(cls, row):
        connection, direction = cls.direction(row)
        return connection, "s2c" if direction == "c2s" else "c2s"


class Passes(FieldCase):
    def test_second_pass_shows_the_same(self):
        for path in captures():
            with self.subTest(path=path):
                once = self.table(path, *NOW)
                twice = self.table(path, *NOW, more=TWO_PASSES)
                self.assertEqual(len(once), len(twice))
                for one, two in zip(once, twice):
                    for name in NOW:
                        if one[name]:
                            self.assertEqual(one[name], two[name], (name, one["frame"]))

    def test_in_order_of_time(self):
        """Frames of several interfaces are not in that order, so reordercap sorts them."""
        for name in ("lossy", "many"):
            out = os.path.join(self.tshark.home, name + "-sorted.pcapng")
            subprocess.run(["reordercap", capture(name), out], check=True,
                           stdout=subprocess.DEVNULL)
            once = self.table(out, *IN_ORDER)
            self.assertEqual(once, self.table(out, *IN_ORDER, more=TWO_PASSES))
            for field in IN_ORDER:
                self.assertTrue(name == "lossy" or any(row[field] for row in once), field)

    def test_later_segments_need_two_passes(self):
        for name, path in (("reinjected_in", capture("many")), ("hold", capture("lossy"))):
            with self.subTest(name=name):
                once, twice = (self.table(path, name, more=more) for more in ([], TWO_PASSES))
                self.assertFalse(any(row[name] for row in once))
                self.assertTrue(any(row[name] for row in twice))

    def test_each_field_alone(self):
        """A field is shown in each way to ask for it, also if it is the only one."""
        path = capture("many")
        whole = self.table(path, *NOW, *IN_ORDER, *LATER, more=TWO_PASSES)
        for name in NOW + IN_ORDER + LATER:
            wanted = [row["frame"] for row in whole if row[name]]
            calls = [["-2", "-Y", PREFIX + name], ["-2", "-R", PREFIX + name]]
            calls += [["-Y", PREFIX + name]] if name in NOW else []
            for call in calls[:1] + calls[2:]:
                with self.subTest(call=call):
                    shown = self.tshark.fields(path, "frame.number", more=call)
                    self.assertEqual([int(row[0]) for row in shown], wanted)

    def test_filter_of_a_report(self):
        path = capture("lossy")
        wanted = sum(1 for row in self.table(path, "rtt") if row["rtt"])
        for more in ([], TWO_PASSES):
            call = "mptcp,connections,format=json,mptcpscope.rtt"
            row = test_tshark.json.loads(self.tshark.stat(path, call, *more).stdout)["rows"][0]
            self.assertEqual(row["c2s"]["segments"] + row["s2c"]["segments"], wanted)

    def test_statistics_of_a_field(self):
        """As Wireshark's I/O graphs use it."""
        wanted = [float(value) for row in self.table(capture("lossy"), "rtt")
                  for value in row["rtt"]]
        text = self.tshark.stat(capture("lossy"), "io,stat,0,MAX(mptcpscope.rtt)mptcpscope.rtt,"
                                "COUNT(mptcpscope.rtt)mptcpscope.rtt").stdout
        cells = [cell.strip() for line in text.splitlines() if "<>" in line and line.count("|") > 3
                 for cell in line.split("|")]
        self.assertIn(str(len(wanted)), cells, text)
        self.assertIn(f"{max(wanted):.6f}", cells, text)


class Data(FieldCase):
    def test_reinjections(self):
        for path in captures():
            with self.subTest(path=path):
                wanted = {row["frame"]: {o["frame"] for o in row["originals"]}
                          for row in self.rows(path, "reinjections") if row["originals"]}
                shown = {row["frame"]: {int(f) for f in row["reinjection_of"]}
                         for row in self.table(path, "reinjection_of", more=TWO_PASSES)
                         if row["reinjection_of"]}
                self.assertEqual(shown, wanted)
                back = collections.defaultdict(set)
                for frame, originals in wanted.items():
                    for original in originals:
                        back[original].add(frame)
                shown = {row["frame"]: {int(f) for f in row["reinjected_in"]}
                         for row in self.table(path, "reinjected_in", more=TWO_PASSES)
                         if row["reinjected_in"]}
                self.assertEqual(shown, dict(back))

    def test_reinjection_of_in_one_pass(self):
        """Originals that were captured before the reinjection are known."""
        shown = {row["frame"]: {int(f) for f in row["reinjection_of"]}
                 for row in self.table(capture("many"), "reinjection_of")}
        rows = self.rows(capture("many"), "reinjections")
        self.assertGreater(len(rows), 5)
        for row in rows:
            self.assertEqual(shown[row["frame"]], {o["frame"] for o in row["originals"]
                                                   if o["frame"] < row["frame"]})

    def test_data_ack_follows_the_wire(self):
        """It differs from the number in the option by a constant."""
        for path in captures():
            raw = self.tshark.fields(path, "frame.number", "tcp.options.mptcp.rawdataack")
            raw = {int(row[0]): row[1] for row in raw}
            bases, rows = {}, self.table(path, "data_ack", more=TWO_PASSES)
            with self.subTest(path=path):
                for row in rows:
                    if row["data_ack"]:
                        base = (int(raw[row["frame"]]) - int(row["data_ack"][0])) % 2**32
                        self.assertEqual(bases.setdefault(self.direction(row), base), base, row)

    def test_data_ack_reaches_the_end(self):
        """When a connection is closed all data and the DATA_FIN are acknowledged."""
        highest = collections.Counter()
        for row in self.table(capture("twopath"), "data_ack"):
            for value in row["data_ack"]:
                key = self.other_direction(row)
                highest[key] = max(highest[key], int(value))
        for row in self.rows(capture("twopath"), "connections"):
            self.assertEqual(row["state"], "closed")
            for direction in ("c2s", "s2c"):
                self.assertEqual(highest[(row["connection"], direction)],
                                 row[direction]["data_bytes"] + 2)

    def test_mapping(self):
        """It is the first frame whose DSS has the mapping; later segments repeat it."""
        for name in ("twopath", "lossy", "gso"):
            path, first = capture(name), {}
            options = {int(row[0]): row[1:] for row in self.tshark.fields(
                path, "frame.number", "tcp.stream", "tcp.srcport",
                "tcp.options.mptcp.subflowseqno")}
            compared = 0
            for row in self.table(path, "mapping_frame", "dsn"):
                key = tuple(options[row["frame"]])
                if key[2] and row["mapping_frame"] and row["dsn"]:
                    first.setdefault(key, row["frame"])
                    self.assertEqual(int(row["mapping_frame"][0]), first[key], row)
                    compared += 1
            self.assertGreater(compared, 50)

    def test_order(self):
        for path in captures():
            held, longest = collections.Counter(), collections.Counter()
            for row in self.table(path, "out_of_order", "hold", more=TWO_PASSES):
                held[self.direction(row)] += len(row["out_of_order"])
                for value in row["hold"]:
                    key = self.direction(row)
                    longest[key] = max(longest[key], float(value))
            for row in self.rows(path, "reordering"):
                key = (row["connection"], row["direction"])
                if row["level"] == "data":
                    with self.subTest(path=path, key=key):
                        self.assertEqual(held[key], row["held_segments"])
                        self.assertAlmostEqual(longest[key], row["hold"]["max"] or 0, 8)

    def test_in_flight(self):
        for path in captures():
            most, data_most = collections.Counter(), collections.Counter()
            for row in self.table(path, "in_flight", "data_in_flight", more=TWO_PASSES):
                key = self.direction(row)
                subflow = (*key, int(row["subflow"][0]))
                for value in row["in_flight"]:
                    most[subflow] = max(most[subflow], int(value))
                for value in row["data_in_flight"]:
                    data_most[key] = max(data_most[key], int(value))
            wanted, data_wanted = collections.Counter(), collections.Counter()
            for row in self.rows(path, "series"):
                key = (row["connection"], row["direction"])
                subflow = (*key, row["subflow"])
                wanted[subflow] = max(wanted[subflow], row["in_flight_max"] or 0)
                data_wanted[key] = max(data_wanted[key], row["data_in_flight_max"] or 0)
            with self.subTest(path=path):
                self.assertEqual(+most, +wanted)
                self.assertEqual(+data_most, +data_wanted)


class RoundTrips(FieldCase):
    def check(self, row, samples, path):
        """Compares a row of the report with the samples of the field, (frame, seconds)."""
        with self.subTest(path=path, row=row):
            self.assertEqual(len(samples), row["samples"])
            for end, choose in (("min", min), ("max", max)):
                if row["samples"]:
                    self.assertAlmostEqual(choose(s for _, s in samples), row[end], 9)
                    self.assertIn(row[end + "_frame"],
                                  [frame for frame, s in samples if abs(s - row[end]) < 1e-9])

    def test_samples(self):
        for path in captures():
            samples, cut = collections.defaultdict(list), set()
            for row in self.table(path, "rtt", "data_rtt", more=TWO_PASSES):
                key = self.other_direction(row)
                for value in row["rtt"]:
                    samples[(*key, int(row["subflow"][0]))].append((row["frame"], float(value)))
                if len(row["data_rtt"]) == LIMIT:
                    cut.add(key)
                for value in row["data_rtt"]:
                    samples[(*key, None)].append((row["frame"], float(value)))
            for row in self.rows(path, "rtt"):
                key = row["connection"], row["direction"]
                if row["level"] == "subflow" or key not in cut:
                    self.check(row, samples[(*key, row["subflow"])], path)


class Events(FieldCase):
    def expert(self, path, *more):
        """The names of our expert info, by frame."""
        names = ("reinjection", "unseen", "reset", "fallback", "bad_hmac", "bad_checksum")
        rows = self.tshark.fields(path, "frame.number", *(EXPERT + name for name in names),
                                  more=more)
        return {int(row[0]): [name for name, value in zip(names, row[1:]) if value]
                for row in rows if any(row[1:])}

    def flipped(self, path, pattern, at, name):
        """A copy of a capture with one bit flipped, in byte `at` of the only match of a pattern."""
        with open(path, "rb") as file:
            data = bytearray(file.read())
        self.assertEqual(data.count(pattern), 1)
        data[data.index(pattern) + at] ^= 1
        out = self.tshark.path(name)
        with open(out, "wb") as file:
            file.write(data)
        os.chmod(out, 0o644)
        return out

    def test_events(self):
        for path in captures():
            wanted, hmacs = collections.defaultdict(list), {}
            for row in self.rows(path, "events"):
                if row["event"] != "DSS checksum":
                    wanted[row["frame"]].append(" ".join(filter(None, (row["event"], row["step"]))))
                if row["hmac"]:
                    hmacs[row["frame"]] = row["hmac"]
            for more in ([], TWO_PASSES):
                rows = self.table(path, "event", "hmac", more=more)
                events = {row["frame"]: row["event"] for row in rows if row["event"]}
                shown = {row["frame"]: row["hmac"][0] for row in rows if row["hmac"]}
                with self.subTest(path=path, more=more):
                    self.assertEqual(events, dict(wanted))
                    if more:
                        self.assertEqual(shown, hmacs)
                    else:  # a key may be captured after the HMAC
                        self.assertLessEqual(shown.items(), hmacs.items())

    def test_nothing_is_wrong(self):
        for name in ("twopath", "lossy", "ipv6"):
            for more in ([], TWO_PASSES):
                with self.subTest(name=name, more=more):
                    self.assertEqual(self.expert(capture(name), *more), {})

    def test_reinjection(self):
        wanted = {row["frame"] for row in self.rows(capture("many"), "reinjections")}
        for more in ([], TWO_PASSES):
            shown = self.expert(capture("many"), *more)
            self.assertEqual({f for f, names in shown.items() if "reinjection" in names}, wanted)

    def test_fallback(self):
        path = capture("fallback")
        events = [row for row in self.rows(path, "events") if row["event"] == "fallback"]
        shown = [(row["frame"], row["fallback"]) for row in self.table(path, "fallback")
                 if row["fallback"]]
        self.assertEqual(shown, [(events[0]["frame"], [events[0]["reason"]])])
        self.assertEqual(self.expert(path), {events[0]["frame"]: ["fallback"]})

    def test_reset(self):
        path = capture("stripped")
        wanted = {row["frame"] for row in self.rows(path, "events") if row["event"] == "MP_TCPRST"}
        self.assertTrue(wanted)
        self.assertEqual({f for f, n in self.expert(path).items() if "reset" in n}, wanted)
        self.assertIn("Subflow reset: MPTCP-specific error",
                      self.tshark.stat(path, "expert").stdout)

    def test_bad_hmac(self):
        path = capture("twopath")
        frame, hmac = next(row for row in self.tshark.fields(
            path, "frame.number", "tcp.options.mptcp.sendhmac",
            more=["-Y", "tcp.options.mptcp.sendhmac && tcp.flags.syn == 0"]))
        pattern = bytes.fromhex(hmac.replace("0x", "").replace(":", ""))
        bad = self.flipped(path, pattern, 5, "hmac.pcapng")
        self.assertEqual(self.expert(bad), {int(frame): ["bad_hmac"]})
        self.assertIn("HMAC differs from", self.tshark.stat(bad, "expert").stdout)

    def test_checksums(self):
        path = capture("checksum")
        counts = self.tshark.json(path, "mptcp,events")["checksums"]
        shown = [row for row in self.table(path, "checksum") if row["checksum"]]
        self.assertEqual({value for row in shown for value in row["checksum"]}, {"ok"})
        self.assertGreater(len(shown), 5)
        self.assertLessEqual(len(shown), sum(row["ok"] for row in counts))

    def test_bad_checksum(self):
        path = capture("checksum")
        frames = {row["frame"] for row in self.table(path, "checksum") if row["checksum"]}
        with open(path, "rb") as file:
            data = file.read()
        for frame, payload in self.tshark.fields(path, "frame.number", "tcp.payload"):
            payload = bytes.fromhex(payload)
            if int(frame) in frames and len(payload) > 64 and data.count(payload) == 1:
                break
        bad = self.flipped(path, payload, 40, "checksum.pcapng")
        wanted = {row["frame"] for row in self.rows(bad, "events") if row["checksum"] == "bad"}
        self.assertEqual(len(wanted), 1)
        for more in ([], TWO_PASSES):
            shown = self.expert(bad, *more)
            self.assertEqual({f for f, names in shown.items() if "bad_checksum" in names}, wanted)

    def test_data_missing_in_the_capture(self):
        """A segment with data is removed from the capture, and the data is not sent again."""
        path, out = capture("twopath"), self.tshark.path("unseen.pcapng")
        rows = self.table(path, "dsn", "data_bytes", "retransmitted", "data_ack")
        lost = [row for row in rows if row["data_bytes"]][40]
        first = int(lost["dsn"][0])
        self.assertFalse(any(row["retransmitted"] for row in rows))
        self.tshark.run("-r", path, "-w", out, "-Y", f"frame.number != {lost['frame']}")
        acks = [row["frame"] for row in rows if row["data_ack"] and row["frame"] > lost["frame"] and
                self.other_direction(row) == self.direction(lost) and
                int(row["data_ack"][0]) > first]
        self.assertEqual(self.expert(out, *TWO_PASSES), {acks[0] - 1: ["unseen"]})
        self.assertEqual(self.expert(out), {}, "one pass cannot know whether the data comes later")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    test_tshark.BUILD = sys.argv.pop(1)
    unittest.main()
