"""Wireshark's window under Xvfb, driven by keyboard and mouse as a person does.

Needs wireshark, Xvfb, xdotool and xclip; pictures need ImageMagick. There is no window manager, so windows
appear where they are placed and get the keyboard only if they are told so. Wireshark ignores a
plugin directory when root runs it, so root runs it as nobody.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import glob
import itertools
import os
import shutil
import subprocess
import sys
import tempfile
import time

PLUGIN = "mptcpscope.so"
PROGRAMS = ("wireshark", "Xvfb", "xdotool", "xclip", "mergecap")
SCREEN = (1600, 1000)
TIMEOUT = 60  # s, for a window to appear
ATTEMPTS = 4  # to choose an entry of a menu
KEY_DELAY = 20  # ms
# Where the preferences that are searched may show the first one found, pixels from the top.
PREFERENCE_ROWS = (115, 125, 105, 135, 145)
# Wireshark's own window, as it was left the last time.
RECENT = """gui.geometry_main_x: 10
gui.geometry_main_y: 10
gui.geometry_main_width: 1560
gui.geometry_main_height: 900
"""


def missing_program():
    return next((name for name in PROGRAMS if not shutil.which(name)), None)


def version_of(program):
    words = subprocess.run([program, "--version"], capture_output=True, text=True).stdout.split()
    return ".".join(words[words.index("Wireshark" if program == "wireshark" else "(Wireshark)")
                          + 1].split(".")[:2])


class Home:
    """A home directory with the plugin, of the user that may load it."""

    def __init__(self, build):
        self.path = tempfile.mkdtemp(prefix="mptcpscope-")
        found = glob.glob(f"{build}/**/{PLUGIN}", recursive=True)
        if not found:
            sys.exit(f"{PLUGIN} not found below {build}")
        plugins = os.path.join(self.path, "plugins", version_of("tshark"), "epan")
        config = os.path.join(self.path, ".config", "wireshark")
        for folder in (plugins, config, os.path.join(self.path, "run")):
            os.makedirs(folder)
        shutil.copy(found[0], plugins)
        with open(os.path.join(config, "recent_common"), "w", encoding="ascii") as file:
            file.write(RECENT)
        self.user = []
        if os.geteuid() == 0:
            self.user = ["runuser", "-u", "nobody", "--"]
            subprocess.run(["chown", "-R", "nobody", self.path], check=True)
        os.chmod(os.path.join(self.path, "run"), 0o700)
        os.chmod(self.path, 0o755)
        self.environment = {**os.environ, "HOME": self.path, "LANG": "C.UTF-8",
                            "XDG_RUNTIME_DIR": os.path.join(self.path, "run"),
                            "XDG_CONFIG_HOME": os.path.join(self.path, ".config"),
                            "QT_QPA_PLATFORM": "xcb",
                            "WIRESHARK_PLUGIN_DIR": os.path.join(self.path, "plugins")}

    def command(self, *arguments):
        return [*self.user, "env", *(f"{name}={self.environment[name]}" for name in
                ("HOME", "LANG", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "QT_QPA_PLATFORM",
                 "WIRESHARK_PLUGIN_DIR")), *arguments]

    def remove(self):
        shutil.rmtree(self.path)


class Screen:
    """An X server without a screen."""

    def __init__(self):
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "%dx%dx24" % SCREEN, "-nolisten", "tcp",
             "-noreset"],  # or it would drop Wireshark's connection when xdotool ends its own
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        os.environ["DISPLAY"] = ":" + self.server.stdout.readline().strip()

    def stop(self):
        self.server.terminate()
        self.server.wait()
        self.server.stdout.close()


def xdotool(*arguments):
    return subprocess.run(["xdotool", *map(str, arguments)], capture_output=True, text=True).stdout


def key(*names):
    xdotool("key", "--delay", KEY_DELAY, *names)


def write(text):
    xdotool("type", "--delay", 5, text)


def click(window, x, y, button=1):
    """Press a mouse button somewhere in a window, and give a menu the time to open."""
    xdotool("mousemove", "--window", window, x, y, "click", button)
    time.sleep(0.1)


def size(window):
    """The width and height of a window."""
    words = xdotool("getwindowgeometry", "--shell", window).split()
    values = dict(word.split("=") for word in words)
    return int(values["WIDTH"]), int(values["HEIGHT"])


def clipboard():
    return subprocess.run(["xclip", "-o", "-selection", "clipboard"], capture_output=True,
                          text=True, check=True, timeout=TIMEOUT).stdout


def wait_for(condition, what, seconds=TIMEOUT):
    """Wait until a condition gives something, and return that."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        result = condition()
        if result:
            return result
        time.sleep(0.05)
    raise AssertionError(f"waited in vain for {what}")


