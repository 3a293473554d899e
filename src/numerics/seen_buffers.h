/* seen_buffers.h: the receive window and the unacknowledged data that captures show.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SEEN_BUFFERS_H
#define MPS_SEEN_BUFFERS_H

#include "measure_path.h"

/** @return the greatest receive window that the receiver of a direction announced on a subflow,
 *  bytes. @param end  where the receiver's segments were captured; its direction is that of the
 *  data */
mps_quantity mps_seen_window(const mps_path_end *end);

/** @return the most data of a connection's direction that was sent and not acknowledged at data
 *  level, bytes. @param trace  loaded with MPS_NEED_LIMITS
 *  @param near  where the trace was captured  @param connection, direction  as it names them */
mps_quantity mps_seen_unacknowledged(const mps_trace *trace, mps_near near, uint32_t connection,
                                     mps_direction direction);

#endif
