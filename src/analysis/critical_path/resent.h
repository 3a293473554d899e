/* resent.h: the transmission before, of bytes that were sent again.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_RESENT_H
#define MPS_CRITICAL_RESENT_H

#include "base/spans.h"
#include "critical_path.h"

/* All transmissions of the bytes of a number space. */
typedef struct {
    mps_spans latest; /* of each byte: its latest transmission */
} mps_critical_space;

/* Bytes that were sent again. */
typedef struct {
    uint64_t start;
    uint32_t length;
    uint32_t earlier, later; /* transmissions, by the caller's numbers */
} mps_critical_resent;

/** Add a transmission. Bytes that were sent before are appended to `links`.
 *  @param links   mps_critical_resent, in the order of `later`
 *  @param number  of the transmission, above those before
 *  @return how many of its bytes were sent before */
uint32_t mps_critical_resent_add(mps_critical_space *space, GArray *links, uint64_t start,
                                 uint32_t length, uint32_t number);

/** @return the transmission before `later` of a byte; MPS_NONE: that was its first. */
uint32_t mps_critical_resent_before(const GArray *links, uint32_t later, uint64_t byte);

#endif
