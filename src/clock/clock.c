/* clock.c: offset and skew of one clock against another, from segments both of them saw.
 *
 * Points are (x, y): x A's time since the first point, y B's clock minus A's less that of the
 * first point, both in ns. Only the corners of the hulls of each series matter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <math.h>
#include <mptcpscope/clock.h>
#include <stdlib.h>

/* Halvings of an interval of 10^-3: below 10^-18, less than a ns in a century. */
#define HALVINGS 52

/* Less than this tells nothing of the rates: bounds would be thousands of ppm wide. */
#define MPS_SKEW_SPAN INT64_C(2000000000) /* ns */
#define MPS_SKEW_POINTS 8u

/* Estimates that are further apart than this are not to be trusted. */
#define MPS_SKEW_AGREE 200e-6

/* Rates that are looked at only to say what is wrong. */
#define MPS_SKEW_WIDE 0.5

typedef struct {
    int64_t a, y; /* time of A; B's clock minus A's */
} sample;

typedef struct {
    double x, y;
} point;

/* One direction of one subflow. */
typedef struct {
    bool forward;
    bool unordered;  /* a sample is earlier than the one before */
    GArray *samples; /* sample */
    GArray *hull;    /* point: the corners that bound the line, from left to right */
    double sum_x;    /* of all samples */
} series;

struct mps_clock {
    GHashTable *table; /* series number and direction → series */
    GPtrArray *all;    /* series, owned */
};

static void free_series(gpointer data)
{
    series *one = data;
    g_array_free(one->samples, TRUE);
    g_array_free(one->hull, TRUE);
    g_free(one);
}

mps_clock *mps_clock_new(void)
{
    mps_clock *clock = g_new0(mps_clock, 1);
    clock->table = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    clock->all = g_ptr_array_new_with_free_func(free_series);
    return clock;
}

void mps_clock_free(mps_clock *clock)
{
    if (!clock)
        return;
    g_hash_table_destroy(clock->table);
    g_ptr_array_free(clock->all, TRUE);
    g_free(clock);
}

static series *series_of(mps_clock *clock, uint32_t number, bool forward)
{
    gint64 key = (gint64)number << 1 | forward;
    series *one = g_hash_table_lookup(clock->table, &key);
    if (!one) {
        one = g_new0(series, 1);
        one->forward = forward;
        one->samples = g_array_new(FALSE, FALSE, sizeof(sample));
        one->hull = g_array_new(FALSE, FALSE, sizeof(point));
        g_hash_table_insert(clock->table, g_memdup2(&key, sizeof key), one);
        g_ptr_array_add(clock->all, one);
    }
    return one;
}

void mps_clock_add(mps_clock *clock, uint32_t number, bool forward, int64_t time_a, int64_t time_b)
{
    series *one = series_of(clock, number, forward);
    sample added = {time_a, time_b - time_a};
    guint count = one->samples->len;
    if (count > 0 && g_array_index(one->samples, sample, count - 1).a > time_a)
        one->unordered = true;
    g_array_append_val(one->samples, added);
}

static int compare_samples(const void *a, const void *b)
{
    const sample *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->y > y->y) - (x->y < y->y);
}

/* Does the corner b lie on or behind the line from a to c, seen from the line that is bounded? */
static bool is_needless(const series *one, const point *a, const point *b, const point *c)
{
    double turn = (b->x - a->x) * (c->y - a->y) - (b->y - a->y) * (c->x - a->x);
    return one->forward ? turn <= 0 : turn >= 0;
}

static void add_corner(series *one, point corner)
{
    while (one->hull->len > 0) {
        const point *last = &g_array_index(one->hull, point, one->hull->len - 1);
        bool same_time = last->x == corner.x;
        if (same_time && (one->forward ? last->y <= corner.y : last->y >= corner.y))
            return;
        if (!same_time && (one->hull->len < 2 || !is_needless(one, last - 1, last, &corner)))
            break;
        g_array_set_size(one->hull, one->hull->len - 1);
    }
    g_array_append_val(one->hull, corner);
}

/* Make the hull of a series: the lower one of forward points, the upper one of backward ones
 * (Andrew's monotone chain; Zhang, Liu and Xia 2002 for clocks). */
static void make_hull(series *one, const sample *origin)
{
    if (one->unordered)
        qsort(one->samples->data, one->samples->len, sizeof(sample), compare_samples);
    one->unordered = false;
    one->sum_x = 0;
    g_array_set_size(one->hull, 0);
    for (guint i = 0; i < one->samples->len; i++) {
        const sample *from = &g_array_index(one->samples, sample, i);
        point corner = {(double)(from->a - origin->a), (double)(from->y - origin->y)};
        one->sum_x += corner.x;
        add_corner(one, corner);
    }
}

/* How far the tightest corner of a series lets a line of this slope be from 0 at x = 0: from
 * above for forward points, from below for backward ones. */
