/* outlook.c: what follows each event of a flow series.
 *
 * An event writes to all events since the one before of its kind what they could not know.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "outlook.h"

/* In a byte of `next`. */
#define PACKET_MASK 3u
#define LOST 4u

/* Set bits of the events [from, to). */
static void mark(mps_outlook *outlook, guint from, guint to, unsigned bits)
{
    for (guint i = from; i < to; i++)
        outlook->next->data[i] |= (guint8)bits;
}

static void note_ack(mps_outlook *outlook, const mps_limit_event *event, guint index)
{
    if (event->number > outlook->acked) {
        outlook->acked = event->number;
        outlook->lost_from = index;
    }
    if (!outlook->acknowledged && event->number >= outlook->sent_end) {
        outlook->acknowledged = true;
        outlook->end = index;
    }
}

void mps_outlook_add(mps_outlook *outlook, const mps_limit_event *event)
{
    static const guint8 unknown = MPS_NEXT_NONE;
    if (!outlook->next)
        outlook->next = g_byte_array_new();
    const guint index = outlook->next->len;
    g_byte_array_append(outlook->next, &unknown, 1);
    if (event->kind == MPS_LIMIT_EVENT_SEND) {
        mark(outlook, outlook->send_from, index, event->small ? MPS_NEXT_SMALL : MPS_NEXT_FULL);
        outlook->send_from = index;
        outlook->sent_end = MAX(outlook->sent_end, event->number);
        outlook->acknowledged = false;
    } else if (event->kind == MPS_LIMIT_EVENT_RESEND) {
        mark(outlook, outlook->lost_from, index, LOST);
        outlook->lost_from = index;
    } else {
        note_ack(outlook, event, index);
    }
}

guint mps_outlook_count(const mps_outlook *outlook)
{
    return outlook->next ? outlook->next->len : 0;
}

mps_next_packet mps_outlook_packet(const mps_outlook *outlook, guint event)
{
    return outlook->next->data[event] & PACKET_MASK;
}

bool mps_outlook_is_lost(const mps_outlook *outlook, guint event)
{
    return outlook->next->data[event] & LOST;
}

guint mps_outlook_end(const mps_outlook *outlook)
{
    return outlook->acknowledged ? outlook->end : outlook->next->len - 1;
}

void mps_outlook_clear(mps_outlook *outlook)
{
    if (outlook->next)
        g_byte_array_free(outlook->next, TRUE);
    *outlook = (mps_outlook){0};
}
