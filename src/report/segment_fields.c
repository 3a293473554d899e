/* segment_fields.c: collects what is known of one segment (mptcpscope/fields.h) from the analyses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/field_records.h"
#include "analysis/reassembly.h"
#include "analysis/rtt.h"
#include "analysis/transmissions.h"
#include "base/sorted.h"
#include "event_row.h"
#include <mptcpscope/fields.h>

static void add_frame(mps_frames *list, uint32_t frame)
{
    if (list->count < MPS_FIELD_LIST_MAX &&
        (list->count == 0 || list->frames[list->count - 1] != frame))
        list->frames[list->count++] = frame;
}

/* @return how many of the data bytes [at, ack) were in no segment that was captured. */
static uint64_t count_unseen(const mps_space *space, uint64_t at, uint64_t ack)
{
    uint64_t unseen = 0;
    if (space->has_fin && ack == space->fin + 1)
        ack = space->fin;
    while (at < ack) {
        mps_run run;
        bool found = mps_runs_find(&space->sent, at, &run) && run.start < ack;
        uint64_t stop = found ? MAX(run.start, at) : ack;
        unseen += stop - at;
        at = found ? run.end : ack;
    }
    return unseen;
}

static void take_data_ack(mps_fields *fields, const mps_tracker *tracker,
                          const mps_field_record *record, const mps_flow *flow)
{
    unsigned half = record->half_id % 2;
    const mps_direction direction = mps_flow_direction(flow, !half);
    const mps_connection *connection = flow->connection;
    const mps_verdict acked = {
        .subflow = flow->id,
        .half = (uint8_t)!half,
        .has_dsn = true,
        .dsn = record->data_ack,
    };
    fields->has_data_ack = true;
    fields->data_ack = mps_tracker_dsn(tracker, &acked);
    /* Otherwise the space was merged, and its numbers changed. */
    if (connection->space_id[direction] == record->other_space_id)
        fields->unseen =
            count_unseen(connection->space[direction], record->data_acked, record->data_ack);
}

static void take_mappings(mps_fields *fields, const mps_tracker *tracker,
                          const mps_field_record *record)
{
    uint64_t at = record->ssn, end = at + record->length;
    mps_run run;
    while (at < end && fields->mappings.count < MPS_FIELD_LIST_MAX &&
           mps_field_mapping(tracker, record->half_id, at, &run) && run.start < end) {
        add_frame(&fields->mappings, (uint32_t)run.offset);
        at = run.end;
    }
}

/* Is the payload one range of data? */
static void take_range(mps_fields *fields, const mps_tracker *tracker,
                       const mps_field_record *record, const mps_verdict *verdict)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    uint64_t length = 0;
    if (!verdict->has_dsn)
        return;
    for (guint i = record->sent.start; i < record->sent.end; i++) {
        const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, i);
        if (sent->dsn != verdict->dsn + length)
            return;
        length += sent->length;
    }
    if (length == verdict->length)
        fields->data_length = verdict->length;
}

static void take_order(mps_fields *fields, const mps_tracker *tracker,
                       const mps_field_record *record)
{
    const GArray *arrivals = mps_field_arrivals(tracker, record->space_id);
    bool held = false;
    for (guint i = record->arrivals.start; i < record->arrivals.end; i++) {
        const mps_arrival *arrival = &g_array_index(arrivals, mps_arrival, i);
        if (arrival->occupancy == 0)
            continue;
        fields->out_of_order = true;
        if (arrival->hold == MPS_STILL_HELD || arrival->hold == MPS_HOLD_UNKNOWN)
            held = true;
        else
            fields->hold = MAX(fields->hold, arrival->hold);
    }
    fields->has_hold = fields->out_of_order && !held;
}

static bool is_of_earlier_frame(const void *element, const void *key)
{
    return ((const mps_rtt_sample *)element)->frame < *(const uint32_t *)key;
}

static bool is_not_of_later_frame(const void *element, const void *key)
{
    return ((const mps_rtt_sample *)element)->frame <= *(const uint32_t *)key;
}

/* The samples that a frame gave. @param samples  in the order of frames */
static mps_item_range samples_of_frame(const GArray *samples, uint32_t frame)
{
    return (mps_item_range){mps_sorted_place(samples, is_of_earlier_frame, &frame),
                            mps_sorted_place(samples, is_not_of_later_frame, &frame)};
}

/* Were the samples found again in the order of time? */
static bool samples_changed(const mps_tracker *tracker)
{
    return mps_fields_settled(tracker) && mps_rtt_is_settled_anew(tracker);
}

/* While the capture is read, what was found in the order of the file; then, in the order of time.
 */
