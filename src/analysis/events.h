/* events.h: what happened to connections and subflows, by the options that say so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EVENTS_H
#define MPS_EVENTS_H

#include "analysis.h"

extern const mps_analysis_kind mps_event_analysis;

/* A segment that carries an option with news, or that shows that a connection fell back. */
typedef struct {
    uint32_t frame, subflow;
    int64_t time;
    uint16_t flags; /* of TCP */
    uint8_t half;
    bool has_payload;
    mps_fallback fallback; /* the connection fell back here, and there is no option;
                            * MPS_FALLBACK_NONE: it is an option */
    uint64_t fin;          /* number of the DATA_FIN, inside; where mps_event_is_fin() */
    mps_option option;     /* `raw` is not valid any more */
} mps_event;

/** @return all events in the order of their segments (mps_event); owned by the tracker */
const GArray *mps_events(const mps_tracker *tracker);

/** @return whether the event is a DSS with a DATA_FIN (RFC 8684 section 3.3.3). */
bool mps_event_is_fin(const mps_event *event);

/** @return what an event is. */
mps_event_kind mps_event_kind_of(const mps_event *event);

/** @return the DSN of an event that has one: of the DATA_FIN itself, or in an MP_FAIL of the data
 *  that failed, which the other side had sent (RFC 8684 section 3.7). */
mps_dsn mps_event_dsn(const mps_tracker *tracker, const mps_event *event);

/** @return the frame of the first DATA_ACK that covers the event's DATA_FIN; 0: none seen */
uint32_t mps_event_acked(const mps_tracker *tracker, const mps_event *event);

#endif
