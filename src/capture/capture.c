/* capture.c: reads the TCP segments of a capture file through libpcap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <string.h>

#include "base/bytes.h"
#include "capture_internal.h"
#include <mptcpscope/error.h>

/* Bytes of the stdio buffer: fewer and larger reads than with its default. */
#define BUFFER_SIZE 65536

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

/* A pcapng file begins with this. Its seconds are part of a number of 64 bits. */
#define PCAPNG_MAGIC_SIZE 4u
static const uint8_t pcapng_magic[PCAPNG_MAGIC_SIZE] = {0x0a, 0x0d, 0x0d, 0x0a};

struct mps_capture {
    pcap_t *pcap;
    mps_input *input;
    mps_streams *streams;
    mps_fragments *fragments;
    int link_type;
    bool empty;            /* the file has no bytes */
    bool unsigned_seconds; /* they have 32 bits, which libpcap takes for a signed number */
    uint64_t frames, unusable;
    char buffer[BUFFER_SIZE];
};

/* Report that the file lacks its end. What libpcap gave before that is whole. */
static void set_cut_off(const mps_capture *capture, const char *what, GError **error)
{
    if (capture->frames == 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "%s cut off before the first frame", what);
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "%s cut off after frame %" PRIu64, what,
                    capture->frames);
}

/* Report why libpcap could not read on, in clearer words than its own where possible. */
static void set_pcap_error(const mps_capture *capture, const char *text, GError **error)
{
    const char *problem = mps_input_problem(capture->input);

    if (mps_input_cut_off(capture->input)) {
        set_cut_off(capture, "the compressed data are", error);
        return;
    }
    if (problem == NULL && g_str_has_prefix(text, "truncated") && !capture->empty) {
        set_cut_off(capture, "the file is", error);
        return;
    }
    if (problem != NULL)
        text = problem;
    else if (capture->empty)
        text = "the file is empty";
    else if (strstr(text, "unknown file format") != NULL)
        text = "not a capture in pcap or pcapng format";
    else if (strstr(text, "different from the type of the first interface") != NULL)
        /* libpcap says this also about two interfaces of raw IP, because it compares the number
         * of that link type in the file with the different one in memory. */
        text = "several interfaces of different link types, or of raw IP, are not supported";
    else if (strstr(text, "different from the snapshot length of the first interface") != NULL)
        text = "several interfaces of different snapshot lengths are not supported";

    if (capture->frames == 0)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, text);
    else
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "after frame %" PRIu64 ": %s",
                    capture->frames, text);
}

static bool open_pcap(mps_capture *capture, FILE *stream, GError **error)
{
    char text[PCAP_ERRBUF_SIZE] = "";

    setvbuf(stream, capture->buffer, _IOFBF, BUFFER_SIZE);
    capture->pcap =
        pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, text);
    if (capture->pcap == NULL) {
        set_pcap_error(capture, text, error);
        fclose(stream);
        return false;
    }

    capture->link_type = pcap_datalink(capture->pcap);
    if (!mps_link_known(capture->link_type)) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "link type %s is not supported",
                    pcap_datalink_val_to_description_or_dlt(capture->link_type));
        return false;
    }
    return true;
}

mps_capture *mps_capture_from(mps_input *input, GError **error)
{
    mps_capture *capture = g_new(mps_capture, 1);
    const char *start;
    capture->pcap = NULL;
    capture->input = input;
    const size_t begin = mps_input_peek(input, PCAPNG_MAGIC_SIZE, &start);
    capture->empty = begin == 0;
    capture->unsigned_seconds =
        begin < PCAPNG_MAGIC_SIZE || memcmp(start, pcapng_magic, PCAPNG_MAGIC_SIZE) != 0;
    capture->frames = capture->unusable = 0;
    capture->streams = mps_streams_new();
    capture->fragments = mps_fragments_new();
    FILE *stream = mps_input_stream(input, error);
    if (stream != NULL && open_pcap(capture, stream, error))
        return capture;
    mps_capture_close(capture);
    return NULL;
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
static bool parse_frame(mps_capture *capture, mps_segment *segment,
                        const struct pcap_pkthdr *header, const uint8_t *frame)
{
    size_t offset;
    if (!mps_link_find_ip(capture->link_type, frame, header->caplen, &offset))
        return false;

    ip_packet packet = {frame + offset, header->caplen - offset,
                        MAX(header->len, header->caplen) - offset, false};
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
    segment->frame = (uint32_t)capture->frames;
    /* PCAP_TSTAMP_PRECISION_NANO: tv_usec holds nanoseconds. */
    const int64_t seconds =
        capture->unsigned_seconds ? (uint32_t)header->ts.tv_sec : (int64_t)header->ts.tv_sec;
    segment->time = mps_time_of(seconds, header->ts.tv_usec);
    return result == MPS_PARSE_OK;
}

int mps_capture_next(mps_capture *capture, mps_segment *segment, GError **error)
{
    struct pcap_pkthdr *header;
    const u_char *frame;
    int result;

    while ((result = pcap_next_ex(capture->pcap, &header, &frame)) == 1) {
        capture->frames++;
        if (parse_frame(capture, segment, header, frame))
            return 1;
    }
    if (result == PCAP_ERROR_BREAK) /* the file has ended */
        return 0;
    set_pcap_error(capture, pcap_geterr(capture->pcap), error);
    return -1;
}

uint64_t mps_capture_frames(const mps_capture *capture)
{
    return capture->frames;
}

uint64_t mps_capture_unusable(const mps_capture *capture)
{
    return capture->unusable;
}

void mps_capture_close(mps_capture *capture)
{
    if (capture == NULL)
        return;
    if (capture->pcap != NULL)
        pcap_close(capture->pcap); /* closes the stream as well */
    mps_input_free(capture->input);
    mps_streams_free(capture->streams);
    mps_fragments_free(capture->fragments);
    g_free(capture);
}
