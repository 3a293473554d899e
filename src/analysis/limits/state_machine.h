/* state_machine.h: what a sender waited for, from event to event (docs/report-limits.md).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_STATE_MACHINE_H
#define MPS_STATE_MACHINE_H

#include "outlook.h"

/* What a sender may wait for. report/limits.c has a column for each, in this order. */
typedef enum {
    MPS_LIMIT_SENDER,  /* itself: it has nothing to send, or holds it back */
    MPS_LIMIT_WINDOW,  /* the receive window is closed */
    MPS_LIMIT_NETWORK, /* the flight is full, or a loss is being repaired */
    MPS_LIMIT_IDLE,    /* itself, for long, with nothing outstanding */
    MPS_LIMIT_CAUSES   /* how many there are */
} mps_limit_cause;

/* A time during which the window was closed, ns. */
typedef struct {
    int64_t start, end;
    int64_t before; /* sum of all earlier ones */
} mps_limit_closed;

/* The events of one direction of a connection or of a subflow. A subflow's series also refers to
 * what its connection did: `sends` and `closed`, which are NULL at data level. */
typedef struct {
    mps_limit_events events;
    const mps_outlook *outlook; /* all events were added to it */
    uint32_t full_payload;      /* payload bytes of a full packet */
    int64_t least_rtt;          /* of its path; at data level of the shortest path; ns */
    const GArray *sends;        /* int64_t: when any subflow sent new data, ascending, ns */
    const GArray *closed; /* mps_limit_closed: when the data-level window was closed, ascending */
} mps_limit_flow_series;

/* What limited a flow series. Times are in ns, flights in bytes. */
typedef struct {
    int64_t start, end;                /* first data sent; all acknowledged, or the last event */
    bool acknowledged;                 /* some data was */
    int64_t spent[MPS_LIMIT_CAUSES];   /* time by cause; their sum is `end` - `start` */
    int64_t longest[MPS_LIMIT_CAUSES]; /* the longest uninterrupted time of each cause */
    uint32_t frame[MPS_LIMIT_CAUSES];  /* where that begins */
    int64_t scheduler; /* the part of the sender's time in which another subflow sent new data */
    int64_t unproved;  /* the part of the network's time for which only the full flight speaks */
    uint64_t bytes;    /* new data sent */
    uint64_t max_flight;
    double mean_flight; /* over time */
    int64_t rtt_min, rtt_max;
    double rtt_mean;
    uint32_t rtt_count;    /* samples; 0: the RTTs are not valid */
    uint32_t resent;       /* segments with data sent before */
    uint32_t first_resent; /* frame of the first one */
    GArray *closed;        /* mps_limit_closed: when the window of this series was; owned */
} mps_limits;

/** Find out what limited a series. @param limits  filled in; the caller frees `closed` */
void mps_limits_run(const mps_limit_flow_series *series, mps_limits *limits);

#endif
