/* info.c: describes connections and subflows to callers of the library.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "tracker_internal.h"

const mps_flow *mps_tracker_flow(const mps_tracker *tracker, uint32_t id)
{
    return mps_pool_at(tracker->flows, id);
}

const mps_connection *mps_tracker_connection_at(const mps_tracker *tracker, uint32_t number)
{
    mps_tracker_renumber(tracker);
    return tracker->numbering->alive->pdata[number];
}

static bool counts_as_accepted(const mps_flow *flow)
{
    return flow->accepted && !flow->join_refused && !flow->refused;
}

static mps_connection_state connection_state(const mps_connection *connection)
{
    unsigned accepted = 0, reset = 0, refused = 0, closed = 0;
    if (connection->fallback)
        return MPS_CONNECTION_FALLBACK;
    if (connection->fastclosed)
        return MPS_CONNECTION_FASTCLOSED;
    if (mps_connection_ended(connection))
        return MPS_CONNECTION_CLOSED;
    for (guint i = 0; i < connection->flows.len; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        accepted += counts_as_accepted(flow);
        reset += counts_as_accepted(flow) && flow->reset;
        refused += !counts_as_accepted(flow) && mps_flow_state(flow) == MPS_SUBFLOW_RESET;
        closed += counts_as_accepted(flow) && mps_flow_state(flow) == MPS_SUBFLOW_CLOSED;
    }
    if (accepted > 0 && closed == accepted)
        return MPS_CONNECTION_CLOSED;
    bool all_reset = accepted > 0 ? reset == accepted : refused == connection->flows.len;
    return all_reset ? MPS_CONNECTION_RESET : MPS_CONNECTION_OPEN;
}

/* The subflow whose addresses are those of the connection: the initial one, or the first one if the
 * initial one was not captured. */
static const mps_flow *main_flow(const mps_connection *connection)
{
    for (guint i = 0; i < connection->flows.len; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        if (flow->initial == 1)
            return flow;
    }
    return connection->flows.pdata[0];
}

uint32_t mps_tracker_connections(const mps_tracker *tracker)
{
    mps_tracker_renumber(tracker);
    return tracker->numbering->alive->len;
}

/* Did the clock leap while a flow was captured? */
static bool leapt(const mps_tracker *tracker, const mps_flow *flow)
{
    uint32_t last = MAX(flow->half[0]->latest.frame, flow->half[1]->latest.frame);
    return last > 0 && mps_leaps_between(&tracker->leaps, flow->frame, last);
}

static const mps_leap *leap_of(const mps_tracker *tracker, const mps_connection *connection)
{
    uint32_t first = UINT32_MAX, last = 0;
    if (mps_leaps_count(&tracker->leaps) == 0)
        return NULL;
    for (guint i = 0; i < connection->flows.len; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        first = MIN(first, flow->frame);
        last = MAX(last, MAX(flow->half[0]->latest.frame, flow->half[1]->latest.frame));
    }
    const guint place = mps_leaps_until(&tracker->leaps, first);
    return place < mps_leaps_until(&tracker->leaps, last)
               ? &g_array_index(tracker->leaps.list, mps_leap, place)
               : NULL;
}

const mps_leap *mps_tracker_leap_of(const mps_tracker *tracker, uint32_t number)
{
    return leap_of(tracker, mps_tracker_connection_at(tracker, number));
}

void mps_tracker_connection(const mps_tracker *tracker, uint32_t number, mps_connection_info *info)
{
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_flow *flow = main_flow(connection);
    const mps_flow_host *client = &flow->host[flow->initiator],
                        *server = &flow->host[!flow->initiator];
    *info = (mps_connection_info){
        .number = number,
        .frame = ((const mps_flow *)connection->flows.pdata[0])->frame,
        .version = connection->version,
        .roles = connection->roles,
        .client = client->address,
        .server = server->address,
        .client_port = client->port,
        .server_port = server->port,
        .checksum = connection->checksum,
        .start = connection->start,
        .end = connection->end,
        .duration =
            leap_of(tracker, connection) ? -1 : mps_minus(connection->end, connection->start),
        .subflow_count = connection->flows.len,
        .state = connection_state(connection),
        .fallback = connection->fallback,
    };
    for (unsigned side = 0; side < 2; side++) {
        info->has_token[side] = connection->has_token[side];
        info->token[side] = connection->token[side];
        info->has_key[side] = connection->has_key[side];
        info->key[side] = connection->key[side];
    }
    for (guint i = 0; i < connection->flows.len; i++)
        info->accepted += counts_as_accepted(connection->flows.pdata[i]);
}

static bool has_subflow(const mps_tracker *tracker, uint32_t connection, uint32_t subflow,
                        GError **error)
{
    const uint32_t count = mps_tracker_connection_at(tracker, connection)->flows.len;
    if (subflow < count)
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                "connection %u has no subflow %u; it has %u, numbered from 0", connection, subflow,
                count);
    return false;
}

bool mps_tracker_has(const mps_tracker *tracker, uint32_t connection, uint32_t subflow,
                     GError **error)
{
    const uint32_t count = mps_tracker_connections(tracker);
    if (connection != MPS_NONE && connection >= count) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "no connection %u; the file has %u, numbered from 0", connection, count);
        return false;
    }
    if (subflow == MPS_NONE || count == 0)
        return true;
    if (connection != MPS_NONE || count == 1)
        return has_subflow(tracker, connection == MPS_NONE ? 0 : connection, subflow, error);
    for (uint32_t i = 0; i < count; i++)
        if (has_subflow(tracker, i, subflow, NULL))
            return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "no connection has a subflow %u", subflow);
    return false;
}

uint32_t mps_tracker_subflows(const mps_tracker *tracker)
{
    return tracker->flows->count;
}

