/* fit.c: fits the line of the clock in the spans between its steps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

/* A skew needs this much time; the bounds of shorter series are thousands of ppm wide. */
#define SKEW_DURATION_MIN INT64_C(2000000000) /* ns */

/* The time that hosts take between the wire and the time stamp drifts by this much, as they warm up
 * or cool down. */
#define HOST_DELAY_DRIFT 5e4 /* ns */

/* An estimate with a larger error, as a ratio, is of no use. */
#define SKEW_ERROR_MAX 200e-6

/* No segment is in transit for longer (MSL of RFC 9293, section 3.4.1). */
#define SEGMENT_LIFETIME 120e9 /* ns */

/* If the skew exceeds MPS_SKEW_MAX by more than this many times its error, a clock is broken. The
 * error holds in 9 of 10 captures; three times the error is taken as certain. */
#define SKEW_ERROR_MARGIN 3

/* A step is certain if its size by the whole of the spans and its size by the delays near it differ
 * by at most this part of the latter. */
#define STEP_SIZE_TOLERANCE 0.3

/* In each direction the longest series with a vote counts. @return the shorter of the two
 * durations, ns */
static int64_t two_way_duration(const GArray *hulls)
{
    int64_t duration[2] = {0, 0}; /* backward, forward */
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (mps_hull_has_vote(hull))
            duration[hull->series->forward] = MAX(duration[hull->series->forward], hull->duration);
    }
    return MIN(duration[0], duration[1]);
}

/* The skew is known if there is enough traffic in both directions, and queues and paths do not hide
 * it. */
static mps_clock_reason skew_reason(const mps_clock_estimate *estimate, int64_t duration)
{
    if (duration < SKEW_DURATION_MIN)
        return MPS_CLOCK_LITTLE_TRAFFIC;
    if (fabs(estimate->skew) >= MPS_SKEW_MAX || estimate->skew_error > SKEW_ERROR_MAX)
        return MPS_CLOCK_SKEW_HIDDEN;
    return MPS_CLOCK_REASON_NONE;
}

/* Estimate the skew, within its bounds. @return MPS_CLOCK_RATES_TOO_FAR if the skew exceeds what
 * the bounds assume, otherwise MPS_CLOCK_REASON_NONE */
static mps_clock_reason estimate_skew(const mps_axis *axis, const GArray *hulls,
                                      mps_clock_estimate *estimate)
{
    int64_t duration = two_way_duration(hulls);
    estimate->skew = mps_skew_likeliest(hulls, &estimate->skew_error);
    estimate->skew_error += (HOST_DELAY_DRIFT + 2 * axis->bend_error) / (double)MAX(duration, 1);
    estimate->skew_by_weight = mps_skew_by_votes(hulls, true);
    if (estimate->skew_error <= SKEW_ERROR_MAX &&
        fabs(estimate->skew) > MPS_SKEW_MAX + SKEW_ERROR_MARGIN * estimate->skew_error)
        return MPS_CLOCK_RATES_TOO_FAR;
    double held = CLAMP(estimate->skew, estimate->skew_low, estimate->skew_high);
    double most = fmax(estimate->skew_high - held, held - estimate->skew_low);
    estimate->skew_error = fmin(estimate->skew_error, most); /* not more than the bounds leave */
    estimate->reason = skew_reason(estimate, duration);
    estimate->has_skew = estimate->reason == MPS_CLOCK_REASON_NONE;
    estimate->likeliest = held;
    estimate->skew = estimate->has_skew ? held : CLAMP(0, estimate->skew_low, estimate->skew_high);
    return MPS_CLOCK_REASON_NONE;
}

/* The slack of two spans together if the clock was set by `size` in between. */
static double joint_slack(const mps_clock_span *before, double size)
{
    return fmin(before->highest, before[1].highest - size) -
           fmax(before->lowest, before[1].lowest - size);
}

/* The size of a step at x = 0: if A's clock was set, x changed, too. */
static double size_at_origin(const mps_clock_estimate *estimate, const mps_step *step)
{
    return estimate->by_b ? step->size * (1 + estimate->skew) : step->size;
}

/* The size of the step between two spans: by the delays near it or by the whole of the spans,
 * whichever leaves more slack. 0: unknown */
static double size_between(const mps_clock_estimate *estimate, const mps_clock_span *before,
                           const mps_step *step)
{
    double near = size_at_origin(estimate, step), whole = before[1].middle - before->middle;
    bool fits = joint_slack(before, near) >= joint_slack(before, whole);
    return near == 0 || fits ? near : whole;
}

