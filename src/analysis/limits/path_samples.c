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

/* ACKs in a row by which a delivery rate is measured: fewer may come compressed. */
#define BURST_ACKS 8

void mps_limits_measure_rtts(GArray *events)
{
    uint64_t sent_end = 0, acked = 0, ambiguous_end = 0;
    guint oldest = 0;
    for (guint i = 0; i < events->len; i++) {
        mps_limit_event *event = &g_array_index(events, mps_limit_event, i);
        event->rtt = -1;
        if (event->kind == MPS_LIMIT_EVENT_SEND)
            sent_end = MAX(sent_end, event->number);
        else if (event->kind == MPS_LIMIT_EVENT_RESEND)
            ambiguous_end = sent_end;
        if (event->kind != MPS_LIMIT_EVENT_ACK || event->number <= acked)
            continue;
        acked = event->number;
        int64_t sent = -1;
        for (; oldest < i; oldest++) {
            const mps_limit_event *data = &g_array_index(events, mps_limit_event, oldest);
            if (data->kind == MPS_LIMIT_EVENT_SEND && data->number > acked)
                break;
            if (data->kind == MPS_LIMIT_EVENT_SEND)
                sent = data->time;
        }
        if (sent >= 0 && acked > ambiguous_end)
            event->rtt = mps_minus(event->time, sent);
    }
}

int64_t mps_limits_mark_queued(GArray *events, int64_t least)
{
    for (guint i = 0; i < events->len; i++) {
        int64_t rtt = g_array_index(events, mps_limit_event, i).rtt;
        if (rtt >= 0)
            least = MIN(least, rtt);
    }
    for (guint i = 0; i < events->len; i++) {
        mps_limit_event *event = &g_array_index(events, mps_limit_event, i);
        event->sampled = event->rtt >= 0;
        event->queued =
            event->sampled && (double)event->rtt > QUEUE_FACTOR * (double)least + QUEUE_MIN;
    }
    return least;
}

double mps_limits_queued_share(const GArray *events)
{
    guint sampled = 0, queued = 0;
    for (guint i = 0; i < events->len; i++) {
        sampled += g_array_index(events, mps_limit_event, i).sampled;
        queued += g_array_index(events, mps_limit_event, i).queued;
    }
    return sampled ? (double)queued / sampled : 0;
}

double mps_limits_capacity(const GArray *events)
{
    const mps_limit_event *last[BURST_ACKS + 1] = {NULL};
    uint64_t acked = 0;
    double most = 0;
    guint count = 0;
    for (guint i = 0; i < events->len; i++) {
        const mps_limit_event *event = &g_array_index(events, mps_limit_event, i);
        if (event->kind != MPS_LIMIT_EVENT_ACK || event->number <= acked)
            continue;
        acked = event->number;
        const mps_limit_event *first = last[(count + 1) % (BURST_ACKS + 1)];
        last[count++ % (BURST_ACKS + 1)] = event;
        if (count > BURST_ACKS && event->time > first->time)
            most = MAX(most, (double)(event->number - first->number) /
                                 (double)mps_minus(event->time, first->time));
    }
    return most;
}
