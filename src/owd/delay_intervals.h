/* delay_intervals.h: owd in intervals.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DELAY_INTERVALS_H
#define MPS_DELAY_INTERVALS_H

#include "delay_columns.h"

/** Tell of each unit in each interval, from the earliest segment of all of them on. Intervals in
 *  which a unit has no segment get a row as those of `report series` do (MPS_INTERVAL_GAP_MAX,
 *  MPS_INTERVAL_FILLED_MAX).
 *  @param units     mps_aggregate @param by_subflow  they are subflows
 *  @param interval  length, ns, above 0
 *  @return a row for each; to be freed with mps_table_free() */
mps_table *mps_owd_interval_table(const mps_comparison *comparison, const GArray *aggregates,
                                  bool by_subflow, int64_t interval);

#endif
