/* icmp.c: ICMP errors about segments: which flow they are about, and whether they refused it.
 *
 * What an error means for its flow is decided when somebody asks: segments that are held
 * (copies.h) may come after it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "tracker_internal.h"

/* How far two sights of an error can be apart, ns: less than the time until a host sends a segment
 * again (RFC 6298: at least 1 s; Linux: 200 ms), and gets another error for it. */
#define APART_MAX 150000000

/* Errors of a flow that are compared; more within that time would be an attack. */
#define STEPS_MAX 16u

struct mps_flow_icmp {
    mps_icmp_record record;     /* the first member: callers get a pointer to it */
    uint32_t ends;              /* mps_ends.number: they differ before and after NAT */
    const mps_flow_icmp *older; /* of the same flow */
};

static bool at_same_place(const mps_flow_icmp *a, const mps_flow_icmp *b)
{
    return a->ends == b->ends && a->record.error.ttl == b->record.error.ttl &&
           mps_link_facts_equal(&a->record.error.link, &b->record.error.link);
}

/* Did another place show the error before? NAT may change its sender, too. */
static bool is_copy(const mps_flow_icmp *icmp)
{
    const mps_icmp_error *error = &icmp->record.error;
    unsigned steps = STEPS_MAX;
    for (const mps_flow_icmp *other = icmp->older; other && steps > 0; other = other->older) {
        const mps_icmp_error *earlier = &other->record.error;
        if (mps_apart(error->time, earlier->time) > APART_MAX)
            break;
        if (earlier->type == error->type && earlier->code == error->code &&
            earlier->seq == error->seq && other->record.half == icmp->record.half &&
            !at_same_place(other, icmp))
            return true;
        steps--;
    }
    return false;
}

static bool is_about_syn(const mps_half *half, const mps_icmp_error *error)
{
    return half->isn_known && error->seq == half->isn;
}

const mps_icmp_record *mps_tracker_icmp(mps_tracker *tracker, const mps_icmp_error *error)
{
    unsigned half;
    const mps_ends *ends = mps_flow_of_icmp(tracker, error, &half);
    if (!ends)
        return NULL;
    mps_flow *flow = ends->flow;
    mps_flow_icmp *icmp = g_new(mps_flow_icmp, 1);
    *icmp = (mps_flow_icmp){
        .record = {.error = *error, .subflow = flow->id, .half = (uint8_t)half},
        .ends = ends->number,
        .older = flow->icmp,
    };
    icmp->record.copy = is_copy(icmp);
    flow->icmp = icmp;
    g_ptr_array_add(tracker->icmp, icmp);
    const mps_half *own = flow->half[half];
    if (half == 0 && !icmp->record.copy && mps_icmp_error_refuses(error) &&
        (is_about_syn(own, error) || !own->isn_known))
        flow->refusal = &icmp->record.error;
    return &icmp->record;
}

uint32_t mps_tracker_icmp_count(const mps_tracker *tracker)
{
    return tracker->icmp->len;
}

const mps_icmp_record *mps_tracker_icmp_at(const mps_tracker *tracker, uint32_t index)
{
    const mps_flow_icmp *icmp = tracker->icmp->pdata[index];
    return &icmp->record;
}

bool mps_tracker_icmp_counts(const mps_tracker *tracker, const mps_icmp_record *record)
{
    const mps_flow *flow = mps_tracker_flow(tracker, record->subflow);
    const mps_half *half = flow->half[record->half];
    if (record->copy || !flow->connection)
        return false;
    if (!half->anchored)
        return true; /* its numbers are not known */
    uint64_t number = mps_half_near(half, record->error.seq);
    uint64_t first = half->isn_known ? MPS_ANCHOR - 1 : 0;
    return number >= first && number <= MAX(half->top, half->ack) + 1;
}

uint16_t mps_tracker_icmp_step(const mps_tracker *tracker, const mps_icmp_record *record)
{
    const mps_flow *flow = mps_tracker_flow(tracker, record->subflow);
    if (!is_about_syn(flow->half[record->half], &record->error))
        return 0;
    return record->half == 0 ? MPS_TCP_SYN : MPS_TCP_SYN | MPS_TCP_ACK;
}

const mps_icmp_error *mps_flow_refusal(const mps_flow *flow)
{
    const mps_icmp_error *error = flow->refusal;
    bool refused = error && !flow->reset && !flow->answered && flow->handshake_seen &&
                   is_about_syn(flow->half[0], error);
    return refused ? error : NULL;
}
