#!/usr/bin/env python3
"""Writes captures that are made to cost time: generate.py KIND N FILE [OTHER].

Each kind repeats one pattern N times. OTHER is the same traffic at the other end of a path of 10 ms,
which loses every seventh segment. `generate.py --list` prints the kinds.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import hashlib
import struct
import sys

CLIENT, SERVER = 0, 1
FIN, SYN, RST, ACK = 1, 2, 4, 16
KEY = [0x0102030405060708, 0xF1F2F3F4F5F6F7F8]


def digest(key):
    return hashlib.sha256(struct.pack("!Q", key)).digest()


def token_of(key):
    return struct.unpack("!I", digest(key)[:4])[0]


def idsn_of(key):
    return struct.unpack("!Q", digest(key)[-8:])[0]


# MPTCP options (RFC 8684 section 3; prio() with an address ID: RFC 6824 section 3.3.8).


def option(subtype, low, rest):
    return struct.pack("!BBB", 30, 3 + len(rest), subtype << 4 | low) + rest


def capable(*keys, version=1):
    return option(0, version, b"\1" + b"".join(struct.pack("!Q", key) for key in keys))


def join_syn(token, address_id=1):
    return option(1, 0, struct.pack("!BII", address_id, token, 7))


def join_synack(address_id=1):
    return option(1, 0, struct.pack("!BQI", address_id, 1, 7))


def join_ack():
    return option(1, 0, bytes(21))


def dss(ack=None, dsn=None, ssn=0, length=0, fin=False):
    flags = (3 if ack is not None else 0) | (12 if dsn is not None else 0) | (16 if fin else 0)
    rest = struct.pack("!B", flags)
    if ack is not None:
        rest += struct.pack("!Q", ack % 2**64)
    if dsn is not None:
        rest += struct.pack("!QIH", dsn % 2**64, ssn % 2**32, length)
    return option(2, 0, rest)


def add_addr(number):
    return option(3, 0, struct.pack("!BIQ", number % 256, 0x0B000000 + number, number))


def remove_addr(number):
    return option(4, 0, struct.pack("!B", number % 256))


def prio(address_id):
    return option(5, 1, struct.pack("!B", address_id))


def fail(dsn):
    return option(6, 0, struct.pack("!Q", dsn % 2**64))


def fastclose(key):
    return option(7, 0, b"\0" + struct.pack("!Q", key))


def sack(*blocks):
    return struct.pack("!BB", 5, 2 + 8 * len(blocks)) + b"".join(
        struct.pack("!II", *block) for block in blocks)


def timestamps(value, echo):
    return struct.pack("!BBII", 8, 10, value % 2**32, echo % 2**32)


class Capture:
    """Frames as they come; each takes 10 us, unless `now` is set."""

    def __init__(self):
        self.frames = []
        self.now = 1_000_000
        self.step = 10
        self.ttl = 64

    def send(self, flow, sender, flags, seq, ack=0, options=b"", length=0, ip_id=None):
        """Segment of a flow: (number of the client's address and port, ISN of both)."""
        ip_id = len(self.frames) % 65536 if ip_id is None else ip_id
        number, isn = flow
        ends = [(0x0A000001 + (number >> 14), 10000 + (number & 0x3FFF)), (0xC0A80001, 80)]
        options += b"\1" * (-len(options) % 4)
        tcp = struct.pack("!HHIIBBHHH", ends[sender][1], ends[not sender][1],
                          (isn[sender] + seq) % 2**32,
                          (isn[not sender] + ack) % 2**32 if flags & ACK else 0,
                          (20 + len(options)) // 4 << 4, flags, 500, 0, 0) + options
        total = min(20 + len(tcp) + length, 65535)
        ip = struct.pack("!BBHHHBBHII", 0x45, 0, total, ip_id, 0x4000, self.ttl, 6, 0, ends[sender][0],
                         ends[not sender][0])
        self.frames.append((self.now, ip + tcp, total))
        self.now += self.step

    def open(self, flow, keys=KEY):
        self.send(flow, CLIENT, SYN, 0, options=capable())
        self.send(flow, SERVER, SYN | ACK, 0, 1, capable(keys[1]))
        self.send(flow, CLIENT, ACK, 1, 1, capable(*keys))

    def join(self, flow, token, address_id=1):
        self.send(flow, CLIENT, SYN, 0, options=join_syn(token, address_id))
        self.send(flow, SERVER, SYN | ACK, 0, 1, join_synack(address_id))
        self.send(flow, CLIENT, ACK, 1, 1, join_ack())

    def data(self, flow, seq, dsn, length=1, sender=CLIENT, keys=KEY):
        """Payload with its mapping; dsn counts from the first byte of the connection, 1."""
        self.send(flow, sender, ACK, seq, 1, dss(dsn=idsn_of(keys[sender]) + dsn, ssn=seq,
                                                 length=length), length)

    def ack(self, flow, ack, data_ack, sender=SERVER, keys=KEY, options=b""):
        self.send(flow, sender, ACK, 1, ack,
                  dss(ack=idsn_of(keys[not sender]) + data_ack) + options)

    def write(self, path, lose=0, delay=0):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))
            for i, (time, frame, total) in enumerate(self.frames):
                if lose and i > 20 and i % lose == 0:
                    continue
                time += delay
                out.write(struct.pack("<IIII", time // 1000000, time % 1000000, len(frame),
                                      max(total, len(frame))) + frame)


