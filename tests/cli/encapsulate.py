# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes the packets of a capture anew, inside of every encapsulation that is read.

A wrapper takes an IP packet (bytes) and gives the bytes of a frame; `WRAPPERS` has each with the link
type of its capture. The headers are those that the RFCs and IEEE 802 describe, without options where
they have none to show.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))
import pcapng  # noqa: E402

LINK_ETHERNET, LINK_NULL, LINK_PPP, LINK_RAW = 1, 0, 9, 101
LINK_80211, LINK_SLL, LINK_RADIOTAP, LINK_SLL2, LINK_PKTAP = 105, 113, 127, 276, 258
MAC = bytes.fromhex("001b21000001001b21000002")


def ethertype_of(packet):
    return 0x0800 if packet[0] >> 4 == 4 else 0x86DD


def ethernet(packet, kind=None):
    return MAC + struct.pack("!H", kind or ethertype_of(packet)) + packet


def checksum(header):
    total = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ipv4(payload, protocol, place=0, identification=7):
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), identification, place, 64,
                         protocol, 0, b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02")
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload


def ipv6(payload, protocol):
    return struct.pack("!IHBB16s16s", 6 << 28, len(payload), protocol, 64,
                       bytes(15) + b"\x01", bytes(15) + b"\x02") + payload


def authentication(protocol):
    """IPsec's authentication header (RFC 4302) before a header of a protocol."""
    return struct.pack("!BBHII12s", protocol, 4, 0, 1, 1, bytes(12))


def authenticated(packet):
    """The packet with an authentication header before TCP (transport mode)."""
    if packet[0] >> 4 == 6:
        return packet[:4] + struct.pack("!HB", len(packet) - 40 + 24, 51) + packet[7:40] \
            + authentication(packet[6]) + packet[40:]
    header = packet[:2] + struct.pack("!H", len(packet) + 24) + packet[4:9] + b"\x33\0\0" + packet[12:20]
    header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
    return header + authentication(packet[9]) + packet[20:]


def extensions(packet, with_authentication):
    """An IPv6 packet with an extension header of each kind before another IP packet. Its fragment header
    says that it is the only fragment (RFC 6946)."""
    first = 51 if with_authentication else 60
    last = 4 if packet[0] >> 4 == 4 else 41
    headers = struct.pack("!BB6s", first, 0, b"\1\4")               # hop by hop
    if with_authentication:
        headers += authentication(60)
    headers += struct.pack("!BB6s", 44, 0, b"\1\4")                 # destination options
    return ipv6(headers + struct.pack("!BBHI", last, 0, 0, 7) + packet, 0)


def udp(payload, port):
    return struct.pack("!HHHH", 50000, port, 8 + len(payload), 0) + payload


def mpls(packet, labels=1):
    stack = b"".join(struct.pack("!I", (16 + i) << 12 | (i == labels - 1) << 8 | 64)
                     for i in range(labels))
    return stack + packet


def ppp(packet):
    return struct.pack("!H", 0x21 if packet[0] >> 4 == 4 else 0x57) + packet


def llc(packet):
    return b"\xaa\xaa\x03\0\0\0" + struct.pack("!H", ethertype_of(packet)) + packet


def ieee8023(packet):
    """A length does not fit more than 1500 bytes; larger packets have an EtherType."""
    if 8 + len(packet) > 1500:
        return ethernet(packet)
    return MAC + struct.pack("!H", 8 + len(packet)) + llc(packet)


def pppoe(packet):
    return ethernet(struct.pack("!BBHH", 0x11, 0, 1, 2 + len(packet)) + ppp(packet), 0x8864)


