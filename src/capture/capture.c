/* capture.c: reads the TCP segments of a capture file with libpcap.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "capture.h"

#include <pcap/pcap.h>
#include <string.h>

#include "base/bytes.h"
#include "capture_internal.h"
#include <mptcpscope/error.h>

/* Of stdio: fewer and larger reads than its default. */
#define BUFFER_SIZE 65536

/* Marks a segment whose TCP flags were not captured; real ones have 12 bits. */
#define NO_FLAGS UINT16_MAX

#define PROTOCOL_ICMP 1u
#define PROTOCOL_ICMPV6 58u

struct mps_capture {
    pcap_t *pcap;
    mps_input *input;
    mps_streams *streams;
    int link_type;
    bool empty; /* the file holds not a single byte */
    uint64_t frames, unusable;
    char buffer[BUFFER_SIZE];
};

/* Say what libpcap could not read, in words better than its own where we know some. */
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
        /* It says so of two interfaces of raw IP as well: it compares the numbers that this type
         * has in the file and in memory, which differ. */
        text = "interfaces that differ in link type, or several of raw IP, are not supported";
    else if (strstr(text, "different from the snapshot length of the first interface") != NULL)
        text = "interfaces that differ in snapshot length are not supported";

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

/* Where the packet is quoted that an ICMP error is about, or 0. The types are those of which
 * Wireshark looks at the whole quotation; of that in a redirect it takes 8 bytes of TCP. */
static size_t find_quoted(const uint8_t *packet, size_t captured)
{
    if (captured < 40 || (packet[0] >> 4 != 4 && packet[0] >> 4 != 6))
        return 0;
    const bool is_ipv4 = packet[0] >> 4 == 4;
    const size_t header_length = is_ipv4 ? (packet[0] & 0x0fu) * 4 : 40;
    if (captured <= header_length + 8)
        return 0;

    const uint8_t type = packet[header_length];
    bool is_error;
    if (is_ipv4) /* unreachable, source quench, time exceeded, parameter problem */
        is_error = packet[9] == PROTOCOL_ICMP && (mps_load16(packet + 6) & 0x1fff) == 0 &&
                   (type == 3 || type == 4 || type == 11 || type == 12);
    else
        is_error = packet[6] == PROTOCOL_ICMPV6 && type >= 1 && type <= 4;
    return is_error ? header_length + 8 : 0;
}

/* What an ICMP error quotes is no segment that was seen. But Wireshark gives its connection a
 * number all the same, so to number as it does we must count it. */
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

/* @return whether the frame holds a segment, which then is filled in */
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

    /* Wireshark numbers a connection by any segment whose flags it sees. */
    segment->tcp_stream = mps_streams_number(capture->streams, segment, false);
    segment->frame = (uint32_t)capture->frames;
    /* With the precision that was asked for, tv_usec holds nanoseconds. */
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
    if (result == PCAP_ERROR_BREAK) /* how libpcap says that the file has ended */
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
        pcap_close(capture->pcap); /* and with it the stream */
    mps_input_free(capture->input);
    mps_streams_free(capture->streams);
    g_free(capture);
}
