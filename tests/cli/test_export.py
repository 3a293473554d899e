#!/usr/bin/python3
"""The command "export": its tables by pandas, h5py and PyTables, against the reports; bad calls and
bad files.

usage: test_export.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import gzip
import json
import os
import resource
import signal
import subprocess
import sys
import warnings

try:
    import h5py
    import pandas
    import tables
except ImportError as error:
    print("SKIP:", error)
    sys.exit(77)

import exported
import test_copies
import test_flows
from folder import FolderCase, unittest

CAPTURES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "captures")
COMMAND = "mptcpscope"
TABLES = ("segments", "flows")


def capture(name, side="client"):
    return os.path.join(CAPTURES, name, side + ".pcapng")


def report(name, path, *options):
    return json.loads(subprocess.run([COMMAND, "report", name, path, "-f", "json", *options],
                                     check=True, stdout=subprocess.PIPE).stdout)


class Case(FolderCase):
    def export(self, path, *options, name="x.h5"):
        """Export a file. @return the path of the tables"""
        to = self.at(name)
        done = subprocess.run([COMMAND, "export", path, "-o", to, *options], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""), path)
        return to

    def mixed(self):
        path = self.at("mixed.pcap")
        test_copies.write(path, [(n * 10**6, frame)
                                 for n, frame in enumerate(test_flows.by_hand())])
        return path


class Tables(Case):
    def test_flows_are_those_of_the_report(self):
        for path in (*glob.glob(os.path.join(CAPTURES, "*", "*.pcapng")), self.mixed()):
            found = exported.cells(self.export(path), "flows")
            right = report("flows", path)["flows"]
            for row in right:
                row["start_ns"] = row.pop("start").replace(".", "").lstrip("0") or "0"
                row["duration"] = float(row["duration"])
            for row in found:
                row["duration"] = float(row["duration"])
            self.assertEqual(found, [{name: value if name == "duration" else
                                      "" if value is None else str(value)
                                      for name, value in row.items()} for row in right], path)

    def test_segments_add_up_to_the_report(self):
        both = self.at("both.pcapng")
        test_copies.write_sections(both, [test_copies.frames(capture("lossy", side))
                                          for side in ("client", "server")])
        for path in (*map(capture, ("handover", "checksum", "tso")), both):
            segments = pandas.read_hdf(self.export(path), "segments")
            for row in report("connections", path)["rows"]:
                for direction in ("c2s", "s2c"):
                    own = segments[(segments.connection == row["connection"]) &
                                   (segments.direction == direction) &
                                   (segments.copy_of_valid == 0)]
                    self.assertEqual(
                        [len(own), own.length.sum(), own.data_bytes.sum(),
                         own.retransmitted_bytes.sum(), own.reinjected_bytes.sum()],
                        [row[direction][key] for key in (
                            "segments", "bytes", "data_bytes", "retransmitted_bytes",
                            "reinjected_bytes")], (path, row["connection"], direction))

    def test_time(self):
        segments = pandas.read_hdf(self.export(capture("twopath")), "segments")
        first = segments.time_ns.min()
        self.assertTrue(((segments.time * 1e9 - (segments.time_ns - first)).abs() < 1).all())

    def test_many_rows(self):
        """More than fit into any buffer, and into many chunks."""
        path = self.at("many.pcap")
        count = 20000
        test_copies.write(path, [(n * 1000, test_flows.segment((1, 1000), (2, 80), 16, n * 7, 1))
                                 for n in range(count)])
        segments = pandas.read_hdf(self.export(path, "--tcp", "all"), "segments")
        self.assertEqual(list(segments.frame), list(range(1, count + 1)))
        self.assertEqual(list(segments.seq), [n * 7 for n in range(count)])
        self.assertEqual((set(segments.source), set(segments.connection_valid)),
                         ({"10.0.0.1"}, {0}))

    def test_types(self):
        with h5py.File(self.export(capture("twopath"))) as file:
            types = {name: file["segments"].dtype[name].str
                     for name in ("frame", "time_ns", "source_port", "dsn", "dsn_valid",
                                  "reinjected_bytes", "time")}
            text = file["segments"].dtype["direction"]
        self.assertEqual(types, {"frame": "<u4", "time_ns": "<i8", "source_port": "<u2",
                                 "dsn": "<u8", "dsn_valid": "|u1", "reinjected_bytes": "<i4",
                                 "time": "<f8"})
        self.assertEqual(text.kind, "S")

    def test_is_a_table_for_every_reader(self):
        path = self.export(capture("many"))
        with h5py.File(path) as file:
            self.assertEqual((file.attrs["schema"], file.attrs["capture"]),
                             (b"1", b"client.pcapng"))
            for name in TABLES:
                table = file[name]
                attributes = dict(table.attrs)
                self.assertEqual((attributes["CLASS"], attributes["VERSION"]), (b"TABLE", b"3.0"))
                for i, column in enumerate(table.dtype.names):
                    self.assertEqual(attributes[f"FIELD_{i}_NAME"], column.encode())
                self.assertEqual((table.compression, table.shuffle), ("gzip", True))
                self.assertLess(table.chunks[0] * table.dtype.itemsize, 10**6)
        with tables.open_file(path) as file:
            late = file.root.segments.read_where("(subflow_valid == 1) & (subflow == 1)")
        whole = pandas.read_hdf(path, "segments")
        self.assertEqual(list(late["frame"]), list(whole[whole.subflow == 1].frame))
        part = pandas.read_hdf(path, "segments", start=100, stop=103)
        self.assertEqual(list(part.frame), list(whole.frame[100:103]))

    def test_same_capture_same_bytes(self):
        found = set()
        for name in ("a.h5", "b.h5"):
            with open(self.export(capture("ipv6"), name=name), "rb") as file:
                found.add(file.read())
        self.assertEqual(len(found), 1)

    def test_notes(self):
        with h5py.File(self.export(capture("stripped"))) as file:
            notes = file.attrs.get("notes", b"").decode().splitlines()
        self.assertEqual(notes, report("flows", capture("stripped"))["notes"])


class Choice(Case):
    def test_one_connection(self):
        path = self.export(capture("many"), "-c", "3")
        segments = pandas.read_hdf(path, "segments")
        self.assertEqual((set(segments.connection), segments.time.min()), ({3}, 0))
        self.assertEqual(set(pandas.read_hdf(path, "flows").connection), {3})

    def test_plain_tcp(self):
        frames = {}
        for which in ("mptcp", "all"):
            path = self.export(self.mixed(), "--tcp", which)
            segments = exported.cells(path, "segments")
            frames[which] = [int(row["frame"]) for row in segments]
            self.assertEqual(len(exported.cells(path, "flows")), 6)
        self.assertEqual(frames, {"mptcp": [14, 15, 16], "all": list(range(1, 17))})
        self.assertEqual({name for name, cell in segments[0].items() if cell == ""} >=
                         {"connection", "subflow", "direction", "dsn", "data_bytes"}, True)

    def test_no_tcp(self):
        path = self.at("none.pcap")
        test_copies.write(path, [])
        to = self.export(path)
        self.assertEqual([len(pandas.read_hdf(to, table)) for table in TABLES], [0, 0])

    def test_standard_output_and_compression(self):
        whole = self.export(capture("fallback"))
        with open(whole, "rb") as file:
            right = file.read()
        out = subprocess.run([COMMAND, "export", capture("fallback"), "-o", "-"], check=True,
                             stdout=subprocess.PIPE).stdout
        self.assertEqual(out, right)
        with gzip.open(self.export(capture("fallback"), name="x.h5.gz")) as file:
            self.assertEqual(file.read(), right)
        with open(capture("fallback"), "rb") as file:
            out = subprocess.run([COMMAND, "export", "-", "-o", "-"], check=True, stdin=file,
                                 stdout=subprocess.PIPE).stdout
        with open(self.at("piped.h5"), "wb") as file:
            file.write(out)
        for table in TABLES:
            self.assertEqual(exported.cells(self.at("piped.h5"), table),
                             exported.cells(whole, table))


class Failures(Case):
    def fail(self, status, *arguments, **options):
        to = self.at("no.h5")
        done = subprocess.run([COMMAND, "export", *(to if word == "TO" else word
                                                    for word in arguments)], check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
        self.assertEqual((done.returncode, done.stdout), (status, ""), done.stderr)
        self.assertFalse(os.path.exists(to))
        return done.stderr

    def test_calls(self):
        client = capture("twopath")
        self.assertIn("needs --output", self.fail(2, client))
        self.assertIn("--tcp must be mptcp or all", self.fail(2, client, "-o", "TO", "--tcp", "udp"))
        self.assertIn("--format", self.fail(2, client, "-o", "TO", "-f", "csv"))
        self.assertIn("export needs a FILE\n", self.fail(2, "-o", "TO"))
        self.assertIn("export needs a FILE, and no more", self.fail(2, client, client, "-o", "TO"))

    def test_files(self):
        garbage = self.at("garbage")
        with open(garbage, "wb") as file:
            file.write(os.urandom(1000))
        self.assertIn(f"{garbage}: ", self.fail(1, garbage, "-o", "TO"))
        self.assertIn("no connection 5", self.fail(1, capture("twopath"), "-o", "TO", "-c", "5"))
        self.assertIn("No such file", self.fail(1, self.at("missing"), "-o", "TO"))
        self.assertIn("No such file",
                      self.fail(1, capture("twopath"), "-o", self.at("no/such/folder.h5")))

    def test_cut_off(self):
        cut = self.at("cut.pcapng")
        with open(capture("twopath"), "rb") as source, open(cut, "wb") as file:
            file.write(source.read()[:50000])
        self.assertIn("cut off", self.fail(1, cut, "-o", "TO", "--strict"))
        done = subprocess.run([COMMAND, "export", cut, "-o", self.at("cut.h5")], check=True,
                              stderr=subprocess.PIPE, text=True)
        self.assertIn("cut off", done.stderr)
        self.assertGreater(len(pandas.read_hdf(self.at("cut.h5"), "segments")), 100)

    def test_disk_full(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))

        self.assertIn("File too large", self.fail(1, capture("many"), "-o", "TO",
                                                  preexec_fn=limit))

    def test_no_temporary_folder(self):
        missing = self.at("missing")
        self.assertIn(f"cannot make a temporary file in {missing}: No such file",
                      self.fail(1, capture("many"), "-o", "TO",
                                env={**os.environ, "TMPDIR": missing}))

    def test_leaves_nothing_in_the_temporary_folder(self):
        temporary = self.at("tmp")
        os.mkdir(temporary)
        subprocess.run([COMMAND, "export", capture("many"), "-o", self.at("x.h5")], check=True,
                       env={**os.environ, "TMPDIR": temporary})
        self.assertEqual(os.listdir(temporary), [])


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    COMMAND = os.path.abspath(sys.argv.pop(1))
    test_flows.COMMAND = COMMAND
    unittest.main()
