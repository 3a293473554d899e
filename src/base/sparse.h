/* sparse.h: items by number, such as the number of a direction of a subflow.
 *
 * An item is made when it is first asked for. One that nobody asks for takes 4 bytes: of the
 * numbers that a flood of SYNs uses up, most never get an item.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SPARSE_H
#define MPS_SPARSE_H

#include <glib.h>
#include <stdint.h>

typedef struct {
    GArray *places; /* uint32_t by number: index of the item, plus 1; 0: there is none */
    GArray *items;
    guint size; /* of an item, bytes */
} mps_sparse;

/** @return no items, to be freed with mps_sparse_free(). @param size  of an item, bytes */
mps_sparse *mps_sparse_new(guint size);
void mps_sparse_free(mps_sparse *sparse);

/** Remove all items. */
void mps_sparse_clear(mps_sparse *sparse);

/** Make an item of zeros. @param number  of which there is no item  @return as mps_sparse_at() */
void *mps_sparse_add(mps_sparse *sparse, uint32_t number);

/** @return an item; NULL: there is none. Valid until another is made. */
static inline void *mps_sparse_find(const mps_sparse *sparse, uint32_t number)
{
    const uint32_t *places = (const uint32_t *)(const void *)sparse->places->data;
    if (number >= sparse->places->len || places[number] == 0)
        return NULL;
    return sparse->items->data + (gsize)(places[number] - 1) * sparse->size;
}

/** @return an item, which is made of zeros if there was none. Valid until another is made. */
static inline void *mps_sparse_at(mps_sparse *sparse, uint32_t number)
{
    void *item = mps_sparse_find(sparse, number);
    return item ? item : mps_sparse_add(sparse, number);
}

#endif
