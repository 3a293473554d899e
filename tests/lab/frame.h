// SPDX-License-Identifier: GPL-2.0-or-later
//
// frame.h: finds the TCP segment in an Ethernet frame, updates its checksums, splits it.

#ifndef LAB_FRAME_H
#define LAB_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The parts of a frame that carries TCP over IPv4 or IPv6. The pointers point into the frame. */
struct tcp_view {
    uint8_t *ip;      /**< IP header */
    uint8_t *tcp;     /**< TCP header */
    uint8_t *payload; /**< first byte after the TCP header */
    uint8_t *end;     /**< end of the segment as the IP header says (frames may be padded) */
    bool ipv6;
};

/**
 * Whether the capture filter "tcp" accepts a frame. Fragments count as TCP.
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
 * @param view    set to the result
 * @return        false if the frame is not a whole, unfragmented TCP segment
 */
bool frame_find_tcp(uint8_t *frame, size_t length, struct tcp_view *view);

/** Update the IPv4 header checksum and the TCP checksum after a change. */
void frame_fix_checksums(const struct tcp_view *view);

/**
 * Make one segment of a super-segment, as a network card does (TSO). The segment has its own
 * headers, checksums and IP ID. Only the first may have CWR, only the last FIN and PSH.
 *
 * @param frame   Ethernet frame of the super-segment
 * @param whole   its parts
 * @param offset  offset of the segment's payload in the super-segment's payload, bytes
 * @param length  bytes of the segment's payload
 * @param number  index of the segment, from 0
 * @param segment buffer for the new frame; the size of the super-segment's frame is enough
 * @return        length of the new frame, bytes
 */
size_t frame_cut(const uint8_t *frame, const struct tcp_view *whole, size_t offset, size_t length,
                 size_t number, uint8_t *segment);

/** CRC-32 of addresses and ports. It identifies the flow of a segment. */
uint32_t frame_flow(const struct tcp_view *view);

/**
 * CRC-32 (IEEE 802.3) of the first FRAME_PRINT_BYTES bytes of a frame: a fingerprint that shows
 * whether an entry of the forwarding record and a captured frame are the same frame.
 */
uint32_t frame_print(const uint8_t *frame, size_t length);

/** Ethernet header, IPv6 header and the longest TCP header. The snaplen must not be smaller. */
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
