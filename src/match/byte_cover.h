/* byte_cover.h: which bytes of a stream a list of segments holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BYTE_COVER_H
#define MPS_BYTE_COVER_H

#include "align.h"

/* Turns sequence numbers into positions that do not wrap. */
typedef struct {
    uint64_t at;
    uint32_t last; /* the sequence number at this position */
} mps_unwrap;

/** Start at a sequence number. Positions below it remain available. */
void mps_unwrap_init(mps_unwrap *unwrap, uint32_t origin);

/** @return the position of a sequence number that is less than 2^31 away from the previous one. */
uint64_t mps_unwrap_next(mps_unwrap *unwrap, uint32_t seq);

/** @return whether the segment has payload that starts at its sequence number. */
bool mps_has_bytes(const mps_packet *packet);

/* Bytes from `start` to before `end`. */
typedef struct {
    uint64_t start, end;
} mps_covered_bytes;

/**
 * Unite the payload of segments.
 * @param shift   subtracted from sequence numbers
 * @param origin  the sequence number that positions are relative to, see mps_unwrap_init()
 * @return mps_covered_bytes in ascending order, neither overlapping nor adjacent; the caller frees
 *         the array
 */
GArray *mps_byte_cover_of(const mps_packet *packets, size_t count, uint32_t shift, uint32_t origin);

/** @return whether all bytes from `start` to before `end` are covered. */
bool mps_byte_cover_holds(const GArray *cover, uint64_t start, uint64_t end);

/** @return whether any of the bytes from `start` to before `end` is covered. */
bool mps_byte_cover_meets(const GArray *cover, uint64_t start, uint64_t end);

#endif
