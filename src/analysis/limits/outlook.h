/* outlook.h: what follows each event of a flow series: the state machine looks ahead.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTLOOK_H
#define MPS_OUTLOOK_H

#include "limit_event.h"

/* The packet with the next new data. */
typedef enum { MPS_NEXT_NONE, MPS_NEXT_FULL, MPS_NEXT_SMALL } mps_next_packet;

/* What follows the events of a series. All zero: it has no events. */
typedef struct {
    GByteArray *next; /* of each event: mps_next_packet, and a bit for a loss; NULL: no event */
    guint send_from;  /* from here on events do not know their next new data */
    guint lost_from;  /* nor whether data is resent before anything more is acknowledged */
    uint64_t acked;
    uint64_t sent_end;
    guint end; /* the event that acknowledges all data, if `acknowledged` */
    bool acknowledged;
} mps_outlook;

/** Add the next event of the series. */
void mps_outlook_add(mps_outlook *outlook, const mps_limit_event *event);

/** @return how many events were added. */
guint mps_outlook_count(const mps_outlook *outlook);

/** @return which packet with new data follows an event. @param event  its index */
mps_next_packet mps_outlook_packet(const mps_outlook *outlook, guint event);

/** @return whether data is resent after an event before anything more is acknowledged. */
bool mps_outlook_is_lost(const mps_outlook *outlook, guint event);

/** @return the index of the event that acknowledges all data; of the last event if none does.
 *  @param outlook  with events */
guint mps_outlook_end(const mps_outlook *outlook);

/** Forget all events, and free their memory. */
void mps_outlook_clear(mps_outlook *outlook);

#endif
