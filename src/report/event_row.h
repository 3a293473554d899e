/* event_row.h: the values of a row of the report "events", and the same in words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EVENT_ROW_H
#define MPS_EVENT_ROW_H

#include "analysis/checksum.h"
#include "analysis/events.h"
#include "analysis/hmac.h"
#include "report_internal.h"

/* Size of the flags as text: a letter for each of eight bits, and the end. */
#define MPS_FLAG_LETTERS 9u

/* A row; docs/report-events.md defines each column. Negative numbers and NULL strings are unknown,
 * or the event does not have them. */
typedef struct {
    uint32_t frame, subflow;
    int64_t time;
    uint8_t half;
    mps_event_kind event;
    mps_handshake_step step;
    mps_check checksum;
    const char *reason; /* static */
    int version, addr_id, port, backup;
    bool has_flags, has_key, has_receiver_key, has_token, has_nonce;
    char flags[MPS_FLAG_LETTERS]; /* letters of those set, as in the header: "AH" */
    uint64_t key, receiver_key;
    uint32_t token, nonce;
    uint8_t ids[MPS_TCP_OPTIONS_MAX]; /* removed address IDs */
    unsigned id_count;
    mps_address address; /* of length 0: none */
    mps_dsn dsn;
    int length;
    uint32_t acked; /* 0: none */
    mps_check hmac;
    int icmp_type, icmp_code;
    uint32_t mtu; /* 0: none */
} mps_event_row;

/** Fill in the row of an event.
 *  @return false if the event has no row: an infinite mapping, which the fallback's row reports */
bool mps_event_row_of(mps_event_row *row, const mps_tracker *tracker, const mps_event *event);

/** Fill in the row of a mapping whose checksum is bad. */
void mps_event_row_of_mapping(mps_event_row *row, const mps_tracker *tracker,
                              const mps_checked_mapping *mapping);

/** Fill in the row of an ICMP error. */
void mps_event_row_of_icmp(mps_event_row *row, const mps_tracker *tracker,
                           const mps_icmp_record *record);

/** @return the row in words, for text; the caller frees it with g_free(). */
char *mps_event_details(const mps_event_row *row);

#endif
