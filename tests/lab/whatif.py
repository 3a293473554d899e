#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Does the critical path say how much time a change can save? Runs scenarios of the lab as they are
and with one factor changed, and compares the time saved with the share of the factor's classes.

    EMULATOR=build/tests/emulator whatif.py [-n RUNS] [-o DIR] build/src/mptcpscope [PAIR...]

A share is an upper bound: the time saved must not be longer, within twice the standard error of the
difference of means. Where work shifts to another subflow there is no such bound, and the path that
ends with that subflow's last data (--end) shows what it waited for. Prints a table in Markdown.
Exit status 1: a bound did not hold that should have. This takes about ten minutes.
"""

import argparse
import concurrent.futures
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
LOSS = ("recovery", "congestion-window-after-loss")


class Pair:
    """A scenario and the same with one factor changed."""

    def __init__(self, what, scenario, change, bound, direction="c2s", shifts=None):
        self.what = what
        self.scenario = scenario
        self.change = change  # lines of a scenario file, after those of the scenario
        self.bound = bound  # classes, or one "cause:NAME", of which the change can remove time
        self.direction = direction
        self.shifts = shifts  # why the share is no bound; None: it is one


PAIRS = {
    "pause": Pair("writer's pauses removed", "waitsmall", "WRITE=", ("sender",)),
    "bursts": Pair("pauses between bursts removed", "waitbursts", "WRITE=", ("sender",)),
    "reader": Pair("reader's pauses removed", "waitreader", "READ=", ("receiver",)),
    "rcvbuf": Pair("receive buffer grown from 20 to 400 kB", "waitrcvbuf", "RCVBUF=400000",
                   ("window", "receiver")),
    "sndbuf": Pair("send buffer grown from 11 to 400 kB", "waitsndbuf", "SNDBUF=400000",
                   ("sender",)),
    "rate": Pair("rate of both paths doubled", "waitrate", """
PATH1="--delay 11000,9000 --rate 4800 --queue 1000"
PATH2="--delay 24000,20000 --rate 3200 --queue 1000" """, ("rate",)),
    "bbr": Pair("rate of both paths doubled, BBR", "waitbbr", """
PATH1="--delay 11000,9000 --rate 6800 --queue 1000"
PATH2="--delay 24000,20000 --rate 3600 --queue 1000" """, ("rate",)),
    "down": Pair("rate from server to client doubled", "waitdown", """
PATH1="--delay 9000,13000 --rate 20000,4400 --queue 1000"
PATH2="--delay 20000,27000 --rate 20000,3000 --queue 1000" """, ("rate",), "s2c"),
    "loss": Pair("loss of 2 % removed from both paths", "waitloss", """
PATH1="${PATH1/--loss 20000,0/}"
PATH2="${PATH2/--loss 20000,0/}" """, LOSS),
    "delay": Pair("delay of the path halved", "waitcwnd", """
PATH1="--delay 42500,40000 --rate 100000 --queue 3000" """, ("cause:propagation",)),
    "handshake": Pair("delay of both paths halved, 3000 bytes", "waitshort", """
PATH1="--delay 45000,40000 --rate 20000 --queue 500"
PATH2="--delay 55000,47500 --rate 20000 --queue 500" """, ("cause:propagation",)),
    "silence": Pair("silence of 450 ms removed", "waitsilence", """
PATH1="${PATH1/--freeze 350000,0/}" """, ("rate", "recovery", "congestion-window-after-loss")),
    # A pause makes the congestion window small again (RFC 5681, section 4.1).
    "think": Pair("pauses of both applications removed", "waittalk", "TALK=7/1/3000/0/0/24000",
                  ("sender", "congestion-window"), "s2c"),
    "nagle": Pair("one write a request, not two", "waitnagle", "TALK=12/1/300/0/0/400",
                  ("sender",), "s2c"),
    "dead": Pair("path 1 does not die", "waitdead", "KILL_AFTER=", ("held", "recovery"),
                 shifts="path 1 carries data again"),
    "slow": Pair("slow path 2 removed", "waitheld", "PATHS=1", ("held", "rate"),
                 shifts="path 1 carries the data of path 2"),
    "lossone": Pair("loss of 4 % removed from path 2 only", "waitlossone", """
