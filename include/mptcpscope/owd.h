/* owd.h: one-way delay, loss, duplication and reordering between captures: two, or more along a
 * path.
 *
 * Of three captures or more each leg lies between two that follow one another and is compared as
 * any two are; so are the first and the last one, which is the whole path. What was sent is
 * followed from leg to leg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_OWD_H
#define MPTCPSCOPE_OWD_H

#include <mptcpscope/compare.h>

/* What rows are of. */
typedef enum { MPS_OWD_BY_SUBFLOW, MPS_OWD_BY_CONNECTION } mps_owd_by;

/* What is to be told of two captures. */
typedef struct {
    uint32_t connection; /* only this one of A; MPS_NONE: all */
    mps_owd_by by;       /* rows of csv, and of intervals; text and json have both kinds */
    int64_t interval;    /* also over time: length of an interval, ns; 0: not */
} mps_owd_choice;

/** Write the delays, with what is known of the clocks. */
void mps_owd_write(const mps_comparison *comparison, const mps_owd_choice *choice,
                   mps_format format, FILE *out);

typedef struct mps_legs mps_legs;

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
