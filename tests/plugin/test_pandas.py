#!/usr/bin/python3
"""Opens the dump with pandas as in docs/dump-format.md, and compares sums of its rows with the
reports, and its cells with the table of "export".

usage: test_pandas.py BUILD_DIR [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

import pandas

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import exported  # pylint: disable=wrong-import-position
import test_copies  # pylint: disable=wrong-import-position
import test_flows  # pylint: disable=wrong-import-position

CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
WIDE = {"dss_ack": "UInt64", "dss_dsn": "UInt64", "dsn": "UInt64", "dsn_relative": "UInt64"}
BUILD = ""


class Pandas(unittest.TestCase):
    def dump(self, folder, name, ending):
        capture = os.path.join(folder, "client.pcapng")
        shutil.copy(os.path.join(CAPTURES, name, "client.pcapng"), capture)
        return self.dump_of(capture, os.path.join(folder, "client.csv" + ending))

    def dump_of(self, capture, path, options=""):
        os.chmod(capture, 0o644)
        subprocess.run([os.path.join(HERE, "..", "with-plugin"), BUILD, "tshark", "-q", "-r",
                        capture, "-z", f"mptcp,dump,file={path}{options}"], check=True,
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

    def test_columns_have_types(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            rows = pandas.read_csv(self.dump(folder, "checksum", ""), comment="#",
                                   dtype=WIDE | {"time_ns": "Int64", "tcp_options": "string"})
        self.assertEqual({name: str(rows[name].dtype) for name in (
            "frame", "time_ns", "source", "dsn", "tcp_options", "data_bytes")},
                         {"frame": "int64", "time_ns": "Int64", "source": "object",
                          "dsn": "UInt64", "tcp_options": "string", "data_bytes": "int64"})
        self.assertTrue(rows["tcp_options"].str.fullmatch("(?:[0-9a-f]{2})*").all())
        self.assertTrue(rows.loc[rows["length"] == 0, "payload_sum"].isna().all())

    def check_export(self, folder, capture, options, more, but=()):
        dump = self.dump_of(capture, os.path.join(folder, "export.csv"), options)
        with open(dump, encoding="ascii") as file:
            right = list(csv.DictReader(line for line in file if not line.startswith("#")))
        self.assertTrue(right)
        for source in (capture, dump):
            tables = os.path.join(folder, "export.h5")
            subprocess.run([os.path.join(BUILD, "src", "mptcpscope"), "export", source, "-o",
                            tables, *more], check=True)
            found = exported.cells(tables, "segments")
            self.assertEqual(list(found[0])[:-1], list(right[0]))
            found.sort(key=lambda row: int(row["frame"]))
            for row, of_dump in zip(found, right):
                del row["time"]
                for name in but if source == capture else ():
                    row[name] = of_dump[name]
                self.assertEqual(row, of_dump, source)
            self.assertEqual(len(found), len(right), source)

    def test_export_has_the_cells_of_the_dump(self):
        for name in ("many", "handover", "ipv6"):
            with tempfile.TemporaryDirectory() as folder:
                os.chmod(folder, 0o777)
                capture = os.path.join(folder, "client.pcapng")
                shutil.copy(os.path.join(CAPTURES, name, "client.pcapng"), capture)
                self.check_export(folder, capture, "", ())

    def test_export_of_plain_tcp(self):
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            capture = os.path.join(folder, "mixed.pcap")
            test_copies.write(capture, [(n * 10**6, frame)
                                        for n, frame in enumerate(test_flows.by_hand())])
            # Wireshark 4.4 gives a SYN that is sent again after RST a stream of its own.
            self.check_export(folder, capture, ",tcp=all", ("--tcp", "all"), ("tcp_stream",))


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
