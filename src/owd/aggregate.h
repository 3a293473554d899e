/* aggregate.h: the segments and figures of each direction of each subflow and connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_AGGREGATE_H
#define MPS_AGGREGATE_H

#include "figures.h"

/* One direction of a subflow, or of all subflows of a connection. */
typedef struct {
    const mps_comparison_row *row; /* of a connection: its first row; not owned */
    uint32_t subflows;             /* number of them */
    mps_alignment alignment;       /* sums of the counts; without lists */
    GArray *outcomes;              /* mps_outcome, one subflow after the other; owned */
    mps_figures figures;
} mps_aggregate;

/** Collect each direction of each subflow, in the order of the rows.
 *  @param connection  number of a connection of A to collect only; MPS_NONE: all
 *  @return mps_aggregate, to be freed with mps_aggregates_free() */
GArray *mps_aggregates_of(const mps_comparison *comparison, uint32_t connection);

/** Collect each direction of each MPTCP connection.
 *  @param subflows  as mps_aggregates_of() returns
 *  @return mps_aggregate, to be freed with mps_aggregates_free() */
GArray *mps_aggregates_by_connection(const mps_comparison *comparison, const GArray *subflows);

/** Free the array and what its elements own. */
void mps_aggregates_free(GArray *aggregates);

/**
 * Find the fastest subflow, the one with the least delay, in the connection and direction of each
 * subflow.
 * @param aggregates, figures, count  the subflows, and the figures with the delays to compare
 * @param fastest  filled in: index of the fastest subflow; index of the subflow itself where none
 *                 has a delay or it is plain TCP
 */
void mps_aggregates_fastest(const mps_aggregate *const *aggregates,
                            const mps_figures *const *figures, guint count, guint *fastest);

#endif
