/* milestones.c: first and last events of subflows and connections, and what was acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "milestones.h"
#include "base/sorted.h"
#include "base/sparse.h"
#include "data_ack.h"

/* What is kept of every direction of a subflow. Members are those of mps_half_milestones. */
typedef struct {
    int64_t last_time;
    uint32_t segments, first_frame, last_frame, syns, syn_frame, first_payload;
} usual;

/* What is kept of a direction that ended, or with which something was wrong: most of a flood have
 * not got so far. */
typedef struct {
    int64_t rst_time, fin_time, unmapped;
    uint32_t refused, rst, fin, cut, malformed, first_malformed;
    uint32_t retransmissions, first_retransmission, first_reinjection, first_unmapped;
} unusual;

typedef struct {
    mps_sparse *usual, *unusual; /* by half_id */
} milestone_state;

static void *begin(void)
{
    milestone_state *s = g_new(milestone_state, 1);
    s->usual = mps_sparse_new(sizeof(usual));
    s->unusual = mps_sparse_new(sizeof(unusual));
    return s;
}

static void end(void *state)
{
    milestone_state *s = state;
    mps_sparse_free(s->usual);
    mps_sparse_free(s->unusual);
    g_free(s);
}

static void note_first(uint32_t *first, uint32_t frame, bool happened)
{
    if (happened && *first == 0)
        *first = frame;
}

/* Take in a SYN. After an RST it begins another attempt. */
static void take_syn(const milestone_state *s, usual *own, const mps_view *view)
{
    const uint32_t ids[] = {view->half_id, view->other_half_id};
    const bool ack = view->segment->flags & MPS_TCP_ACK;
    own->syns++;
    note_first(&own->syn_frame, view->segment->frame, true);
    if (ack && view->half == 1 && view->flow->initial == 0 && view->flow->join_refused)
        note_first(&((unusual *)mps_sparse_at(s->unusual, view->half_id))->refused,
                   view->segment->frame, true);
    for (unsigned i = 0; i < G_N_ELEMENTS(ids); i++) {
        unusual *half = mps_sparse_find(s->unusual, ids[i]);
        if (half)
            half->rst = 0;
    }
}

static void take_end(unusual *own, const mps_segment *segment)
{
    if (segment->flags & MPS_TCP_RST && own->rst == 0) {
        own->rst = segment->frame;
        own->rst_time = segment->time;
    }
    if (segment->flags & MPS_TCP_FIN && own->fin == 0) {
        own->fin = segment->frame;
        own->fin_time = segment->time;
    }
}

static void take_payload(unusual *own, const mps_view *view)
{
    const mps_verdict *verdict = view->verdict;
    uint32_t frame = view->segment->frame;
    note_first(&own->first_retransmission, frame, verdict->retransmitted > 0);
    note_first(&own->first_reinjection, frame, verdict->reinjected > 0);
    own->retransmissions += verdict->retransmitted > 0;
    if (own->unmapped <= 0)
        own->first_unmapped = frame;
    own->unmapped += verdict->unmapped;
}

/* Has the segment an MPTCP option that RFC 8684 defines, but not in this form? Another version of
 * MPTCP may. */
static bool is_malformed(const mps_segment *segment)
{
    bool malformed = segment->options_malformed && segment->mptcp_count > 0;
    for (unsigned i = 0; i < segment->mptcp_count && !malformed; i++) {
        const mps_option *option = &segment->mptcp[i];
        bool other = option->subtype == MPS_MP_CAPABLE && option->length > 2 && option->raw &&
                     (option->raw[2] & 0xf) > 1;
        malformed =
            !option->valid && !option->truncated && !other && option->subtype <= MPS_MP_TCPRST;
    }
    return malformed;
}

/* Take in what few segments have. */
static void take_unusual(const milestone_state *s, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    const mps_verdict *verdict = view->verdict;
    const bool malformed = segment->mptcp_count > 0 && is_malformed(segment);
    if (!malformed && !segment->options_truncated && verdict->retransmitted == 0 &&
        verdict->reinjected == 0 && verdict->unmapped == 0 &&
        !(segment->flags & (MPS_TCP_RST | MPS_TCP_FIN)))
        return;
    unusual *own = mps_sparse_at(s->unusual, view->half_id);
    own->cut += segment->options_truncated;
    if (malformed && own->malformed++ == 0)
        own->first_malformed = segment->frame;
    take_end(own, segment);
    take_payload(own, view);
}

static void take(void *state, const mps_view *view)
{
    const milestone_state *s = state;
    const mps_segment *segment = view->segment;
    usual *own = mps_sparse_at(s->usual, view->half_id);
    if (segment->flags & MPS_TCP_SYN)
        take_syn(s, own, view);
    note_first(&own->first_frame, segment->frame, true);
    if (own->segments++ == 0 || segment->time >= own->last_time) {
        own->last_time = segment->time;
        own->last_frame = segment->frame;
    }
    note_first(&own->first_payload, segment->frame, view->has_ssn);
    take_unusual(s, view);
}

const mps_analysis_kind mps_milestone_analysis = {
    .need = MPS_NEED_MILESTONES,
    .begin = begin,
    .segment = take,
    .end = end,
};

