#!/usr/bin/python3
"""Compares the reports rtt and series on the shipped captures with the delays that the lab set, the
kernel's own RTTs, tcptrace (if it is installed), and the reports subflows and connections.

usage: test_rtt.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = sorted(n for n in os.listdir(CAPTURES)
               if os.path.exists(os.path.join(CAPTURES, n, "kernel.json")))
COMMAND = "mptcpscope"
TRACED = 0.000051  # seconds: tcptrace prints tenths of a millisecond
# Round-trip delays of path 1 and 2, seconds (captures/README.md).
PATHS = {"twopath": (.022, .060), "lossy": (.020, .060), "ipv6": (.010, .027),
         "many": (.012, .040), "checksum": (.016, .028), "handover": (.016, .048)}


def path(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False)


def report(name, side, which, *options):
    done = run("report", which, path(name, side), "--format=json", *options)
    if done.returncode != 0:
        raise AssertionError(f"{name} {which}: {done.stderr}")
    return json.loads(done.stdout)["rows"]


def subflows(name, side):
    return {(r["connection"], r["subflow"]): r for r in report(name, side, "subflows")}


def each_end():
    for name in NAMES:
        for side in ("client", "server"):
            yield name, side


class Delay(unittest.TestCase):
    """Near the sender of data the least RTT is the path's round-trip delay or a little more."""

    def test_configured_delays(self):
        checked = 0
        for name, delays in PATHS.items():
            for side, direction in (("client", "c2s"), ("server", "s2c")):
                ends = subflows(name, side)
                for row in report(name, side, "rtt"):
                    if row["level"] != "subflow" or row["direction"] != direction \
                            or row["min"] is None:
                        continue
                    where = ends[row["connection"], row["subflow"]]["client"]
                    delay = delays[0 if re.match(r"(10\.0\.1\.|fd00:1:)", where) else 1]
                    with self.subTest(capture=name, side=side, row=row):
                        self.assertGreaterEqual(row["min"], delay)
                        if row["samples"] > 30:  # sending a segment takes up to 6 ms
                            self.assertLess(row["min"], delay + .012)
                    checked += 1
        self.assertGreater(checked, 20)

    def test_far_end_answers_at_once(self):
        for name in PATHS:
            for side, direction in (("client", "s2c"), ("server", "c2s")):
                for row in report(name, side, "rtt"):
                    if row["level"] == "subflow" and row["direction"] == direction \
                            and row["min"] is not None:
                        self.assertLess(row["min"], .002, (name, side, row))

    def test_minima_of_both_directions_are_the_same_at_both_ends(self):
        for name in ("twopath", "ipv6"):
            sums = []
            for side in ("client", "server"):
                rows = [r for r in report(name, side, "rtt") if r["level"] == "subflow"]
                for subflow in (0, 1):
                    pair = [r["min"] for r in rows if r["subflow"] == subflow]
                    if None not in pair:
                        sums.append((subflow, sum(pair)))
            self.assertGreaterEqual(len(sums), 2)
            for subflow, value in sums:
                for other, least in sums:
                    if subflow == other:  # queues differ by direction
                        self.assertAlmostEqual(value, least, delta=.005, msg=name)

    def test_kernel(self):
        """The least RTT of TCP_INFO is between that of the handshake and ours. The server's kernel
        includes the handshake, for a subflow that joins in whole ms. On clean paths the client's
        least RTT is ours."""
        checked = 0
        for name in set(NAMES) - {"fallback", "stripped", "nat", "gso"}:
            with open(os.path.join(CAPTURES, name, "kernel.json"), encoding="utf-8") as file:
                truth = json.load(file)
            for side, direction in (("client", "c2s"), ("server", "s2c")):
                ports = {(r[side], r[side + "_port"], r["server" if side == "client" else "client"],
                          r["server_port" if side == "client" else "client_port"]): key
                         for key, r in subflows(name, side).items()}
                rows = {(r["connection"], r["subflow"]): r for r in report(name, side, "rtt")
                        if r["direction"] == direction and r["level"] == "subflow"}
                for info in truth[side]:
                    for own in info.get("subflows", []):
                        key = ports.get(tuple(own["local"] + own["remote"]))
                        if key is None or rows[key]["samples"] < 10:
                            continue
                        with self.subTest(capture=name, side=side, own=own, row=rows[key]):
                            least, row = own["min_rtt_us"] / 1e6, rows[key]
                            self.assertLess(least, row["min"] + .0005)
                            self.assertGreater(least, min(row["min"], row["handshake_rtt"]) - .0005)
                            if (name, side) == ("twopath", "client"):
                                self.assertAlmostEqual(least, row["min"], delta=.00002)
                        checked += 1
        self.assertGreater(checked, 10)


