#!/usr/bin/python3
"""The example of a command of others, as examples/README.md says to use it.

usage: test_example.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import subprocess
import sys
import unittest

from folder import FolderCase

ROOT = os.path.realpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
COMMAND = "mptcpscope"


def capture(name):
    return os.path.join(ROOT, "captures", name, "client.pcapng")


class Check(FolderCase):
    def setUp(self):
        super().setUp()
        os.symlink(os.path.join(ROOT, "examples", "mptcpscope-check"), self.at("mptcpscope-check"))

    def run_command(self, *arguments):
        # MPTCPSCOPE leads to the command, which is not in PATH.
        return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False,
                              env={**os.environ, "PATH": f"{self.folder}:/usr/bin:/bin"})

    def check(self, status, faults, *arguments):
        done = self.run_command("check", *arguments)
        self.assertEqual((done.returncode, done.stdout.splitlines()), (status, faults), done.stderr)

    def test_listed(self):
        self.assertRegex(self.run_command("help").stdout, "(?m)^  check +check captures against rules")
        self.assertRegex(self.run_command("help", "check").stdout, "^usage: mptcpscope check ")

    def test_names_of_the_command(self):
        """A program that never runs, because the command has that name itself, is not listed."""
        for name in ("report", "help", "hello"):
            with open(self.at("mptcpscope-" + name), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n# mptcpscope-summary: a stranger\n")
            os.chmod(self.at("mptcpscope-" + name), 0o755)
        listed = [line.split()[0] for line in self.run_command("help").stdout.splitlines()
                  if "a stranger" in line]
        self.assertEqual(listed, ["hello"])

    def test_rules(self):
        lossy, fallback, stripped = (capture(name) for name in ("lossy", "fallback", "stripped"))
        # 8544 of 308561 bytes: captures/README.md and docs.
        self.check(0, [], lossy, "--max-retransmitted", "2.77", "--subflows", "2", "--no-fallback",
                   "--no-reset", "--min-goodput", "2.06", "--max-reinjected", "0")
        self.check(3, [f"{lossy}: connection 0: c2s: retransmitted payload is 2.77 %, above 2.76 %",
                       f"{lossy}: connection 0: the goodput is 2.062 Mbit/s, below 2.07"],
                   lossy, "--max-retransmitted", "2.76", "--min-goodput", "2.07")
        self.check(3, [f"{fallback}: connection 0: accepted subflows: 1, below 2",
                       f"{fallback}: connection 0: fallback: no MP_CAPABLE in SYN/ACK"],
                   lossy, fallback, "--subflows", "2", "--no-fallback")
        self.check(3, [f"{stripped}: connection 0, subflow 1: it was reset"], stripped, "--no-reset")

    def test_unusable(self):
        self.check(1, [], self.at("nothing.pcap"), capture("lossy"), "--subflows", "2")
        self.check(2, [])
        for value in ("nan", "-1", "x"):
            self.check(2, [], capture("lossy"), "--max-retransmitted", value)
        with open(self.at("text"), "w", encoding="utf-8") as file:
            file.write("text")
        done = self.run_command("check", self.at("text"))
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, f"^mptcpscope: {self.at('text')}: .*\n$")


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
