/* flow.c: TCP connections: the table of flows, sequence numbers, handshake, closing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "base/times.h"
#include "copies.h"
#include <string.h>

static void key_end(mps_flow_key *key, unsigned end, const mps_address *address, uint16_t port)
{
    memcpy(key->address[end], address->bytes, sizeof key->address[end]);
    key->port[end] = port;
}

/* Fill in the key of a TCP connection. @return whether the source is the lower end */
static inline bool flow_key(mps_flow_key *key, const mps_address *source, uint16_t source_port,
                            const mps_address *destination, uint16_t destination_port)
{
    int order = memcmp(source->bytes, destination->bytes, 16);
    if (order == 0)
        order = (source_port > destination_port) - (source_port < destination_port);
    bool low = order <= 0;
    memset(key, 0, sizeof *key);
    key->length = source->length;
    key_end(key, !low, source, source_port);
    key_end(key, low, destination, destination_port);
    return low;
}

/* Has a segment this key, with its source as an end of it? */
static inline bool has_key(const mps_segment *segment, const mps_flow_key *key, unsigned source)
{
    return key->port[source] == segment->source_port &&
           key->port[!source] == segment->destination_port &&
           key->length == segment->source.length &&
           memcmp(key->address[source], segment->source.bytes, sizeof key->address[0]) == 0 &&
           memcmp(key->address[!source], segment->destination.bytes, sizeof key->address[0]) == 0;
}

/* Does the segment open a new TCP connection between the ends of the flow? */
static bool opens_new_flow(const mps_flow *flow, unsigned half, const mps_segment *segment)
{
    if (MPS_LIKELY(!(segment->flags & MPS_TCP_SYN)))
        return false;
    const mps_half *own = flow->half[half], *peer = flow->half[!half];
    if (own->isn_known)
        return own->isn != segment->seq;
    if (own->sent_after_syn) /* the SYN was captured after segments that it fits */
        return own->first_seq != segment->seq + 1 && own->first_seq != segment->seq;
    if (segment->flags & MPS_TCP_ACK)
        return peer->isn_known && segment->ack - (peer->isn + 1) > peer->syn_length;
    return half == 0 || flow->answered; /* otherwise both ends opened at the same time */
}

static bool carries(const mps_segment *segment, mps_subtype subtype)
{
    return mps_segment_option(segment, subtype) != NULL;
}

/* Has the segment an MPTCP option that can be read, or that the snaplen cut off? */
static bool has_mptcp(const mps_segment *segment)
{
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        if (segment->mptcp[i].valid || segment->mptcp[i].truncated)
            return true;
    return false;
}

/* Did the sender open the TCP connection? Without a handshake, the end with the higher port is
 * taken to have opened it. @param handshake  set to whether the segment is part of a handshake */
static bool sent_by_initiator(const mps_segment *segment, bool *handshake)
{
    *handshake = true;
    if (segment->flags & MPS_TCP_SYN)
        return !(segment->flags & MPS_TCP_ACK);
    const mps_option *join = mps_segment_option(segment, MPS_MP_JOIN);
    if ((join && join->join.form == MPS_JOIN_ACK) || carries(segment, MPS_MP_CAPABLE))
        return true;
    *handshake = false;
    return segment->source_port >= segment->destination_port;
}

static const mps_half no_half = {.window_scale = MPS_NONE};

mps_half *mps_flow_half(mps_flow *flow, unsigned half)
{
    if (MPS_UNLIKELY(flow->half[half] == &no_half))
        flow->half[half] = g_memdup2(&no_half, sizeof no_half);
    return flow->half[half];
}

static mps_flow_host end_of(const mps_address *address, uint16_t port)
{
    return (mps_flow_host){.address = *address, .port = port, .address_id = -1};
}

