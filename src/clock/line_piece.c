/* line_piece.c: cuts the corridors of the subflows into pieces in which the line is straight.
 *
 * There are as few pieces as possible (O'Rourke 1981). Cut from the left to the right, they have
 * the latest possible ends; cut from the right to the left, the earliest possible ones. What lies
 * between the earliest and the latest end belongs to either piece. Each piece and each subflow has
 * an intercept of its own, so that a clock step or a path change only ends a piece.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "line_piece.h"
#include <math.h>

/* Bins next to the end of a piece that are left out, too: the rate may change within a bin. */
#define PIECE_MARGIN 1u

/* Fewer bins do not make a piece. */
#define PIECE_BINS_MIN 2u

static void free_piece(gpointer data)
{
    mps_line_piece *piece = data;
    mps_clock_spans_free(piece->spans);
}

static GArray *spans_between(const mps_corridors *corridors, guint from, guint until)
{
    GArray *spans = g_array_new(FALSE, TRUE, sizeof(mps_clock_span));
    mps_corridors_between(corridors, from, until, spans);
    return spans;
}

bool mps_line_fits(const GArray *spans, mps_line_choice line)
{
    double slack = mps_clock_spans_slack(spans, line.skew);
    if (slack < 0 && line.any)
        mps_clock_spans_best(spans, MPS_RATE_MAX, &slack);
    return slack >= 0;
}

static bool fits_between(const mps_corridors *corridors, guint from, guint until,
                         mps_line_choice line)
{
    GArray *spans = spans_between(corridors, from, until);
    bool result = mps_line_fits(spans, line);
    mps_clock_spans_free(spans);
    return result;
}

guint mps_line_end(const mps_corridors *corridors, guint from, mps_line_choice line)
{
    guint good = from + 1, bad = corridors->grid.bins + 1;
    while (bad - good > 1) {
        guint middle = bad == corridors->grid.bins + 1 ? bad - 1 : good + (bad - good) / 2;
        if (fits_between(corridors, from, middle, line))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

/* The begin of the longest piece that ends before a bin. */
static guint begin_of_piece(const mps_corridors *corridors, guint until, mps_line_choice line)
{
    guint good = until - 1, bad = 0;
    if (fits_between(corridors, 0, until, line))
        return 0;
    while (good - bad > 1) {
        guint middle = bad + (good - bad) / 2;
        if (fits_between(corridors, middle, until, line))
            good = middle;
        else
            bad = middle;
    }
    return good;
}

bool mps_line_cut(const mps_corridors *corridors, mps_line_choice line, mps_cuts *cuts)
{
    guint bins = corridors->grid.bins;
    *cuts = (mps_cuts){.count = 0};
    while (cuts->latest[cuts->count] < bins && cuts->count < MPS_PIECES_MAX) {
        guint end = mps_line_end(corridors, cuts->latest[cuts->count], line);
        cuts->latest[++cuts->count] = end;
    }
    if (cuts->latest[cuts->count] < bins)
        return false;
    cuts->earliest[cuts->count] = bins;
    for (guint i = cuts->count - 1; i > 0; i--)
        cuts->earliest[i] = begin_of_piece(corridors, cuts->earliest[i + 1], line);
    return true;
}

/* A piece: what is in it for certain, or else what is likely in it. */
static mps_line_piece piece_at(const mps_cuts *cuts, guint index)
{
    bool first = index == 0, last = index + 1 == cuts->count;
    const guint *latest = cuts->latest + index, *earliest = cuts->earliest + index;
    guint from = first ? 0 : latest[0] + PIECE_MARGIN;
    guint until = last ? latest[1] : MAX(earliest[1], PIECE_MARGIN) - PIECE_MARGIN;
    bool certain = from + PIECE_BINS_MIN <= until;
    if (!certain) {
        from = first ? 0 : (latest[0] + earliest[0]) / 2;
        until = last ? latest[1] : (latest[1] + earliest[1]) / 2;
    }
    return (mps_line_piece){from, until, certain, NULL, 0};
}

GArray *mps_line_pieces(const mps_corridors *corridors, const mps_cuts *cuts)
{
    GArray *pieces = g_array_new(FALSE, TRUE, sizeof(mps_line_piece));
    g_array_set_clear_func(pieces, free_piece);
    for (guint i = 0; i < cuts->count; i++) {
        mps_line_piece piece = piece_at(cuts, i);
        double slack;
        if (piece.from + PIECE_BINS_MIN > piece.until)
            continue;
        piece.spans = spans_between(corridors, piece.from, piece.until);
        piece.slope = mps_clock_spans_best(piece.spans, MPS_RATE_MAX, &slack);
        g_array_append_val(pieces, piece);
    }
    return pieces;
}
