/* data_delay.h: what the data of a connection took, over whichever subflow and however often it was
 * sent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DATA_DELAY_H
#define MPS_DATA_DELAY_H

#include "aggregate.h"

/* Of stretches of data bytes that were first sent in one segment and first arrived in one. Figures
 * but for `delay` and its error are not told. */
typedef struct {
    mps_figures arrival;  /* from when the bytes were first sent until they first arrived */
    mps_figures delivery; /* until all bytes below had arrived as well: what a reader waits. Not of
                           * what lies above the first gap */
} mps_data_delay;

/** Describe one direction of a connection, by traces that were loaded with MPS_NEED_FIRST_SEEN.
 * Nothing is known where the captures do not tell all 64 bits of its data sequence numbers, where
 * segments were not captured when they were sent, and of traces that were loaded without. */
void mps_data_delay_of(const mps_comparison *comparison, const mps_aggregate *connection,
                       mps_data_delay *data);

#endif
