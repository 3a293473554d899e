/* flow_series.c: builds the flow series of a connection from its records, and the rows of the
 * report "limits" from them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_series.h"
#include "base/times.h"
#include "path_samples.h"

/* Segments of the largest size that show a path MTU below the MSS: fewer may be chance. */
#define MTU_SEGMENTS_MIN 10
/* Bytes that a full packet may lack: the sender reserves space for options that it then omits. */
#define OPTION_SLACK 8
/* Bytes: the space for options in a TCP header (RFC 9293 section 3.1). A sender that reserves all
 * of it, as for a DSS (RFC 8684 section 3.3), fills packets to so much below the MSS. */
#define OPTION_SPACE 40
/* Bytes: a TCP header without options. */
#define TCP_HEADER_MIN 20u
/* Where rebased data sequence numbers begin: those before the first one must not wrap. */
#define REBASED_START (UINT64_C(1) << 62)

/* A segment of the connection; one of either direction. */
typedef struct {
    const mps_limit_record *record;
    uint32_t subflow;  /* number within the connection */
    uint8_t direction; /* mps_direction */
    bool small;
    bool sampled, queued; /* if it acknowledges; see mps_limit_event */
} entry;

/* What the rows of a connection are built from. */
typedef struct {
    const mps_tracker *tracker;
    GArray *entries; /* entry, by time */
    GArray *rows;    /* mps_limit_row */
    mps_near near;
    uint32_t full_payload[2]; /* by direction: payload bytes of the largest full packet */
} series_builder;

static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const mps_limit_record *x = ((const entry *)a)->record, *y = ((const entry *)b)->record;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* @return the most bytes of payload and options in a packet of a half: the smaller MSS of the two
 * ends, or the largest size seen if the path carries less than that. */
static uint32_t packet_size(mps_limit_records records, const mps_limit_half *half,
                            const mps_limit_half *peer)
{
    uint32_t own = half->mss ? half->mss : UINT16_MAX;
    uint32_t mss = peer && peer->mss ? MIN(own, peer->mss) : own;
    uint32_t largest = 0, largest_count = 0, data_count = 0;
    const mps_limit_record *record = mps_limits_record(records, half->first);
    for (; record; record = mps_limits_record(records, record->next)) {
        if (record->length == 0)
            continue;
        uint32_t size = record->length + record->header - TCP_HEADER_MIN;
        data_count++;
        if (size > largest) {
            largest = size;
            largest_count = 0;
        }
        largest_count += size == largest;
    }
    if (mss == UINT16_MAX)
        return largest;
    bool limited = largest + OPTION_SPACE < mss && largest_count >= MTU_SEGMENTS_MIN &&
                   largest_count > data_count / 2;
    return limited ? largest : mss;
}

/* @return whether the last packet of a segment could have held more. A segment may be a
 * super-segment of several packets (GSO). */
static bool is_small(const mps_limit_record *record, uint32_t size)
{
    uint32_t options = record->header - TCP_HEADER_MIN;
    uint32_t capacity = size > options + OPTION_SLACK ? size - options : 1;
    uint32_t last = record->length % capacity;
    return last != 0 && last + OPTION_SLACK < capacity;
}

/* @param subflow  number of the half's subflow */
static void add_half(series_builder *builder, uint32_t half_id, uint32_t subflow,
                     mps_direction direction)
{
    const mps_limit_half *half = mps_limits_half(builder->tracker, half_id);
    if (!half)
        return;
    const mps_limit_records records = mps_limits_records(builder->tracker);
    uint32_t size = packet_size(records, half, mps_limits_half(builder->tracker, half_id ^ 1));
    const mps_limit_record *record = mps_limits_record(records, half->first);
    for (; record; record = mps_limits_record(records, record->next)) {
        entry e = {.record = record, .subflow = subflow, .direction = (uint8_t)direction};
        e.small = is_small(e.record, size);
        uint32_t options = e.record->header - TCP_HEADER_MIN,
                 *most = &builder->full_payload[direction];
        if (e.record->length && size > options)
            *most = MAX(*most, MIN(e.record->length, size - options));
        g_array_append_val(builder->entries, e);
    }
}

/* @return a data sequence number from the wire as one that does not wrap. */
static uint64_t rebase(uint64_t number, uint64_t base)
{
    return number - base + REBASED_START;
}

static void add_event(GArray *events, const entry *e, mps_limit_event_kind kind, uint64_t number,
                      uint32_t length)
{
    mps_limit_event event = {
        .time = e->record->time,
        .number = number,
        .frame = e->record->frame,
        .length = length,
        .kind = kind,
        .small = e->small,
        .sampled = e->sampled,
        .queued = e->queued,
    };
    if (kind == MPS_LIMIT_EVENT_ACK) {
        event.has_window_edge = e->record->window != MPS_NONE;
        event.window_edge = event.has_window_edge ? number + e->record->window : 0;
    }
    g_array_append_val(events, event);
}

