/* copies_info.c: tells callers of the library which segments are copies, and which count after all.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "copies.h"
#include <stdlib.h>

void mps_tracker_finish(mps_tracker *tracker)
{
    g_ptr_array_set_size(tracker->copies->fed, 0);
    mps_held_finish(tracker);
}

static const mps_copy *copy_at(const mps_copies *copies, uint32_t number)
{
    return &g_array_index(copies->records, mps_copy, number);
}

/* The frame that counts in place of a copy; 0: unknown, or it is none. */
static uint32_t counting_frame(const mps_copies *copies, const mps_copy *copy)
{
    if (copy->late)
        return 0;
    if (!copy->via)
        return copy->of;
    const mps_copy *original = copy_at(copies, copy->via);
    return original->of ? original->of : original->frame;
}

uint32_t mps_tracker_copy_of(const mps_tracker *tracker, const mps_verdict *verdict)
{
    if (!verdict->copy)
        return 0;
    return counting_frame(tracker->copies, copy_at(tracker->copies, verdict->copy));
}

uint32_t mps_tracker_late(const mps_tracker *tracker)
{
    return tracker->copies->late->len;
}

const mps_verdict *mps_tracker_late_verdict(const mps_tracker *tracker, uint32_t index)
{
    return &g_array_index(tracker->copies->late, mps_verdict, index);
}

const mps_segment *mps_tracker_late_segment(const mps_tracker *tracker, uint32_t index,
                                            const mps_verdict **verdict)
{
    const mps_copies *copies = tracker->copies;
    if (index >= copies->fed->len)
        return NULL;
    *verdict = mps_tracker_late_verdict(tracker, copies->late->len - copies->fed->len + index);
    return &((const mps_held *)copies->fed->pdata[index])->segment;
}

const mps_verdict *mps_tracker_final(const mps_tracker *tracker, const mps_verdict *verdict)
{
    const uint32_t late = verdict->copy ? copy_at(tracker->copies, verdict->copy)->late : 0;
    return late ? mps_tracker_late_verdict(tracker, late - 1) : verdict;
}

static int compare_frames(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

mps_copy_counts mps_tracker_count_copies(const mps_tracker *tracker)
{
    const mps_copies *copies = tracker->copies;
    GArray *frames = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    mps_copy_counts counts = {0};
    for (guint i = 1; i < copies->records->len; i++) {
        uint32_t frame = counting_frame(copies, copy_at(copies, i));
        if (frame > 0)
            g_array_append_val(frames, frame);
    }
    g_array_sort(frames, compare_frames);
    for (guint i = 0; i < frames->len; i++)
        counts.repeated +=
            i == 0 || g_array_index(frames, uint32_t, i) != g_array_index(frames, uint32_t, i - 1);
    counts.copies = frames->len;
    counts.segments = copies->next - 1 - MPS_SIGHTS - counts.copies;
    g_array_free(frames, TRUE);
    return counts;
}
