/* text.c: writes a table as text, between rules, in columns as wide as their contents.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_build.h"
#include "table_write.h"
#include <mptcpscope/printable.h>
#include <string.h>

/* Characters that a rule has at least, and at most where the last column is a list, which may be
 * wider. */
#define RULE_MIN 60
#define RULE_MAX 160

/* Cells of a layout that are no columns of the table. */
enum {
    CELL_BLANK = -1,
    CELL_DIRECTION = -2,
};

/* The layout of a table. The columns of the groups c2s and s2c share columns of the layout: each
 * row has a line for either direction, so that it fits a terminal. */
typedef struct {
    const mps_table *table;
    GArray *columns[2]; /* int, of the first and of the second line: a column, or CELL_* */
    bool two_lines;     /* a row has a line for each direction */
    GArray *widths;     /* unsigned, in characters */
} mps_layout;

static bool has_direction(const mps_column *column, mps_direction direction)
{
    return g_strcmp0(column->group, mps_direction_name(direction)) == 0;
}

/* The column of direction s2c with the same name, or CELL_BLANK. */
static int s2c_column(const mps_table *table, const mps_column *column)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (has_direction(&table->columns[i], MPS_S2C) &&
            strcmp(table->columns[i].name, column->name) == 0)
            return (int)i;
    return CELL_BLANK;
}

static void layout_columns(mps_layout *layout)
{
    const mps_table *table = layout->table;
    for (int i = 0; i < (int)table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        if (!column->title || has_direction(column, MPS_S2C))
            continue;
        int second = CELL_BLANK;
        if (has_direction(column, MPS_C2S)) {
            if (!layout->two_lines) {
                int direction = CELL_DIRECTION;
                layout->two_lines = true;
                g_array_append_val(layout->columns[0], direction);
                g_array_append_val(layout->columns[1], direction);
            }
            second = s2c_column(table, column);
        }
        g_array_append_val(layout->columns[0], i);
        g_array_append_val(layout->columns[1], second);
    }
}

static char *layout_cell(const mps_layout *layout, unsigned row, unsigned line, unsigned column)
{
    int index = g_array_index(layout->columns[line], int, column);
    if (index == CELL_DIRECTION)
        return g_strdup(mps_direction_name(line ? MPS_S2C : MPS_C2S));
    if (index == CELL_BLANK)
        return g_strdup("");
    return mps_value_text(mps_table_value(layout->table, row, (unsigned)index),
                          &layout->table->columns[index]);
}

static char *layout_heading(const mps_layout *layout, unsigned column)
{
    int index = g_array_index(layout->columns[0], int, column);
    if (index < 0)
        return g_strdup("Dir");
    const mps_column *shown = &layout->table->columns[index];
    return shown->unit ? g_strdup_printf("%s %s", shown->title, shown->unit)
                       : g_strdup(shown->title);
}

/* Make a column as wide as a text, which is freed. */
static void widen(mps_layout *layout, unsigned column, char *text)
{
    unsigned *width = &g_array_index(layout->widths, unsigned, column);
    *width = MAX(*width, (unsigned)strlen(text));
    g_free(text);
}

static void layout_measure(mps_layout *layout)
{
    unsigned lines = layout->two_lines ? 2 : 1, columns = layout->columns[0]->len;
    g_array_set_size(layout->widths, columns);
    for (unsigned i = 0; i < columns; i++) {
        widen(layout, i, layout_heading(layout, i));
        for (unsigned row = 0; row < layout->table->row_count; row++)
            for (unsigned line = 0; line < lines; line++)
                widen(layout, i, layout_cell(layout, row, line, i));
    }
}

/* Words are aligned left, numbers right. */
static bool is_left_aligned(const mps_layout *layout, unsigned column)
{
    int index = g_array_index(layout->columns[0], int, column);
    if (index < 0)
        return true;
    mps_value_type type = layout->table->columns[index].type;
    return type == MPS_VALUE_STRING || type == MPS_VALUE_JSON;
}

/* Append a cell. @param text  freed */
static void add_cell(GString *line, const mps_layout *layout, unsigned column, char *text)
{
    int width = (int)g_array_index(layout->widths, unsigned, column);
    if (column > 0)
        g_string_append(line, "  ");
    g_string_append_printf(line, is_left_aligned(layout, column) ? "%-*s" : "%*s", width, text);
    g_free(text);
}

