/* critical_rows.h: the critical paths that two captures show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_ROWS_H
#define MPS_CRITICAL_ROWS_H

#include "report/critical_tables.h"
#include <mptcpscope/critical_path.h>

/** Find the critical path of each connection and direction that is asked for.
 *  @return mps_critical_row, in A's order; freed by the caller with g_array_free(). A row whose
 *          path has a `reason` has no path */
GArray *mps_critical_rows_of(const mps_comparison *comparison, const mps_critical_choice *choice);

/** @return what a reader of the paths should know, with the notes of the comparison: char *, one
 *  sentence each; freed with g_ptr_array_free(). @param rows  of mps_critical_rows_of() */
GPtrArray *mps_critical_notes(const mps_comparison *comparison, const GArray *rows);

#endif
