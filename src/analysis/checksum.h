/* checksum.h: verifies DSS checksums (RFC 8684 section 3.3.1), by the sum of each segment's payload
 * (mps_segment.payload_sum).
 *
 * A mapping is verified once all of its payload was seen, in any segments and in any order.
 * Retransmitted payload is ignored. A mapping stays unknown
 *   - if some of its payload was not captured completely,
 *   - if a segment holds more than this mapping, or again some of what was seen before,
 *   - if only the low 32 bits of its DSN are known,
 *   - if payload came before the mapping.
 * Mappings of a subflow whose ISN is not known are left out.
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
    uint32_t checked_frame; /* of the segment that completed it; 0: the status is unknown */
    int64_t checked_time;   /* ns, of that segment */
    uint32_t subflow;       /* id */
    uint8_t half;
    uint8_t status; /* mps_check */
    bool has_dsn;
    uint16_t length; /* data-level length, which counts the DATA_FIN */
    uint16_t checksum;
    uint32_t ssn; /* relative, as on the wire */
    uint64_t dsn; /* as on the wire, 64 bits; if has_dsn */
} mps_checked_mapping;

/** @return all mappings with a checksum (mps_checked_mapping), in the order in which they were
 *  first seen, owned by the tracker; NULL: the analysis was not asked for */
const GArray *mps_checked_mappings(const mps_tracker *tracker);

/* How many mappings have each status: counts[MPS_CHECK_OK], … */
typedef struct {
    uint32_t counts[3];
} mps_checksum_counts;

/** For analyses that come after this one.
 *  @return the status of the mappings that the segment being taken in completed: bad if any of them
 *          is bad, unknown if it completed none */
mps_check mps_checksum_of_segment(const mps_tracker *tracker);

#endif
