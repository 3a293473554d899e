#!/usr/bin/python3
"""The report "flows": packets and bytes of each flow, against the kernel's counters, tshark's count
of frames and captures made by hand; its histogram, against the flows.

usage: test_flows.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import csv
import glob
import json
import os
import struct
import subprocess
import sys
import tempfile
import unittest

import test_copies

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "captures")
SIDES = ("client", "server")
LINK_DOWN = "handover"  # what the kernel sends while a link is down is on no link
COMMAND = "mptcpscope"
MS = 1000000
FIN, SYN, RST, ACK = 1, 2, 4, 16
DSS_ACK = bytes.fromhex("1e082001") + bytes(4)  # a DATA_ACK of 4 bytes


def run(path, *options):
    return subprocess.run([COMMAND, "report", "flows", path, *options], check=True,
                          stdout=subprocess.PIPE, text=True).stdout


def report(path, *options):
    return json.loads(run(path, "-f", "json", *options))


def segment(source, destination, flags, seq, ack=0, payload=0, options=b""):
    """An Ethernet frame with a TCP segment. @param source, destination  (last byte of 10.0.0.x,
    port)"""
    tcp = struct.pack("!HHIIBBHHH", source[1], destination[1], seq, ack, (20 + len(options)) // 4 << 4,
                      flags, 500, 0, 0) + options + bytes(payload)
    ip = struct.pack("!BBHHHBBHBBBBBBBB", 0x45, 0, 20 + len(tcp), seq & 0xFFFF, 0, 64, 6, 0,
                     10, 0, 0, source[0], 10, 0, 0, destination[0])
    return bytes(12) + b"\x08\x00" + ip + tcp


def plain_by_hand():
    """Frames of four flows of plain TCP: 5 and 3 packets, 2 and 1."""
    web, client, other = (2, 80), (1, 1000), (1, 1001)
    return [
        segment(client, web, SYN, 100), segment(web, client, SYN | ACK, 200, 101),
        segment(client, web, ACK, 101, 201), segment(client, web, ACK, 101, 201, 300),
        segment(web, client, ACK, 201, 401), segment(client, web, FIN | ACK, 401, 201),
        segment(web, client, FIN | ACK, 201, 402), segment(client, web, ACK, 402, 202),
        segment(other, web, SYN, 900), segment(web, other, RST | ACK, 0, 901),
        segment(other, web, SYN, 900),
    ]


def by_hand():
    """The same, and those of two flows of MPTCP: 4 and 1 packets, of which the first two have no
    MPTCP option."""
    joined, server = (3, 5000), (4, 5001)
    return plain_by_hand() + [
        segment(joined, server, ACK, 5000, 1, 1000), segment(joined, server, ACK, 6000, 1, 1000),
        segment(joined, server, ACK, 7000, 1, 0, DSS_ACK),
        segment(server, joined, ACK, 1, 7000, 0, DSS_ACK),
        segment(joined, server, ACK, 7000, 1, 500, DSS_ACK),
    ]


def sizes(flows):
    """(source port, destination port): (packets, bytes, is MPTCP)"""
    return {(f["source_port"], f["destination_port"]):
            (f["packets"], f["bytes"], f["connection"] is not None) for f in flows}


class Flows(unittest.TestCase):
    def capture(self, write, frames):
        path = os.path.join(self.folder.name, "made.pcap")
        write(path, frames)
        return path

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()  # pylint: disable=consider-using-with
        self.addCleanup(self.folder.cleanup)

    def timed(self):
        return [(number * MS, frame) for number, frame in enumerate(by_hand())]

    def test_by_hand(self):
        document = report(self.capture(test_copies.write, self.timed()))
        self.assertEqual(sizes(document["flows"]), {
            (1000, 80): (5, 300, False), (80, 1000): (3, 0, False),
            (1001, 80): (2, 0, False), (80, 1001): (1, 0, False),
            (5000, 5001): (4, 2500, True), (5001, 5000): (1, 0, True)})
        rows = [(r["packets_from"], r["packets_to"], r["flows"]["count"], r["flows"]["mptcp"],
                 r["flows"]["plain"], r["packets"]["sum"], r["bytes"]["sum"])
                for r in document["rows"]]
        self.assertEqual(rows, [(1, 1, 2, 1, 1, 2, 0), (2, 3, 2, 0, 2, 5, 0),
                                (4, 7, 2, 1, 1, 9, 2800)])
        self.assertEqual([r["packets"]["cumulative"] for r in document["rows"]],
                         [2 / 16, 7 / 16, 1])

    def test_first_segment_is_the_first_of_the_tcp_connection(self):
        flows = report(self.capture(test_copies.write, self.timed()))["flows"]
        mptcp = [f for f in flows if f["connection"] is not None]
        self.assertEqual({f["frame"] for f in mptcp}, {12})
        self.assertEqual({f["start"] for f in mptcp}, {"0.011000000"})
        self.assertEqual([f["duration"] for f in mptcp], [0.004, 0.004])

    def test_order_of_frames_does_not_matter(self):
        timed = self.timed()
        ordered = report(self.capture(test_copies.write_in_order, timed))
        shuffled = report(self.capture(test_copies.write_in_order,
                                       timed[10:] + timed[5:10] + timed[:5]))
        self.assertEqual(sizes(ordered["flows"]), sizes(shuffled["flows"]))
        self.assertEqual(ordered["rows"], shuffled["rows"])

    def test_copies_count_once(self):
        once = report(self.capture(test_copies.write_sections, [self.timed()]))
        late = [(time + 1000, frame) for time, frame in self.timed()]
        twice = report(self.capture(test_copies.write_sections, [self.timed(), late]))
        self.assertEqual(sizes(once["flows"]), sizes(twice["flows"]))
        self.assertEqual(once["rows"], twice["rows"])

    def test_beginning_without_handshake_is_taken_the_right_way(self):
        """The port says that the server opened the connection, MP_CAPABLE that the client did."""
        client, server = (1, 5000), (2, 5001)
        capable = bytes([30, 20, 1, 1]) + bytes(range(16))
        frames = [segment(client, server, ACK, 101, 201, 10),
                  segment(client, server, ACK, 111, 201, 0, capable)]
        flows = report(self.capture(test_copies.write, [(n * MS, f) for n, f in
                                                        enumerate(frames)]))["flows"]
        self.assertEqual(sizes(flows), {(5000, 5001): (2, 10, True)})
        self.assertEqual(flows[0]["direction"], "c2s")

    def test_one_connection_has_no_plain_tcp(self):
        path = self.capture(test_copies.write, self.timed())
        self.assertEqual({f["connection"] for f in report(path, "-c", "0")["flows"]}, {0})

    def test_text_has_the_largest(self):
        frames = [segment((1, 1000 + n), (2, 80), ACK, 1, 1) for n in range(12) for _ in range(n + 1)]
        text = run(self.capture(test_copies.write, [(n * MS, f) for n, f in enumerate(frames)]))
        self.assertIn("The 10 largest of 12 flows", text)
        ports = [line.split(":")[1].split()[0] for line in text.splitlines() if " > 10." in line]
        self.assertEqual(ports, [str(1011 - n) for n in range(10)])

    def test_text_begins_with_the_smallest_flow(self):
        lines = run(os.path.join(CAPTURES, "lossy", "client.pcapng")).splitlines()
        self.assertEqual([line.split()[:3] for line in lines[5:9]],
                         [["32", "63", "2"], ["64", "127", "0"], ["128", "255", "0"],
                          ["256", "511", "2"]])

    def test_csv_has_the_histogram(self):
        path = os.path.join(CAPTURES, "many", "client.pcapng")
        rows = list(csv.DictReader(run(path, "-f", "csv").splitlines()))
        json_rows = report(path)["rows"]
        self.assertEqual([int(r["flows_count"]) for r in rows],
                         [r["flows"]["count"] for r in json_rows])

    def test_each_table_alone(self):
        """csv and text have the table that is asked for: all flows, in text, too."""
        frames = [segment((1, 1000 + n), (2, 80), ACK, 1, 1) for n in range(12) for _ in range(n + 1)]
        path = self.capture(test_copies.write, [(n * MS, f) for n, f in enumerate(frames)])
        rows = list(csv.DictReader(run(path, "-f", "csv", "--table", "flows").splitlines()))
        flows = report(path)["flows"]
        self.assertEqual([{key: "" if value is None else str(value) for key, value in flow.items()
                           if key != "duration"} for flow in flows],
                         [{key: row[key] for key in row if key != "duration"} for row in rows])
        self.assertEqual(run(path, "-f", "csv", "--table", "rows"), run(path, "-f", "csv"))
        both, first, second = run(path), *(run(path, "--table", t) for t in ("rows", "flows"))
        self.assertEqual(second.count(" > 10."), 12)
        self.assertIn("\nMPTCP Flows: each flow\n", second)
        self.assertEqual((first.count(" > 10."), both.count(" > 10.")), (0, 10))
        self.assertTrue(both.startswith(first.rsplit("=" * 20, 1)[0].rstrip("=\n")))
        self.assertEqual(run(path, "-f", "json", "--table", "flows"), run(path, "-f", "json"))

    def test_tables_of_other_reports(self):
        path = os.path.join(CAPTURES, "checksum", "client.pcapng")
        for name, table in (("events", "checksums"), ("reinjections", "totals")):
            call = [COMMAND, "report", name, path, "-f"]
            csv_text = subprocess.run([*call, "csv", "--table", table], check=True, text=True,
                                      stdout=subprocess.PIPE).stdout
            document = json.loads(subprocess.check_output([*call, "json"]))
            self.assertEqual(len(csv_text.splitlines()) - 1, len(document[table]))
            self.assertGreater(len(document[table]), 0)
        for name, table, message in (("flows", "totals", "has no table \"totals\"; known tables: rows, "
                                                         "flows"), ("rtt", "rows", "only one table")):
            done = subprocess.run([COMMAND, "report", name, path, "--table", table], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(message, done.stderr)

    def test_histogram_is_that_of_the_flows(self):
        for path in glob.glob(os.path.join(CAPTURES, "*", "*.pcapng")):
            document = report(path)
            flows = collections.Counter()
            packets = collections.Counter()
            for flow in document["flows"]:
                bin_of = flow["packets"].bit_length() - 1
                flows[bin_of] += 1
                packets[bin_of] += flow["packets"]
            for number, row in enumerate(document["rows"]):
                self.assertEqual((row["packets_from"], row["packets_to"]),
                                 (2 ** number, 2 ** (number + 1) - 1))
                self.assertEqual((row["flows"]["count"], row["packets"]["sum"]),
                                 (flows[number], packets[number]), (path, row))
            self.assertEqual(sum(r["flows"]["count"] for r in document["rows"]),
                             len(document["flows"]))
            self.assertEqual(document["rows"][-1]["flows"]["cumulative"], 1)

    def test_bytes_are_those_the_kernel_sent(self):
        compared = 0
        for name in sorted(os.listdir(CAPTURES)):
            kernel = os.path.join(CAPTURES, name, "kernel.json")
            if name == LINK_DOWN or not os.path.exists(kernel):
                continue
            with open(kernel, encoding="utf-8") as file:
                sockets = json.load(file)
            for side in SIDES:
                flows = {((f["source"], f["source_port"]),
                          (f["destination"], f["destination_port"])): f
                         for f in report(os.path.join(CAPTURES, name, side + ".pcapng"))["flows"]}
                for subflow in (s for c in sockets[side] for s in c.get("subflows", [])):
                    flow = flows[tuple(subflow["local"]), tuple(subflow["remote"])]
                    self.assertEqual(flow["bytes"], subflow["bytes_sent"], (name, side, subflow))
                    self.assertGreaterEqual(flow["packets"], 1)
                    compared += 1
        self.assertGreater(compared, 50)

    def test_packets_are_tsharks_frames(self):
        for name in ("lossy", "ipv6", "fallback"):
            path = os.path.join(CAPTURES, name, "server.pcapng")
            out = subprocess.run(["tshark", "-r", path, "-Y", "tcp", "-T", "fields", "-e",
                                  "tcp.stream", "-e", "tcp.srcport", "-e", "tcp.len"],
                                 check=True, stdout=subprocess.PIPE, text=True,
                                 stderr=subprocess.DEVNULL).stdout
            frames = collections.Counter()
            payload = collections.Counter()
            for line in out.splitlines():
                stream, port, length = map(int, line.split("\t"))
                frames[stream, port] += 1
                payload[stream, port] += length
            flows = report(path)["flows"]
            self.assertEqual({(f["tcp_stream"], f["source_port"]): (f["packets"], f["bytes"])
                              for f in flows},
                             {key: (count, payload[key]) for key, count in frames.items()})


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
