/* doubts.c: what only the whole capture shows: how handshakes were confirmed, and which counters
 * are not known because the capture lacks segments or the snaplen cut options.
 *
 * A segment that the capture lacks is known by what others show: an acknowledgement of bytes that
 * were not captured, an answer without its question. Each counter that the missing segment could
 * have raised is in doubt. It may have had any option; it was no RST if it was acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/milestones.h"
#include "mib_internal.h"

/* What a missing segment may have been, or had. */
typedef enum {
    GROUP_SYN,
    GROUP_SYNACK,
    GROUP_ACK,      /* the third one of a handshake */
    GROUP_DROPPED,  /* a SYN with MP_JOIN that was dropped without an answer */
    GROUP_OPTIONS,  /* options that announce something */
    GROUP_FALLBACK, /* what makes the receiver fall back */
    GROUP_RESET,
} doubt_group;

/* Which host counts. In a handshake it is the end of the subflow, else the end of the segment. */
enum { OPENER = 0, RESPONDER = 1, SENDER = 0, RECEIVER = 1 };

static const struct {
    uint8_t group, counter, host;
    uint8_t opens; /* mps_mib_opens: only on such a subflow; 0: on any */
    bool other_port;
} members[] = {
    {GROUP_SYN, MPS_MIB_MPCapableSYNTX, OPENER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYN, MPS_MIB_MPCapableSYNRX, RESPONDER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYN, MPS_MIB_MPCapableSYNTXDrop, OPENER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYN, MPS_MIB_MPJoinSynTx, OPENER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYN, MPS_MIB_MPJoinSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYN, MPS_MIB_MPJoinSynBackupRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYN, MPS_MIB_MPJoinPortSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, true},
    {GROUP_SYNACK, MPS_MIB_MPCapableSYNRX, RESPONDER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYNACK, MPS_MIB_MPCapableSYNACKRX, OPENER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYNACK, MPS_MIB_MPCapableFallbackSYNACK, OPENER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_SYNACK, MPS_MIB_MPJoinSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYNACK, MPS_MIB_MPJoinSynBackupRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYNACK, MPS_MIB_MPJoinPortSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, true},
    {GROUP_SYNACK, MPS_MIB_MPJoinSynAckRx, OPENER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYNACK, MPS_MIB_MPJoinSynAckBackupRx, OPENER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_SYNACK, MPS_MIB_MPJoinPortSynAckRx, OPENER, MPS_MIB_OPENS_SUBFLOW, true},
    {GROUP_SYNACK, MPS_MIB_MPJoinAckHMacFailure, OPENER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_ACK, MPS_MIB_MPCapableACKRX, RESPONDER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_ACK, MPS_MIB_MPCapableFallbackACK, RESPONDER, MPS_MIB_OPENS_CONNECTION, false},
    {GROUP_ACK, MPS_MIB_MPJoinAckRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_ACK, MPS_MIB_MPJoinPortAckRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, true},
    {GROUP_ACK, MPS_MIB_MPJoinAckHMacFailure, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_ACK, MPS_MIB_MPJoinRejected, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_DROPPED, MPS_MIB_MPJoinSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_DROPPED, MPS_MIB_MPJoinNoTokenFound, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_DROPPED, MPS_MIB_MPJoinRejected, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_DROPPED, MPS_MIB_MismatchPortSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, false},
    {GROUP_DROPPED, MPS_MIB_MPJoinPortSynRx, RESPONDER, MPS_MIB_OPENS_SUBFLOW, true},
    {GROUP_OPTIONS, MPS_MIB_AddAddrTx, SENDER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_AddAddr, RECEIVER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_EchoAddTx, SENDER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_EchoAdd, RECEIVER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_PortAdd, RECEIVER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_RmAddrTx, SENDER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_RmAddr, RECEIVER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_MPPrioTx, SENDER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_MPPrioRx, RECEIVER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_MPFailTx, SENDER, 0, false},
    {GROUP_OPTIONS, MPS_MIB_MPFailRx, RECEIVER, 0, false},
    {GROUP_FALLBACK, MPS_MIB_InfiniteMapTx, SENDER, 0, false},
    {GROUP_FALLBACK, MPS_MIB_InfiniteMapRx, RECEIVER, 0, false},
    {GROUP_FALLBACK, MPS_MIB_DssFallback, RECEIVER, 0, false},
    {GROUP_RESET, MPS_MIB_MPRstTx, SENDER, 0, false},
    {GROUP_RESET, MPS_MIB_MPRstRx, RECEIVER, 0, false},
    {GROUP_RESET, MPS_MIB_MPFastcloseTx, SENDER, 0, false},
    {GROUP_RESET, MPS_MIB_MPFastcloseRx, RECEIVER, 0, false},
};

