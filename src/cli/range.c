/* range.c: reads the options that choose a part of a connection: a subflow, a stretch of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"

/* Set a time since the connection's first frame. One before it is negative: the clock of a capture
 * may be set back. */
static bool set_time(int64_t *time, const char *text)
{
    const bool negative = *text == '-';
    int64_t ns;
    if (!mps_seconds_from_text(text + negative, &ns))
        return false;
    *time = negative ? -ns : ns;
    return true;
}

const char *mps_cli_set_range(mps_cli *cli, int letter, const char *text)
{
    guint64 number;
    switch (letter) {
    case 'S':
        if (!g_ascii_string_to_unsigned(text, 10, 0, MPS_NONE - 1, &number, NULL))
            return "--subflow must be the number of a subflow";
        cli->subflow = (uint32_t)number;
        return NULL;
    case 'F':
        return set_time(&cli->from, text) ? NULL
                                          : "--from must be a number of seconds, up to 1000000000";
    default:
        return set_time(&cli->to, text) ? NULL
                                        : "--to must be a number of seconds, up to 1000000000";
    }
}
