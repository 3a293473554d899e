/* clock.h: how far the clocks of two captures can be trusted.
 *
 * A segment that left A's host and reached B's host shows that B's clock is at most so far ahead
 * as the difference of the two times says, one on the way back that it is at least so far ahead:
 * delays are not negative. With B's clock ahead by a straight line offset + skew * t of A's clock,
 * the line lies below every forward point and above every backward one (Duda et al. 1987; Jezequel
 * 1989). That bounds it rigorously, whatever the paths do. Within the bounds the estimate is the
 * line for which the shortest delays of all series add up to most: one path that changes its delay,
 * or fills its queue, is outvoted by the others.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CLOCK_H
#define MPS_CLOCK_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A clock that is further off than this is broken, not skewed: what NTP corrects at most. */
#define MPS_SKEW_MAX 500e-6

typedef struct mps_clock mps_clock;

mps_clock *mps_clock_new(void);
void mps_clock_free(mps_clock *clock);

/**
 * Add a matched segment.
 *
 * @param series   which subflow: any number, the same for both of its directions
 * @param forward  it went from A's host to B's
 * @param time_a   when A's clock saw it, ns
 * @param time_b   when B's clock saw it, ns
 */
void mps_clock_add(mps_clock *clock, uint32_t series, bool forward, int64_t time_a, int64_t time_b);

/** Say how coarse the times are: they may be off by as much, ns. Default: 1. */
void mps_clock_set_resolution(mps_clock *clock, int64_t resolution);

/* A moment at which a clock was set, or set itself: all delays one way are longer from there on by
 * as much as all the other way are shorter. */
typedef struct {
    int64_t from, until;         /* when, A's times */
    int64_t size;                /* by how much more B's clock is ahead of A's behind it, ns */
    int64_t size_low, size_high; /* rigorous, ns */
    bool doubtful; /* queues can have done the same, as what is before and behind it shows: `size`
                    * is 0, but the bounds allow for it */
} mps_clock_step;

/* What a change of paths did to a subflow. */
typedef struct {
    uint32_t series;
    bool known[2];    /* backward, forward: there are segments before and behind it */
    int64_t shift[2]; /* by how much the shortest delay differs behind it, ns */
} mps_path_shift;

/* A moment at which the shortest delays of some subflows changed, and not because of a clock. */
typedef struct {
    int64_t from, until; /* when, A's times */
    unsigned seen;       /* subflows with segments before and behind it, both ways */
    GArray *subflows;    /* mps_path_shift: those of them that changed */
} mps_path_change;

/* What a direction of a subflow contributes to the bounds. */
typedef struct {
    uint32_t series;
    bool forward;
    size_t segments; /* matched */
    size_t touched;  /* of these, those that some line that is possible touches */
} mps_clock_evidence;

/* What the segments tell of B's clock against A's. */
typedef struct {
    bool has_offset, has_skew;
    const char *reason; /* static: why one of them, or both, are not known; NULL: they are */
    int64_t reference;  /* A's time of the first matched segment, ns: offsets are as of then */
    int64_t offset;     /* B's clock minus A's, ns: the middle of what the estimated skew allows
                         * (skew 0 where it is not known) */
    int64_t offset_low, offset_high; /* rigorous for any skew up to MPS_SKEW_MAX, ns */
    double skew;                     /* B's rate minus A's, as a ratio: positive if B runs fast */
    double skew_low, skew_high;      /* rigorous, with has_offset */
    double skew_error;        /* what `skew` is off by at most in 9 of 10 simulated captures */
    double skew_by_weight;    /* the same if each segment has the same vote: how far it is from
                               * `skew` tells how well the data agree */
    size_t forward, backward; /* matched segments */
    size_t touched;           /* those of them that the bounds rest on */
    unsigned series;          /* directions of subflows */
    int64_t span;             /* from the first to the last segment, ns */
    GArray *steps;            /* mps_clock_step, in order */
    GArray *path_changes;     /* mps_path_change, in order */
    GArray *evidence;         /* mps_clock_evidence */

    /* For the functions below. */
    int64_t base;   /* what offsets of pieces are relative to */
    bool by_b;      /* moments are told by B's clock */
    GArray *pieces; /* between steps; NULL: nothing is known */
} mps_clock_estimate;

/** Estimate the clock from what was added.
 *
 *  Takes O(n) in order of time, O(n log n) else.
 *  @param estimate  filled in; to be cleared with mps_clock_estimate_clear() */
void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate);
void mps_clock_estimate_clear(mps_clock_estimate *estimate);

/** @return how much room the line has, ns, at the skew (up to MPS_SKEW_MAX) that leaves most: about
 *  the shortest round-trip time, and less than nothing where no line fits; infinite where
 *  segments went one way only, 0 where there are none. */
double mps_clock_slack(mps_clock *clock);

/** @return B's clock minus A's when a segment was on its way, ns, by an estimate that has_offset.
 *  @param forward    it went from A's host to B's
 *  @param with_skew  follow the skew, if it is known; else as of the reference */
int64_t mps_clock_ahead(const mps_clock_estimate *estimate, bool forward, int64_t time_a,
                        int64_t time_b, bool with_skew);

/** Tell what B's clock minus A's can be at least and at most, ns: rigorous, by an estimate that
 *  has_offset. Where a clock may have been set between the two times, that takes in what it was
 *  before and behind it: which of these their difference holds depends on whose clock was set.
 *  @param time_a, time_b  moments by A's clock and by B's, in any order: of one segment, or of what
 *                         is compared; rates count as of `time_a` */
void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t time_b,
                      int64_t *low, int64_t *high);

#endif
