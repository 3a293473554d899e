/* walk.c: the walk back along the critical path, from the last data delivered to the first SYN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_internal.h"

static mps_critical_moment moment_of(const mps_critical_segment *segment, unsigned host)
{
    return (mps_critical_moment){segment->time, segment->frame, (uint8_t)host};
}

/* Add the piece from a moment to the present one, unless no time passed. */
static void add_piece(mps_critical_walking *walk, mps_critical_piece piece)
{
    piece.to = walk->moment;
    piece.to.time = walk->now;
    walk->now = piece.from.time;
    if (piece.from.time != piece.to.time)
        g_array_append_val(walk->path->pieces, piece);
}

static void end_walk(mps_critical_walking *walk)
{
    walk->task = MPS_EXPLAIN_NOTHING;
}

void mps_critical_give_up(mps_critical_walking *walk)
{
    const mps_critical_walker *walker = walk->walker;
    const mps_critical_segment *start =
        mps_critical_at(walker->input, walker->start_host, walker->start);
    add_piece(walk, (mps_critical_piece){.from = moment_of(start, walker->start_host),
                                         .subflow = MPS_NONE,
                                         .cause = MPS_CAUSE_UNEXPLAINED,
                                         .why = MPS_WHY_UNKNOWN});
    end_walk(walk);
}

/* Move to an event that is explained up to its time. */
static void arrive_at(mps_critical_walking *walk, unsigned host, uint32_t event,
                      mps_critical_task task)
{
    walk->host = host;
    walk->event = event;
    walk->bound[host] = event;
    walk->task = task;
    walk->moment = moment_of(mps_critical_here(walk), host);
    if (host == walk->walker->start_host && event == walk->walker->start)
        end_walk(walk);
}

bool mps_critical_go(mps_critical_walking *walk, uint32_t event, mps_critical_task task,
                     mps_critical_cause cause, mps_critical_detail detail)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    if (event >= walk->bound[walk->host]) {
        mps_critical_give_up(walk);
        return false;
    }
    const mps_critical_segment *there = mps_critical_at(walk->walker->input, walk->host, event);
    add_piece(walk, (mps_critical_piece){.from = moment_of(there, walk->host),
                                         .subflow = here->subflow,
                                         .direction = here->direction,
                                         .cause = (uint8_t)cause,
                                         .why = (uint8_t)walk->why,
                                         .detail = (uint8_t)detail});
    arrive_at(walk, walk->host, event, task);
    return true;
}

/* Add the parts of a delay. Their order on the way is a convention: they are shown as if the queue
 * came last. */
static void add_crossing(mps_critical_walking *walk, const mps_critical_match *match)
{
    const mps_critical_input *input = walk->walker->input;
    const mps_critical_segment *received = mps_critical_here(walk);
    const unsigned direction = received->direction;
    const mps_critical_segment *sent = mps_critical_at(input, direction, match->sent);
    const mps_critical_parts parts =
        mps_critical_parts_of(&g_array_index(walk->walker->delays, mps_critical_delays,
                                             2u * received->subflow + direction),
                              received->time - sent->time, match->length);
    const struct {
        mps_critical_cause cause;
        int64_t length;
    } of[] = {{MPS_CAUSE_QUEUEING, parts.queueing},
              {MPS_CAUSE_SERIALISATION, parts.serialisation},
              {MPS_CAUSE_PROPAGATION, parts.propagation}};
    for (unsigned i = 0; i < G_N_ELEMENTS(of); i++) {
        mps_critical_piece piece = {.from = moment_of(sent, direction),
                                    .subflow = received->subflow,
                                    .direction = (uint8_t)direction,
                                    .cause = (uint8_t)of[i].cause,
                                    .why = (uint8_t)walk->why};
        piece.from.time = walk->now - of[i].length;
        add_piece(walk, piece);
    }
}

bool mps_critical_cross(mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_critical_match *match = mps_critical_match_of(
        walk->walker->input, here->direction, walk->event, walk->has_byte ? &walk->byte : NULL);
    if (!match || match->sent >= walk->bound[here->direction]) {
        mps_critical_give_up(walk);
        return false;
    }
    walk->arrival = walk->event;
    add_crossing(walk, match);
    arrive_at(walk, here->direction, match->sent, MPS_EXPLAIN_DEPARTURE);
    return true;
}

static void explain_arrival(mps_critical_walking *walk)
{
    mps_critical_cross(walk);
}

static void explain_departure(mps_critical_walking *walk)
{
    mps_critical_give_up(walk);
}

static void run(mps_critical_walking *walk)
{
    while (walk->task != MPS_EXPLAIN_NOTHING) {
        if (walk->task == MPS_EXPLAIN_ARRIVAL)
            explain_arrival(walk);
        else
            explain_departure(walk);
    }
}

