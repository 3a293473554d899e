/* path_samples.h: what the ACKs of a flow series show of the path: RTTs, queues, capacity.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PATH_SAMPLES_H
#define MPS_PATH_SAMPLES_H

#include "limit_event.h"

/* Measures the RTTs of a series. All zero: no event came yet. */
typedef struct {
    uint64_t sent_end, acked;
    uint64_t ambiguous_end; /* data below was sent more than once, perhaps */
    GArray *sent;           /* new data (number and time), from `first` on not acknowledged */
    guint first;
} mps_round_trips;

/** Take in the next event.
 *  @return the RTT, ns: from the last data that an ACK is the first to acknowledge to the ACK;
 *          -1 for other events, and if data up to there was sent more than once (Karn's rule,
 *          RFC 6298 section 3) */
int64_t mps_round_trips_take(mps_round_trips *trips, const mps_limit_event *event);

/** Forget all events, and free their memory. */
void mps_round_trips_clear(mps_round_trips *trips);

/** @return whether an RTT shows a queue on the path. @param least  RTT of the path, ns */
bool mps_limits_is_queued(int64_t rtt, int64_t least);

/* ACKs in a row by which a delivery rate is measured: fewer may come compressed. */
#define MPS_BURST_ACKS 8

/* Measures the capacity of a path. All zero: no event came yet. */
typedef struct {
    struct {
        int64_t time;
        uint64_t number;
    } latest[MPS_BURST_ACKS + 1];
    guint count;
    uint64_t acked;
    double most; /* the highest delivery rate over MPS_BURST_ACKS in a row, bytes per ns; 0: there
                  * are fewer */
} mps_capacity;

/** Take in the next event. */
void mps_capacity_take(mps_capacity *capacity, const mps_limit_event *event);

#endif
