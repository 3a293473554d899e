"""htmlpage.py: what the tests of pages share: making a page, and reading the data in it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import html.parser
import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
GENERATE = os.path.join(HERE, "..", "complexity", "generate.py")
WHOLE = ("time", "bytes")  # quantities whose numbers are written as differences


def path(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


class Page(html.parser.HTMLParser):
    """A page: its elements with their attributes, and the text of those that have an id or hold a
    script, a style or a text of its own."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.text = text
        self.elements = []
        self.texts = {}
        self.scripts = []
        self.inside = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("script", "style", "pre", "title", "h1", "li", "p"):
            self.inside.append((tag, dict(attrs).get("id", tag), []))

    def handle_data(self, data):
        if self.inside:
            self.inside[-1][2].append(data)

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1][0] == tag:
            _, name, parts = self.inside.pop()
            self.texts.setdefault(name, []).append("".join(parts))

    def table(self, name):
        """Rows of a table as objects, by the names that columns have in csv."""
        for table in json.loads(self.texts["data-tables"][0]):
            if table["id"] == name:
                keys = [(column["group"] + "_" if column["group"] else "") + column["name"]
                        for column in table["columns"]]
                return [dict(zip(keys, row)) for row in table["rows"]]
        raise KeyError(name)

    def tables(self):
        return json.loads(self.texts["data-tables"][0])

    def pictures(self):
        return json.loads(self.texts["data-pictures"][0])


def numbers(curve, key, quantity):
    """The numbers of a curve as they were."""
    values, last = [], 0
    for number in curve[key]:
        if number is not None and quantity in WHOLE:
            last += number
            values.append(last)
        else:
            values.append(number)
    return values


def make(command, output, *arguments, **options):
    done = subprocess.run([command, "html", *arguments, "-o", output], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    with open(output, encoding="utf-8") as file:
        return Page(file.read())
