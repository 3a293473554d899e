/* gnuplot_curves.c: writes the curves of a panel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "gnuplot.h"
#include "palette.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Pixels that gnuplot reckons for a character of the legend, and for the sample of a curve beside
 * it with its space. It has as many columns as have room by that, so that this must not be less. */
#define LEGEND_CHARACTER 9.35
#define LEGEND_SAMPLE 44.0

/* A stroke is at least so high, as a share of the diagram: one of less than a pixel is not seen. */
#define LEAST_STROKE (1.0 / 150)

/* So many points in a panel are few. */
#define FEW_POINTS 400u

/* How much of a pale curve's colour is white. It is not transparent: where many lie over each other
 * they would be as dark as what they are paler than. */
#define PALE 0.72
#define PALE_WIDE 0.6  /* of a wide line below others */
#define PALE_LIMIT 0.2 /* likewise */
#define PALE_AGAIN 0.5 /* of a colour that is used again */

/* How marks are shown. */
static const struct {
    const char *legend;
    unsigned shape; /* of gnuplot's points */
} marks[MPS_MARKS] = {
    [MPS_MARK_RETRANSMITTED] = {"retransmitted", 8},
    [MPS_MARK_REINJECTED] = {"reinjected", 6},
};

static const mps_curve *curve_at(const mps_panel *panel, guint i)
{
    return panel->curves->pdata[i];
}

/* @return whether a curve is the first of those that share its legend */
static bool is_first(const mps_panel *panel, guint i)
{
    for (guint k = 0; k < i; k++)
        if (g_strcmp0(curve_at(panel, k)->legend, curve_at(panel, i)->legend) == 0)
            return false;
    return true;
}

/* @return whether a curve is the first with its mark */
static bool is_first_marked(const mps_panel *panel, guint i)
{
    for (guint k = 0; k < i; k++)
        if (curve_at(panel, k)->mark == curve_at(panel, i)->mark)
            return false;
    return true;
}

/* @return how many entries the legend of a panel has. @param longest  set to characters */
static unsigned legend_entries(const mps_panel *panel, size_t *longest)
{
    unsigned entries = 0;
    *longest = 0;
    for (guint i = 0; i < panel->curves->len; i++) {
        const mps_curve *curve = curve_at(panel, i);
        if (curve->mark != MPS_MARK_NONE && is_first_marked(panel, i)) {
            entries++;
            *longest = MAX(*longest, strlen(marks[curve->mark].legend));
        }
        if (curve->legend && is_first(panel, i)) {
            entries++;
            *longest = MAX(*longest, (size_t)g_utf8_strlen(curve->legend, -1));
        }
    }
    return entries;
}

unsigned mps_gnuplot_legend_columns(const mps_panel *panel, unsigned width)
{
    size_t longest;
    legend_entries(panel, &longest);
    return MAX((unsigned)(width / ((double)longest * LEGEND_CHARACTER + LEGEND_SAMPLE)), 1);
}

unsigned mps_gnuplot_legend_lines(const mps_panel *panel, unsigned width)
{
    size_t longest;
    const unsigned columns = mps_gnuplot_legend_columns(panel, width);
    return (legend_entries(panel, &longest) + columns - 1) / columns;
}

/* Write a line of numbers. @param count  how many */
static void write_line(FILE *script, const double *numbers, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (i > 0)
            putc(' ', script);
        mps_gnuplot_number(script, numbers[i]);
    }
    putc('\n', script);
}

/* @return whether a curve is a distribution: from 0 at its left to 1 at its right */
static bool is_distribution(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    return curve->style == MPS_CURVE_STEPS && p->picture->y.quantity == MPS_QUANTITY_SHARE;
}

/* @return whether a curve is drawn wide, so that it is seen below those drawn over it: the
 * distribution of all, which may be that of one of them */
static bool is_wide(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    return curve->role == MPS_ROLE_CONNECTION && is_distribution(p, curve);
}

/* @return where the last value of a curve of steps holds until; NAN: it ends with its last dot */
static double end_of(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    if (is_distribution(p, curve))
        return p->extent.x_high;
    return curve->style == MPS_CURVE_STEPS ? p->picture->end : NAN;
}