/* The sizes of the steps before each span; 0: unknown, or it is the first span. The caller frees
 * them. */
static double *sizes_of(const mps_clock_estimate *estimate, const GArray *steps)
{
    const mps_clock_span *all = (const mps_clock_span *)estimate->spans->data;
    double *sizes = g_new0(double, estimate->spans->len);
    for (guint i = 1; i < estimate->spans->len; i++)
        sizes[i] = size_between(estimate, &all[i - 1], &g_array_index(steps, mps_step, i - 1));
    return sizes;
}

/* The offset is the middle of what the skew allows: of all spans together, shifted by the sizes of
 * the steps, or of each span by itself if that does not fit. */
static void set_offsets(const mps_clock_estimate *estimate, const GArray *steps)
{
    double low = -INFINITY, high = INFINITY, sum = 0;
    bool known = true;
    mps_clock_span *all = (mps_clock_span *)estimate->spans->data;
    guint count = estimate->spans->len;
    for (guint i = 0; i < count; i++)
        all[i].offset = all[i].middle = (all[i].lowest + all[i].highest) / 2;
    double *sizes = sizes_of(estimate, steps);
    for (guint i = 0; i < count; i++) {
        known = known && (i == 0 || sizes[i] != 0);
        sum += sizes[i];
        low = fmax(low, all[i].lowest - sum);
        high = fmin(high, all[i].highest - sum);
    }
    sum = (low + high) / 2;
    for (guint i = 0; i < count && known && low <= high; i++) {
        sum += sizes[i];
        all[i].offset = sum;
    }
    g_free(sizes);
}

static void estimate_offsets(mps_clock_estimate *estimate, const GArray *steps)
{
    double low, high;
    for (guint i = 0; i < estimate->spans->len; i++) {
        mps_clock_span *span = &g_array_index(estimate->spans, mps_clock_span, i);
        span->lowest = mps_hull_intercept(span->below, false, estimate->skew);
        span->highest = mps_hull_intercept(span->above, true, estimate->skew);
    }
    set_offsets(estimate, steps);
    const mps_clock_span *first = &g_array_index(estimate->spans, mps_clock_span, 0);
    mps_clock_span_bounds(first, estimate->skew_low, estimate->skew_high, 0, &low, &high);
    estimate->has_offset = true;
    estimate->offset = mps_plus(estimate->base, mps_nearest_ns(first->offset));
    estimate->offset_low = mps_plus(estimate->base, mps_whole(floor(low)));
    estimate->offset_high = mps_plus(estimate->base, mps_whole(ceil(high)));
}

static void set_spans(mps_clock_estimate *estimate, GArray *spans, const GArray *steps)
{
    const mps_step *all = (const mps_step *)steps->data;
    estimate->spans = spans;
    for (guint i = 0; i < spans->len; i++) {
        mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        span->sure.from = i > 0 ? all[i - 1].window.until : INT64_MIN;
        span->sure.until = i < steps->len ? all[i].window.from : INT64_MAX;
    }
}

/* Does each span have points of both directions? */
static bool are_two_way(const GArray *spans)
{
    for (guint i = 0; i < spans->len; i++) {
        const mps_clock_span *span = &g_array_index(spans, mps_clock_span, i);
        if (span->above->len == 0 || span->below->len == 0)
            return false;
    }
    return true;
}

/* Fit lines to the spans between the steps. @return false, with the reason set: none fits */
static bool fit(mps_clock *clock, const mps_axis *axis, const GArray *steps,
                mps_clock_estimate *estimate)
{
    GArray *hulls = mps_hulls_make(clock, axis, steps);
    GArray *spans =
        mps_clock_spans_make(hulls, steps->len + 1, clock->resolution + (int64_t)axis->bend_error);
    mps_clock_reason reason = MPS_CLOCK_ONE_DIRECTION;
    if (are_two_way(spans))
        reason =
            mps_clock_spans_fit(spans, MPS_SKEW_MAX, &estimate->skew_low, &estimate->skew_high);
    if (reason == MPS_CLOCK_REASON_NONE)
        reason = estimate_skew(axis, hulls, estimate);
    bool fits = reason == MPS_CLOCK_REASON_NONE;
    if (!fits) {
        estimate->reason = reason;
        mps_clock_spans_free(spans);
    } else {
        if (axis->bend)
            mps_cones_make(hulls, clock->resolution, spans);
        set_spans(estimate, spans, steps);
        estimate_offsets(estimate, steps);
    }
    mps_hulls_free(hulls);
    return fits;
}

