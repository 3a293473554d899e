/* state_machine.h: what a sender waited for, moment by moment; docs/report-limits.md tells how.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_STATE_MACHINE_H
#define MPS_STATE_MACHINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What the sender of a line may have waited for at a moment. */
typedef enum {
    MPS_LIMIT_SENDER,
    MPS_LIMIT_WINDOW,
    MPS_LIMIT_NETWORK,
    MPS_LIMIT_IDLE,
    MPS_LIMIT_CAUSES
} mps_limit_cause;

/* A segment on a line, which is one direction of a connection or of a subflow. */
typedef struct {
    int64_t time;
    uint64_t number; /* SEND: data up to here; ACK: acknowledged up to here */
    uint64_t edge;   /* ACK: may send up to here, if has_edge */
    uint32_t frame;
    uint32_t length; /* SEND: bytes of new data */
    enum {
        MPS_LIMIT_EVENT_SEND,
        MPS_LIMIT_EVENT_RESEND,
        MPS_LIMIT_EVENT_ACK
    } kind;     /* AGAIN: data sent before */
    bool small; /* SEND: its last packet could have held more, so nothing was left to send */
    bool has_edge;
    bool sampled, queued; /* ACK: an RTT of its subflow was measured; is above the least one, so
                           * that there was a queue on the path */
    int64_t rtt;          /* see limits-path.h */
} mps_limit_event;

/* A stretch of time in which the window was closed. */
typedef struct {
    int64_t start, end;
    int64_t before; /* time in earlier stretches, ns */
} mps_limit_closed;

/* A line. `sends` and `closed` are what its connection did, if it is a subflow's; else NULL. */
typedef struct {
    GArray *steps;        /* mps_limit_event in order of time */
    uint32_t room;        /* payload of a full packet */
    int64_t least_rtt;    /* of its path, or of the shortest one, ns */
    const GArray *sends;  /* int64_t: when new data was sent on any subflow, ascending */
    const GArray *closed; /* mps_limit_closed: when the data-level window was, ascending */
} mps_limit_flow_series;

/* What came of it. Times in ns. */
typedef struct {
    int64_t start, end; /* first data sent; all of it acknowledged, or the last step */
    bool acknowledged;  /* any of it */
    int64_t spent[MPS_LIMIT_CAUSES];
    int64_t longest[MPS_LIMIT_CAUSES]; /* the longest stretch of each */
    uint32_t frame[MPS_LIMIT_CAUSES];  /* where that begins */
    int64_t scheduler;                 /* of the sender's time: another subflow was sending */
    int64_t unproved; /* of the network's time: nothing but a full flight speaks for it */
    uint64_t bytes;   /* new data sent */
    uint64_t max_flight;
    double mean_flight;
    int64_t rtt_min, rtt_max;
    double rtt_mean;
    uint32_t rtt_count;   /* 0: no RTT was measured */
    uint32_t again;       /* segments with data sent before */
    uint32_t first_again; /* frame of the first one */
    GArray *closed;       /* mps_limit_closed: when this line's window was; owned */
} mps_limits;

/** Walk along a line that was measured. @param limits  filled in; `closed` is to be freed */
void mps_limits_run(const mps_limit_flow_series *line, mps_limits *limits);

#endif
