/* tracker.c: takes segments in and gives a verdict for each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/hash.h"
#include "base/likely.h"
#include "copies.h"
#include <string.h>

static guint hash_flow_key(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(mps_flow_key));
}

static gboolean equal_flow_keys(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(mps_flow_key)) == 0;
}

static void free_token(gpointer connections)
{
    g_ptr_array_free(connections, TRUE);
}

mps_tracker *mps_tracker_new(mps_track what)
{
    mps_tracker *tracker = g_new0(mps_tracker, 1);
    tracker->what = what;
    tracker->table = g_hash_table_new(hash_flow_key, equal_flow_keys);
    tracker->ends = mps_pool_new(sizeof(mps_ends));
    tracker->flows = mps_pool_new(sizeof(mps_flow));
    tracker->connections = mps_pool_new(sizeof(mps_connection));
    tracker->numbering = g_new0(mps_numbering, 1);
    tracker->numbering->alive = g_ptr_array_new();
    tracker->numbering->from = MPS_NONE;
    tracker->copies = mps_copies_new();
    tracker->icmp = g_ptr_array_new_with_free_func(g_free);
    tracker->tokens = g_hash_table_new_full(mps_hash_number, NULL, NULL, free_token);
    tracker->time = INT64_MIN;
    return tracker;
}

static void free_flows(mps_tracker *tracker)
{
    for (uint32_t i = 0; i < tracker->connections->count; i++)
        mps_connection_clear(mps_pool_at(tracker->connections, i));
    for (uint32_t i = 0; i < tracker->flows->count; i++)
        mps_flow_clear(mps_pool_at(tracker->flows, i));
    mps_pool_free(tracker->connections);
    mps_pool_free(tracker->flows);
    mps_pool_free(tracker->ends);
}

void mps_tracker_free(mps_tracker *tracker)
{
    if (!tracker)
        return;
    if (tracker->hook.free)
        tracker->hook.free(tracker->hook.data);
    if (tracker->pieces)
        g_free(tracker->pieces->list);
    g_free(tracker->pieces);
    g_hash_table_destroy(tracker->table);
    g_hash_table_destroy(tracker->tokens);
    mps_copies_free(tracker->copies);
    g_ptr_array_free(tracker->icmp, TRUE);
    g_ptr_array_free(tracker->numbering->alive, TRUE);
    g_free(tracker->numbering);
    free_flows(tracker);
    mps_leaps_clear(&tracker->leaps);
    g_free(tracker);
}

/* Did this end send segments after the SYN, but no MPTCP option except MP_CAPABLE? */
static bool lost_mptcp(const mps_half *half)
{
    return half->sent_after_syn && !half->sent_mptcp_after_syn;
}

/* Why `half` sent payload without MPTCP, although SYN and SYN/ACK had MP_CAPABLE. */
static mps_fallback stripped_reason(const mps_flow *flow, unsigned half)
{
    const mps_half *opener = flow->half[0];
    bool plain_ack = half == 1 ? !opener->sent_after_syn || opener->first_without_mptcp
                               : opener->first_without_mptcp;
    if (plain_ack && flow->plain_syn)
        return MPS_FALLBACK_PLAIN_SYN;
    if (plain_ack && flow->other_version)
        return MPS_FALLBACK_OTHER_VERSION;
    if (plain_ack || (!flow->capable_ack && (half == 1 || lost_mptcp(flow->half[1]))))
        return MPS_FALLBACK_PLAIN_ACK;
    if (half == 1 && flow->ack_lost)
        return MPS_FALLBACK_ACK_LOST;
    if (lost_mptcp(flow->half[half]) || lost_mptcp(flow->half[!half]))
        return MPS_FALLBACK_OPTIONS_VANISHED;
    return MPS_FALLBACK_UNMAPPED_DATA;
}

/* The handshake agreed on MPTCP, but payload comes without it: a middlebox removed the options, or
 * the peer gave MPTCP up (RFC 8684 section 3.7). It is no fallback if only a mapping was lost: then
 * both ends sent MPTCP options and mappings before, or there are other subflows. */
static void check_stripped(mps_flow *flow, unsigned half, const mps_segment *segment,
                           mps_verdict *verdict)
{
    const mps_half *own = flow->half[half], *peer = flow->half[!half];
    if (MPS_LIKELY(verdict->unmapped <= 0) || !flow->capable_syn || segment->mptcp_count > 0 ||
        segment->options_truncated || flow->connection->flows.len > 1 ||
        segment->flags & (MPS_TCP_SYN | MPS_TCP_RST))
        return;
    if ((own->dss_seen || peer->dss_seen) && !lost_mptcp(own) && !lost_mptcp(peer))
        return;
    mps_flow_fall_back(flow, stripped_reason(flow, half), verdict);
}

const mps_segment_counts *mps_tracker_segment_counts(const mps_tracker *tracker)
{
    return &tracker->counts;
}

