/* mptcp.c: what each MPTCP option means for its flow and its connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "tracker_internal.h"

static void begin_connection(mps_tracker *tracker, mps_flow *flow, mps_roles roles)
{
    if (!flow->connection)
        mps_connection_new(tracker, flow, roles);
}

/* Checksums are in use when either end asks for them (RFC 8684 section 3.1). */
static void take_checksum_flag(mps_connection *connection, const mps_segment *segment,
                               const mps_option *option)
{
    if (option->capable.flags & MPS_CAPABLE_CHECKSUM)
        connection->checksum = 1;
    else if (connection->checksum < 0 && segment->flags & MPS_TCP_ACK && connection->has_syn_time)
        connection->checksum = 0;
}

/* The first data can come with MP_CAPABLE, which maps it without a DSS (RFC 8684 section 3.1). */
static void map_first_data(mps_flow *flow, const mps_option *option, mps_verdict *verdict)
{
    mps_half *own = flow->half[0];
    mps_space *space = flow->connection->space[mps_flow_direction(flow, 0)];
    if (!option->capable.has_data_length || !own->isn_known || !space->initial_known)
        return;
    uint64_t start = mps_half_extend(own, mps_half_ssn_base(own) + 1);
    mps_flow_map(flow, 0, start, start + option->capable.data_length, space->initial + 1, verdict);
}

static void take_capable(mps_tracker *tracker, mps_flow *flow, unsigned half,
                         const mps_segment *segment, const mps_option *option, mps_verdict *verdict)
{
    bool syn = segment->flags & MPS_TCP_SYN, ack = segment->flags & MPS_TCP_ACK;
    begin_connection(tracker, flow, MPS_ROLES_HANDSHAKE);
    mps_connection *connection = flow->connection;
    if (flow->initial == 0 || (half == 1 && !syn))
        return; /* a subflow that began with MP_JOIN, or the end that may not send this */
    if (flow->initial < 0) {
        flow->initial = 1;
        mps_flow_set_backup(tracker, flow, MAX(mps_flow_backup(flow), 0));
        flow->host[0].address_id = flow->host[1].address_id = 0;
    }
    if (connection->version < 0 || (syn && ack))
        connection->version = option->capable.version;
    if (syn && ack && flow->capable_syn) {
        flow->capable_synack = true;
        flow->other_version = option->capable.version != flow->version;
    }
    if (syn && !ack) {
        flow->capable_syn = true;
        flow->version = option->capable.version;
        if (!connection->has_syn_time)
            connection->syn_time = segment->time;
        connection->has_syn_time = true;
    }
    flow->capable_ack |= !syn;
    take_checksum_flag(connection, segment, option);
    if (option->capable.keys > 0)
        mps_connection_set_key(tracker, flow, mps_flow_side(flow, half),
                               option->capable.sender_key);
    if (option->capable.keys > 1)
        mps_connection_set_key(tracker, flow, mps_flow_side(flow, !half),
                               option->capable.receiver_key);
    map_first_data(flow, option, verdict);
}

/* The token in the SYN of a new subflow identifies the connection and the side that opens it. If
 * segments of the subflow were captured before the SYN, it has a connection of its own, which is
 * merged. */
static void take_join_syn(mps_tracker *tracker, mps_flow *flow, const mps_option *option)
{
    uint32_t token = option->join.token;
    mps_connection *connection = mps_connection_by_token(tracker, token);
    if (!connection) {
        if (!flow->connection)
            flow->initiator = MPS_CLIENT;
        begin_connection(tracker, flow, MPS_ROLES_JOIN);
        mps_connection_set_token(tracker, flow->connection, !flow->initiator, token);
        return;
    }
    bool to_client = connection->has_token[MPS_CLIENT] && connection->token[MPS_CLIENT] == token;
    uint8_t initiator = to_client ? MPS_SERVER : MPS_CLIENT;
    if (!flow->connection) {
        flow->initiator = initiator;
        mps_connection_attach(connection, flow);
    } else if (flow->connection != connection && flow->connection->roles != MPS_ROLES_HANDSHAKE) {
        mps_connection_merge(tracker, connection, flow->connection, flow->initiator != initiator);
    }
}

