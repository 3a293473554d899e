/* clock_internal.h: what the files of the clock estimation share.
 *
 *   clock.c            samples; the estimate as a whole
 *   hull.c             the corners of each series that bound the line
 *   bounds.c           where the line can lie in each span between steps
 *   skew.c             the likeliest skew
 *   fit.c              fits the line between steps, and decides which steps are certain
 *   steps.c            finds clock steps, and narrows their windows
 *   suspected_steps.c  finds where an unnoticed step is possible, or where there must be one
 *   min_delay.c        the shortest delays of a series over time
 *   level_shift.c      where the shortest delay of a series changes
 *   shift_cause.c      which of these shifts are caused by paths, not by queues or clocks
 *   path_change.c      path changes: moments at which such shifts happen
 *   corridor.c         what the round trips of each subflow leave for the line
 *   line_piece.c       the pieces in which the line is straight
 *   rate_change.c      the rates of a clock whose rate changes, and the bend of its line
 *   cone.c             where the line can lie if its rate changes
 *   query.c            what an estimate says about a segment or a moment
 *
 * Points are (x, y), both in ns: x is A's time since the origin; y is B's clock minus A's, less the
 * same of the origin. The origin is the first sample. A forward point lies above the clock's line
 * by the delay of its segment; a backward point lies below it.
 *
 * If the rate of the clock changes, y is also less the bend of the clock's line: what is left is a
 * straight line again.
 *
 * A moment is a time since the origin by the clock of the axis.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_INTERNAL_H
#define MPS_CLOCK_INTERNAL_H

#include "base/times.h"
#include "clock.h"
#include <glib.h>
#include <math.h>

typedef struct {
    int64_t a, y; /* A's time; B's clock minus A's; ns */
} mps_clock_sample;

typedef struct {
    double x, y;
    guint series; /* its index in mps_clock.all */
} mps_clock_point;

/* One direction of one subflow. */
typedef struct mps_delay_series mps_delay_series;
struct mps_delay_series {
    uint32_t number; /* of the subflow */
    guint index;     /* in mps_clock.all */
    bool forward;
    mps_delay_series *back; /* the other direction; NULL: it has no samples */
    bool unordered;         /* a sample has an earlier A's time than the one before it */
    int64_t last;           /* when the last segment was sent, by the sender's clock, ns */
    GArray *samples;        /* mps_clock_sample */
};

struct mps_clock {
    GHashTable *table; /* series number and direction → mps_delay_series */
    GPtrArray *all;    /* mps_delay_series, owned */
    int64_t resolution;
    int64_t first, last;  /* of all times of both clocks, ns */
    bool stepped_back[2]; /* A's clock, B's clock: a segment sent later has an earlier time */
};

/* Iterates over all samples, series by series. Only the clock is set at the start:
 *
 *     for (mps_sample_iterator it = {.clock = clock}; mps_sample_iterator_next(&it);) */
typedef struct {
    const mps_clock *clock;
    guint next_sample, next_series;
    const mps_delay_series *series;
    const mps_clock_sample *sample;
} mps_sample_iterator;

/** Advance to the next sample. @return false: there is none */
static inline bool mps_sample_iterator_next(mps_sample_iterator *it)
{
    while (!it->series || it->next_sample == it->series->samples->len) {
        if (it->next_series == it->clock->all->len)
            return false;
        it->series = it->clock->all->pdata[it->next_series++];
        it->next_sample = 0;
    }
    it->sample = &g_array_index(it->series->samples, mps_clock_sample, it->next_sample++);
    return true;
}

/* A corner of the bend: the line of a clock whose rate changes, less a straight line. */
typedef struct {
    double x, y; /* ns */
} mps_clock_knot;

/* The time axis is A's clock, or B's where A's clock was set during the capture. */
typedef struct {
    mps_clock_sample origin;
    bool by_b;
    const GArray *bend; /* mps_clock_knot, two or more, in order of x; NULL: none */
    double bend_error;  /* ns */
} mps_axis;

/** @return the moment of a sample, ns. */
static inline int64_t mps_axis_moment(const mps_axis *axis, const mps_clock_sample *sample)
{
    int64_t moment = mps_minus(sample->a, axis->origin.a);
    return axis->by_b ? mps_plus(moment, mps_minus(sample->y, axis->origin.y)) : moment;
}

