/* state_machine.c: what a sender waited for, moment by moment.
 *
 *   pass_time()   between two steps: what the state says
 *   end_wait()    before new data: whether the sender had nothing to send until then
 *   end_round()   once per round-trip time: whether the network is to blame for a full flight
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "state_machine.h"
#include "base/sorted.h"
#include <string.h>

/* Silence of more than this, and than IDLE_RTTS round-trip times, is idle: the shortest
 * retransmission timeout (RFC 6298 section 2.4), after which a sender counts as idle (RFC 5681
 * section 4.1). */
#define IDLE_MIN INT64_C(1000000000)
#define IDLE_RTTS 4

/* A packet that could have held more says that nothing was left to send, but for those at which a
 * scheduler goes over to another subflow. So a wait beside one is the sender's only if this share
 * of what was in flight is acknowledged meanwhile without anything new being sent, or if this
 * share of the packets lately were such ones. */
#define DRY_SHARE 0.25
#define DRY_MEMORY 16

/* A sender that ran dry for this share of a round sent all it had in that round. */
#define DRY_ROUND 0.25

/* A queue stands if this share of a round's RTTs is above the least (mps_limit_event.queued). */
#define QUEUE_SHARE 0.75

/* The congestion window grows if the flight does, from one round to the next, by this. */
#define GROWTH 1.25

/* Rounds are not shorter, in ns. */
#define ROUND_MIN 1000000

/* What comes behind a step. */
typedef struct {
    enum { NEXT_NONE, NEXT_FULL, NEXT_SMALL } send; /* the next new data */
    bool lost; /* data is sent again before anything more is acknowledged */
} outlook;

/* A wait for new data beside a small packet. */
typedef struct {
    int64_t from, time, silent; /* silent: of the time, with nothing outstanding */
    uint32_t frame;
} lull;

/* A round-trip time. */
typedef struct {
    int64_t start;
    int64_t dry;  /* time in which the sender had nothing to send */
    int64_t full; /* time in which the flight was full, as far as one can see */
    uint64_t max_flight;
    uint32_t samples, queued; /* RTTs, and those above the least */
    uint32_t frame;
} round_trip;

typedef struct {
    const mps_limit_flow_series *line;
    mps_limits *limits;
    outlook *next; /* for each step */
    bool sent, has_edge, last_small;
    uint64_t top, acked, edge;
    uint64_t sent_flight; /* when data was last sent */
    double smallness;     /* share of small packets lately */
    double area;          /* flight times time */
    int64_t rtt;          /* the latest; 0: none yet */
    bool recovering, reduced;
    uint64_t recovery;    /* the top when data was sent again: repaired when acknowledged */
    uint64_t loss_flight; /* the flight then: the loss still tells until twice as much */
    uint64_t grown;       /* the largest flight before this round */
    lull wait;
    round_trip round;
    struct {
        mps_limit_cause cause;
        int64_t time;
        uint32_t frame;
    } stretch; /* the current one of one cause */
} walk;

static const mps_limit_event *step_at(const walk *w, guint i)
{
    return &g_array_index(w->line->steps, mps_limit_event, i);
}

static void look_ahead(walk *w)
{
    guint count = w->line->steps->len;
    bool *advances = g_new0(bool, MAX(count, 1));
    uint64_t acked = 0;
    for (guint i = 0; i < count; i++) {
        const mps_limit_event *step = step_at(w, i);
        advances[i] = step->kind == MPS_LIMIT_EVENT_ACK && step->number > acked;
        if (advances[i])
            acked = step->number;
    }
    outlook coming = {NEXT_NONE, false};
    for (guint i = count; i-- > 0;) {
        const mps_limit_event *step = step_at(w, i);
        w->next[i] = coming;
        if (step->kind == MPS_LIMIT_EVENT_SEND)
            coming.send = step->small ? NEXT_SMALL : NEXT_FULL;
        else if (step->kind == MPS_LIMIT_EVENT_RESEND)
            coming.lost = true;
        else if (advances[i])
            coming.lost = false;
    }
    g_free(advances);
}

static void spend(walk *w, mps_limit_cause cause, int64_t time, uint32_t frame)
{
    if (time <= 0)
        return;
    w->limits->spent[cause] += time;
    if (cause != w->stretch.cause || w->stretch.time == 0) {
        w->stretch.cause = cause;
        w->stretch.time = 0;
        w->stretch.frame = frame;
    }
    w->stretch.time += time;
    if (w->stretch.time > w->limits->longest[cause]) {
        w->limits->longest[cause] = w->stretch.time;
        w->limits->frame[cause] = w->stretch.frame;
    }
}

