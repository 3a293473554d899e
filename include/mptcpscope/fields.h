/* fields.h: fields of one segment beyond its verdict, to filter, colour or graph segments by.
 * docs/fields.md defines each field.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_FIELDS_H
#define MPTCPSCOPE_FIELDS_H

#include <mptcpscope/analysis.h>

/* The length of lists at most; longer ones are cut. It bounds the size of mps_fields. */
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
    const char *reason; /* of a reset or fallback, as text, static; NULL: there is no reason */
} mps_field_event;

/* The most events of a segment: each MPTCP option may be one, and a fallback is another. */
#define MPS_FIELD_EVENTS_MAX (MPS_MPTCP_OPTIONS_MAX + 1)

/* The fields of a segment. */
typedef struct {
    bool has_data_ack;
    mps_dsn data_ack; /* next number that is expected of the other direction */
    uint64_t unseen;  /* numbers that this DATA_ACK is the first to cover, and no segment carried */
    uint32_t
        data_length;     /* how many data bytes follow each other from the verdict's DSN on, if the
                          * payload is that and nothing else; 0: it is not, or has several ranges */
    mps_frames mappings; /* frames that first brought the mappings of the payload */
    bool out_of_order;   /* when the segment came, data below some of its data was missing */
    bool has_hold;       /* it is out of order, and everything that was missing came later */
    int64_t hold;        /* ns from this segment until then */
    bool has_rtt;        /* it acknowledges payload on its subflow, and it is known which */
    int64_t rtt;         /* ns since that payload was sent */
    unsigned data_rtts;  /* ranges of data that its DATA_ACK is the first to cover */
    int64_t data_rtt[MPS_FIELD_LIST_MAX]; /* ns since each of these ranges was sent */
    uint32_t in_flight;        /* bytes of its subflow and direction that are not acknowledged right
                                * after this segment; MPS_NONE: unknown, or it has no payload */
    uint32_t data_in_flight;   /* bytes of its direction without DATA_ACK, likewise */
    mps_frames reinjection_of; /* frames that carried its reinjected bytes before */
    mps_frames reinjected_in;  /* later frames that reinject its bytes */
    unsigned events;
    mps_field_event event[MPS_FIELD_EVENTS_MAX];
    mps_fallback fallback; /* why the connection falls back with this segment */
    mps_check hmac;        /* of its options */
    mps_check checksum;    /* of the DSS mappings whose payload is complete with this segment */
} mps_fields;

/**
 * Get the fields of a segment, as far as they are known now. Fields that depend on later segments
 * are complete after the last segment. Ask for MPS_NEED_ALL_FIELDS before the first segment.
 *
 * @param verdict  of the segment
 * @param fields   filled in if the function returns true
 * @return false: nothing was kept of that segment
 */
bool mps_fields_of(const mps_tracker *tracker, const mps_verdict *verdict, mps_fields *fields);

/**
 * Determine again, in the order of time, the fields that depend on the order of segments
 * (out_of_order, hold, unseen, data_in_flight). Until then they follow the order of the capture,
 * which differs from the order of time if several interfaces were captured. Call it after the last
 * segment. Does nothing if both orders are the same.
 */
void mps_fields_settle(const mps_tracker *tracker);

#endif
