#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a run of the lab is known to have waited for: pauses of the applications, and the time that
each frame spent at the link of its path.

    waits.py [--late MS] DIR > truth.json

As a program: prints the pauses, and a summary of each link. Times are ns since 1970. Exit status 3: the
machine was so busy that it delayed a frame by more than --late.
"""

import argparse
import csv
import json
import os
import sys

import pcapng
import truth
from spans import TruthError


class Pause:
    """A time in which an application did nothing, on purpose."""

    def __init__(self, host, kind, begin, end):
        self.host = host  # client or server
        self.kind = kind  # write: between two writes; read: after a read; think: before it wrote
        self.begin = begin
        self.end = end


class Visit:
    """A TCP frame at the link of a path, as the network card sent it."""

    def __init__(self, frame, passage):
        self.frame = frame.number  # in the capture of the sender
        self.captured = frame.time
        self.received = passage.received
        self.begin = passage.received + passage.queued  # of its transmission
        self.end = self.begin + passage.service
        self.queued = passage.queued
        self.frozen = passage.frozen  # part of queued
        self.service = passage.service
        self.payload = passage.payload
        self.sent = passage.sent  # None: lost
        self.left = self.end  # when it left the link; read_visits() adds how late the emulator was


def add_lateness(visits):
    """On a busy machine the emulator sends frames late, which is more time at the link. The delay of
    the path is that of the frame that was the least late."""
    delay = min((visit.sent - visit.end for visit in visits if visit.sent), default=0)
    for visit in visits:
        if visit.sent:
            visit.left = visit.sent - delay


def read_pauses(directory):
    """[Pause...] of all connections, in the order of time."""
    with open(os.path.join(directory, "kernel.json"), encoding="utf-8") as file:
        counters = json.load(file)
    return sorted((Pause(host, *pause) for host in truth.HOST_MARK for connection in counters[host]
                   for pause in connection["pauses"]), key=lambda pause: pause.begin)


def read_visits(directory):
    """{(path number, direction): [Visit...]}, in the order in which frames came to the link.
    Frames that the sender's capture lacks, because its interface went down, are left out."""
    captures = {host: truth.read_capture(os.path.join(directory, host + ".pcapng"), host, None)
                for host in truth.HOST_MARK}
    visits = {}
    for number in sorted({key[0] for frames in captures.values() for key in frames}):
        record = truth.read_record(os.path.join(directory, f"path{number}.csv"))
        for direction, side, sender, _ in truth.DIRECTIONS:
            inputs = {passage.input: passage for passage in record[side]}
            frames = truth.place([passage.before for passage in inputs.values()],
                                 captures[sender].get((number, "sent"), []), True,
                                 f"path {number}, {direction}")
            by_input = dict(zip(inputs, frames))
            visits[number, direction] = [Visit(by_input[passage.input], passage)
                                         for passage in record[side] if by_input[passage.input]]
            add_lateness(visits[number, direction])
    return visits


def read_arrivals(directory):
    """{(direction, frame at the receiver): frame at the sender}. Of merged segments: the last."""
    with open(os.path.join(directory, "pairs.csv"), encoding="ascii", newline="") as file:
        rows = list(csv.DictReader(file))
    ends = {"c2s": ("client_frame", "server_frame"), "s2c": ("server_frame", "client_frame")}
    arrivals = {}
    for row in sorted(rows, key=lambda row: int(row["received_offset"])):
        sender, receiver = ends[row["direction"]]
        arrivals[row["direction"], int(row[receiver])] = int(row[sender])
    return arrivals


def merge(intervals):
    """The union of (begin, end), sorted and without overlaps."""
    merged = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([begin, end])
    return merged


def covered(intervals, begin, end):
    """How much of [begin, end] intervals without overlaps cover."""
    return sum(max(0, min(to, end) - max(since, begin)) for since, to in intervals)


def silences(visits):
    """The times in which a link stood still while a frame waited for it."""
    return merge((visit.begin - visit.frozen, visit.begin) for visit in visits if visit.frozen)


def most_late(visits):
    """By how much the machine delayed a frame before it came to the link, or after it."""
    return max((max(visit.received - visit.captured, visit.left - visit.end) for visit in visits),
               default=0)


def describe_link(number, direction, visits):
    return {
        "path": number,
        "direction": direction,
        "frames": len(visits),
        "lost": sum(1 for visit in visits if not visit.sent),
        "service": sum(visit.service for visit in visits),
        "queued": sum(visit.queued for visit in visits),
        "most_late": most_late(visits),
        "most_queued": max((visit.queued for visit in visits), default=0),
        "silences": silences(visits),
    }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--late", type=int, metavar="MS")
    parser.add_argument("directory", metavar="DIR")
    args = parser.parse_args()
    try:
        document = {
            "pauses": [vars(pause) for pause in read_pauses(args.directory)],
            "links": [describe_link(number, direction, visits) for (number, direction), visits
                      in read_visits(args.directory).items()],
        }
    except (TruthError, OSError, KeyError, pcapng.FormatError) as error:
        print(f"waits.py: {args.directory}: {error}", file=sys.stderr)
        return 1
    print(json.dumps(document, indent=1))
    late = max(link["most_late"] for link in document["links"])
    return 3 if args.late and late > args.late * 1_000_000 else 0


if __name__ == "__main__":
    sys.exit(main())
