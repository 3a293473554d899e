#!/usr/bin/python3
"""Holds the work for an input against that for an input four times as large.

usage: test_complexity.py PATH_OF_MPTCPSCOPE [KIND]...

Work is counted in instructions (valgrind), never in time. For each kind of generate.py, every report
and every command on two captures runs on N and on 4 N. Growth by more than GROWTH is an error: n log n
stays below it, n^2 does not.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GROWTH = 5.0
SMALL, FACTOR = 150, 4

# What every process costs, whatever it reads: starting, and loading libraries. The rest is compared.
REPORTS = ("summary", "events", "rtt", "reordering", "limits", "series", "mib", "reinjections",
           "critical-path --near client")
TWO_CAPTURES = ("owd", "reinjections", "diff", "critical-path", "summary", "flow")

# Kinds that the tests run, and commands that do most with them. All: `test_complexity.py BIN KIND`.
PLAN = {
    "connections": ("report summary", "owd", "summary", "flow"),
    "identical_syns": ("report summary",),
    "same_key_closed": ("report subflows",),
    "subflows": ("report summary", "report limits", "report critical-path --near client", "diff",
                 "critical-path", "summary"),
    "priorities": ("report subflows",),
    "join_first": ("report subflows",),
    "strays": ("report subflows", "report reordering"),
    "unknown_joins": ("report mib",),
    "announcements": ("report events", "report summary"),
    "duplicate_acks": ("report limits", "owd"),
    "holes": ("report reordering", "report rtt", "reinjections", "critical-path"),
    "backwards": ("report reordering", "critical-path"),
    "repeated": ("report reinjections", "owd"),
    "identical_acks": ("owd",),
    "small_mappings": ("report rtt", "report reinjections", "reinjections"),
    "unsent_mappings": ("report rtt",),
    "waiting_mappings": ("report series",),
    "many_originals": ("report rtt", "reinjections", "critical-path"),
    "overlapping": ("report reinjections", "critical-path", "summary"),
    "disorder": ("report series", "report interarrival", "owd", "flow"),
    "stalls": ("report limits", "report summary", "report critical-path --near client"),
    "answered_early": ("report critical-path --near client",),
    "held": ("report subflows",),
    "sent_again": ("report subflows",),
    "unmapped": ("report summary",),
    "announced": ("report summary",),
}
# Where something else happens from a certain size on, so that N must be above it: all 256 address IDs
# were announced, more originals than a row lists, more alike or more payload than are looked at for one
# segment; or where it must be large for the growth to show.
SIZES = {"announcements": 600, "many_originals": 300, "identical_syns": 600, "held": 1000,
         "sent_again": 1000, "answered_early": 1000, "unmapped": 3000, "announced": 1500}


def sizes(kind):
    n = SIZES.get(kind, SMALL)
    return n, n * FACTOR


def instructions(folder, arguments):
    done = subprocess.run(["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
                           os.path.join(folder, "mptcpscope"), *arguments],
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode > 1:
        sys.exit(f"{' '.join(arguments)}: exit status {done.returncode}\n{done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def measure(folder, kind, command, start):
    """How the work grows; the work of starting is not counted."""
    costs = []
    for n in sizes(kind):
        paths = [os.path.join(folder, f"{kind}.{n}.{end}") for end in "ab"]
        count = 1 if command.startswith("report") else 2
        costs.append(instructions(folder, [*command.split(), *paths[:count]]) - start)
    return kind, command, costs[0], costs[1], costs[1] / costs[0]


def main():
    kinds = sys.argv[2:]
    plan = [(kind, command) for kind, commands in PLAN.items() for command in commands]
    if kinds:
        plan = [(kind, command) for kind in kinds for command in
                [f"report {name}" for name in REPORTS] + list(TWO_CAPTURES)]
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in {kind for kind, _ in plan}:
            for n in sizes(kind):
                subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), kind, str(n)] + [
                    os.path.join(folder, f"{kind}.{n}.{end}") for end in "ab"], check=True)
        # valgrind does not understand all that compilers write for debuggers.
        subprocess.run(["strip", "--strip-debug", "-o", os.path.join(folder, "mptcpscope"), COMMAND],
                       check=True)
        start = instructions(folder, ["--version"])
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            for kind, command, small, large, growth in pool.map(
                    lambda each: measure(folder, *each, start), plan):
                wrong = growth > GROWTH
                bad += wrong
                print(f"{kind:18} {command:22} {small:12} {large:12} {growth:6.2f}"
                      f"{'  grows too fast' if wrong else ''}")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    COMMAND = sys.argv[1]
    if not shutil.which("valgrind"):
        print("no valgrind")
        sys.exit(77)
    main()
