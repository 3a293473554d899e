/* skew.c: the likeliest rate of one clock against the other, by the shortest delays.
 *
 * Of the segments of a direction of a subflow, some go straight through, after waits that are
 * exponential with a short mean, others wait in queues for any time. Which is which is estimated in
 * turns with the line: a segment counts by the probability that it went straight through, and the
 * line is that of least waits of these (for one series, all of which count, the linear program of
 * Moon, Skelly and Towsley 1999). A direction whose queue stands half of the time, or a path that
 * changes its delay, so does not turn the line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "clock_internal.h"
#include <float.h>
#include <math.h>

/* Times that the segments are told apart anew, and when the line is taken to stand still. */
#define ROUNDS 12
#define STILL 1e-10

/* Less than this is not told from the noise of two hosts' capturing, ns. */
#define WAIT_MIN 1000.0

/* So many samples of a series tell how its segments wait. */
#define SAMPLES 8192u

/* What the slope of a line that touches the shortest of so many waits is off by, in 9 of 10
 * simulated captures, is at most so many times mean wait / (segments * deviation of their times).
 */
#define ERROR_FACTOR 16

/* A series is cut into so many stretches of as many segments each. The shortest waits of so many of
 * them lie near the line, if that is right: how near, tells what it is off by. Segments that wait
 * together, in a burst or for a radio's grant, do not tell as much as there are of them. The factor
 * is such that where each waits by itself this is no more than the above. */
#define STRETCHES 16u
#define NEAR 4u
#define OPEN_FACTOR 3

/* A direction that leaves the slope open so far tells nothing. */
#define OPEN 200e-6

/* An edge of a hull: at this slope the touched corner moves by so much. */
typedef struct {
    double slope, step;
} mps_vote_edge;

/* How the segments of a hull's series wait. */
typedef struct {
    const mps_hull *hull;
    double wait;           /* mean of those that go straight through, ns */
    double most;           /* the longest, to begin with */
    double queued;         /* share of the others */
    double through;        /* segments that go straight through */
    double mean, variance; /* of their x */
} mps_skew_waits;

/* The shortest wait of a stretch, and when. */
typedef struct {
    double wait, x;
} mps_min_delay;

/* What a series counts: its shortest delay, and the mean delay at a mean time. */
typedef struct {
    double weight, mean_weight, mean_x;
} mps_skew_vote;

static gint compare_edges(gconstpointer a, gconstpointer b)
{
    double x = ((const mps_vote_edge *)a)->slope, y = ((const mps_vote_edge *)b)->slope;
    return (x > y) - (x < y);
}

/* Add the edges of a hull. @return the gradient of the shortest delay at a slope of minus
 * infinity */
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

/* Where the sum of the votes is greatest: shortest delays count for, mean delays against a slope.
 * That is concave and piecewise linear: the gradient falls by the width of each hull edge, in order
 * of their slopes. */
static double greatest_sum(const GArray *hulls, const mps_skew_vote *votes)
{
    GArray *edges = g_array_new(FALSE, FALSE, sizeof(mps_vote_edge));
    double gradient = 0, slope = 0;
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
        slope = passed->slope;
        if (gradient == 0 && i + 1 < edges->len) /* flat up to the next one */
            slope = (slope + passed[1].slope) / 2;
    }
    g_array_free(edges, TRUE);
    return slope;
}

double mps_skew_by_votes(const GArray *hulls, bool of_segments)
{
    mps_skew_vote *votes = g_new(mps_skew_vote, hulls->len + 1);
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        double count = (double)hull->count;
        votes[i] = of_segments            ? (mps_skew_vote){count, count, hull->mean_x}
                   : mps_hull_tells(hull) ? (mps_skew_vote){1, 0, 0}
                                          : (mps_skew_vote){0, 0, 0};
    }
    double slope = greatest_sum(hulls, votes);
    g_free(votes);
    return slope;
}

/* What a sample waits beyond the shortest delay, for a line. */
static double wait_of(const mps_hull *hull, const mps_clock_point *point, double slope,
                      double intercept)
{
    double above = point->y - slope * point->x - intercept;
    return fmax(hull->series->forward ? above : -above, 0);
}

/* Every how many samples one is looked at. */
static guint stride(const mps_hull *hull)
{
    return hull->series->samples->len / SAMPLES + 1;
}

/* Mean and greatest wait, to begin with. */
static void begin(mps_skew_waits *waits, const mps_hull *hull, double slope)
{
    double sum = 0, intercept = mps_hull_intercept(hull->corners, hull->series->forward, slope);
    size_t count = 0;
    mps_clock_point point;
    *waits = (mps_skew_waits){.hull = hull, .queued = 0.5};
    for (guint i = 0; i < hull->series->samples->len; i += stride(hull)) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        double wait = wait_of(hull, &point, slope, intercept);
        waits->most = fmax(waits->most, wait);
        sum += wait;
        count++;
    }
    waits->wait = fmax(count > 0 ? sum / (double)count : 0, WAIT_MIN);
}

/* Tell anew which segments go straight through, by what was known of the waits. */
static void tell_apart(mps_skew_waits *waits, double slope, double intercept)
{
    const mps_hull *hull = waits->hull;
    double count = 0, through = 0, wait_sum = 0, mean = 0, squares = 0;
    mps_clock_point point;
    for (guint i = 0; i < hull->series->samples->len; i += stride(hull)) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        double wait = wait_of(hull, &point, slope, intercept);
        double straight = (1 - waits->queued) / waits->wait * exp(-wait / waits->wait);
        double share = straight / (straight + waits->queued / (waits->most + WAIT_MIN));
        count++;
        through += share;
        wait_sum += share * wait;
        double away = point.x - mean; /* West 1979: weighted mean and variance in one pass */
        mean += away * share / fmax(through, DBL_MIN);
        squares += share * away * (point.x - mean);
    }
    if (through <= 0)
        return;
    waits->wait = fmax(wait_sum / through, WAIT_MIN);
    waits->queued = CLAMP(1 - through / count, 0.01, 0.99);
    waits->through = through / count * (double)hull->count;
    waits->mean = mean;
    waits->variance = squares / through;
}

