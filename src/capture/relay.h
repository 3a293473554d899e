/* relay.h: reads the rest of a capture file through the wiretap module, which takes a path only.
 *
 * A thread writes the bytes into a pipe that the module reads. So the file may be compressed or a
 * pipe, it need not be read again from its start, and memory is bounded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_RELAY_H
#define MPS_RELAY_H

#include <glib.h>

#include "base/input.h"
#include "blocks.h"
#include "frame_reader.h"

typedef struct mps_relay mps_relay;

/** Go on with a file where libpcap cannot.
 *  @param first   what the module reads first, a reference that the relay takes
 *  @param input   the bytes after that; nobody else reads them while the relay exists
 *  @param blocks  follows them
 *  @return the relay, freed by the caller with mps_relay_free(); NULL, with `error`, if the module
 *          cannot be loaded or cannot read the file */
mps_relay *mps_relay_new(GByteArray *first, mps_input *input, mps_blocks *blocks, GError **error);

/** Read the next frame. @param problem  set with MPS_READ_FAILED, freed by the caller */
mps_read_result mps_relay_next(mps_relay *relay, mps_read_frame *frame, char **problem);

/** As mps_blocks_take_packet(), once for each packet that mps_relay_next() gave. */
void mps_relay_take_packet(mps_relay *relay, mps_link_facts *facts);

/** Stop reading, so that `input` and `blocks` can be used again; NULL is allowed. */
void mps_relay_free(mps_relay *relay);

#endif
