/* leaps.h: where the clock of a capture leapt.
 *
 * A file need not be in the order of time: frames of several interfaces are written in batches, and
 * captures are appended to one another. Then sequence numbers, acknowledgements and TSval step back
 * with the time. If they go on while the time steps back, the clock was set back; of a step below a
 * second, or if TSval steps back as well, both directions of a subflow must show that. If the time
 * steps forward, but the timestamps of both ends of a subflow (RFC 7323) do not, it was set
 * forward.
 *
 * Durations across a leap are not known. Segments on its two sides keep the order of the file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LEAPS_H
#define MPS_LEAPS_H

#include <glib.h>
#include <mptcpscope/segment.h>
#include <stdbool.h>
#include <stdint.h>

/* A leap of the clock. */
typedef struct {
    uint32_t frame; /* the first one after it */
    int64_t step;   /* how far, ns; negative: back */
} mps_leap;

/* The latest segment of one direction of a subflow. All zero: there is none. */
typedef struct {
    int64_t time, first_time; /* ns; first_time: when first_tsval was sent */
    int64_t high;             /* the latest time since the latest leap, ns */
    uint32_t high_frame;      /* that had it */
    uint32_t high_tsval;      /* of that frame */
    uint32_t leaps;           /* until then */
    uint32_t frame;           /* 0: none */
    uint32_t seq, ack;        /* the highest until then */
    uint32_t tsval, first_tsval;
    bool has_timestamps;
    uint32_t
        doubted; /* frame of the step that its numbers contradict, but not certainly; 0: none */
} mps_latest;

/* The leaps of a capture. All zero: none. */
typedef struct {
    GArray *list; /* mps_leap, in the order of frames; NULL: none */
    int64_t time; /* of the segment before, ns; valid if `any` */
    bool any;
    mps_leap step; /* the latest large step of the time between two segments; frame 0: none */
    bool known;    /* all are known: segments come again, in the order of time */
} mps_leaps;

/** Take in a segment.
 *  @param own, peer  the sender's and the receiver's direction of its subflow; `own` is updated */
void mps_leaps_segment(mps_leaps *leaps, mps_latest *own, const mps_latest *peer,
                       const mps_segment *segment);

/** Take over all leaps that were found, so that segments may come again in the order of time. */
void mps_leaps_know(mps_leaps *leaps, const mps_leaps *found);

/** Forget all leaps. */
void mps_leaps_clear(mps_leaps *leaps);

/** @return how many leaps there are. @param leaps  NULL: none */
static inline guint mps_leaps_count(const mps_leaps *leaps)
{
    return leaps && leaps->list ? leaps->list->len : 0;
}

/** @return how many leaps come before a frame or with it. @param leaps  NULL: none */
guint mps_leaps_until(const mps_leaps *leaps, uint32_t frame);

/** Compare two segments by time, but never across a leap of the clock; at one time by their frames.
 *  @return below, at or above 0, as memcmp() does. @param leaps  NULL: none */
int mps_leaps_compare(const mps_leaps *leaps, int64_t time, uint32_t frame, int64_t other_time,
                      uint32_t other_frame);

/* When something of a capture was. Times do not order what lies on the two sides of a leap. */
typedef struct {
    int64_t time;   /* ns */
    uint32_t leaps; /* until then */
    uint32_t place; /* orders moments of one time: the frame, or an index */
} mps_moment;

/** Compare two moments (mps_moment), or structs that begin with them, for g_array_sort() and so on.
 */
gint mps_moment_compare(gconstpointer a, gconstpointer b);

/** @return whether the clock leapt between two frames, in either order. @param leaps  NULL: no */
bool mps_leaps_between(const mps_leaps *leaps, uint32_t frame, uint32_t other);

#endif
