#!/usr/bin/python3
"""mptcpscope summary A B: its figures are those of the commands that it gathers, its answer follows from
the critical path, and its text stays a page.

usage: test_both_ends.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import csv
import glob
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from test_partial import keep

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.path.join(HERE, "..", "..", "captures")
GENERATE = os.path.join(HERE, "..", "complexity", "generate.py")
COMMAND = "mptcpscope"
LINES_MAX, WIDTH_MAX = 75, 120  # of a page on one connection with two subflows
ENOUGH = 0.75  # docs/summary.md: the share that gives an answer

# docs/summary.md: whose the causes are, and by what the sender waited for.
WAYS = {"receive-window": "both", "congestion-window": "both"}
UNLESS = {"send-buffer", "nagle"}


def party_of(cause):
    """Whose a cause of the critical path is, by the table of docs/summary.md; None: it depends."""
    name, why = cause["cause"], cause["why"]
    if name in ("unexplained", "rtt"):
        return "unknown"
    if name == "application":
        return "unknown" if cause["detail"] == "or-stalled-subflow" else "hosts"
    if name in ("held", "pacing"):
        return "both"
    if name in ("receiver", "host"):
        return "hosts"
    if name == "recovery" or name == "propagation" and why == "congestion-window-after-loss":
        return None  # depends on what became of the segments
    if why in UNLESS:
        return "both"
    if name != "propagation":
        return "network"
    return "unknown" if why is None else WAYS.get(why, "network")


def pair(name):
    return [os.path.join(CAPTURES, name, f"{end}.pcapng") for end in ("client", "server")]


def pairs():
    return sorted(os.path.basename(os.path.dirname(path))
                  for path in glob.glob(os.path.join(CAPTURES, "*", "server.pcapng")))


def run(*arguments):
    return subprocess.run([COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, text=True)


def output(*arguments):
    done = run(*arguments)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


def document(*arguments):
    return json.loads(output(*arguments, "--format=json"))


def nanoseconds(seconds):
    return round(seconds * 1e9)


class Figures(unittest.TestCase):
    """Against the commands that the page gathers, on every shipped pair."""

    COUNTS = ("sent", "matched", "lost", "undetermined", "unseen", "outside", "uncaptured",
              "loss_ratio", "loss_ratio_low", "loss_ratio_high", "duplicated", "reordered", "owd")

    def documents(self, *names):
        for name in pairs():
            yield name, document("summary", *pair(name)), [document(*n, *pair(name)) for n in names]

    def test_losses_and_delays(self):
        count = 0
        for name, page, (owd,) in self.documents(["owd", "--clock=offset"]):
            with self.subTest(name):
                self.assertEqual(page["clock"], owd["clock"])
                whole = {(row["connection"], row["direction"]): row for row in owd["connections"]}
                single = {(row["connection"], row["subflow"], row["direction"]): row
                          for row in owd["rows"]}
                for row in page["rows"]:
                    wanted = whole[row["connection"], row["direction"]]
                    self.assertEqual([row[key] for key in self.COUNTS],
                                     [wanted[key] for key in self.COUNTS])
                    for own in row["subflows"]:
                        self.assertEqual(own["direction"], row["direction"])
                        wanted = single.pop((row["connection"], own["subflow"], own["direction"]))
                        self.assertEqual([own[key] for key in self.COUNTS],
                                         [wanted[key] for key in self.COUNTS])
                        count += 1
                self.assertEqual(single, {})
        self.assertGreater(count, 40)

    def test_reinjections_and_retransmissions(self):
        seen = 0
        for name, page, (verdicts,) in self.documents(["reinjections"]):
            with self.subTest(name):
                totals = {(row["connection"], row["direction"]): row for row in verdicts["totals"]}
                again = {}
                for row in verdicts["retransmission_totals"]:
                    again.setdefault((row["connection"], row["direction"]), []).append(row)
                for row in page["rows"]:
                    key = row["connection"], row["direction"]
                    own, wanted = row["reinjected"], totals.get(key, {})
                    self.assertEqual(own["segments"], wanted.get("reinjections", 0))
                    self.assertEqual(own["bytes"], wanted.get("length", 0))
                    for name in ("useful", "redundant", "lost", "unknown", "spurious", "unsure"):
                        self.assertEqual(own[f"{name}_bytes"], wanted.get(f"{name}_bytes", 0))
                    own, wanted = row["retransmitted"], again.get(key, [])
                    self.assertEqual(own["segments"], sum(one["retransmissions"] for one in wanted))
                    self.assertEqual(own["bytes"], sum(one["length"] for one in wanted))
                    for name in ("needed_bytes", "spurious_bytes", "unknown_bytes"):
                        self.assertEqual(own[name], sum(one[name] for one in wanted))
                    seen += own["segments"] + row["reinjected"]["segments"]
        self.assertGreater(seen, 50)

    def test_whose_time_it_was(self):
        answers = set()
        for name, page, (path,) in self.documents(["critical-path"]):
            with self.subTest(name):
                self.assertEqual(len(page["rows"]), len(path["rows"]))
                for row, wanted in zip(page["rows"], path["rows"]):
                    for key in ("connection", "direction", "data_bytes", "elapsed", "verdict", "reason"):
                        self.assertEqual(row[key], wanted[key])
                    if row["elapsed"] is None:
                        self.assertEqual((row["answer"], row["parts"]), (None, None))
                        continue
                    times = dict.fromkeys(("network", "hosts", "both", "unknown", None), 0)
                    for cause in wanted["causes"]:
                        times[party_of(cause)] += nanoseconds(cause["time"])
                    own = {key: nanoseconds(time) for key, time in row["time"].items()}
                    self.assertEqual(own["hosts"], times["hosts"])
                    for party in ("network", "both", "unknown"):
                        self.assertGreaterEqual(own[party], times[party])
                        self.assertLessEqual(own[party], times[party] + times[None])
                    elapsed = nanoseconds(row["elapsed"])
                    self.assertEqual(sum(own.values()), elapsed)
                    self.assertEqual(sum(nanoseconds(part["time"]) for part in row["parts"]), elapsed)
                    answers.add(row["answer"])
                    self.check_answer(row, own, elapsed)
        self.assertLessEqual({"network", "neither"}, answers)

    def test_loss_needs_lost_segments(self):
        """What was sent again is the network's time only if the network lost it."""
        arrived = 0
        for name in pairs():
            for row in document("summary", *pair(name))["rows"]:
                parts = {part["part"]: part["time"] for part in row["parts"] or []}
                arrived += parts.get("resent-though-arrived", 0)
                if row["lost"] == 0 and row["retransmitted"]["needed_bytes"] == 0:
                    peer = [r for r in document("summary", *pair(name))["rows"]
                            if r["connection"] == row["connection"] and r is not row]
                    if all(r["lost"] == 0 for r in peer):
                        self.assertEqual(parts.get("loss", 0), 0, (name, row["direction"]))
        self.assertGreater(arrived, 0.2)  # gso, whose receiver dropped what had arrived

    def test_captures_that_miss_segments(self):
        """What a host seems to have waited for may not have been captured: it is not blamed."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        client, server = pair("gro")
        whole = document("summary", client, server)
        self.assertIn("hosts", [row["answer"] for row in whole["rows"]])
        part = os.path.join(folder, "part.pcapng")
        keep(server, part, lambda number, _: number % 9 != 5)
        missing = document("summary", client, part)
        self.assertTrue(any("missed packets" in note for note in missing["notes"]))
        for row in missing["rows"]:
            self.assertNotEqual(row["answer"], "hosts")
            self.assertIn(row["time"]["hosts"], (None, 0))

    def check_answer(self, row, own, elapsed):
        shares = {party: time / elapsed for party, time in own.items()}
        if row["answer"] in ("network", "hosts"):
            self.assertGreaterEqual(shares[row["answer"]], ENOUGH)
        elif row["answer"] == "neither":
            for party in ("network", "hosts"):
                self.assertLess(shares[party] + shares["unknown"], ENOUGH)
        begins = {"network": "It is the network: ", "hosts": "It is not the network: ",
                  "neither": "Neither alone: ", None: "It cannot be told "}
        self.assertTrue(row["answer_text"].startswith(begins[row["answer"]]), row["answer_text"])

    def test_problems_and_changes(self):
        at = {"A": 0, "B": 0, "both": 0}
        for name in pairs():
            page, changed = document("summary", *pair(name)), document("diff", *pair(name))
            self.assertEqual((page["changes"], page["not_compared"]),
                             (changed["sentences"], changed["notes"]))
            ends = [{row["connection"]: row for row in document("report", "summary", path)["rows"]}
                    for path in pair(name)]
            for row in page["connections"]:
                for end, before, own in ((0, "", "connection"), (1, "peer_", "peer_connection")):
                    if row[own] is None:
                        continue
                    alone = ends[end][row[own]]
                    self.assertEqual(row[before + "ended"], alone["ended"])
                    self.assertEqual(row[before + "warnings"], alone["warnings"])
                    told = [(p["problem"], p["severity"], p[before + "frame"],
                             p[before + "count"], p[before + "subflow"], p[before + "text"])
                            for p in row["problems"] if p[before + "frame"] is not None]
                    wanted = [(p["problem"], p["severity"], p["frame"], p["count"], p["subflow"],
                               p["text"]) for p in alone["problems"]]
                    self.assertEqual(sorted(told, key=str), sorted(wanted, key=str))
                for problem in row["problems"]:
                    at[problem["seen_in"]] += 1
        self.assertTrue(all(at.values()), at)

    def test_csv_has_the_same_rows(self):
        for name in ("lossy", "handover", "many"):
            rows = list(csv.DictReader(io.StringIO(output("summary", *pair(name), "--format=csv"))))
            wanted = document("summary", *pair(name))["rows"]
            self.assertEqual(len(rows), len(wanted))
            for row, one in zip(rows, wanted):
                self.assertEqual(row["answer"], one["answer"] or "")
                self.assertEqual(int(row["lost"]), one["lost"])
                self.assertEqual(int(row["subflows"]), len(one["subflows"]))
                self.assertEqual(nanoseconds(float(row["time_network"])),
                                 nanoseconds(one["time"]["network"]))

    def test_exchanged_captures(self):
        """The answer does not depend on which capture is A."""
        for name in ("lossy", "limitrcvbuf", "handover"):
            one, other = document("summary", *pair(name)), document("summary", *pair(name)[::-1])
            for a, b in zip(one["rows"], other["rows"]):
                self.assertEqual((a["answer"], a["lost"]), (b["answer"], b["lost"]))


class Text(unittest.TestCase):
    def test_a_page(self):
        for name in pairs():
            with self.subTest(name):
                lines = output("summary", *pair(name)).splitlines()
                self.assertLessEqual(max(map(len, lines)), WIDTH_MAX)
                if name not in ("many", "gso"):  # several connections
                    self.assertLessEqual(len(lines), LINES_MAX)

    def test_a_part(self):
        """A capture that ends early: the answer says that it is about what both have."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        client, server = pair("lossy")
        part = os.path.join(folder, "part.pcapng")
        keep(client, part, lambda number, _: number < 300)
        for files in ((part, server), (client, part)):
            if files[1] == part:
                keep(server, part, lambda number, _: number < 300)
            text = " ".join(output("summary", *files).split())
            rows = document("summary", *files)["rows"]
            self.assertIn("This is about what both captures have: ", text)
            for key, words in (("unseen", "s? arrived "), ("outside", "(?: was|s were) sent ")):
                told = re.findall(rf"(\d+) segment{words}(?:that|on subflows|outside the time)", text)
                self.assertEqual(sum(map(int, told)),
                                 sum(row[key] for row in rows if row["elapsed"]), text)
        self.assertNotIn("This is about what both captures have", output("summary", client, server))

    @staticmethod
    def are(count, words):
        return f"{'' if count == 1 else 's'} {words}"

    @staticmethod
    def were(count, words):
        return f" was {words}" if count == 1 else f"s were {words}"

    def test_a_missing_subflow(self):
        """A subflow that a capture lacks was sent in its time all the same."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        client, server = pair("lossy")
        part = os.path.join(folder, "part.pcapng")
        keep(client, part, lambda _, interface: interface == 0)
        text = " ".join(output("summary", part, server).split())
        lacking = [one for row in document("summary", part, server)["rows"]
                   for one in row["subflows"] if one["matched"] == 0]
        self.assertEqual(len(lacking), 2)
        told = [f"{one[key]} segment{words} on subflows that the {end}'s capture does not have"
                for one in lacking
                for key, words, end in (("unseen", self.are(one["unseen"], "arrived"), "sender"),
                                        ("outside", self.were(one["outside"], "sent"), "receiver"))
                if one[key]]
        shown = [one for one in told if one in text]
        self.assertTrue(shown, told)
        self.assertNotIn("sent outside the time", text)

    def test_a_receiver_that_ended(self):
        """A receiver's capture that ends early: both commands note what was not delivered."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        client, server = pair("lossy")
        part = os.path.join(folder, "part.pcapng")
        keep(server, part, lambda number, _: number < 300)
        row = document("critical-path", client, part)["rows"][0]
        self.assertGreater(row["undelivered_bytes"], 0)
        for command in ("critical-path", "summary"):
            notes = document(command, client, part)["notes"]
            self.assertTrue(any(note.startswith(f"Connection 0, c2s: {row['undelivered_bytes']} bytes of "
                                                "data sent were not delivered, as far as B shows.")
                                for note in notes), notes)

    def test_without_correction(self):
        """Clocks that are some ms apart, uncorrected: nothing is claimed that they may make up."""
        page = document("summary", *pair("lossy"), "--clock=none")
        told = output("summary", *pair("lossy"), "--clock=none")
        self.assertIn("NOT corrected", told)
        self.assertFalse(page["clock"]["corrected"])
        self.assertTrue(all(row["elapsed"] > 0 for row in page["rows"]))

    def test_clocks_far_apart(self):
        """Clocks that differ by more than the transfer took, uncorrected: there is no answer, nor a
        time of anyone. Corrected, all is as it was."""
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        client, server = pair("lossy")
        for seconds in ("-10", "10", "0.5", "-0.5", "-1700000000"):
            moved = os.path.join(folder, "moved.pcapng")
            subprocess.run(["editcap", "-t", seconds, server, moved], check=True)
            for command in ("critical-path", "summary"):
                for row in document(command, client, moved, "--clock=none")["rows"]:
                    self.assertIn("the clocks differ by too much", row["reason"])
                    self.assertIsNone(row["elapsed"])
                    self.assertIsNone(row["verdict"])
            for row in document("summary", client, moved, "--clock=none")["rows"]:
                self.assertEqual((row["answer"], row["parts"]), (None, None))
            text = output("summary", client, moved, "--clock=none")
            self.assertLessEqual(max(map(len, text.splitlines())), WIDTH_MAX)
            for words in ("Not lost", "Network ", " of the time", "-0.0", "Delay"):
                self.assertNotIn(words, text.split("What the path changed")[0].replace(
                    "of the time that", ""))
            self.assertEqual([row["answer"] for row in document("summary", client, moved)["rows"]],
                             [row["answer"] for row in document("summary", client, server)["rows"]])

    def test_one_connection(self):
        page = document("summary", *pair("many"), "-c", "5")
        whole = document("summary", *pair("many"))
        self.assertEqual(page["rows"], [r for r in whole["rows"] if r["connection"] == 5])
        self.assertEqual(page["connections"],
                         [r for r in whole["connections"] if r["connection"] == 5])
        text = output("summary", *pair("many"), "-c", "5")
        self.assertIn("\nConnection 5: ", text)
        self.assertEqual(text.count("\nConnection "), 1)

    def test_one_capture(self):
        """Of one file it is the report."""
        path = pair("lossy")[0]
        for form in ("text", "csv", "json"):
            self.assertEqual(output("summary", path, "-f", form),
                             output("report", "summary", path, "-f", form))

    def test_very_many_connections(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        files = [os.path.join(folder, name) for name in ("a.pcap", "b.pcap")]
        subprocess.run([sys.executable, GENERATE, "connections", "2000", *files], check=True)
        text = output("summary", *files)
        self.assertLessEqual(text.count("\n"), 120)
        self.assertIn("And 1980 more connections. ", text)
        self.assertEqual(text.count("\nThe 3 connections that follow are shown in full; -c N"), 1)
        self.assertEqual(text.count("\nConnection "), 3)
        self.assertEqual(len(document("summary", *files)["connections"]), 2000)


class Errors(unittest.TestCase):
    def assert_fails(self, status, message, *arguments):
        done = run("summary", *arguments)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertTrue(done.stderr.startswith("mptcpscope: "), done.stderr)
        self.assertIn(message, done.stderr)

    def test_calls(self):
        a, b = pair("lossy")
        self.assert_fails(2, "report summary")
        self.assert_fails(2, "at most 2 files", a, b, a)
        self.assert_fails(2, "does not take --interval", a, b, "--interval=1")
        self.assert_fails(2, "does not take --pieces", a, b, "--pieces")
        self.assert_fails(2, "does not take --by", a, b, "--by=subflow")
        self.assert_fails(2, "--clock must be", a, b, "--clock=ntp")
        self.assert_fails(2, "--packets needs two files", a, "--packets=x.csv")
        self.assert_fails(2, "--clock needs two files", a, "--clock=offset")

    def test_files(self):
        a, b = pair("lossy")
        self.assert_fails(1, "/none.pcap: No such file", a, "/none.pcap")
        self.assert_fails(1, "no connection is in both", a, pair("twopath")[1])
        self.assert_fails(1, "one capture twice", a, a)
        self.assert_fails(1, "connection", a, b, "-c", "9")

    def test_cut_off(self):
        folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, folder)
        a, b = pair("lossy")
        cut = os.path.join(folder, "cut.pcapng")
        with open(b, "rb") as source, open(cut, "wb") as target:
            target.write(source.read()[:-70000])
        self.assert_fails(1, "cut", a, cut, "--strict")
        done = run("summary", a, cut)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("cut", done.stderr)
        self.assertIn("\nConnection 0: ", done.stdout)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
