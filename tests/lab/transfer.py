#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Move data over MPTCP sockets and write down the kernel's counters.

    transfer.py server [OPTION]... PORT
    transfer.py client [OPTION]... HOST PORT
    transfer.py join CLIENT.json SERVER.json > kernel.json

The client opens all its connections at once. On each it sends 16 bytes (the amounts up and down)
and the data up, reads the data down, and sends one more byte when it has all. So a connection
carries UP + 17 bytes up and DOWN bytes down. A talk (--talk) comes before the data up. Then both
ends write down the counters of their sockets, and when their applications paused: the truth that
the analysis of the captures must agree with.
"""

import argparse
import collections
import ctypes
import json
import os
import socket
import struct
import sys
import threading
import time

SOL_MPTCP = 284
MPTCP_INFO = 1
MPTCP_TCPINFO = 2
MPTCP_SUBFLOW_ADDRS = 3

# struct mptcp_info of <linux/mptcp.h>, up to subflows_total
MPTCP_INFO_FORMAT = "6B2xII QQQ BBB x I QQQQ B"
MPTCP_INFO_NAMES = (
    "subflows add_addr_signal add_addr_accepted subflows_max add_addr_signal_max "
    "add_addr_accepted_max flags token write_seq snd_una rcv_nxt local_addr_used local_addr_max "
    "csum_enabled retransmits bytes_retrans bytes_sent bytes_received bytes_acked subflows_total"
).split()
COUNTERS = (
    "bytes_sent bytes_received bytes_acked bytes_retrans retransmits subflows_total csum_enabled"
).split()

# Offsets in struct tcp_info of <linux/tcp.h>
TCP_INFO_BYTES = 232
TCP_INFO_FIELDS = {
    "total_retrans": ("I", 100),
    "bytes_acked": ("Q", 120),
    "bytes_received": ("Q", 128),
    "segs_out": ("I", 136),
    "segs_in": ("I", 140),
    "min_rtt_us": ("I", 148),
    "bytes_sent": ("Q", 200),
    "bytes_retrans": ("Q", 208),
}

TALK = "ROUNDS/WRITES/REQUEST/CLIENT_THINK/SERVER_THINK/ANSWER"
TALK_HELP = """before the data up: ROUNDS times the client writes REQUEST bytes WRITES times, the server
waits SERVER_THINK seconds and sends ANSWER bytes, and the client waits CLIENT_THINK seconds"""

LIBC = ctypes.CDLL(None, use_errno=True)


def tcp_counters(info):
    """The fields in TCP_INFO_FIELDS of a struct tcp_info."""
    return {
        name: struct.unpack_from("=" + code, info, offset)[0]
        for name, (code, offset) in TCP_INFO_FIELDS.items()
    }


def read_address(raw):
    """[address, port] of a struct sockaddr."""
    family, port = struct.unpack_from("=H", raw)[0], struct.unpack_from("!H", raw, 2)[0]
    if family == socket.AF_INET6:
        return [socket.inet_ntop(family, raw[8:24]), port]
    return [socket.inet_ntop(socket.AF_INET, raw[4:8]), port]


def subflow_array(sock, option, size):
    """One bytes object for each subflow that is alive. These socket options also read the buffer,
    which Python's getsockopt() does not support."""
    head = struct.calcsize("=4I")
    buffer = ctypes.create_string_buffer(head + 16 * size)
    struct.pack_into("=4I", buffer, 0, head, 0, 0, size)
    length = ctypes.c_uint32(len(buffer))
    if LIBC.getsockopt(sock.fileno(), SOL_MPTCP, option, buffer, ctypes.byref(length)) != 0:
        return []
    count = struct.unpack_from("=4I", buffer)[1]
    return [buffer.raw[head + i * size : head + (i + 1) * size] for i in range(count)]


def subflows(sock):
    """Addresses and counters of each subflow that is alive."""
    addresses = subflow_array(sock, MPTCP_SUBFLOW_ADDRS, 256)
    infos = subflow_array(sock, MPTCP_TCPINFO, TCP_INFO_BYTES)
    return [
        {"local": read_address(a[:128]), "remote": read_address(a[128:]), **tcp_counters(info)}
        for a, info in zip(addresses, infos)
    ]


def mptcp_info(sock):
    """struct mptcp_info as a dict; None: plain TCP, from the start or after fallback."""
    size = struct.calcsize(MPTCP_INFO_FORMAT)
    try:
        raw = sock.getsockopt(SOL_MPTCP, MPTCP_INFO, 512)
    except OSError:
        return None
    return dict(zip(MPTCP_INFO_NAMES, struct.unpack(MPTCP_INFO_FORMAT, raw[:size])))


