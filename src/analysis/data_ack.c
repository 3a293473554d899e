/* data_ack.c: how much was acknowledged at connection level, and when.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "data_ack.h"
#include "base/sort.h"
#include "base/sorted.h"
#include "base/sparse.h"

/* The latest DATA_ACK of a half: a repetition need not be kept. */
typedef struct {
    bool any;
    uint64_t ack;
} mps_last_ack;

typedef struct {
    mps_sparse *last; /* mps_last_ack by half_id */
    GArray *spaces;   /* by space_id: GArray of mps_data_ack as captured; NULL: none */
} mps_data_ack_state;

static void *begin(void)
{
    mps_data_ack_state *all = g_new(mps_data_ack_state, 1);
    all->last = mps_sparse_new(sizeof(mps_last_ack));
    all->spaces = mps_analysis_begin_arrays();
    return all;
}

static void end(void *state)
{
    mps_data_ack_state *all = state;
    mps_analysis_end_arrays(all->spaces);
    mps_sparse_free(all->last);
    g_free(all);
}

static void take(void *state, const mps_view *view)
{
    mps_data_ack_state *all = state;
    if (!view->has_data_ack)
        return;
    mps_last_ack *last = mps_sparse_at(all->last, view->half_id);
    if (last->any && last->ack == view->data_ack)
        return;
    *last = (mps_last_ack){true, view->data_ack};
    const mps_data_ack ack = {{view->segment->time, 0, view->segment->frame}, view->data_ack};
    GArray *acks = mps_analysis_array_slot(all->spaces, view->other_space_id, sizeof(mps_data_ack));
    g_array_append_val(acks, ack);
}

const mps_analysis_kind mps_data_ack_analysis = {
    .need = MPS_NEED_TRANSMISSIONS | MPS_NEED_MILESTONES,
    .begin = begin,
    .segment = take,
    .end = end,
};

const GArray *mps_data_acks_captured(const mps_tracker *tracker, uint32_t space_id)
{
    const mps_data_ack_state *all = mps_analysis_state(tracker, &mps_data_ack_analysis);
    const bool any = all && space_id < all->spaces->len;
    return any ? g_array_index(all->spaces, GArray *, space_id) : NULL;
}

GArray *mps_data_acks(const mps_tracker *tracker, uint32_t space_id)
{
    const GArray *acks = mps_data_acks_captured(tracker, space_id);
    GArray *sorted = g_array_new(FALSE, FALSE, sizeof(mps_data_ack));
    if (!acks)
        return sorted;
    g_array_append_vals(sorted, acks->data, acks->len);
    for (guint i = 0; i < sorted->len; i++) {
        mps_data_ack *ack = &g_array_index(sorted, mps_data_ack, i);
        ack->moment.leaps = mps_leaps_until(mps_tracker_leaps(tracker), ack->moment.place);
    }
    mps_sort_nearly(sorted, mps_moment_compare);
    for (guint i = 1; i < sorted->len; i++) {
        mps_data_ack *ack = &g_array_index(sorted, mps_data_ack, i);
        ack->ack = MAX(ack->ack, ack[-1].ack);
    }
    return sorted;
}

static void free_acks(gpointer acks)
{
    if (acks)
        g_array_free(acks, TRUE);
}

GPtrArray *mps_data_acks_store(void)
{
    return g_ptr_array_new_with_free_func(free_acks);
}

const GArray *mps_data_acks_kept(GPtrArray *store, const mps_tracker *tracker, uint32_t space_id)
{
    if (space_id >= store->len)
        g_ptr_array_set_size(store, (gint)space_id + 1);
    if (!store->pdata[space_id])
        store->pdata[space_id] = mps_data_acks(tracker, space_id);
    return store->pdata[space_id];
}

static bool is_before(const void *element, const void *key)
{
    return mps_moment_compare(element, key) < 0;
}

bool mps_data_acked(const GArray *acks, uint32_t leaps, int64_t time, uint32_t frame, uint64_t *ack)
{
    const mps_moment moment = {time, leaps, frame};
    guint place = mps_sorted_place(acks, is_before, &moment);
    if (place > 0)
        *ack = g_array_index(acks, mps_data_ack, place - 1).ack;
    return place > 0;
}
