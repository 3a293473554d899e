/* flow_series.c: the lines of a connection, and walking along them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "flow_series.h"
#include "path_samples.h"

/* A path may carry less than the MSS, which then shows as a largest size that keeps coming. */
#define MTU_SEGMENTS 10
/* A full packet may lack so much: options are reserved room for that are not sent. */
#define SLACK 8
/* The most options besides timestamps that a data segment carries (RFC 8684 section 3.3). */
#define DSS_OPTIONS 40

/* A segment of the connection. */
typedef struct {
    const mps_limit_record *record;
    uint32_t half_id;
    mps_direction direction;
    bool small;
    bool sampled, queued; /* as an ACK; see mps_limit_event */
} entry;

/* A connection in the making. */
typedef struct {
    const mps_tracker *tracker;
    GArray *entries;  /* entry, by time */
    GArray *rows;     /* mps_limit_row */
    uint32_t room[2]; /* by direction: payload of the largest full packet */
} lines;

static gint compare_entries(gconstpointer a, gconstpointer b)
{
    const mps_limit_record *x = ((const entry *)a)->record, *y = ((const entry *)b)->record;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

/* The most payload and options that packets of a half hold: the MSS that its peer announced or
 * its own interface allows, or less if the path is seen to carry less. */
static uint32_t packet_size(const mps_limit_half *half, const mps_limit_half *peer)
{
    uint32_t own = half->mss ? half->mss : UINT16_MAX;
    uint32_t mss = peer && peer->mss ? MIN(own, peer->mss) : own;
    uint32_t largest = 0, count = 0, all = 0;
    for (guint i = 0; i < half->records->len; i++) {
        const mps_limit_record *record = &g_array_index(half->records, mps_limit_record, i);
        if (record->length == 0)
            continue;
        uint32_t size = record->length + record->header - 20u;
        all++;
        if (size > largest) {
            largest = size;
            count = 0;
        }
        count += size == largest;
    }
    if (mss == UINT16_MAX)
        return largest;
    bool less = largest + DSS_OPTIONS < mss && count >= MTU_SEGMENTS && count > all / 2;
    return less ? largest : mss;
}

/* Whether the last packet of a segment, which may be a super-segment (GSO), could have held
 * more. */
static bool is_small(const mps_limit_record *record, uint32_t size)
{
    uint32_t options = record->header - 20u;
    uint32_t room = size > options + SLACK ? size - options : 1;
    uint32_t last = record->length % room;
    return last != 0 && last + SLACK < room;
}

static void add_half(lines *l, uint32_t half_id, mps_direction direction)
{
    const mps_limit_half *half = mps_limits_half(l->tracker, half_id);
    if (!half)
        return;
    uint32_t size = packet_size(half, mps_limits_half(l->tracker, half_id ^ 1));
    for (guint i = 0; i < half->records->len; i++) {
        entry e = {
            .record = &g_array_index(half->records, mps_limit_record, i),
            .half_id = half_id,
            .direction = direction,
        };
        e.small = is_small(e.record, size);
        if (e.record->length && size > e.record->header - 20u)
            l->room[direction] =
                MAX(l->room[direction], MIN(e.record->length, size - (e.record->header - 20u)));
        g_array_append_val(l->entries, e);
    }
}

/* A data sequence number of the wire as one that does not wrap. */
static uint64_t rebase(uint64_t number, uint64_t base)
{
    return number - base + (UINT64_C(1) << 62);
}

static void add_step(GArray *steps, const entry *e, unsigned kind, uint64_t number, uint32_t length)
{
    mps_limit_event step = {
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
        step.has_edge = e->record->window != MPS_NONE;
        step.edge = step.has_edge ? number + e->record->window : 0;
    }
    g_array_append_val(steps, step);
}

static void add_data_steps(GArray *steps, const entry *e, mps_direction direction, uint64_t base)
{
    const mps_limit_record *record = e->record;
    if (e->direction != direction) {
        if (record->has_data_ack)
            add_step(steps, e, MPS_LIMIT_EVENT_ACK, rebase(record->data_ack, base), 0);
        return;
    }
    if (record->data > 0)
        add_step(steps, e, MPS_LIMIT_EVENT_SEND, rebase(record->data_end, base), record->data);
    if (record->resent > 0 || record->reinjected)
        add_step(steps, e, MPS_LIMIT_EVENT_RESEND, 0, 0);
}

static void add_subflow_steps(GArray *steps, const entry *e, mps_direction direction)
{
    const mps_limit_record *record = e->record;
    if (e->direction != direction) {
        if (record->has_ack)
            add_step(steps, e, MPS_LIMIT_EVENT_ACK, record->ack, 0);
        return;
    }
    if (record->length > record->resent)
        add_step(steps, e, MPS_LIMIT_EVENT_SEND, record->ssn_end, record->length - record->resent);
    if (record->resent > 0)
        add_step(steps, e, MPS_LIMIT_EVENT_RESEND, 0, 0);
}

/* Where the capture was made, as seen from the halves of a direction that carried data. */
static mps_vantage near_of(const lines *l, const uint32_t *ids, uint32_t count,
                           mps_direction direction)
{
    mps_vantage all = MPS_VANTAGE_UNKNOWN;
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t half_id = mps_analysis_half(l->tracker, ids[i], direction);
        const mps_limit_half *half = mps_limits_half(l->tracker, half_id);
        const mps_limit_half *peer = mps_limits_half(l->tracker, half_id ^ 1);
        bool carried = false;
        for (guint k = 0; half && k < half->records->len && !carried; k++)
            carried = g_array_index(half->records, mps_limit_record, k).length > 0;
        if (!carried || !peer)
            continue;
        mps_reach reach = {0};
        mps_reach_add(&reach, mps_tracker_flow(l->tracker, ids[i]), half_id & 1, &half->echo,
                      &peer->echo);
        mps_vantage near = mps_reach_vantage(&reach);
        all = !any || near == all ? near : MPS_VANTAGE_UNKNOWN;
        any = true;
    }
    return all;
}

