/* reinjection_tables.h: the tables of mptcpscope reinjections A B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REINJECTION_TABLES_H
#define MPS_REINJECTION_TABLES_H

#include "reinjection_internal.h"
#include "table/table_build.h"

/* What both ends sent again, and which connection to show. */
typedef struct {
    const mps_comparison *comparison;
    mps_reinjection_side *sides[2]; /* of A's host, of B's */
    uint32_t connection;            /* number of a connection of A; MPS_NONE: all */
} mps_reinjections_both;

/** Find what both ends sent again. @param both  all but the sides is set; freed with
 * mps_reinjections_clear() */
void mps_reinjections_find(mps_reinjections_both *both);
void mps_reinjections_clear(mps_reinjections_both *both);

/** @return whether the tables include a connection, by A's number. */
static inline bool mps_reinjections_include(const mps_reinjections_both *both, uint32_t connection)
{
    return both->connection == MPS_NONE || connection == both->connection;
}

/* The caller frees each of these tables with mps_table_free(). */

/** @return the reinjections, a row for each segment. */
mps_table *mps_reinjection_table(const mps_reinjections_both *both);

/** @return the sums of reinjections by pair of subflows. */
mps_table *mps_reinjection_pairs(const mps_reinjections_both *both);

/** @return the sums of reinjections by direction of a connection. */
mps_table *mps_reinjection_totals(const mps_reinjections_both *both);

/** @return the retransmissions on a subflow, a row for each segment. */
mps_table *mps_retransmission_table(const mps_reinjections_both *both);

/** @return the sums of retransmissions by direction of a subflow. */
mps_table *mps_retransmission_totals(const mps_reinjections_both *both);

/** Append useful, redundant, lost and unknown bytes. */
void mps_reinjection_add_arrival_bytes(mps_table *table, const mps_reinjection_bytes *bytes);

/** Append spurious, unsure and advanced bytes. */
void mps_reinjection_add_timing_bytes(mps_table *table, const mps_reinjection_bytes *bytes);

/** @return a data sequence number as on the wire, as far as it is known.
 *  @param sender  who sent the byte
 *  @param dsn     extended */
mps_dsn mps_reinjection_dsn(const mps_reinjection_side *side, const mps_sender *sender,
                            uint64_t dsn);

#endif
