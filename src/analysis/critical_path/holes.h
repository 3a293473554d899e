/* holes.h: whether the capture at a host missed segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_HOLES_H
#define MPS_CRITICAL_HOLES_H

#include "critical_path.h"

/** Find out whether the capture at a host missed payload: the peer acknowledged, also by SACK, what
 *  comes after bytes that were not seen to be sent until then; or the host itself acknowledged
 * bytes that were not seen to arrive. That acknowledgements without payload are missing is not
 * seen.
 *  @param until  index in the host's history: what came later does not matter
 *  @return whether it did */
bool mps_critical_has_holes(const mps_critical_input *input, unsigned host, uint32_t until);

#endif