static double intercept(const series *one, double slope)
{
    double best = one->forward ? INFINITY : -INFINITY;
    for (guint i = 0; i < one->hull->len; i++) {
        const point *corner = &g_array_index(one->hull, point, i);
        double value = corner->y - slope * corner->x;
        best = one->forward ? fmin(best, value) : fmax(best, value);
    }
    return best;
}

/* The lowest and highest offset at x = 0 for a slope, by all series together. */
static void bounds_at(const mps_clock *clock, double slope, double *low, double *high)
{
    *low = -INFINITY;
    *high = INFINITY;
    for (guint i = 0; i < clock->all->len; i++) {
        const series *one = clock->all->pdata[i];
        if (one->forward)
            *high = fmin(*high, intercept(one, slope));
        else
            *low = fmax(*low, intercept(one, slope));
    }
}

/* Functions of the slope that are concave: how much room the line has, the highest offset, and
 * minus the lowest one. */
typedef enum { ROOM, HIGHEST, MINUS_LOWEST } measure;

static double measure_at(const mps_clock *clock, measure what, double slope)
{
    double low, high;
    bounds_at(clock, slope, &low, &high);
    return what == ROOM ? high - low : what == HIGHEST ? high : -low;
}

/* Where a concave function is greatest between two slopes. */
static double greatest(const mps_clock *clock, measure what, double from, double to)
{
    for (unsigned i = 0; i < 2 * HALVINGS; i++) {
        double third = (to - from) / 3;
        if (measure_at(clock, what, from + third) < measure_at(clock, what, to - third))
            from += third;
        else
            to -= third;
    }
    return (from + to) / 2;
}

/* The last slope from `inside`, where there is room, towards `outside` with room for the line. */
static double edge_of_room(const mps_clock *clock, double inside, double outside)
{
    if (measure_at(clock, ROOM, outside) >= 0)
        return outside;
    for (unsigned i = 0; i < HALVINGS; i++) {
        double middle = (inside + outside) / 2;
        if (measure_at(clock, ROOM, middle) >= 0)
            inside = middle;
        else
            outside = middle;
    }
    return inside;
}

/* An edge of a hull: at this slope the touched corner moves by so much. */
typedef struct {
    double slope, step;
} edge;

static int compare_edges(const void *a, const void *b)
{
    double x = ((const edge *)a)->slope, y = ((const edge *)b)->slope;
    return (x > y) - (x < y);
}

/* Add a series to the sum of implied shortest delays: its edges, and its gradient at a slope of
 * minus infinity. */
static double add_edges(const series *one, double weight, GArray *edges)
{
    const point *corners = (const point *)one->hull->data;
    guint count = one->hull->len;
    for (guint i = 0; i + 1 < count; i++) {
        double width = corners[i + 1].x - corners[i].x;
        edge added = {(corners[i + 1].y - corners[i].y) / width, weight * width};
        g_array_append_val(edges, added);
    }
    return one->forward ? -weight * corners[0].x : weight * corners[count - 1].x;
}

/* The slope at which the shortest delays that it implies, of all series, add up to most: each
 * series with one vote, or with one for each of its segments, which is least residuals (for one
 * series the linear program of Moon, Skelly and Towsley 1999). Both are concave and piecewise
 * linear: the gradient falls by the width of each hull edge, in order of their slopes. */
static double best_slope(const mps_clock *clock, bool by_weight)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(edge));
    double gradient = 0, slope = 0;
    for (guint i = 0; i < clock->all->len; i++) {
        const series *one = clock->all->pdata[i];
        double sum_x = one->forward ? one->sum_x : -one->sum_x;
        gradient += add_edges(one, by_weight ? (double)one->samples->len : 1, edges);
        gradient += by_weight ? sum_x : 0;
    }
    if (edges->len > 1)
        qsort(edges->data, edges->len, sizeof(edge), compare_edges);
    for (guint i = 0; i < edges->len && gradient > 0; i++) {
        const edge *passed = &g_array_index(edges, edge, i);
        gradient -= passed->step;
        slope = passed->slope;
        if (gradient == 0 && i + 1 < edges->len) /* flat up to the next one */
            slope = (slope + passed[1].slope) / 2;
    }
    g_array_free(edges, TRUE);
    return slope;
}

static const sample *first_sample(const mps_clock *clock)
{
    const sample *first = NULL;
    for (guint i = 0; i < clock->all->len; i++) {
        const series *one = clock->all->pdata[i];
        for (guint k = 0; k < one->samples->len; k++) {
            const sample *other = &g_array_index(one->samples, sample, k);
            if (!first || other->a < first->a)
                first = other;
            if (!one->unordered)
                break;
        }
    }
    return first;
}