/* Count how much data each subflow brought into order, and all. */
static void count_delivered(mps_critical_path *path, const mps_critical_walker *walker,
                            mps_direction direction)
{
    const GArray *data = walker->receivers[direction].data;
    g_array_set_size(path->delivered_by, walker->input->subflows->len);
    for (guint i = 0; i < data->len; i++) {
        const mps_critical_advance *advance = &g_array_index(data, mps_critical_advance, i);
        const mps_critical_segment *by = mps_critical_at(walker->input, !direction, advance->event);
        const uint64_t bytes = MIN(advance->after - advance->before, by->length);
        g_array_index(path->delivered_by, uint64_t, by->subflow) += bytes;
        path->delivered += advance->after - advance->before;
    }
}

/* The last arrival let more data go than it carried. */
static void note_head_of_line(mps_critical_path *path, const mps_critical_walker *walker,
                              mps_direction direction, const mps_critical_advance *last)
{
    const GArray *history = walker->input->hosts[!direction];
    const mps_critical_segment *by = &g_array_index(history, mps_critical_segment, last->event);
    path->head_of_line = last->after - last->before > by->length;
    path->held_by = by->subflow;
    path->waited =
        by->time - mps_critical_waiting_since(&walker->receivers[direction], history, last->event);
}

/* Find the arrival with which the path ends. @return false: there is none; the path says why */
static bool find_end(mps_critical_walking *walk, mps_direction direction, uint32_t subflow)
{
    const mps_critical_receiver *receiver = &walk->walker->receivers[direction];
    const GArray *advances =
        subflow == MPS_NONE ? receiver->data : mps_critical_subflow_advances(receiver, subflow);
    if (advances->len == 0) {
        walk->path->reason =
            subflow == MPS_NONE ? MPS_CRITICAL_NO_DATA : MPS_CRITICAL_NO_DATA_ON_SUBFLOW;
        return false;
    }
    const mps_critical_advance *last =
        &g_array_index(advances, mps_critical_advance, advances->len - 1);
    walk->host = !direction;
    walk->event = last->event;
    walk->bound[walk->host] = last->event;
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_critical_advance *own = mps_critical_advance_before(
        mps_critical_subflow_advances(receiver, here->subflow), last->event + 1);
    walk->has_byte = true;
    walk->byte = own->before;
    walk->needs_data = true;
    walk->now = walk->path->end = here->time;
    walk->moment = moment_of(here, walk->host);
    if (subflow == MPS_NONE)
        note_head_of_line(walk->path, walk->walker, direction, last);
    return true;
}

mps_critical_path *mps_critical_walk(const mps_critical_walker *walker, mps_direction direction,
                                     uint32_t subflow)
{
    mps_critical_path *path = g_new0(mps_critical_path, 1);
    path->pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece));
    path->sums = g_array_new(FALSE, FALSE, sizeof(mps_critical_sum));
    path->delivered_by = g_array_new(FALSE, TRUE, sizeof(uint64_t));
    mps_critical_walking walk = {.walker = walker,
                                 .path = path,
                                 .task = MPS_EXPLAIN_ARRIVAL,
                                 .why = MPS_WHY_DELIVERY,
                                 .bound = {UINT32_MAX, UINT32_MAX}};
    if (walker->start == MPS_NONE) {
        path->reason = MPS_CRITICAL_NO_HANDSHAKE;
        return path;
    }
    if (!find_end(&walk, direction, subflow))
        return path;
    path->start = mps_critical_at(walker->input, walker->start_host, walker->start)->time;
    path->elapsed = path->end - path->start;
    run(&walk);
    count_delivered(path, walker, direction);
    mps_critical_sum_up(path);
    return path;
}

/* Find the connection's first SYN, at the host where it was captured first. */
static void find_start(mps_critical_walker *walker)
{
    walker->start = MPS_NONE;
    walker->start_host = walker->input->hosts[MPS_CLIENT] ? MPS_CLIENT : MPS_SERVER;
    const GArray *history = walker->input->hosts[walker->start_host];
    for (guint i = 0; walker->start == MPS_NONE && i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->syn && !segment->join && !segment->has_ack && segment->direction == MPS_C2S)
            walker->start = i;
    }
}

mps_critical_walker *mps_critical_walker_new(const mps_critical_input *input,
                                             const mps_critical_limits *limits)
{
    mps_critical_walker *walker = g_new0(mps_critical_walker, 1);
    walker->input = input;
    walker->limits = *limits;
    if (input->hosts[MPS_CLIENT] && input->hosts[MPS_SERVER])
        walker->delays = mps_critical_delays_of(input);
    for (unsigned direction = 0; direction < 2; direction++)
        mps_critical_receiver_init(&walker->receivers[direction], input, direction);
    find_start(walker);
    return walker;
}

void mps_critical_walker_free(mps_critical_walker *walker)
{
    if (!walker)
        return;
    mps_critical_delays_free(walker->delays);
    for (unsigned direction = 0; direction < 2; direction++)
        mps_critical_receiver_clear(&walker->receivers[direction]);
    g_free(walker);
}
