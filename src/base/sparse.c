/* sparse.c: items by number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sparse.h"
#include <string.h>

mps_sparse *mps_sparse_new(guint size)
{
    mps_sparse *sparse = g_new0(mps_sparse, 1);
    sparse->size = size;
    return sparse;
}

void mps_sparse_free(mps_sparse *sparse)
{
    mps_sparse_clear(sparse);
    g_free(sparse);
}

void mps_sparse_clear(mps_sparse *sparse)
{
    g_free(sparse->places);
    g_free(sparse->items);
    *sparse = (mps_sparse){.size = sparse->size};
}

/* @return for how many there shall be room, so that it is not made for each one */
static guint more_than(guint number)
{
    return number + number / 2 + 4;
}

/* Have places for so many numbers. Memory that no number needs yet is not touched. */
static void add_numbers(mps_sparse *sparse, guint numbers)
{
    if (numbers > sparse->places_room) {
        sparse->places_room = more_than(numbers);
        sparse->places = g_renew(uint32_t, sparse->places, sparse->places_room);
    }
    memset(sparse->places + sparse->numbers, 0, (numbers - sparse->numbers) * sizeof(uint32_t));
    sparse->numbers = numbers;
}

void *mps_sparse_add(mps_sparse *sparse, uint32_t number)
{
    if (number >= sparse->numbers)
        add_numbers(sparse, number + 1);
    if (sparse->count == sparse->room) {
        sparse->room = more_than(sparse->room);
        sparse->items = g_realloc_n(sparse->items, sparse->room, sparse->size);
    }
    sparse->places[number] = ++sparse->count;
    return memset(mps_sparse_item(sparse, sparse->count - 1), 0, sparse->size);
}