/* Write the foot of a distribution, from which its first step rises. @param line  set to it
 * @return the number of its first dot that has a place: a logarithmic axis has none for those
 * before */
static guint write_foot(FILE *script, const mps_gnuplot_panel *p, const GArray *dots,
                        double line[3])
{
    const mps_dot *dot = (const mps_dot *)(const void *)dots->data;
    guint first = 0;
    while (p->extent.x_logarithmic && first < dots->len && !(dot[first].x > 0))
        first++;
    line[0] = (first > 0 ? p->extent.x_low : dot[0].x) / p->x.size;
    line[1] = (first > 0 ? dot[first - 1].y : 0) / p->y.size;
    write_line(script, line, 3);
    return first;
}

/* Make one span of those that join: an image would have a seam between them. */
static void join_spans(GArray *spans)
{
    guint count = 0;
    for (guint i = 0; i < spans->len; i++) {
        const mps_dot *next = &g_array_index(spans, mps_dot, i);
        mps_dot *last = &g_array_index(spans, mps_dot, count > 0 ? count - 1 : 0);
        if (count > 0 && next->y == last->y && next->x <= last->y2)
            last->y2 = fmax(last->y2, next->y2);
        else
            g_array_index(spans, mps_dot, count++) = *next;
    }
    g_array_set_size(spans, count);
}

/* @return a stroke that is high enough to be seen, about the middle of another */
static mps_dot visible_stroke(const mps_gnuplot_panel *p, const mps_dot *stroke)
{
    mps_dot visible = *stroke;
    const double lacks =
        (p->extent.y_high - p->extent.y_low) * LEAST_STROKE - (stroke->y2 - stroke->y);
    if (lacks > 0) {
        visible.y -= lacks / 2;
        visible.y2 += lacks / 2;
    }
    return visible;
}

static void write_dots(FILE *script, const mps_gnuplot_panel *p, const mps_curve *curve)
{
    GArray *dots = mps_thin(curve->dots, curve->style, &p->extent);
    const double end = end_of(p, curve);
    double line[3] = {0, NAN, NAN};
    guint first = 0;
    if (curve->style == MPS_CURVE_SPANS)
        join_spans(dots);
    if (is_distribution(p, curve) && dots->len > 0)
        first = write_foot(script, p, dots, line);
    for (guint i = first; i < dots->len; i++) {
        mps_dot dot = g_array_index(dots, mps_dot, i);
        if (isnan(dot.y) && !isnan(line[1])) { /* what held until then */
            line[0] = dot.x / p->x.size;
            write_line(script, line, 3);
        }
        if (curve->style == MPS_CURVE_STROKES)
            dot = visible_stroke(p, &dot);
        line[0] = dot.x / p->x.size;
        line[1] = dot.y / p->y.size;
        line[2] = dot.y2 / (curve->style == MPS_CURVE_SPANS ? p->x.size : p->y.size);
        write_line(script, line, 3);
    }
    if (dots->len > 0 && end / p->x.size > line[0]) {
        line[0] = end / p->x.size;
        write_line(script, line, 3);
    }
    g_array_free(dots, TRUE);
}

/* Write a line for each corner of the steps of a stack: x, and the sums of its first 1, 2, 3 ...
 * curves. gnuplot's own steps would be a box each, which makes an image large. */
static void write_stack(FILE *script, const mps_gnuplot_panel *p)
{
    mps_stack stack = mps_stack_of(p->panel);
    mps_stack_thin(&stack, &p->extent);
    const guint width = stack.count + 1, places = mps_stack_places(&stack);
    double *line = g_new0(double, width);
    for (guint i = 0; i < places; i++) {
        const double *heights = &g_array_index(stack.heights, double, i *width);
        line[0] = heights[0] / p->x.size;
        if (i > 0) /* what held until then */
            write_line(script, line, width);
        for (guint k = 1; k < width; k++)
            line[k] = (k > 1 ? line[k - 1] : 0) + heights[k] / p->y.size;
        write_line(script, line, width);
    }
    if (places > 0 && p->picture->end / p->x.size > line[0]) {
        line[0] = p->picture->end / p->x.size;
        write_line(script, line, width);
    }
    g_free(line);
    mps_stack_clear(&stack);
}

