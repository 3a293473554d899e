/* path_change.c: finds the moments at which paths changed their delay.
 *
 * The shortest delay of a subflow changes at such a moment, and a path is the cause
 * (shift_cause.c). This file finds how each subflow changed, and between which segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>

/* Both directions of a subflow with few segments are part of a change if each shifts by at least
 * this part of the shift of the change. */
#define SUBFLOW_SHIFT_PART 0.1

static bool has_shift(const GArray *shifts, const mps_window *window, double shift)
{
    for (guint i = 0; i < shifts->len; i++) {
        const mps_level_shift *level_shift = &g_array_index(shifts, mps_level_shift, i);
        if (mps_window_overlap(&level_shift->window, window) && level_shift->shift * shift > 0)
            return true;
    }
    return false;
}

/* Find how a change shifted a subflow. @return false: the subflow did not change */
static bool shift_of(const mps_shift_search *search, const mps_delay_series *series,
                     const mps_level_shift *change, const mps_window *within, mps_path_shift *shift)
{
    const mps_delay_series *both[2] = {series, series->back};
    unsigned similar = 0, own = 0;
    *shift = (mps_path_shift){.series = series->number};
    for (unsigned i = 0; i < 2 && both[i]; i++) {
        double by;
        if (!mps_level_shift_size(search, both[i], &change->window, within, &by))
            continue;
        shift->known[both[i]->forward] = true;
        shift->shift[both[i]->forward] = (int64_t)by;
        similar += by / change->shift >= SUBFLOW_SHIFT_PART;
        own += has_shift(search->profiles[both[i]->index].shifts, &change->window, by);
    }
    return similar == 2 || own > 0;
}

/* The directions of the subflows that changed, with the delay in the middle of each change. */
static GArray *changed_directions(const mps_shift_search *search, const mps_path_change *change,
                                  const mps_window *within, const mps_window *window)
{
    GArray *directions = g_array_new(FALSE, FALSE, sizeof(mps_delay_change));
    GHashTable *changed = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < change->subflows->len; i++)
        g_hash_table_add(
            changed, GUINT_TO_POINTER(g_array_index(change->subflows, mps_path_shift, i).series));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *series = search->clock->all->pdata[i];
        double before, after;
        if (g_hash_table_contains(changed, GUINT_TO_POINTER(series->number)) &&
            mps_level_shift_levels(search, series, window, within, &before, &after) &&
            fabs(after - before) >= MPS_LEVEL_SHIFT_MIN) {
            mps_delay_change direction = {series, (before + after) / 2, after < before};
            g_array_append_val(directions, direction);
        }
    }
    g_hash_table_destroy(changed);
    return directions;
}

/* Narrow the other end of the window to the next segment of the series. */
static void narrow_other_end(const mps_shift_search *search, const mps_delay_change *direction,
                             mps_window *window)
{
    const mps_window given = *window;
    for (guint i = 0; i < direction->series->samples->len; i++) {
        const mps_clock_sample *sample =
            &g_array_index(direction->series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(search->axis, sample);
        if (moment <= given.from || moment >= given.until)
            continue;
        if (direction->drop)
            window->from = MAX(window->from, moment);
        else
            window->until = MIN(window->until, moment);
    }
}

/* Narrow the window of a change to the segments between which it happened. */
static void narrow_window(const mps_shift_search *search, const mps_path_change *change,
                          const mps_window *within, mps_window *window)
{
    GArray *directions = changed_directions(search, change, within, window);
    const mps_delays delays = mps_shift_search_delays(search);
    mps_window found = *window;
    for (guint i = 0; i < directions->len; i++) {
        const mps_window given = found;
        mps_step_window_narrow(&delays, &g_array_index(directions, mps_delay_change, i), &given,
                               &found);
    }
    for (guint i = 0; i < directions->len && found.from <= found.until; i++)
        narrow_other_end(search, &g_array_index(directions, mps_delay_change, i), &found);
    if (found.from <= found.until)
        *window = found;
    g_array_free(directions, TRUE);
}

static int64_t time_at(const mps_shift_search *search, int64_t moment)
{
    const mps_clock_estimate *estimate = search->estimate;
    const mps_clock_span *span = &g_array_index(estimate->spans, mps_clock_span, 0);
    for (guint i = 1; i < estimate->spans->len && moment >= span[1].sure.from; i++)
        span++;
    return estimate->reference + (int64_t)mps_clock_span_x(estimate, span, moment);
}

static void add_change(const mps_shift_search *search, const mps_level_shift *level_shift,
                       const mps_window *within)
{
    mps_path_change change = {.subflows = g_array_new(FALSE, FALSE, sizeof(mps_path_shift))};
    mps_window window = level_shift->window;
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *series = search->clock->all->pdata[i];
        mps_path_shift shift;
        if (!series->forward && series->back)
            continue; /* is part of the other direction */
        if (shift_of(search, series, level_shift, within, &shift))
            g_array_append_val(change.subflows, shift);
        change.seen += shift.known[0] && shift.known[1];
    }
    if (change.subflows->len == 0) {
        g_array_free(change.subflows, TRUE);
        return;
    }
    narrow_window(search, &change, within, &window);
    change.from = time_at(search, window.from);
    change.until = time_at(search, window.until);
    g_array_append_val(search->estimate->path_changes, change);
}

static void add_changes(const mps_shift_search *search, GArray *suspects)
{
    GArray *all = mps_level_shifts_of_paths(search, suspects);
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *level_shift = &g_array_index(all, mps_level_shift, i);
        const mps_window within = {i > 0 ? level_shift[-1].window.until : INT64_MIN,
                                   i + 1 < all->len ? level_shift[1].window.from : INT64_MAX};
        add_change(search, level_shift, &within);
    }
    g_array_free(all, TRUE);
}

void mps_path_changes_find(const mps_clock *clock, const mps_axis *axis,
                           mps_clock_estimate *estimate, GArray *suspects)
{
    mps_shift_search search = {clock, axis, estimate,
                               g_new(mps_delay_profile, clock->all->len + 1)};
    int64_t first, last;
    for (guint i = 0; i < clock->all->len; i++)
        search.profiles[i] = (mps_delay_profile){g_array_new(FALSE, FALSE, sizeof(mps_level_shift)),
                                                 g_array_new(FALSE, FALSE, sizeof(mps_low_delay))};
    if (mps_grid_extent(clock, axis, &first, &last)) {
        mps_level_shifts_find(&search, first, last);
        add_changes(&search, suspects);
    }
    for (guint i = 0; i < clock->all->len; i++) {
        g_array_free(search.profiles[i].shifts, TRUE);
        g_array_free(search.profiles[i].lows, TRUE);
    }
    g_free(search.profiles);
}
