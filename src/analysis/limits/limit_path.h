/* limit_path.h: what a first look at the records of a subflow shows: the size of packets, the least
 * RTT. flow_series.h has the map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_LIMIT_PATH_H
#define MPS_LIMIT_PATH_H

#include "analysis/record_merge.h"
#include "limit_records.h"

/* A subflow. The arrays are by direction. */
typedef struct {
    uint32_t id;
    const mps_limit_half *half[2]; /* of the direction; NULL: nothing was kept */
    uint32_t packet[2];            /* bytes of payload and options in a packet at most */
    uint32_t full_payload[2];      /* payload bytes of the largest full packet; 0: no payload */
    int64_t least_rtt[2];          /* of data, and of the handshake, ns; INT64_MAX: none */
} mps_limit_path;

/** Look at the records of a subflow. @param id  of the subflow */
mps_limit_path mps_limit_path_of(const mps_tracker *tracker, uint32_t id);

/** Add the records of a subflow to a merge, with `source` and `source` + 1 by their directions. */
void mps_limit_path_add(const mps_limit_path *path, mps_record_merge *merge, uint32_t source);

/** @return whether the last packet of a segment could have held more. A segment may be a
 *  super-segment of several packets (GSO).
 *  @param packet  mps_limit_path.packet of its direction */
bool mps_limits_is_small(const mps_limit_record *record, uint32_t packet);

#endif
