/* pool.h: items of one size that stay where they are, by number.
 *
 * They are made one after another, and freed all at once. An item takes no memory but its own,
 * where one that is allocated alone takes some bytes more: a flood has very many. Nothing is copied
 * as a pool grows, where an array copies all that it has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_POOL_H
#define MPS_POOL_H

#include <glib.h>
#include <stdint.h>

/* Items that are allocated at a time. */
#define MPS_POOL_BLOCK 64u

typedef struct {
    GPtrArray *blocks; /* of MPS_POOL_BLOCK items */
    gsize size;        /* of an item, bytes */
    uint32_t count;    /* of items */
} mps_pool;

/** @return no items, to be freed with mps_pool_free(). @param size  of an item, bytes */
mps_pool *mps_pool_new(gsize size);

/** Free a pool and all its items. */
void mps_pool_free(mps_pool *pool);

/** Make an item of zeros. Its number is `count`, as it was before.
 *  @return the item, valid until the pool is freed */
void *mps_pool_add(mps_pool *pool);

/** Allocate the next MPS_POOL_BLOCK items. */
void mps_pool_grow(mps_pool *pool);

/** @return an item. @param number  less than `count` */
static inline void *mps_pool_at(const mps_pool *pool, uint32_t number)
{
    char *block = pool->blocks->pdata[number / MPS_POOL_BLOCK];
    return block + number % MPS_POOL_BLOCK * pool->size;
}

/** Make an item that the caller sets: its bytes are random. @return as mps_pool_add() */
static inline void *mps_pool_room(mps_pool *pool)
{
    if (pool->count % MPS_POOL_BLOCK == 0) /* all blocks are full */
        mps_pool_grow(pool);
    return mps_pool_at(pool, pool->count++);
}

#endif
