/* rate_change.c: finds the rates of a clock whose rate changes, as when NTP slews it, and the bend
 * of its line.
 *
 * The rate has changed if the line needs more pieces with one skew than with a skew for each piece:
 * then clock steps and path changes, which only end a piece, do not explain the delays.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "line_piece.h"
#include <math.h>

/* The rate of a piece that is at least this part of the capture may be that of the clock. */
#define LONG_PIECE_DIVISOR 8

/* A rate with wider bounds, as a ratio, is not worth an output. */
#define RATE_BOUNDS_MAX 400e-6

/* The spans of several pieces, as one array that owns nothing. */
static GArray *spans_of(const GArray *pieces, guint from, guint until)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_clock_span));
    for (guint i = from; i < until; i++) {
        const GArray *spans = g_array_index(pieces, mps_line_piece, i).spans;
        g_array_append_vals(all, spans->data, spans->len);
    }
    return all;
}

static bool have_one_rate(const GArray *pieces, guint from, guint until)
{
    GArray *spans = spans_of(pieces, from, until);
    const mps_line_choice line = {g_array_index(pieces, mps_line_piece, from).slope, true};
    bool result = mps_line_fits(spans, line);
    g_array_free(spans, TRUE);
    return result;
}

static double x_of(const mps_corridors *corridors, guint bin)
{
    return corridors->grid.first + bin * corridors->grid.width;
}

static double least_tolerance(const mps_corridors *corridors)
{
    double least = INFINITY;
    for (guint i = 0; i < corridors->all->len; i++)
        least = fmin(least, g_array_index(corridors->all, mps_corridor, i).tolerance);
    return least;
}

/* Give the pieces of a run one slope, and append their rate, unless it is hardly known. */
static void add_rate(const mps_corridors *corridors, const mps_axis *axis, GArray *pieces,
                     guint from, guint until, GArray *rates)
{
    GArray *spans = spans_of(pieces, from, until);
    mps_line_piece *all = (mps_line_piece *)pieces->data;
    mps_clock_rate rate = {
        mps_plus(axis->origin.a, mps_whole(x_of(corridors, all[from].from))),
        mps_plus(axis->origin.a, mps_whole(x_of(corridors, all[until - 1].until))), 0, 0, 0};
    double slack;
    rate.rate = mps_clock_spans_best(spans, MPS_RATE_MAX, &slack);
    for (guint i = from; i < until; i++)
        all[i].slope = rate.rate;
    if (all[from].certain &&
        mps_clock_spans_fit(spans, MPS_RATE_MAX, &rate.low, &rate.high) == MPS_CLOCK_REASON_NONE &&
        rate.high - rate.low <= RATE_BOUNDS_MAX) {
        double hidden = 2 * least_tolerance(corridors) / (double)(rate.until - rate.from);
        rate.low -= hidden; /* the rate may change by so little that a line fits */
        rate.high += hidden;
        g_array_append_val(rates, rate);
    }
    g_array_free(spans, TRUE);
}

/* Append a rate for each run of pieces that one rate fits. */
static void add_rates(const mps_corridors *corridors, const mps_axis *axis, GArray *pieces,
                      GArray *rates)
{
    const mps_line_piece *all = (const mps_line_piece *)pieces->data;
    for (guint i = 0, next; i < pieces->len; i = next) {
        next = i + 1;
        while (next < pieces->len && all[i].certain && all[next].certain &&
               have_one_rate(pieces, i, next + 1))
            next++;
        add_rate(corridors, axis, pieces, i, next, rates);
    }
}

/* The skew that fits the certain pieces best. */
static double common_skew(const GArray *pieces)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_clock_span));
    double slack;
    for (guint i = 0; i < pieces->len; i++) {
        const mps_line_piece *piece = &g_array_index(pieces, mps_line_piece, i);
        if (piece->certain)
            g_array_append_vals(all, piece->spans->data, piece->spans->len);
    }
    double skew = mps_clock_spans_best(all, MPS_RATE_MAX, &slack);
    g_array_free(all, TRUE);
    return skew;
}

