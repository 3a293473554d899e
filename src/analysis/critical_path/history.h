/* history.h: makes the history of one host: what it sent and received, in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_HISTORY_H
#define MPS_CRITICAL_HISTORY_H

#include "records.h"

/* A history while it is made, from the capture at a host. */
typedef struct {
    mps_critical_input *input; /* where it goes */
    unsigned host;             /* MPS_CLIENT or MPS_SERVER */
    const mps_tracker *tracker;
    GArray *first; /* uint32_t by 2 * subflow + direction: where its segments began, before they
                    * were sorted; their number */
    GArray *count;
    GArray *place; /* uint32_t: where each segment went, once they are sorted */
} mps_critical_history;

/** Begin the history of a host.
 *  @param input    gets the history: its `subflows` exist; owns what is added
 *  @param tracker  of the capture at that host, with MPS_NEED_CRITICAL_PATH */
void mps_critical_history_begin(mps_critical_history *history, mps_critical_input *input,
                                unsigned host, const mps_tracker *tracker);

/** Add a subflow.
 *  @param subflow  its index in input->subflows; they come in this order
 *  @param id       in the tracker; MPS_NONE: the capture does not have it
 *  @param shift    what to add to the sequence numbers of each direction */
void mps_critical_history_add(mps_critical_history *history, uint32_t subflow, uint32_t id,
                              const uint64_t shift[2]);

/* Gives a time of the host on the axis of all times, ns. */
typedef int64_t (*mps_critical_clock)(int64_t time, const void *data);

/** Sort the segments. @param clock  applied to each time; NULL: not needed */
void mps_critical_history_end(mps_critical_history *history, mps_critical_clock clock,
                              const void *data);

/** @return the index of a segment in the sorted history; MPS_NONE: there is none.
 *  @param number  of the segment among those of its subflow and direction, as captured */
uint32_t mps_critical_history_place(const mps_critical_history *history, uint32_t subflow,
                                    mps_direction direction, uint32_t number);

/** Free what is needed only while the history is made. */
void mps_critical_history_clear(mps_critical_history *history);

/** Begin an input without any subflow. */
void mps_critical_input_init(mps_critical_input *input);
/** Free what an input owns. */
void mps_critical_input_clear(mps_critical_input *input);

#endif
