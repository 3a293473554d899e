/* kind_critical_path.c: the plot "critical-path": what each moment of a transfer waited for: a lane
 * for each class, and the sums of all classes in the first one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path/critical_rows.h"
#include "plot_internal.h"

/* The lane of the sums; that of a class has the class as its number after it. */
#define LANE_SUMS 0

static double lane_of(unsigned class)
{
    return (double)class + 1;
}

/* Add the sums, one after the other from the beginning of the path on. */
static void add_sums(const mps_plot_subject *subject, const mps_critical_path *path,
                     mps_curve *const *curves)
{
    double at = mps_plot_time(subject, path->start);
    for (unsigned class = 0; class < MPS_CRITICAL_CLASSES; class ++) {
        const double time = (double)path->classes[class];
        if (time > 0)
            mps_curve_add(curves[class], at, LANE_SUMS, at + time, 0);
        at += time;
    }
}

static void add_pieces(const mps_plot_subject *subject, const mps_critical_path *path,
                       mps_curve *const *curves)
{
    for (guint i = path->pieces->len; i-- > 0;) { /* the last one is the first in time */
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        const unsigned class =
            mps_critical_class_of((mps_critical_cause)piece->cause, (mps_critical_why)piece->why);
        mps_curve_add(curves[class], mps_plot_time(subject, piece->from.time), lane_of(class),
                      mps_plot_time(subject, piece->to.time), piece->to.frame);
    }
}

static void draw_path(const mps_plot_subject *subject, const mps_critical_path *path,
                      mps_panel *panel)
{
    mps_curve *sums[MPS_CRITICAL_CLASSES], *pieces[MPS_CRITICAL_CLASSES];
    for (unsigned class = 0; class < MPS_CRITICAL_CLASSES; class ++) {
        const mps_curve spans = {.style = MPS_CURVE_SPANS, .role = MPS_ROLE_CAUSE, .index = class};
        const char *name = mps_critical_class_name(class);
        char *legend = g_strdup_printf(
            "%s: %.1f %%", name,
            path->elapsed > 0 ? 100 * (double)path->classes[class] / (double)path->elapsed : 0.0);
        sums[class] = mps_panel_add(panel, &spans, name, g_strdup(legend));
        pieces[class] = mps_panel_add(panel, &spans, name, legend);
    }
    add_sums(subject, path, sums);
    add_pieces(subject, path, pieces);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    const mps_critical_choice choice = {.connection = subject->connection.number,
                                        .end_subflow = MPS_NONE,
                                        .directions = subject->choice.directions};
    GArray *rows = subject->comparison
                       ? mps_critical_rows_of(subject->comparison, &choice)
                       : mps_critical_rows_of_report(subject->report, subject->tracker);
    mps_picture_lane(picture, "all");
    for (unsigned class = 0; class < MPS_CRITICAL_CLASSES; class ++)
        mps_picture_lane(picture, mps_critical_class_name(class));
    for (guint i = 0; i < rows->len; i++) {
        const mps_critical_row *row = &g_array_index(rows, mps_critical_row, i);
        mps_panel *panel = mps_plot_panel(subject, picture, row->direction);
        if (row->path->reason != MPS_CRITICAL_KNOWN)
            mps_picture_remark(picture, mps_critical_reason_text(row->path->reason));
        else if (panel)
            draw_path(subject, row->path, panel);
    }
    g_array_free(rows, TRUE);
}

const mps_plot_kind mps_plot_critical_path = {
    .name = "critical-path",
    .title = "Critical path",
    .least = 1,
    .most = 2,
    .needs = MPS_NEED_CRITICAL_PATH,
    .report = "critical-path",
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_LANE, .label = "waited for", .column = "lane", .until = "until"},
    .missing = "critical path",
    .draw = draw,
};