PATH2="${PATH2/--loss 40000,0/}" """, LOSS, shifts="path 2 carries more"),
}


class Run:
    """What the command says about one run."""

    def __init__(self, command, directory, pair):
        self.command = command
        self.captures = [os.path.join(directory, name) for name in ("client.pcapng", "server.pcapng")]
        self.direction = pair.direction
        self.row = self.path()
        self.elapsed = self.row["elapsed"]
        self.share = share_of(self.row, pair.bound)

    def path(self, *options):
        text = subprocess.run([self.command, "critical-path", *self.captures, "--direction",
                               self.direction, "-f", "json", *options],
                              stdout=subprocess.PIPE, check=True, text=True).stdout
        row = json.loads(text)["rows"][0]
        if row["elapsed"] is None and not options:
            raise RuntimeError(f"{self.captures[0]}: no path: {row['reason']}")
        return row


def share_of(row, bound):
    """Seconds of a path that belong to the classes, or to the cause."""
    if row["elapsed"] is None:
        return 0.0
    if bound[0].startswith("cause:"):
        name = bound[0].split(":")[1]
        return sum(entry["time"] for entry in row["causes"] if entry["cause"] == name)
    return sum(entry["time"] for entry in row["classes"] if entry["class"] in bound)


def make_run(pair, changed, directory):
    """Run the lab once. @return the directory with the captures"""
    os.makedirs(directory, exist_ok=True)
    scenario = os.path.join(directory, "scenario")
    with open(scenario, "w", encoding="utf-8") as file:
        file.write(f'. "$HERE/scenarios/{pair.scenario}"\n')
        if changed:
            file.write(pair.change.strip() + "\n")
    run = subprocess.run([os.path.join(HERE, "lab"), scenario, directory], check=False,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if run.returncode != 0:
        raise RuntimeError(f"lab {pair.scenario}: {run.stdout}")
    return directory


def text_of(values):
    return f"{statistics.mean(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def error_of(values):
    """The standard error of the mean, squared."""
    return statistics.variance(values) / len(values) if len(values) > 1 else 0.0


def ends_of(runs, pair):
    """For each subflow: the share of the bound's classes in the path that ends with its last data."""
    texts = []
    for number in range(2):
        rows = [run.path("--end", str(number)) for run in runs]
        found = [share_of(row, pair.bound) / row["elapsed"] for row in rows if row["elapsed"]]
        texts.append(f"subflow {number}: " +
                     (f"{statistics.mean(found) * 100:.0f} %" if found else "no data"))
    return ", ".join(texts)


def judge(pair, base, changed):
    """@return (line of the table, whether what was expected holds)"""
    before, after = [run.elapsed for run in base], [run.elapsed for run in changed]
    bound = statistics.mean(run.share for run in base)
    saved = statistics.mean(before) - statistics.mean(after)
    noise = 2 * (error_of(before) + error_of(after)) ** 0.5
    holds = saved <= bound + noise
    verdict = "yes" if holds else "no"
    if pair.shifts:
        verdict += f"; {pair.shifts}; with `--end`: {ends_of(base, pair)}"
    classes = " + ".join(pair.bound).replace("cause:", "")
    cells = (pair.what, pair.scenario, text_of(before), text_of(after), f"{saved:.3f} ± {noise:.3f}",
             f"{bound:.3f} ({classes})", verdict)
    return "| " + " | ".join(cells) + " |", holds or pair.shifts is not None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", "--runs", type=int, default=3, help="runs of each kind (default 3)")
    parser.add_argument("-j", "--jobs", type=int, default=2, help="runs at a time (default 2)")
    parser.add_argument("-o", "--out", help="keep the results of the runs, and use those that exist")
    parser.add_argument("command")
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=", ".join(PAIRS))
    args = parser.parse_args()
    chosen = {name: PAIRS[name] for name in args.pairs or PAIRS}
    with tempfile.TemporaryDirectory() as scratch:
        out = args.out or scratch
        work = [(pair, changed, os.path.join(out, f"{name}-{'changed' if changed else 'base'}{i}"))
                for name, pair in chosen.items() for i in range(args.runs)
                for changed in (False, True)]
        missing = [item for item in work if not os.path.exists(os.path.join(item[2], "owd.json"))]
        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            list(pool.map(lambda item: make_run(*item), missing))
        print("| change | scenario | before, s | after, s | saved, s | at most, s | holds |")
        print("|---|---|---|---|---|---|---|")
        good = True
        for name, pair in chosen.items():
            runs = {side: [Run(args.command, os.path.join(out, f"{name}-{side}{i}"), pair)
                           for i in range(args.runs)] for side in ("base", "changed")}
            line, holds = judge(pair, runs["base"], runs["changed"])
            print(line, flush=True)
            good &= holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