def counters(sock):
    """The entry of a socket in kernel.json."""
    info = mptcp_info(sock)
    if info is None:
        raw = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_BYTES)
        return {"mptcp": False, **tcp_counters(raw)}
    chosen = {name: info[name] for name in COUNTERS}
    return {"token": info["token"], **chosen, "mptcp": True, "subflows": subflows(sock)}


def wait_acknowledged(sock, patience):
    """Wait until the peer has acknowledged all data, so that the counters are final."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        info = mptcp_info(sock)
        if info is None or info["snd_una"] == info["write_seq"]:
            return
        time.sleep(0.01)


def pause(log, kind, seconds, since=None):
    """Do nothing for a while, and write down from when to when (ns since 1970).

    @param since  when the pause began; None: now
    """
    if seconds <= 0:
        return
    begin = time.time_ns() if since is None else since
    time.sleep(seconds)
    log.append([kind, begin, time.time_ns()])


def send_bytes(sock, amount, log, pace=None):
    """Send that many bytes.

    @param pace  (bytes, seconds): write so many bytes at such intervals; None: all at once. The
                 writer looks at the clock, so its pause is from the beginning of a write to that of
                 the next: it would not be shorter if the write took less
    """
    size, interval = pace or (1 << 16, 0)
    block = os.urandom(size)
    due = time.monotonic()
    while amount > 0:
        part = block[:amount]
        begin = time.time_ns()
        sock.sendall(part)
        amount -= len(part)
        due += interval
        if interval and amount > 0:
            pause(log, "write", due - time.monotonic(), begin)


def receive_bytes(sock, amount, log, pace=None):
    """Receive that many bytes.

    @param pace  (bytes, seconds): largest read, and pause after each; None: no pauses
    @return how many arrived: fewer only at the end of the stream
    """
    size, rest = pace or (1 << 20, 0)
    left = amount
    while left > 0:
        part = sock.recv(min(left, size))
        if not part:
            break
        left -= len(part)
        if rest:
            pause(log, "read", rest)
    return amount - left


def check(condition, message):
    if not condition:
        raise RuntimeError(message)


def ask(args, sock, log):
    """The client's side of a talk: send a request and wait for the answer, again and again."""
    for number in range(args.talk.rounds):
        if number:
            pause(log, "think", args.talk.client_think)
        for _ in range(args.talk.writes):
            sock.sendall(bytes(args.talk.request))
        check(receive_bytes(sock, args.talk.answer, log) == args.talk.answer, "answer is short")


def answer(args, sock, log):
    """The server's side of a talk."""
    size = args.talk.request * args.talk.writes
    for _ in range(args.talk.rounds):
        check(receive_bytes(sock, size, log) == size, "request is short")
        pause(log, "think", args.talk.server_think)
        send_bytes(sock, args.talk.answer, log)


def serve(args, sock, peer, results, index):
    log = []
    head = b""
    while len(head) < 16:
        part = sock.recv(16 - len(head))
        check(part, "connection closed before the request")
        head += part
    up, down = struct.unpack("!QQ", head)
    if args.talk:
        answer(args, sock, log)
    check(receive_bytes(sock, up, log, args.read) == up, "data up is short")
    send_bytes(sock, down, log)
    check(sock.recv(1) == b"E", "no end mark")
    wait_acknowledged(sock, 5)
    results[index] = {"peer": list(peer[:2]), **counters(sock), "pauses": log}
    try:
        sock.recv(1)  # until the client closes
    except ConnectionResetError:
        pass
    sock.close()


def fetch(args, address, results, index):
    log = []
    sock = make_socket(address, args)
    request = struct.pack("!QQ", args.up, args.down)
    if args.fast_open:
        check(sock.sendto(request, socket.MSG_FASTOPEN, address[4]) == 16, "request cut")
    else:
        sock.connect(address[4])
        sock.sendall(request)
    if index == 0:
        print("connected", flush=True)
    if args.talk:
        ask(args, sock, log)
    pause(log, "think", args.think)
    send_bytes(sock, args.up, log, args.write)
    pause(log, "think", args.think)
    check(receive_bytes(sock, args.down, log) == args.down, "data down is short")
    sock.sendall(b"E")
    wait_acknowledged(sock, 5)
    time.sleep(args.settle)
    results[index] = {"local": list(sock.getsockname()[:2]), **counters(sock), "pauses": log}
    if args.fastclose:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("=ii", 1, 0))
    sock.close()


def make_socket(address, args):
    protocol = socket.IPPROTO_TCP if args.plain else socket.IPPROTO_MPTCP
    sock = socket.socket(address[0], socket.SOCK_STREAM, protocol)
    sock.settimeout(args.limit)
    for option, size in ((socket.SO_SNDBUF, args.sndbuf), (socket.SO_RCVBUF, args.rcvbuf)):
        if size:
            sock.setsockopt(socket.SOL_SOCKET, option, size)
    if args.nodelay:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if args.congestion:
        # In a namespace, sysctl refuses what the machine does not allow everybody.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, args.congestion.encode())
    return sock


