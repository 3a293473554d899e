/* thin.h: leaves out dots that an image cannot show.
 *
 * The width of the diagram is divided into columns about as wide as a pixel. Of the dots in a
 * column those are kept that its look depends on: the least and the greatest, the first and the
 * last of a curve; of points, one in each small cell; of strokes, those that touch become one. So
 * the outline is exact, and an image takes the same time with 10^3 and with 10^6 segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_THIN_H
#define MPS_THIN_H

#include "picture.h"

/* Columns of an image, which is 1100 pixels wide. */
#define MPS_THIN_COLUMNS 1000

/* Curves with no more dots than this are drawn as they are. */
#define MPS_THIN_ABOVE(extent) (4 * (guint)(extent)->columns)

/* The part of the plane that an image shows. */
typedef struct {
    double x_low, x_high, y_low, y_high;
    bool x_logarithmic;
    int columns; /* into which the width is divided, at least 1 */
} mps_extent;

/** Thin the dots of a curve that is no stack.
 *  @param dots  mps_dot, in the order of x
 *  @return mps_dot, at most some per column; the caller frees the array */
GArray *mps_thin(const GArray *dots, mps_curve_style style, const mps_extent *extent);

/* So many ticks are drawn as they are. */
#define MPS_THIN_TICKS_ABOVE 500u

/** Thin ticks: of those with the same label, direction and column the first is kept.
 *  @param ticks  mps_tick
 *  @return mps_tick, by time; the caller frees the array */
GArray *mps_thin_ticks(const GArray *ticks, const mps_extent *extent);

/* Columns of a stack: curves beyond share the last one. */
#define MPS_STACK_MAX 17u

/* Curves on top of each other: the height of each at the same places. */
typedef struct {
    guint count;     /* columns */
    GArray *heights; /* double: of each place, x and then the y of each column, not added up */
} mps_stack;

/** Bring the stacked curves of a panel to the same places; each keeps its value until its next dot,
 *  and has none before its first. @return freed by the caller with mps_stack_clear() */
mps_stack mps_stack_of(const mps_panel *panel);

/** @return the column of a stacked curve, from 0. @param curve  its number among the stacked ones
 */
guint mps_stack_column(guint curve);

/** Thin a stack by the sum of its curves. */
void mps_stack_thin(mps_stack *stack, const mps_extent *extent);

/** @return how many places it has. */
guint mps_stack_places(const mps_stack *stack);

/** Free the memory of a stack. */
void mps_stack_clear(mps_stack *stack);

#endif
