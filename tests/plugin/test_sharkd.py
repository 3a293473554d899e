#!/usr/bin/python3
"""The tables in sharkd, cell by cell against what tshark prints.

usage: test_sharkd.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import subprocess
import sys
import unittest

import expected_tables
from expected_tables import TABLES, Tshark
from sharkd_session import Sharkd
from wireshark_window import Home

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import icmpmade  # noqa: E402

LIMITS = "Limits: what the sender waited for"
TAPS = 16  # that sharkd takes in one request
# Bytes of an ICMP error, with 10 of the TCP header that it quotes. Where Wireshark finds a quotation
# cut, taps do not get the frame unless they ask for errors.
CUT = 72
BUILD = None


class Table:
    """A table that sharkd gave: its headings and rows, trimmed."""

    def __init__(self, tap):
        self.headings = [field["c"].strip() for field in tap["fields"]]
        table, = tap["tables"]
        self.rows = [[cell.strip() for cell in row] for row in table["i"]]


class TestSharkd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home(BUILD)
        sharkd = cls.start()
        cls.names = {entry["name"]: entry["tap"] for entry in sharkd("info")["nstat"]
                     if entry["tap"].startswith("nstat:mptcpscope,")}
        sharkd.close()

    @classmethod
    def start(cls):
        return Sharkd(cls.home.command("sharkd", "-"))

    @classmethod
    def tearDownClass(cls):
        cls.home.remove()

    def tables(self, path, *requests):
        """@param requests  each a list of names of taps
        @return for each request the tables that were given, each with the name of its tap"""
        sharkd = self.start()
        sharkd("load", file=path)
        replies = [sharkd("tap", **{f"tap{number}": name for number, name in enumerate(names)})
                   for names in requests]
        sharkd.close()
        return [[(tap["tap"], Table(tap)) for tap in reply["taps"]] for reply in replies]

    def check(self, name, table, tshark, expected):
        expected_tables.check(self, name, table.headings, table.rows, tshark, expected)

    def test_list(self):
        """sharkd lists the tables that the menu of the window has."""
        self.assertEqual(sorted(self.names), sorted(f"MPTCP {title}" for title, _, _ in TABLES))

    def test_cells(self):
        """Each table of four captures; each has rows in one of them."""
        merged, icmp = (os.path.join(self.home.path, name) for name in ("merged", "icmp"))
        many = os.path.join(CAPTURES, "many", "client.pcapng")
        checksum = os.path.join(CAPTURES, "checksum", "client.pcapng")
        subprocess.run(["mergecap", "-w", merged, many, checksum], check=True)
        icmpmade.write_initial(icmp, 4, CUT)
        filled = set()
        for path in (merged, os.path.join(CAPTURES, "handover", "server.pcapng"),
                     os.path.join(CAPTURES, "fallback", "client.pcapng"), icmp):
            os.chmod(path, 0o644)
            tshark = Tshark(self.home, path)
            taps = list(self.names.values())
            requests = [taps[at:at + TAPS] for at in range(0, len(taps), TAPS)]
            tables = dict(pair for reply in self.tables(path, *requests) for pair in reply)
            for title, report, from_json in TABLES:
                expected = tshark.rows(report, from_json)
                with self.subTest(path=path, title=title):
                    self.check(title, tables[self.names[f"MPTCP {title}"]], tshark, expected)
                if expected:
                    filled.add(title)
        self.assertEqual(filled, {title for title, _, _ in TABLES})

    def test_asked_again(self):
        """A table may be asked for again, and twice in one request."""
        path = os.path.join(CAPTURES, "many", "client.pcapng")
        tshark = Tshark(self.home, path)
        name = self.names["MPTCP Subflows"]
        requests = [name], [name], [name, self.names["MPTCP Events"], name]
        for request, reply in zip(requests, self.tables(path, *requests)):
            self.assertEqual(sorted(request), sorted(given for given, _ in reply))
            for table in (table for given, table in reply if given == name):
                self.check(name, table, tshark, tshark.csv["subflows"])

    def test_loaded_again(self):
        """What a table needed is not worked out for the next capture before it is asked for."""
        log = os.path.join(self.home.path, "log")
        path, counts = os.path.join(CAPTURES, "many", "client.pcapng"), []
        with open(log, "w+", encoding="utf-8") as file:
            sharkd = Sharkd(self.home.command("WIRESHARK_LOG_LEVEL=info", "sharkd", "-"), log=file)
            for method, parameters in (
                    ("load", {"file": path}), ("tap", {"tap0": self.names[f"MPTCP {LIMITS}"]}),
                    ("load", {"file": path}), ("tap", {"tap0": self.names["MPTCP Subflows"]})):
                sharkd(method, **parameters)
                file.seek(0)
                counts.append(re.findall("([0-9]+) segments again, for analyses (.*)", file.read()))
            sharkd.close()
        before, limits, loaded, subflows = counts
        self.assertEqual((before, len(limits)), ([], 1))
        self.assertNotEqual(limits[0][1], "0")
        self.assertEqual(loaded, limits)
        self.assertEqual(subflows, [*limits, (limits[0][0], "0")])


def main():
    global BUILD
    missing = next((name for name in ("sharkd", "mergecap") if not shutil.which(name)), None)
    if missing:
        print(f"SKIP: no {missing}")
        sys.exit(77)
    BUILD = sys.argv.pop(1)
    unittest.main()


if __name__ == "__main__":
    main()
