/* flight.h: what was sent and is not acknowledged yet, and when each byte of it was sent.
 *
 * It consists of disjoint ranges of 64-bit numbers, in order. Each range keeps its last two
 * transmissions. Bytes that are sent together stay one range: if some were sent before, all of them
 * count as sent again. Sending and acknowledging take O(log n), and O(log n) for each range that
 * they remove.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FLIGHT_H
#define MPS_FLIGHT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* One transmission. */
typedef struct {
    int64_t time; /* ns */
    uint32_t frame;
    uint32_t order; /* above those of earlier transmissions; frames need not be */
    uint32_t tsval;
    bool has_tsval;
} mps_flight_sending;

/* A range that is not acknowledged. */
typedef struct {
    uint64_t start, end; /* [start, end) */
    unsigned times;      /* how often it was sent: 1, 2, or MPS_MANY_TIMES */
    mps_flight_sending last;
    mps_flight_sending before; /* the last but one, valid if times > 1; with MPS_MANY_TIMES the
                                * latest one of any part of the range */
} mps_outstanding;

#define MPS_MANY_TIMES 3u

/* All outstanding ranges. An empty one is all zero. */
typedef struct {
    mps_outstanding top; /* the highest range; empty when start == end */
    GTree *below;        /* all others (mps_outstanding), by start; NULL: none */
} mps_flight;

/** Forget everything, and free its memory. */
void mps_flight_clear(mps_flight *flight);

/** Note that [start, end) was sent.
 *  @param again    the caller knows that some of it was sent before. What is outstanding and sent
 *                  again is noticed here
 *  @param sending  copied */
void mps_flight_send(mps_flight *flight, uint64_t start, uint64_t end, bool again,
                     const mps_flight_sending *sending);

/** Find the bounds of all that is outstanding. @param start, end  set to them
 *  @return false: nothing is outstanding */
bool mps_flight_bounds(const mps_flight *flight, uint64_t *start, uint64_t *end);

/* Called for each range that an acknowledgement covers. If it covers only the first part of the
 * range, `range` is that part and `whole` is false. */
typedef void (*mps_flight_visitor)(const mps_outstanding *range, bool whole, void *data);

/** Remove everything below `ack`, which is acknowledged now.
 *  @param visit  called for each removed range in ascending order; may be NULL */
void mps_flight_acknowledge(mps_flight *flight, uint64_t ack, mps_flight_visitor visit, void *data);

#endif
