#!/usr/bin/python3
"""Small captures that came out wrong once (tests/cases), and what is right.

usage: test_cases.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import subprocess
import sys
import unittest

CASES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "cases")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], check=True, stdout=subprocess.PIPE,
                          text=True).stdout


def case(name):
    return os.path.join(CASES, name)


def rows(report, name):
    return json.loads(run("report", report, "--format=json", case(name)))["rows"]


def notes(report, name):
    return json.loads(run("report", report, "--format=json", case(name)))["notes"]


def counters(name):
    return {row["counter"][len("MPTcpExt"):]: (row["client"], row["server"])
            for row in rows("mib", name)}


class Cases(unittest.TestCase):
    def problems(self, name):
        return [problem["text"] for row in rows("summary", name) for problem in row["problems"]]

    def assert_bytes(self, direction, **expected):
        self.assertEqual(expected, {key: direction[key] for key in expected})

    def test_fast_open_accepted(self):
        """The SYN/ACK acknowledges the SYN's 700 bytes, which have no mapping (RFC 8684 B.3)."""
        (connection,), (subflow,) = (rows(report, "tfo-syn-data.pcap")
                                     for report in ("connections", "subflows"))
        self.assertEqual((connection["frame"], connection["state"], connection["subflows"]),
                         (1, "closed", 1))
        self.assertAlmostEqual(subflow["handshake_rtt"], 0.000044, 9)
        self.assert_bytes(connection["c2s"], bytes=25700, data_bytes=25000,
                          retransmitted_bytes=0, reinjected_bytes=0)
        self.assert_bytes(connection["s2c"], bytes=3000, data_bytes=3000)
        self.assertEqual(self.problems("tfo-syn-data.pcap"), [])
        found = counters("tfo-syn-data.pcap")
        self.assertEqual([found["MPCapable" + name] for name in
                          ("SYNTX", "SYNRX", "SYNACKRX", "ACKRX")], [(1, 0), (0, 1), (1, 0), (0, 1)])
        self.assertEqual((found["DssFallback"], found["MPCapableDataFallback"]), ((0, 0), (0, 0)))

    def test_fast_open_refused(self):
        """The SYN's 700 bytes are sent again, with a mapping."""
        connection, = rows("connections", "tfo-rejected.pcap")
        self.assert_bytes(connection["c2s"], bytes=1400, data_bytes=700, retransmitted_bytes=700,
                          reinjected_bytes=0)
        self.assertEqual(self.problems("tfo-rejected.pcap"), [])

    def test_refused_by_icmp(self):
        """A router refuses a join: seen by the client (IPv4, IPv6), and by the router itself."""
        for name, words, frame in (("host-unreachable", "host unreachable, from 10.0.2.99", 9),
                                   ("no-route", "no route to destination, from fd00:2::99", 9),
                                   ("router-any", "host unreachable, from 10.0.2.99", 16)):
            name = f"join-icmp-{name}.pcapng"
            (summary,), (initial, join) = rows("summary", name), rows("subflows", name)
            self.assertEqual((initial["icmp_error"], initial["icmp_sender"]), (None, None))
            self.assertEqual((join["state"], join["reset_reason"],
                              f"{join['icmp_error']}, from {join['icmp_sender']}"),
                             ("reset", None, words))
            self.assertEqual((summary["subflows_tried"], summary["subflows_accepted"]), (2, 1))
            refusal = f"SYN with MP_JOIN refused by ICMP: {words}"
            self.assertEqual([(problem["frame"], problem["text"]) for problem in summary["problems"]
                              if problem["subflow"] == 1], [(frame, refusal)])
            self.assertNotIn("never answered", run("report", "summary", case(name)))

    def test_notes(self):
        """Options that the snaplen cuts, and the absence of MPTCP, are said in every report."""
        cut = "The snaplen cuts the TCP options of 38 of 49 MPTCP segments."
        for report in ("connections", "summary", "mib", "series"):
            self.assertEqual(notes(report, "snaplen80.pcap"), [cut])
            self.assertIn(f"\nNote: {cut}\n", run("report", report, case("snaplen80.pcap")))
        all_cut, none = notes("connections", "hostile/snap54.pcapng")
        self.assertEqual(all_cut, "The snaplen cuts the TCP options of 756 of 756 TCP segments.")
        self.assertIn("no MPTCP connection in 756 TCP segments", none)
        self.assertEqual(notes("connections", "lone-rst.pcap"), [])

    def test_tunnels(self):
        for name in ("plain", "pppoe", "vxlan"):
            connection, = rows("connections", f"tunnel-{name}.pcap")
            self.assert_bytes(connection["c2s"], segments=10, bytes=3100)

    def test_interfaces(self):
        """Interfaces of two link types in one pcapng file, which libpcap refuses."""
        connection, = rows("connections", "interfaces-link-types.pcapng")
        self.assertEqual(connection["subflows"], 2)
        self.assert_bytes(connection["c2s"], bytes=10100)
        self.assert_bytes(connection["s2c"], bytes=5000)

    def test_custom_blocks(self):
        """Wireshark numbers custom blocks as frames, of which two come before the first SYN."""
        self.assertEqual([row["frame"] for row in rows("subflows", "custom-blocks.pcapng")],
                         [3, 36])

    def test_fragments(self):
        connection, = rows("connections", "fragments.pcap")
        self.assert_bytes(connection["c2s"], bytes=10100)
        self.assert_bytes(connection["s2c"], bytes=5000)

    def test_after_2038(self):
        """Seconds of pcap are unsigned."""
        connection, = rows("connections", "after-2038.pcap")
        self.assertEqual((connection["start"], connection["duration"], connection["checksum"]),
                         ("2147483700.000000000", 0.087201, False))
        data = rows("limits", "after-2038.pcap")[0]
        self.assertEqual(data["limited_by"], "sender")
        self.assertAlmostEqual(data["sender"], 0.6, 3)
        self.assertAlmostEqual(data["rtt"]["min"], 0.010, 5)
        self.assertAlmostEqual(data["rtt"]["max"], 0.021, 5)

    def test_slow_first_answer(self):
        """The server had to find the client's link address before its SYN/ACK. The packet type shows
        which host captured."""
        for name, near in (("ns1", "server"), ("ns2", "client")):
            path = f"near-wrong/{name}.pcap"
            self.assertEqual({row["near"] for row in rows("mib", path)}, {near})
            for report in ("limits", "reordering"):
                for row in rows(report, path):
                    sends = (row["direction"] == "c2s") == (near == "client")
                    self.assertEqual(row["near"], "sender" if sends else "receiver")

    def test_late_segments(self):
        """What the tracker held to the end counts in each format: all 123 packets."""
        path = "near-wrong/ns1.pcap"
        connection, = rows("connections", path)
        self.assertEqual([connection[way]["segments"] for way in ("c2s", "s2c")], [59, 64])
        heading, row = (line.split(",") for line in
                        run("report", "connections", "--format=csv", case(path)).splitlines())
        found = dict(zip(heading, row))
        self.assertEqual([found[f"{way}_segments"] for way in ("c2s", "s2c")], ["59", "64"])

    def subflows(self, name):
        """(state, reset reason) of each subflow; how many were tried, accepted, unused."""
        connection, = rows("connections", name)
        summary, = rows("summary", name)
        self.assertEqual(connection["subflows"], summary["subflows_accepted"])
        self.assertEqual([row["accepted"] for row in summary["subflows"]].count(True),
                         summary["subflows_accepted"])
        return ([(row["state"], row["reset_reason"]) for row in rows("subflows", name)],
                (summary["subflows_tried"], summary["subflows_accepted"],
                 summary["subflows_unused"]))

    def test_lone_rst(self):
        connection, = rows("connections", "lone-rst.pcap")
        self.assertEqual(connection["state"], "reset")
        states, counts = self.subflows("lone-rst.pcap")
        self.assertEqual((states[0][0], counts), ("reset", (1, 0, 0)))
        text = run("report", "summary", case("lone-rst.pcap"))
        self.assertIn("reset by the server before any payload: MPTCP-specific error", text)
        self.assertNotIn("SYN", text)

    def test_join_without_third_ack(self):
        self.assertEqual(self.subflows("join-no-third-ack.pcap")[1], (2, 1, 0))
        self.assertIn("3 SYN/ACKs with MP_JOIN, but no third ACK: not accepted",
                      self.problems("join-no-third-ack.pcap"))

    def test_join_refused(self):
        states, counts = self.subflows("join-refused-listener-closed-real.pcap")
        self.assertEqual((states[1][0], counts), ("reset", (2, 1, 0)))
        text = run("report", "summary", case("join-refused-listener-closed-real.pcap"))
        self.assertIn("SYN with MP_JOIN answered with RST", text)
        self.assertNotIn("never answered", text)
        for side in ("ns1", "ns2"):
            name = f"syn-rst-never-answered/{side}.pcap"
            self.assertEqual(self.subflows(name)[0][3][0], "reset")
            self.assertNotIn("never answered", run("report", "summary", case(name)))

    def test_accepted(self):
        """The kernel accepted no MP_JOIN: their third ACKs never came."""
        for side in ("connect", "listen"):
            self.assertEqual(self.subflows(f"accepted-unused/{side}.pcap")[1], (3, 1, 0))

    def test_reset_reason(self):
        """Frame 9 ends the subflow; what answers it in frame 10 is not the reason."""
        for side in ("ns1", "ns2"):
            states, counts = self.subflows(f"reset-reason/{side}.pcap")
            self.assertEqual(counts, (2, 1, 0))
            self.assertEqual(states[1], ("reset", "Administratively prohibited"))
            self.assertIn("Administratively prohibited",
                          run("report", "summary", case(f"reset-reason/{side}.pcap")))

    def test_third_ack_lost(self):
        """The third ACK was lost on the way to the listener. No path took options away."""
        for side, reason, rtt in (("listen", "no MP_CAPABLE in ACK", None),
                                  ("connect", "third ACK lost", 0.0000875)):
            name = f"fallback-third-ack-lost/{side}.pcap"
            self.assertEqual(rows("connections", name)[0]["fallback"], reason)
            self.assertEqual(rows("subflows", name)[0]["handshake_rtt"], rtt)
        self.assertEqual(
            counters("fallback-third-ack-lost/listen.pcap")["MPCapableFallbackACK"][1], 1)
        self.assertEqual(
            counters("fallback-third-ack-lost/connect.pcap")["MPCapableDataFallback"][0], 1)

    def test_third_ack_lost_counters(self):
        """The client's capture cannot show what the server counted for the third ACK (kernel: 0, 1,
        0)."""
        found = counters("fallback-third-ack-lost/connect.pcap")
        for name in ("MPCapableACKRX", "MPCapableFallbackACK", "DssFallback"):
            self.assertEqual(found[name], (0, None), name)

    def test_acknowledged_but_not_captured(self):
        """Frame 12 is missing. The server had it: it accepted the RST behind it."""
        whole = counters("mib-one-segment-uncaptured/ns1-121-whole.pcap")
        found = counters("mib-one-segment-uncaptured/ns1-121-without-frame-12.pcap")
        for name in ("MPFastcloseRx", "MPRstRx"):
            self.assertEqual(found[name], (0, 1))
        for name, figures in found.items():
            for figure, right in zip(figures, whole[name]):
                self.assertIn(figure, (right, None), name)
        self.assertEqual(found["AddAddr"], (None, None))

    def test_one_way_counters(self):
        """No segment of the client was captured."""
        found = counters("one-way-server.pcap")
        for name in ("MPCapableSYNTX", "MPCapableSYNACKRX", "MPRstTx", "MPJoinSynTx"):
            self.assertIsNone(found[name][0], name)

    def test_address_never_answered(self):
        self.assertEqual(self.problems("addaddr-never-answered.pcap"),
                         ["ADD_ADDR of 10.0.2.2 (address ID 1) from the server: sent 3 times, "
                          "never echoed, never followed by a join"])

    def test_clock_leaps_back(self):
        found = [text for text in self.problems("clock-back-1h.pcap") if "leap back" in text]
        self.assertEqual(len(found), 1)
        note = ["Times leap back by 3599.999 s in frame 12: the clock was set. Times and rates "
                "across it are not right."]
        for report in ("connections", "subflows", "rtt", "reordering"):
            self.assertEqual(notes(report, "clock-back-1h.pcap"), note)
        for report in ("connections", "subflows"):
            row, = rows(report, "clock-back-1h.pcap")
            self.assertIsNone(row["duration"])
        for row in rows("reordering", "clock-back-1h.pcap"):
            self.assertEqual((row["reordered_segments"], row["held_segments"]), (0, 0))

    def test_clock_leaps_back_rtt(self):
        """Segments keep the order of the file: as if the clock had gone on."""
        found = [(row["samples"], row["min"], row["max"])
                 for row in rows("rtt", "clock-back-1h.pcap") if row["direction"] == "c2s"]
        self.assertEqual(found, [(3, 0.01, 0.021), (11, 0.01, 0.025)])

    def test_clock_leaps_back_limits(self):
        for row in rows("limits", "clock-back-1h.pcap"):
            self.assertEqual((row["duration"], row["limited_by"], row["idle"]), (None,) * 3)
            self.assertEqual(row["why"], "the clock of the capture leapt"
                             if row["direction"] == "c2s" else "no data")

    def test_clock_leaps_back_interarrival(self):
        row, = [row for row in rows("interarrival", "clock-back-1h.pcap")
                if row["direction"] == "c2s"]
        self.assertEqual((row["gap"]["max"], row["jump"]["count"], row["switch_rate"]),
                         (0.01, 0, None))

    def test_order_of_interfaces(self):
        """The frames of one interface follow all those of the other. The DATA_ACK of a segment
        stands before it, but its time does not. reordercap gives the right file."""
        lossy = os.path.join(CASES, "..", "..", "captures", "lossy", "client.pcapng")
        for name in ("hostile/order-concatenated.pcapng", lossy):
            data = [row for row in rows("rtt", name) if row["level"] == "data"]
            self.assertEqual([row["samples"] for row in data], [208, 150])
            self.assertAlmostEqual(data[1]["p95"], 0.075552, 6)
            self.assertEqual(notes("rtt", name), [])

    def test_key_changed(self):
        self.assertIn("the client's keys in the SYN (frame 1) and in the ACK differ: changed on the "
                      "path, or sent by another host; the server's agree",
                      self.problems("key-changed-v0.pcap"))

    def test_fin_without_data_fin(self):
        name = "fin-without-datafin.pcap"
        self.assertEqual(rows("connections", name)[0]["state"], "closed")
        self.assertEqual(rows("summary", name)[0]["ended"], "every subflow closed by FIN")
        self.assertEqual(self.problems(name), ["closed without a DATA_FIN"])

    def test_acknowledged_in_flight(self):
        """The ACK of an uncaptured segment came while later data were in flight."""
        found = counters("acknowledged-in-flight.pcapng.gz")
        self.assertEqual(found["AddAddr"], (None, None))
        self.assertEqual(found["MPCapableSYNTX"], (1, 0))

    def test_closed_before_removal(self):
        """A subflow that closed long before REMOVE_ADDR was not removed by it."""
        problem, = self.problems("closed-before-removal.pcapng")
        self.assertEqual(problem, "closed 3.792 s before the connection")

    def test_widest_leap(self):
        problem, = (text for text in self.problems("hostile/leap.csv") if "times leap" in text)
        self.assertIn("times leap back by 9223372036.855 s", problem)

    def test_subflow_removed(self):
        for side in ("ns1", "ns2"):
            found, = self.problems(f"removed-backup-not-told/{side}.pcap")
            self.assertIn("removed by the client: REMOVE_ADDR of its address ID 1; the connection "
                          "continued for 3.79", found)

    def test_one_way(self):
        """The client's data was not captured, but acknowledged: 10 100 bytes on subflow 0, 10 000
        on subflow 1."""
        name = "one-way-server.pcap"
        for row in [*rows("connections", name), *rows("subflows", name), *rows("summary", name),
                    *rows("summary", name)[0]["subflows"]]:
            self.assertEqual({row["c2s"][key] for key in row["c2s"] if key != "segments"}, {None})
            self.assertEqual(row["c2s"]["segments"], 0)
        connection, = rows("connections", name)
        self.assert_bytes(connection["s2c"], bytes=10000, data_bytes=10000)
        self.assertEqual(self.subflows(name)[1], (2, 2, 0))
        text = " ".join(self.problems(name))
        self.assertIn("though 10100 bytes of it were acknowledged", text)
        self.assertIn("though 10000 bytes of it were acknowledged", text)
        self.assertIn("what the client sent was not captured", text)
        self.assertNotIn("not acknowledged", text)
        self.assertNotIn("unused", run("report", "summary", case(name)).replace("0 of them unused", ""))

    def test_options_cut(self):
        """The snaplen cut the options of nearly all segments: nothing is the sender's fault."""
        name = "snaplen80.pcap"
        connection, = rows("connections", name)
        self.assert_bytes(connection["c2s"], bytes=20100, data_bytes=None, reinjected_bytes=None,
                          retransmitted_bytes=0)
        summary, = rows("summary", name)
        self.assertEqual(summary["warnings"], 0)
        self.assertIn("the snaplen cut the options of 13 segments", self.problems(name)[0])
        found = counters(name)
        self.assertEqual(found["MPCapableSYNTX"], (1, 0))
        for counter, host in (("MPCapableSYNRX", 1), ("MPJoinSynTx", 0),
                              ("AddAddr", 0), ("DataCsumErr", 1)):
            self.assertIsNone(found[counter][host], counter)

    def test_no_options_captured(self):
        """Each TCP header was cut before its MPTCP option: no connection, and no counter."""
        self.assertEqual(rows("connections", "hostile/snap54.pcapng"), [])
        self.assertEqual(set(counters("hostile/snap54.pcapng").values()), {(None, None)})

    def test_options_vanish_after_data(self):
        """Frames 3 to 6 had their options."""
        text = " ".join(run("report", "summary", case("options-vanish-after-data.pcap")).split())
        self.assertIn("the path removes the options from later segments", text)

    def test_mp_fail_answered(self):
        """Frame 32 answers the server's MP_FAIL. The client got no wrong data."""
        for side in ("ns1", "ns2"):
            found = [text for text in self.problems(f"mp-fail-answer/{side}.pcap")
                     if text.startswith("MP_FAIL")]
            self.assertEqual(found, ["MP_FAIL: the server received data with a wrong DSS checksum"])

    def test_terminal_escapes(self):
        """No control character of a file reaches the terminal, in reports or errors."""
        name, other = case("hostile/name-escapes.csv"), os.path.join(
            CASES, "..", "..", "captures", "lossy", "server.pcapng")
        shown = "a\\x1b[31m\\x0a=cmd\"\\xff\\xc3.pcap"
        for command in ("owd", "map", "clock", "diff", "reinjections"):
            text = run(command, name, other)
            self.assertEqual(text.splitlines()[0], "A: " + shown)
            self.assertTrue(text.replace("\n", "").isprintable())
            document = json.loads(run(command, name, other, "--format=json"))
            self.assertEqual(document["captures"][0], "a\x1b[31m\n=cmd\"\ufffd\ufffd.pcap")
            self.assertTrue(run(command, name, other, "--format=csv").replace("\n", "")
                            .isprintable())
        for path, part in (("version-escape.csv", "has version 7\\x1b[31m;"),
                           ("no\x1bsuch\nfile", "no\\x1bsuch\\x0afile: No such file")):
            done = subprocess.run([COMMAND, "report", "connections", case("hostile/" + path)],
                                  check=False, capture_output=True, text=True)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertTrue(done.stderr[:-1].isprintable(), done.stderr)
            self.assertIn(part, done.stderr)

    def test_cut_off(self):
        """What was whole is reported, and a warning."""
        done = subprocess.run([COMMAND, "report", "connections", "--format=json",
                               case("cut-off.pcap")], check=True, capture_output=True, text=True)
        connection, = json.loads(done.stdout)["rows"]
        self.assertEqual((connection["c2s"]["segments"], connection["s2c"]["segments"],
                          connection["c2s"]["data_bytes"]), (3, 2, 100))
        self.assertEqual(done.stderr.count("\n"), 1)
        self.assertIn("warning: the file is cut off after frame 5", done.stderr)

    def test_many_strays(self):
        """2000 subflows without a handshake, of one connection, as their sequence numbers show."""
        connection, = rows("connections", "hostile/strays-2000.pcap")
        self.assertEqual(connection["subflows"], 2001)

    def test_shown_twice(self):
        """A router with MASQUERADE, and a capture whose places nothing tells apart."""
        for name, addresses, c2s, s2c in (
                ("twice.pcap", ["10.0.0.1"], 20100, 20000),
                ("twice-nat-real.pcap", ["10.0.1.1", "10.0.2.1"], 300017, 200000)):
            connection, = rows("connections", name)
            self.assertEqual([row["client"] for row in rows("subflows", name)], addresses)
            self.assert_bytes(connection["c2s"], bytes=c2s, data_bytes=c2s,
                              retransmitted_bytes=0, reinjected_bytes=0)
            self.assert_bytes(connection["s2c"], bytes=s2c, data_bytes=s2c,
                              retransmitted_bytes=0, reinjected_bytes=0)
            for report in ("connections", "mib", "events", "limits", "series", "summary"):
                self.assertIn("segments more than once, for example on several interfaces or "
                              "before and after NAT; each counts once.", " ".join(notes(report, name)))


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
