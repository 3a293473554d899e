#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check every match of the command against the lab's record of which segment is which, in runs in
which matching is hard.

    match.py MPTCPSCOPE DIR...

Prints a line for each run, and the errors found in it. Exit status 1 if there are errors.

    sent       segments sent
    delivered  segments of which the record has at least a part delivered
    matched    segments that the command matches
    lost       segments that the record has as lost
    called     segments that the command calls lost
    refused    segments that the command calls ambiguous
    needless   delivered segments that are not matched although they could be: they arrived once,
               and no other segment has the same headers
    wrong      matches that the record does not have
    bytes      share of the delivered payload that is matched correctly
"""
import collections
import csv
import json
import os
import subprocess
import sys
import tempfile

import pcapng
from truth import HOST_MARK

HEAD = "run sent delivered matched lost called refused needless wrong bytes".split()
LEAST_SENT = 2000  # segments that a run needs to be significant
MOST_NEEDLESS = 0.001  # share of the segments sent
MOST_NEEDLESS_OF_MERGED = 0.003  # likewise, where duplicates may be merged with other segments
LEAST_BYTES = 0.999  # share of the bytes delivered
LEAST_BYTES_OF_COPIES = 0.995  # likewise, where the path duplicated parts of a segment, which may
# then be refused


def read_csv(path):
    with open(path, encoding="ascii") as file:
        return list(csv.DictReader(file))


def ends_of(row):
    """The sent frame of a row of pairs.csv, and the received frame."""
    ends = [(row["direction"], "client", row["client_frame"]),
            (row["direction"], "server", row["server_frame"])]
    return ends if row["direction"] == "c2s" else ends[::-1]


def header_fields(data):
    """All headers of a frame except hop counts and checksums."""
    if data[12:14] == b"\x08\x00":
        tcp = 14 + (data[14] & 15) * 4
        ip = data[16:20] + data[26:34]  # length, ID, addresses
    else:
        tcp = 54
        ip = data[18:20] + data[22:54]  # length, addresses
    return ip + data[tcp : tcp + 16] + data[tcp + 18 : tcp + (data[tcp + 12] >> 4) * 4]


class Run:
    """A run: the lab's record of it, and what the command finds in its captures."""

    def __init__(self, command, directory):
        self.name = os.path.basename(os.path.normpath(directory))
        self.captures = {host: os.path.join(directory, host + ".pcapng")
                         for host in ("client", "server")}
        self.record = read_csv(os.path.join(directory, "pairs.csv"))
        with open(os.path.join(directory, "owd.json"), encoding="ascii") as file:
            self.streams = json.load(file)
        self.compare(command)
        self.segmented = any(row["sent_offset"] != "0" or row["received_offset"] != "0"
                             for row in self.record)
        self.spans = {}  # by sent and received frame: spans of first arrivals, then of duplicates
        for row in sorted(self.record, key=lambda row: row["copy"]):
            self.spans.setdefault(tuple(ends_of(row)), []).append(row)

    def compare(self, command):
        with tempfile.TemporaryDirectory() as folder:
            packets = os.path.join(folder, "packets.csv")
            done = subprocess.run([command, "owd", *self.captures.values(), "-f", "json",
                                   "--packets", packets], stdout=subprocess.PIPE, check=True)
            self.pairs = read_csv(packets)
        for pair in self.pairs:
            pair["client_frame"], pair["server_frame"] = pair.pop("frame"), pair.pop("peer_frame")
        self.rows = {(row["tcp_stream"], row["direction"]): row
                     for row in json.loads(done.stdout)["rows"]}

    def total(self, key):
        """The sum over the record."""
        return sum(stream[key] for stream in self.streams)

    def found(self, key):
        """The sum over the rows of the command."""
        return sum(row[key] for row in self.rows.values())

    def is_right(self, pair):
        """Whether the record has a pair, with the same delay and length. Where the path duplicated
        a part, the length may include the bytes of the duplicate."""
        spans = self.spans.get(tuple(ends_of(pair)), ())
        return (bool(spans) and spans[0]["copy"] == "0" and spans[0]["owd"] == pair["owd"]
                and int(pair["length"]) in (int(spans[0]["length"]),
                                            sum(int(span["length"]) for span in spans)))

    def wrong(self):
        """Pairs that differ from the record, or occur twice."""
        seen = collections.Counter(tuple(ends_of(pair)) for pair in self.pairs)
        return [pair for pair in self.pairs
                if not self.is_right(pair) or seen[tuple(ends_of(pair))] > 1]

    def needless(self):
        """Delivered frames that are not matched although they could be."""
        fields = {}
        for host, path in self.captures.items():
            for number, (_, _, data, _) in enumerate(pcapng.packets(path), 1):
                if data[11] == HOST_MARK[host]:
                    fields[host, str(number)] = header_fields(data)
        occurrences = collections.Counter(fields.values())
        matched = {ends_of(pair)[0] for pair in self.pairs}
        copied = {end for row in self.record if row["copy"] != "0" for end in ends_of(row)}
        return {ends_of(row)[0] for row in self.record
                if ends_of(row)[0] not in matched and not copied.intersection(ends_of(row))
                and occurrences[fields[ends_of(row)[0][1:]]] == 1}

    def matched_share(self):
        """The share of the bytes delivered that is matched correctly."""
        delivered = collections.Counter()
        matched = collections.Counter()
        for row in self.record:
            if row["copy"] == "0":
                delivered[ends_of(row)[0]] += int(row["length"])
        for pair in self.pairs:
            if self.is_right(pair):
                matched[ends_of(pair)[0]] += int(pair["length"])
        return sum(min(matched[end], length) for end, length in delivered.items()) \
            / sum(delivered.values())

    def line(self):
        return (self.name, self.total("sent"), self.total("matched"), self.found("matched"),
                self.total("lost"), self.found("lost"), self.found("ambiguous"),
                len(self.needless()), len(self.wrong()), f"{self.matched_share():.4%}")