@unittest.skipUnless(shutil.which("tcptrace"), "tcptrace is not installed")
class Tcptrace(unittest.TestCase):
    """The same samples as tcptrace, except those that docs/report-rtt.md names."""

    @staticmethod
    def traced(file):
        text = subprocess.run(["tcptrace", "-n", "-l", "-r", file], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, check=False).stdout
        found = {}
        for block in re.split(r"^TCP connection \d+:$", text.decode("latin-1"), flags=re.M)[1:]:
            ends = re.findall(r"host \w+:\s+(\S+):(\d+)", block)
            sides = ({}, {})
            for label, one, other in re.findall(r"^\s+(.+?):\s+(\S+)(?: ms)?\s+\1:\s+(\S+)", block,
                                                flags=re.M):
                sides[0][label], sides[1][label] = one, other
            for i in (0, 1):
                found[ends[i] + ends[1 - i]] = sides[i]
        return found

    def test_subflows_without_loss(self):
        checked = 0
        for name, side in each_end():
            traced = self.traced(path(name, side))
            ends = subflows(name, side)
            for row in report(name, side, "rtt"):
                if row["level"] != "subflow" or row["samples"] < 10:
                    continue
                known = ends[row["connection"], row["subflow"]]
                client = (known["client"], str(known["client_port"]))
                server = (known["server"], str(known["server_port"]))
                theirs = traced.get(client + server if row["direction"] == "c2s"
                                    else server + client)
                if theirs is None:
                    self.assertEqual(name, "ipv6", "tcptrace reads every other capture")
                    continue
                uncertain = int(theirs.get("ambiguous acks", 0)) + int(theirs["post-loss acks"])
                if known[row["direction"]]["retransmitted_bytes"] or uncertain or name == "gso":
                    continue  # tcptrace sees no sample in the middle of a super-segment
                with self.subTest(capture=name, side=side, row=row):
                    handshake = 1 if known["state"] != "closed" else 2  # SYN, and FIN
                    self.assertEqual(row["samples"], int(theirs["RTT samples"]) - handshake)
                    if row["max"] > .01:  # otherwise it may be the handshake's
                        self.assertAlmostEqual(row["max"], float(theirs["RTT max"]) / 1e3,
                                               delta=TRACED)
                checked += 1
        self.assertGreater(checked, 10)


class Series(unittest.TestCase):
    """Intervals add up to the whole."""

    KEYS = ("segments", "bytes", "data_bytes", "retransmitted_bytes", "reinjected_bytes")

    def test_intervals_add_up_to_the_subflows(self):
        for name, side in each_end():
            for interval in ("1", "0.1", "0.0137"):
                sums = {}
                for row in report(name, side, "series", "--interval", interval):
                    key = row["connection"], row["subflow"], row["direction"]
                    total = sums.setdefault(key, dict.fromkeys(self.KEYS, 0))
                    for k in self.KEYS:
                        total[k] += row[k]
                for key, row in subflows(name, side).items():
                    for direction in ("c2s", "s2c"):
                        expected = {k: row[direction][k] for k in self.KEYS}
                        self.assertEqual(sums.pop(key + (direction,)), expected, (name, side, key))
                self.assertEqual(sums, {})

    def test_intervals_are_of_one_length_and_in_order(self):
        for name, side in each_end():
            rows = report(name, side, "series", "--interval=0.25")
            starts = [r["start_relative"] for r in rows]
            self.assertEqual(starts, sorted(starts))
            self.assertEqual(starts[:1], [0] if starts else [])
            for row in rows:
                self.assertEqual(row["start_relative"] / .25 % 1, 0)
                self.assertAlmostEqual(row["throughput"], row["bytes"] * 8 / .25, places=3)
                for key in ("in_flight", "data_in_flight"):
                    if row[key] is not None:
                        self.assertLessEqual(row[key], row[key + "_max"])

    def test_mean_rtt_of_one_long_interval_is_that_of_rtt(self):
        for name, side in each_end():
            whole = {(r["connection"], r["subflow"], r["direction"]): r
                     for r in report(name, side, "series", "--interval", "1000")}
            for row in report(name, side, "rtt"):
                if row["level"] == "subflow":
                    key = row["connection"], row["subflow"], row["direction"]
                    self.assertEqual(whole[key]["rtt"] is None, row["mean"] is None)
                    if row["mean"] is not None:
                        self.assertAlmostEqual(whole[key]["rtt"], row["mean"], delta=2e-9)

    def test_all_is_acknowledged_when_a_connection_has_closed(self):
        closed = {(n, s, r["connection"]) for n, s in each_end()
                  for r in report(n, s, "connections") if r["state"] == "closed"}
        self.assertTrue(closed)
        for name, side in each_end():
            last = {(r["connection"], r["direction"]): r for r in report(name, side, "series")}
            for (connection, _), row in last.items():
                if (name, side, connection) in closed:
                    self.assertEqual(row["data_in_flight"], 0, (name, side, row))

    def test_wrong_calls(self):
        for arguments in (["series", "--interval", "0"], ["series", "--interval=x"],
                          ["rtt", "--interval", "1"], ["subflows", "--interval", "1"]):
            done = run("report", *arguments[:1], path("ipv6", "client"), *arguments[1:])
            self.assertEqual(done.returncode, 2, arguments)
            self.assertEqual(done.stdout, "")
            self.assertIn("interval", done.stderr)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
