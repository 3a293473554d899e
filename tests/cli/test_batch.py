#!/usr/bin/python3
"""Reports of many captures on a Dask cluster: the same rows as from one process, although a worker is
lost; a second call reads only what has changed.

usage: test_batch.py PATH_OF_MPTCPSCOPE PATH_OF_MPTCPSCOPE_BATCH [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import importlib.util
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import unittest

from folder import FolderCase

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = sorted(glob.glob(os.path.join(HERE, "..", "..", "captures", "*", "client.pcapng")))
COMMAND = BATCH = ""


def parent_of(process):
    with open(f"/proc/{process}/stat", encoding="utf-8") as file:
        return int(file.read().rsplit(")", 1)[1].split()[1])


def reader_of(path):
    """Return the process that was started with a path as its last argument."""
    for _ in range(600):
        for name in glob.glob("/proc/[0-9]*/cmdline"):
            try:
                with open(name, "rb") as file:
                    arguments = file.read().split(b"\0")
            except OSError:
                continue
            if arguments[-2:-1] == [path.encode()] and b"report" in arguments:
                return int(name.split("/")[2])
        time.sleep(0.1)
    raise AssertionError("nobody reads " + path)


def rows_of(*paths):
    rows = []
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            rows += list(csv.DictReader(file))
    return sorted(map(str, rows))


class Case(FolderCase):
    def setUp(self):
        super().setUp()
        self.out = self.at("out")

    def call(self, *arguments):
        return [BATCH, "subflows", "--workers", "2", "-o", self.out, *arguments]

    def batch(self, *arguments, status=0):
        environment = {**os.environ, "MPTCPSCOPE": COMMAND}
        done = subprocess.run(self.call(*arguments), env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def parts(self):
        return glob.glob(os.path.join(self.out, "part-*.csv"))


class Batch(Case):
    def lists(self, count):
        """Return so many captures, the last one a FIFO, and a file that lists all but that."""
        names = []
        for i in range(count - 1):
            names.append(self.at(f"{i}.pcapng"))
            shutil.copy(CAPTURES[i % len(CAPTURES)], names[-1])
        with open(self.at("list"), "w", encoding="utf-8") as file:
            file.write("\n".join(names))
        fifo = self.at("fifo")
        os.mkfifo(fifo)
        return names, fifo

    def one_process(self, *names):
        with open(self.at("one.csv"), "wb") as file:
            subprocess.run([COMMAND, "report", "subflows", "-f", "csv", *names], stdout=file, check=True)
        return rows_of(self.at("one.csv"))

    def lose_worker(self, fifo, process):
        """Kill the worker that reads the FIFO, and feed the one that tries again."""
        reader = reader_of(fifo)
        worker = parent_of(reader)
        self.assertNotEqual(worker, process.pid)
        os.kill(worker, signal.SIGKILL)
        os.kill(reader, signal.SIGKILL)
        while os.path.exists(f"/proc/{reader}"):
            time.sleep(0.05)
        with open(CAPTURES[0], "rb") as file, open(fifo, "wb") as feed:
            feed.write(file.read())

    def test_lost_worker_and_second_call(self):
        names, fifo = self.lists(200)
        bad = self.at("bad.pcapng")
        with open(bad, "w", encoding="utf-8") as file:
            file.write("no capture")
        environment = {**os.environ, "MPTCPSCOPE": COMMAND}
        with subprocess.Popen(self.call("--files-from", self.at("list"), fifo, bad), env=environment,
                              stderr=subprocess.PIPE, text=True) as process:
            self.lose_worker(fifo, process)
            messages = process.communicate()[1]
        self.assertEqual(process.returncode, 1, messages)
        self.assertIn(f"mptcpscope: {bad}: ", messages)
        with open(os.path.join(self.out, "bad.csv"), encoding="utf-8") as file:
            self.assertEqual([row["capture"] for row in csv.DictReader(file)], [bad])
        os.remove(fifo)
        shutil.copy(CAPTURES[0], fifo)
        self.assertEqual(rows_of(*self.parts()), self.one_process(*names, fifo))
        self.second_call(names, fifo)

    def second_call(self, names, fifo):
        """One capture has changed: its part is made anew, with that of the former FIFO and one that was
        removed; no other."""
        os.remove(next(path for path in self.parts() if f"'{names[50]}'" in str(rows_of(path))))
        before = {path: os.stat(path).st_mtime_ns for path in self.parts()}
        shutil.copy(CAPTURES[3], names[150])
        with open(os.path.join(self.out, "manifest.jsonl"), "a", encoding="utf-8") as file:
            file.write('{"part": "part-')  # as of a call that was killed
        self.batch("--files-from", self.at("list"), fifo)
        self.assertEqual(rows_of(*self.parts()), self.one_process(*names, fifo))
        kept = [path for path, mtime in before.items()
                if os.path.exists(path) and os.stat(path).st_mtime_ns == mtime]
        self.assertEqual(len(kept), len(before) - 2)
        with open(os.path.join(self.out, "manifest.jsonl"), encoding="utf-8") as file:
            parts = [json.loads(line)["part"] for line in file.readlines()[1:]]
        self.assertEqual({os.path.basename(path) for path in self.parts()}, set(parts))


    def test_another_version(self):
        """Parts that another version of mptcpscope made are made again, and no others."""
        other = self.at("other")
        with open(other, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\n[ "$1" = -V ] && echo mptcpscope 0.9 || exec {COMMAND} "$@"\n')
        os.chmod(other, 0o755)
        self.batch(*CAPTURES[:2], "--block", "1", "--command", other)
        old = self.parts()
        self.assertEqual(len(old), 2)
        done = self.batch(*CAPTURES[:3], "--block", "1")
        version = subprocess.run([COMMAND, "-V"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertEqual(done.stderr, f"mptcpscope: {self.out}: 2 parts are made again: of mptcpscope "
                                      f"0.9, now {version}")
        new = self.parts()
        self.assertEqual((len(new), set(new) & set(old)), (3, set()))
        self.assertEqual(rows_of(*new), self.one_process(*map(os.path.abspath, CAPTURES[:3])))
        self.assertEqual(self.batch(*CAPTURES[:3], "--block", "1").stderr, "")
        self.assertEqual(sorted(self.parts()), sorted(new))


class Wrong(Case):
    def test_cut_off(self):
        """What is whole of a capture that is cut off is reported, with a warning each time."""
        cut = self.at("cut.pcapng")
        with open(CAPTURES[0], "rb") as whole, open(cut, "wb") as file:
            file.write(whole.read()[:-7])
        for _ in range(2):
            self.assertRegex(self.batch(cut).stderr,
                             f"^mptcpscope: {re.escape(cut)}: warning: the file is cut off after frame [^\n]*\n$")
        self.assertTrue(rows_of(*self.parts()))

    def test_calls(self):
        with open(self.at("other"), "w", encoding="utf-8"):
            pass
        for arguments, message in (
                ((), "no FILE is given"), (("-",), "cannot be standard input"),
                ((CAPTURES[0], "--direction", "up"), "--direction must be c2s or s2c"),
                ((CAPTURES[0], "--workers", "0"), "must be 1 or more"),
                ((CAPTURES[0], "--table", "flows"), "the report subflows has only one table"),
                ((CAPTURES[0], "-o", self.folder), "not empty, and has no manifest")):
            self.assertIn(message, self.batch(*arguments, status=2).stderr)

    def test_places(self):
        """A --command that is not there is an error, although there is another mptcpscope."""
        path = self.at("none")
        self.assertEqual(self.batch(CAPTURES[0], "--command", path, status=1).stderr,
                         f"mptcpscope: there is no mptcpscope at {path}\n")
        shutil.rmtree(self.out)
        with open(self.out, "w", encoding="utf-8"):
            pass
        self.assertEqual(self.batch(CAPTURES[0], status=1).stderr,
                         f"mptcpscope: {self.out}: not a folder\n")

    def test_no_dask(self):
        """Without Dask there is one clear message."""
        os.mkdir(self.at("distributed"))
        with open(self.at("distributed/__init__.py"), "w", encoding="utf-8") as file:
            file.write("raise ImportError('No module named distributed')\n")
        environment = {**os.environ, "MPTCPSCOPE": COMMAND, "PYTHONPATH": self.folder}
        done = subprocess.run(self.call(CAPTURES[0]), env=environment, stderr=subprocess.PIPE, text=True,
                              check=False)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr, "mptcpscope: batch needs Dask (No module named distributed): "
                                      "install python3-distributed\n")


if __name__ == "__main__":
    COMMAND, BATCH = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    if not importlib.util.find_spec("distributed"):
        print("skipped: python3-distributed is not installed")
        sys.exit(77)
    unittest.main()
