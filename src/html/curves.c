/* curves.c: writes the numbers of a picture, thinned.
 *
 * Times and bytes are whole numbers, each written as the difference from the one before, which
 * takes half the bytes. Rates and shares are written as they are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "html_internal.h"
#include "plot/gnuplot.h"
#include "plot/palette.h"
#include "table/table_write.h"
#include <inttypes.h>
#include <math.h>

/* Whole numbers below this one fit into 64 bits. */
#define WHOLE_MAX 9e18

static const char *const quantity_names[MPS_QUANTITIES] = {
    [MPS_QUANTITY_TIME] = "time",   [MPS_QUANTITY_BYTES] = "bytes", [MPS_QUANTITY_RATE] = "rate",
    [MPS_QUANTITY_SHARE] = "share", [MPS_QUANTITY_LANE] = "lane",
};

static const char *const style_names[] = {
    [MPS_CURVE_POINTS] = "points", [MPS_CURVE_STROKES] = "strokes", [MPS_CURVE_STEPS] = "steps",
    [MPS_CURVE_STACK] = "stack",   [MPS_CURVE_BAND] = "band",       [MPS_CURVE_SPANS] = "spans",
};

static const char *const role_names[] = {
    [MPS_ROLE_SUBFLOW] = "subflow", [MPS_ROLE_CONNECTION] = "connection",
    [MPS_ROLE_LIMIT] = "limit",     [MPS_ROLE_CAUSE] = "cause",
    [MPS_ROLE_OTHERS] = "others",
};

static const char *const mark_names[MPS_MARKS] = {
    [MPS_MARK_NONE] = "",
    [MPS_MARK_RETRANSMITTED] = "retransmitted",
    [MPS_MARK_REINJECTED] = "reinjected",
};

static void write_key(FILE *out, const char *key, const char *text)
{
    fprintf(out, ",\"%s\":", key);
    mps_write_json_string(out, text ? text : "");
}

static void write_real(FILE *out, double number)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (isfinite(number))
        fputs(g_ascii_formatd(text, sizeof text, "%.9g", number), out);
    else
        fputs("null", out);
}

/* Write the next number of a series. @param last  the number before, rounded; set */
static void write_number(FILE *out, mps_quantity quantity, double number, double *last)
{
    const bool whole = quantity == MPS_QUANTITY_TIME || quantity == MPS_QUANTITY_BYTES;
    if (!whole || !isfinite(number)) {
        write_real(out, number);
        return;
    }
    const double now = round(number), difference = now - *last;
    if (fabs(difference) < WHOLE_MAX)
        fprintf(out, "%" PRId64, (int64_t)difference); /* in a third of the time that %.0f takes */
    else
        fprintf(out, "%.0f", difference);
    *last = now;
}

typedef double (*number_of)(const mps_dot *dot);

static double x_of(const mps_dot *dot)
{
    return dot->x;
}

static double y_of(const mps_dot *dot)
{
    return dot->y;
}

static double y2_of(const mps_dot *dot)
{
    return dot->y2;
}

static double frame_of(const mps_dot *dot)
{
    return dot->frame;
}

static void write_series(FILE *out, const char *key, mps_quantity quantity, const GArray *dots,
                         number_of number)
{
    double last = 0;
    fprintf(out, ",\"%s\":[", key);
    for (guint i = 0; i < dots->len; i++) {
        fputs(i > 0 ? "," : "", out);
        write_number(out, quantity, number(&g_array_index(dots, mps_dot, i)), &last);
    }
    putc(']', out);
}

static bool has_frames(const GArray *dots)
{
    for (guint i = 0; i < dots->len; i++)
        if (g_array_index(dots, mps_dot, i).frame)
            return true;
    return false;
}

static void write_curve(FILE *out, const mps_picture *picture, const mps_curve *curve,
                        const GArray *dots)
{
    fprintf(out, "{\"style\":\"%s\",\"role\":\"%s\",\"mark\":\"%s\",\"pale\":%s,\"again\":%u",
            style_names[curve->style], role_names[curve->role], mark_names[curve->mark],
            curve->pale ? "true" : "false", mps_palette_round(curve));
    write_key(out, "colour", mps_palette_colour(curve));
    write_key(out, "name", curve->name);
    write_key(out, "legend", curve->legend);
    write_series(out, "x", picture->x.quantity, dots, x_of);
    write_series(out, "y", picture->y.quantity, dots, y_of);
    if (curve->style == MPS_CURVE_SPANS)
        write_series(out, "y2", picture->x.quantity, dots, y2_of);
    if (curve->style == MPS_CURVE_STROKES || curve->style == MPS_CURVE_BAND ||
        curve->style == MPS_CURVE_STACK)
        write_series(out, "y2", picture->y.quantity, dots, y2_of);
    if (has_frames(dots))
        write_series(out, "frame", MPS_QUANTITY_BYTES, dots, frame_of);
    putc('}', out);
}

/* @return the part of a stack that a curve is, from its lower to its upper edge, as mps_dot
 * @param k  which curve, from 1 */
