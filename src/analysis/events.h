/* events.h: what happened to connections and subflows, by the options that say so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ANALYSIS_EVENTS_H
#define MPS_ANALYSIS_EVENTS_H

#include "analysis.h"

extern const mps_analysis_kind mps_event_analysis;

/* A segment that carries an option with news. */
typedef struct {
    uint32_t frame, subflow;
    int64_t time;
    uint16_t flags; /* of TCP */
    uint8_t half;
    mps_option option; /* `raw` is not valid any more */
} mps_event;

/** @return all events in the order of their segments (mps_event); owned by the tracker */
const GArray *mps_events(const mps_tracker *tracker);

#endif
