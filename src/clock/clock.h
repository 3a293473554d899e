/* clock.h: estimates the offset and the skew of B's clock against A's from matched segments.
 *
 * Delays are not negative. A segment from A's host to B's therefore shows that B's clock is ahead
 * by at most the difference of the two times; a segment from B's host to A's shows that it is ahead
 * by at least that difference. If B's clock is ahead by the line offset + skew * t, with t of A's
 * clock, the line lies below every forward point and above every backward point (Duda et al. 1987;
 * Jezequel 1989). These bounds are rigorous, whatever the paths do.
 *
 * The estimated skew is that of the line with the least weighted sum of waits (skew.c), within the
 * bounds; a path that changes its delay, or fills its queue, is outvoted by the others. The offset
 * is the middle of what this skew allows (fit.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_H
#define MPS_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The greatest skew that a working clock can have, as a ratio: the most that NTP corrects. */
#define MPS_SKEW_MAX 500e-6

typedef struct mps_clock mps_clock;

/** @return an empty collection of samples; the caller frees it with mps_clock_free(). */
mps_clock *mps_clock_new(void);

/** Free a collection of samples. @param clock  may be NULL */
void mps_clock_free(mps_clock *clock);

/**
 * Add a matched segment.
 *
 * @param series   the subflow: any number, the same for both of its directions
 * @param forward  the segment went from A's host to B's
 * @param time_a   time stamp of A's clock, ns
 * @param time_b   time stamp of B's clock, ns
 */
void mps_clock_add(mps_clock *clock, uint32_t series, bool forward, int64_t time_a, int64_t time_b);

/** Set the resolution of the time stamps, ns: they may be wrong by this much. Default: 1. */
void mps_clock_set_resolution(mps_clock *clock, int64_t resolution);

/* A clock step: a clock was set, or set itself. From then on all delays in one direction are longer
 * by as much as all delays in the other direction are shorter. */
typedef struct {
    int64_t from, until;         /* window of the step, A's times, ns */
    int64_t size;                /* change of B's clock minus A's, ns; 0 if suspected */
    int64_t size_low, size_high; /* rigorous bounds of the change, ns */
    bool suspected; /* the delays before and after it show that queues or a path explain it as well:
                     * the estimate has no step here, but the bounds allow for one */
} mps_clock_step;

/* How a path change changed the shortest delays of a subflow. */
typedef struct {
    uint32_t series;
    bool known[2];    /* backward, forward: there are segments before and after the change */
    int64_t shift[2]; /* change of the shortest delay, ns */
} mps_path_shift;

/* A moment at which the shortest delays of some subflows changed for another reason than a clock
 * step. */
typedef struct {
    int64_t from, until; /* window of the change, A's times, ns */
    unsigned seen;       /* subflows with segments before and after it in both directions */
    GArray *subflows;    /* mps_path_shift: the subflows that changed */
} mps_path_change;

/* What one direction of a subflow contributes to the bounds. */
typedef struct {
    uint32_t series;
    bool forward;
    size_t segments;   /* matched */
    size_t supporting; /* supporting points: the segments that some possible line touches */
} mps_clock_evidence;

/* A stretch in which B's clock ran at one rate against A's. A clock whose rate changes has at least
 * two of them. */
typedef struct {
    int64_t from, until; /* A's times, ns; between two stretches the rate changed */
    double rate;         /* the mean, as a ratio */
    double low, high;    /* its bounds, if the shortest delays of the paths are constant */
} mps_clock_rate;

/* Why the skew, or both the offset and the skew, are unknown. */
typedef enum {
    MPS_CLOCK_REASON_NONE, /* both are known */
    MPS_CLOCK_NO_SEGMENTS,
    MPS_CLOCK_ONE_DIRECTION,
    MPS_CLOCK_TIMES_TOO_FAR,  /* sums of two differences of times exceed 64 bits */
    MPS_CLOCK_RATES_TOO_FAR,  /* the skew exceeds MPS_SKEW_MAX */
    MPS_CLOCK_NO_FIT,         /* no line fits, not even between steps */
    MPS_CLOCK_LITTLE_TRAFFIC, /* skew only */
    MPS_CLOCK_SKEW_HIDDEN,    /* skew only: its error is too large, or it is at MPS_SKEW_MAX */
    MPS_CLOCK_RATE_CHANGED,   /* skew only: the rate changed in a way that is not known */
} mps_clock_reason;

