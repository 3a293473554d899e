/* measure.c: measures paths in one capture or two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/rtt.h"
#include "analysis/vantage.h"
#include "owd/aggregate.h"
#include "seen_buffers.h"

unsigned mps_numerics_needs(void)
{
    return MPS_NEED_HEADERS | MPS_NEED_RTT | MPS_NEED_LIMITS | MPS_NEED_FIRST_SEEN;
}

mps_numerics *mps_numerics_empty(void)
{
    mps_numerics *numerics = g_new0(mps_numerics, 1);
    numerics->paths = g_array_new(FALSE, TRUE, sizeof(mps_numerics_path));
    numerics->directions = g_array_new(FALSE, TRUE, sizeof(mps_numerics_direction));
    numerics->names = g_ptr_array_new_with_free_func(g_free);
    numerics->notes = g_ptr_array_new_with_free_func(g_free);
    return numerics;
}

void mps_numerics_free(mps_numerics *numerics)
{
    if (!numerics)
        return;
    g_array_free(numerics->paths, TRUE);
    g_array_free(numerics->directions, TRUE);
    g_ptr_array_free(numerics->names, TRUE);
    g_ptr_array_free(numerics->notes, TRUE);
    g_free(numerics->name);
    g_free(numerics);
}

/* @return a direction without paths */
static mps_numerics_direction *begin_direction(mps_numerics *numerics, uint32_t connection,
                                               uint32_t peer, mps_direction direction)
{
    const mps_numerics_direction added = {
        .connection = connection,
        .peer_connection = peer,
        .direction = direction,
        .first = numerics->paths->len,
        .receive_buffer = MPS_NOT_KNOWN("no window was captured"),
        .send_buffer = MPS_NOT_KNOWN(
            "no capture shows the send buffer, which holds the data without a DATA_ACK"),
        .unacknowledged = MPS_NOT_KNOWN("no data were captured"),
    };
    g_array_append_val(numerics->directions, added);
    return &g_array_index(numerics->directions, mps_numerics_direction,
                          numerics->directions->len - 1);
}

/* Drop the direction that was begun last, if no data went that way. */
static void end_direction(mps_numerics *numerics)
{
    const guint last = numerics->directions->len - 1;
    const mps_numerics_direction *direction =
        &g_array_index(numerics->directions, mps_numerics_direction, last);
    if (direction->payload > 0) {
        mps_figures_note_gaps(numerics, direction);
        return;
    }
    g_array_set_size(numerics->paths, direction->first);
    g_array_set_size(numerics->directions, last);
}

/* Add a path to the direction that was begun last.
 * @param sender, receiver  where the segments of its ends were captured */
static void add_path(mps_numerics *numerics, mps_numerics_direction *direction,
                     mps_numerics_path *path, const mps_path_end *sender,
                     const mps_path_end *receiver)
{
    path->connection = direction->connection;
    path->peer_connection = direction->peer_connection;
    path->direction = direction->direction;
    path->payload = mps_path_payload(sender);
    path->used = path->payload > 0;
    path->mss = mps_path_mss(sender);
    if (sender->trace)
        mps_option_bytes_add(&direction->options, sender->trace, sender->id, sender->direction);
    const mps_quantity window = mps_seen_window(receiver);
    mps_quantity *greatest = &direction->receive_buffer;
    if (!mps_is_known(greatest) || (mps_is_known(&window) && window.value > greatest->value))
        *greatest = window;
    direction->payload += path->payload;
    direction->count++;
    g_array_append_val(numerics->paths, *path);
}

/* Set the RTTs of a path by one capture: those that the sender of either direction saw, if the
 * capture was made near it, and that of the handshake. */
static void set_rtts(mps_numerics_path *path, const mps_tracker *tracker, uint32_t id,
                     mps_near near, int64_t handshake)
{
    mps_path_rtts rtts = mps_path_rtts_new();
    mps_path_rtts_take(&rtts, handshake);
    const mps_direction from = near == MPS_NEAR_SERVER ? MPS_S2C : MPS_C2S;
    const GArray *samples = near == MPS_NEAR_CLIENT || near == MPS_NEAR_SERVER
                                ? mps_rtt_of_half(tracker, mps_analysis_half(tracker, id, from))
                                : NULL;
    for (guint i = 0; samples && i < samples->len; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (sample->data_frame != 0)
            mps_path_rtts_take(&rtts, sample->time);
    }
    const bool only_handshake = rtts.times->len == (handshake > 0);
    mps_path_rtts_set(&rtts, path, "neither the handshake nor the sender's end was captured");
    if (only_handshake && mps_is_known(&path->rtt_p95))
        path->rtt_p95 = MPS_NOT_KNOWN("only the handshake shows the RTT");
    mps_path_rtts_clear(&rtts);
}

