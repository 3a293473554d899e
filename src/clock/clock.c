/* clock.c: offset and skew of one clock against another, from segments that both clocks saw.
 *
 * This file holds the samples and runs the estimation; clock_internal.h has a map of the files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

/* If no line fits the delays with a bend, the error of the bend is larger: it is multiplied by this
 * factor, up to this time, ns. */
#define BEND_ERROR_STEP 4
#define BEND_ERROR_MAX 1e6

/* If a time is earlier than the one before by more than this, the clock was set back. Less is
 * disorder of the capture. */
#define STEP_BACK_MIN 1000000 /* ns */

static const char *const reasons[] = {
    [MPS_CLOCK_REASON_NONE] = NULL,
    [MPS_CLOCK_NO_SEGMENTS] = "no segment matched",
    [MPS_CLOCK_ONE_DIRECTION] = "segments matched in one direction only",
    [MPS_CLOCK_TIMES_TOO_FAR] = "times are more than 146 years apart",
    [MPS_CLOCK_RATES_TOO_FAR] = "the clock rates differ by more than 500 ppm",
    [MPS_CLOCK_NO_FIT] = "no constant skew fits: a clock was set, or its rate is not constant",
    [MPS_CLOCK_LITTLE_TRAFFIC] =
        "the skew needs 2 s of traffic and 8 segments per direction of a subflow",
    [MPS_CLOCK_SKEW_HIDDEN] = "hidden by queues or path changes",
    [MPS_CLOCK_RATE_CHANGED] = "the clock's rate changed",
};

const char *mps_clock_reason_text(mps_clock_reason reason)
{
    return reasons[reason];
}

static void free_series(gpointer data)
{
    mps_delay_series *series = data;
    g_array_free(series->samples, TRUE);
    g_free(series);
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
    mps_delay_series *series = g_hash_table_lookup(clock->table, &key);
    if (!series) {
        series = g_new0(mps_delay_series, 1);
        series->number = number;
        series->index = clock->all->len;
        series->forward = forward;
        series->samples = g_array_new(FALSE, FALSE, sizeof(mps_clock_sample));
        g_hash_table_insert(clock->table, g_memdup2(&key, sizeof key), series);
        g_ptr_array_add(clock->all, series);
        series->back = g_hash_table_lookup(clock->table, &other);
        if (series->back)
            series->back->back = series;
    }
    return series;
}

void mps_clock_add(mps_clock *clock, uint32_t number, bool forward, int64_t time_a, int64_t time_b)
{
    mps_delay_series *series = series_of(clock, number, forward);
    mps_clock_sample added = {time_a, mps_minus(time_b, time_a)};
    int64_t sent = forward ? time_a : time_b;
    guint count = series->samples->len;
    if (count > 0 && g_array_index(series->samples, mps_clock_sample, count - 1).a > time_a)
        series->unordered = true;
    if (count > 0 && sent < series->last - STEP_BACK_MIN)
        clock->stepped_back[!forward] = true;
    series->last = sent;
    clock->first = MIN(clock->first, MIN(time_a, time_b));
    clock->last = MAX(clock->last, MAX(time_a, time_b));
    g_array_append_val(series->samples, added);
}

/* Are times so far apart that a sum of two of their differences needs more than 64 bits? */
static bool times_overflow(const mps_clock *clock)
{
    return mps_minus(clock->last, clock->first) > INT64_MAX / 2;
}

/* The least and the greatest time of a clock, ns. */
typedef struct {
    int64_t low, high;
} mps_time_extent;

static void extend(mps_time_extent *extent, int64_t time)
{
    extent->low = MIN(extent->low, time);
    extent->high = MAX(extent->high, time);
}

/* The time axis is B's clock if A's clock was set back, or was set ahead so far that more than half
 * of A's times are a gap, and if B's clock was not set back. Otherwise it is A's clock.
 * @return false: there are no samples */
static bool find_axis(const mps_clock *clock, mps_axis *axis)
{
    mps_time_extent of_a = {INT64_MAX, INT64_MIN}, of_b = of_a;
    mps_clock_sample first_of_a = {0, 0}, first_of_b = {0, 0};
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        int64_t time_a = it.sample->a, time_b = mps_plus(time_a, it.sample->y);
        if (time_a < of_a.low)
            first_of_a = *it.sample;
        if (time_b < of_b.low)
            first_of_b = *it.sample;
        extend(&of_a, time_a);
        extend(&of_b, time_b);
    }
    bool gap = mps_minus(of_b.high, of_b.low) < mps_minus(of_a.high, of_a.low) / 2;
    axis->by_b = (clock->stepped_back[0] || gap) && !clock->stepped_back[1];
    axis->origin = axis->by_b ? first_of_b : first_of_a;
    return of_a.low <= of_a.high;
}

