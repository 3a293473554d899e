/* byte_cover.c: which bytes of a stream a list of segments holds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "byte_cover.h"
#include "base/sorted.h"

/* The position of the origin. It leaves room below, for sequence numbers before the origin. */
#define ORIGIN_POSITION (UINT64_C(1) << 62)

void mps_unwrap_init(mps_unwrap *unwrap, uint32_t origin)
{
    *unwrap = (mps_unwrap){ORIGIN_POSITION, origin};
}

uint64_t mps_unwrap_next(mps_unwrap *unwrap, uint32_t seq)
{
    unwrap->at += (uint64_t)(int64_t)(int32_t)(seq - unwrap->last);
    unwrap->last = seq;
    return unwrap->at;
}

bool mps_has_bytes(const mps_packet *packet)
{
    return packet->length > 0 && !(packet->flags & (MPS_TCP_SYN | MPS_TCP_RST));
}

static gint compare_starts(gconstpointer a, gconstpointer b)
{
    const mps_covered_bytes *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

GArray *mps_byte_cover_of(const mps_packet *packets, size_t count, uint32_t shift, uint32_t origin)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(mps_covered_bytes));
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    for (size_t i = 0; i < count; i++) {
        if (!mps_has_bytes(&packets[i]))
            continue;
        uint64_t start = mps_unwrap_next(&unwrap, packets[i].seq - shift);
        mps_covered_bytes bytes = {start, start + packets[i].length};
        g_array_append_val(all, bytes);
    }
    g_array_sort(all, compare_starts);
    guint last = 0;
    for (guint i = 1; i < all->len; i++) {
        mps_covered_bytes *whole = &g_array_index(all, mps_covered_bytes, last);
        const mps_covered_bytes *next = &g_array_index(all, mps_covered_bytes, i);
        if (next->start <= whole->end)
            whole->end = MAX(whole->end, next->end);
        else
            g_array_index(all, mps_covered_bytes, ++last) = *next;
    }
    if (all->len > 0)
        g_array_set_size(all, last + 1);
    return all;
}

static bool starts_before(const void *element, const void *key)
{
    return ((const mps_covered_bytes *)element)->start < *(const uint64_t *)key;
}

/* @return the last element that starts before `position`, or NULL. */
static const mps_covered_bytes *last_before(const GArray *cover, uint64_t position)
{
    guint place = mps_sorted_place(cover, starts_before, &position);
    return place > 0 ? &g_array_index(cover, mps_covered_bytes, place - 1) : NULL;
}

bool mps_byte_cover_holds(const GArray *cover, uint64_t start, uint64_t end)
{
    const mps_covered_bytes *bytes = last_before(cover, start + 1);
    return bytes && bytes->end >= end;
}

bool mps_byte_cover_meets(const GArray *cover, uint64_t start, uint64_t end)
{
    const mps_covered_bytes *bytes = last_before(cover, end);
    return bytes && bytes->end > start;
}