def gre(packet, flags=0):
    fields = b"".join(bytes(4) for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
    return struct.pack("!HH", flags, ethertype_of(packet)) + fields + packet


def gtp(packet, flags=0x30, fields=b""):
    return struct.pack("!BBHI", flags, 255, len(fields) + len(packet), 1) + fields + packet


def wifi(packet):
    return struct.pack("<HH", 0x0188, 0) + MAC[:6] + MAC + bytes(4) + llc(packet)


def pktap(packet):
    header = struct.pack("<III", 108, 1, LINK_ETHERNET)
    return header + bytes(108 - len(header)) + ethernet(packet)


WRAPPERS = {
    "ethernet": (LINK_ETHERNET, ethernet),
    "vlan": (LINK_ETHERNET, lambda p: ethernet(
        struct.pack("!HH", 5, ethertype_of(p)) + p, 0x8100)),
    "qinq": (LINK_ETHERNET, lambda p: ethernet(
        struct.pack("!HHHH", 5, 0x8100, 6, ethertype_of(p)) + p, 0x88A8)),
    "llc": (LINK_ETHERNET, ieee8023),
    "mpls": (LINK_ETHERNET, lambda p: ethernet(mpls(p), 0x8847)),
    "mpls-two-labels": (LINK_ETHERNET, lambda p: ethernet(mpls(p, 2), 0x8847)),
    "mpls-pseudowire": (LINK_ETHERNET, lambda p: ethernet(mpls(bytes(4) + ethernet(p)), 0x8847)),
    "mpls-pseudowire-plain": (LINK_ETHERNET, lambda p: ethernet(mpls(ethernet(p)), 0x8847)),
    "pppoe": (LINK_ETHERNET, pppoe),
    "gre": (LINK_ETHERNET, lambda p: ethernet(ipv4(gre(p), 47))),
    "gre-key-sequence": (LINK_ETHERNET, lambda p: ethernet(ipv4(gre(p, 0x3000), 47))),
    "gre-bridge": (LINK_ETHERNET, lambda p: ethernet(
        ipv4(struct.pack("!HH", 0, 0x6558) + ethernet(p), 47))),
    "ip-in-ip": (LINK_ETHERNET, lambda p: ethernet(ipv4(p, 4 if p[0] >> 4 == 4 else 41))),
    "ip-in-ipv6": (LINK_ETHERNET, lambda p: ethernet(ipv6(p, 4 if p[0] >> 4 == 4 else 41))),
    "ip-in-ipv6-extensions": (LINK_ETHERNET, lambda p: ethernet(extensions(p, False))),
    "ip-in-ipv6-authentication": (LINK_ETHERNET, lambda p: ethernet(extensions(p, True))),
    "authentication": (LINK_ETHERNET, lambda p: ethernet(authenticated(p))),
    "ip-in-ip-authentication": (LINK_ETHERNET, lambda p: ethernet(ipv4(
        authentication(4 if p[0] >> 4 == 4 else 41) + p, 51))),
    "vxlan": (LINK_ETHERNET, lambda p: ethernet(
        ipv4(udp(struct.pack("!II", 8 << 24, 1 << 8) + ethernet(p), 4789), 17))),
    "geneve": (LINK_ETHERNET, lambda p: ethernet(
        ipv4(udp(struct.pack("!HHI", 0, 0x6558, 1 << 8) + ethernet(p), 6081), 17))),
    "gtp": (LINK_ETHERNET, lambda p: ethernet(ipv4(udp(gtp(p), 2152), 17))),
    "gtp-extension": (LINK_ETHERNET, lambda p: ethernet(ipv4(udp(
        gtp(p, 0x34, b"\0\0\0\x85" + b"\x01\x00\x00\x00"), 2152), 17))),
    "gre-in-vxlan": (LINK_ETHERNET, lambda p: ethernet(ipv4(udp(
        struct.pack("!II", 8 << 24, 1 << 8) + ethernet(ipv4(gre(p), 47)), 4789), 17))),
    "null": (LINK_NULL, lambda p: struct.pack("<I", 2 if p[0] >> 4 == 4 else 30) + p),
    "raw": (LINK_RAW, lambda p: p),
    "ppp": (LINK_PPP, lambda p: b"\xff\x03" + ppp(p)),
    "sll": (LINK_SLL, lambda p: struct.pack("!HHH8sH", 0, 1, 6, MAC[:8], ethertype_of(p)) + p),
    "sll2": (LINK_SLL2, lambda p: struct.pack("!HHIHBB8s", ethertype_of(p), 0, 2, 1, 0, 6,
                                              MAC[:8]) + p),
    "80211": (LINK_80211, wifi),
    "radiotap": (LINK_RADIOTAP, lambda p: struct.pack("<BBHI", 0, 0, 8, 0) + wifi(p)),
    "pktap": (LINK_PKTAP, pktap),
}


def ip_packets(path):
    """Yield (time in ns, captured bytes of the IP packet, its length) of a capture of Ethernet."""
    for _, time, frame, length in pcapng.packets(path):
        yield time, frame[14:], length - 14


def write(path, link_type, frames):
    """Write a pcap file with times in ns. Frames are (time, captured bytes, length)."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, link_type))
        for time, captured, length in frames:
            file.write(struct.pack("<IIII", time // 10**9 & 0xFFFFFFFF, time % 10**9,
                                   len(captured), length) + captured)


def wrap(source, path, name):
    """Write `source` anew inside of one encapsulation."""
    link_type, wrapper = WRAPPERS[name]
    frames = []
    for time, packet, length in ip_packets(source):
        whole = packet + bytes(length - len(packet))
        frame = wrapper(whole)
        frames.append((time, frame[:len(frame) - (length - len(packet))], len(frame)))
    write(path, link_type, frames)


def fragments_of(packet, size):
    """The fragments of an IPv4 packet, with `size` bytes of payload each."""
    header_length, payload = (packet[0] & 15) * 4, packet[(packet[0] & 15) * 4:]
    parts = []
    for at in range(0, len(payload), size):
        part = payload[at:at + size]
        header = bytearray(packet[:header_length])
        more = 0x2000 if at + size < len(payload) else 0
        struct.pack_into("!H", header, 2, header_length + len(part))
        struct.pack_into("!HH", header, 6, more | at // 8, packet[8] << 8 | packet[9])
        struct.pack_into("!H", header, 10, 0)
        struct.pack_into("!H", header, 10, checksum(bytes(header)))
        parts.append(bytes(header) + part)
    return parts


def fragment(source, path, size, order=lambda parts: parts):
    """Write `source` anew with every packet above `size` in fragments, in an order."""
    frames = []
    for time, packet, length in ip_packets(source):
        parts = [packet] if len(packet) < length or length <= 20 + size else fragments_of(
            packet[:length], size)
        frames += [(time, ethernet(part), 14 + len(part)) for part in order(parts)]
    write(path, LINK_ETHERNET, frames)
