/* change.c: finds the moments at which paths changed their delay.
 *
 * The shortest delay of a subflow, both ways, is another one from a moment on. Delays one way only
 * also change as queues fill and drain: that counts where one steady delay follows another for
 * good.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "jumps.h"
#include <math.h>
#include <stdlib.h>

/* A shift of both directions of a subflow that are so different is none of the path. */
#define ALIKE 4.0

/* Subflows with few segments are taken to be part of a change if they shift by such a part of
 * what others do. */
#define PART 0.1

/* A delay that changes one way only must be steady for so long before and behind that, ns. */
#define ONE_WAY INT64_C(1500000000)

/* Of more, the greatest count. */
#define JUMPS_MAX 100u

static bool has_jump(const GArray *jumps, const mps_window *window, double shift)
{
    for (guint i = 0; i < jumps->len; i++) {
        const mps_jump *jump = &g_array_index(jumps, mps_jump, i);
        if (mps_window_overlap(&jump->window, window) && jump->shift * shift > 0)
            return true;
    }
    return false;
}

/* Is the delay steady for long enough in a window, compared with a shift? */
static bool is_steady(const mps_search *search, const mps_series *series, const mps_window *within,
                      double shift)
{
    const GArray *lows = search->courses[series->index].lows;
    double least = INFINITY, most = -INFINITY;
    int64_t first = INT64_MAX, last = INT64_MIN;
    for (guint i = 0; i < lows->len; i++) {
        const mps_low *low = &g_array_index(lows, mps_low, i);
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

/* One way only, queues shift delays, too, but not from one steady delay to another for good. */
static bool is_for_good(const mps_search *search, const mps_series *series, const mps_jump *jump)
{
    static const mps_window always = {INT64_MIN, INT64_MAX};
    const mps_window before = {jump->window.from - ONE_WAY, jump->window.from};
    const mps_window after = {jump->window.until, jump->window.until + ONE_WAY};
    double whole;
    return mps_jumps_shift(search, series, &jump->window, &always, &whole) &&
           whole / jump->shift >= 1 - MPS_STEADY / 2 &&
           is_steady(search, series, &before, jump->shift) &&
           is_steady(search, series, &after, jump->shift);
}

/* Do both ways shift alike, if only what lies `within` counts, or one way for good? */
static bool is_of_path(const mps_search *search, const mps_series *series, const mps_jump *jump,
                       const mps_window *within)
{
    double own, other;
    if (!mps_jumps_shift(search, series, &jump->window, within, &own) ||
        own / jump->shift < 1 - MPS_STEADY)
        return false;
    if (series->back && mps_jumps_shift(search, series->back, &jump->window, within, &other) &&
        other / own >= 1 / ALIKE && other / own <= ALIKE)
        return true;
    return is_for_good(search, series, jump);
}

static gint compare_shifts(gconstpointer a, gconstpointer b)
{
    double x = fabs(((const mps_jump *)a)->shift), y = fabs(((const mps_jump *)b)->shift);
    return (x < y) - (x > y);
}

static gint compare_jumps(gconstpointer a, gconstpointer b)
{
    const mps_jump *x = a, *y = b;
    return (x->window.from > y->window.from) - (x->window.from < y->window.from);
}

/* Where a clock was set, which delay is whose is not told. */
static bool is_at_step(const mps_clock_estimate *estimate, const mps_window *window)
{
    const mps_piece *pieces = (const mps_piece *)estimate->pieces->data;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++) {
        const mps_window step = {pieces[i].sure.until, pieces[i + 1].sure.from};
        if (!pieces[i + 1].doubtful && mps_window_overlap(&step, window))
            return true;
    }
    return false;
}

/* All jumps, in order. */
static GArray *gather(const mps_search *search)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_jump));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const GArray *jumps = search->courses[i].jumps;
        for (guint k = 0; k < jumps->len; k++) {
            mps_jump jump = g_array_index(jumps, mps_jump, k);
            jump.series = search->clock->all->pdata[i];
            if (!is_at_step(search->estimate, &jump.window))
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
        const mps_jump jump = g_array_index(all, mps_jump, i);
        mps_jump *last = kept > 0 ? &g_array_index(all, mps_jump, kept - 1) : NULL;
        if (last && mps_window_overlap(&last->window, &jump.window)) {
            last->window.from = MAX(last->window.from, jump.window.from);
            last->window.until = MIN(last->window.until, jump.window.until);
            last->shift = fabs(jump.shift) > fabs(last->shift) ? jump.shift : last->shift;
        } else {
            g_array_index(all, mps_jump, kept++) = jump;
        }
    }
    g_array_set_size(all, kept);
}

/* The time between the jumps before and behind one that are at another moment. */
static mps_window between(const GArray *all, guint index)
{
    const mps_jump *jump = &g_array_index(all, mps_jump, index);
    mps_window within = {INT64_MIN, INT64_MAX};
    for (guint i = index; i-- > 0;) {
        const mps_window *other = &g_array_index(all, mps_jump, i).window;
        if (!mps_window_overlap(other, &jump->window)) {
            within.from = other->until;
            break;
        }
    }
    for (guint i = index + 1; i < all->len; i++) {
        const mps_window *other = &g_array_index(all, mps_jump, i).window;
        if (!mps_window_overlap(other, &jump->window)) {
            within.until = other->from;
            break;
        }
    }
    return within;
}

/* The least jump that is none of a path, or -1. */
static int least_of_queues(const mps_search *search, const GArray *all)
{
    int least = -1;
    for (guint i = 0; i < all->len; i++) {
        const mps_jump *jump = &g_array_index(all, mps_jump, i);
        const mps_window within = between(all, i);
        bool less =
            least < 0 || fabs(jump->shift) < fabs(g_array_index(all, mps_jump, least).shift);
        if (less && !is_of_path(search, jump->series, jump, &within))
            least = (int)i;
    }
    return least;
}

