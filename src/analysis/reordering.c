/* reordering.c: the order in which bytes arrive, at subflow and at data level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reordering.h"
#include "arrival_notes.h"
#include "base/sparse.h"
#include <mptcpscope/replay.h>

typedef struct {
    mps_arrival_notes *notes;
    mps_sparse *watches; /* mps_held_watch, by space_id */
} mps_reordering_state;

static void *begin(void)
{
    mps_reordering_state *s = g_new(mps_reordering_state, 1);
    s->notes = mps_arrival_notes_new();
    s->watches = mps_sparse_new(sizeof(mps_held_watch));
    return s;
}

static void end(void *state)
{
    mps_reordering_state *s = state;
    mps_arrival_notes_free(s->notes);
    mps_held_free(s->watches);
    g_free(s);
}

static void take(void *state, const mps_view *view)
{
    mps_reordering_state *s = state;
    mps_held_take(s->watches, view);
    mps_arrival_notes_take(s->notes, view);
}

const mps_analysis_kind mps_reordering_analysis = {
    .need = MPS_NEED_REORDERING,
    .begin = begin,
    .segment = take,
    .end = end,
};

/* A direction of a subflow that is replayed. */
typedef struct {
    const mps_flow *flow;
    unsigned half;
    uint32_t number;      /* within the connection */
    mps_reassembly queue; /* by subflow sequence numbers */
} mps_replayed_subflow;

typedef struct {
    const mps_space *space;
    uint32_t space_id;
    mps_reassembly data; /* by data sequence numbers */
    uint64_t edge; /* right edge of the receive window: the highest DATA_ACK + window; 0: none */
    /* What subflows have delivered in their own order, and the in-order point of that: the
     * receiver's MPTCP layer knows no more. */
    bool delivered_any;
    mps_runs delivered;
    uint64_t delivered_point;
    bool data_only; /* nobody asks for the subflows' queues */
    mps_replayed_subflow *subflows;
    mps_replayed_subflow *subflow; /* of the segment that is replayed */
    mps_reordering_visitor visit;
    void *visit_data;
} mps_arrival_replay;

static uint64_t first_ssn(const mps_replayed_subflow *subflow, uint64_t ssn)
{
    const mps_half *half = subflow->flow->half[subflow->half];
    bool whole = subflow->flow->handshake_seen && half->isn_known && half->anchor == half->isn + 1;
    return whole ? MIN(MPS_ANCHOR + half->fast_open, ssn) : ssn;
}

/* Find the next part of [*at, end) that lies in one mapping.
 * @param at  moved to the end of the part
 * @param dsn, dsn_end  set to its data sequence numbers
 * @return false: nothing more is mapped */
static bool next_mapped(const mps_replayed_subflow *subflow, uint64_t *at, uint64_t end,
                        uint64_t *dsn, uint64_t *dsn_end)
{
    mps_run map;
    if (*at >= end || !mps_runs_find(&subflow->flow->half[subflow->half]->maps, *at, &map) ||
        map.start >= end)
        return false;
    *dsn = MAX(*at, map.start) + map.offset;
    *at = MIN(end, map.end);
    *dsn_end = *at + map.offset;
    return true;
}

static void advance_delivered(mps_arrival_replay *replay)
{
    mps_run run;
    while (mps_runs_find(&replay->delivered, replay->delivered_point, &run) &&
           run.start <= replay->delivered_point)
        replay->delivered_point = run.end;
    mps_runs_trim(&replay->delivered, replay->delivered_point);
}

/* Called when a subflow delivers bytes to the MPTCP layer, which queues them if they lie above its
 * in-order point. Linux examines its queue only after the last segment that a subflow delivers at
 * once (move_skbs_to_msk()); here advance_delivered() does that. */
static void deliver(mps_arrival *arrival, void *data)
{
    mps_arrival_replay *replay = data;
    uint64_t at = arrival->start, dsn, dsn_end;
    while (next_mapped(replay->subflow, &at, arrival->start + arrival->length, &dsn, &dsn_end)) {
        if (!replay->delivered_any)
            replay->delivered_point = mps_held_first(replay->space, dsn);
        replay->delivered_any = true;
        if (dsn <= replay->delivered_point) {
            replay->delivered_point = MAX(replay->delivered_point, dsn_end);
        } else {
            arrival->queued = true;
            mps_runs_add(&replay->delivered, dsn, dsn_end, 0, NULL, NULL);
        }
    }
}

/* The data of the subflow sequence numbers [start, end) arrive. */
static void replay_data(mps_arrival_replay *replay, uint64_t start, uint64_t end, mps_arrival *what)
{
    mps_reassembly *data = &replay->data;
    uint64_t dsn, dsn_end;
    while (next_mapped(replay->subflow, &start, end, &dsn, &dsn_end)) {
        mps_reassembly_begin(data, mps_held_first(replay->space, dsn));
        what->room = replay->edge > data->point ? replay->edge - data->point : 0;
        mps_reassembly_arrive(data, dsn, dsn_end, what, NULL, NULL);
    }
}

