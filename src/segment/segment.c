/* segment.c: decodes IP headers, the TCP header and its options; mptcp_option.c decodes MPTCP's.
 *
 * Two lengths are passed along: the captured bytes limit every load, and the bytes on the wire give
 * the payload length.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "mptcpscope/segment.h"
#include "ip_header.h"
#include "option_parse.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/bytes.h"
#include "base/likely.h"

/* Bytes of a TCP header without options (RFC 9293 section 3.1). */
#define TCP_HEADER_MIN 20u

/* Bytes of the TCP header up to the window. Wireshark numbers a TCP connection as soon as these
 * were captured, so they are decoded even where the segment as a whole cannot be. */
#define TCP_HEADER_START 16u

/* TCP option kinds (IANA registry; RFC 9293 section 3.1, RFC 7323, RFC 2018). */
enum {
    OPTION_END = 0,
    OPTION_NOP = 1,
    OPTION_MSS = 2,
    OPTION_WINDOW_SCALE = 3,
    OPTION_SACK_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_TIMESTAMPS = 8,
};

static size_t min_size(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void parse_sack(mps_segment *segment, const uint8_t *option, unsigned length)
{
    const unsigned blocks = (length - 2) / 8;

    if (length != 2 + 8 * blocks || blocks == 0 || blocks > MPS_SACK_BLOCKS_MAX)
        return;
    for (unsigned i = 0; i < blocks; i++) {
        segment->sack[i].left = mps_load32(option + 2 + 8 * i);
        segment->sack[i].right = mps_load32(option + 6 + 8 * i);
    }
    segment->sack_blocks = (uint8_t)blocks;
}

/* Decode an option that was captured whole. An option of an unexpected length is ignored. */
static void parse_plain_option(mps_segment *segment, const uint8_t *option, uint8_t length)
{
    if (MPS_LIKELY(option[0] == OPTION_TIMESTAMPS && length == 10)) {
        segment->has_timestamps = true;
        segment->tsval = mps_load32(option + 2);
        segment->tsecr = mps_load32(option + 6);
        return;
    }
    switch (option[0]) {
    case OPTION_MSS:
        if (length == 4)
            segment->mss = mps_load16(option + 2);
        break;
    case OPTION_WINDOW_SCALE:
        if (length == 3) {
            segment->has_window_scale = true;
            segment->window_scale = option[2];
        }
        break;
    case OPTION_SACK_PERMITTED:
        if (length == 2)
            segment->sack_permitted = true;
        break;
    case OPTION_SACK:
        parse_sack(segment, option, length);
        break;
    default:
        break;
    }
}

/* Clears all results except mptcp[] and sack[], for which their counts suffice. */
static void clear_options(mps_segment *segment)
{
    segment->options_captured = 0;
    segment->options_truncated = false;
    segment->options_malformed = false;
    segment->has_timestamps = false;
    segment->has_window_scale = false;
    segment->sack_permitted = false;
    segment->window_scale = 0;
    segment->sack_blocks = 0;
    segment->mss = 0;
    segment->tsval = 0;
    segment->tsecr = 0;
    segment->mptcp_count = 0;
    segment->mptcp_subtypes = 0;
}

static void parse_mptcp_option(mps_segment *segment, const uint8_t *option, uint8_t length,
                               size_t present)
{
    mps_option *parsed = &segment->mptcp[segment->mptcp_count++];
    mps_option_parse(parsed, option, length, present, segment->flags);
    segment->mptcp_subtypes |= (uint16_t)(parsed->valid << parsed->subtype);
}

void mps_segment_parse_options(mps_segment *segment, const uint8_t *options, size_t captured)
{
    const size_t space =
        segment->header_length > TCP_HEADER_MIN
            ? min_size(segment->header_length - TCP_HEADER_MIN, MPS_TCP_OPTIONS_MAX)
            : 0;
    const uint8_t *at = segment->options;
    captured = min_size(captured, space);
    const uint8_t *end = at + captured, *header_end = at + space;

    clear_options(segment);
    segment->options_captured = (uint8_t)captured;
    segment->options_truncated = captured < space;
    if (MPS_LIKELY(captured > 0))
        memmove(segment->options, options, captured); /* `options` may be segment->options */

    for (;;) {
        while (MPS_LIKELY(at < end && *at == OPTION_NOP))
            at++;
        if (at >= end || MPS_UNLIKELY(*at == OPTION_END))
            return;
        /* An option without its length byte is malformed at the end of the header, but only
         * truncated at the end of the captured bytes. */
        if (MPS_UNLIKELY(at + 1 == end)) {
            segment->options_malformed = end == header_end;
            return;
        }

        const uint8_t length = at[1];
        if (MPS_UNLIKELY(length < 2 || length > header_end - at)) {
            segment->options_malformed = true;
            return;
        }
        const size_t present = min_size(length, (size_t)(end - at));
        if (*at == MPS_TCP_OPTION_MPTCP && present >= 3) /* fewer bytes have no subtype */
            parse_mptcp_option(segment, at, length, present);
        else if (MPS_LIKELY(present == length))
            parse_plain_option(segment, at, length);
        at += length;
    }
}

static void parse_tcp_start(mps_segment *segment, const uint8_t *header)
{
    segment->source_port = mps_load16(header);
    segment->destination_port = mps_load16(header + 2);
    segment->seq = mps_load32(header + 4);
    segment->ack = mps_load32(header + 8);
    segment->header_length = (uint8_t)((header[12] >> 4) * 4);
    segment->flags = mps_load16(header + 12) & 0x0fff;
    segment->window = mps_load16(header + 14);
}

static inline uint64_t load_word(const uint8_t *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return word;
}

/* Add a word. @return the carry */
static inline unsigned add_word(uint64_t *sum, uint64_t word)
{
    return __builtin_add_overflow(*sum, word, sum);
}

/* The one's complement sum of 16-bit big-endian words; an odd last byte is the upper half of a
 * word. Longer words give the same sum, if each carry is added again; and the byte order of the
 * loads matters only at the end (RFC 1071 section 2). It is taken of every byte of a capture, so
 * the loop is unrolled. */
static uint16_t ones_complement_sum(const uint8_t *bytes, size_t length)
{
    const size_t size = sizeof(uint64_t);
    uint64_t sum = 0, carries = 0, last = 0;
    for (; length >= 4 * size; length -= 4 * size, bytes += 4 * size) {
        carries += add_word(&sum, load_word(bytes));
        carries += add_word(&sum, load_word(bytes + size));
        carries += add_word(&sum, load_word(bytes + 2 * size));
        carries += add_word(&sum, load_word(bytes + 3 * size));
    }
    for (; length >= size; length -= size, bytes += size)
        carries += add_word(&sum, load_word(bytes));
    memcpy(&last, bytes, length);
    carries += add_word(&sum, last);
    sum = (sum >> 32) + (sum & UINT32_MAX) + carries;
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return ntohs((uint16_t)sum);
}

static void sum_payload(mps_segment *segment, const uint8_t *header, size_t captured)
{
    const uint8_t *payload = header + segment->header_length;
    segment->has_payload_sum =
        segment->length > 0 && captured >= (size_t)segment->header_length + segment->length;
    segment->payload_sum =
        segment->has_payload_sum ? ones_complement_sum(payload, segment->length) : 0;
}

mps_parse_result mps_segment_parse_tcp(mps_segment *segment, const uint8_t *header, size_t captured,
                                       size_t tcp_length)
{
    captured = min_size(captured, tcp_length);
    if (MPS_LIKELY(captured >= TCP_HEADER_START))
        parse_tcp_start(segment, header);
    if (tcp_length < TCP_HEADER_MIN)
        return MPS_PARSE_MALFORMED;
    if (captured < TCP_HEADER_MIN)
        return MPS_PARSE_TRUNCATED;
    if (segment->header_length < TCP_HEADER_MIN || segment->header_length > tcp_length ||
        tcp_length - segment->header_length > MPS_PAYLOAD_MAX)
        return MPS_PARSE_MALFORMED;

    segment->checksum = mps_load16(header + 16);
    segment->urgent = mps_load16(header + 18);
    segment->length = (uint32_t)(tcp_length - segment->header_length);
    mps_segment_parse_options(segment, header + TCP_HEADER_MIN, captured - TCP_HEADER_MIN);
    sum_payload(segment, header, captured);
    return MPS_PARSE_OK;
}

static mps_parse_result parse_ipv4(mps_segment *segment, const uint8_t *packet, size_t captured,
                                   size_t length)
{
    if (captured < MPS_IPV4_HEADER_MIN)
        return MPS_PARSE_TRUNCATED;
    mps_ip_place place = mps_ipv4_first(packet);
    if (place.at < MPS_IPV4_HEADER_MIN)
        return MPS_PARSE_MALFORMED;
    if (mps_ipv4_is_fragment(packet))
        return MPS_PARSE_NOT_TCP;
    if (place.protocol == MPS_PROTOCOL_AUTHENTICATION) {
        if (!mps_ip_can_pass(&place, captured))
            return MPS_PARSE_TRUNCATED;
        mps_ip_next(&place, packet);
    }
    if (place.protocol != MPS_PROTOCOL_TCP)
        return MPS_PARSE_NOT_TCP;

    const uint16_t announced = mps_load16(packet + 2);
    const size_t total = announced != 0 ? min_size(announced, length) : length;
    if (total < place.at)
        return MPS_PARSE_MALFORMED;
    captured = min_size(captured, total); /* the rest is padding of the link layer */
    if (captured < place.at)
        return MPS_PARSE_TRUNCATED;

    mps_address_set(&segment->source, packet + 12, 4);
    mps_address_set(&segment->destination, packet + 16, 4);
    segment->ip_id = mps_load16(packet + 4);
    segment->tos = packet[1];
    segment->ttl = packet[8];
    return mps_segment_parse_tcp(segment, packet + place.at, captured - place.at, total - place.at);
}

/* Skip the extension headers. @param at  set, on MPS_PARSE_OK, to where the TCP header begins */
static mps_parse_result find_tcp_in_ipv6(const uint8_t *packet, size_t captured, size_t total,
                                         size_t *at)
{
    mps_ip_place place = mps_ipv6_first(packet);
    while (place.protocol != MPS_PROTOCOL_TCP) {
        if (!mps_ip_has_next(&place))
            return MPS_PARSE_NOT_TCP;
        if (!mps_ip_can_pass(&place, total))
            return MPS_PARSE_MALFORMED;
        if (!mps_ip_can_pass(&place, captured))
            return MPS_PARSE_TRUNCATED;
        if (place.protocol == MPS_PROTOCOL_FRAGMENT && mps_ipv6_is_fragment(packet + place.at))
            return MPS_PARSE_NOT_TCP;
        mps_ip_next(&place, packet);
    }
    *at = place.at;
    if (*at > total)
        return MPS_PARSE_MALFORMED;
    return *at > captured ? MPS_PARSE_TRUNCATED : MPS_PARSE_OK;
}

static mps_parse_result parse_ipv6(mps_segment *segment, const uint8_t *packet, size_t captured,
                                   size_t length)
{
    if (captured < MPS_IPV6_HEADER)
        return MPS_PARSE_TRUNCATED;

    const uint16_t announced = mps_load16(packet + 4);
    const size_t total = announced != 0 ? min_size(MPS_IPV6_HEADER + announced, length) : length;
    size_t at;

    captured = min_size(captured, total);
    const mps_parse_result result = find_tcp_in_ipv6(packet, captured, total, &at);
    if (result != MPS_PARSE_OK)
        return result;

    mps_address_set(&segment->source, packet + 8, 16);
    mps_address_set(&segment->destination, packet + 24, 16);
    segment->ip_id = -1;
    segment->tos = (uint8_t)(mps_load16(packet) >> 4);
    segment->ttl = packet[7];
    return mps_segment_parse_tcp(segment, packet + at, captured - at, total - at);
}

mps_parse_result mps_segment_parse_ip(mps_segment *segment, const uint8_t *packet, size_t captured,
                                      size_t length)
{
    if (captured == 0)
        return MPS_PARSE_TRUNCATED;
    switch (packet[0] >> 4) {
    case 4:
        return parse_ipv4(segment, packet, captured, length);
    case 6:
        return parse_ipv6(segment, packet, captured, length);
    default:
        return MPS_PARSE_NOT_TCP;
    }
}
