/* analysis.h: what takes more than a verdict: events, transmissions, round-trip times, order.
 *
 * An analysis looks at every segment right behind the tracker and keeps what a report needs, as
 * items that are tagged with the frame they belong to, so that a filter can choose among them at
 * the end. It is run only when a report asks for it (mps_analyses_want()).
 *
 * What belongs to a direction of a subflow is kept by mps_view.half_id, what belongs to a
 * direction of a connection by mps_view.space_id: both are small numbers that stay the same when
 * connections are merged or client and server change places.
 *
 * A new analysis is a file of its own here and an entry in the list of analysis.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ANALYSIS_H
#define MPS_ANALYSIS_H

#include "tracker/tracker_state.h"
#include <mptcpscope/analysis.h>

typedef struct {
    unsigned need;        /* MPS_NEED_*: what asks for it */
    void *(*begin)(void); /* a new state */
    void (*segment)(void *state, const mps_view *view);
    void (*end)(void *state); /* free it */
} mps_analysis_kind;

/** @return the state of an analysis that was asked for, or NULL */
void *mps_analysis_state(const mps_tracker *tracker, const mps_analysis_kind *kind);

/** @return the id under which a connection's direction is kept. @param number of the connection */
uint32_t mps_analysis_space(const mps_tracker *tracker, uint32_t number, mps_direction direction);

/** @return the id under which a subflow's direction is kept. @param id of the subflow */
uint32_t mps_analysis_half(const mps_tracker *tracker, uint32_t id, mps_direction direction);

/** @return a data sequence number by one of 64 bits from the wire. @param id of the subflow
 *  @param half  of it that sends the data */
mps_dsn mps_analysis_dsn(const mps_tracker *tracker, uint32_t id, unsigned half, uint64_t dsn);

/** @return element `index` of an array of `size`-byte elements, which grows as needed, zeroed. */
void *mps_analysis_slot(GArray *array, uint32_t index);

/** Begin and end an analysis whose state is an array, by space_id, of arrays. */
void *mps_analysis_begin_arrays(void);
void mps_analysis_end_arrays(void *state);

/** @return the array of such an analysis for a space, or NULL. */
const GArray *mps_analysis_array(const mps_tracker *tracker, const mps_analysis_kind *kind,
                                 uint32_t space_id);

#endif
