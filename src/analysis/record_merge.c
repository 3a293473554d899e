/* record_merge.c: reads records of several logs in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "record_merge.h"

/* A stretch of a log, and the place in it. */
typedef struct {
    const mps_record_stretch *stretch;
    mps_record_reader reader;
    mps_merged_record next; /* the first record that was not given yet */
} lane;

struct mps_record_merge {
    const mps_leaps *leaps;
    GArray *lanes; /* lane, in the order in which they were added */
    /* A heap of the lanes with a record: element i is not later than the elements 2 i + 1 and
     * 2 i + 2. */
    lane **heap;
    guint count;
    bool given; /* the first record of the heap was given */
};

mps_record_merge *mps_record_merge_new(const mps_leaps *leaps)
{
    mps_record_merge *merge = g_new0(mps_record_merge, 1);
    merge->leaps = leaps;
    merge->lanes = g_array_new(FALSE, FALSE, sizeof(lane));
    return merge;
}

void mps_record_merge_free(mps_record_merge *merge)
{
    g_array_free(merge->lanes, TRUE);
    g_free(merge->heap);
    g_free(merge);
}

void mps_record_merge_add(mps_record_merge *merge, const mps_record_log *log, uint32_t source)
{
    for (const mps_record_stretch *each = log->first; each; each = each->next) {
        lane added = {.stretch = each, .next.source = source};
        g_array_append_val(merge->lanes, added);
    }
}

/* @return whether the next record of a lane comes before that of another */
static bool is_before(const lane *a, const lane *b)
{
    const gint order = mps_moment_compare(&a->next.moment, &b->next.moment);
    return order != 0 ? order < 0 : a < b;
}

/* Read the next record of a lane. @return false: there is none */
static bool advance(const mps_record_merge *merge, lane *own)
{
    if (!mps_record_reader_next(&own->reader))
        return false;
    const uint64_t *numbers = own->reader.numbers;
    const uint32_t frame = (uint32_t)numbers[MPS_RECORD_FRAME];
    own->next.moment = (mps_moment){(int64_t)numbers[MPS_RECORD_TIME],
                                    mps_leaps_until(merge->leaps, frame), frame};
    return true;
}

/* Move element `at` of the heap down to its place. */
static void sink(mps_record_merge *merge, guint at)
{
    lane *const own = merge->heap[at];
    for (guint lower = 2 * at + 1; lower < merge->count; lower = 2 * at + 1) {
        lower += lower + 1 < merge->count && is_before(merge->heap[lower + 1], merge->heap[lower]);
        if (!is_before(merge->heap[lower], own))
            break;
        merge->heap[at] = merge->heap[lower];
        at = lower;
    }
    merge->heap[at] = own;
}

void mps_record_merge_begin(mps_record_merge *merge)
{
    if (!merge->heap)
        merge->heap = g_new(lane *, MAX(merge->lanes->len, 1));
    merge->count = 0;
    merge->given = false;
    for (guint i = 0; i < merge->lanes->len; i++) {
        lane *own = &g_array_index(merge->lanes, lane, i);
        mps_record_reader_begin(&own->reader, own->stretch);
        own->next.numbers = own->reader.numbers;
        if (advance(merge, own))
            merge->heap[merge->count++] = own;
    }
    for (guint i = merge->count / 2; i-- > 0;)
        sink(merge, i);
}

const mps_merged_record *mps_record_merge_next(mps_record_merge *merge)
{
    if (!merge->heap)
        mps_record_merge_begin(merge);
    if (merge->given && !advance(merge, merge->heap[0]))
        merge->heap[0] = merge->heap[--merge->count];
    if (merge->given && merge->count > 0)
        sink(merge, 0);
    merge->given = merge->count > 0;
    return merge->given ? &merge->heap[0]->next : NULL;
}
