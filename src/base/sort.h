/* sort.h: sorts an array that is nearly in order, or is made of parts that are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SORT_H
#define MPS_SORT_H

#include <glib.h>

/**
 * Sort an array. It takes n + m log m comparisons, where m elements come after a greater one.
 * @param compare  as for g_array_sort(); elements that are equal may change places
 */
void mps_sort_nearly(GArray *array, GCompareFunc compare);

/**
 * Sort an array of k stretches that are each in order. It takes n (1 + log k) comparisons.
 * @param compare  as for g_array_sort(); elements that are equal keep their order
 */
void mps_sort_stretches(GArray *array, GCompareFunc compare);

#endif
