/* walk.c: the walk back along the critical path, from the last data delivered to the first SYN.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
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
    walk->has_byte = walk->needs_data = false;
    walk->task = task;
    walk->moment = moment_of(mps_critical_here(walk), host);
    if (host == walk->walker->start_host && event == walk->walker->start)
        end_walk(walk);
}

void mps_critical_spend(mps_critical_walking *walk, int64_t length, uint32_t event,
                        mps_critical_cause cause)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    mps_critical_piece piece = {
        .from = moment_of(mps_critical_at(walk->walker->input, walk->host, event), walk->host),
        .subflow = here->subflow,
        .direction = here->direction,
        .cause = (uint8_t)cause,
        .why = (uint8_t)walk->why};
    piece.from.time = walk->now - length;
    add_piece(walk, piece);
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
                                         .bytes = cause == MPS_CAUSE_BOTTLENECK ? here->length : 0,
                                         .direction = here->direction,
                                         .cause = (uint8_t)cause,
                                         .why = (uint8_t)walk->why,
                                         .detail = (uint8_t)detail});
    arrive_at(walk, walk->host, event, task);
    return walk->task != MPS_EXPLAIN_NOTHING;
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
        mps_critical_parts_of(input, walk->walker->delays, (mps_direction)direction, match);
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

/* @return whether the data of the byte that a walk is at were in order before the arrival */
static bool was_readable(const mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_critical_advance *before =
        mps_critical_advance_before(walk->walker->receivers[here->direction].data, walk->event);
    return walk->has_byte && here->has_dsn && before &&
           before->after > here->dsn + (walk->byte - here->seq);
}

bool mps_critical_cross(mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const bool has_byte = walk->has_byte, needs_data = walk->needs_data && !was_readable(walk);
    const mps_critical_match *match =
        mps_critical_match_of(walk->walker->input, (mps_direction)here->direction, walk->event,
                              has_byte ? &walk->byte : NULL);
    if (!match || match->sent >= walk->bound[here->direction]) {
        mps_critical_give_up(walk);
        return false;
    }
    add_crossing(walk, match);
    arrive_at(walk, here->direction, match->sent, MPS_EXPLAIN_DEPARTURE);
    walk->has_byte = has_byte;
    walk->needs_data = needs_data;
    return walk->task != MPS_EXPLAIN_NOTHING;
}

/* @return whether the walk is at a segment that its host sent: there, an acknowledgement of what
 * the host's capture missed stands for the arrival of that */
static bool is_at_departure(const mps_critical_walking *walk)
{
    return mps_critical_here(walk)->direction == walk->host;
}

void mps_critical_want_gap(mps_critical_walking *walk, bool needs_data)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    if (is_at_departure(walk))
        return;
    const mps_critical_advance *advance = mps_critical_advance_before(
        mps_critical_subflow_advances(&walk->walker->receivers[here->direction], here->subflow),
        walk->event + 1);
    walk->needs_data = needs_data;
    walk->has_byte = advance && advance->event == walk->event;
    walk->byte = walk->has_byte ? advance->before : 0;
}

/* @return whether the capture at the host of the walk has the subflow that it is at from its
 * handshake on, so that its shortest delays are likely to be without a queue */
static bool has_handshake(const mps_critical_walking *walk)
{
    return mps_critical_begins_with_syn(&walk->walker->arrivals[walk->host],
                                        mps_critical_history_here(walk),
                                        mps_critical_here(walk)->subflow);
}

/* Was the segment in a queue that the one before it had just left? Then that is what it waited for,
 * whatever let it go. Where the capture began in mid-subflow, the first one is behind others that
 * it lacks, and segments may never have come without a queue: then no segment's size explains a
 * delay beyond the time since the one before it came.
 * @return whether the walk went there, or ended */
