/* held_data.c: how much of the data of a direction arrived before data that precedes it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "held_data.h"
#include "base/times.h"

uint64_t mps_held_first(const mps_space *space, uint64_t dsn)
{
    return space->initial_known && space->initial < dsn ? space->initial + 1 : dsn;
}

/* Let go what the in-order point has reached. */
static void release(mps_held_watch *watch, int64_t now)
{
    while (watch->waiting.count > 0 && watch->waiting.all[0].start <= watch->point) {
        const mps_held lowest = watch->waiting.all[0];
        mps_held_remove_first(&watch->waiting);
        watch->occupancy -= lowest.end - lowest.start;
        watch->longest = MAX(watch->longest, mps_minus(now, lowest.mark));
        watch->released = true;
        watch->point = MAX(watch->point, lowest.end);
    }
}

static void hold(mps_held_watch *watch, uint64_t start, uint64_t end, int64_t now)
{
    mps_held_add(&watch->waiting, (mps_held){start, end, now});
    watch->held += end - start;
    watch->occupancy += end - start;
    if (watch->edge > watch->point) {
        const double share = (double)watch->occupancy / (double)(watch->edge - watch->point);
        watch->window_share = MAX(watch->window_share, share);
    }
}

static void take_new(mps_held_watch *watch, const mps_space *space, const mps_piece *piece,
                     int64_t now)
{
    const uint64_t end = piece->dsn + piece->length;
    if (!watch->begun) {
        watch->begun = true;
        watch->initial_known = space->initial_known;
        watch->point = watch->top = mps_held_first(space, piece->dsn);
    }
    watch->bytes += piece->length;
    watch->top = MAX(watch->top, end);
    if (piece->dsn > watch->point) {
        hold(watch, piece->dsn, end, now);
        return;
    }
    watch->point = MAX(watch->point, end);
    release(watch, now);
}

static void take_data(mps_held_watch *watch, const mps_view *view)
{
    const mps_space *space = view->flow->connection->space[view->direction];
    watch->doubted |= view->late;
    for (unsigned i = 0; i < view->piece_count; i++) {
        const mps_piece *piece = &view->pieces[i];
        watch->doubted |= piece->late;
        if (piece->kind == MPS_PIECE_NEW)
            take_new(watch, space, piece, view->segment->time);
    }
}

/* Data that is acknowledged has arrived, even if it was not captured. An acknowledgement far above
 * everything that was seen is an error. */
static void take_ack(mps_held_watch *watch, const mps_view *view)
{
    const mps_segment *segment = view->segment;
    const uint32_t scale = view->flow->half[view->half]->window_scale;
    const uint64_t window = segment->flags & MPS_TCP_SYN ? 0 : segment->window;
    const uint64_t ack = view->data_ack;
    watch->doubted |= view->late;
    if (watch->begun && ack > watch->point && ack <= watch->top + MPS_WINDOW_MAX) {
        watch->point = ack;
        release(watch, segment->time);
    }
    if (scale <= MPS_WINDOW_SCALE_MAX)
        watch->edge = MAX(watch->edge, ack + (window << scale));
}

void mps_held_take(mps_sparse *watches, const mps_view *view)
{
    if (view->piece_count > 0)
        take_data(mps_sparse_at(watches, view->space_id), view);
    if (view->has_data_ack)
        take_ack(mps_sparse_at(watches, view->other_space_id), view);
}

void mps_held_free(mps_sparse *watches)
{
    for (guint i = 0; i < watches->count; i++)
        mps_held_clear(&((mps_held_watch *)mps_sparse_item(watches, i))->waiting);
    mps_sparse_free(watches);
}

bool mps_held_known(const mps_held_watch *watch, const mps_space *space, uint64_t data,
                    mps_held_figures *figures)
{
    *figures = MPS_HELD_UNKNOWN;
    if (!watch || !watch->begun)
        return data == 0;
    if (watch->doubted || watch->bytes != data || watch->initial_known != space->initial_known)
        return false;
    figures->held_share = (double)watch->held / (double)watch->bytes;
    if (watch->window_share > 0)
        figures->window_share = watch->window_share;
    if (watch->released)
        figures->longest = watch->longest;
    return true;
}
