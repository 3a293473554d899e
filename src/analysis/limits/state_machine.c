/* state_machine.c: what a sender waited for, from event to event.
 *
 *   take_event()  at each event: updates the state
 *   pass_time()   between two events: attributes the time to a cause, as far as the state decides
 *   end_wait()    at new data: decides whether the sender had nothing to send until then
 *   end_round()   once per round-trip time: decides whether the network limited a full flight
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "state_machine.h"
#include "base/sorted.h"
#include "base/times.h"
#include <string.h>

/* A sender is idle if nothing is outstanding for more than IDLE_MIN and IDLE_RTTS round-trip times.
 * IDLE_MIN is the shortest retransmission timeout (RFC 6298 section 2.4); a sender counts as idle
 * after one timeout (RFC 5681 section 4.1). */
#define IDLE_MIN INT64_C(1000000000) /* ns */
#define IDLE_RTTS 4

/* A small packet, which could have held more, shows that the sender had run dry: nothing was left
 * to send. But a scheduler that changes subflows makes small packets, too. So a wait next to a
 * small packet is the sender's only if this share of the flight was acknowledged during the wait,
 * or if this share of the latest packets was small. */
#define DRY_SHARE 0.25

/* Packets: the length of the moving average of small ones. */
#define DRY_MEMORY 16

/* A sender that was dry for this share of a round sent all it had in that round. */
#define DRY_ROUND_SHARE 0.25

/* The path has a standing queue if this share of a round's RTT samples shows one
 * (mps_limit_event.queued). */
#define QUEUE_SHARE 0.75

/* The congestion window grew if the flight of a round is this many times that of all before: slow
 * start doubles it. */
#define GROWTH_FACTOR 1.25

/* ns: no round is shorter, so that microsecond RTTs do not make a round of each event. */
#define ROUND_MIN 1000000

/* A wait for new data next to a small packet, or with nothing outstanding. */
typedef struct {
    int64_t from;   /* when it began */
    int64_t time;   /* ns; without the time attributed to other causes */
    int64_t silent; /* the part of `time` with nothing outstanding */
    uint32_t frame; /* where it began */
} wait_state;

/* A round: about one round-trip time. */
typedef struct {
    int64_t start;
    int64_t dry;  /* ns in which the sender had nothing to send */
    int64_t full; /* ns in which the flight was full, whatever kept it from being larger */
    uint64_t max_flight;
    uint32_t samples, queued; /* RTT samples, and those that show a queue */
    uint32_t frame;           /* where it began */
} round_state;

typedef struct {
    const mps_limit_flow_series *series;
    mps_limits *limits;
    guint index;          /* of the latest event */
    uint32_t frame;       /* likewise; its time is that of `limits->end` */
    bool sent;            /* the first data was sent */
    bool has_window_edge; /* `window_edge` is known */
    bool last_small;      /* the latest packet with new data was small */
    uint64_t sent_end, acked, window_edge;
    uint64_t sent_flight;  /* the flight when data was last sent */
    double small_share;    /* share of small packets, moving average */
    double flight_time;    /* flight times time, bytes * ns */
    int64_t rtt;           /* the latest, ns; 0: none yet */
    bool recovering;       /* a loss is not yet repaired */
    bool reduced;          /* a loss explains the flight: it is not yet twice `loss_flight` */
    uint64_t recovery_end; /* `sent_end` at the loss, which is repaired when that is acknowledged */
    uint64_t loss_flight;  /* the flight at the loss */
    uint64_t earlier_flight; /* the largest flight before this round */
    wait_state wait;
    round_state round;
    struct {
        mps_limit_cause cause;
        int64_t time;
        uint32_t frame;
    } period; /* the current period: time without interruption by another cause */
} machine;

/* Attribute time to a cause. @param frame  where the time begins */
static void spend(machine *m, mps_limit_cause cause, int64_t time, uint32_t frame)
{
    if (time <= 0)
        return;
    m->limits->spent[cause] = mps_plus(m->limits->spent[cause], time);
    if (cause != m->period.cause || m->period.time == 0) {
        m->period.cause = cause;
        m->period.time = 0;
        m->period.frame = frame;
    }
    m->period.time = mps_plus(m->period.time, time);
    if (m->period.time > m->limits->longest[cause]) {
        m->limits->longest[cause] = m->period.time;
        m->limits->frame[cause] = m->period.frame;
    }
}

static bool is_up_to(const void *element, const void *key)
{
    return *(const int64_t *)element <= *(const int64_t *)key;
}

