/* query.c: what an estimate says of a segment, or of a moment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

double mps_clock_span_delay(const mps_clock_estimate *estimate, const mps_clock_span *piece,
                            bool forward, const mps_clock_sample *sample)
{
    double x = (double)mps_minus(sample->a, estimate->reference);
    double ahead = piece->offset + estimate->skew * x;
    double delay = (double)mps_minus(sample->y, estimate->base) - ahead;
    return forward ? delay : -delay;
}

/* The piece in which a segment lies: where a clock was set meanwhile, that in which its delay is
 * the least that is possible. */
static const mps_clock_span *piece_of(const mps_clock_estimate *estimate, bool forward,
                                      const mps_clock_sample *sample)
{
    const mps_axis axis = {{estimate->reference, estimate->base}, estimate->by_b};
    int64_t moment = mps_axis_moment(&axis, sample);
    const mps_clock_span *pieces = (const mps_clock_span *)estimate->pieces->data;
    guint i = 0;
    while (i + 1 < estimate->pieces->len && moment >= pieces[i + 1].likely.from)
        i++;
    if (i + 1 == estimate->pieces->len || moment <= pieces[i].likely.until)
        return &pieces[i];
    double before = mps_clock_span_delay(estimate, &pieces[i], forward, sample);
    double after = mps_clock_span_delay(estimate, &pieces[i + 1], forward, sample);
    bool first = before >= 0 ? after < 0 || before < after : after < 0 && before > after;
    return &pieces[first ? i : i + 1];
}

double mps_clock_delay(const mps_clock_estimate *estimate, bool forward,
                       const mps_clock_sample *sample)
{
    return mps_clock_span_delay(estimate, piece_of(estimate, forward, sample), forward, sample);
}

int64_t mps_clock_ahead(const mps_clock_estimate *estimate, bool forward, int64_t time_a,
                        int64_t time_b, bool with_skew)
{
    const mps_clock_sample sample = {time_a, mps_minus(time_b, time_a)};
    const mps_clock_span *piece = piece_of(estimate, forward, &sample);
    double elapsed = (double)mps_minus(time_a, estimate->reference);
    double skew = with_skew ? estimate->skew : 0;
    return estimate->base + mps_nearest_ns(piece->offset + skew * elapsed);
}

/* The least, or the greatest, time that the other clock than the one that tells moments can show at
 * a moment of a piece. */
static double by_other_clock(const mps_clock_estimate *estimate, const mps_clock_span *piece,
                             int64_t moment, bool least)
{
    double low, high, x = mps_clock_span_x(estimate, piece, moment);
    mps_clock_span_bounds(piece, estimate->skew_low, estimate->skew_high, x, &low, &high);
    if (estimate->by_b)
        return (double)moment - (least ? high : low);
    return (double)moment + (least ? low : high);
}

/* Can a piece hold a time of a clock: from when it may have begun to when it may have ended? */
static bool may_hold(const mps_clock_estimate *estimate, guint index, bool by_b, double time)
{
    const mps_clock_span *piece = &g_array_index(estimate->pieces, mps_clock_span, index);
    double from = -INFINITY, until = INFINITY;
    bool tells = by_b == estimate->by_b; /* the clock that tells moments */
    if (index > 0)
        from = tells ? (double)piece[-1].sure.until
                     : by_other_clock(estimate, piece, piece[-1].sure.until, true);
    if (index + 1 < estimate->pieces->len)
        until = tells ? (double)piece[1].sure.from
                      : by_other_clock(estimate, piece, piece[1].sure.from, false);
    return from <= time && time <= until;
}

void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t time_b,
                      int64_t *low, int64_t *high)
{
    const mps_clock_span *pieces = (const mps_clock_span *)estimate->pieces->data;
    double least = INFINITY, most = -INFINITY, x = (double)mps_minus(time_a, estimate->reference);
    double of_b = x + (double)mps_minus(mps_minus(time_b, time_a), estimate->base);
    guint first = estimate->pieces->len, last = 0;
    for (guint i = 0; i < estimate->pieces->len; i++) {
        if (!may_hold(estimate, i, false, x) && !may_hold(estimate, i, true, of_b))
            continue;
        first = MIN(first, i);
        last = i;
    }
    if (first > last) { /* in none: as in any of them */
        first = 0;
        last = estimate->pieces->len - 1;
    }
    for (guint i = first; i <= last; i++) {
        double from, to;
        mps_clock_span_bounds(&pieces[i], estimate->skew_low, estimate->skew_high, x, &from, &to);
        least = fmin(least, from);
        most = fmax(most, to);
    }
    *low = estimate->base + (int64_t)floor(least);
    *high = estimate->base + (int64_t)ceil(most);
}