/* A subflow that is searched. */
typedef struct {
    GArray *events;
    const mps_tracker *tracker;
    const mps_flow *flow;
    const mps_mib_flow *mib;
    mps_mib_opens opens; /* what its SYN asked for; MPS_MIB_OPENS_NOTHING: not known */
} doubt_search;

static void add_event(const doubt_search *at, mps_mib_counter counter, unsigned half,
                      mps_mib_event event)
{
    event.counter = (uint8_t)counter;
    event.half_id = 2 * at->flow->id + half;
    g_array_append_val(at->events, event);
}

/* Doubt the counters of a group.
 * @param half   whose segment is missing. Of a handshake it is 0; 1 swaps opener and responder
 * @param frame  of the segment that shows it
 * @param all    the sender's own segments are in doubt, too */
static void doubt(const doubt_search *at, doubt_group group, unsigned half, uint32_t frame,
                  mps_mib_doubt reason, bool all)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(members); i++) {
        if (members[i].group != group || (!all && members[i].host == SENDER) ||
            (members[i].opens && at->opens && members[i].opens != at->opens))
            continue;
        mps_mib_event event = {
            .frame = frame, .doubt = (uint8_t)reason, .other_port = members[i].other_port};
        add_event(at, members[i].counter, half ^ members[i].host, event);
    }
}

static void doubt_handshake(const doubt_search *at, uint32_t frame, mps_mib_doubt reason)
{
    for (unsigned group = GROUP_SYN; group <= GROUP_ACK; group++)
        doubt(at, group, 0, frame, reason, true);
}

/* --- The third ACK --- */

/* What the responder counted for the third ACK of an MP_CAPABLE, as its answers show. A plain
 * answer to an MP_CAPABLE shows that it did not arrive, or that the path took the answer's options.
 */
static void count_capable_ack(const doubt_search *at)
{
    const mps_mib_flow *mib = at->mib;
    uint32_t frame = mib->capable_ack ? mib->capable_ack : mib->confirmed;
    bool plain = mib->plain_answer > 0 || at->flow->ack_lost;
    mps_mib_event once = {.frame = frame, .amount = 1}, none = {.frame = mib->capable_ack};
    none.doubt = MPS_MIB_DEPENDS;
    if (mib->opens != MPS_MIB_OPENS_CONNECTION || !mib->agreed)
        return;
    if (mib->confirmed > 0 || (mib->capable_ack > 0 && (mib->data_fallback || !plain)) ||
        (mib->capable_ack > 0 && mib->plain_ack > 0)) {
        add_event(at, MPS_MIB_MPCapableACKRX, RESPONDER, once);
    } else if (mib->capable_ack > 0) {
        add_event(at, MPS_MIB_MPCapableACKRX, RESPONDER, none);
        add_event(at, MPS_MIB_MPCapableFallbackACK, RESPONDER, none);
        add_event(at, MPS_MIB_DssFallback, RESPONDER, none);
    } else if (mib->plain_ack > 0) {
        once.frame = mib->plain_ack;
        add_event(at, MPS_MIB_MPCapableFallbackACK, RESPONDER, once);
    }
}

/* --- Segments of a handshake that the capture lacks --- */

static mps_mib_doubt reason_of(bool cut)
{
    return cut ? MPS_MIB_CUT : MPS_MIB_UNCAPTURED;
}

static void search_handshake(const doubt_search *at)
{
    const mps_mib_flow *mib = at->mib;
    const mps_flow *flow = at->flow;
    bool opening = mib->opens != MPS_MIB_OPENS_NOTHING;
    bool cut = mib->cut[0] > 0 || mib->cut[1] > 0; /* as those of the SYN may have been */
    bool late = flow->connection->has_syn_time || flow->handshake_seen || cut;
    if (!opening && mib->syn > 0 && mib->cut[0] == mib->syn)
        doubt_handshake(at, mib->syn, MPS_MIB_CUT);
    else if (!opening && mib->syn == 0 && (mib->seen[0] > 0 || mib->seen[1] > 0) && late)
        doubt_handshake(at, flow->frame, reason_of(cut));
    else if (mib->no_syn)
        doubt(at, GROUP_SYN, 0, mib->syn, reason_of(mib->cut[0] > 0), true);
    if (opening && mib->no_synack > 0)
        doubt(at, GROUP_SYNACK, 0, mib->no_synack, reason_of(mib->cut[1] > 0), true);
    bool third = mib->capable_ack > 0 || mib->plain_ack > 0 || mib->third > 0;
    if (opening && !third && mib->confirmed == 0 && (mib->cut[0] > 0 || mib->no_synack > 0))
        doubt(at, GROUP_ACK, 0, mib->cut[0] ? mib->cut[0] : mib->no_synack,
              reason_of(mib->cut[0] > 0), true);
    /* A host that uses SYN cookies counts a SYN that it then drops without a word. */
    if (mib->opens == MPS_MIB_OPENS_SUBFLOW && mib->synack == 0 && mib->no_synack == 0 &&
        mib->refused == 0) {
        doubt(at, GROUP_DROPPED, 0, mib->syn, MPS_MIB_DEPENDS, true);
        if (mib->backup)
            add_event(at, MPS_MIB_MPJoinSynBackupRx, RESPONDER,
                      (mps_mib_event){.frame = mib->syn, .doubt = MPS_MIB_DEPENDS});
    }
}