/* The least certain step: the one whose size by the whole of the spans differs most, in proportion,
 * from its size by the delays near it. Queues that fill in one direction while they drain in the
 * other look like this. @return its index; -1: all are certain */
static int least_certain_step(const mps_clock_estimate *estimate, const GArray *steps)
{
    int found = -1;
    double most = STEP_SIZE_TOLERANCE;
    for (guint i = 0; i < steps->len; i++) {
        double size = size_at_origin(estimate, &g_array_index(steps, mps_step, i));
        const mps_clock_span *before = &g_array_index(estimate->spans, mps_clock_span, i);
        double off = before[1].middle - before->middle - size;
        if (size != 0 && fabs(off / size) > most) {
            most = fabs(off / size);
            found = (int)i;
        }
    }
    return found;
}

/* Take the line from an estimate that has only the certain ones of the steps, and mark the others
 * as suspected. The bounds keep all steps: they hold whether or not a step was real. */
static void take_estimate(mps_clock_estimate *estimate, const mps_clock_estimate *certain,
                          const GArray *steps)
{
    guint at = 0; /* index of the span of `certain` */
    for (guint i = 0; i < estimate->spans->len; i++) {
        mps_clock_span *span = &g_array_index(estimate->spans, mps_clock_span, i);
        const mps_clock_span *own = (const mps_clock_span *)certain->spans->data;
        while (at + 1 < certain->spans->len && span->sure.from >= own[at + 1].sure.from)
            at++;
        span->offset = own[at].offset;
        bool same =
            i == 0 || g_array_index(steps, mps_step, i - 1).window.until == own[at].sure.from;
        span->suspected = !same || own[at].suspected;
    }
    estimate->skew = certain->skew;
    estimate->likeliest = certain->likeliest;
    estimate->skew_error = certain->skew_error;
    estimate->skew_by_weight = certain->skew_by_weight;
    estimate->has_skew = certain->has_skew;
    estimate->reason = certain->reason;
    estimate->offset = certain->offset;
}

/* Drop the steps that are not certain from the line, if a line fits without them. */
static void drop_uncertain_steps(mps_clock *clock, const mps_axis *axis, const GArray *steps,
                                 mps_clock_estimate *estimate)
{
    mps_clock_estimate certain = *estimate;
    GArray *left = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_vals(left, steps->data, steps->len);
    bool fits = true;
    int drop;
    while (fits && (drop = least_certain_step(&certain, left)) >= 0) {
        g_array_remove_index(left, (guint)drop);
        if (certain.spans != estimate->spans)
            mps_clock_spans_free(certain.spans);
        fits = fit(clock, axis, left, &certain);
    }
    if (fits && certain.spans != estimate->spans) {
        take_estimate(estimate, &certain, steps);
        mps_clock_spans_free(certain.spans);
    }
    g_array_free(left, TRUE);
}

/* Add the suspected steps of known size, in place of other steps at that moment. */
static void add_sized(GArray *steps, const GArray *suspects)
{
    for (guint i = 0; i < suspects->len; i++) {
        const mps_step *suspect = &g_array_index(suspects, mps_step, i);
        if (suspect->size == 0)
            continue;
        for (guint k = steps->len; k-- > 0;)
            if (mps_window_overlap(&g_array_index(steps, mps_step, k).window, &suspect->window))
                g_array_remove_index(steps, k);
        mps_steps_add(steps, suspect);
    }
}

/* Make the bounds allow for a suspected step, if there are enough segments before and after it. */
static void allow_for(mps_clock *clock, const mps_axis *axis, const mps_step *suspect,
                      GArray *steps, mps_clock_estimate *estimate)
{
    mps_clock_estimate wide = *estimate;
    GArray *more = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_vals(more, steps->data, steps->len);
    if (mps_steps_add(more, suspect) && fit(clock, axis, more, &wide)) {
        take_estimate(&wide, estimate, more);
        mps_clock_spans_free(estimate->spans);
        *estimate = wide;
        g_array_set_size(steps, 0);
        g_array_append_vals(steps, more->data, more->len);
    }
    g_array_free(more, TRUE);
}

static void allow_for_suspects(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                               GArray *steps, mps_clock_estimate *estimate)
{
    mps_step suspect;
    for (guint i = 0; i < suspects->len; i++)
        if (g_array_index(suspects, mps_step, i).size == 0)
            allow_for(clock, axis, &g_array_index(suspects, mps_step, i), steps, estimate);
    if (mps_steps_suspect(clock, axis, estimate, &suspect))
        allow_for(clock, axis, &suspect, steps, estimate);
}

/* The upper bound of a sample's transit time, ns, by the span whose line gives the least one that
 * is not negative. */