/* Write the numbers of the panel as blocks, $P0S of the stack and $P0C0, $P0C1 ... of others. */
static void write_blocks(FILE *script, const mps_gnuplot_panel *p)
{
    bool stacked = false;
    for (guint i = 0; i < p->panel->curves->len; i++) {
        const mps_curve *curve = curve_at(p->panel, i);
        if (curve->style == MPS_CURVE_STACK) {
            stacked = true;
            continue;
        }
        fprintf(script, "$P%uC%u << EOD\n", p->number, i);
        write_dots(script, p, curve);
        fputs("EOD\n", script);
    }
    if (!stacked)
        return;
    fprintf(script, "$P%uS << EOD\n", p->number);
    write_stack(script, p);
    fputs("EOD\n", script);
}

/* Write the colour of a curve, or how it looks on white if it is paler.
 * @param white  how much of it is white, from 0 to 1 */
static void write_colour(FILE *script, const mps_curve *curve, double white)
{
    const unsigned long colour = strtoul(mps_palette_colour(curve) + 1, NULL, 16);
    unsigned long shown = 0;
    for (unsigned shift = 0; shift < 24; shift += 8) {
        const double part = (double)(colour >> shift & 0xff);
        shown |= (unsigned long)(part + (255 - part) * white) << shift;
    }
    fprintf(script, " linecolor rgb '#%06lx'", shown);
}

/* @return the number of the shape of gnuplot's points: rings about dots of the same place */
static int point_of(const mps_curve *curve)
{
    return curve->role == MPS_ROLE_CONNECTION ? 6 : 7;
}

/* @return whether a curve is a limit that is nowhere in the part that the image shows */
static bool is_above(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    if (curve->role != MPS_ROLE_LIMIT)
        return false;
    for (guint i = 0; i < curve->dots->len; i++)
        if (g_array_index(curve->dots, mps_dot, i).y <= p->extent.y_high)
            return false;
    return true;
}

/* @return the size of the points of a panel: a few are larger, or they are not seen */
static double point_size(const mps_gnuplot_panel *p)
{
    guint count = 0;
    for (guint i = 0; i < p->panel->curves->len; i++)
        if (curve_at(p->panel, i)->style == MPS_CURVE_POINTS)
            count += curve_at(p->panel, i)->dots->len;
    return count <= FEW_POINTS ? 0.9 : 0.5;
}

static void write_title(FILE *script, const mps_gnuplot_panel *p, guint i)
{
    const mps_curve *curve = curve_at(p->panel, i);
    if (!curve->legend || !is_first(p->panel, i)) {
        fputs(" notitle", script);
        return;
    }
    fputs(" title ", script);
    char *legend = g_strconcat(curve->legend, is_above(p, curve) ? " (above)" : "", NULL);
    mps_gnuplot_text(script, legend);
    g_free(legend);
}

/* @return how wide a line of steps is; a limit is seen below what runs along it */
static const char *width_of(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    if (is_wide(p, curve))
        return "5";
    return curve->role == MPS_ROLE_LIMIT ? "3" : "1.5";
}

/* @return how much of a curve's colour is white */
static double paleness_of(const mps_gnuplot_panel *p, const mps_curve *curve)
{
    if (curve->pale)
        return PALE;
    if (curve->role == MPS_ROLE_LIMIT)
        return PALE_LIMIT;
    if (is_wide(p, curve))
        return PALE_WIDE;
    return mps_palette_round(curve) && curve->style != MPS_CURVE_STEPS ? PALE_AGAIN : 0;
}

/* Write how the curves of a stack are plotted: the highest first, the lower ones over it; and their
 * legend in the order of the others. @return whether there is any */
