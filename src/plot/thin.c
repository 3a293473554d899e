/* thin.c: leaves out dots that an image cannot show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "thin.h"
#include <math.h>
#include <string.h>

/* Rows of the cells of points. */
#define ROWS 250

/* Strokes that are no further apart than this share of the height touch. */
#define TOUCH (1.0 / 1000)

static const mps_dot *dot_at(const GArray *dots, guint i)
{
    return &g_array_index(dots, mps_dot, i);
}

static double place_of(double value, bool logarithmic)
{
    return logarithmic ? log(value) : value;
}

/* @return the part, from 0 to count - 1, of the range from low to high that holds a value */
static int part_of(double value, double low, double high, int count)
{
    double share = (value - low) / (high - low);
    if (!(share > 0)) /* also where the range is empty */
        return 0;
    return (int)fmin(share * count, count - 1);
}

static int column_of(double x, const mps_extent *extent)
{
    const bool log = extent->x_logarithmic;
    if (log && !(x > 0))
        return 0;
    return part_of(place_of(x, log), place_of(extent->x_low, log), place_of(extent->x_high, log),
                   extent->columns);
}

/* @return the end of the column that begins with a dot: the index after its last dot */
static guint column_end(const GArray *dots, guint start, const mps_extent *extent)
{
    const int column = column_of(dot_at(dots, start)->x, extent);
    guint end = start + 1;
    while (end < dots->len && column_of(dot_at(dots, end)->x, extent) == column)
        end++;
    return end;
}

/* Keep the first, the last, the least and the greatest dot of a column, and one where the curve
 * becomes unknown. */
static void thin_steps(const GArray *dots, guint start, guint end, const mps_extent *extent,
                       GArray *kept)
{
    guint least = start, most = start, gap = start;
    (void)extent;
    for (guint i = start; i < end; i++) {
        const double y = dot_at(dots, i)->y;
        if (isnan(y))
            gap = i;
        else if (!(y >= dot_at(dots, least)->y))
            least = i;
        if (!isnan(y) && !(y <= dot_at(dots, most)->y))
            most = i;
    }
    for (guint i = start; i < end; i++)
        if (i == start || i == end - 1 || i == least || i == most || i == gap)
            g_array_append_val(kept, *dot_at(dots, i));
}

/* Keep one dot of each cell, and the least and the greatest of the column. */
static void thin_points(const GArray *dots, guint start, guint end, const mps_extent *extent,
                        GArray *kept)
{
    bool taken[ROWS] = {false};
    guint least = start, most = start;
    for (guint i = start; i < end; i++) {
        least = dot_at(dots, i)->y < dot_at(dots, least)->y ? i : least;
        most = dot_at(dots, i)->y > dot_at(dots, most)->y ? i : most;
    }
    taken[part_of(dot_at(dots, least)->y, extent->y_low, extent->y_high, ROWS)] = true;
    taken[part_of(dot_at(dots, most)->y, extent->y_low, extent->y_high, ROWS)] = true;
    for (guint i = start; i < end; i++) {
        bool *cell = &taken[part_of(dot_at(dots, i)->y, extent->y_low, extent->y_high, ROWS)];
        if (*cell && i != least && i != most)
            continue;
        *cell = true;
        g_array_append_val(kept, *dot_at(dots, i));
    }
}

static gint compare_heights(gconstpointer a, gconstpointer b)
{
    const mps_dot *one = a, *other = b;
    return (one->y > other->y) - (one->y < other->y);
}

/* Make one stroke of those that touch. */
static void thin_strokes(const GArray *dots, guint start, guint end, const mps_extent *extent,
                         GArray *kept)
{
    const double touch = (extent->y_high - extent->y_low) * TOUCH;
    GArray *column = g_array_sized_new(FALSE, FALSE, sizeof(mps_dot), end - start);
    g_array_append_vals(column, dot_at(dots, start), end - start);
    g_array_sort(column, compare_heights);
    mps_dot stroke = *dot_at(column, 0);
    for (guint i = 1; i < column->len; i++) {
        const mps_dot *next = dot_at(column, i);
        if (next->y <= stroke.y2 + touch) {
            stroke.y2 = fmax(stroke.y2, next->y2);
            continue;
        }
        g_array_append_val(kept, stroke);
        stroke = *next;
    }
    g_array_append_val(kept, stroke);
    g_array_free(column, TRUE);
}