/* Which directions count. */
typedef enum { BACKWARD, FORWARD, BOTH } mps_hull_choice;

static bool is_asked(const mps_hull *hull, mps_hull_choice which)
{
    bool counts = which == BOTH || hull->series->forward == (which == FORWARD);
    return counts && mps_hull_tells(hull);
}

static int compare_floors(const void *a, const void *b)
{
    double x = ((const mps_min_delay *)a)->wait, y = ((const mps_min_delay *)b)->wait;
    return (x > y) - (x < y);
}

/* How far a series leaves the slope open: its shortest waits of several stretches are so long, and
 * so far apart. */
static double openness(const mps_hull *hull, double slope)
{
    double intercept = mps_hull_intercept(hull->corners, hull->series->forward, slope);
    double mean = 0, squares = 0;
    size_t seen = 0;
    mps_min_delay floors[STRETCHES];
    mps_clock_point point;
    for (guint i = 0; i < STRETCHES; i++)
        floors[i] = (mps_min_delay){INFINITY, 0};
    for (guint i = 0; i < hull->series->samples->len; i++) {
        if (!mps_hull_sample(hull, i, &point))
            continue;
        mps_min_delay *floor = &floors[seen++ * STRETCHES / hull->count];
        double wait = wait_of(hull, &point, slope, intercept);
        if (wait < floor->wait)
            *floor = (mps_min_delay){wait, point.x};
    }
    qsort(floors, STRETCHES, sizeof *floors, compare_floors);
    for (guint i = 0; i < NEAR; i++)
        mean += floors[i].x / NEAR;
    for (guint i = 0; i < NEAR; i++)
        squares += (floors[i].x - mean) * (floors[i].x - mean) / NEAR;
    return squares > 0 ? OPEN_FACTOR * floors[NEAR - 1].wait / sqrt(squares) : INFINITY;
}

/* The series that tells most of the slope leaves it open as far as that. */
static double least_open(const GArray *hulls, mps_hull_choice which, double slope)
{
    double least = INFINITY;
    for (guint i = 0; i < hulls->len; i++) {
        const mps_hull *hull = &g_array_index(hulls, mps_hull, i);
        if (is_asked(hull, which))
            least = fmin(least, openness(hull, slope));
    }
    return least;
}

/* Go from a slope to the likeliest one near it. @param[out] error  in 9 of 10 cases */
static double refine(const GArray *hulls, mps_hull_choice which, double slope, double *error)
{
    mps_skew_waits *waits = g_new0(mps_skew_waits, hulls->len + 1);
    mps_skew_vote *votes = g_new0(mps_skew_vote, hulls->len + 1);
    double information = 0, last = INFINITY;
    for (guint i = 0; i < hulls->len; i++)
        begin(&waits[i], &g_array_index(hulls, mps_hull, i), slope);
    for (unsigned round = 0; round < ROUNDS && fabs(slope - last) > STILL; round++) {
        information = 0;
        last = slope;
        for (guint i = 0; i < hulls->len; i++) {
            if (!is_asked(waits[i].hull, which))
                continue;
            double intercept =
                mps_hull_intercept(waits[i].hull->corners, waits[i].hull->series->forward, slope);
            for (unsigned k = 0; k < 2; k++)
                tell_apart(&waits[i], slope, intercept);
            double weight = waits[i].through / waits[i].wait;
            votes[i] = (mps_skew_vote){weight, weight, waits[i].mean};
            information += weight * weight * waits[i].variance;
        }
        slope = greatest_sum(hulls, votes);
    }
    *error = information > 0 ? ERROR_FACTOR / sqrt(information) : INFINITY;
    g_free(votes);
    g_free(waits);
    return slope;
}

/* What one direction tells. */
typedef struct {
    double slope, error; /* in 9 of 10 cases, if each segment waits by itself */
    double open;
} mps_skew_estimate;

static mps_skew_estimate ask(const GArray *hulls, mps_hull_choice which, double slope)
{
    mps_skew_estimate told;
    told.slope = refine(hulls, which, slope, &told.error);
    told.open = least_open(hulls, which, told.slope);
    return told;
}

/* Is one direction clear, and does the other tell nothing, as if its queue never drains? */
static bool is_clear(const mps_skew_estimate *one, const mps_skew_estimate *other)
{
    return one->open <= one->error && other->open > OPEN;
}

double mps_skew_likeliest(const GArray *hulls, double *error)
{
    mps_skew_estimate both = ask(hulls, BOTH, mps_skew_by_votes(hulls, false));
    mps_skew_estimate there = ask(hulls, FORWARD, both.slope),
                      back = ask(hulls, BACKWARD, both.slope);
    double differ = fabs(there.slope - back.slope);
    *error = fmax(fmax(both.error, both.open), fmin(there.open, back.open));
    /* A queue that grows looks like a clock, but one way only. */
    if (differ > there.error + back.error && !is_clear(&there, &back) && !is_clear(&back, &there))
        *error = fmax(*error, differ / 2);
    return both.slope;
}
