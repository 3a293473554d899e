/* reordering.c: the order in which bytes arrive, at subflow and at data level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reordering.h"
#include "base/pool.h"
#include "base/sort.h"
#include "base/sparse.h"
#include <mptcpscope/replay.h>

/* Payload of a segment. */
typedef struct {
    int64_t time; /* ns */
    uint64_t ssn;
    uint32_t length, frame;
    uint32_t next; /* of the half: its index, plus 1; 0: this is the last */
} mps_noted_payload;

/* An acknowledgement that adds something to the one before on its subflow. */
typedef struct {
    int64_t time;           /* ns */
    uint64_t ack, data_ack; /* 0: none; extended numbers are not that low */
    uint32_t space_id;      /* of data_ack */
    uint32_t frame;
    uint32_t next;   /* as in mps_noted_payload */
    uint16_t window; /* not scaled */
} mps_noted_ack;

/* What was noted of a half, first and last: indices, plus 1; 0: nothing. */
typedef struct {
    uint32_t first, last;
} mps_note_chain;

/* One direction of a subflow. */
typedef struct {
    mps_note_chain sent; /* mps_noted_payload */
    mps_note_chain acks; /* mps_noted_ack: acknowledgements of it */
} mps_half_notes;

typedef struct {
    mps_sparse *halves;  /* mps_half_notes, by half_id */
    mps_sparse *watches; /* mps_held_watch, by space_id */
    mps_pool *sent;      /* mps_noted_payload, of all halves */
    mps_pool *acks;      /* mps_noted_ack, of all halves */
} mps_reordering_state;

static void *begin(void)
{
    mps_reordering_state *s = g_new(mps_reordering_state, 1);
    s->halves = mps_sparse_new(sizeof(mps_half_notes));
    s->watches = mps_sparse_new(sizeof(mps_held_watch));
    s->sent = mps_pool_new(sizeof(mps_noted_payload));
    s->acks = mps_pool_new(sizeof(mps_noted_ack));
    return s;
}

static void end(void *state)
{
    mps_reordering_state *s = state;
    mps_sparse_free(s->halves);
    mps_held_free(s->watches);
    mps_pool_free(s->sent);
    mps_pool_free(s->acks);
    g_free(s);
}

/* Make item `index` the last of a chain.
 * @param next  that of the item that was the last; NULL: it is the first item */
static void link_last(mps_note_chain *chain, uint32_t *next, uint32_t index)
{
    *(next ? next : &chain->first) = index;
    chain->last = index;
}

static void note_payload(mps_reordering_state *s, const mps_view *view)
{
    mps_note_chain *chain = &((mps_half_notes *)mps_sparse_at(s->halves, view->half_id))->sent;
    *(mps_noted_payload *)mps_pool_room(s->sent) = (mps_noted_payload){
        view->segment->time, view->ssn, view->segment->length, view->segment->frame, 0};
    mps_noted_payload *last = chain->last > 0 ? mps_pool_at(s->sent, chain->last - 1) : NULL;
    link_last(chain, last ? &last->next : NULL, s->sent->count);
}

static void note_ack(mps_reordering_state *s, const mps_view *view)
{
    mps_noted_ack ack = {
        .time = view->segment->time,
        .ack = view->has_ack ? view->ack : 0,
        .data_ack = view->has_data_ack ? view->data_ack : 0,
        .space_id = view->other_space_id,
        .frame = view->segment->frame,
        .window = view->segment->flags & MPS_TCP_SYN ? 0 : view->segment->window,
    };
    mps_half_notes *acked = mps_sparse_at(s->halves, view->other_half_id);
    mps_note_chain *chain = &acked->acks;
    mps_noted_ack *last = chain->last > 0 ? mps_pool_at(s->acks, chain->last - 1) : NULL;
    if (last && ack.ack == last->ack && ack.data_ack == last->data_ack &&
        ack.window <= last->window && ack.space_id == last->space_id)
        return;
    *(mps_noted_ack *)mps_pool_room(s->acks) = ack;
    link_last(chain, last ? &last->next : NULL, s->acks->count);
}

static void take(void *state, const mps_view *view)
{
    mps_reordering_state *s = state;
    mps_held_take(s->watches, view);
    if (view->has_ssn)
        note_payload(s, view);
    if (view->has_ack || view->has_data_ack)
        note_ack(s, view);
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
    uint32_t number; /* within the connection */
    const mps_half_notes *notes;
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
    bool data_only;                /* nobody asks for the subflows' queues */
    mps_replayed_subflow *subflow; /* of the segment that is replayed */
    uint32_t leaps;                /* of the clock until then */
    mps_reordering_visitor visit;
    void *visit_data;
} mps_arrival_replay;

