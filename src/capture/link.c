/* link.c: finds the IP header in a frame, for all supported link types.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <glib.h>
#include <limits.h>
#include <pcap/pcap.h>
#include <string.h>

#include "base/bytes.h"
#include "base/likely.h"
#include "capture_internal.h"

/* Raw IP in a file. */
#define LINKTYPE_RAW 101

/* EtherTypes (IEEE 802 Numbers of IANA). */
#define ETHERTYPE_IPV4 0x0800u
#define ETHERTYPE_IPV6 0x86ddu
#define ETHERTYPE_VLAN 0x8100u
#define ETHERTYPE_VLAN_SERVICE 0x88a8u
#define ETHERTYPE_VLAN_SERVICE_OLD 0x9100u
#define ETHERTYPE_PPP 0x880bu
#define ETHERTYPE_MPLS 0x8847u
#define ETHERTYPE_MPLS_MULTICAST 0x8848u
#define ETHERTYPE_PPPOE_SESSION 0x8864u

/* Bytes. */
#define VLAN_TAG 4u
#define ETHERNET_HEADER 14u
#define PPPOE_HEADER 6u
#define PSEUDOWIRE_CONTROL 4u

/* PPP protocol numbers, and first bytes of a frame: HDLC (RFC 1662), Cisco HDLC. */
#define PPP_IPV4 0x0021u
#define PPP_IPV6 0x0057u
#define HDLC_ALL_STATIONS 0xffu
#define CISCO_UNICAST 0x0fu
#define CISCO_MULTICAST 0x8fu

/* Lengths of IEEE 802.3 end here, EtherTypes begin above. */
#define LENGTH_MAX 1500u

/* The first byte of IEEE 802.2 if SNAP follows. */
#define SNAP_SAP 0xaau

/* Link headers before IP; more is an attack. */
#define HEADERS_MAX 32u

static bool enter_ppp(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at);

/* Does an Ethernet header begin here, by its EtherType? */
static bool looks_like_ethernet(const uint8_t *frame, size_t captured, size_t at)
{
    if (captured < at + ETHERNET_HEADER)
        return false;
    switch (mps_load16(frame + at + 12)) {
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_VLAN_SERVICE:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_PPPOE_SESSION:
        return true;
    default:
        return false;
    }
}

/* An Ethernet pseudowire, with or without its control word (RFC 4448 section 4.6). */
static bool enter_pseudowire(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at)
{
    if (!looks_like_ethernet(frame, captured, *at))
        *at += PSEUDOWIRE_CONTROL;
    *type = MPS_ETHERTYPE_ETHERNET;
    return looks_like_ethernet(frame, captured, *at);
}

/* `at` is where the first MPLS label is. What follows the last one says by its first half byte what
 * it is (RFC 4928 section 3). */
static bool enter_mpls(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at)
{
    bool last = false;
    while (!last) {
        if (captured < *at + 4)
            return false;
        last = frame[*at + 2] & 1;
        *at += 4;
    }
    if (*at >= captured)
        return false;
    switch (frame[*at] >> 4) {
    case 4:
        *type = ETHERTYPE_IPV4;
        return true;
    case 6:
        *type = ETHERTYPE_IPV6;
        return true;
    default:
        return enter_pseudowire(frame, captured, type, at);
    }
}

/* IEEE 802.2 with SNAP: DSAP and SSAP 0xAA, control 3, no organisation, an EtherType. */
static bool enter_llc(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at)
{
    static const uint8_t snap[] = {SNAP_SAP, SNAP_SAP, 0x03, 0, 0, 0};
    if (captured < *at + sizeof snap + 2 || memcmp(frame + *at, snap, sizeof snap) != 0)
        return false;
    *type = mps_load16(frame + *at + sizeof snap);
    *at += sizeof snap + 2;
    return *type > LENGTH_MAX;
}

/* An EtherType is at `from` bytes after `at`; what it names follows `size` bytes after `at`. */
static bool enter_header(const uint8_t *frame, size_t captured, size_t from, size_t size,
                         uint16_t *type, size_t *at)
{
    if (captured < *at + size)
        return false;
    *type = mps_load16(frame + *at + from);
    *at += size;
    return true;
}

