/* spans.c: disjoint ranges, each of which belongs to an item, in a list of sorted blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "spans.h"
#include "sorted.h"
#include <stdbool.h>

/* Spans of a full block: an insertion moves at most 4 KiB, and a list of blocks stays short. */
#define BLOCK_SPANS 256u

/* A place among all spans: before the span at `index`, or after the last one of the block. */
typedef struct {
    guint block, index;
} span_place;

static void free_block(gpointer block)
{
    g_array_free(block, TRUE);
}

void mps_spans_clear(mps_spans *spans)
{
    if (spans->blocks)
        g_ptr_array_free(spans->blocks, TRUE);
    spans->blocks = NULL;
}

static GArray *block_at(const mps_spans *spans, guint block)
{
    return spans->blocks->pdata[block];
}

static mps_span *span_at(const mps_spans *spans, span_place place)
{
    return &g_array_index(block_at(spans, place.block), mps_span, place.index);
}

static uint64_t end_of(const mps_span *span)
{
    return span->start + span->length;
}

static bool ends_before(const void *element, const void *key)
{
    return end_of(element) <= *(const uint64_t *)key;
}

/* The place of the first span that ends above `at`, or after the last span. */
static span_place find(const mps_spans *spans, uint64_t at)
{
    guint low = 0, high = spans->blocks->len - 1; /* indices of blocks */
    while (low < high) {
        guint middle = low + (high - low) / 2;
        guint last = block_at(spans, middle)->len - 1;
        if (end_of(span_at(spans, (span_place){middle, last})) > at)
            high = middle;
        else
            low = middle + 1;
    }
    return (span_place){low, mps_sorted_place(block_at(spans, low), ends_before, &at)};
}

static GArray *insert_block(mps_spans *spans, guint index)
{
    GArray *block = g_array_new(FALSE, FALSE, sizeof(mps_span));
    g_ptr_array_insert(spans->blocks, (gint)index, block);
    return block;
}

/* Divide a full block. At its end a new block begins, so that ascending spans fill their blocks.
 * @return `place`, now in a block that is not full */
static span_place divide(mps_spans *spans, span_place place)
{
    GArray *block = block_at(spans, place.block);
    GArray *next = insert_block(spans, place.block + 1);
    if (place.index == block->len)
        return (span_place){place.block + 1, 0};
    guint half = block->len / 2;
    g_array_append_vals(next, &g_array_index(block, mps_span, half), block->len - half);
    g_array_set_size(block, half);
    if (place.index <= half)
        return place;
    return (span_place){place.block + 1, place.index - half};
}

static void insert(mps_spans *spans, span_place place, const mps_span *span)
{
    if (block_at(spans, place.block)->len >= BLOCK_SPANS)
        place = divide(spans, place);
    g_array_insert_val(block_at(spans, place.block), place.index, *span);
}

static void remove_at(mps_spans *spans, span_place place)
{
    GArray *block = block_at(spans, place.block);
    g_array_remove_index(block, place.index);
    if (block->len == 0 && spans->blocks->len > 1)
        g_ptr_array_remove_index(spans->blocks, place.block);
}

/* @return whether `place` holds a span that starts below `end`. A place after the last span of a
 * block becomes the start of the next block. */
static bool starts_below(const mps_spans *spans, span_place *place, uint64_t end)
{
    if (place->block < spans->blocks->len && place->index >= block_at(spans, place->block)->len)
        *place = (span_place){place->block + 1, 0};
    return place->block < spans->blocks->len && place->index < block_at(spans, place->block)->len &&
           span_at(spans, *place)->start < end;
}

/* Divide the span that has numbers on both sides of `at`, if there is one. */
static void cut(mps_spans *spans, uint64_t at)
{
    span_place place = find(spans, at);
    if (!starts_below(spans, &place, at))
        return;
    mps_span *span = span_at(spans, place);
    uint32_t left = (uint32_t)(at - span->start);
    mps_span right = {at, span->length - left, span->item};
    span->length = left;
    insert(spans, (span_place){place.block, place.index + 1}, &right);
}

static bool is_above_all(const mps_spans *spans, uint64_t start)
{
    guint block = spans->blocks->len - 1, count = block_at(spans, block)->len;
    return count == 0 || end_of(span_at(spans, (span_place){block, count - 1})) <= start;
}

void mps_spans_cover(mps_spans *spans, const mps_span *span, mps_span_visitor visit, void *data)
{
    if (!spans->blocks) {
        spans->blocks = g_ptr_array_new_with_free_func(free_block);
        insert_block(spans, 0);
    }
    if (is_above_all(spans, span->start)) {
        guint last = spans->blocks->len - 1;
        insert(spans, (span_place){last, block_at(spans, last)->len}, span);
        return;
    }
    cut(spans, span->start);
    cut(spans, end_of(span));
    span_place place = find(spans, span->start);
    while (starts_below(spans, &place, end_of(span))) {
        visit(span_at(spans, place), data);
        remove_at(spans, place);
        place = find(spans, span->start);
    }
    insert(spans, find(spans, span->start), span);
}