/* Write a line without trailing blanks, and empty it. */
static void end_line(FILE *out, GString *line, unsigned indent)
{
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    fprintf(out, "%*s%s\n", (int)indent, "", line->str);
    g_string_truncate(line, 0);
}

static void write_rule(FILE *out, char c, unsigned width)
{
    for (unsigned i = 0; i < width; i++)
        putc(c, out);
    putc('\n', out);
}

static unsigned layout_width(const mps_layout *layout)
{
    unsigned width = 0;
    for (unsigned i = 0; i < layout->widths->len; i++)
        width += g_array_index(layout->widths, unsigned, i) + (i ? 2 : 0);
    bool list = is_left_aligned(layout, layout->widths->len - 1);
    return list ? CLAMP(width, RULE_MIN, RULE_MAX) : MAX(width, RULE_MIN);
}

/* @param indent  characters before each line */
static void write_lines(FILE *out, const mps_layout *layout, unsigned indent)
{
    unsigned columns = layout->columns[0]->len;
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < columns; i++)
        add_cell(text, layout, i, layout_heading(layout, i));
    end_line(out, text, indent);
    for (unsigned row = 0; row < layout->table->row_count; row++) {
        for (unsigned line = 0; line < (layout->two_lines ? 2 : 1); line++) {
            for (unsigned i = 0; i < columns; i++)
                add_cell(text, layout, i, layout_cell(layout, row, line, i));
            end_line(out, text, indent);
        }
    }
    if (layout->table->row_count == 0)
        fputs("(none)\n", out);
    g_string_free(text, TRUE);
}

/* @return the layout of a table, which the caller clears */
static mps_layout layout_of(const mps_table *table)
{
    mps_layout layout = {.table = table};
    layout.columns[0] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.columns[1] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.widths = g_array_new(FALSE, TRUE, sizeof(unsigned));
    layout_columns(&layout);
    layout_measure(&layout);
    return layout;
}

static void layout_clear(mps_layout *layout)
{
    g_array_free(layout->columns[0], TRUE);
    g_array_free(layout->columns[1], TRUE);
    g_array_free(layout->widths, TRUE);
}

/* Write a table. @param heading  ends with a newline @param below  a rule is above it already */
static void write_text(FILE *out, const mps_table *table, const char *heading, bool below)
{
    mps_layout layout = layout_of(table);
    unsigned width = layout_width(&layout);
    if (!below)
        write_rule(out, '=', width);
    fputs(heading, out);
    write_rule(out, '-', width);
    write_lines(out, &layout, 0);
    write_rule(out, '=', width);
    layout_clear(&layout);
}

void mps_write_text_indented(FILE *out, const mps_table *table, unsigned indent)
{
    mps_layout layout = layout_of(table);
    write_lines(out, &layout, indent);
    layout_clear(&layout);
}

void mps_write_text_line(FILE *out, const char *name, const char *text)
{
    fprintf(out, "%s: ", name);
    mps_put_printable(out, text);
    putc('\n', out);
}

void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter)
{
    char *shown = mps_printable(filter ? filter : "<none>");
    char *heading = g_strdup_printf("%s\nFilter: %s\n", title, shown);
    write_text(out, table, heading, false);
    g_free(shown);
    g_free(heading);
}

void mps_write_text_below(FILE *out, const mps_table *table, const char *title)
{
    char *heading = g_strdup_printf("%s\n", title);
    write_text(out, table, heading, true);
    g_free(heading);
}

/* @return whether `names` has the group of a column or, if it has no group, its name */
static bool is_named(const mps_column *column, const char *const *names)
{
    return g_strv_contains(names, column->group ? column->group : column->name);
}

void mps_write_text_part(FILE *out, const mps_table *table, const char *title,
                         const char *const *names, bool below)
{
    mps_table part = *table;
    mps_column *columns = g_new(mps_column, table->column_count);
    for (unsigned i = 0; i < table->column_count; i++) {
        columns[i] = table->columns[i];
        if (!is_named(&columns[i], names))
            columns[i].title = NULL;
    }
    part.columns = columns;
    if (below)
        mps_write_text_below(out, &part, title);
    else
        mps_write_text(out, &part, title, NULL);
    g_free(columns);
}
