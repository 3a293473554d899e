/* mib_against.h: the counters of a capture against those of a host's kernel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MIB_AGAINST_H
#define MPS_MIB_AGAINST_H

#include "host_counters.h"
#include "report_internal.h"

/* What a capture shows that may explain differences. */
typedef struct {
    bool of_server;   /* the host is the server; otherwise the client */
    const char *near; /* "client" or "server", static; NULL: not known, in between, or not
                       * the same in all connections */
    uint64_t more;    /* connections that the host counted and the capture does not have */
    uint32_t only;    /* the only connection that is counted here; MPS_NONE: all */
    uint64_t dropped; /* packets that the interfaces dropped */
    uint32_t lacking; /* subflows with acknowledged payload that was not captured */
    uint32_t late;    /* connections whose handshake was not captured */
    uint32_t open;    /* connections that were open at the end */
    uint32_t hosts;   /* addresses of hosts in this role */
    bool differences; /* the kernel's counters are the difference of two outputs */
} mps_mib_evidence;

/** @return possible reasons of a difference, a sentence without its end; freed by the caller.
 *  @param counter   the kernel's name
 *  @param captured, counted  by the capture, and by the kernel; they differ */
char *mps_mib_reason(const mps_mib_evidence *evidence, const char *counter, uint64_t captured,
                     uint64_t counted);

#endif
