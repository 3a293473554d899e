"""Runs a program on a pseudo-terminal, as a person would see it.

SPDX-License-Identifier: GPL-2.0-or-later
"""
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading

ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
PATIENCE = 120  # seconds that a program may take
# What a person may have set, and would change what a test sees.
UNSET = ("COLUMNS", "NO_COLOR", "PAGER", "MPTCPSCOPE_PAGER", "LESS", "LV", "TZ", "XDG_CONFIG_HOME")


def strip(text):
    """The text without its colours."""
    return ESCAPES.sub("", text)


def _open(is_terminal, columns):
    """Our end, the program's end."""
    if not is_terminal:
        return os.pipe()
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    modes = termios.tcgetattr(theirs)
    modes[1] &= ~termios.OPOST  # a newline stays one byte
    termios.tcsetattr(theirs, termios.TCSANOW, modes)
    return ours, theirs


class _Reader(threading.Thread):
    """Reads what is written until nobody can write any more."""

    def __init__(self, descriptor):
        super().__init__()
        self.descriptor, self.data = descriptor, b""
        self.start()

    def run(self):
        while True:
            try:
                data = os.read(self.descriptor, 65536)
            except OSError:  # so a terminal ends
                return
            if not data:
                return
            self.data += data


class Result:
    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out.decode(), err.decode()


def run(arguments, columns=80, out=True, err=True, stdin=subprocess.DEVNULL, **variables):
    """Run a program; out, err: whether that is a terminal. Variables of the environment are added;
    None removes one. Without any there is no pager and no configuration."""
    environment = {key: value for key, value in os.environ.items() if key not in UNSET}
    environment |= {"TERM": "xterm-256color", "MPTCPSCOPE_PAGER": "cat",
                    "XDG_CONFIG_HOME": "/nonexistent"}
    environment |= variables
    environment = {key: value for key, value in environment.items() if value is not None}
    ends = [_open(out, columns), _open(err, columns)]
    with subprocess.Popen(arguments, stdin=stdin, stdout=ends[0][1], stderr=ends[1][1],
                          env=environment, start_new_session=True) as process:
        readers = []
        for ours, theirs in ends:
            os.close(theirs)
            readers.append(_Reader(ours))
        try:
            status = process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise
        finally:
            for reader in readers:
                reader.join()
                os.close(reader.descriptor)
    return Result(status, *(reader.data for reader in readers))
