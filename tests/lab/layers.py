#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare the reports on captures that show each segment more than once with those that do not.

    CAPTURES=DIR layers.py PATH_OF_MPTCPSCOPE [unittest options]

DIR has results of the lab's scenarios with LAYER or SWITCH. client.pcapng and server.pcapng show
each segment once. The others are of a host's interfaces one above the other, of a bridge and its
ports, and of both on "any".
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

CAPTURES = os.environ["CAPTURES"]
PLAIN = ("client", "server")
DIRECTIONS = ("c2s", "s2c")
NEAR_S = 0.005  # between the ends it is 8 ms and more
COMMAND = "mptcpscope"


def run(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def report(name, path):
    return json.loads(run(COMMAND, "report", name, path, "--format=json"))


def figures(way):
    """Which of two subflows has data first depends on the order of the file: on whether dumpcap wrote
    bursts of several interfaces."""
    return (way["bytes"], way["data_bytes"] + way["reinjected_bytes"], way["retransmitted_bytes"])


def subflows(path):
    """The rows by path; their order in the file may be another one."""
    rows = sorted(report("subflows", path)["rows"], key=lambda row: row["server"])
    return [(row["client"], row["client_port"], row["server"], row["state"],
             *(figure for way in DIRECTIONS for figure in figures(row[way]))) for row in rows]


def least_rtt(path):
    """The least RTT of each subflow and direction, by path."""
    servers = {row["subflow"]: row["server"] for row in report("subflows", path)["rows"]}
    return {(servers[row["subflow"]], row["direction"]): row["min"]
            for row in report("rtt", path)["rows"] if row["subflow"] is not None}


def near(path):
    """The end that the capture is near, by what is sent to the server."""
    names = {"sender": "client", "receiver": "server"}
    return {names.get(row["near"], row["near"]) for row in report("limits", path)["rows"]
            if row["direction"] == "c2s"}


def captures():
    """(path, path of the plain capture to compare with, place) of each that shows copies."""
    for name in sorted(os.listdir(CAPTURES)):
        folder = os.path.join(CAPTURES, name)
        for file in sorted(os.listdir(folder)):
            place, kind = os.path.splitext(file)
            if kind == ".pcapng" and place not in PLAIN:
                side = "client" if place.startswith("client") else "server"
                yield os.path.join(folder, file), os.path.join(folder, side + ".pcapng"), place


class Layers(unittest.TestCase):
    def test_figures_are_those_of_one_interface(self):
        for path, plain, _ in captures():
            self.assertEqual(subflows(path), subflows(plain), path)

    def test_a_note_says_so(self):
        for path, _, _ in captures():
            notes = report("summary", path)["notes"]
            self.assertTrue(any("segments more than once" in note for note in notes), path)

    def test_times_are_of_one_place(self):
        for path, plain, _ in captures():
            own, other = least_rtt(path), least_rtt(plain)
            self.assertEqual(own.keys(), other.keys())
            for key, value in own.items():
                if other[key] is None:
                    continue
                self.assertIsNotNone(value, (path, key))
                self.assertLess(abs(value - other[key]), NEAR_S, (path, key))

    def test_counters_are_those_of_the_kernels(self):
        for path, _, _ in captures():
            compared = 0
            for side in PLAIN:
                with open(os.path.join(os.path.dirname(path), "nstat." + side),
                          encoding="utf-8") as file:
                    kernel = {line.split()[0]: int(line.split()[1]) for line in file}
                for row in report("mib", path)["rows"]:
                    self.assertIn(row[side], (kernel[row["counter"]], None), (path, side, row))
                    compared += bool(row[side])
            self.assertGreater(compared, 5, path)

    def test_the_vantage_point_is_never_wrong(self):
        """A bridge next to the server is near it by the times, or it is not known."""
        for path, _, place in captures():
            side = place.split("-")[0]
            allowed = ({side}, {None}) if side in PLAIN else ({"server"}, {"middle"}, {None})
            self.assertIn(near(path), allowed, path)

    def test_both_ends_merged(self):
        with tempfile.TemporaryDirectory() as folder:
            for kind in ("pcapng", "nsecpcap"):
                merged = os.path.join(folder, "merged")
                for name in sorted(os.listdir(CAPTURES)):
                    ends = [os.path.join(CAPTURES, name, side + ".pcapng") for side in PLAIN]
                    run("mergecap", "-F", kind, "-w", merged, *ends)
                    self.assertEqual(subflows(merged), subflows(ends[0]), (name, kind))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
