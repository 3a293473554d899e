#!/usr/bin/python3
"""The plugin in tshark: loading, passes, options, errors and fields.

usage: test_tshark.py BUILD_DIR [unittest arguments]

Other tests check the figures; these check that they arrive unchanged. Wireshark ignores a plugin
directory when root runs it, so root runs tshark as nobody.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import test_copies  # pylint: disable=wrong-import-position
import test_flows  # pylint: disable=wrong-import-position

CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
BUILD = None
PLUGIN = "mptcpscope.so"


def captures():
    return sorted(glob.glob(f"{CAPTURES}/**/*.pcap*", recursive=True))


def capture(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


class Tshark:
    """tshark with the plugin of the build, run by an unprivileged user."""

    def __init__(self):
        self.home = tempfile.mkdtemp(prefix="mptcpscope-")
        version = subprocess.run(["tshark", "--version"], capture_output=True, text=True).stdout
        folder = os.path.join(self.home, "plugins", ".".join(version.split()[2].split(".")[:2]))
        os.makedirs(os.path.join(folder, "epan"))
        shutil.copy(self.find_plugin(), os.path.join(folder, "epan"))
        for path, _, files in os.walk(self.home):
            os.chmod(path, 0o777)
            for name in files:
                os.chmod(os.path.join(path, name), 0o755)
        self.environment = {**os.environ, "HOME": self.home,
                            "WIRESHARK_PLUGIN_DIR": os.path.join(self.home, "plugins")}
        self.user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []

    @staticmethod
    def find_plugin():
        found = glob.glob(f"{BUILD}/**/{PLUGIN}", recursive=True)
        return found[0] if found else sys.exit(f"{PLUGIN} not found below {BUILD}")

    def run(self, *arguments, stdin=None):
        return subprocess.run([*self.user, "tshark", *arguments], env=self.environment, stdin=stdin,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def stat(self, path, call, *more):
        return self.run("-q", "-n", "-r", path, "-z", call, *more)

    def json(self, path, call, *more):
        return json.loads(self.stat(path, call + ",format=json", *more).stdout)

    def fields(self, path, *fields, more=()):
        wanted = [word for field in fields for word in ("-e", field)]
        lines = self.run("-n", "-r", path, "-T", "fields", *wanted, *more).stdout.splitlines()
        return [line.split("\t") for line in lines]

    def path(self, name):
        return os.path.join(self.home, name)

    def dump(self, path, name, options="", more=()):
        """Makes a dump. Returns its bytes and its rows."""
        out = self.path(name)
        result = self.stat(path, f"mptcp,dump,file={out}{options}", *more)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        with open(out, "rb") as file:
            data = file.read()
        lines = [line for line in data.decode().splitlines() if not line.startswith("#")]
        return data, list(csv.DictReader(lines))


class FolderCase(unittest.TestCase):
    """Tests that make captures, in a folder that the user of tshark may write to."""

    @classmethod
    def setUpClass(cls):
        cls.tshark = Tshark()
        cls.folder = os.path.join(cls.tshark.home, "captures")
        os.makedirs(cls.folder)
        os.chmod(cls.folder, 0o777)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.tshark.home)


# Hand-made frames for small captures.

def tcp(source, destination, seq=1, ack=0, flags=0x02, options=b"", payload=b""):
    options += b"\x01" * (-len(options) % 4)
    length = (20 + len(options)) // 4
    return struct.pack("!HHIIBBHHH", source, destination, seq, ack, length << 4, flags, 65535, 0,
                       0) + options + payload


def ip4(payload, source="10.0.0.1", destination="10.0.0.2", protocol=6, ident=1, offset=0):
    def address(text):
        return bytes(int(part) for part in text.split("."))
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident, offset, 64, protocol,
                       0) + address(source) + address(destination) + payload


def ethernet(packet, ethertype=0x0800):
    return bytes(12) + struct.pack("!H", ethertype) + packet


def write_pcap(path, frames):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number, frame in enumerate(frames):
            file.write(struct.pack("<IIII", 1700000000 + number, 0, len(frame), len(frame)) + frame)
    os.chmod(path, 0o644)
    return path


CAPABLE_SYN = bytes([30, 4, 0x01, 0x01])
CAPABLE_SYNACK = bytes([30, 12, 0x01, 0x01]) + bytes(range(8))
CAPABLE_ACK = bytes([30, 20, 0x01, 0x01]) + bytes(range(10, 18)) + bytes(range(8))


def handshake(client_port=1000):
    """The IP packets that open an MPTCP connection."""
    return [
        ip4(tcp(client_port, 80, 100, 0, 0x02, CAPABLE_SYN)),
        ip4(tcp(80, client_port, 200, 101, 0x12, CAPABLE_SYNACK), "10.0.0.2", "10.0.0.1"),
        ip4(tcp(client_port, 80, 101, 201, 0x10, CAPABLE_ACK)),
    ]


class PlainTcp(FolderCase):
    """The report "flows" counts what no other report does."""

    def setUp(self):
        frames = list(enumerate(test_flows.by_hand()))
        frames = frames[8:] + frames[:8]
        self.capture = os.path.join(self.folder, "flows.pcap")
        test_copies.write_in_order(self.capture, [(n * 10**6, frame) for n, frame in frames])
        os.chmod(self.capture, 0o644)

    @staticmethod
    def without_stream(report):
        """Wireshark 4.4 gives a SYN that is sent again after RST a stream of its own; 4.0 does not."""
        for flow in report["flows"]:
            del flow["tcp_stream"]
        return report

    def test_is_counted_as_by_the_command(self):
        native = self.without_stream(json.loads(subprocess.run(
            [os.path.join(BUILD, "src", "mptcpscope"), "report", "flows", self.capture, "-f",
             "json"], check=True, stdout=subprocess.PIPE).stdout))
        self.assertEqual(sum(row["flows"]["plain"] for row in native["rows"]), 4)
        for more in ((), ("-2",)):
            report = self.tshark.json(self.capture, "mptcp,flows", *more)
            self.assertEqual(self.without_stream(report), native)

    def test_filter(self):
        for more in ((), ("-2",)):
            result = self.tshark.stat(self.capture, "mptcp,flows,format=json,tcp.dstport==80", *more)
            self.assertEqual([flow["packets"] for flow in json.loads(result.stdout)["flows"]],
                             [5, 2])

    def test_other_reports_do_not_count_it(self):
        alone = self.tshark.json(self.capture, "mptcp,connections")
        file = self.tshark.path("flows.txt")
        self.assertEqual(self.tshark.json(self.capture, "mptcp,connections", "-z",
                                          f"mptcp,flows,file={file}"), alone)


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tshark = Tshark()

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.tshark.home)


class Loading(Case):
    def test_is_listed(self):
        plugins = self.tshark.run("-G", "plugins").stdout.splitlines()
        self.assertTrue(any(line.startswith(PLUGIN) for line in plugins), plugins)

    def test_is_silent_if_not_used(self):
        result = self.tshark.run("-n", "-r", capture("twopath"), "-c", "1")
        self.assertEqual((result.returncode, len(result.stdout.splitlines())), (0, 1))
        self.assertNotIn("mptcpscope", result.stderr)

    def test_can_be_disabled(self):
        result = self.tshark.json(capture("twopath"), "mptcp,connections", "--disable-protocol",
                                  "mptcpscope")
        self.assertEqual(result["rows"], [])

    def test_help_names_the_reports(self):
        text = self.tshark.run("-z", "help").stderr + self.tshark.run("-z", "help").stdout
        for name in ("mptcp,connections", "mptcp,subflows", "mptcp,dump", "mptcp,help"):
            self.assertIn(name, text)
        self.assertNotIn("mptcpscope", text)


class Help(Case):
    REPORTS = {"connections", "subflows", "summary", "events", "reinjections", "rtt", "reordering",
               "limits", "interarrival", "series", "mib", "critical-path", "flows", "dump"}
    OPTIONS = {"format", "file", "connection", "near", "interval", "direction", "end", "pieces",
               "zeros", "table", "tcp"}

    def test_lists_reports_and_options(self):
        for call in ("mptcp", "mptcp,help"):
            result = self.tshark.stat(capture("twopath"), call)
            self.assertEqual((result.returncode, result.stderr), (0, ""))
            self.assertLessEqual(max(map(len, result.stdout.splitlines())), 100)
            reports, options = result.stdout.split("\n\n")[1:3]
            for text, names in ((reports, self.REPORTS), (options, self.OPTIONS)):
                lines = text.splitlines()[1:]
                self.assertEqual({line.split()[0].split("=")[0] for line in lines}, names)
                self.assertTrue(all(len(line.split()) > 2 for line in lines), text)

    def test_every_option_is_taken_by_some_report(self):
        """What the help says of an option holds."""
        values = {"format": "csv", "file": self.tshark.path("help.csv"), "connection": "0",
                  "near": "client", "interval": "2", "direction": "c2s", "end": "0", "pieces": "1",
                  "zeros": "1", "table": "rows", "tcp": "all"}
        text = self.tshark.stat(capture("twopath"), "mptcp,help").stdout.split("\n\n")[2]
        for line in text.splitlines()[1:]:
            name = line.split()[0].split("=")[0]
            takers = line.split("; only ")[1].split(", ") if "; only " in line else ["subflows"]
            for report in takers:
                more = f",file={self.tshark.path('help.dump')}" if report == "dump" else ""
                call = f"mptcp,{report}{more},{name}={values[name]}"
                result = self.tshark.stat(capture("twopath"), call)
                self.assertEqual((result.returncode, result.stderr), (0, ""), call)

    def test_ends_before_anything_is_read(self):
        """Nothing else is written, and no file is left."""
        out = self.tshark.path("help.csv")
        result = self.tshark.run("-r", capture("twopath"), "-z", "mptcp,help",
                                 "-z", f"mptcp,connections,file={out}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertEqual(result.stdout, self.tshark.stat(capture("twopath"), "mptcp").stdout)
        self.assertFalse(os.path.exists(out))


class Locale(Case):
    """Wireshark sets the user's locale. A comma for the decimal point must not change anything."""

    def test_german(self):
        locales = self.tshark.path("locales")
        os.makedirs(locales)
        subprocess.run(["localedef", "-i", "de_DE", "-f", "UTF-8",
                        os.path.join(locales, "de_DE.UTF-8")], check=True)
        calls = [word for name in ("critical-path", "limits", "summary", "rtt", "reordering",
                                   "series", "connections")
                 for word in ("-z", f"mptcp,{name},format=json")]
        arguments = ("-q", "-n", "-r", capture("lossy"), *calls)
        expected = self.tshark.run(*arguments).stdout
        user = self.tshark.environment
        german = {**user, "LOCPATH": locales, "LC_ALL": "de_DE.UTF-8"}
        try:
            self.tshark.environment = german
            found = self.tshark.run(*arguments).stdout
            # The locale is there.
            self.assertIn(",", subprocess.run(["/usr/bin/printf", "%.1f", "0"], env=german,
                                              capture_output=True, text=True).stdout)
        finally:
            self.tshark.environment = user
        self.assertEqual(found, expected)


