/* text.c: writes a table as text, between rules, in columns as wide as their contents.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "text_layout.h"
#include <mptcpscope/printable.h>
#include <string.h>

/* Before what continues a line. */
#define LINE_INDENT 4u

/* Characters that a rule has at least. */
#define RULE_MIN 60u

/* @return the columns of a part of a layout */
static const GArray *part_at(const mps_text_layout *layout, unsigned part)
{
    return layout->parts->pdata[part];
}

static const mps_text_column *column_at(const mps_text_layout *layout, unsigned place)
{
    return &g_array_index(layout->columns, mps_text_column, place);
}

/* Append blanks. */
static void add_blanks(GString *line, size_t count)
{
    for (size_t i = 0; i < count; i++)
        g_string_append_c(line, ' ');
}

/* A piece of the text of a cell, and what begins and ends its colour. */
typedef struct {
    const char *text;
    size_t length;
    const char *begin, *end;
} cell_piece;

/* Append a piece of text in a column. @param first  the column is the first of the line */
static void add_cell(GString *line, const mps_text_column *column, bool first, cell_piece piece)
{
    const size_t size = (size_t)g_utf8_strlen(piece.text, (gssize)piece.length);
    const size_t blanks = column->width > size ? column->width - size : 0;
    add_blanks(line, first ? 0 : 2);
    add_blanks(line, column->is_left ? 0 : blanks);
    if (piece.length > 0)
        g_string_append(line, piece.begin);
    g_string_append_len(line, piece.text, (gssize)piece.length);
    if (piece.length > 0)
        g_string_append(line, piece.end);
    add_blanks(line, column->is_left ? blanks : 0);
}

/* Write a line without trailing blanks, and empty it. */
static void end_line(mps_text *out, GString *line, unsigned indent)
{
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    fprintf(out->file, "%*s%s\n", line->len > 0 ? (int)indent : 0, "", line->str);
    g_string_truncate(line, 0);
}

/* @return bytes of the text that go on one line of a column: the words that fit, at least one. It
 * looks no further, for a list may have as many items as the capture has segments. */
static size_t piece_length(const char *text, unsigned width)
{
    size_t fits = mps_unbroken_length(text);
    size_t size = (size_t)g_utf8_strlen(text, (gssize)fits);
    while (text[fits]) {
        const size_t word = mps_unbroken_length(text + fits + 1);
        size += 1 + (size_t)g_utf8_strlen(text + fits + 1, (gssize)word);
        if (size > width)
            break;
        fits += 1 + word;
    }
    return fits;
}

static void write_heading(mps_text *out, const mps_text_layout *layout, const GArray *part,
                          unsigned indent)
{
    GString *line = g_string_new(NULL);
    for (unsigned k = layout->folded ? 0 : 1; k < 2; k++) {
        for (unsigned i = 0; i < part->len; i++) {
            const mps_text_column *column = column_at(layout, g_array_index(part, unsigned, i));
            const char *text = layout->folded ? column->folded[k] : column->heading;
            add_cell(line, column, i == 0,
                     (cell_piece){text, strlen(text), mps_colour_begin(out, MPS_COLOUR_TITLE),
                                  mps_colour_end(out, MPS_COLOUR_TITLE)});
        }
        if (line->str[strspn(line->str, " ")] != '\0')
            end_line(out, line, indent);
        g_string_truncate(line, 0);
    }
    g_string_free(line, TRUE);
}

