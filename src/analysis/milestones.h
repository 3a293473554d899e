/* milestones.h: the course that subflows and connections took: who was heard when, where data, FIN
 * and RST first came, what was acknowledged and what of it was never seen.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MILESTONES_H
#define MPS_MILESTONES_H

#include "analysis.h"

extern const mps_analysis_kind mps_milestone_analysis;

/* A direction of a subflow. Frames are 0 where there is none. */
typedef struct {
    uint32_t segments;
    uint32_t first_frame, last_frame; /* last: of the latest time */
    int64_t last_time;                /* ns */
    uint32_t syns;                    /* SYNs or SYN/ACKs */
    uint32_t syn_frame;               /* the first of them */
    uint32_t refused;                 /* first SYN/ACK that answers MP_JOIN without one */
    uint32_t rst, fin;                /* first RST since the SYN, first FIN */
    int64_t rst_time, fin_time;
    uint32_t first_payload;
    uint32_t retransmissions; /* segments that carry retransmitted bytes */
    uint32_t first_retransmission, first_reinjection;
    int64_t unmapped;        /* payload bytes that never got a mapping */
    uint32_t first_unmapped; /* from where on, if so */
} mps_half_milestones;

/** @return the course of a direction of a subflow; all 0 where nothing was seen.
 *  @param half_id  as mps_analysis_half() */
mps_half_milestones mps_milestones_of_half(const mps_tracker *tracker, uint32_t half_id);

/** @return payload bytes between what was acknowledged by TCP and the end of what was sent; 0 also
 *  where no acknowledgement was seen. */
uint64_t mps_milestones_unacked(const mps_tracker *tracker, uint32_t half_id);

/* A direction of a connection, at the end. */
typedef struct {
    bool has_acks;        /* DATA_ACKs were seen */
    bool has_acked;       /* and where the data began is known */
    uint64_t acked;       /* data bytes up to the highest DATA_ACK; the DATA_FIN is none */
    uint64_t unacked;     /* data bytes from there to the end of what was sent; 0 if none was */
    uint64_t unseen;      /* numbers below the highest DATA_ACK that were in no segment */
    uint32_t unseen_acks; /* frame of the first DATA_ACK that covers one; 0: none does */
} mps_data_milestones;

/** Tell how the data of a connection's direction was acknowledged. Takes a time that grows with
 *  the holes in it. @param number of the connection */
mps_data_milestones mps_milestones_of_data(const mps_tracker *tracker, uint32_t number,
                                           mps_direction direction);

#endif
