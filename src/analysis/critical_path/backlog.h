/* backlog.h: finds data that were sent later than data that follow them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_BACKLOG_H
#define MPS_CRITICAL_BACKLOG_H

#include "sender_pass.h"

/** Set the backlog of each sending: O(n log n). */
void mps_critical_backlog_find(const mps_critical_sender *sender, const GArray *history);

#endif
