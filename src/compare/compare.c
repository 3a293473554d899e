/* compare.c: compares two captures: rows, matches, coverage, clocks and notes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "compare_internal.h"
#include "document.h"
#include "running.h"
#include <math.h>
#include <mptcpscope/error.h>

void mps_comparison_add_to_clock(const mps_comparison *comparison, const mps_comparison_row *row,
                                 bool exchange, mps_clock *clock)
{
    mps_align_lists lists;
    mps_comparison_lists(comparison, row, &lists);
    const GArray *matches = row->alignment.matches;
    if (!lists.sent || !lists.received)
        return;
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t sent = lists.sent[match->sent].time;
        int64_t received = lists.received[match->received].time;
        mps_clock_add(clock, row->pair.a, row->a_sends != exchange, row->a_sends ? sent : received,
                      row->a_sends ? received : sent);
    }
}

/* Are all matched segments captured at the same times? Then no path lies between the captures. */
static bool is_one_capture(const mps_comparison *comparison)
{
    bool any = false;
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        mps_align_lists lists;
        mps_comparison_lists(comparison, row, &lists);
        if (!lists.sent || !lists.received)
            continue;
        for (guint k = 0; k < row->alignment.matches->len; k++) {
            const mps_match *match = &g_array_index(row->alignment.matches, mps_match, k);
            if (lists.sent[match->sent].time != lists.received[match->received].time)
                return false;
            any = true;
        }
    }
    return any;
}

/* Count the connections of a trace that have no subflow in the other capture. */
static unsigned count_unpaired(const mps_comparison *comparison, const mps_trace *trace, bool of_a)
{
    uint32_t count = mps_tracker_connections(mps_trace_tracker(trace)), subflow;
    bool *paired = g_new0(bool, MAX(count, 1));
    unsigned unpaired = count;
    for (guint i = 0; i < comparison->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(comparison->pairs->subflows, mps_pair, i);
        if (!mps_pair_in_both(pair))
            continue;
        uint32_t number;
        mps_tracker_numbers(mps_trace_tracker(trace), of_a ? pair->a : pair->b, &number, &subflow);
        if (number != MPS_NONE && !paired[number]) {
            paired[number] = true;
            unpaired--;
        }
    }
    g_free(paired);
    return unpaired;
}

static void note_unpaired(mps_comparison *comparison, unsigned count, const char *own,
                          const char *other)
{
    if (count > 0)
        g_ptr_array_add(comparison->notes, g_strdup_printf("%u connection%s of %s %s not in %s.",
                                                           count, count == 1 ? "" : "s", own,
                                                           count == 1 ? "is" : "are", other));
}

static bool any_pair(const mps_pairs *pairs)
{
    for (guint i = 0; i < pairs->subflows->len; i++)
        if (mps_pair_in_both(&g_array_index(pairs->subflows, mps_pair, i)))
            return true;
    return false;
}

int64_t mps_comparison_delay(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                             int64_t time_b)
{
    int64_t ahead = comparison->corrected
                        ? mps_clock_ahead(&comparison->clock, a_sends, time_a, time_b,
                                          comparison->mode == MPS_CLOCK_SKEW)
                        : 0;
    int64_t delay = mps_minus(time_b, time_a);
    return a_sends ? mps_minus(delay, ahead) : mps_minus(ahead, delay);
}

/* The skew is applied at A's time, which the offset gives well enough: the remaining error is the
 * square of the skew. */
int64_t mps_comparison_time_by_a(const mps_comparison *comparison, int64_t time_b)
{
    const mps_clock_estimate *clock = &comparison->clock;
    const bool with_skew = comparison->mode == MPS_CLOCK_SKEW;
    int64_t by_a = mps_minus(time_b, clock->offset);
    by_a = mps_minus(time_b, mps_clock_ahead(clock, true, by_a, time_b, with_skew));
    return mps_minus(time_b, mps_clock_ahead(clock, true, by_a, time_b, with_skew));
}

bool mps_comparison_error(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                          int64_t time_b, int64_t *low, int64_t *high)
{
    int64_t from, to, applied = 0; /* B's clock minus A's: least, greatest, and as corrected */
    if (!comparison->clock.has_offset)
        return false;
    if (comparison->corrected)
        applied = mps_clock_ahead(&comparison->clock, a_sends, time_a, time_b,
                                  comparison->mode == MPS_CLOCK_SKEW);
    mps_clock_bounds(&comparison->clock, time_a, time_b, &from, &to);
    *low = a_sends ? mps_minus(applied, to) : mps_minus(from, applied);
    *high = a_sends ? mps_minus(applied, from) : mps_minus(to, applied);
    /* A delay is in seconds of B's clock. They may be longer or shorter than those of A's. */
    double greatest =
        (double)mps_comparison_delay(comparison, a_sends, time_a, time_b) + (double)*high;
    *low =
        mps_minus(*low, mps_whole(ceil(fmax(greatest, 0) * fmax(comparison->clock.rate_high, 0))));
    double slow = fmax(-comparison->clock.rate_low, 0);
    *high = mps_plus(*high, mps_whole(ceil(fmax(greatest, 0) * slow / (1 - slow))));
    return true;
}

