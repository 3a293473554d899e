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
#ifndef MPTCPSCOPE_CLOCK_H
#define MPTCPSCOPE_CLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A clock that is further off than this is broken, not skewed: what NTP corrects at most. */
#define MPS_SKEW_MAX 500e-6

typedef struct mps_clock mps_clock;

/* How delays are corrected for B's clock. */
typedef enum {
    MPS_CLOCK_NONE,   /* not at all */
    MPS_CLOCK_OFFSET, /* by the offset */
    MPS_CLOCK_SKEW,   /* by offset and skew */
} mps_clock_mode;

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
    double skew_by_weight;    /* the same if each segment has a vote, not each series: how far it is
                               * from `skew` tells how well the data agree */
    size_t forward, backward; /* matched segments */
    size_t corners;           /* those of them that the bounds rest on */
    unsigned series;          /* directions of subflows */
    int64_t span;             /* from the first to the last segment, ns */
    int64_t both_span;        /* of the longest subflow in the direction that has less, ns */
} mps_clock_estimate;

/** Estimate the clock from what was added. Takes O(n log n) at most, O(n) in order of time. */
void mps_clock_estimate_of(mps_clock *clock, mps_clock_estimate *estimate);

/** @return how much room the line has, ns, at the skew (up to MPS_SKEW_MAX) that leaves most: about
 *  the shortest round-trip time, and less than nothing where no line fits; infinite where
 *  segments went one way only, 0 where there are none. */
double mps_clock_room(mps_clock *clock);

/** @return B's clock minus A's at A's time `time_a`, ns, by an estimate that has_offset.
 *  @param with_skew  follow the skew, if it is known; else as of the reference */
int64_t mps_clock_ahead(const mps_clock_estimate *estimate, int64_t time_a, bool with_skew);

/** Tell what B's clock minus A's at A's time `time_a` can be at least and at most, ns: rigorous, by
 *  an estimate that has_offset. */
void mps_clock_bounds(const mps_clock_estimate *estimate, int64_t time_a, int64_t *low,
                      int64_t *high);

#endif
