#!/usr/bin/python3
"""Opens the dump with pandas as in docs/dump-format.md, and compares sums of its rows with the
reports.

usage: test_pandas.py BUILD_DIR [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import pandas

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
WIDE = {"dss_ack": "UInt64", "dss_dsn": "UInt64", "dsn": "UInt64", "dsn_relative": "UInt64"}
BUILD = ""


class Pandas(unittest.TestCase):
    def dump(self, folder, name, ending):
        capture = os.path.join(folder, "client.pcapng")
        shutil.copy(os.path.join(CAPTURES, name, "client.pcapng"), capture)
        os.chmod(capture, 0o644)
        path = os.path.join(folder, "client.csv" + ending)
        subprocess.run([os.path.join(HERE, "..", "with-plugin"), BUILD, "tshark", "-q", "-r",
                        capture, "-z", "mptcp,dump,file=" + path], check=True,
                       stderr=subprocess.DEVNULL)
        return path

    def test_sums_are_those_of_the_report(self):
        for name in ("many", "gso", "lossy"):
            for ending in ("", ".gz"):
                with tempfile.TemporaryDirectory() as folder:
                    os.chmod(folder, 0o777)
                    path = self.dump(folder, name, ending)
                    rows = pandas.read_csv(path, comment="#", dtype=WIDE)
                    report = json.loads(subprocess.run(
                        [os.path.join(BUILD, "src", "mptcpscope"), "report", "connections", path,
                         "-f", "json"], check=True, stdout=subprocess.PIPE).stdout)["rows"]
                sums = rows.groupby(["connection", "direction"])[
                    ["length", "data_bytes", "reinjected_bytes"]].sum()
                for row in report:
                    for direction in ("c2s", "s2c"):
                        own = sums.loc[(row["connection"], direction)]
                        self.assertEqual(
                            (own["length"], own["data_bytes"], own["reinjected_bytes"]),
                            (row[direction]["bytes"], row[direction]["data_bytes"],
                             row[direction]["reinjected_bytes"]), (name, row["connection"]))

    def test_wide_numbers_are_exact(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            rows = pandas.read_csv(self.dump(folder, "twopath", ""), comment="#", dtype=WIDE)
        known = rows.dropna(subset=["dsn", "dsn_relative"])
        self.assertGreater(len(known), 100)
        initial = (known["dsn"] - known["dsn_relative"]).groupby(known["direction"]).nunique()
        self.assertEqual(set(initial), {1})  # one exact IDSN for each direction


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
