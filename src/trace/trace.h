/* trace.h: what a loaded capture holds of each segment, for matching and comparing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACE_H
#define MPS_TRACE_H

#include <mptcpscope/trace.h>

/* What matching needs of a segment. */
typedef struct {
    int64_t time; /* ns */
    uint32_t frame;
    uint32_t seq, ack; /* as on the wire */
    uint32_t length;
    uint32_t tsval, tsecr;
    uint32_t options; /* digest of the MPTCP options */
    uint32_t sack;    /* digest of the SACK blocks, taken relative to the ack */
    int32_t ip_id;    /* -1: none */
    uint16_t flags, window;
    bool cut; /* the snaplen cuts its options: what is not there may have been */
} mps_packet;

/* What a header holds besides: kept where MPS_NEED_HEADERS asks for it. */
typedef struct {
    uint32_t ack; /* as on the wire, also without the ACK flag */
    uint16_t checksum, urgent;
    uint16_t payload_sum; /* these as in mps_segment */
    bool has_payload_sum;
    uint8_t ttl, tos, header_length, options_captured;
    uint8_t options[MPS_TCP_OPTIONS_MAX];
} mps_header;

/** @return ns by which its times may be off: what they are multiples of, 1 to 1000000. */
int64_t mps_trace_resolution(const mps_trace *trace);

/** @return how many subflows the capture shows each packet of twice, as one of all interfaces may:
 * only the first of the two is kept. */
uint32_t mps_trace_deduplicated(const mps_trace *trace);

/** @return what was sent in one direction of a TCP connection, in capture order.
 *  @param id  of the subflow @param count  set to how many there are */
const mps_packet *mps_trace_packets(const mps_trace *trace, uint32_t id, mps_direction direction,
                                    size_t *count);

/** @return the headers of what mps_trace_packets() tells, in the same order; NULL where there are
 *  none, or MPS_NEED_HEADERS was not asked for. */
const mps_header *mps_trace_headers(const mps_trace *trace, uint32_t id, mps_direction direction);

#endif
