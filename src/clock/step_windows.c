/* step_windows.c: finds between which segments a clock was set, or a path changed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

/* A line that is gone on with, beyond its piece. */
typedef struct {
    const mps_clock_estimate *estimate;
    const mps_clock_span *piece;
} mps_clock_span_line;

static double delay_by_line(const mps_delay_series *series, const mps_clock_sample *sample,
                            const void *data)
{
    const mps_clock_span_line *line = data;
    return mps_clock_span_delay(line->estimate, line->piece, series->forward, sample);
}

/* The shortest delays of a series before and behind a step, both by the line before it.
 * @return false: it lacks one */
static bool find_levels(const mps_delay_series *series, const mps_delays *delays,
                        const mps_clock_span *before, double level[2])
{
    level[0] = level[1] = INFINITY;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(delays->axis, sample);
        bool behind = moment > before[1].sure.from;
        if (moment < before->sure.from || moment > before[1].sure.until ||
            (!behind && moment >= before->sure.until))
            continue;
        level[behind] = fmin(level[behind], delays->delay(series, sample, delays->data));
    }
    return level[0] < INFINITY && level[1] < INFINITY;
}

void mps_step_window_narrow(const mps_delays *delays, const mps_delay_change *change,
                            const mps_window *within, mps_window *window)
{
    const mps_delay_series *series = change->series;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(delays->axis, sample);
        if (moment < within->from || moment > within->until ||
            delays->delay(series, sample, delays->data) >= change->middle)
            continue;
        if (change->drop)
            window->until = MIN(window->until, moment);
        else
            window->from = MAX(window->from, moment);
    }
}

/* Narrow the window of a step by one series. */
static void narrow_by(const mps_delay_series *series, const mps_delays *delays,
                      const mps_clock_span *before, mps_window *window)
{
    double level[2];
    const mps_window given = {before->sure.until, before[1].sure.from};
    if (!find_levels(series, delays, before, level))
        return;
    const mps_delay_change step = {series, (level[0] + level[1]) / 2, level[0] >= level[1]};
    mps_step_window_narrow(delays, &step, &given, window);
}

void mps_clock_spans_narrow(const mps_clock *clock, const mps_axis *axis,
                            mps_clock_estimate *estimate)
{
    for (guint i = 0; i < estimate->pieces->len; i++)
        g_array_index(estimate->pieces, mps_clock_span, i).likely =
            g_array_index(estimate->pieces, mps_clock_span, i).sure;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++) {
        mps_clock_span *before = &g_array_index(estimate->pieces, mps_clock_span, i);
        mps_window window = {before->sure.until, before[1].sure.from};
        const mps_clock_span_line line = {estimate, before};
        const mps_delays delays = {axis, delay_by_line, &line};
        for (guint k = 0; !before[1].doubtful && k < clock->all->len; k++)
            narrow_by(clock->all->pdata[k], &delays, before, &window);
        if (window.from <= window.until) {
            before->likely.until = window.from;
            before[1].likely.from = window.until;
        }
    }
}
