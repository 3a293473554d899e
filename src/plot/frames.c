/* frames.c: finds when a frame was captured, and on which subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/series.h"
#include "base/sorted.h"
#include "plot_internal.h"

static gint compare_frames(gconstpointer a, gconstpointer b)
{
    const mps_plot_frame *x = a, *y = b;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

GArray *mps_plot_frames(const mps_tracker *tracker)
{
    const GArray *items = mps_series_items(tracker);
    GArray *frames = g_array_sized_new(FALSE, FALSE, sizeof(mps_plot_frame), items->len);
    bool sorted = true;
    for (guint i = 0; i < items->len; i++) {
        const mps_series_item *item = &g_array_index(items, mps_series_item, i);
        const mps_plot_frame frame = {item->frame, item->half_id, item->time};
        sorted =
            sorted && (i == 0 || g_array_index(frames, mps_plot_frame, i - 1).frame <= item->frame);
        g_array_append_val(frames, frame);
    }
    if (!sorted)
        g_array_sort(frames, compare_frames);
    return frames;
}

static bool is_before(const void *element, const void *key)
{
    return ((const mps_plot_frame *)element)->frame < *(const uint32_t *)key;
}

const mps_plot_frame *mps_plot_frame_at(const GArray *frames, uint32_t frame)
{
    const guint place = mps_sorted_place(frames, is_before, &frame);
    return &g_array_index(frames, mps_plot_frame, MIN(place, frames->len - 1));
}
