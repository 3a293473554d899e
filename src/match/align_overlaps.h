/* align_overlaps.h: the payload of a list of segments by its bytes, and which of it overlaps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_ALIGN_OVERLAPS_H
#define MPS_ALIGN_OVERLAPS_H

#include "align_internal.h"

/* A received segment that more sent ones than this overlap is not looked at: bytes are sent again a
 * few times, not hundreds of times. */
#define MPS_OVERLAPS_MAX 256u

/* Payload of a segment, in sequence numbers without wrap that both ends share. */
typedef struct {
    uint64_t start, end;
    uint32_t index, ack;
    uint32_t released;   /* of a sent one: what it matched as it is, before that was in doubt */
    uint64_t timestamps; /* 0 where they do not tell */
    bool refused;
    bool matched;    /* by a match that was kept */
    bool touched;    /* bytes of it were received, perhaps those of another */
    bool determined; /* of a received one: what it is of is known */
} mps_byte_range;

/* Segments that have no match yet, those that have, and those to be left alone: may be added up. */
enum { MPS_BYTE_RANGES_OPEN = 1, MPS_BYTE_RANGES_MATCHED = 2, MPS_BYTE_RANGES_EXCLUDED = 4 };

/** @return the payload of received segments as mps_byte_range, as captured; to be freed by the
 * caller.
 */
GArray *mps_byte_ranges_received(const mps_align_state *state, unsigned which);

/** @return whether two ranges are the same bytes. */
bool mps_byte_range_same(const mps_byte_range *a, const mps_byte_range *b);

/* Sent ranges that are searched, and what overlaps the received range at hand. */
typedef struct {
    GArray *sent;                            /* mps_byte_range, by start; owned */
    uint64_t *reach;                         /* of each: the highest end up to it */
    mps_byte_range *found[MPS_OVERLAPS_MAX]; /* from right to left */
    unsigned count;
} mps_overlaps;

/** Begin a search in the payload of sent segments.
 *  @param released  what they matched before, by segment, or NULL */
void mps_overlaps_init(mps_overlaps *overlaps, const mps_align_state *state, unsigned which,
                       const uint32_t *released);
void mps_overlaps_clear(mps_overlaps *overlaps);

/** Find what overlaps a received range: sent with the same acknowledgement number, for segments
 *  are cut and put together only so; and mark all that it touches.
 *  @return false if there is too much to be looked at */
bool mps_overlaps_find(mps_overlaps *overlaps, const mps_byte_range *received);

/** Take back matches of segments of which bytes were sent with another one, too.
 *  @param released  by sent segment: set to what it matched */
void mps_align_release_resent(mps_align_state *state, uint32_t *released);

/** Refuse matches of segments of which bytes were sent with one that is refused, too, and what was
 *  received of such bytes. */
void mps_align_refuse_resent(mps_align_state *state);

#endif
