#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Find which packet of client.pcapng is which packet of server.pcapng, and their delay and loss.

    truth.py [--cut INTERFACE] [--merged HOST] DIR

Writes DIR/pairs.csv and DIR/owd.json. Packets are paired by position: the k-th frame that a host's
capture shows as sent on an interface is the k-th frame that the emulator received there. The
emulator's forwarding record (DIR/pathN.csv) says as which frame it sent it on the other side.
Without a record (a path without emulator) the k-th frame sent is the k-th frame received. If the
emulator split a super-segment, as a network card does, each segment has its own entry in the
record, with the offset of its payload.

Positions are checked: the numbers of TCP frames must be equal, and each frame must have the length
and the CRC-32 of the first bytes that are in the record. A machine with several processors may
capture two frames in another order than it forwards them. So frames may be a few positions out of
place if their CRCs differ: then the CRC decides and not the position, and a line on standard error
says how many there are. Frames with equal CRCs keep their order. Any other difference is an error:
exit status 1 with a message, and no output.

A host that merges received segments (--merged, GRO) captures fewer frames than the path sent. Each
of them is one sent frame, or the payload of consecutive sent frames of its flow, in order. The
lengths of the payload show where one ends and the next begins. Sequence numbers and total lengths
must agree; a frame that was not merged must have the CRC in the record.
"""

import argparse
import csv
import json
import os
import statistics
import struct
import subprocess
import sys
import zlib

import pcapng
from spans import Span, TruthError, join_spans, place_merged

PRINT_BYTES = 114  # FRAME_PRINT_BYTES of frame.h
WINDOW = 64  # positions that a frame may be out of place
HOST_MARK = {"client": 1, "server": 2}  # last byte of a host's hardware addresses (lab sets it)
DIRECTIONS = (("c2s", "ab", "client", "server"), ("s2c", "ba", "server", "client"))


class Frame:
    """A captured frame."""

    def __init__(self, number, time, data, length, stream):
        self.number = number
        self.time = time  # ns
        self.length = length
        self.print = zlib.crc32(data[: min(PRINT_BYTES, length)])
        self.stream = stream
        if data[12:14] == b"\x08\x00":
            tcp = 14 + (data[14] & 15) * 4
            end = 14 + struct.unpack_from("!H", data, 16)[0]
            addresses = data[26:34]
        else:
            tcp = 54
            end = 54 + struct.unpack_from("!H", data, 18)[0]
            addresses = data[22:54]
        self.payload = end - tcp - (data[tcp + 12] >> 4) * 4
        self.sequence = struct.unpack_from("!I", data, tcp + 4)[0]
        self.flow = zlib.crc32(addresses + data[tcp : tcp + 4])


def read_streams(path):
    """The tcp.stream number of every frame, from tshark."""
    run = subprocess.run(
        ["tshark", "-n", "-r", path, "-T", "fields", "-e", "tcp.stream"],
        check=False, capture_output=True, text=True)
    if run.returncode != 0:
        raise TruthError(f"tshark: {run.stderr.strip()}")
    try:
        return [int(line) for line in run.stdout.splitlines()]
    except ValueError as error:
        raise TruthError(f"{path}: not every frame is TCP") from error


def read_capture(path, host, streams):
    """{(path number, "sent" or "received"): [Frame...]} of a capture.
    @param streams  from read_streams(); None: they do not matter"""
    frames = {}
    number = 0
    for number, (name, time, data, length) in enumerate(pcapng.packets(path), 1):
        if len(data) < min(PRINT_BYTES, length):
            raise TruthError(f"{path}: frame {number} has less than {PRINT_BYTES} bytes")
        if streams and number > len(streams):
            break
        way = "sent" if data[11] == HOST_MARK[host] else "received"
        frame = Frame(number, time, data, length, streams and streams[number - 1])
        frames.setdefault((int(name[1:]), way), []).append(frame)
    if streams and number != len(streams):
        raise TruthError(f"{path}: {number} frames, but tshark sees {len(streams)}")
    return frames


class Passage:
    """An entry of the record: a TCP frame, or a segment that it was split into, as received
    (before) and as sent (after)."""

    def __init__(self, row):
        self.input = int(row["input"])
        self.before = (int(row["length"]), int(row["input_crc"], 16))
        self.after = (int(row["output_length"]), int(row["output_crc"], 16))
        self.outputs = [int(row[name]) for name in ("output", "output2") if row[name]]
        self.offset = int(row["offset"])
        self.payload = int(row["payload"])
        self.sequence = int(row["sequence"])
        self.flow = int(row["flow"], 16)
        self.received = int(row["received"])
        self.sent = int(row["sent"]) if row["sent"] else None
        # How long it waited for the link, how much of that while the link had stopped, and how long
        # the link needed to send it. Older records do not say so.
        self.queued, self.frozen, self.service = (
            int(row.get(name) or 0) for name in ("queued", "frozen", "service"))


def read_record(path):
    """{"ab": [Passage...], "ba": [...]} of the TCP frames of a forwarding record."""
    with open(path, encoding="ascii", newline="") as file:
        lines = file.read().splitlines()
    if not lines[-1].startswith("# end: ") or not lines[-1].endswith("kernel drops 0, 0"):
        raise TruthError(f"{path}: the record is incomplete: {lines[-1]}")
    passages = {"ab": [], "ba": []}
    for row in csv.DictReader(lines[:-1]):
        if row["is_tcp"] == "1":
            passages[row["direction"]].append(Passage(row))
    return passages


def place(expected, frames, cut, what):
    """Find the captured frame of each expected (length, print).

    Returns one frame for each expected one, in the same order. If the capture was cut (its
    interface went down), frames may be missing; they are None.
    """
    if len(expected) != len(frames) and not cut:
        raise TruthError(f"{what}: {len(frames)} frames captured, {len(expected)} recorded")
    waiting = list(frames)
    placed = []
    displaced = 0
    for position, key in enumerate(expected):
        for ahead, frame in enumerate(waiting[:WINDOW]):
            if (frame.length, frame.print) == key:
                displaced += ahead > 0
                placed.append(waiting.pop(ahead))
                break
        else:
            if not cut:
                raise TruthError(f"{what}: TCP frame {position + 1} of the record is missing")
            placed.append(None)
    if waiting:
        raise TruthError(f"{what}: frame {waiting[0].number} is not in the record")
    if displaced:
        print(f"{what}: {displaced} of {len(placed)} frames out of place", file=sys.stderr)
    return placed


def pair_by_record(sent, received, passages, cut, merged, what):
    """Yield (frame sent, [spans]) for a path with an emulator."""
    inputs = {passage.input: passage.before for passage in passages}
    outputs = sorted(((output, passage) for passage in passages for output in passage.outputs),
                     key=lambda pair: pair[0])
    sent = place(inputs.values(), sent, cut[0], what + ", sent")
    if merged:
        arrived = place_merged([passage for _, passage in outputs], received, what + ", received")
    else:
        arrived = [frame and (frame, 0) for frame in
                   place([passage.after for _, passage in outputs], received, cut[1],
                         what + ", received")]
    by_output = {output: where for (output, _), where in zip(outputs, arrived)}
    spans = {number: [] for number in inputs}
    for passage in passages:
        for copy, output in enumerate(passage.outputs):
            if by_output[output]:
                frame, offset = by_output[output]
                spans[passage.input].append(
                    Span(frame, passage.offset, offset, passage.payload, copy))
    for frame, own in zip(sent, spans.values()):
        if frame:
            yield frame, join_spans(own)


def pair_direct(sent, received, what):
    """Yield (frame sent, [span]) for a path without an emulator."""
    keys = [(frame.length, frame.print) for frame in sent]
    for frame, copy in zip(sent, place(keys, received, False, what)):
        yield frame, [Span(copy, 0, 0, frame.payload, 0)]


def pair_all(directory, cut, merged):
    """[(direction, frame sent, [spans]), ...] over all paths."""
    captures = {}
    for host in HOST_MARK:
        path = os.path.join(directory, host + ".pcapng")
        captures[host] = read_capture(path, host, read_streams(path))
    pairs = []
    for number in sorted({key[0] for frames in captures.values() for key in frames}):
        record_path = os.path.join(directory, f"path{number}.csv")
        record = read_record(record_path) if os.path.exists(record_path) else None
        for direction, side, sender, receiver in DIRECTIONS:
            what = f"path {number}, {direction}"
            sent = captures[sender].get((number, "sent"), [])
            received = captures[receiver].get((number, "received"), [])
            if record:
                cuts = [f"{host[0]}{number}" in cut for host in (sender, receiver)]
                found = pair_by_record(sent, received, record[side], cuts, receiver in merged, what)
            else:
                found = pair_direct(sent, received, what)
            pairs += [(direction, frame, spans) for frame, spans in found]
    return captures, pairs


def find_peers(pairs):
    """{the client's stream: the server's stream}."""
    peers = {}
    for direction, frame, spans in pairs:
        for copy in (span.frame for span in spans):
            here, there = (frame, copy) if direction == "c2s" else (copy, frame)
            if peers.setdefault(here.stream, there.stream) != there.stream:
                raise TruthError(f"stream {here.stream} is two streams at the server")
    if len(set(peers.values())) != len(peers):
        raise TruthError("two streams are one at the server")
    return peers


def percentile(ordered, share):
    """Nearest rank: the smallest value that at least that share of the values do not exceed."""
    rank = -(-len(ordered) * share // 100)
    return ordered[max(rank, 1) - 1]


def describe(delays):
    """Statistics of delays in ns, in seconds."""
    if not delays:
        return dict.fromkeys(("min", "median", "mean", "p95", "p99", "max"))
    delays = sorted(delays)
    figures = {
        "min": delays[0],
        "median": statistics.median(delays),
        "mean": statistics.fmean(delays),
        "p95": percentile(delays, 95),
        "p99": percentile(delays, 99),
        "max": delays[-1],
    }
    return {name: value / 1e9 for name, value in figures.items()}


def count_reordered(mine):
    """How many frames, or parts of them, arrive after a frame that was sent later (RFC 4737 section
    3.3), in the order of the capture."""
    arrivals = sorted((span.frame.number, span.received_offset, frame.number)
                      for frame, spans in mine for span in spans if span.copy == 0)
    reordered = set()
    latest = 0
    for _, _, sent in arrivals:
        if sent < latest:
            reordered.add(sent)
        latest = max(latest, sent)
    return len(reordered)


def make_row(pairs, stream, peer, direction):
    """The row of owd.json for a client's stream and a direction."""
    key = stream if direction == "c2s" else peer
    mine = [(frame, spans) for way, frame, spans in pairs
            if way == direction and frame.stream == key]
    firsts = [(frame, span) for frame, spans in mine for span in spans if span.copy == 0]
    matched = sum(1 for _, spans in mine if spans)
    return {
        "stream": stream,
        "peer": peer,
        "direction": direction,
        "sent": len(mine),
        "received": len({span.frame.number for _, spans in mine for span in spans}),
        "matched": matched,
        "lost": len(mine) - matched,
        "extra": sum(1 for _, spans in mine for span in spans if span.copy),
        "reordered": count_reordered(mine),
        "sent_bytes": sum(frame.payload for frame, _ in mine),
        "matched_bytes": sum(span.length for _, span in firsts),
        **describe([span.frame.time - frame.time for frame, span in firsts]),
    }


