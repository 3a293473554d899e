/* capture_internal.h: what the capture reader is made of.
 *
 * file -> input.c (compression) -> libpcap -> link (finds the IP header) -> segment parser
 *      -> streams (numbers the TCP connections)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CAPTURE_INTERNAL_H
#define MPS_CAPTURE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <mptcpscope/segment.h>

/* link.c */

/** @return whether mps_link_find_ip() knows this link type (DLT_*). */
bool mps_link_known(int link_type);

/**
 * Find the IP header of a frame.
 *
 * @param link_type  DLT_*
 * @param frame      its first byte
 * @param captured   bytes of it
 * @param offset     set to where the IP header begins, at most `captured`
 * @return false if the frame carries another protocol or is cut before that is said
 */
bool mps_link_find_ip(int link_type, const uint8_t *frame, size_t captured, size_t *offset);

/* streams.c */

typedef struct mps_streams mps_streams;

mps_streams *mps_streams_new(void);
void mps_streams_free(mps_streams *streams);

/**
 * Number the TCP connection of a segment as Wireshark does.
 *
 * @param segment  with addresses, ports, flags, seq and ack
 * @param quoted   it did not come itself: an ICMP error quotes it
 * @return the number, from 0
 */
int32_t mps_streams_number(mps_streams *streams, const mps_segment *segment, bool quoted);

#endif
