/* frames.h: reads the frames of a capture file: through libpcap as long as that can read them,
 * which is all of nearly every file, and from there on through Wireshark's wiretap (relay.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_FRAMES_H
#define MPS_FRAMES_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

#include "base/input.h"
#include <mptcpscope/segment.h>

typedef struct mps_frames mps_frames;

/* A frame of the capture. */
typedef struct {
    int link_type;           /* DLT_*, MPS_LINK_TYPE_UNKNOWN, or MPS_FRAME_NO_PACKET */
    const uint8_t *bytes;    /* `captured` of them, valid until the next frame is read */
    size_t captured, length; /* length: on the wire, at least `captured` */
    int64_t time;            /* nanoseconds since 1970 */
    uint64_t number;         /* as in Wireshark, from 1 */
    mps_link_facts link;     /* what the file tells; link headers are not looked at */
} mps_frame;

/** Begin to read a capture.
 *  @param input  read by the frames, freed by the caller after them
 *  @return the frames, freed by the caller with mps_frames_free(); NULL, with `error`, if it is no
 *          capture, or a pcap file of an unknown link type */
mps_frames *mps_frames_new(mps_input *input, GError **error);

/** Read the next frame. @return 1: a frame; 0: the end; -1: `error` */
int mps_frames_next(mps_frames *frames, mps_frame *frame, GError **error);

/** @return the number of frames that were read, which is that of Wireshark for the last one. */
uint64_t mps_frames_count(const mps_frames *frames);

/** @return how many packets the interfaces dropped, as far as the file was read. */
uint64_t mps_frames_drops(const mps_frames *frames);

/** @return as mps_capture_interfaces() */
unsigned mps_frames_interfaces(const mps_frames *frames);

/** Free frames; NULL is allowed. */
void mps_frames_free(mps_frames *frames);

#endif
