/* flight.c: what was sent and is not acknowledged yet, and when each byte of it was sent.
 *
 * Outstanding ranges are kept in a balanced tree, except the highest one. Thus segments that are
 * sent in order and acknowledged one by one need no tree.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flight.h"

static gint compare_starts(gconstpointer a, gconstpointer b, gpointer unused)
{
    const mps_outstanding *x = a, *y = b;
    (void)unused;
    return (x->start > y->start) - (x->start < y->start);
}

void mps_flight_clear(mps_flight *flight)
{
    if (flight->below)
        g_tree_destroy(flight->below);
    *flight = (mps_flight){0};
}

static void insert_below(mps_flight *flight, const mps_outstanding *range)
{
    if (range->start >= range->end)
        return;
    if (!flight->below)
        flight->below = g_tree_new_full(compare_starts, NULL, NULL, g_free);
    mps_outstanding *copy = g_memdup2(range, sizeof *copy);
    g_tree_insert(flight->below, copy, copy);
}

/* The first range of the tree that ends above `at`, or NULL. */
static mps_outstanding *find(const mps_flight *flight, uint64_t at)
{
    if (!flight->below)
        return NULL;
    const mps_outstanding key = {.start = at};
    GTreeNode *above = g_tree_upper_bound(flight->below, &key);
    GTreeNode *node = above ? g_tree_node_previous(above) : g_tree_node_last(flight->below);
    mps_outstanding *range = node ? g_tree_node_value(node) : NULL;
    if (range && range->end > at)
        return range;
    return above ? g_tree_node_value(above) : NULL;
}

/* Note in a range that is sent now an earlier range with some of its bytes. `old` lies within
 * `now`. */
static void supersede(mps_outstanding *now, const mps_outstanding *old)
{
    bool whole = old->start == now->start && old->end == now->end;
    if (now->times == 1 || old->last.order >= now->before.order)
        now->before = old->last;
    now->times = now->times == 1 && old->times == 1 && whole ? 2 : MPS_MANY_TIMES;
}

/* Remove from the tree what lies within [now->start, now->end): it is part of `now` from
 * here on. */
static void replace_below(mps_flight *flight, mps_outstanding *now)
{
    const uint64_t start = now->start, end = now->end;
    mps_outstanding *found;
    while ((found = find(flight, start)) && found->start < end) {
        mps_outstanding old = *found, left = old, right = old;
        g_tree_remove(flight->below, found);
        left.end = MIN(old.end, start);
        right.start = MAX(old.start, end);
        old.start = MAX(old.start, start);
        old.end = MIN(old.end, end);
        supersede(now, &old);
        insert_below(flight, &left);
        insert_below(flight, &right);
    }
}

void mps_flight_send(mps_flight *flight, uint64_t start, uint64_t end, bool again,
                     const mps_flight_sending *sending)
{
    if (start >= end)
        return;
    mps_outstanding now = {start, end, again ? MPS_MANY_TIMES : 1, *sending, {0}};
    if (flight->top.start < flight->top.end && end > flight->top.start) {
        insert_below(flight, &flight->top);
        flight->top = (mps_outstanding){0};
    }
    if (flight->below)
        replace_below(flight, &now);
    GTreeNode *last = flight->below ? g_tree_node_last(flight->below) : NULL;
    const mps_outstanding *highest = last ? g_tree_node_value(last) : NULL;
    bool is_top = flight->top.start == flight->top.end && (!highest || highest->start < start);
    if (is_top)
        flight->top = now;
    else
        insert_below(flight, &now);
}

bool mps_flight_bounds(const mps_flight *flight, uint64_t *start, uint64_t *end)
{
    bool any = flight->top.start < flight->top.end;
    *start = flight->top.start;
    *end = flight->top.end;
    GTreeNode *first = flight->below ? g_tree_node_first(flight->below) : NULL;
    if (first) {
        const mps_outstanding *lowest = g_tree_node_value(first);
        const mps_outstanding *highest = g_tree_node_value(g_tree_node_last(flight->below));
        *start = lowest->start;
        *end = any ? MAX(*end, highest->end) : highest->end;
    }
    return any || first;
}

static void visit_covered(const mps_outstanding *range, uint64_t ack, mps_flight_visitor visit,
                          void *data)
{
    mps_outstanding covered = *range;
    covered.end = MIN(range->end, ack);
    if (visit)
        visit(&covered, range->end <= ack, data);
}

void mps_flight_acknowledge(mps_flight *flight, uint64_t ack, mps_flight_visitor visit, void *data)
{
    GTreeNode *node;
    while (flight->below && (node = g_tree_node_first(flight->below))) {
        mps_outstanding *range = g_tree_node_value(node);
        if (range->start >= ack)
            return;
        visit_covered(range, ack, visit, data);
        if (range->end > ack) {
            range->start = ack; /* the tree stays in order: all ranges below are gone */
            return;
        }
        g_tree_remove(flight->below, range);
    }
    if (flight->top.start < flight->top.end && flight->top.start < ack) {
        visit_covered(&flight->top, ack, visit, data);
        flight->top.start = MIN(flight->top.end, ack);
    }
}
