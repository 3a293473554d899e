#!/usr/bin/python3
"""Holds the memory that a report takes for each connection of a flood against a limit.

usage: test_memory.py PATH_OF_MPTCPSCOPE [KIND]...

A report runs on N and on 4 N connections of a kind of generate.py; the difference of the largest
resident sets, divided by 3 N, is what it keeps for each. With KIND, every report runs.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SMALL, FACTOR = 30_000, 4
REPORTS = ("summary", "connections", "subflows", "events", "rtt", "mib", "limits", "reordering",
           "series")

# Bytes that a report may keep for each connection. A kilobyte for one of which only a SYN was captured;
# others have sent more, and have more to keep.
LIMITS = {
    ("orphan_syns", "summary"): 1000,
    ("orphan_syns", "connections"): 900,
    ("orphan_joins", "summary"): 1150,
    ("handshakes", "summary"): 2250,
    ("lone_data", "summary"): 2100,
}


def largest_memory(path, report):
    """Bytes of the largest resident set."""
    with open(os.devnull, "wb") as null:
        process = subprocess.Popen([COMMAND, "report", report, "-f", "json", path], stdout=null)
        _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit(f"report {report} {path}: wait status {status}")
    return usage.ru_maxrss * 1024


def measure(folder, kind, report):
    small, large = (largest_memory(os.path.join(folder, f"{kind}.{n}"), report)
                    for n in (SMALL, SMALL * FACTOR))
    return (large - small) / (SMALL * (FACTOR - 1))


def main():
    kinds = sys.argv[2:]
    plan = [(kind, report) for kind in kinds for report in REPORTS] or list(LIMITS)
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for kind in {kind for kind, _ in plan}:
            for n in (SMALL, SMALL * FACTOR):
                subprocess.run([sys.executable, os.path.join(HERE, "generate.py"), kind, str(n),
                                os.path.join(folder, f"{kind}.{n}")], check=True)
        for kind, report in plan:
            bytes_each = measure(folder, kind, report)
            wrong = bytes_each > LIMITS.get((kind, report), bytes_each)
            bad += wrong
            print(f"{kind:14} {report:12} {bytes_each:6.0f} bytes each"
                  f"{'  too many' if wrong else ''}", flush=True)
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    COMMAND = sys.argv[1]
    main()
