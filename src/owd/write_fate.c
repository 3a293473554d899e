/* write_fate.c: mptcpscope reinjections A B, as text, csv and json.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "../report/reinjections.h"
#include "../report/write.h"
#include "fate.h"

static const mps_column columns[] = {
    MPS_REINJECTION_COLUMNS("Delay", NULL, NULL, NULL, NULL),
    {NULL, "capture", MPS_VALUE_STRING, "In", NULL, 0},
    {NULL, "verdict", MPS_VALUE_STRING, "Verdict", NULL, 0},
    {NULL, "useful_bytes", MPS_VALUE_UINT, "Useful", NULL, 0},
    {NULL, "redundant_bytes", MPS_VALUE_UINT, "Redundant", NULL, 0},
    {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "unknown_bytes", MPS_VALUE_UINT, "Unknown", NULL, 0},
    {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},
    {NULL, "unsure_bytes", MPS_VALUE_UINT, "Unsure", NULL, 0},
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
    {NULL, "unknown_bytes", MPS_VALUE_UINT, "Unknown", NULL, 0},
    {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},
    {NULL, "unsure_bytes", MPS_VALUE_UINT, "Unsure", NULL, 0},
};

static uint64_t sum_of(const mps_fates *fates)
{
    return fates->useful + fates->redundant + fates->lost + fates->unknown;
}

/* A segment may hold bytes of several fates. */
static const char *verdict_of(const mps_fates *fates)
{
    uint64_t all = sum_of(fates);
    if (fates->useful == all)
        return "useful";
    if (fates->redundant == all)
        return "redundant";
    if (fates->lost == all)
        return "lost";
    return fates->unknown == all ? NULL : "mixed";
}

static void add_fates(mps_table *table, const mps_fates *fates)
{
    mps_table_add(table, MPS_UINT(fates->useful));
    mps_table_add(table, MPS_UINT(fates->redundant));
    mps_table_add(table, MPS_UINT(fates->lost));
    mps_table_add(table, MPS_UINT(fates->unknown));
    mps_table_add(table, MPS_UINT(fates->spurious));
    mps_table_add(table, MPS_UINT(fates->unsure));
}

/* What is known of one capture's reinjections. */
typedef struct {
    const mps_tracker *tracker;
    const mps_transmissions *all;
    GArray *acked;
} capture_side;

static void side_init(capture_side *side, const mps_trace *trace)
{
    side->tracker = mps_trace_tracker(trace);
    side->all = mps_transmissions_of(side->tracker);
    side->acked = mps_reinjections_acked(side->tracker);
}

static void add_row(mps_table *table, const capture_side *side, const mps_fate_row *row)
{
    const mps_reinjection_place place = {row->connection, row->number, row->direction};
    mps_table_add_reinjection(
        table, side->tracker, side->all,
        &g_array_index(side->all->reinjections, mps_reinjection, row->reinjection),
        g_array_index(side->acked, int64_t, row->reinjection), &place);
    mps_table_add_string(table, row->in_a ? "A" : "B");
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
    sum->unknown += fates->unknown;
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
    capture_side a, b;
    side_init(&a, owd->a);
    side_init(&b, owd->b);
    for (guint i = 0; i < rows->len; i++) {
        const mps_fate_row *row = &g_array_index(rows, mps_fate_row, i);
        if (is_wanted(row, connection))
            add_row(table, row->in_a ? &a : &b, row);
    }
    g_array_free(a.acked, TRUE);
    g_array_free(b.acked, TRUE);
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