const mps_leaps *mps_tracker_leaps(const mps_tracker *tracker)
{
    return &tracker->leaps;
}

/* The third ACK of a handshake with MP_CAPABLE in SYN and SYN/ACK has none: the initiator continues
 * as plain TCP, even if nobody ever sends payload (RFC 8684 section 3.1). That a later segment
 * lacks the option proves nothing. */
static void check_third_ack(mps_flow *flow, const mps_segment *segment, mps_verdict *verdict)
{
    const mps_half *own = flow->half[0], *peer = flow->half[1];
    if (flow->capable_ack || !flow->capable_syn || !flow->capable_synack ||
        !own->first_without_mptcp || peer->sent_after_syn || segment->mptcp_count > 0 ||
        segment->options_truncated || segment->flags & (MPS_TCP_SYN | MPS_TCP_RST) ||
        segment->seq != mps_half_ssn_base(own) + 1 || segment->ack != peer->isn + 1)
        return;
    if (flow->other_version && !flow->plain_syn) /* that of the SYN/ACK was not agreed on */
        flow->connection->version = flow->version;
    mps_flow_fall_back(flow, stripped_reason(flow, 0), verdict);
}

void mps_tracker_set_hook(mps_tracker *tracker, const mps_tracker_hook *hook)
{
    tracker->hook = *hook;
    tracker->pieces = g_new0(mps_pieces, 1);
}

void mps_tracker_show_plain(mps_tracker *tracker)
{
    tracker->shows_plain = true;
}

void *mps_tracker_hook_data(const mps_tracker *tracker)
{
    return tracker->hook.data;
}

static void clear_pieces(mps_pieces *pieces)
{
    pieces->count = pieces->retransmitted = 0;
    pieces->cut = false;
}

static void show_segment(mps_tracker *tracker, mps_flow *flow, unsigned half,
                         const mps_segment *segment, const mps_verdict *verdict)
{
    mps_view view;
    mps_view_segment(tracker, flow, half, segment, verdict, &view);
    tracker->hook.segment(tracker->hook.data, &view);
}

void mps_tracker_take(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict)
{
    *verdict = (mps_verdict){.frame = segment->frame, .subflow = flow->id, .half = (uint8_t)half};
    if (tracker->pieces)
        clear_pieces(tracker->pieces);
    mps_flow_segment(flow, half, segment);
    bool was_plain = !flow->connection;
    mps_flow_options(tracker, flow, half, segment, verdict);
    if (MPS_LIKELY(flow->connection != NULL)) {
        if (MPS_LIKELY(!tracker->late))
            mps_leaps_segment(&tracker->leaps, &flow->half[half]->latest,
                              &flow->half[!half]->latest, segment);
        mps_connection *connection = flow->connection;
        tracker->counts.mptcp++;
        tracker->counts.mptcp_cut += segment->options_truncated;
        if (MPS_UNLIKELY(was_plain) && flow->frame != segment->frame)
            tracker->generation++; /* it had no number until now */
        connection->start = MIN(connection->start, segment->time);
        connection->end = MAX(connection->end, segment->time);
    }
    if (flow->connection && half == 0 && !flow->connection->fallback)
        check_third_ack(flow, segment, verdict);
    if (MPS_UNLIKELY(flow->half[half]->fallback_pending))
        mps_flow_continue_unmapped(flow, half, verdict);
    mps_flow_payload(flow, half, segment, verdict);
    if (flow->connection)
        check_stripped(flow, half, segment, verdict);
    mps_flow_close(flow, half, segment);
    if (tracker->hook.segment && (flow->connection || tracker->shows_plain))
        show_segment(tracker, flow, half, segment, verdict);
}

bool mps_tracker_segment(mps_tracker *tracker, const mps_segment *segment, mps_verdict *verdict)
{
    unsigned half;
    tracker->counts.tcp++;
    tracker->counts.tcp_cut += segment->options_truncated;
    if (MPS_UNLIKELY(segment->time < tracker->time)) {
        tracker->disordered = true;
        if (tracker->replay_follows)
            tracker->hook.segment = NULL;
    }
    tracker->time = segment->time;
    const mps_ends *ends = mps_flow_of(tracker, segment, &half);
    if (!ends)
        return false;
    if (MPS_UNLIKELY(tracker->copies->fed->len > 0))
        g_ptr_array_set_size(tracker->copies->fed, 0);
    const uint32_t copy = mps_copies_take(tracker, ends, half, segment);
    if (MPS_LIKELY(copy == 0))
        mps_tracker_take(tracker, ends->flow, half, segment, verdict);
    else
        *verdict = (mps_verdict){.frame = segment->frame,
                                 .subflow = ends->flow->id,
                                 .half = (uint8_t)half,
                                 .copy = copy};
    return true;
}
