#!/usr/bin/python3
"""flow: a connection as arrows, held against facts worked out by hand and against owd.

usage: test_flow.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CASES = os.path.join(ROOT, "tests", "cases")
COMMAND = "mptcpscope"


def ends(name):
    return [os.path.join(ROOT, "captures", name, f"{end}.pcapng") for end in ("client", "server")]


def call(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


def text_of(*arguments):
    done = call("flow", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows_of(*arguments):
    return list(csv.DictReader(io.StringIO(text_of("-f", "csv", *arguments))))


def arrows_of(*arguments):
    """The lines of the drawing."""
    return [line for line in text_of(*arguments).split("\n\n", 1)[1].splitlines()[1:] if line]


def frames(rows, column="frame"):
    return [int(row[column]) for row in rows if row[column]]


class OneCapture(unittest.TestCase):
    def test_subflow_that_is_reset(self):
        """Figures of tshark for tcp.stream 1, times minus that of frame 1."""
        rows = rows_of(ends("stripped")[0], "--subflow", "1")
        columns = ("frame", "since_start", "direction", "flags", "seq", "ack", "window", "length",
                   "options", "info")
        self.assertEqual([tuple(row[column] for column in columns) for row in rows], [
            ("8", "0.076279803", "c2s", "SYN", "0", "", "64240", "0", "MP_JOIN", "MP_JOIN id 1"),
            ("110", "0.112949163", "s2c", "SYN ACK", "0", "1", "65160", "0", "", ""),
            ("111", "0.112997876", "c2s", "RST ACK", "1", "1", "64512", "0", "MP_TCPRST",
             "MP_TCPRST: MPTCP-specific error")])

    def test_arrows(self):
        self.assertEqual(arrows_of(ends("stripped")[0], "--subflow", "1"), [
            "0.076279     8 |==SYN==============>|   1   0   -   -        -  64240  MP_JOIN id 1",
            "0.112949   110 |<==========SYN ACK==|   1   0   1   -        -  65160",
            "0.112997   111 |==RST ACK==========>|   1   1   1   -        -  64512  "
            "MP_TCPRST: MPTCP-specific error"])

    def test_data(self):
        """Frame 545 of handover brings 728 bytes of frame 462 once more, on the other subflow."""
        [row] = [row for row in rows_of(ends("handover")[0]) if row["frame"] == "545"]
        self.assertEqual([row[name] for name in (
            "subflow", "length", "dsn_relative", "data_ack_relative", "data_bytes",
            "reinjected_bytes", "reinjection_of", "info")],
            ["1", "1424", "361353", "1", "696", "728", "462", "reinjection of 728 bytes of frame 462"])

    def test_fallback(self):
        rows = rows_of(ends("fallback")[0])
        self.assertEqual(rows[1]["info"], "fallback: no MP_CAPABLE in SYN/ACK")
        self.assertEqual({row["dsn"] + row["data_ack"] for row in rows}, {""})
        self.assertEqual(sum(int(row["length"]) for row in rows if row["direction"] == "c2s"), 150017)

    def test_copies(self):
        rows = rows_of(os.path.join(CASES, "twice.pcap"))
        self.assertEqual(len(rows), 108)
        for frame, row in zip(range(1, 109), sorted(rows, key=lambda row: int(row["frame"]))):
            self.assertEqual(row["copy_of"], "" if frame % 2 else str(frame - 1))
        self.assertEqual(sum(int(row["data_bytes"]) for row in rows), 40100)

    def test_unknown_window_scale(self):
        """Its SYN was not captured: what the window means is not known, except that 0 is 0."""
        rows = rows_of(os.path.join(CASES, "lone-rst.pcap"))
        self.assertEqual([(row["window"], row["seq"]) for row in rows], [("", "1")])
        rows = rows_of(os.path.join(CASES, "reset-reason", "ns2.pcap"), "--subflow", "1")
        self.assertEqual([row["window"] for row in rows if row["flags"] == "RST"], ["0"])

    def test_clock_set_back(self):
        path = os.path.join(CASES, "clock-back-1h.pcap")
        late = rows_of(path, "--to", "-1")
        self.assertEqual(frames(late), list(range(12, 25)))
        self.assertEqual(late[0]["since_start"], "-3599.953801000")
        self.assertEqual(frames(rows_of(path, "--from", "0")), list(range(1, 12)))

    def test_more_than_4_gib(self):
        """Sequence numbers of a subflow go on where those of the wire begin again."""
        with open(os.path.join(CASES, "hostile", "name-escapes.csv"), "rb") as file:
            lines = file.read().decode("utf-8", "replace").splitlines()
        lines[0] = "# mptcpscope dump, version 1; capture large.pcap"
        columns = lines[1].split(",")
        handshake = [dict(zip(columns, line.split(","))) for line in lines[2:5]]
        first, ack = int(handshake[2]["seq"]), int(handshake[2]["ack"])
        rows, length = list(handshake), 2 ** 30
        for i in range(6):
            time_ns = int(handshake[2]["time_ns"]) + 1000 * (i + 1)
            data = {**handshake[2], "frame": str(4 + 2 * i), "time_ns": str(time_ns),
                    "seq": str((first + i * length) % 2 ** 32), "length": str(length),
                    "tcp_options": ""}
            answer = {**handshake[1], "frame": str(5 + 2 * i), "time_ns": str(time_ns + 500),
                      "seq": str(ack), "ack": str((first + (i + 1) * length) % 2 ** 32),
                      "flags": "16", "tcp_options": ""}
            rows += [data, answer]
        lines[2:] = [",".join(row[column] for column in columns) for row in rows]
        with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
            file.write("\n".join(lines) + "\n")
            file.flush()
            drawn = rows_of(file.name)
        self.assertEqual([int(row["seq"]) for row in drawn[3::2]],
                         [1 + i * length for i in range(6)])
        self.assertEqual([int(row["ack"]) for row in drawn[4::2]],
                         [1 + (i + 1) * length for i in range(6)])

    def test_eight_subflows_look_different(self):
        with tempfile.NamedTemporaryFile(suffix=".pcap") as file:
            subprocess.run([sys.executable, os.path.join(ROOT, "tests", "complexity", "generate.py"),
                            "subflows", "8", file.name], check=True)
            rows, lines = rows_of(file.name), arrows_of(file.name)
        strokes = collections.defaultdict(set)
        for row, line in zip(rows, lines):
            stroke = re.search(r"\|[<]?(\S).*\|", line).group(1)
            strokes[row["subflow"]].add(stroke)
        self.assertEqual([len(own) for own in strokes.values()], [1] * 8)
        self.assertEqual(len(set.union(*strokes.values())), 8)

    def test_subflows_apart(self):
        client = ends("many")[0]
        for connection in map(str, range(8)):
            whole = rows_of(client, "-c", connection)
            parts = [rows_of(client, "-c", connection, "--subflow", number)
                     for number in sorted({row["subflow"] for row in whole})]
            self.assertEqual(sorted(frames(whole)), sorted(sum(map(frames, parts), [])))

    def test_range(self):
        client = ends("handover")[0]
        whole = rows_of(client)
        low, high = whole[100]["since_start"], whole[200]["since_start"]
        part = rows_of(client, "--from", low, "--to", high)
        self.assertEqual(part, whole[100:201]) # both included
        self.assertEqual(rows_of(client, "--from", high), whole[200:])
        self.assertEqual(rows_of(client, "--to", low), whole[:101])

    def test_connection_with_most_data(self):
        text = text_of(ends("gso")[0])
        data = json.loads(call("report", "connections", "-f", "json", ends("gso")[0]).stdout)["rows"]
        most = max(data, key=lambda row: row["c2s"]["data_bytes"] + row["s2c"]["data_bytes"])
        self.assertIn(f"Note: Connection {most['connection']} of 2, numbered from 0", text)
        self.assertIn(f"\nConnection {most['connection']}, seconds since ", text)
        self.assertNotIn("Note:", text_of(ends("gso")[0], "-c", "0"))

    def test_formats_agree(self):
        """csv, json and text have the same arrows."""
        for name in ("ipv6", "tso", "checksum"):
            client = ends(name)[0]
            rows = rows_of(client)
            document = json.loads(text_of("-f", "json", client))
            self.assertEqual([(row["frame"], row["seq"], row["dsn"]) for row in document["rows"]],
                             [(int(row["frame"]), int(row["seq"]), row["dsn"] or None)
                              for row in rows])
            lines = [line for line in arrows_of(client) if "|" in line]
            self.assertEqual([int(line.split()[1]) for line in lines], frames(rows))
            for line, row in zip(lines, rows):
                label = row["flags"] + (" " + row["length"] if row["length"] != "0" else "")
                self.assertRegex(line, rf"[-=>]{re.escape(label)}[-=<]")
                self.assertIn("->|" if row["direction"] == "c2s" else "|<", line.replace("=", "-"))

    def test_width(self):
        for name in ("lossy", "ipv6", "tso", "handover", "nat"):
            for paths in (ends(name)[:1], ends(name)):
                self.assertLessEqual(max(map(len, text_of(*paths).splitlines())), 120, paths)


class TwoCaptures(unittest.TestCase):
    """Held against owd: the same pairs, delays and counts."""

    NAMES = ("lossy", "many", "nat", "tso", "handover", "ipv6", "stripped", "fallback", "gro")

    def test_pairs(self):
        for name in self.NAMES:
            owd = call("owd", *ends(name), "-f", "json", "--packets", "/dev/stdout", "-o", "/dev/null",
                       "--clock", "offset")
            pairs = collections.defaultdict(list)
            for row in csv.DictReader(io.StringIO(owd.stdout)):
                pairs[row["connection"]].append(tuple(row[key] for key in (
                    "subflow", "direction", "frame", "peer_frame", "time", "peer_time", "length",
                    "owd", "match")))
            for connection, expected in pairs.items():
                if connection:
                    rows = rows_of(*ends(name), "-c", connection)
                    self.assertEqual(sorted(tuple(row[key] for key in (
                        "subflow", "direction", "frame", "peer_frame", "time", "peer_time",
                        "matched_bytes", "owd", "match")) for row in rows
                        if row["outcome"] == "matched"), sorted(expected), (name, connection))

    def test_outcomes(self):
        sets = [ends(name) for name in self.NAMES]
        folder = os.path.join(CASES, "owd-receiver-capture-drops")
        sets.append([os.path.join(folder, f"{end}.pcap.gz") for end in ("connect", "listen")])
        seen = collections.Counter()
        for paths in sets:
            table = list(csv.DictReader(io.StringIO(call("owd", *paths, "-f", "csv").stdout)))
            counts = collections.Counter()
            for connection in sorted({row["connection"] for row in table} - {""}):
                for row in rows_of(*paths, "-c", connection):
                    if row["outcome"] != "matched":
                        counts[(connection, row["subflow"], row["direction"], row["outcome"])] += 1
            for row in table:
                for outcome in ("lost", "unseen", "duplicated", "outside", "uncaptured",
                                "undetermined"):
                    key = (row["connection"], row["subflow"], row["direction"], outcome)
                    if row["connection"]:
                        self.assertEqual(counts[key], int(row[outcome] or 0), (paths, key))
                        seen[outcome] += counts[key]
        for outcome in ("lost", "unseen", "uncaptured", "undetermined"):
            self.assertGreater(seen[outcome], 0, outcome)

    def test_each_segment(self):
        """Every segment of either capture has an arrow; only what was split or merged has more."""
        for name in self.NAMES:
            both = rows_of(*ends(name), "-c", "0")
            alone = frames(rows_of(ends(name)[0], "-c", "0"))
            self.assertEqual(sorted(set(frames(both))), sorted(alone), name)
            again = [frame for frame, n in collections.Counter(frames(both)).items() if n > 1]
            self.assertEqual({row["match"] for row in both if row["frame"] and
                              int(row["frame"]) in again} - {"split", "merged"}, set(), name)
            sent = {"c2s": "frame", "s2c": "peer_frame"}
            segments = [(row["direction"], row[sent[row["direction"]]]) for row in both]
            counted = [segment for segment, row in zip(segments, both) if row["data_bytes"]]
            self.assertEqual(sorted(set(segments)), sorted(counted), name) # figures count once

    def test_lost_where_they_were_lost(self):
        """Frames 83, 86 and 87 of the client are not in the server's capture."""
        lines = arrows_of(*ends("lossy"), "--from", "0.0874", "--to", "0.0932")
        self.assertEqual([line for line in lines if "lost" in line], [
            "0.087522    83 |--ACK 1424-x        |                  0 75489     1 75489        1  "
            "64512  lost",
            "0.089543    86 |--ACK 1424-x        |                  0 78337     1 78337        1  "
            "64512  lost",
            "0.089544    87 |--PSH ACK 1424-x    |                  0 79761     1 79761        1  "
            "64512  lost"])
        lost = [row for row in rows_of(*ends("lossy")) if row["outcome"] == "lost"]
        for row in lost: # where its sender is
            self.assertEqual(row["frame"] != "", row["direction"] == "c2s")
            self.assertEqual(row["peer_frame"] != "", row["direction"] == "s2c")

    def test_order_of_files(self):
        """With the server's capture as A the client stays on the left."""
        client, server = ends("lossy")
        lines = arrows_of(server, client)
        self.assertRegex(lines[0], r" 1 \|--SYN-+>\| +1 ")
        self.assertIn("Client (B)  Server (A)", text_of(server, client))
        swapped = rows_of(server, client)
        self.assertEqual(
            sorted((row["peer_frame"], row["frame"], row["outcome"]) for row in swapped),
            sorted((row["frame"], row["peer_frame"], row["outcome"])
                   for row in rows_of(client, server)))

    def test_clock(self):
        """B's times by A's clock, or as they are."""
        for mode in ("none", "offset", "skew"):
            for row in rows_of(*ends("lossy"), "--clock", mode):
                if row["owd"] and row["direction"] == "c2s":
                    self.assertAlmostEqual(float(row["peer_since_start"]) - float(row["since_start"]),
                                           float(row["owd"]), places=8)
        [row] = [row for row in rows_of(*ends("lossy"), "--clock", "none") if row["frame"] == "1"]
        self.assertAlmostEqual(float(row["owd"]), 0.005187582, delta=2e-7) # frame 1's times, subtracted

    def test_stripped_options(self):
        """What is plain TCP for one end is drawn if the other end, as A, knows better."""
        client, server = ends("fallback")
        rows = rows_of(client, server)
        self.assertEqual({row["peer_connection"] for row in rows}, {""})
        done = call("flow", server, client)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("A has no MPTCP connection; B has: name B first", done.stderr)


