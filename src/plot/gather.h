/* gather.h: puts together the subflows that an image does not show apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_GATHER_H
#define MPS_GATHER_H

#include "thin.h"

/** @return a picture in which the curves of subflows that are not shown apart
 *          (mps_curve.is_other) share some. It uses the other curves, the texts and ticks of
 *          `picture`, which must outlive it; freed by the caller with mps_gathered_free() */
mps_picture *mps_gather(const mps_picture *picture);

/** Free what mps_gather() added. */
void mps_gathered_free(mps_picture *drawn);

#endif