/* A segment to be replayed: payload or an acknowledgement. */
typedef struct {
    mps_moment moment; /* its `place` is the frame */
    uint32_t subflow;  /* number within the connection */
    uint32_t index;    /* in mps_reordering_state.acks or .sent */
    bool is_ack;
} mps_note;

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

static void replay_payload(mps_arrival_replay *replay, const mps_noted_payload *sent)
{
    mps_replayed_subflow *subflow = replay->subflow;
    const uint64_t end = sent->ssn + sent->length;
    mps_arrival what = {.time = sent->time, .frame = sent->frame, .subflow = subflow->flow->id};
    mps_reassembly_leapt(&replay->data, replay->leaps);
    if (replay->data_only) { /* what the subflow had before, `data` had before, too */
        replay_data(replay, sent->ssn, end, &what);
        return;
    }
    mps_reassembly_leapt(&subflow->queue, replay->leaps);
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
static void replay_ack(mps_arrival_replay *replay, const mps_noted_ack *ack)
{
    mps_replayed_subflow *subflow = replay->subflow;
    uint32_t scale = subflow->flow->half[!subflow->half]->window_scale;
    mps_reassembly_leapt(&replay->data, replay->leaps);
    if (!replay->data_only) {
        mps_reassembly_leapt(&subflow->queue, replay->leaps);
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

/* All that was noted of the subflows, in the order of time. */
static GArray *notes_of(const mps_reordering_state *s, const mps_leaps *leaps,
                        const mps_replayed_subflow *subflows, uint32_t count)
{
    GArray *notes = g_array_new(FALSE, FALSE, sizeof(mps_note));
    for (uint32_t number = 0; number < count; number++) {
        const mps_half_notes *half = subflows[number].notes;
        for (uint32_t i = half->sent.first, next; i > 0; i = next) {
            const mps_noted_payload *sent = mps_pool_at(s->sent, i - 1);
            const mps_note note = {{sent->time, mps_leaps_until(leaps, sent->frame), sent->frame},
                                   number,
                                   i - 1,
                                   false};
            next = sent->next;
            g_array_append_val(notes, note);
        }
        for (uint32_t i = half->acks.first, next; i > 0; i = next) {
            const mps_noted_ack *ack = mps_pool_at(s->acks, i - 1);
            const mps_note note = {
                {ack->time, mps_leaps_until(leaps, ack->frame), ack->frame}, number, i - 1, true};
            next = ack->next;
            g_array_append_val(notes, note);
        }
    }
    mps_sort_stretches(notes, mps_moment_compare);
    return notes;
}

/* Find the notes of each subflow. */
static mps_replayed_subflow *subflows_of(const mps_reordering_state *s,
                                         const mps_connection *connection, mps_direction direction)
{
    static const mps_half_notes nothing = {0};
    mps_replayed_subflow *subflows = g_new0(mps_replayed_subflow, connection->flows.len);
    for (uint32_t i = 0; i < connection->flows.len; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        unsigned half = mps_flow_direction(flow, 0) != direction;
        const mps_half_notes *own = s ? mps_sparse_find(s->halves, 2 * flow->id + half) : NULL;
        subflows[i] = (mps_replayed_subflow){
            .flow = flow, .half = half, .number = i, .notes = own ? own : &nothing};
    }
    return subflows;
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

static void replay_notes(mps_arrival_replay *replay, const mps_reordering_state *s,
                         const GArray *notes, mps_replayed_subflow *subflows)
{
    for (guint i = 0; i < notes->len; i++) {
        const mps_note *note = &g_array_index(notes, mps_note, i);
        replay->subflow = &subflows[note->subflow];
        replay->leaps = note->moment.leaps;
        if (note->is_ack)
            replay_ack(replay, mps_pool_at(s->acks, note->index));
        else
            replay_payload(replay, mps_pool_at(s->sent, note->index));
        settle(replay, false);
    }
}

void mps_reordering_replay(const mps_tracker *tracker, uint32_t number, mps_direction direction,
                           bool data_only, mps_reordering_visitor visit, void *data)
{
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_reordering_state *s = mps_analysis_state(tracker, &mps_reordering_analysis);
    const uint32_t count = connection->flows.len;
    mps_replayed_subflow *subflows = subflows_of(s, connection, direction);
    GArray *notes = notes_of(s, mps_tracker_leaps(tracker), subflows, count);
    mps_arrival_replay replay = {
        .space = connection->space[direction],
        .space_id = connection->space_id[direction],
        .data_only = data_only,
        .visit = visit,
        .visit_data = data,
    };
    replay_notes(&replay, s, notes, subflows);
    for (uint32_t i = 0; i < count; i++) {
        replay.subflow = &subflows[i];
        settle(&replay, true);
        mps_reassembly_end(&subflows[i].queue);
    }
    mps_reassembly_end(&replay.data);
    mps_runs_clear(&replay.delivered);
    g_array_free(notes, TRUE);
    g_free(subflows);
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
