/* align_overlaps.h: the payload of a list of segments as byte ranges, and which ranges overlap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_OVERLAPS_H
#define MPS_ALIGN_OVERLAPS_H

#include "align_internal.h"

/* A range that overlaps more sent ranges than this is left alone: the same bytes are retransmitted
 * a few times, not hundreds of times. */
#define MPS_OVERLAPS_MAX 256u

/* The payload of a segment. Sequence numbers are unwrapped and the same at both ends. */
typedef struct {
    uint64_t start, end; /* first byte, and the one after the last */
    uint32_t index, ack; /* of the segment */
    uint32_t released;   /* sent ranges: the received segment that this one matched as a whole,
                          * until that match was taken back; MPS_NONE: there was no such match */
    uint64_t timestamps; /* 0 if the path does not preserve them */
    bool refused;
    bool matched;    /* by a match that was kept */
    bool overlapped; /* sent ranges: some of the bytes were received, in whichever segment */
    bool determined; /* received ranges: the transmission is known */
} mps_byte_range;

/* Which segments to take; flags that may be combined. */
enum {
    MPS_BYTE_RANGES_OPEN = 1,     /* without a match */
    MPS_BYTE_RANGES_MATCHED = 2,  /* with one */
    MPS_BYTE_RANGES_EXCLUDED = 4, /* refused, or a duplicate */
};

/** @return mps_byte_range, the payload of received segments in capture order; the caller frees it.
 *  @param which  MPS_BYTE_RANGES_* */
GArray *mps_byte_ranges_received(const mps_align_state *state, unsigned which);

/** @return whether two ranges hold the same bytes. */
bool mps_byte_range_same(const mps_byte_range *a, const mps_byte_range *b);

/* Sent ranges to search, and the result of the last search. */
typedef struct {
    GArray *sent;                            /* mps_byte_range, by start; owned */
    uint64_t *reach;                         /* by sent range: the highest end up to and with it */
    mps_byte_range *found[MPS_OVERLAPS_MAX]; /* elements of `sent`, by descending start */
    unsigned count;                          /* of `found` */
} mps_overlaps;

/** Prepare to search the payload of sent segments.
 *  @param which     MPS_BYTE_RANGES_*
 *  @param released  by sent segment: see mps_byte_range; NULL: none was
 *  @param overlaps  set; the caller clears it with mps_overlaps_clear() */
void mps_overlaps_init(mps_overlaps *overlaps, const mps_align_state *state, unsigned which,
                       const uint32_t *released);

/** Free what `overlaps` owns. */
void mps_overlaps_clear(mps_overlaps *overlaps);

/** Find the sent ranges that overlap a received one and have the same timestamps and
 * acknowledgement number, which segmentation offload never changes. All that have the same
 * timestamps are marked as `overlapped`. A sent range with exactly the same bytes is left out,
 * since the two were compared before as whole segments and differ, unless their match was taken
 * back.
 *  @return false if there are too many to look at */
bool mps_overlaps_find(mps_overlaps *overlaps, const mps_byte_range *received);

/** Take back matches of segments whose bytes were also sent in another segment, which the IP ID
 *  does not distinguish.
 *  @param released  by sent segment: set to the received segment that it matched */
void mps_align_release_resent(mps_align_state *state, uint32_t *released);

/** Refuse matches of segments whose bytes were also sent in a refused segment, and received
 *  segments that hold such bytes. */
void mps_align_refuse_resent(mps_align_state *state);

/** @return the share of payload segments that overlap another one, sent with the same timestamps
 *  and acknowledgement number; 0 to 1. */
double mps_align_share_resent(const mps_align_state *state);

#endif
