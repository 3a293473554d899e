#!/usr/bin/python3
"""Man pages say what the command does: each command has one, with the summary, usage and options of its
--help and no others. All of them are shown without a warning.

usage: test_man.py PATH_OF_MPTCPSCOPE FOLDER_OF_PAGES [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
COMMAND = "mptcpscope"
PAGES = "man"


def run(*arguments, **options):
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **options)


def help_of(*arguments):
    # Without the commands that others may have installed here.
    done = run(COMMAND, *arguments, "--help", env={"PATH": "/nonexistent"})
    assert done.returncode == 0, done.stderr
    return done.stdout


class Page:
    """A page as a reader sees it, by its sections."""

    def __init__(self, name):
        self.path = os.path.join(PAGES, name)
        done = run("man", "--warnings", "-l", self.path,
                   env={"PATH": os.environ["PATH"], "MANWIDTH": "500", "LC_ALL": "C.UTF-8",
                        "MANROFFOPT": "-rHY=0"})
        self.warnings = done.stderr
        text = re.sub(r".\x08", "", done.stdout)
        parts = re.split(r"(?m)^([A-Z][A-Z ,]+)$", text)
        self.sections = {name.strip(): body for name, body in zip(parts[1::2], parts[2::2])}

    def words(self, section):
        return " ".join(self.sections[section].split())

    def terms(self, section):
        """What the definitions of a section define."""
        indent = re.match(r"\s*?( *)\S", self.sections["NAME"]).group(1)  # groff's versions differ
        return re.findall(rf"(?m)^{indent}(\S.*)$", self.sections[section])


def options_in_help(text):
    """-f, --format FORMAT of each option."""
    return {" ".join(found.split()) for found in
            re.findall(r"(?m)^ {2,6}((?:-\w, )?--[a-z-]+(?: [A-Z]+)?)(?:  |$)", text)}


class Man(unittest.TestCase):
    def setUp(self):
        if not shutil.which("man"):
            self.skipTest("man is not installed")

    def commands(self):
        """Command, arguments and summary of each."""
        rows = re.findall(r"(?m)^  ([a-z-]+) {2,}(\S.*?) {2,}(\S.*)$",
                          help_of().split("\n\n")[1])
        self.assertGreaterEqual(len(rows), 11)
        return rows

    def test_every_page_is_shown(self):
        pages = sorted(glob.glob(os.path.join(PAGES, "*.[157]")))
        sources = glob.glob(os.path.join(ROOT, "man", "*.scd"))
        self.assertEqual([os.path.basename(page) for page in pages],
                         sorted(os.path.basename(source)[:-4] for source in sources))
        known = {os.path.basename(page) for page in pages}
        for name in known:
            page = Page(name)
            self.assertEqual(page.warnings, "", name)
            self.assertRegex(page.words("NAME"), f"^{name[:-2]} - [A-Za-z].*[a-z]$")
            text = " ".join(page.sections.values())
            for other, section in re.findall(r"(mptcpscope[a-z-]*)\((\d)\)", text):
                self.assertIn(f"{other}.{section}", known, name)
            with open(page.path + ".scd", encoding="utf-8") as file:
                self.assertNotRegex(file.read(), "@[a-zA-Z-]+@", name)

    def test_commands(self):
        for command, arguments, summary in self.commands():
            page = Page(f"mptcpscope-{command}.1")
            text = help_of(command)
            self.assertEqual(page.words("NAME"), f"mptcpscope-{command} - {summary}")
            self.assertEqual("Usage: " + page.words("SYNOPSIS"), text.split("\n")[0])
            self.assertEqual(set(page.terms("OPTIONS")), options_in_help(text), command)
            self.assertEqual(page.terms("EXIT STATUS"), ["0", "1", "2"])
            for call in re.findall(r"mptcpscope ([a-z-]+)", page.sections["EXAMPLES"]):
                self.assertEqual(call, command)

    def test_batch(self):
        """The command that is a program of its own: its options, in any order."""
        text = run("/usr/bin/python3", os.path.join(ROOT, "batch", "mptcpscope-batch"),
                   "--help").stdout
        page = Page("mptcpscope-batch.1")
        options = re.findall(r"(?m)^  (?:-\w(?: [A-Z]+)?, )?(--[a-z-]+)", text)
        self.assertGreater(len(options), 10)
        self.assertEqual(sorted(re.findall("--[a-z-]+", ", ".join(page.terms("OPTIONS")))),
                         sorted(options))
        self.assertEqual(page.terms("EXIT STATUS"), ["0", "1", "2"])

    def test_overview(self):
        page = Page("mptcpscope.1")
        self.assertEqual(page.terms("COMMANDS"), [
            *(f"{command} {arguments}" for command, arguments, _ in self.commands()),
            "help [COMMAND [NAME]]"])
        self.assertEqual(set(page.terms("OPTIONS")), options_in_help(help_of()))

    def test_names(self):
        """The reports and the kinds of plots."""
        for command, section in (("report", "REPORTS"), ("plot", "KINDS")):
            names = re.findall(r"(?m)^  ([a-z-]+) ", help_of(command))
            page = Page(f"mptcpscope-{command}.1")
            self.assertEqual([term.split()[0] for term in page.terms(section)], names)

    def test_words_of_options(self):
        """Every word that an option takes is in its page."""
        for command, _, _ in self.commands():
            lists = re.findall(r"\b([a-z_0-9]+(?:, [a-z_0-9]+)*,? or [a-z_0-9]+)\b",
                               re.split(r"(?m)^  -", help_of(command), maxsplit=1)[1])
            text = Page(f"mptcpscope-{command}.1").words("OPTIONS")
            for word in re.findall(r"[a-z_0-9]+", " ".join(lists).replace(" or ", " ")):
                self.assertIn(word, text, command)

    def test_dump(self):
        """The page of the dump format has the columns that docs/dump-format.md has."""
        with open(os.path.join(ROOT, "docs", "dump-format.md"), encoding="utf-8") as file:
            document = file.read()
        page = Page("mptcpscope-dump.5")
        for title in ("The facts", "ICMP errors", "Decoded from the options, for people",
                      "The verdict"):
            section = document.split(f"\n## {title}\n")[1].split("\n## ")[0]
            cells = re.findall(r"(?m)^\| (`.*?) \|", section)
            self.assertEqual([re.sub(r" \(.*", "", term) for term in page.terms(title.upper())
                              if re.match(r"[a-z_, ]+( \(|$)", term)],
                             [cell.replace("`", "") for cell in cells], title)
        self.assertIn("version 1", page.words("THE FILE"))

    def test_plugin(self):
        """The page of the plugin has the options of its reports."""
        page = Page("mptcpscope-plugin.7")
        with open(os.path.join(ROOT, "src", "report", "report_options.c"), encoding="utf-8") as file:
            table = file.read().split("kinds[] = {")[1].split("};")[0]
        options = re.findall(r'(?m)\{(?:\.name = )?"([a-z_]+)"', table)
        self.assertGreaterEqual(len(options), 8)
        for option in options:
            self.assertRegex(page.words("REPORTS"), rf"\b{option}=")
        with open(os.path.join(ROOT, "docs", "preferences.md"), encoding="utf-8") as file:
            names = re.findall(r"(?m)^\| `([a-z_]+)` \|", file.read())
        terms = ", ".join(page.terms("PREFERENCES")[1:]).split(", ")
        self.assertEqual(sorted(terms), sorted(names))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    PAGES = sys.argv.pop(1)
    if not os.path.isdir(PAGES) or not glob.glob(os.path.join(PAGES, "*.1")):
        print("no man pages were built: scdoc is not installed")
        sys.exit(77)
    unittest.main()