static bool is_up_to(const void *element, const void *key)
{
    return *(const int64_t *)element <= *(const int64_t *)key;
}

/* Whether the connection sent new data within a time in which this line did not. */
static bool others_sent(const walk *w, int64_t from, int64_t to)
{
    const GArray *sends = w->line->sends;
    guint place = mps_sorted_place(sends, is_up_to, &from);
    return sends && place < sends->len && g_array_index(sends, int64_t, place) < to;
}

static bool starts_before(const void *element, const void *key)
{
    return ((const mps_limit_closed *)element)->start < *(const int64_t *)key;
}

/* How long the connection's window was closed before a time. */
static int64_t closed_until(const GArray *closed, int64_t time)
{
    guint place = mps_sorted_place(closed, starts_before, &time);
    if (place == 0)
        return 0;
    const mps_limit_closed *last = &g_array_index(closed, mps_limit_closed, place - 1);
    return last->before + MIN(time, last->end) - last->start;
}

static void note_closed(walk *w, int64_t from, int64_t to)
{
    GArray *closed = w->limits->closed;
    int64_t before = 0;
    if (closed->len) {
        mps_limit_closed *last = &g_array_index(closed, mps_limit_closed, closed->len - 1);
        if (last->end == from) {
            last->end = to;
            return;
        }
        before = last->before + last->end - last->start;
    }
    mps_limit_closed stretch = {from, to, before};
    g_array_append_val(closed, stretch);
}

/* Whether the sender had nothing left to send while it waited. */
static bool was_dry(const walk *w)
{
    uint64_t flight = w->top - w->acked;
    return flight == 0 || w->smallness >= DRY_SHARE ||
           (double)(w->sent_flight - MIN(flight, w->sent_flight)) >=
               DRY_SHARE * (double)w->sent_flight;
}

/* A wait is over. @param dry  the sender had nothing left to send */
static void end_wait(walk *w, int64_t now, bool dry)
{
    lull *wait = &w->wait;
    bool others = others_sent(w, wait->from, now);
    if (wait->silent > MAX(IDLE_MIN, IDLE_RTTS * w->rtt) && !others) {
        spend(w, MPS_LIMIT_IDLE, wait->silent, wait->frame);
        wait->time -= wait->silent;
    }
    if (dry) {
        spend(w, MPS_LIMIT_SENDER, wait->time, wait->frame);
        w->round.dry += wait->time;
        w->limits->scheduler += others ? wait->time : 0;
    } else {
        w->round.full += wait->time;
    }
    wait->time = wait->silent = 0;
}

/* A round is over: tell what a full flight in it was due to. */
static void end_round(walk *w, const mps_limit_event *step)
{
    round_trip *round = &w->round;
    int64_t length = step->time - round->start;
    bool queue = round->samples > 0 && round->queued >= QUEUE_SHARE * round->samples;
    bool dry = (double)round->dry >= DRY_ROUND * (double)length;
    bool growing = (double)round->max_flight >= GROWTH * (double)w->grown;
    if (dry && !queue)
        spend(w, MPS_LIMIT_SENDER, round->full, round->frame);
    else
        spend(w, MPS_LIMIT_NETWORK, round->full, round->frame);
    if (!queue && !dry && !w->reduced && !growing)
        w->limits->unproved += round->full;
    w->grown = MAX(w->grown, round->max_flight);
    w->reduced = w->reduced && round->max_flight < 2 * w->loss_flight;
    *round = (round_trip){.start = step->time, .frame = step->frame};
}

/* Account for the time from a step to the next one. */
static void pass_time(walk *w, guint i, int64_t to)
{
    const mps_limit_event *step = step_at(w, i);
    int64_t from = step->time, time = to - from;
    uint64_t flight = w->top - w->acked;
    w->area += (double)flight * (double)time;
    if (w->has_edge && (w->edge < w->top || w->edge - w->top < w->line->room)) {
        note_closed(w, from, to);
        spend(w, MPS_LIMIT_WINDOW, time, step->frame);
        return;
    }
    if (w->line->closed) {
        int64_t closed = closed_until(w->line->closed, to) - closed_until(w->line->closed, from);
        spend(w, MPS_LIMIT_WINDOW, closed, step->frame);
        time -= closed;
    }
    if (flight > 0 && (w->recovering || w->next[i].lost)) {
        spend(w, MPS_LIMIT_NETWORK, time, step->frame);
    } else if (flight == 0 || w->last_small || w->next[i].send != NEXT_FULL) {
        if (w->wait.time == 0) {
            w->wait.from = from;
            w->wait.frame = step->frame;
        }
        w->wait.time += time;
        w->wait.silent += flight == 0 ? time : 0;
    } else {
        w->round.full += time;
    }
}

