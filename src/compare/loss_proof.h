/* loss_proof.h: proves losses where the receiver's capture misses segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LOSS_PROOF_H
#define MPS_LOSS_PROOF_H

#include "match/align.h"

/** Decide for each lost segment of one direction whether it is proved lost. If not, it is
 *  undetermined; or it was not captured, if it was sent only once and acknowledged.
 *  @param lists          of the direction
 *  @param arrived, arrived_count  the opposite direction as it arrived at the sender
 *  @param alignment      of the direction; updated */
void mps_losses_prove(const mps_align_lists *lists, const mps_packet *arrived, size_t arrived_count,
                      mps_alignment *alignment);

#endif
