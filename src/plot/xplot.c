/* xplot.c: writes a picture for xplot (xplot.org), as tcptrace does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "picture.h"
#include <math.h>
#include <mptcpscope/printable.h>

/* xplot has these colours alone, on black. */
static const char *const colours[] = {"white",  "red",     "blue", "orange",
                                      "purple", "magenta", "pink"};

static const mps_panel *panel_of(const mps_picture *picture)
{
    const mps_panel *found = picture->panels->pdata[0];
    guint most = 0;
    for (guint i = 0; i < picture->panels->len; i++) {
        const mps_panel *panel = picture->panels->pdata[i];
        guint dots = 0;
        for (guint k = 0; k < panel->curves->len; k++)
            dots += ((const mps_curve *)panel->curves->pdata[k])->dots->len;
        if (dots > most) {
            found = panel;
            most = dots;
        }
    }
    return found;
}

mps_direction mps_picture_xplot_direction(const mps_picture *picture, bool *other)
{
    *other = picture->panels->len > 1;
    return panel_of(picture)->direction;
}

static const char *colour_of(const mps_curve *curve)
{
    switch (curve->role) {
    case MPS_ROLE_CONNECTION:
        return "green";
    case MPS_ROLE_LIMIT:
        return "yellow";
    case MPS_ROLE_SUBFLOW:
    case MPS_ROLE_CAUSE:
    case MPS_ROLE_OTHERS:
        break;
    }
    return colours[curve->index % G_N_ELEMENTS(colours)];
}

/* Write a place: the time, with microseconds, and the height. */
static void put_place(FILE *out, const mps_picture *picture, double x, double y)
{
    const int64_t us = mps_plus(picture->origin, mps_whole(x)) / 1000;
    char text[G_ASCII_DTOSTR_BUF_SIZE];
    if (picture->y.quantity == MPS_QUANTITY_TIME)
        y /= 1e6; /* ms */
    fprintf(out, " %s%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT " %s", us < 0 ? "-" : "",
            ABS(us / 1000000), ABS(us % 1000000), g_ascii_formatd(text, sizeof text, "%.12g", y));
}

static void put_line(FILE *out, const mps_picture *picture, double x, double y, double x2,
                     double y2)
{
    fputs("line", out);
    put_place(out, picture, x, y);
    put_place(out, picture, x2, y2);
    putc('\n', out);
}

static void put_sign(FILE *out, const mps_picture *picture, const char *sign, const mps_dot *dot)
{
    fputs(sign, out);
    put_place(out, picture, dot->x, dot->y);
    putc('\n', out);
}

/* Write a line that holds until the next dot. */
static void put_steps(FILE *out, const mps_picture *picture, const mps_curve *curve)
{
    for (guint i = 0; i < curve->dots->len; i++) {
        const mps_dot *dot = &g_array_index(curve->dots, mps_dot, i);
        const mps_dot *next = i + 1 < curve->dots->len ? dot + 1 : NULL;
        if (isnan(dot->y))
            continue;
        const double end = next ? next->x : fmax(picture->end, dot->x);
        put_line(out, picture, dot->x, dot->y, end, dot->y);
        if (next && !isnan(next->y))
            put_line(out, picture, end, dot->y, end, next->y);
    }
}

static void put_dots(FILE *out, const mps_picture *picture, const mps_curve *curve)
{
    static const char *const signs[MPS_MARKS] = {
        [MPS_MARK_NONE] = "dot",
        [MPS_MARK_RETRANSMITTED] = "diamond",
        [MPS_MARK_REINJECTED] = "box",
    };
    for (guint i = 0; i < curve->dots->len; i++) {
        const mps_dot *dot = &g_array_index(curve->dots, mps_dot, i);
        if (curve->style == MPS_CURVE_STROKES)
            put_line(out, picture, dot->x, dot->y, dot->x, dot->y2);
        if (curve->style != MPS_CURVE_STROKES || curve->mark != MPS_MARK_NONE)
            put_sign(out, picture, signs[curve->mark], dot);
    }
}

static void put_ticks(FILE *out, const mps_picture *picture)
{
    for (guint i = 0; i < picture->ticks->len; i++) {
        const mps_tick *tick = &g_array_index(picture->ticks, mps_tick, i);
        const mps_dot dot = {.x = tick->x};
        put_sign(out, picture, "rtext", &dot);
        fprintf(out, "%s", tick->name);
        if (tick->of_direction)
            fprintf(out, " %s", mps_direction_name(tick->direction));
        if (tick->of_subflow)
            fprintf(out, " %u", tick->subflow);
        putc('\n', out);
    }
}

void mps_picture_write_xplot(const mps_picture *picture, FILE *out)
{
    const mps_panel *panel = panel_of(picture);
    const bool is_time = picture->y.quantity == MPS_QUANTITY_TIME;
    fprintf(out, "timeval %s\ntitle\n", is_time ? "double" : "unsigned");
    mps_put_printable(out, picture->title);
    fprintf(out, ", %s\nxlabel\ntime\nylabel\n%s%s\n", mps_direction_name(panel->direction),
            picture->y.label, is_time ? " (ms)" : "");
    for (guint k = 0; k < panel->curves->len; k++) {
        const mps_curve *curve = panel->curves->pdata[k];
        fprintf(out, "%s\n", colour_of(curve));
        if (curve->style == MPS_CURVE_STEPS || curve->style == MPS_CURVE_STACK)
            put_steps(out, picture, curve);
        else
            put_dots(out, picture, curve);
    }
    fputs("white\n", out);
    put_ticks(out, picture);
    fputs("go\n", out);
}
