/* clock_tables.c: tables of the clock steps and rates, the path changes and the evidence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_tables.h"
#include "base/times.h"
#include "comparison_columns.h"
#include "table/table_build.h"

static const mps_column step_columns[] = {
    {NULL, "since_start", MPS_VALUE_SECONDS, "Since start", "s", 3},
    {NULL, "from", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "until", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "size", MPS_VALUE_SECONDS, "B ahead by", "ms", 3},
    {NULL, "size_low", MPS_VALUE_SECONDS, "At least", "ms", 3},
    {NULL, "size_high", MPS_VALUE_SECONDS, "At most", "ms", 3},
    {NULL, "certain", MPS_VALUE_BOOL, "Certain", NULL, 0},
};

static const mps_column rate_columns[] = {
    {NULL, "since_start", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "from", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "until", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "ppm", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "ppm_low", MPS_VALUE_REAL, NULL, NULL, 0},
    {NULL, "ppm_high", MPS_VALUE_REAL, NULL, NULL, 0},
};

static const mps_column change_columns[] = {
    {NULL, "change", MPS_VALUE_UINT, "Change", NULL, 0},
    {NULL, "since_start", MPS_VALUE_SECONDS, "Since start", "s", 3},
    {NULL, "from", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "until", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "changed", MPS_VALUE_UINT, "Subflows", NULL, 0},
    {NULL, "seen", MPS_VALUE_UINT, "of", NULL, 0},
    MPS_COMPARISON_SUBFLOW_COLUMNS,
    {NULL, "c2s", MPS_VALUE_SECONDS, "c2s", "ms", 3},
    {NULL, "s2c", MPS_VALUE_SECONDS, "s2c", "ms", 3},
};

static const mps_column evidence_columns[] = {
    MPS_COMPARISON_SUBFLOW_COLUMNS,
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "segments", MPS_VALUE_UINT, "Matched", NULL, 0},
    {NULL, "touched", MPS_VALUE_UINT, "Bounding", NULL, 0},
};

/* The rows by the series of the clock: A's subflow, and whether the segments went from A to B. The
 * caller frees the table. */
static GHashTable *rows_by_series(const mps_comparison *comparison)
{
    GHashTable *rows = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < comparison->rows->len; i++) {
        mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        if (row->pair.a != MPS_NONE)
            g_hash_table_insert(rows, GUINT_TO_POINTER(2 * row->pair.a + row->a_sends), row);
    }
    return rows;
}

static const mps_comparison_row *row_of(GHashTable *rows, uint32_t series, bool forward)
{
    return g_hash_table_lookup(rows, GUINT_TO_POINTER(2 * series + forward));
}

int64_t mps_comparison_start(const mps_comparison *comparison)
{
    int64_t start = comparison->clock.reference;
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        size_t count = 0;
        const mps_packet *packets =
            row->pair.a != MPS_NONE
                ? mps_trace_packets(comparison->a, row->pair.a, row->direction, &count)
                : NULL;
        if (count > 0)
            start = MIN(start, packets[0].time);
    }
    return start;
}

mps_table *mps_clock_steps_table(const mps_comparison *comparison)
{
    mps_table *table = mps_table_new(step_columns, G_N_ELEMENTS(step_columns));
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.steps && i < comparison->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(comparison->clock.steps, mps_clock_step, i);
        mps_table_add(table, MPS_SECONDS(mps_minus(step->until, start)));
        mps_table_add(table, MPS_TIME(step->from));
        mps_table_add(table, MPS_TIME(step->until));
        mps_table_add(table, MPS_SECONDS(step->size));
        mps_table_add(table, MPS_SECONDS(step->size_low));
        mps_table_add(table, MPS_SECONDS(step->size_high));
        mps_table_add(table, MPS_BOOL(!step->suspected));
    }
    mps_table_complete(table);
    return table;
}

mps_table *mps_clock_rates_table(const mps_comparison *comparison)
{
    mps_table *table = mps_table_new(rate_columns, G_N_ELEMENTS(rate_columns));
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.rates && i < comparison->clock.rates->len; i++) {
        const mps_clock_rate *rate = &g_array_index(comparison->clock.rates, mps_clock_rate, i);
        mps_table_add(table, MPS_SECONDS(mps_minus(rate->from, start)));
        mps_table_add(table, MPS_TIME(rate->from));
        mps_table_add(table, MPS_TIME(rate->until));
        mps_table_add(table, MPS_REAL(rate->rate * 1e6));
        mps_table_add(table, MPS_REAL(rate->low * 1e6));
        mps_table_add(table, MPS_REAL(rate->high * 1e6));
    }
    mps_table_complete(table);
    return table;
}

static void add_shift(mps_table *table, const mps_path_shift *shift, bool forward)
{
    mps_table_add_ns(table, shift->known[forward], shift->shift[forward]);
}

mps_table *mps_path_changes_table(const mps_comparison *comparison)
{
    mps_table *table = mps_table_new(change_columns, G_N_ELEMENTS(change_columns));
    GHashTable *rows = rows_by_series(comparison);
    int64_t start = mps_comparison_start(comparison);
    for (guint i = 0; comparison->clock.path_changes && i < comparison->clock.path_changes->len;
         i++) {
        const mps_path_change *change =
            &g_array_index(comparison->clock.path_changes, mps_path_change, i);
        for (guint k = 0; k < change->subflows->len; k++) {
            const mps_path_shift *shift = &g_array_index(change->subflows, mps_path_shift, k);
            const mps_comparison_row *row = row_of(rows, shift->series, shift->known[1]);
            bool c2s_forward = (row->direction == MPS_C2S) == row->a_sends;
            mps_table_add(table, MPS_UINT(i));
            mps_table_add(table, MPS_SECONDS(mps_minus(change->until, start)));
            mps_table_add(table, MPS_TIME(change->from));
            mps_table_add(table, MPS_TIME(change->until));
            mps_table_add(table, MPS_UINT(change->subflows->len));
            mps_table_add(table, MPS_UINT(change->seen));
            mps_comparison_add_subflow(table, comparison, row->connection, row);
            add_shift(table, shift, c2s_forward);
            add_shift(table, shift, !c2s_forward);
        }
    }
    g_hash_table_destroy(rows);
    mps_table_complete(table);
    return table;
}

mps_table *mps_clock_evidence_table(const mps_comparison *comparison)
{
    mps_table *table = mps_table_new(evidence_columns, G_N_ELEMENTS(evidence_columns));
    GHashTable *rows = rows_by_series(comparison);
    for (guint i = 0; comparison->clock.evidence && i < comparison->clock.evidence->len; i++) {
        const mps_clock_evidence *evidence =
            &g_array_index(comparison->clock.evidence, mps_clock_evidence, i);
        const mps_comparison_row *row = row_of(rows, evidence->series, evidence->forward);
        mps_comparison_add_subflow(table, comparison, row->connection, row);
        mps_table_add_direction(table, row->direction);
        mps_table_add(table, MPS_UINT(evidence->segments));
        mps_table_add(table, MPS_UINT(evidence->supporting));
    }
    g_hash_table_destroy(rows);
    mps_table_complete(table);
    return table;
}