/** @return the bend at x, ns. @param bend  mps_clock_knot; NULL: 0 */
double mps_bend_at(const GArray *bend, double x);

/** @return x of a sample, ns. */
static inline double mps_axis_x(const mps_axis *axis, const mps_clock_sample *sample)
{
    return (double)mps_minus(sample->a, axis->origin.a);
}

/** @return y of a sample, ns. */
static inline double mps_axis_y(const mps_axis *axis, const mps_clock_sample *sample)
{
    double y = (double)mps_minus(sample->y, axis->origin.y);
    return axis->bend ? y - mps_bend_at(axis->bend, mps_axis_x(axis, sample)) : y;
}

/* An interval of moments, ns, with both ends. */
typedef struct {
    int64_t from, until;
} mps_window;

/** @return whether two windows have a moment in common. */
static inline bool mps_window_overlap(const mps_window *a, const mps_window *b)
{
    return a->from <= b->until && b->from <= a->until;
}

/** Compare two elements that begin with an mps_window, for g_array_sort(). */
static inline gint mps_window_compare(gconstpointer a, gconstpointer b)
{
    const mps_window *x = a, *y = b;
    return (x->from > y->from) - (x->from < y->from);
}

/* hull.c */

/* The corners that bound the line, of one series in one span between steps. */
typedef struct {
    const mps_delay_series *series;
    const mps_axis *axis;
    const GArray *steps; /* mps_step: between which the spans lie */
    guint span;          /* index of the span */
    size_t count;        /* samples */
    int64_t duration;    /* from the first to the last sample, A's time, ns */
    GArray *corners;     /* mps_clock_point, from left to right */
    double mean_x;       /* of all samples, ns */
} mps_hull;

/* A series with fewer samples bounds the skew, but has no vote for its estimate: so few segments
 * fit some line too well by chance. */
#define MPS_HULL_SAMPLES_MIN 8u

/** @return whether the series of a hull has a vote for the skew. */
static inline bool mps_hull_has_vote(const mps_hull *hull)
{
    return hull->count >= MPS_HULL_SAMPLES_MIN;
}

/** Append a point to a hull: the lower hull of forward points, the upper hull of backward points
 *  (Andrew's monotone chain; Zhang, Liu and Xia 2002 for clocks).
 *  @param corners  mps_clock_point, in order of x; changed
 *  @param corner   not left of the last corner */
void mps_hull_add(GArray *corners, bool forward, mps_clock_point corner);

/** @return the bound at x = 0, ns, of all lines with this skew: from above by forward corners, from
 *  below by backward corners; infinite without corners.
 *  @param corners  mps_clock_point */
double mps_hull_intercept(const GArray *corners, bool forward, double skew);

/** Make the hulls of all series in the spans between steps. Samples within the windows of the steps
 *  are left out. Sorts the samples of the clock.
 *  @param axis, steps  must outlive the hulls; steps: mps_step, in order
 *  @return mps_hull; the caller frees it with mps_hulls_free() */
GArray *mps_hulls_make(mps_clock *clock, const mps_axis *axis, const GArray *steps);

/** Free hulls and their corners. */
void mps_hulls_free(GArray *hulls);

/** Find the point of a sample of the hull's series. @return false: it is not in the hull's span */
bool mps_hull_sample(const mps_hull *hull, guint index, mps_clock_point *point);

/* steps.c, suspected_steps.c */

/* A clock step, while it is looked for: somewhere in the window. */
typedef struct {
    mps_window window; /* first: see mps_window_compare() */
    double size;       /* change of B's clock minus A's, ns; 0: unknown */
} mps_step;

/* Smaller steps cannot be told from noise, ns. */
#define MPS_STEP_MIN 2e5

/* The shift of a series agrees with a step if they differ by at most this part of the step. */
#define MPS_STEP_TOLERANCE 0.25

/** Add a step in its order, unless its window overlaps that of another step.
 *  @param steps  mps_step, in order; changed
 *  @return whether it was added */
bool mps_steps_add(GArray *steps, const mps_step *step);

/** Find the moments at which a clock was set: the delays of all series shift by the same size at
 *  once, those of forward and backward series in opposite ways (Paxson 1998).
 *  @return mps_step, in order; the caller frees it */
