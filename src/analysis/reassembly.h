/* reassembly.h: the reassembly queue of one sequence space: which bytes arrived above a gap, and
 * how long they waited until it was filled.
 *
 * It serves subflows (by subflow sequence numbers) and connections (by data sequence numbers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REASSEMBLY_H
#define MPS_REASSEMBLY_H

#include "base/runs.h"
#include "held_heap.h"
#include <glib.h>

/* `hold` of an arrival whose gap was never filled. */
#define MPS_STILL_HELD INT64_MIN
/* `hold` of an arrival whose gap was filled after a leap of the clock: it is not known. */
#define MPS_HOLD_UNKNOWN (INT64_MIN + 1)

/* Consecutive bytes of a segment that were not seen before. */
typedef struct {
    uint64_t start;     /* number of the first byte, extended */
    int64_t time;       /* ns */
    int64_t hold;       /* ns until all bytes below had come; 0: nothing was missing; or one
                         * of the two above */
    uint64_t occupancy; /* bytes above the in-order point then, these included; 0: in order */
    uint64_t room;      /* receive window above the in-order point, bytes; 0: unknown */
    uint32_t frame, length;
    uint32_t subflow; /* id of the TCP connection that carried the bytes */
    uint32_t filler;  /* id of the one that filled the gap; MPS_NONE: none, or not seen */
    uint32_t extent;  /* reordering extent (RFC 4737 section 4.2); 0: not reordered */
    bool queued;      /* above the data-level in-order point when its subflow delivered it */
} mps_arrival;

/* A reassembly queue. One that has not begun is all zero. */
typedef struct {
    bool begun;
    uint64_t point;     /* the in-order point: everything below has arrived */
    uint64_t top;       /* end of the highest byte that arrived */
    uint64_t occupancy; /* bytes that arrived above `point` */
    mps_runs seen;
    mps_held_heap held; /* arrivals above `point`; its mark: how many arrivals came before */
    GArray *records;    /* held arrivals that were higher than all before; the extent needs them */
    GArray *arrivals;   /* mps_arrival, in the order of their arrival; without the first `gone` */
    guint gone;         /* arrivals that mps_reassembly_settle() removed */
    guint settled;      /* of `arrivals`: how many of the first ones it is to remove */
    uint32_t leaps;     /* of the clock until now */
    guint leapt_at;     /* how many arrivals there were at the last of them */
} mps_reassembly;

/* Called for an arrival once the in-order point has reached it, or once it is settled. */
typedef void (*mps_reassembly_visitor)(mps_arrival *arrival, void *data);

/** Begin a queue. No effect if it has begun. @param first  the first number that is expected */
void mps_reassembly_begin(mps_reassembly *queue, uint64_t first);

/** Free the memory of a queue. It must be set to all zero before it is used again. */
void mps_reassembly_end(mps_reassembly *queue);

/** Note how often the clock has leapt until now. */
void mps_reassembly_leapt(mps_reassembly *queue, uint32_t leaps);

/**
 * Take in the bytes [start, end) of a segment, except those that were seen before. Begins the queue
 * at `start` if it has not begun.
 * @param what   with time, frame, subflow and room
 * @param visit  may be NULL
 * @return the number of arrivals that were appended to `arrivals`
 */
guint mps_reassembly_arrive(mps_reassembly *queue, uint64_t start, uint64_t end,
                            const mps_arrival *what, mps_reassembly_visitor visit, void *data);

/**
 * Remove arrivals from the front of `arrivals`, in their order, until one is still held. A caller
 * that does not want them kept calls it after each segment.
 * @param all    also those that are still held: nothing comes any more
 * @param visit  called for each of them
 */
void mps_reassembly_settle(mps_reassembly *queue, bool all, mps_reassembly_visitor visit,
                           void *data);

/**
 * Everything below `point` was acknowledged: what is missing there arrived, but was not captured.
 * An acknowledgement that is far above everything that was seen is ignored.
 * @param now    time of the acknowledgement, ns
 * @param visit  may be NULL
 */
void mps_reassembly_skip(mps_reassembly *queue, uint64_t point, int64_t now,
                         mps_reassembly_visitor visit, void *data);

#endif