static void take_rtt(mps_fields *fields, const mps_tracker *tracker, const mps_field_record *record)
{
    fields->has_rtt = record->has_rtt;
    fields->rtt = record->rtt;
    if (!samples_changed(tracker))
        return;
    const GArray *samples = mps_rtt_of_half(tracker, record->half_id ^ 1);
    mps_item_range range = samples_of_frame(samples, record->frame);
    fields->has_rtt = false;
    for (guint i = range.start; i < range.end; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        fields->has_rtt |= sample->data_frame != 0;
        fields->rtt = sample->time;
    }
}

static void take_data_rtts(mps_fields *fields, const mps_tracker *tracker,
                           const mps_field_record *record)
{
    bool settled = samples_changed(tracker);
    const GArray *samples = settled ? mps_rtt_of_space(tracker, record->other_space_id)
                                    : mps_rtt_of_space_yet(tracker, record->other_space_id);
    mps_item_range range = settled ? samples_of_frame(samples, record->frame) : record->samples;
    for (guint i = range.start; i < range.end; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (sample->data_frame != 0 && fields->data_rtts < MPS_FIELD_LIST_MAX)
            fields->data_rtt[fields->data_rtts++] = sample->time;
    }
}

/* @return whether another transmission was sent before `than`. Time decides: in a capture of
 * several interfaces, frames are not in the order of time. */
static bool is_earlier(const mps_other_transmission *other, const mps_transmission *than)
{
    return other->time != than->time ? other->time < than->time : other->frame < than->frame;
}

/* Find other transmissions of the segment's bytes in later frames, or in earlier ones. */
static void search_others(mps_fields *fields, const mps_transmissions *all,
                          const mps_field_record *record, bool later)
{
    const unsigned reinjected = 1u << MPS_PIECE_REINJECTED;
    uint32_t first = record->sent.start, count = record->sent.end - first;
    const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, first);
    bool complete;
    GArray *repeated = mps_transmissions_other(all, first, count, reinjected, later, &complete);
    GArray *any = mps_transmissions_other(all, first, count, ~0u, later, &complete);
    for (guint i = 0; i < repeated->len; i++) {
        const mps_other_transmission *other = &g_array_index(repeated, mps_other_transmission, i);
        if (is_earlier(other, sent))
            add_frame(&fields->reinjection_of, other->frame);
    }
    for (guint i = 0; i < any->len; i++) {
        const mps_other_transmission *other = &g_array_index(any, mps_other_transmission, i);
        if (other->kinds & reinjected && !is_earlier(other, sent))
            add_frame(&fields->reinjected_in, other->frame);
    }
    g_array_free(repeated, TRUE);
    g_array_free(any, TRUE);
}

static void take_others(mps_fields *fields, const mps_tracker *tracker,
                        const mps_field_record *record)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    if (!all || record->sent.start == record->sent.end)
        return;
    search_others(fields, all, record, false);
    search_others(fields, all, record, true);
}

/* If one of several HMACs is bad, the field is "bad". */
static void take_events(mps_fields *fields, const mps_tracker *tracker,
                        const mps_field_record *record)
{
    const GArray *events = mps_events(tracker);
    for (guint i = record->events.start; i < record->events.end; i++) {
        const mps_event *event = &g_array_index(events, mps_event, i);
        mps_event_row row;
        if (fields->events == G_N_ELEMENTS(fields->event) ||
            !mps_event_row_of(&row, tracker, event))
            continue;
        fields->event[fields->events++] = (mps_field_event){row.event, row.step, row.reason};
        fields->hmac = MAX(fields->hmac, row.hmac);
        if (event->fallback)
            fields->fallback = event->fallback;
    }
}

bool mps_fields_of(const mps_tracker *tracker, const mps_verdict *verdict, mps_fields *fields)
{
    const mps_field_record *record =
        mps_field_record_of(tracker, verdict->frame, 2 * verdict->subflow + verdict->half);
    const mps_flow *flow = record ? mps_tracker_flow(tracker, verdict->subflow) : NULL;
    *fields = (mps_fields){.in_flight = MPS_NONE, .data_in_flight = MPS_NONE};
    if (!record)
        return false;
    take_rtt(fields, tracker, record);
    fields->in_flight = record->in_flight;
    fields->data_in_flight = record->data_in_flight;
    fields->checksum = record->checksum;
    if (record->has_data_ack)
        take_data_ack(fields, tracker, record, flow);
    take_range(fields, tracker, record, verdict);
    take_mappings(fields, tracker, record);
    take_order(fields, tracker, record);
    take_data_rtts(fields, tracker, record);
    take_others(fields, tracker, record);
    take_events(fields, tracker, record);
    return true;
}
