/* spans.h: disjoint ranges of a 64-bit number line, each of which belongs to an item; where ranges
 * meet, the newest wins.
 *
 * Memory and time are bounded by how many ranges were covered, in whatever order: a cover takes
 * O(log n), and what it replaces was paid for when it was covered itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SPANS_H
#define MPS_SPANS_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    uint64_t start; /* [start, start + length) */
    uint32_t length;
    uint32_t item;
} mps_span;

/* Sorted, in blocks of limited size, so that a span put in between moves few others. All zero is
 * empty. */
typedef struct {
    GPtrArray *blocks; /* GArray of mps_span; none is empty; NULL: no block */
} mps_spans;

void mps_spans_clear(mps_spans *spans);

/* Called for what is replaced: what is left of an older span within the new one. */
typedef void (*mps_span_visitor)(const mps_span *replaced, void *data);

/** Cover a range. @param span  not longer than what is left of the number line
 *  @param visit  called for each stretch it replaces, in ascending order */
void mps_spans_cover(mps_spans *spans, const mps_span *span, mps_span_visitor visit, void *data);

#endif
