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
    const GArray *pairs;    /* as of mps_critical_connection */
    const GArray *subflows; /* mps_critical_subflow, of its paths */
    const GArray *resent;   /* mps_resent_sum by row of the comparison */
} mps_fates;

/** @return the evidence for mps_blame_of(). @param fates  must outlive it */
mps_blame_evidence mps_fates_evidence(const mps_fates *fates);

#endif
