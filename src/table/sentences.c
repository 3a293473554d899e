/* sentences.c: writes sentences between tables: lines of text that are not too long, notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "colours.h"
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

void mps_write_rule(mps_text *out, char c, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        putc(c, out->file);
    putc('\n', out->file);
}

void mps_write_in_colour(mps_text *out, mps_colour colour, const char *sentence, size_t column,
                         unsigned indent)
{
    char *printable = mps_printable(sentence);
    const char *text = printable;
    const char *begin = mps_colour_begin(out, colour), *end = mps_colour_end(out, colour);
    const size_t most = mps_sentence_width(out);
    bool first = true;
    fputs(begin, out->file);
    while (*text) {
        size_t length = mps_unbroken_length(text);
        size_t width = (size_t)g_utf8_strlen(text, (gssize)length);
        if (!first && column + 1 + width > most) {
            fprintf(out->file, "%s\n%*s%s", end, (int)indent, "", begin);
            column = indent;
        } else if (!first) {
            putc(' ', out->file);
            column++;
        }
        fprintf(out->file, "%.*s", (int)length, text);
        column += width;
        text += length + (text[length] == ' ');
        first = false;
    }
    fprintf(out->file, "%s\n", end);
    g_free(printable);
}

void mps_write_wrapped(mps_text *out, const char *sentence, size_t column, unsigned indent)
{
    mps_write_in_colour(out, MPS_COLOUR_NONE, sentence, column, indent);
}

void mps_write_title(mps_text *out, const char *title)
{
    mps_write_in_colour(out, MPS_COLOUR_TITLE, title, 0, 0);
}

void mps_write_subflow(mps_text *out, unsigned indent, const char *before, uint32_t number,
                       const char *sentence)
{
    const mps_colour colour = mps_colour_of_subflow(number);
    char *label = g_strdup_printf("%u", number);
    fprintf(out->file, "%*s%s%s%s%s: ", (int)indent, "", before, mps_colour_begin(out, colour),
            label, mps_colour_end(out, colour));
    mps_write_wrapped(out, sentence, indent + strlen(before) + strlen(label) + strlen(": "),
                      indent + MPS_SUBFLOW_INDENT);
    g_free(label);
}

void mps_write_labelled(mps_text *out, const char *label, const char *sentence, unsigned indent)
{
    fputs(label, out->file);
    mps_write_wrapped(out, sentence, (size_t)g_utf8_strlen(label, -1), indent);
}

void mps_write_text_notes(mps_text *out, const GPtrArray *notes)
{
    static const char mark[] = "Note: ";
    for (guint i = 0; i < notes->len; i++)
        mps_write_labelled(out, mark, notes->pdata[i], (unsigned)strlen(mark));
}

void mps_write_json_notes(FILE *out, const GPtrArray *notes)
{
    mps_write_json_strings(out, "notes", notes, false);
}
