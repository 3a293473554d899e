/* state_machine.h: what a sender waited for, from event to event (docs/report-limits.md).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_STATE_MACHINE_H
#define MPS_STATE_MACHINE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* What a sender may wait for. report/limits.c has a column for each, in this order. */
typedef enum {
    MPS_LIMIT_SENDER,  /* itself: it has nothing to send, or holds it back */
    MPS_LIMIT_WINDOW,  /* the receive window is closed */
    MPS_LIMIT_NETWORK, /* the flight is full, or a loss is being repaired */
    MPS_LIMIT_IDLE,    /* itself, for long, with nothing outstanding */
    MPS_LIMIT_CAUSES   /* how many there are */
} mps_limit_cause;

typedef enum {
    MPS_LIMIT_EVENT_SEND,   /* new data */
    MPS_LIMIT_EVENT_RESEND, /* data sent before */
    MPS_LIMIT_EVENT_ACK,    /* an acknowledgement from the receiver */
} mps_limit_event_kind;

/* What a segment means to one direction of a connection or of a subflow. */
typedef struct {
    int64_t time;         /* ns */
    uint64_t number;      /* SEND: where the data ends; ACK: all below is acknowledged */
    uint64_t window_edge; /* ACK, if has_window_edge: all below may be sent */
    uint32_t frame;
    uint32_t length; /* SEND: bytes of new data */
    mps_limit_event_kind kind;
    bool small; /* SEND: its last packet could have held more: nothing was left to send */
    bool has_window_edge;
    bool sampled; /* ACK: it gave an RTT sample of its subflow */
    bool queued;  /* ACK: that RTT shows a queue on the path */
    int64_t rtt;  /* ns; see mps_limits_measure_rtts() */
} mps_limit_event;

/* A time during which the window was closed, ns. */
typedef struct {
    int64_t start, end;
    int64_t before; /* sum of all earlier ones */
} mps_limit_closed;

/* The events of one direction of a connection or of a subflow. A subflow's series also refers to
 * what its connection did: `sends` and `closed`, which are NULL at data level. */
typedef struct {
    GArray *events;        /* mps_limit_event, by time */
    uint32_t full_payload; /* payload bytes of a full packet */
    int64_t least_rtt;     /* of its path; at data level of the shortest path; ns */
    const GArray *sends;   /* int64_t: when any subflow sent new data, ascending, ns */
    const GArray *closed;  /* mps_limit_closed: when the data-level window was closed, ascending */
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

/** Find out what limited a series, after mps_limits_measure_rtts().
 *  @param limits  filled in; the caller frees `closed` */
void mps_limits_run(const mps_limit_flow_series *series, mps_limits *limits);

#endif