def flow_of(number):
    return number, ((number * 7919 + 1000) % 2**32, (number * 104729 + 5000) % 2**32)


FIRST, SECOND = flow_of(0), flow_of(1)
OUTSIDE = 3, FIRST[1]  # the first one behind NAT


def keys_of(number):
    return [KEY[0] + number, KEY[1] + number]


def opened():
    capture = Capture()
    capture.open(FIRST)
    return capture


def connections(n):
    """connections with a byte each way"""
    capture = Capture()
    for i in range(n):
        capture.open(flow_of(i), keys_of(i))
        capture.data(flow_of(i), 1, 1, keys=keys_of(i))
        capture.ack(flow_of(i), 2, 2, keys=keys_of(i))
    return capture


def orphan_syns(n):
    """SYNs that nobody answers"""
    capture = Capture()
    for i in range(n):
        capture.send(flow_of(i), CLIENT, SYN, 0, options=capable())
    return capture


def orphan_joins(n):
    """SYNs of subflows that nobody answers"""
    capture = Capture()
    for i in range(n):
        capture.send(flow_of(i), CLIENT, SYN, 0, options=join_syn(i))
    return capture


def handshakes(n):
    """connections without data"""
    capture = Capture()
    for i in range(n):
        capture.open(flow_of(i), keys_of(i))
    return capture


def lone_data(n):
    """connections of which one segment with data was captured"""
    capture = Capture()
    for i in range(n):
        capture.data(flow_of(i), 1000, i << 40, 10)
    return capture


def identical_syns(n):
    """one SYN, again and again"""
    capture = Capture()
    for _ in range(n):
        capture.send(FIRST, CLIENT, SYN, 0, options=capable(), ip_id=0)
    return capture


def same_key(n):
    """connections that all have the same keys"""
    capture = Capture()
    for i in range(n):
        capture.open(flow_of(i))
    return capture


