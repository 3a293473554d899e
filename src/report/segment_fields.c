/* segment_fields.c: puts together what is known of one segment, from what the analyses kept.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/field_records.h"
#include "analysis/reassembly.h"
#include "analysis/rtt.h"
#include "analysis/transmissions.h"
#include "event_row.h"
#include <mptcpscope/fields.h>

static void add_frame(mps_frames *list, uint32_t frame)
{
    if (list->count < MPS_FIELD_LIST_MAX &&
        (list->count == 0 || list->frames[list->count - 1] != frame))
        list->frames[list->count++] = frame;
}

/* How many of the numbers [at, ack) were in no segment. */
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

static void take_data_ack(mps_fields *facts, const mps_tracker *tracker,
                          const mps_field_record *record, const mps_flow *flow)
{
    unsigned half = record->half_id % 2;
    const mps_space *space = &flow->connection->space[mps_flow_direction(flow, !half)];
    const mps_verdict acked = {
        .subflow = flow->id,
        .half = (uint8_t)!half,
        .has_dsn = true,
        .dsn = record->data_ack,
    };
    facts->has_data_ack = true;
    facts->data_ack = mps_tracker_dsn(tracker, &acked);
    if (space->id == record->other_space_id) /* else it was merged, and so were its numbers */
        facts->unseen = count_unseen(space, record->data_acked, record->data_ack);
}

static void take_mappings(mps_fields *facts, const mps_tracker *tracker,
                          const mps_field_record *record)
{
    uint64_t at = record->ssn, end = at + record->length;
    mps_run run;
    while (at < end && facts->mappings.count < MPS_FIELD_LIST_MAX &&
           mps_field_mapping(tracker, record->half_id, at, &run) && run.start < end) {
        add_frame(&facts->mappings, (uint32_t)run.offset);
        at = run.end;
    }
}

static void take_order(mps_fields *facts, const mps_tracker *tracker,
                       const mps_field_record *record)
{
    const GArray *arrivals = mps_field_arrivals(tracker, record->space_id);
    bool held = false;
    for (guint i = record->arrivals.start; i < record->arrivals.end; i++) {
        const mps_arrival *arrival = &g_array_index(arrivals, mps_arrival, i);
        if (arrival->occupancy == 0)
            continue;
        facts->out_of_order = true;
        held |= arrival->hold == MPS_STILL_HELD;
        if (arrival->hold != MPS_STILL_HELD)
            facts->hold = MAX(facts->hold, arrival->hold);
    }
    facts->has_hold = facts->out_of_order && !held;
}

static void take_data_rtts(mps_fields *facts, const mps_tracker *tracker,
                           const mps_field_record *record)
{
    const GArray *samples = mps_rtt_of_space(tracker, record->other_space_id);
    for (guint i = record->samples.start; i < record->samples.end; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (sample->data_frame != 0 && facts->data_rtts < MPS_FIELD_LIST_MAX)
            facts->data_rtt[facts->data_rtts++] = sample->time;
    }
}

/* Was this copy sent before the segment? By time, for a capture of several interfaces is not in
 * that order. */
static bool is_earlier(const mps_copy *copy, const mps_transmission *than)
{
    return copy->time != than->time ? copy->time < than->time : copy->frame < than->frame;
}

/* Find other transmissions of the segment's bytes among those captured later, or earlier. */
static void search_copies(mps_fields *facts, const mps_transmissions *all,
                          const mps_field_record *record, bool later)
{
    const unsigned reinjected = 1u << MPS_PIECE_REINJECTED;
    uint32_t first = record->sent.start, count = record->sent.end - first;
    const mps_transmission *sent = &g_array_index(all->sent, mps_transmission, first);
    bool complete;
    GArray *of = mps_transmission_copies(all, first, count, reinjected, later, &complete);
    GArray *any = mps_transmission_copies(all, first, count, ~0u, later, &complete);
    for (guint i = 0; i < of->len; i++) {
        const mps_copy *copy = &g_array_index(of, mps_copy, i);
        if (is_earlier(copy, sent))
            add_frame(&facts->reinjection_of, copy->frame);
    }
    for (guint i = 0; i < any->len; i++) {
        const mps_copy *copy = &g_array_index(any, mps_copy, i);
        if (copy->kinds & reinjected && !is_earlier(copy, sent))
            add_frame(&facts->reinjected_in, copy->frame);
    }
    g_array_free(of, TRUE);
    g_array_free(any, TRUE);
}

static void take_copies(mps_fields *facts, const mps_tracker *tracker,
                        const mps_field_record *record)
{
    const mps_transmissions *all = mps_transmissions_of(tracker);
    if (!all || record->sent.start == record->sent.end)
        return;
    search_copies(facts, all, record, false);
    search_copies(facts, all, record, true);
}

/* A bad HMAC outweighs one that is right. */
static void take_events(mps_fields *facts, const mps_tracker *tracker,
                        const mps_field_record *record)
{
    const GArray *events = mps_events(tracker);
    for (guint i = record->events.start; i < record->events.end; i++) {
        const mps_event *event = &g_array_index(events, mps_event, i);
        mps_event_row row;
        if (facts->events == G_N_ELEMENTS(facts->event) || !mps_event_row_of(&row, tracker, event))
            continue;
        facts->event[facts->events++] = (mps_field_event){row.event, row.step, row.reason};
        facts->hmac = MAX(facts->hmac, row.hmac);
        if (event->fallback)
            facts->fallback = event->fallback;
    }
}

bool mps_fields_of(const mps_tracker *tracker, const mps_verdict *verdict, mps_fields *facts)
{
    const mps_field_record *record =
        mps_field_record_of(tracker, verdict->frame, 2 * verdict->subflow + verdict->half);
    const mps_flow *flow = record ? mps_tracker_flow(tracker, verdict->subflow) : NULL;
    *facts = (mps_fields){.in_flight = MPS_NONE, .data_in_flight = MPS_NONE};
    if (!record)
        return false;
    facts->has_rtt = record->has_rtt;
    facts->rtt = record->rtt;
    facts->in_flight = record->in_flight;
    facts->data_in_flight = record->data_in_flight;
    facts->checksum = record->checksum;
    if (record->has_data_ack)
        take_data_ack(facts, tracker, record, flow);
    take_mappings(facts, tracker, record);
    take_order(facts, tracker, record);
    take_data_rtts(facts, tracker, record);
    take_copies(facts, tracker, record);
    take_events(facts, tracker, record);
    return true;
}
