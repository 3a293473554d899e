/* place.c: which place counts: that nearest to one end of the path (copies.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "base/ttl.h"
#include "copies.h"

/* So often a half must have shown segments at several places to keep the expectation, once it did
 * not; and how much the other half alone is worth. */
#define CREDIT_MAX 8u
#define CREDIT_EXPECTED 2u

/* The side that the counting sights of a flow are nearest to. */
static unsigned near_side(const mps_tracker *tracker, const mps_flow *flow)
{
    return flow->copies->side_chosen ? flow->copies->near_side : tracker->copies->near_side;
}

/* Does that side send this half? */
static bool from_near(const mps_tracker *tracker, const mps_flow *flow, unsigned half)
{
    return mps_flow_side(flow, half) == near_side(tracker, flow);
}

static void set_side(mps_copies *copies, mps_flow *flow, unsigned side)
{
    mps_flow_copies *state = mps_flow_copies_of(flow);
    if (state->near_known && state->near_side != side) {
        const uint64_t near = state->near_location;
        state->near_location = state->far_location;
        state->far_location = near;
    }
    copies->near_side = state->near_side = (uint8_t)side;
}

/* Choose the side by two sights of what the client sent. As a rule it is the client's. Where the
 * server's place showed the segment first, because its clock is behind, what it showed counts
 * already. Whether the capture was made on the server, the answer tells. */
static void choose_by_client(mps_copies *copies, mps_flow *flow, const mps_sight *first,
                             const mps_sight *second, bool forward)
{
    mps_flow_copies *state = mps_flow_copies_of(flow);
    const bool behind = !forward && first->time < second->time;
    state->side_chosen = true;
    /* A host overhears what comes to a virtual interface above the one that received it. */
    state->side_by_way =
        forward && first->link.way != MPS_WAY_OUT && second->link.way == MPS_WAY_IN;
    state->side_by_ttl = forward && first->ttl == second->ttl && mps_ttl_decremented(first->ttl);
    set_side(copies, flow, behind ? MPS_SERVER : MPS_CLIENT);
}

/* Choose the side of a flow. The host that sent both sights of what the server sent is the server:
 * a router would have received one. */
static void choose_side(mps_copies *copies, mps_flow *flow, unsigned half, const mps_sight *first,
                        const mps_sight *second, bool forward)
{
    mps_flow_copies *state = mps_flow_copies_of(flow);
    if (state->side_chosen)
        return;
    state->near_side = copies->near_side;
    if (mps_flow_side(flow, half) == MPS_CLIENT) {
        choose_by_client(copies, flow, first, second, forward);
    } else if (first->link.way == MPS_WAY_OUT && second->link.way == MPS_WAY_OUT) {
        state->side_chosen = true;
        set_side(copies, flow, MPS_SERVER);
    }
}

void mps_place_settle(mps_copies *copies, mps_flow *flow, const mps_sight *sight)
{
    mps_flow_copies *state = mps_flow_copies_of(flow);
    const mps_way way = sight->link.way;
    const bool sent_here = state->side_by_way && way == MPS_WAY_OUT;
    const bool sent_near =
        state->side_by_ttl && way == MPS_WAY_UNKNOWN && mps_ttl_fresh(sight->ttl);
    state->side_by_way = state->side_by_ttl = false;
    if (sent_here || sent_near)
        set_side(copies, flow, MPS_SERVER);
}

/* The place that counts turns out to be that of a segment: the flow has the addresses it has there.
 */
static void take_addresses(mps_flow *flow, unsigned half, const mps_segment *segment)
{
    mps_flow_host *from = &flow->host[half], *to = &flow->host[!half];
    from->address = segment->source;
    from->port = segment->source_port;
    to->address = segment->destination;
    to->port = segment->destination_port;
}

/* Segments of a flow counted at another place until now, because the frames are not in the order of
 * their times. No time may be from one place to the other. */
static void change_place(mps_flow *flow, unsigned half, const mps_sight *far, const mps_sight *near)
{
    if (mps_apart(far->time, near->time) < MPS_SPREAD_NS)
        return;
    mps_flow_copies_of(flow)->moved = true;
    if (flow->syn_to_synack >= 0 && flow->synack_to_ack >= 0)
        return; /* both of the other place */
    mps_opening *own = &mps_flow_half(flow, half)->opening;
    mps_opening *peer = &mps_flow_half(flow, !half)->opening;
    if (near->flags & MPS_TCP_SYN && own->count == 1 && peer->count == 0) {
        own->first = own->last = near->time;
        return;
    }
    flow->syn_to_synack = flow->synack_to_ack = -1;
    own->count = peer->count = 2; /* it is not known which one an answer is to */
    own->has_timestamps = peer->has_timestamps = false;
}

/* A router on the way makes the TTL smaller; otherwise the times tell the order of the path. */
void mps_place_learn(mps_tracker *tracker, mps_flow *flow, unsigned half, const mps_sight *first,
                     const mps_sight *second, const mps_segment *segment)
{
    mps_flow_copies *state = mps_flow_copies_of(flow);
    const bool routed = first->ttl != second->ttl;
    const bool forward = routed ? first->ttl > second->ttl : first->time <= second->time;
    state->credit[half] = (uint8_t)MIN(state->credit[half] + 1u, CREDIT_MAX);
    if (state->credit[!half] < CREDIT_EXPECTED) {
        state->credit[!half] = CREDIT_EXPECTED;
        state->forward[!half] = true;
    }
    state->forward[half] = forward;
    state->shown = MAX(state->shown, first->size);
    choose_side(tracker->copies, flow, half, first, second, forward);
    /* A bridge gives both sights of what it receives one time: that tells no order. */
    if (state->near_known || (!routed && first->time == second->time))
        return;
    const bool near_first = forward == from_near(tracker, flow, half);
    const uint64_t at_first = mps_sight_location(first), at_second = mps_sight_location(second);
    if (!near_first && (!state->place_chosen || at_first != at_second))
        change_place(flow, half, first, second);
    state->place_chosen = true;
    if (at_first == at_second)
        return;
    state->near_known = true;
    state->near_location = near_first ? at_first : at_second;
    state->far_location = near_first ? at_second : at_first;
    if (!near_first && first->ends != second->ends)
        take_addresses(flow, half, segment);
}

/* Is the first sight of a segment the nearest one, as far as order tells? */
static bool nearest_comes_first(const mps_tracker *tracker, const mps_flow *flow, unsigned half)
{
    return flow->copies->forward[half] == from_near(tracker, flow, half);
}

bool mps_place_is_far(const mps_tracker *tracker, const mps_flow *flow, unsigned half,
                      const mps_sight *sight)
{
    const mps_flow_copies *state = flow->copies;
    return state->near_known ? mps_sight_location(sight) != state->near_location
                             : !nearest_comes_first(tracker, flow, half);
}

bool mps_place_is_nearest(const mps_flow *flow, const mps_sight *original, const mps_sight *sight)
{
    const mps_flow_copies *state = flow->copies;
    return state->near_known ? mps_sight_location(sight) == state->near_location
                             : original->size >= state->shown;
}
