#!/usr/bin/python3
"""What the command prints as text, line by line: tests/golden/cases names the calls.

usage: test_golden.py PATH_OF_MPTCPSCOPE [--regenerate]

--regenerate writes the golden files anew. Read their whole `git diff` before you commit it: a golden
file says what is right, so every line of it must be.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import difflib
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GOLDEN = ROOT / "tests" / "golden"


def cases():
    for line in (GOLDEN / "cases").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, *arguments = line.split()
            yield name, arguments


def print_of(command, arguments):
    return subprocess.run([command, *arguments], cwd=ROOT, check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def main():
    command, regenerate = str(pathlib.Path(sys.argv[1]).resolve()), "--regenerate" in sys.argv[2:]
    names, failed = set(), 0
    for name, arguments in cases():
        path = GOLDEN / f"{name}.txt"
        found = print_of(command, arguments)
        names.add(path.name)
        if regenerate:
            path.write_text(found, encoding="utf-8")
            continue
        wanted = path.read_text(encoding="utf-8") if path.exists() else ""
        if found != wanted:
            failed += 1
            sys.stdout.writelines(difflib.unified_diff(
                wanted.splitlines(True), found.splitlines(True), str(path.relative_to(ROOT)),
                " ".join(["mptcpscope", *arguments])))
    stray = {path.name for path in GOLDEN.glob("*.txt")} - names
    for name in sorted(stray):
        print(f"tests/golden/{name} belongs to no case")
    return 1 if failed or stray else 0


sys.exit(main())