/* Make one range of all. */
static void thin_band(const GArray *dots, guint start, guint end, const mps_extent *extent,
                      GArray *kept)
{
    mps_dot range = *dot_at(dots, start);
    (void)extent;
    for (guint i = start + 1; i < end; i++) {
        range.y = fmin(range.y, dot_at(dots, i)->y);
        range.y2 = fmax(range.y2, dot_at(dots, i)->y2);
    }
    g_array_append_val(kept, range);
}

/* Make one span of all that begin in a column: they are narrower than it. */
static void thin_spans(const GArray *dots, guint start, guint end, const mps_extent *extent,
                       GArray *kept)
{
    mps_dot span = *dot_at(dots, start);
    (void)extent;
    for (guint i = start + 1; i < end; i++)
        span.y2 = fmax(span.y2, dot_at(dots, i)->y2);
    g_array_append_val(kept, span);
}

typedef void (*column_thinner)(const GArray *dots, guint start, guint end, const mps_extent *extent,
                               GArray *kept);

GArray *mps_thin(const GArray *dots, mps_curve_style style, const mps_extent *extent)
{
    static const column_thinner thinners[] = {
        [MPS_CURVE_POINTS] = thin_points, [MPS_CURVE_STROKES] = thin_strokes,
        [MPS_CURVE_STEPS] = thin_steps,   [MPS_CURVE_STACK] = thin_steps,
        [MPS_CURVE_BAND] = thin_band,     [MPS_CURVE_SPANS] = thin_spans,
    };
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(mps_dot));
    if (dots->len <= MPS_THIN_ABOVE(extent)) {
        if (dots->len > 0)
            g_array_append_vals(kept, dots->data, dots->len);
        return kept;
    }
    for (guint start = 0, end; start < dots->len; start = end) {
        end = column_end(dots, start, extent);
        thinners[style](dots, start, end, extent, kept);
    }
    return kept;
}

/* A tick, and the column where it is. */
typedef struct {
    mps_tick tick;
    int column;
} column_tick;

static int compare_labels(const mps_tick *a, const mps_tick *b)
{
    const int names = strcmp(a->name, b->name);
    if (names != 0)
        return names;
    if (a->direction != b->direction)
        return a->direction < b->direction ? -1 : 1;
    if (a->of_subflow != b->of_subflow)
        return a->of_subflow ? 1 : -1;
    return a->of_subflow && a->subflow != b->subflow ? (a->subflow < b->subflow ? -1 : 1) : 0;
}

static gint compare_moments(gconstpointer a, gconstpointer b)
{
    const mps_tick *one = a, *other = b;
    if (one->x != other->x)
        return one->x < other->x ? -1 : 1;
    return (one->frame > other->frame) - (one->frame < other->frame);
}

/* Those with the same label and column are together, the first in time before the others. */
static gint compare_column_ticks(gconstpointer a, gconstpointer b)
{
    const column_tick *one = a, *other = b;
    if (one->column != other->column)
        return one->column < other->column ? -1 : 1;
    const int labels = compare_labels(&one->tick, &other->tick);
    return labels != 0 ? labels : compare_moments(&one->tick, &other->tick);
}

GArray *mps_thin_ticks(const GArray *ticks, const mps_extent *extent)
{
    GArray *placed = g_array_sized_new(FALSE, FALSE, sizeof(column_tick), ticks->len);
    GArray *kept = g_array_new(FALSE, FALSE, sizeof(mps_tick));
    for (guint i = 0; i < ticks->len; i++) {
        const mps_tick *tick = &g_array_index(ticks, mps_tick, i);
        const column_tick one = {*tick, column_of(tick->x, extent)};
        g_array_append_val(placed, one);
    }
    g_array_sort(placed, compare_column_ticks);
    for (guint i = 0; i < placed->len; i++) {
        const column_tick *one = &g_array_index(placed, column_tick, i);
        if (i == 0 || ticks->len <= MPS_THIN_TICKS_ABOVE || one->column != one[-1].column ||
            compare_labels(&one->tick, &one[-1].tick) != 0)
            g_array_append_val(kept, one->tick);
    }
    g_array_sort(kept, compare_moments);
    g_array_free(placed, TRUE);
    return kept;
}

