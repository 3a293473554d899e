#!/usr/bin/python3
"""Captures that are read and compared by several threads: the same results and messages as by one.

usage: test_at_once.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import subprocess
import sys
import unittest

from folder import FolderCase

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
GENERATOR = os.path.join(ROOT, "tests", "complexity", "generate.py")
CLIENT, SERVER = (os.path.join(ROOT, "captures", "twopath", side + ".pcapng")
                  for side in ("client", "server"))
LINK_TYPES = os.path.join(ROOT, "tests", "cases", "interfaces-link-types.pcapng")
COMMANDS = "owd", "reinjections", "critical-path", "summary", "diff"


def one_processor():
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def run(*arguments, **options):
    done = subprocess.run([COMMAND, *arguments], capture_output=True, text=True, check=False, **options)
    return done.returncode, done.stdout, done.stderr


class AtOnce(FolderCase):
    def cut(self, path, name, length=-7):
        """A copy without its last bytes."""
        with open(path, "rb") as file, open(self.at(name), "wb") as out:
            out.write(file.read()[:length])
        return self.at(name)

    def test_results(self):
        """One processor and all give the same, of captures large enough that all are used."""
        pair = self.at("client.pcap"), self.at("server.pcap")
        subprocess.run([sys.executable, GENERATOR, "two_paths", "3000", *pair], check=True)
        for command in COMMANDS:
            one = run(command, *pair, "-f", "json", preexec_fn=one_processor)
            self.assertEqual((one[0], one[2]), (0, ""))
            self.assertEqual(run(command, *pair, "-f", "json"), one)

    def test_path_of_three(self):
        middle = self.at("middle.pcapng")
        shutil.copy(SERVER, middle)
        calls = [run("owd", CLIENT, SERVER, middle, preexec_fn=limit) for limit in (one_processor, None)]
        self.assertEqual(*calls)

    def test_warnings_are_in_order(self):
        pair = self.cut(CLIENT, "a.pcapng"), self.cut(SERVER, "b.pcapng")
        for _ in range(5):
            status, _, errors = run("map", *pair)
            self.assertEqual(status, 0)
            lines = errors.splitlines()
            self.assertEqual(len(lines), 2, errors)
            for line, path in zip(lines, pair):
                self.assertTrue(line.startswith(f"mptcpscope: {path}: warning: the file is cut off"), line)

    def test_first_error_counts(self):
        cut, text = self.cut(CLIENT, "a.pcapng"), self.at("text")
        with open(text, "w", encoding="ascii") as file:
            file.write("no capture\n")
        missing = self.at("missing")
        for pair, named in (((text, CLIENT), (text,)), ((CLIENT, text), (text,)),
                            ((text, missing), (text,)), ((missing, text), (missing,)),
                            ((cut, text), (cut, text)), ((text, cut), (text,)),
                            ((cut, missing), (cut, missing))):
            status, output, errors = run("owd", *pair)
            self.assertEqual((status, output), (1, ""))
            self.assertEqual([line.split(": ")[1] for line in errors.splitlines()], list(named))
        status, _, errors = run("owd", "--strict", cut, text)
        self.assertEqual((status, len(errors.splitlines())), (1, 1))
        self.assertIn(cut, errors)

    def test_one_file_twice(self):
        """Both threads read it, by libpcap or by wiretap, and neither disturbs the other."""
        for path in CLIENT, LINK_TYPES:
            for _ in range(5):
                status, output, errors = run("owd", path, path)
                self.assertEqual((status, output), (1, ""))
                self.assertIn("both hold the same segments at the same times", errors)

    def test_one_writer_of_two_pipes(self):
        """It opens the second one after the first was read."""
        pair = self.at("a"), self.at("b")
        for fifo in pair:
            os.mkfifo(fifo)
        with subprocess.Popen(["sh", "-c", f"cat {CLIENT} > {pair[0]}; cat {SERVER} > {pair[1]}"]):
            piped = run("owd", *pair, "-f", "csv", timeout=60)
        self.assertEqual(piped, run("owd", CLIENT, SERVER, "-f", "csv"))

    def test_pipe_and_file(self):
        for at in 0, 1:
            pair = [CLIENT, SERVER]
            with open(pair[at], "rb") as file:
                pair[at] = "-"
                with subprocess.Popen(["cat"], stdin=file, stdout=subprocess.PIPE) as writer:
                    piped = run("owd", *pair, "-f", "csv", stdin=writer.stdout)
            self.assertEqual(piped, run("owd", CLIENT, SERVER, "-f", "csv"))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