def check_row(stream, row):
    """Yield the errors in a row of the command, given the row of the record."""
    if row is None:
        yield "no such row"
        return
    for key in ("sent", "received", "sent_bytes"):
        if row[key] != stream[key]:
            yield f"{key} is {row[key]}, not {stream[key]}"
    if row["lost"] > stream["lost"]:
        yield f"{row['lost']} segments are called lost, but {stream['lost']} are"
    if row["ambiguous"] or row["outside"]:
        return
    keys = [("lost", "lost"), ("matched", "matched"), ("matched_bytes", "matched_bytes"),
            ("reordered", "reordered")]
    if not (row["split"] or row["merged"]):  # otherwise the record counts parts
        keys.append(("duplicated", "extra"))
    for key, true in keys:
        if row[key] != stream[true]:
            yield f"{key} is {row[key]}, not {stream[true]}, although nothing is ambiguous"


def check_run(run):
    """Yield the errors in a run."""
    if run.total("sent") < LEAST_SENT or not run.total("lost"):
        yield "too few segments are sent or lost to be significant"
    if "tso" in run.name and not run.segmented:
        yield "no segment was split or merged"
    for pair in run.wrong():
        yield f"wrong pair: {pair}"
    for stream in run.streams:
        key = stream["stream"], stream["direction"]
        if stream["stream"] is not None:
            yield from (f"stream {key[0]} {key[1]}: {problem}"
                        for problem in check_row(stream, run.rows.get(key)))
    merged_copies = run.segmented and run.total("extra")
    most = MOST_NEEDLESS_OF_MERGED if merged_copies else MOST_NEEDLESS
    if len(run.needless()) > most * run.total("sent"):
        yield "too many segments are refused that could be matched"
    least = LEAST_BYTES_OF_COPIES if run.total("extra") else LEAST_BYTES
    if run.matched_share() < least:
        yield f"less than {least:.1%} of the bytes delivered is matched"


def main():
    if len(sys.argv) < 3:
        print(__doc__, file=sys.stderr)
        return 2
    layout = "{:<14}" + " {:>9}" * (len(HEAD) - 1)
    print(layout.format(*HEAD))
    good = True
    for directory in sys.argv[2:]:
        run = Run(sys.argv[1], directory)
        print(layout.format(*run.line()), flush=True)
        for problem in check_run(run):
            print(f"  {run.name}: {problem}")
            good = False
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
