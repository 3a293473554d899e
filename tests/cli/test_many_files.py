#!/usr/bin/python3
"""Reports of many FILEs: the same as one by one, in the order of the FILEs, whatever becomes of
others.

usage: test_many_files.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import unittest

from folder import FolderCase

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = sorted(glob.glob(os.path.join(HERE, "..", "..", "captures", "*", "client.pcapng")))
CLIENT = next(path for path in CAPTURES if "twopath" in path)
REPORTS = ("connections", "subflows", "summary", "events", "reinjections", "rtt", "reordering",
           "limits", "interarrival", "series", "mib", "critical-path", "flows")
COMMAND = "mptcpscope"


class Case(FolderCase):
    def run_report(self, *arguments, status=0, **options):
        done = subprocess.run([COMMAND, "report", *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        return done

    def output(self, *arguments, status=0, **options):
        return self.run_report(*arguments, status=status, **options).stdout.decode()

    def messages(self, *arguments, status=1, **options):
        return self.run_report(*arguments, status=status, **options).stderr.decode().splitlines()

    def write(self, name, content):
        with open(self.at(name), "wb") as file:
            file.write(content)
        return self.at(name)

    def rows(self, *arguments, status=0, **options):
        text = self.output(*arguments, "-f", "csv", status=status, **options)
        return list(csv.DictReader(io.StringIO(text)))


class Same(Case):
    """What is written is what the files give one by one."""

    def test_csv(self):
        for report in REPORTS:
            lines = []
            for path in CAPTURES:
                header, *rows = self.output(report, path, "-f", "csv").splitlines()
                lines += [f"{path},{row}" for row in rows]
            for jobs in ("1", "3"):
                got = self.output(report, *CAPTURES, "-f", "csv", "--jobs", jobs)
                self.assertEqual(got.splitlines(), ["capture," + header, *lines], report)

    def test_pieces(self):
        options = ("critical-path", "--pieces", "-f", "csv")
        header, *rows = self.output(*options, CLIENT).splitlines()
        expected = ["capture," + header, *2 * [f"{CLIENT},{row}" for row in rows]]
        self.assertGreater(len(rows), 10)
        self.assertEqual(self.output(*options, CLIENT, CLIENT).splitlines(), expected)

    def test_json(self):
        for report in REPORTS:
            singles = [self.output(report, path, "-f", "json") for path in CAPTURES]
            lines = self.output(report, *CAPTURES, "-f", "json").splitlines()
            self.assertEqual(lines, [re.sub("\n *", "", single) for single in singles], report)
            self.assertEqual([json.loads(line) for line in lines],
                             [json.loads(single) for single in singles])

    def test_json_with_filename(self):
        line, = self.output("connections", "--with-filename", CLIENT, "-f", "json").splitlines()
        document = json.loads(line)
        self.assertEqual(document.pop("file"), CLIENT)
        self.assertEqual(document, json.loads(self.output("connections", CLIENT, "-f", "json")))

    def test_text(self):
        """A block for each file, the same whichever files there are; no line is too long."""
        os.symlink(CLIENT, self.at("a"))
        for report in REPORTS:
            block = self.output(report, "--with-filename", "a", cwd=self.folder)
            self.assertEqual(self.output(report, "a", "a", "-j2", cwd=self.folder), 2 * block)
            self.assertIn("Capture", block)
            if report not in ("summary", "critical-path"):
                heading = next(line for line in block.splitlines() if line.startswith("Capture "))
                rows = block[block.index(heading):].splitlines()[1:]
                self.assertRegex(rows[0], r"^a  ", report)
            self.assertLessEqual(max(map(len, block.splitlines())), 120, report)

    def test_empty_table(self):
        capture = self.write("none.pcap", b"\xd4\xc3\xb2\xa1\2\0\4\0" + 8 * b"\0" +
                             b"\xff\xff\0\0\1\0\0\0")
        self.assertIn(f"{capture}  (none)\n", self.output("connections", capture, CLIENT))
        self.assertEqual(self.rows("connections", capture), [])
        self.assertEqual([row["capture"] for row in self.rows("connections", capture, CLIENT)],
                         [CLIENT])

    def test_same_twice_and_standard_input(self):
        with open(CLIENT, "rb") as file:
            rows = self.rows("connections", CLIENT, "-", CLIENT, stdin=file)
        self.assertEqual([row.pop("capture") for row in rows], [CLIENT, "-", CLIENT])
        self.assertEqual(rows[0], rows[1])

    def test_compressed_output(self):
        path = self.at("out.csv.gz")
        self.output("connections", *CAPTURES, "-f", "csv", "-o", path)
        unpacked = subprocess.run(["gzip", "-dc", path], stdout=subprocess.PIPE, check=True).stdout
        self.assertEqual(unpacked.decode(), self.output("connections", *CAPTURES, "-f", "csv"))


class Bad(Case):
    """A file that cannot be used is named, and the others are reported."""

    def setUp(self):
        super().setUp()
        with open(CLIENT, "rb") as file:
            whole = file.read()
        self.junk = self.write("junk", b"no capture\n")
        self.cut = self.write("cut.pcapng", whole[:len(whole) // 2])
        self.files = [self.junk, CLIENT, self.at("absent"), self.folder, self.cut, CLIENT]

    def test_messages_and_rows(self):
        for jobs in ("1", "2", "5"):
            done = self.run_report("connections", *self.files, "-j", jobs, "-f", "csv", status=1)
            messages = done.stderr.decode().splitlines()
            named = [self.junk, self.at("absent"), self.folder, self.cut]
            self.assertEqual(len(messages), len(named))
            for message, path in zip(messages, named):
                self.assertTrue(message.startswith(f"mptcpscope: {path}: "), message)
            rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
            self.assertEqual([row["capture"] for row in rows], [CLIENT, self.cut, CLIENT])

    def test_first_is_bad(self):
        """The header comes with the first file that can be used."""
        self.assertEqual(self.output("rtt", self.junk, CLIENT, "-f", "csv", status=1),
                         self.output("rtt", CLIENT, "-f", "csv", "--with-filename"))

    def test_cut_off(self):
        warned = self.messages("connections", self.cut, CLIENT, status=0)
        self.assertIn("warning: ", warned[0])
        rows = self.rows("connections", "--strict", self.cut, CLIENT, status=1)
        self.assertEqual([row["capture"] for row in rows], [CLIENT])

    def test_output(self):
        path = self.at("out.csv")
        self.run_report("connections", *self.files, "-f", "csv", "-o", path, status=1)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 4)
        os.remove(path)
        self.run_report("connections", self.junk, self.folder, "-o", path, status=1)
        self.assertFalse(os.path.exists(path))

    def test_output_fails(self):
        messages = self.messages("events", *20 * [CLIENT], "-o", "/dev/full")
        self.assertEqual(messages, ["mptcpscope: /dev/full: No space left on device"])

    def test_connection(self):
        other = next(path for path in CAPTURES if "handover" in path)
        count = len(self.rows("connections", other))
        done = self.messages("connections", "-c", str(count), CLIENT, other)
        self.assertEqual(len(done), 2)
        self.assertIn(f"no connection {count}; the file has {count}", done[1])

    def test_killed_worker(self):
        """The file whose process is killed is named; the others are reported."""
        fifo = self.at("fifo")
        os.mkfifo(fifo)
        with subprocess.Popen([COMMAND, "report", "connections", CLIENT, fifo, CLIENT, "-f", "csv",
                               "-j1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            with open(fifo, "wb"):  # waits until the worker opens it
                with open(f"/proc/{process.pid}/task/{process.pid}/children",
                          encoding="utf-8") as file:
                    worker, = map(int, file.read().split())
                os.kill(worker, signal.SIGKILL)
                out, messages = process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assertEqual(messages.decode(), f"mptcpscope: {fifo}: the process that read it was "
                                            "ended by signal 9 (Killed)\n")
        self.assertEqual(out.decode().count(CLIENT), 2)

    def test_interrupt(self):
        """After SIGINT no output file is left, and no process; standard output has whole reports."""
        fifo = self.at("fifo")
        os.mkfifo(fifo)
        for output in (["-o", self.at("out.csv")], []):
            with subprocess.Popen([COMMAND, "report", "connections", CLIENT, fifo, "-f", "csv",
                                   *output], stdout=subprocess.PIPE) as process:
                with open(fifo, "wb"):
                    first = b"" if output else process.stdout.readline() + process.stdout.readline()
                    process.send_signal(signal.SIGINT)
                    rest = process.communicate()[0]
            self.assertEqual(process.returncode, -signal.SIGINT)
            self.assertEqual(rest, b"")
            self.assertEqual(first.count(b"\n"), 0 if output else 2)
            self.assertFalse(os.path.exists(self.at("out.csv")))

    def test_no_temporary_folder(self):
        messages = self.messages("connections", CLIENT, CLIENT,
                                 env={**os.environ, "TMPDIR": self.at("absent")})
        self.assertEqual(len(messages), 1)
        self.assertIn("cannot make a temporary file in " + self.at("absent"), messages[0])


class Lists(Case):
    """--files-from and wrong calls."""

    def test_separators(self):
        names = [os.path.join(self.folder, name) for name in ("a b.pcap", "c,d\".pcap", "=e")]
        for name in names:
            os.symlink(CLIENT, name)
        lines = self.write("lines", ("\n\n".join(names) + "\n").encode())
        with_newline = self.at("f\ng")
        os.symlink(CLIENT, with_newline)
        nul = self.write("nul", "\0".join([*names, with_newline, ""]).encode())
        rows = self.rows("connections", "--files-from", lines)
        self.assertEqual([row["capture"] for row in rows], names)
        with open(nul, "rb") as file:
            rows = self.rows("connections", CLIENT, "--files-from", "-", stdin=file)
        self.assertEqual([row["capture"] for row in rows],
                         [CLIENT, *names, with_newline.replace("\n", r"\x0a")])

    def test_one_in_list(self):
        """The columns do not depend on how long the list is."""
        name = self.write("list", CLIENT.encode())
        self.assertEqual(self.output("connections", "--files-from", name, "-f", "csv"),
                         self.output("connections", "--with-filename", CLIENT, "-f", "csv"))

    def test_thousands(self):
        names = self.write("list", 2000 * (CAPTURES[0] + "\n").encode())
        rows = self.rows("connections", "--files-from", names)
        self.assertEqual(len(rows), 2000 * len(self.rows("connections", CAPTURES[0])))

    def test_wrong(self):
        empty = self.write("empty", b"\n")
        self.assertEqual(self.messages("connections", "--files-from", empty),
                         [f"mptcpscope: {empty}: the list names no file"])
        self.assertIn("No such file", self.messages("rtt", "--files-from", self.at("absent"))[0])
        copy = self.at("copy")
        shutil.copy(CLIENT, copy)
        for arguments in (["connections", "-", "-"], ["connections", "--files-from", "-", "-"],
                          ["connections"], ["--files-from", empty], ["nosuch", CLIENT, CLIENT],
                          ["connections", "-j0", CLIENT, CLIENT], ["rtt", "--zeros", CLIENT, CLIENT],
                          ["connections", CLIENT, copy, "-o", copy]):
            with open(self.write("list", CLIENT.encode()), "rb") as names:
                done = self.run_report(*arguments, status=2, stdin=names)
            self.assertEqual(done.stdout, b"")


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