class Passes(Case):
    """One pass, two passes and a live capture give the same results."""

    def test_reports_of_two_passes(self):
        for path in captures():
            for call in ("mptcp,connections,format=json", "mptcp,subflows"):
                with self.subTest(path=path, call=call):
                    once, twice = self.tshark.stat(path, call), self.tshark.stat(path, call, "-2")
                    self.assertEqual((once.returncode, twice.returncode), (0, 0))
                    self.assertEqual(once.stdout, twice.stdout)
                    self.assertTrue(once.stdout)

    def test_dump_of_two_passes(self):
        for path in captures():
            for options in ("", ",tcp=all", ",tcp=all,tcp.flags.syn == 1"):
                with self.subTest(path=path, options=options):
                    _, once = self.tshark.dump(path, "once.csv", options)
                    _, twice = self.tshark.dump(path, "twice.csv", options, ["-2"])
                    self.assertEqual(len(once), len(twice))
                    numbers = {}
                    for one, two in zip(once, twice):
                        self.compare_rows(one, two, numbers)
                    self.assertEqual(len(set(numbers.values())), len(numbers))
                    for key in self.VERDICT:
                        self.assertEqual(*(sum(int(row[key] or 0) for row in rows)
                                           for rows in (once, twice)), key)

    # Of two transmissions of the same data the earlier one is new. With two passes that is the one
    # with the earlier time, with one pass the one that stands first in the file.
    VERDICT = ("data_bytes", "retransmitted_bytes", "reinjected_bytes")

    def compare_rows(self, one, two, numbers):
        """Compares a row written in one pass and in two: with two, the upper half of a DSN may be
        known that was not known with one, and subflows are numbered in the order of time."""
        one, two = dict(one), dict(two)
        self.assertEqual(*(sum(int(row.pop(key) or 0) for key in self.VERDICT)
                           for row in (one, two)))
        found = [tuple(row.pop(key) for key in ("connection", "subflow")) for row in (one, two)]
        self.assertEqual(numbers.setdefault(found[0], found[1]), found[1])
        for key in ("dsn", "dsn_relative"):
            if one[key] == "":
                two[key] = ""
        self.assertEqual(one, two)

    def test_live(self):
        expected = self.tshark.json(capture("twopath"), "mptcp,connections")
        for source in ("-r", "-i"):
            with open(capture("twopath"), "rb") as file, self.subTest(source=source):
                result = self.tshark.run("-q", "-n", source, "-", "-z",
                                         "mptcp,connections,format=json", stdin=file)
                got = json.loads(result.stdout)
                self.assertIsNone(got["capture"])
                self.assertEqual(got["rows"], expected["rows"])

    def test_read_filter_in_first_of_two_passes(self):
        """With -2 -R all frames are analysed, but only those that pass get a number."""
        passed = self.tshark.fields(capture("twopath"), "mptcpscope.subflow",
                                    more=["-2", "-R", "mptcpscope.subflow == 1"])
        self.assertTrue(passed)
        self.assertEqual({row[0] for row in passed}, {"1"})


