/* dedup.h: removes the second copy of packets that a capture holds twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DEDUP_H
#define MPS_DEDUP_H

#include "trace.h"

/**
 * Remove the second copies of a subflow's packets if nearly all of its packets, in both directions,
 * are there twice. A path that duplicates packets cannot cause that, because the packets of the
 * capturing host have not passed it yet.
 * @param packets  GArray of mps_packet, for each half
 * @param headers  GArray of mps_header, likewise; NULL: none are kept
 * @param least    how many packets of each direction must have a copy
 * @return whether copies were removed
 */
bool mps_dedup_segments(GArray *const packets[2], GArray *const headers[2], unsigned least);

#endif
