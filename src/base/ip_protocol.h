/* ip_protocol.h: IP protocol numbers (IANA).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_IP_PROTOCOL_H
#define MPS_IP_PROTOCOL_H

enum {
    /* IPv6 extension headers (RFC 8200 section 4.1). */
    MPS_PROTOCOL_HOP_BY_HOP = 0,
    MPS_PROTOCOL_ROUTING = 43,
    MPS_PROTOCOL_FRAGMENT = 44,
    MPS_PROTOCOL_AUTHENTICATION = 51,
    MPS_PROTOCOL_DESTINATION = 60,

    MPS_PROTOCOL_IPV4 = 4,
    MPS_PROTOCOL_TCP = 6,
    MPS_PROTOCOL_UDP = 17,
    MPS_PROTOCOL_IPV6 = 41,
    MPS_PROTOCOL_GRE = 47,
};

#endif
