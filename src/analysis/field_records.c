/* field_records.c: a record per segment: its items in other analyses, and its state at data level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "field_records.h"
#include "base/sorted.h"
#include "events.h"
#include "reassembly.h"
#include "rtt.h"
#include "transmissions.h"

/* A direction of a connection. */
typedef struct {
    guint samples;      /* of mps_rtt_of_space_yet() until now */
    bool begun;         /* what follows is valid */
    uint64_t acked;     /* the highest DATA_ACK until now, or where the data begins */
    uint64_t delivered; /* the same, except for DATA_ACKs of data that was not captured */
    mps_reassembly queue;
} field_space;

typedef struct {
    GArray *records;    /* mps_field_record, as captured */
    GArray *spaces;     /* field_space, by space_id */
    GArray *mappings;   /* mps_runs by half_id: subflow sequence numbers; offset: the frame */
    guint events, sent; /* items of mps_events() and mps_transmissions.sent until now */
    int64_t latest;     /* time of the latest segment, ns */
    bool disordered;    /* segments were not in the order of time, and were not replayed since */
    bool settled;       /* no segment came since mps_fields_settle() */
    mps_fields_kept kept;
} field_state;

static void *begin(void)
{
    field_state *fields = g_new0(field_state, 1);
    fields->records = g_array_new(FALSE, FALSE, sizeof(mps_field_record));
    fields->spaces = g_array_new(FALSE, TRUE, sizeof(field_space));
    fields->mappings = g_array_new(FALSE, TRUE, sizeof(mps_runs));
    fields->latest = INT64_MIN;
    return fields;
}

static void end(void *state)
{
    field_state *fields = state;
    for (guint i = 0; i < fields->spaces->len; i++)
        mps_reassembly_end(&g_array_index(fields->spaces, field_space, i).queue);
    for (guint i = 0; i < fields->mappings->len; i++)
        mps_runs_clear(&g_array_index(fields->mappings, mps_runs, i));
    g_array_free(fields->records, TRUE);
    g_array_free(fields->spaces, TRUE);
    g_array_free(fields->mappings, TRUE);
    g_free(fields);
}

/* The items that were appended to an array since the last call. @param length  until then */
static mps_item_range grown(guint *length, const GArray *array)
{
    mps_item_range range = {*length, array ? array->len : 0};
    *length = range.end;
    return range;
}

static void note_mapping(mps_runs *mappings, const mps_view *view, uint32_t ssn, uint64_t length)
{
    const mps_half *own = view->flow->half[view->half];
    if (!own->isn_known)
        return;
    uint64_t at = mps_half_near(own, view->segment->seq);
    uint64_t start = mps_half_extend_ssn(own, at, view->segment->seq, ssn);
    mps_runs_add(mappings, start, start + length, view->segment->frame, NULL, NULL);
}

/* Note which frame brings which mapping, in a DSS or with data on MP_CAPABLE (RFC 8684 section
 * 3.1). */
static void note_mappings(field_state *fields, const mps_view *view)
{
    mps_runs *mappings = mps_analysis_slot(fields->mappings, view->half_id);
    for (unsigned i = 0; i < view->segment->mptcp_count; i++) {
        const mps_option *option = &view->segment->mptcp[i];
        if (!option->valid)
            continue;
        if (option->subtype == MPS_DSS && option->dss.has_map) {
            uint64_t length = option->dss.data_length;
            note_mapping(mappings, view, option->dss.ssn,
                         length == 0 ? MPS_INFINITE : length - option->dss.data_fin);
        }
        if (option->subtype == MPS_MP_CAPABLE && option->capable.has_data_length)
            note_mapping(mappings, view, 1, option->capable.data_length);
    }
}

/* Payload bytes of the half that are not acknowledged. */
static uint32_t in_flight(const mps_half *half)
{
    uint64_t acked = half->ack;
    if (half->isn_known)
        acked = MAX(acked, mps_half_near(half, half->isn + 1));
    if (acked == 0) /* extended numbers are not that low: nothing was acknowledged */
        return MPS_NONE;
    return half->top > acked ? (uint32_t)(half->top - acked) : 0;
}

static void begin_space(field_space *space, const mps_space *known, uint64_t otherwise)
{
    if (!space->begun)
        space->acked = space->delivered = known->initial_known ? known->initial + 1 : otherwise;
    space->begun = true;
}

