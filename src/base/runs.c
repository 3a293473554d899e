/* runs.c: disjoint ranges in a balanced tree; the highest one is kept outside it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runs.h"

struct mps_lower_runs {
    GTree *tree; /* by start */
    /* The gap that was filled last, from its start: more of it will be filled, as a rule. */
    mps_run *before_gap; /* the run where it begins, in the tree; NULL: there is no such gap */
    uint64_t gap_end;    /* where the next run begins */
};

static gint compare_starts(gconstpointer a, gconstpointer b, gpointer unused)
{
    const mps_run *x = a, *y = b;
    (void)unused;
    return (x->start > y->start) - (x->start < y->start);
}

void mps_runs_clear(mps_runs *runs)
{
    mps_run_set *set = runs->all;
    if (!set)
        return;
    if (set->below)
        g_tree_destroy(set->below->tree);
    g_free(set->below);
    mps_runs_clear(&set->cover);
    g_free(set);
    runs->all = NULL;
}

static void insert_below(mps_run_set *set, const mps_run *run)
{
    if (!set->below) {
        set->below = g_new0(mps_lower_runs, 1);
        set->below->tree = g_tree_new_full(compare_starts, NULL, NULL, g_free);
    }
    mps_run *copy = g_memdup2(run, sizeof *run);
    g_tree_insert(set->below->tree, copy, copy);
}

/* Find the runs below the top to both sides of `at`.
 * @param left   set to that with the highest start at or below `at`; NULL: none
 * @param right  set to that with the lowest start above `at`; NULL: none */
static void find_sides(const mps_run_set *set, uint64_t at, mps_run **left, mps_run **right)
{
    const mps_run key = {.start = at};
    *left = *right = NULL;
    if (!set->below)
        return;
    GTreeNode *above = g_tree_upper_bound(set->below->tree, &key);
    GTreeNode *node = above ? g_tree_node_previous(above) : g_tree_node_last(set->below->tree);
    *left = node ? g_tree_node_value(node) : NULL;
    *right = above ? g_tree_node_value(above) : NULL;
}

void mps_runs_find_below(const mps_run_set *set, uint64_t at, mps_run *run)
{
    mps_run *left, *right;
    find_sides(set, at, &left, &right);
    if (left && left->end > at)
        *run = *left;
    else
        *run = right ? *right : set->top;
}

/* Remove the run that starts at `start` from the tree. */
static void remove_below(mps_run_set *set, uint64_t start)
{
    const mps_run key = {.start = start};
    set->below->before_gap = NULL; /* it may be this run */
    g_tree_remove(set->below->tree, &key);
}

/* The gap that ends where `right` starts, or the top, was filled on from its start. */
static void note_gap(mps_run_set *set, mps_run *left, const mps_run *right)
{
    set->below->before_gap = left;
    set->below->gap_end = right ? right->start : set->top.start;
}

static void forget_gap(mps_run_set *set)
{
    if (set->below)
        set->below->before_gap = NULL;
}

/* Insert a run below the top, and join it with neighbours of the same offset. The order of the tree
 * stays where a neighbour grows. */
static void insert_between(mps_run_set *set, const mps_run *run)
{
    mps_run *left, *right;
    find_sides(set, run->start, &left, &right);
    const bool joins_left = left && left->end == run->start && left->offset == run->offset;
    const bool joins_right = right && right->start == run->end && right->offset == run->offset;
    forget_gap(set);
    if (run->end == set->top.start && run->offset == set->top.offset) {
        set->top.start = joins_left ? left->start : run->start;
        if (joins_left)
            remove_below(set, left->start);
    } else if (joins_left && joins_right) {
        left->end = right->end;
        remove_below(set, right->start);
    } else if (joins_left) {
        left->end = run->end;
        note_gap(set, left, right);
    } else if (joins_right) {
        right->start = run->start;
    } else {
        insert_below(set, run);
    }
}

/* Insert a run above all others, and join it with the highest one if that has the same offset. */
static void append(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset)
{
    mps_run_set *set = runs->all;
    if (set && start == set->top.end && offset == set->top.offset) {
        set->top.end = end;
        return;
    }
    if (set)
        insert_below(set, &set->top);
    else
        set = runs->all = g_new0(mps_run_set, 1);
    set->top = (mps_run){start, end, offset};
}

