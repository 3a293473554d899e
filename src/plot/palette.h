/* palette.h: the colours of curves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PALETTE_H
#define MPS_PALETTE_H

#include "picture.h"

/** @return the colour of a curve, static ("#0072b2"). A subflow has the same one in all pictures.
 *  The colours can be told apart by colour-blind readers: those of Okabe and Ito (2008) but for
 *  yellow, which is hard to see on white, then two of Tol (2021). Subflow 8 begins anew. */
const char *mps_palette_colour(const mps_curve *curve);

/* How many subflows look different: each colour as it is, and again paler or dashed. */
#define MPS_PALETTE_LOOKS 16u

/** @return whether a curve's colour is used again: 0 for subflows 0 to 7, 1 for 8 to 15, 0 for 16.
 */
unsigned mps_palette_round(const mps_curve *curve);

#endif