def same_key_closed(n):
    """connections with the same keys, each ended; then subflows with their token"""
    capture = Capture()
    for i in range(n // 2):
        capture.open(flow_of(i))
        capture.send(flow_of(i), CLIENT, RST, 1, options=fastclose(KEY[1]))
    for i in range(n // 2, n):
        capture.join(flow_of(i), token_of(KEY[1]))
    return capture


def subflows(n):
    """subflows of one connection, each with data"""
    capture = opened()
    for i in range(1, n):
        capture.join(flow_of(i), token_of(KEY[1]))
        capture.data(flow_of(i), 1, 10 * i, 10)
        capture.ack(flow_of(i), 11, 10 * i + 10)
    return capture


def priorities(n):
    """subflows of one connection, and MP_PRIO with the address ID of all"""
    capture = opened()
    for i in range(1, n // 4):
        capture.join(flow_of(i), token_of(KEY[1]), i % 200)
    for i in range(n):
        capture.send(flow_of(i % (n // 4)), CLIENT, ACK, 1, 1, prio(i % 3))
    return capture


def join_first(n):
    """connections of which a subflow was captured before the handshake"""
    capture = Capture()
    for i in range(n):
        capture.join(flow_of(2 * i), token_of(keys_of(i)[1]))
        capture.open(flow_of(2 * i + 1), keys_of(i))
    return capture


def strays(n):
    """subflows without a handshake, which belong to one connection by their numbers"""
    capture = opened()
    capture.data(FIRST, 1, 1, 100)
    for i in range(1, n):
        capture.data(flow_of(i), 1000, 100 + 10 * i, 10)
    return capture


def lone_strays(n):
    """subflows without a handshake, which belong nowhere"""
    capture = Capture()
    for i in range(n):
        capture.data(flow_of(i), 1000, i << 40, 10)
        capture.data(flow_of(i), 1010, (i << 40) + 10, 10)
    return capture


def unknown_joins(n):
    """subflows with tokens of no connection"""
    capture = Capture()
    for i in range(n):
        capture.join(flow_of(i), i)
    return capture


def reopened(n):
    """one pair of ports for many connections"""
    capture = Capture()
    for i in range(n):
        flow = 0, (i * 1000003 % 2**32, i * 777767777 % 2**32)
        capture.open(flow, keys_of(i))
    return capture


def announcements(n):
    """ADD_ADDR and REMOVE_ADDR"""
    capture = opened()
    for i in range(n):
        capture.send(FIRST, SERVER, ACK, 1, 1, add_addr(i))
        if i % 5 == 4:
            capture.send(FIRST, SERVER, ACK, 1, 1, remove_addr(i))
    return capture


def failures(n):
    """MP_FAIL with DSNs of all kinds"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + i, 1 + i)
        capture.send(FIRST, SERVER, ACK, 1, 1, fail(idsn_of(KEY[0]) + i))
    return capture


def data_fins(n):
    """DATA_FINs, each with another number"""
    capture = opened()
    for i in range(n):
        capture.send(FIRST, CLIENT, ACK, 1, 1,
                     dss(dsn=idsn_of(KEY[0]) + 1 + i, ssn=0, length=1, fin=True))
        capture.ack(FIRST, 1, 1 + i)
    return capture


def in_order(n):
    """plain traffic"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
        capture.ack(FIRST, 1001 + 1000 * i, 1001 + 1000 * i)
    return capture


def two_paths(n):
    """data that alternate between two subflows of different delay"""
    capture = opened()
    capture.join(SECOND, token_of(KEY[1]))
    for i in range(n):
        capture.data(SECOND if i % 2 else FIRST, 1 + 100 * (i // 2), 1 + 100 * i, 100)
        capture.ack(SECOND if i % 3 else FIRST, 1 + 100 * (i // 2), 1 + 100 * (i // 2))
    return capture


def duplicate_acks(n):
    """a hole, and duplicate ACKs with SACK blocks that grow"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1001 + i, 1001 + i)
        capture.ack(FIRST, 1, 1, options=sack((FIRST[1][0] + 1001, FIRST[1][0] + 1002 + i)))
    return capture


def holes(n):
    """every second byte is missing, on the subflow and in the data; half of them come later"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 2 + 2 * i, 2 + 2 * i)
    for i in range(0, n, 2):
        capture.data(FIRST, 1 + 2 * i, 1 + 2 * i)
        capture.ack(FIRST, 1 + 2 * i, 1 + 2 * i)
    return capture


def backwards(n):
    """the last byte comes first"""
    capture = opened()
    for i in range(n, 0, -1):
        capture.data(FIRST, i, i)
    capture.ack(FIRST, n + 1, n + 1)
    return capture


def repeated(n):
    """one segment, again and again, on two subflows"""
    capture = opened()
    capture.join(SECOND, token_of(KEY[1]))
    for i in range(n):
        capture.data(SECOND if i % 2 else FIRST, 1, 1, 100)
    return capture


def identical_acks(n):
    """ACKs that nothing tells apart"""
    capture = opened()
    for i in range(n):
        capture.ack(FIRST, 1, 1)
    return capture


def small_mappings(n):
    """a mapping for each byte, in descending order; then all bytes are sent again at once"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + i, 3 * (n - i))
    for i in range(n):
        capture.send(FIRST, CLIENT, ACK, 1, 1, length=min(n, 60000))
    return capture


def unsent_mappings(n):
    """a mapping for each byte; then mappings of all of them at once"""
    capture = opened()
    for i in range(n):
        capture.send(FIRST, CLIENT, ACK, 1, 1,
                     dss(dsn=idsn_of(KEY[0]) + 3 * (n - i), ssn=1 + i, length=1))
    for i in range(n):
        capture.send(FIRST, CLIENT, ACK, 1, 1,
                     dss(dsn=idsn_of(KEY[0]) + i, ssn=1, length=min(n, 60000)))
    return capture


def waiting_mappings(n):
    """mappings while the ISN is unknown"""
    capture = Capture()
    for i in range(n):
        capture.send(FIRST, CLIENT, ACK, 1000, 1,
                     dss(dsn=idsn_of(KEY[0]) + 3 * i, ssn=1 + i, length=1))
    capture.data(FIRST, 1000 + n, 1000 + n, 10)
    return capture


def many_originals(n):
    """single bytes on one subflow; a hundred of them again, many times, on the other"""
    capture = opened()
    capture.join(SECOND, token_of(KEY[1]))
    for i in range(n):
        capture.data(FIRST, 1 + i, 1 + i)
    for i in range(n):
        capture.data(SECOND, 1 + 100 * i, 1, 100)
    capture.ack(SECOND, 1 + 100 * n, 1 + n)
    return capture


def overlapping(n):
    """segments that overlap the one before by half"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + 50 * i, 1 + 50 * i, 100)
    capture.ack(FIRST, 1 + 50 * n, 1 + 50 * n)
    return capture


def disorder(n):
    """times that are far from the order of the frames, within a second"""
    capture = opened()
    for i in range(n):
        capture.now = 2_000_000 + i * 7919 % n * 1_000_000 // n
        capture.data(FIRST, 1 + 10 * i, 1 + 10 * i, 10)
        capture.ack(FIRST, 11 + 10 * i, 11 + 10 * i)
    return capture


def stalls(n):
    """windows that open and close, and pauses"""
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + 400 * i, 1 + 400 * i, 400)
        capture.now += 400_000 if i % 3 == 0 else 0
        capture.ack(FIRST, 401 + 400 * i, 401 + 400 * i)
    return capture


def answered_early(n):
    """payload that is sent twice and answered long before a round trip is over"""
    capture = Capture()
    capture.send(FIRST, CLIENT, SYN, 0, options=capable())
    capture.now += 100_000
    capture.send(FIRST, SERVER, SYN | ACK, 0, 1, capable(KEY[1]))
    capture.send(FIRST, CLIENT, ACK, 1, 1, capable(*KEY))
    for i in range(n):
        capture.data(FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
        capture.data(FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
        capture.now += 1000
        capture.ack(FIRST, 1001 + 1000 * i, 1001 + 1000 * i)
    return capture


def beside_nat(capture, sides, sender, *segment):
    """A segment on both sides of a router with NAT, in the order of `sides`."""
    for flow, ttl in sides:
        capture.ttl = ttl
        capture.send(flow, sender, *segment, ip_id=500 + len(capture.frames) // 2)


def routed():
    """A connection before and after a router with NAT."""
    capture = Capture()
    inside, outside = (FIRST, 64), (OUTSIDE, 63)
    beside_nat(capture, (inside, outside), CLIENT, SYN, 0, 0, capable())
    beside_nat(capture, ((OUTSIDE, 64), (FIRST, 63)), SERVER, SYN | ACK, 0, 1, capable(KEY[1]))
    beside_nat(capture, (inside, outside), CLIENT, ACK, 1, 1, capable(*KEY))
    return capture


def held(n):
    """segments after a router, which come before it in reverse order"""
    capture = routed()
    for flow, ttl, order in ((OUTSIDE, 64, range(n)), (FIRST, 63, range(n - 1, -1, -1))):
        capture.ttl = ttl
        for i in order:
            capture.send(flow, SERVER, ACK, 1 + i, 1,
                         dss(dsn=idsn_of(KEY[1]) + 1 + i, ssn=1 + i, length=1), 1, ip_id=1000 + i)
    return capture


def sent_again(n):
    """payload before a router, and a part of it again when it is forgotten that it was sent"""
    forgotten = 1100
    capture = routed()
    capture.ttl = 64
    for i in range(forgotten + n):
        at, length = i % forgotten, 2 if i < forgotten else 1
        capture.send(FIRST, CLIENT, ACK, 1 + 2 * at, 1,
                     dss(dsn=idsn_of(KEY[0]) + 1 + 2 * at, ssn=1 + 2 * at, length=length), length)
    return capture


def resets(n):
    """RST and FIN, again and again"""
    capture = opened()
    for i in range(n):
        capture.send(FIRST, i % 2, RST | ACK, 1, 1)
        capture.send(FIRST, i % 2, FIN | ACK, 1, 1)
    return capture


def acknowledged(n):
    capture = opened()
    for i in range(n):
        capture.data(FIRST, 1 + i, 1 + i)
        capture.ack(FIRST, 2 + i, 2 + i)
    return capture


def unmapped(n):
    """data and DATA_ACKs, and as many subflows with payload that has no mapping"""
    capture = acknowledged(n)
    for i in range(1, n + 1):
        capture.join(flow_of(i), token_of(KEY[1]), i % 256)
        capture.send(flow_of(i), CLIENT, ACK, 1, 1, length=10)
    return capture


def announced(n):
    """data and DATA_ACKs, and as many addresses that nobody joins"""
    capture = acknowledged(n)
    for i in range(n):
        capture.send(FIRST, SERVER, ACK, 1, 1 + n, add_addr(i))
    capture.now += 2_000_000
    capture.ack(FIRST, 1 + n, 1 + n)
    return capture


KINDS = {kind.__name__: kind for kind in (
    connections, orphan_syns, orphan_joins, handshakes, lone_data, identical_syns, same_key, same_key_closed, subflows, priorities,
    join_first, strays, lone_strays, unknown_joins, reopened, announcements, failures, data_fins,
    in_order, two_paths, duplicate_acks, holes, backwards, repeated, identical_acks,
    small_mappings, unsent_mappings, waiting_mappings, many_originals, overlapping, disorder,
    stalls, answered_early, held, sent_again, resets, unmapped, announced)}


def main():
    if sys.argv[1:] == ["--list"]:
        print("\n".join(KINDS))
        return
    capture = KINDS[sys.argv[1]](int(sys.argv[2]))
    capture.write(sys.argv[3])
    if len(sys.argv) > 4:
        capture.write(sys.argv[4], lose=7, delay=10_000)


if __name__ == "__main__":
    main()
