/* handshakes.c: counts handshakes with MP_CAPABLE and MP_JOIN.
 *
 * A host counts a received SYN when it answers it, and does not count its repetitions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mib_internal.h"

/* Reasons of MP_TCPRST (RFC 8684 section 3.6). */
#define REASON_MPTCP 1      /* MPTCP-specific error */
#define REASON_PROHIBITED 3 /* administratively prohibited */

void mps_mib_syn(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    const mps_option *join = mps_mib_option(current, MPS_MP_JOIN);
    bool capable = mps_mib_option(current, MPS_MP_CAPABLE) != NULL;
    if (flow->syn != 0) {
        if (flow->opens == MPS_MIB_OPENS_CONNECTION && !capable && !flow->repeated_plain &&
            !current->segment->options_truncated) {
            flow->repeated_plain = true;
            mps_mib_stop_mptcp(current, 0);
            mps_mib_count(current, MPS_MIB_MPCapableSYNTXDrop, 0);
        }
        return;
    }
    flow->syn = current->segment->frame;
    flow->opens = capable ? MPS_MIB_OPENS_CONNECTION
                  : join  ? MPS_MIB_OPENS_SUBFLOW
                          : MPS_MIB_OPENS_NOTHING;
    if (capable) {
        mps_mib_count(current, MPS_MIB_MPCapableSYNTX, 0);
    } else if (join) {
        flow->backup = join->join.backup;
        mps_mib_count(current, MPS_MIB_MPJoinSynTx, 0);
    }
}

/* Count only if the responder's port is not that of the initial subflow. */
static void count_other_port(const mps_mib_segment *current, mps_mib_counter counter, unsigned half,
                             uint32_t frame, bool doubtful)
{
    mps_mib_event event = {.frame = frame, .amount = 1, .other_port = true, .doubtful = doubtful};
    mps_mib_add(current, counter, half, event);
}

/* The host of a half may have counted the current segment: the counter is not known. */
static void count_doubtful(const mps_mib_segment *current, mps_mib_counter counter, unsigned half)
{
    mps_mib_event event = {.frame = current->segment->frame, .amount = 1, .doubtful = true};
    mps_mib_add(current, counter, half, event);
}

/* A listening socket accepted a SYN with MP_JOIN. */
static void count_join_syn(const mps_mib_segment *current)
{
    mps_mib_count_frame(current, MPS_MIB_MPJoinSynRx, 1, current->flow->syn);
    if (current->flow->backup)
        mps_mib_count_frame(current, MPS_MIB_MPJoinSynBackupRx, 1, current->flow->syn);
}

static void take_capable_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (flow->agreed)
        mps_mib_count_frame(current, MPS_MIB_MPCapableSYNRX, 1, flow->syn);
    if (!flow->repeated_plain)
        mps_mib_count(
            current, flow->agreed ? MPS_MIB_MPCapableSYNACKRX : MPS_MIB_MPCapableFallbackSYNACK, 0);
    if (!flow->agreed) {
        mps_mib_stop_mptcp(current, 0);
        mps_mib_stop_mptcp(current, 1);
    }
}

static void take_join_synack(const mps_mib_segment *current, const mps_option *join)
{
    mps_mib_flow *flow = current->flow;
    flow->backup_synack = join->join.backup;
    count_join_syn(current);
    count_other_port(current, MPS_MIB_MPJoinPortSynRx, 1, flow->syn, false);
    if (mps_hmac_check(current->view->tracker, current->view->flow->id, 1, join) == MPS_CHECK_BAD)
        mps_mib_count(current, MPS_MIB_MPJoinAckHMacFailure, 0);
}

void mps_mib_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    bool connects = flow->opens == MPS_MIB_OPENS_CONNECTION;
    const mps_option *agreed = mps_mib_option(current, connects ? MPS_MP_CAPABLE : MPS_MP_JOIN);
    if (flow->opens == MPS_MIB_OPENS_NOTHING || flow->synack != 0 ||
        (!agreed && current->segment->options_truncated))
        return;
    flow->synack = current->segment->frame;
    flow->agreed = agreed != NULL;
    if (connects)
        take_capable_synack(current);
    else if (agreed)
        take_join_synack(current, agreed);
}

/* A listening socket refuses a SYN by RST with a reason, which shows that it is an MPTCP socket.
 * The SYN may have had no MPTCP option, so that the tracker did not see it. Then client and server
 * are guessed. */
