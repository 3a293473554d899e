/* range.c: reads the options that choose a part of a connection: a subflow, a stretch of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "cli.h"

#define NS_PER_SECOND INT64_C(1000000000)
#define SECONDS_MAX INT64_C(1000000000)

/* @return whether the text is a number of seconds, with fractions of up to nine digits */
static bool read_seconds(const char *text, int64_t *ns)
{
    const bool negative = *text == '-';
    const char *const first = text + negative, *at = first;
    int64_t value = 0, unit = NS_PER_SECOND; /* unit: of the latest digit, ns */
    for (; g_ascii_isdigit(*at) && value <= INT64_MAX / 100; at++)
        value = 10 * value + (*at - '0') * NS_PER_SECOND;
    if (*at == '.' && at > first)
        for (at++; g_ascii_isdigit(*at) && unit > 1; at++)
            value += (*at - '0') * (unit /= 10);
    *ns = negative ? -value : value;
    return !*at && at > first && value <= NS_PER_SECOND * SECONDS_MAX;
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
        return read_seconds(text, &cli->from) ? NULL : "--from must be a number of seconds";
    default:
        return read_seconds(text, &cli->to) ? NULL : "--to must be a number of seconds";
    }
}
