/* acks.h: what arriving acknowledgements brought to a sender, in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_ACKS_H
#define MPS_CRITICAL_ACKS_H

#include "critical_path.h"

/* An arrival that acknowledged something new. */
typedef struct {
    int64_t time;
    int64_t covered; /* ns before `time` that lie at most a reaction after one of these arrivals */
    uint64_t news;   /* bytes that it acknowledged, with those in SACK blocks */
    uint64_t before; /* what was acknowledged before it: everything below */
    uint64_t after;  /* and after it */
    uint32_t event;  /* index in the sender's history */
    bool syn;
} mps_critical_ack;

/** Append an acknowledgement. @param reaction  the longest reaction of a host, ns
 *  @param ack  its `covered` is set */
void mps_critical_acks_add(GArray *acks, mps_critical_ack ack, int64_t reaction);

/** @return how much of the time between two moments lies at most a reaction after an
 *  acknowledgement, ns. @param acks  mps_critical_ack, in order; NULL: none */
int64_t mps_critical_acks_cover(const GArray *acks, int64_t from, int64_t until, int64_t reaction);

/** @return the last acknowledgement before an event; NULL: there is none. */
const mps_critical_ack *mps_critical_ack_before(const GArray *acks, uint32_t event);

/* An arrival that moved the right edge of the receive window further than all before. */
typedef struct {
    int64_t time;
    uint64_t edge; /* data sequence number */
    uint32_t event;
    bool syn;
} mps_critical_edge;

/** @return the first arrival that allowed data up to a number; NULL: none did. @param edges  in
 * order
 */
const mps_critical_edge *mps_critical_edge_of(const GArray *edges, uint64_t number);

/** @return the last such arrival before an event; NULL: there was none. */
const mps_critical_edge *mps_critical_edge_before(const GArray *edges, uint32_t event);

#endif
