#!/usr/bin/python3
"""JSON Schemas of what the command writes as json: calls, and how the files in docs/schema are made.

usage: schemas.py PATH_OF_MPTCPSCOPE    writes docs/schema anew, from the output of all calls

Names, the order of keys, and which keys a document must have come from the output; types from the output and
from the declarations of columns in src/; what a key means, from the tables in docs/. A value may be null
unless its name is in NEVER_NULL and no call shows it as null. Read the difference before you commit it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
SCHEMAS = os.path.join(ROOT, "docs", "schema")
DIALECT = "https://json-schema.org/draft/2020-12/schema"

# The pages that define the columns of a document.
PAGES = {"report-connections": ["reports"], "report-subflows": ["reports"],
         "report-critical-path": ["critical-path"], "map": ["matching"], "owd": ["owd"],
         "owd-legs": ["owd"], "clock": ["clocks"], "reinjections": ["reinjections", "report-reinjections"],
         "diff": ["diff"], "critical-path": ["critical-path"], "summary": ["summary"], "flow": ["flow"], "numerics": ["numerics"],
         "mib-against": ["report-mib"]}

TITLES = {"owd-legs": "owd of three captures or more", "mib-against": "report mib --against"}

# What a key means where its page has another meaning of the name first.
MEANINGS = {"mib-against": {"reason": "possible reasons, the likely ones first"}}

# The columns of lists that no call fills, where they are declared.
LISTS = {"steps": "step_columns", "rates": "rate_columns", "path_changes": "change_columns"}
CLOCK_TABLES = os.path.join("src", "compare", "clock_tables.c")

# Keys that always have a value, wherever they are.
NEVER_NULL = {
    "capture_number", "client", "client_port", "server", "server_port", "frame", "time", "direction",
    "state", "event", "segments", "count", "class", "cause", "counter", "start", "schema", "report",
    "mode", "corrected", "sent", "received", "matched", "subflows", "clock", "c2s", "s2c", "severity",
    "problem", "text", "kind", "what", "since_start", "flags", "verdict", "file", "rows", "notes", "captures"}
# Whole numbers that may be negative, although columns of that name exist that may not.
SIGNED = set()
# Words that a key can have.
WORDS = {"direction": ["c2s", "s2c"], "initiator": ["client", "server"],
         "mode": ["none", "offset", "skew"]}
ABSOLUTE = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{9}$",
            "description": "seconds since 1970-01-01 00:00:00 UTC"}
KEY = {"type": "string", "pattern": "^0x[0-9a-f]{16}$"}
BIG = {"type": "string", "pattern": "^[0-9]+$"}


def captures(name):
    return [os.path.join(ROOT, "captures", name, f"{end}.pcapng") for end in ("client", "server")]


def shipped():
    return sorted(os.path.basename(os.path.dirname(path))
                  for path in glob.glob(os.path.join(ROOT, "captures", "*", "client.pcapng")))


def case(*names):
    return [os.path.join(ROOT, "tests", "cases", name) for name in names]


def reports(command):
    text = subprocess.run([command, "help", "report"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout
    return re.findall(r"(?m)^  ([a-z-]+) ", text)


def calls_of_report(name, cases):
    """The options and files of the calls of a report. @param cases  with those of tests/cases"""
    yield [path for capture in shipped() for path in captures(capture)]
    for path in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*.*"))):
        if cases and not path.endswith(".md"):
            yield [path]
    for capture in ("lossy", "handover"):
        if name == "critical-path":
            yield ["--pieces", "--interval", "0.1", captures(capture)[0]]
            yield ["--end", "1", captures(capture)[0]]
        if name == "series":
            yield ["--interval", "0.1", captures(capture)[0]]
    yield ["-c", "0", captures("many")[0]]
    yield ["--with-filename", captures("lossy")[0]]
    yield ["/dev/stdin"]


TWO = ("map", "owd", "clock", "reinjections", "diff", "critical-path", "summary", "flow")


def calls_of_two(command):
    """The options and files of the calls of a command on two captures."""
    for capture in shipped():
        yield captures(capture)
    if command != "clock":
        yield ["-c", "0", *captures("many")]
    for folder in sorted(glob.glob(os.path.join(ROOT, "tests", "cases", "*", ""))):
        pair = [path for path in sorted(glob.glob(folder + "*.pcap*"))
                if re.search(r"(client|server|ns\d)\.pcap", path)]
        if len(pair) == 2:
            yield pair
    if command in ("owd", "critical-path", "summary", "flow"):
        yield ["--clock", "skew", *captures("lossy")]
    if command == "owd":
        yield ["--interval", "0.2", *captures("lossy")]
    if command == "critical-path":
        yield ["--pieces", "--interval", "0.2", *captures("lossy")]
        yield ["--end", "1", *captures("lossy")]
    if command == "flow":
        for capture in shipped():
            yield captures(capture)[:1]


def legs(folder):
    """Captures of three places of a path: the last one is the second, a millisecond later."""
    last = os.path.join(folder, "last.pcapng")
    client, server = captures("lossy")
    subprocess.run(["editcap", "-t", "0.001", server, last], check=True)
    return [client, server, last]


def stepped(folder):
    """Captures of two ends; the clock of the second is set forward by half a second, in mid-transfer."""
    client, server = captures("handover")
    parts = [os.path.join(folder, name) for name in ("before.pcapng", "after.pcapng")]
    subprocess.run(["editcap", "-r", server, parts[0], "1-250"], check=True)
    subprocess.run(["editcap", "-t", "0.5", server, parts[1], "1-250"], check=True)
    whole = os.path.join(folder, "stepped.pcapng")
    subprocess.run(["mergecap", "-a", "-w", whole, *parts], check=True)
    return [client, whole]


def calls(command, folder, cases=True):
    """Name of a schema, arguments of a call. @param folder  for files that are made"""
    for name in reports(command):
        for arguments in calls_of_report(name, cases):
            yield f"report-{name}", ["report", name, *arguments]
    for name in TWO:
        for arguments in calls_of_two(name):
            yield name, [name, *arguments]
    for capture in shipped():
        yield "numerics", ["numerics", captures(capture)[0]]
        yield "numerics", ["numerics", *captures(capture)]
    yield "numerics", ["numerics", "--topology", os.path.join(ROOT, "examples", "topology.json")]
    for capture in shipped():
        for host, path in zip(("client", "server"), captures(capture)):
            for other in ("client", "server"):  # of the other end: counters differ
                nstat = os.path.join(ROOT, "captures", capture, f"nstat.{other}")
                if os.path.exists(nstat):
                    yield "mib-against", ["report", "mib", "--against", nstat, "--host", host, path]
    yield "clock", ["clock", *stepped(folder)]
    for options in ((), ("--interval", "0.2"), ("--clock", "skew")):
        yield "owd-legs", ["owd", *options, *legs(folder)]


def documents_of(command, arguments):
    """What a call writes; nothing if the files cannot be used so."""
    with open(captures("lossy")[0], "rb") as file:
        piped = file.read() if arguments[-1] == "/dev/stdin" else b""
    done = subprocess.run([command, *arguments, "-f", "json"], stdout=subprocess.PIPE, input=piped,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        raise RuntimeError(f"{arguments}: {done.stderr.decode()}")
    text, at = done.stdout.decode(), 0
    while at < len(text):
        document, at = json.JSONDecoder().raw_decode(text, at)
        at += len(text[at:]) - len(text[at:].lstrip())
        yield document


class Shape:
    """What was seen in one place of documents."""

    def __init__(self):
        self.kinds = set()
        self.patterns = None
        self.keys = {}
        self.seen = 0
        self.items = None

    def add(self, value):
        if isinstance(value, dict):
            self.kinds.add("object")
            self.seen += 1
            for key, inner in value.items():
                shape = self.keys.setdefault(key, [0, Shape()])
                shape[0] += 1
                shape[1].add(inner)
        elif isinstance(value, list):
            self.kinds.add("array")
            self.items = self.items or Shape()
            for inner in value:
                self.items.add(inner)
        elif isinstance(value, bool):
            self.kinds.add("boolean")
        elif isinstance(value, str):
            self.kinds.add("string")
            fits = {name for name, known in (("absolute", ABSOLUTE), ("key", KEY), ("big", BIG))
                    if re.search(known["pattern"], value)}
            self.patterns = fits if self.patterns is None else self.patterns & fits
        elif value is None:
            self.kinds.add("null")
        else:
            self.kinds.add("integer" if isinstance(value, int) else "number")


class Declared:
    """What the columns of src/ and the tables of docs/ say."""

    def __init__(self):
        self.types = {}
        for path in glob.glob(os.path.join(ROOT, "src", "**", "*.c"), recursive=True):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for name, kind in re.findall(r'"([a-z0-9_]+)",\s*MPS_VALUE_([A-Z]+)', text):
                self.types.setdefault(name, set()).add(kind)
            for name in re.findall(r'MPS_COLUMN_MS\([^,]*,\s*"([a-z0-9_]+)"', text):
                self.types.setdefault(name, set()).add("SECONDS")

    def is_real(self, name):
        return bool(self.types.get(name, set()) & {"SECONDS", "REAL"})

    def is_signed(self, name):
        return "INT" in self.types.get(name, {"INT"}) or name in SIGNED

    @staticmethod
    def items_of(array):
        """The schema of rows with the columns of an array in CLOCK_TABLES, any of which may be null."""
        with open(os.path.join(ROOT, CLOCK_TABLES), encoding="utf-8") as file:
            text = file.read().split(f" {array}[] = {{")[1].split("};")[0]
        text = text.replace("MPS_COMPARISON_SUBFLOW_COLUMNS",
                            "".join(f'"{name}", MPS_VALUE_UINT' for name in
                                    ("connection", "subflow", "tcp_stream")))
        kinds = {"UINT": "integer", "SECONDS": "number", "REAL": "number", "BOOL": "boolean",
                 "TIME": "string"}
        columns = re.findall(r'"([a-z0-9_]+)", MPS_VALUE_([A-Z]+)', text)
        return {"type": "object",
                "properties": {name: {"type": [kinds[kind], "null"],
                                      **({"pattern": ABSOLUTE["pattern"]} if kind == "TIME" else {})}
                               for name, kind in columns},
                "required": [name for name, _ in columns], "additionalProperties": False}

    @staticmethod
    def meanings(schema):
        """What each key means, of the tables in the pages of a document."""
        found = dict(MEANINGS.get(schema, {}))
        for page in PAGES.get(schema, [schema]):
            path = os.path.join(ROOT, "docs", page + ".md")
            if not os.path.exists(path):
                continue
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for names, meaning in re.findall(r"(?m)^\| ((?:`[a-z0-9_]+`[ ,]*)+)\|(?:.*\|)? (.*?) \|$", text):
                meaning = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", meaning)
                meaning = re.sub(r"[`*]", "", meaning).strip()
                for name in re.findall(r"`([a-z0-9_]+)`", names):
                    if meaning:
                        found.setdefault(name, meaning)
        return found


def typed(result, kinds, nullable):
    """A schema with its type first."""
    kinds = sorted(kinds) + (["null"] if nullable else [])
    return {"type": kinds[0] if len(kinds) == 1 else kinds, **result}


def schema_of(shape, name, declared, meanings):
    """The schema of what was seen in a place. @param name  of the key"""
    kinds = shape.kinds - {"null"}
    nullable = "null" in shape.kinds or name not in NEVER_NULL
    result = {}
    if name == "clock" and "object" in kinds:
        meanings = declared.meanings("clock")
    if name in meanings:
        result["description"] = meanings[name]
    if kinds & {"integer", "number"} and declared.is_real(name):
        kinds = kinds - {"integer"} | {"number"}
    if kinds == {"integer", "number"}:
        kinds = {"number"}
    if not kinds:  # null in all calls: the type is that of the column
        known = declared.types.get(name, set())
        kinds = ({"number"} if declared.is_real(name) else {"integer"} if known <= {"UINT", "INT"} and known
                 else {"boolean"} if known == {"BOOL"} else {"array"} if known == {"JSON"} else {"string"})
    if kinds == {"object"}:
        return typed(object_of(shape, result, declared, meanings), kinds, "null" in shape.kinds)
    if kinds == {"array"}:
        if shape.items and shape.items.kinds:
            result["items"] = schema_of(shape.items, None, declared, meanings)
            if result["items"].get("type") in (["string", "null"], ["integer", "null"]):
                result["items"]["type"] = result["items"]["type"][0]  # lists have no unknown items
        elif name in LISTS:
            result["items"] = declared.items_of(LISTS[name])
        else:
            result["items"] = {"type": "string"}  # notes
        is_cell = "JSON" in declared.types.get(name, ())
        return typed(result, kinds, "null" in shape.kinds or (is_cell and nullable))
    if kinds == {"string"}:
        known = next((known for key, known in (("absolute", ABSOLUTE), ("key", KEY), ("big", BIG))
                      if key in (shape.patterns or ()) and (key != "big" or "BIG" in declared.types.get(name, ()))),
                     None)
        if known:
            result = {**{key: known[key] for key in known if key != "type"}, **result}
        if name in WORDS:
            result["enum"] = WORDS[name] + ([None] if nullable else [])
    if kinds == {"integer"} and not declared.is_signed(name):
        result["minimum"] = 0
    return typed(result, kinds, nullable)


def object_of(shape, result, declared, meanings):
    result["properties"] = {key: schema_of(inner, key, declared, meanings)
                            for key, (_, inner) in shape.keys.items()}
    result["required"] = [key for key, (seen, _) in shape.keys.items() if seen == shape.seen]
    result["additionalProperties"] = False
    return result


def make(command):
    """All schemas, by name."""
    shapes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, arguments in calls(command, folder):
            for document in documents_of(command, arguments):
                shapes.setdefault(name, Shape()).add(document)
    declared = Declared()
    for name, shape in shapes.items():
        whole = {"$schema": DIALECT, "title": f"mptcpscope {TITLES.get(name, name.replace('report-', 'report '))}",
                 "type": "object"}
        whole = object_of(shape, whole, declared, declared.meanings(name))
        whole["properties"]["schema"] = {"const": 1}
        whole["properties"]["report"] = {"const": name.replace("report-", "").replace("-legs", "")}
        for key in ("capture", "captures", "file"):  # a page may have a column of that name
            whole["properties"].get(key, {}).pop("description", None)
        yield name, whole


def write(command):
    os.makedirs(SCHEMAS, exist_ok=True)
    for name, schema in make(command):
        with open(os.path.join(SCHEMAS, f"{name}.schema.json"), "w", encoding="utf-8") as file:
            text = json.dumps(schema, indent=1, ensure_ascii=False)
            # Lists of words in one line.
            file.write(re.sub(r"\[\s+([^\[\]{}]*?)\s+\]",
                              lambda found: f"[{re.sub(chr(10) + ' *', ' ', found[1])}]", text) + "\n")


if __name__ == "__main__":
    write(os.path.abspath(sys.argv[1]))