def windows(title):
    """The windows that can be seen and have this in their titles (a regular expression)."""
    return xdotool("search", "--onlyvisible", "--name", title).split()


def picture(path, window=None, wanted=None):
    """Take a picture of a window, which gets a width and height before, or of the menus."""
    if window:
        xdotool("windowmove", window, 20, 20)
        xdotool("windowsize", window, *wanted)
    time.sleep(0.5)
    part = [] if window else ["-crop", "900x1000+290+0", "+repage"]
    subprocess.run(["import", "-window", window or "root", *part, "+dither", "-colors", "64",
                    "PNG8:" + path], check=True)


class Wireshark:
    """A running Wireshark with a capture. @ivar main  its window"""

    def __init__(self, home, capture, *arguments):
        self.home = home
        self.log = open(os.path.join(home.path, "log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            home.command("wireshark", "-o", "gui.update.enabled:FALSE", "-o",
                         "gui.ask_unsaved:FALSE", "-n", "-r", capture, *arguments),
            stdout=self.log, stderr=subprocess.STDOUT)
        name = os.path.basename(capture)
        try:
            self.main = wait_for(lambda: windows(f"^{name}$"), "the main window")[0]
        except AssertionError:
            self.stop()
            raise
        xdotool("windowfocus", "--sync", self.main)
        self.wait_until_idle()

    def wait_until_idle(self):
        """Wait until Wireshark sleeps and uses no more processor time. One that waits for the
        processor does not sleep."""
        end = time.monotonic() + TIMEOUT
        quiet, before = 0, None
        while quiet < 3 and time.monotonic() < end:
            try:
                with open(f"/proc/{self.child()}/stat", encoding="ascii") as file:
                    fields = file.read().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError) as error:
                raise AssertionError(f"Wireshark ended: {self.output()[-500:]}") from error
            now = (fields[0], fields[11:13])
            quiet = quiet + 1 if now == before and now[0] == "S" else 0
            before = now
            time.sleep(0.04)

    def child(self):
        """The process of Wireshark itself, below runuser and env; it may have children of its own."""
        pid = self.process.pid
        while True:
            with open(f"/proc/{pid}/comm", encoding="ascii") as file:
                if file.read().strip() == "wireshark":
                    return pid
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                children = file.read().split()
            if not children:
                return pid
            pid = int(children[0])

    def alive(self):
        return self.process.poll() is None

    def output(self):
        self.log.seek(0)
        return self.log.read()

    def wait_for(self, condition, what, seconds=TIMEOUT):
        """The same as wait_for(), but tell at once if Wireshark ended."""
        def condition_if_alive():
            if not self.alive():
                raise AssertionError(f"Wireshark ended, before {what}: {self.output()[-500:]}")
            return condition()

        return wait_for(condition_if_alive, what, seconds)

    def focus(self, window):
        xdotool("windowraise", window)
        xdotool("windowfocus", "--sync", window)

    def press(self, *names):
        """Press keys in the main window."""
        self.focus(self.main)
        key(*names)
        self.wait_until_idle()

    def open_menu(self):
        """Open Statistics → MPTCP, with the first entry selected. It is the last submenu. The mouse
        is where it selects no entry."""
        xdotool("mousemove", 0, SCREEN[1] - 1)
        self.focus(self.main)
        key("alt+s", "Up", "Right")

    def choose(self, number, title, others=()):
        """Choose an entry of the submenu, from 0, and return the window that opens. A busy machine
        may lose a key while a menu opens; then choose again, as a person does.
        @param others  windows with this title that are open already"""
        for attempt in range(ATTEMPTS):
            self.open_menu()
            key(*["Down"] * number, "Return")
            try:
                window = self.wait_for(
                    lambda: [one for one in windows(title) if one not in others],
                    f"the window {title}", TIMEOUT / ATTEMPTS)[0]
                self.wait_until_idle()
                return window
            except AssertionError:
                if attempt == ATTEMPTS - 1 or not self.alive():
                    raise
                self.focus(self.main)
                key("Escape", "Escape", "Escape")
                time.sleep(1)
        return None

    def close(self, window):
        self.focus(window)
        key("Escape")
        self.wait_for(lambda: window not in windows(""), "the window to close")

    def save_csv(self, window, name):
        """Save a table as csv and return the path."""
        path = os.path.join(self.home.path, name + ".csv")
        if os.path.exists(path):
            os.remove(path)
        self.focus(window)
        click(window, 200, 150, 3)
        key("Down", "Down", "Return")
        dialog = self.wait_for(lambda: windows("Save Statistics As"), "the file dialog")[0]
        self.focus(dialog)
        width, height = size(dialog)
        click(dialog, width * 2 // 5, height - 23)  # the type of the file: the second one is csv
        key("Home", "Down", "Return", "alt+n", "ctrl+a")
        write(path)
        key("Return")
        self.wait_for(lambda: not windows("Save Statistics As"), "the file dialog to close")
        self.wait_for(lambda: os.path.exists(path) and os.path.getsize(path), f"the file {path}")
        return path

    def copy_text(self, window):
        """Copy all text of a window with text, and return it."""
        self.focus(window)
        click(window, 200, 150)
        key("ctrl+a", "ctrl+c")
        return clipboard()

    def preference(self, name):
        """Whether a preference that is on by default is on, by the file that Wireshark wrote."""
        path = os.path.join(self.home.path, ".config", "wireshark", "preferences")
        if not os.path.exists(path):
            return True
        with open(path, encoding="utf-8") as file:
            return f"{name}: FALSE" not in file.read().splitlines()

    def toggle_preference(self, name):
        """Switch a preference on or off in Edit → Preferences → Advanced, and wait until the packets
        were read again."""
        wanted = not self.preference(name)
        for row, wide in itertools.product(PREFERENCE_ROWS, (False, True)):
            self.press("ctrl+shift+p")
            dialog = self.wait_for(lambda: windows("Preferences$"), "the preferences")[0]
            self.wait_until_idle()
            self.focus(dialog)
            if wide:  # newer versions show the values only then
                xdotool("windowsize", "--sync", dialog, 1200, size(dialog)[1])
            key("End", "Tab")
            write(name)
            time.sleep(1)  # it searches when nothing was typed for a while
            self.wait_until_idle()
            xdotool("mousemove", "--window", dialog, size(dialog)[0] - 64, row,
                    "click", "--repeat", 2, "--delay", 50, 1)
            self.wait_until_idle()
            key("Return")
            self.wait_for(lambda: not windows("Preferences$"), "the preferences to close")
            self.wait_until_idle()
            if self.preference(name) == wanted:
                return
        raise AssertionError(f"{name} did not change")

    def lines(self, window):
        """The first columns of the lines of a table, from the top."""
        self.focus(window)
        click(window, 200, 150)
        found = []
        key("End", "Home")  # to where it is already, a key selects nothing
        while True:
            key("ctrl+c")
            self.wait_until_idle()
            done = subprocess.run(["xclip", "-o", "-selection", "clipboard"], capture_output=True,
                                  text=True, timeout=TIMEOUT)
            if done.returncode != 0 or done.stdout in found:
                return found
            found.append(done.stdout)
            key("Down")

    def stop(self):
        while self.alive(): # it may lose a signal while it works
            subprocess.run(["kill", str(self.child())], check=False)
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                pass
        self.log.close()