guint mps_stack_places(const mps_stack *stack)
{
    return stack->heights->len / (stack->count + 1);
}

void mps_stack_clear(mps_stack *stack)
{
    g_array_free(stack->heights, TRUE);
}

/* @return the stacked curves of a panel (mps_curve *); the caller frees the array */
static GPtrArray *stacked(const mps_panel *panel)
{
    GPtrArray *curves = g_ptr_array_new();
    for (guint i = 0; i < panel->curves->len; i++)
        if (((const mps_curve *)panel->curves->pdata[i])->style == MPS_CURVE_STACK)
            g_ptr_array_add(curves, panel->curves->pdata[i]);
    return curves;
}

/* A dot of one of the stacked curves. */
typedef struct {
    double x, y;
    guint curve, number; /* number: of the dot in its curve */
} stack_dot;

static gint compare_stack_dots(gconstpointer a, gconstpointer b)
{
    const stack_dot *one = a, *other = b;
    if (one->x != other->x)
        return one->x < other->x ? -1 : 1;
    if (one->curve != other->curve)
        return one->curve < other->curve ? -1 : 1;
    return (one->number > other->number) - (one->number < other->number);
}

/* @return the dots of all curves (stack_dot), in the order of x; the caller frees the array */
static GArray *sorted_dots(const GPtrArray *curves)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(stack_dot));
    for (guint k = 0; k < curves->len; k++) {
        const GArray *dots = ((const mps_curve *)curves->pdata[k])->dots;
        for (guint i = 0; i < dots->len; i++) {
            const double y = dot_at(dots, i)->y;
            const stack_dot dot = {dot_at(dots, i)->x, isnan(y) ? 0 : y, k, i};
            g_array_append_val(all, dot);
        }
    }
    g_array_sort(all, compare_stack_dots);
    return all;
}

guint mps_stack_column(guint curve)
{
    return MIN(curve, MPS_STACK_MAX - 1);
}

mps_stack mps_stack_of(const mps_panel *panel)
{
    GPtrArray *curves = stacked(panel);
    GArray *all = sorted_dots(curves);
    mps_stack stack = {MIN(curves->len, MPS_STACK_MAX), g_array_new(FALSE, FALSE, sizeof(double))};
    double *now = g_new0(double, curves->len + 1); /* the height of each curve */
    double *place = g_new0(double, stack.count + 1);
    for (guint i = 0; i < all->len; i++) {
        const stack_dot *dot = &g_array_index(all, stack_dot, i);
        place[0] = dot->x;
        place[1 + mps_stack_column(dot->curve)] += dot->y - now[dot->curve];
        now[dot->curve] = dot->y;
        if (i + 1 == all->len || dot[1].x > dot->x)
            g_array_append_vals(stack.heights, place, stack.count + 1);
    }
    g_free(place);
    g_free(now);
    g_array_free(all, TRUE);
    g_ptr_array_free(curves, TRUE);
    return stack;
}

void mps_stack_thin(mps_stack *stack, const mps_extent *extent)
{
    const guint width = stack->count + 1, places = mps_stack_places(stack);
    const double *heights = (const double *)(const void *)stack->heights->data;
    GArray *sums = g_array_sized_new(FALSE, FALSE, sizeof(mps_dot), places);
    if (places <= MPS_THIN_ABOVE(extent)) {
        g_array_free(sums, TRUE);
        return;
    }
    for (guint i = 0; i < places; i++) {
        mps_dot sum = {.x = heights[i * width], .frame = i}; /* `frame`: its place */
        for (guint k = 1; k < width; k++)
            sum.y += heights[i * width + k];
        g_array_append_val(sums, sum);
    }
    GArray *kept = mps_thin(sums, MPS_CURVE_STEPS, extent);
    GArray *thinned = g_array_new(FALSE, FALSE, sizeof(double));
    for (guint i = 0; i < kept->len; i++)
        g_array_append_vals(thinned, &heights[dot_at(kept, i)->frame * width], width);
    g_array_free(kept, TRUE);
    g_array_free(sums, TRUE);
    g_array_free(stack->heights, TRUE);
    stack->heights = thinned;
}
