# SPDX-License-Identifier: GPL-2.0-or-later
"""Makes captures in which ICMP errors answer a join, or are about other segments: every type, quoted
whole or hardly, at once or too late, true or forged.

`VARIANTS` has each with what is right. They are made from the packets of two captures of the lab, one
of IPv4 and one of IPv6, in which a router refuses a join.
"""
import collections
import os
import struct

import encapsulate

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")
SOURCES = {4: os.path.join(CASES, "join-icmp-host-unreachable.pcapng"),
           6: os.path.join(CASES, "join-icmp-no-route.pcapng")}
SYN, RST, ACK = 2, 4, 16
MILLISECOND = 10**6

# What is right: the state of the join, the words of the error that refused it, how many errors are
# events, which problems the join has. `connection` is the state of a connection without a join.
Right = collections.namedtuple("Right", "state error events problems connection",
                               defaults=("syn", None, 0, ("join_unanswered",), "open"))


def refused(words):
    return Right("reset", words, 1, ("icmp_refused",))


class Packet:
    """An IP packet with TCP."""

    def __init__(self, time, data):
        self.time, self.data = time, data
        self.version = data[0] >> 4
        self.tcp_at = (data[0] & 15) * 4 if self.version == 4 else 40
        at, size = (12, 4) if self.version == 4 else (8, 16)
        self.source, self.destination = data[at:at + size], data[at + size:at + 2 * size]
        self.tcp = data[self.tcp_at:]
        self.flags = self.tcp[13]
        self.seq, self.ack = struct.unpack("!II", self.tcp[4:12])

    def answer(self, flags, ack, options=b""):
        """A segment that goes back to the sender."""
        options += b"\1" * (-len(options) % 4)
        tcp = (self.tcp[2:4] + self.tcp[:2] + struct.pack("!II", 7000, ack) +
               struct.pack("!BBHHH", (20 + len(options)) * 4, flags, 1000, 0, 0) + options)
        return ip(self.version, self.destination, self.source, 6, tcp)


def ip(version, source, destination, protocol, payload, options=b"", headers=b""):
    """An IP packet. `options` are those of IPv4; `headers` an extension header of IPv6, type 60."""
    if version == 6:
        return struct.pack("!IHBB", 6 << 28, len(headers + payload), 60 if headers else protocol,
                           61) + source + destination + headers + payload
    length = 20 + len(options)
    header = struct.pack("!BBHHHBBH4s4s", 0x40 | length // 4, 0, length + len(payload), 9, 0, 61,
                         protocol, 0, source, destination) + options
    return header[:10] + struct.pack("!H", encapsulate.checksum(header)) + header[12:] + payload


def error(packet, kind, code, quoted=None, rest=0, sender=None, **more):
    """An ICMP error about a packet. `quoted` replaces the quotation."""
    sender = sender or packet.destination
    body = struct.pack("!BBHI", kind, code, 0, rest) + (packet.data if quoted is None else quoted)
    total = body if packet.version == 4 else (
        sender + packet.source + struct.pack("!II", len(body), 58) + body)
    check = encapsulate.checksum(total + bytes(len(total) % 2))
    return ip(packet.version, sender, packet.source, 1 if packet.version == 4 else 58,
              body[:2] + struct.pack("!H", check) + body[4:], **more)


def packets_of(version):
    """(the packets of the initial subflow, the SYN of the join)"""
    found = [Packet(time, data[:length]) for time, data, length in
             encapsulate.ip_packets(SOURCES[version]) if data[6 if version == 6 else 9] == 6]
    join = next(packet for packet in found if packet.flags == SYN and packet is not found[0])
    return [packet for packet in found if packet is not join], join


def about_syn(*arguments, **more):
    return lambda initial, join: [join.data, error(join, *arguments, **more)]


def edited(at, data):
    """An error that quotes the SYN with other bytes from `at` of TCP on."""
    def make(_, join):
        start = join.tcp_at + at
        quoted = join.data[:start] + data + join.data[start + len(data):]
        return [join.data, error(join, *unreachable(join.version), quoted=quoted)]
    return make


def unreachable(version):
    return (3, 3) if version == 4 else (1, 4)


def quote(size):
    """An error that quotes so many bytes of TCP."""
    return lambda _, join: [join.data, error(join, *unreachable(join.version),
                                             quoted=join.data[:max(join.tcp_at + size, 0)])]


def then(*later):
    """Other packets after the port is unreachable; each is made of the SYN."""
    return lambda _, join: [join.data, error(join, *unreachable(join.version)),
                            *(make(join) for make in later)]


def synack(join):
    nonce = struct.pack("!BBBB8sI", 30, 16, 0x10, 1, bytes(8), 5)
    return join.answer(SYN | ACK, join.seq + 1, nonce)


def reset(join):
    return join.answer(RST | ACK, join.seq + 1)


