"""What the tables of Wireshark's window and of sharkd should hold, by what tshark prints.

Tables show times relative to the capture, relative data sequence numbers, and numbers with fewer
digits in other units. Their cells are compared with -z mptcp,REPORT: with csv, or with a list in
json.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import decimal
import hashlib
import json
import os
import re
import subprocess

REPORTS = ("connections", "subflows", "summary", "events", "reinjections", "rtt", "reordering",
           "limits", "interarrival", "series", "mib", "critical-path", "flows")
FACTORS = {"ms": 1000, "%": 100, "Mbit/s": decimal.Decimal("1e-6")}


def flat(row):
    """A row of json, with the keys of csv."""
    cells = {}
    for name, value in row.items():
        if isinstance(value, dict):
            cells.update({f"{name}_{key}": item for key, item in value.items()})
        else:
            cells[name] = value
    return cells


def lists(rows, name, *parents):
    """The rows of the lists in rows, each with some cells of the row that has it."""
    return [{**{parent: row[parent] for parent in parents}, **flat(item)}
            for row in rows for item in row[name] or []]


def totals(document):
    """The second table of reinjections, with its lists as text."""
    rows = []
    for row in document["totals"]:
        row = dict(row)
        for name, form in (("moves", "{from}>{to}:{bytes}"), ("histogram", "{times}:{sent}")):
            if row[name] is not None:
                row[name] = " ".join(form.format(**item) for item in row[name]
                                     if item.get("sent", 1) > 0)
        rows.append(row)
    return rows


def critical(document, name):
    rows = [{**row, "path_direction": row["direction"]} for row in document["rows"]]
    return lists(rows, name, "connection", "path_direction")


def path_classes(document):
    return [row for row in critical(document, "classes") if row["time"] > 0]


# The tables in the order of the menu: title, report, and how to get the
# rows from its json; without that they are those of csv.
TABLES = (
    ("Connections", "connections", None),
    ("Subflows", "subflows", None),
    ("Summary: connections", "summary", None),
    ("Summary: subflows", "summary", lambda d: lists(d["rows"], "subflows", "connection")),
    ("Summary: what looks wrong", "summary", lambda d: lists(d["rows"], "problems", "connection")),
    ("Events", "events", None),
    ("Events: DSS checksums", "events", lambda d: d["checksums"]),
    ("Reinjections", "reinjections", None),
    ("Reinjections: by connection and direction", "reinjections", totals),
    ("Reinjections: by pair of subflows", "reinjections",
     lambda d: lists(d["totals"], "moves", "connection", "direction")),
    ("Reinjections: how often bytes were sent", "reinjections",
     lambda d: lists(d["totals"], "histogram", "connection", "direction")),
    ("Round-Trip Times", "rtt", None),
    ("Reordering", "reordering", None),
    ("Reordering: awaited subflows", "reordering",
     lambda d: lists(d["rows"], "waited_for", "connection", "direction", "near")),
    ("Limits: what the sender waited for", "limits", None),
    ("Interarrival", "interarrival", None),
    ("Series", "series", None),
    ("Counters of the Hosts", "mib", None),
    ("Critical Paths: from the first SYN to the last data acknowledged", "critical-path", None),
    ("Critical Paths: what the time was spent on", "critical-path", path_classes),
    ("Critical Paths: causes, and what the sender waited for", "critical-path",
     lambda d: critical(d, "causes")),
    ("Critical Paths: pieces", "critical-path", lambda d: critical(d, "pieces")),
    ("Critical Paths: over time", "critical-path", lambda d: critical(d, "intervals")),
    ("Flows: packets per flow, plain TCP included", "flows", None),
    ("Flows: each flow", "flows", lambda d: d["flows"]),
)


class Tshark:
    """What tshark prints of a capture."""

    def __init__(self, home, path, options=""):
        self.csv, self.json = {}, {}
        arguments = []
        for report in REPORTS:
            extra = ",pieces=1,interval=1" if report == "critical-path" else ""
            for form, more in (("csv", ""), ("json", extra), ("text", "")):
                file = os.path.join(home.path, f"{report}.{form}")
                arguments += ["-z", f"mptcp,{report},format={form},file={file}{more}{options}"]
        subprocess.run(home.command("tshark", "-q", "-n", "-r", path, *arguments), check=True,
                       capture_output=True)
        for report in REPORTS:
            name = os.path.join(home.path, report)
            with open(name + ".csv", encoding="utf-8", newline="") as file:
                self.csv[report] = list(csv.DictReader(file))
            with open(name + ".json", encoding="utf-8") as file:
                self.json[report] = json.load(file, parse_float=decimal.Decimal)
        with open(os.path.join(home.path, "summary.text"), encoding="utf-8") as file:
            self.summary = file.read()
        first = subprocess.run(home.command("tshark", "-n", "-r", path, "-c", "1", "-T", "fields",
                                            "-e", "frame.time_epoch"),
                               check=True, capture_output=True, text=True).stdout
        self.first = decimal.Decimal(first.strip())

    def rows(self, report, from_json):
        return from_json(self.json[report]) if from_json else self.csv[report]

    def idsn(self, connection, direction):
        """The initial data sequence number, from the key (RFC 8684 section 3.2)."""
        row = self.csv["connections"][int(connection)]
        side = "client" if direction == "c2s" else "server"
        data = bytes.fromhex(row[side + "_key"][2:])
        digest = (hashlib.sha256 if row["version"] == "1" else hashlib.sha1)(data).digest()
        return int.from_bytes(digest[-8:], "big")


class Expectation:
    """What a table should show in a cell, by what tshark prints."""

    def __init__(self, tshark, row):
        self.tshark, self.row = tshark, row

    def matches(self, heading, shown):
        name, unit = key_of(heading), unit_of(heading)
        value = self.row[name]
        if value in (None, ""):
            return shown in ("-", "")
        if isinstance(value, bool) or value in ("true", "false"):
            return shown == ("yes" if str(value).lower() == "true" else "no")
        if name == "dsn":
            base = self.tshark.idsn(self.row["connection"], self.row["direction"])
            return int(shown) == (int(value) - base) % 2**64
        if unit == "s" and decimal.Decimal(value) > 10**9:
            return decimal.Decimal(shown) == decimal.Decimal(value) - self.tshark.first
        if re.fullmatch(r"-?[0-9]+\.[0-9]+|-?[0-9]+", shown):
            return self.is_rounded(shown, decimal.Decimal(value) * FACTORS.get(unit, 1))
        return shown == str(value).replace('"', "'")

    @staticmethod
    def is_rounded(shown, value):
        digits = len(shown.partition(".")[2])
        return abs(decimal.Decimal(shown) - value) <= decimal.Decimal("0.5001").scaleb(-digits)


def key_of(heading):
    return re.sub(r" \([^)]*\)$", "", heading).lower().replace(" ", "_")


def unit_of(heading):
    found = re.search(r"\(([^)]*)\)$", heading)
    return found.group(1) if found else None


def check(case, title, headings, rows, tshark, expected):
    """Compare a table with the rows of tshark, in whichever order."""
    case.assertEqual(len(set(headings)), len(headings), f"{title}: {headings}")
    for heading in headings:
        words = heading.lower().split()
        case.assertTrue(all(a != b for a, b in zip(words, words[1:])), f"{title}: {heading}")
    case.assertEqual(len(rows), len(expected), title)
    left = list(expected)
    for row in rows:
        found = next((other for other in left
                      if all(Expectation(tshark, other).matches(heading, cell)
                             for heading, cell in zip(headings, row))), None)
        case.assertIsNotNone(found, f"{title}: tshark has no row {dict(zip(headings, row))}; "
                                    f"the first left is {left[0] if left else None}")
        left.remove(found)


def saved(path):
    """The headings and rows of a saved table, trimmed."""
    with open(path, encoding="utf-8", newline="") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file)]
    return rows[0], rows[1:]
