/* bounds.c: where the line of the clock can lie: below all forward points, above all backward ones
 * (Duda et al. 1987; Jezequel 1989), piece by piece where a clock was set, at one slope in all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/sorted.h"
#include "clock_internal.h"
#include <math.h>

/* Halvings of an interval of 10^-3: below 10^-18, less than a ns in a century. */
#define HALVINGS 52

/* Rates that are looked at only to say what is wrong. */
#define WIDE 0.5

static gint compare_points(gconstpointer a, gconstpointer b)
{
    const mps_clock_point *p = a, *q = b;
    if (p->x != q->x)
        return p->x < q->x ? -1 : 1;
    return (p->y > q->y) - (p->y < q->y);
}

/* The hull of all series of a direction together: of the corners of theirs. */
static GArray *join(const GArray *hulls, guint piece, bool forward, int64_t resolution)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    GArray *joint = g_array_new(FALSE, FALSE, sizeof(mps_clock_point));
    double widen = (double)(forward ? resolution : -resolution);
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (hull->piece == piece && hull->series->forward == forward)
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

static double room_at(const GArray *pieces, double slope)
{
    double room = INFINITY;
    for (guint i = 0; i < pieces->len; i++) {
        const mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        room = fmin(room, mps_hull_intercept(piece->above, true, slope) -
                              mps_hull_intercept(piece->below, false, slope));
    }
    return room;
}

/* The slope that leaves most room, which is a concave function of it. */
static double roomiest(const GArray *pieces, double from, double to)
{
    for (unsigned i = 0; i < 2 * HALVINGS; i++) {
        double third = (to - from) / 3;
        if (room_at(pieces, from + third) < room_at(pieces, to - third))
            from += third;
        else
            to -= third;
    }
    return (from + to) / 2;
}

/* The last slope from `inside`, where there is room, towards `outside` with room for the line. */
static double edge_of_room(const GArray *pieces, double inside, double outside)
{
    if (room_at(pieces, outside) >= 0)
        return outside;
    for (unsigned i = 0; i < HALVINGS; i++) {
        double middle = (inside + outside) / 2;
        if (room_at(pieces, middle) >= 0)
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

static const char *why_no_line(const GArray *pieces)
{
    if (room_at(pieces, roomiest(pieces, -WIDE, WIDE)) >= 0)
        return MPS_TOO_FAST;
    return MPS_NO_LINE;
}

GArray *mps_clock_spans_make(const GArray *hulls, guint count, int64_t resolution)
{
    GArray *pieces = g_array_new(FALSE, TRUE, sizeof(mps_clock_span));
    g_array_set_size(pieces, count);
    for (guint i = 0; i < count; i++) {
        mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        piece->above = join(hulls, i, true, resolution);
        piece->below = join(hulls, i, false, resolution);
    }
    return pieces;
}

const char *mps_clock_spans_fit(GArray *pieces, double *low, double *high)
{
    double inside = roomiest(pieces, -MPS_SKEW_MAX, MPS_SKEW_MAX);
    if (room_at(pieces, inside) < 0)
        return why_no_line(pieces);
    *low = edge_of_room(pieces, inside, -MPS_SKEW_MAX);
    *high = edge_of_room(pieces, inside, MPS_SKEW_MAX);
    for (guint i = 0; i < pieces->len; i++) {
        mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        for (unsigned k = 0; k < 2; k++) {
            piece->high[k] = mps_hull_intercept(piece->above, true, k ? *high : *low);
            piece->low[k] = mps_hull_intercept(piece->below, false, k ? *high : *low);
        }
    }
    return NULL;
}

void mps_clock_spans_free(GArray *pieces)
{
    for (guint i = 0; pieces && i < pieces->len; i++) {
        g_array_free(g_array_index(pieces, mps_clock_span, i).above, TRUE);
        g_array_free(g_array_index(pieces, mps_clock_span, i).below, TRUE);
    }
    if (pieces)
        g_array_free(pieces, TRUE);
}

static bool is_left_of(const void *element, const void *key)
{
    return ((const mps_clock_point *)element)->x <= *(const double *)key;
}

/* The first corner right of x, or how many there are. */
static guint first_behind(const GArray *corners, double x)
{
    return mps_sorted_place(corners, is_left_of, &x);
}

/* The slope of the edge above or below x; infinite beyond the ends, where lines that turn about
 * the last corner reach farthest. */
static double slope_at(const GArray *corners, bool forward, double x)
{
    guint behind = first_behind(corners, x);
    if (behind == 0)
        return forward ? -INFINITY : INFINITY;
    if (behind == corners->len)
        return forward ? INFINITY : -INFINITY;
    const mps_clock_point *right = &g_array_index(corners, mps_clock_point, behind);
    return (right->y - right[-1].y) / (right->x - right[-1].x);
}

/* The extreme of all lines at x: the hull itself where its slope is a possible one, else the line
 * with the slope that comes nearest to that. */
static double extreme_at(const GArray *corners, bool forward, const double intercepts[2],
                         const double slopes[2], double x)
{
    double slope = slope_at(corners, forward, x);
    if (slope <= slopes[0])
        return intercepts[0] + slopes[0] * x;
    if (slope >= slopes[1])
        return intercepts[1] + slopes[1] * x;
    const mps_clock_point *left =
        &g_array_index(corners, mps_clock_point, first_behind(corners, x) - 1);
    return left->y + slope * (x - left->x);
}

void mps_clock_span_bounds(const mps_clock_span *piece, double slope_low, double slope_high,
                           double x, double *low, double *high)
{
    const double slopes[2] = {slope_low, slope_high};
    *high = extreme_at(piece->above, true, piece->high, slopes, x);
    *low = extreme_at(piece->below, false, piece->low, slopes, x);
}

double mps_clock_slack_between(mps_clock *clock, const mps_axis *axis, const GArray *settings)
{
    GArray *hulls = mps_hulls_make(clock, axis, settings);
    GArray *pieces = mps_clock_spans_make(hulls, settings->len + 1, clock->resolution);
    double room = room_at(pieces, roomiest(pieces, -MPS_SKEW_MAX, MPS_SKEW_MAX));
    mps_clock_spans_free(pieces);
    mps_hulls_free(hulls);
    return room;
}

double mps_clock_span_x(const mps_clock_estimate *estimate, const mps_clock_span *piece,
                        int64_t moment)
{
    double at = (double)moment;
    return estimate->by_b ? (at - piece->middle) / (1 + estimate->skew) : at;
}

/* A corner is touched by lines with slopes between those of the edges beside it. */
static void count_touched(const GArray *corners, bool forward, double low, double high,
                          guint *touched)
{
    for (guint i = 0; i < corners->len; i++) {
        const mps_clock_point *corner = &g_array_index(corners, mps_clock_point, i);
        double left = slope_at(corners, forward, nextafter(corner->x, -INFINITY));
        double right = slope_at(corners, forward, corner->x);
        if (fmin(left, right) <= high && fmax(left, right) >= low)
            touched[corner->series]++;
    }
}

void mps_clock_spans_count_supporting(const GArray *pieces, double slope_low, double slope_high,
                                      guint *touched)
{
    for (guint i = 0; i < pieces->len; i++) {
        const mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        count_touched(piece->above, true, slope_low, slope_high, touched);
        count_touched(piece->below, false, slope_low, slope_high, touched);
    }
}
