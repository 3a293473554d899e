#!/usr/bin/python3
"""The examples in README.md and docs/ are what the command prints.

usage: test_docs.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import re
import subprocess
import sys
import unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")


class Examples(unittest.TestCase):
    def test_examples(self):
        pages = [os.path.join(ROOT, "README.md"), *glob.glob(os.path.join(ROOT, "docs", "*.md"))]
        environment = {**os.environ, "PATH": os.path.dirname(COMMAND) + ":" + os.environ["PATH"]}
        count = 0
        for page in pages:
            with open(page, encoding="utf-8") as file:
                blocks = re.findall(r"^```\n(\$ .*?)^```$", file.read(), re.M | re.S)
            examples = [e for b in blocks for e in re.split(r"^\$ ", b, flags=re.M)
                        if e.startswith("mptcpscope ")]
            for example in examples:
                call, shown = example.split("\n", 1)
                done = subprocess.run(call, shell=True, cwd=ROOT, env=environment, check=True,
                                      stdout=subprocess.PIPE, text=True)
                self.assertEqual(shown, done.stdout, (page, call))
            count += len(examples)
        self.assertGreaterEqual(count, 2)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