static void add_data_events(GArray *events, const entry *e, mps_direction direction, uint64_t base)
{
    const mps_limit_record *record = e->record;
    if (e->direction != direction) {
        if (record->has_data_ack)
            add_event(events, e, MPS_LIMIT_EVENT_ACK, rebase(record->data_ack, base), 0);
        return;
    }
    if (record->data > 0)
        add_event(events, e, MPS_LIMIT_EVENT_SEND, rebase(record->data_end, base), record->data);
    if (record->resent > 0 || record->reinjected)
        add_event(events, e, MPS_LIMIT_EVENT_RESEND, 0, 0);
}

static void add_subflow_events(GArray *events, const entry *e, mps_direction direction)
{
    const mps_limit_record *record = e->record;
    if (e->direction != direction) {
        if (record->has_ack)
            add_event(events, e, MPS_LIMIT_EVENT_ACK, record->ack, 0);
        return;
    }
    if (record->length > record->resent)
        add_event(events, e, MPS_LIMIT_EVENT_SEND, record->ssn_end,
                  record->length - record->resent);
    if (record->resent > 0)
        add_event(events, e, MPS_LIMIT_EVENT_RESEND, 0, 0);
}

/* Run the state machine over a flow series, whose RTTs are measured, and append its row.
 * @param shared  what all series of the direction have in common
 * @return the row; valid until another is appended */
static mps_limit_row *add_row(series_builder *builder, GArray *events,
                              const mps_limit_flow_series *shared, mps_limit_row row)
{
    mps_limit_flow_series series = *shared;
    series.events = events;
    row.window_unknown = true;
    for (guint i = 0; i < events->len; i++) {
        const mps_limit_event *event = &g_array_index(events, mps_limit_event, i);
        if (event->kind == MPS_LIMIT_EVENT_SEND && row.frame == 0)
            row.frame = event->frame;
        if (event->kind == MPS_LIMIT_EVENT_ACK && event->has_window_edge)
            row.window_unknown = false;
    }
    mps_limits_run(&series, &row.limits);
    row.queued = mps_limits_queued_share(events);
    g_array_append_val(builder->rows, row);
    return &g_array_index(builder->rows, mps_limit_row, builder->rows->len - 1);
}

/* @return the RTT of a subflow's handshake, ns; INT64_MAX: not known. */
static int64_t handshake_rtt(const series_builder *builder, uint32_t id)
{
    const mps_flow *flow = mps_tracker_flow(builder->tracker, id);
    if (flow->syn_to_synack < 0 || flow->synack_to_ack < 0)
        return INT64_MAX;
    return mps_plus(flow->syn_to_synack, flow->synack_to_ack);
}

/* Measure the RTTs of a subflow, and note with each segment whether its ACK gave a sample and shows
 * a queue, for the data level.
 * @param origins  guint for each event: the entry it is from  @return the least RTT, ns */
static int64_t mark_queued(series_builder *builder, uint32_t id, GArray *events,
                           const GArray *origins)
{
    mps_limits_measure_rtts(events);
    int64_t least = mps_limits_mark_queued(events, handshake_rtt(builder, id));
    for (guint i = 0; i < events->len; i++) {
        const mps_limit_event *event = &g_array_index(events, mps_limit_event, i);
        entry *e = &g_array_index(builder->entries, entry, g_array_index(origins, guint, i));
        e->sampled |= event->sampled;
        e->queued |= event->queued;
    }
    return least;
}

/* @return the share of its path's capacity that a subflow used; 0: the capacity is not known.
 * @param capacity  bytes per ns */
static double used_share(const mps_limits *limits, double capacity)
{
    int64_t duration = mps_minus(limits->end, limits->start);
    return capacity > 0 && duration > 0 ? (double)limits->bytes / (double)duration / capacity : 0;
}

/* @return the events of each subflow in a direction, in the order of `ids`; the caller frees them.
 * @param least  is set to the least RTT of each, ns */
static GArray **subflow_events(series_builder *builder, const uint32_t *ids, uint32_t count,
                               mps_direction direction, int64_t *least)
{
    GArray **events = g_new(GArray *, MAX(count, 1)), **origins = g_new(GArray *, MAX(count, 1));
    for (uint32_t i = 0; i < count; i++) {
        events[i] = g_array_new(FALSE, FALSE, sizeof(mps_limit_event));
        origins[i] = g_array_new(FALSE, FALSE, sizeof(guint));
    }
    for (guint i = 0; i < builder->entries->len; i++) {
        const entry *e = &g_array_index(builder->entries, entry, i);
        add_subflow_events(events[e->subflow], e, direction);
        while (origins[e->subflow]->len < events[e->subflow]->len)
            g_array_append_val(origins[e->subflow], i);
    }
    for (uint32_t i = 0; i < count; i++) {
        least[i] = mark_queued(builder, ids[i], events[i], origins[i]);
        g_array_free(origins[i], TRUE);
    }
    g_free(origins);
    return events;
}

