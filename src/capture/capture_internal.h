/* capture_internal.h: the parts of the capture reader.
 *
 * capture.c  reads frames through libpcap and hands them to the segment parser
 * link.c     finds the IP header of a frame
 * streams.c  numbers the TCP connections
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

/** @return whether mps_link_find_ip() supports a link type (DLT_*). */
bool mps_link_known(int link_type);

/**
 * Find the IP header of a frame.
 *
 * @param link_type  DLT_*
 * @param frame      first byte of the frame
 * @param captured   bytes that were captured
 * @param offset     set to where the IP header begins, at most `captured`
 * @return false if the frame carries another protocol, or is cut before its protocol field
 */
bool mps_link_find_ip(int link_type, const uint8_t *frame, size_t captured, size_t *offset);

/* streams.c */

/* The TCP connections of a capture. */
typedef struct mps_streams mps_streams;

/** @return no connections, freed by the caller with mps_streams_free(). */
mps_streams *mps_streams_new(void);
void mps_streams_free(mps_streams *streams);

/**
 * Number the TCP connection of a segment as Wireshark does.
 *
 * @param segment  addresses, ports, flags, seq and ack must be set
 * @param quoted   the segment itself was not captured: an ICMP error quotes it
 * @return the number, from 0
 */
int32_t mps_streams_number(mps_streams *streams, const mps_segment *segment, bool quoted);

#endif
