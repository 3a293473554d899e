/* suspected_steps.c: finds the moments at which a clock may have been set unnoticed, or must have
 * been set.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "min_delay.h"
#include <math.h>

/* Moments at which a clock may have been set unnoticed are looked for in so many bins, where as
 * much room as this part of what there is is lost; what loses nearly as much is not told apart. */
#define DOUBT_BINS 256u
#define DOUBT_PART 0.1
#define DOUBT_SAME 0.9

/* Halvings of a capture of days down to microseconds. */
#define HALVINGS 36

/* A clock that changes for more than such a part of the capture, by time and by samples, was not
 * set, but is not steady. */
#define SUDDEN 8

/* The shortest delays backward and forward, of all series, up to each bin and from each bin. */
typedef struct {
    double until[DOUBT_BINS + 1][2], from[DOUBT_BINS + 1][2];
} mps_delay_extremes;

static void find_extremes(const mps_clock *clock, const mps_axis *axis, const mps_grid *grid,
                          const mps_clock_estimate *estimate, mps_delay_extremes *extremes)
{
    for (guint i = 0; i <= DOUBT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++)
            extremes->until[i][forward] = extremes->from[i][forward] = INFINITY;
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        bool forward = walk.series->forward;
        guint bin = mps_grid_bin(grid, mps_axis_moment(axis, walk.sample));
        double delay = mps_clock_delay(estimate, forward, walk.sample);
        double *until = &extremes->until[bin + 1][forward];
        double *from = &extremes->from[bin][forward];
        *until = fmin(*until, delay);
        *from = fmin(*from, delay);
    }
    for (guint i = 0; i < DOUBT_BINS; i++)
        for (unsigned forward = 0; forward < 2; forward++) {
            guint back = DOUBT_BINS - 1 - i;
            double *until = &extremes->until[i + 1][forward];
            double *from = &extremes->from[back][forward];
            *until = fmin(*until, extremes->until[i][forward]);
            *from = fmin(*from, extremes->from[back + 1][forward]);
        }
}

/* How much more room either side of a border has than both together: as much as a clock may have
 * been set there. 0 where a side has segments one way only */
static double lost_room(const mps_delay_extremes *extremes, guint border)
{
    const double *before = extremes->until[border], *after = extremes->from[border];
    double room = fmin(before[0], after[0]) + fmin(before[1], after[1]);
    double lost = fmin(before[0] + before[1], after[0] + after[1]) - room;
    return isfinite(before[0] + before[1] + after[0] + after[1]) ? lost : 0;
}

/* The moments at which about as much room is lost as at the one that loses most.
 * @param[out] most  how much that is */
static mps_window most_doubtful(const mps_delay_extremes *extremes, const mps_grid *grid,
                                double *most)
{
    guint from = 0, until = 0;
    *most = 0;
    for (guint i = 1; i < DOUBT_BINS; i++)
        *most = fmax(*most, lost_room(extremes, i));
    for (guint i = 1; i < DOUBT_BINS; i++) {
        if (lost_room(extremes, i) < *most * DOUBT_SAME)
            continue;
        from = from == 0 ? i : from;
        until = i;
    }
    return (mps_window){mps_grid_moment(grid, from - 1.0), mps_grid_moment(grid, until + 1.0)};
}

bool mps_steps_suspect(const mps_clock *clock, const mps_axis *axis,
                       const mps_clock_estimate *estimate, mps_step *setting)
{
    int64_t first, last;
    double most;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return false;
    const mps_grid grid = mps_grid_make(DOUBT_BINS, first, last);
    mps_delay_extremes *extremes = g_new(mps_delay_extremes, 1);
    find_extremes(clock, axis, &grid, estimate, extremes);
    *setting = (mps_step){most_doubtful(extremes, &grid, &most), 0};
    double room = extremes->from[0][0] + extremes->from[0][1];
    g_free(extremes);
    return most > fmax(MPS_STEP_MIN, DOUBT_PART * room);
}

/* Is there room for a line through all samples outside of a window? */
static bool fits_outside(mps_clock *clock, const mps_axis *axis, int64_t from, int64_t until)
{
    const mps_step setting = {{from, until}, 0};
    GArray *settings = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_val(settings, setting);
    bool fits = mps_clock_slack_between(clock, axis, settings) >= 0;
    g_array_free(settings, TRUE);
    return fits;
}

/* The last moment up to which a line fits, or the first one from which it does. */
static int64_t end_of_fit(mps_clock *clock, const mps_axis *axis, bool begin, int64_t first,
                          int64_t last)
{
    int64_t fits = begin ? first : last, fails = begin ? last : first;
    for (unsigned i = 0; i < HALVINGS; i++) {
        int64_t middle = fits + (fails - fits) / 2;
        if (begin ? fits_outside(clock, axis, middle, INT64_MAX)
                  : fits_outside(clock, axis, INT64_MIN, middle))
            fits = middle;
        else
            fails = middle;
    }
    return begin ? fails : fits;
}

/* Is a window short enough for a clock that is set in one moment? While hosts are silent nothing
 * tells the moment: that does not count. */
static bool is_sudden(const mps_clock *clock, const mps_axis *axis, const mps_window *window,
                      int64_t span)
{
    size_t all = 0, inside = 0;
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        int64_t moment = mps_axis_moment(axis, walk.sample);
        inside += window->from <= moment && moment <= window->until;
        all++;
    }
    return window->until - window->from <= span / SUDDEN || inside <= all / SUDDEN;
}

GArray *mps_steps_force(mps_clock *clock, const mps_axis *axis)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_step));
    mps_step setting = {{0, 0}, 0};
    int64_t first, last;
    if (!mps_grid_extent(clock, axis, &first, &last))
        return found;
    setting.window.until = end_of_fit(clock, axis, true, first, last);
    setting.window.from = end_of_fit(clock, axis, false, first, last) - 1;
    int64_t overlap = setting.window.from - setting.window.until;
    if (overlap > 0 && overlap <= MPS_ON_THE_WAY) /* some overtook others on another path */
        setting.window = (mps_window){setting.window.until - 1, setting.window.from + 1};
    if (setting.window.from <= setting.window.until &&
        is_sudden(clock, axis, &setting.window, last - first))
        g_array_append_val(found, setting);
    return found;
}