static double transit_time_max(const mps_clock_estimate *estimate, bool forward,
                               const mps_clock_sample *sample)
{
    double shortest = INFINITY, x = (double)mps_minus(sample->a, estimate->reference);
    double y = (double)mps_minus(sample->y, estimate->base);
    for (guint i = 0; i < estimate->spans->len; i++) {
        double low, high;
        mps_clock_span_bounds(&g_array_index(estimate->spans, mps_clock_span, i),
                              estimate->skew_low, estimate->skew_high, x, &low, &high);
        double delay = forward ? y - low : high - y;
        shortest = delay >= 0 ? fmin(shortest, delay) : shortest;
    }
    return shortest;
}

/* Widen the window of a step by the longest transit time of the samples in it. The window lies
 * between samples that show the clock before the step and samples that show it after the step. A
 * sample has its two times at the two ends of its transit. By the other clock, the step was
 * therefore earlier or later by up to a transit time. */
static void widen_by_transit(const mps_clock *clock, const mps_axis *axis,
                             const mps_clock_estimate *estimate, mps_step *step)
{
    double longest = 0;
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        int64_t moment = mps_axis_moment(axis, it.sample);
        if (step->window.from <= moment && moment <= step->window.until)
            longest = fmax(longest, transit_time_max(estimate, it.series->forward, it.sample));
    }
    int64_t reach = (int64_t)fmin(longest, SEGMENT_LIFETIME);
    step->window.from = mps_minus(step->window.from, reach);
    step->window.until = mps_plus(step->window.until, reach);
}

/* Can a change of the rate within the window of a step explain the step as well? */
static bool may_be_slewed(const mps_clock_estimate *estimate, const mps_step *step)
{
    const mps_clock_span *spans = (const mps_clock_span *)estimate->spans->data;
    double length = (double)(step->window.until - step->window.from);
    return fabs(spans[1].middle - spans[0].middle) <= MPS_RATE_MAX * length;
}

/* Fit with a step where there must be one, because no line fits otherwise. @param[out] steps  that
 * step */
static bool fit_with_forced_step(mps_clock *clock, const mps_axis *axis, GArray *steps,
                                 mps_clock_estimate *estimate)
{
    mps_clock_reason reason = estimate->reason;
    mps_clock_estimate narrow = *estimate;
    GArray *forced = mps_steps_force(clock, axis);
    bool fits = forced->len > 0 && fit(clock, axis, forced, &narrow);
    if (fits) {
        widen_by_transit(clock, axis, &narrow, &g_array_index(forced, mps_step, 0));
        fits = !may_be_slewed(&narrow, &g_array_index(forced, mps_step, 0)) &&
               fit(clock, axis, forced, estimate);
        mps_clock_spans_free(narrow.spans);
    }
    estimate->reason = fits ? estimate->reason : reason;
    g_array_set_size(steps, 0);
    g_array_append_vals(steps, forced->data, forced->len);
    g_array_free(forced, TRUE);
    return fits;
}

/* Do the bounds allow every sample a transit time that is possible? They do not where a clock was
 * set more than once about a moment, or where segments went in one direction only. */
static bool explains_all(const mps_clock *clock, const mps_clock_estimate *estimate)
{
    for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) {
        int64_t low, high, time_a = it.sample->a, y = it.sample->y;
        mps_clock_bounds(estimate, time_a, time_a + y, &low, &high);
        int64_t least = it.series->forward ? mps_minus(y, high) : mps_minus(low, y);
        int64_t most = it.series->forward ? mps_minus(y, low) : mps_minus(high, y);
        if (most < 0 || (double)least > SEGMENT_LIFETIME)
            return false;
    }
    return true;
}

bool mps_clock_fit(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                   mps_clock_estimate *estimate)
{
    GArray *steps = mps_steps_find(clock, axis);
    add_sized(steps, suspects);
    bool fits = fit(clock, axis, steps, estimate);
    if (fits) {
        drop_uncertain_steps(clock, axis, steps, estimate);
    } else if (estimate->forward > 0 && estimate->backward > 0) {
        fits = fit_with_forced_step(clock, axis, steps, estimate);
    }
    if (fits)
        allow_for_suspects(clock, axis, suspects, steps, estimate);
    g_array_free(steps, TRUE);
    if (!fits || explains_all(clock, estimate))
        return fits;
    g_clear_pointer(&estimate->spans, mps_clock_spans_free);
    estimate->has_offset = estimate->has_skew = false;
    estimate->reason = MPS_CLOCK_NO_FIT;
    return false;
}
