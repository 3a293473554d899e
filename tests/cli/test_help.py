#!/usr/bin/python3
"""Help, and what the command says to a call that is nearly right.

usage: test_help.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import subprocess
import sys
import unittest

from folder import FolderCase

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "captures")
CLIENT = os.path.join(CAPTURES, "twopath", "client.pcapng")
COMMAND = "mptcpscope"


class Case(FolderCase):
    def run_command(self, *arguments, **options):
        return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, cwd=self.folder,
                              stderr=subprocess.PIPE, text=True, check=False, **options)

    def help_of(self, *arguments):
        """What a call for help prints, on standard output, with status 0."""
        done = self.run_command(*arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""), arguments)
        self.assertLessEqual(max(map(len, done.stdout.splitlines())), 120, arguments)
        return done.stdout

    def commands(self):
        return re.findall(r"^  ([a-z-]+) +[A-Z]", self.help_of("help").split("\n\n")[1], re.M)

    def program(self, name, content, mode=0o755):
        """Write a program and return an environment whose PATH leads to it."""
        path = self.at(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        os.chmod(path, mode)
        return {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}


class Help(Case):
    def test_overview(self):
        text = self.help_of("help")
        self.assertGreaterEqual(len(self.commands()), 11)
        for call in (("--help",), ("-h",), ("help", "help"), ("help", "--help")):
            self.assertEqual(self.help_of(*call), text)
        nothing = self.run_command()
        self.assertEqual((nothing.returncode, nothing.stdout), (2, ""))
        self.assertEqual(nothing.stderr, "mptcpscope: no command given\n" + text)

    def test_commands(self):
        """Each command of the overview has help, whatever way it is asked for."""
        for command in self.commands():
            text = self.help_of(command, "--help")
            self.assertTrue(text.startswith(f"Usage: mptcpscope {command} [OPTION]... "), text)
            for call in (("help", command), (command, "-h"), (command, "help")):
                self.assertEqual(self.help_of(*call), text, call)

    def test_full_device(self):
        for call in (("help",), ("help", "report"), ("report", "--help"), ("--version",)):
            with open("/dev/full", "wb") as full:
                done = subprocess.run([COMMAND, *call], stdout=full, stderr=subprocess.PIPE, check=False)
            self.assertEqual((done.returncode, done.stderr),
                             (1, b"mptcpscope: standard output: No space left on device\n"), call)

    def test_help_is_a_file(self):
        """Where a command takes one file, a file with the name "help" is one."""
        with open(CLIENT, "rb") as file, open(self.at("help"), "wb") as copy:
            copy.write(file.read())
        self.assertIn("Connection 0", self.help_of("summary", "help"))
        self.assertTrue(self.help_of("report", "help").startswith("Usage: "))

    def test_every_report_and_plot(self):
        for command in ("report", "plot"):
            whole = self.help_of(command, "--help")
            names = re.findall(r"^  ([a-z-]+) ", whole, re.M)
            self.assertGreaterEqual(len(names), 12)
            taken = set()
            for name in names:
                text = self.help_of("help", command, name)
                self.assertEqual(self.help_of(command, "help", name), text)
                self.assertIn(f"Usage: mptcpscope {command} {name} [OPTION]", text)
                taken |= set(re.findall(r"^ .*?(--[a-z-]+)", text, re.M))
            self.assertEqual(taken, set(re.findall(r"^ .*?(--[a-z-]+)", whole, re.M)))

    def test_options_of_a_name(self):
        """The help of a report or plot has the options that it takes, and no others."""
        for command, name, options in (("report", "rtt", ("zeros", "interval", "pieces", "against", "host",
                                                          "before", "table")),
                                       ("plot", "acksize", ("xplot", "interval", "clock"))):
            text = self.help_of("help", command, name)
            for option in options:
                self.assertNotIn(f"--{option} ", text)
        for option in ("zeros", "against", "host", "before"):
            self.assertIn(f"--{option} ", self.help_of("help", "report", "mib"))
        self.assertIn("--clock ", self.help_of("help", "plot", "delay"))
        for name in ("dsn", "acksize", "reinjections", "rate"):
            text = self.help_of("help", "plot", name)
            for option, value in (("subflow", "0"), ("from", "0"), ("interval", "1")):
                done = self.run_command("plot", name, CLIENT, "-o", "x.svg", f"--{option}", value)
                self.assertEqual(done.returncode != 2, f"--{option} " in text, (name, option))

    def test_words_too_many(self):
        for words in (("report", "rtt", "x"), ("owd", "x"), ("plot", "dsn", "x"), ("rtt", "x")):
            done = self.run_command("help", *words)
            self.assertEqual((done.returncode, done.stdout), (2, ""), words)
            self.assertTrue(done.stderr.startswith('mptcpscope: help takes no "x" after "'
                                                   + " ".join(words[:-1]) + '"\n'), done.stderr)

    def test_columns(self):
        for name in ("connections", "mib", "critical-path", "summary"):
            text = self.help_of("help", "report", name).split("Columns of csv: ")[1]
            csv = self.run_command("report", name, CLIENT, "-f", "csv").stdout.split("\n")[0]
            self.assertEqual(re.sub(r"\s", "", text), csv, name)


class NearlyRight(Case):
    def assert_hint(self, hint, *arguments):
        done = self.run_command(*arguments)
        self.assertEqual((done.returncode, done.stdout), (2, ""), arguments)
        first, last = done.stderr.splitlines()
        self.assertTrue(first.startswith("mptcpscope: ") and first.endswith(hint), done.stderr)
        self.assertRegex(last, r"^Try 'mptcpscope( help| [a-z-]+ --help)'\.$")

    def test_near(self):
        for hint, *arguments in (
                ('unknown command "repotr"; did you mean "report"?', "repotr"),
                ('did you mean "critical-path"?', "critical", CLIENT),
                ('did you mean "owd"?', "odw"),
                ('did you mean "report connections"?', "conections", CLIENT),
                ('it is a report: mptcpscope report rtt FILE', "rtt", CLIENT),
                ('it is a plot: mptcpscope plot dsn FILE -o dsn.svg', "dsn", CLIENT),
                (f'a COMMAND comes before a FILE: mptcpscope summary {CLIENT}', CLIENT),
                ('unknown report "conection"; did you mean "connections"?', "report", "conection",
                 CLIENT),
                ('unknown report "owd"; it is a command: mptcpscope owd A B [C]...', "report",
                 "owd", CLIENT),
                ('unknown plot "dns"; did you mean "dsn"?', "plot", "dns", CLIENT, "-o", "x.svg"),
                ("unrecognized option '--conection=1'; did you mean --connection?", "owd",
                 "--conection=1", CLIENT, CLIENT)):
            with self.subTest(arguments=arguments):
                self.assert_hint(hint, *arguments)

    def test_next_step(self):
        """Each wrong call says where to read more."""
        for command, *arguments in (
                ("report", "rtt", "--interval", "1", CLIENT), ("report", "rtt", "--zeros", CLIENT),
                ("report", "rtt", "--pieces", CLIENT, CLIENT), ("report", "rtt"), ("map", CLIENT),
                ("flow", "--clock", "none", CLIENT), ("summary", "--clock", "none", CLIENT),
                ("owd", CLIENT, CLIENT, CLIENT, "--packets", "x"), ("html", CLIENT),
                ("plot", "dsn", CLIENT), ("plot", "delay", CLIENT, "-o", "x.svg"),
                ("owd", "--by", "x", CLIENT, CLIENT), ("owd", "-c"), ("map", "--by", "x")):
            done = self.run_command(command, *arguments)
            self.assertEqual((done.returncode, done.stdout), (2, ""), (command, *arguments))
            self.assertRegex(done.stderr.splitlines()[-1],
                             rf"^Try 'mptcpscope (help report rtt|{command} --help)'\.$")

    def test_far(self):
        """What is near nothing gets no guess."""
        for word in ("x", "nonsense", "qqqq", "-", "e" * 5000, "critical-path" * 9, "\x1b[1m", ""):
            done = self.run_command(word)
            self.assertEqual(done.returncode, 2)
            self.assertNotIn("did you mean", done.stderr)
            self.assertNotIn("\x1b", done.stderr)
        self.assertIn("known plots: dsn, rate", self.run_command("plot", "zzzz", CLIENT).stderr)

    def test_names_alone(self):
        """A command that wants a name lists the names."""
        for command, name in (("report", "connections"), ("plot", "dsn")):
            done = self.run_command(command)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            message, text = done.stderr.split("\n", 1)
            self.assertRegex(message, f"^mptcpscope: {command} needs ")
            self.assertEqual(text, self.help_of(command, "--help"))
            self.assertRegex(text, f"(?m)^  {name} ")
        self.assertIn("\nUsage: mptcpscope map [OPTION]... A B\n", self.run_command("map").stderr)


class Others(Case):
    """Programs mptcpscope-FOO in PATH."""

    def test_list(self):
        self.program("mptcpscope-bare", "#!/bin/sh\ntouch ran\n")
        self.program("mptcpscope-plot-pie", "#!/bin/sh\n# mptcpscope-summary: a pie\ntouch ran\n")
        self.program("mptcpscope-no", "#!/bin/sh\n", 0o644)
        self.program("mptcpscope-bin", "\x7fELF\0 mptcpscope-summary: never shown\n")
        os.mkfifo(self.at("mptcpscope-fifo"), 0o755)
        os.mkdir(self.at("mptcpscope-folder"))
        path = self.program("mptcpscope-greet", "#!/bin/sh\n# mptcpscope-summary: says \x1bhello \n"
                            "echo \"$0 $*\"\n\"$MPTCPSCOPE\" -V\nexit 5\n")
        text = self.run_command("help", env=path).stdout
        self.assertIn("  bare           (a program of others)\n", text)
        self.assertIn("  greet          says \\x1bhello\n", text)
        self.assertIn("  bin            (a program of others)\n", text)
        for absent in ("pie", "fifo", "folder", "  no "):
            self.assertNotIn(absent, text)
        self.assertRegex(self.run_command("plot", "-h", env=path).stdout, "(?m)^  pie +a pie$")
        self.assertFalse(os.path.exists(self.at("ran")))
        version = self.run_command("-V").stdout
        for call, given in ((("help", "greet"), "--help"), (("greet", "a", "--b"), "a --b")):
            done = self.run_command(*call, env=path)
            self.assertEqual((done.returncode, done.stdout),
                             (5, f"{self.at('mptcpscope-greet')} {given}\n{version}"))
        self.assertIn('did you mean "greet"?', self.run_command("gret", env=path).stderr)

    def test_cannot_run(self):
        path = self.program("mptcpscope-lost", "#!/no/such/interpreter\n")
        for call in (("lost",), ("help", "lost")):
            done = self.run_command(*call, env=path)
            self.assertEqual((done.returncode, done.stderr), (
                1, "mptcpscope: cannot run mptcpscope-lost: No such file or directory\n"))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
