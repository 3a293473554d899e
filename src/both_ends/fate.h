/* fate.h: what became of the transmissions that a critical path names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FATE_H
#define MPS_FATE_H

#include "blame.h"
#include "critical_path/critical_rows.h"
#include "reinjection/resent_sums.h"

/* What is known of the segments of a connection. */
typedef struct {
    const mps_comparison *comparison;
    const GArray *pairs;  /* as of mps_critical_connection */
    const GArray *resent; /* mps_resent_sum by row of the comparison */
    GHashTable *known;    /* mps_fate of the transmissions that the path names */
} mps_fates;

/** Find out what became of the transmissions that a path names.
 *  @param pairs, resent  must outlive the fates
 *  @param fates          set; the caller clears it with mps_fates_clear() */
void mps_fates_init(mps_fates *fates, const mps_comparison *comparison, const GArray *pairs,
                    const GArray *resent, const mps_critical_path *path);
void mps_fates_clear(mps_fates *fates);

/** @return the evidence for mps_blame_of() of the same path. @param fates  must outlive it */
mps_blame_evidence mps_fates_evidence(const mps_fates *fates);

#endif
