/* delivered.c: how much data the receiver had got at the end of a path, and what it had waited for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "walk_internal.h"

/* @return the number of the connection's first byte of data in a direction: without mappings, of
 * the first byte that was sent */
static uint64_t first_of_data(const mps_critical_walker *walker, mps_direction direction)
{
    const mps_critical_input *input = walker->input;
    const mps_critical_subflow *subflow = &g_array_index(input->subflows, mps_critical_subflow, 0);
    return input->data_known[direction] && subflow->map[direction][direction].maps
               ? MPS_CRITICAL_FIRST_DATA
               : walker->senders[direction].first_data;
}

void mps_critical_count_delivered(mps_critical_path *path, const mps_critical_walker *walker,
                                  mps_direction direction, uint32_t event)
{
    const mps_critical_receiver *receiver = &walker->receivers[direction];
    const GArray *tops = walker->senders[direction].tops;
    g_array_set_size(path->delivered_by, walker->input->subflows->len);
    for (guint i = 0; i < receiver->brought->len; i++) {
        const mps_critical_bringing *brought =
            &g_array_index(receiver->brought, mps_critical_bringing, i);
        if (brought->event > event)
            break;
        g_array_index(path->delivered_by, uint64_t, brought->subflow) += brought->bytes;
    }
    const mps_critical_advance *last = mps_critical_advance_before(receiver->data, event + 1);
    if (!last)
        return;
    const uint64_t first = g_array_index(receiver->data, mps_critical_advance, 0).before;
    path->delivered = last->after - MIN(first, first_of_data(walker, direction));
    if (tops->len > 0) {
        const uint64_t top = g_array_index(tops, mps_critical_top, tops->len - 1).top;
        path->undelivered = top - MIN(last->after, top);
    }
}

void mps_critical_note_head_of_line(mps_critical_path *path, const mps_critical_walker *walker,
                                    mps_direction direction, uint32_t event)
{
    const mps_critical_receiver *receiver = &walker->receivers[direction];
    const GArray *history = walker->input->hosts[!direction];
    const mps_critical_advance *last = mps_critical_advance_before(receiver->data, event + 1);
    const mps_critical_segment *by = &g_array_index(history, mps_critical_segment, last->event);
    path->head_of_line = last->after - last->before > by->length;
    path->held_by = by->subflow;
    path->waited = by->time - mps_critical_waiting_since(receiver, history, last->event);
}
