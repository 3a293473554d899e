#!/usr/bin/python3
"""numerics: figures worked out by hand for a described topology, measured paths against the settings
of the lab (captures/README.md), option bytes against a count of its own, and bad input.

usage: test_numerics.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import copy
import csv
import gzip
import io
import json
import math
import os
import struct
import subprocess
import sys

from folder import FolderCase, unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lab"))
import pcapng  # pylint: disable=wrong-import-position

ROOT = os.path.join(HERE, "..", "..")
CAPTURES = os.path.join(ROOT, "captures")
EXAMPLE = os.path.join(ROOT, "examples", "topology.json")
COMMAND = "mptcpscope"
TWO_PATHS = {"paths": [{"delay": {"c2s": 0.010, "s2c": 0.030}, "rate": 8e6, "mss": 1460,
                        "loss": {"c2s": 0.01, "s2c": 0}},
                       {"delay": 0.050, "rate": {"c2s": 4e6, "s2c": 16e6}, "mss": 1460}],
             "buffers": {"server": {"receive": 100000}, "client": {"send": 50000}}}

# Delay each way (ms), rate each way (Mbit/s) of both paths: what captures/README.md says.
SETTINGS = {"twopath": [(10, 12, 6), (25, 35, 4)], "lossy": [(5, 15, 6), (40, 20, 5)],
            "ipv6": [(4, 6, 6), (15, 12, 4)], "handover": [(7, 9, 2.5), (22, 26, 2.5)],
            "limitrate": [(8, 11, 1), (20, 16, 0.7)], "checksum": [(7, 9, 2), (12, 16, 2)]}
# Directions of paths that carried enough to fill them for 50 ms.
FILLED = [("twopath", 0, "c2s"), ("twopath", 0, "s2c"), ("lossy", 0, "c2s"), ("lossy", 0, "s2c"),
          ("ipv6", 0, "c2s"), ("handover", 0, "c2s"), ("handover", 1, "c2s"),
          ("handover", 1, "s2c"), ("limitrate", 0, "c2s"), ("limitrate", 1, "c2s")]
# A full packet has 1500 bytes; its payload is smaller by headers of 52 or 72 bytes, and by MPTCP
# options of up to 28. ACKs that acknowledge several segments blur a rate by up to 3 %.
PAYLOAD_SHARE = (1400 / 1500, 1448 / 1500)


def run(*arguments, **options):
    return subprocess.run([COMMAND, "numerics", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **options)


def document_of(*arguments):
    done = run(*arguments, "--format=json")
    if done.returncode != 0:
        raise AssertionError((arguments, done.stderr))
    return json.loads(done.stdout)


def both(name):
    return [os.path.join(CAPTURES, name, side + ".pcapng") for side in ("client", "server")]


def figures_of(document):
    """Values by direction, subflow (None: all together) and figure."""
    return {(row["direction"], row["subflow"], row["figure"]): row["value"]
            for row in document["rows"]}


class Case(FolderCase):
    def topology(self, description):
        with open(self.at("t.json"), "w", encoding="utf-8") as file:
            json.dump(description, file)
        return document_of("--topology", self.at("t.json"))


class Described(Case):
    def test_by_hand(self):
        """RTTs are 40 and 100 ms; the timeouts 1 s, of Linux 240 and 300 ms."""
        figures = figures_of(self.topology(TWO_PATHS))
        # 8 * 1460 / 0.04 * sqrt(150); 11680 / (0.04 * sqrt(0.02 / 3) + 3 * sqrt(0.00375) * 0.010032)
        mathis, pftk = 3576255, 11680 / (0.04 * 0.0816496581 + 3 * 0.0612372436 * 0.010032)
        expected = {
            ("c2s", 0, "bdp"): 40000, ("c2s", 1, "bdp"): 50000,
            ("s2c", 0, "bdp"): 40000, ("s2c", 1, "bdp"): 200000,
            ("c2s", 0, "single_path_buffer"): 80000,
            ("c2s", 0, "rto"): 1, ("c2s", 0, "rto_linux"): 0.24, ("c2s", 1, "rto_linux"): 0.3,
            ("c2s", None, "bandwidth"): 12e6, ("s2c", None, "bandwidth"): 24e6,
            ("c2s", None, "rtt_max"): 0.1, ("c2s", None, "rto_max_linux"): 0.3,
            ("c2s", None, "receive_buffer_lower"): 50000,
            ("s2c", None, "receive_buffer_lower"): 200000,
            ("c2s", None, "receive_buffer_fast"): 150000,
            ("c2s", None, "receive_buffer"): 300000, ("c2s", None, "send_buffer"): 300000,
            ("s2c", None, "receive_buffer"): 600000,
            ("c2s", None, "receive_buffer_timeout"): 1500000,
            ("c2s", None, "send_buffer_timeout"): 1500000,
            ("c2s", None, "receive_buffer_timeout_linux"): 450000,
            ("c2s", None, "receive_buffer_seen"): 100000,
            ("c2s", None, "send_buffer_seen"): 50000,
            ("s2c", None, "receive_buffer_seen"): None,
            ("c2s", None, "receive_buffer_allows"): 8e6,
            ("c2s", None, "receive_buffer_allows_fast"): 4e6,
            ("c2s", None, "receive_buffer_allows_timeout"): 800000,
            ("c2s", None, "send_buffer_allows"): 4e6,
            ("c2s", 0, "loss_bound"): mathis, ("c2s", 0, "loss_bound_timeouts"): round(pftk),
            ("c2s", 0, "expected_path"): round(pftk), ("c2s", 1, "expected_path"): 4e6,
            ("c2s", 1, "loss_bound"): None,
            ("c2s", None, "expected"): 4e6, ("s2c", None, "expected"): 24e6,
            ("s2c", None, "expected_coupled"): 16e6,
        }
        for key, value in expected.items():
            with self.subTest(figure=key):
                if value is None:
                    self.assertIsNone(figures[key])
                else:
                    self.assertAlmostEqual(figures[key], value, delta=1e-9 if value < 10 else 1)

    def test_overhead_by_hand(self):
        """12 bytes of timestamps, and DSS of 18 to 28 bytes that are padded to 20 to 28."""
        rows = [row for row in self.topology(TWO_PATHS)["overhead"]
                if row["path"] == 0 and row["direction"] == "c2s"]
        self.assertEqual({(r["ack_bytes"], r["dsn_bytes"], r["checksum"]):
                          (r["option_bytes"], r["padded_bytes"], r["payload"]) for r in rows},
                         {(4, 4, False): (18, 20, 1428), (4, 4, True): (20, 20, 1428),
                          (8, 4, False): (22, 24, 1424), (8, 4, True): (24, 24, 1424),
                          (4, 8, False): (22, 24, 1424), (4, 8, True): (24, 24, 1424),
                          (8, 8, False): (26, 28, 1420), (8, 8, True): (28, 28, 1420)})
        for row in rows:
            self.assertAlmostEqual(row["share"], row["padded_bytes"] / row["payload"])
        plain = dict(TWO_PATHS, checksum=True, timestamps=False)
        rows = self.topology(plain)["overhead"]
        self.assertEqual({row["checksum"] for row in rows}, {True})
        self.assertEqual({row["payload"] + row["padded_bytes"] for row in rows}, {1460})
        tiny = copy.deepcopy(TWO_PATHS)
        tiny["paths"][0]["mss"] = 40
        row = [r for r in self.topology(tiny)["overhead"] if r["padded_bytes"] == 28][0]
        self.assertEqual((row["payload"], row["share"]), (None, None))
        self.assertIn("no room", row["reason"])

    def test_properties(self):
        """Twice the rate doubles buffers, the order of paths does not matter, exchanged directions
        exchange the figures, and one more path never needs less."""
        base = figures_of(self.topology(TWO_PATHS))
        twice, back = copy.deepcopy(TWO_PATHS), copy.deepcopy(TWO_PATHS)
        twice["paths"][0]["rate"], twice["paths"][1]["rate"] = 16e6, {"c2s": 8e6, "s2c": 32e6}
        back["paths"].reverse()
        more = copy.deepcopy(TWO_PATHS)
        more["paths"].append({"delay": 0.001, "rate": 1000, "mss": 536})
        doubled, reversed_, grown = (figures_of(self.topology(t)) for t in (twice, back, more))
        mirrored = copy.deepcopy(TWO_PATHS)
        for path in mirrored["paths"]:
            for key in ("delay", "rate", "loss"):
                if isinstance(path.get(key), dict):
                    path[key] = {"c2s": path[key]["s2c"], "s2c": path[key]["c2s"]}
        mirrored = figures_of(self.topology(mirrored))
        for (direction, path, name), value in base.items():
            if path is not None or value is None:
                continue
            key = direction, path, name
            self.assertEqual(reversed_[key], value, key)
            if name.startswith(("receive_buffer", "send_buffer")) and "seen" not in name \
                    and "allows" not in name:
                self.assertEqual(doubled[key], 2 * value, key)
                self.assertGreaterEqual(grown[key], value, key)
                other = "s2c" if direction == "c2s" else "c2s"
                self.assertEqual(mirrored[other, None, name], value, key)
        for direction in ("c2s", "s2c"):
            order = [base[direction, None, "receive_buffer" + end]
                     for end in ("_lower", "_fast", "", "_timeout")]
            self.assertEqual(order, sorted(order))

    def test_sources(self):
        """Every figure has its formula and source; what is not known has a reason."""
        documents = [document_of("--topology", EXAMPLE), document_of(*both("lossy")),
                     document_of(both("lossy")[0])]
        for document in documents:
            self.assertTrue(document["rows"])
            for row in document["rows"]:
                self.assertTrue(row["formula"] and row["reference"] and row["unit"], row)
                self.assertEqual(row["value"] is None, row["reason"] is not None, row)
            self.assertTrue(document["overhead_formula"] and document["overhead_reference"])

    def test_forms_agree(self):
        """csv has the rows of json; a topology may come compressed on standard input."""
        done = run("--topology", EXAMPLE, "-f", "csv")
        rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
        expected = document_of("--topology", EXAMPLE)["rows"]
        self.assertEqual([r["figure"] for r in rows], [r["figure"] for r in expected])
        self.assertEqual([float(r["value"]) if r["value"] else None for r in rows],
                         [r["value"] for r in expected])
        with open(EXAMPLE, "rb") as file:
            piped = run("--topology", "-", "-f", "csv", input=gzip.compress(file.read()))
        self.assertEqual(piped.stdout, done.stdout)
        output = self.at("out.csv")
        run("--topology", EXAMPLE, "-f", "csv", "-o", output)
        with open(output, "rb") as file:
            self.assertEqual(file.read(), done.stdout)


class Measured(Case):
    """The lab's settings. A delay is longer than the setting by the time that the packet takes on
    the line (at most 1514 bytes) and by what hosts take, below 1 ms; a rate is that of payload."""

    def test_delays(self):
        for name, paths in SETTINGS.items():
            for row in document_of(*both(name), "--clock", "offset")["paths"]:
                there, back, rate = paths[row["subflow"]]
                if row["direction"] == "s2c":
                    there, back = back, there
                line = 2 * 1514 * 8 / (rate * 1e6) + 0.002
                with self.subTest(capture=name, row=row):
                    self.assertGreaterEqual(row["rtt"], (there + back) / 1000)
                    self.assertLess(row["rtt"], (there + back) / 1000 + line)
                    self.assertGreaterEqual(row["rtt_p95"], row["rtt"])
                    self.assertAlmostEqual(row["delay"] + row["delay_back"], row["rtt"],
                                           delta=0.002)

    def test_rates(self):
        """What fills a path comes at its rate, whoever measures it: both ends' captures, either end
        alone, by arrivals or by acknowledgements."""
        rows = {}
        for name in {name for name, _, _ in FILLED}:
            client, server = both(name)
            for files in ([client, server], [client], [server]):
                for row in document_of(*files)["paths"]:
                    key = name, row["subflow"], row["direction"]
                    rows.setdefault(key, []).append((row["rate"], row["rate_from"]))
        ways = set()
        for key in FILLED:
            setting = SETTINGS[key[0]][key[1]][2] * 1e6
            ways |= {way for _, way in rows[key]}
            for rate, way in rows[key]:
                with self.subTest(path=key, way=way):
                    self.assertGreater(rate, 0.97 * PAYLOAD_SHARE[0] * setting)
                    self.assertLess(rate, (1.03 if way == "acknowledgements" else 1)
                                    * PAYLOAD_SHARE[1] * setting)
        self.assertEqual(ways, {"arrivals", "acknowledgements"})
        # None is above what the line carries.
        for (name, path, _), measured in rows.items():
            for rate, _ in measured:
                self.assertLess(rate or 0, 1.03 * SETTINGS[name][path][2] * 1e6)

    def test_buffers(self):
        """The figures follow from the paths, as the formulas say."""
        for name in ("twopath", "limitrate"):
            document = document_of(*both(name))
            figures = figures_of(document)
            paths = [row for row in document["paths"] if row["direction"] == "c2s"]
            total, longest = sum(p["rate"] for p in paths), max(p["rtt"] for p in paths)
            self.assertAlmostEqual(figures["c2s", None, "receive_buffer"], 2 * total * longest / 8,
                                   delta=2)
            self.assertAlmostEqual(figures["c2s", None, "receive_buffer_lower"],
                                   max(p["rate"] * p["rtt"] for p in paths) / 8, delta=2)
            loaded = [row["value_loaded"] for row in document["rows"]
                      if (row["direction"], row["figure"]) == ("c2s", "receive_buffer")]
            self.assertAlmostEqual(loaded[0], total * max(p["rtt_p95"] for p in paths) / 4, delta=2)

    def test_small_receive_buffer(self):
        """SO_RCVBUF of 16 384 bytes, which the kernel doubles for its own needs (socket(7)): the
        window stays below that, the sender keeps to the window, and the window is why paths of
        20 Mbit/s carried less."""
        figures = figures_of(document_of(*both("limitrcvbuf")))
        seen = figures["c2s", None, "receive_buffer_seen"]
        self.assertTrue(8192 < seen <= 32768, seen)
        self.assertLessEqual(figures["c2s", None, "unacknowledged_seen"], seen)
        allowed = figures["c2s", None, "receive_buffer_allows"]
        self.assertAlmostEqual(allowed, seen * 8 / figures["c2s", None, "rtt_max"], delta=2)
        self.assertLess(allowed, 20e6)
        self.assertLessEqual(figures["c2s", None, "expected"], allowed)

    def test_loss(self):
        """Of two captures it is that of owd; one capture does not show it."""
        for name in ("lossy", "many", "twopath"):
            done = subprocess.run([COMMAND, "owd", *both(name), "-f", "json"], check=True,
                                  stdout=subprocess.PIPE)
            truth = {(r["connection"], r["subflow"], r["direction"]): r["loss_ratio"]
                     for r in json.loads(done.stdout)["rows"]}
            for row in document_of(*both(name))["paths"]:
                ratio = truth[row["connection"], row["subflow"], row["direction"]]
                if ratio is None:
                    self.assertIsNone(row["loss_ratio"])
                else:
                    self.assertAlmostEqual(row["loss_ratio"], ratio)
            for row in document_of(both(name)[0])["paths"]:
                self.assertIsNone(row["loss_ratio"])
                self.assertIn("one capture does not show", row["reason"])

    def test_connection(self):
        all_, one = document_of(*both("many")), document_of(*both("many"), "-c", "3")
        self.assertEqual([r for r in all_["rows"] if r["connection"] == 3], one["rows"])
        self.assertEqual([r for r in all_["overhead"] if r["connection"] == 3], one["overhead"])


def headers_of(path):
    """(whether the client sent it, TCP options, payload) of each TCP segment on Ethernet."""
    with open(path, "rb") as file:
        blocks = list(pcapng.blocks(file.read()))
    for kind, body in blocks:
        if kind != pcapng.ENHANCED_PACKET:
            continue
        packet = body[20:]
        if packet[12:14] == b"\x08\x00":
            tcp, end = 14 + (packet[14] & 15) * 4, 14 + struct.unpack_from("!H", packet, 16)[0]
        else:
            tcp, end = 54, 54 + struct.unpack_from("!H", packet, 18)[0]
        options = tcp + (packet[tcp + 12] >> 4) * 4
        yield packet[tcp + 2:tcp + 4] == struct.pack("!H", 5001), packet[tcp + 20:options], \
            end - options


def mptcp_bytes(options):
    """(subtype, bytes, padding) of each MPTCP option."""
    at = 0
    while at < len(options) and options[at] != 0:
        if options[at] == 1:
            at += 1
            continue
        end = at + options[at + 1]
        if options[at] == 30:
            padding = 0
            while (end + padding) % 4 and options[end + padding:end + padding + 1] in (b"\0", b"\1"):
                padding += 1
            yield options[at + 2] >> 4, end - at, padding
        at = end


class Overhead(Case):
    NAMES = ["MP_CAPABLE", "MP_JOIN", "DSS", "ADD_ADDR", "REMOVE_ADDR", "MP_PRIO", "MP_FAIL",
             "MP_FASTCLOSE", "MP_TCPRST"]

    def test_own_count(self):
        for name in ("twopath", "ipv6", "checksum", "lossy"):
            path = both(name)[0]
            counts, payload = collections.Counter(), collections.Counter()
            for c2s, options, length in headers_of(path):
                direction = "c2s" if c2s else "s2c"
                payload[direction] += length
                for subtype, size, padding in mptcp_bytes(options):
                    counts[direction, self.NAMES[subtype], "options"] += 1
                    counts[direction, self.NAMES[subtype], "bytes"] += size
                    counts[direction, self.NAMES[subtype], "padding"] += padding
            rows = document_of(path)["overhead"]
            for row in rows:
                with self.subTest(capture=name, row=row):
                    self.assertEqual(row["payload"], payload[row["direction"]])
                    if row["option"] == "all":
                        continue
                    for what in ("options", "bytes", "padding"):
                        self.assertEqual(row[what],
                                         counts.pop((row["direction"], row["option"], what)))
                    self.assertAlmostEqual(row["share"], (row["bytes"] + row["padding"])
                                           / row["payload"])
            self.assertEqual(sum(counts.values()), 0, counts)
            for total in (row for row in rows if row["option"] == "all"):
                parts = [r for r in rows if r["direction"] == total["direction"] and r is not total]
                self.assertEqual(total["bytes"], sum(r["bytes"] for r in parts))

    def test_cut_options(self):
        path = os.path.join(ROOT, "tests", "cases", "snaplen80.pcap")
        if not os.path.exists(path):
            self.skipTest("no such case")
        for row in document_of(path)["overhead"]:
            self.assertEqual((row["bytes"], row["reason"]), (None, "the snaplen cut options"))


class Wrong(Case):
    DOCUMENTS = [
        ("", "JSON, line 1"), ("{", "JSON, line 1"), ("[]", "the document must be an object"),
        ("{}", "paths: is missing"), ('{"paths": []}', "paths: must be a list of 1 to 64"),
        ('{"paths": 5}', "paths: must be a list of 1 to 64"),
        ('{"paths": [7]}', "paths[0]: must be an object"),
        ('{"paths": [%s, {}]}', "paths[1].delay: is missing"),
        ('{"paths": [%s], "colour": 1}', "colour: unknown; known here: name, paths, buffers"),
        ('{"paths": [%s], "buffers": {"client": {"recieve": 1}}}',
         "buffers.client.recieve: unknown; known here: receive, send"),
        ('{"paths": [%s], "buffers": 3}', "buffers: must be an object"),
        ('{"paths": [%s], "buffers": {"server": []}}', "buffers.server: must be an object"),
        ('{"paths": [%s], "buffers": {"server": {"send": 0}}}',
         "buffers.server.send: must be a whole number from 1"),
        ('{"paths": [%s], "checksum": 1}', "checksum: must be true or false"),
        ('{"paths": [%s], "name": 1}', "name: must be a string"),
        ('{"paths": [%s], "paths": [%s]}', "JSON, line 1: duplicate object key"),
        ('{"paths": [%s]} {}', "JSON, line 1: end of file expected"),
        ("[" * 100000, "JSON, line 1: maximum parsing depth"),
        (" " * 1100000, "longer than 1048576 bytes"),
        ('{"n": "\x00"}', "JSON, line 1"),
    ]
    MEMBERS = [
        ("delay", "-0.001", "delay: must be a number from 0 to 3600"),
        ("delay", "1e9", "delay: must be a number from 0 to 3600"),
        ("delay", "NaN", "JSON, line 1"), ("delay", "true", "delay: must be a number"),
        ("delay", "null", "delay: must be a number"), ("delay", '"10ms"', "delay: must be a number"),
        ("delay", '{"c2s": 0.1}', "delay.s2c: is missing"),
        ("delay", '{"c2s": 0.1, "s2c": 0.1, "x": 1}', "delay.x: unknown; known here: c2s, s2c"),
        ("delay", '{"c2s": {}, "s2c": 0.1}', "delay.c2s: must be a number"),
        ("rate", "0", "rate: must be a number from 1 to 1e+14"),
        ("rate", "1e400", "JSON, line 1: real number overflow"),
        ("rate", "9" * 30, "JSON, line 1: too big integer"),
        ("rate", "[1]", "rate: must be a number"),
        ("loss", "1", "loss: must be a number from 0 to below 1"), ("loss", "-1e-9", "loss: must"),
        ("mss", "1460.5", "mss: must be a whole number from 1 to 65535"),
        ("mss", "65536", "mss: must be a whole number"), ("rttvar", "-1", "rttvar: must"),
        ("speed", "1", "speed: unknown; known here: name, delay, rate, loss, mss, rttvar"),
        ("name", "{}", "name: must be a string"),
    ]
    PATH = '{"delay": 0.01, "rate": 1e6, "mss": 1460}'

    def check(self, text, message):
        path = self.at("bad.json")
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        before = sorted(os.listdir(self.folder))
        for options in ((), ("-o", self.at("never"))):
            done = run("--topology", path, *options)
            error = done.stderr.decode()
            self.assertEqual((done.returncode, done.stdout), (1, b""), (text[:80], error))
            self.assertTrue(error.startswith(f"mptcpscope: {path}: "), error)
            self.assertIn(message, error)
            self.assertEqual(error.count("\n"), 1, error)
            self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_documents(self):
        for text, message in self.DOCUMENTS:
            self.check(text.replace("%s", self.PATH), message)
        self.check(b'{"n\xff": 1}', "JSON, line 1: unable to decode byte 0xff")

    def test_members(self):
        for name, value, message in self.MEMBERS:
            members = {"delay": "0.01", "rate": "1e6", "mss": "1460", name: value}
            text = ", ".join(f'"{key}": {member}' for key, member in members.items())
            self.check('{"paths": [{%s}]}' % text,
                       message if message.startswith("JSON") else "paths[0]." + message)

    def test_extremes(self):
        """The greatest that is allowed gives figures or reasons, never infinity."""
        path = {"delay": 3600, "rate": 1e14, "mss": 65535, "rttvar": 3600, "loss": 1e-300}
        tiny = {"delay": 0, "rate": 1, "mss": 1, "loss": 0.999}
        for paths in ([path] * 64, [tiny], [path, tiny]):
            document = self.topology({"paths": paths, "buffers": {"server": {"receive": 10**15}}})
            for row in document["rows"]:
                self.assertEqual(row["value"] is None, row["reason"] is not None, row)
                self.assertTrue(row["value"] is None or math.isfinite(row["value"]), row)

    def test_calls(self):
        for arguments, message in (
                ((), "numerics needs one file, or two: A and B; or --topology"),
                (("--topology", EXAMPLE, EXAMPLE), "--topology takes the place of files"),
                (("--topology", EXAMPLE, "-c", "0"), "--connection needs a file"),
                (("--topology", EXAMPLE, "--clock", "none"), "--clock needs two files"),
                (("--topology", EXAMPLE, "--near", "client"), "--near needs a file"),
                ((both("twopath")[0], "--clock", "offset"), "--clock needs two files"),
                ((EXAMPLE, EXAMPLE, EXAMPLE), "at most 2 files"),
                (("--topology", EXAMPLE, "-o", EXAMPLE), "would overwrite the input")):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (2, b""), arguments)
            self.assertIn(message, done.stderr.decode())
        for arguments, message in (
                (("--topology", self.at("none")), "No such file"), ((EXAMPLE,), EXAMPLE),
                ((both("twopath")[0], "-c", "7"), "no connection 7"),
                ((both("twopath")[0], both("lossy")[0]), "no connection is in both captures")):
            done = run(*arguments)
            self.assertEqual((done.returncode, done.stdout), (1, b""), arguments)
            self.assertIn(message, done.stderr.decode())


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
