/* checksum.h: whether DSS checksums are right (RFC 8684 section 3.3.1), by the sums of the payload
 * that each segment tells.
 *
 * A mapping is checked once the payload of all of it was seen, in whatever segments, in whatever
 * order. What of it comes again is not looked at. It stays unknown where payload was not captured
 * whole, where a segment holds more than this mapping or part of what was seen before, where the
 * upper half of a DSN of 32 bits is not known, and where payload came before its mapping. Mappings
 * whose place in the subflow is not known (the ISN was not captured) are left out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CHECKSUM_H
#define MPS_CHECKSUM_H

#include "analysis.h"

extern const mps_analysis_kind mps_checksum_analysis;

/* A mapping with a checksum. */
typedef struct {
    uint32_t frame;         /* of the first segment that carries the mapping */
    uint32_t checked_frame; /* of the segment that completed it; 0: it stayed unknown */
    int64_t checked_time;   /* ns, if so */
    uint32_t subflow;       /* id */
    uint8_t half;
    uint8_t status; /* mps_check */
    bool has_dsn;
    uint16_t length; /* data-level length: with the DATA_FIN, if there is one */
    uint16_t checksum;
    uint32_t ssn; /* relative, as on the wire */
    uint64_t dsn; /* as on the wire, 64 bits, if has_dsn */
} mps_checked_mapping;

/** @return all mappings with a checksum (mps_checked_mapping), in the order in which they were
 *  first seen; NULL: not analysed. Owned by the tracker. */
const GArray *mps_checked_mappings(const mps_tracker *tracker);

/* How many of each status: counts[MPS_CHECK_OK], … */
typedef struct {
    uint32_t counts[3];
} mps_checksum_counts;

/** @return what was found of a direction of a subflow. @param half_id as mps_analysis_half() */
mps_checksum_counts mps_checksums_of(const mps_tracker *tracker, uint32_t half_id);

/** @return what was found of mappings that the segment at hand completed: bad if any of them is,
 *  unknown if there is none. For analyses that come behind this one. */
mps_check mps_checksum_of_segment(const mps_tracker *tracker);

#endif
