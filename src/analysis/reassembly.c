/* reassembly.c: bytes of one sequence space in the order of their arrival.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reassembly.h"
#include "base/sorted.h"
#include <mptcpscope/tracker.h>

/* No window is larger (RFC 7323 section 2.2): an acknowledgement that lies further above whatever
 * was seen is no true one. */
#define MPS_REASSEMBLY_REACH (UINT64_C(1) << 30)

typedef struct {
    uint64_t start, end;
    guint index; /* of the arrival */
} mps_held;

/* What a call of mps_reassembly_arrive() or mps_reassembly_skip() needs. */
typedef struct {
    mps_reassembly *line;
    const mps_arrival *what;
    mps_reassembly_visitor visit;
    void *data;
} mps_reassembly_pass;

static gint compare_starts(gconstpointer a, gconstpointer b, gpointer unused)
{
    const mps_held *x = a, *y = b;
    (void)unused;
    return (x->start > y->start) - (x->start < y->start);
}

void mps_reassembly_begin(mps_reassembly *line, uint64_t first)
{
    if (line->begun)
        return;
    line->begun = true;
    line->point = line->top = first;
    line->arrivals = g_array_new(FALSE, FALSE, sizeof(mps_arrival));
}

void mps_reassembly_end(mps_reassembly *line)
{
    mps_runs_clear(&line->seen);
    if (line->held)
        g_tree_destroy(line->held);
    if (line->records)
        g_array_free(line->records, TRUE);
    if (line->arrivals)
        g_array_free(line->arrivals, TRUE);
}

static bool is_not_above(const void *element, const void *key)
{
    return ((const mps_held *)element)->start <= *(const uint64_t *)key;
}

/* How many arrivals ago the first one came that lies higher (RFC 4737 section 4.2). It is among
 * the records, for whatever was not one came behind one that lies higher still. */
static uint32_t extent_of(const mps_reassembly *line, uint64_t start)
{
    guint place = mps_sorted_place(line->records, is_not_above, &start);
    if (!line->records || place == line->records->len)
        return 0;
    return line->arrivals->len - g_array_index(line->records, mps_held, place).index;
}

static void hold(mps_reassembly *line, mps_arrival *arrival, mps_held held)
{
    if (!line->held) {
        line->held = g_tree_new_full(compare_starts, NULL, NULL, g_free);
        line->records = g_array_new(FALSE, FALSE, sizeof(mps_held));
    }
    line->occupancy += arrival->length;
    arrival->occupancy = line->occupancy;
    arrival->hold = MPS_STILL_HELD;
    mps_held *copy = g_memdup2(&held, sizeof held);
    g_tree_insert(line->held, copy, copy);
    guint count = line->records->len;
    if (count == 0 || g_array_index(line->records, mps_held, count - 1).start < held.start)
        g_array_append_val(line->records, held);
}

/* Let go of what the in-order point has come to. */
static void settle(const mps_reassembly_pass *step, int64_t now, uint32_t filler)
{
    mps_reassembly *line = step->line;
    GTreeNode *node;
    while (line->held && (node = g_tree_node_first(line->held))) {
        const mps_held held = *(const mps_held *)g_tree_node_value(node);
        if (held.start > line->point)
            return;
        g_tree_remove(line->held, &held);
        mps_arrival *arrival = &g_array_index(line->arrivals, mps_arrival, held.index);
        arrival->hold = now - arrival->time;
        arrival->filler = filler;
        line->occupancy -= arrival->length;
        line->point = MAX(line->point, held.end);
        if (step->visit)
            step->visit(arrival, step->data);
    }
    if (line->records)
        g_array_set_size(line->records, 0);
}

static void take_new(uint64_t start, uint64_t end, void *data)
{
    const mps_reassembly_pass *step = data;
    mps_reassembly *line = step->line;
    mps_arrival arrival = *step->what;
    guint index = line->arrivals->len;
    arrival.start = start;
    arrival.length = (uint32_t)(end - start);
    arrival.filler = MPS_NONE;
    arrival.extent = extent_of(line, start);
    line->top = MAX(line->top, end);
    if (start > line->point)
        hold(line, &arrival, (mps_held){start, end, index});
    g_array_append_val(line->arrivals, arrival);
    if (start > line->point)
        return;
    line->point = MAX(line->point, end);
    if (step->visit)
        step->visit(&g_array_index(line->arrivals, mps_arrival, index), step->data);
    settle(step, arrival.time, arrival.subflow);
}

guint mps_reassembly_arrive(mps_reassembly *line, uint64_t start, uint64_t end,
                            const mps_arrival *what, mps_reassembly_visitor visit, void *data)
{
    mps_reassembly_pass step = {line, what, visit, data};
    mps_reassembly_begin(line, start);
    guint before = line->arrivals->len;
    mps_runs_add(&line->seen, start, end, 0, take_new, &step);
    return line->arrivals->len - before;
}

void mps_reassembly_skip(mps_reassembly *line, uint64_t point, int64_t now,
                         mps_reassembly_visitor visit, void *data)
{
    mps_reassembly_pass step = {line, NULL, visit, data};
    if (!line->begun || point <= line->point || point > line->top + MPS_REASSEMBLY_REACH)
        return;
    line->point = point;
    settle(&step, now, MPS_NONE);
}
