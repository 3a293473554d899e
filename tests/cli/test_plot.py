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

from plotted import COMMAND, Case, HERE, KINDS, NEVER, files_of, generate, main, path, report, run


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

    def test_range_of_a_critical_path(self):
        """Pieces end where the part does, and the sums and shares are those of the part."""
        files = path("lossy"), path("lossy", "server")
        every = self.plot("critical-path", *files, "--direction", "c2s")
        part = self.plot("critical-path", *files, "--direction", "c2s", "--from", "0.1", "--to", "0.3")
        times = {}
        for row in every:
            begin, end = max(row["time"], 0.1), min(row["until"], 0.3)
            if row["lane"] != "all" and begin < end:
                times[row["series"]] = times.get(row["series"], 0) + end - begin
        drawn, sums = {}, {}
        for row in part:
            self.assertTrue(0.1 <= row["time"] <= row["until"] <= 0.3, row)
            of = sums if row["lane"] == "all" else drawn
            of[row["series"]] = of.get(row["series"], 0) + row["until"] - row["time"]
        self.assertAlmostEqual(sum(times.values()), 0.2, places=8)
        for of in (drawn, sums):
            self.assertEqual({k for k, v in of.items() if v > 0}, set(times))
            for name, time in times.items():
                self.assertAlmostEqual(of[name], time, places=8)
        with open(self.at("image.svg"), encoding="utf-8") as file:
            texts = file.read()
        for name, time in times.items():
            self.assertIn(f"<text>{name}: {100 * time / 0.2:.1f} %", texts)

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

    def test_kinds_of_others_that_cannot_be_run(self):
        os.mkdir(self.at("bin"))
        environment = {**os.environ, "PATH": self.at("bin") + ":" + os.environ["PATH"]}
        call = ("plot", "foo", path("twopath"), "-o", self.at("a.svg"))
        for script, mode, message in (
                ("#!/none", 0o755, "cannot run mptcpscope-plot-foo: No such file"),
                ("#!/bin/sh", 0o644, "cannot run mptcpscope-plot-foo: Permission denied")):
            with open(self.at("bin/mptcpscope-plot-foo"), "w", encoding="utf-8") as file:
                file.write(script + "\n")
            os.chmod(self.at("bin/mptcpscope-plot-foo"), mode)
            done = run(*call, env=environment)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(message, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        done = run("plot", "bar", path("twopath"), "-o", self.at("a.svg"), env=environment)
        self.assertEqual(done.returncode, 2)
        self.assertFalse(os.path.exists(self.at("a.svg")))

    def test_many_subflows(self):
        generate.subflows(400).write(self.at("many.pcap"))
        for kind in ("inflight", "rate", "dsn", "window"):
            rows = self.plot(kind, self.at("many.pcap"))
            self.assertGreaterEqual(len({r["subflow"] for r in rows}), 400, kind)
            self.assertLess(os.path.getsize(self.at("image.svg")), 1500000, kind)
            with open(self.at("image.svg"), encoding="utf-8") as file:
                texts = re.findall(r"<text>(.*)</text>", file.read())
            legend = {t.split(":")[0] for t in texts if t.startswith("subflow ")}
            self.assertEqual(legend - {"subflow 0", "subflow 16"},
                             {f"subflow {i}" for i in range(1, 16)}, kind)
            self.assertEqual(len(legend), 16, "subflow 0, which has no data, or one of its look")
            drawn = {r["subflow"] for r in rows if r["series"] in ("data", "throughput", "subflow", "window")}
            self.assertIn(f"other subflows: {len(drawn - {''}) - 16}", texts, kind)

    def test_the_largest_of_many_subflows_is_named(self):
        """Subflow 33 has most data, and the look of subflows 1 and 17: the image has it and not them."""
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.subflows(40)
        for i in range(5):
            capture.data(generate.flow_of(33), 11 + i, 1000 + i)
            capture.ack(generate.flow_of(33), 12 + i, 400)
        capture.write(self.at("many.pcap"))
        for kind in ("dsn", "inflight", "rtt"):
            self.plot(kind, self.at("many.pcap"), "--direction", "c2s")
            named = {t.split(":")[0] for t in Images.texts(self)}
            self.assertIn("subflow 33", named, kind)
            self.assertFalse(named & {"subflow 1", "subflow 17"}, kind)
            self.plot(kind, self.at("many.pcap"), "--direction", "c2s", "--subflow", "17")
            named = {t.split(":")[0] for t in Images.texts(self)}
            self.assertIn("subflow 17", named, kind)
            self.assertNotIn("other subflows", named, kind)

    def test_sum_of_other_subflows(self):
        """Stacked others are as high as all of them together."""
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.subflows(36)
        for i in range(1, 36):
            capture.data(generate.flow_of(i), 11, 1000 + 100 * i, 100)
        capture.send(generate.FIRST, 0, generate.ACK, 1, 1)
        capture.write(self.at("many.pcap"))
        last = {r["subflow"]: r["bytes"] for r in self.plot("inflight", self.at("many.pcap"))
                if r["series"] == "subflow"}
        self.assertEqual(sum(last.values()), 3500)
        done = run("plot", "inflight", self.at("many.pcap"), "-o", self.at("image.svg"))
        self.assertEqual(done.returncode, 0)
        with open(self.at("image.svg"), encoding="utf-8") as file:
            text = file.read()
        areas = [(colour, [float(point.split(",")[1]) for point in points.split()]) for colour, points in
                 re.findall(r"<polygon fill = 'rgb\(([^)]*)\)' points = '([^']*)'", text)]
        floor, tops = max(max(heights) for _, heights in areas), {}
        for colour, heights in areas:
            if max(heights) == floor:  # not in the legend
                tops[colour] = max(tops.get(colour, 0), floor - min(heights))
        grey = "187, 187, 187"
        self.assertEqual(len(tops), 17)
        for colour, top in tops.items():
            self.assertLessEqual(top, tops[grey])
        below = sorted(tops.values())[-2]
        self.assertAlmostEqual(below / tops[grey], 16 / 35, places=2)

    def test_room_below_what_was_acknowledged(self):
        """The window of subflow 0 is unknown, and that of subflow 1 is old: what the receiver allows
        is not known, and no number that went round."""
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
                if ending == "pdf" and b"/CreationDate" not in first:
                    continue  # cairo 1.18 compresses it, so that it cannot be replaced
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

    def test_labels_of_events(self):
        """Names that are close share a label, also at the right edge; a limit beyond the image is said
        to be there."""
        self.plot("dsn", path("many"), "-c", "3")
        self.assertLessEqual({"ADD_ADDR, MP_JOIN 1", "DATA_FIN c2s, DATA_FIN s2c", "DATA_FIN s2c",
                              "window edge (above)"}, self.texts())
        with open(self.at("image.svg"), encoding="utf-8") as file:
            self.assertEqual(file.read().count("<text>DATA_FIN s2c<"), 2, "one in each panel")

    def generated(self, count):
        """The path of a capture with small segments, and windows of 500 bytes."""
        sys.path.insert(0, os.path.join(HERE, "..", "complexity"))
        import generate  # pylint: disable=import-outside-toplevel
        capture = generate.opened()
        for i in range(count):
            capture.data(generate.FIRST, 1 + 1000 * i, 1 + 1000 * i, 1000)
            capture.ack(generate.FIRST, 1001 + 1000 * i, 1001 + 1000 * i)
        capture.write(self.at("generated.pcap"))
        return self.at("generated.pcap")

    def test_axes_of_sizes_begin_at_0(self):
        capture = self.generated(20)
        for kind in ("window", "acksize"):
            rows = self.plot(kind, capture, "--direction", "c2s")
            values = {r["window" if kind == "window" else "bytes"] for r in rows}
            self.assertEqual(len(values - {""}), 1, "a flat line")
            scale = {float(t) for t in self.texts() if re.fullmatch(r"[0-9.]+", t)}
            self.assertLessEqual({0, 100, 200}, scale, kind)
            self.assertFalse([t for t in scale if t != int(t)], kind)

    def test_a_limit_is_drawn_below_what_runs_along_it(self):
        for kind, limit, above in (("inflight", "window", "data"), ("dsn", "window edge", "data")):
            series = [r["series"] for r in self.plot(kind, path("limitrcvbuf"), "--direction", "c2s")]
            self.assertLess(series.index(limit), series.index(above), kind)

    def test_logarithmic_scales_have_names_at_powers_of_ten(self):
        """Others overlap, which gnuplot 6 has where the scale is one decade."""
        for kind, name, scale in (("reinjections", "handover", {"100 ms", "1 s"}),
                                  ("interarrival", "lossy", None)):
            self.plot(kind, path(name))
            found = {t for t in self.texts() if re.fullmatch(r"\d+ (ns|µs|ms|s)", t)}
            self.assertTrue(all(re.match("10* ", t) for t in found), found)
            self.assertGreater(len(found), 1)
            if scale:
                self.assertEqual(found, scale)

    def test_strokes_of_small_segments_are_seen(self):
        self.plot("dsn", self.generated(3000))
        with open(self.at("image.svg"), encoding="utf-8") as file:
            paths = re.findall(r"stroke='rgb\(  0, 114, 178\)'  d='([^']*)'", file.read())
        strokes = re.findall(r"M([\d.]+),([\d.]+) L\1,([\d.]+)", " ".join(paths))
        self.assertGreater(len(strokes), 500)
        heights = sorted(abs(float(low) - float(high)) for _, low, high in strokes)
        self.assertGreater(heights[5], 2, "pixels, of all that the frame does not cut")

    def test_names_of_files_are_shown_as_they_are(self):
        for name in ("it's `id` $HOME @x \"q\".pcapng", "<b>&amp;{Symbol a}_^\\n.pcapng",
                     "ä\u202e.pcapng", "EOD\nx.pcapng", "';system('touch pwned');'", "%s%n%d #|.pcapng",
                     "$(touch pwned)", "-o"):
            shutil.copy(path("twopath"), self.at(name))
            before = set(os.listdir(self.folder))
            self.plot("rtt", self.at(name))
            shown = name.replace("\u202e", "\\u202e").replace("\n", "\\x0a")
            self.assertIn("Round-trip time: connection 0 of " + shown, self.texts())
            self.assertLessEqual(set(os.listdir(self.folder)) - before, {"image.svg", "data"})

    def test_names_of_images_are_what_they_are(self):
        for name in ("it's.svg", "a\nb.svg", "';system('touch pwned');'.svg", "`touch pwned`.svg",
                     "|touch pwned;.svg", "%s.svg"):
            done = run("plot", "rtt", path("twopath"), "-o", self.at(name))
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertEqual(os.listdir(self.folder), [name])
            os.remove(self.at(name))

    def test_colour_of_a_subflow_is_the_same_in_all_kinds(self):
        for kind in set(KINDS) - {"critical-path", "reinjections"}:
            self.plot(kind, *files_of(kind, "handover"))
            with open(self.at("image.svg"), encoding="utf-8") as file:
                self.assertTrue("213,  94,   0" in file.read(), kind + ": subflow 1")


class Look(Case):
    """What an image shows, read from what gnuplot gets and from what it draws."""

    def script(self, kind, *arguments):
        """The lines that gnuplot gets."""
        os.makedirs(self.at("bin"), exist_ok=True)
        with open(self.at("bin/gnuplot"), "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\ntee '{self.at('script')}' | exec {shutil.which('gnuplot')} -d\n")
        os.chmod(self.at("bin/gnuplot"), 0o755)
        done = run("plot", kind, *arguments, "-o", self.at("image.svg"),
                   env={**os.environ, "PATH": self.at("bin") + ":" + os.environ["PATH"]})
        self.assertEqual(done.returncode, 0, done.stderr)
        with open(self.at("script"), encoding="utf-8") as file:
            return file.read().splitlines()

    def blocks(self, lines):
        """The numbers of each curve, in order."""
        found = []
        for number, line in enumerate(lines):
            if line.startswith("$P") and line.endswith(" << EOD"):
                end = lines.index("EOD", number)
                found.append([[float(n) for n in l.split()] for l in lines[number + 1:end]])
        return found

    def places(self):
        """The text of the image: (x, y, text), y downwards."""
        with open(self.at("image.svg"), encoding="utf-8") as file:
            return [(float(x), float(y), text) for x, y, text in re.findall(
                r'translate\(([\d.]+),([\d.]+)\)[^\n]*\n\s*<text>([^<]*)', file.read())]

    def test_distributions_go_from_0_to_1(self):
        """Also one of a single number: it is a step."""
        for kind, files in (("interarrival", (path("lossy"),)), ("reinjections", (path("gso"),)),
                            ("delay-cdf", (path("lossy"), path("lossy", "server")))):
            lines = self.script(kind, *files)
            right = max(float(l.split(":")[1].rstrip("]")) for l in lines
                        if l.startswith("set xrange"))
            for curve in self.blocks(lines):
                self.assertEqual((curve[0][1], curve[-1][1]), (0, 100), kind)
                self.assertEqual(curve[0][0], curve[1][0], kind)
                self.assertAlmostEqual(curve[-1][0], right, places=9, msg=kind)

    def test_gaps_of_0_are_in_the_share_at_the_left_edge(self):
        capture = generate.opened()
        for i in range(6):
            capture.data(generate.FIRST, 1 + 100 * i, 1 + 100 * i, 100)
        data = capture.frames[-6:]
        step = data[1][0] - data[0][0]
        start = data[0][0]
        for i, at in enumerate((0, 0, 0, 1, 2, 3)):  # two gaps of 0 in five
            capture.frames[len(capture.frames) - 6 + i] = (start + at * step, *data[i][1:])
        capture.write(self.at("gaps.pcap"))
        lines = self.script("interarrival", self.at("gaps.pcap"))
        left = [float(l.split("[")[1].split(":")[0]) for l in lines if l.startswith("set xrange")][0]
        for curve in self.blocks(lines):
            self.assertEqual((curve[0][0], curve[0][1]), (left, 40))
            self.assertEqual(curve[-1][1], 100)

    def test_scale_of_logarithms_has_units(self):
        self.script("interarrival", path("lossy"))
        texts = {text.strip() for _, _, text in self.places()}
        self.assertLessEqual({"100 ns", "1 µs", "1 ms", "1 s"}, texts)
        self.script("acksize", path("lossy"))
        texts = {text.strip() for _, _, text in self.places()}
        self.assertLessEqual({"1 B", "1 kB", "100 kB"}, texts)

    def test_legend_is_above_the_diagram(self):
        for kind, files in (("critical-path", (path("limitrcvbuf"),)),
                            ("critical-path", (path("lossy"), path("lossy", "server"))),
                            ("critical-path", (path("many"), path("many", "server"))),
                            ("rate", (path("ipv6"),)), ("interarrival", (path("lossy"),)),
                            ("dsn", (path("handover"),))):
            lines = self.script(kind, *files, "--direction", "c2s")
            height = int(re.search(r"size 1100,(\d+)", "\n".join(lines)).group(1))
            share = [float(l.split()[-1]) for l in lines if l.startswith("set tmargin")][0]
            top = height * (1 - share)
            legend = [l for l in self.places() if re.match(r"subflow \d|all |[a-z-]+: [\d.]+ %", l[2])]
            self.assertGreater(len(legend), 0, kind)
            for _, y, text in legend:
                self.assertLess(y, top, (kind, text))

    def test_long_names_are_broken_into_lines(self):
        name = "capture of a day " * 12 + "W" * 40 + ".pcapng"
        shutil.copy(path("twopath"), self.at(name))
        self.script("rtt", self.at(name))
        title = [l for l in self.places() if l[1] < 150 and len(l[2]) > 40]
        shown = " ".join(text for _, _, text in title)
        self.assertIn("Round-trip time: connection 0 of capture of a day capture", shown)
        self.assertTrue(all(len(text) <= 84 or text.startswith("client") for _, _, text in title))
        self.assertEqual(shown.count("capture of a day") + shown.count("W" * 40), 13)
        self.assertEqual(len({y for _, y, _ in title}), len(title))

    def test_spans_that_join_are_one(self):
        lines = self.script("critical-path", path("limitrcvbuf"))
        rows = self.plot("critical-path", path("limitrcvbuf"))
        curves = self.blocks(lines)
        self.assertLess(sum(len(curve) for curve in curves), len(rows))
        for curve in curves:
            for before, after in zip(curve, curve[1:]):
                self.assertGreater(after[0], before[2])
            lane = {line[1] for line in curve}
            self.assertEqual(len(lane), 1)
        drawn = sum(line[2] - line[0] for curve in curves for line in curve if line[1] > 0)
        self.assertAlmostEqual(drawn, 1000 * sum(r["until"] - r["time"] for r in rows
                                                 if r["lane"] != "all"), places=3)


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
        self.assert_fails(2, 'unknown plot "dsm"; did you mean "dsn"?',
                          "plot", "dsm", file, "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot", "dsn", "-o", image)
        self.assert_fails(2, "plot needs the KIND", "plot")
        self.assert_fails(2, "plot delay needs two files", "plot", "delay", file, "-o", image)
        self.assert_fails(2, "plot dsn needs one file", "plot", "dsn", file, file, "-o", image)
        self.assert_fails(2, "plot takes a KIND and at most 2 files", "plot", "dsn", file, file, file, "-o", image)
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
                                ("exit 0", "it gave no reason"), ("echo half; exit 1", "it gave no reason"),
                                ("echo half; kill -9 $$", "gnuplot was ended by signal 9"),
                                ("for i in $(/usr/bin/seq 2000); do echo before >&2; done; "
                                 "echo last >&2; exit 2", "gnuplot failed: last")):
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

    def test_reasons(self):
        """Why there is nothing, by direction; no remark about what is not drawn."""
        image = self.at(NEVER)
        self.assert_fails(1, "nothing to draw: connection 0 has no critical path: c2s: nothing shows "
                          "that the capture was made near the sender; s2c: nothing shows that",
                          "plot", "critical-path", path("gso"), "-c", "0", "-o", image)
        done = run("plot", "critical-path", path("gso"), "-c", "0", "-o", image, "--direction", "s2c")
        self.assertNotIn("c2s", done.stderr)
        self.assert_fails(1, "nothing to draw: subflow 1 of connection 0 has no segments that both "
                          "captures have in that part", "plot", "delay", path("twopath"),
                          path("twopath", "server"), "--subflow", "1", "--from", "0.7", "--to", "0.71",
                          "-o", image)
        self.assert_fails(1, "nothing to draw: no MPTCP connection\n", "plot", "dsn",
                          path("fallback", "server"), "-o", image)
        self.assert_fails(1, "nothing to draw: A has no MPTCP connection; B has: name B first\n", "plot",
                          "delay", path("fallback", "server"), path("fallback"), "-o", image)
        done = run("plot", "critical-path", path("lossy"), "-o", image, "--from", "100")
        self.assertEqual(done.returncode, 1)
        self.assertTrue(done.stderr.endswith("no critical path in that part of its time\n"), done.stderr)
        files = path("lossy"), path("lossy", "server")
        for more in ((), ("--clock", "none")):
            done = run("plot", "delay", *files, "-o", image, "--from", "100", *more)
            self.assertEqual((done.returncode, done.stderr.split(": ", 2)[2]), (
                1, "nothing to draw: connection 0 has no segments that both captures have in that "
                "part of its time\n"))


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
        done = run("plot", "rtt", path("twopath"), "-o", self.at("image.svg"),
                   env={**os.environ, "GNUTERM": "no-such-terminal", "GNUPLOT_LIB": "/none"})
        self.assertEqual((done.returncode, done.stderr), (0, ""))


if __name__ == "__main__":
    main(sys.argv)
