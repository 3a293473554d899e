/* limit_event.h: what a segment means to a flow series. flow_series.h has the map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIMIT_EVENT_H
#define MPS_LIMIT_EVENT_H

#include "limit_records.h"

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
    int64_t rtt;  /* ns; see mps_round_trips_take() */
} mps_limit_event;

/* Gives events one after another, by time: they are many, and need not be in memory at once. */
typedef struct {
    void (*begin)(void *data); /* the next event is the first, also if some were given */
    /* Returns the next event, valid until the next call; NULL: there are no more. */
    const mps_limit_event *(*next)(void *data);
    void *data;
} mps_limit_events;

/* Events that a record gives at most: new data, and data sent before. */
#define MPS_LIMIT_EVENTS_OF_RECORD 2u

/* A record, as a series takes it. */
typedef struct {
    mps_limit_record record;
    bool own;   /* of the direction of the series; else it may acknowledge that direction's data */
    bool small; /* own: its last packet could have held more */
} mps_limit_packet;

/** Find what a record means to its subflow. Neither function measures RTTs.
 *  @param events  set  @return how many there are */
unsigned mps_limits_subflow_events(const mps_limit_packet *packet,
                                   mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD]);

/** Find what a record means to its connection at data level.
 *  @param base  data sequence number that all others are near, so that these do not wrap
 *  @param events  set  @return how many there are */
unsigned mps_limits_data_events(const mps_limit_packet *packet, uint64_t base,
                                mps_limit_event events[MPS_LIMIT_EVENTS_OF_RECORD]);

#endif