/* @return whether another subflow sent new data in a time in which this one did not. */
static bool others_sent(const machine *m, int64_t from, int64_t to)
{
    const GArray *sends = m->series->sends;
    guint index = mps_sorted_place(sends, is_up_to, &from);
    return sends && index < sends->len && g_array_index(sends, int64_t, index) < to;
}

static bool starts_before(const void *element, const void *key)
{
    return ((const mps_limit_closed *)element)->start < *(const int64_t *)key;
}

/* @return how long the connection's window was closed before a time, ns. */
static int64_t closed_until(const GArray *closed, int64_t time)
{
    guint index = mps_sorted_place(closed, starts_before, &time);
    if (index == 0)
        return 0;
    const mps_limit_closed *last = &g_array_index(closed, mps_limit_closed, index - 1);
    return mps_plus(last->before, mps_minus(MIN(time, last->end), last->start));
}

/* Note that this series' window was closed. */
static void note_closed(machine *m, int64_t from, int64_t to)
{
    GArray *closed = m->limits->closed;
    int64_t before = 0;
    if (closed->len) {
        mps_limit_closed *last = &g_array_index(closed, mps_limit_closed, closed->len - 1);
        if (last->end == from) {
            last->end = to;
            return;
        }
        before = mps_plus(last->before, mps_minus(last->end, last->start));
    }
    mps_limit_closed added = {from, to, before};
    g_array_append_val(closed, added);
}

/* @return whether the sender had nothing left to send during the wait that ends now. */
static bool was_dry(const machine *m)
{
    uint64_t flight = m->sent_end - m->acked;
    return flight == 0 || m->small_share >= DRY_SHARE ||
           (double)(m->sent_flight - MIN(flight, m->sent_flight)) >=
               DRY_SHARE * (double)m->sent_flight;
}

/* Attribute the time of a wait that is over. @param dry  the sender had nothing left to send */
static void end_wait(machine *m, int64_t now, bool dry)
{
    wait_state *wait = &m->wait;
    bool others = others_sent(m, wait->from, now);
    if (wait->silent > MAX(IDLE_MIN, IDLE_RTTS * m->rtt) && !others) {
        spend(m, MPS_LIMIT_IDLE, wait->silent, wait->frame);
        wait->time -= wait->silent;
    }
    if (dry) {
        spend(m, MPS_LIMIT_SENDER, wait->time, wait->frame);
        m->round.dry = mps_plus(m->round.dry, wait->time);
        m->limits->scheduler = mps_plus(m->limits->scheduler, others ? wait->time : 0);
    } else {
        m->round.full = mps_plus(m->round.full, wait->time);
    }
    wait->time = wait->silent = 0;
}

/* Attribute the time of full flight in a round that is over. */
static void end_round(machine *m, const mps_limit_event *event)
{
    round_state *round = &m->round;
    int64_t length = mps_minus(event->time, round->start);
    bool queue = round->samples > 0 && round->queued >= QUEUE_SHARE * round->samples;
    bool dry = (double)round->dry >= DRY_ROUND_SHARE * (double)length;
    bool growing = (double)round->max_flight >= GROWTH_FACTOR * (double)m->earlier_flight;
    if (dry && !queue)
        spend(m, MPS_LIMIT_SENDER, round->full, round->frame);
    else
        spend(m, MPS_LIMIT_NETWORK, round->full, round->frame);
    if (!queue && !dry && !m->reduced && !growing)
        m->limits->unproved = mps_plus(m->limits->unproved, round->full);
    m->earlier_flight = MAX(m->earlier_flight, round->max_flight);
    m->reduced = m->reduced && round->max_flight < 2 * m->loss_flight;
    *round = (round_state){.start = event->time, .frame = event->frame};
}

/* Attribute the time from the latest event to the next one, or add it to the wait or the round. */
static void pass_time(machine *m, int64_t to)
{
    const int64_t from = m->limits->end;
    int64_t time = mps_minus(to, from); /* what is not attributed yet */
    uint64_t flight = m->sent_end - m->acked;
    m->flight_time += (double)flight * (double)time;
    if (m->has_window_edge &&
        (m->window_edge < m->sent_end || m->window_edge - m->sent_end < m->series->full_payload)) {
        note_closed(m, from, to);
        spend(m, MPS_LIMIT_WINDOW, time, m->frame);
        return;
    }
    if (m->series->closed) {
        int64_t closed =
            mps_minus(closed_until(m->series->closed, to), closed_until(m->series->closed, from));
        spend(m, MPS_LIMIT_WINDOW, closed, m->frame);
        time -= closed;
    }
    if (flight > 0 && (m->recovering || mps_outlook_is_lost(m->series->outlook, m->index))) {
        spend(m, MPS_LIMIT_NETWORK, time, m->frame);
    } else if (flight == 0 || m->last_small ||
               mps_outlook_packet(m->series->outlook, m->index) != MPS_NEXT_FULL) {
        if (m->wait.time == 0) {
            m->wait.from = from;
            m->wait.frame = m->frame;
        }
        m->wait.time = mps_plus(m->wait.time, time);
        m->wait.silent = mps_plus(m->wait.silent, flight == 0 ? time : 0);
    } else {
        m->round.full = mps_plus(m->round.full, time);
    }
}

