/* outcomes.h: what became of each segment that was sent, in the order of sending.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTCOMES_H
#define MPS_OUTCOMES_H

#include "compare_internal.h"

/* A match, or a segment without any. One that was split has several. */
typedef struct {
    int64_t time;            /* A's: of departure or of arrival; see mps_outcomes_of() */
    int64_t time_b;          /* B's, of a match */
    int64_t delay;           /* of a match, ns, corrected as mps_comparison says */
    int64_t rtt;             /* ns, if has_rtt: this delay and that of the next one back */
    uint64_t rtt_span;       /* ns from departure here to the arrival of that one */
    uint32_t sent, received; /* indices into mps_align_lists */
    uint8_t kind;            /* mps_sent_outcome */
    bool last;               /* of the matches of its segment the one that arrived last; the others
                              * are not counted as segments. Also: there is no match */
    bool has_time, has_rtt;
    bool reordered; /* RFC 4737: the segment arrived after one that was sent later; with `last` */
} mps_outcome;

/**
 * Tell what became of each segment of a row.
 *
 * Time is A's. A segment that B sent and A did not capture counts where it would have been, had it
 * taken as long as the one that arrived before it (the first that did, for those in front of it);
 * without any, where the estimated offset puts it. Without that it has no time.
 *
 * @param row  number of the row
 * @return mps_outcome, by `sent`; to be freed by the caller
 */
GArray *mps_outcomes_of(const mps_comparison *comparison, guint row);

#endif
