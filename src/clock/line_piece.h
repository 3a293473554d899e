/* line_piece.h: cuts the corridors of the subflows into pieces in which the line is straight.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LINE_PIECE_H
#define MPS_LINE_PIECE_H

#include "corridor.h"

/* A clock whose line has more pieces than this is not understood. */
#define MPS_PIECES_MAX 32u

/* A piece of the line. */
typedef struct {
    guint from, until; /* bins: the first one, and the one after the last */
    bool certain;      /* all of it belongs to this piece */
    GArray *spans;     /* mps_clock_span: what each corridor leaves there */
    double slope;      /* that with most slack, as a ratio */
} mps_line_piece;

/* The skews that a line may have. */
typedef struct {
    double skew; /* this one */
    bool any;    /* or any other one */
} mps_line_choice;

/** @return whether a line fits all spans, with an intercept of its own in each.
 *  @param spans  mps_clock_span, with joint hulls only */
bool mps_line_fits(const GArray *spans, mps_line_choice line);

/** @return the end of the longest piece that begins with a bin: the bin after it. */
guint mps_line_end(const mps_corridors *corridors, guint from, mps_line_choice line);

/* The ends of the fewest pieces: the latest possible ones and the earliest possible ones. */
typedef struct {
    guint latest[MPS_PIECES_MAX + 1], earliest[MPS_PIECES_MAX + 1]; /* of piece i: at i + 1; bins */
    guint count;
} mps_cuts;

/** Cut the line into the fewest pieces. @return false: too many would be needed */
bool mps_line_cut(const mps_corridors *corridors, mps_line_choice line, mps_cuts *cuts);

/** @return mps_line_piece, in order: the pieces with at least two bins; the caller frees it with
 *  g_array_unref(). */
GArray *mps_line_pieces(const mps_corridors *corridors, const mps_cuts *cuts);

#endif
