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
    if (flow->syn != 0 && !flow->no_syn) {
        if (flow->opens == MPS_MIB_OPENS_CONNECTION && !capable && !flow->repeated_plain &&
            !current->segment->options_truncated) {
            flow->repeated_plain = true;
            mps_mib_stop_mptcp(current, 0);
            mps_mib_count(current, MPS_MIB_MPCapableSYNTXDrop, 0);
        }
        return;
    }
    flow->syn = current->segment->frame;
    flow->no_syn = false;
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
                             uint32_t frame, mps_mib_doubt doubt)
{
    mps_mib_event event = {
        .frame = frame, .amount = 1, .other_port = true, .doubt = (uint8_t)doubt};
    mps_mib_add(current, counter, half, event);
}

/* The host of a half may have counted the current segment: the counter is not known. */
static void count_doubtful(const mps_mib_segment *current, mps_mib_counter counter, unsigned half)
{
    mps_mib_event event = {.frame = current->segment->frame, .doubt = MPS_MIB_DEPENDS};
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
    count_other_port(current, MPS_MIB_MPJoinPortSynRx, 1, flow->syn, MPS_MIB_KNOWN);
    if (mps_hmac_check(current->view->tracker, current->view->flow->id, 1, join) == MPS_CHECK_BAD)
        mps_mib_count(current, MPS_MIB_MPJoinAckHMacFailure, 0);
}

/* The SYN is missing; the SYN/ACK shows what it must have asked for. */
static void infer_syn(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (mps_mib_option(current, MPS_MP_CAPABLE))
        flow->opens = MPS_MIB_OPENS_CONNECTION;
    else if (mps_mib_option(current, MPS_MP_JOIN))
        flow->opens = MPS_MIB_OPENS_SUBFLOW;
    else
        return;
    flow->syn = current->segment->frame;
    flow->no_syn = true;
    flow->sent_mptcp[0] = true;
}

void mps_mib_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (flow->syn == 0 || (flow->opens == MPS_MIB_OPENS_NOTHING && flow->cut[0] > 0))
        infer_syn(current);
    bool connects = flow->opens == MPS_MIB_OPENS_CONNECTION;
    const mps_option *agreed = mps_mib_option(current, connects ? MPS_MP_CAPABLE : MPS_MP_JOIN);
    if (flow->opens == MPS_MIB_OPENS_NOTHING || flow->synack != 0)
        return;
    if (!agreed && current->segment->options_truncated) {
        flow->no_synack = current->segment->frame;
        return;
    }
    flow->synack = current->segment->frame;
    flow->no_synack = 0;
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

/* The initiator accepted a SYN/ACK with MP_JOIN. */
static void count_join_synack(const mps_mib_segment *current)
{
    const mps_mib_flow *flow = current->flow;
    uint32_t frame = flow->synack ? flow->synack : current->segment->frame;
    mps_mib_count_frame(current, MPS_MIB_MPJoinSynAckRx, 0, frame);
    if (flow->backup_synack)
        mps_mib_count_frame(current, MPS_MIB_MPJoinSynAckBackupRx, 0, frame);
    count_other_port(current, MPS_MIB_MPJoinPortSynAckRx, 0, frame, MPS_MIB_KNOWN);
}

/* The initiator's first segment after the SYN/ACK. What the responder counts for its MP_CAPABLE, or
 * for want of it, doubts.c decides by what comes later. */
static void take_first_after_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    flow->sent_after_synack = true;
    if (mps_mib_has_flag(current, MPS_TCP_RST))
        return;
    if (flow->opens == MPS_MIB_OPENS_SUBFLOW) {
        count_join_synack(current);
    } else if (mps_mib_option(current, MPS_MP_CAPABLE)) {
        flow->capable_ack = current->segment->frame;
    } else if (!current->segment->options_truncated && flow->confirmed == 0) {
        flow->plain_ack = current->segment->frame;
        mps_mib_stop_mptcp(current, 1);
    }
}

/* The responder answered with an MPTCP option: it had a third ACK with MP_CAPABLE or MP_JOIN, even
 * if the capture has none. */
