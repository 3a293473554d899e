/* hull.c: the few points of each series that bound the line of the clock.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

static gint compare_samples(gconstpointer a, gconstpointer b)
{
    const mps_clock_sample *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->y > y->y) - (x->y < y->y);
}

/* Sort the samples of all series by A's time. */
static void sort_samples(mps_clock *clock)
{
    for (guint i = 0; i < clock->all->len; i++) {
        mps_delay_series *series = clock->all->pdata[i];
        if (series->unordered)
            g_array_sort(series->samples, compare_samples);
        series->unordered = false;
    }
}

/* Does the corner b bound no line, because it is on the line from a to c or on its far side? */
static bool is_redundant(bool forward, const mps_clock_point *a, const mps_clock_point *b,
                         const mps_clock_point *c)
{
    double turn = (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
    return forward ? turn <= 0 : turn >= 0;
}

void mps_hull_add(GArray *corners, bool forward, mps_clock_point corner)
{
    while (corners->len > 0) {
        const mps_clock_point *last = &g_array_index(corners, mps_clock_point, corners->len - 1);
        bool same_time = last->x == corner.x;
        if (same_time && (forward ? last->y <= corner.y : last->y >= corner.y))
            return;
        if (!same_time && (corners->len < 2 || !is_redundant(forward, last - 1, last, &corner)))
            break;
        g_array_set_size(corners, corners->len - 1);
    }
    g_array_append_val(corners, corner);
}

double mps_hull_intercept(const GArray *corners, bool forward, double skew)
{
    double best = forward ? INFINITY : -INFINITY;
    for (guint i = 0; i < corners->len; i++) {
        const mps_clock_point *corner = &g_array_index(corners, mps_clock_point, i);
        double value = corner->y - skew * corner->x;
        best = forward ? fmin(best, value) : fmax(best, value);
    }
    return best;
}

/* @return the index of the span of a moment; -1: it is in the window of a step */
static int span_at(const GArray *steps, int64_t moment)
{
    int span = 0;
    for (guint i = 0; i < steps->len; i++) {
        const mps_window *window = &g_array_index(steps, mps_step, i).window;
        if (moment < window->from)
            break;
        if (moment <= window->until)
            return -1;
        span++;
    }
    return span;
}

static mps_clock_point point_of(const mps_delay_series *series, const mps_axis *axis,
                                const mps_clock_sample *sample)
{
    return (mps_clock_point){mps_axis_x(axis, sample), mps_axis_y(axis, sample), series->index};
}

/* The hull of a series in a span, made if it does not exist yet.
 * @param first   index of the first hull of the series
 * @param wanted  the series and the span */
static mps_hull *hull_of(GArray *hulls, guint first, const mps_hull *wanted)
{
    for (guint i = first; i < hulls->len; i++) {
        mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (hull->span == wanted->span)
            return hull;
    }
    g_array_append_vals(hulls, wanted, 1);
    mps_hull *added = &g_array_index(hulls, mps_hull, hulls->len - 1);
    added->corners = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    return added;
}

static void add_point(mps_hull *hull, mps_clock_point point)
{
    mps_hull_add(hull->corners, hull->series->forward, point);
    hull->count++;
    hull->mean_x += (point.x - hull->mean_x) / (double)hull->count;
    hull->duration = mps_whole(point.x - g_array_index(hull->corners, mps_clock_point, 0).x);
}

bool mps_hull_sample(const mps_hull *hull, guint index, mps_clock_point *point)
{
    const mps_clock_sample *sample = &g_array_index(hull->series->samples, mps_clock_sample, index);
    *point = point_of(hull->series, hull->axis, sample);
    return hull->steps->len == 0 ||
           span_at(hull->steps, mps_axis_moment(hull->axis, sample)) == (int)hull->span;
}

GArray *mps_hulls_make(mps_clock *clock, const mps_axis *axis, const GArray *steps)
{
    GArray *hulls = g_array_new(FALSE, FALSE, sizeof(mps_hull));
    sort_samples(clock);
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *series = clock->all->pdata[i];
        guint first = hulls->len;
        for (guint k = 0; k < series->samples->len; k++) {
            const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, k);
            int span = span_at(steps, mps_axis_moment(axis, sample));
            const mps_hull wanted = {
                .series = series, .axis = axis, .steps = steps, .span = (guint)span};
            if (span >= 0)
                add_point(hull_of(hulls, first, &wanted), point_of(series, axis, sample));
        }
    }
    return hulls;
}

void mps_hulls_free(GArray *hulls)
{
    for (guint i = 0; i < hulls->len; i++)
        g_array_free(g_array_index(hulls, mps_hull, i).corners, TRUE);
    g_array_free(hulls, TRUE);
}