static void replay_data_ack(field_space *space, const mps_space *known, mps_field_record *record,
                            uint32_t leaps)
{
    mps_reassembly_leapt(&space->queue, leaps);
    begin_space(space, known, record->data_ack);
    record->data_acked = space->acked;
    space->acked = MAX(space->acked, record->data_ack);
    if (!space->queue.begun || record->data_ack <= space->queue.top + 1) /* 1: the DATA_FIN */
        space->delivered = MAX(space->delivered, record->data_ack);
    mps_reassembly_skip(&space->queue, record->data_ack, record->time, NULL, NULL);
}

/* Only arrivals that are held are asked for. Those before one that is held stay, because the queue
 * refers to that by its index. */
static void drop_in_order(GArray *arrivals, guint start)
{
    while (arrivals->len > start &&
           g_array_index(arrivals, mps_arrival, arrivals->len - 1).occupancy == 0)
        g_array_set_size(arrivals, arrivals->len - 1);
}

static void replay_data(field_space *space, const mps_space *known, const mps_transmissions *all,
                        mps_field_record *record, uint32_t leaps)
{
    mps_reassembly_leapt(&space->queue, leaps);
    mps_arrival arrival = {.time = record->time, .frame = record->frame};
    bool has_start = space->begun || known->initial_known;
    record->data_in_flight = MPS_NONE;
    record->arrivals.start = space->queue.arrivals ? space->queue.arrivals->len : 0;
    for (guint i = record->sent.start; i < record->sent.end; i++) {
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, i);
        uint64_t start = known->initial_known ? MIN(known->initial + 1, sent->dsn) : sent->dsn;
        mps_reassembly_begin(&space->queue, start);
        mps_reassembly_arrive(&space->queue, sent->dsn, sent->dsn + sent->length, &arrival, NULL,
                              NULL);
        drop_in_order(space->queue.arrivals, record->arrivals.start);
    }
    record->arrivals.end = space->queue.arrivals->len;
    if (!has_start || !record->data_level)
        return;
    begin_space(space, known, 0);
    uint64_t top = space->queue.top, acked = space->delivered;
    record->data_in_flight = top > acked ? (uint32_t)MIN(top - acked, MPS_NONE - 1) : 0;
}

/* Take a segment in at data level, and set in its record what follows. */
static void replay(field_state *fields, const mps_tracker *tracker, mps_field_record *record)
{
    const mps_flow *flow = mps_tracker_flow(tracker, record->half_id / 2);
    const mps_connection *connection = flow->connection;
    mps_direction direction = mps_flow_direction(flow, record->half_id % 2);
    const uint32_t leaps = mps_leaps_until(mps_tracker_leaps(tracker), record->frame);
    if (record->has_data_ack)
        replay_data_ack(mps_analysis_slot(fields->spaces, record->other_space_id),
                        connection->space[!direction], record, leaps);
    if (record->sent.start < record->sent.end)
        replay_data(mps_analysis_slot(fields->spaces, record->space_id),
                    connection->space[direction], mps_transmissions_of(tracker), record, leaps);
}

/* Keep the records in the order of the frames: a segment that was held comes late. When segments
 * come in the order of time, mps_fields_settle() sorts them. */
static void add_record(GArray *records, const mps_field_record *record, bool by_time)
{
    guint place = records->len;
    while (!by_time && place > 0 &&
           g_array_index(records, mps_field_record, place - 1).frame > record->frame)
        place--;
    g_array_insert_vals(records, place, record, 1);
}

static bool is_notable(const mps_view *view, const mps_field_record *record)
{
    for (unsigned i = 0; i < view->piece_count; i++)
        if (view->pieces[i].kind == MPS_PIECE_REINJECTED)
            return true;
    return record->events.start < record->events.end || record->checksum != MPS_CHECK_UNKNOWN;
}

/* Keep the record of a segment if it is one of those that are kept. */
static void keep_some(field_state *fields, const mps_view *view, const mps_field_record *record)
{
    if (fields->kept == MPS_FIELDS_OF_LATEST)
        g_array_set_size(fields->records, 0);
    else if (!is_notable(view, record))
        return;
    add_record(fields->records, record, mps_tracker_leaps(view->tracker)->known);
    fields->settled = false;
}

