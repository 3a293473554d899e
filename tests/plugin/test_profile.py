#!/usr/bin/python3
"""The profile MPTCP: its columns, colours, filter buttons, I/O graphs and plots.

usage: test_profile.py BUILD_DIR [unittest arguments]

Each of them must be valid for Wireshark, and show what it says it does: the reports know that.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import collections
import os
import re
import shutil
import subprocess
import sys
import unittest
import xml.etree.ElementTree

import test_tshark
from test_tshark import Case, capture

PROFILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "plugin", "profile",
                       "MPTCP")
NAMES = ("lossy", "many", "fallback", "stripped", "handover", "twopath")
GRAPH = ("on", "name", "filter", "colour", "style", "y", "field", "average", "factor")
PLOT = ("on", "group", "name", "filter", "colour", "style", "field", "factor")
BUTTON = ("on", "name", "filter", "comment")
STYLES = {"Line", "Impulse", "Bar", "Stacked Bar", "Dot", "Square", "Diamond", "Cross", "Circle",
          "Plus"}
UNITS = {"Bits": "BYTES", "AVG(Y Field)": "AVG", "MAX(Y Field)": "MAX", "SUM(Y Field)": "SUM"}


def lines_of(name):
    with open(os.path.join(PROFILE, name), encoding="utf-8") as file:
        return [line.rstrip("\n") for line in file if line.strip() and not line.startswith("#")]


def rows_of(name, keys):
    """The rows of one of Wireshark's tables: strings in quotation marks, some characters as codes."""
    rows = []
    for line in lines_of(name):
        cells = re.findall(r'"([^"]*)"(?:,|$)', line)
        cells = [re.sub(r"\\x(..)", lambda code: chr(int(code[1], 16)), cell) for cell in cells]
        assert len(cells) == len(keys), line
        rows.append(dict(zip(keys, cells)))
    return rows


def colours():
    """The rules in their order: name, filter, background as #rrggbb."""
    rules = []
    for line in lines_of("colorfilters"):
        _, name, filter_, colour = line.split("@")
        red, green, blue = (int(n) >> 8 for n in re.match(r"\[(\d+),(\d+),(\d+)\]", colour).groups())
        rules.append((name, filter_, f"#{red:02x}{green:02x}{blue:02x}"))
    return rules


