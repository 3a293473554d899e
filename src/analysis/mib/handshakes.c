/* handshakes.c: what hosts count of the handshakes of MP_CAPABLE and MP_JOIN.
 *
 * A host counts a SYN when it makes something of it, and not its repetitions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mib_internal.h"

/* Reasons of MP_TCPRST (RFC 8684 section 3.6). */
#define REASON_MPTCP 1
#define REASON_PROHIBITED 3

void mps_mib_syn(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    const mps_option *join = mps_mib_option(look, MPS_MP_JOIN);
    bool capable = mps_mib_option(look, MPS_MP_CAPABLE) != NULL;
    if (flow->syn != 0) {
        if (flow->opens == OPENS_CONNECTION && !capable && !flow->gave_up &&
            !look->segment->options_truncated) {
            flow->gave_up = true;
            mps_mib_go_plain(look, 0);
            mps_mib_count(look, MPS_MIB_MPCapableSYNTXDrop, 0);
        }
        return;
    }
    flow->syn = look->segment->frame;
    flow->opens = capable ? OPENS_CONNECTION : join ? OPENS_SUBFLOW : OPENS_NOTHING;
    if (capable) {
        mps_mib_count(look, MPS_MIB_MPCapableSYNTX, 0);
    } else if (join) {
        flow->backup = join->join.backup;
        mps_mib_count(look, MPS_MIB_MPJoinSynTx, 0);
    }
}

/* Count if the responder's port is not that of the initial subflow. */
static void count_other_port(const mps_mib_segment *look, mps_mib_counter counter, unsigned half,
                             uint32_t frame, bool doubtful)
{
    mps_mib_event event = {.frame = frame, .amount = 1, .other_port = true, .doubtful = doubtful};
    mps_mib_add(look, counter, half, event);
}

/* The host of a half may have counted the segment at hand. */
static void doubt(const mps_mib_segment *look, mps_mib_counter counter, unsigned half)
{
    mps_mib_event event = {.frame = look->segment->frame, .amount = 1, .doubtful = true};
    mps_mib_add(look, counter, half, event);
}

/* A listening socket took the SYN of an MP_JOIN in. */
static void count_join_syn(const mps_mib_segment *look)
{
    mps_mib_count_frame(look, MPS_MIB_MPJoinSynRx, 1, look->flow->syn);
    if (look->flow->backup)
        mps_mib_count_frame(look, MPS_MIB_MPJoinSynBackupRx, 1, look->flow->syn);
}

static void take_capable_synack(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    if (flow->agreed)
        mps_mib_count_frame(look, MPS_MIB_MPCapableSYNRX, 1, flow->syn);
    if (!flow->gave_up)
        mps_mib_count(
            look, flow->agreed ? MPS_MIB_MPCapableSYNACKRX : MPS_MIB_MPCapableFallbackSYNACK, 0);
    if (!flow->agreed) {
        mps_mib_go_plain(look, 0);
        mps_mib_go_plain(look, 1);
    }
}

static void take_join_synack(const mps_mib_segment *look, const mps_option *join)
{
    mps_mib_flow *flow = look->flow;
    flow->backup_synack = join->join.backup;
    count_join_syn(look);
    count_other_port(look, MPS_MIB_MPJoinPortSynRx, 1, flow->syn, false);
    if (mps_hmac_check(look->view->tracker, look->view->flow->id, 1, join) == MPS_CHECK_BAD)
        mps_mib_count(look, MPS_MIB_MPJoinAckHMacFailure, 0);
}

void mps_mib_synack(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    bool connects = flow->opens == OPENS_CONNECTION;
    const mps_option *agreed = mps_mib_option(look, connects ? MPS_MP_CAPABLE : MPS_MP_JOIN);
    if (flow->opens == OPENS_NOTHING || flow->synack != 0 ||
        (!agreed && look->segment->options_truncated))
        return;
    flow->synack = look->segment->frame;
    flow->agreed = agreed != NULL;
    if (connects)
        take_capable_synack(look);
    else if (agreed)
        take_join_synack(look, agreed);
}

/* A listening socket answers a SYN that it does not want with RST, and says why. That is how it
 * is known that there is one, and that it speaks MPTCP. The SYN may have been one without MPTCP,
 * which the tracker does not see: then who opened is a guess. */
