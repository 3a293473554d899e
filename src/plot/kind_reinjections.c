/* kind_reinjections.c: the plot "reinjections": how long after they were sent data bytes were
 * reinjected, and whether that was of use: by the rows of the report "reinjections", with two
 * captures by the verdicts.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "plot_internal.h"
#include "reinjection/reinjection_tables.h"
#include <string.h>

/* What became of reinjections. */
enum { FATE_USEFUL, FATE_WASTED, FATE_OTHER, FATES };

static const struct {
    const char *name, *legend;
} of_one[FATES] =
    {
        [FATE_USEFUL] = {"not acknowledged", "not acknowledged when it was sent again"},
        [FATE_WASTED] = {"acknowledged", "wasted: acknowledged before"},
        [FATE_OTHER] = {"unknown", "it is not known what was acknowledged"},
},
  of_two[FATES] = {
      [FATE_USEFUL] = {"useful", "useful: it arrived first"},
      [FATE_WASTED] = {"redundant", "wasted: its bytes had arrived"},
      [FATE_OTHER] = {"other", "lost, of both kinds, or not known"},
};

/* @return what one capture shows of a row */
static unsigned fate_of_one(const mps_table *rows, unsigned row)
{
    const mps_value *acked = mps_table_value(rows, row, mps_plot_column(rows, NULL, "acked"));
    if (acked->type != MPS_VALUE_BOOL)
        return FATE_OTHER;
    return acked->boolean ? FATE_WASTED : FATE_USEFUL;
}

/* @return what two captures show of a row */
static unsigned fate_of_two(const mps_table *rows, unsigned row)
{
    const mps_value *verdict = mps_table_value(rows, row, mps_plot_column(rows, NULL, "verdict"));
    if (verdict->type != MPS_VALUE_STRING)
        return FATE_OTHER;
    for (unsigned i = 0; i < FATE_OTHER; i++)
        if (strcmp(verdict->string, of_two[i].name) == 0)
            return i;
    return FATE_OTHER;
}

static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *data)
{
    const mps_table *rows = data;
    const bool two = subject->comparison != NULL;
    const unsigned frame = mps_plot_column(rows, NULL, "frame"),
                   delay = mps_plot_column(rows, NULL, "delay");
    mps_curve *curves[FATES];
    mps_curve *all = mps_plot_line(panel, MPS_CURVE_STEPS, MPS_ROLE_CONNECTION, "all", "all");
    for (unsigned i = 0; i < FATES; i++) {
        const mps_curve steps = {.style = MPS_CURVE_STEPS, .role = MPS_ROLE_CAUSE, .index = i};
        curves[i] = mps_panel_add(panel, &steps, two ? of_two[i].name : of_one[i].name,
                                  g_strdup(two ? of_two[i].legend : of_one[i].legend));
    }
    for (unsigned row = 0; row < rows->row_count; row++) {
        const double x = mps_plot_value(rows, row, delay);
        const uint32_t number = (uint32_t)mps_table_value(rows, row, frame)->u;
        if (!mps_plot_row_is_of(subject, panel, rows, row) || !(x >= 0))
            continue;
        const unsigned fate = two ? fate_of_two(rows, row) : fate_of_one(rows, row);
        mps_curve_add(curves[fate], x, 0, 0, number);
        mps_curve_add(all, x, 0, 0, number);
    }
    mps_panel_accumulate(panel);
}

/* @return the rows of the comparison's reinjections; the caller frees them */
static mps_table *rows_of_two(const mps_plot_subject *subject)
{
    mps_reinjections_both both = {.comparison = subject->comparison,
                                  .connection = subject->connection.number};
    mps_reinjections_find(&both);
    mps_table *rows = mps_reinjection_table(&both);
    mps_reinjections_clear(&both);
    return rows;
}

static void draw(const mps_plot_subject *subject, mps_picture *picture)
{
    mps_table *rows = subject->comparison ? rows_of_two(subject)
                                          : mps_report_table(subject->report, subject->tracker);
    mps_plot_each_direction(subject, picture, draw_direction, rows);
    mps_table_free(rows);
}

const mps_plot_kind mps_plot_reinjections = {
    .name = "reinjections",
    .title = "Reinjections, by the time since the data was sent",
    .about = "the distribution of the delay of reinjections, useful and wasted",
    .least = 1,
    .most = 2,
    .report = "reinjections",
    .x = {.quantity = MPS_QUANTITY_TIME,
          .label = "time since the data was sent last",
          .column = "delay",
          .logarithmic = true},
    .y = {.quantity = MPS_QUANTITY_SHARE,
          .label = "reinjections after at most this time",
          .column = "share"},
    .missing = "reinjections whose delay is known",
    .draw = draw,
};
