#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send the server SYNs that it must refuse, as a stranger would.

    knock.py listen PORT              in the server's namespace: open another listening MPTCP socket
    knock.py knock INTERFACE SECONDS  in the client's namespace: learn the token of a connection
                                      that begins now, and send the SYNs SECONDS later

Frames are written directly to the interface, so that the kernel does not answer. They come from an
address that no host has (10.0.1.77); the server knows its hardware address.
"""

import hashlib
import socket
import struct
import sys
import time

HOST, SERVER, OTHER_ADDRESS = "10.0.1.77", "10.0.1.2", "10.0.2.2"
PORT, ANNOUNCED_PORT, OTHER_PORT = 5001, 5002, 5003
CLIENT_HARDWARE, SERVER_HARDWARE = bytes.fromhex("020000000101"), bytes.fromhex("020000000102")
SYN, RST, ACK = 0x02, 0x04, 0x10
CAPABLE = bytes((30, 4, 0x01, 0x01))


def join_syn(token, backup):
    return struct.pack("!BBBBII", 30, 12, 0x10 | backup, 9, token, 0x12345678)


def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def frame(destination, ports, seq, ack, flags, options):
    """An Ethernet frame that carries a TCP segment without payload."""
    addresses = socket.inet_aton(HOST) + socket.inet_aton(destination)
    tcp = struct.pack("!HHIIBBHHH", *ports, seq, ack, (5 + len(options) // 4) << 4, flags, 65535,
                      0, 0) + options
    pseudo = addresses + struct.pack("!HH", socket.IPPROTO_TCP, len(tcp))
    tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
    ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0x4000, 64, socket.IPPROTO_TCP, 0)
    ip = ip[:10] + struct.pack("!H", checksum(ip + addresses)) + addresses
    return SERVER_HARDWARE + CLIENT_HARDWARE + b"\x08\x00" + ip + tcp


def segments(sock, seconds):
    """Yield (ports, seq, ack, flags, options) of TCP segments for that many seconds."""
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            data = sock.recv(2048)
        except socket.timeout:
            return
        if len(data) < 54 or data[12:14] != b"\x08\x00" or data[23] != socket.IPPROTO_TCP:
            continue
        tcp = data[14 + (data[14] & 0x0F) * 4:]
        ports, (seq, ack) = struct.unpack("!HH", tcp[:4]), struct.unpack("!II", tcp[4:12])
        yield ports, seq, ack, tcp[13], tcp[20:(tcp[12] >> 4) * 4]


def server_token(sock):
    """The server's token of the first connection, from the key in its SYN/ACK."""
    for ports, _, _, flags, options in segments(sock, 10):
        at = options.find(bytes((30, 12, 0x01)))
        if ports[0] == PORT and flags == SYN | ACK and at >= 0:
            return struct.unpack("!I", hashlib.sha256(options[at + 4:at + 12]).digest()[:4])[0]
    sys.exit("knock.py: no connection began")


def answer(sock, port, wanted):
    for ports, seq, ack, flags, _ in segments(sock, 3):
        if ports[1] == port and flags & wanted:
            return seq, ack
    sys.exit(f"knock.py: nobody answers on port {port}")


def knock(interface, seconds):
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
    sock.bind((interface, 0))
    token = server_token(sock)
    time.sleep(seconds)
    refused = [
        (SERVER, PORT, join_syn(token ^ 0xFFFF, 0)),   # token of no connection
        (SERVER, OTHER_PORT, join_syn(token, 0)),      # a port that was not announced
        (OTHER_ADDRESS, ANNOUNCED_PORT, CAPABLE),      # a port that accepts only joins
        (OTHER_ADDRESS, ANNOUNCED_PORT, b""),
    ]
    for port, (address, to, options) in enumerate(refused, 40001):
        sock.send(frame(address, (port, to), 1000, 0, SYN, options))
        answer(sock, port, RST)
    # A third ACK with a wrong HMAC.
    sock.send(frame(SERVER, (40010, PORT), 1000, 0, SYN, join_syn(token, 1)))
    seq, ack = answer(sock, 40010, SYN)
    sock.send(frame(SERVER, (40010, PORT), ack, seq + 1, ACK, bytes((30, 24, 0x10)) + bytes(21)))
    answer(sock, 40010, RST)


def listen(port):
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_MPTCP) as sock:
        sock.bind(("", port))
        sock.listen()
        time.sleep(60)


if __name__ == "__main__":
    if sys.argv[1:2] == ["listen"]:
        listen(int(sys.argv[2]))
    else:
        knock(sys.argv[2], float(sys.argv[3]))
