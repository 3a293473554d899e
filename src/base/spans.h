/* spans.h: disjoint ranges of 64-bit numbers, each of which belongs to an item. Where ranges
 * overlap, the newest one wins.
 *
 * Memory and time depend only on the number of ranges that were covered, not on their order: a
 * cover takes O(log n), and each span that it replaces is removed only once.
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
    uint32_t item; /* the caller's number */
} mps_span;

/* Sorted, in blocks of limited size, so that an insertion moves few other spans. All zero is an
 * empty set. */
typedef struct {
    GPtrArray *blocks; /* GArray of mps_span, none of which is empty; NULL: no span yet */
} mps_spans;

/** Remove all spans and free their memory. */
void mps_spans_clear(mps_spans *spans);

/* Called for each part of an older span that a new one replaces. @param data  from the caller */
typedef void (*mps_span_visitor)(const mps_span *replaced, void *data);

/**
 * Cover a range.
 * @param span   its start + length must not exceed 2^64 - 1
 * @param visit  called for each part that is replaced, in ascending order
 * @param data   passed to `visit`
 */
void mps_spans_cover(mps_spans *spans, const mps_span *span, mps_span_visitor visit, void *data);

#endif