def make_rows(pairs, peers, streams):
    """All rows of owd.json. A stream in only one capture has one direction."""
    rows = []
    for stream in sorted(streams["client"]):
        for direction in ("c2s", "s2c") if stream in peers else ("c2s",):
            rows.append(make_row(pairs, stream, peers.get(stream), direction))
    for peer in sorted(streams["server"] - set(peers.values())):
        rows.append(make_row(pairs, None, peer, "s2c"))
    return rows


def write_pairs(path, pairs):
    """Write pairs.csv: one row for each span."""
    rows = []
    for direction, frame, spans in pairs:
        for span in spans:
            ends = (frame, span.frame) if direction == "c2s" else (span.frame, frame)
            delay = (span.frame.time - frame.time) / 1e9
            rows.append((ends[0].number, ends[1].number, direction, ends[0].stream, ends[1].stream,
                         f"{delay:.9f}", span.copy, span.sent_offset, span.received_offset,
                         span.length))
    with open(path, "w", encoding="ascii", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow("client_frame server_frame direction stream peer owd copy sent_offset "
                        "received_offset length".split())
        writer.writerows(sorted(rows))


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cut", action="append", default=[], metavar="INTERFACE",
                        help="this interface (c1, s2...) went down: its capture may lack frames")
    parser.add_argument("--merged", action="append", default=[], choices=list(HOST_MARK),
                        help="this host merges received segments")
    parser.add_argument("directory", metavar="DIR")
    args = parser.parse_args()
    try:
        captures, pairs = pair_all(args.directory, args.cut, args.merged)
        peers = find_peers(pairs)
    except (TruthError, OSError, pcapng.FormatError) as error:
        print(f"truth.py: {args.directory}: {error}", file=sys.stderr)
        return 1
    streams = {host: {frame.stream for frames in captures[host].values() for frame in frames}
               for host in captures}
    write_pairs(os.path.join(args.directory, "pairs.csv"), pairs)
    with open(os.path.join(args.directory, "owd.json"), "w", encoding="ascii") as file:
        json.dump(make_rows(pairs, peers, streams), file, indent=1)
        file.write("\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
