#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Be an interface above others: a VLAN or a bond.

    layer.py vlan UPPER LOWER    frames of UPPER have a VLAN tag (802.1Q) on LOWER
    layer.py bond UPPER LOWER... frames of UPPER leave by each LOWER in turn (balance-rr)

UPPER is made, with the hardware address of the first LOWER; it is up when a line appears on standard
output. Kernels without these drivers can run the lab so. What is captured is as with theirs: first
what came in on LOWER, then on UPPER; first what leaves by UPPER, then by LOWER. The kernel itself
must ignore what comes in on LOWER (network.sh sees to it), as these drivers do.
"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
SIOCSIFHWADDR, ARPHRD_ETHER = 0x8924, 1
SOL_PACKET, PACKET_AUXDATA, PACKET_IGNORE_OUTGOING = 263, 8, 23
VLAN_VALID = 0x10  # TP_STATUS_VLAN_VALID
TAG = struct.pack("!HH", 0x8100, 100)  # VLAN 100
FRAME_MAX = 1 << 17


def tap(name, address):
    """Make the upper interface. @return its file descriptor"""
    upper = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(upper, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    with socket.socket() as control:
        fcntl.ioctl(control, SIOCSIFHWADDR,
                    struct.pack("16sH14s8x", name.encode(), ARPHRD_ETHER, address))
    return upper


def packet_socket(name):
    lower = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    lower.setsockopt(SOL_PACKET, PACKET_IGNORE_OUTGOING, 1)
    lower.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    lower.bind((name, 3))  # ETH_P_ALL
    return lower


def receive(lower, tagged):
    """A frame for UPPER; None: it is not for it. The kernel took the tag off the frame."""
    frame, auxiliary, _, _ = lower.recvmsg(FRAME_MAX, 64)
    status = max((struct.unpack_from("=I", data)[0] for level, kind, data in auxiliary
                  if (level, kind) == (SOL_PACKET, PACKET_AUXDATA)), default=0)
    return frame if bool(status & VLAN_VALID) == tagged else None


def main():
    kind, name, *names = sys.argv[1:]
    lowers = [packet_socket(lower) for lower in names]
    upper = tap(name, lowers[0].getsockname()[4])
    print("ready", flush=True)
    sent = 0
    while True:
        for ready in select.select([upper, *lowers], [], [])[0]:
            if ready != upper:
                frame = receive(ready, kind == "vlan")
                if frame:
                    os.write(upper, frame)
                continue
            frame = os.read(upper, FRAME_MAX)
            if kind == "vlan":
                frame = frame[:12] + TAG + frame[12:]
            lowers[sent % len(lowers)].send(frame)
            sent += 1


if __name__ == "__main__":
    main()
