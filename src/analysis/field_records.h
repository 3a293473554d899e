/* field_records.h: a record per segment: its items in other analyses, and its state at data level.
 *
 * What is out of order and in flight at data level is found at once, in the order of the capture.
 * mps_fields_settle() finds it again in the order of time, because a capture of several interfaces
 * is not in that order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIELD_RECORDS_H
#define MPS_FIELD_RECORDS_H

#include "analysis.h"
#include "checksum.h"

/* It must come after the analyses of MPS_NEED_ALL_FIELDS, whose items it counts. */
extern const mps_analysis_kind mps_field_analysis;

/* Items [start, end) of an array. */
typedef struct {
    guint start, end;
} mps_item_range;

/* A segment. Sequence numbers are extended. */
typedef struct {
    int64_t time;        /* ns */
    int64_t rtt;         /* ns, if has_rtt */
    uint64_t ssn;        /* of its first payload byte */
    uint64_t data_ack;   /* if has_data_ack */
    uint64_t data_acked; /* the highest DATA_ACK before, or where the data begins */
    uint32_t frame, half_id, space_id, other_space_id;
    uint32_t length;                    /* payload bytes; 0 also in a SYN or RST */
    uint32_t in_flight, data_in_flight; /* bytes, right after the segment; MPS_NONE: unknown, or it
                                         * has no payload */
    mps_item_range events;              /* of mps_events() */
    mps_item_range sent;                /* of mps_transmissions.sent */
    mps_item_range samples;             /* of mps_rtt_of_space_yet(other_space_id) */
    mps_item_range arrivals;            /* of mps_field_arrivals(space_id) */
    uint8_t checksum;                   /* mps_check */
    bool has_data_ack, has_rtt;
    bool data_level; /* data is acknowledged by DATA_ACKs: there was no fallback */
} mps_field_record;

/** @return whether no segment came since mps_fields_settle(): then what is found in the order of
 * time is final. */
bool mps_fields_settled(const mps_tracker *tracker);

/** @return the record of a segment, owned by the tracker; NULL: there is none. If several segments
 *  have the frame's number (tshark -2 -R), it is that of the last one. */
const mps_field_record *mps_field_record_of(const mps_tracker *tracker, uint32_t frame,
                                            uint32_t half_id);

/** @return data in the order of its arrival (mps_arrival), owned by the tracker, or NULL.
 *  @param space_id  of its direction */
const GArray *mps_field_arrivals(const mps_tracker *tracker, uint32_t space_id);

/** Find the frame that first brought the mapping of a subflow sequence number, or of the next
 * higher one that is mapped.
 *  @param ssn  extended
 *  @param run  set to the mapping's subflow sequence numbers; its offset is the frame
 *  @return false: there is no such mapping */
bool mps_field_mapping(const mps_tracker *tracker, uint32_t half_id, uint64_t ssn, mps_run *run);

#endif
