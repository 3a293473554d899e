/* sender_pass.c: follows what the sender of a direction sent and what it was acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sender_pass.h"
#include "backlog.h"
#include "base/sorted.h"
#include "clocked.h"
#include "network.h"
#include "resent.h"
#include "scoreboard.h"

/* A segment is full if it lacks at most this much: options differ in length. */
#define FULL_SLACK 4u

/* Bytes of options in a segment that a network interface still has to divide (TSO): timestamps and
 * a DSS. Its size does not show how much a segment on the wire holds. */
#define OPTIONS 32u

/* A subflow's segments are small if at least half of those next to one are not full: so many before
 * it, and as many from it on. At least half of them must exist. */
#define SMALL_SEGMENTS 8u

/* A subflow during the pass. */
typedef struct {
    mps_critical_scoreboard board;
    mps_critical_space space; /* by subflow sequence numbers */
    mps_critical_sender_flow *flow;
    uint64_t small_end;
    uint32_t last;     /* its last sending; MPS_NONE: none */
    uint32_t sent;     /* segments */
    uint32_t not_full; /* of all its segments so far, in the survey */
    GArray *small;     /* uint32_t: how many of its first segments are not full, by their number */
} flow_state;

typedef struct {
    mps_critical_sender *sender;
    const mps_critical_input *input;
    const mps_critical_limits *limits;
    mps_direction direction;
    flow_state *flows;
    mps_critical_space data; /* by data sequence numbers */
    uint64_t data_acked;
} pass;

static mps_critical_ack ack_of(const mps_critical_segment *segment, uint32_t event)
{
    return (mps_critical_ack){.time = segment->time, .event = event, .syn = segment->syn};
}

static void take_data_ack(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    GArray *acks = p->sender->data_acks, *edges = p->sender->edges;
    if (acks->len == 0 || segment->data_ack > p->data_acked) {
        mps_critical_ack ack = ack_of(segment, event);
        ack.before = acks->len == 0 ? segment->data_ack : p->data_acked;
        ack.after = p->data_acked = segment->data_ack;
        ack.news = ack.after - ack.before;
        mps_critical_acks_add(acks, ack, p->limits->reaction);
    }
    const mps_critical_edge edge = {segment->time, segment->data_ack + segment->window, event,
                                    segment->syn};
    if (segment->has_window &&
        (edges->len == 0 ||
         edge.edge > g_array_index(edges, mps_critical_edge, edges->len - 1).edge))
        g_array_append_val(edges, edge);
}

static void take_arrival(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    flow_state *state = &p->flows[segment->subflow];
    const GArray *sacks = p->input->sacks[p->direction];
    mps_critical_ack ack = ack_of(segment, event);
    if (!segment->has_ack)
        return;
    ack.before = state->board.acked;
    ack.news = mps_critical_scoreboard_ack(
        &state->board, segment,
        segment->sack_count > 0 ? &g_array_index(sacks, mps_critical_sack, segment->sacks) : NULL);
    ack.after = state->board.acked;
    if (ack.news > 0 || state->flow->acks->len == 0)
        mps_critical_acks_add(state->flow->acks, ack, p->limits->reaction);
    if (segment->has_data_ack)
        take_data_ack(p, segment, event);
}

/* Note that the data advanced. What let the segment go can be found only now that the sending is
 * complete. */
static void note_top(pass *p, uint64_t top, const mps_critical_segment *segment,
                     const mps_critical_sending *sending)
{
    GArray *tops = p->sender->tops;
    const uint32_t place = tops->len;
    mps_critical_top now = {top, p->sender->sendings->len - 1, place, place};
    const mps_critical_hits hits =
        mps_critical_hits_of(p->sender, p->input, p->direction, p->limits, sending);
    if (((hits.ack || hits.data_ack) && !hits.edge) || hits.paced) {
        const mps_critical_top *last =
            place > 0 ? &g_array_index(tops, mps_critical_top, place - 1) : NULL;
        now.own = last ? last->own : MPS_NONE;
        if (!hits.ack || mps_critical_used(sending, hits.ack, segment) <= sending->proved)
            now.own_or_full = last ? last->own_or_full : MPS_NONE;
    }
    g_array_append_val(tops, now);
}

