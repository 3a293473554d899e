#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Copy a capture with the times of another clock.

    rewrite.py [--offset NS] [--ppm PPM] [--step SECONDS:NS]... FROM TO

The other clock is ahead by the offset, and runs fast by PPM millionths from the first packet on.
SECONDS after the first packet it is set forward by NS (back, if NS is negative).
"""

import argparse
import struct
import sys

import pcapng


def times(data):
    """(high, low) of the times of all packets, in the units of the file."""
    return [struct.unpack_from("=2I", body, 4) for kind, body in pcapng.blocks(data)
            if kind == pcapng.ENHANCED_PACKET]


def changed(data, change):
    """The bytes of a capture in nanoseconds, with other times.
    @param change  function of a time in ns"""
    result = []
    for kind, body in pcapng.blocks(data):
        if kind == pcapng.INTERFACE and dict(pcapng.options(body[8:])).get(
                pcapng.IF_TSRESOL) != b"\x09":
            raise pcapng.FormatError("times are not in nanoseconds")
        if kind == pcapng.ENHANCED_PACKET:
            high, low = struct.unpack_from("=2I", body, 4)
            time = change(high << 32 | low)
            body = body[:4] + struct.pack("=2I", time >> 32, time & 0xffffffff) + body[12:]
        result.append(pcapng.block(kind, body))
    return b"".join(result)


def rewrite(data, offset, ppm, steps):
    """The bytes of a capture in nanoseconds, with the times of another clock."""
    first = min(high << 32 | low for high, low in times(data))

    def change(time):
        elapsed = time - first
        return (time + offset + round(elapsed * ppm * 1e-6)
                + sum(size for at, size in steps if elapsed >= at))

    return changed(data, change)


def begun_late(data, share):
    """The bytes of a capture without the packets of its first part, by time."""
    own = [high << 32 | low for high, low in times(data)]
    begin = min(own) + round(share * (max(own) - min(own)))
    left = iter(own)
    return b"".join(pcapng.block(kind, body) for kind, body in pcapng.blocks(data)
                    if kind != pcapng.ENHANCED_PACKET or next(left) >= begin)


def parse_step(text):
    """SECONDS:NS as (ns since the first packet, size in ns)."""
    at, size = text.split(":")
    return int(float(at) * 1e9), int(size)


def main():
    parser = argparse.ArgumentParser(description="Copy a capture with the times of another clock.")
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--ppm", type=float, default=0)
    parser.add_argument("--step", type=parse_step, action="append", default=[])
    parser.add_argument("source")
    parser.add_argument("target")
    arguments = parser.parse_args()
    try:
        with open(arguments.source, "rb") as file:
            data = rewrite(file.read(), arguments.offset, arguments.ppm, arguments.step)
    except (OSError, pcapng.FormatError, struct.error) as error:
        print(f"rewrite.py: {arguments.source}: {error}", file=sys.stderr)
        return 1
    with open(arguments.target, "wb") as file:
        file.write(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