static void take_join(mps_tracker *tracker, mps_flow *flow, unsigned half, const mps_option *option)
{
    bool syn = option->join.form == MPS_JOIN_SYN;
    if (flow->initial < 0 && syn && half == 0)
        take_join_syn(tracker, flow, option);
    begin_connection(tracker, flow, MPS_ROLES_JOIN);
    if (flow->initial < 0)
        flow->initial = 0;
    if (option->join.form == MPS_JOIN_ACK)
        return;
    mps_half *own = flow->half[half];
    int backup = mps_flow_backup(flow);
    flow->host[half].address_id = option->join.address_id;
    own->has_nonce = true;
    own->nonce = option->join.nonce;
    mps_flow_set_backup(tracker, flow, backup > 0 || option->join.backup);
}

/* MP_PRIO applies to the subflow that carries it. With an address ID (version 0) it applies to all
 * subflows from that address of the sender (RFC 8684 and RFC 6824 section 3.3.8). */
static void take_prio(mps_tracker *tracker, mps_flow *flow, unsigned half, const mps_option *option)
{
    if (option->prio.has_address_id)
        mps_connection_set_backup(tracker, flow->connection, mps_flow_side(flow, half),
                                  option->prio.address_id, option->prio.backup);
    else
        mps_flow_set_backup(tracker, flow, option->prio.backup);
}

static void take_option(mps_tracker *tracker, mps_flow *flow, unsigned half,
                        const mps_segment *segment, const mps_option *option, mps_verdict *verdict)
{
    if (MPS_UNLIKELY(option->subtype == MPS_MP_CAPABLE)) {
        take_capable(tracker, flow, half, segment, option, verdict);
        return;
    }
    if (MPS_UNLIKELY(option->subtype == MPS_MP_JOIN)) {
        take_join(tracker, flow, half, option);
        return;
    }
    begin_connection(tracker, flow, MPS_ROLES_PORT);
    switch (option->subtype) {
    case MPS_DSS:
        mps_seek_connection(tracker, flow, half, option);
        mps_flow_dss(flow, half, segment, option, verdict);
        break;
    case MPS_MP_PRIO:
        take_prio(tracker, flow, half, option);
        break;
    case MPS_MP_FAIL:
        flow->failed = true;
        break;
    case MPS_MP_FASTCLOSE:
        flow->connection->fastclosed = true;
        break;
    default:
        break;
    }
}

/* Handle a SYN or SYN/ACK without MPTCP options. */
static void check_refusal(mps_flow *flow, unsigned half, const mps_segment *segment,
                          mps_verdict *verdict)
{
    if (segment->options_truncated || segment->mptcp_count > 0)
        return;
    if (half == 0)
        flow->plain_syn = flow->capable_syn && !(segment->flags & MPS_TCP_ACK);
    else if (flow->initial == 0)
        flow->join_refused = true;
    else if (flow->capable_syn)
        mps_flow_fall_back(
            flow, flow->plain_syn ? MPS_FALLBACK_PLAIN_SYN : MPS_FALLBACK_PLAIN_SYNACK, verdict);
}

void mps_flow_options(mps_tracker *tracker, mps_flow *flow, unsigned half,
                      const mps_segment *segment, mps_verdict *verdict)
{
    for (unsigned i = 0; i < segment->mptcp_count; i++)
        if (MPS_LIKELY(segment->mptcp[i].valid))
            take_option(tracker, flow, half, segment, &segment->mptcp[i], verdict);
        else if (segment->mptcp[i].truncated)
            begin_connection(tracker, flow, MPS_ROLES_PORT);
    if (MPS_UNLIKELY(segment->flags & MPS_TCP_SYN))
        check_refusal(flow, half, segment, verdict);
}
