/* clocked.c: whether acknowledgements are a subflow's clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clocked.h"
#include "base/sorted.h"
#include "network.h"

/* Bursts that count, before a segment and from it on. */
#define BURSTS 16u

/* If fewer than half of the bursts follow an acknowledgement, so many times more must do so than by
 * chance. */
#define MORE_THAN_CHANCE 4

void mps_critical_bursts_find(const mps_critical_sender *sender, const mps_critical_input *input,
                              mps_direction direction, const mps_critical_limits *limits)
{
    for (guint i = 0; i < sender->sendings->len; i++) {
        const mps_critical_sending *sending =
            &g_array_index(sender->sendings, mps_critical_sending, i);
        const mps_critical_segment *segment = mps_critical_at(input, direction, sending->event);
        const mps_critical_sender_flow *flow =
            &g_array_index(sender->flows, mps_critical_sender_flow, segment->subflow);
        if (sending->previous != MPS_NONE) {
            const uint32_t before =
                g_array_index(sender->sendings, mps_critical_sending, sending->previous).event;
            if (segment->time - mps_critical_at(input, direction, before)->time <= limits->reaction)
                continue;
        }
        const mps_critical_hits hits =
            mps_critical_hits_of(sender, input, direction, limits, sending);
        mps_critical_burst burst = {segment->time, i, hits.ack != NULL};
        g_array_append_val(flow->bursts, burst);
        burst.hit = hits.data_ack != NULL;
        if (!hits.ack)
            g_array_append_val(flow->others, burst);
    }
}

static bool is_earlier(const void *element, const void *key)
{
    const mps_critical_burst *burst = element;
    const uint32_t *number = key;
    return burst->sending < *number;
}

bool mps_critical_clocked(const mps_critical_sender *sender, const mps_critical_limits *limits,
                          uint32_t subflow, uint32_t number, bool data_level)
{
    const mps_critical_sender_flow *flow =
        &g_array_index(sender->flows, mps_critical_sender_flow, subflow);
    const GArray *bursts = data_level ? flow->others : flow->bursts;
    const GArray *acks = data_level ? sender->data_acks : flow->acks;
    const guint place = mps_sorted_place(bursts, is_earlier, &number);
    const guint from = place - MIN(place, BURSTS), to = MIN(place + BURSTS, bursts->len);
    guint hit = 0;
    for (guint i = from; i < to; i++)
        hit += g_array_index(bursts, mps_critical_burst, i).hit;
    if (2 * hit >= to - from)
        return true;
    const int64_t begin = g_array_index(bursts, mps_critical_burst, from).time;
    const int64_t end = g_array_index(bursts, mps_critical_burst, to - 1).time;
    const double chance = (double)mps_critical_acks_cover(acks, begin, end, limits->reaction) /
                          (double)MAX(end - begin, 1);
    return hit >= 2 && (double)hit > MORE_THAN_CHANCE * (double)(to - from) * chance;
}