static uint64_t highest_data(const pass *p)
{
    const GArray *tops = p->sender->tops;
    return tops->len > 0 ? g_array_index(tops, mps_critical_top, tops->len - 1).top
                         : p->sender->first_data;
}

/* @return the index of the last element of an array; MPS_NONE: it is empty */
static uint32_t last_of(const GArray *array)
{
    return array->len > 0 ? array->len - 1 : MPS_NONE;
}

static uint64_t proved_by(const flow_state *state)
{
    const uint64_t proved = mps_critical_scoreboard_proved(&state->board);
    return state->board.resent ? proved
                               : MAX(proved, (uint64_t)MPS_INITIAL_WINDOW * state->flow->mss);
}

/* Take in the data of a segment, which is the latest sending. */
static void take_data(pass *p, const mps_critical_segment *segment, mps_critical_sending *sending)
{
    const uint32_t number = p->sender->sendings->len;
    sending->fresh = !sending->again;
    if (segment->has_dsn)
        sending->fresh = mps_critical_resent_add(&p->data, p->sender->reinjected, segment->dsn,
                                                 segment->length, number) < segment->length;
    const uint64_t highest = highest_data(p);
    sending->data_flight =
        p->sender->data_acks->len > 0 && highest > p->data_acked ? highest - p->data_acked : 0;
    g_array_append_val(p->sender->sendings, *sending);
    if (segment->has_dsn && segment->dsn + segment->length > highest)
        note_top(p, segment->dsn + segment->length, segment, sending);
}

static bool is_full(const mps_critical_sender_flow *flow, const mps_critical_segment *segment)
{
    return segment->length + FULL_SLACK >= flow->mss;
}

/* @return whether the next segment of a subflow is among small ones */
static bool is_among_small(const flow_state *state)
{
    const uint32_t count = state->small->len - 1;
    const uint32_t from = state->sent - MIN(state->sent, SMALL_SEGMENTS);
    const uint32_t to = MIN(state->sent + SMALL_SEGMENTS, count);
    const uint32_t small =
        g_array_index(state->small, uint32_t, to) - g_array_index(state->small, uint32_t, from);
    return to - from >= SMALL_SEGMENTS && 2 * small >= to - from;
}

static void take_departure(pass *p, const mps_critical_segment *segment, uint32_t event)
{
    flow_state *state = &p->flows[segment->subflow];
    mps_critical_sending sending = {
        .event = event,
        .flight = mps_critical_scoreboard_flight(&state->board),
        .proved = proved_by(state),
        .small_end = state->small_end,
        .previous = state->last,
        .ack = last_of(state->flow->acks),
        .data_ack = last_of(p->sender->data_acks),
        .before = last_of(p->sender->tops),
        .after_loss = state->board.resent,
        .small = is_among_small(state),
        .full = is_full(state->flow, segment),
    };
    const uint32_t number = p->sender->sendings->len;
    sending.again = mps_critical_scoreboard_send(&state->board, segment);
    mps_critical_resent_add(&state->space, p->sender->resent, segment->seq, segment->length,
                            number);
    take_data(p, segment, &sending);
    state->small_end = sending.full ? state->small_end : segment->seq + segment->length;
    state->last = number;
    g_array_append_val(state->flow->sent, event);
    state->sent++;
}

static void count_small(const pass *p, const mps_critical_segment *segment)
{
    flow_state *state = &p->flows[segment->subflow];
    state->not_full += !is_full(
        &g_array_index(p->sender->flows, mps_critical_sender_flow, segment->subflow), segment);
    g_array_append_val(state->small, state->not_full);
}

/* Find how much a full segment of each subflow holds, which segments are not full, and the lowest
 * data sequence number. */
