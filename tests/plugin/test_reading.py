#!/usr/bin/python3
"""The native reader reads every kind of pcapng file as Wireshark does: frames, times, reports.

usage: test_reading.py BUILD_DIR [unittest arguments]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import gzip
import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "cli"))
import pcapng  # noqa: E402
import test_tshark  # noqa: E402

SOURCE = os.path.join(HERE, "..", "cases", "tunnel-plain.pcap")
REPORTS = ("connections", "subflows", "events", "rtt", "series")
USER0 = "147|USER0"  # newer libpcap has a name for link type 147


class Reading(test_tshark.FolderCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        packets = pcapng.packets_of(SOURCE)
        for kind in pcapng.KINDS:
            pcapng.write(os.path.join(cls.folder, kind.__name__), kind, packets)

    def native(self, report, path, **options):
        return subprocess.run([COMMAND, "report", report, "--format=json", path], check=True,
                              stdout=subprocess.PIPE, text=True, **options).stdout

    def test_reports(self):
        for kind in pcapng.KINDS:
            path = os.path.join(self.folder, kind.__name__)
            outputs = {report: f"{path}.{report}" for report in REPORTS}
            calls = [argument for report, output in outputs.items()
                     for argument in ("-z", f"mptcp,{report},format=json,file={output}")]
            self.assertEqual(self.tshark.run("-q", "-n", "-r", path, *calls).returncode, 0)
            for report, output in outputs.items():
                native = json.loads(self.native(report, path))
                with open(output, encoding="utf-8") as file, \
                        self.subTest(kind=kind.__name__, report=report):
                    plugin = json.load(file)
                    self.assertEqual(plugin["rows"], native["rows"])
                    self.assertTrue(native["rows"])
                    self.assertEqual(plugin["notes"], native["notes"])

    def test_frames(self):
        """Frame, time and TCP connection of each event are those that tshark gives."""
        for kind in pcapng.KINDS:
            path = os.path.join(self.folder, kind.__name__)
            fields = self.tshark.run("-n", "-r", path, "-Y", "tcp", "-T", "fields", "-e", "frame.number",
                                     "-e", "frame.time_epoch", "-e", "tcp.stream").stdout
            frames = {int(line.split("\t")[0]): line.split("\t")[1:] for line in fields.splitlines()}
            rows = json.loads(self.native("events", path))["rows"]
            self.assertTrue(rows)
            for row in rows:
                with self.subTest(kind=kind.__name__, frame=row["frame"]):
                    self.assertEqual([row["time"], str(row["tcp_stream"])], frames[row["frame"]])

    def test_dropped(self):
        """The last statistics block of each interface counts."""
        for kind, dropped in ((pcapng.plain, 7), (pcapng.sections, 4)):
            path = os.path.join(self.folder, kind.__name__)
            self.assertIn(f"The capture lacks {dropped} packets that its interfaces dropped.",
                          json.loads(self.native("connections", path))["notes"])

    def test_not_decoded(self):
        """Frames of an unknown link type, natively and in tshark."""
        path = os.path.join(self.folder, "usb")
        with open(path, "wb") as file:
            writer = pcapng.Writer()
            writer.section()
            writer.interface(pcapng.LINKTYPE_USB)
            writer.interface()
            for i, packet in enumerate(pcapng.packets_of(SOURCE)):
                writer.packet(packet, int(i > 1))
            file.write(writer.data)
        self.assertEqual(self.tshark.run("-q", "-n", "-r", path, "-z",
                                         f"mptcp,connections,format=json,file={path}.json").returncode, 0)
        with open(path + ".json", encoding="utf-8") as file:
            self.assertEqual(file.read(), self.native("connections", path))
        self.assertIn("2 frames are left out: link type USB_LINUX is not decoded.",
                      json.loads(self.native("connections", path))["notes"])

    def test_no_link_type_is_decoded(self):
        """A file none of whose frames is decoded is no error, and tells why: pcap and pcapng, natively
        and in tshark."""
        packets = pcapng.packets_of(SOURCE)
        for link_type, name in ((6, "IEEE802"), (100, "ATM_RFC1483"), (147, USER0),
                                (pcapng.LINKTYPE_USB, "USB_LINUX")):
            writer = pcapng.Writer()
            writer.section()
            writer.interface(link_type)
            for packet in packets:
                writer.packet(packet, 0)
            with open(SOURCE, "rb") as file:
                plain = bytearray(file.read())
            plain[20:24] = link_type.to_bytes(4, "little")
            for kind, content in (("pcap", plain), ("pcapng", writer.data)):
                path = os.path.join(self.folder, f"{link_type}.{kind}")
                with open(path, "wb") as file:
                    file.write(content)
                done = self.tshark.run("-q", "-n", "-r", path, "-z",
                                       f"mptcp,connections,format=json,file={path}.json")
                self.assertEqual(done.returncode, 0)
                native = self.native("connections", path)
                with self.subTest(link_type=link_type, kind=kind), open(path + ".json", encoding="utf-8") as file:
                    self.assertEqual(file.read(), native)
                    left_out, none = json.loads(native)["notes"]
                    self.assertRegex(left_out, f"^{len(packets)} frames are left out: "
                                               f"link type ({name}) is not decoded.$")
                    self.assertEqual(none, "There is no MPTCP segment.")

    def test_compressed_and_piped(self):
        """wiretap needs no file that can be read again."""
        for kind in (pcapng.plain, pcapng.snaplens, pcapng.sections):
            path = os.path.join(self.folder, kind.__name__)
            with open(path, "rb") as file:
                content = file.read()
            with gzip.open(path + ".gz", "wb") as file:
                file.write(content)
            plain = json.loads(self.native("subflows", path))["rows"]
            self.assertEqual(json.loads(self.native("subflows", path + ".gz"))["rows"], plain)
            piped = subprocess.run([COMMAND, "report", "subflows", "--format=json", "/dev/stdin"],
                                   check=True, input=content, stdout=subprocess.PIPE).stdout
            self.assertEqual(json.loads(piped)["rows"], plain)

    def test_cut_off_alike(self):
        """The plugin and the command say the same of files that lack their end."""
        with open(SOURCE, "rb") as file:
            pcap = file.read()
        with open(os.path.join(self.folder, "sections"), "rb") as file:
            sections = file.read()
        for name, content in (
                ("end.pcap", pcap[:-7]), ("half.pcap", pcap[:len(pcap) // 2]),
                ("header.pcap", pcap + pcap[24:33]), ("end.pcapng", sections[:-9]),
                ("inside.gz", gzip.compress(pcap[:-7])), ("end.gz", gzip.compress(pcap)[:-3]),
                ("half.gz", gzip.compress(pcap, 0)[:len(pcap) // 2])):
            path = os.path.join(self.folder, name)
            with open(path, "wb") as file:
                file.write(content)
            self.tshark.run("-q", "-n", "-r", path, "-z",
                            f"mptcp,connections,format=json,file={path}.json")
            native = self.native("connections", path, stderr=subprocess.DEVNULL)
            with self.subTest(name=name), open(path + ".json", encoding="utf-8") as file:
                self.assertEqual(file.read(), native)
                self.assertRegex(native, r"The file is cut off after frame \d+; what came before is used")

    def test_cut_off(self):
        """A file that is cut off while wiretap reads it."""
        path = os.path.join(self.folder, "snaplens")
        with open(path, "rb") as file:
            content = file.read()
        with open(path + ".cut", "wb") as file:
            file.write(content[:-50])
        done = subprocess.run([COMMAND, "report", "connections", path + ".cut"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=True)
        self.assertIn("the file is cut off after frame 15", done.stderr)

    def test_damage(self):
        path = os.path.join(self.folder, "snaplens")
        with open(path, "rb") as file:
            content = file.read()
        half = len(content) // 2 & ~3
        with open(path + ".damaged", "wb") as file: # more follows than a pipe holds
            file.write(content[:half] + b"\xff" * 200 + content * 200)
        done = subprocess.run([COMMAND, "report", "connections", path + ".damaged"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertRegex(done.stderr, "after frame [0-9]+: ")


if __name__ == "__main__":
    test_tshark.BUILD = sys.argv.pop(1)
    COMMAND = [path for path in glob.glob(f"{test_tshark.BUILD}/**/mptcpscope", recursive=True)
               if os.path.isfile(path) and os.access(path, os.X_OK)][0]
    unittest.main()
