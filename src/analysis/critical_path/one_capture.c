/* one_capture.c: round trips where there is the history of one host only.
 *
 * The way there, the other host and the way back cannot be told apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "resent.h"
#include "walk_internal.h"

/* Answers may be faster than the shortest round trip that was timed by this part of it: one in so
 * many. */
#define FASTER_SHARE 4

/* The bytes that an arrival may have answered: it was sent when one of them had come. */
typedef struct {
    uint32_t subflow;
    bool data;          /* the numbers are data sequence numbers, of any subflow */
    uint64_t number[2]; /* the last byte that it acknowledged, and the first one it did first */
} answered_bytes;

/* @return the last byte below what was acknowledged; a FIN or DATA_FIN above all bytes is none */
static uint64_t byte_below(uint64_t acknowledged, uint64_t top)
{
    return (top > 0 ? MIN(acknowledged, top) : acknowledged) - 1;
}

/* @return the end of all data that a host ever sent; 0: it sent none */
static uint64_t top_of_data(const mps_critical_sender *sender)
{
    const guint count = sender->tops->len;
    return count > 0 ? g_array_index(sender->tops, mps_critical_top, count - 1).top : 0;
}

/* @return the end of the SACK block that came first: it has the byte that was answered (RFC 2018
 * section 4), unless it is about a duplicate; 0: there is none above the acknowledgement */
static uint64_t latest_sack(const mps_critical_walking *walk)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const GArray *sacks = walk->walker->input->sacks[walk->host];
    for (unsigned i = 0; i < here->sack_count; i++) {
        const mps_critical_sack *sack = &g_array_index(sacks, mps_critical_sack, here->sacks + i);
        if (sack->right > here->ack)
            return sack->right;
    }
    return 0;
}

/* An acknowledgement of data goes on the subflow on which the data came, so that it acknowledges
 * these bytes, too: unless it opens a window, or repeats itself on another subflow. */
static answered_bytes answered_by(const mps_critical_walking *walk, mps_critical_let_go by)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    const mps_critical_sender *sender = &walk->walker->senders[walk->host];
    const mps_critical_sender_flow *flow =
        &g_array_index(sender->flows, mps_critical_sender_flow, here->subflow);
    const mps_critical_ack *ack = mps_critical_ack_before(flow->acks, walk->event + 1);
    const bool news = ack && ack->event == walk->event;
    answered_bytes bytes = {.subflow = here->subflow};
    if (by != MPS_LET_GO_BY_ACK && !news && here->has_data_ack) {
        bytes.data = true;
        bytes.number[0] = bytes.number[1] = byte_below(here->data_ack, top_of_data(sender));
        return bytes;
    }
    const uint64_t sacked = latest_sack(walk);
    const bool advanced = news && ack->after > ack->before;
    bytes.number[0] = byte_below(sacked > 0 && !advanced ? sacked : here->ack, flow->top);
    bytes.number[1] = advanced ? ack->before : bytes.number[0]; /* a gap was filled there */
    return bytes;
}

/* @return which of some bytes a segment has, the first one if both; UINT64_MAX: none of them */
static uint64_t byte_in(const mps_critical_segment *segment, const answered_bytes *bytes)
{
    const uint64_t start = bytes->data ? segment->dsn : segment->seq;
    if (bytes->data ? !segment->has_dsn : segment->subflow != bytes->subflow)
        return UINT64_MAX;
    for (unsigned k = 2; k > 0; k--)
        if (bytes->number[k - 1] >= start && bytes->number[k - 1] - start < segment->length)
            return bytes->number[k - 1];
    return UINT64_MAX;
}

/* @return whether an answer to a segment would be much faster than any other */
static bool is_too_fast(const mps_critical_walking *walk, const mps_critical_segment *segment)
{
    const int64_t least = walk->walker->trips[segment->subflow];
    return walk->now - segment->time < least - least / FASTER_SHARE;
}

/* Find the last transmission before an event of any of some bytes. An answer that comes much faster
 * than any other was to one before, of the same byte. The walk goes on from there, so that what is
 * passed over here is passed over once. @return its event; MPS_NONE: there is none.
 * @param byte  set: which one */
static uint32_t transmission_of(const mps_critical_walking *walk, const answered_bytes *bytes,
                                uint64_t *byte)
{
    const mps_critical_input *input = walk->walker->input;
    const mps_critical_sender *sender = &walk->walker->senders[walk->host];
    const GArray *links = bytes->data ? sender->reinjected : sender->resent;
    uint32_t number = MPS_NONE, event = MPS_NONE;
    for (guint i = mps_critical_sendings_before(sender, walk->event); i > 0; i--) {
        event = g_array_index(sender->sendings, mps_critical_sending, i - 1).event;
        const uint64_t found = byte_in(mps_critical_at(input, walk->host, event), bytes);
        if (found == UINT64_MAX)
            continue;
        *byte = found;
        number = i - 1;
        break;
    }
    for (uint32_t at = number; at != MPS_NONE; at = mps_critical_resent_before(links, at, *byte)) {
        event = g_array_index(sender->sendings, mps_critical_sending, at).event;
        if (!is_too_fast(walk, mps_critical_at(input, walk->host, event)))
            break;
    }
    return number == MPS_NONE ? MPS_NONE : event;
}

