/* csv_json.c: writes a table as csv and as json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "table_build.h"
#include "table_write.h"
#include <mptcpscope/printable.h>
#include <stdlib.h>
#include <string.h>

/* Write the escape of a character: \\u and its UTF-16 (RFC 8259 section 7). */
static void write_json_escape(FILE *out, gunichar c)
{
    glong count = 0;
    gunichar2 *units = g_ucs4_to_utf16(&c, 1, NULL, &count, NULL);
    for (glong i = 0; i < count; i++)
        fprintf(out, "\\u%04x", units[i]);
    g_free(units);
}

static void write_json_characters(FILE *out, const char *string)
{
    char *valid = g_utf8_make_valid(string, -1); /* names of files may be invalid UTF-8 */
    for (const char *at = valid, *next; *at; at = next) {
        next = g_utf8_next_char(at);
        gunichar c = g_utf8_get_char(at);
        if (c == '"' || c == '\\')
            fprintf(out, "\\%c", (char)c);
        else if (mps_is_printable(c))
            fwrite(at, 1, (size_t)(next - at), out);
        else
            write_json_escape(out, c);
    }
    g_free(valid);
}

void mps_write_json_string(FILE *out, const char *string)
{
    const char *plain = string; /* up to the first character that is not written as it is */
    while (*plain >= ' ' && *plain < 0x7f && *plain != '"' && *plain != '\\')
        plain++;
    putc('"', out);
    fwrite(string, 1, (size_t)(plain - string), out);
    if (*plain != '\0')
        write_json_characters(out, plain);
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
        fputs(value->string, out);
        break;
    case MPS_VALUE_JSON:
        fputs(value->nested.text, out);
        break;
    case MPS_VALUE_NULL:
        break;
    }
}

void mps_write_json_value(FILE *out, const mps_value *value)
{
    bool quoted = value->type == MPS_VALUE_TIME || value->type == MPS_VALUE_BIG ||
                  value->type == MPS_VALUE_KEY;
    if (value->type == MPS_VALUE_NULL) {
        fputs("null", out);
    } else if (value->type == MPS_VALUE_STRING) {
        mps_write_json_string(out, value->string);
    } else if (value->type == MPS_VALUE_JSON) {
        fputs(value->nested.json, out);
    } else {
        if (quoted)
            putc('"', out);
        mps_write_bare(out, value);
        if (quoted)
            putc('"', out);
    }
}

void mps_write_json_members(FILE *out, const mps_table *table, unsigned row)
{
    const char *group = NULL;
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        bool same_group = g_strcmp0(column->group, group) == 0;
        if (!same_group && group)
            putc('}', out);
        if (i > 0)
            fputs(", ", out);
        if (!same_group && column->group) {
            mps_write_json_string(out, column->group);
            fputs(": {", out);
        }
        group = column->group;
        mps_write_json_string(out, column->name);
        fputs(": ", out);
        mps_write_json_value(out, mps_table_value(table, row, i));
    }
    if (group)
        putc('}', out);
}

void mps_write_json_row(FILE *out, const mps_table *table, unsigned row)
{
    putc('{', out);
    mps_write_json_members(out, table, row);
    putc('}', out);
}

/* Write what comes before an element of an array. */
static void write_separator(FILE *out, unsigned element, bool in_lines, const char *line)
{
    if (in_lines)
        fprintf(out, "%s\n%s", element > 0 ? "," : "", line);
    else if (element > 0)
        fputs(", ", out);
}

void mps_table_add_list(mps_table *table, mps_table *list, bool in_lines, char *text)
{
    char *json = NULL;
    size_t size;
    mps_table_complete(list);
    FILE *out = open_memstream(&json, &size);
    if (!out)
        g_error("no memory");
    putc('[', out);
    for (unsigned row = 0; row < list->row_count; row++) {
        write_separator(out, row, in_lines, "    ");
        mps_write_json_row(out, list, row);
    }
    putc(']', out);
    fclose(out);
    mps_table_add_json(table, g_strdup(json), /* not malloc()'s: the table uses g_free() */
                       text ? text : g_strdup_printf("%u", list->row_count));
    free(json);
    mps_table_free(list);
}

void mps_write_json_strings(FILE *out, const char *key, const GPtrArray *strings, bool in_lines)
{
    fprintf(out, "\"%s\": [", key);
    for (guint i = 0; i < strings->len; i++) {
        write_separator(out, i, in_lines, "  ");
        mps_write_json_string(out, strings->pdata[i]);
    }
    fputs(in_lines && strings->len > 0 ? "\n]" : "]", out);
}

void mps_write_json_table(FILE *out, const mps_table *table, const char *key)
{
    fprintf(out, "\"%s\": [", key);
    for (unsigned row = 0; row < table->row_count; row++) {
        write_separator(out, row, true, "  ");
        mps_write_json_row(out, table, row);
    }
    fputs(table->row_count ? "\n]" : "]", out);
}

void mps_write_json_rows(FILE *out, const mps_table *table)
{
    mps_write_json_table(out, table, "rows");
}

static bool is_number(const char *string)
{
    char *end;
    g_ascii_strtod(string, &end);
    return end > string && *end == '\0' && string[strspn(string, "+-.0123456789eE")] == '\0';
}

/* A spreadsheet takes text that begins with one of these characters for a formula. */
static bool looks_like_formula(const char *string)
{
    return *string != '\0' && strchr("=+-@\t\r", *string) && strcmp(string, "-") != 0 &&
           !is_number(string);
}

/* Write a cell of csv, in quotes if it holds special characters (RFC 4180 section 2). */
static void write_csv_string(FILE *out, const char *string)
{
    char *shown = mps_printable(string);
    bool quoted = strpbrk(shown, ",\"") != NULL;
    fputs(quoted ? "\"" : "", out);
    fputs(looks_like_formula(string) ? "'" : "", out);
    for (const char *c = shown; *c; c++) {
        if (*c == '"')
            putc('"', out);
        putc(*c, out);
    }
    fputs(quoted ? "\"" : "", out);
    g_free(shown);
}

void mps_write_csv_heading(FILE *out, const mps_table *table)
{
    fputs(table->capture ? "capture," : "", out);
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        fprintf(out, "%s%s%s%s", i ? "," : "", column->group ? column->group : "",
                column->group ? "_" : "", column->name);
    }
    putc('\n', out);
}

void mps_write_csv_row(FILE *out, const mps_table *table, unsigned row)
{
    if (table->capture) {
        write_csv_string(out, table->capture);
        putc(',', out);
    }
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_value *value = mps_table_value(table, row, i);
        if (i)
            putc(',', out);
        if (value->type == MPS_VALUE_STRING)
            write_csv_string(out, value->string);
        else if (value->type == MPS_VALUE_JSON)
            write_csv_string(out, value->nested.text);
        else
            mps_write_bare(out, value);
    }
    putc('\n', out);
}

void mps_write_csv_rows(FILE *out, const mps_table *table)
{
    for (unsigned row = 0; row < table->row_count; row++)
        mps_write_csv_row(out, table, row);
}

void mps_write_csv(FILE *out, const mps_table *table)
{
    mps_write_csv_heading(out, table);
    mps_write_csv_rows(out, table);
}
