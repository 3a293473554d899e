#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compare the reports on captures of a router with what the hosts did.

    CAPTURES=DIR gateway.py PATH_OF_MPTCPSCOPE [unittest options]

DIR has results of the lab's scenarios with GATEWAY=1. Each has the captures of both hosts, and two
of the router between them: on each of its interfaces, and on "any". A router shows every segment
twice, before and after it changes addresses and ports. Of several interfaces dumpcap writes bursts,
so that the frames are not in the order of their times; those of "any" are.
"""
import json
import os
import subprocess
import sys
import unittest

CAPTURES = os.environ["CAPTURES"]
NAMES = sorted(os.listdir(CAPTURES))
TRANSLATED = [name for name in NAMES if name.startswith("masquerade")]
REFUSED = [name for name in NAMES if name.startswith("unreachable")]
ROUTER = ("gateway", "any")
DIRECTIONS = (("client", "c2s"), ("server", "s2c"))
BYTES = ("bytes", "data_bytes", "retransmitted_bytes", "reinjected_bytes")
COMMAND = "mptcpscope"


def path(name, place):
    return os.path.join(CAPTURES, name, place + ".pcapng")


def run(*arguments):
    return subprocess.run(arguments, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True).stdout


def report(which, name, place):
    return json.loads(run(COMMAND, "report", which, path(name, place), "--format=json"))


def subflows(name, place):
    """The rows of the subflows by path; their order in the file may be another one."""
    return sorted(report("subflows", name, place)["rows"], key=lambda row: row["server"])


def kernel(name):
    """The counters of the only connection at both ends."""
    with open(os.path.join(CAPTURES, name, "kernel.json"), encoding="utf-8") as file:
        return {side: infos[0] for side, infos in json.load(file).items()}


def nstat(name, side):
    with open(os.path.join(CAPTURES, name, "nstat." + side), encoding="utf-8") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}


class Router(unittest.TestCase):
    """One connection, as its hosts saw it."""

    def test_figures_are_the_kernels(self):
        for name in NAMES:
            truth = kernel(name)
            for place in ROUTER:
                row, = report("connections", name, place)["rows"]
                self.assertEqual(row["state"], "closed", (name, place))
                for side, direction in DIRECTIONS:
                    sent = row[direction]
                    self.assertEqual((sent["data_bytes"], sent["reinjected_bytes"]),
                                     (truth[side]["bytes_sent"], truth[side]["bytes_retrans"]),
                                     (name, place, direction))

    def test_figures_are_those_of_the_client(self):
        """The paths lose nothing, so the router sees what the client sends and receives."""
        for name in NAMES:
            own = subflows(name, "client")
            for place in ROUTER:
                rows = subflows(name, place)
                self.assertEqual(len(rows), len(own))
                for row, other in zip(rows, own):
                    self.assertEqual(row["state"], other["state"], (name, place))
                    for _, direction in DIRECTIONS:
                        self.assertEqual([row[direction][key] for key in BYTES],
                                         [other[direction][key] for key in BYTES], (name, place))

    def test_addresses_are_those_before_the_router(self):
        for name in NAMES:
            for row, other in zip(subflows(name, "any"), subflows(name, "client"), strict=True):
                for key in ("client", "client_port", "server", "server_port"):
                    self.assertEqual(row[key], other[key], name)

    def test_a_note_says_that_segments_are_shown_twice(self):
        for name in NAMES:
            for place in ROUTER:
                notes = report("summary", name, place)["notes"]
                self.assertEqual(sum("segments more than once" in note for note in notes), 1, notes)
            self.assertEqual(report("summary", name, "client")["notes"], [])

    def test_counters_are_those_of_both_kernels_or_unknown(self):
        for name in NAMES:
            for place in ROUTER:
                compared = 0
                for row in report("mib", name, place)["rows"]:
                    for side, _ in DIRECTIONS:
                        value = nstat(name, side)[row["counter"]]
                        self.assertIn(row[side], (value, None), (name, place, row))
                        compared += row[side] is not None and value > 0
                self.assertGreater(compared, 5, (name, place))

    def test_each_host_counts_what_its_capture_says(self):
        for name in NAMES:
            for side, _ in DIRECTIONS:
                truth = nstat(name, side)
                for row in report("mib", name, side)["rows"]:
                    self.assertEqual(row[side], truth[row["counter"]], (name, side, row))


@unittest.skipUnless(TRANSLATED, "no such capture")
class Translation(unittest.TestCase):
    def test_two_subflows_carry_data_both_ways(self):
        for name in TRANSLATED:
            for place in ROUTER + ("client", "server"):
                rows = subflows(name, place)
                self.assertEqual([row["state"] for row in rows], 2 * ["closed"], (name, place))
                for row in rows:
                    self.assertTrue(row["c2s"]["data_bytes"] and row["s2c"]["data_bytes"], row)

    def test_the_server_sees_other_addresses_and_ports(self):
        for name in TRANSLATED:
            ends = [[(row["client"], row["client_port"]) for row in subflows(name, side)]
                    for side, _ in DIRECTIONS]
            for before, after in zip(*ends):
                self.assertNotEqual(before[0], after[0])
                self.assertNotEqual(before[1], after[1])

    def test_all_segments_have_their_match(self):
        for name in TRANSLATED:
            for a, b in (("client", "server"), ("client", "gateway"), ("any", "server")):
                rows = json.loads(run(COMMAND, "owd", path(name, a), path(name, b),
                                      "--format=json"))["rows"]
                self.assertEqual(len(rows), 4, (name, a, b))
                for row in rows:
                    self.assertEqual((row["matched"], row["lost"]), (row["sent"], 0), (name, a, b))


@unittest.skipUnless(REFUSED, "no such capture")
class Unreachable(unittest.TestCase):
    """A router answers the SYN of a join with ICMP: the join was refused."""

    def test_the_router_refuses(self):
        for name in REFUSED:
            for place in ROUTER + ("client",):
                errors = run("tshark", "-n", "-r", path(name, place),
                             "-Y", "icmp.type == 3 || icmpv6.type == 1")
                self.assertEqual(len(errors.splitlines()), 1, (name, place))

    def test_the_join_was_refused(self):
        for name in REFUSED:
            for place in ROUTER + ("client",):
                row, = report("summary", name, place)["rows"]
                self.assertEqual((row["subflows_tried"], row["subflows_accepted"]), (2, 1))
                join, = (subflow for subflow in row["subflows"] if not subflow["initial"])
                words = "no route to destination" if name.endswith("6") else "host unreachable"
                self.assertEqual((join["state"], join["accepted"], join["handshake_rtt"],
                                  join["c2s"]["segments"], join["s2c"]["segments"],
                                  join["reset_reason"], join["icmp_error"]),
                                 ("reset", False, None, 1, 0, None, words), (name, place))
                problem, = (problem for problem in row["problems"]
                            if problem["subflow"] == join["subflow"])
                self.assertEqual((problem["problem"], problem["severity"], problem["text"]),
                                 ("icmp_refused", "warning", "SYN with MP_JOIN refused by ICMP: "
                                  f"{words}, from {join['icmp_sender']}"), (name, place))
                event, = (event for event in report("events", name, place)["rows"]
                          if event["event"] == "ICMP error")
                self.assertEqual((event["subflow"], event["step"], event["direction"],
                                  event["frame"], event["address"]),
                                 (join["subflow"], "SYN", "c2s", problem["frame"],
                                  join["icmp_sender"]), (name, place))

    def test_the_server_knows_nothing_of_it(self):
        for name in REFUSED:
            row, = report("summary", name, "server")["rows"]
            self.assertEqual((row["subflows_tried"], row["subflows_accepted"]), (1, 1))
            self.assertNotIn("icmp_refused", [problem["problem"] for problem in row["problems"]])


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
