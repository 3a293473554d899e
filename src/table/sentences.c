/* sentences.c: writes sentences between tables: lines of text that are not too long, notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_write.h"
#include <mptcpscope/printable.h>
#include <string.h>

/* @return whether a text begins with a unit, which stays on the line of its number */
static bool is_unit(const char *text)
{
    static const char *const units[] = {"%", "s", "ms"};
    for (unsigned i = 0; i < G_N_ELEMENTS(units); i++)
        if (g_str_has_prefix(text, units[i]) && !g_ascii_isalnum(text[strlen(units[i])]))
            return true;
    return false;
}

size_t mps_unbroken_length(const char *text)
{
    size_t length = strcspn(text, " ");
    while (length > 0 && text[length] == ' ' && g_ascii_isdigit(text[length - 1]) &&
           is_unit(text + length + 1))
        length += 1 + strcspn(text + length + 1, " ");
    return length;
}

void mps_write_wrapped(FILE *out, const char *sentence, size_t column, unsigned indent)
{
    mps_write_wrapped_within(out, sentence, column, indent, MPS_SENTENCE_WIDTH);
}

void mps_write_wrapped_within(FILE *out, const char *sentence, size_t column, unsigned indent,
                              unsigned width)
{
    char *printable = mps_printable(sentence);
    const char *text = printable;
    bool first = true;
    while (*text) {
        size_t length = mps_unbroken_length(text);
        const size_t characters = (size_t)g_utf8_strlen(text, (gssize)length);
        if (!first && column + 1 + characters > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            putc(' ', out);
            column++;
        }
        fprintf(out, "%.*s", (int)length, text);
        column += characters;
        text += length + (text[length] == ' ');
        first = false;
    }
    putc('\n', out);
    g_free(printable);
}

void mps_write_notes(FILE *out, const GPtrArray *notes, mps_format format)
{
    static const char mark[] = "Note: ";
    if (format == MPS_FORMAT_JSON)
        mps_write_json_strings(out, "notes", notes, false);
    for (guint i = 0; format == MPS_FORMAT_TEXT && i < notes->len; i++) {
        fputs(mark, out);
        mps_write_wrapped(out, notes->pdata[i], strlen(mark), (unsigned)strlen(mark));
    }
}
