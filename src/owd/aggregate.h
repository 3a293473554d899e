/* aggregate.h: the subflows, and the connections, whose figures are told, each direction by itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_AGGREGATE_H
#define MPS_AGGREGATE_H

#include "figures.h"

/* One direction of a subflow, or of all subflows of a connection. */
typedef struct {
    const mps_comparison_row *row; /* of the connection: the first one; not owned */
    uint32_t subflows;             /* in it */
    mps_alignment alignment;       /* sums; without matches */
    GArray *outcomes;              /* mps_outcome, of one subflow after the other; owned */
    mps_figures figures;
} mps_aggregate;

/** Tell of each direction of each subflow, as the rows are.
 *  @param connection  only this one of A; MPS_NONE: all
 *  @return mps_aggregate; to be freed with mps_aggregates_free() */
GArray *mps_aggregates_of(const mps_comparison *comparison, uint32_t connection);

/** Tell of each direction of each MPTCP connection. @param subflows  as mps_aggregates_of() returns
 */
GArray *mps_aggregates_by_connection(const mps_comparison *comparison, const GArray *subflows);
void mps_aggregates_free(GArray *aggregates);

/**
 * Find the fastest subflow of each one's connection and direction: the one with the least delay.
 * @param units, figures, count  of subflows, and what each is judged by
 * @param fastest  filled in: index of it, or of the unit itself where it has no delay or is plain
 *                 TCP
 */
void mps_aggregates_fastest(const mps_aggregate *const *aggregates,
                            const mps_figures *const *figures, guint count, guint *fastest);

#endif
