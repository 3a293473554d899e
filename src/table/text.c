/* text.c: a table as text, between rules, in columns as wide as what is in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_build.h"
#include "table_write.h"
#include <string.h>

/* How text lays a table out: the columns of the groups c2s and s2c stand below one another, a
 * line for each direction, so that a row stays as narrow as a terminal. */
typedef struct {
    const mps_table *table;
    GArray *columns[2]; /* unsigned: shown in the first line and in the second, -1: blank */
    bool directions;
    GArray *widths;
} mps_layout;

static bool is_group(const mps_column *column, const char *name)
{
    return g_strcmp0(column->group, name) == 0;
}

/* The column of the other direction with the same name, or -1. */
static int twin(const mps_table *table, const mps_column *column)
{
    for (unsigned i = 0; i < table->column_count; i++)
        if (is_group(&table->columns[i], "s2c") &&
            strcmp(table->columns[i].name, column->name) == 0)
            return (int)i;
    return -1;
}

static void layout_columns(mps_layout *layout)
{
    const mps_table *table = layout->table;
    for (int i = 0; i < (int)table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        if (!column->title || is_group(column, "s2c"))
            continue;
        int second = -1;
        if (is_group(column, "c2s")) {
            if (!layout->directions) { /* -2: the direction itself */
                int direction = -2;
                layout->directions = true;
                g_array_append_val(layout->columns[0], direction);
                g_array_append_val(layout->columns[1], direction);
            }
            second = twin(table, column);
        }
        g_array_append_val(layout->columns[0], i);
        g_array_append_val(layout->columns[1], second);
    }
}

static char *layout_cell(const mps_layout *layout, unsigned row, unsigned line, unsigned column)
{
    int index = g_array_index(layout->columns[line], int, column);
    if (index == -2)
        return g_strdup(line ? "s2c" : "c2s");
    if (index < 0)
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

static void widen(mps_layout *layout, unsigned column, char *text)
{
    unsigned *width = &g_array_index(layout->widths, unsigned, column);
    *width = MAX(*width, (unsigned)strlen(text));
    g_free(text);
}

static void layout_measure(mps_layout *layout)
{
    unsigned lines = layout->directions ? 2 : 1, columns = layout->columns[0]->len;
    g_array_set_size(layout->widths, columns);
    for (unsigned i = 0; i < columns; i++) {
        widen(layout, i, layout_heading(layout, i));
        for (unsigned row = 0; row < layout->table->row_count; row++)
            for (unsigned line = 0; line < lines; line++)
                widen(layout, i, layout_cell(layout, row, line, i));
    }
}

/* Words stand left, numbers right. */
static bool stands_left(const mps_layout *layout, unsigned column)
{
    int index = g_array_index(layout->columns[0], int, column);
    if (index < 0)
        return true;
    mps_value_type type = layout->table->columns[index].type;
    return type == MPS_VALUE_STRING || type == MPS_VALUE_JSON;
}

static void add_cell(GString *line, const mps_layout *layout, unsigned column, char *text)
{
    int width = (int)g_array_index(layout->widths, unsigned, column);
    if (column > 0)
        g_string_append(line, "  ");
    g_string_append_printf(line, stands_left(layout, column) ? "%-*s" : "%*s", width, text);
    g_free(text);
}

/* Write a line without the blanks that would end it, and begin the next one. */
static void end_line(FILE *out, GString *line)
{
    while (line->len > 0 && line->str[line->len - 1] == ' ')
        g_string_truncate(line, line->len - 1);
    fprintf(out, "%s\n", line->str);
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
    /* A long list in the last column may stand out. */
    bool list = stands_left(layout, layout->widths->len - 1);
    return list ? CLAMP(width, 60, 160) : MAX(width, 60);
}

static void write_lines(FILE *out, const mps_layout *layout)
{
    unsigned columns = layout->columns[0]->len;
    GString *line = g_string_new(NULL);
    for (unsigned i = 0; i < columns; i++)
        add_cell(line, layout, i, layout_heading(layout, i));
    end_line(out, line);
    for (unsigned row = 0; row < layout->table->row_count; row++) {
        for (unsigned half = 0; half < (layout->directions ? 2 : 1); half++) {
            for (unsigned i = 0; i < columns; i++)
                add_cell(line, layout, i, layout_cell(layout, row, half, i));
            end_line(out, line);
        }
    }
    if (layout->table->row_count == 0)
        fputs("(none)\n", out);
    g_string_free(line, TRUE);
}

/* Write a table with its heading, which ends with a newline. @param opened  a rule is above it */
static void write_text(FILE *out, const mps_table *table, const char *heading, bool opened)
{
    mps_layout layout = {.table = table};
    layout.columns[0] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.columns[1] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.widths = g_array_new(FALSE, TRUE, sizeof(unsigned));
    layout_columns(&layout);
    layout_measure(&layout);
    unsigned width = layout_width(&layout);
    if (!opened)
        write_rule(out, '=', width);
    fputs(heading, out);
    write_rule(out, '-', width);
    write_lines(out, &layout);
    write_rule(out, '=', width);
    g_array_free(layout.columns[0], TRUE);
    g_array_free(layout.columns[1], TRUE);
    g_array_free(layout.widths, TRUE);
}

void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter)
{
    char *heading = g_strdup_printf("%s\nFilter: %s\n", title, filter ? filter : "<none>");
    write_text(out, table, heading, false);
    g_free(heading);
}

void mps_write_text_below(FILE *out, const mps_table *table, const char *title)
{
    char *heading = g_strdup_printf("%s\n", title);
    write_text(out, table, heading, true);
    g_free(heading);
}

/* Is a column one of those named, by its group or, where it has none, by its name? */
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
