/* events.h: events of connections and subflows, as MPTCP options announce them, and fallback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EVENTS_H
#define MPS_EVENTS_H

#include "analysis.h"

extern const mps_analysis_kind mps_event_analysis;

/* An option of a segment, or that the segment shows a fallback. */
typedef struct {
    int64_t time;            /* ns */
    uint32_t frame, subflow; /* subflow: id */
    uint32_t bytes;          /* where mps_event_option() finds the option */
    uint16_t flags;          /* of the TCP header */
    uint8_t half;
    uint8_t fallback; /* mps_fallback: the connection fell back here, and there is no option;
                       * MPS_FALLBACK_NONE: the event is an option */
    uint8_t subtype;  /* of the option, mps_subtype */
    bool has_payload;
    bool is_fin; /* the option is a DSS with a DATA_FIN (RFC 8684 section 3.3.3) */
} mps_event;

/** @return all events in the order of their segments (mps_event), owned by the tracker; NULL: the
 *  analysis was not asked for */
const GArray *mps_events(const mps_tracker *tracker);

/** @return the option of an event that is no fallback; its `raw` is NULL. */
mps_option mps_event_option(const mps_tracker *tracker, const mps_event *event);

/** @return the kind of an event. @param option  that of the event */
mps_event_kind mps_event_kind_of(const mps_event *event, const mps_option *option);

/** @return the DSN of an event: of the DATA_FIN itself, or in an MP_FAIL that of the data with the
 *  wrong checksum, which the other side sent (RFC 8684 section 3.7). All zero for other events.
 *  @param option  that of the event */
mps_dsn mps_event_dsn(const mps_tracker *tracker, const mps_event *event, const mps_option *option);

/** @return the frame of the first DATA_ACK that covers the event's DATA_FIN; 0: none was seen */
uint32_t mps_event_acked(const mps_tracker *tracker, const mps_event *event);

#endif
