/* path_shifts.c: tells the jumps of delays that paths made from those of queues.
 *
 * A path that changes its delay does so both ways, or one way from one steady delay to another for
 * good. If nothing tells the latter from a clock that was set, it is suspected to be that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>
#include <stdlib.h>

/* A shift of both directions of a subflow that are so different is none of the path. */
#define ALIKE 4.0

/* Natural logarithm of how likely a shift of both ways is, each way, if nothing changed: less than
 * one in a hundred. */
#define CHANCE (-4.6)

/* How well series must agree on a step of a clock. */
#define AGREE 0.25

/* A delay that changes one way only must be steady for so long before and behind that, ns, or for
 * so many stretches of time whose shortest delays are known. */
#define ONE_WAY INT64_C(1500000000)
#define ONE_WAY_LOWS 4

/* Of more, the greatest count. */
#define MPS_LEVEL_SHIFTS_MAX 100u

/* Is the delay steady for long enough in a window, compared with a shift? */
static bool is_steady(const mps_shift_search *search, const mps_delay_series *series,
                      const mps_window *within, double shift)
{
    const GArray *lows = search->courses[series->index].lows;
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
    return first < last && most - least <= MPS_STEADY / 2 * fabs(shift) &&
           last - first >= (within->until - within->from) / 2;
}

/* For how long a delay must be steady about a jump. */
static int64_t steady_time(const mps_shift_search *search, const mps_delay_series *series)
{
    const GArray *lows = search->courses[series->index].lows;
    const mps_low_delay *first = lows->len > 0 ? &g_array_index(lows, mps_low_delay, 0) : NULL;
    return first ? MAX(ONE_WAY, ONE_WAY_LOWS * (first->window.until - first->window.from))
                 : ONE_WAY;
}

/* Is the delay steady before and behind a jump? */
static bool is_steady_about(const mps_shift_search *search, const mps_delay_series *series,
                            const mps_window *jump, double shift)
{
    int64_t time = steady_time(search, series);
    const mps_window before = {jump->from - time, jump->from};
    const mps_window after = {jump->until, jump->until + time};
    return is_steady(search, series, &before, shift) && is_steady(search, series, &after, shift);
}

/* One way only, queues shift delays, too, but not from one steady delay to another for good. */
static bool is_for_good(const mps_shift_search *search, const mps_delay_series *series,
                        const mps_level_shift *jump)
{
    static const mps_window always = {INT64_MIN, INT64_MAX};
    double whole;
    return mps_level_shift_size(search, series, &jump->window, &always, &whole) &&
           whole / jump->shift >= 1 - MPS_STEADY / 2 &&
           is_steady_about(search, series, &jump->window, jump->shift);
}

/* How likely it is, if nothing changed, that all of the shortest delays lie on one side of a shift:
 * those shorter than any on the other side, by stretches of time drawn without putting them back.
 * @return its natural logarithm */
static double chance_of(const mps_shift_search *search, const mps_delay_series *series,
                        const mps_window *window, const mps_window *within)
{
    const GArray *lows = search->courses[series->index].lows;
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

/* Do both ways shift alike, if only what lies `within` counts? */
static bool is_both_ways(const mps_shift_search *search, const mps_delay_series *series,
                         const mps_window *window, const mps_window *within)
{
    double own, other;
    return series->back && mps_level_shift_size(search, series, window, within, &own) &&
           mps_level_shift_size(search, series->back, window, within, &other) &&
           other / own >= 1 / ALIKE && other / own <= ALIKE &&
           chance_of(search, series, window, within) < CHANCE &&
           chance_of(search, series->back, window, within) < CHANCE;
}

/* Do both ways shift alike, or one way for good? */
static bool is_of_path(const mps_shift_search *search, const mps_delay_series *series,
                       const mps_level_shift *jump, const mps_window *within)
{
    double own;
    if (!mps_level_shift_size(search, series, &jump->window, within, &own) ||
        own / jump->shift < 1 - MPS_STEADY)
        return false;
    return is_both_ways(search, series, &jump->window, within) || is_for_good(search, series, jump);
}

/* What a series says of a clock that was set by so much. */
typedef enum { NOTHING, AGREES, CONTRADICTS } mps_shift_reading;

static mps_shift_reading ask(const mps_shift_search *search, const mps_delay_series *series,
                             const mps_level_shift *jump, const mps_window *within, double step)
{
    double shift, due = series->forward ? step : -step;
    if (!mps_level_shift_size(search, series, &jump->window, within, &shift))
        return NOTHING;
    if (fabs(shift - due) <= AGREE * fabs(step))
        return AGREES;
    return is_steady_about(search, series, &jump->window, step) ? CONTRADICTS : NOTHING;
}

/* A clock that is set shifts all delays. @return whether none contradicts.
 * @param[out] setting  its size is 0 if none the other way agrees, either */
static bool may_be_clock(const mps_shift_search *search, const mps_level_shift *jump,
                         const mps_window *within, mps_step *setting)
{
    double step = jump->series->forward ? jump->shift : -jump->shift;
    *setting = (mps_step){jump->window, 0};
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *one = search->clock->all->pdata[i];
        mps_shift_reading word =
            one == jump->series ? AGREES : ask(search, one, jump, within, step);
        if (word == CONTRADICTS)
            return false;
        if (word == AGREES && one->forward != jump->series->forward)
            setting->size = step;
    }
    return true;
}

