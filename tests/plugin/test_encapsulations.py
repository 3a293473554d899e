#!/usr/bin/python3
"""Plugin and native reader agree, to the byte, inside of every encapsulation and in fragments.

usage: test_encapsulations.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import os
import shutil
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import encapsulate  # noqa: E402
import icmpmade  # noqa: E402
import test_tshark  # noqa: E402

CAPTURES = os.path.join(HERE, "..", "..", "captures")
REPORTS = ("connections", "subflows", "summary", "events", "rtt", "reordering", "series", "mib",
           "critical-path")


class Encapsulations(test_tshark.FolderCase):
    def check(self, name):
        path = os.path.join(self.folder, name)
        outputs = {report: f"{path}.{report}" for report in REPORTS}
        calls = [argument for report, output in outputs.items()
                 for argument in ("-z", f"mptcp,{report},format=json,file={output}")]
        self.assertEqual(self.tshark.run("-q", "-n", "-r", path, *calls).returncode, 0)
        for report, output in outputs.items():
            native = subprocess.run([COMMAND, "report", report, "--format=json", path], check=True,
                                    stdout=subprocess.PIPE, text=True).stdout
            with open(output, encoding="utf-8") as file, self.subTest(name=name, report=report):
                self.assertEqual(file.read(), native)

    def test_every_encapsulation(self):
        for version in ("twopath", "ipv6"):
            source = os.path.join(CAPTURES, version, "client.pcapng")
            for name in encapsulate.WRAPPERS:
                encapsulate.wrap(source, os.path.join(self.folder, f"{version}-{name}"), name)
                self.check(f"{version}-{name}")

    def test_fragments(self):
        orders = {"in-order": lambda parts: parts, "reversed": lambda parts: parts[::-1],
                  "missing": lambda parts: parts[:-1] or parts}
        for name, order in orders.items():
            encapsulate.fragment(os.path.join(CAPTURES, "checksum", "client.pcapng"),
                                 os.path.join(self.folder, name), 560, order)
            self.check(name)

    def test_icmp_errors(self):
        for version, name in icmpmade.VARIANTS:
            icmpmade.write(os.path.join(self.folder, f"icmp{version}-{name}"), version, name)
            self.check(f"icmp{version}-{name}")
        for version, source in icmpmade.SOURCES.items():
            for name in encapsulate.WRAPPERS if version == 4 else ("vlan", "ip-in-ip", "sll2"):
                encapsulate.wrap(source, os.path.join(self.folder, f"icmp{version}-{name}"), name)
                self.check(f"icmp{version}-{name}")
            shutil.copy(source, self.folder)
            self.check(os.path.basename(source))


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    COMMAND = [path for path in glob.glob(f"{test_tshark.BUILD}/**/mptcpscope", recursive=True)
               if os.path.isfile(path) and os.access(path, os.X_OK)][0]
    unittest.main()