static void take_send(walk *w, const mps_limit_event *step)
{
    end_wait(w, step->time, was_dry(w));
    if (!w->sent) {
        w->sent = true;
        w->acked = w->top = step->number - step->length;
        w->limits->start = w->round.start = step->time;
        w->round.frame = step->frame;
    }
    w->top = MAX(w->top, step->number);
    w->sent_flight = w->top - w->acked;
    w->last_small = step->small;
    w->smallness += (step->small - w->smallness) / DRY_MEMORY;
    w->limits->bytes += step->length;
    w->limits->max_flight = MAX(w->limits->max_flight, w->sent_flight);
    w->round.max_flight = MAX(w->round.max_flight, w->sent_flight);
}

static void take_again(walk *w, const mps_limit_event *step)
{
    if (w->limits->again++ == 0)
        w->limits->first_again = step->frame;
    if (w->recovering || w->top == w->acked)
        return;
    w->recovering = w->reduced = true;
    w->recovery = w->top;
    w->loss_flight = w->top - w->acked;
}

static void note_rtt(mps_limits *limits, int64_t rtt)
{
    limits->rtt_min = limits->rtt_count ? MIN(limits->rtt_min, rtt) : rtt;
    limits->rtt_max = MAX(limits->rtt_max, rtt);
    limits->rtt_mean += ((double)rtt - limits->rtt_mean) / ++limits->rtt_count;
}

static void take_ack(walk *w, const mps_limit_event *step)
{
    if (step->has_edge && (!w->has_edge || step->edge > w->edge)) {
        w->edge = step->edge;
        w->has_edge = true;
    }
    w->round.samples += step->sampled;
    w->round.queued += step->queued;
    if (!w->sent || step->number <= w->acked)
        return;
    if (step->rtt >= 0) {
        w->rtt = step->rtt;
        note_rtt(w->limits, step->rtt);
    }
    w->limits->acknowledged = true;
    w->acked = MIN(step->number, w->top);
    if (w->recovering && w->acked >= w->recovery)
        w->recovering = false;
}

static void take_step(walk *w, const mps_limit_event *step)
{
    if (step->kind == MPS_LIMIT_EVENT_SEND)
        take_send(w, step);
    else if (step->kind == MPS_LIMIT_EVENT_RESEND)
        take_again(w, step);
    else
        take_ack(w, step);
    w->limits->end = step->time;
    if (w->sent && w->rtt > 0 && step->time - w->round.start >= MAX(w->rtt, ROUND_MIN))
        end_round(w, step);
}

/* The step that acknowledges the last data, or the last one. */
static guint last_step(const mps_limit_flow_series *line)
{
    guint count = line->steps->len, behind = 0;
    uint64_t top = 0;
    for (guint i = 0; i < count; i++) {
        const mps_limit_event *step = &g_array_index(line->steps, mps_limit_event, i);
        if (step->kind == MPS_LIMIT_EVENT_SEND) {
            top = MAX(top, step->number);
            behind = i + 1;
        }
    }
    for (guint i = behind; i < count; i++) {
        const mps_limit_event *step = &g_array_index(line->steps, mps_limit_event, i);
        if (step->kind == MPS_LIMIT_EVENT_ACK && step->number >= top)
            return i;
    }
    return count - 1;
}

/* After the last data there was nothing left to send; but where it took longer than the path to
 * be acknowledged, it stood in a queue. */
static void end_line(walk *w, const mps_limit_event *last)
{
    int64_t queued = w->wait.time - w->wait.silent - w->line->least_rtt;
    if (queued > 0) {
        w->wait.time -= queued;
        spend(w, MPS_LIMIT_NETWORK, queued, w->wait.frame);
    }
    end_wait(w, last->time, true);
    end_round(w, last);
}

void mps_limits_run(const mps_limit_flow_series *line, mps_limits *limits)
{
    memset(limits, 0, sizeof *limits);
    limits->closed = g_array_new(FALSE, FALSE, sizeof(mps_limit_closed));
    if (line->steps->len == 0)
        return;
    walk w = {.line = line, .limits = limits};
    w.next = g_new0(outlook, line->steps->len);
    look_ahead(&w);
    guint last = last_step(line);
    for (guint i = 0; i <= last; i++) {
        take_step(&w, step_at(&w, i));
        if (i < last && w.sent)
            pass_time(&w, i, step_at(&w, i + 1)->time);
    }
    if (w.sent)
        end_line(&w, step_at(&w, last));
    if (limits->end > limits->start)
        limits->mean_flight = w.area / (double)(limits->end - limits->start);
    g_free(w.next);
}
