/* tables.c: writes the tables of a page as json: columns as they are declared, rows as arrays.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path/critical_rows.h"
#include "diff/diff_rows.h"
#include "html_internal.h"
#include "owd/write_owd.h"
#include "table/table_write.h"
#include <mptcpscope/reinjection.h>
#include <string.h>

/* Bounds of the page: rows of a table; bytes of the rows of a table, and of all of them. */
#define ROWS_MAX 5000u
#define TABLE_MAX 600000
#define TABLES_MAX 3000000

/* Where tables are written. */
typedef struct {
    FILE *out;
    const mps_html_subject *subject;
    long room;     /* bytes that are left for rows */
    unsigned done; /* tables */

    /* Of the table that is being written: */
    uint32_t only; /* the connection that it is about; MPS_NONE: all */
    long start;    /* where its rows begin */
    unsigned shown, all;
} table_writer;

static const char *const type_names[] = {
    [MPS_VALUE_NULL] = "null",   [MPS_VALUE_BOOL] = "bool",      [MPS_VALUE_UINT] = "number",
    [MPS_VALUE_INT] = "number",  [MPS_VALUE_SECONDS] = "number", [MPS_VALUE_TIME] = "time",
    [MPS_VALUE_REAL] = "number", [MPS_VALUE_STRING] = "text",    [MPS_VALUE_BIG] = "big",
    [MPS_VALUE_KEY] = "text",    [MPS_VALUE_JSON] = "list",
};

static void write_column(FILE *out, const mps_column *column)
{
    fputs("{\"group\":", out);
    mps_write_json_string(out, column->group ? column->group : "");
    fputs(",\"name\":", out);
    mps_write_json_string(out, column->name);
    fputs(",\"title\":", out);
    mps_write_json_string(out, column->title ? column->title : "");
    fputs(",\"unit\":", out);
    mps_write_json_string(out, column->unit ? column->unit : "");
    const bool whole = column->type != MPS_VALUE_REAL && column->type != MPS_VALUE_SECONDS;
    fprintf(out, ",\"type\":\"%s\",\"real\":%s,\"decimals\":%d}", type_names[column->type],
            whole ? "false" : "true", column->decimals);
}

/* @return whether a row is about the connection that is shown */
static bool is_wanted(const table_writer *writer, const mps_table *table, unsigned row)
{
    for (unsigned i = 0; writer->only != MPS_NONE && i < table->column_count; i++) {
        if (table->columns[i].group || strcmp(table->columns[i].name, "connection") != 0)
            continue;
        const mps_value *value = mps_table_value(table, row, i);
        return value->type == MPS_VALUE_UINT && value->u == writer->only;
    }
    return true;
}

static void write_row(table_writer *writer, const mps_table *table, unsigned row)
{
    if (!is_wanted(writer, table, row) || writer->all++ >= ROWS_MAX ||
        ftell(writer->out) - writer->start > MIN(TABLE_MAX, writer->room))
        return;
    if (writer->shown++ == 0) {
        fputs("\"columns\":[", writer->out);
        for (unsigned i = 0; i < table->column_count; i++) {
            fputs(i > 0 ? ",\n" : "", writer->out);
            write_column(writer->out, &table->columns[i]);
        }
        fputs("],\"rows\":[", writer->out);
    }
    for (unsigned i = 0; i < table->column_count; i++) {
        fputs(i > 0 ? "," : writer->shown > 1 ? ",\n[" : "\n[", writer->out);
        mps_write_json_value(writer->out, mps_table_value(table, row, i));
    }
    putc(']', writer->out);
}

static void take_row(const mps_table *table, void *data)
{
    write_row(data, table, 0);
}

/* Begin a table. @param command  that writes all of it @param only  see table_writer */
static void begin(table_writer *writer, const char *id, const char *title, const char *command,
                  uint32_t only)
{
    fprintf(writer->out, "%s{\"id\":\"%s\",\"title\":\"%s\",\"command\":\"mptcpscope %s\",",
            writer->done++ > 0 ? ",\n" : "", id, title, command);
    writer->only = only;
    writer->start = ftell(writer->out);
    writer->shown = writer->all = 0;
}

