/* delay_intervals.c: makes the table of delays in intervals of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "delay_intervals.h"
#include <stdlib.h>

static const mps_column columns[] = {
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "start_relative", MPS_VALUE_SECONDS, "Start", "s", 3},
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    MPS_COLUMN_COUNT("sent", "Sent"),
    MPS_COLUMN_COUNT("matched", "Matched"),
    MPS_COLUMN_COUNT("lost", "Lost"),
    MPS_COLUMN_COUNT("unknown", "Unknown"),
    MPS_COLUMN_COUNT("reordered", "Reord."),
    MPS_OWD_DELAY_COLUMNS,
    MPS_OWD_LOSS_COLUMNS,
    MPS_OWD_PDV_COLUMNS,
    MPS_OWD_RELATIVE_COLUMNS,
};

/* The segments of one aggregate in one interval. */
typedef struct {
    uint64_t interval;
    guint aggregate;
    guint first, count; /* outcomes, in the order of intervals */
} mps_cell;

/* The interval of one of an aggregate's outcomes. Sorted, they are in the order of intervals, and
 * in the order of sending within each. */
typedef struct {
    uint64_t interval;
    guint outcome;
} mps_interval_place;

typedef struct {
    const mps_comparison *comparison;
    const GArray *aggregates;
    bool by_subflow;
    int64_t origin;
    uint64_t length;
    GPtrArray *outcomes; /* GArray of mps_outcome, of each aggregate, in the order of intervals */
    GArray *cells;       /* mps_cell */
    guint filled;        /* cells without a segment */
} mps_interval_cells;

static int compare_places(const void *a, const void *b)
{
    const mps_interval_place *x = a, *y = b;
    if (x->interval != y->interval)
        return x->interval < y->interval ? -1 : 1;
    return (x->outcome > y->outcome) - (x->outcome < y->outcome);
}

static int compare_cells(const void *a, const void *b)
{
    const mps_cell *x = a, *y = b;
    if (x->interval != y->interval)
        return x->interval < y->interval ? -1 : 1;
    return (x->aggregate > y->aggregate) - (x->aggregate < y->aggregate);
}

/* @return the time of the earliest segment of all. @param any  set to whether there is one */
static int64_t earliest(const GArray *aggregates, bool *any)
{
    int64_t first = INT64_MAX;
    *any = false;
    for (guint i = 0; i < aggregates->len; i++) {
        const GArray *outcomes = g_array_index(aggregates, mps_aggregate, i).outcomes;
        for (guint k = 0; k < outcomes->len; k++) {
            const mps_outcome *outcome = &g_array_index(outcomes, mps_outcome, k);
            if (!outcome->has_time)
                continue;
            first = MIN(first, outcome->time);
            *any = true;
        }
    }
    return first;
}

/* @return the intervals of the outcomes that have a time, in order; the caller frees the array */
static GArray *places_of(const mps_interval_cells *all, const GArray *outcomes)
{
    GArray *places = g_array_sized_new(FALSE, FALSE, sizeof(mps_interval_place), outcomes->len);
    bool ordered = true;
    for (guint i = 0; i < outcomes->len; i++) {
        const mps_outcome *outcome = &g_array_index(outcomes, mps_outcome, i);
        if (!outcome->has_time)
            continue;
        mps_interval_place place = {((uint64_t)outcome->time - (uint64_t)all->origin) / all->length,
                                    i};
        guint count = places->len;
        ordered = ordered &&
                  (count == 0 ||
                   g_array_index(places, mps_interval_place, count - 1).interval <= place.interval);
        g_array_append_val(places, place);
    }
    if (!ordered)
        g_array_sort(places, compare_places);
    return places;
}

/* Add cells for intervals without a segment between two intervals with some. */
static void fill(mps_interval_cells *all, guint aggregate, uint64_t from, uint64_t to)
{
    if (to - from > MPS_INTERVAL_GAP_MAX || all->filled + (to - from) > MPS_INTERVAL_FILLED_MAX)
        return;
    all->filled += (guint)(to - from);
    for (; from < to; from++) {
        mps_cell cell = {from, aggregate, 0, 0};
        g_array_append_val(all->cells, cell);
    }
}