class Calls(Case):
    def test_capture_is_named(self):
        path = capture("twopath")
        for arguments in (["-r", path], ["-r" + path], ["-nr", path], ["-nr" + path]):
            with self.subTest(arguments=arguments):
                result = self.tshark.run("-q", *arguments, "-z", "mptcp,connections,format=json")
                self.assertEqual(json.loads(result.stdout)["capture"], "client.pcapng")

    def test_several(self):
        path, out = capture("lossy"), [self.tshark.path(f"several{i}") for i in range(4)]
        calls = [f"mptcp,connections,file={out[0]},format=csv",
                 f"mptcp,connections,format=csv,file={out[1]},tcp.len > 0",
                 f"mptcp,subflows,format=csv,file={out[2]}", f"mptcp,dump,file={out[3]}"]
        result = self.tshark.run("-q", "-n", "-r", path, *[w for c in calls for w in ("-z", c)])
        self.assertEqual((result.returncode, result.stdout), (0, ""), result.stderr)
        tables = []
        for name in out[:3]:
            with open(name, encoding="utf-8") as file:
                tables.append(list(csv.DictReader(file)))
        self.assertGreater(int(tables[0][0]["c2s_segments"]), int(tables[1][0]["c2s_segments"]))
        self.assertEqual(tables[0][0]["c2s_data_bytes"], tables[1][0]["c2s_data_bytes"])
        self.assertEqual(len(tables[2]), 2)
        alone = self.tshark.stat(path, "mptcp,connections,format=csv").stdout
        with open(out[0], encoding="utf-8") as file:
            self.assertEqual(file.read(), alone)

    def test_filter_chooses_what_is_counted(self):
        whole = self.tshark.json(capture("twopath"), "mptcp,connections")["rows"][0]
        call = "mptcp,connections,format=json,mptcpscope.direction == \"c2s\""
        part = json.loads(self.tshark.stat(capture("twopath"), call).stdout)["rows"][0]
        self.assertEqual(part["c2s"], whole["c2s"])
        self.assertEqual(part["s2c"]["segments"], 0)

    def test_filter_may_hold_commas(self):
        result = self.tshark.stat(capture("twopath"), "mptcp,connections,tcp.srcport in {1,5001}")
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_one_connection(self):
        rows = self.tshark.json(capture("many"), "mptcp,connections")["rows"]
        one = self.tshark.json(capture("many"), "mptcp,connections,connection=2")["rows"]
        self.assertEqual(one, [rows[2]])
        _, dumped = self.tshark.dump(capture("many"), "one.csv", ",connection=2", ["-2"])
        self.assertEqual({row["connection"] for row in dumped}, {"2"})

    def test_errors(self):
        out = self.tshark.path("never.csv")
        calls = {
            "mptcp,": "connections, subflows",
            "mptcp,helpX": "connections, subflows",
            "mptcp,nosuch": "connections, subflows",
            "mptcp,connectionsX": "connections, subflows",
            "mptcp,dumpX": "connections, subflows",
            "mptcp,connections,format=xml": "text, csv, json",
            "mptcp,connections,connection=one": "connection",
            "mptcp,connections,connection=1": "no connection 1; the file has 1",
            f"mptcp,dump,file={out},connection=1": "no connection 1; the file has 1",
            "mptcp,flows,table=x": "known tables: rows",
            "mptcp,flows,table=totals": "known tables: rows, flows",
            "mptcp,rtt,table=rows": "unknown option \"table\"",
            "mptcp,critical-path,end=9": "connection 0 has no subflow 9; it has 2",
            "mptcp,connections,zeros=1": "format, file, connection",
            "mptcp,mib,zeros=0": "zeros=1",
            "mptcp,connections,csv": "format=csv",
            "mptcp,connections,csv,connection=0": "format=csv",
            "mptcp,connections,0": "connection=0",
            "mptcp,connections,client": "near=client",
            "mptcp,critical-path,c2s": "direction=c2s",
            f"mptcp,connections,{out}": f"file={out}",
            "mptcp,connections,tcp,format=json": "options come before it",
            "mptcp,connections,colour=red": "format, file, connection",
            "mptcp,connections,tcp=all": "format, file, connection",
            f"mptcp,connections,file={out},tcp.nosuch": "tcp.nosuch",
            f"mptcp,connections,file={out},ip.addr ==": "ip.addr ==",
            f"mptcp,dump,file={out},tcp.nosuch": "tcp.nosuch",
            f"mptcp,dump,file={out},tcp=some": "all",
            "mptcp,dump": "file=PATH",
            "mptcp,dump,file=/nonexistent/never.csv": "No such file",
            "mptcp,connections,file=/nonexistent/never.csv": "No such file",
            "mptcp,connections,file=/dev/full": "No space left",
        }
        for call, message in calls.items():
            with self.subTest(call=call):
                result = self.tshark.stat(capture("twopath"), call)
                self.assertNotEqual(result.returncode, 0)
                self.assertEqual(result.stdout, "")
                self.assertIn(message, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_the_name_of_a_format_is_a_filter(self):
        """"json" and "text" are protocols, so the user is told what else was meant."""
        for word in ("json", "text"):
            result = self.tshark.stat(capture("twopath"), f"mptcp,connections,{word}")
            self.assertEqual(result.returncode, 0)
            self.assertIn(f"Filter: {word}", result.stdout)
            self.assertIn(f"the option is format={word}", result.stderr)
            self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_connection_out_of_range_leaves_no_output(self):
        out = self.tshark.path("none.json")
        for more in ([], ["-2"]):
            result = self.tshark.run("-q", "-r", capture("many"), "-z",
                                     f"mptcp,subflows,format=json,file={out},connection=99", *more)
            self.assertEqual((result.returncode, result.stdout), (1, ""))
            self.assertIn("no connection 99; the file has ", result.stderr)
            self.assertFalse(os.path.exists(out))

    def test_an_error_leaves_no_file(self):
        before = sorted(os.listdir(self.tshark.home))
        for wrong in ("mptcp,nosuch", "mptcp,connections,format=xml", "mptcp,subflows,tcp.nosuch"):
            calls = [f"mptcp,connections,file={self.tshark.path('a.csv')}",
                     f"mptcp,dump,file={self.tshark.path('b.csv.gz')}", wrong]
            self.tshark.run("-q", "-r", capture("twopath"), *[w for c in calls for w in ("-z", c)])
            self.assertEqual(sorted(os.listdir(self.tshark.home)), before)

    def test_unreadable_capture(self):
        result = self.tshark.stat("/nonexistent.pcap", "mptcp,connections")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")

    def test_empty_capture(self):
        path = write_pcap(self.tshark.path("empty.pcap"), [])
        self.assertEqual(self.tshark.json(path, "mptcp,connections")["rows"], [])
        self.assertEqual(self.tshark.dump(path, "empty.csv")[1], [])


class Fields(Case):
    NAMES = ("connection", "subflow", "direction", "dsn", "data_bytes", "retransmitted",
             "reinjected", "data_fin")

    def rows(self, path, more=()):
        names = ["frame.number", "tcp.stream"] + ["mptcpscope." + name for name in self.NAMES]
        return [dict(zip(["frame", "tcp_stream", *self.NAMES], row))
                for row in self.tshark.fields(path, *names, more=more)]

    def test_agree_with_the_dump(self):
        for path in (capture("twopath"), capture("lossy", "server")):
            _, dumped = self.tshark.dump(path, "fields.csv")
            dumped = {row["frame"]: row for row in dumped}
            for more in ([], ["-2"]):
                with self.subTest(path=path, more=more):
                    rows = self.rows(path, more)
                    self.assertEqual({r["frame"] for r in rows if r["connection"]}, set(dumped))
                    for row in rows:
                        if row["connection"]:
                            self.compare(row, dumped[row["frame"]])

    def compare(self, row, dumped):
        def shown(text):
            return text if text and int(text) > 0 else ""
        for name in ("connection", "subflow", "direction", "tcp_stream"):
            self.assertEqual(row[name], dumped[name], row)
        self.assertEqual(row["dsn"], dumped["dsn_relative"], row)
        self.assertEqual(row["data_bytes"], shown(dumped["data_bytes"]), row)
        self.assertEqual(row["retransmitted"], shown(dumped["retransmitted_bytes"]), row)
        self.assertEqual(row["reinjected"], shown(dumped["reinjected_bytes"]), row)
        self.assertEqual(bool(row["data_fin"]), dumped["data_fin"] == "1", row)

    def test_reinjected_alone_is_a_filter(self):
        path = capture("many")
        rows = self.tshark.fields(path, "mptcpscope.reinjected",
                                  more=["-Y", "mptcpscope.reinjected"])
        self.assertTrue(rows)
        self.assertTrue(all(int(row[0]) > 0 for row in rows))
        total = sum(row[d]["reinjections"] for row in
                    self.tshark.json(path, "mptcp,connections")["rows"] for d in ("c2s", "s2c"))
        self.assertEqual(len(rows), total)

    def test_dsn_of_the_first_byte_is_1(self):
        for direction in ("c2s", "s2c"):
            shown = self.tshark.fields(
                capture("twopath"), "mptcpscope.dsn",
                more=["-Y", f"mptcpscope.data_bytes && mptcpscope.direction == \"{direction}\""])
            self.assertEqual(shown[0], ["1"])

    def test_details(self):
        text = self.tshark.run("-n", "-V", "-r", capture("twopath"), "-Y",
                               "mptcpscope.data_bytes", "-c", "400").stdout
        self.assertIn("[MPTCP connection 0, subflow 0, client to server: data 17 to 1440]", text)
        self.assertIn("[Data bytes: ", text)


class Encapsulations(Case):
    def segments(self, name, frames):
        path = write_pcap(self.tshark.path(name + ".pcap"), frames)
        once, rows = self.tshark.dump(path, name + ".csv", ",tcp=all")
        twice, _ = self.tshark.dump(path, name + "2.csv", ",tcp=all", ["-2"])
        self.assertEqual(once, twice)
        return path, rows

    def check_one_connection(self, name, frames, rows_wanted=3):
        path, rows = self.segments(name, frames)
        self.assertEqual([row["connection"] for row in rows], ["0"] * rows_wanted)
        self.assertEqual({row["tcp_stream"] for row in rows}, {"0"})
        self.assertEqual(rows[0]["source"], "10.0.0.1")
        found = self.tshark.json(path, "mptcp,connections")["rows"]
        self.assertEqual((len(found), found[0]["version"]), (1, 1))
        return rows

    def test_plain(self):
        self.check_one_connection("plain", [ethernet(p) for p in handshake()])

    def test_vlan(self):
        self.check_one_connection(
            "vlan", [ethernet(struct.pack("!HH", 7, 0x0800) + p, 0x8100) for p in handshake()])

    def test_ip_in_ip(self):
        self.check_one_connection("tunnel", [
            ethernet(ip4(p, "192.0.2.1", "192.0.2.2", 4)) for p in handshake()])

    def test_ip_in_ipv6(self):
        outer = struct.pack("!IHBB", 0x60000000, 0, 4, 64)
        self.check_one_connection("tunnel6", [
            ethernet(outer[:4] + struct.pack("!H", len(p)) + outer[6:] + bytes(31) + b"\1" + p,
                     0x86DD) for p in handshake()])

    def test_quoted_by_icmp(self):
        quoted = [ethernet(ip4(b"\x03\x01" + bytes(6) + p, "10.0.0.9", "10.0.0.1", 1))
                  for p in handshake(2000)]
        self.check_one_connection("icmp", [ethernet(p) for p in handshake()] + quoted)
        _, rows = self.segments("only-icmp", quoted)
        self.assertEqual(rows, [])

    def test_fragments(self):
        data = tcp(1000, 80, 101, 201, 0x10, CAPABLE_ACK, b"x" * 48)
        cut = 24
        frames = handshake()[:2] + [ip4(data[:cut], ident=9, offset=0x2000),
                                    ip4(data[cut:], ident=9, offset=cut // 8)]
        rows = self.check_one_connection("fragments", [ethernet(p) for p in frames])
        self.assertEqual((rows[2]["frame"], rows[2]["length"]), ("4", "48"))

    def test_padded(self):
        """The length of the payload follows from the IP header, not from the frame."""
        rows = self.check_one_connection("padded", [ethernet(p) + bytes(10) for p in handshake()])
        self.assertEqual({row["length"] for row in rows}, {"0"})

    def test_payload_like_a_packet(self):
        """Payload that looks like a packet is not taken for one."""
        frames = handshake() + [ip4(tcp(1000, 80, 101, 201, 0x18, b"", handshake(3000)[0]))]
        self.check_one_connection("payload", [ethernet(p) for p in frames], 4)

    def test_cut(self):
        """Headers that the snaplen cuts are left out without an error."""
        whole = [ethernet(p) for p in handshake()]
        for length in range(14, 74, 3):
            with self.subTest(length=length):
                path = self.tshark.path("cut.pcap")
                with open(path, "wb") as file:
                    file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
                    for frame in whole:
                        cut = frame[:length]
                        file.write(struct.pack("<IIII", 1, 0, len(cut), len(frame)) + cut)
                result = self.tshark.stat(path, "mptcp,connections,format=json")
                self.assertEqual(result.returncode, 0, result.stderr)
                json.loads(result.stdout)

    def test_plain_tcp_needs_an_option(self):
        frames = [ethernet(ip4(tcp(1000, 80)))]
        path, rows = self.segments("tcp", frames)
        self.assertEqual([row["connection"] for row in rows], [""])
        self.assertEqual(self.tshark.dump(path, "none.csv")[1], [])


class Tables(Case):
    """The tables of the Statistics menu are for windows: tshark has the reports."""

    def test_not_in_tshark(self):
        result = self.tshark.stat(capture("many"), "mptcpscope,connections")
        self.assertNotEqual(result.returncode, 0)
        self.assertEqual(result.stdout, "")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = sys.argv.pop(1)
    unittest.main()
