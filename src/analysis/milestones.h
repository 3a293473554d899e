/* milestones.h: first and last events of subflows and connections (segments, payload, FIN, RST),
 * and what was acknowledged.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MILESTONES_H
#define MPS_MILESTONES_H

#include "analysis.h"

extern const mps_analysis_kind mps_milestone_analysis;

/* A direction of a subflow. Frames are numbers; 0: there is no such frame. */
typedef struct {
    int64_t last_time;          /* of the latest segment, ns */
    int64_t rst_time, fin_time; /* ns */
    int64_t unmapped;           /* payload bytes that never got a mapping */
    uint32_t segments;
    uint32_t first_frame, last_frame;    /* last: with the latest time */
    uint32_t syns;                       /* how many SYNs or SYN/ACKs */
    uint32_t syn_frame;                  /* of the first SYN or SYN/ACK */
    uint32_t refused;                    /* of the first SYN/ACK without MP_JOIN to a SYN with it */
    uint32_t rst, fin;                   /* of the first RST since the SYN, of the first FIN */
    uint32_t first_payload;              /* frame */
    uint32_t cut;                        /* segments whose options the snaplen cut */
    uint32_t malformed, first_malformed; /* segments with a malformed MPTCP option; first frame */
    uint32_t retransmissions;            /* segments that carry retransmitted bytes */
    uint32_t first_retransmission, first_reinjection; /* frames */
    uint32_t first_unmapped; /* frame from which on bytes are unmapped, if unmapped > 0 */
} mps_half_milestones;

/** @return the milestones of a direction of a subflow; all 0 if no segment was seen.
 *  @param half_id  see mps_analysis_half() */
mps_half_milestones mps_milestones_of_half(const mps_tracker *tracker, uint32_t half_id);

/** @return payload bytes from the highest TCP acknowledgement to the end of what was sent; 0 also
 * if no acknowledgement was seen. @param half_id  see mps_analysis_half() */
uint64_t mps_milestones_unacked(const mps_tracker *tracker, uint32_t half_id);

/* A direction of a connection, after the last segment. */
typedef struct {
    bool has_acks;        /* DATA_ACKs were seen */
    bool has_acked;       /* `acked` is valid: where the data began is known, too */
    uint64_t acked;       /* data bytes below the highest DATA_ACK, without the DATA_FIN */
    uint64_t unacked;     /* data bytes from there to the end of what was sent; 0: none */
    uint64_t unseen;      /* numbers below the highest DATA_ACK that no captured segment carried */
    uint32_t unseen_acks; /* frame of the first DATA_ACK of such a number; 0: there is none */
} mps_data_milestones;

/** @return how the data of a connection's direction was acknowledged. Takes a time that grows with
 *  the number of gaps in the captured data. @param number  of the connection */
mps_data_milestones mps_milestones_of_data(const mps_tracker *tracker, uint32_t number,
                                           mps_direction direction);

#endif