static void take_send(machine *m, const mps_limit_event *event)
{
    end_wait(m, event->time, was_dry(m));
    if (!m->sent) {
        m->sent = true;
        m->acked = m->sent_end = event->number - event->length;
        m->limits->start = m->round.start = event->time;
        m->round.frame = event->frame;
    }
    m->sent_end = MAX(m->sent_end, event->number);
    m->sent_flight = m->sent_end - m->acked;
    m->last_small = event->small;
    m->small_share += (event->small - m->small_share) / DRY_MEMORY;
    m->limits->bytes += event->length;
    m->limits->max_flight = MAX(m->limits->max_flight, m->sent_flight);
    m->round.max_flight = MAX(m->round.max_flight, m->sent_flight);
}

static void take_resend(machine *m, const mps_limit_event *event)
{
    if (m->limits->resent++ == 0)
        m->limits->first_resent = event->frame;
    if (m->recovering || m->sent_end == m->acked)
        return;
    m->recovering = m->reduced = true;
    m->recovery_end = m->sent_end;
    m->loss_flight = m->sent_end - m->acked;
}

static void note_rtt(mps_limits *limits, int64_t rtt)
{
    limits->rtt_min = limits->rtt_count ? MIN(limits->rtt_min, rtt) : rtt;
    limits->rtt_max = MAX(limits->rtt_max, rtt);
    limits->rtt_mean += ((double)rtt - limits->rtt_mean) / ++limits->rtt_count;
}

static void take_ack(machine *m, const mps_limit_event *event)
{
    if (event->has_window_edge && (!m->has_window_edge || event->window_edge > m->window_edge)) {
        m->window_edge = event->window_edge;
        m->has_window_edge = true;
    }
    m->round.samples += event->sampled;
    m->round.queued += event->queued;
    if (!m->sent || event->number <= m->acked)
        return;
    if (event->rtt >= 0) {
        m->rtt = event->rtt;
        note_rtt(m->limits, event->rtt);
    }
    m->limits->acknowledged = true;
    m->acked = MIN(event->number, m->sent_end);
    if (m->recovering && m->acked >= m->recovery_end)
        m->recovering = false;
}

static void take_event(machine *m, const mps_limit_event *event)
{
    if (event->kind == MPS_LIMIT_EVENT_SEND)
        take_send(m, event);
    else if (event->kind == MPS_LIMIT_EVENT_RESEND)
        take_resend(m, event);
    else
        take_ack(m, event);
    m->limits->end = event->time;
    m->frame = event->frame;
    if (m->sent && m->rtt > 0 && mps_minus(event->time, m->round.start) >= MAX(m->rtt, ROUND_MIN))
        end_round(m, event);
}

/* After the last data there was nothing left to send. The time that its acknowledgement took beyond
 * the least RTT is that of a queue, so the network's. */
static void end_series(machine *m, const mps_limit_event *last)
{
    int64_t queued = mps_minus(m->wait.time - m->wait.silent, m->series->least_rtt);
    if (queued > 0) {
        m->wait.time -= queued;
        spend(m, MPS_LIMIT_NETWORK, queued, m->wait.frame);
    }
    end_wait(m, last->time, true);
    end_round(m, last);
}

void mps_limits_run(const mps_limit_flow_series *series, mps_limits *limits)
{
    const mps_limit_events *events = &series->events;
    memset(limits, 0, sizeof *limits);
    limits->closed = g_array_new(FALSE, FALSE, sizeof(mps_limit_closed));
    if (mps_outlook_count(series->outlook) == 0)
        return;
    machine m = {.series = series, .limits = limits};
    const guint end = mps_outlook_end(series->outlook);
    events->begin(events->data);
    for (guint i = 0; i <= end; i++) {
        const mps_limit_event *event = events->next(events->data);
        if (m.sent)
            pass_time(&m, event->time);
        m.index = i;
        take_event(&m, event);
        if (m.sent && i == end)
            end_series(&m, event);
    }
    if (limits->end > limits->start)
        limits->mean_flight = m.flight_time / (double)mps_minus(limits->end, limits->start);
}
