/* held.c: segments that wait for the decision which of their sights counts (copies.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "copies.h"
#include <string.h>

/* Segments that wait at most, of all flows: 4 MB. */
#define HELD_MAX 4096u

/* How long a segment waits for a nearer sight at most, ns: longer than any path takes. */
#define WAIT_MAX_NS INT64_C(3000000000)

/* Repeats that are enough at the end of the capture: those of one handshake. */
#define REPEATS_MIN 3u

static mps_copy *record_of(const mps_copies *copies, uint32_t number)
{
    return &g_array_index(copies->records, mps_copy, number);
}

uint32_t mps_hold(mps_copies *copies, GQueue *queue, mps_flow *flow, unsigned half,
                  const mps_segment *segment, uint32_t sight)
{
    if (copies->held == HELD_MAX)
        return 0;
    const bool is_far = queue == &flow->copies->far[half];
    mps_held *held = g_new(mps_held, 1);
    *held = (mps_held){flow, half, sight, copies->records->len, *segment};
    for (unsigned i = 0; i < segment->mptcp_count; i++) /* they point into the segment */
        held->segment.mptcp[i].raw =
            held->segment.options + (segment->mptcp[i].raw - segment->options);
    g_queue_push_tail(queue, held);
    const mps_copy record = {.frame = segment->frame, .far = is_far ? queue->tail : NULL};
    g_array_append_val(copies->records, record);
    copies->held++;
    return held->record;
}

/* Take in a segment that was held. It comes late: what RST ended since then stays so, and if it is
 * a SYN or SYN/ACK, it is not known which one was answered. */
static void take_late(mps_tracker *tracker, mps_held *held)
{
    mps_copies *copies = tracker->copies;
    mps_flow *flow = held->flow;
    const bool reset = flow->reset, refused = flow->refused;
    const int16_t reason = flow->reset_reason;
    mps_verdict verdict;
    copies->held--;
    record_of(copies, held->record)->of = 0;
    record_of(copies, held->record)->far = NULL;
    tracker->late = true;
    mps_tracker_take(tracker, flow, held->half, &held->segment, &verdict);
    tracker->late = false;
    if (reset) {
        flow->reset = reset;
        flow->refused = refused;
        flow->reset_reason = reason;
    }
    if (held->segment.flags & MPS_TCP_SYN)
        *(held->half == 0 ? &flow->syn_to_synack : &flow->synack_to_ack) = -1;
    g_array_append_val(copies->late, verdict);
    record_of(copies, held->record)->late = copies->late->len;
    g_ptr_array_add(copies->fed, held);
}

static void drop(mps_copies *copies, mps_held *held)
{
    copies->held--;
    record_of(copies, held->record)->far = NULL;
    g_free(held);
}

/* @return a sight of the payload of a segment in other boundaries; NULL: there is none */
static const mps_sight *find_cover(mps_copies *copies, const mps_held *held, const mps_sight *sight)
{
    const mps_flow_copies *state = held->flow->copies;
    if (sight->length == 0)
        return NULL;
    const mps_sight *cover = mps_sights_cover(copies, sight);
    if (cover || mps_sight_interface_known(sight) || state->repeats[held->half] == 0 ||
        state->decided[held->half] == MPS_REPEATS_ARE_DUPLICATES)
        return cover;
    return mps_sights_part(copies, sight, NULL);
}

/* The nearer sight did not come. The segment counts where it was captured, unless a nearer place
 * shows its payload in other boundaries. */
static void give_up(mps_tracker *tracker, mps_held *held)
{
    mps_copies *copies = tracker->copies;
    uint8_t *credit = &held->flow->copies->credit[held->half];
    mps_sight *sight = mps_sight_at(copies, held->sight);
    if (sight)
        sight->record = 0;
    const mps_sight *cover = sight ? find_cover(copies, held, sight) : NULL;
    if (cover) {
        record_of(copies, held->record)->of = cover->frame;
        sight->frame = cover->frame;
        sight->original = cover->original;
        drop(copies, held);
        return;
    }
    if (*credit > 0)
        --*credit;
    take_late(tracker, held);
}

