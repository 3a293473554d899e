/* write.c: a table as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "write.h"
#include "report-internal.h"
#include <mptcpscope/error.h>
#include <string.h>

bool mps_format_from_name(const char *name, mps_format *format, GError **error)
{
    static const char *const names[] = {"text", "csv", "json"};
    for (unsigned i = 0; i < G_N_ELEMENTS(names); i++) {
        if (g_strcmp0(name, names[i]) == 0) {
            *format = (mps_format)i;
            return true;
        }
    }
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "no format is named \"%s\"; there are: text, csv, json", name ? name : "");
    return false;
}

void mps_write_json_string(FILE *out, const char *string)
{
    putc('"', out);
    for (const unsigned char *c = (const unsigned char *)string; *c; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c < 0x20)
            fprintf(out, "\\u%04x", *c);
        else
            putc(*c, out);
    }
    putc('"', out);
}

/* Nanoseconds as seconds with all nine decimals. */
static void write_ns(FILE *out, int64_t ns)
{
    uint64_t size = ns < 0 ? -(uint64_t)ns : (uint64_t)ns;
    fprintf(out, "%s%" G_GUINT64_FORMAT ".%09u", ns < 0 ? "-" : "", size / 1000000000,
            (unsigned)(size % 1000000000));
}

static void write_real(FILE *out, double value)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    fputs(g_ascii_formatd(text, sizeof text, "%.12g", value), out);
}

/* A value as json writes it, and csv but for the quotes. */
void mps_write_bare(FILE *out, const mps_value *value)
{
    switch (value->type) {
    case MPS_VALUE_BOOL:
        fputs(value->boolean ? "true" : "false", out);
        break;
    case MPS_VALUE_UINT:
    case MPS_VALUE_BIG:
        fprintf(out, "%" G_GUINT64_FORMAT, value->u);
        break;
    case MPS_VALUE_INT:
        fprintf(out, "%" G_GINT64_FORMAT, value->i);
        break;
    case MPS_VALUE_SECONDS:
    case MPS_VALUE_TIME:
        write_ns(out, value->i);
        break;
    case MPS_VALUE_REAL:
        write_real(out, value->real);
        break;
    case MPS_VALUE_KEY:
        fprintf(out, "0x%016" G_GINT64_MODIFIER "x", value->u);
        break;
    case MPS_VALUE_STRING:
    case MPS_VALUE_JSON:
        fputs(value->string, out);
        break;
    case MPS_VALUE_NULL:
        break;
    }
}

static void write_json_value(FILE *out, const mps_value *value)
{
    bool quoted = value->type == MPS_VALUE_TIME || value->type == MPS_VALUE_BIG ||
                  value->type == MPS_VALUE_KEY;
    if (value->type == MPS_VALUE_NULL) {
        fputs("null", out);
    } else if (value->type == MPS_VALUE_STRING) {
        mps_write_json_string(out, value->string);
    } else {
        if (quoted)
            putc('"', out);
        mps_write_bare(out, value);
        if (quoted)
            putc('"', out);
    }
}

static void write_json_row(FILE *out, const mps_table *table, unsigned row)
{
    const char *group = NULL;
    putc('{', out);
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        bool same = g_strcmp0(column->group, group) == 0;
        if (!same && group)
            putc('}', out);
        if (i > 0)
            fputs(", ", out);
        if (!same && column->group) {
            mps_write_json_string(out, column->group);
            fputs(": {", out);
        }
        group = column->group;
        mps_write_json_string(out, column->name);
        fputs(": ", out);
        write_json_value(out, mps_table_value(table, row, i));
    }
    fputs(group ? "}}" : "}", out);
}

void mps_write_json_rows(FILE *out, const mps_table *table)
{
    fputs("\"rows\": [", out);
    for (unsigned row = 0; row < table->row_count; row++) {
        fputs(row ? ",\n  " : "\n  ", out);
        write_json_row(out, table, row);
    }
    fputs(table->row_count ? "\n]" : "]", out);
}

/* A cell that holds what csv gives a meaning to is quoted (RFC 4180). */
static void write_csv_string(FILE *out, const char *string)
{
    if (!strpbrk(string, ",\"\r\n")) {
        fputs(string, out);
        return;
    }
    putc('"', out);
    for (const char *c = string; *c; c++) {
        if (*c == '"')
            putc('"', out);
        putc(*c, out);
    }
    putc('"', out);
}

void mps_write_csv(FILE *out, const mps_table *table)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        fprintf(out, "%s%s%s%s", i ? "," : "", column->group ? column->group : "",
                column->group ? "_" : "", column->name);
    }
    putc('\n', out);
    for (unsigned row = 0; row < table->row_count; row++) {
        for (unsigned i = 0; i < table->column_count; i++) {
            const mps_value *value = mps_table_value(table, row, i);
            if (i)
                putc(',', out);
            if (value->type == MPS_VALUE_STRING || value->type == MPS_VALUE_JSON)
                write_csv_string(out, value->string);
            else
                mps_write_bare(out, value);
        }
        putc('\n', out);
    }
}

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
    return index < 0 || layout->table->columns[index].type == MPS_VALUE_STRING;
}

static void write_cell(FILE *out, const mps_layout *layout, unsigned column, char *text)
{
    int width = (int)g_array_index(layout->widths, unsigned, column);
    bool last = column + 1 == layout->columns[0]->len;
    if (column > 0)
        fputs("  ", out);
    if (stands_left(layout, column))
        fprintf(out, "%-*s", last ? 0 : width, text);
    else
        fprintf(out, "%*s", width, text);
    g_free(text);
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
    return MAX(width, 60);
}

void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter)
{
    mps_layout layout = {.table = table};
    layout.columns[0] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.columns[1] = g_array_new(FALSE, FALSE, sizeof(int));
    layout.widths = g_array_new(FALSE, TRUE, sizeof(unsigned));
    layout_columns(&layout);
    layout_measure(&layout);
    unsigned width = layout_width(&layout), columns = layout.columns[0]->len;
    write_rule(out, '=', width);
    fprintf(out, "%s\nFilter: %s\n", title, filter ? filter : "<none>");
    write_rule(out, '-', width);
    for (unsigned i = 0; i < columns; i++)
        write_cell(out, &layout, i, layout_heading(&layout, i));
    putc('\n', out);
    for (unsigned row = 0; row < table->row_count; row++) {
        for (unsigned line = 0; line < (layout.directions ? 2 : 1); line++) {
            for (unsigned i = 0; i < columns; i++)
                write_cell(out, &layout, i, layout_cell(&layout, row, line, i));
            putc('\n', out);
        }
    }
    write_rule(out, '=', width);
    g_array_free(layout.columns[0], TRUE);
    g_array_free(layout.columns[1], TRUE);
    g_array_free(layout.widths, TRUE);
}

void mps_report_write(const mps_report *report, const mps_tracker *tracker, mps_format format,
                      const char *capture, const char *filter, FILE *out)
{
    mps_table *table = mps_report_table(report, tracker);
    switch (format) {
    case MPS_FORMAT_TEXT:
        mps_write_text(out, table, report->kind->title, filter);
        break;
    case MPS_FORMAT_CSV:
        mps_write_csv(out, table);
        break;
    case MPS_FORMAT_JSON:
        fprintf(out, "{\"schema\": 1, \"report\": \"%s\", \"capture\": ", report->kind->name);
        if (capture)
            mps_write_json_string(out, capture);
        else
            fputs("null", out);
        fputs(", ", out);
        mps_write_json_rows(out, table);
        fputs("}\n", out);
        break;
    }
    mps_table_free(table);
}
