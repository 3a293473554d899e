/* pair_by_content.h: identifies subflows, and shifts of sequence numbers, by segment contents.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_BY_CONTENT_H
#define MPS_PAIR_BY_CONTENT_H

#include "align.h"

/**
 * Find how much the path shifted sequence numbers, from segments whose contents are unique in both
 * captures.
 * @param pair  subflows in both captures; its shift is set where it is not known and where the
 *              segments show it
 */
void mps_pair_find_shift(const mps_trace *a, const mps_trace *b, mps_pair *pair);

/* A subflow of A and one of B that hold the same segments in one direction. */
typedef struct {
    uint32_t a, b;
    bool flipped; /* as in mps_pair */
} mps_content_pair;

/**
 * Find subflows that hold the same segments, whatever their addresses.
 * @param a_partner  by subflow of A: only those with MPS_NONE are considered; b_partner likewise
 * @return mps_content_pair, where a subflow may occur several times; the caller frees it
 */
GArray *mps_pair_by_content(const mps_trace *a, const uint32_t *a_partner, const mps_trace *b,
                            const uint32_t *b_partner);

#endif
