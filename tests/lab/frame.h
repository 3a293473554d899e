// SPDX-License-Identifier: GPL-2.0-or-later
//
// frame.h: finds the TCP segment in an Ethernet frame, and keeps its checksums right.

#ifndef LAB_FRAME_H
#define LAB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where things lie in a frame that carries TCP over IPv4 or IPv6. Points into the frame. */
struct tcp_view {
    uint8_t *ip;      /**< IP header */
    uint8_t *tcp;     /**< TCP header */
    uint8_t *payload; /**< first byte after the TCP header */
    uint8_t *end;     /**< end of the segment by the IP header (frames may be padded) */
    bool ipv6;
};

/**
 * Whether a frame is TCP as the capture filter "tcp" has it. Fragments count.
 *
 * @param frame   Ethernet frame
 * @param length  its length in bytes
 */
bool frame_is_tcp(const uint8_t *frame, size_t length);

/**
 * Find the parts of a TCP segment.
 *
 * @param frame   Ethernet frame
 * @param length  its length in bytes
 * @param view    where to write the result
 * @return        false if the frame is no whole, unfragmented TCP segment
 */
bool frame_find_tcp(uint8_t *frame, size_t length, struct tcp_view *view);

/** Compute the IPv4 header checksum and the TCP checksum anew after a change. */
void frame_fix_checksums(const struct tcp_view *view);

/**
 * Cut a segment out of a super-segment, as a network card does (TSO): with headers, checksums and
 * IP ID of its own; only the first may have CWR, only the last FIN and PSH.
 *
 * @param whole   the super-segment
 * @param offset  where the segment's payload begins in that of the super-segment
 * @param length  bytes of its payload
 * @param number  how many segments were cut out before
 * @param segment room for the frame: as much as the super-segment's at most
 * @return        the frame's length
 */
size_t frame_cut(const uint8_t *frame, const struct tcp_view *whole, size_t offset, size_t length,
                 size_t number, uint8_t *segment);

/** CRC-32 of addresses and ports: which flow a segment belongs to. */
uint32_t frame_flow(const struct tcp_view *view);

/**
 * CRC-32 (IEEE 802.3) of the first FRAME_PRINT_BYTES bytes of a frame: the print by which the
 * forwarding record and a capture check that they speak of the same frame.
 */
uint32_t frame_print(const uint8_t *frame, size_t length);

/** Ethernet header, IPv6 header and the longest TCP header; captures must keep that much. */
#define FRAME_PRINT_BYTES 114

/** Big-endian loads and stores. */
static inline uint16_t load16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t load32(const uint8_t *p)
{
    return (uint32_t)load16(p) << 16 | load16(p + 2);
}

static inline void store16(uint8_t *p, uint16_t value)
{
    p[0] = (uint8_t)(value >> 8);
    p[1] = (uint8_t)value;
}

static inline void store32(uint8_t *p, uint32_t value)
{
    store16(p, (uint16_t)(value >> 16));
    store16(p + 2, (uint16_t)value);
}

#endif
