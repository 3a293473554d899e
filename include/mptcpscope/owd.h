/* owd.h: one-way delay, loss, duplication and reordering between two captures, or between three or
 * more along a path.
 *
 * Of three or more captures, each leg lies between two consecutive ones and is compared as any two
 * captures are. The first and the last capture, the whole path, are compared as well. Each segment
 * is followed from leg to leg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_OWD_H
#define MPTCPSCOPE_OWD_H

#include <mptcpscope/compare.h>

/* What a row is about. */
typedef enum { MPS_OWD_BY_SUBFLOW, MPS_OWD_BY_CONNECTION } mps_owd_by;

/* What to write. */
typedef struct {
    uint32_t connection; /* number of a connection of A to write only; MPS_NONE: all */
    mps_owd_by by;       /* rows of csv and of intervals; text and json have both kinds */
    int64_t interval;    /* length of the intervals, ns; 0: no intervals */
} mps_owd_choice;

/** Write delays, losses and what is known of the clocks. */
void mps_owd_write(const mps_comparison *comparison, const mps_owd_choice *choice,
                   const mps_style *style, FILE *out);

typedef struct mps_legs mps_legs;

/**
 * Compare captures along a path.
 * @param traces, count  at least three, in their order along the path, from either end; they must
 *                       outlive the legs
 * @param failed  set, with `error`, to the index of the first capture of the leg that fails; to
 *                `count` if the whole path fails
 * @return the legs, to be freed with mps_legs_free(); NULL, with `error`, if two captures have no
 *         connection in common or are the same capture
 */
mps_legs *mps_legs_new(const mps_trace *const *traces, unsigned count, mps_clock_mode mode,
                       unsigned *failed, GError **error);

/** Free the legs; NULL is allowed. */
void mps_legs_free(mps_legs *legs);

/** Write the delays of all legs and of the whole path, and on which leg segments were lost.
 *  @param choice  its connection is a number of the first capture */
void mps_legs_write(const mps_legs *legs, const mps_owd_choice *choice, const mps_style *style,
                    FILE *out);

#endif