/* Add a subflow's direction as one capture shows it. */
static void add_seen_once(mps_numerics *numerics, mps_numerics_direction *direction,
                          uint32_t number, mps_near near)
{
    const mps_trace *trace = numerics->traces[0];
    const mps_tracker *tracker = mps_trace_tracker(trace);
    const uint32_t id = mps_tracker_subflow_id(tracker, direction->connection, number);
    const mps_path_end end = {trace, id, direction->direction};
    const mps_quantity no_delay = MPS_NOT_KNOWN("one capture does not show one-way delays");
    const bool arrives = mps_vantage_of(near, direction->direction) == MPS_VANTAGE_RECEIVER;
    mps_subflow_info info;
    mps_tracker_subflow(tracker, id, &info);
    mps_numerics_path path = {
        .subflow = number,
        .tcp_stream = info.tcp_stream,
        .delay = no_delay,
        .back = no_delay,
        .loss = MPS_NOT_KNOWN("one capture does not show which segments arrived"),
        .rate = arrives ? mps_path_rate_of_data(&end) : mps_path_rate_of_acks(&end),
        .rate_from = arrives ? "arrivals" : "acknowledgements",
    };
    set_rtts(&path, tracker, id, near, info.handshake_rtt);
    add_path(numerics, direction, &path, &end, &end);
}

static void measure_once(mps_numerics *numerics, uint32_t connection)
{
    const mps_trace *trace = numerics->traces[0];
    const mps_tracker *tracker = mps_trace_tracker(trace);
    mps_vantages *vantages = mps_vantages_new(tracker, mps_trace_near(trace));
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++) {
        mps_connection_info info;
        if (connection != MPS_NONE && connection != i)
            continue;
        mps_tracker_connection(tracker, i, &info);
        const mps_near near = mps_vantages_near(vantages, i);
        for (unsigned way = 0; way < 2; way++) {
            mps_numerics_direction *direction =
                begin_direction(numerics, i, MPS_NONE, (mps_direction)way);
            for (uint32_t k = 0; k < info.subflow_count; k++)
                add_seen_once(numerics, direction, k, near);
            if (direction->payload > 0)
                direction->unacknowledged =
                    mps_seen_unacknowledged(trace, near, i, (mps_direction)way);
            end_direction(numerics);
        }
    }
    mps_vantages_notes(vantages, connection, numerics->notes);
    mps_vantages_free(vantages);
}

/* @return the end of a row in one of the two captures */
static mps_path_end end_of(const mps_comparison *comparison, const mps_comparison_row *row,
                           bool in_a)
{
    const uint32_t id = in_a ? row->pair.a : row->pair.b;
    const bool flips = !in_a && row->pair.flipped;
    return (mps_path_end){id == MPS_NONE ? NULL
                          : in_a         ? comparison->a
                                         : comparison->b,
                          id, flips ? (mps_direction)(1 - row->direction) : row->direction};
}

static mps_quantity least_delay(const mps_figures *figures)
{
    return figures->delay.count > 0 ? MPS_KNOWN((double)figures->delay.min / 1e9)
                                    : MPS_NOT_KNOWN("no segment was matched");
}

static mps_quantity loss_of(const mps_figures *figures)
{
    if (figures->undetermined > 0)
        return MPS_NOT_KNOWN("the receiver's capture misses segments");
    if (figures->matched + figures->lost == 0)
        return MPS_NOT_KNOWN("no segment was matched");
    return MPS_KNOWN((double)figures->lost / ((double)figures->matched + figures->lost));
}

static void set_compared_rtts(mps_numerics_path *path, const mps_aggregate *there)
{
    mps_path_rtts rtts = mps_path_rtts_new();
    for (guint i = 0; i < there->outcomes->len; i++) {
        const mps_outcome *outcome = &g_array_index(there->outcomes, mps_outcome, i);
        if (outcome->has_rtt)
            mps_path_rtts_take(&rtts, outcome->rtt);
    }
    mps_path_rtts_set(&rtts, path, "no round trip was matched");
    mps_path_rtts_clear(&rtts);
}