class Errors(unittest.TestCase):
    def assert_fails(self, status, message, *arguments):
        done = call("flow", *arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertIn(message, done.stderr)

    def test_nothing_to_draw(self):
        client, server = ends("lossy")
        self.assert_fails(1, "connection 1", client, "-c", "1")
        self.assert_fails(1, "connection 0 has no subflow 2; it has 2, numbered from 0", client,
                          "--subflow", "2")
        self.assert_fails(1, "connection 0 has no segment from 100.000000 s; its segments are from "
                          "0.000000 s to ", client, "--from", "100")
        self.assert_fails(1, "subflow 1 of connection 0 has no segment to 0.000000 s", client, server,
                          "--subflow", "1", "--to", "0")
        self.assert_fails(1, "no MPTCP connection", os.path.join(CASES, "hostile", "snap54.pcapng"))
        self.assert_fails(1, "no connection is in both captures", client, ends("twopath")[1])

    def test_wrong_calls(self):
        client = ends("lossy")[0]
        for option in ("--from", "--to"):
            for value in ("", "x", "1x", "-", "--1", ".5", "1e3", "1000000001", "1.0123456789", " 1"):
                self.assert_fails(2, f"{option} must be a number of seconds", f"{option}={value}", client)
        for value in ("", "-1", "x", "4294967295", "1.5"):
            self.assert_fails(2, "--subflow must be the number of a subflow", f"--subflow={value}", client)
        self.assert_fails(2, "--from is after --to", "--from=2", "--to=1", client)
        self.assert_fails(2, "--clock needs two files", "--clock=none", client)
        self.assert_fails(2, "--near needs two files", "--near=client", client)
        self.assert_fails(2, "", client, client, client)
        self.assert_fails(2, "")
        done = call("owd", "--subflow=1", client, client)
        self.assertEqual(done.returncode, 2)
        self.assertIn("--subflow", done.stderr)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
