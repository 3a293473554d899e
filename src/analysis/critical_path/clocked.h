/* clocked.h: whether acknowledgements are a subflow's clock.
 *
 * Where acknowledgements are frequent, segments follow one closely by chance. Those that an
 * acknowledgement lets go do so more often than chance explains.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_CLOCKED_H
#define MPS_CRITICAL_CLOCKED_H

#include "sender_pass.h"

/** Find the bursts of all subflows. */
void mps_critical_bursts_find(const mps_critical_sender *sender, const mps_critical_input *input,
                              mps_direction direction, const mps_critical_limits *limits);

/** @return whether acknowledgements let the subflow's segments go around a segment.
 *  @param number      of the segment, by index in `sendings`
 *  @param data_level  those at data level, on any subflow; otherwise those of the subflow */
bool mps_critical_clocked(const mps_critical_sender *sender, const mps_critical_limits *limits,
                          uint32_t subflow, uint32_t number, bool data_level);

#endif
