/* skew.c: the likeliest skew of one clock against the other, by the shortest delays.
 *
 * In each direction of a subflow some segments pass without queueing, after waits that are
 * exponentially distributed with a short mean. The others wait in queues for any time. An iteration
 * of expectation maximisation alternates two steps: it estimates the probability that each segment
 * was not queued, and the line with the least sum of waits weighted by these probabilities. (For
 * one series with equal weights this is the linear program of Moon, Skelly and Towsley 1999.) The
 * line is therefore not turned by a direction whose queue stands half of the time, or by a path
 * that changes its delay.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/parallel.h"
#include "clock_internal.h"
#include <float.h>
#include <math.h>

/* The iteration ends after this many rounds, or when the skew, a ratio, changes by no more than
 * this: it has converged by then, or two lines are equally good. */
#define EM_ROUNDS_MAX 12
#define SKEW_CONVERGED 1e-10

/* Shorter waits cannot be told from the noise of the time stamps of two hosts, ns. */
#define WAIT_MIN 1000.0

/* Bounds of the share of queued segments, so that neither class of segments dies out, and its
 * initial value. */
#define QUEUED_MIN 0.01
#define QUEUED_MAX 0.99
#define QUEUED_INITIAL 0.5

/* Updates of the waits in each round: the waits converge more slowly than the line. */
#define UPDATES_PER_ROUND 2

/* This many samples of a series suffice to find how its segments wait. */
#define SAMPLES_MAX 8192u

/* In 9 of 10 simulated captures, the error of a line that touches the shortest waits is at most
 * this many times mean wait / (segments * standard deviation of their times). */
#define ERROR_FACTOR 16

/* A second estimate of the error, for segments that wait together, in a burst or for the grant of a
 * radio: they carry less information than their number suggests. A series is cut into STRETCHES
 * with equal numbers of segments. Of their shortest waits, the NEAR_STRETCHES shortest are close to
 * the line if it is right; the longest of these shows the error. With this factor the second error
 * is not larger than the first where each segment waits by itself. */
#define STRETCHES 16u
#define NEAR_STRETCHES 4u
#define STRETCH_ERROR_FACTOR 3

/* A direction with a larger error by stretches, a ratio, shows nothing about the skew. */
#define STRETCH_ERROR_MAX 200e-6

/* An edge of a hull: at the skew `slope` the supporting point moves to the next corner, and the
 * gradient falls by `step`. */
typedef struct {
    double slope, step;
} mps_vote_edge;

/* How the segments of a hull's series wait. */
typedef struct {
    const mps_hull *hull;
    double mean_wait;          /* mean of the segments that were not queued, ns */
    double longest;            /* longest wait with the initial line, ns */
    double queued;             /* share of the segments that were queued */
    double unqueued;           /* number of the segments that were not queued */
    double mean_x, variance_x; /* of the x of these segments */
} mps_skew_waits;

/* The shortest wait of a stretch, and its x, ns. */
typedef struct {
    double wait, x;
} mps_min_wait;

/* The weights of a series: of its shortest delay, and of the mean delay at a mean x. */
typedef struct {
    double weight, mean_weight, mean_x;
} mps_skew_vote;

static gint compare_edges(gconstpointer a, gconstpointer b)
{
    double x = ((const mps_vote_edge *)a)->slope, y = ((const mps_vote_edge *)b)->slope;
    return (x > y) - (x < y);
}

/* Append the edges of a hull. @return the gradient of its weighted shortest delay at a skew of
 * minus infinity */
static double add_edges(const mps_hull *hull, double weight, GArray *edges)
{
    const mps_clock_point *corners = (const mps_clock_point *)hull->corners->data;
    guint count = hull->corners->len;
    for (guint i = 0; i + 1 < count; i++) {
        double width = corners[i + 1].x - corners[i].x;
        mps_vote_edge added = {(corners[i + 1].y - corners[i].y) / width, weight * width};
        g_array_append_val(edges, added);
    }
    return hull->series->forward ? -weight * corners[0].x : weight * corners[count - 1].x;
}

/* The skew with the greatest sum of votes: each shortest delay counts for it, each mean delay
 * against it. The sum is concave and piecewise linear in the skew: its gradient falls by the width
 * of each hull edge, in the order of their slopes. */
static double greatest_sum(const GArray *hulls, const mps_skew_vote *votes)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(mps_vote_edge));
    double gradient = 0, skew = 0;
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        double mean_x = hull->series->forward ? votes[i].mean_x : -votes[i].mean_x;
        if (votes[i].weight > 0)
            gradient += add_edges(hull, votes[i].weight, edges) + votes[i].mean_weight * mean_x;
    }
    g_array_sort(edges, compare_edges);
    for (guint i = 0; i < edges->len && gradient > 0; i++) {
        const mps_vote_edge *passed = &g_array_index(edges, mps_vote_edge, i);
        gradient -= passed->step;
        skew = passed->slope;
        if (gradient == 0 && i + 1 < edges->len) /* flat up to the next edge */
            skew = (skew + passed[1].slope) / 2;
    }
    g_array_free(edges, TRUE);
    return skew;
}

