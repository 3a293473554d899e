#!/usr/bin/python3
"""Pictures: parts of them, what gnuplot makes of them, the gallery; wrong calls and captures without
anything to draw are told.

usage: test_plot.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import os
import re
import shutil
import sys
import xml.etree.ElementTree

from plotted import COMMAND, Case, HERE, KINDS, NEVER, files_of, main, path, report, run


class Parts(Case):
    """A subflow, a stretch of time; for xplot; kinds of others."""

    def test_subflow(self):
        for kind in sorted(set(KINDS) - {"critical-path", "reinjections"}):
            files = files_of(kind, "handover")
            every, one = self.plot(kind, *files), self.plot(kind, *files, "--subflow", "1")
            ticks = {"ADD_ADDR", "DATA_FIN", "MP_JOIN"}
            self.assertEqual([r for r in one if r["series"] not in ticks],
                             [r for r in every if r["subflow"] in (1, "") and
                              r["series"] not in ticks], kind)
            self.assertTrue(any(r["subflow"] == 1 for r in one), kind)

    def test_range(self):
        for kind in ("dsn", "rtt", "inflight", "delay", "reorder-buffer", "rate"):
            files = files_of(kind, "handover")
            every = self.plot(kind, *files)
            part = self.plot(kind, *files, "--from", "0.3", "--to", "0.6")
            self.assertEqual({r["time"] >= 0.3 and r["time"] <= 0.6 for r in part}, {True})
            within = [r for r in every if 0.3 < r["time"] <= 0.6]
            self.assertEqual([r for r in part if r["time"] > 0.3], within, kind)
            for row in part:
                if row["time"] == 0.3:  # what held before
                    last = [r for r in every if r["time"] <= 0.3 and all(
                        r[c] == row[c] for c in ("direction", "subflow", "series"))][-1]
                    self.assertEqual({**last, "time": 0.3}, row)
        self.assertEqual(self.plot("rtt", path("handover"), "--to", "1000"),
                         self.plot("rtt", path("handover")))

    def test_parts_that_are_not_there(self):
        call = ("-o", self.at("a.svg"))
        done = run("plot", "rtt", path("handover"), "--subflow", "2", *call)
        self.assertEqual(done.returncode, 1)
        self.assertIn("connection 0 has no subflow 2; it has 2, numbered from 0", done.stderr)
        for kind in ("rtt", "inflight", "rate", "window", "dsn"):
            for part in (("--from", "100"), ("--from", "100", "--to", "200")):
                done = run("plot", kind, path("handover"), *part, *call)
                self.assertEqual(done.returncode, 1, kind)
                self.assertIn("in that part of its time", done.stderr)
        for kind, option in (("critical-path", "--subflow"), ("reinjections", "--subflow"),
                             ("interarrival", "--from"), ("interarrival", "--to")):
            done = run("plot", kind, path("handover"), option, "0", *call)
            self.assertEqual(done.returncode, 2, (kind, option))
        self.assertEqual(os.listdir(self.folder), [])

    def test_xplot(self):
        for kind, signs in (("dsn", {"line", "box", "rtext"}), ("rtt", {"dot"}),
                            ("inflight", {"line"})):
            done = run("plot", kind, path("handover"), "-o", self.at("a.svg"), "--xplot",
                       self.at("a.xpl"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("--direction s2c chooses the other", done.stderr)
            with open(self.at("a.xpl"), encoding="utf-8") as file:
                lines = file.read().splitlines()
            self.assertEqual(lines[0], "timeval double" if kind == "rtt" else "timeval unsigned")
            self.assertIn("connection 0 of client.pcapng, c2s", lines[2])
            self.assertEqual(lines[-1], "go")
            words = [line.split() for line in lines[7:-1]]
            self.assertLessEqual(signs, {w[0] for w in words})
            places = {"line": 5, "dot": 3, "box": 3, "diamond": 3, "rtext": 3}
            for word in words:
                if word[0] in places:
                    self.assertEqual(len(word), places[word[0]], word)
                    [float(number) for number in word[1:]]
        origin = float(report("connections", "handover")[0]["start"])
        drawn = [r for r in self.plot("rtt", path("handover"), "--direction", "c2s")]
        done = run("plot", "rtt", path("handover"), "-o", self.at("a.svg"), "--direction", "c2s",
                   "--xplot", self.at("a.xpl"))
        self.assertEqual(done.stderr, "")
        with open(self.at("a.xpl"), encoding="utf-8") as file:
            dots = [line.split()[1:] for line in file if line.startswith("dot ")]
        self.assertEqual(len(dots), len(drawn))
        for dot, row in zip(dots, drawn):
            self.assertAlmostEqual(float(dot[0]) - origin, row["time"], places=4)
            self.assertAlmostEqual(float(dot[1]), row["rtt"] * 1000, places=5)
        done = run("plot", "rate", path("handover"), "-o", self.at("a.svg"), "--xplot", "x")
        self.assertEqual(done.returncode, 2)
        self.assertIn("dsn, rtt and inflight can", done.stderr)

    def test_kinds_of_others(self):
        os.mkdir(self.at("bin"))
        program = self.at("bin/mptcpscope-plot-foo")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nprintf '%s|' \"$MPTCPSCOPE\" \"$@\"; exit 7\n")
        os.chmod(program, 0o755)
        environment = {**os.environ, "PATH": self.at("bin") + ":" + os.environ["PATH"]}
        done = run("plot", "foo", "a b", "--own", "-o", "x", env=environment)
        self.assertEqual((done.returncode, done.stdout),
                         (7, os.path.realpath(COMMAND["path"]) + "|a b|--own|-o|x|"))
        shutil.copy(program, self.at("bin/mptcpscope-plot-rtt"))
        done = run("plot", "rtt", path("twopath"), "-o", self.at("a.svg"), env=environment)
        self.assertEqual((done.returncode, done.stdout), (0, ""), "a built-in kind comes first")
        for kind in ("foo", "../foo", "x"):
            done = run("plot", kind, path("twopath"), "-o", self.at("a.svg"))
            self.assertEqual(done.returncode, 2)
            self.assertIn(f'unknown plot "{kind}"', done.stderr)

    def test_many_subflows(self):
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        generate.subflows(400).write(self.at("many.pcap"))
        for kind in ("inflight", "rate", "dsn", "window"):
            rows = self.plot(kind, self.at("many.pcap"))
            self.assertGreaterEqual(len({r["subflow"] for r in rows}), 400, kind)
            self.assertLess(os.path.getsize(self.at("image.svg")), 4000000, kind)
            with open(self.at("image.svg"), encoding="utf-8") as file:
                legend = set(re.findall(r"<text>(subflow \d+)", file.read()))
            self.assertEqual(legend - {"subflow 0"}, {f"subflow {i}" for i in range(1, 16)}, kind)

    def test_room_below_what_was_acknowledged(self):
        """The window of subflow 0 is unknown, and that of subflow 1 is old: what the receiver allows
        is not known, and no number that went round."""
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.opened()
        capture.frames = capture.frames[2:]
        capture.data(generate.FIRST, 1, 1, 100)
        capture.ack(generate.FIRST, 101, 101)
        capture.join(generate.SECOND, generate.token_of(generate.KEY[1]))
        capture.data(generate.SECOND, 1, 101, 100)
        capture.ack(generate.SECOND, 101, 201)
        for i in range(40):
            capture.data(generate.FIRST, 101 + 100 * i, 201 + 100 * i, 100)
            capture.ack(generate.FIRST, 201 + 100 * i, 301 + 100 * i)
        capture.write(self.at("late.pcap"))
        rooms = [row["bytes"] for row in self.plot("inflight", self.at("late.pcap"))
                 if row["series"] == "window"]
        self.assertIn("", rooms)
        self.assertLess(max(int(room) for room in rooms if room), 2 ** 31, rooms)

    def test_images_of_much_are_small(self):
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.opened()
        for i in range(20000):
            capture.data(generate.FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
            capture.ack(generate.FIRST, 1001 + 1000 * i, 1001 + 1000 * i)
        capture.write(self.at("much.pcap"))
        for kind in ("dsn", "rtt", "inflight", "acksize", "interarrival"):
            rows = self.plot(kind, self.at("much.pcap"))
            self.assertGreaterEqual(len(rows), 19999, kind)
            self.assertLess(os.path.getsize(self.at("image.svg")), 2000000, kind)


class Images(Case):
    def test_formats(self):
        begins = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF", "PNG": b"\x89PNG"}
        for kind in KINDS:
            for ending, begin in begins.items():
                image = self.at("image." + ending)
                done = run("plot", kind, *files_of(kind, "handover"), "-o", image)
                self.assertEqual((done.returncode, done.stderr), (0, ""), kind)
                with open(image, "rb") as file:
                    first = file.read()
                self.assertTrue(first.startswith(begin))
                run("plot", kind, *files_of(kind, "handover"), "-o", image)
                with open(image, "rb") as file:
                    self.assertEqual(file.read(), first, "the same each time")

    def texts(self):
        """All texts of the image."""
        root = xml.etree.ElementTree.parse(self.at("image.svg")).getroot()
        return {"".join(e.itertext()) for e in root.iter("{http://www.w3.org/2000/svg}text")}

    def test_texts_of_the_image(self):
        self.plot("rate", path("lossy"))
        self.assertLessEqual({"Throughput and goodput: connection 0 of client.pcapng",
                              "rate (Mbit/s)", "time since the first frame (ms)",
                              "subflow 1: 10.0.2.1 - 10.0.2.2", "goodput of all",
                              "data of the server (s2c)"}, self.texts())

    def test_names_of_files_are_shown_as_they_are(self):
        for name in ("it's `id` $HOME @x \"q\".pcapng", "<b>&amp;{Symbol a}_^\\n.pcapng",
                     "ä\u202e.pcapng"):
            shutil.copy(path("twopath"), self.at(name))
            self.plot("rtt", self.at(name))
            shown = name.replace("\u202e", "\\u202e")
            self.assertIn("Round-trip time: connection 0 of " + shown, self.texts())

    def test_colour_of_a_subflow_is_the_same_in_all_kinds(self):
        for kind in set(KINDS) - {"critical-path", "reinjections"}:
            self.plot(kind, *files_of(kind, "handover"))
            with open(self.at("image.svg"), encoding="utf-8") as file:
                self.assertTrue("213,  94,   0" in file.read(), kind + ": subflow 1")


class Wrong(Case):
    def assert_fails(self, status, message, *arguments, **options):
        before = sorted(os.listdir(self.folder))
        done = run(*arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("mptcpscope: "), done.stderr)
        self.assertIn(message, done.stderr)
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_calls(self):
        image = self.at(NEVER)
        file = path("twopath")
        self.assert_fails(2, "plot needs --output", "plot", "dsn", file)
        self.assert_fails(2, "plot needs --output", "plot", "dsn", file, "--data", self.at("d"))
        for name in ("image.gif", "image", ".svg", "-"):
            self.assert_fails(2, ".svg, .png or .pdf", "plot", "dsn", file, "-o", name)
        self.assert_fails(2, 'unknown plot "dsm"; known plots: dsn, rate, rtt, ',
                          "plot", "dsm", file, "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot", "dsn", "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot")
        self.assert_fails(2, "plot delay needs two files", "plot", "delay", file, "-o", image)
        self.assert_fails(2, "plot dsn needs one file", "plot", "dsn", file, file, "-o", image)
        self.assert_fails(2, "at most 3", "plot", "dsn", file, file, file, "-o", image)
        self.assert_fails(2, "plot rtt has no intervals", "plot", "rtt", file, "-o", image,
                          "--interval", "1")
        self.assert_fails(2, "--direction must be", "plot", "rtt", file, "-o", image,
                          "--direction", "up")
        self.assert_fails(2, "does not take --format", "plot", "rtt", file, "-o", image, "-f", "csv")
        self.assert_fails(2, "--clock needs two files", "plot", "rtt", file, "-o", image,
                          "--clock", "skew")
        self.assert_fails(2, "the same file", "plot", "rtt", file, "-o", image, "--data", image)
        self.assert_fails(2, "--data and --xplot are both standard output", "plot", "rtt", file, "-o",
                          image, "--data", "-", "--xplot", "-")
        self.assert_fails(2, "--data needs a file", "plot", "rtt", file, "-o", image, "--data", "")
        self.assert_fails(2, "owd does not take --data", "owd", file, file, "--data", "x")

    def test_overwriting_the_input(self):
        shutil.copy(path("twopath"), self.at("in.svg"))
        for option in ("-o", "--data"):
            self.assert_fails(2, "would overwrite the input", "plot", "dsn", self.at("in.svg"),
                              "-o", self.at(NEVER), option, self.at("in.svg"))

    def test_unwritable_outputs(self):
        for output in (self.at("none/image.svg"), self.at("image.svg/x.svg")):
            self.assert_fails(1, "No such file", "plot", "dsn", path("twopath"), "-o", output)
        self.assert_fails(1, "No such file", "plot", "dsn", path("twopath"), "-o", self.at(NEVER),
                          "--data", self.at("none/data"))

    def test_gnuplot_missing_or_failing(self):
        call = ("plot", "dsn", path("twopath"), "-o", self.at(NEVER), "--data", self.at("data"))
        os.mkdir(self.at("bin"))
        path_of = {**os.environ, "PATH": self.at("bin")}
        self.assert_fails(1, "gnuplot-nox", *call, env=path_of)
        for script, message in (("echo 'line 0: no such terminal' >&2; exit 1", "no such terminal"),
                                ("exit 0", "it gave no reason"), ("kill -9 $$", "gnuplot failed")):
            with open(self.at("bin/gnuplot"), "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\n" + script + "\n")
            os.chmod(self.at("bin/gnuplot"), 0o755)
            self.assert_fails(1, message, *call, env=path_of)

    def test_nothing_to_draw(self):
        with open(path("twopath"), "rb") as file:
            head = file.read(400)
        with open(self.at("cut.pcapng"), "wb") as file:
            file.write(head)
        image = self.at(NEVER)
        self.assert_fails(1, "no connection 8", "plot", "dsn", path("many"), "-c", "8", "-o", image)
        for kind, missing in (("dsn", "data whose sequence numbers are known"),
                              ("rate", "payload"), ("rtt", "round-trip time")):
            done = run("plot", kind, self.at("cut.pcapng"), "-o", image)
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn(missing, done.stderr)
        self.assertFalse(os.path.exists(image))


class Gallery(Case):
    """docs/gallery.md has a picture of each kind, and its pictures are what its commands draw."""

    def test_pictures(self):
        root = os.path.join(HERE, "..", "..")
        with open(os.path.join(root, "docs", "gallery.md"), encoding="utf-8") as file:
            calls = re.findall(r"^    mptcpscope (plot .*) -o (docs/gallery/(\S+)\.svg)$",
                               file.read(), re.M)
        self.assertEqual({kind for _, _, kind in calls}, set(KINDS))
        for call, shown, kind in calls:
            done = run(*call.split(), "-o", self.at("image.svg"), cwd=root)
            self.assertEqual((done.returncode, done.stderr), (0, ""), call)
            with open(self.at("image.svg"), "rb") as one, \
                    open(os.path.join(root, shown), "rb") as other:
                drawn, kept = one.read(), other.read()
            version = re.compile(rb"Produced by GNUPLOT.*")
            if version.search(drawn).group() == version.search(kept).group():
                self.assertTrue(drawn == kept, f"{shown} is not what its command draws")
            else:  # another gnuplot draws other lines
                texts = re.compile(rb"<text>.*</text>")
                self.assertLessEqual(set(texts.findall(kept)), set(texts.findall(drawn)), kind)


class Drawn(Case):
    def test_settings_of_users_do_not_count(self):
        with open(self.at(".gnuplot"), "w", encoding="utf-8") as file:
            file.write("exit status 3\n")
        done = run("plot", "rtt", path("twopath"), "-o", self.at("image.svg"),
                   env={**os.environ, "HOME": self.folder})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    main(sys.argv)
