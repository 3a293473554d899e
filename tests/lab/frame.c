// SPDX-License-Identifier: GPL-2.0-or-later
//
// frame.c: finds TCP in Ethernet frames, updates checksums, splits super-segments.

#include "frame.h"

#include <string.h>

enum {
    ETHERNET_HEADER = 14,
    ETHERTYPE_IPV4 = 0x0800,
    ETHERTYPE_IPV6 = 0x86dd,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    TCP_HEADER = 20,
    PROTOCOL_TCP = 6,
    FLAG_FIN = 0x01,
    FLAG_PSH = 0x08,
    FLAG_CWR = 0x80,
};

bool frame_is_tcp(const uint8_t *frame, size_t length)
{
    if (length < ETHERNET_HEADER + IPV4_HEADER) {
        return false;
    }
    switch (load16(frame + 12)) {
    case ETHERTYPE_IPV4:
        return frame[ETHERNET_HEADER + 9] == PROTOCOL_TCP;
    case ETHERTYPE_IPV6:
        return frame[ETHERNET_HEADER + 6] == PROTOCOL_TCP;
    default:
        return false;
    }
}

bool frame_find_tcp(uint8_t *frame, size_t length, struct tcp_view *view)
{
    if (!frame_is_tcp(frame, length)) {
        return false;
    }
    uint8_t *ip = frame + ETHERNET_HEADER;
    size_t available = length - ETHERNET_HEADER;
    size_t ip_header, total;
    bool ipv6 = load16(frame + 12) == ETHERTYPE_IPV6;
    if (ipv6) {
        ip_header = IPV6_HEADER;
        total = IPV6_HEADER + (size_t)load16(ip + 4);
    } else {
        ip_header = (size_t)(ip[0] & 15) * 4;
        total = load16(ip + 2);
        if (load16(ip + 6) & 0x3fff) { // a fragment: more follow, or the offset is not 0
            return false;
        }
    }
    if (total > available || total < ip_header + TCP_HEADER) {
        return false;
    }
    size_t tcp_header = (size_t)(ip[ip_header + 12] >> 4) * 4;
    if (tcp_header < TCP_HEADER || total < ip_header + tcp_header) {
        return false;
    }
    view->ip = ip;
    view->tcp = ip + ip_header;
    view->payload = view->tcp + tcp_header;
    view->end = ip + total;
    view->ipv6 = ipv6;
    return true;
}

/** Add bytes to a ones' complement sum. */
static uint32_t sum_bytes(uint32_t sum, const uint8_t *bytes, size_t length)
{
    for (; length > 1; bytes += 2, length -= 2) {
        sum += load16(bytes);
    }
    if (length) {
        sum += (uint32_t)bytes[0] << 8;
    }
    return sum;
}

static uint16_t sum_finish(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

void frame_fix_checksums(const struct tcp_view *view)
{
    size_t length = (size_t)(view->end - view->tcp);
    uint32_t sum = PROTOCOL_TCP + (uint32_t)length;
    if (view->ipv6) {
        sum = sum_bytes(sum, view->ip + 8, 32);
    } else {
        sum = sum_bytes(sum, view->ip + 12, 8);
        store16(view->ip + 10, 0);
        store16(view->ip + 10, sum_finish(sum_bytes(0, view->ip, (size_t)(view->tcp - view->ip))));
    }
    store16(view->tcp + 16, 0);
    store16(view->tcp + 16, sum_finish(sum_bytes(sum, view->tcp, length)));
}

size_t frame_cut(const uint8_t *frame, const struct tcp_view *whole, size_t offset, size_t length,
                 size_t number, uint8_t *segment)
{
    size_t headers = (size_t)(whole->payload - frame);
    memcpy(segment, frame, headers);
    memcpy(segment + headers, whole->payload + offset, length);

    struct tcp_view view = {
        .ip = segment + (whole->ip - frame),
        .tcp = segment + (whole->tcp - frame),
        .payload = segment + headers,
        .end = segment + headers + length,
        .ipv6 = whole->ipv6,
    };
    if (view.ipv6) {
        store16(view.ip + 4, (uint16_t)(view.end - view.ip - IPV6_HEADER));
    } else {
        store16(view.ip + 2, (uint16_t)(view.end - view.ip));
        store16(view.ip + 4, (uint16_t)(load16(view.ip + 4) + number));
    }
    store32(view.tcp + 4, load32(view.tcp + 4) + (uint32_t)offset);
    if (number) {
        view.tcp[13] &= (uint8_t)~FLAG_CWR;
    }
    if (whole->payload + offset + length < whole->end) {
        view.tcp[13] &= (uint8_t) ~(FLAG_FIN | FLAG_PSH);
    }
    frame_fix_checksums(&view);
    return headers + length;
}

/** Add bytes to a CRC-32 (IEEE 802.3). It starts as UINT32_MAX and is inverted at the end. */
static uint32_t crc_bytes(uint32_t crc, const uint8_t *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
        }
    }
    return crc;
}

uint32_t frame_flow(const struct tcp_view *view)
{
    uint32_t crc = view->ipv6 ? crc_bytes(UINT32_MAX, view->ip + 8, 32)
                              : crc_bytes(UINT32_MAX, view->ip + 12, 8);
    return ~crc_bytes(crc, view->tcp, 4);
}

uint32_t frame_print(const uint8_t *frame, size_t length)
{
    return ~crc_bytes(UINT32_MAX, frame, length < FRAME_PRINT_BYTES ? length : FRAME_PRINT_BYTES);
}
