/* pair_by_content.h: tells segments, and by them subflows, apart by what no path needs to change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_BY_CONTENT_H
#define MPS_PAIR_BY_CONTENT_H

#include "align.h"

/**
 * Find by how much a path shifted sequence numbers, from segments that are alone with what they
 * say.
 * @param pair   of subflows in both captures; its shift is set where it is not known
 */
void mps_pair_find_shift(const mps_trace *a, const mps_trace *b, mps_pair *pair);

/* A subflow of A and one of B that hold the same segments. */
typedef struct {
    uint32_t a, b;
    bool flipped; /* as in mps_pair */
} mps_content_pair;

/**
 * Find subflows that hold the same segments, whatever their addresses.
 * @param a_partner  of each subflow of A: those that are not MPS_NONE are left out; likewise B
 * @return mps_content_pair; to be freed by the caller
 */
GArray *mps_pair_by_content(const mps_trace *a, const uint32_t *a_partner, const mps_trace *b,
                            const uint32_t *b_partner);

#endif
