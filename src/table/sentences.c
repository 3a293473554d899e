/* sentences.c: writes sentences between tables: lines of text that are not too long, notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_write.h"
#include <mptcpscope/printable.h>
#include <string.h>

/* Longer lines of sentences are hard to read, however wide a terminal is. */
#define SENTENCE_WIDTH 100u

const mps_style *mps_plain_style(mps_format format)
{
    static const mps_style styles[] = {
        [MPS_FORMAT_TEXT] = {.format = MPS_FORMAT_TEXT},
        [MPS_FORMAT_CSV] = {.format = MPS_FORMAT_CSV},
        [MPS_FORMAT_JSON] = {.format = MPS_FORMAT_JSON},
    };
    return &styles[format];
}

unsigned mps_text_width(const mps_text *text)
{
    return text->style->width ? text->style->width : MPS_TEXT_WIDTH;
}

unsigned mps_sentence_width(const mps_text *text)
{
    return MIN(mps_text_width(text), SENTENCE_WIDTH);
}

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

void mps_write_wrapped(mps_text *out, const char *sentence, size_t column, unsigned indent)
{
    char *printable = mps_printable(sentence);
    const char *text = printable;
    const size_t most = mps_sentence_width(out);
    bool first = true;
    while (*text) {
        size_t length = mps_unbroken_length(text);
        size_t width = (size_t)g_utf8_strlen(text, (gssize)length);
        if (!first && column + 1 + width > most) {
            fprintf(out->file, "\n%*s", (int)indent, "");
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
    putc('\n', out->file);
    g_free(printable);
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