/* Go on by one header. */
static bool enter_next(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at)
{
    switch (*type) {
    case ETHERTYPE_VLAN:
    case ETHERTYPE_VLAN_SERVICE:
    case ETHERTYPE_VLAN_SERVICE_OLD:
        return enter_header(frame, captured, 2, VLAN_TAG, type, at);
    case MPS_ETHERTYPE_ETHERNET:
        return enter_header(frame, captured, 12, ETHERNET_HEADER, type, at);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
        return enter_mpls(frame, captured, type, at);
    case ETHERTYPE_PPPOE_SESSION:
        *at += PPPOE_HEADER;
        return enter_ppp(frame, captured, type, at);
    case ETHERTYPE_PPP:
        return enter_ppp(frame, captured, type, at);
    default:
        return *type <= LENGTH_MAX && enter_llc(frame, captured, type, at);
    }
}

static bool is_ip(uint16_t type)
{
    return type == ETHERTYPE_IPV4 || type == ETHERTYPE_IPV6;
}

/* Go on to IP, which does not follow at once. */
static G_GNUC_NO_INLINE bool enter_headers(const uint8_t *frame, size_t captured, uint16_t type,
                                           size_t *at)
{
    for (unsigned headers = 0; !is_ip(type); headers++)
        if (headers == HEADERS_MAX || !enter_next(frame, captured, &type, at))
            return false;
    return *at <= captured;
}

bool mps_link_enter(const uint8_t *frame, size_t captured, uint16_t type, size_t *at)
{
    return MPS_LIKELY(is_ip(type)) ? *at <= captured : enter_headers(frame, captured, type, at);
}

/* @return as mps_link_last_type() @param at  set to where what has that type begins */
static uint16_t find_last_type(int link_type, const uint8_t *frame, size_t captured, size_t *at)
{
    size_t type_at;
    switch (link_type) {
    case DLT_EN10MB:
        *at = ETHERNET_HEADER;
        type_at = 12;
        break;
    case DLT_LINUX_SLL:
        *at = 16;
        type_at = 14;
        break;
    case DLT_LINUX_SLL2:
        *at = 20;
        type_at = 0;
        break;
    default:
        return 0;
    }
    if (captured < *at)
        return 0;
    uint16_t type = mps_load16(frame + type_at), last = 0;
    for (unsigned headers = 0; headers < HEADERS_MAX; headers++) {
        last = type;
        if (is_ip(type) || !enter_next(frame, captured, &type, at))
            break;
    }
    return last;
}

uint16_t mps_link_last_type(int link_type, const uint8_t *frame, size_t captured)
{
    size_t at;
    return find_last_type(link_type, frame, captured, &at);
}

bool mps_link_may_be_ip(int link_type, const uint8_t *frame, size_t captured)
{
    size_t at;
    const uint16_t type = find_last_type(link_type, frame, captured, &at);
    switch (type) {
    case 0: /* the header is cut, or has no EtherType */
    case ETHERTYPE_IPV4:
    case ETHERTYPE_IPV6:
    case ETHERTYPE_VLAN:
    case ETHERTYPE_VLAN_SERVICE:
    case ETHERTYPE_VLAN_SERVICE_OLD:
    case MPS_ETHERTYPE_ETHERNET:
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
    case ETHERTYPE_PPPOE_SESSION:
    case ETHERTYPE_PPP:
        return true;
    default:
        return type <= LENGTH_MAX && (captured <= at || frame[at] == SNAP_SAP);
    }
}

static bool find_by_ethertype(const uint8_t *frame, size_t captured, size_t type_at, size_t *offset)
{
    return MPS_LIKELY(captured >= type_at + 2 && captured >= *offset) &&
           mps_link_enter(frame, captured, mps_load16(frame + type_at), offset);
}

/* `at` is where a frame of IEEE 802.11 begins. Data frames carry LLC; those that are encrypted, or
 * hold several packets (A-MSDU), are not looked into. */
static bool find_in_80211(const uint8_t *frame, size_t captured, size_t *at)
{
    if (captured < *at + 24 || (frame[*at] & 0x0f) != 0x08) /* version 0, data */
        return false;
    const uint8_t subtype = frame[*at] >> 4, flags = frame[*at + 1];
    if (subtype & 0x04 || flags & 0x40) /* no data; protected */
        return false;
    size_t length = (flags & 0x03) == 0x03 ? 30 : 24; /* four addresses between access points */
    if (subtype & 0x08) {                             /* QoS */
        if (captured < *at + length + 2 || frame[*at + length] & 0x80) /* A-MSDU */
            return false;
        length += flags & 0x80 ? 6 : 2; /* HT control */
    }
    *at += length;
    uint16_t type;
    return enter_llc(frame, captured, &type, at) && mps_link_enter(frame, captured, type, at);
}