/* Does a segment answer one that is held? Then that has passed the place near the answering end. Of
 * ACKs with one timestamp it is not known which one was answered. */
static bool answers(const mps_segment *segment, const mps_segment *held)
{
    const uint32_t control = held->flags & (MPS_TCP_SYN | MPS_TCP_FIN) ? 1 : 0;
    const uint32_t end = held->seq + held->length + control;
    if (end != held->seq)
        return segment->flags & MPS_TCP_ACK && (int32_t)(segment->ack - end) >= 0;
    return segment->has_timestamps && held->has_timestamps &&
           (int32_t)(segment->tsecr - held->tsval) > 0;
}

static void release_far(mps_tracker *tracker, GQueue *queue, const mps_segment *segment,
                        bool other_half)
{
    mps_held *held;
    while ((held = g_queue_peek_head(queue)) &&
           ((other_half && answers(segment, &held->segment)) ||
            mps_minus(segment->time, held->segment.time) > WAIT_MAX_NS)) {
        g_queue_pop_head(queue);
        give_up(tracker, held);
    }
}

void mps_held_release(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment)
{
    mps_flow_copies *state = flow->copies;
    for (unsigned i = 0; i < 2; i++) {
        if (state->undecided[i].length > 0 && mps_copies_came_once(flow, i, segment->time))
            mps_held_decide(tracker, flow, i, MPS_REPEATS_ARE_DUPLICATES);
        release_far(tracker, &state->far[i], segment, i != half);
    }
}

void mps_held_replace(mps_copies *copies, mps_flow *flow, unsigned half, mps_sight *original,
                      uint32_t of, bool certain)
{
    mps_copy *record = record_of(copies, original->record);
    record->of = of;
    if (record->far) {
        mps_held *held = record->far->data;
        g_queue_delete_link(&flow->copies->far[half], record->far);
        record->far = NULL;
        if (certain)
            drop(copies, held);
        else
            g_queue_push_tail(&flow->copies->undecided[half], held);
    }
    original->record = 0;
    original->frame = of;
}

void mps_held_decide(mps_tracker *tracker, mps_flow *flow, unsigned half, mps_repeats decided)
{
    mps_held *held;
    mps_flow_copies *state = flow->copies;
    state->decided[half] = decided;
    if (decided == MPS_REPEATS_ARE_DUPLICATES && !state->near_known)
        state->credit[0] = state->credit[1] = 0; /* it came of repeats */
    while ((held = g_queue_pop_head(&state->undecided[half])))
        if (decided == MPS_REPEATS_ARE_DUPLICATES)
            take_late(tracker, held);
        else
            drop(tracker->copies, held);
}

/* At the end a few segments are enough, if both directions agree. */
static void decide_at_end(mps_tracker *tracker, mps_flow *flow)
{
    const mps_flow_copies *state = flow->copies;
    bool copies = state->repeats[0] + state->repeats[1] >= REPEATS_MIN || tracker->copies->repeats;
    for (unsigned half = 0; half < 2; half++)
        copies =
            copies && (flow->sights.originals[half] == 0 || mps_copies_nearly_all(state, half));
    for (unsigned half = 0; half < 2; half++)
        if (state->undecided[half].length > 0)
            mps_held_decide(tracker, flow, half,
                            copies ? MPS_REPEATS_ARE_COPIES : MPS_REPEATS_ARE_DUPLICATES);
}

void mps_held_finish(mps_tracker *tracker)
{
    for (guint i = 0; i < tracker->flows->count && tracker->copies->held > 0; i++) {
        mps_flow *flow = mps_pool_at(tracker->flows, i);
        decide_at_end(tracker, flow);
        for (unsigned half = 0; half < 2; half++) {
            mps_held *held;
            while ((held = g_queue_pop_head(&flow->copies->far[half])))
                give_up(tracker, held);
        }
    }
}