static void add_aggregate(mps_interval_cells *all, guint number)
{
    const GArray *outcomes = g_array_index(all->aggregates, mps_aggregate, number).outcomes;
    GArray *places = places_of(all, outcomes);
    GArray *ordered = g_array_sized_new(FALSE, FALSE, sizeof(mps_outcome), places->len);
    mps_cell cell = {0};
    for (guint i = 0; i < places->len; i++) {
        const mps_interval_place *place = &g_array_index(places, mps_interval_place, i);
        if (i == 0 || place->interval != cell.interval) {
            if (i > 0) {
                g_array_append_val(all->cells, cell);
                fill(all, number, cell.interval + 1, place->interval);
            }
            cell = (mps_cell){place->interval, number, i, 0};
        }
        g_array_append_val(ordered, g_array_index(outcomes, mps_outcome, place->outcome));
        cell.count++;
    }
    if (places->len > 0)
        g_array_append_val(all->cells, cell);
    g_array_free(places, TRUE);
    g_ptr_array_add(all->outcomes, ordered);
}

static void add_counts(mps_table *table, const mps_figures *figures)
{
    mps_table_add(table, MPS_UINT(figures->sent));
    mps_table_add(table, MPS_UINT(figures->matched));
    mps_table_add(table, MPS_UINT(figures->lost));
    mps_table_add(table,
                  MPS_UINT(figures->unavailable + figures->ambiguous + figures->undetermined));
    mps_table_add(table, MPS_UINT(figures->reordered));
}

static void add_row(const mps_interval_cells *all, const mps_cell *cell, const mps_figures *figures,
                    const mps_figures *fastest, mps_table *table)
{
    const mps_aggregate *aggregate =
        &g_array_index(all->aggregates, mps_aggregate, cell->aggregate);
    uint64_t since = cell->interval * all->length;
    mps_table_add(table, MPS_TIME((int64_t)((uint64_t)all->origin + since)));
    mps_table_add(table, MPS_SECONDS((int64_t)since));
    mps_table_add_number(table, aggregate->row->connection);
    mps_table_add_number(table, all->by_subflow ? aggregate->row->subflow : MPS_NONE);
    mps_table_add_direction(table, aggregate->row->direction);
    add_counts(table, figures);
    mps_owd_add_delay(table, figures);
    mps_owd_add_loss(table, figures->matched, figures->lost, figures->undetermined);
    mps_owd_add_pdv(table, figures);
    mps_owd_add_relative(table, all->comparison, aggregate, figures,
                         all->by_subflow ? fastest : NULL);
}

/* Add the rows of one interval, which has `count` cells. */
static void add_interval(const mps_interval_cells *all, const mps_cell *cells, guint count,
                         mps_table *table)
{
    const mps_aggregate **aggregates = g_new(const mps_aggregate *, count);
    const mps_figures **figures = g_new(const mps_figures *, count);
    mps_figures *own = g_new(mps_figures, count);
    guint *fastest = g_new(guint, count);
    for (guint i = 0; i < count; i++) {
        const GArray *outcomes = all->outcomes->pdata[cells[i].aggregate];
        aggregates[i] = &g_array_index(all->aggregates, mps_aggregate, cells[i].aggregate);
        figures[i] = &own[i];
        mps_figures_of(all->comparison, aggregates[i]->row->a_sends,
                       (const mps_outcome *)outcomes->data + cells[i].first, cells[i].count,
                       &own[i]);
    }
    mps_aggregates_fastest(aggregates, figures, count, fastest);
    for (guint i = 0; i < count; i++)
        add_row(all, &cells[i], figures[i], figures[fastest[i]], table);
    g_free(aggregates);
    g_free(figures);
    g_free(own);
    g_free(fastest);
}

static void add_rows(const mps_interval_cells *all, mps_table *table)
{
    const mps_cell *cells = (const mps_cell *)all->cells->data;
    guint end;
    for (guint first = 0; first < all->cells->len; first = end) {
        for (end = first; end < all->cells->len && cells[end].interval == cells[first].interval;)
            end++;
        add_interval(all, cells + first, end - first, table);
    }
}

static void free_outcomes(gpointer outcomes)
{
    g_array_free(outcomes, TRUE);
}

mps_table *mps_owd_interval_table(const mps_comparison *comparison, const GArray *aggregates,
                                  bool by_subflow, int64_t interval)
{
    mps_table *table = mps_table_new(columns, G_N_ELEMENTS(columns));
    bool any;
    mps_interval_cells all = {
        comparison,         aggregates, by_subflow, earliest(aggregates, &any),
        (uint64_t)interval, NULL,       NULL,       0};
    all.outcomes = g_ptr_array_new_with_free_func(free_outcomes);
    all.cells = g_array_new(FALSE, FALSE, sizeof(mps_cell));
    for (guint i = 0; any && i < aggregates->len; i++)
        add_aggregate(&all, i);
    if (all.cells->len > 0)
        g_array_sort(all.cells, compare_cells);
    add_rows(&all, table);
    mps_table_complete(table);
    g_ptr_array_free(all.outcomes, TRUE);
    g_array_free(all.cells, TRUE);
    return table;
}