static GArray *layer_of(const mps_stack *stack, guint k)
{
    GArray *dots = g_array_new(FALSE, FALSE, sizeof(mps_dot));
    for (guint i = 0; i < mps_stack_places(stack); i++) {
        const double *place = &g_array_index(stack->heights, double, i *(stack->count + 1));
        mps_dot dot = {.x = place[0]};
        for (guint n = 1; n < k; n++)
            dot.y += place[n];
        dot.y2 = dot.y + place[k];
        g_array_append_val(dots, dot);
    }
    return dots;
}

static void write_curves(FILE *out, const mps_picture *picture, const mps_panel *panel,
                         const mps_extent *extent)
{
    mps_stack stack = mps_stack_of(panel);
    guint layer = 0;
    mps_stack_thin(&stack, extent);
    for (guint i = 0; i < panel->curves->len; i++) {
        const mps_curve *curve = panel->curves->pdata[i];
        GArray *dots = curve->style == MPS_CURVE_STACK
                           ? layer_of(&stack, ++layer)
                           : mps_thin(curve->dots, curve->style, extent);
        fputs(i > 0 ? ",\n" : "", out);
        write_curve(out, picture, curve, dots);
        g_array_free(dots, TRUE);
    }
    mps_stack_clear(&stack);
}

static void write_panel(FILE *out, const mps_picture *picture, const mps_panel *panel, int columns)
{
    mps_extent extent = mps_gnuplot_extent(picture, panel);
    const mps_unit x = mps_unit_of(picture->x.quantity, extent.x_high);
    const mps_unit y = mps_unit_of(picture->y.quantity, extent.y_high);
    extent.columns = columns;
    fputs("{\"title\":", out);
    mps_write_json_string(out, panel->title);
    fputs(",\"extent\":[", out);
    const double reach[] = {extent.x_low, extent.x_high, extent.y_low, extent.y_high};
    for (unsigned i = 0; i < G_N_ELEMENTS(reach); i++) {
        fputs(i > 0 ? "," : "", out);
        write_real(out, reach[i]);
    }
    putc(']', out);
    write_key(out, "xUnit", x.unit);
    write_key(out, "yUnit", y.unit);
    fputs(",\"xSize\":", out);
    write_real(out, x.size);
    fputs(",\"ySize\":", out);
    write_real(out, y.size);
    fputs(",\"curves\":[", out);
    write_curves(out, picture, panel, &extent);
    fputs("]}", out);
}

static void write_ticks(FILE *out, const GArray *ticks)
{
    for (guint i = 0; i < ticks->len; i++) {
        const mps_tick *tick = &g_array_index(ticks, mps_tick, i);
        fprintf(out, "%s[", i > 0 ? "," : "");
        write_real(out, tick->x);
        putc(',', out);
        mps_write_json_string(out, tick->name);
        fprintf(out, ",%u,\"%s\",", tick->frame, mps_direction_name(tick->direction));
        if (tick->of_subflow && tick->subflow != MPS_NONE)
            fprintf(out, "%u", tick->subflow);
        else
            fputs("null", out);
        fputs(tick->of_direction ? ",true]" : ",false]", out);
    }
}

/* Write the ticks that can be told apart, and how many are left out. */
static void write_thinned_ticks(FILE *out, const mps_picture *picture, int columns)
{
    mps_extent extent = mps_gnuplot_extent(picture, picture->panels->pdata[0]);
    extent.columns = columns;
    GArray *ticks = mps_thin_ticks(picture->ticks, &extent);
    fputs(",\"ticks\":[", out);
    write_ticks(out, ticks);
    fprintf(out, "],\"ticksLeftOut\":%u", picture->ticks->len - ticks->len);
    g_array_free(ticks, TRUE);
}

static void write_axis(FILE *out, const char *key, const mps_axis *axis)
{
    fprintf(out, ",\"%s\":{\"quantity\":\"%s\",\"log\":%s", key, quantity_names[axis->quantity],
            axis->logarithmic ? "true" : "false");
    write_key(out, "label", axis->label);
    putc('}', out);
}

static void write_strings(FILE *out, const char *key, const GPtrArray *strings)
{
    putc(',', out);
    mps_write_json_strings(out, key, strings, false);
}

void mps_html_picture(FILE *out, const char *kind, const mps_picture *picture, int columns)
{
    fprintf(out, "{\"kind\":\"%s\"", kind);
    write_key(out, "title", picture->title);
    write_axis(out, "x", &picture->x);
    write_axis(out, "y", &picture->y);
    write_strings(out, "lanes", picture->lanes);
    write_strings(out, "remarks", picture->remarks);
    write_strings(out, "reasons", picture->reasons);
    fputs(",\"begin\":", out);
    write_real(out, picture->begin);
    fputs(",\"end\":", out);
    write_real(out, picture->end);
    write_thinned_ticks(out, picture, columns);
    fputs(",\"panels\":[", out);
    for (guint i = 0; i < picture->panels->len; i++) {
        fputs(i > 0 ? ",\n" : "", out);
        write_panel(out, picture, picture->panels->pdata[i], columns);
    }
    fputs("]}", out);
}
