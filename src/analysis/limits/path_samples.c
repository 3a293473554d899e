/* path_samples.c: what the ACKs of a flow series show of the path: RTTs, queues, capacity.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "path_samples.h"
#include "base/times.h"

/* An RTT shows a queue on the path if it is above QUEUE_FACTOR times the least RTT plus
 * QUEUE_MIN: less may be the variation of a path without a queue. */
#define QUEUE_FACTOR 1.25
#define QUEUE_MIN 1000000 /* ns: hosts and their schedulers may take as long */

/* Data that was sent. */
typedef struct {
    uint64_t number; /* where it ends */
    int64_t time;    /* ns */
} sent_data;

static void note_sent(mps_round_trips *trips, const mps_limit_event *event)
{
    const sent_data data = {event->number, event->time};
    if (!trips->sent)
        trips->sent = g_array_new(FALSE, FALSE, sizeof(sent_data));
    if (trips->first > trips->sent->len / 2) { /* no more are moved than were acknowledged */
        g_array_remove_range(trips->sent, 0, trips->first);
        trips->first = 0;
    }
    g_array_append_val(trips->sent, data);
    trips->sent_end = MAX(trips->sent_end, event->number);
}

int64_t mps_round_trips_take(mps_round_trips *trips, const mps_limit_event *event)
{
    if (event->kind == MPS_LIMIT_EVENT_SEND)
        note_sent(trips, event);
    else if (event->kind == MPS_LIMIT_EVENT_RESEND)
        trips->ambiguous_end = trips->sent_end;
    if (event->kind != MPS_LIMIT_EVENT_ACK || event->number <= trips->acked)
        return -1;
    trips->acked = event->number;
    int64_t time = -1;
    for (; trips->sent && trips->first < trips->sent->len; trips->first++) {
        const sent_data *data = &g_array_index(trips->sent, sent_data, trips->first);
        if (data->number > trips->acked)
            break;
        time = data->time;
    }
    return time >= 0 && trips->acked > trips->ambiguous_end ? mps_minus(event->time, time) : -1;
}

void mps_round_trips_clear(mps_round_trips *trips)
{
    if (trips->sent)
        g_array_free(trips->sent, TRUE);
    *trips = (mps_round_trips){0};
}

bool mps_limits_is_queued(int64_t rtt, int64_t least)
{
    return (double)rtt > QUEUE_FACTOR * (double)least + QUEUE_MIN;
}

void mps_capacity_take(mps_capacity *capacity, const mps_limit_event *event)
{
    if (event->kind != MPS_LIMIT_EVENT_ACK || event->number <= capacity->acked)
        return;
    const guint room = MPS_BURST_ACKS + 1, place = capacity->count++ % room,
                first = capacity->count % room;
    capacity->acked = event->number;
    capacity->latest[place].number = event->number;
    capacity->latest[place].time = event->time;
    if (capacity->count <= MPS_BURST_ACKS || event->time <= capacity->latest[first].time)
        return;
    const double bytes = (double)(event->number - capacity->latest[first].number);
    const int64_t time = mps_minus(event->time, capacity->latest[first].time);
    capacity->most = MAX(capacity->most, bytes / (double)time);
}
