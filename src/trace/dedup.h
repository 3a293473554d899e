/* dedup.h: captures that show each packet twice.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DEDUP_H
#define MPS_DEDUP_H

#include "trace.h"

/**
 * Where the segments of a subflow are in a capture twice, leave one of each. A path does not do
 * that to both directions: what a host sends it has not passed yet.
 * @param packets  mps_packet, of either direction
 * @param headers  mps_header, likewise; NULL: none are kept
 * @param least    so many in either direction must be there twice
 * @return whether they were
 */
bool mps_dedup_segments(GArray *const packets[2], GArray *const headers[2], unsigned least);

#endif