static mps_flow *flow_new(mps_tracker *tracker, const mps_segment *segment, unsigned *half)
{
    mps_flow *flow = mps_pool_add(tracker->flows);
    bool from_initiator = sent_by_initiator(segment, &flow->handshake_seen);
    flow->id = tracker->flows->count - 1;
    flow->frame = segment->frame;
    flow->tcp_stream = segment->tcp_stream;
    flow->initial = flow->backup = -1;
    flow->reset_reason = -1;
    flow->start = flow->end = segment->time;
    flow->syn_to_synack = flow->synack_to_ack = -1;
    *half = !from_initiator;
    flow->host[!from_initiator] = end_of(&segment->source, segment->source_port);
    flow->host[from_initiator] = end_of(&segment->destination, segment->destination_port);
    flow->half[0] = flow->half[1] = (mps_half *)&no_half;
    flow->copies = mps_flow_no_copies();
    return flow;
}

static void half_free(mps_half *half)
{
    if (half == &no_half)
        return;
    mps_runs_clear(&half->seen);
    mps_runs_clear(&half->maps);
    if (half->waiting)
        g_array_free(half->waiting, TRUE);
    g_free(half);
}

void mps_flow_clear(mps_flow *flow)
{
    half_free(flow->half[0]);
    half_free(flow->half[1]);
    mps_flow_copies_free(flow->copies);
}

/* The ends of a segment are new. They belong to a flow that was captured with other ends if the
 * segment was captured with those just before. @return NULL: it is not to be followed */
static mps_ends *ends_new(mps_tracker *tracker, const mps_segment *segment, const mps_flow_key *key,
                          bool low)
{
    if (tracker->what != MPS_TRACK_TCP && !has_mptcp(segment))
        return NULL;
    unsigned half;
    mps_flow *flow;
    const mps_sight *sight = mps_sights_find_any(tracker->copies, segment);
    if (sight) {
        flow = mps_pool_at(tracker->flows, sight->half_id / 2);
        half = sight->half_id % 2;
    } else {
        flow = flow_new(tracker, segment, &half);
    }
    mps_ends *ends = mps_pool_add(tracker->ends);
    *ends = (mps_ends){*key, flow, flow->ends_count++, low == (half == 0)};
    return ends;
}

/* Look up the ends of a segment that `recent` has not; they take its place.
 * @return whether the source is the lower end */
static G_GNUC_NO_INLINE bool look_up(mps_tracker *tracker, mps_recent_flow *recent,
                                     const mps_segment *segment)
{
    const bool low = flow_key(&recent->key, &segment->source, segment->source_port,
                              &segment->destination, segment->destination_port);
    recent->ends = g_hash_table_lookup(tracker->table, &recent->key);
    return low;
}

const mps_ends *mps_flow_of(mps_tracker *tracker, const mps_segment *segment, unsigned *half)
{
    mps_recent_flow *recent =
        &tracker->recent[(segment->source_port ^ segment->destination_port) % MPS_RECENT_FLOWS];
    const mps_flow_key *key = &recent->key;
    bool low = has_key(segment, key, 0);
    if (!low && MPS_UNLIKELY(!has_key(segment, key, 1)))
        low = look_up(tracker, recent, segment);
    if (!recent->ends ||
        opens_new_flow(recent->ends->flow, low != recent->ends->low_is_initiator, segment)) {
        mps_ends *ends = ends_new(tracker, segment, key, low);
        if (!ends)
            return NULL;
        g_hash_table_add(tracker->table, ends);
        recent->ends = ends;
    }
    *half = low != recent->ends->low_is_initiator;
    return recent->ends;
}

const mps_ends *mps_flow_of_icmp(const mps_tracker *tracker, const mps_icmp_error *error,
                                 unsigned *half)
{
    mps_flow_key key;
    bool low = flow_key(&key, &error->source, error->source_port, &error->destination,
                        error->destination_port);
    const mps_ends *ends = g_hash_table_lookup(tracker->table, &key);
    if (ends)
        *half = low != ends->low_is_initiator;
    return ends;
}

void mps_half_set_isn(mps_half *half, uint32_t isn)
{
    if (half->isn_known)
        return;
    half->isn_known = true;
    half->isn = isn;
    if (!half->anchored) {
        half->anchored = true;
        half->anchor = isn + 1;
        half->top = MPS_ANCHOR;
    }
}

