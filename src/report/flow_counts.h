/* flow_counts.h: the TCP connections of a capture, with or without MPTCP, and what was counted of
 * each of their two flows.
 *
 * A flow is one direction of a TCP connection. Those of MPTCP connections are counted by the
 * report's tracker. Segments of plain TCP, which it does not follow, are counted by a second one
 * (mps_report_count_plain()). A TCP connection may have both: segments that were captured before
 * the first MPTCP option.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FLOW_COUNTS_H
#define MPS_FLOW_COUNTS_H

#include "report_internal.h"

/* A TCP connection. */
typedef struct {
    uint32_t connection, subflow; /* numbers; MPS_NONE: plain TCP */
    uint32_t frame;               /* of its first segment */
    int32_t tcp_stream;           /* -1: none */
    mps_address address[2];       /* of the client and the server of the connection; of plain TCP,
                                   * of the end that opened it and the other */
    uint16_t port[2];
    int64_t start, end;            /* ns since the epoch, of the first and the last segment */
    bool leapt;                    /* the clock of the capture leapt between them */
    uint64_t packets[2], bytes[2]; /* by direction: segments and payload that were counted */
} mps_flow_count;

/** @return mps_flow_count of all TCP connections that the report is about and of which segments
 *  were counted, in the order of the times of their first segments; freed by the caller with
 * g_array_free(). */
GArray *mps_flow_counts(const mps_report *report, const mps_tracker *tracker);

#endif
