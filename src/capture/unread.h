/* unread.h: names and counts what frames carry that is not decoded, though it may hold TCP.
 *
 * Frames of other protocols (ARP, ICMP, UDP) are no loss, and are not counted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_UNREAD_H
#define MPS_UNREAD_H

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mps_unread mps_unread;

/** @return no counts yet, freed by the caller with mps_unread_free(). */
mps_unread *mps_unread_new(void);
void mps_unread_free(mps_unread *unread);

/** Count a frame in which no IP header was found. @param link_type  DLT_* */
void mps_unread_frame(mps_unread *unread, int link_type, const uint8_t *frame, size_t captured);

/** Count a frame whose innermost IP packet holds no TCP.
 *  @param packet  from its IP header on */
void mps_unread_packet(mps_unread *unread, const uint8_t *packet, size_t captured);

/** Say what was counted, one sentence each. @param notes  char *, freed by the array */
void mps_unread_notes(const mps_unread *unread, GPtrArray *notes);

#endif
