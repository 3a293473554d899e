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

struct mps_capture {
    pcap_t *pcap;
    mps_input *input;
    mps_streams *streams;
    int link_type;
    bool empty; /* the file has no bytes */
    uint64_t frames, unusable;
    char buffer[BUFFER_SIZE];
};

/* Report why libpcap could not read on, in clearer words than its own where possible. */
static void set_pcap_error(const mps_capture *capture, const char *text, GError **error)
{
    const char *problem = mps_input_problem(capture->input);

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
    capture->empty = mps_input_peek(input, 1, &start) == 0;
    capture->frames = capture->unusable = 0;
    capture->streams = mps_streams_new();
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

/* @return whether the frame holds a usable segment, which is then filled in */
static bool parse_frame(mps_capture *capture, mps_segment *segment,
                        const struct pcap_pkthdr *header, const uint8_t *frame)
{
    const size_t captured = header->caplen;
    size_t offset;

    if (!mps_link_find_ip(capture->link_type, frame, captured, &offset))
        return false;
    const size_t length = MAX(header->len, header->caplen) - offset;

    segment->flags = NO_FLAGS;
    const mps_parse_result result =
        mps_segment_parse_ip(segment, frame + offset, captured - offset, length);
    if (result == MPS_PARSE_NOT_TCP) {
        number_quoted(capture, segment, frame + offset, captured - offset);
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
    segment->time = mps_time_of(header->ts.tv_sec, header->ts.tv_usec);
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
    g_free(capture);
}