/* The greatest error, ns, that the clock's steps between two times cause: a step is not corrected,
 * or a segment near it is corrected as if it were on its other side. */
static double step_error_between(const mps_comparison *comparison, int64_t from, int64_t until)
{
    double sum = 0;
    for (guint i = 0; comparison->clock.steps && i < comparison->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(comparison->clock.steps, mps_clock_step, i);
        if (step->until < from || step->from > until)
            continue;
        sum += fmax(fabs((double)step->size_low), fabs((double)step->size_high));
        sum += comparison->corrected ? fabs((double)step->size) : 0;
    }
    return sum;
}

bool mps_comparison_drift(const mps_comparison *comparison, int64_t from, int64_t until,
                          int64_t *most)
{
    const mps_clock_estimate *clock = &comparison->clock;
    bool skew_corrected = comparison->corrected && comparison->mode == MPS_CLOCK_SKEW;
    double span = (double)mps_minus(until, from);
    *most = 0;
    if (clock->has_offset)
        *most = mps_whole(ceil(mps_clock_drift_max(clock, span, skew_corrected) +
                               step_error_between(comparison, from, until)));
    return clock->has_offset;
}

/* Clocks belong to hosts: all connections are evidence for the same two clocks. */
static void estimate_clock(mps_comparison *comparison)
{
    mps_clock *clock = mps_clock_new();
    mps_clock_set_resolution(
        clock, MAX(mps_trace_resolution(comparison->a), mps_trace_resolution(comparison->b)));
    for (guint i = 0; i < comparison->rows->len; i++)
        mps_comparison_add_to_clock(
            comparison, &g_array_index(comparison->rows, mps_comparison_row, i), false, clock);
    mps_clock_estimate_of(clock, &comparison->clock);
    mps_clock_free(clock);
}

static void decide_correction(mps_comparison *comparison, mps_clock_mode mode)
{
    comparison->mode = mode;
    comparison->corrected = (mode == MPS_CLOCK_OFFSET && comparison->clock.has_offset) ||
                            (mode == MPS_CLOCK_SKEW && comparison->clock.has_skew);
}

/* Where a capture has no TCP at all, the notes on its frames tell why. */
static void add_reason(GString *text, const mps_trace *trace, const char *name)
{
    if (mps_tracker_segment_counts(mps_trace_tracker(trace))->tcp > 0)
        return;
    g_string_append_printf(text, "; %s has no TCP segment", name);
    const GPtrArray *notes = mps_trace_notes(trace);
    for (guint i = 0; i < notes->len; i++)
        g_string_append_printf(text, "%s%s", i == 0 ? " (" : " ", (const char *)notes->pdata[i]);
    g_string_append(text, notes->len > 0 ? ")" : "");
}

static void set_no_pair(const mps_comparison *comparison, GError **error)
{
    GString *text = g_string_new("no connection is in both captures");
    add_reason(text, comparison->a, "A");
    add_reason(text, comparison->b, "B");
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, text->str);
    g_string_free(text, TRUE);
}

/* Align the subflows of both captures. @return false, with `error`: the captures have no connection
 * in common, or are the same capture */
static bool compare(mps_comparison *comparison, GError **error)
{
    if (!any_pair(comparison->pairs)) {
        set_no_pair(comparison, error);
        return false;
    }
    mps_rows_make(comparison);
    mps_orientation_find(comparison);
    note_unpaired(comparison, count_unpaired(comparison, comparison->a, true), "A", "B");
    note_unpaired(comparison, count_unpaired(comparison, comparison->b, false), "B", "A");
    if (!is_one_capture(comparison))
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                "both hold the same segments at the same times: is it one capture twice?");
    return false;
}

mps_comparison *mps_comparison_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode,
                                   GError **error)
{
    mps_comparison *comparison = g_new0(mps_comparison, 1);
    comparison->a = a;
    comparison->b = b;
    comparison->pairs = mps_pairs_find(a, b);
    comparison->rows = g_array_new(FALSE, FALSE, sizeof(mps_comparison_row));
    comparison->notes = g_ptr_array_new_with_free_func(g_free);
    mps_document_add_notes(comparison->notes, a, b);
    if (!compare(comparison, error)) {
        mps_comparison_free(comparison);
        return NULL;
    }
    mps_coverage_find(comparison);
    mps_completeness_find(comparison);
    mps_running_survey(comparison);
    estimate_clock(comparison);
    decide_correction(comparison, mode);
    return comparison;
}

void mps_comparison_free(mps_comparison *comparison)
{
    if (!comparison)
        return;
    for (guint i = 0; i < comparison->rows->len; i++)
        mps_alignment_clear(&g_array_index(comparison->rows, mps_comparison_row, i).alignment);
    g_array_free(comparison->rows, TRUE);
    g_ptr_array_free(comparison->notes, TRUE);
    mps_pairs_free(comparison->pairs);
    mps_clock_estimate_clear(&comparison->clock);
    g_free(comparison);
}
