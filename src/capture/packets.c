/* packets.c: finds the TCP segment in a frame, or the ICMP error about one, and counts frames that
 * are not understood.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"

#include "base/bytes.h"
#include "base/likely.h"
#include "capture_internal.h"
#include "segment/ip_header.h"
#include "unread.h"
#include <mptcpscope/frame_notes.h>

/* Marks a segment whose TCP flags were not captured; real flags have 12 bits. */
#define NO_FLAGS UINT16_MAX

/* Bytes of the longest link header without tags: a frame cut within it leads nowhere. */
#define LINK_HEADER_MAX 20u

struct mps_packets {
    mps_streams *streams;
    mps_fragments *fragments;
    mps_unread *unread;
    uint64_t truncated, malformed; /* frames */
};

mps_packets *mps_packets_new(void)
{
    mps_packets *packets = g_new0(mps_packets, 1);
    packets->streams = mps_streams_new();
    packets->fragments = mps_fragments_new();
    packets->unread = mps_unread_new();
    return packets;
}

void mps_packets_free(mps_packets *packets)
{
    if (packets == NULL)
        return;
    mps_streams_free(packets->streams);
    mps_fragments_free(packets->fragments);
    mps_unread_free(packets->unread);
    g_free(packets);
}

/* Packets within packets that are looked into; more is an attack. */
#define PACKETS_MAX 8u

/* The offset of the packet that an ICMP error quotes, or 0. Wireshark dissects the whole quotation
 * only in these types; in a redirect it takes 8 bytes of TCP. */