GArray *mps_steps_find(const mps_clock *clock, const mps_axis *axis);

/** Find the moment at which a clock must have been set, where no line fits all samples, but one
 *  line fits up to the moment and another one after it.
 *  @return mps_step, one element of unknown size or none; the caller frees it */
GArray *mps_steps_force(mps_clock *clock, const mps_axis *axis);

/** Find the moment at which a clock may have been set unnoticed: before it the shortest delays in
 *  one direction are shorter than after it, in the other direction longer. Queues that change sides
 *  cause the same.
 *  @param[out] step  of unknown size
 *  @return false: there is none */
bool mps_steps_suspect(const mps_clock *clock, const mps_axis *axis,
                       const mps_clock_estimate *estimate, mps_step *step);

/* Gives the delay of each sample. */
typedef struct {
    const mps_axis *axis;
    /* @return the delay of a sample, corrected for the clocks as the function does, ns */
    double (*delay)(const mps_delay_series *series, const mps_clock_sample *sample,
                    const void *data);
    const void *data;
} mps_delays;

/* The delay of a series changes at some moment. */
typedef struct {
    const mps_delay_series *series;
    double middle; /* between the shortest delay before and after the moment, ns */
    bool drop;     /* it is shorter after the moment */
} mps_delay_change;

/** Narrow the window of a change by the delays that are below the middle: if the delay drops, the
 *  change is not after the first of them; if it rises, it is not before the last of them.
 *  @param within          only samples in it count
 *  @param[in,out] window  may become empty: from > until */
void mps_step_window_narrow(const mps_delays *delays, const mps_delay_change *change,
                            const mps_window *within, mps_window *window);

/** Find more closely between which segments each certain step of the estimate was, by the delays of
 *  the segments near it. Sets `likely` of the spans. */
void mps_clock_spans_narrow(const mps_clock *clock, const mps_axis *axis,
                            mps_clock_estimate *estimate);

/* bounds.c */

/* The possible lines in a span between two steps, for all skews that fit every span. */
typedef struct {
    mps_window likely;     /* moments that belong to it by the estimate */
    mps_window sure;       /* moments that certainly belong to it */
    GArray *above, *below; /* mps_clock_point: joint hulls of all forward, of all backward series */
    GArray *cones[2];      /* mps_clock_point: of all backward, of all forward series; NULL: the
                            * line is straight */
    double high[2], low[2]; /* bounds at x = 0 with the least and with the greatest skew, ns */
    double lowest, highest; /* bounds at x = 0 with the estimated skew, ns */
    double middle;          /* of lowest and highest, ns */
    double offset;          /* of the estimate at x = 0, ns */
    bool suspected;         /* the step before it is only suspected */
} mps_clock_span;

/** Make the spans, with their joint hulls only.
 *  @param hulls       mps_hull
 *  @param count       number of spans
 *  @param resolution  error of a time stamp, ns
 *  @return mps_clock_span; the caller frees it with mps_clock_spans_free() */
GArray *mps_clock_spans_make(const GArray *hulls, guint count, int64_t resolution);

/** Free spans and their hulls. @param spans  may be NULL */
void mps_clock_spans_free(GArray *spans);

/** @return the skew, up to `most` in either direction, at which the line has most slack.
 *  @param[out] slack  in the tightest span, ns; negative: no line fits */
double mps_clock_spans_best(const GArray *spans, double most, double *slack);

/** @return the slack of a line with this skew in the tightest span, ns. */
double mps_clock_spans_slack(const GArray *spans, double skew);

/** Find the skews with which a line fits in every span, and set `high` and `low` of the spans.
 *  @param spans           mps_clock_span, each with points of both directions
 *  @param most            the greatest skew in either direction
 *  @param[out] low, high  the least and the greatest skew
 *  @return MPS_CLOCK_REASON_NONE, or why no line fits */
mps_clock_reason mps_clock_spans_fit(GArray *spans, double most, double *low, double *high);

/** Find the bounds of the line of a span at x, ns. */
void mps_clock_span_bounds(const mps_clock_span *span, double skew_low, double skew_high, double x,
                           double *low, double *high);

