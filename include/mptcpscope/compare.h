/* compare.h: compares two captures of the same traffic.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_COMPARE_H
#define MPTCPSCOPE_COMPARE_H

#include <mptcpscope/style.h>
#include <mptcpscope/trace.h>
#include <stdio.h>

/* How delays are corrected for B's clock. */
typedef enum {
    MPS_CLOCK_NONE,   /* not at all */
    MPS_CLOCK_OFFSET, /* by the offset */
    MPS_CLOCK_SKEW,   /* by offset and skew */
} mps_clock_mode;

#define MPS_CLOCK_MODES (MPS_CLOCK_SKEW + 1)

/** @return "none", "offset" or "skew", static. */
const char *mps_clock_mode_name(mps_clock_mode mode);

typedef struct mps_comparison mps_comparison;

/**
 * Compare two captures.
 *
 * A delay is the difference of the two clocks (RFC 7679 with host times). It is corrected as `mode`
 * says if all matched segments together show the offset, and the skew, well enough; otherwise it is
 * left as captured. For each connection the comparison determines which capture is nearer to the
 * client: if the two were exchanged, the shortest delays there and back would add up to less than
 * zero, however far the clocks are apart.
 *
 * @param a, b  captures; they must outlive the comparison
 * @return the comparison, to be freed with mps_comparison_free(); NULL, with `error`, if the
 *         captures have no connection in common or are the same capture
 */
mps_comparison *mps_comparison_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode,
                                   GError **error);

/** Free a comparison; NULL is allowed. */
void mps_comparison_free(mps_comparison *comparison);

/** Write what is known of B's clock against A's, and the evidence for it. */
void mps_clock_write(const mps_comparison *comparison, const mps_style *style, FILE *out);

/** Write every matched pair of segments as csv, in the order of A's frames.
 *  @param connection  number of a connection of A to write only; MPS_NONE: all */
void mps_pairs_write(const mps_comparison *comparison, uint32_t connection, FILE *out);

/** Write which connections and subflows of A and B are the same, with the evidence.
 *  @param connection  number of a connection of A to write only; MPS_NONE: all */
void mps_map_write(const mps_trace *a, const mps_trace *b, uint32_t connection,
                   const mps_style *style, FILE *out);

#endif
