#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Remove from pcapng files all information about the machine that captured them.

    scrub.py FILE...

The section header loses its options (hardware, operating system, application). An interface keeps
its name, snaplen, link type and time resolution. Packets and interface statistics are copied
unchanged. All other blocks are removed.
"""

import os
import struct
import sys

import pcapng

KEPT_WHOLE = (pcapng.ENHANCED_PACKET, pcapng.SIMPLE_PACKET, pcapng.INTERFACE_STATISTICS)


def scrub(data):
    """The bytes of a file without information about the machine."""
    result = []
    for kind, body in pcapng.blocks(data):
        if kind == pcapng.SECTION_HEADER:
            magic, major, minor = struct.unpack_from("=IHH", body)
            body = struct.pack("=IHHq", magic, major, minor, -1)
        elif kind == pcapng.INTERFACE:
            kept = [(code, value) for code, value in pcapng.options(body[8:])
                    if code in (pcapng.IF_NAME, pcapng.IF_TSRESOL)]
            body = body[:8] + pcapng.option_list(kept)
        elif kind not in KEPT_WHOLE:
            continue
        result.append(pcapng.block(kind, body))
    return b"".join(result)


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    for path in sys.argv[1:]:
        try:
            with open(path, "rb") as file:
                data = scrub(file.read())
        except (OSError, pcapng.FormatError) as error:
            print(f"scrub.py: {path}: {error}", file=sys.stderr)
            return 1
        with open(path + ".new", "wb") as file:
            file.write(data)
        os.replace(path + ".new", path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
