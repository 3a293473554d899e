/* tunnel.c: finds the IP header that another IP packet carries: IP in IP, 6in4, 4in6, GRE, VXLAN,
 * Geneve, GTP-U.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "capture_internal.h"
#include "segment/ip_header.h"

/* UDP ports (IANA), as Wireshark takes them by default. */
#define PORT_VXLAN 4789u
#define PORT_GENEVE 6081u
#define PORT_GTP_U 2152u

#define UDP_HEADER 8u
#define VXLAN_HEADER 8u  /* RFC 7348 section 5 */
#define GENEVE_HEADER 8u /* RFC 8926 section 3.4, without options */
#define GTP_HEADER 8u    /* 3GPP TS 29.281 section 5.1, without the optional fields */
#define GTP_G_PDU 255u   /* message type: carries a user's packet */

/* GRE (RFC 2784, RFC 2890; version 1: RFC 2637). */
#define GRE_CHECKSUM 0x8000u
#define GRE_ROUTING 0x4000u
#define GRE_KEY 0x2000u
#define GRE_SEQUENCE 0x1000u
#define GRE_ACKNOWLEDGEMENT 0x0080u
#define GRE_VERSION 0x0007u

int mps_tunnel_payload(const uint8_t *packet, size_t captured, size_t *at)
{
    mps_ip_place place;
    if (!mps_ip_walk(packet, captured, false, &place))
        return -1;
    *at = place.at;
    return place.protocol;
}

/* `at` is where the GRE header begins, and is moved to the IP header it carries. */
static bool enter_gre(const uint8_t *packet, size_t captured, size_t *at)
{
    if (captured < *at + 4)
        return false;
    const uint16_t flags = mps_load16(packet + *at), type = mps_load16(packet + *at + 2);
    if ((flags & GRE_VERSION) > 1 || flags & GRE_ROUTING)
        return false;
    *at += 4;
    *at += flags & GRE_CHECKSUM ? 4 : 0;
    *at += flags & GRE_KEY ? 4 : 0;
    *at += flags & GRE_SEQUENCE ? 4 : 0;
    *at += (flags & GRE_VERSION) == 1 && flags & GRE_ACKNOWLEDGEMENT ? 4 : 0;
    return mps_link_enter(packet, captured, type, at);
}

/* The optional fields of GTP-U come all three or not at all; extension headers follow them, each as
 * many times four bytes long as its first byte says, with the type of the next one at its end. */
static bool enter_gtp(const uint8_t *packet, size_t captured, size_t *at)
{
    if (captured < *at + GTP_HEADER || packet[*at] >> 5 != 1 || (packet[*at] & 0x10) == 0 ||
        packet[*at + 1] != GTP_G_PDU)
        return false;
    const uint8_t flags = packet[*at];
    *at += GTP_HEADER;
    if ((flags & 0x07) == 0)
        return *at < captured;
    *at += 4;
    while (*at < captured && flags & 0x04 && packet[*at - 1] != 0) {
        if (packet[*at] == 0)
            return false;
        *at += packet[*at] * 4u;
    }
    return *at < captured;
}

static bool enter_udp(const uint8_t *packet, size_t captured, size_t *at)
{
    if (captured < *at + UDP_HEADER)
        return false;
    const uint16_t ports[2] = {mps_load16(packet + *at), mps_load16(packet + *at + 2)};
    *at += UDP_HEADER;
    for (unsigned i = 2; i-- > 0;) {
        switch (ports[i]) {
        case PORT_VXLAN:
            *at += VXLAN_HEADER;
            return mps_link_enter(packet, captured, MPS_ETHERTYPE_ETHERNET, at);
        case PORT_GENEVE:
            if (captured < *at + GENEVE_HEADER)
                return false;
            const uint16_t type = mps_load16(packet + *at + 2);
            *at += GENEVE_HEADER + (packet[*at] & 0x3fu) * 4u;
            return mps_link_enter(packet, captured, type, at);
        case PORT_GTP_U:
            return enter_gtp(packet, captured, at);
        default:
            break;
        }
    }
    return false;
}

bool mps_tunnel_enter(const uint8_t *packet, size_t captured, size_t *offset)
{
    size_t at = 0;
    switch (mps_tunnel_payload(packet, captured, &at)) {
    case MPS_PROTOCOL_IPV4:
    case MPS_PROTOCOL_IPV6:
        break;
    case MPS_PROTOCOL_GRE:
        if (!enter_gre(packet, captured, &at))
            return false;
        break;
    case MPS_PROTOCOL_UDP:
        if (!enter_udp(packet, captured, &at))
            return false;
        break;
    default:
        return false;
    }
    *offset = at;
    return at < captured;
}
