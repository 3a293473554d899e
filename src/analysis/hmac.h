/* hmac.h: verifies the HMACs of MP_JOIN and ADD_ADDR by the keys.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_HMAC_H
#define MPS_HMAC_H

#include <mptcpscope/analysis.h>

/**
 * Verify the HMAC of an MP_JOIN or ADD_ADDR (RFC 8684 sections 3.2 and 3.4.1, RFC 6824 section
 * 3.2) by the keys and nonces that the tracker knows now.
 * @param subflow  id of the subflow that carried the option
 * @param half     of the subflow, that sent it
 * @param option   a valid option; an ADD_ADDR can be MPS_CHECK_LEFTMOST. One without an HMAC gives
 * MPS_CHECK_UNKNOWN
 */
mps_check mps_hmac_check(const mps_tracker *tracker, uint32_t subflow, unsigned half,
                         const mps_option *option);

#endif
