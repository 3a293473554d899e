/* sender_pass.h: what the sender of a direction knew when it sent each segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_SENDER_PASS_H
#define MPS_CRITICAL_SENDER_PASS_H

#include "acks.h"

/* A segment with payload, and what its sender knew right before it sent it. */
typedef struct {
    uint64_t flight;      /* bytes in flight on the subflow */
    uint64_t data_flight; /* bytes of data sent and not acknowledged at data level */
    uint64_t proved;      /* bytes that the congestion window is known to allow on the subflow */
    uint64_t small_end;   /* end of the last segment of the subflow that was not full; 0: none */
    uint64_t backlog;     /* new data with lower numbers that were sent later, bytes */
    uint32_t event;       /* index in the sender's history */
    uint32_t previous;    /* the segment before on the subflow, by index; MPS_NONE: none */
    uint32_t ack;         /* the last acknowledgement on the subflow, by index in its `acks` */
    uint32_t data_ack;    /* the last one at data level, on any subflow, by index in `data_acks` */
    uint32_t before;      /* the last advance of the data before, by index in `tops` */
    bool again;           /* its subflow sequence numbers were sent before */
    bool fresh;           /* some of its data were not sent before */
    bool after_loss;      /* its subflow had sent bytes again before */
    bool small;           /* the subflow's segments are small ones */
    bool full;            /* it is as large as segments of the subflow are */
} mps_critical_sending;

/* A segment that advanced the highest data sequence number. */
typedef struct {
    uint64_t top; /* everything sent so far lies below */
    uint32_t sending;
    uint32_t own; /* the last advance up to this one that no acknowledgement and no pacing let go: a
                   * write of the application; by index, MPS_NONE: none */
    uint32_t own_or_full; /* the same, or that the congestion window is not known to have allowed
                           * before its acknowledgement */
} mps_critical_top;

/* A segment of a subflow that follows the one before only after a while. */
typedef struct {
    int64_t time;
    uint32_t sending;
    bool hit; /* right after an acknowledgement */
} mps_critical_burst;

/* A subflow at the sender. */
typedef struct {
    GArray *acks;      /* mps_critical_ack, by subflow sequence numbers */
    GArray *sent;      /* uint32_t: indices in the history of what was sent on it */
    GArray *bursts;    /* mps_critical_burst; hit: by an acknowledgement of the subflow */
    GArray *others;    /* those of them that are not hit; hit: by one at data level */
    uint32_t mss;      /* payload of a full segment on the wire, bytes */
    uint64_t top;      /* end of the highest payload ever sent; 0: there is none */
    int64_t half_trip; /* half of the shortest round trip, ns */
} mps_critical_sender_flow;

typedef struct {
    uint64_t first_data; /* the lowest data sequence number sent; UINT64_MAX: none */
    GArray *sendings;    /* mps_critical_sending, in the order of sending */
    GArray *flows;       /* mps_critical_sender_flow, by subflow */
    GArray *data_acks;   /* mps_critical_ack, by data sequence numbers */
    GArray *edges;       /* mps_critical_edge */
    GArray *tops;        /* mps_critical_top */
    GArray *resent;      /* mps_critical_resent, by subflow sequence numbers */
    GArray *reinjected;  /* mps_critical_resent, by data sequence numbers */
} mps_critical_sender;

/** Follow what the sender of a direction sent and what it was acknowledged.
 *  @param sender      set; nothing is in it if there is no history of the sender
 *  @param half_trips  int64_t by subflow: half of the shortest round trip, ns */
void mps_critical_sender_init(mps_critical_sender *sender, const mps_critical_input *input,
                              mps_direction direction, const mps_critical_limits *limits,
                              const int64_t *half_trips);
void mps_critical_sender_clear(mps_critical_sender *sender);

/** @return the sending of an event; NULL: that has no payload of this direction. */
const mps_critical_sending *mps_critical_sending_at(const mps_critical_sender *sender,
                                                    uint32_t event);

/** @return how many segments with payload were sent before an event. */
guint mps_critical_sendings_before(const mps_critical_sender *sender, uint32_t event);

/** @return the first segment, before this one, that ends beyond its end, by index in `sendings`;
 *  MPS_NONE: there is none. @param end  of its data */
uint32_t mps_critical_higher(const mps_critical_sender *sender, const mps_critical_sending *sending,
                             uint64_t end);

/** @return whether a segment follows an arrival as closely as hosts react. */
static inline bool mps_critical_hit(int64_t time, int64_t arrival, bool syn,
                                    const mps_critical_limits *limits)
{
    return !syn && time >= arrival && time - arrival <= limits->reaction;
}

/** @return how much was in flight right before an acknowledgement, and the segment: without the
 *  acknowledgement, the congestion window would have had to allow so much. */
static inline uint64_t mps_critical_used(const mps_critical_sending *sending,
                                         const mps_critical_ack *ack,
                                         const mps_critical_segment *segment)
{
    return sending->flight + ack->news + segment->length;
}

/* What may have let a segment go right before it was sent. NULL: it did not. */
typedef struct {
    const mps_critical_ack *ack, *data_ack;
    const mps_critical_edge *edge;
    bool paced; /* its sender spreads its segments */
} mps_critical_hits;

mps_critical_hits mps_critical_hits_of(const mps_critical_sender *sender,
                                       const mps_critical_input *input, mps_direction direction,
                                       const mps_critical_limits *limits,
                                       const mps_critical_sending *sending);

/* Segments that a congestion window allows at the beginning (RFC 6928). */
#define MPS_INITIAL_WINDOW 10u

#endif