/* Write a line of a row, or several if cells are broken. @param line  0, 1: of c2s, of s2c */
static void write_row_line(mps_text *out, const mps_text_layout *layout, const GArray *part,
                           unsigned row, unsigned line, unsigned indent)
{
    GString *text = g_string_new(NULL);
    GPtrArray *cells = g_ptr_array_new_with_free_func(g_free);
    const char **rest = g_new0(const char *, part->len); /* what is left of them */
    bool more = true;
    for (unsigned i = 0; i < part->len; i++) {
        char *cell = mps_text_cell(layout, row, line, g_array_index(part, unsigned, i));
        g_ptr_array_add(cells, cell);
        rest[i] = cell;
    }
    while (more) {
        more = false;
        for (unsigned i = 0; i < part->len; i++) {
            const unsigned place = g_array_index(part, unsigned, i);
            const mps_text_column *column = column_at(layout, place);
            const mps_colour colour = mps_text_cell_colour(layout, row, line, place);
            const size_t length = piece_length(rest[i], column->width);
            add_cell(text, column, i == 0,
                     (cell_piece){rest[i], length, mps_colour_begin(out, colour),
                                  mps_colour_end(out, colour)});
            rest[i] += length + (rest[i][length] == ' ');
            more = more || *rest[i];
        }
        end_line(out, text, indent);
    }
    g_ptr_array_free(cells, TRUE);
    g_free(rest);
    g_string_free(text, TRUE);
}

static void write_rows(mps_text *out, const mps_text_layout *layout, const GArray *part,
                       unsigned indent)
{
    for (unsigned row = 0; row < layout->table->row_count; row++)
        for (unsigned line = 0; line < (layout->two_lines ? 2 : 1); line++)
            write_row_line(out, layout, part, row, line, indent);
}

/* @param rule   characters of the rules between the parts; 0: none
 *  @param indent  characters before each line */
static void write_parts(mps_text *out, const mps_text_layout *layout, unsigned rule,
                        unsigned indent)
{
    for (unsigned i = 0; i < layout->parts->len; i++) {
        if (i > 0 && rule > 0)
            mps_write_rule(out, '-', rule);
        write_heading(out, layout, part_at(layout, i), indent);
        write_rows(out, layout, part_at(layout, i), indent);
    }
    if (layout->table->row_count > 0)
        return;
    if (layout->table->capture) {
        mps_put_printable(out->file, layout->table->capture);
        fputs("  ", out->file);
    }
    fputs("(none)\n", out->file);
}

void mps_write_text_form(mps_text *out, const mps_table *table, const mps_text_form *form)
{
    mps_text_layout layout = mps_text_layout_of(table, form, out->style, mps_text_width(out));
    const unsigned rule = MAX(layout.width, MIN(RULE_MIN, mps_text_width(out)));
    if (!form->below)
        mps_write_rule(out, '=', rule);
    mps_write_title(out, form->title);
    if (!form->below)
        mps_write_text_line(out, "Filter", form->filter ? form->filter : "<none>");
    mps_write_rule(out, '-', rule);
    write_parts(out, &layout, rule, 0);
    mps_write_rule(out, '=', rule);
    mps_text_layout_clear(&layout);
}

void mps_write_text_indented(mps_text *out, const mps_table *table, unsigned indent)
{
    const mps_text_form form = {0};
    mps_text_layout layout =
        mps_text_layout_of(table, &form, out->style, mps_text_width(out) - indent);
    write_parts(out, &layout, 0, indent);
    mps_text_layout_clear(&layout);
}

void mps_write_text_live(mps_text *out, const mps_table *table, const mps_text_form *form,
                         bool heading)
{
    mps_text_layout layout = mps_text_layout_live(table, form, out->style);
    if (heading)
        write_heading(out, &layout, part_at(&layout, 0), 0);
    write_rows(out, &layout, part_at(&layout, 0), 0);
    mps_text_layout_clear(&layout);
}

void mps_write_text_line(mps_text *out, const char *name, const char *text)
{
    const int column = fprintf(out->file, "%s: ", name);
    mps_write_wrapped(out, text, (size_t)MAX(column, 0), LINE_INDENT);
}

void mps_write_text(mps_text *out, const mps_table *table, const char *title, const char *filter)
{
    mps_write_text_form(out, table, &(mps_text_form){.title = title, .filter = filter});
}

void mps_write_text_below(mps_text *out, const mps_table *table, const char *title)
{
    mps_write_text_form(out, table, &(mps_text_form){.title = title, .below = true});
}

void mps_write_text_part(mps_text *out, const mps_table *table, const char *title,
                         const char *const *names, bool below)
{
    mps_write_text_form(out, table,
                        &(mps_text_form){.title = title, .only = names, .below = below});
}