/* @return the events of a direction at data level, all subflows together; the caller frees them.
 * @param sends  the times of new data are appended to it, int64_t, ns */
static GArray *data_events(const series_builder *builder, mps_direction direction, GArray *sends)
{
    GArray *events = g_array_new(FALSE, FALSE, sizeof(mps_limit_event));
    bool has_base = false;
    uint64_t base = 0;
    for (guint i = 0; i < builder->entries->len; i++) {
        const entry *e = &g_array_index(builder->entries, entry, i);
        bool sent = e->direction == direction && e->record->data > 0;
        if (!has_base && sent) {
            base = e->record->data_end;
            has_base = true;
        }
        if (sent)
            g_array_append_val(sends, e->record->time);
        if (has_base)
            add_data_events(events, e, direction, base);
    }
    return events;
}

static void free_events(GArray **events, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        g_array_free(events[i], TRUE);
    g_free(events);
}

/* Append the rows of a direction: the data level, then each subflow. The events of subflows are
 * made twice, so that they are not in memory beside those of the data level, which need their RTTs.
 */
static void direction_rows(series_builder *builder, const uint32_t *ids, uint32_t count,
                           mps_direction direction)
{
    GArray *sends = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t *least = g_new(int64_t, MAX(count, 1));
    free_events(subflow_events(builder, ids, count, direction, least), count);
    GArray *data = data_events(builder, direction, sends);
    mps_limit_flow_series series = {.full_payload = MAX(builder->full_payload[direction], 1),
                                    .least_rtt = INT64_MAX};
    for (uint32_t i = 0; i < count; i++)
        series.least_rtt = MIN(series.least_rtt, least[i]);
    mps_limit_row row = {
        .subflow = MPS_NONE,
        .direction = direction,
        .vantage = mps_vantage_of(builder->near, direction),
    };
    guint data_row = builder->rows->len;
    double used = 0, bytes = 0;
    mps_limits_measure_rtts(data);
    series.closed = add_row(builder, data, &series, row)->limits.closed;
    g_array_free(data, TRUE);
    series.sends = sends;
    GArray **subflows = subflow_events(builder, ids, count, direction, least);
    for (uint32_t i = 0; i < count; i++) {
        row.subflow = ids[i];
        series.least_rtt = least[i];
        mps_limit_row *subflow = add_row(builder, subflows[i], &series, row);
        subflow->used = used_share(&subflow->limits, mps_limits_capacity(subflows[i]));
        used += subflow->used * (double)subflow->limits.bytes;
        bytes += (double)subflow->limits.bytes;
    }
    g_array_index(builder->rows, mps_limit_row, data_row).used = bytes > 0 ? used / bytes : 0;
    free_events(subflows, count);
    g_free(least);
    g_array_free(sends, TRUE);
}

/* @return the rows of the directions from `first` to `last` */
static GArray *build_rows(const mps_tracker *tracker, uint32_t number, mps_near near,
                          mps_direction first, mps_direction last)
{
    mps_connection_info info;
    mps_tracker_connection(tracker, number, &info);
    series_builder builder = {
        .tracker = tracker,
        .near = near,
        .entries = g_array_new(FALSE, FALSE, sizeof(entry)),
        .rows = g_array_new(FALSE, FALSE, sizeof(mps_limit_row)),
    };
    uint32_t *ids = g_new(uint32_t, MAX(info.subflow_count, 1));
    for (uint32_t i = 0; i < info.subflow_count; i++) {
        ids[i] = mps_tracker_subflow_id(tracker, number, i);
        for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
            add_half(&builder, mps_analysis_half(tracker, ids[i], d), i, d);
    }
    g_array_sort(builder.entries, compare_entries);
    for (unsigned d = first; d <= last; d++)
        direction_rows(&builder, ids, info.subflow_count, d);
    g_free(ids);
    g_array_free(builder.entries, TRUE);
    return builder.rows;
}

GArray *mps_limit_rows(const mps_tracker *tracker, uint32_t number, mps_near near)
{
    return build_rows(tracker, number, near, MPS_C2S, MPS_S2C);
}

GArray *mps_limit_rows_of(const mps_tracker *tracker, uint32_t number, mps_near near,
                          mps_direction direction)
{
    return build_rows(tracker, number, near, direction, direction);
}

void mps_limit_rows_free(GArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        g_array_free(g_array_index(rows, mps_limit_row, i).limits.closed, TRUE);
    g_array_free(rows, TRUE);
}