/* --- Other segments that the capture lacks --- */

/* @return how many bytes of a half were acknowledged, but not captured */
static uint64_t count_missing(const mps_flow *flow, const mps_mib_flow *mib, unsigned half)
{
    uint64_t missing = 0;
    for (uint64_t at = MPS_ANCHOR; at < mib->acked[half];) {
        mps_run run;
        bool found =
            mps_runs_find(&flow->half[half]->seen, at, &run) && run.start < mib->acked[half];
        uint64_t stop = found ? MAX(run.start, at) : mib->acked[half];
        missing += stop - at;
        at = found ? run.end : stop;
    }
    bool fin = mib->fin[half] > 0 && mib->fin[half] < mib->acked[half];
    return missing - (missing > 0 && fin);
}

/* Doubt what a segment of a half could have raised, except in a handshake. Who sends MPTCP options
 * later has not fallen back. @param all  as of doubt() */
static void doubt_segment(const doubt_search *at, unsigned half, uint32_t frame,
                          mps_mib_doubt reason, bool all)
{
    const mps_mib_flow *mib = at->mib;
    mps_mib_event event = {.frame = frame, .doubt = (uint8_t)reason};
    doubt(at, GROUP_OPTIONS, half, frame, reason, all);
    if (at->flow->connection->checksum != 0)
        add_event(at, MPS_MIB_DataCsumErr, !half, event);
    if (!mps_mib_has_others(at->flow) && MIN(mib->last_mptcp[0], mib->last_mptcp[1]) <= frame)
        doubt(at, GROUP_FALLBACK, half, frame, reason, all);
    if (half == 1 && at->flow->initial != 0 && !mib->established)
        add_event(at, MPS_MIB_MPCapableDataFallback, OPENER, event);
}

/* @return whether the capture shows how the subflow ended, so that it lacks no RST */
static bool has_ended(const mps_flow *flow, const mps_mib_flow *mib)
{
    return mib->reset[0] || mib->reset[1] || (mib->fin[0] > 0 && mib->fin[1] > 0) ||
           (mib->seen[0] == 0 && mib->seen[1] == 0) || flow->reset;
}

/* The capture has no segment of one direction of a subflow, though the other one shows that there
 * were. @return the frame that shows it; 0: it has both. @param half  set to the missing one */
static uint32_t find_one_way(const doubt_search *at, unsigned *half)
{
    for (*half = 0; *half < 2; ++*half) {
        unsigned other = !*half;
        uint32_t segments = mps_milestones_of_half(at->tracker, 2 * at->flow->id + *half).segments;
        uint32_t shown = at->mib->seen[other];
        if (shown == 0 && *half == 0)
            shown = at->mib->synack;
        if (segments == 0 && shown > 0)
            return shown;
    }
    return 0;
}

/* Search one subflow. @return the frame that shows that the capture lacks segments; 0: none does
 * @param missing  to which the missing bytes of each direction of the connection are added */
