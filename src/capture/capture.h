/* capture.h: the TCP segments of a capture file, read without Wireshark.
 *
 * Reads pcap and pcapng, plain or compressed with gzip or zstd; which of them is told by content,
 * so it may come through a pipe as well. Link types: Ethernet (with VLAN tags), Linux cooked v1 and
 * v2, raw IP, BSD loopback, PPP (with and without HDLC framing).
 *
 * Not looked into are tunnels (IP in IP, GRE, VXLAN, PPPoE, MPLS, ESP): what they carry is no
 * segment here, while it is one to Wireshark, which also numbers it. IP fragments are not put
 * together: the first one counts as a segment with the payload it holds, where Wireshark shows the
 * whole segment at the last one. libpcap refuses a pcapng file whose interfaces differ in link type
 * or snaplen, and (up to 1.10 at least) one with several interfaces of raw IP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CAPTURE_H
#define MPS_CAPTURE_H

#include <glib.h>
#include <stdint.h>

#include "base/input.h"
#include <mptcpscope/segment.h>

typedef struct mps_capture mps_capture;

/**
 * Open a capture file.
 *
 * @param path   of the file
 * @param error  see error.h
 * @return the capture, or NULL and an error (MPS_ERROR_INPUT): the file cannot be read, is no
 *         capture, or has an unknown link type
 */
mps_capture *mps_capture_open(const char *path, GError **error);

/** The same of a file that is open already. @param input  taken over, also on errors */
mps_capture *mps_capture_from(mps_input *input, GError **error);

/**
 * Read the next TCP segment. Frames without one are skipped, but have numbers.
 *
 * @param capture  an open capture
 * @param segment  filled in, all of it; valid when 1 is returned. Its options point into itself.
 *                 The frame number and the number of the TCP connection are those that Wireshark
 *                 shows (frame.number, tcp.stream); the time has nanoseconds.
 * @param error    see error.h
 * @return 1 for a segment, 0 at the end, -1 and an error (MPS_ERROR_INPUT) where the file is cut
 *         off or damaged. The segments before that are good; whether to use them is the caller's
 *         choice. After 0 or -1 there is nothing more to read.
 */
int mps_capture_next(mps_capture *capture, mps_segment *segment, GError **error);

/** @return how many frames were read so far, of any protocol. */
uint64_t mps_capture_frames(const mps_capture *capture);

/**
 * @return how many frames of those read so far hold TCP, but could not be used: less than the
 *         fixed TCP header was captured, or its lengths contradict each other.
 */
uint64_t mps_capture_unusable(const mps_capture *capture);

/** Close a capture; NULL is allowed. */
void mps_capture_close(mps_capture *capture);

#endif