/** @return the reason in words, static; NULL for MPS_CLOCK_REASON_NONE. */
const char *mps_clock_reason_text(mps_clock_reason reason);

/* What the segments show about B's clock against A's. */
typedef struct {
    bool has_offset, has_skew;
    mps_clock_reason reason; /* why has_skew, or both, are false */
    int64_t reference;       /* A's time of the first matched segment, ns: the offset's moment */
    int64_t offset;          /* B's clock minus A's, ns: the middle of what the estimated skew, or
                              * 0 where it is unknown, allows */
    int64_t offset_low, offset_high; /* rigorous for every skew up to MPS_SKEW_MAX, ns */
    double skew;                     /* B's rate minus A's, a ratio; positive: B runs fast. If the
                                      * rate changed: its mean */
    double skew_low, skew_high;      /* rigorous; known with has_offset */
    double rate_low, rate_high;      /* the same of the rate at each moment */
    double skew_error;               /* 9 of 10 simulated captures have at most this error */
    double likeliest; /* `skew`, but also where its error is too large to tell it: for what must
                       * not depend on the skew. 0: no line fits */
    double skew_by_weight; /* the skew if each segment has the same vote; its distance from `skew`
                            * shows how well the data agree */
    size_t forward, backward; /* matched segments */
    size_t supporting;        /* of these, the supporting points of the bounds */
    unsigned series;          /* directions of subflows */
    int64_t duration;         /* from the first to the last segment, ns */
    GArray *steps;            /* mps_clock_step, in order */
    GArray *rates;            /* mps_clock_rate, in order; empty: the rate did not change */
    GArray *path_changes;     /* mps_path_change, in order; NULL: unknown */
    GArray *evidence;         /* mps_clock_evidence */

    /* For the queries below only. */
    int64_t base;    /* the offsets of spans are relative to this, ns */
    bool by_b;       /* the time axis is B's clock */
    GArray *bend;    /* mps_clock_knot, by which the clock deviates from its mean rate; NULL: not */
    GArray *spans;   /* mps_clock_span, between steps; NULL: unknown */
    double stray[2]; /* with a bend: by how much B's clock minus A's can change, and by how much
                      * more than the estimate, between any two times, ns */
} mps_clock_estimate;

/** Estimate the clock from the segments that were added. Takes O(n) if each series is in order of
 *  A's time, otherwise O(n log n).
 *  @param[out] estimate  the caller clears it with mps_clock_estimate_clear() */
void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate);

/** Free what an estimate owns. */
void mps_clock_estimate_clear(mps_clock_estimate *estimate);

/** @return the slack of the line, ns: the distance between its upper and its lower bound at the
 *  skew (up to MPS_SKEW_MAX) where this is largest. It is about the shortest round-trip time;
 *  negative where no line fits, infinite where segments went in one direction only, 0 where there
 *  are no segments. */
double mps_clock_slack(mps_clock *clock);

/** @return the estimate of B's clock minus A's while a segment was in transit, ns. Requires
 *  has_offset.
 *  @param forward         the segment went from A's host to B's
 *  @param time_a, time_b  its time stamps, ns
 *  @param with_skew       follow the estimated skew and its changes; otherwise the offset at the
 *                         reference */
int64_t mps_clock_ahead(const mps_clock_estimate *estimate, bool forward, int64_t time_a,
                        int64_t time_b, bool with_skew);

/** @return by how much B's clock minus A's can change between two times beyond the estimate, ns,
 *  apart from its steps. Requires has_offset.
 *  @param span       between the two times, ns
 *  @param with_skew  beyond the estimated skew and its changes; otherwise, beyond nothing */
double mps_clock_drift_max(const mps_clock_estimate *estimate, double span, bool with_skew);

/** Find the rigorous bounds of B's clock minus A's. Requires has_offset. Where a clock may have
 *  been set between the two times, the bounds include the values before and after the step, because
 *  either value may apply to the difference of the times.
 *  @param time_a, time_b  a moment of A's clock and one of B's, ns, in any order: of one segment,
 * or of two events to be compared; the skew is applied up to `time_a`
 *  @param[out] low, high  ns */
void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t time_b,
                      int64_t *low, int64_t *high);

#endif
