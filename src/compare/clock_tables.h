/* clock_tables.h: what the comparison of two clocks rests on, as tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_TABLES_H
#define MPS_CLOCK_TABLES_H

#include "comparison.h"

/** @return ns of A's clock at the first segment of what is compared. */
int64_t mps_comparison_start(const mps_comparison *comparison);

/** @return a row per moment at which a clock was set. */
mps_table *mps_clock_steps_table(const mps_comparison *comparison);

/** @return a row per moment at which paths changed and subflow that did. */
mps_table *mps_path_changes_table(const mps_comparison *comparison);

/** @return a row per subflow and direction: how many segments matched, and how many the bounds
 *  rest on. */
mps_table *mps_clock_evidence_table(const mps_comparison *comparison);

#endif
