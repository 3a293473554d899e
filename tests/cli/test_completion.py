#!/usr/bin/python3
"""Completion in bash and zsh, by keys that are typed in a terminal; and what mptcpscope __complete offers.

usage: test_completion.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
import unittest

from folder import FolderCase

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
CAPTURES = os.path.join(ROOT, "captures")
COMMAND = "mptcpscope"
PROMPT = "READY> "
LIMIT = 60  # seconds for an answer of a shell, on a busy machine

BASH = """
PS1='READY''> '
bind 'set bell-style none'
bind 'set completion-query-items 0'
bind '"\\C-t": insert-completions'
source {folder}/completion/mptcpscope.bash
"""
ZSH = """
PS1='READY''> '
unsetopt zle_bracketed_paste prompt_sp prompt_cr beep
fpath=({folder}/completion $fpath)
autoload -Uz compinit; compinit -u -D
zle -C all-matches complete-word _generic
bindkey '^T' all-matches
bindkey '^A' beginning-of-line
zstyle ':completion:all-matches:*' completer _all_matches _complete
zstyle ':completion:all-matches:*' insert yes
"""


class Shell:
    """An interactive shell in a terminal."""

    def __init__(self, folder, arguments, setup):
        environment = {"PATH": f"{folder}/bin:/usr/bin:/bin", "HOME": folder, "TERM": "dumb",
                       "LC_ALL": "C.UTF-8", "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "")}
        with open(os.path.join(folder, "setup"), "w", encoding="utf-8") as file:
            file.write(setup.format(folder=ROOT))
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execve(arguments[0], arguments, environment)
        self.send(f" . {folder}/setup\r")
        self.read_to(PROMPT)

    def send(self, keys):
        os.write(self.terminal, keys.encode())

    def read_to(self, end):
        text, until = "", time.monotonic() + LIMIT
        while end not in text:
            if not select.select([self.terminal], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError(f"no {end!r} in {text!r}")
            text += os.read(self.terminal, 65536).decode(errors="replace")
        return text

    def words_after(self, keys, first):
        """Type keys; let the shell print the words that the line has then. @param first  of them"""
        self.send(keys + "\x01printf '<<%s>>' \r")
        text = ""
        while f"<<{first}>>" not in text:
            text += self.read_to(PROMPT)
        return re.findall(r"<<([^<>]*)>>", text[text.index(f"<<{first}>>"):])

    def close(self):
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


class Case(FolderCase):
    def setUp(self):
        super().setUp()
        os.mkdir(self.at("bin"))
        os.symlink(COMMAND, self.at("bin/mptcpscope"))
        os.symlink(os.path.join(CAPTURES, "lossy", "client.pcapng"), self.at("a b.pcapng"))
        os.symlink(os.path.join(CAPTURES, "many", "client.pcapng"), self.at("many.pcapng"))
        with open(self.at("bin/mptcpscope-greet"), "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n# mptcpscope-summary: says hello\n")
        os.chmod(self.at("bin/mptcpscope-greet"), 0o755)


class Offers(Case):
    """mptcpscope __complete, which both shells call."""

    def offers(self, *words, place=None):
        done = subprocess.run([COMMAND, "__complete", str(len(words) - 1 if place is None else place),
                               *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              check=False, cwd=self.folder,
                              env={**os.environ, "PATH": self.at("bin")})
        self.assertEqual((done.returncode, done.stderr), (0, ""), words)
        return [line.split("\t")[0] for line in done.stdout.splitlines()]

    def help_of(self, command):
        return subprocess.run([COMMAND, command, "--help"], stdout=subprocess.PIPE, text=True,
                              check=True).stdout

    def test_options(self):
        """All options of the help are offered, and the words of each are accepted."""
        for command in self.offers(""):
            if command in ("help", "greet"):
                continue
            names = re.findall(r"(?m)^ {2,6}(?:-\w, )?(--[a-z-]+)( [A-Z]+)?", self.help_of(command))
            first = {"report": ["x"], "plot": ["x"]}.get(command, [])
            self.assertEqual(self.offers(command, *first, "--"), [name for name, _ in names])
            for name, value in names:
                offered = self.offers(command, name, "") if value else []
                for word in offered:
                    if word == ":files":
                        continue
                    done = subprocess.run([COMMAND, command, name, word], stderr=subprocess.PIPE,
                                          text=True, check=False)
                    self.assertRegex(done.stderr, f"^mptcpscope: {command} needs", (name, word))
                    self.assertEqual(self.offers(command, f"{name}={word[:2]}")[0][:len(name) + 3],
                                     f"{name}={word[:2]}")

    def test_options_of_names(self):
        self.assertIn("--zeros", self.offers("report", "mib", "--"))
        for option in ("--zeros", "--host", "--table"):
            self.assertNotIn(option, self.offers("report", "rtt", "--"))
        self.assertEqual(self.offers("report", "flows", "--table", ""), ["rows", "flows"])
        self.assertNotIn("--clock", self.offers("plot", "dsn", "--"))

    def test_places(self):
        for words, expected in (
                (("map", ""), [":files"]), (("map", "a", ""), [":files"]), (("map", "a", "b", ""), []),
                (("owd", "-f", "csv", "-fjson", "--by=subflow", "a", ""), [":files"]),
                (("map", "-fcsv", "a", "b", "--", ""), []),
                (("map", "-", ""), [":files"]), (("map", "--", "--"), [":files"]),
                (("report", "rtt", "--interv", ""), []), (("report", "rtt", "--near=s"), ["--near=server"]),
                (("owd", "--near", "m"), []), (("greet", "--x"), [":files"]),
                (("owd", "-c", ""), []), (("owd", "-c", "", "nothing.pcap"), []),
                (("help", "greet"), ["greet"]), (("help", "map", ""), []),
                (("help", "report", "ser"), ["series"]), (("--v",), ["--version"])):
            self.assertEqual(self.offers(*words, place=words.index("") if "" in words else None),
                             expected, words)

    def test_never_waits(self):
        """A pipe is not read, a file that is no capture offers nothing, a large one is left in time."""
        os.mkfifo(self.at("fifo"))
        with open(self.at("text"), "w", encoding="utf-8") as file:
            file.write("hello\n" * 1000)
        for name in ("fifo", "text", "-", "/dev/zero", ".", "/proc/self/mem"):
            self.assertEqual(self.offers("report", "rtt", name, "-c", ""), [], name)
        with open(os.path.join(CAPTURES, "many", "client.pcapng"), "rb") as file:
            content = file.read()
        with open(self.at("large"), "wb") as file:
            for _ in range(200):
                file.write(content)
        began = time.monotonic()
        found = self.offers("report", "rtt", "large", "-c", "")
        self.assertLess(time.monotonic() - began, 60)  # a bound for a hang, not for speed
        self.assertIn("0", found)

    def test_wrong_calls(self):
        for arguments in ((), ("0",), ("x", "y"), ("1", "a"), ("-1", "a"), ("99999999999999999999", "a")):
            done = subprocess.run([COMMAND, "__complete", *arguments], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, check=False)
            self.assertEqual((done.returncode, done.stdout), (2, b""))


class Shells:
    """What both shells do. TAB is the key that completes, ALL the one that inserts all matches."""
    TAB, ALL = "\t", "\x14"

    def check(self, *calls, first="mptcpscope"):
        for keys, words in calls:
            with self.subTest(keys=keys):
                # bash sorts what it offers.
                found = self.shell.words_after(keys, first)
                self.assertEqual(sorted(found), sorted([first, *words]))

    def test_words(self):
        self.check(
            (f"mptcpscope rep{self.TAB}", ["report"]),
            (f"mptcpscope gre{self.TAB}", ["greet"]),
            (f"mptcpscope help critical{self.TAB}", ["help", "critical-path"]),
            (f"mptcpscope report in{self.TAB}", ["report", "interarrival"]),
            (f"mptcpscope plot d{self.ALL}", ["plot", "dsn", "delay", "delay-cdf"]),
            (f"mptcpscope owd --cl{self.TAB}", ["owd", "--clock"]),
            (f"mptcpscope owd --clock {self.ALL}", ["owd", "--clock", "none", "offset", "skew"]),
            (f"mptcpscope owd --clock=of{self.TAB}", ["owd", "--clock=offset"]),
            (f"mptcpscope report rtt -f j{self.TAB}", ["report", "rtt", "-f", "json"]))
        self.check((f"~/bin/mptcpscope rep{self.TAB}", ["report"]), first=self.at("bin/mptcpscope"))

    def test_files(self):
        self.check(
            (f"mptcpscope report rtt man{self.TAB}", ["report", "rtt", "many.pcapng"]),
            (f"mptcpscope report rtt a{self.TAB}", ["report", "rtt", "a b.pcapng"]),
            (f"mptcpscope greet man{self.TAB}", ["greet", "many.pcapng"]),
            (f"mptcpscope report rtt many.pcapng -o a{self.TAB}",
             ["report", "rtt", "many.pcapng", "-o", "a b.pcapng"]))

    def test_numbers(self):
        """Numbers come from the first FILE, before the word or after it."""
        self.check(
            (f"mptcpscope flow a\\ b.pcapng --subflow {self.ALL}",
             ["flow", "a b.pcapng", "--subflow", "0", "1"]),
            (f"mptcpscope flow 'a b.pcapng' --connection={self.TAB}",
             ["flow", "a b.pcapng", "--connection=0"]),
            (f"mptcpscope report rtt ~/many.pcapng -c 1{self.ALL}",
             ["report", "rtt", self.at("many.pcapng"), "-c", *self.numbers(r"^1")]))
        self.shell.send("mptcpscope owd -c  a\\ b.pcapng" + "\x02" * 12)
        self.check((self.TAB, ["owd", "-c", "0", "a b.pcapng"]))

    def numbers(self, pattern):
        """The numbers of the connections of many.pcapng."""
        rows = json.loads(subprocess.run(
            [COMMAND, "report", "connections", self.at("many.pcapng"), "-f", "json"], check=True,
            stdout=subprocess.PIPE).stdout)["rows"]
        self.assertGreater(len(rows), 2)
        return [str(row["connection"]) for row in rows if re.search(pattern, str(row["connection"]))]


class Bash(Shells, Case):
    def setUp(self):
        super().setUp()
        self.shell = Shell(self.folder, ["/bin/bash", "--norc", "--noprofile", "-i"], BASH)
        self.addCleanup(self.shell.close)


class Zsh(Shells, Case):
    def setUp(self):
        super().setUp()
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        self.shell = Shell(self.folder, ["/bin/zsh", "-f", "-i"], ZSH)
        self.addCleanup(self.shell.close)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
