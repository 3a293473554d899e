/* flow_table.c: the table "flows": those of the report "flows".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "export_internal.h"
#include <math.h>
#include <string.h>

/* The table of the report that has a row for each flow. */
#define EACH_FLOW 1u

/* The columns, in the order of those of the report. */
static const mps_stored_spec specs[] = {
    {"connection", MPS_STORED_U32, true},
    {"subflow", MPS_STORED_U32, true},
    {"direction", MPS_STORED_TEXT, false},
    {"frame", MPS_STORED_U32, false},
    {"tcp_stream", MPS_STORED_U32, true},
    {"source", MPS_STORED_TEXT, false},
    {"source_port", MPS_STORED_U16, false},
    {"destination", MPS_STORED_TEXT, false},
    {"destination_port", MPS_STORED_U16, false},
    {"start_ns", MPS_STORED_I64, false},
    {"duration", MPS_STORED_REAL, false},
    {"packets", MPS_STORED_U64, false},
    {"bytes", MPS_STORED_U64, false},
};

static void put(mps_stored_rows *rows, const mps_value *value)
{
    const bool known = value->type != MPS_VALUE_NULL;
    switch (value->type) {
    case MPS_VALUE_STRING:
        mps_stored_put_text(rows, value->string, strlen(value->string));
        break;
    case MPS_VALUE_SECONDS:
        mps_stored_put_real(rows, (double)value->i / 1e9);
        break;
    default:
        if (specs[rows->next].type == MPS_STORED_REAL)
            mps_stored_put_real(rows, NAN);
        else
            mps_stored_put_number(rows, known, known ? value->i : 0);
    }
}

bool mps_flow_table_write(const mps_export_file *file, const mps_report *report,
                          const mps_tracker *tracker)
{
    mps_table *table = mps_report_part_table(report, tracker, EACH_FLOW);
    size_t widths[G_N_ELEMENTS(specs)] = {0};
    g_assert(table->column_count == G_N_ELEMENTS(specs));
    for (unsigned i = 0; i < table->row_count * G_N_ELEMENTS(specs); i++) {
        const unsigned column = i % G_N_ELEMENTS(specs);
        const mps_value *value = mps_table_value(table, i / G_N_ELEMENTS(specs), column);
        if (value->type == MPS_VALUE_STRING)
            widths[column] = MAX(widths[column], strlen(value->string));
    }
    mps_stored_rows *rows = mps_stored_rows_begin(file, "flows", "Flows of TCP connections", specs,
                                                  G_N_ELEMENTS(specs), widths);
    for (unsigned row = 0; rows && row < table->row_count; row++)
        for (unsigned column = 0; column < G_N_ELEMENTS(specs); column++)
            put(rows, mps_table_value(table, row, column));
    mps_table_free(table);
    return rows && mps_stored_rows_end(rows);
}