def about_data(initial, join):
    data = [packet for packet in initial if len(packet.tcp) > (packet.tcp[12] >> 4) * 4]
    return [error(data[-1], *unreachable(join.version))]


def long_headers(initial, join):
    """Options or extension headers before ICMP, and before the quoted TCP."""
    padding = struct.pack("!BB6s", 6, 0, b"\1\4\0\0\0\0")
    quoted = ip(join.version, join.source, join.destination, 6, join.tcp, b"\1\1\1\0", padding)
    before = padding if join.version == 4 else struct.pack("!BB6s", 58, 0, b"\1\4\0\0\0\0")
    return [join.data, error(join, *unreachable(join.version), quoted=quoted, options=b"\1\1\1\0",
                             headers=before)]


def in_fragments(initial, join):
    whole = error(join, 3, 3)
    return [join.data, *encapsulate.fragments_of(whole, 32)]


PORT = "port unreachable"
OTHER = Right(problems=("join_unanswered",))
ICMP = Right("syn", None, 1, ("icmp_error", "join_unanswered"))

BOTH = {
    "whole": (lambda initial, join: about_syn(*unreachable(join.version))(initial, join),
              refused(PORT)),
    "eight-bytes": (quote(8), refused(PORT)),
    "seven-bytes": (quote(7), OTHER),
    "no-quotation": (quote(-40), OTHER),
    "other-number": (edited(4, b"\0\0\0\1"), OTHER),
    "other-port": (edited(0, b"\0\1"), OTHER),
    "answered": (then(synack), Right("open", None, 1, ("bad_hmac", "handshake_incomplete",
                                                      "icmp_error"))),
    "reset": (then(reset), Right("reset", None, 1, ("icmp_error", "syn_reset"))),
    "sent-again": (then(lambda join: join.data), refused(PORT)),
    "two-errors": (then(lambda join: join.data,
                        lambda join: error(join, *unreachable(join.version))),
                   Right("reset", PORT, 2, ("icmp_refused",))),
    "about-data": (about_data, Right(None, None, 1, ("icmp_error",))),
    "long-headers": (long_headers, refused(PORT)),
}
ONLY_4 = {
    "network": (about_syn(3, 0), refused("network unreachable")),
    "host": (about_syn(3, 1, sender=b"\x0a\0\2\x63"), refused("host unreachable")),
    "prohibited": (about_syn(3, 13), refused("communication administratively prohibited")),
    "unknown-code": (about_syn(3, 99), refused("destination unreachable")),
    "time-exceeded": (about_syn(11, 0), refused("time to live exceeded in transit")),
    "parameter": (about_syn(12, 0), refused("parameter problem")),
    "too-big": (about_syn(3, 4, rest=1300), ICMP),
    "quench": (about_syn(4, 0), ICMP),
    "redirect": (about_syn(5, 1), OTHER),
    "echo": (about_syn(8, 0), OTHER),
    "in-fragments": (in_fragments, refused(PORT)),
    "later-fragment": (lambda _, join: [join.data, error(
        join, 3, 3, quoted=join.data[:6] + b"\0\5" + join.data[8:])], OTHER),
}
ONLY_6 = {
    "no-route": (about_syn(1, 0), refused("no route to destination")),
    "prohibited": (about_syn(1, 1), refused("communication administratively prohibited")),
    "address": (about_syn(1, 3), refused("address unreachable")),
    "unknown-code": (about_syn(1, 99), refused("destination unreachable")),
    "hop-limit": (about_syn(3, 0), refused("hop limit exceeded in transit")),
    "parameter": (about_syn(4, 1), refused("parameter problem")),
    "too-big": (about_syn(2, 0, rest=1280), ICMP),
    "echo": (about_syn(128, 0), OTHER),
}
VARIANTS = {(version, name): made for version, more in ((4, ONLY_4), (6, ONLY_6))
            for name, made in {**BOTH, **more}.items()}


def write(path, version, name):
    """Write a variant as a capture of Ethernet."""
    initial, join = packets_of(version)
    made = VARIANTS[version, name][0](initial, join)
    frames = [(packet.time, packet.data) for packet in initial]
    frames += [(max(initial[-1].time, join.time) + (i + 1) * 300 * MILLISECOND, data)
               for i, data in enumerate(made)]
    encapsulate.write(path, encapsulate.LINK_ETHERNET, [
        (time, encapsulate.ethernet(data), len(data) + 14) for time, data in frames])


def write_initial(path, version, captured=None):
    """Write a capture in which the SYN of the connection itself is refused.
    @param captured  bytes of the frame with the error that the capture has; None: all"""
    initial, _ = packets_of(version)
    frames = [encapsulate.ethernet(data)
              for data in (initial[0].data, error(initial[0], *unreachable(version)))]
    encapsulate.write(path, encapsulate.LINK_ETHERNET, [
        (initial[0].time, frames[0], len(frames[0])),
        (initial[0].time + MILLISECOND, frames[1][:captured], len(frames[1]))])
