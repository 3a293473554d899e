/* sparse.c: items by number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sparse.h"

mps_sparse *mps_sparse_new(guint size)
{
    mps_sparse *sparse = g_new(mps_sparse, 1);
    sparse->places = g_array_new(FALSE, TRUE, sizeof(uint32_t));
    sparse->items = g_array_new(FALSE, TRUE, size);
    sparse->size = size;
    return sparse;
}

void mps_sparse_free(mps_sparse *sparse)
{
    g_array_free(sparse->places, TRUE);
    g_array_free(sparse->items, TRUE);
    g_free(sparse);
}

void mps_sparse_clear(mps_sparse *sparse)
{
    g_array_set_size(sparse->places, 0);
    g_array_set_size(sparse->items, 0);
}

void *mps_sparse_add(mps_sparse *sparse, uint32_t number)
{
    if (number >= sparse->places->len)
        g_array_set_size(sparse->places, number + 1);
    g_array_set_size(sparse->items, sparse->items->len + 1);
    g_array_index(sparse->places, uint32_t, number) = sparse->items->len;
    return sparse->items->data + (gsize)(sparse->items->len - 1) * sparse->size;
}
