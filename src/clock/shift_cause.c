/* shift_cause.c: finds which level shifts are caused by paths, not by queues or clocks.
 *
 * A path change shifts the delays in both directions, or in one direction from one steady
 * delay to another for good. If nothing distinguishes the latter from a clock step, a step is
 * suspected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>
#include <stdlib.h>

/* A path shifts both directions of a subflow alike: the greater shift is at most this many times
 * the smaller one. */
#define BOTH_WAYS_RATIO_MAX 4.0

/* A shift of both directions counts if the chance of each without a change is below this: a natural
 * logarithm, of one in a hundred. */
#define LOG_CHANCE_MAX (-4.6)

/* A delay that shifts in one direction only must be steady for this time before and after it,
 * ns, or for this number of stretches whose shortest delays are known, whichever is longer. */
#define STEADY_TIME_MIN INT64_C(1500000000)
#define STEADY_STRETCHES_MIN 4

/* MPS_STEADY_SPREAD is for both sides of a shift together. The delays on one side may use half of
 * it. */
#define SIDE_SPREAD (MPS_STEADY_SPREAD / 2)

/* If there are more shifts, the greatest are examined: the time is quadratic in their number. */
#define LEVEL_SHIFTS_MAX 100u

/* Is the delay steady, compared with a shift, in at least half of a window? */
static bool is_steady(const mps_shift_search *search, const mps_delay_series *series,
                      const mps_window *within, double shift)
{
    const GArray *lows = search->profiles[series->index].lows;
    double least = INFINITY, most = -INFINITY;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (guint i = 0; i < lows->len; i++) {
        const mps_low_delay *low = &g_array_index(lows, mps_low_delay, i);
        if (low->window.from < within->from || low->window.until > within->until)
            continue;
        least = fmin(least, low->shortest);
        most = fmax(most, low->shortest);
        first = MIN(first, low->window.from);
        last = MAX(last, low->window.until);
    }
    return first < last && most - least <= SIDE_SPREAD * fabs(shift) &&
           last - first >= (within->until - within->from) / 2;
}

/* How long the delay of a series must be steady before and after a shift, ns. */
static int64_t steady_time(const mps_shift_search *search, const mps_delay_series *series)
{
    const GArray *lows = search->profiles[series->index].lows;
    const mps_low_delay *first = lows->len > 0 ? &g_array_index(lows, mps_low_delay, 0) : NULL;
    return first ? MAX(STEADY_TIME_MIN,
                       STEADY_STRETCHES_MIN * (first->window.until - first->window.from))
                 : STEADY_TIME_MIN;
}

/* Is the delay steady before and after a shift? */
static bool is_steady_about(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *level_shift, double shift)
{
    int64_t time = steady_time(search, series);
    const mps_window before = {mps_minus(level_shift->from, time), level_shift->from};
    const mps_window after = {level_shift->until, mps_plus(level_shift->until, time)};
    return is_steady(search, series, &before, shift) && is_steady(search, series, &after, shift);
}

/* Does the delay shift from one steady level to another for good? Queues shift the delay in
 * one direction, too, but not so. */
static bool is_for_good(const mps_shift_search *search, const mps_delay_series *series,
                        const mps_level_shift *level_shift)
{
    static const mps_window always = {INT64_MIN, INT64_MAX};
    double whole;
    return mps_level_shift_size(search, series, &level_shift->window, &always, &whole) &&
           whole / level_shift->shift >= 1 - SIDE_SPREAD && /* the delay does not go back later */
           is_steady_about(search, series, &level_shift->window, level_shift->shift);
}

/* The chance, without any change, that the shortest delays are all on one side of a shift: the
 * delays that are shorter than every delay on the other side, drawn from all bins without
 * replacement. @return its natural logarithm */
static double log_chance(const mps_shift_search *search, const mps_delay_series *series,
                         const mps_window *window, const mps_window *within)
{
    const GArray *lows = search->profiles[series->index].lows;
    double level[2], count[2] = {0, 0}, shorter = 0;
    if (!mps_level_shift_levels(search, series, window, within, &level[0], &level[1]))
        return 0;
    bool drop = level[1] < level[0];
    for (guint i = 0; i < lows->len; i++) {
        const mps_low_delay *low = &g_array_index(lows, mps_low_delay, i);
        bool before = low->window.until <= window->from, after = low->window.from >= window->until;
        if (low->window.from < within->from || low->window.until > within->until ||
            !(before || after))
            continue;
        count[after]++;
        shorter += after == drop && low->shortest < level[!drop];
    }
    double all = count[0] + count[1], own = count[drop];
    return lgamma(own + 1) - lgamma(own - shorter + 1) - lgamma(all + 1) +
           lgamma(all - shorter + 1);
}