static void survey(pass *p, const GArray *history)
{
    for (guint i = 0; i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction != p->direction || segment->length == 0)
            continue;
        mps_critical_sender_flow *flow =
            &g_array_index(p->sender->flows, mps_critical_sender_flow, segment->subflow);
        flow->mss = MAX(flow->mss, segment->length);
        flow->top = MAX(flow->top, segment->seq + segment->length);
        if (segment->has_dsn)
            p->sender->first_data = MIN(p->sender->first_data, segment->dsn);
    }
    for (guint i = 0; i < p->input->subflows->len; i++) {
        const uint32_t accepted =
            g_array_index(p->input->subflows, mps_critical_subflow, i).mss[p->direction];
        if (accepted > OPTIONS && p->flows[i].flow->mss > accepted)
            p->flows[i].flow->mss = accepted - OPTIONS;
    }
    for (guint i = 0; i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction == p->direction && segment->length > 0)
            count_small(p, segment);
    }
}

static void clear_flow(gpointer element)
{
    mps_critical_sender_flow *flow = element;
    g_array_free(flow->acks, TRUE);
    g_array_free(flow->sent, TRUE);
    g_array_free(flow->bursts, TRUE);
    g_array_free(flow->others, TRUE);
}

static void pass_init(pass *p, const int64_t *half_trips)
{
    const GArray *subflows = p->input->subflows;
    g_array_set_size(p->sender->flows, subflows->len);
    p->flows = g_new0(flow_state, subflows->len + 1);
    for (guint i = 0; i < subflows->len; i++) {
        mps_critical_sender_flow *flow =
            &g_array_index(p->sender->flows, mps_critical_sender_flow, i);
        flow->acks = g_array_new(FALSE, FALSE, sizeof(mps_critical_ack));
        flow->sent = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        flow->bursts = g_array_new(FALSE, FALSE, sizeof(mps_critical_burst));
        flow->others = g_array_new(FALSE, FALSE, sizeof(mps_critical_burst));
        flow->half_trip = half_trips[i];
        p->flows[i].flow = flow;
        p->flows[i].last = MPS_NONE;
        p->flows[i].small = g_array_new(FALSE, TRUE, sizeof(uint32_t));
        g_array_set_size(p->flows[i].small, 1); /* none of the first 0 */
        mps_critical_scoreboard_init(
            &p->flows[i].board,
            g_array_index(subflows, mps_critical_subflow, i).map[p->direction][p->direction].base);
    }
}

static void pass_clear(pass *p)
{
    for (guint i = 0; i < p->input->subflows->len; i++) {
        mps_critical_scoreboard_clear(&p->flows[i].board);
        mps_spans_clear(&p->flows[i].space.latest);
        g_array_free(p->flows[i].small, TRUE);
    }
    mps_spans_clear(&p->data.latest);
    g_free(p->flows);
}

void mps_critical_sender_init(mps_critical_sender *sender, const mps_critical_input *input,
                              mps_direction direction, const mps_critical_limits *limits,
                              const int64_t *half_trips)
{
    const GArray *history = input->hosts[direction];
    pass p = {.sender = sender, .input = input, .limits = limits, .direction = direction};
    *sender = (mps_critical_sender){
        .first_data = UINT64_MAX,
        .sendings = g_array_new(FALSE, FALSE, sizeof(mps_critical_sending)),
        .flows = g_array_new(FALSE, TRUE, sizeof(mps_critical_sender_flow)),
        .data_acks = g_array_new(FALSE, FALSE, sizeof(mps_critical_ack)),
        .edges = g_array_new(FALSE, FALSE, sizeof(mps_critical_edge)),
        .tops = g_array_new(FALSE, FALSE, sizeof(mps_critical_top)),
        .resent = g_array_new(FALSE, FALSE, sizeof(mps_critical_resent)),
        .reinjected = g_array_new(FALSE, FALSE, sizeof(mps_critical_resent)),
    };
    g_array_set_clear_func(sender->flows, clear_flow);
    if (!history)
        return;
    pass_init(&p, half_trips);
    survey(&p, history);
    for (guint i = 0; i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction != direction)
            take_arrival(&p, segment, i);
        else if (segment->length > 0)
            take_departure(&p, segment, i);
    }
    pass_clear(&p);
    mps_critical_backlog_find(sender, history);
    mps_critical_bursts_find(sender, input, direction, limits);
}

