/* figures.c: computes delay, its variation, loss and round trips of a set of segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "figures.h"
#include "base/times.h"

static void count_outcome(const mps_outcome *outcome, mps_figures *figures)
{
    figures->sent++;
    figures->matched += outcome->kind == MPS_SENT_MATCHED;
    figures->lost += outcome->kind == MPS_SENT_LOST;
    figures->unavailable +=
        outcome->kind == MPS_SENT_OUTSIDE_CAPTURE || outcome->kind == MPS_SENT_MISSING_AT_RECEIVER;
    figures->ambiguous += outcome->kind == MPS_SENT_AMBIGUOUS;
    figures->undetermined += outcome->kind == MPS_SENT_UNDETERMINED;
}

static void count_outcomes(const mps_outcome *outcomes, size_t count, mps_figures *figures)
{
    uint32_t run = 0;
    for (size_t i = 0; i < count; i++) {
        figures->reordered += outcomes[i].reordered;
        if (!outcomes[i].last)
            continue;
        count_outcome(&outcomes[i], figures);
        run = outcomes[i].kind == MPS_SENT_LOST ? run + 1 : 0;
        figures->runs += run == 1;
        figures->longest = MAX(figures->longest, run);
    }
}

/* Compute the statistics of a sample, and empty it. */
static void take_statistics(GArray *sample, mps_statistics *statistics)
{
    if (sample->len > 0)
        mps_statistics_of((int64_t *)sample->data, sample->len, statistics);
    g_array_set_size(sample, 0);
}

void mps_figures_widen_error(const mps_comparison *comparison, bool a_sends, int64_t time_a,
                             int64_t time_b, mps_figures *figures)
{
    int64_t low, high;
    if (!mps_comparison_error(comparison, a_sends, time_a, time_b, &low, &high))
        return;
    figures->error_low = figures->has_error ? MIN(figures->error_low, low) : low;
    figures->error_high = figures->has_error ? MAX(figures->error_high, high) : high;
    figures->has_error = true;
}

static void compute_delays(const mps_comparison *comparison, bool a_sends,
                           const mps_outcome *outcomes, size_t count, GArray *sample,
                           mps_figures *figures)
{
    for (size_t i = 0; i < count; i++) {
        if (outcomes[i].kind != MPS_SENT_MATCHED)
            continue;
        int64_t time = outcomes[i].time;
        figures->first = sample->len > 0 ? MIN(figures->first, time) : time;
        figures->last = sample->len > 0 ? MAX(figures->last, time) : time;
        mps_figures_widen_error(comparison, a_sends, time, outcomes[i].time_b, figures);
        g_array_append_val(sample, outcomes[i].delay);
    }
    take_statistics(sample, &figures->delay);
    if (figures->has_error)
        mps_figures_drift(comparison, figures, figures, &figures->pdv_error);
}

static int64_t magnitude(int64_t value)
{
    return value < 0 ? mps_minus(0, value) : value;
}

/* The greatest error of the difference of two delays at two of A's times, ns; 0 if not known. */
static int64_t drift_between(const mps_comparison *comparison, int64_t one, int64_t other)
{
    int64_t most;
    mps_comparison_drift(comparison, MIN(one, other), MAX(one, other), &most);
    return most;
}

static void sample_ipdv(const mps_comparison *comparison, const mps_outcome *outcomes, size_t count,
                        GArray *sample, mps_figures *figures)
{
    const mps_outcome *before = NULL; /* the segment sent before, if it arrived */
    for (size_t i = 0; i < count; i++) {
        const mps_outcome *outcome = &outcomes[i];
        if (!outcome->last)
            continue;
        bool arrived = outcome->kind == MPS_SENT_MATCHED;
        if (arrived && before && before->sent + 1 == outcome->sent) {
            int64_t change = mps_minus(outcome->delay, before->delay);
            int64_t drift = drift_between(comparison, before->time, outcome->time);
            g_array_append_val(sample, change);
            figures->ipdv_error = MAX(figures->ipdv_error, drift);
        }
        before = arrived ? outcome : NULL;
    }
}

static void compute_ipdv(const mps_comparison *comparison, const mps_outcome *outcomes,
                         size_t count, GArray *sample, mps_figures *figures)
{
    sample_ipdv(comparison, outcomes, count, sample, figures);
    for (guint i = 0; i < sample->len; i++) {
        int64_t *change = &g_array_index(sample, int64_t, i);
        figures->ipdv_min = i > 0 ? MIN(figures->ipdv_min, *change) : *change;
        figures->ipdv_max = i > 0 ? MAX(figures->ipdv_max, *change) : *change;
        *change = magnitude(*change);
    }
    take_statistics(sample, &figures->ipdv_size);
}

static void compute_round_trips(const mps_comparison *comparison, bool a_sends,
                                const mps_outcome *outcomes, size_t count, GArray *sample,
                                mps_figures *figures)
{
    for (size_t i = 0; i < count; i++) {
        const mps_outcome *outcome = &outcomes[i];
        if (!outcome->has_rtt)
            continue;
        /* The round trip lies within this time of A's clock. Where B sends, outcome->time is the
         * arrival at A: the departure was at most rtt_span earlier. */
        int64_t from = mps_minus(outcome->time, a_sends ? 0 : outcome->rtt_span);
        int64_t until = mps_plus(outcome->time, outcome->rtt_span);
        g_array_append_val(sample, outcome->rtt);
        figures->rtt_error = MAX(figures->rtt_error, drift_between(comparison, from, until));
    }
    take_statistics(sample, &figures->rtt);
}

void mps_figures_of(const mps_comparison *comparison, bool a_sends, const mps_outcome *outcomes,
                    size_t count, mps_figures *figures)
{
    GArray *sample = g_array_sized_new(FALSE, FALSE, sizeof(int64_t), (guint)count);
    *figures = (mps_figures){0};
    count_outcomes(outcomes, count, figures);
    compute_delays(comparison, a_sends, outcomes, count, sample, figures);
    compute_ipdv(comparison, outcomes, count, sample, figures);
    compute_round_trips(comparison, a_sends, outcomes, count, sample, figures);
    g_array_free(sample, TRUE);
}

/* The greatest error of the difference of two delays by the error bounds of both alone, ns. */
static int64_t difference_of_errors(const mps_figures *one, const mps_figures *other)
{
    return mps_minus(one->error_high, other->error_low);
}

bool mps_figures_drift(const mps_comparison *comparison, const mps_figures *one,
                       const mps_figures *other, int64_t *most)
{
    if (!mps_comparison_drift(comparison, MIN(one->first, other->first),
                              MAX(one->last, other->last), most))
        return false;
    *most = MIN(*most, MAX(difference_of_errors(one, other), difference_of_errors(other, one)));
    return true;
}
