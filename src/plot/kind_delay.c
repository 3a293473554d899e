/* kind_delay.c: the plots "delay" and "delay-cdf": the one-way delay of each matched segment, as
 * mptcpscope owd has it, and the error of the clocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "compare/comparison.h"
#include "compare/outcomes.h"
#include "plot_internal.h"

/* A subflow's curves: the delays, the least and the greatest that the clocks allow. */
typedef struct {
    mps_curve *delay, *low, *high;
} delay_curves;

static const mps_packet *packet_at_a(const mps_comparison_row *row, const mps_align_lists *lists,
                                     const mps_outcome *outcome)
{
    return row->a_sends ? &lists->sent[outcome->sent] : &lists->received[outcome->received];
}

/* Add a matched segment. @param cdf  the delay is on the x axis */
static void add(const mps_plot_subject *subject, const mps_comparison_row *row,
                const mps_outcome *outcome, uint32_t frame, bool cdf, const delay_curves *curves)
{
    const double delay = (double)outcome->delay, time = mps_plot_time(subject, outcome->time);
    int64_t low, high;
    mps_curve_add(curves->delay, cdf ? delay : time, delay, 0, frame);
    if (!mps_comparison_error(subject->comparison, row->a_sends, outcome->time, outcome->time_b,
                              &low, &high))
        return;
    const double least = delay + (double)low, most = delay + (double)high;
    if (cdf) {
        mps_curve_add(curves->low, least, 0, 0, frame);
        mps_curve_add(curves->high, most, 0, 0, frame);
    } else {
        mps_curve_add(curves->low, time, least, most, frame);
    }
}

static void draw_row(const mps_plot_subject *subject, guint number, bool cdf,
                     const delay_curves *curves)
{
    const mps_comparison_row *row =
        &g_array_index(subject->comparison->rows, mps_comparison_row, number);
    GArray *outcomes = mps_outcomes_of(subject->comparison, number);
    mps_align_lists lists;
    mps_comparison_lists(subject->comparison, row, &lists);
    for (guint i = 0; i < outcomes->len; i++) {
        const mps_outcome *outcome = &g_array_index(outcomes, mps_outcome, i);
        if (outcome->kind == MPS_SENT_MATCHED)
            add(subject, row, outcome, packet_at_a(row, &lists, outcome)->frame, cdf, curves);
    }
    g_array_free(outcomes, TRUE);
}

/* @param is_cdf  bool *: the plot is the distribution */
static void draw_direction(const mps_plot_subject *subject, mps_panel *panel, const void *is_cdf)
{
    const bool cdf = *(const bool *)is_cdf;
    const GArray *rows = subject->comparison->rows;
    const mps_curve band = {.style = cdf ? MPS_CURVE_STEPS : MPS_CURVE_BAND, .pale = true},
                    delay = {.style = cdf ? MPS_CURVE_STEPS : MPS_CURVE_POINTS};
    GPtrArray *lows = mps_plot_subflow_curves(subject, panel, &band, cdf ? "least" : "error");
    GPtrArray *highs = mps_plot_subflow_curves(subject, panel, &band, "greatest");
    mps_plot_without_legend(lows);
    mps_plot_without_legend(highs);
    GPtrArray *delays = mps_plot_subflow_curves(subject, panel, &delay, "delay");
    for (guint i = 0; i < rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(rows, mps_comparison_row, i);
        if (row->connection != subject->connection.number || row->direction != panel->direction ||
            row->pair.a == MPS_NONE)
            continue;
        const delay_curves curves = {delays->pdata[row->subflow], lows->pdata[row->subflow],
                                     highs->pdata[row->subflow]};
        draw_row(subject, i, cdf, &curves);
    }
    if (cdf)
        mps_panel_accumulate(panel);
    for (guint i = 0; !cdf && i < panel->curves->len; i++)
        mps_curve_sort(panel->curves->pdata[i]);
    g_ptr_array_free(lows, TRUE);
    g_ptr_array_free(highs, TRUE);
    g_ptr_array_free(delays, TRUE);
}

static void draw(const mps_plot_subject *subject, mps_picture *picture, bool cdf)
{
    mps_plot_each_direction(subject, picture, draw_direction, &cdf);
    if (subject->comparison->clock.has_offset)
        mps_picture_remark(picture, "pale: what the bounds of the clocks allow");
    if (!subject->comparison->corrected)
        mps_picture_remark(picture, "the clocks are not corrected: delays hold their difference");
}

static void draw_delay(const mps_plot_subject *subject, mps_picture *picture)
{
    draw(subject, picture, false);
}

static void draw_cdf(const mps_plot_subject *subject, mps_picture *picture)
{
    draw(subject, picture, true);
}

const mps_plot_kind mps_plot_delay = {
    .name = "delay",
    .title = "One-way delay",
    .about = "one-way delays over time",
    .by_subflow = true,
    .least = 2,
    .most = 2,
    .needs = MPS_NEED_FIRST_SEEN,
    .over_time = true,
    .x = MPS_PLOT_TIME_AXIS,
    .y = {.quantity = MPS_QUANTITY_TIME,
          .from_any = true,
          .label = "one-way delay",
          .column = "delay",
          .until = "delay_most"},
    .missing = "segments that both captures have",
    .draw = draw_delay,
};

const mps_plot_kind mps_plot_delay_cdf = {
    .name = "delay-cdf",
    .title = "One-way delay",
    .about = "the distribution of one-way delays",
    .by_subflow = true,
    .least = 2,
    .most = 2,
    .needs = MPS_NEED_FIRST_SEEN,
    .x = {.quantity = MPS_QUANTITY_TIME, .label = "one-way delay", .column = "delay"},
    .y = {.quantity = MPS_QUANTITY_SHARE,
          .label = "segments with at most this delay",
          .column = "share"},
    .missing = "segments that both captures have",
    .draw = draw_cdf,
};