static GArray *find_changes(const mps_search *search)
{
    GArray *all = gather(search);
    if (all->len > JUMPS_MAX) {
        g_array_sort(all, compare_shifts);
        g_array_set_size(all, JUMPS_MAX);
        g_array_sort(all, compare_jumps);
    }
    int least; /* without it, others have more to show what they are */
    while ((least = least_of_queues(search, all)) >= 0)
        g_array_remove_index(all, (guint)least);
    merge(all);
    return all;
}

/* What a change did to a subflow. @return false: nothing */
static bool shift_of(const mps_search *search, const mps_series *series, const mps_jump *change,
                     const mps_window *within, mps_path_shift *shift)
{
    const mps_series *both[2] = {series, series->back};
    unsigned alike = 0, own = 0;
    *shift = (mps_path_shift){.series = series->number};
    for (unsigned i = 0; i < 2 && both[i]; i++) {
        double by;
        if (!mps_jumps_shift(search, both[i], &change->window, within, &by))
            continue;
        shift->known[both[i]->forward] = true;
        shift->shift[both[i]->forward] = (int64_t)by;
        alike += by / change->shift >= PART;
        own += has_jump(search->courses[both[i]->index].jumps, &change->window, by);
    }
    return alike == 2 || own > 0;
}

/* The subflows that changed, direction by direction. */
static GArray *sides_of(const mps_search *search, const mps_path_change *change,
                        const mps_window *within, const mps_window *window)
{
    GArray *sides = g_array_new(FALSE, FALSE, sizeof(mps_change_of_delay));
    GHashTable *changed = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < change->subflows->len; i++)
        g_hash_table_add(
            changed, GUINT_TO_POINTER(g_array_index(change->subflows, mps_path_shift, i).series));
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_series *one = search->clock->all->pdata[i];
        double before, after;
        if (g_hash_table_contains(changed, GUINT_TO_POINTER(one->number)) &&
            mps_jumps_levels(search, one, window, within, &before, &after) &&
            fabs(after - before) >= MPS_SHIFT_MIN) {
            mps_change_of_delay side = {one, (before + after) / 2, after < before};
            g_array_append_val(sides, side);
        }
    }
    g_hash_table_destroy(changed);
    return sides;
}

/* The segment next to it on the other side. */
static void narrow_to_next(const mps_search *search, const mps_change_of_delay *side,
                           mps_window *window)
{
    const mps_window given = *window;
    for (guint i = 0; i < side->series->samples->len; i++) {
        const mps_sample *sample = &g_array_index(side->series->samples, mps_sample, i);
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
static void narrow(const mps_search *search, const mps_path_change *change,
                   const mps_window *within, mps_window *window)
{
    GArray *sides = sides_of(search, change, within, window);
    const mps_delays delays = mps_search_delays(search);
    mps_window found = *window;
    for (guint i = 0; i < sides->len; i++) {
        const mps_window given = found;
        mps_narrow(&delays, &g_array_index(sides, mps_change_of_delay, i), &given, &found);
    }
    for (guint i = 0; i < sides->len && found.from <= found.until; i++)
        narrow_to_next(search, &g_array_index(sides, mps_change_of_delay, i), &found);
    if (found.from <= found.until)
        *window = found;
    g_array_free(sides, TRUE);
}

static int64_t time_of(const mps_search *search, int64_t moment)
{
    const mps_clock_estimate *estimate = search->estimate;
    const mps_piece *piece = &g_array_index(estimate->pieces, mps_piece, 0);
    for (guint i = 1; i < estimate->pieces->len && moment >= piece[1].sure.from; i++)
        piece++;
    return estimate->reference + (int64_t)mps_piece_x(estimate, piece, moment);
}

static void add_change(const mps_search *search, const mps_jump *jump, const mps_window *within)
{
    mps_path_change change = {.subflows = g_array_new(FALSE, FALSE, sizeof(mps_path_shift))};
    mps_window window = jump->window;
    for (guint i = 0; i < search->clock->all->len; i++) {
        const mps_series *one = search->clock->all->pdata[i];
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

static void add_changes(const mps_search *search)
{
    GArray *all = find_changes(search);
    for (guint i = 0; i < all->len; i++) {
        const mps_jump *jump = &g_array_index(all, mps_jump, i);
        const mps_window within = {i > 0 ? jump[-1].window.until : INT64_MIN,
                                   i + 1 < all->len ? jump[1].window.from : INT64_MAX};
        add_change(search, jump, &within);
    }
    g_array_free(all, TRUE);
}

void mps_path_changes_find(const mps_clock *clock, const mps_axis *axis,
                           mps_clock_estimate *estimate)
{
    mps_search search = {clock, axis, estimate, g_new(mps_course, clock->all->len + 1)};
    int64_t first, last;
    for (guint i = 0; i < clock->all->len; i++)
        search.courses[i] = (mps_course){g_array_new(FALSE, FALSE, sizeof(mps_jump)),
                                         g_array_new(FALSE, FALSE, sizeof(mps_low))};
    if (mps_grid_extent(clock, axis, &first, &last)) {
        mps_jumps_look(&search, first, last);
        add_changes(&search);
    }
    for (guint i = 0; i < clock->all->len; i++) {
        g_array_free(search.courses[i].jumps, TRUE);
        g_array_free(search.courses[i].lows, TRUE);
    }
    g_free(search.courses);
}
