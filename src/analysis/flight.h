/* flight.h: what was sent and is not acknowledged yet, and when each byte of it was sent.
 *
 * Ranges of a 64-bit number line, disjoint, in order. A range knows its last two transmissions.
 * What is sent at once stays one range: if some of it was sent before, all of it counts as sent
 * again. Sending and acknowledging take O(log n), and O(1) for each range that goes away by it.
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
    uint32_t tsval;
    bool has_tsval;
} mps_flight_sending;

typedef struct {
    uint64_t start, end; /* [start, end) */
    unsigned times;      /* sent: 1, 2, MPS_MANY_TIMES */
    mps_flight_sending last;
    mps_flight_sending before; /* the last but one, valid when times > 1; of MPS_MANY_TIMES the
                                * latest of those that parts of the range had */
} mps_outstanding;

#define MPS_MANY_TIMES 3u

/* All zero is empty. */
typedef struct {
    mps_outstanding top; /* the highest range; empty when start == end */
    GTree *below;        /* all others (mps_outstanding), by start; NULL: none */
} mps_flight;

void mps_flight_clear(mps_flight *flight);

/** Note that [start, end) was sent. @param again  it is known from elsewhere that some of it was
 * sent before; what is outstanding and sent again is noticed here */
void mps_flight_send(mps_flight *flight, uint64_t start, uint64_t end, bool again,
                     const mps_flight_sending *sending);

/* Called for what an acknowledgement covers. `range` ends at or below the acknowledged number, or
 * is the covered part of one that does not (`whole` is false then). */
typedef void (*mps_flight_visitor)(const mps_outstanding *range, bool whole, void *data);

/** Everything below `ack` is acknowledged and forgotten.
 *  @param visit  called for each range of it in ascending order; NULL: not wanted */
void mps_flight_acknowledge(mps_flight *flight, uint64_t ack, mps_flight_visitor visit, void *data);

#endif
