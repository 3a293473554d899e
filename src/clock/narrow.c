/* narrow.c: finds between which segments a clock was set.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock-internal.h"
#include <math.h>

double mps_piece_delay(const mps_clock_estimate *estimate, const mps_piece *piece, bool forward,
                       const mps_sample *sample)
{
    double x = (double)mps_minus(sample->a, estimate->reference);
    double ahead = piece->offset + estimate->skew * x;
    double delay = (double)mps_minus(sample->y, estimate->base) - ahead;
    return forward ? delay : -delay;
}

/* The shortest delays of a series before and behind a step, both by the line before it.
 * @return false: it lacks one */
static bool levels(const mps_series *series, const mps_axis *axis,
                   const mps_clock_estimate *estimate, const mps_piece *before, double level[2])
{
    level[0] = level[1] = INFINITY;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_sample *sample = &g_array_index(series->samples, mps_sample, i);
        int64_t moment = mps_axis_moment(axis, sample);
        bool behind = moment > before[1].sure.from;
        if (moment < before->sure.from || moment > before[1].sure.until ||
            (!behind && moment >= before->sure.until))
            continue;
        level[behind] =
            fmin(level[behind], mps_piece_delay(estimate, before, series->forward, sample));
    }
    return level[0] < INFINITY && level[1] < INFINITY;
}

/* A delay that is less than the middle of both levels is of the side with the lower one. */
static void narrow_by(const mps_series *series, const mps_axis *axis,
                      const mps_clock_estimate *estimate, const mps_piece *before,
                      mps_window *window)
{
    double level[2];
    const mps_window given = {before->sure.until, before[1].sure.from};
    if (!levels(series, axis, estimate, before, level))
        return;
    for (guint i = 0; i < series->samples->len; i++) {
        const mps_sample *sample = &g_array_index(series->samples, mps_sample, i);
        int64_t moment = mps_axis_moment(axis, sample);
        if (moment < given.from || moment > given.until ||
            mps_piece_delay(estimate, before, series->forward, sample) >= (level[0] + level[1]) / 2)
            continue;
        if (level[0] < level[1])
            window->from = MAX(window->from, moment);
        else
            window->until = MIN(window->until, moment);
    }
}

void mps_pieces_narrow(const mps_clock *clock, const mps_axis *axis, mps_clock_estimate *estimate)
{
    for (guint i = 0; i < estimate->pieces->len; i++)
        g_array_index(estimate->pieces, mps_piece, i).likely =
            g_array_index(estimate->pieces, mps_piece, i).sure;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++) {
        mps_piece *before = &g_array_index(estimate->pieces, mps_piece, i);
        mps_window window = {before->sure.until, before[1].sure.from};
        for (guint k = 0; !before[1].doubtful && k < clock->all->len; k++)
            narrow_by(clock->all->pdata[k], axis, estimate, before, &window);
        if (window.from <= window.until) {
            before->likely.until = window.from;
            before[1].likely.from = window.until;
        }
    }
}
