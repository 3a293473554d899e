#!/usr/bin/python3
"""flow says of each segment what Wireshark and the dump say of it, and draws a capture and its dump
alike.

usage: test_flow.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import io
import os
import shutil
import subprocess
import sys
import unittest

import test_tshark

NAMES = ("lossy", "many", "handover", "tso", "nat", "ipv6", "stripped", "fallback", "checksum", "gso")
CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")
FLAGS = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE")


def flow(*arguments):
    return subprocess.run([COMMAND, "flow", *arguments], check=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True).stdout


def rows_of(path):
    """The rows of all connections."""
    count = len(subprocess.run([COMMAND, "report", "connections", "-f", "csv", path], check=True,
                               stdout=subprocess.PIPE, text=True).stdout.splitlines()) - 1
    return [row for number in range(count)
            for row in csv.DictReader(io.StringIO(flow("-f", "csv", "-c", str(number), path)))]


class Flow(test_tshark.FolderCase):
    def dump(self, path):
        """The path of a dump, and its rows by frame."""
        name = os.path.basename(path) + ".csv"
        _, rows = self.tshark.dump(path, name)
        return self.tshark.path(name), {row["frame"]: row for row in rows}

    def case(self, name):
        """A copy of a case, which the user of tshark may read."""
        return shutil.copyfile(os.path.join(CASES, name), self.tshark.path(os.path.basename(name)))

    def test_each_segment_of_the_dump(self):
        cases = [self.case(name) for name in
                 ("twice.pcap", "tfo-syn-data.pcap", "mp-fail-answer/ns1.pcap", "after-2038.pcap")]
        # In gso the first frames of two subflows are not in the order of time: the dump, which is
        # written in one pass, numbers them by the order of frames.
        names = [name for name in NAMES if name != "gso"]
        for path in [test_tshark.capture(name) for name in names] + cases:
            _, dumped = self.dump(path)
            rows = rows_of(path)
            self.assertEqual(sorted(row["frame"] for row in rows), sorted(dumped), path)
            isn = {(row["connection"], row["subflow"], row["direction"]): int(row["seq"])
                   for row in dumped.values() if int(row["flags"]) & 2 and not row["copy_of"]}
            for row in rows:
                expected = dumped[row["frame"]]
                for name in ("connection", "subflow", "direction", "length", "dsn", "dsn_relative",
                             "data_bytes", "retransmitted_bytes", "reinjected_bytes",
                             "unmapped_bytes", "copy_of"):
                    self.assertEqual(row[name], expected[name], (path, row["frame"], name))
                start = isn[(row["connection"], row["subflow"], row["direction"])]
                self.assertEqual(int(row["seq"]), (int(expected["seq"]) - start) % 2 ** 32)
                self.assertEqual(row["data_fin"] == "true", expected["data_fin"] == "1")
                self.assertEqual(row["options"], expected["mptcp"])
                self.assertEqual(int(row["time"].replace(".", "")), int(expected["time_ns"]))

    def test_figures_of_wireshark(self):
        for name in NAMES:
            path = test_tshark.capture(name)
            lines = {line[0]: line[1:] for line in self.tshark.fields(
                path, "frame.number", "tcp.stream", "tcp.seq", "tcp.ack", "tcp.window_size",
                "tcp.len", "tcp.flags", "tcp.options.mptcp.rawdataack")}
            for row in rows_of(path):
                stream, seq, ack, window, length, flags, data_ack = lines[row["frame"]]
                bits = sum(1 << FLAGS.index(flag) for flag in row["flags"].split())
                self.assertEqual(
                    [row[key] for key in ("tcp_stream", "seq", "ack", "window", "length")],
                    [stream, seq, ack if bits & 16 else "", window, length], (name, row["frame"]))
                self.assertEqual(bits, int(flags, 16) & 0x1ff)
                digits = 2 ** 32 if data_ack and int(data_ack) < 2 ** 32 else 2 ** 64
                self.assertEqual(str(int(row["data_ack"]) % digits) if row["data_ack"] else "",
                                 data_ack, (name, row["frame"]))

    def test_dump_instead_of_capture(self):
        for name in NAMES:
            paths = [test_tshark.capture(name, side) for side in ("client", "server")]
            dumps = []
            for side, path in zip("ab", paths):
                dumps.append(self.tshark.path(f"{name}.{side}.csv"))
                self.tshark.dump(path, f"{name}.{side}.csv", ",tcp=all")
            for format_name in ("text", "csv", "json"):
                for given, dumped in (paths[:1], dumps[:1]), (paths, dumps):
                    self.assertEqual(flow("-f", format_name, *given), flow("-f", format_name, *dumped))


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    COMMAND = [path for path in glob.glob(f"{test_tshark.BUILD}/**/mptcpscope", recursive=True)
               if os.path.isfile(path) and os.access(path, os.X_OK)][0]
    unittest.main()
