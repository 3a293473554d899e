#!/usr/bin/python3
"""Analyze → Conversation Filter → MPTCP connection and MPTCP subflow, in Wireshark's window.

usage: test_conversation.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import sys
import unittest

import wireshark_window
from wireshark_window import Home, Screen, Wireshark, key

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURES = os.environ.get("MPTCPSCOPE_CAPTURES", os.path.join(HERE, "..", "..", "captures"))
BUILD = None


class Conversation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home(BUILD)
        cls.screen = Screen()

    @classmethod
    def tearDownClass(cls):
        cls.screen.stop()
        cls.home.remove()

    def filters(self, capture, frame, *ups):
        """The display filters that Wireshark remembers, after the entry so far above the end of
        Conversation Filter was chosen for a packet. It writes them when it ends."""
        wireshark = Wireshark(self.home, capture, "-g", str(frame))
        for up in ups:
            wireshark.focus(wireshark.main)
            key("alt+a", *["Down"] * 5, "Right", *["Up"] * up, "Return")
            wireshark.wait_until_idle()
        wireshark.press("ctrl+q")
        wireshark.process.wait(wireshark_window.TIMEOUT)
        wireshark.log.close()
        path = os.path.join(self.home.path, ".config", "wireshark", "recent_common")
        with open(path, encoding="utf-8") as file:
            return re.findall("^recent.display_filter: (.*)$", file.read(), re.MULTILINE)

    def test_filters(self):
        """The connection and the subflow of a packet of subflow 1 of connection 4."""
        capture = os.path.join(CAPTURES, "many", "client.pcapng")
        self.assertEqual(set(self.filters(capture, 266, 2, 1)),
                         {"mptcpscope.connection == 4",
                          "mptcpscope.connection == 4 && mptcpscope.subflow == 1"})


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    missing = wireshark_window.missing_program()
    if missing:
        print(f"SKIP: no {missing}")
        sys.exit(77)
    BUILD = sys.argv.pop(1)
    unittest.main()