static bool explain_busy_line(mps_critical_walking *walk)
{
    const mps_critical_walker *walker = walk->walker;
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_direction direction = (mps_direction)here->direction;
    const mps_critical_match *match = mps_critical_match_of(walker->input, direction, walk->event,
                                                            walk->has_byte ? &walk->byte : NULL);
    if (!match)
        return false;
    const mps_critical_parts parts =
        mps_critical_parts_of(walker->input, walker->delays, direction, match);
    const int64_t delayed = parts.serialisation + parts.queueing;
    const bool late = delayed > walker->limits.busy && !has_handshake(walk);
    if (parts.queueing <= walker->limits.busy && !late)
        return false;
    const uint32_t before = mps_critical_payload_before(
        &walker->arrivals[walk->host], mps_critical_history_here(walk), here->subflow, walk->event);
    if (before == MPS_NONE && late)
        mps_critical_give_up(walk);
    if (before == MPS_NONE)
        return late;
    const mps_critical_match *other = mps_critical_match_of(walker->input, direction, before, NULL);
    const int64_t gap = here->time - mps_critical_at(walker->input, walk->host, before)->time;
    const int64_t queueing = late ? MAX(parts.queueing, delayed - gap) : parts.queueing;
    if (!other || other->sent > match->sent || gap > delayed || queueing <= walker->limits.busy)
        return false;
    const mps_critical_why why = walk->why;
    walk->why = MPS_WHY_BOTTLENECK;
    mps_critical_go(walk, before, MPS_EXPLAIN_ARRIVAL, MPS_CAUSE_BOTTLENECK, MPS_DETAIL_NONE);
    walk->why = why;
    return true;
}

static void explain_arrival(mps_critical_walking *walk)
{
    if (is_at_departure(walk))
        mps_critical_give_up(walk);
    else if (!walk->walker->both)
        mps_critical_round_unsplit(walk, MPS_LET_GO_BY_ACK);
    else if (!explain_busy_line(walk))
        mps_critical_cross(walk);
}

static void run(mps_critical_walking *walk)
{
    while (walk->task != MPS_EXPLAIN_NOTHING) {
        if (walk->task == MPS_EXPLAIN_ARRIVAL)
            explain_arrival(walk);
        else
            mps_critical_explain_departure(walk);
    }
}

/* Find the arrival with which the path ends. @return MPS_NONE: there is none; otherwise its index,
 * at the receiver, or at the sender where there is no other history */
static uint32_t find_end(const mps_critical_walker *walker, mps_direction direction,
                         uint32_t subflow, uint32_t until)
{
    const mps_critical_receiver *receiver = &walker->receivers[direction];
    if (!walker->both)
        return mps_critical_last_acked(walker, direction, subflow);
    const GArray *advances =
        subflow == MPS_NONE ? receiver->data : mps_critical_subflow_advances(receiver, subflow);
    const mps_critical_advance *last = mps_critical_advance_before(advances, until);
    return last ? last->event : MPS_NONE;
}

static void begin(mps_critical_walking *walk, mps_direction direction, uint32_t subflow,
                  uint32_t event)
{
    const mps_critical_walker *walker = walk->walker;
    arrive_at(walk, walker->both ? !direction : direction, event, MPS_EXPLAIN_ARRIVAL);
    walk->now = walk->path->end = mps_critical_here(walk)->time;
    if (!walker->both) {
        walk->path->one_capture = true;
        mps_critical_count_acknowledged(walk->path, walker, direction, event);
        mps_critical_round_unsplit(walk, subflow == MPS_NONE ? MPS_LET_GO_BY_DATA_ACK
                                                             : MPS_LET_GO_BY_ACK);
        return;
    }
    mps_critical_want_gap(walk, true);
    mps_critical_count_delivered(walk->path, walker, direction, event);
    if (subflow == MPS_NONE)
        mps_critical_note_head_of_line(walk->path, walker, direction, event);
}

