/* gnuplot_ranges.c: what part of the plane an image shows, and in which units.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include <math.h>

/* A limit may be so far above all else and the image still shows it whole. */
#define LIMIT_ROOM 1.25

/* Space above the highest number, as a share of it. */
#define HEADROOM 1.06

/* Space of a logarithmic axis below and above its decades, as a factor: no dot is on the frame. */
#define LOG_ROOM 1.25

/* Where the lowest number is above this share of the highest, an axis that may begin anywhere does
 * not begin at 0. */
#define ZERO_SHARE 0.6

mps_unit mps_unit_of(mps_quantity quantity, double most)
{
    static const mps_unit times[] = {{"µs", 1e3}, {"ms", 1e6}, {"s", 1e9}};
    static const mps_unit sizes[] = {{"bytes", 1}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}};
    static const mps_unit rates[] = {
        {"bit/s", 1}, {"kbit/s", 1e3}, {"Mbit/s", 1e6}, {"Gbit/s", 1e9}};
    switch (quantity) {
    case MPS_QUANTITY_TIME:
        return times[most >= 2e9 ? 2 : most >= 2e6 ? 1 : 0];
    case MPS_QUANTITY_BYTES:
        return sizes[most >= 2e9 ? 3 : most >= 2e6 ? 2 : most >= 2e4 ? 1 : 0];
    case MPS_QUANTITY_RATE:
        return rates[most >= 2e9 ? 3 : most >= 1e6 ? 2 : most >= 1e3 ? 1 : 0];
    case MPS_QUANTITY_LANE:
        return (mps_unit){NULL, 1};
    case MPS_QUANTITY_SHARE:
    case MPS_QUANTITIES:
        break;
    }
    return (mps_unit){"%", 0.01};
}

/* A range that grows. */
typedef struct {
    double low, high;
} reach;

static const reach empty_range = {INFINITY, -INFINITY};

static void include(reach *range, double value)
{
    if (!isfinite(value))
        return;
    range->low = fmin(range->low, value);
    range->high = fmax(range->high, value);
}

/* @return a range of a logarithmic axis, extended to powers of ten: only these have labels */
static reach decades(reach range)
{
    const double low = floor(log10(range.low)), high = ceil(log10(range.high));
    return (reach){pow(10, low), pow(10, high > low ? high : low + 1)};
}

/* @param begin  what holds from a dot on is shown from here on */
static void include_x(reach *x, const mps_curve *curve, bool logarithmic, double begin)
{
    const bool holds = curve->style == MPS_CURVE_STEPS || curve->style == MPS_CURVE_STACK;
    for (guint i = 0; i < curve->dots->len; i++) {
        const double place = g_array_index(curve->dots, mps_dot, i).x;
        if (!logarithmic || place > 0)
            include(x, holds ? fmax(place, begin) : place);
    }
}

static reach x_range(const mps_picture *picture)
{
    const bool log = picture->x.logarithmic;
    const double begin = isfinite(picture->end) ? picture->begin : -INFINITY;
    reach x = empty_range;
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        for (guint k = 0; k < panel->curves->len; k++)
            include_x(&x, panel->curves->pdata[k], log, begin);
    }
    for (guint i = 0; i < picture->ticks->len; i++)
        include(&x, g_array_index(picture->ticks, mps_tick, i).x);
    if (isfinite(picture->end)) { /* it has a beginning, too */
        include(&x, picture->begin);
        include(&x, picture->end);
    }
    if (x.low > x.high)
        x = (reach){1, 10};
    if (x.low == x.high && !log) /* one moment */
        x = (reach){x.low - 1e6, x.high + 1e6};
    return log ? decades(x) : x;
}

/* The range of the curves of a panel that are limits, or of all others. */
static reach y_range(const mps_panel *panel, bool limits)
{
    reach y = empty_range;
    for (guint k = 0; k < panel->curves->len; k++) {
        const mps_curve *curve = panel->curves->pdata[k];
        if ((curve->role == MPS_ROLE_LIMIT) != limits || curve->style == MPS_CURVE_STACK)
            continue;
        for (guint n = 0; n < curve->dots->len; n++) {
            const mps_dot *dot = &g_array_index(curve->dots, mps_dot, n);
            include(&y, dot->y);
            if (curve->style == MPS_CURVE_STROKES || curve->style == MPS_CURVE_BAND)
                include(&y, dot->y2);
        }
    }
    return y;
}

static void include_stack(const mps_panel *panel, reach *y)
{
    mps_stack stack = mps_stack_of(panel);
    for (guint i = 0; i < mps_stack_places(&stack) && stack.count > 0; i++) {
        double sum = 0;
        for (guint k = 1; k <= stack.count; k++)
            sum += g_array_index(stack.heights, double, i *(stack.count + 1) + k);
        include(y, sum);
        include(y, 0);
    }
    mps_stack_clear(&stack);
}

/* The range that a panel shows. It begins at 0, unless it may begin anywhere and that would leave
 * most of it empty. A limit that is far above all else is not shown whole: all else would be flat.
 */
static reach shown_range(const mps_picture *picture, const mps_panel *panel)
{
    const mps_quantity quantity = picture->y.quantity;
    reach y = y_range(panel, false), limits = y_range(panel, true);
    include_stack(panel, &y);
    if (quantity == MPS_QUANTITY_SHARE)
        return (reach){0, 1.03}; /* lines at 1 are below the frame */
    if (quantity == MPS_QUANTITY_LANE)
        return (reach){(double)picture->lanes->len - 0.5, -0.5};
    if (picture->y.logarithmic && y.low > 0) {
        y = decades(y);
        return (reach){y.low / LOG_ROOM, y.high * LOG_ROOM};
    }
    if (y.low > y.high)
        y = limits;
    else if (limits.high > y.high)
        y.high = fmin(limits.high, y.high * LIMIT_ROOM);
    if (y.low > y.high)
        return (reach){0, 1};
    if (y.low >= 0 && !(picture->y.from_any && y.low >= ZERO_SHARE * y.high))
        y.low = 0;
    double space = (HEADROOM - 1) * (y.high - y.low);
    y.high += space > 0 ? space : 1;
    if (y.low != 0)
        y.low -= space > 0 ? space : 1;
    return y;
}

mps_extent mps_gnuplot_extent(const mps_picture *picture, const mps_panel *panel)
{
    const reach x = x_range(picture), y = shown_range(picture, panel);
    return (mps_extent){x.low, x.high, y.low, y.high, picture->x.logarithmic, MPS_THIN_COLUMNS};
}