mps_half_milestones mps_milestones_of_half(const mps_tracker *tracker, uint32_t half_id)
{
    static const usual nothing = {0};
    static const unusual all_well = {0};
    const milestone_state *s = mps_analysis_state(tracker, &mps_milestone_analysis);
    const usual *own = s ? mps_sparse_find(s->usual, half_id) : NULL;
    const unusual *other = s ? mps_sparse_find(s->unusual, half_id) : NULL;
    own = own ? own : &nothing;
    other = other ? other : &all_well;
    return (mps_half_milestones){
        .last_time = own->last_time,
        .segments = own->segments,
        .first_frame = own->first_frame,
        .last_frame = own->last_frame,
        .syns = own->syns,
        .syn_frame = own->syn_frame,
        .first_payload = own->first_payload,
        .rst_time = other->rst_time,
        .fin_time = other->fin_time,
        /* What the SYN carried and the SYN/ACK acknowledged has no mapping by design. */
        .unmapped =
            other->unmapped - mps_tracker_flow(tracker, half_id / 2)->half[half_id % 2]->fast_open,
        .refused = other->refused,
        .rst = other->rst,
        .fin = other->fin,
        .cut = other->cut,
        .malformed = other->malformed,
        .first_malformed = other->first_malformed,
        .retransmissions = other->retransmissions,
        .first_retransmission = other->first_retransmission,
        .first_reinjection = other->first_reinjection,
        .first_unmapped = other->first_unmapped,
    };
}

uint64_t mps_milestones_unacked(const mps_tracker *tracker, uint32_t half_id)
{
    const mps_flow *flow = mps_tracker_flow(tracker, half_id / 2);
    const mps_half *half = flow->half[half_id % 2];
    return half->ack > 0 && half->top > half->ack ? half->top - half->ack : 0;
}

static bool is_not_above(const void *element, const void *key)
{
    return ((const mps_data_ack *)element)->ack <= *(const uint64_t *)key;
}

/* The frame of the first DATA_ACK above a number; 0: none. */
static uint32_t ack_above(const GArray *acks, uint64_t number)
{
    guint place = mps_sorted_place(acks, is_not_above, &number);
    return place < acks->len ? g_array_index(acks, mps_data_ack, place).moment.place : 0;
}

/* Count the numbers in [at, ack) that no segment carried. The frame of a DATA_ACK is looked for
 * only if there are such numbers. */
static void count_unseen(mps_data_milestones *milestones, const mps_tracker *tracker,
                         const mps_space *space, uint32_t space_id, uint64_t at, uint64_t ack)
{
    while (at < ack) {
        mps_run run;
        bool found = mps_runs_find(&space->sent, at, &run) && run.start < ack;
        uint64_t stop = found ? MAX(run.start, at) : ack;
        if (stop > at && milestones->unseen == 0) {
            GArray *acks = mps_data_acks(tracker, space_id);
            milestones->unseen_acks = ack_above(acks, at);
            g_array_free(acks, TRUE);
        }
        milestones->unseen += stop - at;
        at = found ? run.end : ack;
    }
}

/* The first number of the data: after the IDSN, or that of the first byte that was seen. */
static uint64_t first_number(const mps_space *space, uint64_t otherwise)
{
    mps_run run;
    if (space->initial_known)
        return space->initial + 1;
    return mps_runs_find(&space->sent, 0, &run) ? run.start : otherwise;
}

/* Numbers are serial (RFC 1982): one that is more than half of their space ahead is behind. */
static bool is_ahead(uint64_t from, uint64_t to)
{
    return to >= from && to - from <= INT64_MAX;
}

/* @return the highest DATA_ACK. @param acks  not empty */
static uint64_t highest_ack(const GArray *acks)
{
    uint64_t highest = 0;
    for (guint i = 0; i < acks->len; i++)
        highest = MAX(highest, g_array_index(acks, mps_data_ack, i).ack);
    return highest;
}

mps_data_milestones mps_milestones_of_data(const mps_tracker *tracker, uint32_t number,
                                           mps_direction direction)
{
    const uint32_t space_id = mps_analysis_space(tracker, number, direction);
    const mps_space *space = mps_tracker_connection_at(tracker, number)->space[direction];
    const GArray *acks = mps_data_acks_captured(tracker, space_id);
    mps_data_milestones milestones = {.has_acks = acks && acks->len > 0};
    if (!milestones.has_acks)
        return milestones;
    uint64_t ack = highest_ack(acks);
    if (space->has_fin && ack > space->fin)
        ack = space->fin;
    uint64_t first = first_number(space, ack);
    milestones.has_acked = space->initial_known && is_ahead(first, ack);
    milestones.acked = milestones.has_acked ? ack - first : 0;
    uint64_t from = is_ahead(first, ack) ? ack : first;
    if (!mps_runs_empty(&space->sent) && is_ahead(from, mps_runs_top(&space->sent)->end))
        milestones.unacked = mps_runs_top(&space->sent)->end - from;
    count_unseen(&milestones, tracker, space, space_id, first, from);
    return milestones;
}
