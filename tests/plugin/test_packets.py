#!/usr/bin/python3
"""What the plugin shows of a packet: its line in the details, notes in the column Info, expert info,
filters; and the preferences.

usage: test_packets.py BUILD_DIR [unittest arguments]

The reports of the same captures say what must be shown.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import struct
import sys
import unittest

import test_tshark
from sharkd_session import Sharkd
from test_tshark import Case, FolderCase, capture, ethernet, ip4, tcp

# A join and loss; reinjections; fallback; a reset; a join with reinjections after a lost path.
NAMES = ("lossy", "many", "fallback", "stripped", "handover")
PASSES = ([], ["-2"])
NUMBERS = ("connection", "subflow", "direction")
ITEM = re.compile(r"MPTCP connection (\d+), subflow (\d+), (client|server) to (client|server)"
                  r"(?:: (.*))?$")


class PacketCase(Case):
    def items(self, path, *more):
        """The lines of our items, by frame."""
        text = self.tshark.run("-n", "-r", path, "-V", "-O", "mptcpscope", *more).stdout
        lines, frame = {}, None
        for line in text.splitlines():
            if line.startswith("Frame "):
                frame = int(re.match(r"Frame (\d+):", line)[1])
            elif line.startswith("[MPTCP connection "):
                lines.setdefault(frame, []).append(line[1:-1])
        return lines

    def info(self, path, *more):
        """The column Info, by frame."""
        text = self.tshark.run("-n", "-r", path, "-o", 'gui.column.format:"No.","%m","Info","%i"',
                               *more).stdout
        rows = [line.split(None, 1) for line in text.splitlines()]
        return {int(row[0]): row[1] for row in rows}

    def notes(self, path, *more):
        """Our notes in the column Info, by frame."""
        return {frame: re.findall(r"\[MPTCP ([^]]*)\]", text)
                for frame, text in self.info(path, *more).items() if "[MPTCP" in text}

    def shown(self, path, *names, more=("-2",)):
        """Rows of the fields of all MPTCP segments, by frame."""
        rows = self.tshark.fields(path, "frame.number", *("mptcpscope." + n for n in names),
                                  more=["-Y", "mptcpscope", "-E", "aggregator=;", *more])
        return {int(row[0]): dict(zip(names, row[1:])) for row in rows}

    def rows(self, path, report):
        return self.tshark.json(path, "mptcp," + report)["rows"]


def frames_text(frames):
    """The frames as the line and the notes name them."""
    if len(frames) == 1:
        return f"frame {frames[0]}"
    if len(frames) <= 3:
        return f"frames {', '.join(map(str, frames[:-1]))} and {frames[-1]}"
    return f"frames {', '.join(map(str, frames[:3]))} and {len(frames) - 3} more"


class Details(PacketCase):
    def test_the_line_says_what_the_fields_say(self):
        for name in NAMES:
            path = capture(name)
            lines = self.items(path, "-2")
            rows = self.shown(path, *NUMBERS, "dsn", "data_ack", "event", "reinjection_of",
                              "retransmitted", "fallback")
            lengths = {int(f): int(n) for f, n in
                       self.tshark.fields(path, "frame.number", "tcp.len", more=["-Y", "tcp"])}
            self.assertEqual(set(lines), set(rows))
            ranges = 0
            for frame, row in rows.items():
                with self.subTest(name=name, frame=frame):
                    self.assertEqual(len(lines[frame]), 1)
                    match = ITEM.match(lines[frame][0])
                    self.assertTrue(match, lines[frame])
                    way = match[3][0] + "2" + match[4][0]
                    self.assertEqual([match[1], match[2], way], [row[n] for n in NUMBERS])
                    said = match[5] or ""
                    for event in filter(None, row["event"].split(";")):
                        self.assertIn(event, said)
                    self.assertIn(row["fallback"], said)
                    self.assertEqual("retransmission" in said, bool(row["retransmitted"]))
                    if row["reinjection_of"]:
                        frames = [int(f) for f in row["reinjection_of"].split(";")]
                        self.assertRegex(said, r"reinjection (of \d+ bytes )?of "
                                               + frames_text(frames) + "$")
                    if row["dsn"] and lengths[frame]:
                        last = int(row["dsn"]) + lengths[frame] - 1
                        ranges += 1
                        self.assertIn(f"data {row['dsn']} to {last}", said)
                    if row["data_ack"] and not lengths[frame]:
                        self.assertIn("DATA_ACK " + row["data_ack"], said)
            self.assertEqual(ranges > 0, name != "fallback")

    def test_example_of_the_docs(self):
        line = self.items(capture("handover"), "-2")[545][0]
        self.assertEqual(line, "MPTCP connection 0, subflow 1, client to server: "
                               "data 361353 to 362776, reinjection of 728 bytes of frame 462")
        line = self.items(capture("handover"), "-2")[547][0]
        self.assertEqual(line, "MPTCP connection 0, subflow 1, client to server: "
                               "data 364201 to 365624, reinjection of frames 463 and 466")

    def test_frames_can_be_clicked(self):
        kinds = {}
        for line in self.tshark.run("-G", "fields").stdout.splitlines():
            cells = line.split("\t")
            if cells[0] == "F" and cells[2].startswith("mptcpscope."):
                kinds[cells[2][len("mptcpscope."):]] = cells[3]
        frames = {name for name, kind in kinds.items() if kind == "FT_FRAMENUM"}
        self.assertEqual(frames, {"copy_of", "mapping_frame", "reinjection_of", "reinjected_in",
                                  "connection_frame"})

    def test_kinds_of_frames(self):
        """Wireshark marks them in the list: sent again, before and after."""
        sharkd = Sharkd([*self.tshark.user, "sharkd", "-"], self.tshark.environment)
        sharkd("load", file=capture("handover"))
        tree = str(sharkd("frame", frame=462, proto=True)["tree"])
        self.assertIn("Data reinjected in frame: 545", tree)
        self.assertIn("'fnum': 545", tree)
        sharkd.close()

    def test_first_frame_of_the_connection(self):
        for name in ("many", "lossy"):
            path = capture(name)
            first = {str(row["connection"]): str(row["frame"])
                     for row in self.tshark.json(path, "mptcp,connections")["rows"]
                     if "frame" in row}
            rows = self.shown(path, "connection", "connection_frame")
            lowest = {}
            for frame, row in rows.items():
                lowest.setdefault(row["connection"], frame)
            for frame, row in rows.items():
                wanted = lowest[row["connection"]]
                self.assertEqual(row["connection_frame"], "" if frame == wanted else str(wanted))
            self.assertLessEqual(set(first), set(lowest))


class Info(PacketCase):
    def wanted(self, path):
        """Notes by frame, from the reports; without the frames of reinjections."""
        notes = {}
        numbers = self.shown(path, "connection", "subflow")
        for row in self.rows(path, "events"):
            if row["event"] == "MP_JOIN":
                at = numbers[row["frame"]]
                notes.setdefault(row["frame"], set()).add(
                    f"join: connection {at['connection']}, subflow {at['subflow']}")
            if row["event"] == "fallback":
                notes.setdefault(row["frame"], set()).add("fallback: " + row["reason"])
            if row["event"] == "MP_TCPRST":
                notes.setdefault(row["frame"], set()).add("subflow reset: " + row["reason"])
        for row in self.rows(path, "reinjections"):
            frames = sorted({o["frame"] for o in row["originals"]})
            notes.setdefault(row["frame"], set()).add("reinjection of " + frames_text(frames))
        return notes

    def test_notes_are_those_of_the_reports(self):
        kinds = set()
        for name in NAMES:
            path = capture(name)
            wanted = self.wanted(path)
            shown = self.notes(path, "-2")
            with self.subTest(name=name):
                self.assertEqual({f: set(n) for f, n in shown.items()}, wanted)
            kinds |= {n.split()[0] for notes in shown.values() for n in notes}
        self.assertEqual(kinds, {"join:", "reinjection", "fallback:", "subflow"})

    def test_one_pass(self):
        """Only an original that was captured after its reinjection is not known yet."""
        for name in NAMES:
            once, twice = (self.notes(capture(name), *more) for more in PASSES)
            self.assertEqual(set(once), set(twice))
            for frame, notes in once.items():
                for one, two in zip(notes, twice[frame]):
                    self.assertTrue(one == two or "reinjection" in one, (frame, one, two))

    def test_default_list(self):
        text = self.tshark.run("-n", "-r", capture("stripped")).stdout
        self.assertEqual(text.count("[MPTCP subflow reset: MPTCP-specific error]"), 1)

    def test_off(self):
        for name in NAMES:
            for more in PASSES:
                off = self.info(capture(name), "-o", "mptcpscope.info:FALSE", *more)
                on = self.info(capture(name), *more)
                self.assertFalse(any("[MPTCP" in text for text in off.values()))
                self.assertEqual({f: re.sub(r"\[MPTCP [^]]*\] ", "", t) for f, t in on.items()},
                                 off)

    def test_filter_of_the_column(self):
        shown = self.tshark.fields(capture("handover"), "frame.number", more=[
            "-2", "-Y", 'mptcpscope.reinjected && _ws.col.info contains "[MPTCP reinjection of"'])
        wanted = {row["frame"] for row in self.rows(capture("handover"), "reinjections")}
        if shown:  # 4.0 cannot filter by columns
            self.assertEqual({int(row[0]) for row in shown}, wanted)


class Hostile(FolderCase, PacketCase):
    """Packets that are not MPTCP, and resets of several kinds."""

    def write(self, name, packets):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for i, packet in enumerate(packets):
                file.write(struct.pack("<IIII", 1, i, len(packet), len(packet)) + packet)
        return path

    @staticmethod
    def segment(way, **more):
        ports, ends = ((1000, 80), ("10.0.0.1", "10.0.0.2"))
        if way:
            ports, ends = ports[::-1], ends[::-1]
        return ethernet(ip4(tcp(*ports, **more), *ends))

    def test_nothing_on_other_packets(self):
        plain = [self.segment(0), self.segment(1, flags=0x12, ack=2),
                 self.segment(0, flags=0x10, seq=2, ack=2),
                 self.segment(0, flags=0x18, seq=2, ack=2, payload=b"x" * 50),
                 self.segment(1, flags=0x04, seq=2),
                 ethernet(ip4(b"\x03\xe8\x00\x35\x00\x0a\x00\x00ab", protocol=17)),
                 ethernet(b"\0" * 28, 0x0806)]
        path = self.write("plain.pcap", plain)
        for more in PASSES:
            self.assertEqual(self.items(path, *more), {})
            self.assertEqual(self.notes(path, *more), {})
            self.assertEqual(self.tshark.fields(path, "frame.number",
                                                more=["-Y", "mptcpscope", *more]), [])
            self.assertNotIn('name="mptcpscope', self.tshark.run("-r", path, "-T", "pdml", *more).stdout)

    def handshake(self):
        capable = bytes([30, 12, 1, 1]) + bytes(range(8))
        both = bytes([30, 20, 1, 1]) + bytes(range(16))
        return [self.segment(0, options=bytes([30, 4, 1, 1])),
                self.segment(1, seq=100, ack=2, flags=0x12, options=capable),
                self.segment(0, seq=2, ack=101, flags=0x10, options=both)]

    def test_resets(self):
        cases = {"plain": (b"", "subflow reset", "Subflow reset"),
                 "reason": (bytes([30, 4, 0x80, 5]), "subflow reset: Unacceptable performance",
                            "Subflow reset: Unacceptable performance"),
                 "fastclose": (bytes([30, 12, 0x70, 0]) + bytes(range(8)), "fast close",
                               "Connection closed by MP_FASTCLOSE")}
        for name, (options, note, expert) in cases.items():
            path = self.write(name + ".pcap", self.handshake() + [
                self.segment(0, seq=2, ack=101, flags=0x14, options=options)])
            for more in PASSES:
                with self.subTest(name=name, more=more):
                    self.assertEqual(self.notes(path, *more), {4: [note]})
                    text = self.tshark.stat(path, "expert", *more).stdout
                    self.assertRegex(text, r"Warns[^=]*=+[^=]*" + re.escape(expert))


class Expert(PacketCase):
    def test_severities(self):
        """They are those that Wireshark gives to the like of plain TCP."""
        severities = {"Chat": 0x200000, "Note": 0x400000, "Warning": 0x600000, "Error": 0x800000}
        wanted = {"join": "Chat", "reinjection": "Note", "reset": "Warning", "fallback": "Warning"}
        seen = set()
        for name in NAMES:
            names = [f"mptcpscope.expert.{n}" for n in wanted]
            rows = self.tshark.fields(capture(name), *names, "_ws.expert.severity",
                                      more=["-2", "-Y", " || ".join(names)])
            for row in rows:
                for kind, cell in zip(wanted, row):
                    if cell:
                        seen.add(kind)
                        self.assertIn(str(severities[wanted[kind]]), row[-1].split(","))
        self.assertEqual(seen, set(wanted))

    def test_joins(self):
        for name in ("many", "stripped"):
            path = capture(name)
            wanted = [row["frame"] for row in self.rows(path, "events")
                      if row["event"] == "MP_JOIN" and row["step"] == "SYN"]
            shown = self.tshark.fields(path, "frame.number", more=["-Y", "mptcpscope.expert.join"])
            self.assertEqual([int(row[0]) for row in shown], wanted)


class Filters(PacketCase):
    def nodes(self, tree):
        for node in tree:
            yield node
            yield from self.nodes(node.get("n", []))

    def test_apply_as_filter(self):
        """Each filter that Wireshark makes of our fields finds its packet."""
        path = capture("handover")
        sharkd = Sharkd([*self.tshark.user, "sharkd", "-"], self.tshark.environment)
        sharkd("load", file=path)
        tried = set()
        for frame in (109, 462, 545, 600):
            tree = sharkd("frame", frame=frame, proto=True)["tree"]
            ours = [node for node in tree if node.get("f") == "mptcpscope"]
            self.assertEqual(len(ours), 1)
            for node in self.nodes(ours):
                if node["f"].startswith("mptcpscope"):
                    found = sharkd("frames", filter=f"({node['f']}) && frame.number == {frame}")
                    self.assertEqual([row["num"] for row in found], [frame], node)
                    tried.add(node["f"].split()[0])
        sharkd.close()
        self.assertGreater(len(tried), 12)


class Preferences(PacketCase):
    def test_defaults(self):
        text = self.tshark.run("-G", "defaultprefs").stdout
        ours = dict(re.findall(r"^#mptcpscope\.(\w+): (.*)$", text, re.MULTILINE))
        wanted = {"analyse": "TRUE", "info": "TRUE", "check_checksums": "TRUE",
                  "check_hmacs": "TRUE", "interval": "1", "plain_tcp": "FALSE"}
        self.assertLessEqual(wanted.items(), ours.items())

    def test_off(self):
        path, off = capture("many"), ["-o", "mptcpscope.analyse:FALSE"]
        for more in PASSES:
            self.assertEqual(self.shown(path, "connection", more=[*off, *more]), {})
            self.assertEqual(self.notes(path, *off, *more), {})
            call = "mptcp,connections,format=json"
            self.assertEqual(self.tshark.stat(path, call, *off, *more).stdout,
                             self.tshark.stat(path, call, *more).stdout)
        self.assertEqual(self.tshark.dump(path, "off.csv", more=off),
                         self.tshark.dump(path, "on.csv"))

    def test_checks(self):
        path = capture("checksum")
        for more in PASSES:
            rows = self.shown(path, "hmac", "checksum", more=more)
            self.assertTrue(any(row["checksum"] for row in rows.values()))
            self.assertTrue(any(row["hmac"] for row in rows.values()))
            for kind, other in (("checksum", "hmac"), ("hmac", "checksum")):
                off = self.shown(path, "hmac", "checksum", more=[
                    *more, "-o", f"mptcpscope.check_{kind}s:FALSE"])
                self.assertFalse(any(row[kind] for row in off.values()))
                self.assertEqual([row[other] for row in off.values()],
                                 [row[other] for row in rows.values()])
        events = [self.tshark.stat(path, "mptcp,events,format=json", "-o",
                                   f"mptcpscope.check_checksums:{value}").stdout
                  for value in ("TRUE", "FALSE")]
        self.assertEqual(*events)  # a report verifies what it shows

    def test_interval(self):
        path = capture("twopath")
        half = self.tshark.stat(path, "mptcp,series,interval=0.5").stdout
        one = self.tshark.stat(path, "mptcp,series").stdout
        self.assertNotEqual(half, one)
        preference = ["-o", "mptcpscope.interval:0.5"]
        self.assertEqual(self.tshark.stat(path, "mptcp,series", *preference).stdout, half)
        self.assertEqual(self.tshark.stat(path, "mptcp,series,interval=1", *preference).stdout, one)
        path_report = self.tshark.stat(path, "mptcp,critical-path")
        self.assertEqual(self.tshark.stat(path, "mptcp,critical-path", *preference).stdout,
                         path_report.stdout)

    def test_wrong_interval(self):
        for text in ("0", "soon", "-1", ""):
            wrong = ["-o", "mptcpscope.interval:" + text]
            failed = self.tshark.stat(capture("twopath"), "mptcp,series", *wrong)
            self.assertEqual(failed.returncode, 1)
            self.assertIn(f'preference mptcpscope.interval="{text}": expected seconds',
                          failed.stderr)
            for call in ("mptcp,series,interval=1", "mptcp,connections"):
                self.assertEqual(self.tshark.stat(capture("twopath"), call, *wrong).returncode, 0)

    def test_plain_tcp(self):
        path, preference = capture("fallback"), ["-o", "mptcpscope.plain_tcp:TRUE"]
        plain = self.tshark.path("plain.pcapng")
        self.tshark.run("-r", path, "-w", plain, "-Y", "tcp.flags.syn == 0")
        everything = self.tshark.dump(plain, "all.csv", ",tcp=all")[1]
        mptcp = self.tshark.dump(plain, "mptcp.csv", ",tcp=mptcp")[1]
        self.assertGreater(len(everything), len(mptcp))
        for options, more, wanted in (("", [], mptcp), ("", preference, everything),
                                      (",tcp=mptcp", preference, mptcp),
                                      (",tcp=all", preference, everything)):
            with self.subTest(options=options, more=more):
                self.assertEqual(self.tshark.dump(plain, "x.csv", options, more)[1], wanted)

    def test_change(self):
        """What sharkd shows after a change of a preference."""
        sharkd = Sharkd([*self.tshark.user, "sharkd", "-"], self.tshark.environment)
        wanted = self.tshark.fields(capture("many"), "frame.number", more=["-Y", "mptcpscope"])
        for i, value in enumerate(("TRUE", "FALSE", "TRUE")):
            self.assertEqual(sharkd("setconf", name="mptcpscope.analyse", value=value)["status"],
                             "OK")
            sharkd("load", file=capture("many"))
            # sharkd keeps the result of a filter, so each time it is another.
            found = sharkd("frames", filter=f"mptcpscope && frame.number < {i + 10**6}")
            self.assertEqual(len(found), len(wanted) if value == "TRUE" else 0)
        sharkd.close()


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    test_tshark.BUILD = sys.argv.pop(1)
    unittest.main()
