/* trace.h: the members of each segment that a loaded capture keeps, for matching and comparing.
 *
 * trace.c   loads a capture, by subflow and direction (also mptcpscope/trace.h)
 * source.c  reads segments from a capture or a dump (mptcpscope/source.h)
 * merge.c   brings those of several interfaces into the order of time
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TRACE_H
#define MPS_TRACE_H

#include <mptcpscope/trace.h>

/* The members of a segment that matching needs. */
typedef struct {
    int64_t time; /* ns since the epoch */
    uint32_t frame;
    uint32_t order;    /* among all segments, in the order of time; see mps_source_again() */
    uint32_t seq, ack; /* as on the wire */
    uint32_t length;
    uint32_t tsval, tsecr;
    uint32_t options; /* digest of the MPTCP options */
    uint32_t sack;    /* digest of the SACK blocks, relative to the ack */
    int32_t ip_id;    /* -1: none */
    uint16_t flags, window;
    bool cut; /* the snaplen cuts its options, so that some may be missing here */
} mps_packet;

/* Further members of a header, kept only with MPS_NEED_HEADERS. */
typedef struct {
    uint32_t ack; /* as on the wire, also without the ACK flag */
    uint16_t checksum, urgent;
    uint16_t payload_sum; /* this and the next members as in mps_segment */
    bool has_payload_sum;
    uint8_t ttl, tos, header_length, options_captured;
    uint8_t options[MPS_TCP_OPTIONS_MAX];
} mps_header;

/** @return the resolution of the trace's times in ns: the largest power of ten, from 1 to 1000000,
 * of which all times are multiples. */
int64_t mps_trace_resolution(const mps_trace *trace);

/** Give the times of the earliest and of the latest segment, ns; both 0 if there is none. */
void mps_trace_times(const mps_trace *trace, int64_t *first, int64_t *last);

/** @return how many packets the capture's interfaces report as dropped; 0: none, or not known. */
uint64_t mps_trace_drops(const mps_trace *trace);

/** @return the segments of one direction of a subflow, in the order of time, owned by `trace`; NULL
 * if there are none.
 *  @param id     of the subflow in the tracker
 *  @param count  set to their number */
const mps_packet *mps_trace_packets(const mps_trace *trace, uint32_t id, mps_direction direction,
                                    size_t *count);

/** @return the headers of the segments of mps_trace_packets(), in the same order, owned by `trace`;
 *  NULL if there are none, or without MPS_NEED_HEADERS. */
const mps_header *mps_trace_headers(const mps_trace *trace, uint32_t id, mps_direction direction);

#endif
