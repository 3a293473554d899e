/* event_source.h: the events of a flow series, from the records of its subflows. flow_series.h has
 * the map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EVENT_SOURCE_H
#define MPS_EVENT_SOURCE_H

#include "limit_event.h"
#include "limit_path.h"

/* Whose events they are. */
typedef enum { MPS_EVENTS_OF_SUBFLOW, MPS_EVENTS_OF_DATA } mps_event_level;

typedef struct mps_event_source mps_event_source;

/** @return the events of a direction; the caller frees it with mps_event_source_free()
 *  @param paths  the subflow, or all subflows of a connection; they must outlive the source
 *  @param count  of them */
mps_event_source *mps_event_source_new(const mps_limit_path *paths, uint32_t count,
                                       mps_direction direction, mps_event_level level);
void mps_event_source_free(mps_event_source *source);

/** @return the events, to be read; valid as long as the source. */
mps_limit_events mps_event_source_events(mps_event_source *source);

#endif
