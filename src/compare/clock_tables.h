/* clock_tables.h: tables of the clock steps and rates, the path changes and the evidence.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_TABLES_H
#define MPS_CLOCK_TABLES_H

#include "comparison.h"

/** @return A's time of the first segment of all compared subflows, ns. */
int64_t mps_comparison_start(const mps_comparison *comparison);

/** @return a table with a row for each clock step; the caller frees it. */
mps_table *mps_clock_steps_table(const mps_comparison *comparison);

/** @return a table with a row for each rate of a clock whose rate changed; the caller frees it. */
mps_table *mps_clock_rates_table(const mps_comparison *comparison);

/** @return a table with a row for each path change and subflow that changed; the caller frees it.
 */
mps_table *mps_path_changes_table(const mps_comparison *comparison);

/** @return a table with a row for each direction of each subflow: the number of matched segments,
 *  and of those that determine the bounds; the caller frees it. */
mps_table *mps_clock_evidence_table(const mps_comparison *comparison);

#endif
