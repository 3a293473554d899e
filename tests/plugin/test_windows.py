#!/usr/bin/python3
"""The windows of Statistics → MPTCP, opened through the menu, against what tshark prints.

usage: test_windows.py BUILD_DIR [--pictures DIR] [unittest arguments]

Each table is saved as csv through its window, and compared cell by cell with -z mptcp,REPORT. With
--pictures it also takes the pictures of docs/windows.md.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import struct
import subprocess
import sys
import unittest

import expected_tables
import wireshark_window
from expected_tables import TABLES, Tshark, saved
from wireshark_window import Home, Screen, Wireshark, click, key, picture, size, windows, write

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import test_copies  # pylint: disable=wrong-import-position
import test_flows  # pylint: disable=wrong-import-position

CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
AFTERWARDS = 1900000000 * 10**9  # ns: after all captures
BUILD = None
PICTURES = None
# The pictures of docs/windows.md, and the sizes of their windows.
SIZES = {"menu": None, "summary": (900, 640), "connections": (1400, 300), "problems": (1000, 420),
         "reinjections": (1300, 420), "pairs": (500, 260), "empty": (700, 260)}
PICTURED = {"Connections": "connections", "Summary: what looks wrong": "problems",
            "Reinjections": "reinjections", "Reinjections: by pair of subflows": "pairs"}
ENTRIES_ABOVE = 3  # the summaries and the report for the browser
# Where the buttons of a summary are: their distance from the right edge of the window.
PREVIOUS, NEXT, COPY = 355, 235, 137
OPENINGS = 12  # of a window: where Wireshark may crash, it did so in seven of nine times
PREFERENCES = "Preferences leave MPTCP out (Edit → Preferences → Protocols → MPTCPSCOPE)."


def capture(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def frames_of(text):
    """The numbers of frames in the text of a summary."""
    places = re.findall(r"\bframes?\s+(\d+(?:(?:,| and| to)\s+\d+)*)", text)
    return [int(number) for place in places for number in re.findall(r"\d+", place)]


class WindowTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home(BUILD)
        cls.screen = Screen()
        cls.wireshark = None

    @classmethod
    def tearDownClass(cls):
        cls.screen.stop()
        cls.home.remove()

    def start(self, path, *arguments):
        self.wireshark = Wireshark(self.home, path, *arguments)
        self.addCleanup(self.wireshark.stop)

    def take(self, name, window=None):
        if PICTURES and name in SIZES:
            picture(os.path.join(PICTURES, name + ".png"), window, SIZES[name])

    def open_table(self, index):
        return self.wireshark.choose(ENTRIES_ABOVE + index, f"MPTCP {TABLES[index][0]}( |$)")

    def check(self, title, path, tshark, expected):
        expected_tables.check(self, title, *saved(path), tshark, expected)

    def merged(self):
        path = os.path.join(self.home.path, "merged.pcapng")
        plain = os.path.join(self.home.path, "plain.pcap")
        test_copies.write(plain, [(AFTERWARDS + number, frame)
                                  for number, frame in enumerate(test_flows.plain_by_hand())])
        subprocess.run(["mergecap", "-w", path, capture("many"), capture("checksum"), plain],
                       check=True)
        os.chmod(path, 0o644)
        return path


class TestTables(WindowTest):
    def test_all_tables(self):
        """Each table through the menu, with the cells of tshark."""
        path = self.merged()
        tshark = Tshark(self.home, path)
        self.start(path)
        for index, (title, report, from_json) in enumerate(TABLES):
            with self.subTest(title):
                expected = tshark.rows(report, from_json)
                self.assertTrue(expected, f"{title}: the capture tests nothing")
                window = self.open_table(index)
                self.take(PICTURED.get(title, ""), window)
                self.check(title, self.wireshark.save_csv(window, str(index)), tshark, expected)
                self.wireshark.close(window)

    def test_two_windows_of_a_table(self):
        """A window keeps its rows when another one of the same table shows others."""
        path = capture("many")
        self.start(path, "-z", "mptcp,subflows,connection=2")
        title = "MPTCP Subflows"
        first = wireshark_window.wait_for(lambda: windows(title), title)[0]
        self.wireshark.wait_until_idle()
        second = self.wireshark.choose(ENTRIES_ABOVE + 1, title, [first])
        for window, options in ((first, ",connection=2"), (second, ""), (first, ",connection=2")):
            tshark = Tshark(self.home, path, options)
            self.check(title, self.wireshark.save_csv(window, f"two{options}"), tshark,
                       tshark.csv["subflows"])

    def test_reload_and_filter(self):
        """The same rows after a filter, a reload, and a preference that changes the dissection."""
        path = capture("many")
        tshark = Tshark(self.home, path)
        self.start(path)
        main = self.wireshark

        def check(name):
            window = self.open_table(7)
            self.check(name, main.save_csv(window, name), tshark, tshark.csv["reinjections"])
            main.close(window)

        main.press("ctrl+slash")
        write("mptcpscope.reinjected_in")
        key("Return")
        main.wait_until_idle()
        check("filter")
        main.press("ctrl+r")
        check("reload")
        main.press("ctrl+shift+l")
        check("reanalysis")
        main.choose(0, "MPTCP Summary$")
        main.press("ctrl+w")
        self.assertTrue(main.alive(), main.output())

    def test_reload_after_a_table(self):
        """A table that was closed costs nothing when the capture is loaded again."""
        self.start(capture("many"), "--log-level", "info")
        main = self.wireshark

        def reload():
            before = main.output()
            main.press("ctrl+r")
            return re.findall("[0-9]+ segments again.*", main.output()[len(before):])

        first = reload()
        self.assertTrue(first)
        main.close(self.open_table(14))
        self.assertEqual(reload(), first)

    def test_plain_tcp_is_passed_on(self):
        """Segments of plain TCP are passed on only while a table that is about them reads."""
        self.start(self.merged(), "--log-level", "info")
        main = self.wireshark
        titles = [title for title, _, _ in TABLES]
        for title in ("Flows: each flow", "Connections", "Flows: each flow"):
            main.close(self.open_table(titles.index(title)))
        self.assertEqual(re.findall("plain TCP is passed on to ([0-9]+) tables", main.output()),
                         ["1", "0", "1", "0"])

    def check_empty(self, window, why, name=""):
        """Nothing to save where there is nothing; the window says why, which csv does not have."""
        title = "MPTCP Reinjections"
        wireshark_window.wait_for(lambda: self.wireshark.lines(window) == [title, why], why)
        click(window, 200, 150)  # no line is selected then
        self.take(name, window)
        self.assertEqual(saved(self.wireshark.save_csv(window, "empty"))[1], [])
        self.assertTrue(self.wireshark.alive(), self.wireshark.output())

    def check_empty_of(self, path, why, *arguments, name=""):
        self.start(path, *arguments)
        self.check_empty(self.open_table(7), why, name)

    def test_no_reinjections(self):
        self.check_empty_of(capture("stripped", "server"), "No data was sent again under another "
                            "subflow sequence number.", name="empty")

    def test_no_mptcp(self):
        path = os.path.join(self.home.path, "other.pcap")
        with open(path, "wb") as file:
            file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            file.write(struct.pack("<IIII", 1, 0, 60, 60) + bytes(12) + b"\x88\xb5" + bytes(46))
        self.check_empty_of(path, "There is no MPTCP segment.")

    def test_preference(self):
        self.check_empty_of(capture("many"), PREFERENCES, "-o", "mptcpscope.analyse:FALSE")

    def test_preference_is_changed(self):
        """A table follows the preference that was changed in the dialog."""
        path = capture("many")
        tshark = Tshark(self.home, path)
        self.start(path)
        for on in (False, True):
            self.wireshark.toggle_preference("mptcpscope.analyse")
            window = self.open_table(7)
            if on:
                self.check("on", self.wireshark.save_csv(window, "on"), tshark,
                           tshark.csv["reinjections"])
            else:
                self.check_empty(window, PREFERENCES)
            self.wireshark.close(window)

    def test_protocol_disabled(self):
        self.check_empty_of(capture("many"), "The protocol MPTCPSCOPE is disabled (Analyze → "
                            "Enabled Protocols).", "--disable-protocol", "mptcpscope")

    def test_filter_that_passes_nothing(self):
        self.start(capture("many"), "-z", "mptcp,reinjections,frame.number > 5000")
        window = wireshark_window.wait_for(lambda: windows("MPTCP Reinjections"), "the table")[0]
        self.check_empty(window, "No segment of an MPTCP connection passes the display filter.")


class TestSummary(WindowTest):
    @staticmethod
    def words(text):
        return [word for word in text.split() if not re.fullmatch("[=-]*", word)]

    def test_capture(self):
        """The text of the report, and buttons that go to the frames that it names."""
        path = capture("many")
        tshark = Tshark(self.home, path)
        self.start(path)
        self.wireshark.open_menu()
        self.take("menu")
        key("Escape", "Escape", "Escape")
        window = self.wireshark.choose(0, "MPTCP Summary$")
        self.take("summary", window)
        shown = self.words(self.wireshark.copy_text(window))
        self.assertEqual(shown[:4], ["MPTCP", "Summary", "of", "client.pcapng"])
        self.assertEqual(shown[4:], self.words(tshark.summary)[4:])
        self.press_button(window, COPY)
        self.assertEqual(wireshark_window.clipboard(), tshark.summary)

    def test_connection(self):
        """The connection of the selected packet, after buttons have gone to other frames."""
        path = capture("many")
        numbers = frames_of(Tshark(self.home, path).summary)
        self.start(path)
        at = 0  # the first packet is selected; the text begins with it
        self.assertEqual(numbers[0], 1)
        for presses, button, step in ((0, NEXT, 1), (6, NEXT, 1), (4, PREVIOUS, -1)):
            summary = self.wireshark.choose(0, "MPTCP Summary$")
            for _ in range(presses):
                self.press_button(summary, button)
                at += step
            self.wireshark.close(summary)
            window = self.wireshark.choose(1, "MPTCP Summary of One Connection")
            text = self.wireshark.copy_text(window)
            self.assertEqual(re.findall("^ *Connection ([0-9]+):", text, re.MULTILINE),
                             [str(self.connection_of(path, numbers[at]))])
            self.wireshark.close(window)

    def test_many_one_after_the_other(self):
        """Wireshark goes on when a window lies where one that was closed has lain."""
        self.start(capture("many"))
        for _ in range(OPENINGS):
            self.wireshark.close(self.wireshark.choose(0, "MPTCP Summary$"))
        self.assertTrue(self.wireshark.alive(), self.wireshark.output())

    def connection_of(self, path, frame):
        return int(subprocess.run(self.home.command(
            "tshark", "-n", "-r", path, "-Y", f"frame.number == {frame}", "-T", "fields", "-e",
            "mptcpscope.connection"), check=True, capture_output=True, text=True).stdout)

    def press_button(self, window, number):
        """Press a button of a summary."""
        width, height = size(window)
        self.wireshark.focus(window)
        click(window, width - number, height - 24)
        self.wireshark.wait_until_idle()


def main():
    global BUILD, PICTURES
    missing = wireshark_window.missing_program()
    if missing:
        print(f"SKIP: no {missing}")
        sys.exit(77)
    BUILD = sys.argv.pop(1)
    if "--pictures" in sys.argv:
        place = sys.argv.index("--pictures")
        PICTURES = sys.argv[place + 1]
        os.makedirs(PICTURES, exist_ok=True)
        del sys.argv[place:place + 2]
    unittest.main()


if __name__ == "__main__":
    main()