void mps_critical_round_unsplit(mps_critical_walking *walk, mps_critical_let_go by)
{
    const mps_critical_walker *walker = walk->walker;
    const mps_critical_segment *here = mps_critical_here(walk);
    const answered_bytes bytes = answered_by(walk, by);
    uint64_t byte = bytes.number[0];
    uint32_t sent = transmission_of(walk, &bytes, &byte);
    if (sent == MPS_NONE) /* it answered no payload */
        sent = mps_critical_event_before(walker->arrivals[walk->host].syns->pdata[here->subflow],
                                         walk->event);
    if (sent != MPS_NONE && walk->why == MPS_WHY_PEER_DATA) {
        /* What exceeds the shortest round trip may be the peer's application, or the network. */
        const int64_t trip = walk->now - mps_critical_at(walker->input, walk->host, sent)->time;
        if (trip > walker->trips[here->subflow])
            mps_critical_spend(walk, trip - walker->trips[here->subflow], sent,
                               MPS_CAUSE_UNEXPLAINED);
    }
    if (!mps_critical_go(walk, sent, MPS_EXPLAIN_DEPARTURE, MPS_CAUSE_RTT, MPS_DETAIL_NONE))
        return;
    walk->has_byte = !bytes.data && !mps_critical_here(walk)->syn;
    walk->byte = byte;
}

uint32_t mps_critical_last_acked(const mps_critical_walker *walker, mps_direction direction,
                                 uint32_t subflow)
{
    const mps_critical_sender *sender = &walker->senders[direction];
    const GArray *acks = sender->data_acks;
    uint64_t top = 0;
    if (subflow != MPS_NONE)
        acks = g_array_index(sender->flows, mps_critical_sender_flow, subflow).acks;
    for (guint i = 0; i < sender->sendings->len; i++) {
        const mps_critical_segment *segment =
            mps_critical_at(walker->input, direction,
                            g_array_index(sender->sendings, mps_critical_sending, i).event);
        if (subflow == MPS_NONE && segment->has_dsn)
            top = MAX(top, segment->dsn + segment->length);
        else if (segment->subflow == subflow)
            top = MAX(top, segment->seq + segment->length);
    }
    uint32_t event = MPS_NONE;
    for (guint i = 0; top > 0 && i < acks->len; i++) {
        const mps_critical_ack *ack = &g_array_index(acks, mps_critical_ack, i);
        if (ack->after > ack->before)
            event = ack->event;
        if (ack->after >= top)
            break;
    }
    return event;
}

/* @return the number up to which data were acknowledged until an event */
static uint64_t acknowledged_until(const mps_critical_sender *sender, uint32_t event)
{
    uint64_t acked = sender->first_data;
    for (guint i = 0; i < sender->data_acks->len; i++) {
        const mps_critical_ack *ack = &g_array_index(sender->data_acks, mps_critical_ack, i);
        if (ack->event > event)
            break;
        acked = MAX(acked, ack->after);
    }
    return acked;
}

void mps_critical_count_acknowledged(mps_critical_path *path, const mps_critical_walker *walker,
                                     mps_direction direction, uint32_t event)
{
    const mps_critical_sender *sender = &walker->senders[direction];
    mps_runs seen = {0};
    const uint64_t top = MAX(top_of_data(sender), sender->first_data);
    const uint64_t acked = MIN(acknowledged_until(sender, event), top); /* without a DATA_FIN */
    path->delivered = acked - sender->first_data;
    path->undelivered = top - acked;
    g_array_set_size(path->delivered_by, walker->input->subflows->len);
    for (guint i = 0; i < sender->sendings->len; i++) {
        const mps_critical_segment *segment =
            mps_critical_at(walker->input, direction,
                            g_array_index(sender->sendings, mps_critical_sending, i).event);
        const uint64_t end = MIN(segment->dsn + segment->length, acked);
        if (segment->has_dsn && segment->dsn < end)
            g_array_index(path->delivered_by, uint64_t, segment->subflow) +=
                mps_runs_add(&seen, segment->dsn, end, 0, NULL, NULL);
    }
    mps_runs_clear(&seen);
}

/* A segment that was sent once, and that no acknowledgement covers yet. */
typedef struct {
    int64_t time;
    uint64_t end;
} timed;

/* Times the acknowledgements of a subflow's direction. */
typedef struct {
    GArray *waiting; /* timed, in the order of sending; NULL: nothing was sent */
    guint next;      /* the first one that was not acknowledged */
    uint64_t top;    /* end of the highest segment that was sent */
} stopwatch;

static void take_rtt(stopwatch *watch, const mps_critical_segment *segment, int64_t *least)
{
    for (; watch->waiting && watch->next < watch->waiting->len; watch->next++) {
        const timed *one = &g_array_index(watch->waiting, timed, watch->next);
        if (one->end > segment->ack)
            return;
        const int64_t trip = segment->time - one->time;
        *least = *least == 0 ? trip : MIN(*least, trip);
    }
}

static void take_sent(stopwatch *watch, const mps_critical_segment *segment)
{
    const timed one = {segment->time, segment->seq + segment->length + segment->syn};
    if (!watch->waiting)
        watch->waiting = g_array_new(FALSE, FALSE, sizeof(timed));
    if (one.end > watch->top) {
        watch->top = one.end;
        g_array_append_val(watch->waiting, one);
        return;
    }
    watch->next = watch->waiting->len; /* sent again: an answer would be to any of both */
}

void mps_critical_trips_by_one(const mps_critical_input *input, unsigned host, int64_t *trips)
{
    const guint count = input->subflows->len;
    const GArray *history = input->hosts[host];
    stopwatch *watches = g_new0(stopwatch, count + 1);
    for (guint i = 0; i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        stopwatch *watch = &watches[segment->subflow];
        if (segment->direction != host && segment->has_ack)
            take_rtt(watch, segment, &trips[segment->subflow]);
        else if (segment->direction == host && (segment->length > 0 || segment->syn))
            take_sent(watch, segment);
    }
    for (guint i = 0; i < count; i++)
        if (watches[i].waiting)
            g_array_free(watches[i].waiting, TRUE);
    g_free(watches);
}
