/* runs.c: disjoint ranges in a balanced tree; the highest one is kept outside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runs.h"

static gint compare_starts(gconstpointer a, gconstpointer b, gpointer unused)
{
    const mps_run *x = a, *y = b;
    (void)unused;
    return (x->start > y->start) - (x->start < y->start);
}

void mps_runs_clear(mps_runs *runs)
{
    if (runs->below)
        g_tree_destroy(runs->below);
    *runs = (mps_runs){0};
}

static void insert_below(mps_runs *runs, const mps_run *run)
{
    if (!runs->below)
        runs->below = g_tree_new_full(compare_starts, NULL, NULL, g_free);
    mps_run *copy = g_memdup2(run, sizeof *run);
    g_tree_insert(runs->below, copy, copy);
}

/* @return the run below the top with the lowest start above `at`; NULL: none */
static GTreeNode *node_above(const mps_runs *runs, uint64_t at)
{
    const mps_run key = {.start = at};
    return runs->below ? g_tree_upper_bound(runs->below, &key) : NULL;
}

/* @return the run below the top with the highest start at or below `at`; NULL: none */
static mps_run *run_at_or_below(const mps_runs *runs, uint64_t at)
{
    if (!runs->below)
        return NULL;
    GTreeNode *above = node_above(runs, at);
    GTreeNode *node = above ? g_tree_node_previous(above) : g_tree_node_last(runs->below);
    return node ? g_tree_node_value(node) : NULL;
}

bool mps_runs_find(const mps_runs *runs, uint64_t at, mps_run *run)
{
    if (mps_runs_empty(runs) || at >= runs->top.end)
        return false;
    *run = runs->top;
    if (at >= runs->top.start || !runs->below)
        return true;
    const mps_run *below = run_at_or_below(runs, at);
    if (below && below->end > at) {
        *run = *below;
    } else {
        GTreeNode *above = node_above(runs, at);
        if (above)
            *run = *(const mps_run *)g_tree_node_value(above);
    }
    return true;
}

/* Remove the run that starts at `start` from the tree. */
static void remove_below(mps_runs *runs, uint64_t start)
{
    const mps_run key = {.start = start};
    g_tree_remove(runs->below, &key);
}

/* Insert a run that overlaps no other one, and join it with neighbours of the same offset. */
static void insert(mps_runs *runs, mps_run run)
{
    if (mps_runs_empty(runs)) {
        runs->top = run;
        return;
    }
    if (run.start == runs->top.end && run.offset == runs->top.offset) {
        runs->top.end = run.end;
        return;
    }
    if (run.start >= runs->top.end) {
        insert_below(runs, &runs->top);
        runs->top = run;
        return;
    }
    mps_run *left = run_at_or_below(runs, run.start);
    if (left && left->end == run.start && left->offset == run.offset) {
        run.start = left->start;
        remove_below(runs, run.start);
    }
    if (run.end == runs->top.start && run.offset == runs->top.offset) {
        runs->top.start = run.start;
        return;
    }
    GTreeNode *node = node_above(runs, run.start);
    const mps_run *right = node ? g_tree_node_value(node) : NULL;
    if (right && right->start == run.end && right->offset == run.offset) {
        run.end = right->end;
        remove_below(runs, right->start);
    }
    insert_below(runs, &run);
}

uint64_t mps_runs_add(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                      mps_run_visitor visit, void *data)
{
    uint64_t added = 0;
    while (start < end) {
        mps_run next;
        bool found = mps_runs_find(runs, start, &next);
        if (found && next.start <= start) {
            start = next.end;
            continue;
        }
        uint64_t stop = found && next.start < end ? next.start : end;
        insert(runs, (mps_run){start, stop, offset});
        if (visit)
            visit(start, stop, data);
        added += stop - start;
        start = stop;
    }
    return added;
}

void mps_runs_trim(mps_runs *runs, uint64_t limit)
{
    GTreeNode *node;
    while (runs->below && (node = g_tree_node_first(runs->below))) {
        const mps_run *lowest = g_tree_node_value(node);
        if (lowest->end > limit)
            break;
        remove_below(runs, lowest->start);
    }
    if (!mps_runs_empty(runs) && runs->top.end <= limit)
        mps_runs_clear(runs);
}

unsigned mps_runs_count(const mps_runs *runs)
{
    unsigned below = runs->below ? (unsigned)g_tree_nnodes(runs->below) : 0;
    return below + !mps_runs_empty(runs);
}
