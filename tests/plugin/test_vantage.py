#!/usr/bin/python3
"""Where a capture was made: plugin, native reader and dump agree, by whatever shows it.

usage: test_vantage.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import json
import os
import shutil
import struct
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import test_tshark  # noqa: E402

ROOT = os.path.join(HERE, "..", "..")
REPORTS = ("limits", "reordering", "mib", "critical-path")
ENHANCED_PACKET = 6
IN, OUT = 1, 2  # epb_flags


def with_flags(source, target, host):
    """Copy a pcapng file of IPv4 on Ethernet; each packet gets epb_flags as a host whose addresses
    end in `host` would capture it."""
    with open(source, "rb") as file:
        data = file.read()
    copy, at = b"", 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        block = data[at:at + length]
        if kind == ENHANCED_PACKET:
            packet = block[28:]
            way = OUT if packet[29] == host else IN
            captured = struct.unpack_from("<I", block, 20)[0]
            body = block[8:28 + (captured + 3) // 4 * 4] + struct.pack("<HHII", 2, 4, way, 0)
            block = (struct.pack("<II", kind, len(body) + 12) + body +
                     struct.pack("<I", len(body) + 12))
        copy += block
        at += length
    with open(target, "wb") as file:
        file.write(copy)


class Vantage(test_tshark.FolderCase):
    def native(self, report, path, *more):
        return subprocess.run([COMMAND, "report", report, "--format=json", *more, path], check=True,
                              stdout=subprocess.PIPE, text=True).stdout

    def check(self, path, near):
        """All three readers say `near`, and the same documents."""
        self.tshark.dump(path, "vantage.csv")
        for report in REPORTS:
            with self.subTest(path=path, report=report):
                found = self.native(report, path)
                plugin = self.tshark.stat(path, f"mptcp,{report},format=json").stdout
                self.assertEqual(plugin, found)
                dumped = self.native(report, self.tshark.path("vantage.csv"))
                self.assertEqual(json.loads(dumped)["rows"], json.loads(found)["rows"])
                if report == "mib":
                    self.assertEqual({row["near"] for row in json.loads(found)["rows"]}, {near})

    def test_cooked(self):
        for name, near in (("ns1", "server"), ("ns2", "client")):
            source = os.path.join(ROOT, "tests", "cases", "near-wrong", name + ".pcap")
            self.check(shutil.copy(source, os.path.join(self.folder, name + ".pcap")), near)

    def test_flags_of_pcapng(self):
        """On paths of microseconds only the flags tell."""
        for name, host in (("client", 1), ("server", 2)):
            path = os.path.join(self.folder, name + ".pcapng")
            source = os.path.join(ROOT, "captures", "gro", name + ".pcapng")
            self.check(shutil.copy(source, path), None)
            with_flags(source, path, host)
            self.check(path, name)

    def test_option(self):
        source = os.path.join(ROOT, "captures", "twopath", "client.pcapng")
        path = shutil.copy(source, os.path.join(self.folder, "option.pcapng"))
        for near, end in (("client", "client"), ("server", "server"), ("middle", None),
                          ("10.0.2.2", "server"), ("10.9.9.9", "client")):
            for report in REPORTS:
                found = self.native(report, path, "--near", near)
                plugin = self.tshark.stat(path, f"mptcp,{report},format=json,near={near}").stdout
                self.assertEqual(plugin, found, near)
                if report == "mib":
                    self.assertEqual({row["near"] for row in json.loads(found)["rows"]}, {end})
                    self.assertEqual(bool(json.loads(found)["notes"]), near != "client")
        result = self.tshark.stat(path, "mptcp,mib,near=elsewhere")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("expected client, server, middle or the address of a host", result.stderr)


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    COMMAND = [path for path in glob.glob(f"{test_tshark.BUILD}/**/mptcpscope", recursive=True)
               if os.path.isfile(path) and os.access(path, os.X_OK)][0]
    unittest.main()