static mps_limit_row *add_row(lines *l, GArray *steps, const mps_limit_flow_series *connection,
                              mps_limit_row row)
{
    mps_limit_flow_series line = *connection;
    line.steps = steps;
    row.window_unknown = true;
    for (guint i = 0; i < steps->len; i++) {
        const mps_limit_event *step = &g_array_index(steps, mps_limit_event, i);
        if (step->kind == MPS_LIMIT_EVENT_SEND && row.frame == 0)
            row.frame = step->frame;
        if (step->kind == MPS_LIMIT_EVENT_ACK && step->has_edge)
            row.window_unknown = false;
    }
    mps_limits_measure(steps);
    mps_limits_run(&line, &row.limits);
    row.queued = mps_limits_queued_share(steps);
    g_array_append_val(l->rows, row);
    return &g_array_index(l->rows, mps_limit_row, l->rows->len - 1);
}

/* The RTT of a subflow's handshake; INT64_MAX: not known. */
static int64_t handshake_rtt(const lines *l, uint32_t id)
{
    const mps_flow *flow = mps_tracker_flow(l->tracker, id);
    if (flow->syn_to_synack < 0 || flow->synack_to_ack < 0)
        return INT64_MAX;
    return flow->syn_to_synack + flow->synack_to_ack;
}

/* Measure a subflow, and tell each ACK's segment what its RTT says. @return the least RTT */
static int64_t judge_rtts(lines *l, uint32_t id, GArray *steps, const GArray *origins)
{
    mps_limits_measure(steps);
    int64_t least = mps_limits_judge(steps, handshake_rtt(l, id));
    for (guint i = 0; i < steps->len; i++) {
        const mps_limit_event *step = &g_array_index(steps, mps_limit_event, i);
        entry *e = &g_array_index(l->entries, entry, g_array_index(origins, guint, i));
        e->sampled |= step->sampled;
        e->queued |= step->queued;
    }
    return least;
}

/* The share of its path's capacity that a subflow used; 0: the capacity is not known. */
static double used_share(const mps_limits *limits, double capacity)
{
    int64_t duration = limits->end - limits->start;
    return capacity > 0 && duration > 0 ? (double)limits->bytes / (double)duration / capacity : 0;
}

/* The steps of a direction's subflows, by the subflow's place in `ids`.
 * @param least  gets the least RTT of each */
