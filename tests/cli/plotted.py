"""Calls mptcpscope plot, and reads the numbers that it draws; for the tests of pictures.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import json
import os
import subprocess
import sys
import unittest

from folder import FolderCase

COMMAND = {"path": "mptcpscope"}
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
import generate  # pylint: disable=wrong-import-position,unused-import
CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = ("twopath", "lossy", "handover", "many", "fallback", "checksum")
KINDS = ("dsn", "rate", "rtt", "inflight", "window", "interarrival", "acksize", "reinjections",
         "reorder-buffer", "delay", "delay-cdf", "critical-path")
TWO = ("delay", "delay-cdf")  # kinds of two captures
NEVER = "never.svg"


def path(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments, **options):
    return subprocess.run([COMMAND["path"], *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, **options)


def report(which, name, *options):
    done = run("report", which, path(name), "--format=json", *options)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return json.loads(done.stdout)["rows"]


def files_of(kind, name):
    """What a kind takes, of the receiver of most data where that has more to show."""
    if kind in TWO:
        return path(name), path(name, "server")
    return (path(name, "server" if kind == "reorder-buffer" else "client"),)


class Case(FolderCase):
    def rows_of(self, kind, *arguments):
        """The same; no rows if there is nothing to draw."""
        done = run("plot", kind, *arguments, "-o", self.at("image.svg"))
        if done.returncode == 1 and "nothing to draw" in done.stderr:
            return []
        return self.plot(kind, *arguments)

    def plot(self, kind, *arguments):
        """The numbers of a picture: its rows, with numbers where there are some."""
        done = run("plot", kind, *arguments, "-o", self.at("image.svg"), "--data", self.at("data"))
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.at("data"), encoding="utf-8", newline="") as file:
            return [{key: value if key in ("direction", "series", "lane") or value == "" else float(value)
                     for key, value in row.items()} for row in csv.DictReader(file)]


def main(arguments):
    """Run the tests of the calling file. @param arguments  sys.argv"""
    COMMAND["path"] = os.path.abspath(arguments.pop(1))
    unittest.main()