static void infer_third(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (flow->opens == MPS_MIB_OPENS_SUBFLOW && !flow->sent_after_synack)
        count_join_synack(current);
    flow->sent_after_synack = true;
    if (flow->opens == MPS_MIB_OPENS_SUBFLOW && flow->third == 0) {
        flow->third = current->segment->frame;
        flow->third_hmac = MPS_CHECK_OK;
    }
    if (flow->plain_ack > 0 && flow->fell_back[1] && !flow->data_fallback) {
        flow->fell_back[1] = false;
        flow->received_until[1] = 0;
    }
}

/* A segment of the responder after its SYN/ACK. */
static void take_answer(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (mps_mib_has_option(current->segment)) {
        if (flow->confirmed == 0) {
            flow->confirmed = current->segment->frame;
            infer_third(current);
        }
    } else if (flow->plain_answer == 0 && !current->segment->options_truncated) {
        flow->plain_answer = current->segment->frame;
    }
}

/* A segment after a SYN to which the capture has no answer: it lacks the SYN/ACK. */
static void infer_synack(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    if (flow->no_synack == 0)
        flow->no_synack = current->segment->frame;
    flow->agreed |= mps_mib_has_option(current->segment);
}

/* A listening socket refused the third ACK of an MP_JOIN. The cause is a bad HMAC, the path
 * manager, or that the connection is about to end or fell back; the last is not counted. */
static void take_rejection(const mps_mib_segment *current)
{
    const mps_mib_flow *flow = current->flow;
    const mps_option *reset = mps_mib_option(current, MPS_MP_TCPRST);
    const mps_connection *connection = current->view->flow->connection;
    bool ending = connection->space[0]->has_fin || connection->space[1]->has_fin ||
                  connection->fastclosed || connection->fallback;
    if (flow->third_hmac == MPS_CHECK_BAD) {
        mps_mib_count_frame(current, MPS_MIB_MPJoinAckHMacFailure, 1, flow->third);
        return;
    }
    if (flow->third_hmac == MPS_CHECK_UNKNOWN)
        count_doubtful(current, MPS_MIB_MPJoinAckHMacFailure, 1);
    if (!reset || reset->tcprst.reason != REASON_PROHIBITED)
        return;
    count_other_port(current, MPS_MIB_MPJoinPortAckRx, 1, flow->third, MPS_MIB_DEPENDS);
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
    count_other_port(current, MPS_MIB_MPJoinPortAckRx, 1, flow->third, MPS_MIB_KNOWN);
}

void mps_mib_handshake(const mps_mib_segment *current)
{
    mps_mib_flow *flow = current->flow;
    const mps_option *join = mps_mib_option(current, MPS_MP_JOIN);
    const mps_option *reset = mps_mib_option(current, MPS_MP_TCPRST);
    bool is_reset = mps_mib_has_flag(current, MPS_TCP_RST);
    if (flow->opens != MPS_MIB_OPENS_NOTHING && flow->synack == 0 && !is_reset)
        infer_synack(current);
    if (current->sender == 0 && flow->agreed && !flow->sent_after_synack)
        take_first_after_synack(current);
    if (current->sender == 0 && flow->agreed && flow->third == 0 && join &&
        join->join.form == MPS_JOIN_ACK) {
        flow->third = current->segment->frame;
        flow->third_hmac =
            (uint8_t)mps_hmac_check(current->view->tracker, current->view->flow->id, 0, join);
    }
    if (is_reset && current->sender == 1 && flow->synack == 0 && flow->refused == 0)
        flow->refused = current->segment->frame;
    if (reset && flow->synack == 0 && mps_mib_refuses_syn(current) &&
        (current->sender == 1 || flow->opens == MPS_MIB_OPENS_NOTHING))
        take_refused_syn(current, reset);
    if (current->sender == 1 && flow->agreed && !is_reset)
        take_answer(current);
    if (current->sender == 1 && flow->third != 0 && !flow->join_decided)
        take_join_decision(current);
}
