/* packets.h: finds the TCP segment in a frame, and counts frames that are not understood.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PACKETS_H
#define MPS_PACKETS_H

#include <glib.h>
#include <stdbool.h>

#include "frame_reader.h"
#include "frames.h"
#include <mptcpscope/icmp_error.h>

/* What frames depend on: fragments, numbers of connections, counts. */
typedef struct mps_packets mps_packets;

/** @return packets of no frame yet, freed by the caller with mps_packets_free(). */
mps_packets *mps_packets_new(void);
void mps_packets_free(mps_packets *packets);

/**
 * Take a frame.
 * @param has_tcp  another reader found TCP in it: then it is not counted as one that nobody decodes
 * @param segment  filled in, but for its frame number, where MPS_NEXT_SEGMENT is returned
 * @param icmp     likewise, where MPS_NEXT_ICMP_ERROR is returned
 * @return what the frame holds or completes; MPS_NEXT_END: neither
 */
mps_next mps_packets_take(mps_packets *packets, const mps_frame *frame, bool has_tcp,
                          mps_segment *segment, mps_icmp_error *icmp);

/** @return the number of frames with TCP whose headers are cut or contradict each other. */
uint64_t mps_packets_unusable(const mps_packets *packets);

/** Say which frames were not understood, one sentence for each reason. @param notes  char * */
void mps_packets_notes(const mps_packets *packets, GPtrArray *notes);

#endif
