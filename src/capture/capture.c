/* capture.c: reads the TCP segments of a capture file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include "base/bytes.h"
#include "capture_internal.h"
#include "frames.h"

/* Marks a segment whose TCP flags were not captured; real flags have 12 bits. */
#define NO_FLAGS UINT16_MAX

/* Bytes of the fixed IPv6 header and of an ICMP header (RFC 792, RFC 4443 section 2.1). */
#define IPV6_HEADER 40u
#define ICMP_HEADER 8u

#define IPV4_FRAGMENT_OFFSET 0x1fffu
#define PROTOCOL_ICMP 1u
#define PROTOCOL_ICMPV6 58u

/* Types of ICMP errors (RFC 792), and the first and last of those of ICMPv6 (RFC 4443). */
enum {
    ICMP_UNREACHABLE = 3,
    ICMP_SOURCE_QUENCH = 4,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12,
    ICMPV6_UNREACHABLE = 1,
    ICMPV6_PARAMETER_PROBLEM = 4,
};

struct mps_capture {
    mps_input *input;
    mps_frames *frames;
    mps_streams *streams;
    mps_fragments *fragments;
    uint64_t unusable;
};

mps_capture *mps_capture_from(mps_input *input, GError **error)
{
    mps_frames *frames = mps_frames_new(input, error);
    if (frames == NULL) {
        mps_input_free(input);
        return NULL;
    }
    mps_capture *capture = g_new0(mps_capture, 1);
    capture->input = input;
    capture->frames = frames;
    capture->streams = mps_streams_new();
    capture->fragments = mps_fragments_new();
    return capture;
}

mps_capture *mps_capture_open(const char *path, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    return input != NULL ? mps_capture_from(input, error) : NULL;
}

/* Packets within packets that are looked into; more is an attack. */
#define PACKETS_MAX 8u

/* The offset of the packet that an ICMP error quotes, or 0. Wireshark dissects the whole quotation
 * only in these types; in a redirect it takes 8 bytes of TCP. */
static size_t find_quoted(const uint8_t *packet, size_t captured)
{
    if (captured < IPV6_HEADER || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
        return 0;
    const bool is_ipv4 = packet[0] >> 4 == 4;
    const size_t header_length = is_ipv4 ? (packet[0] & 0x0fu) * 4 : IPV6_HEADER;
    if (captured <= header_length + ICMP_HEADER)
        return 0;

    const uint8_t type = packet[header_length];
    bool is_error;
    if (is_ipv4)
        is_error = packet[9] == PROTOCOL_ICMP &&
                   (mps_load16(packet + 6) & IPV4_FRAGMENT_OFFSET) == 0 &&
                   (type == ICMP_UNREACHABLE || type == ICMP_SOURCE_QUENCH ||
                    type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM);
    else
        is_error = packet[6] == PROTOCOL_ICMPV6 && type >= ICMPV6_UNREACHABLE &&
                   type <= ICMPV6_PARAMETER_PROBLEM;
    return is_error ? header_length + ICMP_HEADER : 0;
}

/* A segment that an ICMP error quotes was not captured. But Wireshark gives its connection a number
 * all the same, so it is counted here to keep the numbers equal. */
static void number_quoted(mps_capture *capture, mps_segment *segment, const uint8_t *packet,
                          size_t captured)
{
    const size_t offset = find_quoted(packet, captured);
    if (offset == 0)
        return;

    segment->flags = NO_FLAGS;
    const mps_parse_result result =
        mps_segment_parse_ip(segment, packet + offset, captured - offset, captured - offset);
    if (result != MPS_PARSE_NOT_TCP && segment->flags != NO_FLAGS)
        mps_streams_number(capture->streams, segment, true);
}

/* A packet within a frame, from its IP header on. */
typedef struct {
    const uint8_t *bytes;
    size_t captured, length; /* length: on the wire */
    bool reassembled;
} ip_packet;

/* Go on to the packet that this one carries or completes. @return false: there is none */
static bool enter_packet(mps_capture *capture, ip_packet *packet)
{
    const uint8_t *whole;
    size_t length;
    switch (
        mps_fragments_take(capture->fragments, packet->bytes, packet->captured, &whole, &length)) {
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
    if (packet->reassembled && result == MPS_PARSE_OK) { /* in what fragments differ is not known */
        segment->ip_id = -1;
        segment->ttl = segment->tos = 0;
    }
    return result;
}

/* @return whether the frame holds a segment, which then is filled in */
static bool parse_frame(mps_capture *capture, mps_segment *segment, const mps_frame *frame)
{
    size_t offset;
    if (!mps_link_find_ip(frame->link_type, frame->bytes, frame->captured, &offset))
        return false;

    ip_packet packet = {frame->bytes + offset, frame->captured - offset, frame->length - offset,
                        false};
    segment->flags = NO_FLAGS;
    mps_parse_result result = parse_packet(segment, &packet);
    for (unsigned depth = 0;
         result == MPS_PARSE_NOT_TCP && depth < PACKETS_MAX && enter_packet(capture, &packet);
         depth++)
        result = parse_packet(segment, &packet);
    if (result == MPS_PARSE_NOT_TCP) {
        number_quoted(capture, segment, packet.bytes, packet.captured);
        return false;
    }
    if (result != MPS_PARSE_OK)
        capture->unusable++;
    if (segment->flags == NO_FLAGS)
        return false;

    /* Wireshark numbers a connection for each segment whose flags were captured. */
    segment->tcp_stream = mps_streams_number(capture->streams, segment, false);
    segment->frame = (uint32_t)mps_frames_count(capture->frames);
    segment->time = frame->time;
    segment->link = frame->link;
    mps_link_facts_of_frame(&segment->link, frame->link_type, frame->bytes, frame->captured);
    return result == MPS_PARSE_OK;
}

int mps_capture_next(mps_capture *capture, mps_segment *segment, GError **error)
{
    mps_frame frame;
    int got;

    while ((got = mps_frames_next(capture->frames, &frame, error)) == 1)
        if (parse_frame(capture, segment, &frame))
            return 1;
    return got;
}

uint64_t mps_capture_frames(const mps_capture *capture)
{
    return mps_frames_count(capture->frames);
}

uint64_t mps_capture_drops(const mps_capture *capture)
{
    return mps_frames_drops(capture->frames);
}

uint64_t mps_capture_unusable(const mps_capture *capture)
{
    return capture->unusable;
}

void mps_capture_notes(const mps_capture *capture, GPtrArray *notes)
{
    if (capture->unusable > 0)
        g_ptr_array_add(notes,
                        g_strdup_printf("Frames with TCP that are left out, as too little of the "
                                        "header was captured or lengths contradict each other: "
                                        "%" G_GUINT64_FORMAT ".",
                                        capture->unusable));
}

void mps_capture_close(mps_capture *capture)
{
    if (capture == NULL)
        return;
    mps_frames_free(capture->frames);
    mps_input_free(capture->input);
    mps_streams_free(capture->streams);
    mps_fragments_free(capture->fragments);
    g_free(capture);
}
