"""Writes pcapng files of every kind that a recorder may make, from the packets of a capture.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import struct

LINKTYPE_ETHERNET, LINKTYPE_RAW, LINKTYPE_SLL, LINKTYPE_USB, LINKTYPE_IPV4 = 1, 101, 113, 189, 228
NANOSECONDS = 9
CUSTOM, CUSTOM_NO_COPY, JOURNAL = 0xbad, 0x40000bad, 9
JOURNAL_ENTRY = b"__REALTIME_TIMESTAMP=1700000000000000\nMESSAGE=x\n\n"


def packets_of(path):
    """The packets of a pcap file of microseconds, as (nanoseconds, bytes, length)."""
    with open(path, "rb") as file:
        data = file.read()
    packets, at = [], 24
    while at < len(data):
        seconds, micro, captured, length = struct.unpack("<IIII", data[at:at + 16])
        packets.append((seconds * 10**9 + micro * 1000, data[at + 16:at + 16 + captured], length))
        at += 16 + captured
    return packets


def padded(data):
    return data + b"\0" * (-len(data) % 4)


def without_ethernet(packet):
    return packet[0], packet[1][14:], packet[2] - 14


class Writer:
    """Blocks of a file; `order` is < or >."""

    def __init__(self):
        self.data, self.order, self.interfaces = b"", "<", []

    def pack(self, form, *values):
        return struct.pack(self.order + form, *values)

    def block(self, kind, body):
        size = len(padded(body)) + 12
        self.data += self.pack("II", kind, size) + padded(body) + self.pack("I", size)

    def options(self, options):
        return b"".join(self.pack("HH", code, len(value)) + padded(value)
                        for code, value in [*options, (0, b"")]) if options else b""

    def section(self, order="<"):
        self.order, self.interfaces = order, []
        self.block(0x0a0d0d0a, self.pack("IHHq", 0x1a2b3c4d, 1, 0, -1))

    def interface(self, link_type=LINKTYPE_ETHERNET, snaplen=262144, resolution=NANOSECONDS,
                  offset=0, options=()):
        self.interfaces.append((resolution, offset))
        options = [(9, bytes([resolution])), *options]
        if offset:
            options.append((14, self.pack("q", offset)))
        self.block(1, self.pack("HHI", link_type, 0, snaplen) + self.options(options))

    def ticks(self, packet, interface):
        resolution, offset = self.interfaces[interface]
        time = packet[0] - offset * 10**9
        per_second = 1 << (resolution & 0x7f) if resolution & 0x80 else 10**resolution
        return divmod(time * per_second // 10**9 % 2**64, 2**32)

    def packet(self, packet, interface=0, options=()):
        self.block(6, self.pack("IIIII", interface, *self.ticks(packet, interface), len(packet[1]),
                                packet[2]) + padded(packet[1]) + self.options(options))

    def old_packet(self, packet, interface=0):
        self.block(2, self.pack("HHIIII", interface, 0xffff, *self.ticks(packet, interface),
                                len(packet[1]), packet[2]) + padded(packet[1]))

    def statistics(self, interface, dropped, dropped_by_system):
        options = [(4, self.pack("Q", 1000)), (5, self.pack("Q", dropped)),
                   (7, self.pack("Q", dropped_by_system))]
        self.block(5, self.pack("III", interface, 0, 0) + self.options(options))


def plain(writer, packets):
    writer.section()
    writer.interface()
    for packet in packets:
        writer.packet(packet)
    writer.statistics(0, 3, 4)


def big_endian(writer, packets):
    writer.section(">")
    writer.interface()
    for packet in packets:
        writer.packet(packet)


def sections(writer, packets):
    """Sections of alternating byte order, and of a different snaplen each."""
    for i in range(0, len(packets), 5):
        writer.section("<>"[i // 5 % 2])
        writer.interface(snaplen=2000 + i)
        for packet in packets[i:i + 5]:
            writer.packet(packet)
        writer.statistics(0, 1, 0)


def snaplens(writer, packets):
    writer.section()
    writer.interface(snaplen=2000)
    writer.interface(snaplen=3000)
    for i, packet in enumerate(packets):
        writer.packet(packet, i % 2)


def beyond_snaplen(writer, packets):
    writer.section()
    writer.interface(snaplen=70)
    for i, packet in enumerate(packets):
        (writer.packet if i % 2 else writer.old_packet)(packet)


def raw_ip(writer, packets):
    """The second interface is declared when packets have come by the first."""
    writer.section()
    writer.interface(LINKTYPE_RAW)
    for i, packet in enumerate(packets):
        if i == 4:
            writer.interface(LINKTYPE_RAW)
        writer.packet(without_ethernet(packet), int(i > 4 and i % 2))


def link_types(writer, packets):
    writer.section()
    writer.interface(LINKTYPE_USB)
    writer.interface(LINKTYPE_IPV4)
    writer.interface(LINKTYPE_ETHERNET, options=[(2, b"eth0"), (3, b"wired")])
    writer.interface(LINKTYPE_SLL)
    for i, packet in enumerate(packets):
        writer.packet(packet if i % 2 else without_ethernet(packet), 1 + i % 2,
                      [(1, b"comment"), (2, writer.pack("I", 1 + i % 2))])


def unused_interface(writer, packets):
    writer.section()
    writer.interface()
    writer.interface(LINKTYPE_USB)
    for packet in packets:
        writer.packet(packet)


def resolutions(writer, packets):
    writer.section()
    for resolution in (3, 6, 7, 9, 10, 0x8a, 0x94):
        writer.interface(resolution=resolution, snaplen=1000 + resolution)
    for i, packet in enumerate(packets):
        writer.packet(packet, i % len(writer.interfaces))


def offsets(writer, packets):
    writer.section()
    for offset in (5, -1000, 1600000000):
        writer.interface(offset=offset)
    for i, packet in enumerate(packets):
        writer.packet(packet, i % len(writer.interfaces))


def other_blocks(writer, packets):
    """Custom blocks, journal entries and unknown ones, also before the first interface."""
    writer.section()
    writer.block(CUSTOM, writer.pack("I", 32473) + b"before")
    writer.interface()
    kinds = [CUSTOM, CUSTOM_NO_COPY, JOURNAL, 0x101, 0x12345678, 0x80000001, 10]
    for i, packet in enumerate(packets):
        writer.packet(packet)
        if i < len(kinds):
            writer.block(kinds[i], JOURNAL_ENTRY if kinds[i] == JOURNAL else
                         writer.pack("II", 32473, 0) + bytes(56))


KINDS = [plain, big_endian, sections, snaplens, beyond_snaplen, raw_ip, link_types,
         unused_interface, resolutions, offsets, other_blocks]


def write(path, kind, packets):
    writer = Writer()
    kind(writer, packets)
    with open(path, "wb") as file:
        file.write(writer.data)
