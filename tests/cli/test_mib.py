#!/usr/bin/python3
"""Compares the report "mib" with what the kernels of both hosts counted (nstat).

usage: test_mib.py PATH_OF_MPTCPSCOPE [unittest options]
CAPTURES may be set to another folder with captures of the lab.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

CAPTURES = os.environ.get("CAPTURES", os.path.join(HERE, "..", "..", "captures"))
NAMES = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(CAPTURES + "/*/nstat.client"))
PAGE = os.path.join(HERE, "..", "..", "docs", "report-mib.md")
COMMAND = "mptcpscope"

# In these scenarios the client is not a kernel, so nobody counted what it sent.
STRANGERS = {"knock"}
# Nothing is lost or changed on the path: both captures give the same figures for both hosts.
CLEAN = {"twopath", "ipv6", "checksum", "addrport", "prio", "backup"}

# The wire does not show these: the server drops the SYN without a word.
UNKNOWN = {"cookiesrejected": {"server": {"MPJoinSynRx", "MPJoinNoTokenFound", "MPJoinRejected",
                                          "MismatchPortSynRx"}}}

# The purpose of a scenario: counters that must not be 0, at the client and at the server.
PURPOSE = {
    "addrport": (["AddAddr", "PortAdd", "MPJoinPortSynAckRx"],
                 ["AddAddrTx", "PortAdd", "MPJoinPortSynRx", "MPJoinPortAckRx"]),
    "removeaddr": (["RmAddr", "MPRstRx"], ["RmAddrTx"]),
    "prio": (["MPPrioRx"], ["MPPrioTx"]),
    "backup": (["MPJoinSynAckBackupRx"], []),
    "fastclose": (["MPFastcloseTx", "MPRstTx"], ["MPFastcloseRx", "MPRstRx"]),
    "corrupt": (["MPFailRx", "MPRstRx"], ["DataCsumErr", "MPFailTx", "MPRstTx"]),
    "corruptone": (["MPFailRx", "MPFailTx", "InfiniteMapTx"],
                   ["DataCsumErr", "MPFailTx", "MPFailRx", "InfiniteMapRx", "DssFallback"]),
    "fallback": (["MPCapableFallbackSYNACK"], []),
    "plainserver": (["MPCapableFallbackSYNACK"], []),
    "stripsynack": (["MPCapableFallbackSYNACK"], ["MPCapableFallbackACK"]),
    "striplate": (["MPCapableDataFallback"], ["DssFallback"]),
    "stripped": (["MPRstTx"], []),
    "rejected": (["MPRstTx"], ["MPJoinRejected"]),
    "impatient": (["MPCapableSYNTXDrop"], ["MPCapableFallbackACK"]),
    "cookies": (["MPJoinSynAckRx"], ["MPJoinSynRx", "MPJoinAckRx", "MPCapableACKRX"]),
    "cookiesrejected": (["MPJoinSynTx"], []),
    "fastopen": (["MPCapableSYNACKRX"], ["MPCapableACKRX"]),
    "clientremove": (["RmAddrTx"], ["RmAddr"]),
    "acklost": ([], ["MPCapableACKRX"]),
    "ackslost": (["MPCapableDataFallback"], ["MPCapableFallbackACK"]),
    "joinclosed": (["MPJoinSynTx"], []),
    "denyjoin": (["MPJoinSynAckRx"], ["MPJoinAckRx"]),
    "mesh": (["MPJoinSynTx"], ["MPJoinAckRx"]),
    "knock": ([], ["MPJoinNoTokenFound", "MismatchPortSynRx", "MPCapableEndpAttempt",
                   "MPJoinSynBackupRx", "MPJoinAckHMacFailure"]),
}


def report(name, side, *options):
    return report_of(os.path.join(CAPTURES, name, side + ".pcapng"), *options)


def report_of(path, *options):
    done = subprocess.run([COMMAND, "report", "mib", path, "--format=json", *options],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"{path}: exit {done.returncode}: {done.stderr}")
    return {row["counter"]: row for row in json.loads(done.stdout)["rows"]}


def kernel(name, side):
    with open(os.path.join(CAPTURES, name, "nstat." + side), encoding="utf-8") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}


def text(path, *options):
    """Returns the names of the counters in the text form, and the text."""
    done = subprocess.run([COMMAND, "report", "mib", path, *options], stdout=subprocess.PIPE,
                          text=True, check=True)
    return [line.split()[0] for line in done.stdout.splitlines() if line.startswith("MPTcp")], done


class Text(unittest.TestCase):
    """Text leaves out the counters that are 0 at both hosts."""

    def test_zeros(self):
        hidden = 0
        for name in NAMES:
            path = os.path.join(CAPTURES, name, "client.pcapng")
            rows = report_of(path)
            zeros = [c for c, row in rows.items() if row["client"] == 0 and row["server"] == 0]
            names, done = text(path)
            self.assertEqual(names, [c for c in rows if c not in zeros])
            self.assertEqual(f"{len(zeros)} counters that are 0 are not shown" in done.stdout,
                             bool(zeros))
            names, done = text(path, "--zeros")
            self.assertEqual(names, list(rows))
            self.assertNotIn("not shown", done.stdout)
            hidden += len(zeros)
        self.assertGreater(hidden, 0)


class Truth(unittest.TestCase):
    def test_every_figure_is_the_kernels(self):
        compared = 0
        for name in NAMES:
            for side in ("server",) if name in STRANGERS else ("client", "server"):
                truth = kernel(name, side)
                for counter, row in report(name, side).items():
                    with self.subTest(capture=name, side=side, counter=counter):
                        self.assertIn(counter, truth)
                        unknown = UNKNOWN.get(name, {}).get(side, set())
                        if counter[len("MPTcpExt"):] in unknown:
                            self.assertIsNone(row[side])
                        else:
                            self.assertEqual(row[side], truth[counter])
                    compared += truth[counter] > 0
        self.assertTrue(compared > 0 or set(NAMES) <= {"plainclient"})

    def test_scenarios_do_what_they_are_for(self):
        for name in PURPOSE.keys() & set(NAMES):
            for side, counters in zip(("client", "server"), PURPOSE[name]):
                rows = report(name, side)
                for counter in counters:
                    with self.subTest(capture=name, side=side, counter=counter):
                        self.assertGreater(rows["MPTcpExt" + counter][side], 0)

    def test_both_captures_of_a_clean_path_agree(self):
        for name in CLEAN & set(NAMES):
            client, server = report(name, "client"), report(name, "server")
            for counter, row in client.items():
                with self.subTest(capture=name, counter=counter):
                    self.assertEqual([row["client"], row["server"]],
                                     [server[counter]["client"], server[counter]["server"]])

    def test_says_where_it_was_captured(self):
        """On paths of some ms with MPTCP."""
        for name in CLEAN & set(NAMES):
            for side in ("client", "server"):
                self.assertEqual({row["near"] for row in report(name, side).values()}, {side})


class Facts(unittest.TestCase):
    """What other reports must say of the scenarios."""

    def rows(self, name, side, which):
        path = os.path.join(CAPTURES, name, side + ".pcapng")
        done = subprocess.run([COMMAND, "report", which, "--format=json", path], check=True,
                              stdout=subprocess.PIPE)
        return json.loads(done.stdout)["rows"]

    def problems(self, name, side):
        return " ".join(problem["text"] for row in self.rows(name, side, "summary")
                        for problem in row["problems"])

    def check(self, name, *sentences):
        if name not in NAMES:
            self.skipTest("no such scenario here")
        for side in ("client", "server"):
            for sentence in sentences:
                self.assertIn(sentence, self.problems(name, side), (name, side))

    def test_join_dropped(self):
        self.check("cookiesrejected", "SYN with MP_JOIN never answered")

    def test_join_refused(self):
        self.check("joinclosed", "SYN with MP_JOIN answered with RST")

    def test_no_join_here(self):
        self.check("denyjoin", "the server asks for no further subflows to this address (flag C of "
                   "MP_CAPABLE)")

    def test_address_removed(self):
        self.check("clientremove", "removed by the client: REMOVE_ADDR of its address ID 2")

    def test_third_ack_lost(self):
        self.check("acklost")
        for side in ("client", "server"):
            row, = self.rows("acklost", side, "connections")
            self.assertEqual((row["state"], row["fallback"]), ("closed", None))

    def test_third_ack_and_data_lost(self):
        self.check("ackslost", "fell back to plain TCP")
        self.assertIn("lost the third ACK", self.problems("ackslost", "client"))
        row, = self.rows("ackslost", "server", "connections")
        self.assertEqual(row["fallback"], "no MP_CAPABLE in ACK")

    def test_fast_open(self):
        """16 bytes of the request came in the SYN and have no mapping."""
        self.check("fastopen")
        for side in ("client", "server"):
            row, = self.rows("fastopen", side, "connections")
            self.assertEqual((row["c2s"]["bytes"] - row["c2s"]["retransmitted_bytes"]
                              - row["c2s"]["reinjected_bytes"], row["c2s"]["data_bytes"]),
                             (100017, 100001))


class Choice(unittest.TestCase):
    @unittest.skipUnless("many" in NAMES, "needs a capture of several connections")
    def test_connections_add_up(self):
        total = report("many", "server")
        each = [report("many", "server", f"--connection={n}") for n in range(8)]
        for counter, row in total.items():
            for side in ("client", "server"):
                self.assertEqual(sum(rows[counter][side] for rows in each), row[side], counter)


# Segments with these options and no payload leave no trace where they are missing.
TRACELESS = {"ADD_ADDR", "ADD_ADDR echo", "REMOVE_ADDR", "MP_PRIO", "MP_TCPRST", "MP_FASTCLOSE"}


class Holes(unittest.TestCase):
    """Captures that lack segments: a figure is the kernel's, or not known."""

    def check(self, name, side, missing):
        with open(os.path.join(CAPTURES, name, side + ".pcapng"), "rb") as file:
            blocks = list(pcapng.blocks(file.read()))
        number, kept = 0, []
        for kind, body in blocks:
            number += kind == pcapng.ENHANCED_PACKET
            if kind != pcapng.ENHANCED_PACKET or number not in missing:
                kept.append(pcapng.block(kind, body))
        with tempfile.NamedTemporaryFile(suffix=".pcapng") as file:
            file.write(b"".join(kept))
            file.flush()
            rows = report_of(file.name)
        truth = kernel(name, side)
        for counter, row in rows.items():
            self.assertIn(row[side], (truth[counter], None), (name, missing, counter))
            self.assertEqual(row["client"] is None or row["server"] is None,
                             row["reason"] is not None, (name, missing, counter))
        return rows

    def traceless(self, name, side):
        path = os.path.join(CAPTURES, name, side + ".pcapng")
        done = subprocess.run([COMMAND, "report", "events", "--format=json", path], check=True,
                              stdout=subprocess.PIPE)
        return {row["frame"] for row in json.loads(done.stdout)["rows"]
                if row["event"] in TRACELESS}

    @unittest.skipUnless({"checksum", "twopath"} <= set(NAMES), "needs the shipped captures")
    def test_one_segment(self):
        for name, side in (("checksum", "client"), ("twopath", "server")):
            skipped = self.traceless(name, side)
            for frame in range(1, 40):
                if frame not in skipped:
                    self.check(name, side, {frame})

    @unittest.skipUnless({"handover", "many"} <= set(NAMES), "needs the shipped captures")
    def test_many_segments(self):
        for name, side in (("handover", "client"), ("many", "server")):
            for first in range(4, 600, 60):  # without the handshake it starts later
                for length in (3, 20, 100):
                    self.check(name, side, set(range(first, first + length)))

    @unittest.skipUnless("twopath" in NAMES, "needs the shipped captures")
    def test_what_is_in_doubt(self):
        """Acknowledged data is missing: what is known of the handshake stays known."""
        rows = self.check("twopath", "client", set(range(100, 140)))
        self.assertIsNone(rows["MPTcpExtMPPrioRx"]["client"])
        self.assertEqual(rows["MPTcpExtMPPrioRx"]["reason"], "segments were not captured")
        self.assertEqual(rows["MPTcpExtMPJoinSynTx"]["client"], 1)
        self.assertEqual(rows["MPTcpExtMPRstRx"]["client"], 0)


class Page(unittest.TestCase):
    def test_every_counter_of_the_kernel_is_listed(self):
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        given = {counter[len("MPTcpExt"):] for counter in report(NAMES[0], "client")}
        absent = page.index("## Counters that are absent")
        for counter in (c[len("MPTcpExt"):] for c in kernel(NAMES[0], "client")):
            part = page[:absent] if counter in given else page[absent:]
            with self.subTest(counter=counter):
                self.assertIn(f"| `{counter}` ", part)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