/* Do both directions shift alike, counting only the delays `within`? */
static bool is_both_ways(const mps_shift_search *search, const mps_delay_series *series,
                         const mps_window *window, const mps_window *within)
{
    double own, other;
    return series->back && mps_level_shift_size(search, series, window, within, &own) &&
           mps_level_shift_size(search, series->back, window, within, &other) &&
           other / own >= 1 / BOTH_WAYS_RATIO_MAX && other / own <= BOTH_WAYS_RATIO_MAX &&
           log_chance(search, series, window, within) < LOG_CHANCE_MAX &&
           log_chance(search, series->back, window, within) < LOG_CHANCE_MAX;
}

/* Do both directions shift alike, or one direction for good? */
static bool is_path_shift(const mps_shift_search *search, const mps_delay_series *series,
                          const mps_level_shift *level_shift, const mps_window *within)
{
    double own;
    if (!mps_level_shift_size(search, series, &level_shift->window, within, &own) ||
        own / level_shift->shift < 1 - MPS_STEADY_SPREAD)
        return false; /* it goes back by more than both sides spread */
    return is_both_ways(search, series, &level_shift->window, within) ||
           is_for_good(search, series, level_shift);
}

/* What a series shows about a step of a given size. */
typedef enum { STEP_UNDETERMINED, STEP_SUPPORTED, STEP_CONTRADICTED } mps_step_verdict;

static mps_step_verdict judge_step(const mps_shift_search *search, const mps_delay_series *series,
                                   const mps_level_shift *level_shift, const mps_window *within,
                                   double step)
{
    double shift, expected = series->forward ? step : -step;
    if (!mps_level_shift_size(search, series, &level_shift->window, within, &shift))
        return STEP_UNDETERMINED;
    if (fabs(shift - expected) <= MPS_STEP_TOLERANCE * fabs(step))
        return STEP_SUPPORTED;
    return is_steady_about(search, series, &level_shift->window, step) ? STEP_CONTRADICTED
                                                                       : STEP_UNDETERMINED;
}

/* Is the shift possibly a clock step? A step shifts the delays of all series.
 * @param[out] suspect  the step; its size is 0 if no series of the other direction supports it
 * @return false: a series contradicts */
static bool may_be_clock(const mps_shift_search *search, const mps_level_shift *level_shift,
                         const mps_window *within, mps_step *suspect)
{
    double step = level_shift->series->forward ? level_shift->shift : -level_shift->shift;
    *suspect = (mps_step){level_shift->window, 0};
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *series = search->clock->all->pdata[i];
        mps_step_verdict verdict = series == level_shift->series
                                       ? STEP_SUPPORTED
                                       : judge_step(search, series, level_shift, within, step);
        if (verdict == STEP_CONTRADICTED)
            return false;
        if (verdict == STEP_SUPPORTED && series->forward != level_shift->series->forward)
            suspect->size = step;
    }
    return true;
}

static gint compare_shifts(gconstpointer a, gconstpointer b)
{
    double x = fabs(((const mps_level_shift *)a)->shift),
           y = fabs(((const mps_level_shift *)b)->shift);
    return (x < y) - (x > y);
}

/* Is there a step of the estimate about a moment? @param suspected  suspected steps count, too */
static bool is_at_step(const mps_clock_estimate *estimate, const mps_window *window, bool suspected)
{
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    for (guint i = 0; i + 1 < estimate->spans->len; i++) {
        const mps_window step = {spans[i].sure.until, spans[i + 1].sure.from};
        if ((suspected || !spans[i + 1].suspected) && mps_window_overlap(&step, window))
            return true;
    }
    return false;
}

/* All level shifts, in order, except those at certain steps: there each delay may be by either of
 * two spans. */
