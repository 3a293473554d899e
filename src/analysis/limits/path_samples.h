/* path_samples.h: what the ACKs on a line tell of the path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PATH_SAMPLES_H
#define MPS_PATH_SAMPLES_H

#include "state_machine.h"

/** Set the `rtt` of steps: from the last data that an ACK acknowledges to the ACK, in ns; -1: none,
 *  or data up to there was sent more than once (Karn's rule). */
void mps_limits_measure(GArray *steps);

/**
 * Set `sampled` and `queued` of the steps of a subflow that was measured.
 * @param least  RTT of the handshake, ns; INT64_MAX: not known
 * @return the least RTT
 */
int64_t mps_limits_judge(GArray *steps, int64_t least);

/** @return the share of sampled ACKs that show a queue; 0 without any. */
double mps_limits_queued_share(const GArray *steps);

/** @return the fastest delivery over some ACKs in a row, bytes per ns; 0: there are not enough. */
double mps_limits_capacity(const GArray *steps);

#endif
