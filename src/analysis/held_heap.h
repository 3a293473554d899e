/* held_heap.h: what arrived above a gap, the lowest first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HELD_HEAP_H
#define MPS_HELD_HEAP_H

#include <glib.h>
#include <stdint.h>

/* An arrival above the in-order point. */
typedef struct {
    uint64_t start, end; /* its numbers: [start, end) */
    int64_t mark;        /* the caller's */
} mps_held;

/* A heap: element i is not above the elements 2 i + 1 and 2 i + 2, so element 0 is the lowest. All
 * zero is empty. */
typedef struct {
    mps_held *all; /* owned; NULL: there never were any */
    guint count, room;
} mps_held_heap;

/** Add an arrival. Most lie above all that are held, and stay at the end. */
void mps_held_add(mps_held_heap *heap, mps_held added);

/** Remove the lowest arrival. @param heap  not empty */
void mps_held_remove_first(mps_held_heap *heap);

/** Remove all, and free their memory. */
void mps_held_clear(mps_held_heap *heap);

#endif