static void describe_end(mps_subflow_info *info, unsigned side, const mps_flow_host *end,
                         const mps_half *half)
{
    info->address[side] = end->address;
    info->port[side] = end->port;
    info->address_id[side] = end->address_id;
    info->has_isn[side] = half->isn_known;
    info->isn[side] = half->isn;
    info->has_nonce[side] = half->has_nonce;
    info->nonce[side] = half->nonce;
    info->window_scale[side] = half->window_scale;
    info->cut[side] = half->cut;
    if (!half->captured)
        info->uncaptured[side] = half->claimed - half->claimed_one;
}

static int64_t join_delay(const mps_flow *flow)
{
    const mps_opening *syn = &flow->half[0]->opening;
    if (flow->initial != 0 || syn->count == 0 || !flow->connection->has_syn_time)
        return -1;
    return MAX(mps_minus(syn->first, flow->connection->syn_time), 0);
}

void mps_tracker_subflow(const mps_tracker *tracker, uint32_t id, mps_subflow_info *info)
{
    const mps_flow *flow = mps_tracker_flow(tracker, id);
    bool timed = flow->syn_to_synack >= 0 && flow->synack_to_ack >= 0;
    *info = (mps_subflow_info){
        .id = id,
        .frame = flow->frame,
        .tcp_stream = flow->tcp_stream,
        .initial = flow->initial,
        .initiator = flow->initiator == MPS_CLIENT ? MPS_C2S : MPS_S2C,
        .handshake_seen = flow->handshake_seen,
        .backup = mps_flow_backup(flow),
        .start = flow->start,
        .end = flow->end,
        .duration = leapt(tracker, flow) ? -1 : mps_minus(flow->end, flow->start),
        .join_delay = flow->connection ? join_delay(flow) : -1,
        .handshake_rtt = timed ? mps_plus(flow->syn_to_synack, flow->synack_to_ack) : -1,
        .state = mps_flow_state(flow),
        .accepted = counts_as_accepted(flow),
        .reset_reason = flow->reset_reason,
        .refusal = mps_flow_refusal(flow),
    };
    mps_tracker_numbers(tracker, id, &info->connection, &info->number);
    describe_end(info, flow->initiator, &flow->host[0], flow->half[0]);
    describe_end(info, !flow->initiator, &flow->host[1], flow->half[1]);
}

uint32_t mps_tracker_subflow_id(const mps_tracker *tracker, uint32_t connection, uint32_t subflow)
{
    const mps_flow *flow = mps_tracker_connection_at(tracker, connection)->flows.pdata[subflow];
    return flow->id;
}

void mps_tracker_numbers(const mps_tracker *tracker, uint32_t id, uint32_t *connection,
                         uint32_t *subflow)
{
    const mps_flow *flow = mps_tracker_flow(tracker, id);
    mps_tracker_renumber(tracker);
    *connection = flow->connection ? flow->connection->number : MPS_NONE;
    *subflow = flow->connection ? flow->number : MPS_NONE;
}

mps_fallback mps_tracker_fallback_in(const mps_tracker *tracker, uint32_t id, uint32_t frame)
{
    const mps_connection *connection = mps_tracker_flow(tracker, id)->connection;
    return connection && connection->fallback && connection->fallback_frame == frame
               ? connection->fallback
               : MPS_FALLBACK_NONE;
}

uint32_t mps_tracker_first_frame(const mps_tracker *tracker, uint32_t id)
{
    const mps_connection *connection = mps_tracker_flow(tracker, id)->connection;
    mps_tracker_renumber(tracker);
    return connection ? ((const mps_flow *)connection->flows.pdata[0])->frame : 0;
}

mps_direction mps_tracker_direction(const mps_tracker *tracker, uint32_t id, uint8_t half)
{
    return mps_flow_direction(mps_tracker_flow(tracker, id), half);
}

uint32_t mps_tracker_generation(const mps_tracker *tracker)
{
    return tracker->generation;
}

mps_dsn mps_tracker_dsn(const mps_tracker *tracker, const mps_verdict *verdict)
{
    const mps_flow *flow = mps_tracker_flow(tracker, verdict->subflow);
    mps_dsn dsn = {0};
    if (!verdict->has_dsn || !flow->connection)
        return dsn;
    mps_direction direction = mps_flow_direction(flow, verdict->half);
    const mps_space *space = flow->connection->space[direction];
    dsn.has_absolute = space->absolute_known;
    dsn.absolute = verdict->dsn + space->offset;
    dsn.has_relative = space->initial_known;
    dsn.relative = verdict->dsn - space->initial;
    return dsn;
}

const char *mps_fallback_reason(mps_fallback fallback)
{
    static const char *const reasons[] = {
        [MPS_FALLBACK_NONE] = NULL,
        [MPS_FALLBACK_PLAIN_SYN] = "SYN repeated without MP_CAPABLE",
        [MPS_FALLBACK_PLAIN_SYNACK] = "no MP_CAPABLE in SYN/ACK",
        [MPS_FALLBACK_OTHER_VERSION] = "wrong version in SYN/ACK",
        [MPS_FALLBACK_PLAIN_ACK] = "no MP_CAPABLE in ACK",
        [MPS_FALLBACK_ACK_LOST] = "third ACK lost",
        [MPS_FALLBACK_OPTIONS_VANISHED] = "options vanished after the handshake",
        [MPS_FALLBACK_UNMAPPED_DATA] = "data without mapping",
        [MPS_FALLBACK_INFINITE_MAPPING] = "infinite mapping",
        [MPS_FALLBACK_CHECKSUM_FAILED] = "DSS checksum failed",
    };
    return reasons[fallback];
}
