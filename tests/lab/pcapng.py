# SPDX-License-Identifier: GPL-2.0-or-later
"""The part of the pcapng format that the lab needs: blocks, interfaces and packets of a file that
one dumpcap wrote on this machine (one section, this machine's byte order)."""

import struct

SECTION_HEADER = 0x0A0D0D0A
INTERFACE = 1
SIMPLE_PACKET = 3
INTERFACE_STATISTICS = 5
ENHANCED_PACKET = 6

OPTION_END = 0
IF_NAME = 2
IF_TSRESOL = 9

BYTE_ORDER_MAGIC = 0x1A2B3C4D


class FormatError(Exception):
    """The file does not have the form that dumpcap writes."""


def blocks(data):
    """Yield (type, body) of every block. The body is between the two lengths."""
    offset = 0
    while offset < len(data):
        if len(data) - offset < 12:
            raise FormatError("truncated block")
        kind, length = struct.unpack_from("=II", data, offset)
        if length < 12 or length % 4 or offset + length > len(data):
            raise FormatError(f"block of length {length} at {offset}")
        body = data[offset + 8 : offset + length - 4]
        if kind == SECTION_HEADER and struct.unpack_from("=I", body)[0] != BYTE_ORDER_MAGIC:
            raise FormatError("foreign byte order")
        yield kind, body
        offset += length


def block(kind, body):
    """The bytes of a block."""
    length = len(body) + 12
    return struct.pack("=II", kind, length) + body + struct.pack("=I", length)


def options(raw):
    """Yield (code, value) of a list of options."""
    offset = 0
    while offset + 4 <= len(raw):
        code, length = struct.unpack_from("=HH", raw, offset)
        if code == OPTION_END:
            return
        yield code, raw[offset + 4 : offset + 4 + length]
        offset += 4 + (length + 3) // 4 * 4


def option_list(pairs):
    """The bytes of a list of options, with the end of options."""
    raw = b""
    for code, value in pairs:
        raw += struct.pack("=HH", code, len(value)) + value + bytes(-len(value) % 4)
    return raw + struct.pack("=HH", OPTION_END, 0)


def packets(path):
    """Yield (interface name, time in ns, captured bytes, length on the wire) of every packet."""
    with open(path, "rb") as file:
        data = file.read()
    interfaces = []
    for kind, body in blocks(data):
        if kind == INTERFACE:
            found = dict(options(body[8:]))
            resolution = found.get(IF_TSRESOL, b"\x06")[0]
            if resolution > 9:
                raise FormatError(f"time resolution {resolution}")
            interfaces.append((found[IF_NAME].decode(), 10 ** (9 - resolution)))
        elif kind == ENHANCED_PACKET:
            index, high, low, captured, length = struct.unpack_from("=5I", body)
            name, unit = interfaces[index]
            yield name, (high << 32 | low) * unit, body[20 : 20 + captured], length
