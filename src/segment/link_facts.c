/* link_facts.c: what the link layer tells of a frame: which way it passed the host that captured
 * it, on which interface, and between which link addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "ip_header.h"

#include <mptcpscope/segment.h>

/* Bytes of headers, and where fields are. */
#define ETHERNET_HEADER 14u
#define COOKED_HEADER 16u
#define COOKED_V2_HEADER 20u
#define PKTAP_FLAGS_AT 36u

/* A link address (EUI-48). */
#define ADDRESS_SIZE 6u

/* The packet types of Linux cooked captures (LINKTYPE_LINUX_SLL, LINKTYPE_LINUX_SLL2). */
enum {
    PACKET_TO_US = 0,
    PACKET_BROADCAST = 1,
    PACKET_MULTICAST = 2,
    PACKET_BETWEEN_OTHERS = 3,
    PACKET_FROM_US = 4,
};

/* The flags of Apple's PKTAP (bsd/net/pktap.h: PTH_FLAG_DIR_IN, PTH_FLAG_DIR_OUT). */
#define PKTAP_IN 0x1u
#define PKTAP_OUT 0x2u

/* The option epb_flags of pcapng (section 4.3.1 of its draft). */
#define FLAGS_WAY 0x3u
#define FLAGS_IN 0x1u
#define FLAGS_OUT 0x2u
#define FLAGS_RECEPTION(flags) ((flags) >> 2 & 0x7u)
#define FLAGS_PROMISCUOUS 4u

const char *mps_way_name(mps_way way)
{
    static const char *const names[] = {
        [MPS_WAY_UNKNOWN] = NULL,
        [MPS_WAY_IN] = "in",
        [MPS_WAY_OUT] = "out",
        [MPS_WAY_OTHER] = "other",
    };
    return names[way];
}

static uint64_t load_address(const uint8_t *bytes)
{
    return (uint64_t)mps_load16(bytes) << 32 | mps_load32(bytes + 2);
}

static mps_way way_of_type(unsigned packet_type)
{
    switch (packet_type) {
    case PACKET_TO_US:
    case PACKET_BROADCAST:
    case PACKET_MULTICAST:
        return MPS_WAY_IN;
    case PACKET_BETWEEN_OTHERS:
        return MPS_WAY_OTHER;
    case PACKET_FROM_US:
        return MPS_WAY_OUT;
    default:
        return MPS_WAY_UNKNOWN;
    }
}

/* The packet types of both versions, and their addresses, are alike; only their places differ. */
static void take_cooked(mps_link_facts *facts, unsigned packet_type, unsigned address_size,
                        const uint8_t *address)
{
    const mps_way way = way_of_type(packet_type);
    if (way != MPS_WAY_UNKNOWN)
        facts->way = way;
    if (address_size == ADDRESS_SIZE)
        facts->source = load_address(address);
}

void mps_link_facts_take(mps_link_facts *facts, mps_link_kind kind, const uint8_t *frame,
                         size_t captured)
{
    switch (kind) {
    case MPS_LINK_ETHERNET:
        if (captured < ETHERNET_HEADER)
            return;
        facts->destination = load_address(frame);
        facts->source = load_address(frame + ADDRESS_SIZE);
        break;
    case MPS_LINK_COOKED:
        if (captured >= COOKED_HEADER)
            take_cooked(facts, mps_load16(frame), mps_load16(frame + 4), frame + 6);
        break;
    case MPS_LINK_COOKED_V2:
        if (captured < COOKED_V2_HEADER)
            return;
        facts->link_index = mps_load32(frame + 4);
        take_cooked(facts, frame[10], frame[11], frame + 12);
        break;
    case MPS_LINK_PKTAP:
        if (captured < PKTAP_FLAGS_AT + 4)
            return;
        const uint32_t flags = mps_load32_little(frame + PKTAP_FLAGS_AT) & (PKTAP_IN | PKTAP_OUT);
        if (flags == PKTAP_IN || flags == PKTAP_OUT)
            facts->way = flags == PKTAP_IN ? MPS_WAY_IN : MPS_WAY_OUT;
        break;
    default:
        break;
    }
}

void mps_link_facts_take_flags(mps_link_facts *facts, uint32_t flags)
{
    if ((flags & FLAGS_WAY) == FLAGS_OUT)
        facts->way = MPS_WAY_OUT;
    else if ((flags & FLAGS_WAY) == FLAGS_IN)
        facts->way = FLAGS_RECEPTION(flags) == FLAGS_PROMISCUOUS ? MPS_WAY_OTHER : MPS_WAY_IN;
}

bool mps_link_facts_apart(const mps_link_facts *a, const mps_link_facts *b)
{
    const bool both_known = a->interface != MPS_NONE && b->interface != MPS_NONE;
    const bool both_indexed = a->link_index != 0 && b->link_index != 0;
    return (both_known && a->interface != b->interface) ||
           (both_indexed && a->link_index != b->link_index);
}

static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t count)
{
    for (size_t i = 0; i < count; i += 2)
        sum += mps_load16(bytes + i);
    return sum;
}

bool mps_segment_checksum_unfilled(const mps_segment *segment)
{
    /* The pseudo-header: both addresses, the protocol, the length (RFC 9293 section 3.1). */
    const uint32_t length = segment->header_length + segment->length;
    uint32_t sum = MPS_PROTOCOL_TCP + (length >> 16) + (length & 0xffff);
    sum = add_words(sum, segment->source.bytes, segment->source.length);
    sum = add_words(sum, segment->destination.bytes, segment->destination.length);
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return segment->checksum == sum;
}
