/* arrow_line.c: the shape of an arrow, and the line that it stands in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "arrow_line.h"
#include <string.h>

/* With less room than this beside the line, what there is to say gets lines of its own. */
#define ROOM_MIN 22u

/* Characters of an arrow beside its label: two ends, two of the shaft, a mark or a head. */
#define AROUND_LABEL 7u
#define WIDTH_MIN 22u

char mps_arrow_shaft(uint32_t number)
{
    static const char shafts[] = {'-', '=', '~', '.', '+', '_', '*', '#'};
    return shafts[number % G_N_ELEMENTS(shafts)];
}

void mps_arrow_label(GString *label, const mps_arrow_record *record)
{
    char *flags = mps_arrow_flags(record);
    g_string_assign(label, *flags ? flags : "no flags");
    if (record->length > 0)
        g_string_append_printf(label, " %u", record->length);
    g_free(flags);
}

size_t mps_arrow_width(size_t longest)
{
    return MAX(longest + AROUND_LABEL, WIDTH_MIN);
}

/* @return the mark where an arrow ends or begins halfway; 0: it does not */
static char mark_of(const mps_arrow *arrow)
{
    switch (arrow->fate) {
    case MPS_FATE_NONE:
    case MPS_FATE_MATCHED:
        return 0;
    case MPS_FATE_LOST:
        return 'x';
    case MPS_FATE_UNDETERMINED:
    case MPS_FATE_AMBIGUOUS:
        return '?';
    default:
        return ':';
    }
}

/* The shape is laid out from the sender to the receiver, and turned around for the other way. Only
 * the label is not turned. */
void mps_arrow_shape(GString *label, size_t width, const mps_arrow *arrow)
{
    const bool right = arrow->direction == MPS_C2S;
    const char mark = mark_of(arrow);
    const bool begins_halfway = mark && !arrow->at[arrow->a_sends ? 0 : 1];
    const size_t inner = width - 2, half = MAX(inner / 2, label->len + 3);
    const size_t begin = begins_halfway ? inner - half - 1 : 0;
    const size_t end = mark && !begins_halfway ? half + 1 : inner;
    const size_t text = begins_halfway ? inner - 2 - label->len : 2;
    char *shape = g_strnfill(inner, ' ');
    for (size_t i = begin; i < end; i++) {
        char c = mps_arrow_shaft(arrow->number != MPS_NONE ? arrow->number : arrow->peer_number);
        if (mark && i == (begins_halfway ? begin : end - 1))
            c = mark;
        else if (i == inner - 1)
            c = right ? '>' : '<';
        shape[right ? i : inner - 1 - i] = c;
    }
    memcpy(shape + (right ? text : inner - text - label->len), label->str, label->len);
    g_string_printf(label, "|%s|", shape);
    g_free(shape);
}

/* Append words from `indent` on, breaking the line before what would not fit. */
static void append_words(GString *line, const char *info, size_t indent, size_t most)
{
    size_t column = indent;
    bool first = true;
    while (*info) {
        const size_t length = strcspn(info, " ");
        if (!first && column + 1 + length > most) {
            g_string_append_printf(line, "\n%*s", (int)indent, "");
            column = indent;
        } else if (!first) {
            g_string_append_c(line, ' ');
            column++;
        }
        g_string_append_len(line, info, (gssize)length);
        column += length;
        info += length + (info[length] == ' ');
        first = false;
    }
}

/* @return the characters of the longest word */
static size_t longest_word(const char *info)
{
    size_t longest = 0;
    while (*info) {
        const size_t length = strcspn(info, " ");
        longest = MAX(longest, length);
        info += length + (info[length] == ' ');
    }
    return longest;
}

/* Colour each line on its own: a pager begins each in the colour of the terminal.
 * @param lines  of which the last one has its newline, too */
static void colour_all(mps_text *out, GString *lines, mps_colour colour)
{
    GString *coloured = g_string_sized_new(lines->len);
    char **each = g_strsplit(lines->str, "\n", -1);
    for (unsigned i = 0; each[i]; i++) {
        const size_t indent = strspn(each[i], " ");
        if (i > 0)
            g_string_append_c(coloured, '\n');
        if (each[i][indent])
            g_string_append_printf(coloured, "%.*s%s%s%s", (int)indent, each[i],
                                   mps_colour_begin(out, colour), each[i] + indent,
                                   mps_colour_end(out, colour));
    }
    g_string_assign(lines, coloured->str);
    g_strfreev(each);
    g_string_free(coloured, TRUE);
}

static void colour_line(mps_text *out, GString *line, size_t arrow_column,
                        const mps_arrow_colours *colours)
{
    if (colours->line != MPS_COLOUR_NONE) {
        colour_all(out, line, colours->line);
    } else if (line->len > arrow_column + colours->width) {
        g_string_insert(line, (gssize)(arrow_column + colours->width),
                        mps_colour_end(out, colours->arrow));
        g_string_insert(line, (gssize)arrow_column, mps_colour_begin(out, colours->arrow));
    }
}

void mps_arrow_line_write(mps_text *out, GString *line, size_t arrow_column,
                          const mps_arrow_colours *colours, const char *info)
{
    const size_t most = mps_text_width(out);
    if (*info && line->len + 2 + strlen(info) > most &&
        line->len + 2 + MAX(ROOM_MIN, longest_word(info)) > most) {
        const size_t indent = arrow_column + 4;
        g_string_append_printf(line, "\n%*s", (int)indent, "");
        append_words(line, info, indent, most);
    } else if (*info) {
        g_string_append(line, "  ");
        append_words(line, info, line->len, most);
    }
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    g_string_append_c(line, '\n');
    if (colours && out->style->colours)
        colour_line(out, line, arrow_column, colours);
    fwrite(line->str, 1, line->len, out->file);
}