/* Do as many pieces suffice if all of them have this skew? */
static bool suffice(const mps_corridors *corridors, double skew, guint count)
{
    const mps_line_choice line = {skew, false};
    guint end = 0;
    while (end < corridors->grid.bins && count-- > 0)
        end = mps_line_end(corridors, end, line);
    return end == corridors->grid.bins;
}

/* Has the clock one rate? Then as many pieces suffice if all of them have it. */
static bool is_even(const mps_corridors *corridors, const GArray *pieces, guint count, double skew)
{
    guint bins = corridors->grid.bins;
    if (suffice(corridors, skew, count) || suffice(corridors, common_skew(pieces), count))
        return true;
    for (guint i = 0; i < pieces->len; i++) {
        const mps_line_piece *piece = &g_array_index(pieces, mps_line_piece, i);
        if (piece->until - piece->from >= bins / LONG_PIECE_DIVISOR &&
            suffice(corridors, piece->slope, count))
            return true;
    }
    return false;
}

/* The middle of what the corridor leaves for the line of a piece at x, ns.
 * @param[out] slack  there, ns; infinite where it is unknown */
static double line_at(const mps_line_piece *piece, guint corridor, double x, double *slack)
{
    const mps_clock_span *span = &g_array_index(piece->spans, mps_clock_span, corridor);
    double high = mps_hull_intercept(span->above, true, piece->slope),
           low = mps_hull_intercept(span->below, false, piece->slope);
    *slack = high - low;
    return (high + low) / 2 + piece->slope * x;
}

/* How the line changes between the end of a piece and the begin of the next one, ns, by the
 * corridor that shows it best; NAN: none does. */
static double change_between(const mps_line_piece *piece, double end, double begin)
{
    double best = INFINITY, change = NAN, slack[2];
    for (guint i = 0; i < piece->spans->len; i++) {
        double from = line_at(piece, i, end, &slack[0]);
        double to = line_at(piece + 1, i, begin, &slack[1]);
        if (slack[0] + slack[1] < best) {
            best = slack[0] + slack[1];
            change = to - from;
        }
    }
    return change;
}

/* Append the knots between two pieces. If the lines meet there, they do so in one knot. If the line
 * cannot change so much, it is not the rate that changed: a clock was set, or a path changed. */
static void add_knots(const mps_corridors *corridors, const mps_line_piece *piece, GArray *knots)
{
    mps_clock_knot at = g_array_index(knots, mps_clock_knot, knots->len - 1);
    double end = x_of(corridors, piece->until), begin = x_of(corridors, piece[1].from);
    double gap = begin - end, change = change_between(piece, end, begin);
    at.y += piece->slope * (end - at.x);
    if (!(fabs(change) <= MPS_RATE_MAX * gap))
        change = (piece->slope + piece[1].slope) / 2 * gap;
    /* Parallel lines meet nowhere: infinite, or NaN if they are one line. Neither is in the gap. */
    double meet = (piece[1].slope * gap - change) / (piece[1].slope - piece->slope);
    mps_clock_knot knot = {end + meet, at.y + piece->slope * meet};
    if (meet >= 0 && meet <= gap) {
        g_array_append_val(knots, knot);
        return;
    }
    knot = (mps_clock_knot){end, at.y};
    g_array_append_val(knots, knot);
    knot = (mps_clock_knot){begin, at.y + change};
    g_array_append_val(knots, knot);
}

