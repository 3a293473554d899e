#!/usr/bin/python3
"""Pages in headless Chromium: tables sort and filter, zooming moves all axes of time, scrolling is
little work, nothing is logged and nothing is asked for. Without Chromium the test is skipped.

usage: test_html_browser.py PATH_OF_MPTCPSCOPE [unittest options]

SPDX-License-Identifier: GPL-2.0-or-later
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from htmlpage import GENERATE, make, path

try:
    from selenium import webdriver
    from selenium.webdriver.common.action_chains import ActionChains
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"

# The ranges of all x axes over time, as the library has them.
RANGES = "return board.shared().map(graph => graph.graph.xAxisRange());"

# Scroll through the page, a step in each frame.
SCROLL = """
const done = arguments[arguments.length - 1], end = document.documentElement.scrollHeight;
let at = 0, frames = 0;
const step = () => {
  window.scrollTo(0, at);
  at += 160;
  frames++;
  if (at < end) requestAnimationFrame(step); else done(frames);
};
requestAnimationFrame(step);
"""


# Elements whose text has too little contrast with what is behind it (WCAG 2.1: 4.5).
CONTRAST = """
const light = text => {
  const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255)
    .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = element => {
  for (let one = element; one; one = one.parentElement) {
    const colour = getComputedStyle(one).backgroundColor;
    if (!colour.startsWith('rgba(0, 0, 0, 0')) return colour;
  }
  return 'rgb(255, 255, 255)';
};
return [...document.querySelectorAll('body *')].filter(element => {
  if (element.disabled || !element.checkVisibility() ||
      ![...element.childNodes].some(node => node.nodeType === 3 && node.data.trim())) return false;
  const [a, b] = [light(getComputedStyle(element).color), light(behind(element))];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05) < 4.5;
}).map(element => element.outerHTML.slice(0, 100));
"""

# Pixels of the page that are beyond the right edge of the window.
BEYOND = """const root = document.documentElement;
return root.scrollWidth - root.clientWidth;"""

# The headings that are shown, as the depth of each.
HEADINGS = """return [...document.querySelectorAll('h1,h2,h3,h4,h5,h6')]
  .filter(heading => heading.checkVisibility()).map(heading => Number(heading.tagName[1]));"""


def open_browser():
    options = Options()
    options.binary_location = CHROMIUM
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--window-size=1280,1000"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    browser = webdriver.Chrome(service=Service(DRIVER), options=options)
    browser.set_script_timeout(120)
    return browser


class Browser(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.browser = open_browser()

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        shutil.rmtree(cls.folder)

    def open(self, *captures):
        page = os.path.join(self.folder, "page.html")
        make(COMMAND, page, *captures)
        self.browser.get("file://" + page)
        self.address = "file://" + page

    def tearDown(self):
        """Whatever was done: no message, no exception, and the page was all that was asked for."""
        self.assertEqual(self.browser.get_log("browser"), [])
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                self.assertEqual(message["params"]["request"]["url"], self.address)

    def run_script(self, script, *arguments):
        return self.browser.execute_script(script, *arguments)

    def column(self, table, name):
        """The texts of a column as the page shows it."""
        return self.run_script("""
            const table = document.getElementById('table-' + arguments[0]);
            const at = [...table.querySelectorAll('th button')]
                .findIndex(button => button.title === arguments[1]);
            return [...table.querySelectorAll('tbody tr')].map(row => row.cells[at].textContent);
            """, table, name)

    def press(self, table, name):
        self.run_script("""
            const table = document.getElementById('table-' + arguments[0]);
            table.open = true;
            [...table.querySelectorAll('th button')]
                .find(button => button.title === arguments[1]).click();
            """, table, name)

    def filter(self, table, text):
        self.run_script("""
            const input = document.querySelector(`#table-${arguments[0]} input[type=search]`);
            input.value = arguments[1];
            input.dispatchEvent(new Event('input'));
            """, table, text)

    def test_tables_sort(self):
        self.open(path("lossy"), path("lossy", "server"))
        for name, value in (("sent", int), ("owd_median", float), ("direction", str)):
            before = self.column("owd", name)
            for descending in (False, True):
                self.press("owd", name)
                self.assertEqual([value(text) for text in self.column("owd", name)],
                                 sorted(map(value, before), reverse=descending), name)

    def test_unknown_values_come_last(self):
        self.open(path("handover"), path("handover", "server"))
        for _ in range(2):
            self.press("events-A", "hmac")
            texts = self.column("events-A", "hmac")
            self.assertIn("-", texts)
            known = [text for text in texts if text != "-"]
            self.assertEqual(texts[:len(known)], known)

    def test_tables_filter(self):
        self.open(path("handover"), path("handover", "server"))
        everything = len(self.column("events-A", "frame"))
        self.filter("events-A", "subflow=1")
        rows = self.column("events-A", "subflow")
        self.assertTrue(0 < len(rows) < everything)
        self.assertEqual(set(rows), {"1"})
        self.filter("events-A", "mp_join syn/ack")
        self.assertEqual(self.column("events-A", "event"), ["MP_JOIN"])
        self.filter("events-A", "there is no such word")
        self.assertEqual(self.column("events-A", "event"), [])
        self.filter("events-A", "")
        self.assertEqual(len(self.column("events-A", "frame")), everything)

    def drag(self, graph, start, end):
        """Draw a range on a graph with the mouse. @param start, end  shares of its width"""
        place = self.browser.find_elements("css selector", ".graph")[graph]
        self.run_script("arguments[0].scrollIntoView({block: 'center'})", place)
        width = place.size["width"]
        actions = ActionChains(self.browser, duration=50)
        actions.move_to_element_with_offset(place, int((start - 0.5) * width), 0)
        actions.click_and_hold()
        actions.move_by_offset(int((end - start) * width), 0)
        actions.release().perform()

    def test_zoom_moves_all_axes(self):
        self.open(path("twopath"), path("twopath", "server"))
        whole = self.run_script(RANGES)
        self.assertGreaterEqual(len(whole), 4)
        self.assertEqual(len({tuple(axis) for axis in whole}), 1)
        for graph in (0, 3):
            self.drag(graph, 0.3, 0.5)
            zoomed = self.run_script(RANGES)
            self.assertEqual(len({tuple(axis) for axis in zoomed}), 1, zoomed)
            self.assertLess(zoomed[0][1] - zoomed[0][0], 0.5 * (whole[0][1] - whole[0][0]))
            self.run_script("document.getElementById('zoom-all').click()")
            self.assertEqual(self.run_script(RANGES), whole)

    def test_pointer_shows_frames(self):
        self.open(path("lossy"))
        place = self.browser.find_elements("css selector", ".graph")[0]
        self.run_script("arguments[0].scrollIntoView({block: 'center'})", place)
        # The first retransmission of data of the client is in frame 89.
        x = self.run_script("""
            const graph = board.graphs[0];
            const curve = graph.panel.curves.find(one => one.mark === 'retransmitted');
            return graph.graph.toDomXCoord(curve.x[0]);""")
        ActionChains(self.browser, duration=50).move_to_element_with_offset(
            place, int(x) - place.size["width"] // 2, 0).perform()
        readout = self.run_script("return document.querySelector('.readout').textContent")
        self.assertIn("(frame 89)", readout)
        shown = self.run_script("""return [...document.querySelectorAll('.hair')]
            .filter(hair => hair.style.display === 'block').length""")
        self.assertEqual(shown, len(self.run_script(RANGES)))

    def test_other_connections_and_curves_can_be_chosen(self):
        self.open(path("many"))
        titles = set()
        for choice in range(3):
            self.run_script("""
                const select = document.querySelector('#pictures select');
                select.value = String(arguments[0]);
                select.dispatchEvent(new Event('change'));""", choice)
            titles.add(self.run_script("return document.querySelector('#pictures h3').textContent"))
        self.assertEqual(len(titles), 3)
        pressed = "return [...document.querySelectorAll('#pictures .legend button[aria-pressed=false]')].length"
        self.assertEqual(self.run_script(pressed), 0)
        self.run_script("document.querySelector('#pictures .legend button').click()")
        self.assertGreaterEqual(self.run_script(pressed), 1)

    def test_dark_and_print(self):
        self.open(path("lossy"))
        colour = "return getComputedStyle(document.body).backgroundColor"
        for scheme in ("light", "dark"):
            self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [
                {"name": "prefers-color-scheme", "value": scheme}]})
            parts = [int(part) for part in self.run_script(colour)[4:-1].split(",")]
            self.assertEqual(max(parts) < 60, scheme == "dark", parts)
        printed = self.browser.execute_cdp_cmd("Page.printToPDF", {})
        self.assertGreater(len(printed["data"]), 20000)
        self.assertFalse(self.run_script("return printing"))
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def emulate(self, **media):
        features = [{"name": name.replace("_", "-"), "value": value}
                    for name, value in media.items() if name != "media"]
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia",
                                     {"media": media.get("media", ""), "features": features})

    def resize(self, width):
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 1000, "deviceScaleFactor": 1, "mobile": False})

    def test_paper_holds_all_that_is_shown(self):
        """On a sheet of A4: nothing is cut off or made smaller, no picture is erased."""
        self.open(path("handover"), path("handover", "server"))
        self.run_script("window.dispatchEvent(new Event('beforeprint'))")
        self.emulate(media="print", prefers_color_scheme="dark")
        self.resize(718)
        beyond = self.run_script(BEYOND)
        upper = self.run_script("""return [...document.querySelectorAll('.graph canvas ~ canvas')]
            .filter(canvas => getComputedStyle(canvas).display !== 'none').length""")
        lower = self.run_script("""return [...document.querySelectorAll('.graph')]
            .map(graph => graph.querySelector('canvas'))
            .filter(canvas => canvas.checkVisibility()).length""")
        for table in ("owd", "events-A"):
            screen, paper = self.run_script("""
                const table = document.getElementById('table-' + arguments[0]);
                const texts = cells => [...new Set([...cells].map(cell => cell.textContent))].sort();
                return ['.scroll', '.paper'].map(part => table.querySelector(part))
                    .map(part => [texts(part.querySelectorAll('th')),
                                  texts(part.querySelectorAll('td'))]);""", table)
            self.assertEqual(screen, paper)
        pictures = self.run_script("return board.graphs.length")
        self.run_script("window.dispatchEvent(new Event('afterprint'))")
        after = self.run_script("return document.querySelectorAll('.paper table').length")
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.emulate()
        self.assertEqual((beyond, upper, lower, after), (0, 0, pictures, 0))

    def test_a_narrow_window_needs_no_scrolling_sideways(self):
        self.open(path("many"), path("many", "server"))
        self.resize(500)
        beyond = self.run_script(BEYOND)
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.assertEqual(beyond, 0)

    def test_texts_can_be_read(self):
        for captures in ((path("fallback"),), (path("handover"), path("handover", "server"))):
            self.open(*captures)
            for scheme in ("light", "dark"):
                self.emulate(prefers_color_scheme=scheme)
                self.assertEqual(self.run_script(CONTRAST), [], scheme)
            self.emulate()

    def test_structure_is_for_readers_of_all_kinds(self):
        """Headings in order; tables with headings; what a click does, a key does too."""
        self.open(path("handover"), path("handover", "server"))
        depths = self.run_script(HEADINGS)
        self.assertEqual(depths[0], 1)
        self.assertEqual(depths.count(1), 1)
        for before, after in zip(depths, depths[1:]):
            self.assertLessEqual(after, before + 1, depths)
        self.assertEqual(self.run_script(
            "return document.querySelectorAll('th:not([scope=col])').length"), 0)
        self.run_script("""[...document.querySelectorAll('#table-owd th button')]
            .find(button => button.title === 'sent').focus()""")
        for direction in ("ascending", "descending"):
            ActionChains(self.browser).send_keys(Keys.ENTER).perform()
            self.assertEqual(self.run_script(
                "return document.querySelector('#table-owd [aria-sort]').ariaSort"), direction)
            sent = [int(text) for text in self.column("owd", "sent")]
            self.assertEqual(sent, sorted(sent, reverse=direction == "descending"))

    def test_logarithmic_axes(self):
        self.open(path("handover"))
        distances = self.run_script("""
            const graph = board.graphs.find(one => one.picture.kind === 'acksize');
            const plane = new Plane(graph.graph, graph.area, graph.panel);
            const y = graph.panel.top;
            return [graph.panel.yLog, plane.y(y / 10) - plane.y(y), plane.y(y / 100) - plane.y(y / 10),
                    graph.graph.toDomYCoord(y / 10) - plane.y(y / 10)];""")
        self.assertTrue(distances[0])
        self.assertGreater(distances[1], 10)
        self.assertAlmostEqual(distances[1], distances[2], 3)
        self.assertAlmostEqual(distances[3], 0, 3)

    def test_time_of_an_event_is_shown_in_the_pictures(self):
        self.open(path("many"), path("many", "server"))
        self.run_script("""
            const table = document.getElementById('table-events-A');
            table.open = true;
            [...table.querySelectorAll('tbody tr')].find(row => row.cells[0].textContent === '264')
                .querySelector('button').click();""")
        title = self.run_script("return document.querySelector('#pictures h3').textContent")
        self.assertIn("connection 2 ", title)
        readout = self.run_script("return document.querySelector('.readout').textContent")
        self.assertIn("MP_JOIN 1 (frame 264)", readout)
        other = self.run_script("return document.querySelectorAll('#table-events-B .moment').length")
        self.assertEqual(other, 0)

    def test_part_of_the_time_can_be_typed(self):
        self.open(path("handover"))
        whole = self.run_script(RANGES)
        for start, end, wanted in (("0.5", "0.9", [0.5, 0.9]), ("0.9", "0.5", [0.5, 0.9]),
                                   ("0.5", "1.5", [0.5, 1.5])):
            self.run_script("""
                [board.range.from.value, board.range.to.value] = arguments;
                board.range.to.dispatchEvent(new Event('change'));""", start, end)
            for axis in self.run_script(RANGES):
                self.assertEqual(axis, wanted)
        self.assertEqual(self.run_script("return [board.range.from.value, board.range.to.value]"),
                         ["0.5", "1.5"])
        self.run_script("document.getElementById('zoom-all').click()")
        self.assertEqual(self.run_script(RANGES), whole)

    def test_distributions_rise_from_zero_and_end_at_one(self):
        """Also the wide one of all subflows; 100 % has a label."""
        self.open(path("twopath"))
        ends = self.run_script("""
            return board.graphs.filter(one => one.panel.isDistribution).map(graph => {
              const labels = [...graph.place.querySelectorAll('.dygraph-axis-label-y')];
              const wide = graph.panel.curves.filter(curve => curve.wide);
              return [graph.panel.end === graph.panel.right, wide.length,
                      labels.map(label => label.textContent).includes('100')];});""")
        self.assertTrue(ends)
        for end in ends:
            self.assertEqual(end, [True, 1, True])

    def test_links_open_tables(self):
        self.open(path("many"), path("many", "server"))
        self.run_script("document.querySelector('a[href=\"#table-events-A\"]').click()")
        self.assertTrue(self.run_script("return document.getElementById('table-events-A').open"))

    def test_scrolling_a_long_capture_is_little_work(self):
        """The processor time of the page in each frame, as other work on the machine does not count."""
        made = os.path.join(self.folder, "made.pcap")
        subprocess.run([sys.executable, GENERATE, "two_paths", "150000", made], check=True)
        self.open(made)
        self.run_script("document.querySelectorAll('details').forEach(one => one.open = true)")
        self.browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        before = self.work()
        frames = self.browser.execute_async_script(SCROLL)
        self.assertGreater(frames, 20)
        self.assertLess((self.work() - before) / frames, 0.050)
        rows = self.run_script("return document.querySelectorAll('tbody tr').length")
        tables = self.run_script("return document.querySelectorAll('table').length")
        self.assertLessEqual(rows, 100 * tables)

    def work(self):
        """Seconds of processor time of the page's main thread."""
        metrics = self.browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
        return next(one["value"] for one in metrics if one["name"] == "TaskDuration")

    def test_hostile_names_run_nothing(self):
        """Nor does a long name make the page wide."""
        evil = os.path.join(self.folder, "<img src=x onerror=window.hit=1>&\"'" + 190 * "W" + ".pcapng")
        shutil.copy(path("fallback"), evil)
        self.open(evil)
        self.assertIsNone(self.run_script("return window.hit || null"))
        self.assertEqual(self.run_script("return document.images.length"), 0)
        self.assertIn("onerror", self.browser.title)
        self.assertEqual(self.run_script(BEYOND), 0)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    COMMAND = sys.argv.pop(1)
    if not webdriver or not os.path.exists(CHROMIUM) or not os.path.exists(DRIVER):
        print("chromium, chromium-driver or python3-selenium is not installed")
        sys.exit(77)
    unittest.main()
