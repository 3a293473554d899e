/* fields.h: what is known of one segment, beyond its verdict: what a person filters, colours or
 * graphs segments by. docs/fields.md defines each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_FIELDS_H
#define MPTCPSCOPE_FIELDS_H

#include <mptcpscope/analysis.h>

/* Lists hold no more than this; of more, the first ones. */
#define MPS_FIELD_LIST_MAX 32u

/* Numbers of frames, ascending. */
typedef struct {
    unsigned count;
    uint32_t frames[MPS_FIELD_LIST_MAX];
} mps_frames;

/* An event of the segment. */
typedef struct {
    mps_event_kind kind;
    mps_handshake_step step;
    const char *reason; /* static: of a reset or fallback, in words; NULL: none is told */
} mps_field_event;

typedef struct {
    bool has_data_ack;
    mps_dsn data_ack; /* of the other direction: the next number that is expected */
    uint64_t unseen;  /* how many numbers it is the first to acknowledge, but were in no segment */
    mps_frames mappings; /* the frames that first brought the mappings the payload lies in */
    bool out_of_order;   /* data was missing below some of the segment's when it came */
    bool has_hold;       /* it is out of order, and all of what was missing came */
    int64_t hold;        /* ns from this segment until then */
    bool has_rtt;        /* acknowledges payload on its subflow, and it is clear which */
    int64_t rtt;         /* ns since that was sent */
    unsigned data_rtts;  /* stretches of data that a DATA_ACK covers now */
    int64_t data_rtt[MPS_FIELD_LIST_MAX]; /* ns since each was sent */
    uint32_t in_flight;        /* payload bytes of its subflow and direction that are unacknowledged
                                * right behind it; MPS_NONE: it has no payload, or it is unknown */
    uint32_t data_in_flight;   /* data bytes of its direction without DATA_ACK, likewise */
    mps_frames reinjection_of; /* what carried its reinjected bytes before */
    mps_frames reinjected_in;  /* what carries its bytes later, reinjected */
    unsigned events;
    mps_field_event event[MPS_MPTCP_OPTIONS_MAX + 1];
    mps_fallback fallback; /* why the connection falls back here */
    mps_check hmac;        /* of its options */
    mps_check checksum;    /* of DSS mappings whose payload is complete with this segment */
} mps_fields;

/**
 * Tell the facts of a segment, as far as they are known by now: what asks for later segments grows
 * until the last one went in. MPS_NEED_ALL_FIELDS must have been wanted before the first segment.
 *
 * @param verdict  of the segment
 * @param facts    filled in
 * @return false if nothing was kept of that segment
 */
bool mps_fields_of(const mps_tracker *tracker, const mps_verdict *verdict, mps_fields *facts);

/**
 * Tell what depends on the order of segments anew, in order of time: to be called when all went
 * in, for until then that order is the capture's, which of several interfaces is another one. Does
 * nothing where it is the same.
 */
void mps_fields_settle(const mps_tracker *tracker);

#endif
