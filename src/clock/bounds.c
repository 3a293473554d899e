/* bounds.c: where the line of the clock can lie: below all forward points and above all backward
 * points (Duda et al. 1987; Jezequel 1989), in each span between steps, with one skew for all
 * spans.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sorted.h"
#include "clock_internal.h"
#include <math.h>

/* Bisections of an interval of 10^-3: the rest is below 10^-18, less than a ns in a century. */
#define SKEW_HALVINGS 52

/* Steps of the ternary search. Each leaves two thirds of the interval, so that about 1.7 of them do
 * as much as a bisection. */
#define SKEW_THIRDS (2 * SKEW_HALVINGS)

/* Skews that are searched only to find the reason why no line fits, as a ratio. */
#define SKEW_SEARCH_MAX 0.5

static gint compare_points(gconstpointer a, gconstpointer b)
{
    const mps_clock_point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* The joint hull of all series of one direction, made of the corners of their hulls. */
static GArray *join(const GArray *hulls, guint span, bool forward, int64_t resolution)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    GArray *joint = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    double widen = (double)(forward ? resolution : -resolution);
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (hull->span == span && hull->series->forward == forward)
            g_array_append_vals(all, hull->corners->data, hull->corners->len);
    }
    g_array_sort(all, compare_points);
    for (guint i = 0; i < all->len; i++) {
        mps_clock_point corner = g_array_index(all, mps_clock_point, i);
        corner.y += widen;
        mps_hull_add(joint, forward, corner);
    }
    g_array_free(all, TRUE);
    return joint;
}

double mps_clock_spans_slack(const GArray *spans, double skew)
{
    double slack = INFINITY;
    for (guint i = 0; i < spans->len; i++) {
        const mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        slack = fmin(slack, mps_hull_intercept(span->above, true, skew) -
                                mps_hull_intercept(span->below, false, skew));
    }
    return slack;
}

/* The skew with the largest slack, which is a concave function of the skew (ternary search). */
static double skew_of_most_slack(const GArray *spans, double from, double to)
{
    for (unsigned i = 0; i < SKEW_THIRDS; i++) {
        double third = (to - from) / 3;
        if (mps_clock_spans_slack(spans, from + third) < mps_clock_spans_slack(spans, to - third))
            from += third;
        else
            to -= third;
    }
    return (from + to) / 2;
}

double mps_clock_spans_best(const GArray *spans, double most, double *slack)
{
    double best = skew_of_most_slack(spans, -most, most);
    *slack = mps_clock_spans_slack(spans, best);
    return best;
}

