#!/usr/bin/python3
"""Every example of the README runs, word for word, and prints what the README shows.

usage: test_readme.py BUILD | test_readme.py - README EXAMPLES
  BUILD     the plugin and the command are those of this build; "-": those that are installed
  README    default: that of this tree
  EXAMPLES  the folder with the examples and, in it, the shipped captures; default: both of this tree

Not run: the installer, a window, and what captures from an interface.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAMS = ("mptcpscope ", "tshark ")


def examples(text):
    """The examples of a page: (command, what it prints or None where the page does not show it)."""
    for line in re.findall(r"^    (\S.*)$", text, re.M):
        if line.startswith(PROGRAMS):
            yield re.sub(r"\s+# .*", "", line), None
    for block in re.findall(r"^```\n(\$ .*?)^```$", text, re.M | re.S):
        for example in re.split(r"^\$ ", block, flags=re.M)[1:]:
            yield tuple(example.split("\n", 1))


class Readme(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        for folder, place in EXAMPLES:
            shutil.copytree(folder, os.path.join(self.folder, place), dirs_exist_ok=True)
        lossy = os.path.join(self.folder, "captures", "lossy")
        shutil.copytree(lossy, self.folder, dirs_exist_ok=True)
        subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)
        self.before = []
        self.path = os.environ["PATH"]
        if BUILD != "-":
            self.before = [os.path.join(ROOT, "tests", "with-plugin"), BUILD]
            self.path = os.path.join(BUILD, "src") + ":" + self.path

    def test_examples(self):
        with open(README, encoding="utf-8") as file:
            found = list(examples(file.read()))
        self.assertGreater(len(found), 25)
        for call, shown in found:
            before = self.before if call.startswith("tshark ") else []
            done = subprocess.run([*before, "bash", "-o", "pipefail", "-c", call], cwd=self.folder,
                                  env={**os.environ, "PATH": self.path}, stdout=subprocess.PIPE,
                                  stderr=subprocess.PIPE, text=True, check=False)
            # head ends before the command does
            self.assertIn(done.returncode, (0, 141) if "| head" in call else (0,),
                          (call, done.stderr))
            self.assertTrue(done.stdout or "-o " in call or "file=" in call, call)
            if shown is not None:
                self.assertEqual(shown, done.stdout, call)


if __name__ == "__main__":
    BUILD = sys.argv.pop(1)
    if BUILD != "-":
        BUILD = os.path.abspath(BUILD)
    README = os.path.join(ROOT, "README.md")
    EXAMPLES = [(os.path.join(ROOT, "examples"), "."), (os.path.join(ROOT, "captures"), "captures")]
    if len(sys.argv) > 2:
        README, EXAMPLES = sys.argv.pop(1), [(sys.argv.pop(1), ".")]
    unittest.main()