/* Add a row of the comparison. @param there, back  of the row, and of the other direction */
static void add_compared(mps_numerics *numerics, mps_numerics_direction *direction,
                         const mps_aggregate *there, const mps_aggregate *back)
{
    const mps_comparison *comparison = numerics->comparison;
    const mps_comparison_row *row = there->row;
    const mps_path_end sender = end_of(comparison, row, row->a_sends);
    const mps_path_end receiver = end_of(comparison, row, !row->a_sends);
    const mps_trace *namer = row->pair.a != MPS_NONE ? comparison->a : comparison->b;
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(namer),
                        row->pair.a != MPS_NONE ? row->pair.a : row->pair.b, &info);
    mps_numerics_path path = {
        .subflow = row->subflow,
        .tcp_stream = info.tcp_stream,
        .delay = least_delay(&there->figures),
        .back = least_delay(&back->figures),
        .loss = loss_of(&there->figures),
        .rate = mps_path_rate_of_data(&receiver),
        .rate_from = "arrivals",
    };
    set_compared_rtts(&path, there);
    add_path(numerics, direction, &path, &sender, &receiver);
}

/* @return the most unacknowledged data, by the sender's capture */
static mps_quantity compared_unacknowledged(const mps_comparison *comparison,
                                            const mps_comparison_row *row)
{
    const mps_path_end sender = end_of(comparison, row, row->a_sends);
    const uint32_t number = row->a_sends ? row->connection : row->peer_connection;
    if (!sender.trace || number == MPS_NONE)
        return MPS_NOT_KNOWN("the capture at the sender does not have the connection");
    return mps_seen_unacknowledged(sender.trace,
                                   sender.direction == MPS_C2S ? MPS_NEAR_CLIENT : MPS_NEAR_SERVER,
                                   number, sender.direction);
}

/* Add a direction of the connection whose aggregates are from `first` to `end`. */
static void add_compared_direction(mps_numerics *numerics, const GArray *aggregates, guint first,
                                   guint end, mps_direction way)
{
    const mps_aggregate *all = (const mps_aggregate *)(const void *)aggregates->data;
    mps_numerics_direction *direction =
        begin_direction(numerics, all[first].row->connection, all[first].row->peer_connection, way);
    for (guint i = first; i < end; i++)
        if (all[i].row->direction == way)
            add_compared(numerics, direction, &all[i], &all[i ^ 1u]);
    for (guint i = first; direction->payload > 0 && i < end; i++) {
        if (all[i].row->direction != way)
            continue;
        direction->unacknowledged = compared_unacknowledged(numerics->comparison, all[i].row);
        break;
    }
    end_direction(numerics);
}

static void measure_twice(mps_numerics *numerics, uint32_t connection)
{
    GArray *aggregates = mps_aggregates_of(numerics->comparison, connection);
    const mps_aggregate *all = (const mps_aggregate *)(const void *)aggregates->data;
    for (guint first = 0, end = 0; first < aggregates->len; first = end) {
        const uint32_t number = all[first].row->connection;
        while (end < aggregates->len && all[end].row->connection == number)
            end++;
        for (unsigned way = 0; number != MPS_NONE && way < 2; way++)
            add_compared_direction(numerics, aggregates, first, end, (mps_direction)way);
    }
    mps_aggregates_free(aggregates);
}

/* Note the sentences about the captures. */
static void add_notes(mps_numerics *numerics)
{
    const GPtrArray *notes =
        numerics->comparison ? numerics->comparison->notes : mps_trace_notes(numerics->traces[0]);
    for (guint i = 0; i < notes->len; i++)
        g_ptr_array_add(numerics->notes, g_strdup(notes->pdata[i]));
}

mps_numerics *mps_numerics_measure(const mps_trace *a, const mps_comparison *comparison,
                                   uint32_t connection)
{
    mps_numerics *numerics = mps_numerics_empty();
    numerics->traces[0] = a;
    numerics->traces[1] = comparison ? comparison->b : NULL;
    numerics->comparison = comparison;
    add_notes(numerics);
    if (comparison)
        measure_twice(numerics, connection);
    else
        measure_once(numerics, connection);
    return numerics;
}