uint64_t mps_half_near(const mps_half *half, uint32_t seq)
{
    uint32_t top = half->anchor + (uint32_t)(half->top - MPS_ANCHOR);
    return half->top + (uint64_t)(int64_t)(int32_t)(seq - top);
}

uint64_t mps_half_extend(mps_half *half, uint32_t seq)
{
    if (MPS_UNLIKELY(!half->anchored)) {
        half->anchored = true;
        half->anchor = seq;
        half->top = MPS_ANCHOR;
    }
    uint64_t number = mps_half_near(half, seq);
    if (number > half->top)
        half->top = number;
    return number;
}

static void opening_add(mps_opening *opening, const mps_segment *segment)
{
    if (opening->count++ == 0) {
        opening->first = segment->time;
        opening->first_tsval = segment->tsval;
        opening->has_timestamps = segment->has_timestamps;
    }
    opening->last = segment->time;
    opening->last_tsval = segment->tsval;
}

/* The time from the SYN (or SYN/ACK) that `answer` answers. If it was repeated, the answer must
 * echo the timestamp of the last one: an echo of the first one may itself be a repeated answer.
 * @return ns, or -1: unknown */
static int64_t answer_time(const mps_opening *opening, const mps_segment *answer)
{
    bool echoes_last = opening->has_timestamps && answer->has_timestamps &&
                       answer->tsecr == opening->last_tsval &&
                       opening->first_tsval != opening->last_tsval;
    if (opening->count == 0 || (opening->count > 1 && !echoes_last))
        return -1;
    return mps_minus(answer->time, opening->last);
}

/* Does a segment of the initiator prove that the handshake was completed? The third ACK of a join
 * has MP_JOIN, and whatever comes later has payload or other options (RFC 8684 section 3.2). */
static bool completes_handshake(const mps_flow *flow, const mps_segment *segment)
{
    return flow->initial != 0 || segment->options_truncated || segment->mptcp_count > 0 ||
           segment->length > 0;
}

static void handshake(mps_flow *flow, unsigned half, const mps_segment *segment)
{
    mps_half *own = flow->half[half], *peer = flow->half[!half];
    bool ack = segment->flags & MPS_TCP_ACK;
    if (MPS_UNLIKELY(segment->flags & MPS_TCP_SYN)) {
        mps_half_set_isn(own, segment->seq);
        opening_add(&own->opening, segment);
        own->window_scale = segment->has_window_scale ? segment->window_scale : 0;
        flow->handshake_seen = true;
        flow->reset = flow->refused = false; /* an earlier RST ended an earlier attempt */
        flow->reset_reason = -1;
        if (!ack) {
            own->syn_length = MAX(own->syn_length, segment->length);
            return;
        }
        mps_half_set_isn(peer, segment->ack - 1);
        if (peer->fast_open == 0 && segment->ack - (peer->isn + 1) <= peer->syn_length)
            peer->fast_open = segment->ack - (peer->isn + 1);
        flow->answered = true;
        flow->ack_lost |= half == 1 && peer->sent_after_syn;
        if (half == 1 && own->opening.count == 1)
            flow->syn_to_synack = answer_time(&peer->opening, segment);
        return;
    }
    if (MPS_UNLIKELY(!ack || segment->flags & MPS_TCP_RST))
        return;
    if (MPS_UNLIKELY(!own->sent_after_syn) && half == 0 && segment->length == 0)
        flow->synack_to_ack = answer_time(&peer->opening, segment);
    flow->answered = true;
    flow->confirmed |= half == 1;
    if (MPS_UNLIKELY(!flow->accepted))
        flow->accepted = half == 1 || completes_handshake(flow, segment);
}

/* Note an acknowledgement of a half that has no segment in the capture. */
static void claim(mps_half *half, uint32_t ack)
{
    if (!half->anchored && half->first_ack == 0)
        half->first_ack = ack;
    uint32_t claimed = ack - (half->isn_known ? half->isn + 1 : half->first_ack);
    if (claimed <= half->claimed || claimed > INT32_MAX)
        return; /* an old one; or so many bytes that extended numbers could not follow */
    half->claimed_one = claimed == half->claimed + 1;
    half->claimed = claimed;
}

