/* network.h: delays of the network, and which sent segment a received one is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_NETWORK_H
#define MPS_CRITICAL_NETWORK_H

#include "critical_path.h"

/* The shortest delays of a direction of a subflow, as if the clocks had not drifted apart since
 * the histories began: delays of different moments are compared. */
typedef struct {
    bool known;
    double least;   /* of all segments, ns: propagation */
    GArray *floors; /* the least of all segments of at least a length; see network.c */
} mps_critical_delays;

/** @return the delays by 2 * subflow + direction; freed with mps_critical_delays_free(). */
GArray *mps_critical_delays_of(const mps_critical_input *input);
void mps_critical_delays_free(GArray *delays);

/* The parts of a delay. They add up to it. */
typedef struct {
    int64_t propagation, serialisation, queueing; /* ns */
} mps_critical_parts;

/** Divide the delay of a segment, as its times show it. What the clocks have drifted apart, as is
 *  likely, is in its propagation.
 *  @param delays  of all subflows  @param direction  of the segment */
mps_critical_parts mps_critical_parts_of(const mps_critical_input *input, const GArray *delays,
                                         mps_direction direction, const mps_critical_match *match);

/** Find the segment that was sent, of one that was received.
 *  @param received  index in the receiver's history
 *  @param byte      the subflow sequence number that is asked for; NULL: any
 *  @return the match: if several segments were merged, the one with the byte, and of several the
 * one that was sent last; NULL: there is none. Owned by `input` */
const mps_critical_match *mps_critical_match_of(const mps_critical_input *input,
                                                mps_direction direction, uint32_t received,
                                                const uint64_t *byte);

/** @return a segment of a host's history, owned by `input`. */
static inline const mps_critical_segment *mps_critical_at(const mps_critical_input *input,
                                                          unsigned host, uint32_t index)
{
    return &g_array_index(input->hosts[host], mps_critical_segment, index);
}

#endif
