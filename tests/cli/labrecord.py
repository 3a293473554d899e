# SPDX-License-Identifier: GPL-2.0-or-later
"""Shared by the tests of two captures: running the command, and the lab's record of which packet
of one capture is which packet of the other."""
import csv
import functools
import json
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # noqa: E402 (from tests/lab)

CAPTURES = os.path.join(HERE, "..", "..", "captures")
COMMAND = "mptcpscope"
SENDER = {"c2s": "client", "s2c": "server"}
OTHER = {"client": "server", "server": "client"}
NS = 2e-9  # s: tolerance; figures are rounded to 1 ns


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def ends_of(file):
    """The values of --end that a capture has, of subflows 0 and 1."""
    rows = json.loads(run("report", "subflows", file, "-f", "json"))["rows"]
    return [("--end", str(n)) for n in (0, 1) if n in {row["subflow"] for row in rows}]


def owd(a, b, *options):
    return json.loads(run("owd", a, b, "-f", "json", *options))


def owd_of(name, *options):
    return owd(path(name, "client"), path(name, "server"), *options)


@functools.lru_cache(maxsize=None)
def record_of(name):
    return Record(name)


def percentile(values, permille):
    return sorted(values)[(len(values) * permille + 999) // 1000 - 1]


class Record:
    """The lab's record of a run: for each stream (the client's number) and direction, when each
    packet was sent and when it arrived, in ns. Both hosts use one clock."""

    def __init__(self, name):
        times, own = {}, {}
        for side in SENDER.values():
            out = subprocess.run(
                ["tshark", "-r", path(name, side), "-Y", "tcp", "-T", "fields", "-e",
                 "frame.number", "-e", "frame.time_epoch", "-e", "tcp.stream", "-e",
                 "tcp.dstport"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                check=True).stdout
            for line in out.splitlines():
                frame, time, stream, port = line.split("\t")
                times[side, int(frame)] = int(time.replace(".", ""))
                direction = "c2s" if port == "5001" else "s2c"
                if SENDER[direction] == side:
                    own.setdefault((side, int(stream), direction), []).append(int(frame))
        arrived, client_stream, self.arrival = {}, {}, {}
        with open(os.path.join(CAPTURES, name, "pairs.csv"), encoding="utf-8") as file:
            for row in csv.DictReader(file):
                client_stream[int(row["peer"])] = int(row["stream"])
                if row["copy"] == "0":
                    side = SENDER[row["direction"]]
                    to = OTHER[side]
                    arrived[side, int(row[side + "_frame"])] = times[to, int(row[to + "_frame"])]
                    self.arrival[side, int(row[side + "_frame"])] = int(row[to + "_frame"])
        self.sent = {}  # (stream, direction): [(sent, arrived or None)]
        self.frames = {}  # (stream, direction): frames in the sender's capture
        for (side, stream, direction), frames in own.items():
            stream = stream if side == "client" else client_stream.get(stream)
            self.sent[stream, direction] = [(times[side, f], arrived.get((side, f)))
                                            for f in sorted(frames)]
            self.frames[stream, direction] = sorted(frames)

    def delays(self, key):
        return [b - a for a, b in self.sent[key] if b is not None]

    def loss_runs(self, key):
        runs = "".join("." if b is None else "x" for _, b in self.sent[key]).split("x")
        return [len(r) for r in runs if r]

    def ipdv(self, key):
        pairs = zip(self.sent[key], self.sent[key][1:])
        return [(d - c) - (b - a) for (a, b), (c, d) in pairs if b is not None and d is not None]

    def round_trips(self, key):
        stream, direction = key
        back = sorted((a, b) for a, b in
                      self.sent[stream, "s2c" if direction == "c2s" else "c2s"] if b is not None)
        found = []
        for sent, arrived in self.sent[key]:
            answer = next((x for x in back if arrived is not None and x[0] >= arrived), None)
            if answer:
                found.append((answer[1] - sent) - (answer[0] - arrived))
        return found


def rewritten(source, target, change):
    """Copy a capture with changed times. @param change  function of a time in ns"""
    with open(source, "rb") as file:
        data = file.read()
    with open(target, "wb") as file:
        for kind, body in pcapng.blocks(data):
            if kind == pcapng.ENHANCED_PACKET:
                high, low = (int.from_bytes(body[i:i + 4], "little") for i in (4, 8))
                time = change(high << 32 | low)
                body = body[:4] + (time >> 32).to_bytes(4, "little") \
                    + (time & 0xffffffff).to_bytes(4, "little") + body[12:]
            file.write(pcapng.block(kind, body))
