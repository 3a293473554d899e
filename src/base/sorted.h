/* sorted.h: finds the place of a key in a sorted array by binary search.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SORTED_H
#define MPS_SORTED_H

#include <glib.h>
#include <stdbool.h>

/* Called for elements of the array. @return whether `element` comes before `key` */
typedef bool (*mps_before)(const void *element, const void *key);

/**
 * Find the place of a key in O(log n).
 * @param sorted  all elements that come before the key precede all others; NULL: an empty array
 * @return how many elements come before the key: the index of the first one that does not
 */
static inline guint mps_sorted_place(const GArray *sorted, mps_before before, const void *key)
{
    guint low = 0, high = sorted ? sorted->len : 0;
    guint size = sorted ? g_array_get_element_size((GArray *)sorted) : 0; /* GLib lacks const */
    while (low < high) {
        guint middle = low + (high - low) / 2;
        if (before(sorted->data + (gsize)middle * size, key))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

#endif
