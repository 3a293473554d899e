/* reinjection_tables.h: the tables of mptcpscope reinjections A B.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REINJECTION_TABLES_H
#define MPS_REINJECTION_TABLES_H

#include "reinjection_internal.h"
#include "table/table_build.h"

/* What both ends sent again, and which connection of A's is wanted; MPS_NONE: all. */
typedef struct {
    const mps_comparison *comparison;
    mps_reinjection_side *sides[2]; /* of A's host, of B's */
    uint32_t connection;
} mps_reinjections_both;

static inline bool mps_reinjections_wants(const mps_reinjections_both *both,
                                          const mps_sender *sender)
{
    return both->connection == MPS_NONE || sender->connection == both->connection;
}

/** @return each a table, to be freed by the caller */
mps_table *mps_reinjection_table(const mps_reinjections_both *both);
mps_table *mps_reinjection_pairs(const mps_reinjections_both *both);
mps_table *mps_reinjection_totals(const mps_reinjections_both *both);
mps_table *mps_retransmission_table(const mps_reinjections_both *both);
mps_table *mps_retransmission_totals(const mps_reinjections_both *both);

/** @return a data sequence number as on the wire, as far as it is known. @param dsn  inside */
mps_dsn mps_reinjection_dsn(const mps_reinjection_side *side, const mps_sender *sender,
                            uint64_t dsn);

#endif
