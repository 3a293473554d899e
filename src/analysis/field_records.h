/* field_records.h: which items of the other analyses belong to which segment, and what no other
 * analysis keeps for each one.
 *
 * What is out of order and in flight at data level is told at once, as captured, and told anew in
 * order of time when all segments are known: a capture of several interfaces is not in that order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FIELD_RECORDS_H
#define MPS_FIELD_RECORDS_H

#include "analysis.h"
#include "checksum.h"

/* Has to stand behind the analyses of MPS_NEED_ALL_FIELDS, whose items it counts. */
extern const mps_analysis_kind mps_field_analysis;

/* Items [start, end) of an array. */
typedef struct {
    guint start, end;
} mps_item_range;

/* A segment. Numbers are those of the tracker's inside. */
typedef struct {
    int64_t time;        /* ns */
    int64_t rtt;         /* ns, if has_rtt */
    uint64_t ssn;        /* of its payload */
    uint64_t data_ack;   /* if it has one */
    uint64_t data_acked; /* the highest one before; or where the data begins */
    uint32_t frame, half_id, space_id, other_space_id;
    uint32_t length;                    /* of its payload; 0 also in a SYN or RST */
    uint32_t in_flight, data_in_flight; /* right behind it; MPS_NONE: unknown, or no payload */
    mps_item_range events;              /* of mps_events() */
    mps_item_range sent;                /* of mps_transmissions.sent */
    mps_item_range samples;             /* of mps_rtt_of_space(other_space_id) */
    mps_item_range arrivals;            /* of mps_field_arrivals(space_id) */
    uint8_t checksum;                   /* mps_check */
    bool has_data_ack, has_rtt;
    bool data_level; /* data is acknowledged at data level: no fallback */
} mps_field_record;

/** @return what was kept of a segment; NULL: nothing. Where a frame's number was given more than
 *  once (tshark -2 -R), it is the last one's. */
const mps_field_record *mps_field_record_of(const mps_tracker *tracker, uint32_t frame,
                                            uint32_t half_id);

/** @return data in the order it was captured (mps_arrival), or NULL. @param space_id  of its
 *  direction */
const GArray *mps_field_arrivals(const mps_tracker *tracker, uint32_t space_id);

/** Tell which frame first brought the mapping that holds a subflow sequence number (inside), or of
 *  the next higher one. @param run  its offset is set to the frame. @return false: none */
bool mps_field_mapping(const mps_tracker *tracker, uint32_t half_id, uint64_t ssn, mps_run *run);

#endif
