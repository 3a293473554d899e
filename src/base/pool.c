/* pool.c: items of one size that stay where they are, by number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pool.h"
#include <string.h>

mps_pool *mps_pool_new(gsize size)
{
    mps_pool *pool = g_new0(mps_pool, 1);
    pool->blocks = g_ptr_array_new_with_free_func(g_free);
    pool->size = size;
    return pool;
}

void mps_pool_free(mps_pool *pool)
{
    g_ptr_array_free(pool->blocks, TRUE);
    g_free(pool);
}

void mps_pool_grow(mps_pool *pool)
{
    g_ptr_array_add(pool->blocks, g_malloc_n(MPS_POOL_BLOCK, pool->size));
}

void *mps_pool_add(mps_pool *pool)
{
    return memset(mps_pool_room(pool), 0, pool->size);
}