/* Count what there is, and make the hulls relative to the first sample. */
static void prepare(mps_clock *clock, sample origin, mps_clock_estimate *estimate)
{
    int64_t span[2] = {0, 0}; /* of all samples backward, forward */
    for (guint i = 0; i < clock->all->len; i++) {
        series *one = clock->all->pdata[i];
        make_hull(one, &origin);
        *(one->forward ? &estimate->forward : &estimate->backward) += one->samples->len;
        estimate->corners += one->hull->len;
        const sample *samples = (const sample *)one->samples->data;
        int64_t own = samples[one->samples->len - 1].a - samples[0].a;
        span[one->forward] = MAX(span[one->forward], own);
        estimate->span = MAX(estimate->span, samples[one->samples->len - 1].a - origin.a);
    }
    estimate->both_span = MIN(span[0], span[1]);
    estimate->series = clock->all->len;
    estimate->reference = origin.a;
}

static int64_t nearest_ns(double ns)
{
    return (int64_t)floor(ns + 0.5);
}

/* The rates are told apart if there is enough of both directions, and if both ways to weigh it
 * agree on something that is possible. */
static const char *doubt_skew(const mps_clock_estimate *estimate, double raw)
{
    if (estimate->both_span < MPS_SKEW_SPAN || estimate->forward < MPS_SKEW_POINTS ||
        estimate->backward < MPS_SKEW_POINTS)
        return "the rates: that takes 2 s, and 8 segments each way";
    if (fabs(raw) >= MPS_SKEW_MAX || fabs(raw - estimate->skew_by_weight) > MPS_SKEW_AGREE)
        return "the rates: what the paths did hides them";
    return NULL;
}

static void estimate_skew(const mps_clock *clock, double inside, mps_clock_estimate *estimate)
{
    double raw = best_slope(clock, false);
    estimate->skew_low = edge_of_room(clock, inside, -MPS_SKEW_MAX);
    estimate->skew_high = edge_of_room(clock, inside, MPS_SKEW_MAX);
    estimate->skew_by_weight = best_slope(clock, true);
    estimate->reason = doubt_skew(estimate, raw);
    estimate->has_skew = estimate->reason == NULL;
    if (estimate->has_skew)
        estimate->skew = CLAMP(raw, estimate->skew_low, estimate->skew_high);
}

static void estimate_offset(const mps_clock *clock, int64_t base, mps_clock_estimate *estimate)
{
    double from = estimate->skew_low, to = estimate->skew_high, low, high;
    double highest = measure_at(clock, HIGHEST, greatest(clock, HIGHEST, from, to));
    double lowest = -measure_at(clock, MINUS_LOWEST, greatest(clock, MINUS_LOWEST, from, to));
    double skew = CLAMP(estimate->skew, from, to);
    bounds_at(clock, skew, &low, &high);
    estimate->has_offset = true;
    estimate->offset = base + nearest_ns((low + high) / 2);
    estimate->offset_low = base + (int64_t)floor(lowest);
    estimate->offset_high = base + (int64_t)ceil(highest);
}

void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate)
{
    *estimate = (mps_clock_estimate){0};
    const sample *first = first_sample(clock);
    if (!first) {
        estimate->reason = "no segment matched";
        return;
    }
    const sample origin = *first;
    prepare(clock, origin, estimate);
    if (estimate->forward == 0 || estimate->backward == 0) {
        estimate->reason = "segments matched in one direction only";
        return;
    }
    double inside = greatest(clock, ROOM, -MPS_SKEW_MAX, MPS_SKEW_MAX);
    if (measure_at(clock, ROOM, inside) < 0) {
        double wide = greatest(clock, ROOM, -MPS_SKEW_WIDE, MPS_SKEW_WIDE);
        estimate->reason = measure_at(clock, ROOM, wide) >= 0
                               ? "the rates differ by more than 500 ppm"
                               : "no straight line fits: a clock was set, or is not steady";
        return;
    }
    estimate_skew(clock, inside, estimate);
    estimate_offset(clock, origin.y, estimate);
}

double mps_clock_room(mps_clock *clock)
{
    mps_clock_estimate unused = {0};
    const sample *first = first_sample(clock);
    if (!first)
        return 0;
    prepare(clock, *first, &unused);
    if (unused.forward == 0 || unused.backward == 0)
        return INFINITY;
    return measure_at(clock, ROOM, greatest(clock, ROOM, -MPS_SKEW_MAX, MPS_SKEW_MAX));
}

int64_t mps_clock_ahead(const mps_clock_estimate *estimate, int64_t time_a, bool with_skew)
{
    double elapsed = (double)(time_a - estimate->reference);
    return estimate->offset + (with_skew ? nearest_ns(estimate->skew * elapsed) : 0);
}

void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t *low,
                      int64_t *high)
{
    double elapsed = (double)(time_a - estimate->reference);
    double slow = elapsed < 0 ? estimate->skew_high : estimate->skew_low;
    double fast = elapsed < 0 ? estimate->skew_low : estimate->skew_high;
    *low = estimate->offset_low + (int64_t)floor(slow * elapsed);
    *high = estimate->offset_high + (int64_t)ceil(fast * elapsed);
}
