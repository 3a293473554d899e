/* fit.c: fits the line of the clock, piece by piece between the moments at which it was set.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <math.h>

/* Less than this tells nothing of the rates: bounds would be thousands of ppm wide. */
#define SKEW_SPAN INT64_C(2000000000) /* ns */

/* What hosts take from the wire to the time stamp changes by so much as they warm up or cool down.
 */
#define HOSTS_WANDER 5e4 /* ns */

/* An estimate that may be off by more is none. */
#define SKEW_ERROR 200e-6

/* No segment is on its way for longer (MSL of RFC 9293, section 3.4.1). */
#define LIFETIME 120e9 /* ns */

/* A rate that is beyond what is possible by so many times its error is none of a clock. */
#define SURELY 3

/* A step as the pieces have it must be so near to what it is by what is near it. */
#define SETTING_AGREES 0.3

/* How long the longest series that tells a rate is, in the direction in which it is shorter. */
static int64_t span_of(const GArray *hulls)
{
    int64_t span[2] = {0, 0}; /* backward, forward */
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (mps_hull_tells(hull))
            span[hull->series->forward] = MAX(span[hull->series->forward], hull->span);
    }
    return MIN(span[0], span[1]);
}

/* The rates are told apart if there is enough of both directions, and if what the paths did leaves
 * them clear. */
static const char *doubt_skew(const mps_clock_estimate *estimate, int64_t span)
{
    if (span < SKEW_SPAN)
        return "the skew takes 2 s, and 8 segments each way of a subflow";
    if (fabs(estimate->skew) >= MPS_SKEW_MAX || estimate->skew_error > SKEW_ERROR)
        return "what the paths did hides the skew";
    return NULL;
}

/* @return NULL, or why there is no such clock: the bounds, which are for others, do not hold */
static const char *estimate_skew(const GArray *hulls, mps_clock_estimate *estimate)
{
    int64_t span = span_of(hulls);
    estimate->skew = mps_skew_likeliest(hulls, &estimate->skew_error);
    estimate->skew_error += HOSTS_WANDER / (double)MAX(span, 1);
    estimate->skew_by_weight = mps_skew_by_votes(hulls, true);
    if (estimate->skew_error <= SKEW_ERROR &&
        fabs(estimate->skew) > MPS_SKEW_MAX + SURELY * estimate->skew_error)
        return MPS_TOO_FAST;
    double held = CLAMP(estimate->skew, estimate->skew_low, estimate->skew_high);
    double most = fmax(estimate->skew_high - held, held - estimate->skew_low);
    estimate->skew_error = fmin(estimate->skew_error, most); /* no more than the bounds leave */
    estimate->reason = doubt_skew(estimate, span);
    estimate->has_skew = estimate->reason == NULL;
    estimate->skew = estimate->has_skew ? held : CLAMP(0, estimate->skew_low, estimate->skew_high);
    return NULL;
}

/* How much room two pieces have together if the clock was set by `size` in between. */
static double room_of_both(const mps_clock_span *before, double size)
{
    return fmin(before->highest, before[1].highest - size) -
           fmax(before->lowest, before[1].lowest - size);
}

/* The size of a setting as the lines have it at x = 0: if A's clock was set, x was, too. */
static double size_at_0(const mps_clock_estimate *estimate, const mps_step *setting)
{
    return estimate->by_b ? setting->size * (1 + estimate->skew) : setting->size;
}

/* By how much the clock was set between two pieces: as the delays near it have it, or the pieces as
 * a whole, whichever leaves more room; 0: not known */
static double size_between(const mps_clock_estimate *estimate, const mps_clock_span *before,
                           const mps_step *setting)
{
    double near = size_at_0(estimate, setting), whole = before[1].middle - before->middle;
    bool fits = room_of_both(before, near) >= room_of_both(before, whole);
    return near == 0 || fits ? near : whole;
}