static void replay_payload(mps_arrival_replay *replay, const mps_arrival_note *sent)
{
    mps_replayed_subflow *subflow = replay->subflow;
    const uint64_t end = sent->ssn + sent->length;
    mps_arrival what = {.time = sent->time, .frame = sent->frame, .subflow = subflow->flow->id};
    mps_reassembly_leapt(&replay->data, sent->leaps);
    if (replay->data_only) { /* what the subflow had before, `data` had before, too */
        replay_data(replay, sent->ssn, end, &what);
        return;
    }
    mps_reassembly_leapt(&subflow->queue, sent->leaps);
    mps_reassembly_begin(&subflow->queue, first_ssn(subflow, sent->ssn));
    guint count = mps_reassembly_arrive(&subflow->queue, sent->ssn, end, &what, deliver, replay);
    advance_delivered(replay);
    const GArray *arrivals = subflow->queue.arrivals;
    for (guint i = arrivals->len - count; i < arrivals->len; i++) {
        const mps_arrival *arrival = &g_array_index(arrivals, mps_arrival, i);
        replay_data(replay, arrival->start, arrival->start + arrival->length, &what);
    }
}

/* Bytes that are acknowledged have arrived, even if they were not captured. */
static void replay_ack(mps_arrival_replay *replay, const mps_arrival_note *ack)
{
    mps_replayed_subflow *subflow = replay->subflow;
    uint32_t scale = subflow->flow->half[!subflow->half]->window_scale;
    mps_reassembly_leapt(&replay->data, ack->leaps);
    if (!replay->data_only) {
        mps_reassembly_leapt(&subflow->queue, ack->leaps);
        mps_reassembly_skip(&subflow->queue, ack->ack, ack->time, deliver, replay);
        advance_delivered(replay);
    }
    if (ack->data_ack == 0 || ack->space_id != replay->space_id)
        return;
    mps_reassembly_skip(&replay->data, ack->data_ack, ack->time, NULL, NULL);
    if (!replay->data_only) {
        if (ack->data_ack <= replay->data.point)
            replay->delivered_point = MAX(replay->delivered_point, ack->data_ack);
        advance_delivered(replay);
    }
    if (scale <= MPS_WINDOW_SCALE_MAX)
        replay->edge = MAX(replay->edge, ack->data_ack + ((uint64_t)ack->window << scale));
}

static void visit_data(mps_arrival *arrival, void *data)
{
    const mps_arrival_replay *replay = data;
    replay->visit(arrival, MPS_NONE, replay->visit_data);
}

static void visit_subflow(mps_arrival *arrival, void *data)
{
    const mps_arrival_replay *replay = data;
    replay->visit(arrival, replay->subflow->number, replay->visit_data);
}

/* Let what is settled leave the queues that a segment of `subflow` may have changed. */
static void settle(mps_arrival_replay *replay, bool all)
{
    mps_reassembly_settle(&replay->data, all, visit_data, replay);
    mps_reassembly_settle(&replay->subflow->queue, all, visit_subflow, replay);
}

static void replay_note(const mps_arrival_note *note, uint32_t subflow, void *data)
{
    mps_arrival_replay *replay = data;
    replay->subflow = &replay->subflows[subflow];
    if (note->length > 0)
        replay_payload(replay, note);
    else
        replay_ack(replay, note);
    settle(replay, false);
}

/* Give what is held to the end, and free the queues. */
static void end_replay(mps_arrival_replay *replay, uint32_t subflows)
{
    for (uint32_t i = 0; i < subflows; i++) {
        replay->subflow = &replay->subflows[i];
        settle(replay, true);
        mps_reassembly_end(&replay->subflow->queue);
    }
    mps_reassembly_end(&replay->data);
    mps_runs_clear(&replay->delivered);
    g_free(replay->subflows);
}

void mps_reordering_replay(const mps_tracker *tracker, uint32_t number, mps_direction direction,
                           bool data_only, mps_reordering_visitor visit, void *data)
{
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_reordering_state *s = mps_analysis_state(tracker, &mps_reordering_analysis);
    const uint32_t count = s ? connection->flows.len : 0;
    uint32_t *halves = g_new(uint32_t, count);
    mps_arrival_replay replay = {
        .space = connection->space[direction],
        .space_id = connection->space_id[direction],
        .data_only = data_only,
        .subflows = g_new0(mps_replayed_subflow, count),
        .visit = visit,
        .visit_data = data,
    };
    for (uint32_t i = 0; i < count; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        const unsigned half = mps_flow_direction(flow, 0) != direction;
        replay.subflows[i] = (mps_replayed_subflow){.flow = flow, .half = half, .number = i};
        halves[i] = 2 * flow->id + half;
    }
    if (count > 0)
        mps_arrival_notes_read(s->notes, halves, count, mps_tracker_leaps(tracker), replay_note,
                               &replay);
    end_replay(&replay, count);
    g_free(halves);
}

bool mps_reordering_held(const mps_tracker *tracker, uint32_t number, mps_direction direction,
                         uint64_t data, mps_held_figures *figures)
{
    const mps_reordering_state *s = mps_analysis_state(tracker, &mps_reordering_analysis);
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_held_watch *watch =
        s ? mps_sparse_find(s->watches, connection->space_id[direction]) : NULL;
    return !mps_replay_is_needed(tracker) && /* all came in the order of time */
           mps_held_known(watch, connection->space[direction], data, figures);
}
