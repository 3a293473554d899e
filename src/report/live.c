/* live.c: writes the rows of a report while the capture goes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"
#include "table/table_write.h"
#include <string.h>

/* Characters: enough for "c2s", and for figures up to 9999999, as the values are not known in
 * advance. */
#define NARROW_WIDTH 3
#define WIDE_WIDTH 7

/* @return the fixed width of a column, in characters; at least that of its heading. */
static int width_of(const mps_column *column)
{
    int heading = (int)strlen(column->title) + (column->unit ? 1 + (int)strlen(column->unit) : 0);
    bool narrow = column->type == MPS_VALUE_STRING || column->type == MPS_VALUE_BOOL;
    return MAX(heading, narrow ? NARROW_WIDTH : WIDE_WIDTH);
}

static void write_text_heading(FILE *out, const mps_table *table)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_column *column = &table->columns[i];
        if (!column->title)
            continue;
        char *heading = g_strjoin(" ", column->title, column->unit, NULL);
        fprintf(out, "%*s  ", width_of(column), heading);
        g_free(heading);
    }
    putc('\n', out);
}

static void write_text_rows(FILE *out, const mps_table *table)
{
    for (unsigned row = 0; row < table->row_count; row++) {
        for (unsigned i = 0; i < table->column_count; i++) {
            const mps_column *column = &table->columns[i];
            if (!column->title)
                continue;
            char *text = mps_value_text(mps_table_value(table, row, i), column);
            fprintf(out, "%*s  ", width_of(column), text);
            g_free(text);
        }
        putc('\n', out);
    }
}

static void write_opening(const mps_report *report, const mps_table *table,
                          const mps_report_document *document, FILE *out)
{
    const char *filter = document->filter;
    switch (document->format) {
    case MPS_FORMAT_TEXT:
        fprintf(out, "%s\n", report->kind->title);
        mps_write_text_line(out, "Filter", filter ? filter : "<none>");
        write_text_heading(out, table);
        break;
    case MPS_FORMAT_CSV:
        mps_write_csv_heading(out, table);
        break;
    case MPS_FORMAT_JSON:
        mps_report_write_json_opening(out, report->kind->name, document->capture);
        fputs("\"rows\": [", out);
        break;
    }
}

static void write_rows(const mps_report *report, mps_format format, const mps_table *table,
                       FILE *out)
{
    switch (format) {
    case MPS_FORMAT_TEXT:
        write_text_rows(out, table);
        break;
    case MPS_FORMAT_CSV:
        mps_write_csv_rows(out, table);
        break;
    case MPS_FORMAT_JSON:
        for (unsigned row = 0; row < table->row_count; row++) {
            fputs(row + report->live_rows > 0 ? ",\n  " : "\n  ", out);
            mps_write_json_row(out, table, row);
        }
        break;
    }
}

static void write_end(const mps_report *report, const mps_tracker *tracker,
                      const mps_report_document *document, FILE *out)
{
    if (document->format == MPS_FORMAT_JSON)
        fputs(report->live_rows > 0 ? "\n]" : "]", out);
    mps_report_write_closing(report, tracker, document, out);
}

bool mps_report_write_live(mps_report *report, const mps_tracker *tracker,
                           const mps_report_document *document, bool end, FILE *out)
{
    mps_table *table = mps_report_flush(report, tracker, end);
    bool writes = table && (!report->live_begun || end || table->row_count > 0);
    if (writes) {
        if (!report->live_begun)
            write_opening(report, table, document, out);
        write_rows(report, document->format, table, out);
        report->live_begun = true;
        report->live_rows += table->row_count;
        if (end)
            write_end(report, tracker, document, out);
    }
    mps_table_free(table);
    return writes;
}