mps_critical_path *mps_critical_walk(const mps_critical_walker *walker, mps_direction direction,
                                     uint32_t subflow, uint32_t until)
{
    mps_critical_path *path = mps_critical_path_new();
    mps_critical_walking walk = {.walker = walker,
                                 .path = path,
                                 .task = MPS_EXPLAIN_ARRIVAL,
                                 .why = MPS_WHY_DELIVERY,
                                 .bound = {UINT32_MAX, UINT32_MAX}};
    if (!walker) {
        path->reason = MPS_CRITICAL_FAR_APART;
        return path;
    }
    if (walker->start == MPS_NONE) {
        path->reason = MPS_CRITICAL_NO_HANDSHAKE;
        return path;
    }
    const uint32_t end = find_end(walker, direction, subflow, until);
    if (end == MPS_NONE) {
        path->reason = walker->receivers[direction].payload && subflow == MPS_NONE
                           ? MPS_CRITICAL_NO_MAPPING
                       : subflow == MPS_NONE ? MPS_CRITICAL_NO_DATA
                                             : MPS_CRITICAL_NO_DATA_ON_SUBFLOW;
        return path;
    }
    path->start = mps_critical_at(walker->input, walker->start_host, walker->start)->time;
    begin(&walk, direction, subflow, end);
    path->elapsed = path->end - path->start;
    run(&walk);
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

/* Find the shortest round trip of each subflow. A difference of the clocks cancels out. */
static int64_t *find_trips(const mps_critical_walker *walker)
{
    const mps_critical_input *input = walker->input;
    int64_t *trips = g_new0(int64_t, input->subflows->len + 1);
    if (!walker->both) {
        mps_critical_trips_by_one(input, walker->start_host, trips);
        return trips;
    }
    for (guint i = 0; i < input->subflows->len; i++) {
        const mps_critical_delays *delays =
            &g_array_index(walker->delays, mps_critical_delays, 2 * i);
        if (delays[0].known && delays[1].known)
            trips[i] = mps_nearest_ns(delays[0].least + delays[1].least);
    }
    return trips;
}

static uint8_t *find_arrived(const mps_critical_input *input, unsigned direction)
{
    const GArray *matches = input->matches[direction];
    uint8_t *arrived = g_new0(uint8_t, input->hosts[direction]->len + 1);
    for (guint i = 0; i < matches->len; i++)
        arrived[g_array_index(matches, mps_critical_match, i).sent] = 1;
    return arrived;
}

int64_t mps_critical_span_of(const mps_critical_input *input, unsigned hosts)
{
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (unsigned i = 0; i < 2; i++) {
        const GArray *history = input->hosts[i];
        if (!(hosts & 1u << i) || !history || history->len == 0)
            continue;
        first = MIN(first, g_array_index(history, mps_critical_segment, 0).time);
        last = MAX(last, g_array_index(history, mps_critical_segment, history->len - 1).time);
    }
    return last > first ? mps_minus(last, first) : 0;
}

mps_critical_walker *mps_critical_walker_new(const mps_critical_input *input,
                                             const mps_critical_limits *limits)
{
    if (mps_critical_span_of(input, MPS_CRITICAL_BOTH) > MPS_CRITICAL_SPAN_MAX)
        return NULL;
    mps_critical_walker *walker = g_new0(mps_critical_walker, 1);
    walker->input = input;
    walker->limits = *limits;
    walker->both = input->hosts[MPS_CLIENT] && input->hosts[MPS_SERVER];
    if (walker->both)
        walker->delays = mps_critical_delays_of(input);
    find_start(walker);
    walker->trips = find_trips(walker);
    int64_t *half_trips = g_new0(int64_t, input->subflows->len + 1);
    for (guint i = 0; i < input->subflows->len; i++) {
        const int64_t trip = walker->trips[i];
        half_trips[i] = trip / 2;
        if (trip > 0 && (walker->least_trip == 0 || trip < walker->least_trip))
            walker->least_trip = trip;
    }
    for (unsigned i = 0; i < 2; i++) {
        if (walker->both)
            walker->arrived[i] = find_arrived(input, i);
        mps_critical_arrivals_init(&walker->arrivals[i], input, i);
        mps_critical_receiver_init(&walker->receivers[i], input, (mps_direction)i);
        mps_critical_sender_init(&walker->senders[i], input, (mps_direction)i, limits, half_trips);
    }
    g_free(half_trips);
    return walker;
}

void mps_critical_walker_free(mps_critical_walker *walker)
{
    if (!walker)
        return;
    mps_critical_delays_free(walker->delays);
    for (unsigned i = 0; i < 2; i++) {
        g_free(walker->arrived[i]);
        mps_critical_arrivals_clear(&walker->arrivals[i]);
        mps_critical_receiver_clear(&walker->receivers[i]);
        mps_critical_sender_clear(&walker->senders[i]);
    }
    g_free(walker->trips);
    g_free(walker);
}
