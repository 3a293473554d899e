/* capture.h: reads the TCP segments of a capture file, and ICMP errors about them, without
 * Wireshark.
 *
 * The file is pcap or pcapng, plain or compressed with gzip, zstd, lz4 or xz. The content decides
 * which, so the file may be a pipe. Link types: Ethernet, Linux cooked v1 and v2, raw IP, BSD
 * loopback, PPP (with and without HDLC framing), IEEE 802.11 data (with and without radiotap),
 * PKTAP. On the way to TCP are decoded: VLAN tags, MPLS labels and pseudowires, PPPoE, LLC with
 * SNAP, IP in IP, GRE, VXLAN, Geneve, GTP-U. IP fragments are put together: the segment is that of
 * the fragment that completes it, as in Wireshark.
 *
 * libpcap reads nearly every file. What it cannot read of a pcapng file (blocks.h), Wireshark's
 * wiretap does, in a module that is loaded for it (relay.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CAPTURE_H
#define MPS_CAPTURE_H

#include <glib.h>
#include <stdint.h>

#include "base/input.h"
#include <mptcpscope/icmp_error.h>

typedef struct mps_capture mps_capture;

/**
 * Open a capture file.
 *
 * @param path   of the file
 * @param error  see error.h
 * @return the capture, which the caller closes with mps_capture_close(); NULL, with `error`
 *         (MPS_ERROR_INPUT), if the file cannot be read, is no capture, or has an unknown link type
 */
mps_capture *mps_capture_open(const char *path, GError **error);

/** Open a capture file that was opened as an input.
 *  @param input  owned by the capture from now on; freed on errors
 *  @return as mps_capture_open() */
mps_capture *mps_capture_from(mps_input *input, GError **error);

/**
 * Read the next TCP segment or ICMP error about one. Other frames are skipped, but numbered.
 *
 * @param capture  an open capture
 * @param segment  all of it is filled in when MPS_NEXT_SEGMENT is returned. The frame number and
 *                 the number of the TCP connection are those of Wireshark (frame.number,
 *                 tcp.stream).
 * @param error    see error.h
 * @return MPS_NEXT_FAILED: `error`, because the file is damaged (MPS_ERROR_INPUT) or lacks its end
 *         (MPS_ERROR_CUT_OFF). The segments before that are good, and the caller may use them.
 *         After that or MPS_NEXT_END no more can be read.
 */
mps_next mps_capture_next(mps_capture *capture, mps_segment *segment, GError **error);

/** @return the ICMP error, after mps_capture_next() came to one; owned by the capture. */
const mps_icmp_error *mps_capture_icmp_error(const mps_capture *capture);

/** @return the time of the first frame, ns since the epoch; valid once a frame was read. */
int64_t mps_capture_start(const mps_capture *capture);

/** @return the number of frames that were read so far, of all protocols. */
uint64_t mps_capture_frames(const mps_capture *capture);

/** @return how many packets the interfaces dropped, by the statistics blocks of pcapng (isb_ifdrop,
 *  isb_osdrop) that were read so far; they usually stand at the end of the file. 0: none reported.
 */
uint64_t mps_capture_drops(const mps_capture *capture);

/** @return how many interfaces the present section of a pcapng file has, as far as it was read; 0:
 *  it is another file. */
unsigned mps_capture_interfaces(const mps_capture *capture);

/**
 * @return the number of frames read so far that are cut before the end of the fixed TCP header, or
 *         hold TCP with lengths that contradict each other.
 */
uint64_t mps_capture_unusable(const mps_capture *capture);

/** Append what a reader of a report should know of the file, as far as it was read.
 *  @param notes  char *, one sentence each, which the array frees with g_free() */
void mps_capture_notes(const mps_capture *capture, GPtrArray *notes);

/** Close a capture and its input; NULL is allowed. */
void mps_capture_close(mps_capture *capture);

#endif
