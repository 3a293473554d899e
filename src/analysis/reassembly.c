/* reassembly.c: the reassembly queue of one sequence space: what arrived above a gap, and how long
 * it waited there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reassembly.h"
#include "base/sorted.h"
#include "base/times.h"
#include "tracker/tracker_state.h"

/* One call of mps_reassembly_arrive() or mps_reassembly_skip(). */
typedef struct {
    mps_reassembly *queue;
    const mps_arrival *what; /* NULL: nothing arrives */
    mps_reassembly_visitor visit;
    void *data;
} mps_reassembly_pass;

void mps_reassembly_begin(mps_reassembly *queue, uint64_t first)
{
    if (queue->begun)
        return;
    queue->begun = true;
    queue->point = queue->top = first;
    queue->arrivals = g_array_new(FALSE, FALSE, sizeof(mps_arrival));
}

/* @return how many arrivals there were, those that are gone included */
static guint count_arrivals(const mps_reassembly *queue)
{
    return queue->gone + (queue->arrivals ? queue->arrivals->len : 0);
}

void mps_reassembly_leapt(mps_reassembly *queue, uint32_t leaps)
{
    if (leaps == queue->leaps)
        return;
    queue->leaps = leaps;
    queue->leapt_at = count_arrivals(queue);
}

void mps_reassembly_end(mps_reassembly *queue)
{
    mps_runs_clear(&queue->seen);
    mps_held_clear(&queue->held);
    if (queue->records)
        g_array_free(queue->records, TRUE);
    if (queue->arrivals)
        g_array_free(queue->arrivals, TRUE);
}

static bool is_not_above(const void *element, const void *key)
{
    return ((const mps_held *)element)->start <= *(const uint64_t *)key;
}

/* The reordering extent (RFC 4737 section 4.2): how many arrivals ago the first one came that lies
 * higher. It is among the records: an arrival that is no record came after one that lies higher. */
static uint32_t extent_of(const mps_reassembly *queue, uint64_t start)
{
    guint place = mps_sorted_place(queue->records, is_not_above, &start);
    if (!queue->records || place == queue->records->len)
        return 0;
    return count_arrivals(queue) - (guint)g_array_index(queue->records, mps_held, place).mark;
}

static void hold(mps_reassembly *queue, mps_arrival *arrival, mps_held held)
{
    if (!queue->records)
        queue->records = g_array_new(FALSE, FALSE, sizeof(mps_held));
    queue->occupancy += arrival->length;
    arrival->occupancy = queue->occupancy;
    arrival->hold = MPS_STILL_HELD;
    mps_held_add(&queue->held, held);
    guint count = queue->records->len;
    if (count == 0 || g_array_index(queue->records, mps_held, count - 1).start < held.start)
        g_array_append_val(queue->records, held);
}

/* Release the held arrivals that the in-order point has reached.
 * @param filler  id of the subflow that filled the gap; MPS_NONE: not seen */
static void release(const mps_reassembly_pass *pass, int64_t now, uint32_t filler)
{
    mps_reassembly *queue = pass->queue;
    while (queue->held.count > 0) {
        const mps_held held = queue->held.all[0];
        if (held.start > queue->point)
            return;
        mps_held_remove_first(&queue->held);
        const guint index = (guint)held.mark;
        mps_arrival *arrival = &g_array_index(queue->arrivals, mps_arrival, index - queue->gone);
        arrival->hold = index < queue->leapt_at ? MPS_HOLD_UNKNOWN : mps_minus(now, arrival->time);
        arrival->filler = filler;
        queue->occupancy -= arrival->length;
        queue->point = MAX(queue->point, held.end);
        if (pass->visit)
            pass->visit(arrival, pass->data);
    }
    if (queue->records)
        g_array_set_size(queue->records, 0);
}

static void take_new(uint64_t start, uint64_t end, void *data)
{
    const mps_reassembly_pass *pass = data;
    mps_reassembly *queue = pass->queue;
    mps_arrival arrival = *pass->what;
    guint index = count_arrivals(queue);
    arrival.start = start;
    arrival.length = (uint32_t)(end - start);
    arrival.filler = MPS_NONE;
    arrival.extent = extent_of(queue, start);
    queue->top = MAX(queue->top, end);
    if (start > queue->point)
        hold(queue, &arrival, (mps_held){start, end, index});
    g_array_append_val(queue->arrivals, arrival);
    if (start > queue->point)
        return;
    queue->point = MAX(queue->point, end);
    if (pass->visit)
        pass->visit(&g_array_index(queue->arrivals, mps_arrival, queue->arrivals->len - 1),
                    pass->data);
    release(pass, arrival.time, arrival.subflow);
}

guint mps_reassembly_arrive(mps_reassembly *queue, uint64_t start, uint64_t end,
                            const mps_arrival *what, mps_reassembly_visitor visit, void *data)
{
    mps_reassembly_pass pass = {queue, what, visit, data};
    mps_reassembly_begin(queue, start);
    guint before = queue->arrivals->len;
    mps_runs_add(&queue->seen, start, end, 0, take_new, &pass);
    return queue->arrivals->len - before;
}

void mps_reassembly_settle(mps_reassembly *queue, bool all, mps_reassembly_visitor visit,
                           void *data)
{
    GArray *arrivals = queue->arrivals;
    if (!arrivals)
        return;
    for (; queue->settled < arrivals->len; queue->settled++) {
        mps_arrival *arrival = &g_array_index(arrivals, mps_arrival, queue->settled);
        if (arrival->hold == MPS_STILL_HELD && !all)
            break;
        visit(arrival, data);
    }
    if (queue->settled == 0 || 2 * queue->settled < arrivals->len)
        return; /* few are moved for each that is removed */
    g_array_remove_range(arrivals, 0, queue->settled);
    queue->gone += queue->settled;
    queue->settled = 0;
}

void mps_reassembly_skip(mps_reassembly *queue, uint64_t point, int64_t now,
                         mps_reassembly_visitor visit, void *data)
{
    mps_reassembly_pass pass = {queue, NULL, visit, data};
    if (!queue->begun || point <= queue->point || point > queue->top + MPS_WINDOW_MAX)
        return; /* an acknowledgement that far above everything that was seen is an error */
    queue->point = point;
    release(&pass, now, MPS_NONE);
}
