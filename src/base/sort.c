/* sort.c: sorts an array that is nearly in order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sort.h"
#include <string.h>

/* Take out the elements that come after a greater one, and move the others together.
 * @param kept  set to how many of these there are
 * @return the elements that were taken out; NULL: none */
static GArray *take_late(GArray *array, gsize size, GCompareFunc compare, guint *kept)
{
    GArray *late = NULL;
    char *end = array->data; /* of those that are kept */
    for (guint i = 0; i < array->len; i++) {
        const char *element = array->data + i * size;
        if (i > 0 && compare(end - size, element) > 0) {
            if (!late)
                late = g_array_new(FALSE, FALSE, (guint)size);
            g_array_append_vals(late, element, 1);
            continue;
        }
        if (late)
            memcpy(end, element, size);
        end += size;
    }
    *kept = array->len - (late ? late->len : 0);
    return late;
}

void mps_sort_nearly(GArray *array, GCompareFunc compare)
{
    const gsize size = g_array_get_element_size(array);
    guint kept;
    GArray *late = take_late(array, size, compare, &kept);
    if (!late)
        return;
    g_array_sort(late, compare);
    char *to = array->data + array->len * size, *from = array->data + kept * size;
    for (guint left = late->len; left > 0;) { /* merge, the greatest first */
        const char *latest = late->data + (left - 1) * size;
        to -= size;
        if (from > array->data && compare(from - size, latest) > 0) {
            from -= size;
            memcpy(to, from, size);
        } else {
            memcpy(to, latest, size);
            left--;
        }
    }
    g_array_free(late, TRUE);
}
