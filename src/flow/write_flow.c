/* write_flow.c: writes mptcpscope flow as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/document.h"
#include "flow_internal.h"
#include "table/table_build.h"
#include "table/table_write.h"

/* Where rows go as soon as each is complete: all together are larger than what is known. */
typedef struct {
    FILE *out;
    bool json, any;
} row_writer;

static void write_row(const mps_table *table, void *data)
{
    row_writer *writer = data;
    if (writer->json) {
        fputs(writer->any ? ",\n  " : "\n  ", writer->out);
        mps_write_json_row(writer->out, table, 0);
    } else {
        mps_write_csv_row(writer->out, table, 0);
    }
    writer->any = true;
}

static void write_rows(const mps_arrows *arrows, mps_format format, FILE *out)
{
    row_writer writer = {.out = out, .json = format == MPS_FORMAT_JSON};
    mps_table *table = mps_arrow_table(arrows);
    if (writer.json)
        fputs("\"rows\": [", out);
    else
        mps_write_csv_heading(out, table);
    mps_table_pass_rows(table, write_row, &writer);
    mps_arrow_add_rows(table, arrows);
    mps_table_free(table);
    if (writer.json)
        fputs("\n]", out);
}

static void write_opening(const mps_arrows *arrows, FILE *out)
{
    if (arrows->comparison) {
        mps_document_json_opening(out, "flow", arrows->trace[0], arrows->trace[1]);
        fputs(", ", out);
        mps_clock_write_json_part(arrows->comparison, out);
    } else {
        fputs("{\"schema\": 1, \"report\": \"flow\", \"capture\": ", out);
        mps_write_json_string(out, mps_trace_name(arrows->trace[0]));
    }
}

static void write_json(const mps_arrows *arrows, FILE *out)
{
    const mps_value start = MPS_TIME(arrows->start);
    write_opening(arrows, out);
    fprintf(out, ", \"connection\": %u, \"start\": \"", arrows->connection);
    mps_write_bare(out, &start);
    fputs("\",\n", out);
    mps_write_json_notes(out, arrows->notes);
    fputs(",\n", out);
    write_rows(arrows, MPS_FORMAT_JSON, out);
    fputs("}\n", out);
}

void mps_arrows_write(const mps_arrows *arrows, const mps_style *style, FILE *out)
{
    mps_text text = {out, style};
    if (style->format == MPS_FORMAT_TEXT)
        mps_arrows_draw(arrows, &text);
    else if (style->format == MPS_FORMAT_CSV)
        write_rows(arrows, MPS_FORMAT_CSV, out);
    else
        write_json(arrows, out);
}
