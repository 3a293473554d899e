/* byte_cover.h: which bytes of a stream a list of segments holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BYTE_COVER_H
#define MPS_BYTE_COVER_H

#include "align.h"

/* Turns sequence numbers into positions without wrap. */
typedef struct {
    uint64_t at;
    uint32_t last;
} mps_unwrap;

/** Start at a sequence number; room is left for what lies before it. */
void mps_unwrap_init(mps_unwrap *unwrap, uint32_t origin);

/** @return the position of a sequence number that is less than 2^31 from the one before. */
uint64_t mps_unwrap_next(mps_unwrap *unwrap, uint32_t seq);

/** @return whether the segment has payload at its sequence number. */
bool mps_has_bytes(const mps_packet *packet);

/* Bytes from `start` to before `end`. */
typedef struct {
    uint64_t start, end;
} mps_covered_bytes;

/**
 * @param shift   subtracted from sequence numbers
 * @param origin  where positions start, see mps_unwrap_init()
 * @return the payload of all segments: mps_covered_bytes that do not touch, in order; to be freed
 * by the caller
 */
GArray *mps_byte_cover_of(const mps_packet *packets, size_t count, uint32_t shift, uint32_t origin);

/** @return whether all of the bytes are covered. */
bool mps_byte_cover_holds(const GArray *cover, uint64_t start, uint64_t end);

/** @return whether any of the bytes is covered. */
bool mps_byte_cover_meets(const GArray *cover, uint64_t start, uint64_t end);

#endif