static void count_samples(const mps_clock *clock, const mps_axis *axis,
                          mps_clock_estimate *estimate)
{
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        ++*(it.series->forward ? &estimate->forward : &estimate->backward);
        estimate->duration = MAX(estimate->duration, mps_minus(it.sample->a, axis->origin.a));
    }
    estimate->series = clock->all->len;
    estimate->reference = axis->origin.a;
}

/* Append the clock step between two spans. */
static void add_step(mps_clock_estimate *estimate, const mps_clock_span *before,
                     const mps_clock_span *after)
{
    double low[2], high[2];
    double x = mps_clock_span_x(estimate, before, before->likely.until);
    /* The same moment by A's clock after the step. */
    double same = mps_clock_span_x(estimate, after, before->likely.until);
    double last = mps_clock_span_x(estimate, after, after->likely.from);
    mps_clock_span_bounds(before, estimate->skew_low, estimate->skew_high, x, &low[0], &high[0]);
    mps_clock_span_bounds(after, estimate->skew_low, estimate->skew_high, same, &low[1], &high[1]);
    mps_clock_step step = {
        .from = mps_plus(estimate->reference, mps_nearest_ns(x)),
        .until = mps_plus(estimate->reference, mps_nearest_ns(last)),
        .size = mps_nearest_ns(after->offset - before->offset + estimate->skew * (same - x)),
        .size_low = mps_whole(floor(low[1] - high[0])),
        .size_high = mps_whole(ceil(high[1] - low[0])),
        .suspected = after->suspected,
    };
    g_array_append_val(estimate->steps, step);
}

static void note_evidence(const mps_clock *clock, mps_clock_estimate *estimate)
{
    guint *supporting = g_new0(guint, clock->all->len + 1);
    mps_clock_spans_count_supporting(estimate->spans, estimate->skew_low, estimate->skew_high,
                                     supporting);
    for (guint i = 0; i < clock->all->len; i++) {
        const mps_delay_series *series = clock->all->pdata[i];
        mps_clock_evidence evidence = {series->number, series->forward, series->samples->len,
                                       supporting[i]};
        g_array_append_val(estimate->evidence, evidence);
        estimate->supporting += supporting[i];
    }
    g_free(supporting);
}

static void free_changes(GArray *changes)
{
    for (guint i = 0; i < changes->len; i++)
        g_array_free(g_array_index(changes, mps_path_change, i).subflows, TRUE);
    g_array_free(changes, TRUE);
}

/* Fit the line, narrow the steps and find the path changes.
 * @param[out] suspects  possible steps that the remaining delays show
 * @return whether these are more than those that were suspected */
static bool fit_and_classify(mps_clock *clock, const mps_axis *axis, const GArray *suspected,
                             mps_clock_estimate *estimate, GArray *suspects)
{
    estimate->path_changes = g_array_new(FALSE, FALSE, sizeof(mps_path_change));
    if (!mps_clock_fit(clock, axis, suspected, estimate))
        return false;
    mps_clock_spans_narrow(clock, axis, estimate);
    mps_path_changes_find(clock, axis, estimate, suspects);
    return suspects->len > suspected->len;
}

/* Estimate again with the possible steps that the first estimate shows. The second estimate is kept
 * if a line fits. */
static void estimate_all(mps_clock *clock, const mps_axis *axis, mps_clock_estimate *estimate)
{
    GArray *none = g_array_new(FALSE, FALSE, sizeof(mps_step));
    GArray *suspects = g_array_new(FALSE, FALSE, sizeof(mps_step));
    mps_clock_estimate second = *estimate;
    if (fit_and_classify(clock, axis, none, estimate, suspects)) {
        GArray *more = g_array_new(FALSE, FALSE, sizeof(mps_step));
        fit_and_classify(clock, axis, suspects, &second, more);
        g_array_free(more, TRUE);
        mps_clock_estimate *other = second.spans ? estimate : &second;
        g_clear_pointer(&other->path_changes, free_changes);
        g_clear_pointer(&other->spans, mps_clock_spans_free);
        if (second.spans)
            *estimate = second;
    }
    g_array_free(suspects, TRUE);
    g_array_free(none, TRUE);
}

/* Estimate again with a bend of the line. Where no line fits, its error is larger.
 * @param[in,out] bent  blank, with the bend */
