/* icmp_error.h: ICMP errors about TCP segments: what a router or a host told the sender of a
 * segment, in an ICMP (RFC 792) or ICMPv6 message (RFC 4443) that quotes the segment.
 *
 * Of the quoted segment only what every error quotes is used: the addresses and the first eight
 * bytes of TCP (RFC 792; RFC 1122 section 3.2.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_ICMP_ERROR_H
#define MPTCPSCOPE_ICMP_ERROR_H

#include <mptcpscope/segment.h>

/* One captured ICMP error. */
typedef struct {
    /* Where it was captured. The source sets these; the parser does not change them. */
    uint32_t frame; /* number in the capture, from 1 */
    int64_t time;   /* ns since the epoch, within MPS_TIME_MAX */
    mps_link_facts link;

    mps_address sender; /* the router or host that sent it; IPv6: it is an ICMPv6 error */
    uint8_t ttl;        /* of its own IP header */
    uint8_t type, code; /* as on the wire */
    uint32_t mtu;       /* of the next hop, bytes; 0: the error tells none */

    /* The segment that it is about. */
    mps_address source, destination;
    uint16_t source_port, destination_port;
    uint32_t seq;
} mps_icmp_error;

/* What a reader of a file came to. */
typedef enum {
    MPS_NEXT_FAILED = -1,
    MPS_NEXT_END = 0,
    MPS_NEXT_SEGMENT = 1,
    MPS_NEXT_ICMP_ERROR = 2,
} mps_next;

/**
 * Decode an ICMP error about a TCP segment: destination unreachable, packet too big, time exceeded,
 * parameter problem, source quench.
 *
 * @param error     filled in, except frame, time and link, where true is returned
 * @param packet    first byte of the IP header
 * @param captured  bytes that were captured from there on
 * @return false: another message, one about something else than TCP, a fragment, or one that is cut
 *         before the sequence number of the segment
 */
bool mps_icmp_error_parse(mps_icmp_error *error, const uint8_t *packet, size_t captured);

/** @return the type and code in words ("host unreachable"), static; for a code that is not known,
 *  the type alone ("destination unreachable"). RFC 792, RFC 1122, RFC 1812; RFC 4443. */
const char *mps_icmp_error_name(const mps_icmp_error *error);

/** @return whether messages of a type are errors that mps_icmp_error_parse() decodes.
 *  @param v6  of ICMPv6 */
bool mps_icmp_is_error(bool v6, uint8_t type);

/** @return whether the type exists: that of a message which mps_icmp_error_parse() decodes. */
bool mps_icmp_error_known(const mps_icmp_error *error);

/**
 * @return whether the error ends the attempt to open a connection, if it is about the SYN. Hard
 *         errors abort a connection; soft ones do not (RFC 1122 section 4.2.3.9), but hosts give up
 *         a connection that is not open yet for both (RFC 5461 section 4). Not for those that only
 *         ask for smaller or fewer packets.
 */
bool mps_icmp_error_refuses(const mps_icmp_error *error);

#endif