static void take_refused_syn(const mps_mib_segment *current, const mps_option *reset)
{
    const mps_mib_flow *flow = current->flow;
    uint8_t reason = reset->tcprst.reason;
    if (flow->opens == MPS_MIB_OPENS_SUBFLOW) {
        count_join_syn(current);
        if (reason == REASON_MPTCP)
            mps_mib_count(current, MPS_MIB_MPJoinNoTokenFound, 1);
        else if (reason == REASON_PROHIBITED)
            mps_mib_count(current, MPS_MIB_MismatchPortSynRx, 1);
    } else if (reason == REASON_PROHIBITED) {
        if (flow->opens == MPS_MIB_OPENS_CONNECTION)
            mps_mib_count_frame(current, MPS_MIB_MPCapableSYNRX, 1, flow->syn);
        mps_mib_count(current, MPS_MIB_MPCapableEndpAttempt, current->sender);
    }
}

/* The initiator's first segment after the SYN/ACK. */
static void take_first_after_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    flow->sent_after_synack = true;
    if (mps_mib_has_flag(current, MPS_TCP_RST))
        return;
    if (flow->opens == MPS_MIB_OPENS_SUBFLOW) {
        mps_mib_count_frame(current, MPS_MIB_MPJoinSynAckRx, 0, flow->synack);
        if (flow->backup_synack)
            mps_mib_count_frame(current, MPS_MIB_MPJoinSynAckBackupRx, 0, flow->synack);
        count_other_port(current, MPS_MIB_MPJoinPortSynAckRx, 0, flow->synack, false);
    } else if (mps_mib_option(current, MPS_MP_CAPABLE)) {
        mps_mib_count(current, MPS_MIB_MPCapableACKRX, 1);
    } else if (!current->segment->options_truncated) {
        mps_mib_count(current, MPS_MIB_MPCapableFallbackACK, 1);
        mps_mib_stop_mptcp(current, 1);
    }
}

/* A listening socket refused the third ACK of an MP_JOIN. The cause is a bad HMAC, the path
 * manager, or that the connection is about to end or fell back; the last is not counted. */
static void take_rejection(const mps_mib_segment *current)
{
    const mps_mib_flow *flow = current->flow;
    const mps_option *reset = mps_mib_option(current, MPS_MP_TCPRST);
    const mps_connection *connection = current->view->flow->connection;
    bool ending = connection->space[0].has_fin || connection->space[1].has_fin ||
                  connection->fastclosed || connection->fallback;
    if (flow->third_hmac == MPS_CHECK_BAD) {
        mps_mib_count_frame(current, MPS_MIB_MPJoinAckHMacFailure, 1, flow->third);
        return;
    }
    if (flow->third_hmac == MPS_CHECK_UNKNOWN)
        count_doubtful(current, MPS_MIB_MPJoinAckHMacFailure, 1);
    if (!reset || reset->tcprst.reason != REASON_PROHIBITED)
        return;
    count_other_port(current, MPS_MIB_MPJoinPortAckRx, 1, flow->third, true);
    if (flow->third_hmac == MPS_CHECK_UNKNOWN || ending)
        count_doubtful(current, MPS_MIB_MPJoinRejected, 1);
    else
        mps_mib_count(current, MPS_MIB_MPJoinRejected, 1);
}

/* The responder's first segment after the third ACK of an MP_JOIN. A listening socket refuses by
 * RST without ACK flag. */
static void take_join_decision(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    flow->join_decided = true;
    if (mps_mib_has_flag(current, MPS_TCP_RST) && !mps_mib_has_flag(current, MPS_TCP_ACK)) {
        take_rejection(current);
        return;
    }
    mps_mib_count_frame(current, MPS_MIB_MPJoinAckRx, 1, flow->third);
    count_other_port(current, MPS_MIB_MPJoinPortAckRx, 1, flow->third, false);
}

void mps_mib_handshake(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    const mps_option *join = mps_mib_option(current, MPS_MP_JOIN);
    const mps_option *reset = mps_mib_option(current, MPS_MP_TCPRST);
    if (current->sender == 0 && flow->agreed && !flow->sent_after_synack)
        take_first_after_synack(current);
    if (current->sender == 0 && flow->agreed && flow->third == 0 && join &&
        join->join.form == MPS_JOIN_ACK) {
        flow->third = current->segment->frame;
        flow->third_hmac =
            (uint8_t)mps_hmac_check(current->view->tracker, current->view->flow->id, 0, join);
    }
    if (reset && flow->synack == 0 && mps_mib_refuses_syn(current) &&
        (current->sender == 1 || flow->opens == MPS_MIB_OPENS_NOTHING))
        take_refused_syn(current, reset);
    if (current->sender == 1 && flow->third != 0 && !flow->join_decided)
        take_join_decision(current);
}