static uint32_t search_flow(const doubt_search *at, uint64_t missing[2])
{
    const mps_mib_flow *mib = at->mib;
    unsigned absent;
    uint32_t frame = find_one_way(at, &absent);
    count_capable_ack(at);
    search_handshake(at);
    for (unsigned half = 0; half < 2; half++) {
        uint64_t bytes = count_missing(at->flow, mib, half);
        missing[mps_flow_direction(at->flow, half)] += bytes;
        if (bytes > 0 && frame == 0)
            frame = mib->acked_frame[half];
        if (mib->cut[half] > 0)
            doubt_segment(at, half, mib->cut[half], MPS_MIB_CUT, true);
        if (mib->cut_reset[half] > 0)
            doubt(at, GROUP_RESET, half, mib->cut_reset[half], MPS_MIB_CUT, true);
    }
    if (mib->cut_reset[1] > 0 && mib->synack == 0)
        doubt(at, GROUP_DROPPED, 0, mib->cut_reset[1], MPS_MIB_CUT, true);
    if (mib->missed > 0 && mib->confirmed > 0)
        doubt_segment(at, 0, mib->missed, MPS_MIB_UNCAPTURED, false);
    if (absent < 2) {
        doubt_handshake(at, frame, MPS_MIB_UNCAPTURED);
        doubt_segment(at, absent, frame, MPS_MIB_UNCAPTURED, true);
        doubt_segment(at, !absent, frame, MPS_MIB_UNCAPTURED, false);
        doubt(at, GROUP_RESET, absent, frame, MPS_MIB_UNCAPTURED, true);
        doubt(at, GROUP_RESET, !absent, frame, MPS_MIB_UNCAPTURED, false);
        return 0;
    }
    return frame;
}

/* The capture lacks segments of a connection: any option may have been in them, and a RST where it
 * shows no end of the subflow. */
static void doubt_connection(doubt_search *at, const mps_connection *connection,
                             const mps_mib_state *state, uint32_t frame)
{
    for (unsigned half = 0; half < 2; half++)
        doubt_segment(at, half, frame, MPS_MIB_UNCAPTURED, true);
    for (guint i = 0; i < connection->flows.len; i++) {
        at->flow = connection->flows.pdata[i];
        at->mib = mps_analysis_slot(state->flows, at->flow->id);
        for (unsigned half = 0; half < 2 && !has_ended(at->flow, at->mib); half++)
            doubt(at, GROUP_RESET, half, frame, MPS_MIB_UNCAPTURED, true);
    }
}

/* DATA_ACKs cover more than what the subflows' acknowledgements show to be missing: a subflow was
 * not captured. @return the frame that shows it; 0: none */
static uint32_t search_subflows(doubt_search *at, uint32_t number, const uint64_t missing[2])
{
    uint32_t frame = 0;
    at->opens = MPS_MIB_OPENS_SUBFLOW;
    for (unsigned d = 0; d < 2; d++) {
        mps_data_milestones data = mps_milestones_of_data(at->tracker, number, d);
        if (data.unseen > 0 && frame == 0)
            frame = data.unseen_acks;
        if (data.unseen <= missing[d] + 1) /* 1: the DATA_FIN */
            continue;
        for (unsigned half = 0; half < 2; half++)
            for (unsigned group = GROUP_SYN; group <= GROUP_ACK; group++)
                doubt(at, group, half, frame, MPS_MIB_UNCAPTURED, true);
    }
    return frame;
}

/* @return what the SYN of a flow asked for. A connection has one initial subflow. */
static mps_mib_opens opens_of(const mps_flow *flow, bool has_initial)
{
    if (flow->initial == 1)
        return MPS_MIB_OPENS_CONNECTION;
    return flow->initial == 0 || has_initial ? MPS_MIB_OPENS_SUBFLOW : MPS_MIB_OPENS_NOTHING;
}

static void search_connection(doubt_search *at, uint32_t number, const mps_mib_state *state)
{
    const mps_connection *connection = mps_tracker_connection_at(at->tracker, number);
    uint64_t missing[2] = {0, 0};
    uint32_t frame = 0;
    bool cut = false, has_initial = false;
    if (connection->flows.len == 0)
        return;
    for (guint i = 0; i < connection->flows.len; i++)
        has_initial |= ((const mps_flow *)connection->flows.pdata[i])->initial == 1;
    for (guint i = 0; i < connection->flows.len; i++) {
        at->flow = connection->flows.pdata[i];
        at->mib = mps_analysis_slot(state->flows, at->flow->id);
        at->opens = opens_of(at->flow, has_initial);
        uint32_t own = search_flow(at, missing);
        frame = frame ? frame : own;
        cut |= at->mib->cut[0] > 0 || at->mib->cut[1] > 0;
    }
    if (!cut) { /* otherwise mappings were cut, and all options are in doubt */
        uint32_t data = search_subflows(at, number, missing);
        frame = frame ? frame : data;
    }
    if (frame > 0)
        doubt_connection(at, connection, state, frame);
}

GArray *mps_mib_final_events(const mps_tracker *tracker)
{
    const mps_mib_state *state = mps_analysis_state(tracker, &mps_mib_analysis);
    doubt_search at = {.tracker = tracker};
    at.events = g_array_new(FALSE, TRUE, sizeof(mps_mib_event));
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++)
        search_connection(&at, i, state);
    return at.events;
}
