/* sort.c: sorts an array that is nearly in order, or is made of parts that are.
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

/* @return the end of each stretch that is in order: gsize, bytes from the beginning */
static GArray *find_stretches(const GArray *array, gsize size, GCompareFunc compare)
{
    GArray *ends = g_array_new(FALSE, FALSE, sizeof(gsize));
    const gsize all = array->len * size;
    for (gsize at = size; at <= all; at += size)
        if (at == all || compare(array->data + at - size, array->data + at) > 0)
            g_array_append_val(ends, at);
    return ends;
}

/* Two neighbours that are each in order: [left, middle) and [middle, right). */
typedef struct {
    const char *left, *middle, *right;
} neighbours;

/* Merge neighbours. */
static void merge(const neighbours *both, gsize size, GCompareFunc compare, char *to)
{
    const char *a = both->left, *b = both->middle;
    for (; a < both->middle && b < both->right; to += size) {
        const char **least = compare(a, b) <= 0 ? &a : &b;
        memcpy(to, *least, size);
        *least += size;
    }
    memcpy(to, a, (gsize)(both->middle - a));
    memcpy(to + (both->middle - a), b, (gsize)(both->right - b));
}

/* Merge each two stretches into one. @param ends  of the stretches, which change with them */
static void merge_pairs(const char *from, char *to, GArray *ends, gsize size, GCompareFunc compare)
{
    gsize start = 0;
    guint kept = 0;
    for (guint i = 0; i < ends->len; i += 2) {
        const gsize middle = g_array_index(ends, gsize, i);
        const gsize end = i + 1 < ends->len ? g_array_index(ends, gsize, i + 1) : middle;
        const neighbours both = {from + start, from + middle, from + end};
        merge(&both, size, compare, to + start);
        g_array_index(ends, gsize, kept++) = start = end;
    }
    g_array_set_size(ends, kept);
}

void mps_sort_stretches(GArray *array, GCompareFunc compare)
{
    const gsize size = g_array_get_element_size(array);
    GArray *ends = find_stretches(array, size, compare);
    char *const room = ends->len > 1 ? g_malloc(array->len * size) : NULL;
    char *from = array->data, *to = room;
    while (ends->len > 1) {
        merge_pairs(from, to, ends, size, compare);
        char *merged = to;
        to = from;
        from = merged;
    }
    if (room && from == room)
        memcpy(array->data, room, array->len * size);
    g_free(room);
    g_array_free(ends, TRUE);
}
