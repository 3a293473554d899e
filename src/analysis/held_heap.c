/* held_heap.c: what arrived above a gap, the lowest first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "held_heap.h"

void mps_held_add(mps_held_heap *heap, mps_held added)
{
    if (heap->count == heap->room) {
        heap->room = 2 * heap->room + 8;
        heap->all = g_renew(mps_held, heap->all, heap->room);
    }
    guint at = heap->count++;
    for (; at > 0 && heap->all[(at - 1) / 2].start > added.start; at = (at - 1) / 2)
        heap->all[at] = heap->all[(at - 1) / 2];
    heap->all[at] = added;
}

void mps_held_remove_first(mps_held_heap *heap)
{
    const guint count = --heap->count;
    mps_held *all = heap->all;
    const mps_held last = all[count];
    guint at = 0;
    for (guint lower = 1; lower < count; lower = 2 * at + 1) {
        lower += lower + 1 < count && all[lower + 1].start < all[lower].start;
        if (all[lower].start >= last.start)
            break;
        all[at] = all[lower];
        at = lower;
    }
    all[at] = last;
}

void mps_held_clear(mps_held_heap *heap)
{
    g_free(heap->all);
    *heap = (mps_held_heap){0};
}
