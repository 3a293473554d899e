/* merge.h: brings segments into the order of time while they are read.
 *
 * Each interface is captured in the order of time, but frames of several are written in batches
 * (dumpcap), some 0.2 s late at most. So the segments of each interface wait in a queue of its own
 * until those of the others have come.
 *
 * The pseudo-interface "any" of Linux is in the order of time but for some frames, which the
 * processors took at nearly the same time: the others wait for them.
 *
 * A file that is out of order in another way stays so: mps_replay_is_needed() tells.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MERGE_H
#define MPS_MERGE_H

#include <mptcpscope/icmp_error.h>
#include <mptcpscope/segment.h>
#include <stdbool.h>

/* What comes later than this behind a segment stays behind it, ns: a clock that was set back by so
 * much is a leap (tracker/leaps.h). */
#define MPS_LATE_NS INT64_C(100000000)

typedef struct mps_merge mps_merge;

/** @return no segments; the caller frees them with mps_merge_free()
 *  @param by_interface  each interface is in the order of time; false: all segments are together,
 *                       but for those that are less than MPS_LATE_NS late */
mps_merge *mps_merge_new(bool by_interface);

/** Free all segments. @param merge  may be NULL */
void mps_merge_free(mps_merge *merge);

/** @return whether the next segment is known; false: one more is to be read. */
bool mps_merge_is_ready(const mps_merge *merge);

/** @return room for the segment that is read next, owned by `merge`. It counts once
 *  mps_merge_add() was called. */
mps_segment *mps_merge_room(mps_merge *merge);

/** Add what was read.
 *  @param icmp  an ICMP error, copied; NULL: the segment in mps_merge_room() */
void mps_merge_add(mps_merge *merge, const mps_icmp_error *icmp);

/** @return whether a segment came too late to be merged; only where all are together. */
bool mps_merge_failed(const mps_merge *merge);

/** There are no more segments: those that wait are ready. */
void mps_merge_end(mps_merge *merge);

/** Take the next segment or ICMP error: the earliest that waits; at one time, that of the lower
 *  frame. @param segment  set to a segment, owned by `merge`; valid until the next one is taken
 *  @return MPS_NEXT_END: none waits */
mps_next mps_merge_take(mps_merge *merge, mps_segment **segment);

/** @return the ICMP error, after mps_merge_take() came to one; owned by `merge`. */
const mps_icmp_error *mps_merge_icmp_error(const mps_merge *merge);

#endif
