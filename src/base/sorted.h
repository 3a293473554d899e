/* sorted.h: where a key has its place in a sorted array.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SORTED_H
#define MPS_SORTED_H

#include <glib.h>
#include <stdbool.h>

/** @return whether an element comes before the key. */
typedef bool (*mps_before)(const void *element, const void *key);

/** @return how many elements come before the key, which is the index of the first that does not.
 *  @param sorted  those that do come first; NULL: there are none */
static inline guint mps_sorted_place(const GArray *sorted, mps_before before, const void *key)
{
    guint low = 0, high = sorted ? sorted->len : 0;
    guint size = sorted ? g_array_get_element_size((GArray *)sorted) : 0;
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
