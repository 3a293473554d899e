/* path_change.c: finds the moments at which paths changed their delay.
 *
 * The shortest delay of a subflow is another one from a moment on, and not because of a queue
 * (queues.c): what that did to each subflow, and between which segments it happened.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "level_shift.h"
#include <math.h>

/* Subflows with few segments are taken to be part of a change if they shift by such a part of
 * what others do. */
#define PART 0.1

static bool has_jump(const GArray *jumps, const mps_window *window, double shift)
{
    for (guint i = 0; i < jumps->len; i++) {
        const mps_level_shift *jump = &g_array_index(jumps, mps_level_shift, i);
        if (mps_window_overlap(&jump->window, window) && jump->shift * shift > 0)
            return true;
    }
    return false;
}

/* What a change did to a subflow. @return false: nothing */
static bool shift_of(const mps_shift_search *search, const mps_delay_series *series,
                     const mps_level_shift *change, const mps_window *within, mps_path_shift *shift)
{
    const mps_delay_series *both[2] = {series, series->back};
    unsigned alike = 0, own = 0;
    *shift = (mps_path_shift){.series = series->number};
    for (unsigned i = 0; i < 2 && both[i]; i++) {
        double by;
        if (!mps_level_shift_size(search, both[i], &change->window, within, &by))
            continue;
        shift->known[both[i]->forward] = true;
        shift->shift[both[i]->forward] = (int64_t)by;
        alike += by / change->shift >= PART;
        own += has_jump(search->courses[both[i]->index].jumps, &change->window, by);
    }
    return alike == 2 || own > 0;
}

/* The subflows that changed, direction by direction. */
static GArray *sides_of(const mps_shift_search *search, const mps_path_change *change,
                        const mps_window *within, const mps_window *window)
{
    GArray *sides = g_array_new(FALSE, FALSE, sizeof(mps_delay_change));
    GHashTable *changed = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < change->subflows->len; i++)
        g_hash_table_add(
            changed, GUINT_TO_POINTER(g_array_index(change->subflows, mps_path_shift, i).series));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *one = search->clock->all->pdata[i];
        double before, after;
        if (g_hash_table_contains(changed, GUINT_TO_POINTER(one->number)) &&
            mps_level_shift_levels(search, one, window, within, &before, &after) &&
            fabs(after - before) >= MPS_SHIFT_MIN) {
            mps_delay_change side = {one, (before + after) / 2, after < before};
            g_array_append_val(sides, side);
        }
    }
    g_hash_table_destroy(changed);
    return sides;
}

/* The segment next to it on the other side. */
static void narrow_to_next(const mps_shift_search *search, const mps_delay_change *side,
                           mps_window *window)
{
    const mps_window given = *window;
    for (guint i = 0; i < side->series->samples->len; i++) {
        const mps_clock_sample *sample = &g_array_index(side->series->samples, mps_clock_sample, i);
        int64_t moment = mps_axis_moment(search->axis, sample);
        if (moment <= given.from || moment >= given.until)
            continue;
        if (side->drop)
            window->from = MAX(window->from, moment);
        else
            window->until = MIN(window->until, moment);
    }
}

/* Narrow the window of a change to the segments between which it happened. */
static void narrow(const mps_shift_search *search, const mps_path_change *change,
                   const mps_window *within, mps_window *window)
{
    GArray *sides = sides_of(search, change, within, window);
    const mps_delays delays = mps_shift_search_delays(search);
    mps_window found = *window;
    for (guint i = 0; i < sides->len; i++) {
        const mps_window given = found;
        mps_step_window_narrow(&delays, &g_array_index(sides, mps_delay_change, i), &given, &found);
    }
    for (guint i = 0; i < sides->len && found.from <= found.until; i++)
        narrow_to_next(search, &g_array_index(sides, mps_delay_change, i), &found);
    if (found.from <= found.until)
        *window = found;
    g_array_free(sides, TRUE);
}

static int64_t time_of(const mps_shift_search *search, int64_t moment)
{
    const mps_clock_estimate *estimate = search->estimate;
    const mps_clock_span *piece = &g_array_index(estimate->pieces, mps_clock_span, 0);
    for (guint i = 1; i < estimate->pieces->len && moment >= piece[1].sure.from; i++)
        piece++;
    return estimate->reference + (int64_t)mps_clock_span_x(estimate, piece, moment);
}

static void add_change(const mps_shift_search *search, const mps_level_shift *jump,
                       const mps_window *within)
{
    mps_path_change change = {.subflows = g_array_new(FALSE, FALSE, sizeof(mps_path_shift))};
    mps_window window = jump->window;
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_delay_series *one = search->clock->all->pdata[i];
        mps_path_shift shift;
        if (!one->forward && one->back)
            continue; /* comes with the other direction */
        if (shift_of(search, one, jump, within, &shift))
            g_array_append_val(change.subflows, shift);
        change.seen += shift.known[0] && shift.known[1];
    }
    if (change.subflows->len == 0) {
        g_array_free(change.subflows, TRUE);
        return;
    }
    narrow(search, &change, within, &window);
    change.from = time_of(search, window.from);
    change.until = time_of(search, window.until);
    g_array_append_val(search->estimate->path_changes, change);
}

static void add_changes(const mps_shift_search *search, GArray *suspects)
{
    GArray *all = mps_level_shifts_of_paths(search, suspects);
    for (guint i = 0; i < all->len; i++) {
        const mps_level_shift *jump = &g_array_index(all, mps_level_shift, i);
        const mps_window within = {i > 0 ? jump[-1].window.until : INT64_MIN,
                                   i + 1 < all->len ? jump[1].window.from : INT64_MAX};
        add_change(search, jump, &within);
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
        search.courses[i] = (mps_delay_profile){g_array_new(FALSE, FALSE, sizeof(mps_level_shift)),
                                                g_array_new(FALSE, FALSE, sizeof(mps_low_delay))};
    if (mps_grid_extent(clock, axis, &first, &last)) {
        mps_level_shifts_find(&search, first, last);
        add_changes(&search, suspects);
    }
    for (guint i = 0; i < clock->all->len; i++) {
        g_array_free(search.courses[i].jumps, TRUE);
        g_array_free(search.courses[i].lows, TRUE);
    }
    g_free(search.courses);
}
