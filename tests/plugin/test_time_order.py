#!/usr/bin/python3
"""Files that are not in the order of time, and captures whose clock leapt: tshark writes the reports
that the native reader writes, in one pass and in two; in a second pass, fields agree with them.

usage: test_time_order.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import icmpmade  # noqa: E402
import test_order as order  # noqa: E402
import test_tshark  # noqa: E402


class Order(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tshark = test_tshark.Tshark()
        cls.folder = os.path.join(cls.tshark.home, "captures")
        os.makedirs(cls.folder)
        os.chmod(cls.folder, 0o777)
        cls.path = os.path.join(cls.folder, "x.pcap")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.tshark.home)

    def native(self, kind, path):
        return subprocess.run([COMMAND, "report", kind, "--format=json", path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def check(self, *options):
        outputs = {kind: f"{self.path}.{kind}" for kind in order.REPORTS}
        calls = [argument for kind, output in outputs.items()
                 for argument in ("-z", f"mptcp,{kind},format=json,file={output}")]
        self.assertEqual(self.tshark.run("-q", "-n", "-r", self.path, *options,
                                         *calls).returncode, 0)
        for kind, output in outputs.items():
            with open(output, encoding="utf-8") as file, self.subTest(report=kind, options=options):
                self.assertEqual(file.read(), self.native(kind, self.path))

    def test_reports(self):
        packets = order.frames(order.capture("handover"))
        for variant in ("interfaces one after the other", "batches", "five pieces", "everywhere"):
            order.write(self.path, order.VARIANTS[variant](packets))
            with self.subTest(variant=variant):
                self.check()
                self.check("-2")

    def test_leaps(self):
        packets = order.frames(order.capture("lossy"))
        for leaps in (((300, -3600),), ((300, -0.2),), ((200, 3600), (400, -3600))):
            order.write(self.path, order.leapt(packets, *leaps))
            with self.subTest(leaps=leaps):
                self.check()
                self.check("-2")

    def test_dump(self):
        """A dump of such a file gives the reports of the file."""
        dump = os.path.join(self.folder, "x.csv")
        packets = order.frames(order.capture("handover"))
        order.write(self.path, order.VARIANTS["five pieces"](packets))
        for options in ((), ("-2",)):
            self.assertEqual(self.tshark.run("-q", "-n", "-r", self.path, *options, "-z",
                                             f"mptcp,dump,file={dump}").returncode, 0)
            for kind in order.REPORTS:
                self.assertEqual(self.native(kind, dump), self.native(kind, self.path), kind)

    def test_filtered_report(self):
        """A filter chooses frames; what they count is as in the order of time."""
        packets = order.frames(order.capture("handover"))
        order.write(self.path, order.VARIANTS["everywhere"](packets))
        call = "mptcp,connections,format=json"
        whole, some = (json.loads(self.tshark.stat(self.path, call + filtered).stdout)["rows"][0]
                       for filtered in ("", ",tcp.dstport == 5001"))
        self.assertEqual(some["c2s"], whole["c2s"])
        self.assertEqual(some["s2c"]["segments"], 0)

    def test_fields_of_a_second_pass(self):
        packets = order.frames(order.capture("handover"))
        order.write(self.path, order.VARIANTS["everywhere"](packets))
        row, = json.loads(self.native("connections", self.path))["rows"]
        names = ("direction", "data_bytes", "retransmitted", "reinjected")
        rows = self.tshark.fields(self.path, *("mptcpscope." + name for name in names),
                                  more=["-2", "-Y", "mptcpscope"])
        for side in ("c2s", "s2c"):
            sums = [sum(int(found[i] or 0) for found in rows if found[0] == side)
                    for i in (1, 2, 3)]
            self.assertEqual(sums, [row[side]["data_bytes"], row[side]["retransmitted_bytes"],
                                    row[side]["reinjected_bytes"]])

    def test_icmp_of_a_second_pass(self):
        """The connection of an ICMP error is the first by time and the second of the file."""
        refused = order.frames(icmpmade.SOURCES[4])
        other = order.frames(order.capture("lossy"))
        later = refused[-1][0] + order.SECOND - other[0][0]
        order.write(self.path, [[time + later, name, data] for time, name, data in other] + refused)
        event, = (row for row in json.loads(self.native("events", self.path))["rows"]
                  if row["event"] == "ICMP error")
        names = ("frame.number", "mptcpscope.connection", "mptcpscope.subflow")
        for more, connection in (([], 1), (["-2"], 0)):
            found, = self.tshark.fields(self.path, *names, more=[*more, "-Y", "icmp && mptcpscope"])
            self.assertEqual([int(cell) for cell in found],
                             [event["frame"], connection, event["subflow"]])
        self.assertEqual(event["connection"], 0)
        self.check("-2")


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    COMMAND = [path for path in glob.glob(f"{test_tshark.BUILD}/**/mptcpscope", recursive=True)
               if os.path.isfile(path) and os.access(path, os.X_OK)][0]
    unittest.main()
