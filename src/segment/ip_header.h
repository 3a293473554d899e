/* ip_header.h: IP headers, for those who walk through them to what a packet carries.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_IP_HEADER_H
#define MPS_IP_HEADER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/bytes.h"
#include <mptcpscope/types.h>

/* Bytes of headers (RFC 791 section 3.1, RFC 8200 section 3), and of the shortest extension header
 * (RFC 8200 section 4), which is also that of a fragment. */
#define MPS_IPV4_HEADER_MIN 20u
#define MPS_IPV6_HEADER 40u
#define MPS_IP_EXTENSION_MIN 8u

/* Bytes of an ICMP header (RFC 792, RFC 4443 section 2.1). */
#define MPS_ICMP_HEADER 8u

/* Of the field that has the fragment offset: more fragments follow; the offset in 8 bytes (IPv4),
 * and in bytes (IPv6). */
#define MPS_IPV4_MORE 0x2000u
#define MPS_IPV4_OFFSET 0x1fffu
#define MPS_IPV6_MORE 0x0001u
#define MPS_IPV6_OFFSET 0xfff8u

/* IP protocol numbers (IANA). */
enum {
    /* IPv6 extension headers (RFC 8200 section 4.1). */
    MPS_PROTOCOL_HOP_BY_HOP = 0,
    MPS_PROTOCOL_ROUTING = 43,
    MPS_PROTOCOL_FRAGMENT = 44,
    MPS_PROTOCOL_AUTHENTICATION = 51,
    MPS_PROTOCOL_DESTINATION = 60,

    MPS_PROTOCOL_ICMP = 1,
    MPS_PROTOCOL_IPV4 = 4,
    MPS_PROTOCOL_TCP = 6,
    MPS_PROTOCOL_UDP = 17,
    MPS_PROTOCOL_IPV6 = 41,
    MPS_PROTOCOL_GRE = 47,
    MPS_PROTOCOL_ICMPV6 = 58,
};

/** @return whether a packet is one of several fragments. @param header  of IPv4, captured */
static inline bool mps_ipv4_is_fragment(const uint8_t *header)
{
    return (mps_load16(header + 6) & (MPS_IPV4_MORE | MPS_IPV4_OFFSET)) != 0;
}

/** The same for IPv6: one whose fragment header names no other one is whole (RFC 6946).
 *  @param extension  its fragment header, captured */
static inline bool mps_ipv6_is_fragment(const uint8_t *extension)
{
    return (mps_load16(extension + 2) & (MPS_IPV6_MORE | MPS_IPV6_OFFSET)) != 0;
}

/* A place between two headers of an IP packet. */
typedef struct {
    uint8_t protocol; /* of the header that follows */
    size_t named_at;  /* the byte that says so */
    size_t at;        /* where that header begins; maybe beyond what was captured */
} mps_ip_place;

/** @return the place after the IPv4 header, of which MPS_IPV4_HEADER_MIN bytes were captured. */
static inline mps_ip_place mps_ipv4_first(const uint8_t *packet)
{
    return (mps_ip_place){packet[9], 9, (packet[0] & 0x0fu) * 4u};
}

/** @return the place after the fixed header of IPv6, which was captured. */
static inline mps_ip_place mps_ipv6_first(const uint8_t *packet)
{
    return (mps_ip_place){packet[6], 6, MPS_IPV6_HEADER};
}

/** @return whether an extension header follows, which mps_ip_next() can pass. Who walks may stop at
 *          any of them, as at the fragment header. IPv4 has only the one for authentication. */
static inline bool mps_ip_has_next(const mps_ip_place *place)
{
    return place->protocol == MPS_PROTOCOL_HOP_BY_HOP || place->protocol == MPS_PROTOCOL_ROUTING ||
           place->protocol == MPS_PROTOCOL_FRAGMENT ||
           place->protocol == MPS_PROTOCOL_AUTHENTICATION ||
           place->protocol == MPS_PROTOCOL_DESTINATION;
}

/** @return whether the extension header that follows is captured as far as it can be passed. */
static inline bool mps_ip_can_pass(const mps_ip_place *place, size_t captured)
{
    return place->at + MPS_IP_EXTENSION_MIN <= captured;
}

/** Pass an extension header: there is one, and it can be passed. */
static inline void mps_ip_next(mps_ip_place *place, const uint8_t *packet)
{
    const uint8_t *extension = packet + place->at;
    place->named_at = place->at;
    if (place->protocol ==
        MPS_PROTOCOL_FRAGMENT) /* it has no length: its second byte is reserved */
        place->at += MPS_IP_EXTENSION_MIN;
    else if (place->protocol == MPS_PROTOCOL_AUTHENTICATION) /* RFC 4302 section 2.2 */
        place->at += (extension[1] + 2u) * 4;
    else
        place->at += (extension[1] + 1u) * 8;
    place->protocol = extension[0];
}

/** Set an address. @param bytes  4 or 16, as `length` says */
static inline void mps_address_set(mps_address *address, const uint8_t *bytes, uint8_t length)
{
    address->length = length;
    memcpy(address->bytes, bytes, length);
    memset(address->bytes + length, 0, sizeof address->bytes - length);
}

/** Go to what a packet carries, after all headers of IP.
 *  @param quoted  it is quoted by an ICMP error: what is cut off it, or follows in fragments, does
 *                 not matter. Of several fragments the first is enough, then; otherwise none is
 *  @return false: it is cut before that, no IP, or another fragment has that */
bool mps_ip_walk(const uint8_t *packet, size_t captured, bool quoted, mps_ip_place *place);

#endif