static gint compare_shifts(gconstpointer a, gconstpointer b)
{
    double x = fabs(((const mps_level_shift *)a)->shift),
           y = fabs(((const mps_level_shift *)b)->shift);
    return (x < y) - (x > y);
}

static gint compare_jumps(gconstpointer a, gconstpointer b)
{
    const mps_level_shift *x = a, *y = b;
    return (x->window.from > y->window.from) - (x->window.from < y->window.from);
}

/* Was a clock set about a moment, surely or perhaps? */
static bool is_at_step(const mps_clock_estimate *estimate, const mps_window *window, bool perhaps)
{
    const mps_clock_span *pieces = (const mps_clock_span *)estimate->pieces->data;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++) {
        const mps_window step = {pieces[i].sure.until, pieces[i + 1].sure.from};
        if ((perhaps || !pieces[i + 1].doubtful) && mps_window_overlap(&step, window))
            return true;
    }
    return false;
}

/* All jumps, in order. */
static GArray *gather(const mps_shift_search *search)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_level_shift));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const GArray *jumps = search->courses[i].jumps;
        for (guint k = 0; k < jumps->len; k++) {
            mps_level_shift jump = g_array_index(jumps, mps_level_shift, k);
            jump.series = search->clock->all->pdata[i];
            if (!is_at_step(search->estimate, &jump.window, false)) /* which delay is whose? */
                g_array_append_val(all, jump);
        }
    }
    g_array_sort(all, compare_jumps);
    return all;
}

/* Put jumps of several series at one moment together: the window narrows, the greatest shift
 * counts. */
static void merge(GArray *all)
{
    guint kept = 0;
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift jump = g_array_index(all, mps_level_shift, i);
        mps_level_shift *last = kept > 0 ? &g_array_index(all, mps_level_shift, kept - 1) : NULL;
        if (last && mps_window_overlap(&last->window, &jump.window)) {
            last->window.from = MAX(last->window.from, jump.window.from);
            last->window.until = MIN(last->window.until, jump.window.until);
            last->shift = fabs(jump.shift) > fabs(last->shift) ? jump.shift : last->shift;
        } else {
            g_array_index(all, mps_level_shift, kept++) = jump;
        }
    }
    g_array_set_size(all, kept);
}

/* The time between the jumps before and behind one that are at another moment. */
static mps_window between(const GArray *all, guint index)
{
    const mps_level_shift *jump = &g_array_index(all, mps_level_shift, index);
    mps_window within = {INT64_MIN, INT64_MAX};
    for (guint i = index; i-- > 0;) {
        const mps_window *other = &g_array_index(all, mps_level_shift, i).window;
        if (!mps_window_overlap(other, &jump->window)) {
            within.from = other->until;
            break;
        }
    }
    for (guint i = index + 1; i < all->len; i++) {
        const mps_window *other = &g_array_index(all, mps_level_shift, i).window;
        if (!mps_window_overlap(other, &jump->window)) {
            within.until = other->from;
            break;
        }
    }
    return within;
}

/* The least jump that is none of a path, or -1. */
static int least_of_queues(const mps_shift_search *search, const GArray *all)
{
    int least = -1;
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *jump = &g_array_index(all, mps_level_shift, i);
        const mps_window within = between(all, i);
        bool less =
            least < 0 || fabs(jump->shift) < fabs(g_array_index(all, mps_level_shift, least).shift);
        if (less && !is_of_path(search, jump->series, jump, &within))
            least = (int)i;
    }
    return least;
}

/* Do both ways agree that a clock was set about a moment? */
static bool is_clocks(const GArray *suspects, const mps_window *window)
{
    for (guint i = 0; i < suspects->len; i++) {
        const mps_step *setting = &g_array_index(suspects, mps_step, i);
        if (setting->size != 0 && mps_window_overlap(window, &setting->window))
            return true;
    }
    return false;
}

/* Suspect what may be a clock's. What both ways agree on is taken out once the line has the step.
 */
static void take_suspects(const mps_shift_search *search, GArray *all, GArray *suspects)
{
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *jump = &g_array_index(all, mps_level_shift, i);
        const mps_window within = between(all, i);
        mps_step setting;
        if (!is_both_ways(search, jump->series, &jump->window, &within) &&
            may_be_clock(search, jump, &within, &setting))
            g_array_append_val(suspects, setting);
    }
    for (guint i = all->len; i-- > 0;) {
        const mps_window *window = &g_array_index(all, mps_level_shift, i).window;
        if (is_clocks(suspects, window) && is_at_step(search->estimate, window, true))
            g_array_remove_index(all, i);
    }
}

GArray *mps_level_shifts_of_paths(const mps_shift_search *search, GArray *suspects)
{
    GArray *all = gather(search);
    if (all->len > MPS_LEVEL_SHIFTS_MAX) {
        g_array_sort(all, compare_shifts);
        g_array_set_size(all, MPS_LEVEL_SHIFTS_MAX);
        g_array_sort(all, compare_jumps);
    }
    int least; /* without it, others have more to show what they are */
    while ((least = least_of_queues(search, all)) >= 0)
        g_array_remove_index(all, (guint)least);
    take_suspects(search, all, suspects);
    merge(all);
    return all;
}