double mps_skew_by_votes(const GArray *hulls, bool of_segments)
{
    mps_skew_vote *votes = g_new(mps_skew_vote, hulls->len + 1);
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        double count = (double)hull->count;
        votes[i] = of_segments               ? (mps_skew_vote){count, count, hull->mean_x}
                   : mps_hull_has_vote(hull) ? (mps_skew_vote){1, 0, 0}
                                             : (mps_skew_vote){0, 0, 0};
    }
    double skew = greatest_sum(hulls, votes);
    g_free(votes);
    return skew;
}

/* The wait of a sample beyond the shortest delay, by a line, ns. */
static double wait_of(const mps_hull *hull, const mps_clock_point *point, double skew,
                      double intercept)
{
    double above = point->y - skew * point->x - intercept;
    return fmax(hull->series->forward ? above : -above, 0);
}

/* Only every n-th sample of a long series is used. */
static guint stride(const mps_hull *hull)
{
    return hull->series->samples->len / SAMPLES_MAX + 1;
}

/* Set the initial mean and longest wait. */
static void init_waits(mps_skew_waits *waits, const mps_hull *hull, double skew)
{
    double sum = 0, intercept = mps_hull_intercept(hull->corners, hull->series->forward, skew);
    size_t count = 0;
    mps_clock_point point;
    *waits = (mps_skew_waits){.hull = hull, .queued = QUEUED_INITIAL};
    for (guint i = 0; i < hull->series->samples->len; i += stride(hull)) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        double wait = wait_of(hull, &point, skew, intercept);
        waits->longest = fmax(waits->longest, wait);
        sum += wait;
        count++;
    }
    waits->mean_wait = fmax(count > 0 ? sum / (double)count : 0, WAIT_MIN);
}

/* One round for a series: find the probability of each segment that it was not queued by the
 * previous parameters, then the new parameters. */
static void update_waits(mps_skew_waits *waits, double skew, double intercept)
{
    const mps_hull *hull = waits->hull;
    double count = 0, unqueued = 0, wait_sum = 0, mean = 0, squares = 0;
    mps_clock_point point;
    for (guint i = 0; i < hull->series->samples->len; i += stride(hull)) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        double wait = wait_of(hull, &point, skew, intercept);
        double density = (1 - waits->queued) / waits->mean_wait * exp(-wait / waits->mean_wait);
        double share = density / (density + waits->queued / (waits->longest + WAIT_MIN));
        count++;
        unqueued += share;
        wait_sum += share * wait;
        double away = point.x - mean; /* West 1979: weighted mean and variance in one pass */
        mean += away * share / fmax(unqueued, DBL_MIN);
        squares += share * away * (point.x - mean);
    }
    if (unqueued <= 0)
        return;
    waits->mean_wait = fmax(wait_sum / unqueued, WAIT_MIN);
    waits->queued = CLAMP(1 - unqueued / count, QUEUED_MIN, QUEUED_MAX);
    waits->unqueued = unqueued / count * (double)hull->count;
    waits->mean_x = mean;
    waits->variance_x = squares / unqueued;
}

/* The directions that count. */
typedef enum { BACKWARD, FORWARD, BOTH } mps_hull_choice;

static bool is_chosen(const mps_hull *hull, mps_hull_choice which)
{
    bool counts = which == BOTH || hull->series->forward == (which == FORWARD);
    return counts && mps_hull_has_vote(hull);
}

static int compare_waits(const void *a, const void *b)
{
    double x = ((const mps_min_wait *)a)->wait, y = ((const mps_min_wait *)b)->wait;
    return (x > y) - (x < y);
}

/* The error of the skew by stretches: the longest of the shortest waits near the line, over the
 * standard deviation of their times. */
static double stretch_error(const mps_hull *hull, double skew)
{
    double intercept = mps_hull_intercept(hull->corners, hull->series->forward, skew);
    double mean = 0, squares = 0;
    size_t seen = 0;
    mps_min_wait shortest[STRETCHES];
    mps_clock_point point;
    for (guint i = 0; i < STRETCHES; i++)
        shortest[i] = (mps_min_wait){INFINITY, 0};
    for (guint i = 0; i < hull->series->samples->len; i++) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        mps_min_wait *stretch = &shortest[seen++ * STRETCHES / hull->count];
        double wait = wait_of(hull, &point, skew, intercept);
        if (wait < stretch->wait)
            *stretch = (mps_min_wait){wait, point.x};
    }
    qsort(shortest, STRETCHES, sizeof *shortest, compare_waits);
    for (guint i = 0; i < NEAR_STRETCHES; i++)
        mean += shortest[i].x / NEAR_STRETCHES;
    for (guint i = 0; i < NEAR_STRETCHES; i++)
        squares += (shortest[i].x - mean) * (shortest[i].x - mean) / NEAR_STRETCHES;
    return squares > 0 ? STRETCH_ERROR_FACTOR * shortest[NEAR_STRETCHES - 1].wait / sqrt(squares)
                       : INFINITY;
}

