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
    uint32_t *places; /* by number: index of the item, plus 1; 0: there is none */
    char *items;
    guint numbers, places_room; /* of places, and for how many there is room */
    guint count, room;          /* of items, likewise */
    guint size;                 /* of an item, bytes */
} mps_sparse;

/** @return no items, to be freed with mps_sparse_free(). @param size  of an item, bytes */
mps_sparse *mps_sparse_new(guint size);
void mps_sparse_free(mps_sparse *sparse);

/** Remove all items. */
void mps_sparse_clear(mps_sparse *sparse);

/** Make an item of zeros. @param number  of which there is no item  @return as mps_sparse_at() */
void *mps_sparse_add(mps_sparse *sparse, uint32_t number);

/** @return an item, in the order in which they were made. @param index  less than `count` */
static inline void *mps_sparse_item(const mps_sparse *sparse, guint index)
{
    return sparse->items + (gsize)index * sparse->size;
}

/** @return an item; NULL: there is none. Valid until another is made. */
static inline void *mps_sparse_find(const mps_sparse *sparse, uint32_t number)
{
    const uint32_t place = number < sparse->numbers ? sparse->places[number] : 0;
    return place ? mps_sparse_item(sparse, place - 1) : NULL;
}

/** @return an item, which is made of zeros if there was none. Valid until another is made. */
static inline void *mps_sparse_at(mps_sparse *sparse, uint32_t number)
{
    void *item = mps_sparse_find(sparse, number);
    return item ? item : mps_sparse_add(sparse, number);
}

#endif
