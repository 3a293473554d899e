/* replay.h: keeps segments, to take them in again in the order of time.
 *
 * A file need not be in that order: frames of several interfaces are written in batches, and
 * captures are appended to one another. Only after the last segment it is known whether it is, and
 * where the clock leapt: times do not order what lies on the two sides of a leap, so there the
 * order of the file stays.
 *
 *     for each segment: mps_tracker_segment(read, ...), mps_replay_add(replay, ...)
 *     if (mps_replay_is_needed(read)) {
 *         again = mps_replay_tracker(read);
 *         mps_replay_begin(replay, read);
 *         while (mps_replay_next(replay, ...) > 0)
 *             mps_tracker_segment(again, ...), or mps_tracker_icmp(again, ...)
 *     }
 *
 * A kept segment takes 64 bytes and its TCP options; what all segments of a TCP connection have in
 * common is kept once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_REPLAY_H
#define MPTCPSCOPE_REPLAY_H

#include <mptcpscope/tracker.h>

typedef struct mps_replay mps_replay;

/** @return no segments; the caller frees them with mps_replay_free() */
mps_replay *mps_replay_new(void);

/** Free all segments. @param replay  may be NULL */
void mps_replay_free(mps_replay *replay);

/** Keep a segment. @param segment  copied
 *  @param mark  given back with the segment, for the caller's use */
void mps_replay_add(mps_replay *replay, const mps_segment *segment, uint32_t mark);

/** Keep an ICMP error. @param error  copied */
void mps_replay_add_icmp(mps_replay *replay, const mps_icmp_error *error);

/** @return how many segments are kept */
uint32_t mps_replay_count(const mps_replay *replay);

/** @return whether the order of time differs from that in which a tracker took segments in, or a
 *  leap of the clock was found, which analyses must know before they see segments. */
bool mps_replay_is_needed(const mps_tracker *read);

/** Before the first segment: if a replay is needed, it will follow. So analyses see no segments
 * after the first one that is not in the order of time: they would see all again. */
void mps_replay_follows(mps_tracker *read);

/** @return a tracker for the same segments in the order of time, which the caller frees. It knows
 *  the leaps of the clock from the start. @param read  took them in in the order of the file */
mps_tracker *mps_replay_tracker(const mps_tracker *read);

/** @return a tracker for the same segments in the order of the file, which the caller frees.
 *  @param read  took them in in another one */
mps_tracker *mps_replay_reader(const mps_tracker *read);

/** Begin with the earliest segment.
 *  @param read  knows the leaps of the clock; NULL: begin with the first one, in the order of the
 *  file */
void mps_replay_begin(mps_replay *replay, const mps_tracker *read);

/** Get the next segment or ICMP error in the order of time; at one time, in that of frames.
 *  @param segment  set to a segment; its `order` counts from 1, ICMP errors included
 *  @param index    set to how many segments were kept before it; NULL: not wanted
 *  @return MPS_NEXT_END: there are no more */
mps_next mps_replay_next(mps_replay *replay, mps_segment *segment, uint32_t *index);

/** @return the ICMP error, after mps_replay_next() came to one; owned by `replay`. */
const mps_icmp_error *mps_replay_icmp_error(const mps_replay *replay);

/** @return the mark of a segment. @param index  of mps_replay_next() */
uint32_t mps_replay_mark(const mps_replay *replay, uint32_t index);

/** @return the frame of a segment. @param index  of mps_replay_next() */
uint32_t mps_replay_frame(const mps_replay *replay, uint32_t index);

#endif
