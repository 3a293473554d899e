/* clock_internal.h: what the parts of the clock's estimation share.
 *
 * Points are (x, y): x A's time since the origin, y B's clock minus A's less that of the origin,
 * both in ns. The origin is the first sample. A forward point lies above the line that is the
 * clock, by the delay of its segment; a backward one below it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_INTERNAL_H
#define MPS_CLOCK_INTERNAL_H

#include "clock.h"
#include <glib.h>
#include <math.h>

/* Why nothing is known, where a clock is none. */
#define MPS_TOO_FAST "the rates differ by more than 500 ppm"
#define MPS_NO_LINE "no straight line fits: a clock was set, or is not steady"

typedef struct {
    int64_t a, y; /* time of A; B's clock minus A's */
} mps_clock_sample;

typedef struct {
    double x, y;
    guint series; /* which, of all */
} mps_clock_point;

/* One direction of one subflow. */
typedef struct mps_delay_series mps_delay_series;
struct mps_delay_series {
    uint32_t number;
    guint index; /* among all */
    bool forward;
    mps_delay_series *back; /* the other direction; NULL: it has no samples */
    bool unordered;         /* a sample is earlier than the one before */
    int64_t last;           /* when the last one was sent, by the sender's clock */
    GArray *samples;        /* mps_clock_sample */
};

struct mps_clock {
    GHashTable *table; /* series number and direction → mps_delay_series */
    GPtrArray *all;    /* mps_delay_series, owned */
    int64_t resolution;
    int64_t first, last; /* of all times, by whichever clock */
    bool went_back[2];   /* the clock of A, of B: what was sent later has an earlier time */
};

/* A place among all samples, series by series. Begins with just the clock:
 *
 *     for (mps_sample_iterator walk = {.clock = clock}; mps_sample_iterator_next(&walk);) */
typedef struct {
    const mps_clock *clock;
    guint at, of; /* the next sample, the next series */
    const mps_delay_series *series;
    const mps_clock_sample *sample;
} mps_sample_iterator;

/** Go on to the next sample. @return false: there is none */
static inline bool mps_sample_iterator_next(mps_sample_iterator *walk)
{
    while (!walk->series || walk->at == walk->series->samples->len) {
        if (walk->of == walk->clock->all->len)
            return false;
        walk->series = walk->clock->all->pdata[walk->of++];
        walk->at = 0;
    }
    walk->sample = &g_array_index(walk->series->samples, mps_clock_sample, walk->at++);
    return true;
}

/* By which clock moments are told: one that was set during the capture cannot tell them. */
typedef struct {
    mps_clock_sample origin;
    bool by_b;
} mps_axis;

/** @return a minus b, held within what 64 bits can say. */
static inline int64_t mps_minus(int64_t a, int64_t b)
{
    int64_t difference;
    if (__builtin_sub_overflow(a, b, &difference))
        return a < b ? INT64_MIN / 4 : INT64_MAX / 4;
    return difference;
}

static inline int64_t mps_nearest_ns(double ns)
{
    return (int64_t)floor(ns + 0.5);
}

/** @return the moment of a sample since the origin, ns. */
static inline int64_t mps_axis_moment(const mps_axis *axis, const mps_clock_sample *sample)
{
    int64_t moment = mps_minus(sample->a, axis->origin.a);
    return axis->by_b ? moment + mps_minus(sample->y, axis->origin.y) : moment;
}

/* The corners that bound the line, of one series in one piece between steps of the clock. */
typedef struct {
    const mps_delay_series *series;
    const mps_axis *axis;
    const GArray *settings;
    guint piece;
    size_t count;    /* samples */
    int64_t span;    /* of A's time, ns */
    GArray *corners; /* mps_clock_point, from left to right */
    double mean_x;
} mps_hull;

/* Fewer segments fit a line too well by chance: they bound the rate, but do not vote for one. */
#define MPS_HULL_TELLS 8u

static inline bool mps_hull_tells(const mps_hull *hull)
{
    return hull->count >= MPS_HULL_TELLS;
}

/** Append a point to a hull: the lower one of forward points, the upper one of backward ones
 *  (Andrew's monotone chain; Zhang, Liu and Xia 2002 for clocks). @param corners  points, by x */
void mps_hull_add(GArray *corners, bool forward, mps_clock_point corner);

/** @return how far the tightest corner lets a line of this slope be from 0 at x = 0: from above
 *  for forward points, from below for backward ones; infinite without corners. */
double mps_hull_intercept(const GArray *corners, bool forward, double slope);

/* An interval of moments, ns. */
typedef struct {
    int64_t from, until;
} mps_window;

static inline bool mps_window_overlap(const mps_window *a, const mps_window *b)
{
    return a->from <= b->until && b->from <= a->until;
}

/* A clock may have been set within the window, by so many ns; 0: not known. */
typedef struct {
    mps_window window;
    double size;
} mps_step;

/** Make the hulls of all series between the settings, without what lies in their windows.
 *  @param settings  mps_step, in order
 *  @param axis, settings  must outlive the hulls
 *  @return mps_hull, to be freed with mps_hulls_free() */
GArray *mps_hulls_make(mps_clock *clock, const mps_axis *axis, const GArray *settings);
void mps_hulls_free(GArray *hulls);

/** Tell where a sample of the hull's series lies. @return false: not in the hull's piece */
bool mps_hull_sample(const mps_hull *hull, guint index, mps_clock_point *point);

/* Steps that are less than this are not told from noise, ns. */
#define MPS_STEP_MIN 2e5

