/* kind_critical_path.c: the plot "critical-path": what each moment of a transfer waited for: a lane
 * for each class, and the sums of all classes in the first one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path/critical_rows.h"
#include "plot_internal.h"
#include <math.h>

/* The lane of the sums; that of a class has the class as its number after it. */
#define LANE_SUMS 0

static double lane_of(unsigned class)
{
    return (double)class + 1;
}

/* A path that is drawn, or the part of it that is asked for. */
typedef struct {
    const mps_plot_subject *subject;
    double from, to;                          /* on the axis of time */
    double times[MPS_CRITICAL_CLASSES], time; /* of each class in that part, and of all, ns */
    mps_curve *sums[MPS_CRITICAL_CLASSES], *pieces[MPS_CRITICAL_CLASSES];
} path_part;

static void add_curves(path_part *part, mps_panel *panel)
{
    for (unsigned class = 0; class < MPS_CRITICAL_CLASSES; class ++) {
        const mps_curve spans = {.style = MPS_CURVE_SPANS, .role = MPS_ROLE_CAUSE, .index = class};
        const char *name = mps_critical_class_name(class);
        part->sums[class] = mps_panel_add(panel, &spans, name, NULL);
        part->pieces[class] = mps_panel_add(panel, &spans, name, NULL);
    }
}

static void add_pieces(path_part *part, const mps_critical_path *path)
{
    for (guint i = path->pieces->len; i-- > 0;) { /* the last one is the first in time */
        const mps_critical_piece *piece = &g_array_index(path->pieces, mps_critical_piece, i);
        const unsigned class =
            mps_critical_class_of((mps_critical_cause)piece->cause, (mps_critical_why)piece->why);
        const double begin = mps_plot_time(part->subject, piece->from.time),
                     end = mps_plot_time(part->subject, piece->to.time),
                     shown = fmax(begin, part->from), shown_end = fmin(end, part->to);
        if (shown > shown_end || (shown == shown_end && begin < end))
            continue;
        part->times[class] += shown_end - shown;
        part->time += shown_end - shown;
        mps_curve_add(part->pieces[class], shown, lane_of(class), shown_end, piece->to.frame);
    }
}

/* Add the sums, one after the other from the beginning of the part on, and their shares. */
static void add_sums(const path_part *part, double begin)
{
    for (unsigned class = 0; class < MPS_CRITICAL_CLASSES; class ++) {
        const double time = part->times[class];
        if (time > 0)
            mps_curve_add(part->sums[class], begin, LANE_SUMS, begin + time, 0);
        begin += time;
        part->pieces[class]->legend =
            g_strdup_printf("%s: %.1f %%", mps_critical_class_name(class),
                            part->time > 0 ? 100 * time / part->time : 0.0);
        part->sums[class]->legend = g_strdup(part->pieces[class]->legend);
    }
}

static void draw_path(const mps_plot_subject *subject, const mps_critical_path *path,
                      mps_panel *panel)
{
    const mps_plot_choice *choice = &subject->choice;
    path_part part = {.subject = subject,
                      .from = choice->from == INT64_MIN ? -INFINITY : (double)choice->from,
                      .to = choice->to == INT64_MAX ? INFINITY : (double)choice->to};
    add_curves(&part, panel);
    add_pieces(&part, path);
    add_sums(&part, fmax(mps_plot_time(subject, path->start), part.from));
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
        if (panel && row->path->reason != MPS_CRITICAL_KNOWN)
            mps_picture_lacks(picture, row->direction, mps_critical_reason_text(row->path->reason));
        else if (panel)
            draw_path(subject, row->path, panel);
    }
    g_array_free(rows, TRUE);
}

const mps_plot_kind mps_plot_critical_path = {
    .name = "critical-path",
    .title = "Critical path",
    .about = "what each moment of a transfer waited for",
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