/* Note an acknowledgement of what `half` sent. */
static void acknowledge(mps_flow *flow, unsigned half, uint32_t ack)
{
    mps_half *acked = flow->half[half];
    if (MPS_UNLIKELY(!acked->captured))
        claim(acked, ack);
    if (MPS_UNLIKELY(!acked->anchored))
        return;
    uint64_t number = mps_half_near(acked, ack);
    if (number <= acked->ack || number > acked->top + 1)
        return;
    acked->ack = number;
    mps_flow_acknowledged(flow, half);
}

/* Has the segment an MPTCP option other than MP_CAPABLE, or may the snaplen have cut one off? */
static bool has_mptcp_after_syn(const mps_segment *segment)
{
    bool found = segment->options_truncated;
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        found |= segment->mptcp[i].subtype != MPS_MP_CAPABLE;
    return found;
}

void mps_flow_segment(mps_flow *flow, unsigned half, const mps_segment *segment)
{
    mps_half *own = mps_flow_half(flow, half);
    if (MPS_LIKELY(segment->flags & MPS_TCP_ACK))
        mps_flow_half(flow, !half); /* it tells of the other one, too */
    flow->start = MIN(flow->start, segment->time);
    flow->end = MAX(flow->end, segment->time);
    own->captured = true;
    own->cut |= segment->options_truncated;
    handshake(flow, half, segment);
    if (MPS_UNLIKELY(segment->flags & MPS_TCP_SYN))
        return;
    const mps_option *join = mps_segment_option(segment, MPS_MP_JOIN);
    if (MPS_UNLIKELY((join && join->join.form == MPS_JOIN_ACK) ||
                     (half == 0 && carries(segment, MPS_MP_CAPABLE)))) {
        /* The third ACK of a handshake that was not captured shows both ISNs. Segments with data
         * can carry MP_CAPABLE, too: later ones must not change what is known. */
        if (!own->isn_known && !own->anchored)
            mps_half_set_isn(own, segment->seq - 1);
        if (!flow->half[!half]->isn_known && !flow->half[!half]->anchored)
            mps_half_set_isn(mps_flow_half(flow, !half), segment->ack - 1);
    }
    if (MPS_UNLIKELY(!own->sent_after_syn) && !(segment->flags & MPS_TCP_RST)) {
        own->sent_after_syn = true;
        own->first_seq = segment->seq;
        own->first_without_mptcp = segment->mptcp_count == 0 && !segment->options_truncated;
    }
    if (MPS_UNLIKELY(!own->sent_mptcp_after_syn))
        own->sent_mptcp_after_syn = has_mptcp_after_syn(segment);
    if (MPS_LIKELY(segment->flags & MPS_TCP_ACK))
        acknowledge(flow, !half, segment->ack);
}

void mps_flow_close(mps_flow *flow, unsigned half, const mps_segment *segment)
{
    if (MPS_UNLIKELY(segment->flags & MPS_TCP_FIN))
        flow->half[half]->fin = true;
    if (MPS_LIKELY(!(segment->flags & MPS_TCP_RST)) || flow->reset ||
        (flow->half[0]->fin && flow->half[1]->fin))
        return;
    const mps_option *reason = mps_segment_option(segment, MPS_MP_TCPRST);
    flow->reset = true;
    flow->reset_reason = -1;
    if (reason)
        flow->reset_reason = reason->tcprst.reason;
    flow->refused = half == 1 && !flow->confirmed && mps_runs_empty(&flow->half[0]->seen) &&
                    mps_runs_empty(&flow->half[1]->seen);
}

mps_subflow_state mps_flow_state(const mps_flow *flow)
{
    if (flow->reset || mps_flow_refusal(flow))
        return MPS_SUBFLOW_RESET;
    if (!flow->answered)
        return MPS_SUBFLOW_SYN;
    return flow->half[0]->fin && flow->half[1]->fin ? MPS_SUBFLOW_CLOSED : MPS_SUBFLOW_OPEN;
}