/** Add a setting in its order, unless there is one at that moment. @return whether it was added */
bool mps_steps_add(GArray *settings, const mps_step *setting);

/** Find the moment at which a clock may have been set, too, or queues changed sides: before it the
 *  shortest delays one way are shorter than behind it, the other way longer. Its size is not known.
 *  @return whether there is one */
bool mps_steps_suspect(const mps_clock *clock, const mps_axis *axis,
                       const mps_clock_estimate *estimate, mps_step *setting);

/* What is known of the line between two steps of the clock, for slopes from the least to the
 * greatest that fit all pieces. */
typedef struct {
    mps_window likely;      /* moments that belong to it, as far as delays tell */
    mps_window sure;        /* moments that surely belong to it */
    GArray *above, *below;  /* mps_clock_point: the hulls of all series together */
    double high[2], low[2]; /* intercepts at the least and the greatest slope */
    double lowest, highest; /* what is possible at x = 0 with the line's slope */
    double middle;          /* of what is possible at x = 0 */
    double offset;          /* of the line at x = 0: the same, unless it may go on as before */
    bool doubtful;          /* it may be one with the piece before it */
} mps_clock_span;

/** Make the pieces, of which nothing but the hulls is known yet.
 *  @param resolution  ns by which a time may be off
 *  @return mps_clock_span, to be freed with mps_clock_spans_free() */
GArray *mps_clock_spans_make(const GArray *hulls, guint count, int64_t resolution);
void mps_clock_spans_free(GArray *pieces);

/** Find the slopes that leave room for the line in all pieces, which must have points of both
 *  directions. @param[out] low, high  the least and the greatest @return NULL, or why there are
 *  none: static */
const char *mps_clock_spans_fit(GArray *pieces, double *low, double *high);

/** Tell where the line can lie at most and at least at x. */
void mps_clock_span_bounds(const mps_clock_span *piece, double slope_low, double slope_high,
                           double x, double *low, double *high);

/** Find the settings that explain what there is, and fit. Fills in all of the estimate but what was
 *  counted, the steps, the evidence and the changes of paths.
 *  @param suspects  mps_step: more of them, that may be
 *  @return false, with the reason, if no line fits */
bool mps_clock_fit(mps_clock *clock, const mps_axis *axis, const GArray *suspects,
                   mps_clock_estimate *estimate);

/* What the delays of samples are, and when. */
typedef struct {
    const mps_axis *axis;
    /* @return the delay of a sample but for the clocks, ns */
    double (*delay)(const mps_delay_series *series, const mps_clock_sample *sample,
                    const void *data);
    const void *data;
} mps_delays;

/* The delay of a series becomes another one at some moment. */
typedef struct {
    const mps_delay_series *series;
    double middle; /* of the delay before and behind that, ns */
    bool drop;     /* it is shorter behind */
} mps_delay_change;

/** Narrow the window in which that happens by the delays that are shorter than the middle: it has
 *  happened by the first of them if delays drop, and not before the last of them else.
 *  @param within  only samples in it count */
void mps_step_window_narrow(const mps_delays *delays, const mps_delay_change *change,
                            const mps_window *within, mps_window *window);

/** Find out more closely between which segments a clock was set, by what their delays would be
 *  before and behind that. Sets `likely`. */
void mps_clock_spans_narrow(const mps_clock *clock, const mps_axis *axis,
                            mps_clock_estimate *estimate);

/** @return the delay that the line of a piece leaves of a sample, ns. */
double mps_clock_span_delay(const mps_clock_estimate *estimate, const mps_clock_span *piece,
                            bool forward, const mps_clock_sample *sample);

/** @return the same of the piece in which the sample lies; where a clock was set meanwhile, of that
 *  in which the delay is the least that is possible. */
double mps_clock_delay(const mps_clock_estimate *estimate, bool forward,
                       const mps_clock_sample *sample);

/** @return how much room the line has, ns, in the tightest piece between settings at the slope that
 *  leaves most; infinite where no piece has points of both directions. */
double mps_clock_slack_between(mps_clock *clock, const mps_axis *axis, const GArray *settings);

/** @return A's time since the origin, ns, at a moment by the line of a piece. */
double mps_clock_span_x(const mps_clock_estimate *estimate, const mps_clock_span *piece,
                        int64_t moment);

/** Count for each series the corners that some line that fits touches. */
void mps_clock_spans_count_supporting(const GArray *pieces, double slope_low, double slope_high,
                                      guint *touched);

/** Find the moments at which a clock seems to have been set: all series shift by as much at once,
 *  forward and backward ones in opposite ways.
 *  @return mps_step, in order; to be freed by the caller */
GArray *mps_steps_find(const mps_clock *clock, const mps_axis *axis);

/** Find the moment at which a clock must have been set, where no line fits all samples, but one
 *  does up to a moment and one from there on. @return as above, empty or one */
GArray *mps_steps_force(mps_clock *clock, const mps_axis *axis);

/** Find the moments at which paths changed, by what the line leaves of the delays, and append them
 *  to what is estimated.
 *  @param[out] suspects  mps_step, appended: where a clock may have been set instead */
void mps_path_changes_find(const mps_clock *clock, const mps_axis *axis,
                           mps_clock_estimate *estimate, GArray *suspects);

/** @return the slope for which the shortest delays that it implies add up to most: those of each
 *  series with one vote, or with that of each of its segments, which is least residuals. */
double mps_skew_by_votes(const GArray *hulls, bool of_segments);

/** @return the likeliest slope. @param[out] error  what it is off by at most in 9 of 10 cases */
double mps_skew_likeliest(const GArray *hulls, double *error);

#endif
