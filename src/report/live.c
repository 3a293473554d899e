/* live.c: writes the rows of a report while the capture goes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"
#include "table/table_write.h"

/* Write rows as text. @param heading  write it, too */
static void write_text(mps_text *out, const mps_report *report, const mps_table *table,
                       bool heading)
{
    mps_write_text_live(out, table, &(mps_text_form){.choices = report->kind->text_choices},
                        heading);
}

static void write_opening(const mps_report *report, const mps_table *table,
                          const mps_report_document *document, FILE *out)
{
    const char *filter = document->filter;
    mps_text text = {out, document->style};
    switch (document->style->format) {
    case MPS_FORMAT_TEXT:
        mps_write_title(&text, report->kind->title);
        mps_write_text_line(&text, "Filter", filter ? filter : "<none>");
        break;
    case MPS_FORMAT_CSV:
        mps_write_csv_heading(out, table);
        break;
    case MPS_FORMAT_JSON:
        mps_report_write_json_opening(out, report, document->capture);
        fputs("\"rows\": [", out);
        break;
    }
}

static void write_rows(const mps_report *report, const mps_style *style, const mps_table *table,
                       FILE *out)
{
    mps_text text = {out, style};
    switch (style->format) {
    case MPS_FORMAT_TEXT:
        write_text(&text, report, table, !report->live_begun);
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
    if (document->style->format == MPS_FORMAT_JSON)
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
        write_rows(report, document->style, table, out);
        report->live_begun = true;
        report->live_rows += table->row_count;
        if (end)
            write_end(report, tracker, document, out);
    }
    mps_table_free(table);
    return writes;
}