/* Cover [start, end) if it is the start of the gap that was filled last, and leaves some of it.
 * @return whether it is */
static bool fill_gap(mps_run_set *set, uint64_t start, uint64_t end, uint64_t offset)
{
    mps_run *before = set->below ? set->below->before_gap : NULL;
    if (!before || before->end != start || before->offset != offset || end >= set->below->gap_end)
        return false;
    before->end = end;
    return true;
}

/* Is a number above all runs? */
static bool is_above(const mps_runs *runs, uint64_t at)
{
    return !runs->all || at >= runs->all->top.end;
}

/* Insert a run that overlaps no other one, and join it with neighbours of the same offset. */
static void insert(mps_runs *runs, const mps_run *run)
{
    if (is_above(runs, run->start))
        append(runs, run->start, run->end, run->offset);
    else
        insert_between(runs->all, run);
}

static gboolean cover_run(gpointer key, gpointer run, gpointer cover)
{
    const mps_run *one = run;
    (void)key;
    insert(cover, &(mps_run){one->start, one->end, 0});
    return FALSE;
}

/* From here on, keep what is covered without offsets, too. */
static void make_cover(mps_run_set *set)
{
    if (set->below)
        g_tree_foreach(set->below->tree, cover_run, &set->cover);
    cover_run(NULL, &set->top, &set->cover);
}

/* A range that meets more runs without a gap than this needs the cover. */
#define NEIGHBOURS_MAX 8u

/* Cover [start, end), of which a part may be covered. */
static uint64_t add_parts(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                          mps_run_visitor visit, void *data)
{
    uint64_t added = 0;
    unsigned neighbours = 0;
    while (start < end) {
        mps_run next;
        const bool has_cover = runs->all->cover.all;
        bool found = mps_runs_find(has_cover ? &runs->all->cover : runs, start, &next);
        if (found && next.start <= start) {
            start = next.end;
            if (++neighbours > NEIGHBOURS_MAX && !has_cover)
                make_cover(runs->all);
            continue;
        }
        neighbours = 0;
        uint64_t stop = found && next.start < end ? next.start : end;
        insert(runs, &(mps_run){start, stop, offset});
        if (has_cover)
            insert(&runs->all->cover, &(mps_run){start, stop, 0});
        if (visit)
            visit(start, stop, data);
        added += stop - start;
        start = stop;
    }
    return added;
}

uint64_t mps_runs_add_anywhere(mps_runs *runs, uint64_t start, uint64_t end, uint64_t offset,
                               mps_run_visitor visit, void *data)
{
    if (start >= end)
        return 0;
    if (is_above(runs, start))
        append(runs, start, end, offset);
    else if (!fill_gap(runs->all, start, end, offset))
        return add_parts(runs, start, end, offset, visit, data);
    if (!mps_runs_empty(&runs->all->cover))
        insert(&runs->all->cover, &(mps_run){start, end, 0});
    if (visit)
        visit(start, end, data);
    return end - start;
}

/* @return the lowest run */
static mps_run *lowest_run(mps_run_set *set)
{
    GTreeNode *node = set->below ? g_tree_node_first(set->below->tree) : NULL;
    return node ? g_tree_node_value(node) : &set->top;
}

/* Uncover what is not covered any more. */
static void trim_cover(mps_run_set *set)
{
    const uint64_t start = lowest_run(set)->start;
    mps_runs_trim(&set->cover, start);
    if (mps_runs_empty(&set->cover))
        return;
    mps_run *first = lowest_run(set->cover.all); /* the order of the tree stays */
    first->start = MAX(first->start, start);
}

void mps_runs_trim(mps_runs *runs, uint64_t limit)
{
    mps_run_set *set = runs->all;
    GTreeNode *node;
    while (set && set->below && (node = g_tree_node_first(set->below->tree))) {
        const mps_run *lowest = g_tree_node_value(node);
        if (lowest->end > limit)
            break;
        remove_below(set, lowest->start);
    }
    if (set && set->top.end <= limit)
        mps_runs_clear(runs); /* its cover, too */
    else if (set && !mps_runs_empty(&set->cover))
        trim_cover(set);
}

unsigned mps_runs_count(const mps_runs *runs)
{
    const mps_run_set *set = runs->all;
    return set ? (set->below ? (unsigned)g_tree_nnodes(set->below->tree) : 0) + 1 : 0;
}