static GArray *collect_shifts(const mps_shift_search *search)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_level_shift));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const GArray *shifts = search->profiles[i].shifts;
        for (guint k = 0; k < shifts->len; k++) {
            mps_level_shift level_shift = g_array_index(shifts, mps_level_shift, k);
            level_shift.series = search->clock->all->pdata[i];
            if (!is_at_step(search->estimate, &level_shift.window, false))
                g_array_append_val(all, level_shift);
        }
    }
    g_array_sort(all, mps_window_compare);
    return all;
}

/* Merge the shifts of several series at one moment: the windows intersect, the greatest shift
 * remains. */
static void merge(GArray *all)
{
    guint kept = 0;
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift level_shift = g_array_index(all, mps_level_shift, i);
        mps_level_shift *last = kept > 0 ? &g_array_index(all, mps_level_shift, kept - 1) : NULL;
        if (last && mps_window_overlap(&last->window, &level_shift.window)) {
            last->window.from = MAX(last->window.from, level_shift.window.from);
            last->window.until = MIN(last->window.until, level_shift.window.until);
            last->shift =
                fabs(level_shift.shift) > fabs(last->shift) ? level_shift.shift : last->shift;
        } else {
            g_array_index(all, mps_level_shift, kept++) = level_shift;
        }
    }
    g_array_set_size(all, kept);
}

/* The time around a shift, between the nearest shifts that are at another moment. */
static mps_window time_between(const GArray *all, guint index)
{
    const mps_level_shift *level_shift = &g_array_index(all, mps_level_shift, index);
    mps_window within = {INT64_MIN, INT64_MAX};
    for (guint i = index; i-- > 0;) {
        const mps_window *other = &g_array_index(all, mps_level_shift, i).window;
        if (!mps_window_overlap(other, &level_shift->window)) {
            within.from = other->until;
            break;
        }
    }
    for (guint i = index + 1; i < all->len; i++) {
        const mps_window *other = &g_array_index(all, mps_level_shift, i).window;
        if (!mps_window_overlap(other, &level_shift->window)) {
            within.until = other->from;
            break;
        }
    }
    return within;
}

/* The index of the smallest shift that is not caused by a path; -1: there is none. */
static int least_queue_shift(const mps_shift_search *search, const GArray *all)
{
    int least = -1;
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *level_shift = &g_array_index(all, mps_level_shift, i);
        const mps_window within = time_between(all, i);
        bool less = least < 0 || fabs(level_shift->shift) <
                                     fabs(g_array_index(all, mps_level_shift, least).shift);
        if (less && !is_path_shift(search, level_shift->series, level_shift, &within))
            least = (int)i;
    }
    return least;
}

/* Do both directions agree on a suspected step about a moment? */
static bool is_of_clock(const GArray *suspects, const mps_window *window)
{
    for (guint i = 0; i < suspects->len; i++) {
        const mps_step *suspect = &g_array_index(suspects, mps_step, i);
        if (suspect->size != 0 && mps_window_overlap(window, &suspect->window))
            return true;
    }
    return false;
}

/* Suspect the steps that the shifts may be. A shift is removed if both directions agree that it is
 * a step, and the estimate has this step. */
static void take_suspects(const mps_shift_search *search, GArray *all, GArray *suspects)
{
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *level_shift = &g_array_index(all, mps_level_shift, i);
        const mps_window within = time_between(all, i);
        mps_step suspect;
        if (!is_both_ways(search, level_shift->series, &level_shift->window, &within) &&
            may_be_clock(search, level_shift, &within, &suspect))
            g_array_append_val(suspects, suspect);
    }
    for (guint i = all->len; i-- > 0;) {
        const mps_window *window = &g_array_index(all, mps_level_shift, i).window;
        if (is_of_clock(suspects, window) && is_at_step(search->estimate, window, true))
            g_array_remove_index(all, i);
    }
}

GArray *mps_level_shifts_of_paths(const mps_shift_search *search, GArray *suspects)
{
    GArray *all = collect_shifts(search);
    if (all->len > LEVEL_SHIFTS_MAX) {
        g_array_sort(all, compare_shifts);
        g_array_set_size(all, LEVEL_SHIFTS_MAX);
        g_array_sort(all, mps_window_compare);
    }
    int least; /* without the smallest, the others have longer spans to prove their cause */
    while ((least = least_queue_shift(search, all)) >= 0)
        g_array_remove_index(all, (guint)least);
    take_suspects(search, all, suspects);
    merge(all);
    return all;
}