/* By how much the clock was set before each piece; 0: not known, or it is the first. */
static double *sizes_of(const mps_clock_estimate *estimate, const GArray *settings)
{
    const mps_clock_span *all = (const mps_clock_span *)estimate->pieces->data;
    double *sizes = g_new0(double, estimate->pieces->len);
    for (guint i = 1; i < estimate->pieces->len; i++)
        sizes[i] = size_between(estimate, &all[i - 1], &g_array_index(settings, mps_step, i - 1));
    return sizes;
}

/* The offset is the middle of what the slope allows: of all pieces together, by what the clock was
 * set in between, or of each if that does not fit. */
static void set_offsets(const mps_clock_estimate *estimate, const GArray *settings)
{
    double low = -INFINITY, high = INFINITY, sum = 0;
    bool known = true;
    mps_clock_span *all = (mps_clock_span *)estimate->pieces->data;
    guint count = estimate->pieces->len;
    for (guint i = 0; i < count; i++)
        all[i].offset = all[i].middle = (all[i].lowest + all[i].highest) / 2;
    double *sizes = sizes_of(estimate, settings);
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

static void estimate_offsets(mps_clock_estimate *estimate, const GArray *settings)
{
    double low, high;
    for (guint i = 0; i < estimate->pieces->len; i++) {
        mps_clock_span *piece = &g_array_index(estimate->pieces, mps_clock_span, i);
        piece->lowest = mps_hull_intercept(piece->below, false, estimate->skew);
        piece->highest = mps_hull_intercept(piece->above, true, estimate->skew);
    }
    set_offsets(estimate, settings);
    const mps_clock_span *first = &g_array_index(estimate->pieces, mps_clock_span, 0);
    mps_clock_span_bounds(first, estimate->skew_low, estimate->skew_high, 0, &low, &high);
    estimate->has_offset = true;
    estimate->offset = estimate->base + mps_nearest_ns(first->offset);
    estimate->offset_low = estimate->base + (int64_t)floor(low);
    estimate->offset_high = estimate->base + (int64_t)ceil(high);
}

static void set_pieces(mps_clock_estimate *estimate, GArray *pieces, const GArray *settings)
{
    const mps_step *all = (const mps_step *)settings->data;
    estimate->pieces = pieces;
    for (guint i = 0; i < pieces->len; i++) {
        mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        piece->sure.from = i > 0 ? all[i - 1].window.until : INT64_MIN;
        piece->sure.until = i < settings->len ? all[i].window.from : INT64_MAX;
    }
}

/* Does each piece have points of both directions? */
static bool are_two_way(const GArray *pieces)
{
    for (guint i = 0; i < pieces->len; i++) {
        const mps_clock_span *piece = &g_array_index(pieces, mps_clock_span, i);
        if (piece->above->len == 0 || piece->below->len == 0)
            return false;
    }
    return true;
}

/* Fit lines to the pieces that the settings leave. @return false, with the reason, if none fit */
static bool fit(mps_clock *clock, const mps_axis *axis, const GArray *settings,
                mps_clock_estimate *estimate)
{
    GArray *hulls = mps_hulls_make(clock, axis, settings);
    GArray *pieces = mps_clock_spans_make(hulls, settings->len + 1, clock->resolution);
    const char *none = are_two_way(pieces)
                           ? mps_clock_spans_fit(pieces, &estimate->skew_low, &estimate->skew_high)
                           : "segments matched in one direction only";
    none = none ? none : estimate_skew(hulls, estimate);
    if (none) {
        estimate->reason = none;
        mps_clock_spans_free(pieces);
    } else {
        set_pieces(estimate, pieces, settings);
        estimate_offsets(estimate, settings);
    }
    mps_hulls_free(hulls);
    return none == NULL;
}

/* The setting that is least what it seemed: of another size by the pieces as a whole than by what
 * is near it. Queues that fill one way while they drain the other look like that. -1: none */
static int least_certain(const mps_clock_estimate *estimate, const GArray *settings)
{
    int found = -1;
    double most = SETTING_AGREES;
    for (guint i = 0; i < settings->len; i++) {
        double size = size_at_0(estimate, &g_array_index(settings, mps_step, i));
        const mps_clock_span *before = &g_array_index(estimate->pieces, mps_clock_span, i);
        double off = before[1].middle - before->middle - size;
        if (size != 0 && fabs(off / size) > most) {
            most = fabs(off / size);
            found = (int)i;
        }
    }
    return found;
}

/* Leave the settings to the bounds, which hold with and without them, and take the line from a fit
 * that has only those that are certain. */
static void take_line(mps_clock_estimate *estimate, const mps_clock_estimate *certain,
                      const GArray *settings)
{
    guint at = 0; /* in the pieces of the line */
    for (guint i = 0; i < estimate->pieces->len; i++) {
        mps_clock_span *piece = &g_array_index(estimate->pieces, mps_clock_span, i);
        const mps_clock_span *lines = (const mps_clock_span *)certain->pieces->data;
        while (at + 1 < certain->pieces->len && piece->sure.from >= lines[at + 1].sure.from)
            at++;
        piece->offset = lines[at].offset;
        bool same =
            i == 0 || g_array_index(settings, mps_step, i - 1).window.until == lines[at].sure.from;
        piece->doubtful = !same || lines[at].doubtful;
    }
    estimate->skew = certain->skew;
    estimate->skew_error = certain->skew_error;
    estimate->skew_by_weight = certain->skew_by_weight;
    estimate->has_skew = certain->has_skew;
    estimate->reason = certain->reason;
    estimate->offset = certain->offset;
}

/* Find out which settings are certain, and take the line that fits with those, if one does. */
static void find_certain(mps_clock *clock, const mps_axis *axis, const GArray *settings,
                         mps_clock_estimate *estimate)
{
    mps_clock_estimate certain = *estimate;
    GArray *left = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_vals(left, settings->data, settings->len);
    bool fits = true;
    int drop;
    while (fits && (drop = least_certain(&certain, left)) >= 0) {
        g_array_remove_index(left, (guint)drop);
        if (certain.pieces != estimate->pieces)
            mps_clock_spans_free(certain.pieces);
        fits = fit(clock, axis, left, &certain);
    }
    if (fits && certain.pieces != estimate->pieces) {
        take_line(estimate, &certain, settings);
        mps_clock_spans_free(certain.pieces);
    }
    g_array_free(left, TRUE);
}

/* Add the suspects of which the size is known, in place of what else seems to have been about that
 * moment. */
static void add_sized(GArray *settings, const GArray *suspects)
{
    for (guint i = 0; i < suspects->len; i++) {
        const mps_step *suspect = &g_array_index(suspects, mps_step, i);
        if (suspect->size == 0)
            continue;
        for (guint k = settings->len; k-- > 0;)
            if (mps_window_overlap(&g_array_index(settings, mps_step, k).window, &suspect->window))
                g_array_remove_index(settings, k);
        mps_steps_add(settings, suspect);
    }
}

/* Have the bounds allow for a clock that was set unnoticed, if there is enough on either side. */
static void allow_for(mps_clock *clock, const mps_axis *axis, const mps_step *doubt,
                      GArray *settings, mps_clock_estimate *estimate)
{
    mps_clock_estimate wide = *estimate;
    GArray *more = g_array_new(FALSE, FALSE, sizeof(mps_step));
    g_array_append_vals(more, settings->data, settings->len);
    if (mps_steps_add(more, doubt) && fit(clock, axis, more, &wide)) {
        take_line(&wide, estimate, more);
        mps_clock_spans_free(estimate->pieces);
        *estimate = wide;
        g_array_set_size(settings, 0);
        g_array_append_vals(settings, more->data, more->len);
    }
    g_array_free(more, TRUE);
}

static void allow_for_doubt(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                            GArray *settings, mps_clock_estimate *estimate)
{
    mps_step doubt;
    for (guint i = 0; i < suspects->len; i++)
        if (g_array_index(suspects, mps_step, i).size == 0)
            allow_for(clock, axis, &g_array_index(suspects, mps_step, i), settings, estimate);
    if (mps_steps_suspect(clock, axis, estimate, &doubt))
        allow_for(clock, axis, &doubt, settings, estimate);
}

/* How long a sample was on its way at most, by whichever of the lines before and behind a setting
 * leaves it a delay that is not negative. */
static double longest_way(const mps_clock_estimate *estimate, bool forward,
                          const mps_clock_sample *sample)
{
    double shortest = INFINITY, x = (double)mps_minus(sample->a, estimate->reference);
    double y = (double)mps_minus(sample->y, estimate->base);
    for (guint i = 0; i < estimate->pieces->len; i++) {
        double low, high;
        mps_clock_span_bounds(&g_array_index(estimate->pieces, mps_clock_span, i),
                              estimate->skew_low, estimate->skew_high, x, &low, &high);
        double delay = forward ? y - low : high - y;
        shortest = delay >= 0 ? fmin(shortest, delay) : shortest;
    }
    return shortest;
}

/* The window ends with samples that a clock was set for already, or not yet: as these were on
 * their way, it was set as much later, or earlier, than the other clock saw them. */
static void widen_by_ways(const mps_clock *clock, const mps_axis *axis,
                          const mps_clock_estimate *estimate, mps_step *setting)
{
    double longest = 0;
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        int64_t moment = mps_axis_moment(axis, walk.sample);
        if (setting->window.from <= moment && moment <= setting->window.until)
            longest = fmax(longest, longest_way(estimate, walk.series->forward, walk.sample));
    }
    int64_t reach = (int64_t)fmin(longest, LIFETIME);
    setting->window.from = mps_minus(setting->window.from, reach);
    setting->window.until = mps_minus(setting->window.until, -reach);
}