/* The line of all pieces: mps_clock_knot, from x = 0. */
static GArray *line_of(const mps_corridors *corridors, const GArray *pieces)
{
    GArray *knots = g_array_new(FALSE, TRUE, sizeof(mps_clock_knot));
    const mps_line_piece *all = (const mps_line_piece *)pieces->data;
    g_array_set_size(knots, 1);
    for (guint i = 0; i + 1 < pieces->len; i++)
        add_knots(corridors, &all[i], knots);
    const mps_clock_knot *at = &g_array_index(knots, mps_clock_knot, knots->len - 1);
    double end = x_of(corridors, corridors->grid.bins);
    mps_clock_knot last = {end, at->y + all[pieces->len - 1].slope * (end - at->x)};
    g_array_append_val(knots, last);
    return knots;
}

/* Take the straight line between the first and the last knot from all knots. */
static void take_mean(GArray *knots)
{
    mps_clock_knot *all = (mps_clock_knot *)knots->data;
    double mean = all[knots->len - 1].y / all[knots->len - 1].x;
    for (guint i = 0; i < knots->len; i++)
        all[i].y -= mean * all[i].x;
}

/* What is known before the rates are. */
typedef struct {
    const mps_clock *clock;
    const mps_axis *axis;
    GArray *steps; /* mps_step */
    double skew;
} mps_rate_search;

/* Find the line with a guess, and its rates.
 * @return mps_clock_knot; NULL: no change of the rate is shown */
static GArray *find_line(const mps_rate_search *search, const GArray *guess, GArray *rates,
                         double *tolerance)
{
    mps_corridors corridors;
    mps_cuts cuts;
    GArray *line = NULL;
    const mps_line_choice any = {search->skew, true};
    mps_corridors_make(&corridors, search->clock, search->axis, search->steps, guess);
    if (corridors.all->len > 0 && mps_line_cut(&corridors, any, &cuts) && cuts.count > 1) {
        GArray *pieces = mps_line_pieces(&corridors, &cuts);
        if (pieces->len > 1 && !is_even(&corridors, pieces, cuts.count, search->skew)) {
            g_array_set_size(rates, 0);
            add_rates(&corridors, search->axis, pieces, rates);
            line = line_of(&corridors, pieces);
            *tolerance = least_tolerance(&corridors);
        }
        g_array_unref(pieces);
    }
    mps_corridors_clear(&corridors);
    return line;
}

/* The steps of an estimate, or those that the delays show if it has no line. */
static GArray *steps_of(const mps_clock *clock, const mps_axis *axis,
                        const mps_clock_estimate *estimate)
{
    if (!estimate->spans)
        return mps_steps_find(clock, axis);
    GArray *steps = g_array_new(FALSE, FALSE, sizeof(mps_step));
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    for (guint i = 0; i + 1 < estimate->spans->len; i++) {
        mps_step step = {{spans[i].likely.until, spans[i + 1].likely.from}, 0};
        if (!spans[i + 1].suspected)
            g_array_append_val(steps, step);
    }
    return steps;
}

bool mps_rates_find(const mps_clock *clock, const mps_axis *axis,
                    const mps_clock_estimate *estimate, GArray *rates, GArray **bend,
                    double *tolerance)
{
    if (axis->by_b)
        return false;
    double skew = estimate->spans && estimate->has_skew ? estimate->skew : 0;
    const mps_clock_knot ends[] = {{0, 0}, {1e9, skew * 1e9}};
    GArray *guess = g_array_new(FALSE, FALSE, sizeof(mps_clock_knot));
    g_array_append_vals(guess, ends, G_N_ELEMENTS(ends));
    const mps_rate_search search = {clock, axis, steps_of(clock, axis, estimate), skew};
    GArray *line = find_line(&search, guess, rates, tolerance);
    if (line) { /* corrected by the line, the round trips are known better */
        g_array_free(guess, TRUE);
        guess = line;
        line = find_line(&search, guess, rates, tolerance);
        *bend = line ? line : g_array_ref(guess);
        take_mean(*bend);
    }
    bool changed = *bend != NULL;
    g_array_unref(guess);
    g_array_free(search.steps, TRUE);
    return changed;
}
