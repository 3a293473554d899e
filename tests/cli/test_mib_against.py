#!/usr/bin/python3
"""report mib --against: the counters of captures against those that the kernels printed, differences
that a test makes, and bad input.

usage: test_mib_against.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import io
import json
import os
import struct
import subprocess
import sys

from folder import FolderCase, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

CAPTURES = os.path.join(HERE, "..", "..", "captures")
NAMES = sorted(os.path.basename(os.path.dirname(p)) for p in glob.glob(CAPTURES + "/*/nstat.client"))
OTHER = {"client": "server", "server": "client"}
COMMAND = "mptcpscope"
IFDROP = 5  # isb_ifdrop of pcapng
PREFIX = "MPTcpExt"


def capture(name, side):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def nstat(name, side):
    return os.path.join(CAPTURES, name, "nstat." + side)


def counters_of(path):
    with open(path, encoding="utf-8") as file:
        return {line.split()[0]: int(line.split()[1]) for line in file}


def run(*arguments):
    return subprocess.run([COMMAND, "report", "mib", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False)


def document_of(*arguments):
    done = run(*arguments, "--format=json")
    if done.returncode != 0:
        raise AssertionError((arguments, done.stderr))
    return json.loads(done.stdout)


class Case(FolderCase):
    def counters(self, values, name="n.txt", zeros=True):
        """Write counters as nstat does; `zeros` as with -z."""
        with open(self.at(name), "w", encoding="utf-8") as file:
            file.write("#kernel\n")
            for counter, value in values.items():
                if zeros or value:
                    file.write(f"{counter:<32}{value:<16}{0.0:6.1f}\n")
        return self.at(name)

    def compare(self, values, *options, name="lossy", side="client", zeros=True):
        path = self.counters(values, zeros=zeros)
        document = document_of(capture(name, side), "--against", path, "--host", side, *options)
        return {row["counter"][len(PREFIX):]: row for row in document["rows"]}, document["notes"]


class Same(Case):
    def test_at_its_host(self):
        """A capture made at a host counts what its kernel counted: nothing differs."""
        for name in NAMES:
            for side in ("client", "server"):
                document = document_of(capture(name, side), "--against", nstat(name, side),
                                       "--host", side)
                with self.subTest(capture=name, side=side):
                    self.assertEqual((document["report"], document["rows"]), ("mib-against", []))
                    self.assertIn(f"Compared with the kernel's counters of the {side}: 41 of 41 are "
                                  "the same.", document["notes"])

    def test_missing_segment(self):
        """A host that is a server only; then a capture that lacks one segment: what is not known is
        not compared, and nothing differs."""
        folder = os.path.join(HERE, "..", "cases", "mib-one-segment-uncaptured")
        for name, same in (("ns1-121-whole.pcap", 41), ("ns1-121-without-frame-12.pcap", 30)):
            document = document_of(os.path.join(folder, name), "--against",
                                   os.path.join(folder, "ns1.nstat"), "--host", "server")
            self.assertEqual(document["rows"], [])
            self.assertIn(f"Compared with the kernel's counters of the server: {same} of 41 are the "
                          "same.", document["notes"])

    def test_forms(self):
        """JSON (nstat -j), and text without zeros, say the same."""
        values = counters_of(nstat("many", "server"))
        path = self.at("n.json")
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"kernel": dict(values, IpInReceives=7)}, file)
        document = document_of(capture("many", "server"), "--against", path, "--host", "server")
        self.assertEqual(document["rows"], [])
        rows, notes = self.compare(dict(values, IpInReceives=7), name="many", side="server",
                                   zeros=False)
        self.assertEqual(rows, {})
        self.assertTrue(any("left out the counters that are 0" in note for note in notes), notes)


class Differs(Case):
    def test_other_host(self):
        """At the other end of the path each row is the kernel's minus the capture's, and no counter
        that is known is left out."""
        differences = 0
        for name in NAMES:
            for side in ("client", "server"):
                host = OTHER[side]
                truth = counters_of(nstat(name, host))
                done = run(capture(name, side), "--format=json")
                rows = json.loads(done.stdout)["rows"]
                mib = {row["counter"]: row[host] for row in rows}
                place = (f"the capture was made at the {side}" if rows[0]["near"] else
                         f"the capture is not known to be made at the {host}")
                document = document_of(capture(name, side), "--against", nstat(name, host),
                                       "--host", host)
                expected = {c: (v, truth[c], truth[c] - v) for c, v in mib.items()
                            if v is not None and v != truth[c]}
                got = {row["counter"]: (row["capture"], row["kernel"], row["difference"])
                       for row in document["rows"]}
                self.assertEqual(got, expected, (name, side))
                for row in document["rows"]:
                    self.assertEqual(row["host"], host)
                    self.assertIn(place, row["reason"])
                differences += len(got)
        self.assertGreater(differences, 0)

    def test_more_connections(self):
        values = counters_of(nstat("lossy", "client"))
        for counter in ("MPCapableSYNTX", "MPJoinSynTx"):
            values[PREFIX + counter] += 2
        values[PREFIX + "MPCapableSYNRX"] += 1
        rows, _ = self.compare(values)
        self.assertEqual({c: r["difference"] for c, r in rows.items()},
                         {"MPCapableSYNTX": 2, "MPJoinSynTx": 2, "MPCapableSYNRX": 1})
        for row in rows.values():
            self.assertIn("the host counted 3 more connections than the capture has", row["reason"])
            self.assertIn("no --before", row["reason"])

    def test_firewall(self):
        """The host received less than was captured, or sent more."""
        values = counters_of(nstat("lossy", "client"))
        values[PREFIX + "AddAddr"] -= 1
        values[PREFIX + "EchoAddTx"] += 1
        rows, _ = self.compare(values)
        self.assertEqual({c: r["difference"] for c, r in rows.items()},
                         {"AddAddr": -1, "EchoAddTx": 1})
        self.assertIn("dropped by the host after the capture, for example by a firewall",
                      rows["AddAddr"]["reason"])
        self.assertIn("dropped by the host before the capture", rows["EchoAddTx"]["reason"])
        for row in rows.values():
            self.assertNotIn("more connection", row["reason"])
            self.assertNotIn("the path", row["reason"])

    def test_before(self):
        truth = counters_of(nstat("lossy", "client"))
        before = {counter: 3 for counter in truth}
        after = {counter: value + 3 for counter, value in truth.items()}
        earlier = self.counters(before, "before.txt")
        rows, _ = self.compare(after, "--before", earlier)
        self.assertEqual(rows, {})
        after[PREFIX + "MPPrioRx"] += 1
        rows, _ = self.compare(after, "--before", earlier)
        self.assertEqual(list(rows), ["MPPrioRx"])
        self.assertIn("other connections of the host", rows["MPPrioRx"]["reason"])
        self.assertNotIn("--before", rows["MPPrioRx"]["reason"])

    def test_exchanged_host(self):
        path = nstat("lossy", "client")
        document = document_of(capture("lossy", "client"), "--against", path, "--host", "server")
        self.assertTrue(document["rows"])
        self.assertTrue(any("--host client may be meant" in n for n in document["notes"]))

    def test_counters_that_are_not_there(self):
        values = counters_of(nstat("lossy", "client"))
        del values[PREFIX + "MPCapableSYNTX"]
        rows, notes = self.compare(values)
        self.assertEqual(rows, {})
        self.assertIn("Not compared: 1 that this kernel does not have.", notes)

    def test_what_the_capture_lacks(self):
        """Frames are missing, and the end: what is not known is not compared, and the reasons name
        what was seen of that."""
        with open(capture("twopath", "client"), "rb") as file:
            blocks = list(pcapng.blocks(file.read()))
        number, kept = 0, []
        for kind, body in blocks:
            number += kind == pcapng.ENHANCED_PACKET
            if kind != pcapng.ENHANCED_PACKET or number < 200:
                kept.append(pcapng.block(kind, body))
        with open(self.at("short.pcapng"), "wb") as file:
            file.write(b"".join(kept))
        values = counters_of(nstat("twopath", "client"))
        values[PREFIX + "MPPrioRx"] += 1
        document = document_of(self.at("short.pcapng"), "--against", self.counters(values),
                               "--host", "client")
        reasons = [row["reason"] for row in document["rows"] if row["difference"] > 0]
        self.assertTrue(reasons)
        for reason in reasons:
            self.assertIn("1 connection was still open when the capture ended", reason)

    def test_dropped(self):
        """The file says that an interface dropped packets: the kernel may have counted those."""
        statistics = struct.pack("<III HHQ HH", 0, 0, 0, IFDROP, 8, 7, 0, 0)
        path = self.at("drops.pcapng")
        with open(capture("lossy", "client"), "rb") as whole, open(path, "wb") as file:
            file.write(whole.read() + pcapng.block(pcapng.INTERFACE_STATISTICS, statistics))
        values = counters_of(nstat("lossy", "client"))
        values[PREFIX + "MPPrioRx"] += 1
        values[PREFIX + "AddAddr"] -= 1
        reasons = {row["counter"]: row["reason"] for row in document_of(
            path, "--against", self.counters(values), "--host", "client")["rows"]}
        self.assertIn("the capture's interfaces dropped 7 packets", reasons[PREFIX + "MPPrioRx"])
        self.assertNotIn("dropped 7", reasons[PREFIX + "AddAddr"])

    def test_several_hosts(self):
        """A capture of two clients, and the counters of one: that one counted less."""
        path = self.at("both.pcapng")
        with open(path, "wb") as file:
            for name in ("twopath", "ipv6"):
                with open(capture(name, "client"), "rb") as part:
                    file.write(part.read())
        for side, more, reason in (("client", 0, True), ("client", 9, False), ("server", 0, True)):
            values = counters_of(nstat("twopath", side))
            counter = PREFIX + ("MPCapableSYNTX" if side == "client" else "MPCapableSYNRX")
            values[counter] += more
            rows = {row["counter"]: row for row in document_of(
                path, "--against", self.counters(values), "--host", side)["rows"]}
            self.assertEqual(rows[counter]["difference"], more - 1)
            self.assertEqual(f"the capture has 2 hosts as {side}s, and nstat is of one"
                             in rows[counter]["reason"], reason, rows[counter]["reason"])

    def test_one_connection(self):
        rows, _ = self.compare(counters_of(nstat("many", "client")), "-c", "0", name="many")
        self.assertEqual(rows["MPCapableSYNTX"]["difference"], 7)
        self.assertIn("only connection 0 is counted here", rows["MPCapableSYNTX"]["reason"])

    def test_csv(self):
        values = counters_of(nstat("lossy", "client"))
        values[PREFIX + "MPPrioTx"] = 2**64 - 1
        done = run(capture("lossy", "client"), "--against", self.counters(values), "--host",
                   "client", "-f", "csv")
        row, = csv.DictReader(io.StringIO(done.stdout))
        self.assertEqual((row["counter"], row["kernel"], row["difference"]),
                         ("MPTcpExtMPPrioTx", str(2**64 - 1), ""))


class Wrong(Case):
    FILES = [
        (b"", "no counter MPTcpExt*"), (b"#kernel\nIpInReceives 1 0.0\n", "no counter MPTcpExt*"),
        (b"MPTcpExtMPPrioTx\n", "line 1: not a counter and its value"),
        (b"MPTcpExtMPPrioTx 1 0.0\nMPTcpExtMPPrioTx 1 0.0\n", "line 2: a counter is given twice"),
        (b"MPTcpExtMPPrioTx -1 0.0\n", "line 1: the value of a counter is not a whole number"),
        (b"MPTcpExtMPPrioTx 99999999999999999999 0\n", "line 1: the value of a counter is not"),
        (b"MPTcpExtMPPrioTx 1.5\n", "line 1: the value"), (b"\x1b[31m 1\n", "line 1: not a counter"),
        (b"\xff\xfe\n", "not the output of nstat"), (b"a\0b 1\n", "not the output of nstat"),
        (b"{", "JSON, line 1"), (b"[]", "not the output of nstat -j"),
        (b'{"kernel": 1}', "not the output of nstat -j"),
        (b'{"kernel": {"MPTcpExtMPPrioTx": -1}}', "MPTcpExtMPPrioTx: not a counter"),
        (b'{"kernel": {"MPTcpExtMPPrioTx": 1.5}}', "MPTcpExtMPPrioTx: not a counter"),
        (b'{"kernel": {"MPTcpExtMPPrioTx": "1"}}', "MPTcpExtMPPrioTx: not a counter"),
        (b'{"kernel": {"MPTcpExtMPPrioTx": 1}, "x": {"MPTcpExtMPPrioTx": 1}}', "given once"),
        (b'{"kernel": {"a": 1, "a": 2}}', "JSON, line 1: duplicate"),
        (b'{"kernel": {}}', "no counter MPTcpExt*"), (b"[" * 100000, "JSON, line 1: maximum"),
        (b"#" * 1100000, "longer than 1048576 bytes"),
    ]

    def fails(self, status, message, *arguments):
        done = run(capture("lossy", "client"), *arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), (arguments, done.stderr))
        self.assertIn(message, done.stderr)
        self.assertTrue(done.stderr.startswith("mptcpscope: "), done.stderr)
        if status == 1:
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)

    def test_files(self):
        path, good = self.at("bad"), nstat("lossy", "client")
        for content, message in self.FILES:
            with open(path, "wb") as file:
                file.write(content)
            self.fails(1, f"{path}: ", "--against", path, "--host", "client")
            self.fails(1, message, "--against", path, "--host", "client", "-o", self.at("never"))
            self.fails(1, message, "--against", good, "--before", path, "--host", "client")
        self.assertEqual(os.listdir(self.folder), ["bad"])
        self.fails(1, "No such file", "--against", self.at("none"), "--host", "client")

    def test_exchanged(self):
        values = counters_of(nstat("lossy", "client"))
        later = self.counters({c: v + 1 for c, v in values.items()}, "later")
        self.fails(1, f"{nstat('lossy', 'client')}: MPTcpExt", "--against",
                   nstat("lossy", "client"), "--before", later, "--host", "client")

    def test_calls(self):
        path = nstat("lossy", "client")
        self.fails(2, "--against needs --host client or --host server", "--against", path)
        self.fails(2, "--host must be client or server", "--against", path, "--host", "router")
        self.fails(2, "--host needs --against", "--host", "client")
        self.fails(2, "--before needs --against", "--before", path)
        self.fails(2, "--zeros is not for --against", "--against", path, "--host", "client",
                   "--zeros")
        self.fails(2, "--against takes one FILE", capture("lossy", "server"), "--against", path,
                   "--host", "client")
        self.fails(2, "would overwrite the input", "--against", path, "--host", "client", "-o", path)
        done = subprocess.run([COMMAND, "report", "rtt", capture("lossy", "client"), "--against",
                               path, "--host", "client"], stderr=subprocess.PIPE, text=True,
                              stdout=subprocess.PIPE, check=False)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("no counters of a kernel to compare: mib has", done.stderr)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
