/* path_samples.c: what the ACKs on a line tell of the path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "path_samples.h"

/* An RTT is above the least one of its subflow, so that there was a queue, if it is by this. */
#define QUEUE_FACTOR 1.25
#define QUEUE_LEAST 1000000 /* ns: what hosts and schedulers may take */

/* So many ACKs in a row tell how fast the path can deliver. */
#define BURST_ACKS 8

void mps_limits_measure(GArray *steps)
{
    uint64_t top = 0, acked = 0, doubtful = 0;
    guint oldest = 0;
    for (guint i = 0; i < steps->len; i++) {
        mps_limit_event *step = &g_array_index(steps, mps_limit_event, i);
        step->rtt = -1;
        if (step->kind == MPS_LIMIT_EVENT_SEND)
            top = MAX(top, step->number);
        else if (step->kind == MPS_LIMIT_EVENT_RESEND)
            doubtful = top;
        if (step->kind != MPS_LIMIT_EVENT_ACK || step->number <= acked)
            continue;
        acked = step->number;
        int64_t sent = -1;
        for (; oldest < i; oldest++) {
            const mps_limit_event *data = &g_array_index(steps, mps_limit_event, oldest);
            if (data->kind == MPS_LIMIT_EVENT_SEND && data->number > acked)
                break;
            if (data->kind == MPS_LIMIT_EVENT_SEND)
                sent = data->time;
        }
        if (sent >= 0 && acked > doubtful)
            step->rtt = step->time - sent;
    }
}

int64_t mps_limits_judge(GArray *steps, int64_t least)
{
    for (guint i = 0; i < steps->len; i++) {
        int64_t rtt = g_array_index(steps, mps_limit_event, i).rtt;
        if (rtt >= 0)
            least = MIN(least, rtt);
    }
    for (guint i = 0; i < steps->len; i++) {
        mps_limit_event *step = &g_array_index(steps, mps_limit_event, i);
        step->sampled = step->rtt >= 0;
        step->queued =
            step->sampled && (double)step->rtt > QUEUE_FACTOR * (double)least + QUEUE_LEAST;
    }
    return least;
}

double mps_limits_queued_share(const GArray *steps)
{
    guint sampled = 0, queued = 0;
    for (guint i = 0; i < steps->len; i++) {
        sampled += g_array_index(steps, mps_limit_event, i).sampled;
        queued += g_array_index(steps, mps_limit_event, i).queued;
    }
    return sampled ? (double)queued / sampled : 0;
}

double mps_limits_capacity(const GArray *steps)
{
    const mps_limit_event *last[BURST_ACKS + 1] = {NULL};
    uint64_t acked = 0;
    double most = 0;
    guint count = 0;
    for (guint i = 0; i < steps->len; i++) {
        const mps_limit_event *step = &g_array_index(steps, mps_limit_event, i);
        if (step->kind != MPS_LIMIT_EVENT_ACK || step->number <= acked)
            continue;
        acked = step->number;
        const mps_limit_event *first = last[(count + 1) % (BURST_ACKS + 1)];
        last[count++ % (BURST_ACKS + 1)] = step;
        if (count > BURST_ACKS && step->time > first->time)
            most = MAX(most,
                       (double)(step->number - first->number) / (double)(step->time - first->time));
    }
    return most;
}