static GArray **subflow_steps(lines *l, const uint32_t *ids, uint32_t count,
                              mps_direction direction, int64_t *least)
{
    GHashTable *places = g_hash_table_new(NULL, NULL);
    GArray **steps = g_new(GArray *, MAX(count, 1)), **origins = g_new(GArray *, MAX(count, 1));
    for (uint32_t i = 0; i < count; i++) {
        g_hash_table_insert(places, GUINT_TO_POINTER(ids[i]), GUINT_TO_POINTER(i));
        steps[i] = g_array_new(FALSE, FALSE, sizeof(mps_limit_event));
        origins[i] = g_array_new(FALSE, FALSE, sizeof(guint));
    }
    for (guint i = 0; i < l->entries->len; i++) {
        const entry *e = &g_array_index(l->entries, entry, i);
        guint at = GPOINTER_TO_UINT(g_hash_table_lookup(places, GUINT_TO_POINTER(e->half_id / 2)));
        add_subflow_steps(steps[at], e, direction);
        while (origins[at]->len < steps[at]->len)
            g_array_append_val(origins[at], i);
    }
    for (uint32_t i = 0; i < count; i++) {
        least[i] = judge_rtts(l, ids[i], steps[i], origins[i]);
        g_array_free(origins[i], TRUE);
    }
    g_free(origins);
    g_hash_table_destroy(places);
    return steps;
}

/* The steps of all subflows of a direction together. @param sends  gets the times of new data */
static GArray *data_steps(const lines *l, mps_direction direction, GArray *sends)
{
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(mps_limit_event));
    bool based = false;
    uint64_t base = 0;
    for (guint i = 0; i < l->entries->len; i++) {
        const entry *e = &g_array_index(l->entries, entry, i);
        bool sent = e->direction == direction && e->record->data > 0;
        if (!based && sent) {
            base = e->record->data_end;
            based = true;
        }
        if (sent)
            g_array_append_val(sends, e->record->time);
        if (based)
            add_data_steps(steps, e, direction, base);
    }
    return steps;
}

static void direction_rows(lines *l, const uint32_t *ids, uint32_t count, mps_direction direction)
{
    GArray *sends = g_array_new(FALSE, FALSE, sizeof(int64_t));
    int64_t *least = g_new(int64_t, MAX(count, 1));
    GArray **subflows = subflow_steps(l, ids, count, direction, least);
    GArray *data = data_steps(l, direction, sends);
    mps_limit_flow_series line = {.room = MAX(l->room[direction], 1), .least_rtt = INT64_MAX};
    for (uint32_t i = 0; i < count; i++)
        line.least_rtt = MIN(line.least_rtt, least[i]);
    mps_limit_row row = {
        .subflow = MPS_NONE,
        .direction = direction,
        .near = near_of(l, ids, count, direction),
    };
    guint place = l->rows->len;
    double used = 0, bytes = 0;
    line.closed = add_row(l, data, &line, row)->limits.closed;
    line.sends = sends;
    for (uint32_t i = 0; i < count; i++) {
        row.subflow = ids[i];
        row.near = near_of(l, &ids[i], 1, direction);
        line.least_rtt = least[i];
        mps_limit_row *subflow = add_row(l, subflows[i], &line, row);
        subflow->used = used_share(&subflow->limits, mps_limits_capacity(subflows[i]));
        used += subflow->used * (double)subflow->limits.bytes;
        bytes += (double)subflow->limits.bytes;
        g_array_free(subflows[i], TRUE);
    }
    g_array_index(l->rows, mps_limit_row, place).used = bytes > 0 ? used / bytes : 0;
    g_free(subflows);
    g_free(least);
    g_array_free(data, TRUE);
    g_array_free(sends, TRUE);
}

GArray *mps_limit_rows(const mps_tracker *tracker, uint32_t number)
{
    mps_connection_info info;
    mps_tracker_connection(tracker, number, &info);
    lines l = {
        .tracker = tracker,
        .entries = g_array_new(FALSE, FALSE, sizeof(entry)),
        .rows = g_array_new(FALSE, FALSE, sizeof(mps_limit_row)),
    };
    uint32_t *ids = g_new(uint32_t, MAX(info.subflow_count, 1));
    for (uint32_t i = 0; i < info.subflow_count; i++) {
        ids[i] = mps_tracker_subflow_id(tracker, number, i);
        for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
            add_half(&l, mps_analysis_half(tracker, ids[i], d), d);
    }
    g_array_sort(l.entries, compare_entries);
    for (unsigned d = MPS_C2S; d <= MPS_S2C; d++)
        direction_rows(&l, ids, info.subflow_count, d);
    g_free(ids);
    g_array_free(l.entries, TRUE);
    return l.rows;
}

void mps_limit_rows_free(GArray *rows)
{
    for (guint i = 0; i < rows->len; i++)
        g_array_free(g_array_index(rows, mps_limit_row, i).limits.closed, TRUE);
    g_array_free(rows, TRUE);
}