/** @return the slack of the line, ns: that of the tightest span between steps, at the skew where it
 *  is largest; infinite where no span has points of both directions.
 *  @param steps  mps_step, in order */
double mps_clock_slack_between(mps_clock *clock, const mps_axis *axis, const GArray *steps);

/** @return x of a moment by the line of a span, ns. */
double mps_clock_span_x(const mps_clock_estimate *estimate, const mps_clock_span *span,
                        int64_t moment);

/** Count the supporting points of each series: the corners that some possible line touches.
 *  @param[in,out] supporting  counts, by the index of the series */
void mps_clock_spans_count_supporting(const GArray *spans, double skew_low, double skew_high,
                                      guint *supporting);

/* skew.c */

/** @return the skew that maximises the sum of the shortest delays.
 *  @param of_segments  the vote of a series is its number of segments, and the result is the line
 *                      of least residuals; otherwise each series has one vote */
double mps_skew_by_votes(const GArray *hulls, bool of_segments);

/** @return the likeliest skew.
 *  @param hulls       mps_hull
 *  @param[out] error  9 of 10 simulated captures have at most this error */
double mps_skew_likeliest(const GArray *hulls, double *error);

/* fit.c */

/** Find the steps that explain the samples, and fit the line between them. Sets the offset, the
 *  skew, their bounds, the reason and the spans of the estimate; the caller has set the rest.
 *  @param suspects  mps_step: further possible steps
 *  @return false, with the reason set: no line fits */
bool mps_clock_fit(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                   mps_clock_estimate *estimate);

/* For mps_sorted_place(). @param element  mps_clock_point or mps_clock_knot: x comes first in both
 * @param key  double: x */
static inline bool mps_is_left_of(const void *element, const void *key)
{
    return *(const double *)element < *(const double *)key;
}

/* cone.c */

/* The greatest rate of one clock against another at any moment, as a ratio: a clock whose skew is
 * up to MPS_SKEW_MAX, and which is slewed by adjtime() meanwhile. */
#define MPS_RATE_MAX 1000e-6

/** Find the samples that bound the line in each span, whatever its rate is. Takes O(n log n).
 *  @param hulls       mps_hull
 *  @param resolution  error of a time stamp, ns
 *  @param spans       mps_clock_span; sets their cones */
void mps_cones_make(const GArray *hulls, int64_t resolution, GArray *spans);

/** Find the bounds of the line, with its bend, of a span with cones at x, ns. */
void mps_cones_bounds(const mps_clock_span *span, double x, double *low, double *high);

/** @return how far the bounds of all spans, beyond the estimate, are apart, ns: the most by which
 *  the line can change between any two times.
 *  @param with_skew  beyond the skew and the bend of the estimate; otherwise, beyond nothing */
double mps_cones_extent(const mps_clock_estimate *estimate, bool with_skew);

/* rate_change.c */

/** Find the stretches in which the clock ran at one rate, if it ran at several ones.
 *  @param estimate        without the changes
 *  @param[out] rates      mps_clock_rate: those that are known well enough
 *  @param[out] bend       NULL at first; mps_clock_knot: 0 at the first and at the last sample; the
 *                         caller frees it
 *  @param[out] tolerance  error of the bend, ns
 *  @return false, with nothing set: no change is shown */
bool mps_rates_find(const mps_clock *clock, const mps_axis *axis,
                    const mps_clock_estimate *estimate, GArray *rates, GArray **bend,
                    double *tolerance);

/* path_change.c */

/** Find the path changes from the delays that the estimate leaves, and append them to the estimate.
 *  @param[out] suspects  mps_step, appended: where a clock may have been set instead */
void mps_path_changes_find(const mps_clock *clock, const mps_axis *axis,
                           mps_clock_estimate *estimate, GArray *suspects);

/* query.c */

/** @return the delay of a sample by the line of a span, ns. */
double mps_clock_span_delay(const mps_clock_estimate *estimate, const mps_clock_span *span,
                            bool forward, const mps_clock_sample *sample);

/** @return the delay of a sample by the line of its span, ns. If it is in the window of a step, the
 *  span is the one that gives the smaller delay that is possible. */
double mps_clock_delay(const mps_clock_estimate *estimate, bool forward,
                       const mps_clock_sample *sample);

#endif
