/* limit_records.h: what the report "limits" needs of each segment. flow_series.h has the map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIMIT_RECORDS_H
#define MPS_LIMIT_RECORDS_H

#include "analysis/analysis.h"
#include "base/record_log.h"

extern const mps_analysis_kind mps_limit_analysis;

/* One segment. Subflow sequence numbers are the tracker's, which do not wrap. Data sequence numbers
 * are those of the wire, which stay the same when connections are merged. */
typedef struct {
    int64_t time;      /* ns */
    uint64_t ssn_end;  /* payload ends here, if `length` > 0 */
    uint64_t data_end; /* new data ends here, if `data` > 0 */
    uint64_t ack;      /* if has_ack */
    uint64_t data_ack; /* if has_data_ack */
    uint32_t frame;
    uint32_t length; /* payload bytes */
    uint32_t resent; /* those of them that were sent before on this subflow */
    uint32_t data;   /* new data bytes */
    uint32_t window; /* bytes; MPS_NONE: its scale is not known */
    uint8_t header;  /* length of the TCP header, bytes */
    bool reinjected; /* carries data that was sent before under another SSN */
    bool has_ack, has_data_ack;
} mps_limit_record;

/* What was kept of a direction of a subflow. */
typedef struct {
    mps_record_log records; /* see mps_limits_record() */
    uint16_t mss;           /* announced in the half's SYN; 0: not seen */
} mps_limit_half;

/** @return what was kept of a half, owned by the tracker; NULL: nothing.
 *  @param tracker  with MPS_NEED_LIMITS  @param half_id  see mps_view.half_id */
const mps_limit_half *mps_limits_half(const mps_tracker *tracker, uint32_t half_id);

/** @return a record. @param numbers  read from mps_limit_half.records */
mps_limit_record mps_limits_record(const uint64_t *numbers);

/** @return whether the sender of a direction may have waited for the receive window for half of the
 *  time or more: if not, the report does not name it as the limit.
 *  @param tracker  with MPS_NEED_LIMITS  @param number  of the connection */
bool mps_limits_suspect_window(const mps_tracker *tracker, uint32_t number,
                               mps_direction direction);

#endif
