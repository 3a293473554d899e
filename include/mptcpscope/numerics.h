/* numerics.h: what paths allow and need: bandwidth-delay products, buffers, overhead of MPTCP
 * options, expected throughput. Paths are measured in captures, or described.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_NUMERICS_H
#define MPTCPSCOPE_NUMERICS_H

#include <mptcpscope/compare.h>

typedef struct mps_numerics mps_numerics;

/** @return what the captures need for mps_numerics_measure(): MPS_NEED_* bits for
 *  mps_trace_load(). */
unsigned mps_numerics_needs(void);

/**
 * Measure the paths of captures.
 * @param a           the only capture, or the first of two; must outlive the result
 * @param comparison  of `a` and another one; must outlive the result; NULL: there is only one
 * @param connection  number of a connection of A; MPS_NONE: all
 * @return freed by the caller with mps_numerics_free()
 */
mps_numerics *mps_numerics_measure(const mps_trace *a, const mps_comparison *comparison,
                                   uint32_t connection);

/**
 * Read a described topology (docs/numerics.md has its schema).
 * @param path  "-" or /dev/stdin: standard input
 * @return freed by the caller with mps_numerics_free(); NULL, with `error`, which names the member
 *         that is wrong
 */
mps_numerics *mps_numerics_read(const char *path, GError **error);

/** Free it; NULL is allowed. */
void mps_numerics_free(mps_numerics *numerics);

/** Write the paths, their figures and the overhead of options. csv has the figures. */
void mps_numerics_write(const mps_numerics *numerics, const mps_style *style, FILE *out);

#endif