/* The error by stretches of the series where it is smallest. */
static double least_stretch_error(const GArray *hulls, mps_hull_choice which, double skew)
{
    double least = INFINITY;
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (is_chosen(hull, which))
            least = fmin(least, stretch_error(hull, skew));
    }
    return least;
}

/* Iterate from an initial skew to the likeliest one near it.
 * @param[out] error  9 of 10 captures have at most this error */
static double refine(const GArray *hulls, mps_hull_choice which, double skew, double *error)
{
    mps_skew_waits *waits = g_new0(mps_skew_waits, hulls->len + 1);
    mps_skew_vote *votes = g_new0(mps_skew_vote, hulls->len + 1);
    double information = 0, last = INFINITY;
    for (guint i = 0; i < hulls->len; i++)
        init_waits(&waits[i], &g_array_index(hulls, mps_hull, i), skew);
    for (unsigned round = 0; round < EM_ROUNDS_MAX && fabs(skew - last) > SKEW_CONVERGED; round++) {
        information = 0;
        last = skew;
        for (guint i = 0; i < hulls->len; i++) {
            if (!is_chosen(waits[i].hull, which))
                continue;
            double intercept =
                mps_hull_intercept(waits[i].hull->corners, waits[i].hull->series->forward, skew);
            for (unsigned k = 0; k < UPDATES_PER_ROUND; k++)
                update_waits(&waits[i], skew, intercept);
            double weight = waits[i].unqueued / waits[i].mean_wait;
            votes[i] = (mps_skew_vote){weight, weight, waits[i].mean_x};
            information += weight * weight * waits[i].variance_x;
        }
        skew = greatest_sum(hulls, votes);
    }
    *error = information > 0 ? ERROR_FACTOR / sqrt(information) : INFINITY;
    g_free(votes);
    g_free(waits);
    return skew;
}

/* What some directions show. */
typedef struct {
    double skew, error; /* 9 of 10 captures have at most this, if each segment waits by itself */
    double stretch_error;
} mps_skew_estimate;

static mps_skew_estimate estimate_directions(const GArray *hulls, mps_hull_choice which,
                                             double skew)
{
    mps_skew_estimate result;
    result.skew = refine(hulls, which, skew, &result.error);
    result.stretch_error = least_stretch_error(hulls, which, result.skew);
    return result;
}

/* The estimates of both directions, each by itself. */
typedef struct {
    const GArray *hulls;
    double skew; /* to begin with */
    mps_skew_estimate forward, backward;
} mps_direction_job;

static void estimate_direction(unsigned forward, void *data)
{
    mps_direction_job *job = data;
    *(forward ? &job->forward : &job->backward) =
        estimate_directions(job->hulls, forward ? FORWARD : BACKWARD, job->skew);
}

static size_t count_samples(const GArray *hulls)
{
    size_t count = 0;
    for (guint i = 0; i < hulls->len; i++)
        count += g_array_index(hulls, mps_hull, i).series->samples->len;
    return count;
}

/* Is one direction clear, while the other shows nothing, such as one whose queue never drains? */
static bool is_clear(const mps_skew_estimate *one, const mps_skew_estimate *other)
{
    return one->stretch_error <= one->error && other->stretch_error > STRETCH_ERROR_MAX;
}

double mps_skew_likeliest(const GArray *hulls, double *error)
{
    mps_skew_estimate both = estimate_directions(hulls, BOTH, mps_skew_by_votes(hulls, false));
    mps_direction_job job = {.hulls = hulls, .skew = both.skew};
    mps_parallel(2, count_samples(hulls), estimate_direction, &job);
    const mps_skew_estimate forward = job.forward, backward = job.backward;
    double differ = fabs(forward.skew - backward.skew);
    *error = fmax(fmax(both.error, both.stretch_error),
                  fmin(forward.stretch_error, backward.stretch_error));
    /* A growing queue looks like a skew, but in one direction only. */
    if (differ > forward.error + backward.error && !is_clear(&forward, &backward) &&
        !is_clear(&backward, &forward))
        *error = fmax(*error, differ / 2);
    return both.skew;
}