static size_t find_quoted(const uint8_t *packet, size_t captured)
{
    if (captured < MPS_IPV6_HEADER || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
        return 0;
    const bool is_ipv4 = packet[0] >> 4 == 4;
    const size_t header_length = is_ipv4 ? (packet[0] & 0x0fu) * 4 : MPS_IPV6_HEADER;
    if (captured <= header_length + MPS_ICMP_HEADER)
        return 0;
    const bool is_icmp =
        is_ipv4 ? packet[9] == MPS_PROTOCOL_ICMP && (mps_load16(packet + 6) & MPS_IPV4_OFFSET) == 0
                : packet[6] == MPS_PROTOCOL_ICMPV6;
    return is_icmp && mps_icmp_is_error(!is_ipv4, packet[header_length])
               ? header_length + MPS_ICMP_HEADER
               : 0;
}

/* A segment that an ICMP error quotes was not captured. But Wireshark gives its connection a number
 * all the same, so it is counted here to keep the numbers equal. */
static void number_quoted(mps_packets *packets, mps_segment *segment, const uint8_t *packet,
                          size_t captured)
{
    const size_t offset = find_quoted(packet, captured);
    if (offset == 0)
        return;

    segment->flags = NO_FLAGS;
    const mps_parse_result result =
        mps_segment_parse_ip(segment, packet + offset, captured - offset, captured - offset);
    if (result != MPS_PARSE_NOT_TCP && segment->flags != NO_FLAGS)
        mps_streams_number(packets->streams, segment, true);
}

/* A packet within a frame, from its IP header on. */
typedef struct {
    const uint8_t *bytes;
    size_t captured, length; /* length: on the wire */
    bool reassembled;
} ip_packet;

/* Go on to the packet that this one carries or completes. @return false: there is none */
static bool enter_packet(mps_packets *packets, ip_packet *packet)
{
    const uint8_t *whole;
    size_t length;
    switch (
        mps_fragments_take(packets->fragments, packet->bytes, packet->captured, &whole, &length)) {
    case MPS_FRAGMENT_WHOLE:
        *packet = (ip_packet){whole, length, length, true};
        return true;
    case MPS_FRAGMENT_NONE:
        break;
    default:
        return false;
    }
    size_t inner;
    if (!mps_tunnel_enter(packet->bytes, packet->captured, &inner))
        return false;
    packet->bytes += inner;
    packet->captured -= inner;
    packet->length -= inner;
    return true;
}

static mps_parse_result parse_packet(mps_segment *segment, const ip_packet *packet)
{
    mps_parse_result result =
        mps_segment_parse_ip(segment, packet->bytes, packet->captured, packet->length);
    if (MPS_UNLIKELY(packet->reassembled) && result == MPS_PARSE_OK) {
        /* In what fragments differ is not known. */
        segment->ip_id = -1;
        segment->ttl = segment->tos = 0;
    }
    return result;
}

/* A packet is no segment: decode what it carries or completes. @param packet  set to that */
static mps_parse_result parse_inner(mps_packets *packets, mps_segment *segment, ip_packet *packet)
{
    mps_parse_result result = MPS_PARSE_NOT_TCP;
    for (unsigned depth = 0;
         result == MPS_PARSE_NOT_TCP && depth < PACKETS_MAX && enter_packet(packets, packet);
         depth++)
        result = parse_packet(segment, packet);
    return result;
}

static void count_unusable(mps_packets *packets, mps_parse_result result)
{
    packets->truncated += result == MPS_PARSE_TRUNCATED;
    packets->malformed += result == MPS_PARSE_MALFORMED;
}

/* No IP header was found. */
static void count_frame(mps_packets *packets, const mps_frame *frame, bool has_tcp)
{
    if (frame->captured < frame->length && frame->captured < LINK_HEADER_MAX &&
        mps_link_may_be_ip(frame->link_type, frame->bytes, frame->captured))
        packets->truncated++;
    else if (!has_tcp)
        mps_unread_frame(packets->unread, frame->link_type, frame->bytes, frame->captured);
}

/* The frame holds a packet, but no segment. */
static mps_next take_other(mps_packets *packets, const mps_frame *frame, const ip_packet *packet,
                           bool has_tcp, mps_segment *segment, mps_icmp_error *icmp)
{
    number_quoted(packets, segment, packet->bytes, packet->captured);
    if (!has_tcp)
        mps_unread_packet(packets->unread, packet->bytes, packet->captured);
    if (!mps_icmp_error_parse(icmp, packet->bytes, packet->captured))
        return MPS_NEXT_END;
    icmp->time = frame->time;
    icmp->link = frame->link;
    mps_link_facts_of_frame(&icmp->link, frame->link_type, frame->bytes, frame->captured);
    return MPS_NEXT_ICMP_ERROR;
}

mps_next mps_packets_take(mps_packets *packets, const mps_frame *frame, bool has_tcp,
                          mps_segment *segment, mps_icmp_error *icmp)
{
    size_t offset;
    if (MPS_UNLIKELY(!mps_link_find_ip(frame->link_type, frame->bytes, frame->captured, &offset))) {
        if (frame->link_type != MPS_FRAME_NO_PACKET)
            count_frame(packets, frame, has_tcp);
        return MPS_NEXT_END;
    }

    ip_packet packet = {frame->bytes + offset, frame->captured - offset, frame->length - offset,
                        false};
    segment->flags = NO_FLAGS;
    mps_parse_result result = parse_packet(segment, &packet);
    if (MPS_UNLIKELY(result == MPS_PARSE_NOT_TCP)) {
        result = parse_inner(packets, segment, &packet);
        if (result == MPS_PARSE_NOT_TCP)
            return take_other(packets, frame, &packet, has_tcp, segment, icmp);
    }
    if (MPS_UNLIKELY(result != MPS_PARSE_OK))
        count_unusable(packets, result);
    if (MPS_UNLIKELY(segment->flags == NO_FLAGS))
        return MPS_NEXT_END;

    /* Wireshark numbers a connection for each segment whose flags were captured. */
    segment->tcp_stream = mps_streams_number(packets->streams, segment, false);
    segment->time = frame->time;
    segment->link = frame->link;
    mps_link_facts_of_frame(&segment->link, frame->link_type, frame->bytes, frame->captured);
    return result == MPS_PARSE_OK ? MPS_NEXT_SEGMENT : MPS_NEXT_END;
}

uint64_t mps_packets_unusable(const mps_packets *packets)
{
    return packets->truncated + packets->malformed;
}

/* ---- notes ---- */

/* Add a sentence that begins with the number of frames. @param what  follows "N frames" */
static void add_note(GPtrArray *notes, uint64_t count, const char *one, const char *several)
{
    if (count > 0)
        g_ptr_array_add(notes, count == 1 ? g_strdup_printf("1 frame %s.", one)
                                          : g_strdup_printf("%" G_GUINT64_FORMAT " frames %s.",
                                                            count, several));
}

void mps_packets_notes(const mps_packets *packets, GPtrArray *notes)
{
    const mps_fragment_counts fragments = mps_fragments_counts(packets->fragments);
    mps_unread_notes(packets->unread, notes);
    add_note(
        notes, packets->truncated,
        "is left out: the snaplen cuts its headers before or within the fixed header of TCP",
        "are left out: the snaplen cuts their headers before or within the fixed header of TCP");
    add_note(notes, packets->malformed, "with TCP is left out: its lengths contradict each other",
             "with TCP are left out: their lengths contradict each other");
    add_note(notes, fragments.missing,
             "is left out: it holds a fragment of an IP packet of which others are missing",
             "are left out: they hold fragments of IP packets of which others are missing");
    add_note(notes, fragments.cut,
             "is left out: it holds a fragment of an IP packet that the snaplen cuts",
             "are left out: they hold fragments of IP packets that the snaplen cuts");
    add_note(notes, fragments.bad_checksum,
             "is left out: it holds a fragment of an IP packet whose header checksum is wrong",
             "are left out: they hold fragments of IP packets whose header checksum is wrong");
}

/* ---- for those who read frames themselves ---- */

struct mps_frame_notes {
    mps_packets *packets;
};

mps_frame_notes *mps_frame_notes_new(void)
{
    mps_frame_notes *notes = g_new(mps_frame_notes, 1);
    notes->packets = mps_packets_new();
    return notes;
}

bool mps_frame_notes_take(mps_frame_notes *notes, int link_type, const uint8_t *bytes,
                          size_t captured, size_t length, bool has_tcp, mps_icmp_error *icmp)
{
    const mps_frame frame = {.link_type = mps_link_of_file(link_type),
                             .bytes = bytes,
                             .captured = captured,
                             .length = MAX(length, captured),
                             .link = MPS_NO_LINK_FACTS};
    mps_segment segment;
    return mps_packets_take(notes->packets, &frame, has_tcp, &segment, icmp) == MPS_NEXT_ICMP_ERROR;
}

void mps_frame_notes_add(const mps_frame_notes *notes, GPtrArray *sentences)
{
    mps_packets_notes(notes->packets, sentences);
}

void mps_frame_notes_free(mps_frame_notes *notes)
{
    if (notes == NULL)
        return;
    mps_packets_free(notes->packets);
    g_free(notes);
}

char *mps_cut_off_note(const char *clause)
{
    return g_strdup_printf("%c%s; what came before is used.", g_ascii_toupper(clause[0]),
                           clause + 1);
}

char *mps_drops_note(uint64_t packets)
{
    return g_strdup_printf("The capture lacks %" G_GUINT64_FORMAT
                           " packet%s that its interfaces dropped.",
                           packets, packets == 1 ? "" : "s");
}
