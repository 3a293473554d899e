/* gnuplot_text.c: writes numbers and texts for gnuplot; breaks long texts into lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include <math.h>
#include <mptcpscope/printable.h>

void mps_gnuplot_number(FILE *script, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    fputs(isnan(number) ? "NaN" : g_ascii_formatd(text, sizeof text, "%.12g", number), script);
}

void mps_gnuplot_text(FILE *script, const char *text)
{
    char *printable = mps_printable(text);
    putc('\'', script);
    for (const char *c = printable; *c; c++) {
        if (*c == '\'') /* two are one */
            putc(*c, script);
        putc(*c, script);
    }
    putc('\'', script);
    g_free(printable);
}

/* Halves of the width of a usual character. */
enum { USUAL = 2, CAPITAL = 3, WIDE = 4 };

static unsigned width_of(const char *text)
{
    const gunichar c = g_utf8_get_char(text);
    if (g_unichar_iszerowidth(c))
        return 0;
    return g_unichar_iswide(c) ? WIDE : g_unichar_isupper(c) ? CAPITAL : USUAL;
}

/* @return where a line ends that begins at `text`: after its last space, or within a word that is
 * longer than a line */
static const char *line_end(const char *text, unsigned columns)
{
    const char *space = NULL, *end = text;
    for (unsigned width = 0; *end; end = g_utf8_next_char(end)) {
        width += width_of(end);
        if (width > USUAL * columns)
            return space ? space : end;
        if (*end == ' ')
            space = end + 1;
    }
    return end;
}

GPtrArray *mps_gnuplot_lines(const char *text, unsigned columns)
{
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    char *printable = mps_printable(text);
    const char *rest = printable;
    do {
        const char *end = line_end(rest, columns);
        g_ptr_array_add(lines, g_strchomp(g_strndup(rest, (gsize)(end - rest))));
        rest = end;
    } while (*rest);
    g_free(printable);
    return lines;
}
