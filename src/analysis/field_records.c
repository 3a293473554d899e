/* field_records.c: which items of the other analyses belong to which segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "field_records.h"
#include "base/sorted.h"
#include "events.h"
#include "reassembly.h"
#include "rtt.h"
#include "transmissions.h"

/* An infinite mapping (RFC 8684 section 3.7) has no end. */
#define MPS_ENDLESS (UINT64_C(1) << 56)

/* A direction of a connection. */
typedef struct {
    guint samples;      /* of mps_rtt_of_space() until now */
    bool begun;         /* what follows is valid */
    uint64_t acked;     /* the highest DATA_ACK until now, or where the data begins */
    uint64_t delivered; /* the same, but for what was acknowledged and not seen */
    mps_reassembly line;
} fact_space;

typedef struct {
    GArray *records;  /* mps_field_record, as captured */
    GArray *spaces;   /* fact_space, by space_id */
    GArray *mappings; /* mps_runs by half_id: subflow sequence numbers with the frame as offset */
    guint events, sent;
    int64_t latest;  /* time of the latest segment */
    bool disordered; /* segments are not in order of time, and were not played back since */
} fact_state;

static void *begin(void)
{
    fact_state *facts = g_new0(fact_state, 1);
    facts->records = g_array_new(FALSE, FALSE, sizeof(mps_field_record));
    facts->spaces = g_array_new(FALSE, TRUE, sizeof(fact_space));
    facts->mappings = g_array_new(FALSE, TRUE, sizeof(mps_runs));
    facts->latest = INT64_MIN;
    return facts;
}

static void end(void *state)
{
    fact_state *facts = state;
    for (guint i = 0; i < facts->spaces->len; i++)
        mps_reassembly_end(&g_array_index(facts->spaces, fact_space, i).line);
    for (guint i = 0; i < facts->mappings->len; i++)
        mps_runs_clear(&g_array_index(facts->mappings, mps_runs, i));
    g_array_free(facts->records, TRUE);
    g_array_free(facts->spaces, TRUE);
    g_array_free(facts->mappings, TRUE);
    g_free(facts);
}

/* The items that an array got since it was looked at last. */
static mps_item_range grown(guint *length, const GArray *array)
{
    mps_item_range range = {*length, array ? array->len : 0};
    *length = range.end;
    return range;
}

static void note_mapping(mps_runs *mappings, const mps_view *view, uint32_t ssn, uint64_t length)
{
    const mps_half *own = &view->flow->half[view->half];
    if (!own->isn_known)
        return;
    uint64_t at = mps_half_near(own, view->segment->seq);
    uint64_t start = at + (uint64_t)(int64_t)(int32_t)(own->isn + ssn - view->segment->seq);
    mps_runs_add(mappings, start, start + length, view->segment->frame, NULL, NULL);
}

/* Note which frame brings which mapping: by DSS, or with data on MP_CAPABLE (RFC 8684 section 3.1).
 */
static void note_mappings(fact_state *facts, const mps_view *view)
{
    mps_runs *mappings = mps_analysis_slot(facts->mappings, view->half_id);
    for (unsigned i = 0; i < view->segment->mptcp_count; i++) {
        const mps_option *option = &view->segment->mptcp[i];
        if (!option->valid)
            continue;
        if (option->subtype == MPS_DSS && option->dss.has_map) {
            uint64_t length = option->dss.data_length;
            note_mapping(mappings, view, option->dss.ssn,
                         length == 0 ? MPS_ENDLESS : length - option->dss.data_fin);
        }
        if (option->subtype == MPS_MP_CAPABLE && option->capable.has_data_length)
            note_mapping(mappings, view, 1, option->capable.data_length);
    }
}

/* Payload bytes of the half that nobody acknowledged. */
static uint32_t in_flight(const mps_half *half)
{
    uint64_t acked = half->ack;
    if (half->isn_known)
        acked = MAX(acked, mps_half_near(half, half->isn + 1));
    if (acked == 0) /* numbers inside are not that low */
        return MPS_NONE;
    return half->top > acked ? (uint32_t)(half->top - acked) : 0;
}

static void begin_space(fact_space *space, const mps_space *known, uint64_t otherwise)
{
    if (!space->begun)
        space->acked = space->delivered = known->initial_known ? known->initial + 1 : otherwise;
    space->begun = true;
}

static void play_data_ack(fact_space *space, const mps_space *known, mps_field_record *record)
{
    begin_space(space, known, record->data_ack);
    record->data_acked = space->acked;
    space->acked = MAX(space->acked, record->data_ack);
    if (!space->line.begun || record->data_ack <= space->line.top + 1) /* 1: the DATA_FIN */
        space->delivered = MAX(space->delivered, record->data_ack);
    mps_reassembly_skip(&space->line, record->data_ack, record->time, NULL, NULL);
}

