/* window_watch.h: for how long the receive window of a direction was closed at most, as its
 * segments come. flow_series.h has the map.
 *
 * The state machine knows it exactly, but at a cost that is worth its while only where the window
 * may be what the sender waited for most of the time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WINDOW_WATCH_H
#define MPS_WINDOW_WATCH_H

#include "limit_records.h"

/* A direction at data level. All zero: it has sent no data. Numbers are those of the wire. */
typedef struct {
    int64_t start, last_send; /* of new data, ns */
    int64_t now;              /* time of the latest segment, ns */
    int64_t closed;           /* until then, at most, ns */
    int64_t end; /* when all that was sent until now was acknowledged, ns; if `acked` */
    int64_t closed_until_end; /* `closed` then */
    uint64_t sent_end, edge;  /* of the window, if has_edge */
    uint32_t packet;          /* a full packet has no more payload than this, bytes */
    bool sent, has_edge, acked;
    bool late;    /* a segment came late: times are not in order */
    bool doubted; /* packets became larger: `closed` may be too low */
} mps_window_watch;

/** Take in new data. @param packet  bytes of a full packet at most */
void mps_window_watch_send(mps_window_watch *watch, const mps_limit_record *record,
                           uint32_t packet);

/** Take in data that is sent again. */
void mps_window_watch_resend(mps_window_watch *watch, const mps_limit_record *record);

/** Take in a DATA_ACK of the direction's data. */
void mps_window_watch_ack(mps_window_watch *watch, const mps_limit_record *record);

/** @return whether the sender may have waited for the window for half of the time or more. */
bool mps_window_watch_suspects(const mps_window_watch *watch);

#endif
