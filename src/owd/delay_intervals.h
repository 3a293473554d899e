/* delay_intervals.h: the table of delays in intervals of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DELAY_INTERVALS_H
#define MPS_DELAY_INTERVALS_H

#include "delay_columns.h"

/** Make a table with a row for each aggregate and interval. The first interval begins at the
 * earliest segment of all aggregates. Intervals in which an aggregate has no segment get a row if
 * they lie between two in which it has one, within MPS_INTERVAL_GAP_MAX and
 * MPS_INTERVAL_FILLED_MAX.
 *  @param aggregates  mps_aggregate
 *  @param by_subflow  they are of subflows; otherwise of connections
 *  @param interval    length, ns, above 0
 *  @return the table, to be freed with mps_table_free() */
mps_table *mps_owd_interval_table(const mps_comparison *comparison, const GArray *aggregates,
                                  bool by_subflow, int64_t interval);

#endif
