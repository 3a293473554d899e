/* write_report.c: writes a report as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"
#include <string.h>

/* Write the report's second table, in json before the first. Text leaves out an empty one. */
static void write_totals(const mps_report *report, const mps_tracker *tracker,
                         const mps_style *style, FILE *out)
{
    const mps_report_kind *kind = report->kind->totals;
    mps_text text = {out, style};
    if (!kind)
        return;
    mps_table *table = mps_report_kind_table(report, tracker, kind);
    if (style->format == MPS_FORMAT_JSON) {
        mps_write_json_table(out, table, kind->name);
        fputs(", ", out);
    } else if (table->row_count > 0) {
        mps_write_text_form(
            &text, table,
            &(mps_text_form){.title = kind->title, .choices = kind->text_choices, .below = true});
    }
    mps_table_free(table);
}

/* @return the title of the second table where it stands alone ("MPTCP Events: DSS checksums"),
 *         freed by the caller */
static char *title_alone(const mps_report_kind *kind)
{
    char *title = g_strdup(kind->totals->title);
    if (g_ascii_islower(title[1]))
        title[0] = g_ascii_tolower(title[0]);
    char *whole = g_strdup_printf("%.*s: %s", (int)strcspn(kind->title, ":"), kind->title, title);
    g_free(title);
    return whole;
}

/* Write the second table as the only one. */
static void write_totals_alone(const mps_report *report, const mps_tracker *tracker,
                               const char *filter, mps_text *out)
{
    const mps_report_kind *kind = report->kind->totals;
    char *title = title_alone(report->kind);
    mps_table *table = mps_report_kind_table(report, tracker, kind);
    mps_write_text_form(
        out, table,
        &(mps_text_form){.title = title, .filter = filter, .choices = kind->text_choices});
    g_free(title);
    mps_table_free(table);
}

void mps_report_write_json_opening(FILE *out, const mps_report *report, const char *capture)
{
    fprintf(out, "{\"schema\": 1, \"report\": \"%s\", \"capture\": ", report->kind->name);
    if (capture)
        mps_write_json_string(out, capture);
    else
        fputs("null", out);
    if (report->file) {
        fputs(", \"file\": ", out);
        mps_write_json_string(out, report->file);
    }
    fputs(", ", out);
}

static void write_text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                       mps_text *out)
{
    if (report->tables == MPS_TABLES_TOTALS) {
        write_totals_alone(report, tracker, filter, out);
        return;
    }
    if (report->kind->text) {
        report->kind->text(report, tracker, filter, out);
        return;
    }
    mps_table *table = mps_report_table(report, tracker);
    if (report->kind->fold)
        report->kind->fold(table);
    mps_write_text_form(out, table,
                        &(mps_text_form){.title = report->kind->title,
                                         .filter = filter,
                                         .choices = report->kind->text_choices});
    if (report->tables == MPS_TABLES_ALL)
        write_totals(report, tracker, out->style, out->file);
    mps_table_free(table);
}

/* Where rows are written as they are made. */
typedef struct {
    FILE *out;
    mps_format format;
    bool any; /* rows were written */
} row_writer;

static void write_row(const mps_table *table, void *data)
{
    row_writer *writer = data;
    if (writer->format == MPS_FORMAT_CSV) {
        mps_write_csv_row(writer->out, table, 0);
    } else {
        fputs(writer->any ? ",\n  " : "\n  ", writer->out);
        mps_write_json_row(writer->out, table, 0);
    }
    writer->any = true;
}

/* Write the rows of csv or json, and keep none of them: a connection that a few bytes of a capture
 * make has a row of several kilobytes. @return whether there were any */
static bool write_rows(const mps_report *report, const mps_tracker *tracker,
                       const mps_report_kind *kind, mps_format format, FILE *out)
{
    mps_table *table = mps_report_new_table(report, kind);
    row_writer writer = {.out = out, .format = format};
    mps_table_pass_rows(table, write_row, &writer);
    if (format == MPS_FORMAT_CSV)
        mps_write_csv_heading(out, table);
    kind->rows(report, tracker, table);
    mps_table_free(table);
    return writer.any;
}

static void write_csv(const mps_report *report, const mps_tracker *tracker, FILE *out)
{
    const mps_report_kind *kind =
        report->tables == MPS_TABLES_TOTALS ? report->kind->totals : report->kind;
    mps_table *other = kind->csv_table ? kind->csv_table(report, tracker) : NULL;
    if (other) {
        other->capture = report->file;
        mps_write_csv(out, other);
    } else {
        write_rows(report, tracker, kind, MPS_FORMAT_CSV, out);
    }
    mps_table_free(other);
}

static void write_json(const mps_report *report, const mps_tracker *tracker, const char *capture,
                       FILE *out)
{
    mps_report_write_json_opening(out, report, capture);
    write_totals(report, tracker, mps_plain_style(MPS_FORMAT_JSON), out);
    fputs("\"rows\": [", out);
    bool any = write_rows(report, tracker, report->kind, MPS_FORMAT_JSON, out);
    fputs(any ? "\n]" : "]", out);
}

void mps_report_write(const mps_report *report, const mps_tracker *tracker,
                      const mps_report_document *document, FILE *out)
{
    mps_text text = {out, document->style};
    mps_report_count_late(report, tracker);
    switch (document->style->format) {
    case MPS_FORMAT_TEXT:
        write_text(report, tracker, document->filter, &text);
        break;
    case MPS_FORMAT_CSV:
        write_csv(report, tracker, out);
        break;
    case MPS_FORMAT_JSON:
        write_json(report, tracker, document->capture, out);
        break;
    }
    mps_report_write_closing(report, tracker, document, out);
}