static void estimate_bent(mps_clock *clock, const mps_axis *axis, double error,
                          mps_clock_estimate *bent)
{
    const mps_clock_estimate blank = *bent;
    mps_axis straight = {axis->origin, axis->by_b, blank.bend, error};
    do {
        g_clear_pointer(&bent->path_changes, free_changes);
        *bent = blank;
        estimate_all(clock, &straight, bent);
        straight.bend_error *= BEND_ERROR_STEP;
    } while (!bent->spans && straight.bend_error <= BEND_ERROR_MAX);
}

/* Allow for the changes of the rate, if there are any. If they are not known, neither is the skew.
 * @param blank  without an estimate */
static void allow_for_rates(mps_clock *clock, const mps_axis *axis, const mps_clock_estimate *blank,
                            mps_clock_estimate *estimate)
{
    mps_clock_estimate bent = *blank;
    double error;
    if (!mps_rates_find(clock, axis, estimate, bent.rates, &bent.bend, &error))
        return;
    estimate_bent(clock, axis, error, &bent);
    mps_clock_estimate *other = bent.spans ? estimate : &bent;
    g_clear_pointer(&other->path_changes, free_changes);
    g_clear_pointer(&other->spans, mps_clock_spans_free);
    g_clear_pointer(&other->bend, g_array_unref);
    if (bent.spans)
        *estimate = bent;
    else
        g_array_set_size(estimate->rates, 0);
    if (estimate->spans && estimate->rates->len == 0) {
        estimate->has_skew = false;
        estimate->reason = MPS_CLOCK_RATE_CHANGED;
    }
}

/* The rate of a clock at a moment is its skew, unless it changes. Then the bounds at both ends show
 * those of its mean. */
static void bound_rates(mps_clock_estimate *estimate)
{
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    double low[2], high[2], duration = (double)estimate->duration;
    estimate->rate_low = estimate->skew_low;
    estimate->rate_high = estimate->skew_high;
    if (!estimate->bend)
        return;
    mps_clock_span_bounds(&spans[0], 0, 0, 0, &low[0], &high[0]);
    mps_clock_span_bounds(&spans[estimate->spans->len - 1], 0, 0, duration, &low[1], &high[1]);
    estimate->skew_low = fmax((low[1] - high[0]) / duration, -MPS_SKEW_MAX);
    estimate->skew_high = fmin((high[1] - low[0]) / duration, MPS_SKEW_MAX);
    for (unsigned i = 0; i < 2; i++)
        estimate->stray[i] = mps_cones_extent(estimate, i);
    estimate->rate_low = -MPS_RATE_MAX;
    estimate->rate_high = MPS_RATE_MAX;
}

void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate)
{
    mps_axis axis = {.bend = NULL};
    *estimate = (mps_clock_estimate){
        .steps = g_array_new(FALSE, FALSE, sizeof(mps_clock_step)),
        .rates = g_array_new(FALSE, FALSE, sizeof(mps_clock_rate)),
        .evidence = g_array_new(FALSE, FALSE, sizeof(mps_clock_evidence)),
    };
    if (!find_axis(clock, &axis)) {
        estimate->reason = MPS_CLOCK_NO_SEGMENTS;
        return;
    }
    estimate->base = axis.origin.y;
    estimate->by_b = axis.by_b;
    count_samples(clock, &axis, estimate);
    if (times_overflow(clock)) {
        estimate->reason = MPS_CLOCK_TIMES_TOO_FAR;
        return;
    }
    const mps_clock_estimate blank = *estimate;
    estimate_all(clock, &axis, estimate);
    allow_for_rates(clock, &axis, &blank, estimate);
    if (!estimate->spans)
        return;
    for (guint i = 0; i + 1 < estimate->spans->len; i++)
        add_step(estimate, &g_array_index(estimate->spans, mps_clock_span, i),
                 &g_array_index(estimate->spans, mps_clock_span, i + 1));
    note_evidence(clock, estimate);
    bound_rates(estimate);
}

void mps_clock_estimate_clear(mps_clock_estimate *estimate)
{
    g_clear_pointer(&estimate->steps, g_array_unref);
    g_clear_pointer(&estimate->rates, g_array_unref);
    g_clear_pointer(&estimate->bend, g_array_unref);
    g_clear_pointer(&estimate->evidence, g_array_unref);
    g_clear_pointer(&estimate->path_changes, free_changes);
    g_clear_pointer(&estimate->spans, mps_clock_spans_free);
}

double mps_clock_slack(mps_clock *clock)
{
    mps_axis axis = {.bend = NULL};
    if (!find_axis(clock, &axis))
        return 0;
    axis.by_b = false;
    GArray *none = g_array_new(FALSE, FALSE, sizeof(mps_step));
    double slack = mps_clock_slack_between(clock, &axis, none);
    g_array_free(none, TRUE);
    return slack;
}