static void take(void *state, const mps_view *view)
{
    field_state *fields = state;
    const mps_tracker *tracker = view->tracker;
    const mps_transmissions *transmissions = mps_transmissions_of(tracker);
    const mps_rtt_sample *sample = mps_rtt_of_segment(tracker);
    field_space *other = mps_analysis_slot(fields->spaces, view->other_space_id);
    mps_field_record record = {
        .time = view->segment->time,
        .frame = view->segment->frame,
        .half_id = view->half_id,
        .space_id = view->space_id,
        .other_space_id = view->other_space_id,
        .ssn = view->ssn,
        .length = view->has_ssn ? view->segment->length : 0,
        .has_data_ack = view->has_data_ack,
        .data_ack = view->data_ack,
        .data_level = !view->flow->connection->fallback,
        .in_flight = view->has_ssn ? in_flight(view->flow->half[view->half]) : MPS_NONE,
        .data_in_flight = MPS_NONE,
        .events = grown(&fields->events, mps_events(tracker)),
        .sent = grown(&fields->sent, transmissions ? transmissions->sent : NULL),
        .samples = grown(&other->samples, mps_rtt_of_space_yet(tracker, view->other_space_id)),
        .checksum = (uint8_t)mps_checksum_of_segment(tracker),
        .has_rtt = sample != NULL,
        .rtt = sample ? sample->time : 0,
    };
    if (fields->kept != MPS_FIELDS_OF_ALL) {
        keep_some(fields, view, &record);
        return;
    }
    note_mappings(fields, view);
    replay(fields, tracker, &record);
    add_record(fields->records, &record, mps_tracker_leaps(tracker)->known);
    fields->settled = false;
    fields->disordered |= record.time < fields->latest;
    fields->latest = MAX(fields->latest, record.time);
}

/* By time, but never across a leap of the clock. */
static gint compare_records(gconstpointer a, gconstpointer b, gpointer leaps)
{
    const mps_field_record *x = *(mps_field_record *const *)a, *y = *(mps_field_record *const *)b;
    int order = mps_leaps_compare(leaps, x->time, x->frame, y->time, y->frame);
    return order != 0 ? order : (x > y) - (x < y);
}

/* Replay all records in the order of time. */
static void replay_all(field_state *fields, const mps_tracker *tracker)
{
    GPtrArray *sorted = g_ptr_array_sized_new(fields->records->len);
    for (guint i = 0; i < fields->records->len; i++)
        g_ptr_array_add(sorted, &g_array_index(fields->records, mps_field_record, i));
    g_ptr_array_sort_with_data(sorted, compare_records, (gpointer)mps_tracker_leaps(tracker));
    for (guint i = 0; i < fields->spaces->len; i++) {
        field_space *space = &g_array_index(fields->spaces, field_space, i);
        mps_reassembly_end(&space->queue);
        *space = (field_space){.samples = space->samples};
    }
    for (guint i = 0; i < sorted->len; i++)
        replay(fields, tracker, sorted->pdata[i]);
    g_ptr_array_free(sorted, TRUE);
    fields->disordered = false;
}

static gint compare_frames(gconstpointer a, gconstpointer b)
{
    const mps_field_record *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

void mps_fields_settle(const mps_tracker *tracker)
{
    field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    if (!fields || fields->settled)
        return;
    fields->settled = true;
    if (fields->disordered)
        replay_all(fields, tracker);
    if (mps_tracker_leaps(tracker)->known)
        g_array_sort(fields->records, compare_frames);
}

void mps_fields_keep(const mps_tracker *tracker, mps_fields_kept kept)
{
    field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    if (fields)
        fields->kept = kept;
}

bool mps_fields_settled(const mps_tracker *tracker)
{
    const field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    return fields && fields->settled;
}

const mps_analysis_kind mps_field_analysis = {
    .need = MPS_NEED_FIELDS,
    .begin = begin,
    .segment = take,
    .end = end,
};

static bool is_not_after(const void *element, const void *key)
{
    return ((const mps_field_record *)element)->frame <= *(const uint32_t *)key;
}

const mps_field_record *mps_field_record_of(const mps_tracker *tracker, uint32_t frame,
                                            uint32_t half_id)
{
    const field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    guint place = mps_sorted_place(fields ? fields->records : NULL, is_not_after, &frame);
    for (; place > 0; place--) {
        const mps_field_record *record =
            &g_array_index(fields->records, mps_field_record, place - 1);
        if (record->frame != frame)
            return NULL;
        if (record->half_id == half_id)
            return record;
    }
    return NULL;
}

const GArray *mps_field_arrivals(const mps_tracker *tracker, uint32_t space_id)
{
    const field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    if (!fields || space_id >= fields->spaces->len)
        return NULL;
    return g_array_index(fields->spaces, field_space, space_id).queue.arrivals;
}

bool mps_field_mapping(const mps_tracker *tracker, uint32_t half_id, uint64_t ssn, mps_run *run)
{
    const field_state *fields = mps_analysis_state(tracker, &mps_field_analysis);
    if (!fields || half_id >= fields->mappings->len)
        return false;
    return mps_runs_find(&g_array_index(fields->mappings, mps_runs, half_id), ssn, run);
}