/* `at` is where PPP begins. Address and control may be compressed away, and the protocol to one
 * byte, whose lowest bit says that it is the last one (RFC 1661 section 2, RFC 1662 section 3.2).
 */
static bool enter_ppp(const uint8_t *frame, size_t captured, uint16_t *type, size_t *at)
{
    if (captured < *at + 4)
        return false;
    *at += frame[*at] == HDLC_ALL_STATIONS ? 2 : 0;
    uint16_t protocol = frame[(*at)++];
    if ((protocol & 1) == 0)
        protocol = (uint16_t)(protocol << 8 | frame[(*at)++]);
    *type = protocol == PPP_IPV6 ? ETHERTYPE_IPV6 : ETHERTYPE_IPV4;
    return protocol == PPP_IPV4 || protocol == PPP_IPV6;
}

static bool find_in_ppp(const uint8_t *frame, size_t captured, size_t *offset)
{
    *offset = 0;
    if (captured < 4)
        return false;
    if (frame[0] == CISCO_UNICAST || frame[0] == CISCO_MULTICAST) {
        *offset = 4;
        return find_by_ethertype(frame, captured, 2, offset);
    }
    uint16_t type;
    return enter_ppp(frame, captured, &type, offset);
}

/* Radiotap begins with its length, in little endian; the frame of 802.11 follows. */
static bool find_in_radiotap(const uint8_t *frame, size_t captured, size_t *offset)
{
    if (captured < 8)
        return false;
    *offset = frame[2] | (size_t)frame[3] << 8;
    return find_in_80211(frame, captured, offset);
}

/* Apple's PKTAP: its length and the link type of the frame, in the byte order of the host that
 * captured, which is little endian on all that have it. */
static bool find_in_pktap(const uint8_t *frame, size_t captured, size_t *offset)
{
    if (captured < 12)
        return false;
    const size_t length = mps_load32_little(frame);
    const uint32_t inner = mps_load32_little(frame + 8);
    size_t at;
    if (length < 12 || length > captured || inner == DLT_PKTAP || inner > INT_MAX ||
        !mps_link_find_ip((int)inner, frame + length, captured - length, &at))
        return false;
    *offset = length + at;
    return true;
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

int mps_link_of_file(int link_type)
{
    return link_type == LINKTYPE_RAW ? DLT_RAW : link_type;
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
    case DLT_IEEE802_11:
    case DLT_IEEE802_11_RADIO:
    case DLT_PKTAP:
        return true;
    default:
        return false;
    }
}

bool mps_link_find_ip(int link_type, const uint8_t *frame, size_t captured, size_t *offset)
{
    if (MPS_LIKELY(link_type == DLT_EN10MB)) {
        *offset = 14;
        return find_by_ethertype(frame, captured, 12, offset);
    }
    switch (link_type) {
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
    case DLT_IEEE802_11:
        *offset = 0;
        return find_in_80211(frame, captured, offset);
    case DLT_IEEE802_11_RADIO:
        return find_in_radiotap(frame, captured, offset);
    case DLT_PKTAP:
        return find_in_pktap(frame, captured, offset);
    default:
        return false;
    }
}

void mps_link_facts_of_frame(mps_link_facts *facts, int link_type, const uint8_t *frame,
                             size_t captured)
{
    if (MPS_LIKELY(link_type == DLT_EN10MB)) {
        mps_link_facts_take(facts, MPS_LINK_ETHERNET, frame, captured);
        return;
    }
    switch (link_type) {
    case DLT_LINUX_SLL:
        mps_link_facts_take(facts, MPS_LINK_COOKED, frame, captured);
        break;
    case DLT_LINUX_SLL2:
        mps_link_facts_take(facts, MPS_LINK_COOKED_V2, frame, captured);
        break;
    case DLT_PKTAP:
        mps_link_facts_take(facts, MPS_LINK_PKTAP, frame, captured);
        break;
    default:
        break;
    }
}
