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
    if (runs->cover)
        mps_runs_clear(runs->cover);
    g_free(runs->cover);
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

static gboolean cover_run(gpointer key, gpointer run, gpointer cover)
{
    const mps_run *one = run;
    (void)key;
    insert(cover, (mps_run){one->start, one->end, 0});
    return FALSE;
}

/* From here on, keep what is covered without offsets, too. */
static void make_cover(mps_runs *runs)
{
    runs->cover = g_new0(mps_runs, 1);
    if (runs->below)
        g_tree_foreach(runs->below, cover_run, runs->cover);
    cover_run(NULL, &runs->top, runs->cover);
}

/* A range that meets more runs without a gap than this needs the cover. */
#define NEIGHBOURS_MAX 8u

uint64_t mps_runs_add(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                      mps_run_visitor visit, void *data)
{
    uint64_t added = 0;
    unsigned neighbours = 0;
    while (start < end) {
        mps_run next;
        bool found = mps_runs_find(runs->cover ? runs->cover : runs, start, &next);
        if (found && next.start <= start) {
            start = next.end;
            if (++neighbours > NEIGHBOURS_MAX && !runs->cover)
                make_cover(runs);
            continue;
        }
        neighbours = 0;
        uint64_t stop = found && next.start < end ? next.start : end;
        insert(runs, (mps_run){start, stop, offset});
        if (runs->cover)
            insert(runs->cover, (mps_run){start, stop, 0});
        if (visit)
            visit(start, stop, data);
        added += stop - start;
        start = stop;
    }
    return added;
}

/* @return the lowest run; NULL: there is none */
static mps_run *lowest_run(mps_runs *runs)
{
    GTreeNode *node = runs->below ? g_tree_node_first(runs->below) : NULL;
    if (node)
        return g_tree_node_value(node);
    return mps_runs_empty(runs) ? NULL : &runs->top;
}

/* Uncover what is not covered any more. */
static void trim_cover(mps_runs *runs)
{
    const mps_run *lowest = lowest_run(runs);
    if (!lowest)
        return;
    const uint64_t start = lowest->start;
    mps_runs_trim(runs->cover, start);
    mps_run *first = lowest_run(runs->cover);
    if (first) /* the order of the tree stays */
        first->start = MAX(first->start, start);
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
        mps_runs_clear(runs); /* its cover, too */
    else if (runs->cover)
        trim_cover(runs);
}

unsigned mps_runs_count(const mps_runs *runs)
{
    unsigned below = runs->below ? (unsigned)g_tree_nnodes(runs->below) : 0;
    return below + !mps_runs_empty(runs);
}
