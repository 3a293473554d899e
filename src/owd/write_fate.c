/* write_fate.c: mptcpscope reinjections A B, as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../report/report-internal.h"
#include "../report/write.h"
#include "fate.h"
#include <string.h>

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "capture", MPS_VALUE_STRING, "In", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "time", MPS_VALUE_TIME, "Time", NULL, 0},
    {NULL, "dsn", MPS_VALUE_BIG, "DSN", NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, "Length", NULL, 0},
    {NULL, "verdict", MPS_VALUE_STRING, "Verdict", NULL, 0},
    {NULL, "useful_bytes", MPS_VALUE_UINT, "Useful", NULL, 0},
    {NULL, "redundant_bytes", MPS_VALUE_UINT, "Redundant", NULL, 0},
    {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},
    {NULL, "unsure_bytes", MPS_VALUE_UINT, "or not", NULL, 0},
    {NULL, "gain", MPS_VALUE_SECONDS, "Gain", "ms", 3},
};

static const mps_column total_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "reinjections", MPS_VALUE_UINT, "Segments", NULL, 0},
    {NULL, "length", MPS_VALUE_UINT, "Length", NULL, 0},
    {NULL, "useful_bytes", MPS_VALUE_UINT, "Useful", NULL, 0},
    {NULL, "redundant_bytes", MPS_VALUE_UINT, "Redundant", NULL, 0},
    {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},
    {NULL, "unsure_bytes", MPS_VALUE_UINT, "or not", NULL, 0},
};

static uint64_t sum_of(const mps_fates *fates)
{
    return fates->useful + fates->redundant + fates->lost;
}

/* A segment may hold bytes of several fates. */
static const char *verdict_of(const mps_fates *fates)
{
    uint64_t all = sum_of(fates);
    if (fates->useful == all)
        return "useful";
    if (fates->redundant == all)
        return "redundant";
    return fates->lost == all ? "lost" : "mixed";
}

static void add_fates(mps_table *table, const mps_fates *fates)
{
    mps_table_add(table, MPS_UINT(fates->useful));
    mps_table_add(table, MPS_UINT(fates->redundant));
    mps_table_add(table, MPS_UINT(fates->lost));
    mps_table_add(table, MPS_UINT(fates->spurious));
    mps_table_add(table, MPS_UINT(fates->unsure));
}

static void add_row(mps_table *table, const mps_owd *owd, const mps_fate_row *row)
{
    const mps_tracker *tracker = mps_trace_tracker(row->in_a ? owd->a : owd->b);
    mps_verdict place = {
        .subflow = row->subflow, .half = row->half, .has_dsn = true, .dsn = row->dsn};
    mps_dsn dsn = mps_tracker_dsn(tracker, &place);
    mps_table_add(table, MPS_UINT(row->connection));
    mps_table_add(table, MPS_UINT(row->number));
    mps_table_add_string(table, row->direction == MPS_C2S ? "c2s" : "s2c");
    mps_table_add_string(table, row->in_a ? "A" : "B");
    mps_table_add(table, MPS_UINT(row->frame));
    mps_table_add(table, MPS_TIME(row->time));
    mps_table_add(table, dsn.has_absolute ? (mps_value){.type = MPS_VALUE_BIG, .u = dsn.absolute}
                                          : MPS_NULL);
    mps_table_add(table, MPS_UINT(sum_of(&row->fates)));
    mps_table_add_string(table, verdict_of(&row->fates));
    add_fates(table, &row->fates);
    mps_table_add(table, row->has_gain ? MPS_SECONDS(row->gain) : MPS_NULL);
}

static bool is_wanted(const mps_fate_row *row, uint32_t connection)
{
    return connection == MPS_NONE || row->connection == connection;
}

static void add_to_sum(mps_fates *sum, const mps_fates *fates)
{
    sum->useful += fates->useful;
    sum->redundant += fates->redundant;
    sum->lost += fates->lost;
    sum->spurious += fates->spurious;
    sum->unsure += fates->unsure;
}

/* Append the sum of a connection's direction, if there is anything in it. */
static void add_total(mps_table *table, const GArray *rows, uint32_t connection,
                      mps_direction direction)
{
    mps_fates sum = {0};
    unsigned count = 0;
    for (guint i = 0; i < rows->len; i++) {
        const mps_fate_row *row = &g_array_index(rows, mps_fate_row, i);
        if (row->connection != connection || row->direction != direction)
            continue;
        add_to_sum(&sum, &row->fates);
        count++;
    }
    if (count == 0)
        return;
    mps_table_add(table, MPS_UINT(connection));
    mps_table_add_string(table, direction == MPS_C2S ? "c2s" : "s2c");
    mps_table_add(table, MPS_UINT(count));
    mps_table_add(table, MPS_UINT(sum_of(&sum)));
    add_fates(table, &sum);
}

static mps_table *row_table(const mps_owd *owd, const GArray *rows, uint32_t connection)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    for (guint i = 0; i < rows->len; i++) {
        const mps_fate_row *row = &g_array_index(rows, mps_fate_row, i);
        if (is_wanted(row, connection))
            add_row(table, owd, row);
    }
    mps_table_complete(table);
    return table;
}

static mps_table *total_table(const mps_owd *owd, const GArray *rows, uint32_t connection)
{
    mps_table *table = mps_table_new(total_columns, G_N_ELEMENTS(total_columns));
    uint32_t count = mps_tracker_connections(mps_trace_tracker(owd->a));
    for (uint32_t number = 0; number < count; number++) {
        if (connection != MPS_NONE && connection != number)
            continue;
        add_total(table, rows, number, MPS_C2S);
        add_total(table, rows, number, MPS_S2C);
    }
    mps_table_complete(table);
    return table;
}

static void write_json(FILE *out, const mps_owd *owd, const mps_table *rows,
                       const mps_table *totals)
{
    fputs("{\"schema\": 1, \"report\": \"reinjections\", \"captures\": [", out);
    mps_write_json_string(out, mps_trace_name(owd->a));
    fputs(", ", out);
    mps_write_json_string(out, mps_trace_name(owd->b));
    fputs("], ", out);
    mps_owd_write_clock(owd, MPS_FORMAT_JSON, out);
    fputs(",\n", out);
    mps_write_json_table(out, totals, "totals");
    fputs(",\n", out);
    mps_write_json_rows(out, rows);
    fputs("}\n", out);
}

void mps_fates_write(const mps_owd *owd, uint32_t connection, mps_format format, FILE *out)
{
    GArray *fates = mps_fates_of(owd);
    mps_table *rows = row_table(owd, fates, connection);
    mps_table *totals = total_table(owd, fates, connection);
    if (format == MPS_FORMAT_JSON) {
        write_json(out, owd, rows, totals);
    } else if (format == MPS_FORMAT_CSV) {
        mps_write_csv(out, rows);
    } else {
        fprintf(out, "A: %s\nB: %s\n", mps_trace_name(owd->a), mps_trace_name(owd->b));
        mps_owd_write_clock(owd, format, out);
        mps_write_text(out, rows, "Reinjections and their fate", NULL);
        mps_write_text(out, totals, "By connection and direction", NULL);
    }
    mps_table_free(rows);
    mps_table_free(totals);
    g_array_free(fates, TRUE);
}
