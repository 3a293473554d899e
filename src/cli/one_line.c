/* one_line.c: writes a json document on one line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif
#include "one_line.h"
#include <glib.h>
#include <stdbool.h>
#include <string.h>

typedef struct {
    FILE *out;
    bool skips; /* blanks after a newline come next */
    bool any;   /* something was written */
} one_line;

static ssize_t put(void *cookie, const char *data, size_t size)
{
    one_line *line = cookie;
    for (size_t at = 0; at < size;) {
        if (line->skips && data[at] == ' ') {
            at++;
            continue;
        }
        const char *newline = memchr(data + at, '\n', size - at);
        const size_t count = newline ? (size_t)(newline - data) - at : size - at;
        if (fwrite(data + at, 1, count, line->out) < count)
            return 0;
        line->skips = newline != NULL;
        line->any = line->any || count > 0;
        at += count + (newline ? 1 : 0);
    }
    return (ssize_t)size;
}

static int end(void *cookie)
{
    one_line *line = cookie;
    if (line->any)
        putc('\n', line->out);
    g_free(line);
    return 0;
}

FILE *mps_one_line(FILE *out)
{
    static const cookie_io_functions_t functions = {.write = put, .close = end};
    one_line *line = g_new0(one_line, 1);
    line->out = out;
    FILE *stream = fopencookie(line, "w", functions);
    if (!stream)
        g_free(line);
    return stream;
}