static void play_data(fact_space *space, const mps_space *known, const mps_transmissions *all,
                      mps_field_record *record)
{
    mps_arrival what = {.time = record->time, .frame = record->frame};
    bool knows = space->begun || known->initial_known;
    record->data_in_flight = MPS_NONE;
    record->arrivals.start = space->line.arrivals ? space->line.arrivals->len : 0;
    for (guint i = record->sent.start; i < record->sent.end; i++) {
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, i);
        uint64_t start = known->initial_known ? MIN(known->initial + 1, sent->dsn) : sent->dsn;
        mps_reassembly_begin(&space->line, start);
        mps_reassembly_arrive(&space->line, sent->dsn, sent->dsn + sent->length, &what, NULL, NULL);
    }
    record->arrivals.end = space->line.arrivals->len;
    if (!knows || !record->data_level)
        return;
    begin_space(space, known, 0);
    uint64_t top = space->line.top, floor = space->delivered;
    record->data_in_flight = top > floor ? (uint32_t)MIN(top - floor, MPS_NONE - 1) : 0;
}

/* What a segment does at data level. */
static void play(fact_state *facts, const mps_tracker *tracker, mps_field_record *record)
{
    const mps_flow *flow = mps_tracker_flow(tracker, record->half_id / 2);
    const mps_space *spaces = flow->connection->space;
    mps_direction direction = mps_flow_direction(flow, record->half_id % 2);
    if (record->has_data_ack)
        play_data_ack(mps_analysis_slot(facts->spaces, record->other_space_id), &spaces[!direction],
                      record);
    if (record->sent.start < record->sent.end)
        play_data(mps_analysis_slot(facts->spaces, record->space_id), &spaces[direction],
                  mps_transmissions_of(tracker), record);
}

static void take(void *state, const mps_view *view)
{
    fact_state *facts = state;
    const mps_tracker *tracker = view->tracker;
    const mps_transmissions *transmissions = mps_transmissions_of(tracker);
    const mps_rtt_sample *sample = mps_rtt_of_segment(tracker);
    fact_space *other = mps_analysis_slot(facts->spaces, view->other_space_id);
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
        .in_flight = view->has_ssn ? in_flight(&view->flow->half[view->half]) : MPS_NONE,
        .data_in_flight = MPS_NONE,
        .events = grown(&facts->events, mps_events(tracker)),
        .sent = grown(&facts->sent, transmissions ? transmissions->sent : NULL),
        .samples = grown(&other->samples, mps_rtt_of_space(tracker, view->other_space_id)),
        .checksum = (uint8_t)mps_checksum_of_segment(tracker),
        .has_rtt = sample != NULL,
        .rtt = sample ? sample->time : 0,
    };
    note_mappings(facts, view);
    play(facts, tracker, &record);
    g_array_append_val(facts->records, record);
    facts->disordered |= record.time < facts->latest;
    facts->latest = MAX(facts->latest, record.time);
}

static gint compare_records(gconstpointer a, gconstpointer b)
{
    const mps_field_record *x = *(mps_field_record *const *)a, *y = *(mps_field_record *const *)b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x > y) - (x < y);
}

void mps_fields_settle(const mps_tracker *tracker)
{
    fact_state *facts = mps_analysis_state(tracker, &mps_field_analysis);
    if (!facts || !facts->disordered)
        return;
    GPtrArray *sorted = g_ptr_array_sized_new(facts->records->len);
    for (guint i = 0; i < facts->records->len; i++)
        g_ptr_array_add(sorted, &g_array_index(facts->records, mps_field_record, i));
    g_ptr_array_sort(sorted, compare_records);
    for (guint i = 0; i < facts->spaces->len; i++) {
        fact_space *space = &g_array_index(facts->spaces, fact_space, i);
        mps_reassembly_end(&space->line);
        *space = (fact_space){.samples = space->samples};
    }
    for (guint i = 0; i < sorted->len; i++)
        play(facts, tracker, sorted->pdata[i]);
    g_ptr_array_free(sorted, TRUE);
    facts->disordered = false;
}

const mps_analysis_kind mps_field_analysis = {
    .need = MPS_NEED_FIELDS,
    .begin = begin,
    .segment = take,
    .end = end,
};

static bool is_not_behind(const void *element, const void *key)
{
    return ((const mps_field_record *)element)->frame <= *(const uint32_t *)key;
}

const mps_field_record *mps_field_record_of(const mps_tracker *tracker, uint32_t frame,
                                            uint32_t half_id)
{
    const fact_state *facts = mps_analysis_state(tracker, &mps_field_analysis);
    guint place = mps_sorted_place(facts ? facts->records : NULL, is_not_behind, &frame);
    for (; place > 0; place--) {
        const mps_field_record *record =
            &g_array_index(facts->records, mps_field_record, place - 1);
        if (record->frame != frame)
            return NULL;
        if (record->half_id == half_id)
            return record;
    }
    return NULL;
}

const GArray *mps_field_arrivals(const mps_tracker *tracker, uint32_t space_id)
{
    const fact_state *facts = mps_analysis_state(tracker, &mps_field_analysis);
    if (!facts || space_id >= facts->spaces->len)
        return NULL;
    return g_array_index(facts->spaces, fact_space, space_id).line.arrivals;
}

bool mps_field_mapping(const mps_tracker *tracker, uint32_t half_id, uint64_t ssn, mps_run *run)
{
    const fact_state *facts = mps_analysis_state(tracker, &mps_field_analysis);
    if (!facts || half_id >= facts->mappings->len)
        return false;
    return mps_runs_find(&g_array_index(facts->mappings, mps_runs, half_id), ssn, run);
}