void mps_critical_sender_clear(mps_critical_sender *sender)
{
    g_array_free(sender->sendings, TRUE);
    g_array_free(sender->flows, TRUE);
    g_array_free(sender->data_acks, TRUE);
    g_array_free(sender->edges, TRUE);
    g_array_free(sender->tops, TRUE);
    g_array_free(sender->resent, TRUE);
    g_array_free(sender->reinjected, TRUE);
}

static bool is_earlier(const void *element, const void *key)
{
    const mps_critical_sending *sending = element;
    const uint32_t *event = key;
    return sending->event < *event;
}

guint mps_critical_sendings_before(const mps_critical_sender *sender, uint32_t event)
{
    return mps_sorted_place(sender->sendings, is_earlier, &event);
}

const mps_critical_sending *mps_critical_sending_at(const mps_critical_sender *sender,
                                                    uint32_t event)
{
    const guint place = mps_critical_sendings_before(sender, event);
    if (place == sender->sendings->len)
        return NULL;
    const mps_critical_sending *sending =
        &g_array_index(sender->sendings, mps_critical_sending, place);
    return sending->event == event ? sending : NULL;
}

static bool is_not_above(const void *element, const void *key)
{
    const mps_critical_top *top = element;
    const uint64_t *end = key;
    return top->top <= *end;
}

uint32_t mps_critical_higher(const mps_critical_sender *sender, const mps_critical_sending *sending,
                             uint64_t end)
{
    const guint place = mps_sorted_place(sender->tops, is_not_above, &end);
    if (place == sender->tops->len)
        return MPS_NONE;
    const uint32_t higher = g_array_index(sender->tops, mps_critical_top, place).sending;
    return g_array_index(sender->sendings, mps_critical_sending, higher).event < sending->event
               ? higher
               : MPS_NONE;
}

/* @return whether a segment follows the one before on its subflow by less than half of a round
 * trip, with others in flight. The application may spread small ones, unless later data were there.
 */
static bool is_paced(const mps_critical_sender *sender, const mps_critical_input *input,
                     mps_direction direction, const mps_critical_sending *sending)
{
    const mps_critical_segment *segment = mps_critical_at(input, direction, sending->event);
    if (sending->flight == 0 || sending->previous == MPS_NONE)
        return false;
    const mps_critical_sending *previous =
        &g_array_index(sender->sendings, mps_critical_sending, sending->previous);
    const int64_t gap = segment->time - mps_critical_at(input, direction, previous->event)->time;
    if (gap > g_array_index(sender->flows, mps_critical_sender_flow, segment->subflow).half_trip)
        return false;
    return !sending->small ||
           mps_critical_higher(sender, sending, segment->dsn + segment->length) != MPS_NONE;
}

mps_critical_hits mps_critical_hits_of(const mps_critical_sender *sender,
                                       const mps_critical_input *input, mps_direction direction,
                                       const mps_critical_limits *limits,
                                       const mps_critical_sending *sending)
{
    const mps_critical_segment *segment = mps_critical_at(input, direction, sending->event);
    const GArray *acks =
        g_array_index(sender->flows, mps_critical_sender_flow, segment->subflow).acks;
    mps_critical_hits hits = {.paced = is_paced(sender, input, direction, sending)};
    if (sending->ack != MPS_NONE) {
        const mps_critical_ack *ack = &g_array_index(acks, mps_critical_ack, sending->ack);
        if (mps_critical_hit(segment->time, ack->time, ack->syn, limits))
            hits.ack = ack;
    }
    if (sending->data_ack != MPS_NONE) {
        const mps_critical_ack *ack =
            &g_array_index(sender->data_acks, mps_critical_ack, sending->data_ack);
        if (mps_critical_hit(segment->time, ack->time, ack->syn, limits))
            hits.data_ack = ack;
    }
    const mps_critical_edge *edge =
        segment->has_dsn && sending->fresh
            ? mps_critical_edge_of(sender->edges, segment->dsn + segment->length)
            : NULL;
    if (edge && edge->event < sending->event &&
        mps_critical_hit(segment->time, edge->time, edge->syn, limits))
        hits.edge = edge;
    return hits;
}
