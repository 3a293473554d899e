/* limit_event.c: what a segment means to a flow series.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "limit_event.h"

/* Where rebased data sequence numbers begin: those before the first one must not wrap. */
#define REBASED_START (UINT64_C(1) << 62)

/* @return a data sequence number from the wire as one that does not wrap. */
static uint64_t rebase(uint64_t number, uint64_t base)
{
    return number - base + REBASED_START;
}

static mps_limit_event event_of(const mps_limit_packet *packet, mps_limit_event_kind kind)
{
    return (mps_limit_event){
        .time = packet->record.time,
        .frame = packet->record.frame,
        .kind = kind,
        .rtt = -1,
    };
}

static mps_limit_event resend(const mps_limit_packet *packet)
{
    return event_of(packet, MPS_LIMIT_EVENT_RESEND);
}

static mps_limit_event new_data(const mps_limit_packet *packet, uint64_t end, uint32_t length)
{
    mps_limit_event event = event_of(packet, MPS_LIMIT_EVENT_SEND);
    event.number = end;
    event.length = length;
    event.small = packet->small;
    return event;
}

static mps_limit_event acknowledgement(const mps_limit_packet *packet, uint64_t number)
{
    mps_limit_event event = event_of(packet, MPS_LIMIT_EVENT_ACK);
    event.number = number;
    event.has_window_edge = packet->record.window != MPS_NONE;
    event.window_edge = event.has_window_edge ? number + packet->record.window : 0;
    return event;
}

unsigned mps_limits_subflow_events(const mps_limit_packet *packet,
                                   mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD])
{
    const mps_limit_record *record = &packet->record;
    unsigned count = 0;
    if (!packet->own) {
        if (record->has_ack)
            events[count++] = acknowledgement(packet, record->ack);
        return count;
    }
    if (record->length > record->resent)
        events[count++] = new_data(packet, record->ssn_end, record->length - record->resent);
    if (record->resent > 0)
        events[count++] = resend(packet);
    return count;
}

unsigned mps_limits_data_events(const mps_limit_packet *packet, uint64_t base,
                                mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD])
{
    const mps_limit_record *record = &packet->record;
    unsigned count = 0;
    if (!packet->own) {
        if (record->has_data_ack)
            events[count++] = acknowledgement(packet, rebase(record->data_ack, base));
        return count;
    }
    if (record->data > 0)
        events[count++] = new_data(packet, rebase(record->data_end, base), record->data);
    if (record->resent > 0 || record->reinjected)
        events[count++] = resend(packet);
    return count;
}
