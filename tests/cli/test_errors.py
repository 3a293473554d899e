#!/usr/bin/python3
"""Bad input and wrong calls of the command: one clear message, the right exit status, and no output
file is left.

usage: test_errors.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import gzip
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import unittest

from folder import FolderCase

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "captures")
CASES = os.path.join(CAPTURES, "..", "tests", "cases")
CLIENT = os.path.join(CAPTURES, "twopath", "client.pcapng")
SERVER = os.path.join(CAPTURES, "twopath", "server.pcapng")
OTHER = os.path.join(CAPTURES, "lossy", "server.pcapng")
COMMAND = "mptcpscope"


class Case(FolderCase):
    def file(self, name, content=b""):
        path = self.at(name)
        with open(path, "wb") as file:
            file.write(content)
        return path

    def run_command(self, *arguments, **options):
        return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False, **options)

    def assert_fails(self, status, message, *arguments):
        """The call fails with one line on standard error that holds the message."""
        before = sorted(os.listdir(self.folder))
        done = self.run_command(*arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("mptcpscope: "), done.stderr)
        self.assertIn(message, done.stderr)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)


class Input(Case):
    """Files that cannot be used: status 1 and a message with the name of the file."""

    def assert_unusable(self, path, reason):
        self.assert_fails(1, f"{path}: {reason}", "report", "connections", path)
        self.assert_fails(1, f"{path}: {reason}", "owd", path, SERVER)
        self.assert_fails(1, f"{path}: {reason}", "map", CLIENT, path)
        output = os.path.join(self.folder, "never.csv")
        self.assert_fails(1, f"{path}: {reason}", "owd", CLIENT, path, "-o", output,
                          "--packets", output + "2")

    def test_missing(self):
        self.assert_unusable(os.path.join(self.folder, "none.pcap"), "No such file")

    def test_folder(self):
        self.assert_unusable(self.folder, "")

    def test_empty(self):
        self.assert_unusable(self.file("empty.pcap"), "")

    def test_foreign(self):
        self.assert_unusable(self.file("text.pcap", b"hello, world\n" * 100), "")
        self.assert_unusable(self.file("other.csv", b"a,b,c\n1,2,3\n"), "")
        self.assert_unusable(self.file("zeros", bytes(4096)), "")

    def test_cut_in_the_header(self):
        """Nothing is whole."""
        with open(CLIENT, "rb") as file:
            content = file.read()
        self.assert_unusable(self.file("cut.pcapng", content[:20]), "the file is cut off")
        self.assert_unusable(self.file("cut.pcapng.gz", gzip.compress(content)[:15]),
                             "the file is cut off")
        self.assert_unusable(self.file("cut.csv", b"# mptcpscope dump, version 1; capture x"),
                             "the file is cut off in line 1")

    def test_damage_in_the_middle(self):
        with open(CLIENT, "rb") as file:
            content = bytearray(file.read())
        packed = bytearray(gzip.compress(content))
        at = len(packed) // 2
        packed[at:at + 100] = b"\xff" * 100
        self.assert_unusable(self.file("damaged.pcapng.gz", packed), "")
        at = content.index(b"\x06\x00\x00\x00", len(content) // 2)  # of an enhanced packet block
        content[at + 4:at + 8] = b"\xff" * 4
        self.assert_unusable(self.file("damaged.pcapng", content), "")

    def test_damage_before_a_block_for_the_other_reader(self):
        """A packet is longer than its block; a custom block, which libpcap cannot read, follows."""
        with open(CLIENT, "rb") as file:
            content = file.read()
        at, packets = 0, 0
        while packets < 9:
            kind, length = struct.unpack_from("=II", content, at)
            packets += kind == 6
            if packets == 4 and kind == 6:
                damaged, after = at, at + length
            at += length
        custom = struct.pack("=IIIII", 0xbad, 20, 32473, 0, 20)
        captured = struct.pack("=I", 9999)
        for name, end in (("far", at), ("next", after)):
            data = content[:end] + custom + content[end:]
            data = data[:damaged + 20] + captured + data[damaged + 24:]
            self.assert_unusable(self.file(name + ".pcapng", data), "after frame 3: ")

    def test_dump_of_another_version(self):
        dump = self.file("new.csv", b"# mptcpscope dump, version 7; capture x.pcap\nframe\n")
        self.assert_unusable(dump, "the dump has version 7; this program reads version 1")

    def test_damaged_dump(self):
        head = b"# mptcpscope dump, version 1; capture x.pcap\n"
        self.assert_unusable(self.file("no-columns.csv", head + b"frame,time_ns\n"), "")
        self.assert_unusable(self.file("no-header.csv", head), "")

    def test_unreadable(self):
        if os.geteuid() == 0:
            self.skipTest("root reads everything")
        path = self.file("secret.pcap", b"x")
        os.chmod(path, 0)
        self.assert_unusable(path, "Permission denied")


class CutOff(Case):
    """Files that lack their end: what was whole is used, with one warning."""

    def cut(self, name, content, *arguments):
        """Cut a file; expect the report of what was whole, and an error with --strict.
        @return the json document"""
        path = self.file(name, content)
        arguments = [path if argument == "FILE" else argument for argument in arguments]
        done = self.run_command(*arguments, "--format=json")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stderr, f"^mptcpscope: {re.escape(path)}: warning: the (file is|"
                         "compressed data are) cut off (after frame|in line) [0-9]+; what came "
                         "before is used\n$")
        output = os.path.join(self.folder, "never")
        self.assert_fails(1, f"{path}: the ", *arguments, "--strict", "-o", output)
        text = self.run_command(*arguments)
        self.assertRegex(text.stdout, "(?m)^Note: .*cut off")
        document = json.loads(done.stdout)
        self.assertTrue(any("cut off" in note for note in document["notes"]))
        return document

    def assert_segments(self, segments, document):
        self.assertEqual(sum(row[way]["segments"] for row in document["rows"]
                             for way in ("c2s", "s2c")), segments)

    def test_capture(self):
        """The first frames of a capture give the same report as a capture that ends there."""
        report = "report", "connections", "FILE"
        for name, count in (("twopath", 4), ("lossy", 100)):
            with open(os.path.join(CAPTURES, name, "client.pcapng"), "rb") as file:
                content = file.read()
            ends = [0]
            while ends[-1] < len(content):
                ends.append(ends[-1] + int.from_bytes(content[ends[-1] + 4:ends[-1] + 8],
                                                      "little"))
            end, after = ends[-count - 1:][:2]
            whole = json.loads(self.run_command(*report[:2], self.file("w", content[:end]),
                                                "--format=json").stdout)
            for at in (end + 4, end + 12, end + 40, after - 1):
                cut = self.cut("cut.pcapng", content[:at], *report)
                self.assertEqual(cut["rows"], whole["rows"])

    def test_compressed(self):
        with open(CLIENT, "rb") as file:
            content = file.read()
        packed = gzip.compress(content)
        self.cut("all-but-one-byte.gz", packed[:-1], "report", "summary", "FILE")
        cut = self.cut("half.gz", packed[:len(packed) // 2], "report", "connections", "FILE")
        self.assertGreater(cut["rows"][0]["c2s"]["segments"], 10)

    def test_dump(self):
        head = b"# mptcpscope dump, version 1; capture x.pcap\n"
        with open(os.path.join(CASES, "hostile", "name-escapes.csv"), "rb") as file:
            lines = file.read().splitlines(True)
        self.assertTrue(lines[0].startswith(head[:30]))
        rows = len(lines) - 2
        for content in (b"".join(lines)[:-1], b"".join(lines)[:-9]):
            cut = self.cut("cut.csv", content, "report", "subflows", "FILE")
            self.assert_segments(rows - 1, cut)
        packed = gzip.compress(b"".join(lines))
        self.cut("cut.csv.gz", packed[:-2], "report", "subflows", "FILE")

    def test_two_captures(self):
        with open(CLIENT, "rb") as file:
            content = file.read()
        part = content[:len(content) // 2 + 7]
        for command in ("owd", "map", "clock", "diff", "reinjections"):
            self.cut("a.pcapng", part, command, "FILE", SERVER)
            with open(SERVER, "rb") as file:
                other = file.read()
            self.cut("b.pcapng", other[:len(other) * 2 // 3 + 5], command, CLIENT, "FILE")
        both = [self.file("a.pcapng", part), self.file("b.pcapng", other[:-3])]
        done = self.run_command("owd", *both)
        self.assertEqual((done.returncode, done.stderr.count("warning: the file is cut off")),
                         (0, 2))
        self.assert_fails(1, f"{both[1]}: the file", "owd", CLIENT, both[1], "--strict")


class Pipe(Case):
    def test_format_of_a_pipe_is_detected(self):
        for name, option in (("x.pcapng", CLIENT), ("x.pcapng.gz", None)):
            content = open(CLIENT, "rb").read()
            if option is None:
                content = gzip.compress(content)
            expected = self.run_command("report", "subflows", self.file(name, content), "-f",
                                        "csv").stdout
            done = subprocess.run([COMMAND, "report", "subflows", "/dev/stdin", "-f", "csv"],
                                  input=content, stdout=subprocess.PIPE, check=True)
            self.assertEqual(done.stdout.decode(), expected)


class Pair(Case):
    """Two captures without a common connection, or the same capture twice."""

    def test_nothing_in_common(self):
        self.assert_fails(1, "no connection is in both captures", "owd", CLIENT, OTHER)

    def test_nothing_that_is_decoded(self):
        """The reason is told of each capture that has no TCP."""
        with open(os.path.join(CASES, "tunnel-plain.pcap"), "rb") as file:
            content = bytearray(file.read())
        content[20] = 189  # LINKTYPE_USB_LINUX
        usb = self.file("usb.pcap", content)
        reason = "has no TCP segment (16 frames are left out: link type USB_LINUX is not decoded.)"
        for letter, pair in (("A", (usb, CLIENT)), ("B", (CLIENT, usb))):
            self.assert_fails(1, f"no connection is in both captures; {letter} {reason}\n", "owd", *pair)

    def test_same_file_twice(self):
        self.assert_fails(1, "is it one capture twice?", "owd", CLIENT, CLIENT)
        copy = self.file("copy.pcapng")
        shutil.copy(CLIENT, copy)
        self.assert_fails(1, "is it one capture twice?", "owd", CLIENT, copy)

    def test_map_of_nothing_in_common_pairs_nothing(self):
        done = self.run_command("map", CLIENT, OTHER, "-f", "csv")
        self.assertEqual(done.returncode, 0)
        for line in done.stdout.splitlines()[1:]:
            self.assertNotIn("tokens", line)


class Output(Case):
    def test_unwritable(self):
        missing = os.path.join(self.folder, "no", "such", "folder", "x.json")
        self.assert_fails(1, missing + ": No such file", "report", "subflows", CLIENT, "-o",
                          missing)
        self.assert_fails(1, missing + ": No such file", "owd", CLIENT, SERVER, "--packets",
                          missing)

    def test_full_device(self):
        self.assert_fails(1, "/dev/full: No space left", "report", "subflows", CLIENT, "-o",
                          "/dev/full")

    def test_none_of_two_is_left_when_the_other_fails(self):
        pairs = os.path.join(self.folder, "pairs.csv")
        missing = os.path.join(self.folder, "no", "x.json")
        for left, failing in ((pairs, missing), (pairs, "/dev/full"), (missing, pairs)):
            self.assert_fails(1, ": No ", "owd", CLIENT, SERVER, "--packets", left, "-o", failing)
        old = self.file("old.csv", b"old")
        self.assert_fails(1, ": No ", "clock", CLIENT, SERVER, "--packets", old, "-o", "/dev/full")
        with open(old, "rb") as file:
            self.assertEqual(file.read(), b"old")
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([COMMAND, "owd", CLIENT, SERVER, "--packets", pairs], stdout=full,
                                  stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual((done.returncode, done.stderr),
                         (1, "mptcpscope: standard output: No space left on device\n"))
        self.assertFalse(os.path.exists(pairs))

    def test_two_outputs_in_one_place(self):
        """Figures and pairs never overwrite or mix with each other, whatever the path is."""
        real, link = os.path.join(self.folder, "a"), os.path.join(self.folder, "b")
        os.mkdir(real)
        os.symlink("a", link)
        os.symlink("a/n.csv", os.path.join(self.folder, "dangling"))
        os.mkfifo(os.path.join(self.folder, "fifo"))
        same = "--output and --packets are the same file"
        for one, other in (("a/n.csv", "b/n.csv"), ("a/n.csv", "dangling"), ("b/n.csv", "dangling"),
                           ("dangling", "a/../b/n.csv"), ("fifo", "b/../fifo")):
            for first, second in ((one, other), (other, one)):
                self.assert_fails(2, same, "owd", CLIENT, SERVER, "-o",
                                  os.path.join(self.folder, first), "--packets",
                                  os.path.join(self.folder, second))
                self.assertEqual(os.listdir(real), [])
        both = "--output and --packets are both standard output"
        os.symlink("/dev/stdout", os.path.join(self.folder, "out"))
        for path in ("-", "/dev/stdout", "/dev/fd/1", os.path.join(self.folder, "out")):
            self.assert_fails(2, both, "owd", CLIENT, SERVER, "--packets", path)
            self.assert_fails(2, both, "owd", CLIENT, SERVER, "--packets", path, "-o", "-")
            self.assert_fails(2, both, "clock", CLIENT, SERVER, "-o", path, "--packets", "-")
        with open(os.path.join(real, "n.csv"), "w", encoding="utf-8") as out:
            done = subprocess.run([COMMAND, "owd", CLIENT, SERVER, "--packets", link + "/n.csv"],
                                  stdout=out, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn(same, done.stderr)

    def test_two_files_in_two_places(self):
        for name in ("a", "b"):
            os.mkdir(os.path.join(self.folder, name))
        paths = [os.path.join(self.folder, name, "n.csv") for name in ("a", "b")]
        os.symlink(paths[1], os.path.join(self.folder, "link"))
        done = self.run_command("owd", CLIENT, SERVER, "-o", paths[0], "--packets",
                                os.path.join(self.folder, "link"))
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))
        self.assertEqual([os.listdir(os.path.dirname(path)) for path in paths], [["n.csv"]] * 2)
        self.assertTrue(os.path.islink(os.path.join(self.folder, "link")))
        with open(paths[1], encoding="utf-8") as file:
            self.assertTrue(file.readline().startswith("connection,"))
        for device in ("/dev/null", "/dev/stderr"):
            done = self.run_command("owd", CLIENT, SERVER, "-o", device, "--packets", "/dev/null")
            self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_output_over_input(self):
        copy = os.path.join(self.folder, "copy.pcapng")
        shutil.copy(CLIENT, copy)
        os.symlink("copy.pcapng", os.path.join(self.folder, "link"))
        message = "the output would overwrite the input"
        for path in (copy, os.path.join(self.folder, "link"), self.folder + "/./copy.pcapng"):
            self.assert_fails(2, message, "report", "subflows", copy, "-o", path)
            self.assert_fails(2, message, "owd", copy, SERVER, "-o", path)
            self.assert_fails(2, message, "owd", SERVER, copy, "--packets", path)
        with open(copy, "rb") as file, open(CLIENT, "rb") as original:
            self.assertEqual(file.read(), original.read())
        subflows = os.path.join(self.folder, "subflows")  # the name of a report is no file
        for _ in range(2):
            done = self.run_command("report", "subflows", copy, "-o", "subflows", cwd=self.folder)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue(os.path.exists(subflows))

    def test_file_is_the_same_as_standard_output(self):
        path = os.path.join(self.folder, "x.json")
        self.assertEqual(self.run_command("report", "subflows", CLIENT, "-f", "json", "-o",
                                          path).stdout, "")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(),
                             self.run_command("report", "subflows", CLIENT, "-f", "json").stdout)


class Usage(Case):
    """Wrong calls: status 2."""

    def test_wrong_calls(self):
        for message, *arguments in (
                ("no command given",),
                ("unknown option \"--nonsense\"", "--nonsense"),
                ("unknown command \"nonsense\"", "nonsense"),
                ("report needs the NAME of a report", "report"),
                ("report needs the NAME of a report", "report", "connections"),
                ("owd needs at least two files: A and B", "owd", CLIENT),
                ("owd takes at most 9 files", "owd", *[CLIENT] * 10),
                ("map needs two files: A and B", "map", CLIENT, SERVER, OTHER),
                ("--output needs a file", "owd", CLIENT, SERVER, "-o", ""),
                ("--packets needs a file", "clock", CLIENT, SERVER, "--packets", ""),
                ("unknown report \"nonsense\"; known reports: connections", "report", "nonsense",
                 CLIENT),
                ("unknown format \"xml\"; known formats: text, csv, json", "report",
                 "connections", CLIENT, "--format", "xml"),
                ("--connection must be the number", "report", "connections", CLIENT, "-c", "one"),
                ("--connection must be the number", "owd", CLIENT, SERVER, "-c", "-1"),
                ("--clock must be none, offset or skew", "owd", CLIENT, SERVER, "--clock", "magic"),
                ("near=\"here\": expected client, server, middle or the address of a host",
                 "report", "mib", CLIENT, "--near", "here"),
                ("near=\"10.0.0\": expected client, server, middle or the address of a host",
                 "owd", CLIENT, SERVER, "--near", "10.0.0"),
                *(("--near of A must be client, server or the address of a host",
                   command, CLIENT, SERVER, "--near", "middle")
                  for command in ("owd", "clock", "diff", "reinjections")),
                ("map does not take --near", "map", CLIENT, SERVER, "--near", "client"),
                ("map does not take --packets", "map", CLIENT, SERVER, "--packets", "x"),
                ("unrecognized option '--nonsense'", "owd", CLIENT, SERVER, "--nonsense"),
                ("unrecognized option '--a\\x1b[1m'", "owd", CLIENT, SERVER, "--a\x1b[1m"),
                ("option '--strict=1' takes no argument", "owd", CLIENT, SERVER, "--strict=1"),
                ("option '--str=' takes no argument", "owd", CLIENT, SERVER, "--str="),
                ("option '--c' is ambiguous", "owd", CLIENT, SERVER, "--c"),
                ("option '--c=3' is ambiguous", "owd", CLIENT, SERVER, "--c=3"),
                ("unrecognized option '--cx'", "owd", CLIENT, SERVER, "--cx"),
                ("unrecognized option '-s'", "owd", "--format=csv", "-s", CLIENT, SERVER),
                ("unrecognized option '-x'", "owd", "--strict", "-x", CLIENT, SERVER),
                ("option '--format' requires an argument", "owd", CLIENT, SERVER, "--format"),
                ("option '-o' requires an argument", "owd", CLIENT, SERVER, "-o")):
            with self.subTest(arguments=arguments):
                self.assert_fails(2, message, *arguments)

    def test_help_names_every_option(self):
        common = {"--format", "--output", "--strict", "--help", "--time", "--dsn", "--color",
                  "--no-pager", "--no-config"}
        for command, options in (
                ("report", {"--connection", "--interval", "--near", "--direction", "--end",
                            "--pieces", "--zeros", "--table", "--against", "--host", "--before",
                            "--files-from", "--with-filename", "--jobs"}),
                ("numerics", {"--connection", "--clock", "--near", "--topology"}),
                ("map", {"--connection"}),
                ("owd", {"--connection", "--interval", "--by", "--clock", "--near", "--packets"}),
                ("clock", {"--packets", "--near"}),
                ("reinjections", {"--connection", "--table", "--near"}),
                ("diff", {"--connection", "--near"})):
            text = self.run_command(command, "--help").stdout
            self.assertEqual(set(re.findall(r"^ .*?(--[a-z-]+)", text, re.M)), common | options,
                             command)
            for option in options:
                self.assertNotIn("does not take", self.run_command(command, option, "0").stderr)

    def test_help_and_version(self):
        for arguments in (("--help",), ("-h",), ("report", "--help"), ("owd", "-h"),
                          ("--version",), ("-V",)):
            done = self.run_command(*arguments)
            self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
            self.assertIn("mptcpscope", done.stdout)

    def test_command_from_path(self):
        path = self.file("mptcpscope-greet", b"#!/bin/sh\necho \"hello $*\"; exit 5\n")
        os.chmod(path, 0o755)
        done = self.run_command("greet", "a", "--b", env={**os.environ, "PATH": self.folder
                                                          + ":" + os.environ["PATH"]})
        self.assertEqual((done.returncode, done.stdout), (5, "hello a --b\n"))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
