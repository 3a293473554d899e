#!/usr/bin/python3
"""The files of docs/schema describe what the command writes as json: for every report and command, of all
shipped captures. Documents that differ in one place from what is written do not pass.

usage: test_schema.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import copy
import glob
import json
import os
import re
import sys
import tempfile
import unittest

import schemas

try:
    import jsonschema
except ImportError:
    print("python3-jsonschema is not installed")
    sys.exit(77)

COMMAND = "mptcpscope"


def signature(value):
    """What a schema can tell apart: keys, types, words, and digits for all numbers in text."""
    if isinstance(value, dict):
        return tuple((key, signature(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(sorted({str(signature(inner)) for inner in value}))
    if isinstance(value, str):
        return re.sub("[0-9]+", "9", value)[:24]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return type(value).__name__, value < 0
    return str(value)


def reduced(value):
    """A document with one item of each signature in every list: it passes if the whole one does."""
    if isinstance(value, dict):
        return {key: reduced(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return list({str(signature(inner)): reduced(inner) for inner in value}.values())
    return value


def places(value, path=()):
    """The path of each value in a document."""
    yield path
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from places(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:1]):
            yield from places(inner, (*path, number))


def changed(document, path, change):
    """A copy in which the value at a path was changed: `change` gets what holds it, and its key."""
    result = copy.deepcopy(document)
    holder = result
    for key in path[:-1]:
        holder = holder[key]
    change(holder, path[-1])
    return result


class Schema(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validators = {}
        for path in glob.glob(os.path.join(schemas.SCHEMAS, "*.schema.json")):
            with open(path, encoding="utf-8") as file:
                schema = json.load(file)
            jsonschema.Draft202012Validator.check_schema(schema)
            name = os.path.basename(path).replace(".schema.json", "")
            cls.validators[name] = jsonschema.Draft202012Validator(schema)

    def test_every_document_has_a_schema(self):
        with tempfile.TemporaryDirectory() as folder:
            names = {name for name, _ in schemas.calls(COMMAND, folder, cases=False)}
        self.assertEqual(set(self.validators), names)
        for name, validator in self.validators.items():
            self.assertEqual(validator.schema["$schema"], schemas.DIALECT)
            self.assertEqual(validator.schema["required"][:2], ["schema", "report"], name)

    def test_documents(self):
        passed = {}
        with tempfile.TemporaryDirectory() as folder:
            for name, arguments in schemas.calls(COMMAND, folder, cases=False):
                for document in schemas.documents_of(COMMAND, arguments):
                    fault = jsonschema.exceptions.best_match(
                        self.validators[name].iter_errors(reduced(document)))
                    self.assertIsNone(fault, f"{arguments}: {fault and list(fault.absolute_path)}")
                    passed[name] = passed.get(name, 0) + 1
        for name, count in passed.items():
            least = 2 * len(schemas.shipped()) if name.startswith("report") else 3
            self.assertGreaterEqual(count, least, name)
        self.assertEqual(set(passed), set(self.validators))

    def test_changed_documents(self):
        """A key less, a key more, a value of another type: each is refused, wherever it is."""
        def remove(holder, key):
            del holder[key]

        def rename(holder, key):
            holder[key + "_"] = holder.pop(key)

        def mistype(holder, key):
            holder[key] = [[{}]] if not isinstance(holder[key], list) else {"a": 1}

        refused = 0
        with tempfile.TemporaryDirectory() as folder:
            last = dict(schemas.calls(COMMAND, folder, cases=False))  # one call of each
            for name in self.validators:
                arguments = schemas.captures("lossy")[:1 if name.startswith("report") else 2]
                if name in ("owd-legs", "mib-against"):
                    arguments = last[name]
                else:
                    call = name.split("-", 1) if name.startswith("report") else [name]
                    arguments = [*call, *arguments]
                document = reduced(next(schemas.documents_of(COMMAND, arguments)))
                self.assertTrue(self.validators[name].is_valid(document))
                for path in places(document):
                    changes = [mistype] if path else []
                    if path and isinstance(path[-1], str):
                        changes += [rename]
                        if path[-1] in self.required(name, path):
                            changes += [remove]
                    for change in changes:
                        self.assertFalse(
                            self.validators[name].is_valid(changed(document, path, change)),
                            (name, path, change.__name__))
                        refused += 1
        self.assertGreater(refused, 1000)
        self.assertFalse(self.validators["report-rtt"].is_valid({"schema": 1, "report": "events"}))

    def required(self, name, path):
        """The keys that must be where a path leads."""
        schema = self.validators[name].schema
        for key in path[:-1]:
            schema = schema["items"] if isinstance(key, int) else schema["properties"][key]
        return schema["required"]

    def test_required(self):
        """Only what an option adds may be missing."""
        def optional(schema, path):
            for key, inner in schema.get("properties", {}).items():
                if key not in schema["required"]:
                    yield f"{path}.{key}"
                yield from optional(inner, f"{path}.{key}")
            if "items" in schema:
                yield from optional(schema["items"], path + "[]")

        found = [place for name, validator in sorted(self.validators.items())
                 for place in optional(validator.schema, name)]
        files = [f"{name}.file" for name in self.validators if name.startswith("report")]
        self.assertEqual(sorted(found), sorted([*OPTIONAL, *files]))  # --with-filename


# What only one capture, only two or only a topology has, and what --interval adds.
OPTIONAL = [
    *(f"numerics.{name}" for name in ("capture", "captures", "clock", "topology")),
    *(f"numerics.overhead[].{name}" for name in (
        "connection", "peer_connection", "option", "options", "bytes", "padding", "path", "name",
        "ack_bytes", "dsn_bytes", "checksum", "option_bytes", "padded_bytes")),
    "flow.captures", "flow.clock", *(f"flow.rows[].{name}" for name in (
        "peer_frame", "peer_time", "peer_since_start", "peer_connection", "peer_subflow", "owd",
        "outcome", "match", "matched_bytes")), "flow.capture", "owd-legs.legs[].intervals",
    "owd.intervals"]

if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
