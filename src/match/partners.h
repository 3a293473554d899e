/* partners.h: an index from segments, subflows or connections of one capture to the other capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PARTNERS_H
#define MPS_PARTNERS_H

#include "align.h"

/** @return `count` entries of MPS_NONE: no partner is known. The caller frees them with g_free().
 */
static inline uint32_t *mps_partners_new(size_t count)
{
    uint32_t *partners = g_new(uint32_t, count + 1);
    for (size_t i = 0; i <= count; i++)
        partners[i] = MPS_NONE;
    return partners;
}

#endif
