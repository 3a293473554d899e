#!/usr/bin/python3
"""Statistics → MPTCP → Report in Browser, chosen in the menu: what the command writes is opened, and
its failures are shown. xdg-open, which opens the browser, notes what it is asked for.

usage: test_browser.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import shutil
import subprocess
import sys
import unittest
import urllib.parse

import wireshark_window
from wireshark_window import Home, Screen, Wireshark, key, wait_for, windows

HERE = os.path.dirname(os.path.abspath(__file__))
CAPTURE = os.path.join(HERE, "..", "..", "captures", "lossy", "client.pcapng")
ENTRY = 2  # of the menu
BUILD = None


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.screen = Screen()

    @classmethod
    def tearDownClass(cls):
        cls.screen.stop()

    def setUp(self):
        self.home = Home(BUILD)
        self.addCleanup(self.home.remove)
        self.folder = os.path.join(self.home.path, "bin")
        self.opened = os.path.join(self.home.path, "run", "opened")
        self.temporary = os.path.join(self.home.path, "run", "tmp")
        os.mkdir(self.folder)
        os.mkdir(self.temporary)
        os.chmod(self.temporary, 0o777)
        self.install("xdg-open", f'echo "$1" >"{self.opened}.part"; mv "{self.opened}.part" "{self.opened}"')
        paths = {"PATH": f"{self.folder}:{os.environ['PATH']}", "TMPDIR": self.temporary}
        for name, value in paths.items():
            self.addCleanup(os.environ.__setitem__, name, os.environ.get(name, "/tmp"))
            os.environ[name] = value

    def install(self, name, script):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)

    def start(self, name="capture.pcapng", *arguments):
        path = os.path.join(self.home.path, name)
        shutil.copy(CAPTURE, path)
        os.chmod(path, 0o644)
        self.wireshark = Wireshark(self.home, path, *arguments)
        self.addCleanup(self.wireshark.stop)
        return path

    def choose_report(self):
        self.wireshark.open_menu()
        key(*["Down"] * ENTRY, "Return")

    def page(self):
        """The path of the page that is opened."""
        wait_for(lambda: os.path.exists(self.opened), "the page")
        with open(self.opened, encoding="utf-8") as file:
            return urllib.parse.unquote(file.read().strip().removeprefix("file://"))

    def assert_failure_shown(self):
        before = set(windows("")) | {self.wireshark.main}
        self.choose_report()
        dialog = wait_for(lambda: set(windows("")) - before, "the message").pop()
        self.wireshark.focus(dialog)
        key("Return")
        wait_for(lambda: dialog not in windows(""), "the message to close")
        self.assertTrue(self.wireshark.alive())
        self.assertFalse(os.path.exists(self.opened))
        self.assertEqual([name for name in os.listdir(self.temporary) if name.startswith("mptcpscope")], [])

    def test_page(self):
        """The page is what the command writes; the name of the file is no part of a shell's command."""
        shutil.copy(os.path.join(BUILD, "src", "mptcpscope"), self.folder)
        path = self.start("it's; touch x & b.pcapng")
        self.choose_report()
        page = self.page()
        self.assertEqual(os.path.basename(page), "it's; touch x & b.pcapng.html")
        with open(page, "rb") as file:
            content = file.read()
        right = os.path.join(self.temporary, "right.html")
        subprocess.run([os.path.join(BUILD, "src", "mptcpscope"), "html", path, "-o", right], check=True)
        with open(right, "rb") as file:
            self.assertEqual(content, file.read())
        self.assertEqual(os.listdir(os.path.dirname(page)), [os.path.basename(page)])

    def test_window_goes_on(self):
        """While the command works, other windows open, and no second one begins."""
        go_on = os.path.join(self.temporary, "go-on")
        self.install("mptcpscope", f'echo x >>"{self.temporary}/calls"; '
                                   f'while [ ! -e "{go_on}" ]; do sleep 0.1; done; echo page >"$3"')
        self.start()
        self.choose_report()
        self.wireshark.choose(0, "MPTCP Summary")
        self.assertFalse(os.path.exists(self.opened))
        with open(go_on, "w", encoding="ascii"):
            pass
        self.assertTrue(os.path.exists(self.page()))

    def test_command_fails(self):
        self.install("mptcpscope", "echo 'mptcpscope: it is broken' >&2; exit 1")
        self.start()
        self.assert_failure_shown()

    def test_no_such_command(self):
        """As the preference says it."""
        self.start("capture.pcapng", "-o", "mptcpscope.command:/nonexistent/mptcpscope")
        self.assert_failure_shown()

    def test_preference(self):
        self.install("another", 'echo page >"$3"')
        self.start("capture.pcapng", "-o", f"mptcpscope.command:{self.folder}/another")
        self.choose_report()
        self.assertTrue(os.path.exists(self.page()))


def main():
    global BUILD
    missing = wireshark_window.missing_program()
    if missing:
        print(f"SKIP: no {missing}")
        sys.exit(77)
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()


if __name__ == "__main__":
    main()
