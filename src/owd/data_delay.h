/* data_delay.h: the delay of a connection's data, on whichever subflow it is sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DATA_DELAY_H
#define MPS_DATA_DELAY_H

#include "aggregate.h"

/* A sample is a run of data bytes that were first sent in one segment and first arrived in one
 * segment. Only `delay` and its error are set in the figures. */
typedef struct {
    mps_figures arrival;  /* from the first transmission of the bytes until their first arrival */
    mps_figures delivery; /* from the same until all bytes below had arrived as well: the wait of
                           * the reader. Without the bytes above the first gap */
} mps_data_delay;

/** Compute the data delays of one direction of a connection. Their samples are empty if the traces
 *  were loaded without MPS_NEED_FIRST_SEEN, if a capture does not show all 64 bits of the data
 *  sequence numbers, or if segments are missing at the sender's capture.
 *  @param connection  as mps_aggregates_by_connection() returns
 *  @param data        filled in */
void mps_data_delay_of(const mps_comparison *comparison, const mps_aggregate *connection,
                       mps_data_delay *data);

#endif
