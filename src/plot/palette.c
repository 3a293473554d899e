/* palette.c: the colours of curves.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "palette.h"

static const char *const colours[] = {
    "#0072b2", /* blue */
    "#d55e00", /* vermilion */
    "#009e73", /* bluish green */
    "#cc79a7", /* reddish purple */
    "#e69f00", /* orange */
    "#56b4e9", /* sky blue */
    "#882255", /* wine */
    "#999933", /* olive */
};

/* Of causes, which may be more than subflows have colours. */
static const char *const more[] = {
    "#44aa99", /* teal */
    "#332288", /* indigo */
    "#666666", /* grey */
};

const char *mps_palette_colour(const mps_curve *curve)
{
    switch (curve->role) {
    case MPS_ROLE_CONNECTION:
        return "#000000";
    case MPS_ROLE_LIMIT:
        return "#888888";
    case MPS_ROLE_OTHERS:
        return "#bbbbbb";
    case MPS_ROLE_CAUSE:
        if (curve->index >= G_N_ELEMENTS(colours))
            return more[(curve->index - G_N_ELEMENTS(colours)) % G_N_ELEMENTS(more)];
        break;
    case MPS_ROLE_SUBFLOW:
        break;
    }
    return colours[curve->index % G_N_ELEMENTS(colours)];
}

unsigned mps_palette_round(const mps_curve *curve)
{
    G_STATIC_ASSERT(MPS_PALETTE_LOOKS == 2 * G_N_ELEMENTS(colours));
    return curve->role == MPS_ROLE_SUBFLOW
               ? curve->index % MPS_PALETTE_LOOKS / (unsigned)G_N_ELEMENTS(colours)
               : 0;
}
