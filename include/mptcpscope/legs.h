/* legs.h: three captures or more of the same traffic, in their order along the path.
 *
 * Each leg lies between two captures that follow one another and is compared as any two captures
 * are; so are the first and the last one, which is the whole path. What was sent is followed from
 * leg to leg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_LEGS_H
#define MPTCPSCOPE_LEGS_H

#include <mptcpscope/owd.h>

typedef struct {
    unsigned count;                 /* legs: one less than captures */
    const mps_trace *const *traces; /* not owned */
    mps_comparison *
        *legs; /* `count` of them, then the whole path: A is the capture nearer the first one */
} mps_legs;

/**
 * Compare captures along a path.
 * @param traces, count  in their order, either way; at least three; must outlive what is returned
 * @param failed  set, with `error`, to the number of the first capture of the leg that fails; to
 *                `count` for the whole path
 * @return to be freed with mps_legs_free(); NULL, with `error`, where two have nothing in common or
 *         are one and the same
 */
mps_legs *mps_legs_new(const mps_trace *const *traces, unsigned count, mps_clock_mode mode,
                       unsigned *failed, GError **error);
void mps_legs_free(mps_legs *legs);

/** Write the delays of all legs and of the whole, and on which leg segments were lost.
 *  @param choice  its connection is one of the first capture */
void mps_legs_write(const mps_legs *legs, const mps_owd_choice *choice, mps_format format,
                    FILE *out);

#endif
