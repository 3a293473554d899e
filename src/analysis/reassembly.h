/* reassembly.h: bytes of one sequence space in the order of their arrival: which came above a gap,
 * and how long they waited for it to be filled.
 *
 * Serves subflows (by subflow sequence numbers) and connections (by data sequence numbers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REASSEMBLY_H
#define MPS_REASSEMBLY_H

#include "base/runs.h"
#include <glib.h>

/* An arrival that has not been waited for to its end: its gap was never filled. */
#define MPS_STILL_HELD INT64_MIN

/* Bytes of a segment that lie together and were not seen before. */
typedef struct {
    uint64_t start; /* the first one's number */
    int64_t time;   /* ns */
    int64_t hold;   /* ns until all bytes below had come; 0: nothing was missing; MPS_STILL_HELD */
    uint64_t occupancy; /* bytes above the in-order point then, these included; 0: in order */
    uint64_t room;      /* what the receiver had offered above the in-order point; 0: unknown */
    uint32_t frame, length;
    uint32_t subflow; /* id of the TCP connection that carried it */
    uint32_t filler;  /* id of the one that ended its wait; MPS_NONE: none, or not seen */
    uint32_t extent;  /* reordering extent (RFC 4737 section 4.2); 0: not reordered */
    bool queued;      /* above the data-level in-order point when its subflow handed it over */
} mps_arrival;

/* All zero is one that has not begun. */
typedef struct {
    bool begun;
    uint64_t point;     /* the in-order point: all below has arrived */
    uint64_t top;       /* end of the highest byte that arrived */
    uint64_t occupancy; /* bytes that arrived above `point` */
    mps_runs seen;
    GTree *held; /* arrivals above `point`, by their first byte; NULL: there never were any */
    GArray
        *records; /* held arrivals that were higher than all before: the extent is told by them */
    GArray *arrivals; /* mps_arrival */
} mps_reassembly;

/* Called for an arrival once the in-order point has come to it. */
typedef void (*mps_reassembly_visitor)(mps_arrival *arrival, void *data);

/** Begin where the first byte is expected. No effect on a line that has begun. */
void mps_reassembly_begin(mps_reassembly *line, uint64_t first);
void mps_reassembly_end(mps_reassembly *line);

/**
 * Take in the bytes [start, end) of a segment; those seen before are left out.
 * @param what   time, frame, subflow and room filled in
 * @param visit  NULL: not wanted
 * @return how many arrivals that makes; they are the last ones of the line
 */
guint mps_reassembly_arrive(mps_reassembly *line, uint64_t start, uint64_t end,
                            const mps_arrival *what, mps_reassembly_visitor visit, void *data);

/**
 * All below `point` was acknowledged: what is missing there was not captured, but did arrive.
 * One far above whatever was seen is ignored.
 * @param now  ns
 */
void mps_reassembly_skip(mps_reassembly *line, uint64_t point, int64_t now,
                         mps_reassembly_visitor visit, void *data);

#endif
