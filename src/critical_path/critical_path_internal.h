/* critical_path_internal.h: the critical paths of all connections that two captures have.
 *
 *   connections.c          groups the rows of a comparison by connection
 *   pair_histories.c       makes the histories of both hosts, and which segment is which
 *   rows.c                 finds the paths, or why there are none
 *   path_notes.c           what a reader of the paths should know
 *   write_critical_path.c  writes mptcpscope critical-path A B
 *
 * The walk itself is in analysis/critical_path/, the tables are in report/critical_tables.h.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_PATH_INTERNAL_H
#define MPS_CRITICAL_PATH_INTERNAL_H

#include "compare/comparison.h"
#include "critical_rows.h"

/* Both histories of a connection. */
typedef struct {
    mps_critical_input input;
    bool a_is_client;
    /* By direction: the first payload that arrived although the sender's capture does not have it,
     * by index in the receiver's history; MPS_NONE: none. The sender's capture has payload of the
     * same subflow that arrived later, or does not. */
    uint32_t missed[2], beyond[2];
} mps_critical_pair;

/** Make both histories, with B's times as A's clock shows them.
 *  @param pair  set; the caller frees what it owns with mps_critical_pair_clear() */
void mps_critical_pair_init(mps_critical_pair *pair, const mps_comparison *comparison,
                            const mps_critical_connection *connection);
void mps_critical_pair_clear(mps_critical_pair *pair);

#endif
