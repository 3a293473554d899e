/* first_seen.c: when each data byte was captured, and captured first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "first_seen.h"

static void take(void *state, const mps_view *view)
{
    if (view->piece_count == 0)
        return;
    GArray *all = mps_analysis_array_slot(state, view->space_id, sizeof(mps_seen_data));
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        mps_seen_data seen = {piece->dsn, view->segment->time, piece->length};
        g_array_append_val(all, seen);
    }
}

const mps_analysis_kind mps_first_seen_analysis = {
    .need = MPS_NEED_FIRST_SEEN,
    .begin = mps_analysis_begin_arrays,
    .segment = take,
    .end = mps_analysis_end_arrays,
};

const GArray *mps_seen_data_of(const mps_tracker *tracker, uint32_t space_id)
{
    return mps_analysis_array(tracker, &mps_first_seen_analysis, space_id);
}

static int compare_starts(const void *a, const void *b)
{
    const mps_seen_data *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

/* A copy in the order of numbers. */
static GArray *in_order(const GArray *all)
{
    GArray *sorted = g_array_sized_new(FALSE, FALSE, sizeof(mps_seen_data), all->len);
    g_array_append_vals(sorted, all->data, all->len);
    bool ordered = true;
    for (guint i = 1; ordered && i < all->len; i++)
        ordered = g_array_index(all, mps_seen_data, i - 1).start <=
                  g_array_index(all, mps_seen_data, i).start;
    if (!ordered)
        g_array_sort(sorted, compare_starts);
    return sorted;
}

static uint64_t end_of(const mps_seen_data *seen)
{
    return seen->start + seen->length;
}

/* The earliest first; those at the same time in a fixed order. */
static gint compare_times(gconstpointer a, gconstpointer b)
{
    const mps_seen_data *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x > y) - (x < y);
}

/* The earliest of the open items that hold a number, or NULL. Removes items that end below it. */
static const mps_seen_data *earliest(GTree *open, uint64_t number)
{
    GTreeNode *node;
    while ((node = g_tree_node_first(open))) {
        const mps_seen_data *first = g_tree_node_key(node);
        if (end_of(first) > number)
            return first;
        g_tree_remove(open, first);
    }
    return NULL;
}

/* Add [start, end), which item `by` was the first to hold. @param before  the same of the bytes
 * right below */
static void add_first(GArray *firsts, uint64_t start, uint64_t end, const mps_seen_data *by,
                      const mps_seen_data *before)
{
    if (by == before) {
        g_array_index(firsts, mps_seen_data, firsts->len - 1).length += (uint32_t)(end - start);
        return;
    }
    mps_seen_data first = {start, by->time, (uint32_t)(end - start)};
    g_array_append_val(firsts, first);
}

/* Go up through the numbers, from one start or end of an item to the next. The items that hold the
 * number are kept open, the earliest first. */
static GArray *sweep(const GArray *sorted)
{
    GArray *firsts = g_array_sized_new(FALSE, FALSE, sizeof(mps_seen_data), sorted->len);
    GTree *open = g_tree_new(compare_times);
    const mps_seen_data *all = (const mps_seen_data *)sorted->data, *before = NULL, *by;
    uint64_t number = 0;
    for (guint next = 0;;) {
        by = earliest(open, number);
        if (!by && next == sorted->len)
            break;
        if (!by)
            number = all[next].start;
        while (next < sorted->len && all[next].start <= number) {
            g_tree_insert(open, (gpointer)&all[next], NULL);
            next++;
        }
        by = earliest(open, number);
        if (!by) /* it has length 0 */
            continue;
        uint64_t to = end_of(by);
        if (next < sorted->len)
            to = MIN(to, all[next].start);
        add_first(firsts, number, to, by, before);
        before = by;
        number = to;
    }
    g_tree_destroy(open);
    return firsts;
}

GArray *mps_first_seen_of(const GArray *all)
{
    GArray *sorted = in_order(all);
    GArray *firsts = sweep(sorted);
    g_array_free(sorted, TRUE);
    return firsts;
}