static void take_refused_syn(const mps_mib_segment *look, const mps_option *reset)
{
    const mps_mib_flow *flow = look->flow;
    uint8_t reason = reset->tcprst.reason;
    if (flow->opens == OPENS_SUBFLOW) {
        count_join_syn(look);
        if (reason == REASON_MPTCP)
            mps_mib_count(look, MPS_MIB_MPJoinNoTokenFound, 1);
        else if (reason == REASON_PROHIBITED)
            mps_mib_count(look, MPS_MIB_MismatchPortSynRx, 1);
    } else if (reason == REASON_PROHIBITED) {
        if (flow->opens == OPENS_CONNECTION)
            mps_mib_count_frame(look, MPS_MIB_MPCapableSYNRX, 1, flow->syn);
        mps_mib_count(look, MPS_MIB_MPCapableEndpAttempt, look->sender);
    }
}

/* The initiator's first segment behind the SYN/ACK. */
static void take_third(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    flow->spoke = true;
    if (mps_mib_has_flag(look, MPS_TCP_RST))
        return;
    if (flow->opens == OPENS_SUBFLOW) {
        mps_mib_count_frame(look, MPS_MIB_MPJoinSynAckRx, 0, flow->synack);
        if (flow->backup_synack)
            mps_mib_count_frame(look, MPS_MIB_MPJoinSynAckBackupRx, 0, flow->synack);
        count_other_port(look, MPS_MIB_MPJoinPortSynAckRx, 0, flow->synack, false);
    } else if (mps_mib_option(look, MPS_MP_CAPABLE)) {
        mps_mib_count(look, MPS_MIB_MPCapableACKRX, 1);
    } else if (!look->segment->options_truncated) {
        mps_mib_count(look, MPS_MIB_MPCapableFallbackACK, 1);
        mps_mib_go_plain(look, 1);
    }
}

/* Why a listening socket did not let the third ACK of an MP_JOIN in. Besides a bad HMAC there is
 * also that the connection is about to end, which is not counted. */
static void take_rejection(const mps_mib_segment *look)
{
    const mps_mib_flow *flow = look->flow;
    const mps_option *reset = mps_mib_option(look, MPS_MP_TCPRST);
    const mps_connection *connection = look->view->flow->connection;
    bool ending = connection->space[0].has_fin || connection->space[1].has_fin ||
                  connection->fastclosed || connection->fallback;
    if (flow->third_hmac == MPS_CHECK_BAD) {
        mps_mib_count_frame(look, MPS_MIB_MPJoinAckHMacFailure, 1, flow->third);
        return;
    }
    if (flow->third_hmac == MPS_CHECK_UNKNOWN)
        doubt(look, MPS_MIB_MPJoinAckHMacFailure, 1);
    if (!reset || reset->tcprst.reason != REASON_PROHIBITED)
        return;
    count_other_port(look, MPS_MIB_MPJoinPortAckRx, 1, flow->third, true);
    if (flow->third_hmac == MPS_CHECK_UNKNOWN || ending)
        doubt(look, MPS_MIB_MPJoinRejected, 1);
    else
        mps_mib_count(look, MPS_MIB_MPJoinRejected, 1);
}

/* The responder's first segment behind the third ACK of an MP_JOIN. A listening socket that does
 * not let it in answers with a RST without ACK flag. */
static void take_judgement(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    flow->judged = true;
    if (mps_mib_has_flag(look, MPS_TCP_RST) && !mps_mib_has_flag(look, MPS_TCP_ACK)) {
        take_rejection(look);
        return;
    }
    mps_mib_count_frame(look, MPS_MIB_MPJoinAckRx, 1, flow->third);
    count_other_port(look, MPS_MIB_MPJoinPortAckRx, 1, flow->third, false);
}

void mps_mib_handshake(const mps_mib_segment *look)
{
    mps_mib_flow *flow = look->flow;
    const mps_option *join = mps_mib_option(look, MPS_MP_JOIN);
    const mps_option *reset = mps_mib_option(look, MPS_MP_TCPRST);
    if (look->sender == 0 && flow->agreed && !flow->spoke)
        take_third(look);
    if (look->sender == 0 && flow->agreed && flow->third == 0 && join &&
        join->join.form == MPS_JOIN_ACK) {
        flow->third = look->segment->frame;
        flow->third_hmac =
            (uint8_t)mps_hmac_check(look->view->tracker, look->view->flow->id, 0, join);
    }
    if (reset && flow->synack == 0 && mps_mib_refuses_syn(look) &&
        (look->sender == 1 || flow->opens == OPENS_NOTHING))
        take_refused_syn(look, reset);
    if (look->sender == 1 && flow->third != 0 && !flow->judged)
        take_judgement(look);
}
