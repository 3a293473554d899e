#!/usr/bin/python3
"""What a person sees on a terminal: width, colours, pager, progress, configuration; and that nothing of
it reaches files and pipes.

usage: test_terminal.py PATH_OF_MPTCPSCOPE PATH_OF_SLOW_READ [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import subprocess
import sys
import tempfile
import threading
import time

from folder import FolderCase, unittest
from terminal import run, strip

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
LOSSY, LOSSY_B = (os.path.join(ROOT, "captures", "lossy", end + ".pcapng")
                  for end in ("client", "server"))
ONE = [*(("report", name) for name in
         ("connections", "subflows", "summary", "events", "reinjections", "rtt", "reordering",
          "limits", "interarrival", "series", "mib", "critical-path", "flows")), ("flow",), ("numerics",)]
TWO = [("map",), ("owd", "--interval", "0.5"), ("clock",), ("diff",), ("reinjections",),
       ("critical-path", "--pieces"), ("summary",), ("flow",), ("numerics",)]
WARNING = "\x1b[38;5;196m"


def mptcpscope(*arguments, **options):
    return run([COMMAND, *arguments], **options)


def captures(*names):
    for name in names:
        yield [os.path.join(ROOT, "captures", name, end + ".pcapng")
               for end in ("client", "server")]


def calls(*names):
    """Every report on the captures, and every comparison of their two ends."""
    for one, other in captures(*names):
        yield from ((*call, one) for call in ONE)
        yield from ((*call, one, other) for call in TWO)


def piped(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, check=True,
                          text=True).stdout


class Width(unittest.TestCase):
    def check(self, columns, call):
        shown = mptcpscope(*call, "--color", "never", columns=columns)
        with self.subTest(call=call, columns=columns):
            self.assertEqual((shown.status, shown.err), (0, ""))
            self.assertTrue(shown.out)
            self.assertEqual([line for line in shown.out.splitlines() if len(line) > columns], [])
        return shown.out

    def test_fits(self):
        for columns in (60, 80):
            for call in calls("ipv6"):
                self.check(columns, call)
        for call in calls("lossy"):  # lines of 40 columns, unless the words are longer
            lines = mptcpscope(*call, "--color", "never", columns=40).out.splitlines()
            longest = max(len(line) for line in lines if line.strip("=-"))
            self.assertEqual([line for line in lines if len(line) > max(longest, 40)], [], call)

    def test_uses_a_wide_terminal(self):
        """Columns come back that text leaves out at 120; sentences stay readable."""
        wide = self.check(200, ("report", "connections", LOSSY))
        narrow = piped("report", "connections", LOSSY)
        for word in ("Ver", "Start", "Bytes"):
            self.assertIn(f" {word} ", wide)
            self.assertNotIn(f" {word} ", narrow)
        self.assertEqual(self.check(120, ("report", "connections", LOSSY)), narrow)
        summary = self.check(200, ("summary", LOSSY, LOSSY_B))
        self.assertEqual(summary, piped("summary", LOSSY, LOSSY_B))

    def test_nothing_is_lost_when_narrow(self):
        """All figures of summary are there, in parts."""
        def words(text):
            return sorted(set(re.findall(r"[\w.]+", text)))
        narrow = self.check(60, ("report", "summary", LOSSY))
        self.assertEqual(words(narrow), words(piped("report", "summary", LOSSY)))

    def test_live_rows(self):
        """Each is one line; the last columns are left out."""
        for columns, last in ((60, "Mbit/s   Mbit/s"), (120, "RTT ms")):
            with subprocess.Popen(["cat", LOSSY], stdout=subprocess.PIPE) as cat:
                shown = mptcpscope("report", "series", "-", "--color", "never", columns=columns,
                                   stdin=cat.stdout)
            lines = shown.out.splitlines()
            self.assertEqual(shown.status, 0)
            self.assertEqual([line for line in lines if len(line) > columns], [])
            self.assertTrue(lines[3].endswith(last), lines[3])
            self.assertGreater(len(lines), 5)

    def test_columns_variable(self):
        """COLUMNS counts over the terminal; what is no number does not."""
        for value, width in (("60", 60), ("0", 100), ("wide", 100), ("", 100)):
            text = mptcpscope("report", "summary", LOSSY, columns=100, COLUMNS=value).out
            self.assertEqual(len(text.splitlines()[0]), width, value)

    def test_not_in_a_pipe(self):
        shown = mptcpscope("report", "connections", LOSSY, out=False, COLUMNS="60")
        self.assertEqual(shown.out, piped("report", "connections", LOSSY))


class Colours(FolderCase):
    def test_same_text(self):
        """Without its colours every text is the same to the byte, and each line ends its colours."""
        coloured = 0
        for call in calls("lossy", "handover"):
            text = piped(*call, "--color", "always")
            coloured += "\x1b" in text
            with self.subTest(call=call):
                self.assertEqual(strip(text), piped(*call))
                for line in text.splitlines():
                    sequences = re.findall(r"\x1b\[[0-9;]*m", line)
                    self.assertEqual(sequences[1::2], ["\x1b[m"] * (len(sequences) // 2))
                    self.assertEqual(len(sequences) % 2, 0)
        self.assertEqual(coloured, 2 * (len(ONE) + len(TWO)))

    def test_auto(self):
        call = ("report", "connections", LOSSY)
        for expected, variables in ((True, {}), (True, {"NO_COLOR": ""}), (False, {"NO_COLOR": "1"}),
                                    (False, {"TERM": "dumb"}), (False, {"TERM": None})):
            self.assertEqual("\x1b" in mptcpscope(*call, **variables).out, expected, variables)
        self.assertNotIn("\x1b", mptcpscope(*call, out=False).out)
        self.assertNotIn("\x1b", mptcpscope(*call, "--color", "never").out)

    def test_always(self):
        """Also without a terminal, in a file and against NO_COLOR; but only in text."""
        call = ("report", "connections", LOSSY, "--color", "always")
        self.assertIn("\x1b", mptcpscope(*call, out=False, NO_COLOR="1", TERM="dumb").out)
        path = self.at("text")
        mptcpscope(*call, "-o", path)
        with open(path, encoding="utf-8") as file:
            self.assertIn("\x1b", file.read())
        for form in ("csv", "json"):
            self.assertEqual(mptcpscope(*call, "-f", form).out,
                             piped("report", "connections", LOSSY, "-f", form))

    def test_file_has_none(self):
        path = self.at("text")
        self.assertEqual(mptcpscope("report", "connections", LOSSY, "-o", path).out, "")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), piped("report", "connections", LOSSY))

    def test_what_stands_out(self):
        flow = mptcpscope("flow", LOSSY, LOSSY_B, columns=160).out.splitlines()
        lost = [line for line in flow if re.search(r"\|-+.*x +\|", strip(line)) or
                strip(line).rstrip().endswith("lost")]
        self.assertTrue(lost)
        self.assertTrue(all(WARNING in line for line in lost))
        summary = mptcpscope("report", "summary",
                             os.path.join(ROOT, "captures", "fallback", "client.pcapng")).out
        self.assertIn(WARNING + "Warning\x1b[m", summary)


class Pager(FolderCase):
    def pager(self, script):
        path = self.at("pager")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(path, 0o755)
        return path

    CALL = ("report", "connections", LOSSY)

    def test_shows_all(self):
        """The pager gets what the terminal would; LESS is as git sets it; its status is nothing."""
        pager = self.pager('echo "LESS=$LESS LV=$LV"; cat; echo END; exit 3\n')
        shown = mptcpscope(*self.CALL, MPTCPSCOPE_PAGER=pager)
        self.assertEqual((shown.status, shown.err), (0, ""))
        self.assertEqual(shown.out, "LESS=FRX LV=-c\n" + mptcpscope(*self.CALL).out + "END\n")
        shown = mptcpscope(*self.CALL, MPTCPSCOPE_PAGER=pager, LESS="S", LV="")
        self.assertTrue(shown.out.startswith("LESS=S LV=\n"))

    def test_which(self):
        plain = mptcpscope(*self.CALL, TERM="dumb").out
        pager = self.pager("echo PAGED; cat\n")
        for expected, variables in (
                (True, {"MPTCPSCOPE_PAGER": None, "PAGER": pager}),
                (True, {"MPTCPSCOPE_PAGER": pager, "PAGER": "cat"}),
                (False, {"MPTCPSCOPE_PAGER": "", "PAGER": pager}),
                (False, {"MPTCPSCOPE_PAGER": "cat", "PAGER": pager}),
                (False, {"MPTCPSCOPE_PAGER": pager, "TERM": "dumb"})):
            out = strip(mptcpscope(*self.CALL, **variables).out)
            self.assertEqual(out, ("PAGED\n" if expected else "") + plain, variables)
        self.assertNotIn("PAGED", mptcpscope(*self.CALL, "--no-pager", MPTCPSCOPE_PAGER=pager).out)

    def test_command_with_arguments(self):
        shown = mptcpscope(*self.CALL, "--color", "never",
                           MPTCPSCOPE_PAGER="head -n 2 | tr a-z A-Z")
        self.assertEqual(shown.out.splitlines()[1:], ["MPTCP CONNECTIONS"])
        self.assertEqual(shown.status, 0)

    def test_quit_early(self):
        """It is no error, and other outputs are written all the same."""
        path, pager = self.at("pairs.csv"), self.pager("read line; echo $line\n")
        shown = mptcpscope("flow", LOSSY, MPTCPSCOPE_PAGER=pager)
        self.assertEqual((shown.status, shown.out, shown.err), (0, "Capture: client.pcapng\n", ""))
        shown = mptcpscope("owd", LOSSY, LOSSY_B, "--packets", path, MPTCPSCOPE_PAGER=pager)
        self.assertEqual((shown.status, shown.out, shown.err), (0, "A: client.pcapng\n", ""))
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), piped("owd", LOSSY, LOSSY_B, "-o", "/dev/null",
                                                "--packets", "/dev/stdout"))

    def test_cannot_run(self):
        """The text comes all the same."""
        shown = mptcpscope(*self.CALL, MPTCPSCOPE_PAGER=self.at("none"))
        self.assertEqual(shown.out, mptcpscope(*self.CALL).out)
        self.assertRegex(shown.err, "^mptcpscope: cannot run the pager: ")
        self.assertEqual(shown.status, 0)

    def test_errors_are_not_paged(self):
        pager = self.pager("echo PAGED; cat\n")
        for expected, call in ((1, ("report", "connections", os.path.join(ROOT, "README.md"))),
                               (1, ("report", "connections", self.at("missing"))),
                               (1, ("report", "connections", LOSSY, "-c", "7")),
                               (2, ("report", "connection", LOSSY))):
            shown = mptcpscope(*call, MPTCPSCOPE_PAGER=pager)
            self.assertEqual((shown.status, shown.out), (expected, ""), call)
            self.assertTrue(shown.err.startswith("mptcpscope: "))

    def test_not_for_files(self):
        pager = self.pager("echo PAGED; cat\n")
        for shown in (mptcpscope(*self.CALL, "-o", self.at("text"), MPTCPSCOPE_PAGER=pager),
                      mptcpscope(*self.CALL, out=False, MPTCPSCOPE_PAGER=pager)):
            self.assertNotIn("PAGED", shown.out)


class Progress(unittest.TestCase):
    def shown(self, pause, *more, call=("report", "connections"), **options):
        """Of the first file some reads take `pause` ms each."""
        sanitizer = os.environ.get("ASAN_OPTIONS", "")
        return mptcpscope(*call, LOSSY, *more, "--color", "never",
                          LD_PRELOAD=SLOW_READ,
                          SLOW_READ=LOSSY, SLOW_READS="8", SLOW_READ_MS=str(pause),
                          ASAN_OPTIONS=sanitizer + ":verify_asan_link_order=0", **options)

    def test_line(self):
        """After a second it says which file and how much of it; it is erased afterwards."""
        done = self.shown(400)
        self.assertEqual(done.status, 0)
        self.assertTrue(done.err.endswith("\r\x1b[K"))
        lines = [line for line in done.err.split("\x1b[K") if line.strip("\r")]
        found = [re.fullmatch(r"\rReading client\.pcapng (\d+) %", line) for line in lines]
        self.assertTrue(found and all(found), done.err)
        percents = [int(one[1]) for one in found]
        self.assertEqual(percents, sorted(percents))
        self.assertTrue(0 <= percents[0] < percents[-1] <= 100, percents)
        self.assertEqual(done.out, mptcpscope("report", "connections", LOSSY, "--color",
                                              "never").out)

    def test_export(self):
        self.assertRegex(self.shown(400, "-o", os.devnull, call=("export",)).err,
                         r"^(\rReading client\.pcapng \d+ %\x1b\[K)+\r\x1b\[K$")

    def test_after_reading(self):
        """What comes after reading has a line, too; here it waits until somebody takes the result."""
        with tempfile.TemporaryDirectory() as folder:
            fifo = os.path.join(folder, "fifo")
            os.mkfifo(fifo)
            taken = []

            def take():
                with open(fifo, "rb") as file:
                    time.sleep(3)
                    taken.append(file.read())
            reader = threading.Thread(target=take)
            reader.start()
            done = mptcpscope("flow", LOSSY, LOSSY_B, "-o", fifo)
            reader.join()
        self.assertEqual(done.status, 0)
        self.assertGreater(len(taken[0]), 65536)  # of a pipe
        self.assertRegex(done.err, r"(\rComputing\x1b\[K)+\r\x1b\[K$")

    def test_not_over_a_pager(self):
        """Who reads the result from a pipe may show it on the terminal, as less does, at leisure."""
        done = run(["bash", "-c", '"$0" flow "$1" "$2" | { sleep 3; wc -c; }', COMMAND, LOSSY, LOSSY_B])
        self.assertGreater(int(done.out), 65536)  # of a pipe
        self.assertNotIn("Computing", done.err)

    def test_many_files(self):
        """How many are done, and messages in lines of their own."""
        missing = os.path.join(ROOT, "missing")
        done = self.shown(300, LOSSY_B, missing, out=False)
        self.assertEqual(done.status, 1)
        lines = [line for line in re.split("\x1b\\[K|\n", done.err) if line.strip("\r")]
        messages = [line.strip("\r") for line in lines if "Reporting" not in line]
        self.assertEqual(len(messages), 1, done.err)
        self.assertRegex(messages[0], f"^mptcpscope: {missing}: ")
        self.assertGreater(len(lines), 1)
        for line in lines:
            if "Reporting" in line:
                self.assertRegex(line, r"^\rReporting files: [0-3] of 3$")
        self.assertEqual(done.out, subprocess.run(
            [COMMAND, "report", "connections", LOSSY, LOSSY_B, missing], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, check=False).stdout)

    def test_none(self):
        self.assertEqual(self.shown(0).err, "")
        self.assertEqual(self.shown(200, err=False).err, "")
        self.assertEqual(self.shown(200, TERM="dumb").err, "")


class Interrupt(unittest.TestCase):
    def test_ends_a_stream(self):
        """SIGINT ends what comes through a pipe; the report of it is written."""
        call = ("report", "subflows", "-")
        stream = 'cat "$1"; sleep 1; kill -INT $$; exec sleep 5 2>&-'
        shown = run(["bash", "-c", f'exec "$0" {" ".join(call)} < <({stream})', COMMAND, LOSSY])
        self.assertEqual((shown.status, shown.err), (0, ""))
        with open(LOSSY, "rb") as whole:
            self.assertEqual(shown.out, mptcpscope(*call, stdin=whole).out)

    def test_pager_takes_signals(self):
        """Also of the reports of many files, which wait for SIGINT themselves. The shell has no child
        when it is asked: it blocks signals while it starts one."""
        shown = mptcpscope("report", "subflows", LOSSY, LOSSY_B,
                           MPTCPSCOPE_PAGER='cat >&2; while read -r name mask; do test "$name" != SigBlk: '
                                            '|| echo "$name $mask" >&2; done < /proc/$$/status')
        self.assertRegex(shown.err, "SigBlk: 0+\n")


class Configuration(FolderCase):
    CALL = ("report", "events", LOSSY)

    def config(self, text):
        os.makedirs(self.at("mptcpscope"), exist_ok=True)
        with open(self.at("mptcpscope/config"), "w", encoding="utf-8") as file:
            file.write(text)

    def shown(self, *call, **options):
        return mptcpscope(*call, **{"XDG_CONFIG_HOME": self.folder, "columns": 120, **options})

    def test_keys(self):
        """Each key does what the option of its name does."""
        for key, value in (("format", "csv"), ("time", "relative"), ("time", "utc"),
                           ("color", "never")):
            self.config(f"# mine\n[mptcpscope]\n{key} = {value}\n")
            shown = self.shown(*self.CALL)
            self.assertEqual((shown.status, shown.err), (0, ""))
            self.assertEqual(shown.out, mptcpscope(*self.CALL, f"--{key}", value, columns=120).out)
            self.assertNotEqual(shown.out, mptcpscope(*self.CALL, columns=120).out)
        handover = os.path.join(ROOT, "captures", "handover", "client.pcapng")
        self.config("[mptcpscope]\ndsn=relative\n")
        self.assertEqual(self.shown("report", "reinjections", handover).out,
                         mptcpscope("report", "reinjections", handover, "--dsn", "relative",
                                    columns=120).out)

    def test_clock(self):
        """It is for commands that take it."""
        self.config("[mptcpscope]\nclock=offset\n")
        self.assertEqual(self.shown("owd", LOSSY, LOSSY_B).out,
                         mptcpscope("owd", LOSSY, LOSSY_B, "--clock", "offset", columns=120).out)
        self.assertEqual(self.shown(*self.CALL).out, mptcpscope(*self.CALL, columns=120).out)
        self.assertEqual(self.shown("summary", LOSSY).status, 0)

    def test_pager(self):
        self.config("[mptcpscope]\npager=echo PAGED; cat\n")
        shown = self.shown(*self.CALL, MPTCPSCOPE_PAGER=None, PAGER="cat")
        self.assertTrue(shown.out.startswith("PAGED\n"))
        self.config("[mptcpscope]\npager=\n")
        shown = self.shown(*self.CALL, MPTCPSCOPE_PAGER=None, PAGER="echo PAGED; cat")
        self.assertEqual(shown.out, mptcpscope(*self.CALL, columns=120).out)

    def test_options_count(self):
        self.config("[mptcpscope]\nformat=json\ntime=utc\ncolor=always\nclock=skew\n")
        call = (*self.CALL, "-f", "text", "--time", "epoch", "--color", "never")
        self.assertEqual(self.shown(*call).out, piped(*self.CALL))
        self.assertEqual(self.shown(*self.CALL, "--no-config").out,
                         mptcpscope(*self.CALL, columns=120).out)
        call = ("owd", LOSSY, LOSSY_B, "-f", "text", "--clock", "none")
        self.assertIn("Clocks: not corrected", self.shown(*call).out)

    def test_table_is_no_json(self):
        """A table of several can be chosen only in text and csv."""
        self.config("[mptcpscope]\nformat=json\n")
        call = ("reinjections", LOSSY, LOSSY_B, "--table", "totals")
        self.assertEqual(self.shown(*call).out, mptcpscope(*call, columns=120).out)

    def test_not_for_scripts(self):
        """Not in a pipe or a file, even where it is wrong."""
        for text in ("[mptcpscope]\nformat=json\ntime=utc\ncolor=always\n", "nonsense"):
            self.config(text)
            self.assertEqual(self.shown(*self.CALL, out=False).out, piped(*self.CALL))
            self.assertEqual(self.shown(*self.CALL, "-o", self.at("out")).status, 0)
            with open(self.at("out"), encoding="utf-8") as file:
                self.assertEqual(file.read(), piped(*self.CALL))

    def test_blanks(self):
        self.config("[mptcpscope]\n format = csv \t\n")
        self.assertEqual(self.shown(*self.CALL).out, piped(*self.CALL, "-f", "csv"))

    def test_wrong(self):
        for text, reason in (
                ("[mptcpscope]\ncolour=never\n",
                 'unknown key "colour"; known keys: clock, color, dsn, format, pager, time'),
                ("[mptcpscope]\ntime=noon\n",
                 'time is "noon"; known values: utc, local, epoch, relative'),
                ("[tshark]\n", "unknown group [tshark]; all keys are in [mptcpscope]"),
                ("time=utc\n", None), ("nonsense\n", None), ("[mptcpscope]\ntime=\xff\n", None)):
            self.config(text)
            shown = self.shown(*self.CALL)
            path = self.at("mptcpscope/config")
            self.assertEqual((shown.status, shown.out), (1, ""), text)
            self.assertEqual(len(shown.err.splitlines()), 1)
            self.assertTrue(shown.err.startswith(f"mptcpscope: {path}: {reason or ''}"), shown.err)
        os.remove(self.at("mptcpscope/config"))
        os.mkdir(self.at("mptcpscope/config"))
        self.assertEqual(self.shown(*self.CALL).status, 1)

    def test_home(self):
        """Without XDG_CONFIG_HOME it is below ~/.config; a file need not be."""
        os.mkdir(self.at(".config"))
        shown = mptcpscope(*self.CALL, XDG_CONFIG_HOME=None, HOME=self.folder, columns=120)
        self.assertEqual(shown.out, mptcpscope(*self.CALL, columns=120).out)
        os.mkdir(self.at(".config/mptcpscope"))
        with open(self.at(".config/mptcpscope/config"), "w", encoding="utf-8") as file:
            file.write("[mptcpscope]\nformat=csv\n")
        shown = mptcpscope(*self.CALL, XDG_CONFIG_HOME=None, HOME=self.folder)
        self.assertEqual(shown.out, piped(*self.CALL, "-f", "csv"))


class Times(unittest.TestCase):
    def test_first_frame(self):
        """Frame 1 of the capture is at 1795296292.249271809."""
        for value, expected in (("utc", "2026-11-21 21:24:52.249271 UTC"),
                                ("local", "2026-11-22 06:24:52.249271 +0900"),
                                ("epoch", "1795296292.249271"), ("relative", "0.000000")):
            environment = {**os.environ, "TZ": "Asia/Tokyo"}
            text = subprocess.run([COMMAND, "report", "events", LOSSY, "--time", value], check=True,
                                  env=environment, stdout=subprocess.PIPE, text=True).stdout
            self.assertRegex(text, rf"\n +1 +{re.escape(expected)} +0 +0 +c2s  MP_CAPABLE")
        self.assertIn("Started 0.000000 s after the capture began, in frame 1",
                      piped("report", "summary", LOSSY, "--time", "relative"))
        self.assertIn("Started 1795296292.249271 in",
                      piped("summary", LOSSY, LOSSY_B, "--time", "epoch"))

    def test_dump_begins_with_its_first_segment(self):
        lines = piped("report", "events", LOSSY, "--time", "relative").splitlines()
        self.assertEqual(lines[5].split()[1], "0.000000")

    def test_csv_and_json_do_not_change(self):
        for form in ("csv", "json"):
            call = ("report", "events", LOSSY, "-f", form)
            self.assertEqual(piped(*call, "--time", "relative", "--dsn", "relative"), piped(*call))

    def test_relative_dsn(self):
        """As Wireshark has it: the DSN of the first data byte is 1."""
        handover = os.path.join(ROOT, "captures", "handover", "client.pcapng")
        rows = piped("report", "reinjections", handover, "-f", "csv").splitlines()
        first = dict(zip(rows[0].split(","), rows[1].split(",")))
        events = piped("report", "events", handover, "-f", "csv").splitlines()
        keys = events[0].split(",")
        fins = [row for row in (dict(zip(keys, line.split(","))) for line in events[1:])
                if row["event"] == "DATA_FIN" and row["direction"] == first["direction"] and
                row["dsn_relative"]]
        expected = int(fins[0]["dsn_relative"]) - int(fins[0]["dsn"]) + int(first["dsn"])
        text = piped("report", "reinjections", handover, "--dsn", "relative").splitlines()
        self.assertEqual(text[5].split()[:5], [first["frame"], "0", first["subflow"],
                                               first["direction"], str(expected)])

    def test_wrong_words(self):
        for option, words in (("time", "utc, local, epoch or relative"),
                              ("dsn", "absolute or relative"), ("color", "auto, always or never")):
            done = subprocess.run([COMMAND, "report", "events", LOSSY, f"--{option}", "no"],
                                  stderr=subprocess.PIPE, text=True, check=False)
            self.assertEqual(done.returncode, 2)
            self.assertIn(f"mptcpscope: --{option} must be {words}\n", done.stderr)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    SLOW_READ = os.path.abspath(sys.argv.pop(1))
    unittest.main()
