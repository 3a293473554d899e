/* clock.c: offset and skew of one clock against another, from segments both of them saw.
 *
 *   hull.c    the points of each series that matter
 *   fit.c     the line, with what follows
 *   steps.c   when a clock was set, which cuts the capture into pieces
 *   piece.c   where the line of the clock can lie in each: the bounds
 *   slope.c   and its likeliest slope: the estimate
 *   doubt.c   when it may have been set unnoticed, or must have been
 *   narrow.c  between which segments that was
 *   change.c  when paths changed: their jumps (jumps.c) are told from those of queues (queues.c)
 *   reading.c  what all that says of a moment
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

/* Times of one clock that are this much less than those before are no disorder of capturing. */
#define SET_BACK 1000000 /* ns */

static void free_series(gpointer data)
{
    mps_delay_series *one = data;
    g_array_free(one->samples, TRUE);
    g_free(one);
}

mps_clock *mps_clock_new(void)
{
    mps_clock *clock = g_new0(mps_clock, 1);
    clock->table = g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
    clock->all = g_ptr_array_new_with_free_func(free_series);
    clock->resolution = 1;
    clock->first = INT64_MAX;
    clock->last = INT64_MIN;
    return clock;
}

void mps_clock_free(mps_clock *clock)
{
    if (!clock)
        return;
    g_hash_table_destroy(clock->table);
    g_ptr_array_free(clock->all, TRUE);
    g_free(clock);
}

void mps_clock_set_resolution(mps_clock *clock, int64_t resolution)
{
    clock->resolution = resolution;
}

static mps_delay_series *series_of(mps_clock *clock, uint32_t number, bool forward)
{
    gint64 key = (gint64)number << 1 | forward, other = key ^ 1;
    mps_delay_series *one = g_hash_table_lookup(clock->table, &key);
    if (!one) {
        one = g_new0(mps_delay_series, 1);
        one->number = number;
        one->index = clock->all->len;
        one->forward = forward;
        one->samples = g_array_new(FALSE, FALSE, sizeof(mps_clock_sample));
        g_hash_table_insert(clock->table, g_memdup2(&key, sizeof key), one);
        g_ptr_array_add(clock->all, one);
        one->back = g_hash_table_lookup(clock->table, &other);
        if (one->back)
            one->back->back = one;
    }
    return one;
}

void mps_clock_add(mps_clock *clock, uint32_t number, bool forward, int64_t time_a, int64_t time_b)
{
    mps_delay_series *one = series_of(clock, number, forward);
    mps_clock_sample added = {time_a, mps_minus(time_b, time_a)};
    int64_t sent = forward ? time_a : time_b;
    guint count = one->samples->len;
    if (count > 0 && g_array_index(one->samples, mps_clock_sample, count - 1).a > time_a)
        one->unordered = true;
    if (count > 0 && sent < one->last - SET_BACK)
        clock->went_back[!forward] = true;
    one->last = sent;
    clock->first = MIN(clock->first, MIN(time_a, time_b));
    clock->last = MAX(clock->last, MAX(time_a, time_b));
    g_array_append_val(one->samples, added);
}

/* Differences of times must fit into 64 bits. */
static bool is_too_far(const mps_clock *clock)
{
    int64_t difference;
    return __builtin_sub_overflow(clock->last, clock->first, &difference);
}

/* The least and the greatest time of a clock. */
typedef struct {
    int64_t low, high;
} mps_time_extent;

static void extend(mps_time_extent *extent, int64_t time)
{
    extent->low = MIN(extent->low, time);
    extent->high = MAX(extent->high, time);
}

/* Moments are told by A's clock, unless it was set back, or so far ahead that it has more of a gap
 * than of a capture. @return false if there are no samples */
static bool find_axis(const mps_clock *clock, mps_axis *axis)
{
    mps_time_extent of_a = {INT64_MAX, INT64_MIN}, of_b = of_a;
    mps_clock_sample first_of_a = {0, 0}, first_of_b = {0, 0};
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        int64_t time_a = walk.sample->a, time_b = time_a + walk.sample->y;
        if (time_a < of_a.low)
            first_of_a = *walk.sample;
        if (time_b < of_b.low)
            first_of_b = *walk.sample;
        extend(&of_a, time_a);
        extend(&of_b, time_b);
    }
    bool gap = mps_minus(of_b.high, of_b.low) < mps_minus(of_a.high, of_a.low) / 2;
    axis->by_b = (clock->went_back[0] || gap) && !clock->went_back[1];
    axis->origin = axis->by_b ? first_of_b : first_of_a;
    return of_a.low <= of_a.high;
}

static void count_samples(const mps_clock *clock, const mps_axis *axis,
                          mps_clock_estimate *estimate)
{
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        ++*(walk.series->forward ? &estimate->forward : &estimate->backward);
        estimate->span = MAX(estimate->span, mps_minus(walk.sample->a, axis->origin.a));
    }
    estimate->series = clock->all->len;
    estimate->reference = axis->origin.a;
}

