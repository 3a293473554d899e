/* compare.h: two captures of the same traffic, compared: everything on two captures starts here.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_COMPARE_H
#define MPTCPSCOPE_COMPARE_H

#include <mptcpscope/table.h>
#include <mptcpscope/trace.h>
#include <stdio.h>

/* How delays are corrected for B's clock. */
typedef enum {
    MPS_CLOCK_NONE,   /* not at all */
    MPS_CLOCK_OFFSET, /* by the offset */
    MPS_CLOCK_SKEW,   /* by offset and skew */
} mps_clock_mode;

typedef struct mps_comparison mps_comparison;

/**
 * Compare two captures.
 *
 * Delays are the differences of the two clocks (RFC 7679 with host times), as they are or
 * corrected by what all matched segments together tell of them, if they tell enough. Which
 * capture is nearer to the client is found out for each connection: taken for the wrong one, the
 * shortest delays there and back add up to less than nothing, however far the clocks are apart.
 *
 * @param a, b  must outlive what is returned
 * @return to be freed with mps_comparison_free(); NULL, with `error`, when the captures have no
 *         connection in common or are one and the same
 */
mps_comparison *mps_comparison_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode,
                                   GError **error);

void mps_comparison_free(mps_comparison *comparison);

/** Write the same, and on what evidence it is known, as a document of its own. */
void mps_clock_write(const mps_comparison *comparison, mps_format format, FILE *out);

/** Write every matched pair as csv, in the order of A's frames. */
void mps_pairs_write(const mps_comparison *comparison, uint32_t connection, FILE *out);

/** Write which connection and subflow of A is which of B, and why.
 *  @param connection  only this one of A; MPS_NONE: all */
void mps_map_write(const mps_trace *a, const mps_trace *b, uint32_t connection, mps_format format,
                   FILE *out);

#endif
