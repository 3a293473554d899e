#!/usr/bin/python3
"""Text has at most 120 columns: every report and comparison, on every shipped capture and on
captures with the longest addresses. tests/unit/test_text.c has figures of any length.

usage: test_width.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import ipaddress
import os
import re
import subprocess
import sys

from folder import FolderCase, unittest

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
WIDTH = 120
REPORTS = [("report", name) for name in
           ("connections", "subflows", "summary", "events", "reinjections", "rtt", "reordering",
            "limits", "interarrival", "series", "mib", "critical-path",
            "flows")]
ONE = [*REPORTS, ("report", "mib", "--zeros"), ("report", "series", "--interval", "0.1"),
       ("report", "critical-path", "--pieces", "--interval", "0.2"), ("flow",), ("numerics",)]
TWO = [("map",), ("owd",), ("owd", "--interval", "0.5"), ("owd", "--interval", "1", "--by",
       "connection"), ("clock",), ("diff",), ("reinjections",),
       ("reinjections", "--table", "retransmissions"), ("critical-path", "--pieces"),
       ("summary",), ("flow",), ("numerics",)]
IPV6 = os.path.join(ROOT, "captures", "ipv6")
# fd00:1::1, fd00:1::2 and so on, and addresses of which no group can be left out.
LONG = {ipaddress.ip_address(f"fd00:{path}::{host}").packed:
        ipaddress.ip_address(f"2001:db8:{path}bcd:1234:5678:9abc:def0:{host}fff").packed
        for path in (1, 2) for host in (1, 2)}


def text_of(arguments, *files):
    done = subprocess.run([COMMAND, *arguments, *files], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout.decode()


class Width(FolderCase):
    def check(self, arguments, *files):
        status, text = text_of(arguments, *files)
        with self.subTest(arguments=arguments, files=files):
            self.assertEqual(status, 0)
            self.assertTrue(text)
            self.assertEqual([line for line in text.splitlines() if len(line) > WIDTH], [])
        return text

    def test_one_capture(self):
        paths = sorted(glob.glob(os.path.join(ROOT, "captures", "*", "*.pcapng")))
        self.assertGreater(len(paths), 20)
        for path in paths:
            for arguments in ONE:
                if arguments[0] != "flow" or self.has_connection(path):
                    self.check(arguments, path)

    @staticmethod
    def has_connection(path):
        """flow needs one."""
        return len(text_of(("report", "connections", "-f", "csv"), path)[1].splitlines()) > 1

    def test_two_captures(self):
        for client in sorted(glob.glob(os.path.join(ROOT, "captures", "*", "client.pcapng"))):
            for arguments in TWO:
                self.check(arguments, client, client.replace("client.pcapng", "server.pcapng"))

    def test_path_of_several(self):
        server, last = os.path.join(IPV6, "server.pcapng"), self.at("last.pcapng")
        subprocess.run(["editcap", "-t", "0.001", server, last], check=True)
        self.check(("owd",), os.path.join(IPV6, "client.pcapng"), server, last)

    def test_cases(self):
        """Odd captures. Some are meant for other commands, and need not be readable."""
        paths = sorted(path for end in ("*.pcap*", "*/*.pcap*") for path in
                       glob.glob(os.path.join(ROOT, "tests", "cases", end))
                       if os.path.getsize(path) < 1 << 19)
        for path in paths:
            for arguments in REPORTS:
                _, text = text_of(arguments, path)
                self.assertEqual([line for line in text.splitlines() if len(line) > WIDTH], [],
                                 (arguments, path))

    def with_long_addresses(self, side):
        with open(os.path.join(IPV6, side + ".pcapng"), "rb") as file:
            data = file.read()
        data = re.sub(b"|".join(re.escape(a) for a in LONG), lambda m: LONG[m[0]], data)
        path = self.at(side + ".pcapng")
        with open(path, "wb") as file:
            file.write(data)
        return path

    def test_long_addresses(self):
        """Nothing of the addresses and ports is left out."""
        client, server = self.with_long_addresses("client"), self.with_long_addresses("server")
        ends = {f"[{ipaddress.ip_address(address)}]" for address in LONG.values()}
        for arguments in ONE:
            text = self.check(arguments, client)
            if arguments[-1] == "subflows":
                self.assertTrue(all(end in text for end in ends), text)
        for arguments in TWO:
            text = self.check(arguments, client, server)
            if arguments[0] in ("map", "owd"):
                self.assertTrue(all(end in text for end in ends), text)


if __name__ == "__main__":
    COMMAND = os.path.abspath(sys.argv.pop(1))
    unittest.main()
