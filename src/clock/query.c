/* query.c: what an estimate says about a segment or a moment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sorted.h"
#include "clock_internal.h"
#include <math.h>

double mps_bend_at(const GArray *bend, double x)
{
    if (!bend)
        return 0;
    const mps_clock_knot *knots = (const mps_clock_knot *)bend->data;
    guint right = 1;
    if (bend->len > 2) /* beyond the ends, the line goes on */
        right = CLAMP(mps_sorted_place(bend, mps_is_left_of, &x), 1, bend->len - 1);
    const mps_clock_knot *left = &knots[right - 1];
    double slope = (knots[right].y - left->y) / (knots[right].x - left->x);
    return left->y + slope * (x - left->x);
}

static mps_axis axis_of(const mps_clock_estimate *estimate)
{
    return (mps_axis){{estimate->reference, estimate->base}, estimate->by_b, estimate->bend, 0};
}

double mps_clock_span_delay(const mps_clock_estimate *estimate, const mps_clock_span *span,
                            bool forward, const mps_clock_sample *sample)
{
    const mps_axis axis = axis_of(estimate);
    double ahead = span->offset + estimate->skew * mps_axis_x(&axis, sample);
    double delay = mps_axis_y(&axis, sample) - ahead;
    return forward ? delay : -delay;
}

/* The span of a segment. If it is in the window of a step, the span is the one that gives the
 * smaller delay that is not negative, or the larger one if both are negative. */
static const mps_clock_span *span_of(const mps_clock_estimate *estimate, bool forward,
                                     const mps_clock_sample *sample)
{
    const mps_axis axis = axis_of(estimate);
    int64_t moment = mps_axis_moment(&axis, sample);
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    guint i = 0;
    while (i + 1 < estimate->spans->len && moment >= spans[i + 1].likely.from)
        i++;
    if (i + 1 == estimate->spans->len || moment <= spans[i].likely.until)
        return &spans[i];
    double before = mps_clock_span_delay(estimate, &spans[i], forward, sample);
    double after = mps_clock_span_delay(estimate, &spans[i + 1], forward, sample);
    bool first = before >= 0 ? after < 0 || before < after : after < 0 && before > after;
    return &spans[first ? i : i + 1];
}

double mps_clock_delay(const mps_clock_estimate *estimate, bool forward,
                       const mps_clock_sample *sample)
{
    return mps_clock_span_delay(estimate, span_of(estimate, forward, sample), forward, sample);
}

int64_t mps_clock_ahead(const mps_clock_estimate *estimate, bool forward, int64_t time_a,
                        int64_t time_b, bool with_skew)
{
    const mps_clock_sample sample = {time_a, mps_minus(time_b, time_a)};
    const mps_clock_span *span = span_of(estimate, forward, &sample);
    double elapsed = (double)mps_minus(time_a, estimate->reference);
    double drift = with_skew ? estimate->skew * elapsed + mps_bend_at(estimate->bend, elapsed) : 0;
    return mps_plus(estimate->base, mps_nearest_ns(span->offset + drift));
}

/* A bound of the time that the other clock, which is not the time axis, shows at a moment of a
 * span.
 * @param least  the lower bound; otherwise the upper bound */
static double by_other_clock(const mps_clock_estimate *estimate, const mps_clock_span *span,
                             int64_t moment, bool least)
{
    double low, high, x = mps_clock_span_x(estimate, span, moment);
    mps_clock_span_bounds(span, estimate->skew_low, estimate->skew_high, x, &low, &high);
    if (estimate->by_b)
        return (double)moment - (least ? high : low);
    return (double)moment + (least ? low : high);
}

/* Can a time of a clock be in a span, from its earliest possible begin to its latest possible end?
 */
static bool may_hold(const mps_clock_estimate *estimate, guint index, bool by_b, double time)
{
    const mps_clock_span *span = &g_array_index(estimate->spans, mps_clock_span, index);
    double from = -INFINITY, until = INFINITY;
    bool is_axis = by_b == estimate->by_b; /* the clock is the time axis */
    if (index > 0)
        from = is_axis ? (double)span[-1].sure.until
                       : by_other_clock(estimate, span, span[-1].sure.until, true);
    if (index + 1 < estimate->spans->len)
        until = is_axis ? (double)span[1].sure.from
                        : by_other_clock(estimate, span, span[1].sure.from, false);
    return from <= time && time <= until;
}

void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t time_b,
                      int64_t *low, int64_t *high)
{
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    double least = INFINITY, most = -INFINITY, x = (double)mps_minus(time_a, estimate->reference);
    double of_b = x + (double)mps_minus(mps_minus(time_b, time_a), estimate->base);
    guint first = estimate->spans->len, last = 0;
    for (guint i = 0; i < estimate->spans->len; i++) {
        if (estimate->spans->len > 1 && !may_hold(estimate, i, false, x) &&
            !may_hold(estimate, i, true, of_b))
            continue;
        first = MIN(first, i);
        last = i;
    }
    if (first > last) { /* in no span: it may be in any */
        first = 0;
        last = estimate->spans->len - 1;
    }
    for (guint i = first; i <= last; i++) {
        double from, to;
        mps_clock_span_bounds(&spans[i], estimate->skew_low, estimate->skew_high, x, &from, &to);
        least = fmin(least, from);
        most = fmax(most, to);
    }
    *low = mps_plus(estimate->base, mps_whole(floor(least)));
    *high = mps_plus(estimate->base, mps_whole(ceil(most)));
}

double mps_clock_drift_max(const mps_clock_estimate *estimate, double span, bool with_skew)
{
    double applied = with_skew ? estimate->skew : 0;
    double rate = fmax(fabs(estimate->rate_low - applied), fabs(estimate->rate_high - applied));
    if (!estimate->bend)
        return rate * span;
    /* A bend that is applied has rates of its own, up to the greatest one. */
    return fmin((with_skew ? 2 * MPS_RATE_MAX : rate) * span, estimate->stray[with_skew]);
}