/* Fit where a clock must have been set, for else no line fits. @param[out] settings  that one */
static bool fit_by_force(mps_clock *clock, const mps_axis *axis, GArray *settings,
                         mps_clock_estimate *estimate)
{
    const char *reason = estimate->reason;
    mps_clock_estimate narrow = *estimate;
    GArray *forced = mps_steps_force(clock, axis);
    bool fits = forced->len > 0 && fit(clock, axis, forced, &narrow);
    if (fits) {
        widen_by_ways(clock, axis, &narrow, &g_array_index(forced, mps_step, 0));
        mps_clock_spans_free(narrow.pieces);
        fits = fit(clock, axis, forced, estimate);
    }
    estimate->reason = fits ? estimate->reason : reason;
    g_array_set_size(settings, 0);
    g_array_append_vals(settings, forced->data, forced->len);
    g_array_free(forced, TRUE);
    return fits;
}

/* Can all samples have been on their way for as long as the bounds say? Where a clock was set more
 * than once about a moment, or where segments went one way only, they cannot. */
static bool explains_all(const mps_clock *clock, const mps_clock_estimate *estimate)
{
    for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) {
        int64_t low, high, time_a = walk.sample->a, y = walk.sample->y;
        mps_clock_bounds(estimate, time_a, time_a + y, &low, &high);
        int64_t least = walk.series->forward ? mps_minus(y, high) : mps_minus(low, y);
        int64_t most = walk.series->forward ? mps_minus(y, low) : mps_minus(high, y);
        if (most < 0 || (double)least > LIFETIME)
            return false;
    }
    return true;
}

bool mps_clock_fit(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                   mps_clock_estimate *estimate)
{
    GArray *settings = mps_steps_find(clock, axis);
    add_sized(settings, suspects);
    bool fits = fit(clock, axis, settings, estimate);
    if (fits) {
        find_certain(clock, axis, settings, estimate);
    } else if (estimate->forward > 0 && estimate->backward > 0) {
        fits = fit_by_force(clock, axis, settings, estimate);
    }
    if (fits)
        allow_for_doubt(clock, axis, suspects, settings, estimate);
    g_array_free(settings, TRUE);
    if (!fits || explains_all(clock, estimate))
        return fits;
    g_clear_pointer(&estimate->pieces, mps_clock_spans_free);
    estimate->has_offset = estimate->has_skew = false;
    estimate->reason = MPS_NO_LINE;
    return false;
}
