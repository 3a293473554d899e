/* critical_rows.h: the critical paths that two captures show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_ROWS_H
#define MPS_CRITICAL_ROWS_H

#include "compare/comparison.h"
#include "report/critical_tables.h"
#include <mptcpscope/critical_path.h>

/* A connection, or a plain TCP connection, that both captures have. */
typedef struct {
    uint32_t connection, peer_connection; /* MPS_NONE: plain TCP */
    GArray *pairs; /* guint: rows of the comparison, the first one of each subflow; the other
                    * direction follows it */
} mps_critical_connection;

/** Group the rows of a comparison by connection.
 *  @return mps_critical_connection, in A's order; freed by the caller with
 *          mps_critical_connections_free(). */
GArray *mps_critical_connections_of(const mps_comparison *comparison);
void mps_critical_connections_free(GArray *connections);

/** Find the critical path of each connection and direction that is asked for.
 *  @return mps_critical_row, in A's order; freed by the caller with g_array_free(). A row whose
 *          path has a `reason` has no path. With all connections and directions and without an
 *          `end_subflow` there are two for each mps_critical_connection: c2s, s2c */
GArray *mps_critical_rows_of(const mps_comparison *comparison, const mps_critical_choice *choice);

/** @return what a reader of the paths should know, with the notes of the comparison: char *, one
 *  sentence each; freed with g_ptr_array_free(). @param rows  of mps_critical_rows_of() */
GPtrArray *mps_critical_notes(const mps_comparison *comparison, const GArray *rows);

#endif
