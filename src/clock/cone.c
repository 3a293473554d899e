/* cone.c: where the line of the clock can lie if its rate changes.
 *
 * A point bounds the line at its own x, and elsewhere with a slope of the greatest rate: the line
 * lies outside of the cone that the point is the tip of. This holds for all rates up to
 * MPS_RATE_MAX.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sorted.h"
#include "clock_internal.h"
#include <math.h>

/* Does the cone of a point bound the line at the x of another point at least as closely? */
static bool is_covered(bool forward, const mps_clock_point *by, const mps_clock_point *point)
{
    double reach = MPS_RATE_MAX * fabs(point->x - by->x);
    return forward ? point->y >= by->y + reach : point->y <= by->y - reach;
}

/* Append a point, unless another cone covers it, and remove those that it covers. Of two successive
 * points neither covers the other; then the same is true of all points. */
static void add_tip(GArray *tips, bool forward, const mps_clock_point *point)
{
    const mps_clock_point *all = (const mps_clock_point *)tips->data;
    if (tips->len > 0 && is_covered(forward, &all[tips->len - 1], point))
        return;
    while (tips->len > 0 && is_covered(forward, point, &all[tips->len - 1]))
        g_array_set_size(tips, tips->len - 1);
    g_array_append_vals(tips, point, 1);
}

/* The tips of each series, by span: those of a series are in order. */
static void add_series(const mps_hull *hull, double widen, GArray *tips)
{
    GArray *own = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    bool forward = hull->series->forward;
    mps_clock_point point;
    for (guint i = 0; i < hull->series->samples->len; i++) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        point.y += mps_bend_at(hull->axis->bend, point.x) + (forward ? widen : -widen);
        add_tip(own, forward, &point);
    }
    g_array_append_vals(tips, own->data, own->len);
    g_array_free(own, TRUE);
}

static gint compare_x(gconstpointer a, gconstpointer b)
{
    double x = ((const mps_clock_point *)a)->x, y = ((const mps_clock_point *)b)->x;
    return (x > y) - (x < y);
}

/* Sort the tips of several series, and keep those that no other one covers. */
static void merge(GArray *tips, bool forward)
{
    guint count = tips->len;
    g_array_sort(tips, compare_x);
    GArray *kept = g_array_sized_new(FALSE, FALSE, sizeof(mps_clock_point), count);
    for (guint i = 0; i < count; i++)
        add_tip(kept, forward, &g_array_index(tips, mps_clock_point, i));
    g_array_set_size(tips, 0);
    g_array_append_vals(tips, kept->data, kept->len);
    g_array_free(kept, TRUE);
}

void mps_cones_make(const GArray *hulls, int64_t resolution, GArray *spans)
{
    for (guint i = 0; i < spans->len; i++)
        for (unsigned k = 0; k < 2; k++)
            g_array_index(spans, mps_clock_span, i).cones[k] =
                g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        mps_clock_span *span = &g_array_index(spans, mps_clock_span, hull->span);
        add_series(hull, (double)resolution, span->cones[hull->series->forward]);
    }
    for (guint i = 0; i < spans->len; i++)
        for (unsigned k = 0; k < 2; k++)
            merge(g_array_index(spans, mps_clock_span, i).cones[k], k);
}

/* The closest bound of the cones at x: of the nearest one on the left or on the right. */
static double closest(const GArray *tips, bool forward, double x)
{
    guint right = mps_sorted_place(tips, mps_is_left_of, &x);
    double bound = forward ? INFINITY : -INFINITY;
    for (guint i = right > 0 ? right - 1 : 0; i < tips->len && i <= right; i++) {
        const mps_clock_point *tip = &g_array_index(tips, mps_clock_point, i);
        double reach = MPS_RATE_MAX * fabs(x - tip->x);
        bound = forward ? fmin(bound, tip->y + reach) : fmax(bound, tip->y - reach);
    }
    return bound;
}

void mps_cones_bounds(const mps_clock_span *span, double x, double *low, double *high)
{
    *low = closest(span->cones[0], false, x);
    *high = closest(span->cones[1], true, x);
}

/* The least and the greatest value of the bounds beyond what is applied at some x. */
static void extend(const mps_clock_estimate *estimate, bool with_skew, double x, double bound,
                   double extent[2])
{
    double applied = with_skew ? estimate->skew * x + mps_bend_at(estimate->bend, x) : 0;
    extent[0] = fmin(extent[0], bound - applied);
    extent[1] = fmax(extent[1], bound - applied);
}

double mps_cones_extent(const mps_clock_estimate *estimate, bool with_skew)
{
    double extent[2] = {INFINITY, -INFINITY}, bounds[2];
    const double ends[2] = {0, (double)estimate->duration};
    for (guint i = 0; i < estimate->spans->len; i++) {
        const mps_clock_span *span = &g_array_index(estimate->spans, mps_clock_span, i);
        for (unsigned k = 0; k < 4; k++) {
            mps_cones_bounds(span, ends[k / 2], &bounds[0], &bounds[1]);
            extend(estimate, with_skew, ends[k / 2], bounds[k % 2], extent);
        }
        for (unsigned k = 0; k < 2; k++)
            for (guint n = 1; n < span->cones[k]->len; n++) {
                const mps_clock_point *tip = &g_array_index(span->cones[k], mps_clock_point, n);
                /* Between two tips the bound and what is applied may differ by this much more. */
                double more = MPS_RATE_MAX * (tip->x - tip[-1].x);
                extend(estimate, with_skew, tip->x, tip->y + (k ? more : -more), extent);
                extend(estimate, with_skew, tip[-1].x, tip[-1].y + (k ? more : -more), extent);
            }
    }
    return extent[1] - extent[0];
}