/* What the clock did between two pieces. */
static void add_step(mps_clock_estimate *estimate, const mps_clock_span *before,
                     const mps_clock_span *after)
{
    double low[2], high[2];
    double x = mps_clock_span_x(estimate, before, before->likely.until);
    double same = mps_clock_span_x(estimate, after, before->likely.until); /* by A's clock as set */
    double last = mps_clock_span_x(estimate, after, after->likely.from);
    mps_clock_span_bounds(before, estimate->skew_low, estimate->skew_high, x, &low[0], &high[0]);
    mps_clock_span_bounds(after, estimate->skew_low, estimate->skew_high, same, &low[1], &high[1]);
    mps_clock_step step = {
        .from = estimate->reference + mps_nearest_ns(x),
        .until = estimate->reference + mps_nearest_ns(last),
        .size = mps_nearest_ns(after->offset - before->offset + estimate->skew * (same - x)),
        .size_low = (int64_t)floor(low[1] - high[0]),
        .size_high = (int64_t)ceil(high[1] - low[0]),
        .doubtful = after->doubtful,
    };
    g_array_append_val(estimate->steps, step);
}

static void note_evidence(const mps_clock *clock, mps_clock_estimate *estimate)
{
    guint *touched = g_new0(guint, clock->all->len + 1);
    mps_clock_spans_count_supporting(estimate->pieces, estimate->skew_low, estimate->skew_high,
                                     touched);
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *one = clock->all->pdata[i];
        mps_clock_evidence evidence = {one->number, one->forward, one->samples->len, touched[i]};
        g_array_append_val(estimate->evidence, evidence);
        estimate->touched += touched[i];
    }
    g_free(touched);
}

static void free_changes(GArray *changes)
{
    for (guint i = 0; i < changes->len; i++)
        g_array_free(g_array_index(changes, mps_path_change, i).subflows, TRUE);
    g_array_free(changes, TRUE);
}

/* Find the line, and what paths did.
 * @param[out] suspects  where a clock may have been set, too, as the delays that are left tell
 * @return whether there are more than were suspected */
static bool try(mps_clock *clock, const mps_axis *axis, const GArray *suspected,
                mps_clock_estimate *estimate, GArray *suspects)
{
    estimate->path_changes = g_array_new(FALSE, FALSE, sizeof(mps_path_change));
    if (!mps_clock_fit(clock, axis, suspected, estimate))
        return false;
    mps_clock_spans_narrow(clock, axis, estimate);
    mps_path_changes_find(clock, axis, estimate, suspects);
    return suspects->len > suspected->len;
}

/* Find them once more where a clock may have been set unnoticed; keep that if a line fits. */
static void solve(mps_clock *clock, const mps_axis *axis, mps_clock_estimate *estimate)
{
    GArray *none = g_array_new(FALSE, FALSE, sizeof(mps_step));
    GArray *suspects = g_array_new(FALSE, FALSE, sizeof(mps_step));
    mps_clock_estimate again = *estimate;
    if (try(clock, axis, none, estimate, suspects)) {
        GArray *more = g_array_new(FALSE, FALSE, sizeof(mps_step));
        try(clock, axis, suspects, &again, more);
        g_array_free(more, TRUE);
        mps_clock_estimate *other = again.pieces ? estimate : &again;
        g_clear_pointer(&other->path_changes, free_changes);
        g_clear_pointer(&other->pieces, mps_clock_spans_free);
        if (again.pieces)
            *estimate = again;
    }
    g_array_free(suspects, TRUE);
    g_array_free(none, TRUE);
}

void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate)
{
    mps_axis axis;
    *estimate = (mps_clock_estimate){
        .steps = g_array_new(FALSE, FALSE, sizeof(mps_clock_step)),
        .evidence = g_array_new(FALSE, FALSE, sizeof(mps_clock_evidence)),
    };
    if (!find_axis(clock, &axis)) {
        estimate->reason = "no segment matched";
        return;
    }
    estimate->base = axis.origin.y;
    estimate->by_b = axis.by_b;
    count_samples(clock, &axis, estimate);
    if (is_too_far(clock)) {
        estimate->reason = "times are more than 292 years apart";
        return;
    }
    solve(clock, &axis, estimate);
    if (!estimate->pieces)
        return;
    for (guint i = 0; i + 1 < estimate->pieces->len; i++)
        add_step(estimate, &g_array_index(estimate->pieces, mps_clock_span, i),
                 &g_array_index(estimate->pieces, mps_clock_span, i + 1));
    note_evidence(clock, estimate);
}

void mps_clock_estimate_clear(mps_clock_estimate *estimate)
{
    g_clear_pointer(&estimate->steps, g_array_unref);
    g_clear_pointer(&estimate->evidence, g_array_unref);
    g_clear_pointer(&estimate->path_changes, free_changes);
    g_clear_pointer(&estimate->pieces, mps_clock_spans_free);
}

double mps_clock_slack(mps_clock *clock)
{
    mps_axis axis;
    if (!find_axis(clock, &axis))
        return 0;
    axis.by_b = false;
    GArray *none = g_array_new(FALSE, FALSE, sizeof(mps_step));
    double room = mps_clock_slack_between(clock, &axis, none);
    g_array_free(none, TRUE);
    return room;
}
