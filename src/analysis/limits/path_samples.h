/* path_samples.h: what the ACKs of a flow series show of the path: RTTs, queues, capacity.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PATH_SAMPLES_H
#define MPS_PATH_SAMPLES_H

#include "state_machine.h"

/** Set the `rtt` of events: from the last data that an ACK is the first to acknowledge to the ACK,
 *  ns. It is -1 for other events, and if data up to there was sent more than once (Karn's rule,
 *  RFC 6298 section 3). @param events  mps_limit_event */
void mps_limits_measure_rtts(GArray *events);

/**
 * Set `sampled` and `queued` of the events of a subflow, after mps_limits_measure_rtts().
 * @param events  mps_limit_event
 * @param least   RTT of the handshake, ns; INT64_MAX: not known
 * @return the least RTT, handshake included, ns; INT64_MAX: not known
 */
int64_t mps_limits_mark_queued(GArray *events, int64_t least);

/** @return the share of RTT samples that show a queue; 0 without samples. */
double mps_limits_queued_share(const GArray *events);

/** @return the highest delivery rate over eight ACKs in a row, bytes per ns; 0: there are fewer. */
double mps_limits_capacity(const GArray *events);

#endif
