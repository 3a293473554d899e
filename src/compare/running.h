/* running.h: whether a capture ran when a segment passed its host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RUNNING_H
#define MPS_RUNNING_H

#include "comparison.h"

/* The time of one of the two captures, as seen from the other end of a row. All times in ns. */
typedef struct {
    bool sender; /* it is the sender's capture, and the other end is the receiver's */
    mps_time_differences differences; /* of this row; if none of its segments matches, of all rows
                                       * in this direction. If none of them matches, `least` is
                                       * what the other direction allows at least, and the
                                       * sender's capture may have begun at any time */
    int64_t first, last;              /* the capture's first and last segment, of any connection */
} mps_running;

/** Find the differences of the times in each direction, once all rows are aligned. */
void mps_running_survey(mps_comparison *comparison);

/** Look at the time of a capture from the other end.
 *  @param sender   the capture of the row's sender; otherwise that of its receiver
 *  @param running  filled in */
void mps_running_init(mps_running *running, const mps_comparison *comparison,
                      const mps_comparison_row *row, bool sender);

/** Did the capture run when a segment passed its host? No segment is faster than the fastest one
 *  that both captures have, so that one that arrived at `time` was sent at `time - least` at the
 *  latest, and one that was sent at `time` arrived at `time + least` at the earliest. If the
 *  capture has no segment at that time or later, nothing shows that it still ran.
 *  @param time  when the segment was captured at the other end
 *  @return false: nothing shows that the capture ran. True where no match gives the difference of
 *          the clocks. */
bool mps_running_at(const mps_running *running, int64_t time);

/** Did the capture certainly run when a segment passed its host, even if the segment was as slow as
 *  the slowest one? The sender's capture may have begun after a slow one was sent, and the
 *  receiver's may have ended before it arrived. @param time  as for mps_running_at() */
bool mps_running_surely(const mps_running *running, int64_t time);

#endif
