/* held_data.h: how much of the data of a direction arrived before data that precedes it, found as
 * its segments come.
 *
 * It tells what a replay (reordering.h) tells of the data, and needs none, where all segments come
 * in the order of time: as a rule, they do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HELD_DATA_H
#define MPS_HELD_DATA_H

#include "analysis.h"
#include "base/sparse.h"
#include "held_heap.h"

/* What there is to tell. */
typedef struct {
    double held_share;   /* of the data; -1: there are none */
    double window_share; /* of the receive window, which held data took at most; -1: unknown */
    int64_t longest;     /* ns for which data was held; -1: none was that came free */
} mps_held_figures;

/* Figures without data. */
#define MPS_HELD_UNKNOWN ((mps_held_figures){-1, -1, -1})

/* One direction of a connection. All zero: it has no segment. */
typedef struct {
    bool begun;            /* data came */
    bool initial_known;    /* so the tracker said when the data began */
    bool doubted;          /* something came late: a replay has another order */
    bool released;         /* data that was held came free: `longest` is valid */
    uint64_t point, top;   /* below `point` all has arrived, above `top` nothing */
    uint64_t edge;         /* right edge of the receive window; 0: unknown */
    uint64_t bytes;        /* new data */
    uint64_t held;         /* of it above `point` when it came */
    uint64_t occupancy;    /* above `point` now */
    double window_share;   /* occupancy at most, of the window then; 0: none was held, or unknown */
    int64_t longest;       /* ns for which data was held */
    mps_held_heap waiting; /* what is above `point`; its mark: when it came */
} mps_held_watch;

/** Take in a segment. @param watches  mps_held_watch, by space_id */
void mps_held_take(mps_sparse *watches, const mps_view *view);

/** Free what the watches hold, and them. */
void mps_held_free(mps_sparse *watches);

/** Find what there is to tell, if it is what a replay would tell. All segments of the capture came
 *  in the order of time.
 *  @param watch  NULL: nothing was seen  @param space  of the direction
 *  @param data   bytes of new data that were counted; another number than was captured tells that
 *                some are left out
 *  @return false: only a replay tells */
bool mps_held_known(const mps_held_watch *watch, const mps_space *space, uint64_t data,
                    mps_held_figures *figures);

/** @return the first number that is expected: the initial one, or the first one that was captured.
 */
uint64_t mps_held_first(const mps_space *space, uint64_t dsn);

#endif
