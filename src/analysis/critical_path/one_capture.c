/* one_capture.c: round trips where there is the history of one host only.
 *
 * The way there, the other host and the way back cannot be told apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "walk_internal.h"

/* The byte that an arrival acknowledged last, and whose transmission it so answered. */
typedef struct {
    uint32_t subflow;
    bool data; /* the number is a data sequence number, of any subflow */
    uint64_t number;
} answered_byte;

static answered_byte answered_by(const mps_critical_walking *walk, mps_critical_let_go by)
{
    const mps_critical_segment *here = mps_critical_here(walk);
    answered_byte byte = {.subflow = here->subflow, .number = here->ack - 1};
    if (by != MPS_LET_GO_BY_ACK && here->has_data_ack) {
        byte.data = true;
        byte.number = here->data_ack - 1;
        return byte;
    }
    const GArray *sacks = walk->walker->input->sacks[walk->host];
    for (unsigned i = 0; i < here->sack_count; i++) {
        const mps_critical_sack *sack = &g_array_index(sacks, mps_critical_sack, here->sacks + i);
        byte.number = MAX(byte.number, sack->right - 1);
    }
    return byte;
}

/* @return the last transmission of a byte before an event; MPS_NONE: there is none */
static uint32_t transmission_of(const mps_critical_walking *walk, const answered_byte *byte)
{
    const mps_critical_sender *sender = &walk->walker->senders[walk->host];
    for (guint i = mps_critical_sendings_before(sender, walk->event); i > 0; i--) {
        const uint32_t event = g_array_index(sender->sendings, mps_critical_sending, i - 1).event;
        const mps_critical_segment *segment =
            mps_critical_at(walk->walker->input, walk->host, event);
        const uint64_t start = byte->data ? segment->dsn : segment->seq;
        if ((byte->data ? segment->has_dsn : segment->subflow == byte->subflow) &&
            byte->number >= start && byte->number - start < segment->length)
            return event;
    }
    return MPS_NONE;
}

void mps_critical_round_unsplit(mps_critical_walking *walk, mps_critical_let_go by)
{
    const mps_critical_walker *walker = walk->walker;
    const mps_critical_segment *here = mps_critical_here(walk);
    const answered_byte byte = answered_by(walk, by);
    uint32_t sent = transmission_of(walk, &byte);
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
    walk->has_byte = !byte.data && !mps_critical_here(walk)->syn;
    walk->byte = byte.number;
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

/* A segment that was sent once, and that no acknowledgement covers yet. */
typedef struct {
    int64_t time;
    uint64_t end;
} timed;

/* Time the acknowledgements of a subflow's direction. @param next  the first segment that waits */
static void take_rtt(GArray *waiting, guint *next, const mps_critical_segment *segment,
                     int64_t *least)
{
    while (*next < waiting->len && g_array_index(waiting, timed, *next).end <= segment->ack) {
        const int64_t trip = segment->time - g_array_index(waiting, timed, *next).time;
        *least = *least == 0 ? trip : MIN(*least, trip);
        ++*next;
    }
}

static void take_sent(GArray *waiting, guint *next, const mps_critical_segment *segment)
{
    const timed one = {segment->time, segment->seq + segment->length + segment->syn};
    if (waiting->len > 0 && one.end <= g_array_index(waiting, timed, waiting->len - 1).end) {
        g_array_set_size(waiting, 0); /* sent again: an answer would be to any of both */
        *next = 0;
        return;
    }
    g_array_append_val(waiting, one);
}

void mps_critical_trips_by_one(const mps_critical_input *input, unsigned host, int64_t *trips)
{
    const guint count = input->subflows->len;
    const GArray *history = input->hosts[host];
    GArray **waiting = g_new(GArray *, count + 1);
    guint *next = g_new0(guint, count + 1);
    for (guint i = 0; i < count; i++)
        waiting[i] = g_array_new(FALSE, FALSE, sizeof(timed));
    for (guint i = 0; i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        const guint subflow = segment->subflow;
        if (segment->direction != host && segment->has_ack)
            take_rtt(waiting[subflow], &next[subflow], segment, &trips[subflow]);
        else if (segment->direction == host && (segment->length > 0 || segment->syn))
            take_sent(waiting[subflow], &next[subflow], segment);
    }
    for (guint i = 0; i < count; i++)
        g_array_free(waiting[i], TRUE);
    g_free(waiting);
    g_free(next);
}
