/* link.c: finds the IP header in a frame, for all supported link types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <pcap/pcap.h>

#include "base/bytes.h"
#include "capture_internal.h"

/* EtherTypes (IEEE 802 Numbers of IANA). */
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_VLAN_SERVICE 0x88a8u
#define ETHERTYPE_VLAN_SERVICE_OLD 0x9100u
#define VLAN_TAG 4u /* bytes */

/* PPP protocol numbers, and first bytes of a frame: HDLC (RFC 1662), Cisco HDLC. */
#define PPP_IPV4 0x0021u
#define PPP_IPV6 0x0057u
#define HDLC_ALL_STATIONS 0xffu
#define CISCO_UNICAST 0x0fu
#define CISCO_MULTICAST 0x8fu

/* Read the EtherType and skip VLAN tags.
 * @param type_at  offset of the first EtherType
 * @param offset   end of the link header; set to the end of the tags
 * @return whether IP follows */
static bool find_by_ethertype(const uint8_t *frame, size_t captured, size_t type_at, size_t *offset)
{
    if (captured < type_at + 2 || captured < *offset)
        return false;
    uint16_t type = mps_load16(frame + type_at);

    while (type == ETHERTYPE_VLAN || type == ETHERTYPE_VLAN_SERVICE ||
           type == ETHERTYPE_VLAN_SERVICE_OLD) {
        if (captured < *offset + VLAN_TAG)
            return false;
        type = mps_load16(frame + *offset + 2);
        *offset += VLAN_TAG;
    }
    return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

/* Compression may leave out address and control, and may shorten the protocol to one byte. The
 * lowest bit is set in the last byte of the protocol (RFC 1661 section 2, RFC 1662 section 3.2). */
static bool find_in_ppp(const uint8_t *frame, size_t captured, size_t *offset)
{
    if (captured < 4)
        return false;
    if (frame[0] == CISCO_UNICAST || frame[0] == CISCO_MULTICAST) {
        *offset = 4;
        return find_by_ethertype(frame, captured, 2, offset);
    }

    *offset = frame[0] == HDLC_ALL_STATIONS ? 2 : 0;
    uint16_t protocol = frame[(*offset)++];
    if ((protocol & 1) == 0)
        protocol = (uint16_t)(protocol << 8 | frame[(*offset)++]);
    return protocol == PPP_IPV4 || protocol == PPP_IPV6;
}

/* The address family is in the byte order of the capturing host, and systems number IPv6
 * differently. */
static bool find_in_loopback(const uint8_t *frame, size_t captured, size_t *offset)
{
    if (captured < 4)
        return false;
    *offset = 4;

    uint32_t family = mps_load32(frame);
    if (family > 0xffff)
        family = __builtin_bswap32(family);
    switch (family) {
    case 2:  /* IPv4, on all systems */
    case 24: /* IPv6, NetBSD and OpenBSD */
    case 28: /* IPv6, FreeBSD */
    case 30: /* IPv6, macOS */
        return true;
    default:
        return false;
    }
}

bool mps_link_known(int link_type)
{
    switch (link_type) {
    case DLT_EN10MB:
    case DLT_LINUX_SLL:
    case DLT_LINUX_SLL2:
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
    case DLT_NULL:
    case DLT_LOOP:
    case DLT_PPP:
    case DLT_PPP_SERIAL:
        return true;
    default:
        return false;
    }
}

bool mps_link_find_ip(int link_type, const uint8_t *frame, size_t captured, size_t *offset)
{
    switch (link_type) {
    case DLT_EN10MB:
        *offset = 14;
        return find_by_ethertype(frame, captured, 12, offset);
    case DLT_LINUX_SLL:
        *offset = 16;
        return find_by_ethertype(frame, captured, 14, offset);
    case DLT_LINUX_SLL2:
        *offset = 20;
        return find_by_ethertype(frame, captured, 0, offset);
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6:
        *offset = 0;
        return true;
    case DLT_NULL:
    case DLT_LOOP:
        return find_in_loopback(frame, captured, offset);
    case DLT_PPP:
    case DLT_PPP_SERIAL:
        return find_in_ppp(frame, captured, offset);
    default:
        return false;
    }
}