/* The last skew with slack for the line, from `inside`, which has slack, towards `outside`. */
static double skew_limit(const GArray *spans, double inside, double outside)
{
    if (mps_clock_spans_slack(spans, outside) >= 0)
        return outside;
    for (unsigned i = 0; i < SKEW_HALVINGS; i++) {
        double middle = (inside + outside) / 2;
        if (mps_clock_spans_slack(spans, middle) >= 0)
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

static mps_clock_reason reason_for_no_fit(const GArray *spans)
{
    if (mps_clock_spans_slack(spans,
                              skew_of_most_slack(spans, -SKEW_SEARCH_MAX, SKEW_SEARCH_MAX)) >= 0)
        return MPS_CLOCK_RATES_TOO_FAR;
    return MPS_CLOCK_NO_FIT;
}

GArray *mps_clock_spans_make(const GArray *hulls, guint count, int64_t resolution)
{
    GArray *spans = g_array_new(FALSE, TRUE, sizeof(mps_clock_span));
    g_array_set_size(spans, count);
    for (guint i = 0; i < count; i++) {
        mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        span->above = join(hulls, i, true, resolution);
        span->below = join(hulls, i, false, resolution);
    }
    return spans;
}

mps_clock_reason mps_clock_spans_fit(GArray *spans, double most, double *low, double *high)
{
    double slack, inside = mps_clock_spans_best(spans, most, &slack);
    if (slack < 0)
        return reason_for_no_fit(spans);
    *low = skew_limit(spans, inside, -most);
    *high = skew_limit(spans, inside, most);
    for (guint i = 0; i < spans->len; i++) {
        mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        for (unsigned k = 0; k < 2; k++) {
            span->high[k] = mps_hull_intercept(span->above, true, k ? *high : *low);
            span->low[k] = mps_hull_intercept(span->below, false, k ? *high : *low);
        }
    }
    return MPS_CLOCK_REASON_NONE;
}

void mps_clock_spans_free(GArray *spans)
{
    for (guint i = 0; spans && i < spans->len; i++) {
        mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        g_array_free(span->above, TRUE);
        g_array_free(span->below, TRUE);
        for (unsigned k = 0; k < 2; k++)
            g_clear_pointer(&span->cones[k], g_array_unref);
    }
    if (spans)
        g_array_free(spans, TRUE);
}

static bool is_not_right_of(const void *element, const void *key)
{
    return ((const mps_clock_point *)element)->x <= *(const double *)key;
}

/* The index of the first corner right of x; the number of corners if there is none. */
static guint first_right_of(const GArray *corners, double x)
{
    return mps_sorted_place(corners, is_not_right_of, &x);
}

/* The slope of the hull's edge to the left of a corner. It is infinite beyond the ends of the hull,
 * where the line that bounds turns about the last corner.
 * @param index  of the corner; the number of corners: beyond the last one */
static double slope_left_of(const GArray *corners, bool forward, guint index)
{
    if (index == 0)
        return forward ? -INFINITY : INFINITY;
    if (index == corners->len)
        return forward ? INFINITY : -INFINITY;
    const mps_clock_point *right = &g_array_index(corners, mps_clock_point, index);
    return (right->y - right[-1].y) / (right->x - right[-1].x);
}

/* The slope of the hull's edge at x. */
static double slope_at(const GArray *corners, bool forward, double x)
{
    return slope_left_of(corners, forward, first_right_of(corners, x));
}

/* The bound of all lines at x: the hull itself where its slope is a possible skew, otherwise the
 * line with the possible skew that is nearest to the slope. */
static double extreme_at(const GArray *corners, bool forward, const double intercepts[2],
                         const double skews[2], double x)
{
    guint right = first_right_of(corners, x);
    double slope = slope_left_of(corners, forward, right);
    if (slope <= skews[0])
        return intercepts[0] + skews[0] * x;
    if (slope >= skews[1])
        return intercepts[1] + skews[1] * x;
    const mps_clock_point *left = &g_array_index(corners, mps_clock_point, right - 1);
    return left->y + slope * (x - left->x);
}

void mps_clock_span_bounds(const mps_clock_span *span, double skew_low, double skew_high, double x,
                           double *low, double *high)
{
    const double skews[2] = {skew_low, skew_high};
    if (span->cones[0]) {
        mps_cones_bounds(span, x, low, high);
        return;
    }
    *high = extreme_at(span->above, true, span->high, skews, x);
    *low = extreme_at(span->below, false, span->low, skews, x);
}

double mps_clock_slack_between(mps_clock *clock, const mps_axis *axis, const GArray *steps)
{
    GArray *hulls = mps_hulls_make(clock, axis, steps);
    GArray *spans = mps_clock_spans_make(hulls, steps->len + 1, clock->resolution);
    double slack;
    mps_clock_spans_best(spans, MPS_SKEW_MAX, &slack);
    mps_clock_spans_free(spans);
    mps_hulls_free(hulls);
    return slack;
}

double mps_clock_span_x(const mps_clock_estimate *estimate, const mps_clock_span *span,
                        int64_t moment)
{
    double at = (double)moment;
    return estimate->by_b ? (at - span->middle) / (1 + estimate->skew) : at;
}

/* A line touches a corner if its skew lies between the slopes of the two edges of the corner. */
static void count_supporting(const GArray *corners, bool forward, double low, double high,
                             guint *supporting)
{
    for (guint i = 0; i < corners->len; i++) {
        const mps_clock_point *corner = &g_array_index(corners, mps_clock_point, i);
        double left = slope_at(corners, forward, nextafter(corner->x, -INFINITY));
        double right = slope_at(corners, forward, corner->x);
        if (fmin(left, right) <= high && fmax(left, right) >= low)
            supporting[corner->series]++;
    }
}

void mps_clock_spans_count_supporting(const GArray *spans, double skew_low, double skew_high,
                                      guint *supporting)
{
    for (guint i = 0; i < spans->len; i++) {
        const mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        count_supporting(span->above, true, skew_low, skew_high, supporting);
        count_supporting(span->below, false, skew_low, skew_high, supporting);
    }
}
