/* aggregate.c: the subflows, and the connections, whose figures are told.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "aggregate.h"

static void free_points(gpointer data)
{
    g_array_free(((mps_aggregate *)data)->points, TRUE);
}

static GArray *new_units(void)
{
    GArray *units = g_array_new(FALSE, TRUE, sizeof(mps_aggregate));
    g_array_set_clear_func(units, free_points);
    return units;
}

GArray *mps_aggregates_of(const mps_comparison *owd, uint32_t connection)
{
    GArray *units = new_units();
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(owd->rows, mps_comparison_row, i);
        if (connection != MPS_NONE && row->connection != connection)
            continue;
        mps_aggregate unit = {.row = row, .subflows = 1, .alignment = row->alignment};
        unit.alignment.matches = NULL; /* the row's own */
        unit.points = mps_outcomes_of(owd, i);
        mps_figures_of(owd, row->a_sends, (const mps_outcome *)unit.points->data, unit.points->len,
                       &unit.figures);
        g_array_append_val(units, unit);
    }
    return units;
}

void mps_aggregates_free(GArray *units)
{
    g_array_free(units, TRUE);
}

static gpointer key_of(const mps_aggregate *unit)
{
    uint64_t key = (uint64_t)unit->row->connection * 2 + unit->row->direction;
    return GSIZE_TO_POINTER((gsize)key + 1);
}

static void add_to_sum(mps_alignment *sum, const mps_alignment *part)
{
    sum->sent += part->sent;
    sum->received += part->received;
    sum->matched += part->matched;
    sum->split += part->split;
    sum->merged += part->merged;
    sum->lost += part->lost;
    sum->unseen += part->unseen;
    sum->duplicated += part->duplicated;
    sum->ambiguous += part->ambiguous;
    sum->outside += part->outside;
    sum->uncaptured += part->uncaptured;
    sum->reordered += part->reordered;
    sum->sent_bytes += part->sent_bytes;
    sum->matched_bytes += part->matched_bytes;
}

static void add_subflow(GArray *units, GHashTable *known, const mps_aggregate *subflow)
{
    gpointer key = key_of(subflow);
    guint index = GPOINTER_TO_UINT(g_hash_table_lookup(known, key)); /* and 1 */
    if (index == 0) {
        mps_aggregate unit = {.row = subflow->row, .figures = subflow->figures};
        unit.points = g_array_new(FALSE, FALSE, sizeof(mps_outcome));
        g_array_append_val(units, unit);
        index = units->len;
        g_hash_table_insert(known, key, GUINT_TO_POINTER(index));
    }
    mps_aggregate *unit = &g_array_index(units, mps_aggregate, index - 1);
    add_to_sum(&unit->alignment, &subflow->alignment);
    g_array_append_vals(unit->points, subflow->points->data, subflow->points->len);
    unit->subflows++;
}

GArray *mps_aggregates_by_connection(const mps_comparison *owd, const GArray *subflows)
{
    GArray *units = new_units();
    GHashTable *known = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < subflows->len; i++) {
        const mps_aggregate *subflow = &g_array_index(subflows, mps_aggregate, i);
        if (subflow->row->connection != MPS_NONE)
            add_subflow(units, known, subflow);
    }
    g_hash_table_destroy(known);
    for (guint i = 0; i < units->len; i++) {
        mps_aggregate *unit = &g_array_index(units, mps_aggregate, i);
        if (unit->subflows > 1)
            mps_figures_of(owd, unit->row->a_sends, (const mps_outcome *)unit->points->data,
                           unit->points->len, &unit->figures);
    }
    return units;
}

void mps_aggregates_fastest(const mps_aggregate *const *units, const mps_figures *const *figures,
                            guint count, guint *fastest)
{
    GHashTable *known = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < count; i++) {
        if (units[i]->row->connection == MPS_NONE || figures[i]->delay.count == 0)
            continue;
        gpointer key = key_of(units[i]);
        guint best = GPOINTER_TO_UINT(g_hash_table_lookup(known, key)); /* and 1 */
        if (best == 0 || figures[i]->delay.min < figures[best - 1]->delay.min)
            g_hash_table_insert(known, key, GUINT_TO_POINTER(i + 1));
    }
    for (guint i = 0; i < count; i++) {
        guint best = GPOINTER_TO_UINT(g_hash_table_lookup(known, key_of(units[i])));
        fastest[i] = best > 0 ? best - 1 : i;
    }
    g_hash_table_destroy(known);
}
