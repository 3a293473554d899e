/* terminal.c: asks the terminal, and the environment, what it can show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "terminal.h"
#include <glib.h>
#include <sys/ioctl.h>

enum {
    WIDTH_UNKNOWN = 80, /* of a terminal that does not tell */
    WIDTH_MIN = 40,     /* in less, hardly a table has a line for a row */
    WIDTH_MAX = 1000,
};

bool mps_terminal_is_dumb(void)
{
    const char *name = g_getenv("TERM");
    return !name || !*name || g_str_equal(name, "dumb");
}

unsigned mps_terminal_width(int descriptor)
{
    guint64 width;
    struct winsize size;
    const char *columns = g_getenv("COLUMNS");
    if (!columns || !g_ascii_string_to_unsigned(columns, 10, 1, WIDTH_MAX, &width, NULL))
        width = ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col
                                                                             : WIDTH_UNKNOWN;
    return (unsigned)CLAMP(width, WIDTH_MIN, WIDTH_MAX);
}
