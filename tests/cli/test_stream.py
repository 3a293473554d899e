#!/usr/bin/python3
"""Captures and dumps that come through a pipe: rows appear as they happen, SIGINT ends the input, and
what ends the program leaves no file.

usage: test_stream.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import unittest

from folder import FolderCase

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CASES = os.path.join(ROOT, "tests", "cases")
# Its interfaces are in order at the ends of the intervals, so that the rows are those of the file.
CLIENT = os.path.join(ROOT, "captures", "fallback", "client.pcapng")
SERVER = os.path.join(ROOT, "captures", "fallback", "server.pcapng")
SIGINT_BLOCKED = "SigBlk:\t0000000000000002"
SERIES = "report", "series", "--interval=0.25"


def content(path):
    with open(path, "rb") as file:
        return file.read()


def status_of(process):
    with open(f"/proc/{process.pid}/status", encoding="utf-8") as file:
        return file.read()


def run(*arguments, **options):
    return subprocess.run([COMMAND, *arguments], capture_output=True, check=False, **options)


class Stream(FolderCase):
    def start(self, *arguments):
        """Start the command, and end it when the test is over."""
        process = subprocess.Popen([COMMAND, *arguments], stdin=subprocess.PIPE, bufsize=0,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for pipe in process.stdin, process.stdout, process.stderr:
            self.addCleanup(pipe.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def send_part(self, process):
        """Write most of a capture, up to the middle of a frame, and do not close the pipe.
        @return the rest"""
        whole = content(CLIENT)
        part = len(whole) * 7 // 8 + 3
        process.stdin.write(whole[:part])
        process.stdin.flush()
        return whole[part:]

    def test_rows_come_as_they_happen(self):
        expected = run(*SERIES, CLIENT, "-f", "csv").stdout.splitlines(True)
        process = self.start(*SERIES, "-", "-f", "csv")
        rest = self.send_part(process)
        for line in expected[:3]:  # these come while the pipe is open, or this waits for ever
            self.assertEqual(process.stdout.readline(), line)
        rest, _ = process.communicate(rest)
        self.assertEqual((rest, process.returncode), (b"".join(expected[3:]), 0))

    def test_interrupt_ends_the_input(self):
        """SIGINT ends the input, the report is complete, and the half frame is not worth a word."""
        for report, form in (("series", "csv"), ("series", "json"), ("series", "text"),
                             ("summary", "text"), ("connections", "json")):
            process = self.start("report", report, "-", "-f", form)
            self.send_part(process)
            first = process.stdout.read(1) if report == "series" else b""
            while not first and SIGINT_BLOCKED not in status_of(process):
                self.assertIsNone(process.poll())  # until it reads
            process.send_signal(signal.SIGINT)
            output, errors = process.communicate()
            self.assertEqual((process.returncode, errors), (0, b""))
            if form == "json":
                self.assertGreater(len(json.loads(first + output)["rows"]), 0)

    def test_interrupt_in_the_background(self):
        """A shell starts it with SIGINT ignored; tshark takes it all the same."""
        script = f"trap '' INT; exec {COMMAND} report series - -f json"
        process = subprocess.Popen(["sh", "-c", script], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        self.send_part(process)
        first = process.stdout.read(1)
        process.send_signal(signal.SIGINT)
        output = process.stdout.read()
        self.assertEqual(process.wait(), 0)
        self.assertGreater(len(json.loads(first + output)["rows"]), 0)
        process.stdin.close()
        process.stdout.close()

    def test_other_signals_leave_nothing(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGKILL):
            process = self.start(*SERIES, "-", "-o", self.at("x.csv"))
            self.send_part(process)
            while SIGINT_BLOCKED not in status_of(process):
                self.assertIsNone(process.poll())  # until it reads; its output is open then
            process.send_signal(number)
            self.assertEqual(process.wait(), -number)
            self.assertEqual(os.listdir(self.folder), [])

    def test_every_command(self):
        """A report of a pipe is that of the file, but for the name."""
        for report in ("connections", "subflows", "summary", "events", "rtt", "limits", "mib",
                       "critical-path"):
            piped = json.loads(run("report", report, "-", "-f", "json", input=content(CLIENT)).stdout)
            whole = json.loads(run("report", report, CLIENT, "-f", "json").stdout)
            self.assertEqual((piped.pop("capture"), whole.pop("capture")),
                             (None, "client.pcapng"))
            self.assertEqual(piped, whole)
        for command in ("owd", "map", "clock", "diff", "reinjections"):
            for pair, data in ((("-", SERVER), CLIENT), ((CLIENT, "-"), SERVER)):
                piped = run(command, *pair, "-f", "csv", input=content(data))
                whole = run(command, CLIENT, SERVER, "-f", "csv")
                self.assertEqual((piped.stdout, piped.returncode), (whole.stdout, 0))

    def test_compressed_and_dump(self):
        whole = run("report", "subflows", CLIENT, "-f", "csv").stdout
        self.assertEqual(run("report", "subflows", "-", "-f", "csv",
                             input=gzip.compress(content(CLIENT))).stdout, whole)
        dump = content(os.path.join(CASES, "hostile", "name-escapes.csv"))
        done = json.loads(run("report", "connections", "-", "-f", "json", input=dump).stdout)
        self.assertEqual(len(done["rows"]), 1)
        self.assertTrue(done["capture"].endswith(".pcap"))

    def test_fifos(self):
        fifos = self.at("a"), self.at("b")
        writers = []
        for fifo, data in zip(fifos, (CLIENT, SERVER)):
            os.mkfifo(fifo)
            writers.append(subprocess.Popen(["sh", "-c", f"cat {data} > {fifo}"]))
        done = run("owd", *fifos, "-f", "csv")
        self.assertEqual([writer.wait() for writer in writers], [0, 0])
        self.assertEqual(done.stdout, run("owd", CLIENT, SERVER, "-f", "csv").stdout)

    def test_cut_off(self):
        whole = content(CLIENT)
        done = run("report", "connections", "-", input=whole[:-7])
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"mptcpscope: -: warning: the file is cut off after frame ", done.stderr)
        self.assertEqual(run("report", "series", "-", "--strict", input=whole[:-7]).returncode, 1)

    def test_wrong_calls(self):
        for arguments in (("-", "-"), ("-", "/dev/stdin"), ("/dev/stdin", "-")):
            done = run("owd", *arguments, input=content(CLIENT))
            self.assertEqual((done.returncode, done.stdout), (2, b""))
            self.assertIn(b"only one FILE can be standard input", done.stderr)
        copy = self.at("copy.pcapng")
        shutil.copy(CLIENT, copy)
        with open(copy, "rb") as file:
            done = run("report", "rtt", "-", "-o", copy, stdin=file)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(content(copy), content(CLIENT))

    def test_errors(self):
        done = run("report", "series", "-", input=b"")
        self.assertEqual((done.returncode, done.stderr), (1, b"mptcpscope: -: the file is empty\n"))
        done = run(*SERIES, "-", "-o", "/dev/full", input=content(CLIENT))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"mptcpscope: /dev/full: No space left", done.stderr)
        done = run("report", "series", "-", "-c", "9", "-o", self.at("x"), input=content(CLIENT))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"no connection 9", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