static bool plot_stack(FILE *script, const mps_gnuplot_panel *p)
{
    guint number = 0; /* among the stacked ones */
    bool any = false;
    for (guint i = 0; i < p->panel->curves->len; i++)
        number += curve_at(p->panel, i)->style == MPS_CURVE_STACK;
    for (guint i = p->panel->curves->len; i-- > 0;) {
        const mps_curve *curve = curve_at(p->panel, i);
        if (curve->style != MPS_CURVE_STACK || --number >= MPS_STACK_MAX)
            continue;
        fprintf(script, "%s$P%uS using 1:%u with filledcurves y1=0 fillstyle solid 1 noborder",
                any ? ", " : "", p->number, mps_stack_column(number) + 2);
        write_colour(script, curve, paleness_of(p, curve));
        fputs(" notitle", script);
        any = true;
    }
    for (guint i = 0; i < p->panel->curves->len; i++) {
        const mps_curve *curve = curve_at(p->panel, i);
        if (curve->style != MPS_CURVE_STACK || !curve->legend || !is_first(p->panel, i))
            continue;
        fputs(", keyentry with boxes fillstyle solid 1 noborder", script);
        write_colour(script, curve, paleness_of(p, curve));
        write_title(script, p, i);
    }
    return any;
}

/* Write the mark of a curve. */
static void plot_mark(FILE *script, const mps_gnuplot_panel *p, guint i)
{
    const mps_curve *curve = curve_at(p->panel, i);
    const unsigned shape = marks[curve->mark].shape;
    fprintf(script,
            ", $P%uC%u using 1:2 with points pointtype %u pointsize 1 linewidth 1.5 linecolor rgb "
            "'%s' notitle",
            p->number, i, shape, mps_palette_colour(curve));
    if (is_first_marked(p->panel, i))
        fprintf(script,
                ", keyentry with points pointtype %u pointsize 1 linewidth 1.5 linecolor rgb "
                "'#000000' title '%s'",
                shape, marks[curve->mark].legend);
}

/* Write how one curve is plotted. */
static void plot_curve(FILE *script, const mps_gnuplot_panel *p, guint i)
{
    static const char *const styles[] = {
        [MPS_CURVE_POINTS] = "1:2 with points",
        [MPS_CURVE_STROKES] = "1:2:(0):($3-$2) with vectors nohead linewidth 3",
        [MPS_CURVE_STEPS] = "1:2 with steps",
        [MPS_CURVE_BAND] = "1:2:(0):($3-$2) with vectors nohead linewidth 3",
        [MPS_CURVE_SPANS] = "1:2:1:3:($2-0.4):($2+0.4) with boxxyerror fillstyle solid noborder",
    };
    const mps_curve *curve = curve_at(p->panel, i);
    const bool points = curve->style == MPS_CURVE_POINTS;
    const double white = paleness_of(p, curve);
    fprintf(script, "$P%uC%u using %s", p->number, i, styles[curve->style]);
    if (curve->style == MPS_CURVE_STEPS)
        fprintf(script, " linewidth %s", width_of(p, curve));
    if (curve->style == MPS_CURVE_STEPS && mps_palette_round(curve))
        fputs(" dashtype 2", script);
    if (points) {
        fprintf(script, " pointtype %d pointsize ", point_of(curve));
        mps_gnuplot_number(script, point_size(p));
    }
    write_colour(script, curve, white);
    if (points && curve->legend && is_first(p->panel, i)) { /* large enough to tell its colour */
        fprintf(script, " notitle, keyentry with points pointtype %d pointsize 1.2",
                point_of(curve));
        write_colour(script, curve, white);
    }
    write_title(script, p, i);
    if (curve->mark != MPS_MARK_NONE)
        plot_mark(script, p, i);
}

void mps_gnuplot_curves(FILE *script, const mps_gnuplot_panel *p)
{
    write_blocks(script, p);
    fputs("plot ", script);
    bool any = plot_stack(script, p);
    for (guint i = 0; i < p->panel->curves->len; i++) {
        if (curve_at(p->panel, i)->style == MPS_CURVE_STACK)
            continue;
        if (any)
            fputs(", ", script);
        plot_curve(script, p, i);
        any = true;
    }
    putc('\n', script);
}