class ProfileCase(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        config = os.path.join(cls.tshark.home, ".config")
        folder = os.path.join(config, "wireshark", "profiles", "MPTCP")
        shutil.copytree(PROFILE, folder)
        for path, _, names in os.walk(config):
            os.chmod(path, 0o777)
            for name in names:
                os.chmod(os.path.join(path, name), 0o644)
        cls.tshark.environment["XDG_CONFIG_HOME"] = config

    def frames(self, path, filter_):
        result = self.tshark.run("-2", "-n", "-r", path, "-Y", filter_, "-T", "fields", "-e",
                                 "frame.number")
        self.assertEqual(result.returncode, 0, result.stderr)
        return [int(line) for line in result.stdout.split()]

    def events(self, path, *names):
        return {row["frame"] for row in self.tshark.json(path, "mptcp,events")["rows"]
                if row["event"] in names}

    def values(self, path, field, filter_="mptcpscope"):
        """The values of a field by frame."""
        rows = self.tshark.fields(path, "frame.number", field,
                                  more=["-2", "-Y", f"({filter_}) && {field}",
                                        "-E", "aggregator=;"])
        return {int(row[0]): row[1].split(";") for row in rows}


class Columns(ProfileCase):
    def test_columns(self):
        result = self.tshark.run("-C", "MPTCP", "-2", "-n", "-r", capture("handover"), "-T", "psml")
        packets = xml.etree.ElementTree.fromstring(result.stdout)
        titles = [section.text for section in packets.find("structure")]
        fields = {"Conn.": "connection", "Subflow": "subflow", "Direction": "direction",
                  "DSN": "dsn", "DATA_ACK": "data_ack", "Data bytes": "data_bytes"}
        self.assertLessEqual(set(fields), set(titles))
        wanted = self.tshark.fields(capture("handover"), *("mptcpscope." + name for name in
                                                          fields.values()), more=["-2"])
        rows = []
        for packet in packets.findall("packet"):
            cells = dict(zip(titles, (section.text or "" for section in packet)))
            rows.append([cells[title] for title in fields])
        self.assertEqual(rows, wanted)


class Colours(ProfileCase):
    def painted(self, path):
        """The background of each packet."""
        result = self.tshark.run("-C", "MPTCP", "-2", "-n", "-r", path, "-T", "psml", "--color")
        packets = xml.etree.ElementTree.fromstring(result.stdout).findall("packet")
        return {int(packet[0].text): packet.get("background") for packet in packets}

    def test_each_packet_has_the_colour_of_the_first_rule_that_fits(self):
        names = collections.Counter()
        for name in NAMES:
            path, rules = capture(name), colours()
            wanted = {}
            for rule, filter_, colour in rules:
                for frame in self.frames(path, filter_):
                    names[rule] += frame not in wanted
                    wanted.setdefault(frame, colour)
            painted = {f: c for f, c in self.painted(path).items() if f in wanted}
            self.assertEqual(painted, wanted, name)
        for rule in ("reset", "fallback", "join", "reinjection", "retransmission", "subflow 0",
                     "subflow 1"):
            self.assertGreater(names["MPTCP " + rule], 0, rule)

    def test_rules_mean_what_they_say(self):
        filters = {name: filter_ for name, filter_, _ in colours()}
        for name in NAMES:
            path = capture(name)
            with self.subTest(name=name):
                self.assertEqual(set(self.frames(path, filters["MPTCP join"])),
                                 self.events(path, "MP_JOIN"))
                self.assertEqual(set(self.frames(path, filters["MPTCP fallback"])),
                                 self.events(path, "fallback"))
                self.assertLessEqual(self.events(path, "MP_TCPRST", "MP_FASTCLOSE"),
                                     set(self.frames(path, filters["MPTCP reset"])))
                self.assertEqual(set(self.frames(path, filters["MPTCP reinjection"])),
                                 {row["frame"] for row in
                                  self.tshark.json(path, "mptcp,reinjections")["rows"]})

    def test_subflows_differ(self):
        paints = [colour for name, _, colour in colours() if "MPTCP subflow" in name]
        self.assertEqual(len(paints), len(set(paints)))


class Buttons(ProfileCase):
    def test_filters(self):
        for button in rows_of("dfilter_buttons", BUTTON):
            with self.subTest(button=button["name"]):
                self.assertEqual(button["on"], "TRUE")
                self.assertTrue(button["comment"])
                self.frames(capture("handover"), button["filter"])

    def test_they_mean_what_they_say(self):
        filters = {row["name"]: row["filter"] for row in rows_of("dfilter_buttons", BUTTON)}
        path = capture("many")
        self.assertEqual(set(self.frames(path, filters["Joins"])), self.events(path, "MP_JOIN"))
        self.assertEqual(set(self.frames(path, filters["Ends//DATA_FIN"])),
                         self.events(path, "DATA_FIN"))
        self.assertEqual(self.frames(path, filters["MPTCP"]), self.frames(path, "mptcpscope"))
        rows = self.tshark.json(path, "mptcp,reinjections")["rows"]
        self.assertEqual(set(self.frames(path, filters["Sent again//Reinjected later"])),
                         {original["frame"] for row in rows for original in row["originals"]})
        self.assertEqual(len(self.frames(path, filters["Out of order"])),
                         sum(row["held_segments"] for row in
                             self.tshark.json(path, "mptcp,reordering")["rows"]
                             if row["level"] == "data"))
        path = capture("stripped")
        self.assertLessEqual(self.events(path, "MP_TCPRST"),
                             set(self.frames(path, filters["Ends//Resets"])))


class Graphs(ProfileCase):
    def drawn(self, path, graph):
        """What Wireshark draws with one interval for the whole capture."""
        if graph["field"]:
            call = f"{UNITS[graph['y']]}({graph['field']}){graph['field']} && ({graph['filter']})"
        else:
            call = f"BYTES(){graph['filter']}"
        text = self.tshark.stat(path, f"io,stat,0,{call}", "-2").stdout
        line = next(line for line in text.splitlines() if "<>" in line and line.count("|") > 2)
        value = float(line.split("|")[2])
        return 8 * value if graph["y"] == "Bits" else value

    def mean(self, path, field, filter_):
        values = [float(v) for row in self.values(path, field, filter_).values() for v in row]
        return sum(values) / len(values) if values else 0

    def test_format(self):
        for graph in rows_of("io_graphs", GRAPH):
            with self.subTest(graph=graph["name"]):
                self.assertIn(graph["on"], ("Enabled", "Disabled"))
                self.assertIn(graph["style"], STYLES)
                self.assertIn(graph["y"], UNITS)
                self.assertEqual((graph["average"], graph["factor"]), ("None", "1"))
                self.assertRegex(graph["colour"], "^#[0-9a-f]{6}$")

    def test_they_draw_what_they_say(self):
        """The graphs that are on show one unit; all of them agree with the reports."""
        graphs = rows_of("io_graphs", GRAPH)
        self.assertEqual({g["y"] for g in graphs if g["on"] == "Enabled"}, {"Bits"})
        for name in ("handover", "lossy"):
            path = capture(name)
            sizes = collections.Counter()
            for subflow, size in self.tshark.fields(path, "mptcpscope.subflow", "frame.len",
                                                    more=["-2", "-Y", "mptcpscope"]):
                sizes[f"Throughput of subflow {subflow}"] += 8 * int(size)
            sizes["Throughput of MPTCP"] = sum(sizes.values())
            series = self.tshark.json(path, "mptcp,series")["rows"]
            resent = self.tshark.json(path, "mptcp,reinjections")["totals"]
            wanted = {**sizes, "Reinjected bytes": sum(t["reinjected_bytes"] for t in resent),
                      "Data in flight": max(row["data_in_flight_max"] or 0 for row in series)}
            for sender, way in (("client to server", "s2c"), ("server to client", "c2s")):
                back = f'mptcpscope.direction == "{way}"'
                wanted[f"RTT of data, {sender}"] = self.mean(path, "mptcpscope.data_rtt", back)
                for subflow in range(2):
                    wanted[f"RTT of subflow {subflow}, {sender}"] = self.mean(
                        path, "mptcpscope.rtt", f"{back} && mptcpscope.subflow == {subflow}")
            for subflow in range(2):
                wanted[f"In flight on subflow {subflow}"] = max(
                    row["in_flight_max"] or 0 for row in series if row["subflow"] == subflow)
            wanted["Retransmitted bytes"] = sum(
                int(value) for values in self.values(path, "mptcpscope.retransmitted").values()
                for value in values)
            for graph in graphs:
                with self.subTest(name=name, graph=graph["name"]):
                    self.assertAlmostEqual(self.drawn(path, graph), wanted.get(graph["name"], 0), 5)


class Plots(ProfileCase):
    def test_they_draw_what_they_say(self):
        """Wireshark 4.6 draws a dot for each value of the field in packets that pass the filter."""
        name = re.compile(r"(DSN|DATA_ACK|RTT)(?: \(s\))?, subflow (\d+), (client|server) to \w+$")
        fields = {"DSN": "dsn", "DATA_ACK": "data_ack", "RTT": "rtt"}
        path = capture("many")
        rows = self.tshark.fields(path, "frame.number", "mptcpscope.connection",
                                  "mptcpscope.subflow", "mptcpscope.direction", more=[
                                      "-2", "-Y", "mptcpscope"])
        drawn = collections.Counter()
        for plot in rows_of("plots", PLOT):
            kind, subflow, sender = name.match(plot["name"]).groups()
            # An acknowledgement goes the other way than the data.
            way = "c2s" if (sender == "client") == (kind == "DSN") else "s2c"
            wanted = {int(frame) for frame, connection, at, direction in rows
                      if connection == "0" and at == subflow and direction == way}
            found = self.values(path, plot["field"], plot["filter"])
            with self.subTest(plot=plot["name"]):
                self.assertEqual(plot["field"], "mptcpscope." + fields[kind])
                everywhere = self.values(path, plot["field"])
                self.assertEqual(set(found), set(everywhere) & wanted)
                self.assertEqual((plot["style"], plot["factor"]), ("Dot", "1"))
                self.assertEqual(plot["on"], "TRUE" if sender == "client" else "FALSE")
                self.assertEqual(plot["group"], {"DSN": "1", "DATA_ACK": "2", "RTT": "3"}[kind])
            drawn[kind] += len(found)
        for kind in fields:
            self.assertGreater(drawn[kind], 10)

    def test_a_colour_for_each_subflow(self):
        by_subflow = collections.defaultdict(set)
        for plot in rows_of("plots", PLOT) + rows_of("io_graphs", GRAPH):
            match = re.search(r"subflow (\d)", plot["name"])
            if match:
                by_subflow[match[1]].add(plot["colour"])
        self.assertEqual(len(by_subflow), 4)
        self.assertTrue(all(len(found) == 1 for found in by_subflow.values()))
        self.assertEqual(len(set.union(*by_subflow.values())), 4)


class Installed(ProfileCase):
    def install(self, component, **environment):
        subprocess.run(["cmake", "--install", test_tshark.BUILD, "--component", component],
                       check=True, stdout=subprocess.DEVNULL, env={**os.environ, **environment})

    def test_both_components(self):
        files = set(os.listdir(PROFILE))
        root = os.path.join(self.tshark.home, "root")
        self.install("plugin", DESTDIR=root)
        found = [path for path, _, names in os.walk(root) if set(names) == files]
        self.assertEqual([path[-len("/share/wireshark/profiles/MPTCP"):] for path in found],
                         ["/share/wireshark/profiles/MPTCP"])
        home = os.path.join(self.tshark.home, "user")
        os.makedirs(home)
        self.install("plugin-user", HOME=home, XDG_CONFIG_HOME="")
        folder = os.path.join(home, ".config", "wireshark", "profiles", "MPTCP")
        self.assertEqual(set(os.listdir(folder)), files)
        with open(os.path.join(folder, "plots"), "w", encoding="ascii") as file:
            file.write("# mine\n")
        os.remove(os.path.join(folder, "io_graphs"))
        self.install("plugin-user", HOME=home, XDG_CONFIG_HOME="")
        self.assertEqual(set(os.listdir(folder)), files)
        with open(os.path.join(folder, "plots"), encoding="ascii") as file:
            self.assertEqual(file.read(), "# mine\n", "a profile that the user changed is left")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    test_tshark.BUILD = sys.argv.pop(1)
    unittest.main()