static void end(table_writer *writer)
{
    fprintf(writer->out, "%s],\"all\":%u}", writer->shown ? "" : "\"columns\":[],\"rows\":[",
            writer->all);
    writer->room -= ftell(writer->out) - writer->start;
}

/* Write a table that holds its rows, all of which are wanted. @param table  freed */
static void write_table(table_writer *writer, const char *id, const char *title,
                        const char *command, mps_table *table)
{
    begin(writer, id, title, command, MPS_NONE);
    for (unsigned row = 0; row < table->row_count; row++)
        write_row(writer, table, row);
    end(writer);
    mps_table_free(table);
}

/* @return the number that a capture gives the connection of the page; MPS_NONE: all are shown, or
 * it does not have that one */
static uint32_t number_in(const mps_html_subject *subject, unsigned capture)
{
    const uint32_t number = subject->html->connection;
    if (capture == 0 || number == MPS_NONE)
        return number;
    uint32_t *partners = mps_comparison_partners(subject->comparison, true);
    const uint32_t partner = partners[number];
    g_free(partners);
    return partner;
}

static void write_report(table_writer *writer, const mps_html_report *report)
{
    const mps_html_subject *subject = writer->subject;
    const uint32_t only = number_in(subject, report->capture);
    const char *const letters[] = {"A", "B"};
    const bool both = subject->comparison != NULL;
    char *id =
        g_strconcat(report->name, both ? "-" : "", both ? letters[report->capture] : "", NULL);
    char *title = g_strconcat(mps_report_title(report->report), both ? " in " : "",
                              both ? letters[report->capture] : "", NULL);
    char *command = g_strdup_printf("report %s %s", report->name, letters[report->capture]);
    begin(writer, id, title, command, only);
    if (only != MPS_NONE || subject->html->connection == MPS_NONE)
        mps_report_pass_rows(report->report, mps_trace_tracker(subject->traces[report->capture]),
                             take_row, writer);
    end(writer);
    g_free(command);
    g_free(title);
    g_free(id);
}

static void write_critical_paths(table_writer *writer)
{
    const mps_critical_extent extent = {false, 0};
    write_table(writer, "critical-path", "Critical paths", "critical-path A B",
                mps_critical_row_table(writer->subject->paths, &extent));
}

static void write_delays(table_writer *writer)
{
    const mps_owd_choice choice = {.connection = writer->subject->html->connection};
    mps_owd_tables tables;
    mps_owd_make_tables(writer->subject->comparison, &choice, &tables);
    write_table(writer, "owd-connections", "Delay and loss by connection", "owd A B",
                tables.connections);
    write_table(writer, "owd", "Delay and loss by subflow", "owd A B", tables.subflows);
}

/* A table of what was sent again. Its rows stay with its owner. */
static void take_reinjections(const char *name, const char *title, const mps_table *table,
                              void *data)
{
    table_writer *writer = data;
    begin(writer, name, title, "reinjections A B", MPS_NONE);
    for (unsigned row = 0; row < table->row_count; row++)
        write_row(writer, table, row);
    end(writer);
}

void mps_html_tables(FILE *out, const mps_html_subject *subject)
{
    table_writer writer = {.out = out, .subject = subject, .room = TABLES_MAX};
    putc('[', out);
    if (subject->comparison) {
        write_critical_paths(&writer);
        write_delays(&writer);
        mps_reinjections_pass(subject->comparison, subject->html->connection, take_reinjections,
                              &writer);
        write_table(&writer, "diff", "Changes on the path", "diff A B",
                    mps_diff_table(subject->changes));
    }
    for (guint i = 0; i < subject->html->reports->len; i++)
        write_report(&writer, subject->html->reports->pdata[i]);
    putc(']', out);
}