def run_threads(tasks, limit):
    """Run functions in parallel. Raises the first error, or an error if they take too long."""
    errors = []

    def guarded(task):
        try:
            task()
        except Exception as error:  # pylint: disable=broad-except
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(task,), daemon=True) for task in tasks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + limit
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
        check(not thread.is_alive(), f"not finished after {limit} s")
    if errors:
        raise errors[0]


def run_server(args):
    host = "::" if args.ipv6 else "0.0.0.0"
    address = socket.getaddrinfo(host, args.port, type=socket.SOCK_STREAM)[0]
    listener = make_socket(address, args)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(address[4])
    listener.listen(64)
    print("ready", flush=True)

    results = [None] * args.connections
    accepted = []

    def accept_and_serve(index):
        sock, peer = listener.accept()
        accepted.append(sock)
        if args.close_listener and len(accepted) == args.connections:
            listener.close()
        sock.settimeout(args.limit)
        serve(args, sock, peer, results, index)

    run_threads([lambda index=index: accept_and_serve(index) for index in range(args.connections)],
                args.limit)
    return results


def run_client(args):
    address = socket.getaddrinfo(args.host, args.port, type=socket.SOCK_STREAM)[0]
    results = [None] * args.connections
    tasks = [
        lambda index=index: fetch(args, address, results, index)
        for index in range(args.connections)
    ]
    run_threads(tasks, args.limit)
    return results


def run_join(args):
    documents = {}
    for end in ("client", "server"):
        with open(getattr(args, end), encoding="utf-8") as file:
            documents[end] = json.load(file)
    return documents


def parse_pace(text):
    """BYTES/SECONDS as (bytes, seconds)."""
    size, seconds = text.split("/")
    return int(size), float(seconds)


Talk = collections.namedtuple("Talk", "rounds writes request client_think server_think answer")


def parse_talk(text):
    """ROUNDS/WRITES/REQUEST/CLIENT_THINK/SERVER_THINK/ANSWER as a Talk."""
    rounds, writes, request, client_think, server_think, size = text.split("/")
    return Talk(int(rounds), int(writes), int(request), float(client_think), float(server_think),
                int(size))


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    modes = parser.add_subparsers(dest="mode", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--connections", type=int, default=1, metavar="N")
    common.add_argument("--out", metavar="FILE", help="write the counters to FILE")
    common.add_argument("--plain", action="store_true", help="plain TCP socket")
    common.add_argument("--limit", type=float, default=60, metavar="SECONDS",
                        help="give up after this time (default 60)")
    common.add_argument("--sndbuf", type=int, metavar="BYTES", help="SO_SNDBUF")
    common.add_argument("--rcvbuf", type=int, metavar="BYTES", help="SO_RCVBUF")
    common.add_argument("--nodelay", action="store_true", help="TCP_NODELAY: no Nagle algorithm")
    common.add_argument("--congestion", metavar="NAME", help="TCP_CONGESTION")
    common.add_argument("--talk", type=parse_talk, metavar=TALK, help=TALK_HELP)

    server = modes.add_parser("server", parents=[common])
    server.add_argument("--ipv6", action="store_true")
    server.add_argument("--read", type=parse_pace, metavar="BYTES/SECONDS",
                        help="read the data up BYTES at a time, and pause after each read")
    server.add_argument("--close-listener", action="store_true",
                        help="close the listener once all connections are accepted")
    server.add_argument("port", type=int)

    client = modes.add_parser("client", parents=[common])
    client.add_argument("--up", type=int, default=0, metavar="BYTES")
    client.add_argument("--down", type=int, default=0, metavar="BYTES")
    client.add_argument("--think", type=float, default=0, metavar="SECONDS",
                        help="pause after the request, and between up and down")
    client.add_argument("--write", type=parse_pace, metavar="BYTES/SECONDS",
                        help="write BYTES of the data up every SECONDS")
    client.add_argument("--settle", type=float, default=0.3, metavar="SECONDS",
                        help="wait before reading the counters and closing")
    client.add_argument("--fastclose", action="store_true", help="abort instead of closing")
    client.add_argument("--fast-open", action="store_true", help="send the request in the SYN")
    client.add_argument("host")
    client.add_argument("port", type=int)

    join = modes.add_parser("join", help="put the counters of both ends into one document")
    join.add_argument("client")
    join.add_argument("server")
    return parser.parse_args()


def main():
    args = parse_arguments()
    run = {"server": run_server, "client": run_client, "join": run_join}[args.mode]
    try:
        results = run(args)
    except (OSError, RuntimeError) as error:
        print(f"transfer.py {args.mode}: {error}", file=sys.stderr)
        return 1
    text = json.dumps(results, indent=1) + "\n"
    if getattr(args, "out", None):
        with open(args.out, "w", encoding="utf-8") as file:
            file.write(text)
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
