#!/usr/bin/python3
"""Figures of the public captures of the mptcpanalyzer project (MPTCP version 0, Linux cooked, real
clocks), compared with independent measurements. The project may not ship these captures. The test
looks for them in ../shared/captures/mptcpanalyzer beside the project, or where PUBLIC_CAPTURES
says, and is skipped (exit status 77) if they are not there.

usage: test_public.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import rewrite  # noqa: E402 pylint: disable=wrong-import-position
FOLDER = os.environ.get("PUBLIC_CAPTURES", os.path.join(
    HERE, "..", "..", "..", "shared", "captures", "mptcpanalyzer"))
COMMAND = "mptcpscope"
TOLERANCE = 1e-9  # seconds: the references are exact


def path(name):
    return os.path.join(FOLDER, name + ".pcap")


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, text=True,
                          check=True).stdout


def rows(*arguments):
    return json.loads(run(*arguments, "--format=json"))["rows"]


class Bytes(unittest.TestCase):
    """Every payload byte mapped to its data sequence number, independently of tshark."""

    # connection: client's port; direction: bytes, data, retransmitted, reinjected
    CLIENT = {
        59482: {"c2s": (456, 456, 0, 0), "s2c": (308, 308, 0, 0)},
        59484: {"c2s": (2461249, 2352721, 32844, 75684)},
        59486: {"c2s": (465, 456, 4, 5), "s2c": (286, 285, 0, 1)},
        59488: {"c2s": (933178, 880305, 30025, 21420)},
    }
    SERVER = {
        59482: {"c2s": (456, 456, 0, 0), "s2c": (308, 308, 0, 0)},
        59484: {"c2s": (2426977, 2351293, 0, 75684)},
        59486: {"c2s": (465, 456, 4, 5), "s2c": (287, 285, 1, 1)},
        59488: {"c2s": (904618, 880305, 1465, 21420)},
    }

    def check(self, name, expected):
        found = {r["client_port"]: r for r in rows("report", "connections", path(name))}
        self.assertEqual(set(found), set(expected))
        for port, directions in expected.items():
            for direction, figures in directions.items():
                row = found[port][direction]
                self.assertEqual((row["bytes"], row["data_bytes"], row["retransmitted_bytes"],
                                  row["reinjected_bytes"]), figures, (port, direction))
        return found

    def test_client(self):
        found = self.check("client_2", self.CLIENT)
        self.assertEqual({p: r["state"] for p, r in found.items()},
                         {59482: "closed", 59484: "fastclosed", 59486: "closed",
                          59488: "fastclosed"})
        self.assertEqual({r["version"] for r in found.values()}, {0})

    def test_server(self):
        self.check("server_2", self.SERVER)

    def test_one_end_of_a_simulation(self):
        row = rows("report", "connections", path("iperf-mptcp-0-0"))[0]
        self.assertEqual((row["c2s"]["data_bytes"], row["subflows"]), (2359320, 2))
        sent = [r["c2s"]["bytes"] for r in rows("report", "subflows", path("iperf-mptcp-0-0"))]
        self.assertEqual(sorted(sent), [0, 0, 192804, 2166516])


class Reinjections(unittest.TestCase):
    """Wireshark's mptcp.reinjection_of agrees on the connection from port 59484, except for two
    frames: 1773, a retransmission of 1718 on its own subflow, and 1576, the first transmission of
    what 1767 retransmits and 2019 reinjects."""

    ORIGINALS = {
        895: [492], 896: [494], 897: [495], 898: [497], 899: [500], 900: [501], 901: [505],
        902: [507], 903: [509], 904: [857, 858], 905: [510], 906: [512], 907: [515], 909: [517],
        913: [538], 915: [540], 916: [542], 917: [544], 918: [546], 920: [548], 950: [429],
        954: [432], 1497: [1042], 1718: [952], 2016: [1571], 2017: [1573], 2019: [1576, 1767],
        2021: [1579],
    }

    def test_originals(self):
        found = rows("report", "reinjections", path("client_2"), "--connection=1")
        self.assertEqual({r["frame"]: [o["frame"] for o in r["originals"]] for r in found},
                         self.ORIGINALS)
        self.assertEqual(sum(r["length"] for r in found), 75684)

    def test_how_many_segments(self):
        for name, counts in (("client_2", {1: 28, 2: 3, 3: 8}), ("server_2", {1: 28, 2: 3, 3: 9})):
            found = [r["connection"] for r in rows("report", "reinjections", path(name))]
            self.assertEqual({n: found.count(n) for n in set(found)}, counts)


class Pairs(unittest.TestCase):
    def matched(self, a, b):
        with tempfile.TemporaryDirectory() as folder:
            packets = os.path.join(folder, "packets.csv")
            found = rows("owd", path(a), path(b), "--packets", packets)
            with open(packets, encoding="utf-8") as file:
                return found, list(csv.DictReader(file))

    def sums(self, found, direction):
        own = [r for r in found if r["direction"] == direction]
        return tuple(sum(r[key] for r in own) for key in ("matched", "lost", "unseen",
                                                          "ambiguous"))

    def test_mptcp(self):
        found, packets = self.matched("client_2", "server_2")
        self.assertEqual(self.sums(found, "c2s"), (1372, 35, 0, 0))
        self.assertEqual(self.sums(found, "s2c"), (1451, 69, 0, 0))
        self.assertEqual(len(packets), 2823)

    def test_plain_tcp(self):
        found, packets = self.matched("client_1_tcp_only_clean", "server_1_tcp_only_clean")
        self.assertEqual(self.sums(found, "c2s"), (1400, 17, 0, 0))
        self.assertEqual(self.sums(found, "s2c"), (1364, 11, 0, 0))
        self.assertEqual(len(packets), 2764)
        self.assertEqual({r["connection"] for r in found}, {None})

    # tcp_stream, peer's, direction: matched, lost; delays min, mean, median, max
    DELAYS = {
        (0, 0, "c2s"): (10, 1, .050078364, .052409083, .050227706, .061406010),
        (3, 3, "s2c"): (392, 7, .050008906, .050906207, .050663100, .064779645),
        (4, 4, "s2c"): (527, 5, .050005979, .051677266, .050625126, .124899677),
        (13, 14, "s2c"): (157, 6, .000002836, .021746203, .000042187, .172047741),
        (15, 15, "c2s"): (35, 2, .000005665, .006446014, .000043170, .020900635),
    }
    # Ports that were used again before the first SYN arrived: the server's capture begins with
    # stray segments of the same subflow.
    STRAY = {("11.0.0.1", 60453, "c2s"): (4, 1, .020010610, .020503871, .020503615, .020997644),
             ("11.0.0.1", 60453, "s2c"): (5, 2, .020019264, .025242296, .020521613, .033288869)}

    def check_delay(self, row, expected):
        self.assertEqual((row["matched"], row["lost"]), expected[:2])
        for key, value in zip(("min", "mean", "median", "max"), expected[2:]):
            self.assertAlmostEqual(row["owd"][key], value, delta=2 * TOLERANCE)

    def test_delays(self):
        found = rows("owd", path("client_2"), path("server_2"))
        keyed = {(r["tcp_stream"], r["peer_tcp_stream"], r["direction"]): r for r in found}
        for key, expected in self.DELAYS.items():
            self.check_delay(keyed[key], expected)

    def test_stray_segments_before_the_syn(self):
        streams = {(r["client"], r["client_port"]): r["tcp_stream"]
                   for r in rows("report", "subflows", path("client_2"))}
        found = {(r["tcp_stream"], r["direction"]): r
                 for r in rows("owd", path("client_2"), path("server_2"))}
        for (address, port, direction), expected in self.STRAY.items():
            self.check_delay(found[streams[address, port], direction], expected)


class ReinjectionVerdicts(unittest.TestCase):
    """The verdicts on bytes that were sent again, against a byte-by-byte count from tshark's fields,
    with segments of the two captures paired by ports, numbers, flags, IP ID and timestamps
    (docs/reinjections.md)."""

    # connection, direction: segments; bytes useful, redundant, lost, spurious
    TOTALS = {(1, "c2s"): (28, 0, 74256, 1428, 75684), (2, "c2s"): (2, 0, 5, 0, 5),
              (2, "s2c"): (1, 0, 1, 0, 1), (3, "c2s"): (12, 7140, 14280, 0, 14280)}
    # connection, direction, from, to: bytes
    PAIRS = {(1, "c2s", 0, 1): 57120, (1, "c2s", 1, 0): 1428, (1, "c2s", 1, 2): 1428,
             (1, "c2s", 2, 1): 15708, (2, "c2s", 2, 3): 1, (2, "c2s", 3, 1): 4,
             (2, "s2c", 3, 0): 1, (3, "c2s", 0, 3): 5712, (3, "c2s", 1, 3): 2856,
             (3, "c2s", 3, 0): 12852}
    # frame: bytes useful, redundant; when they came again, after the reinjection
    LAST = {2253: (0, 2856, None), 2255: (0, 2856, None), 2257: (1428, 0, 1.029195364),
            2261: (1428, 0, 1.022404359), 2262: (1428, 0, 1.017635963), 2266: (0, 1428, None),
            2267: (0, 1428, None), 2487: (0, 2856, None), 2492: (0, 1428, None),
            2636: (0, 1428, None), 2778: (1428, 0, .178442123), 2779: (1428, 0, .184818909)}
    # tcp_stream, direction: segments; bytes needed, spurious, lost, early
    RETRANSMITTED = {(3, "c2s"): (3, 8568, 0, 0, 0), (4, "c2s"): (13, 18564, 0, 0, 0),
                     (5, "c2s"): (3, 5712, 0, 0, 0), (8, "c2s"): (1, 0, 4, 0, 4),
                     (11, "s2c"): (1, 0, 1, 1, 1), (12, "c2s"): (1, 0, 37, 0, 37),
                     (13, "c2s"): (16, 24276, 0, 0, 0), (15, "c2s"): (3, 4284, 1428, 0, 1428)}
    PLAIN = {(0, "c2s"): (1, 0, 1, 0, 1), (0, "s2c"): (2, 0, 2, 0, 2),
             (1, "c2s"): (4, 5792, 0, 0, 0), (2, "s2c"): (2, 0, 2, 0, 2), (3, "c2s"): (13, 20272, 0, 0, 0)}

    @staticmethod
    def verdicts_of(a, b):
        return json.loads(run("reinjections", path(a), path(b), "--format=json"))

    def test_reinjections(self):
        found = self.verdicts_of("client_2", "server_2")
        self.assertEqual({(r["connection"], r["direction"]):
                          (r["reinjections"], r["useful_bytes"], r["redundant_bytes"],
                           r["lost_bytes"], r["spurious_bytes"]) for r in found["totals"]},
                         self.TOTALS)
        self.assertEqual({(r["connection"], r["direction"], r["from"], r["to"]): r["length"]
                          for r in found["pairs"]}, self.PAIRS)
        for table in ("totals", "pairs"):
            self.assertEqual({(r["unknown_bytes"], r["unsure_bytes"]) for r in found[table]},
                             {(0, 0)})

    def test_last_connection(self):
        found = {r["frame"]: r for r in self.verdicts_of("client_2", "server_2")["rows"]
                 if r["connection"] == 3}
        self.assertEqual(set(found), set(self.LAST))
        for frame, (useful, redundant, gain) in self.LAST.items():
            row = found[frame]
            self.assertEqual((row["useful_bytes"], row["redundant_bytes"]), (useful, redundant))
            if gain:
                self.assertAlmostEqual(row["gain"], gain, delta=TOLERANCE / 10)
            else:
                self.assertLess(row["gain"], 0)

    def check_retransmissions(self, found, expected):
        self.assertEqual({(r["tcp_stream"], r["direction"]):
                          (r["retransmissions"], r["needed_bytes"], r["spurious_bytes"],
                           r["lost_bytes"], r["early_bytes"])
                          for r in found["retransmission_totals"]}, expected)
        self.assertEqual({(r["unknown_bytes"], r["unsure_bytes"])
                          for r in found["retransmission_totals"]}, {(0, 0)})

    def test_retransmissions(self):
        self.check_retransmissions(self.verdicts_of("client_2", "server_2"), self.RETRANSMITTED)

    def test_plain_tcp(self):
        found = self.verdicts_of("client_1_tcp_only_clean", "server_1_tcp_only_clean")
        self.check_retransmissions(found, self.PLAIN)
        self.assertEqual(found["rows"] + found["pairs"], [])
        self.assertEqual({r["connection"] for r in found["retransmission_totals"]}, {None})


class Clocks(unittest.TestCase):
    """Both captures are of one host. Its paths are torn down 22.95 s after the first segment."""

    OFFSET, PPM = 3_700_000_000, 45

    def clock(self, offset=0, ppm=0):
        with open(path("server_2"), "rb") as file:
            data = file.read()
        with tempfile.NamedTemporaryFile() as server:
            server.write(rewrite.rewrite(data, offset, ppm, []))
            server.flush()
            clock = json.loads(run("clock", path("client_2"), server.name, "-f", "json"))["clock"]
        first = min(high << 32 | low for high, low in rewrite.times(data))
        return clock, first

    def check_bounds(self, clock, offset, ppm):
        self.assertLessEqual(clock["offset_low"], offset)
        self.assertGreaterEqual(clock["offset_high"], offset)
        self.assertLessEqual(clock["skew_ppm_low"], ppm)
        self.assertGreaterEqual(clock["skew_ppm_high"], ppm)
        self.assertAlmostEqual(clock["skew_ppm"], ppm, delta=1)
        self.assertAlmostEqual(clock["offset"], offset, delta=50e-6)

    def test_one_clock(self):
        self.check_bounds(self.clock()[0], 0, 0)

    def test_another_clock(self):
        clock, first = self.clock(self.OFFSET, self.PPM)
        # At the first segment that matched, client's frame 4; the clock runs fast from `first` on.
        since = (1529037840578603145 - first) / 1e9
        self.check_bounds(clock, self.OFFSET / 1e9 + since * self.PPM * 1e-6, self.PPM)

    def test_paths_that_change_are_no_clock(self):
        for offset, ppm in ((0, 0), (self.OFFSET, self.PPM)):
            clock = self.clock(offset, ppm)[0]
            self.assertEqual(clock["steps"], [])
            changes = clock["path_changes"]
            self.assertEqual({c["change"] for c in changes}, {0})
            self.assertEqual({(c["connection"], c["subflow"]) for c in changes},
                             {(c, s) for c in (2, 3) for s in range(4)})
            self.assertEqual({c["seen"] for c in changes}, {len(changes)})
            self.assertAlmostEqual(changes[0]["since_start"], 22.95, delta=0.01)
            for change in changes:  # from 50 or 20 ms to next to nothing, both ways
                shift = -0.05 if change["c2s"] < -0.03 else -0.02
                self.assertAlmostEqual(change["c2s"], shift, delta=0.0004)
                self.assertAlmostEqual(change["s2c"], shift, delta=0.0004)


class HeadOfLine(unittest.TestCase):
    """Waiting at the receiver, against a byte-by-byte count from tshark's fields (the state of every
    data byte is kept in an array; docs/report-reordering.md)."""

    # client's port: bytes, held, never released, p50, p95, p99, max, mean of all, most, on average
    EXPECTED = {
        59484: (2351293, 1859120, 492196, 1.180655331, 2.215433204, 2.426612128, 3.283021023,
                0.917819649, 519900, 169591),
        59488: (880305, 810296, 0, 0.832275176, 2.127928325, 2.561217682, 2.591738373,
                0.916671270, 523564, 96305),
    }

    def test_server(self):
        ports = {r["connection"]: r["client_port"]
                 for r in rows("report", "connections", path("server_2"))}
        found = {ports[r["connection"]]: r for r in rows("report", "reordering", path("server_2"))
                 if r["level"] == "data" and r["direction"] == "c2s"}
        for port, expected in self.EXPECTED.items():
            row, hold, buffer = found[port], found[port]["hold"], found[port]["buffer"]
            self.assertEqual(row["near"], "receiver")
            self.assertEqual((row["bytes"], row["held_bytes"], row["unreleased_bytes"],
                              hold["median"], hold["p95"], hold["p99"], hold["max"],
                              hold["mean_of_all"], buffer["max"], round(buffer["mean"])), expected)


ODD = os.path.join(FOLDER, "..", "odd")


@unittest.skipUnless(os.path.isdir(ODD), "no odd captures")
class Odd(unittest.TestCase):
    """Hand-made captures on which Wireshark's own MPTCP analysis is wrong or gives up."""

    # subflows, c2s and s2c: bytes, data, retransmitted; roles
    EXPECTED = {
        "joinretx": (2, (50, 50, 0), (0, 0, 0), "handshake"),  # the JOIN SYN came twice
        "srvjoin": (2, (0, 0, 0), (50, 50, 0), "handshake"),   # the server joins
        "mid": (1, (0, 0, 0), (0, 0, 0), "port"),              # begins within the handshake
        "span0": (1, (300, 150, 150), (0, 0, 0), "handshake"),  # a repetition spans 3 mappings
        "span3": (1, (300, 150, 150), (0, 0, 0), "handshake"),  # the same, out of order
    }

    def test_figures(self):
        for name, (subflows, c2s, s2c, roles) in self.EXPECTED.items():
            found = rows("report", "connections", os.path.join(ODD, name + ".pcap"))
            self.assertEqual(len(found), 1, name)
            row = found[0]
            self.assertEqual((row["subflows"], row["roles"]), (subflows, roles), name)
            for direction, expected in (("c2s", c2s), ("s2c", s2c)):
                self.assertEqual((row[direction]["bytes"], row[direction]["data_bytes"],
                                  row[direction]["retransmitted_bytes"]), expected, name)

    def test_who_opened_the_subflow(self):
        found = rows("report", "subflows", os.path.join(ODD, "srvjoin.pcap"))
        self.assertEqual([r["initiator"] for r in found], ["client", "server"])

    def test_super_segments(self):
        row = rows("report", "connections", os.path.join(ODD, "gso.pcapng"))[0]
        self.assertEqual((row["c2s"]["data_bytes"], row["state"]), (3000002, "closed"))


if __name__ == "__main__":
    if not os.path.isdir(FOLDER):
        print(f"there are no public captures in {FOLDER}")
        sys.exit(77)
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
