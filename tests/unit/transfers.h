/* transfers.h: what tests of the critical path make transfers of. In most a way takes 10 ms, the
 * client's data begin at 1, and full segments hold 1000 bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_TRANSFERS_H
#define TEST_TRANSFERS_H

#include "histories.h"

#define TRIP 10000
#define FULL 1000u

/* The pieces of the handshake, with which all paths begin. */
#define OPENING                                                                                    \
    "propagation handshake 0> 10000\nhost handshake 0< 100\npropagation handshake 0< 10000\n"

extern const mps_critical_limits usual_limits;

/** Check a path, and that its pieces join and add up. The rest as of histories_walk().
 *  @param expected  as of histories_text() */
void check_path_of(histories *h, unsigned hosts, mps_direction direction, uint32_t subflow,
                   const char *expected);

/** Check the path from client to server by both histories. */
void check_path(histories *h, const char *expected);

/** The client sends data on subflow 0. */
void client_sends(histories *h, int64_t left, int64_t arrived, uint64_t seq, uint32_t length);

/** The server acknowledges them, and the ACK takes 10 ms. */
void server_acks(histories *h, int64_t left, uint64_t number);

/** The client sends full segments, and each arrives after 10 ms. */
void client_bursts(histories *h, int64_t left, uint64_t first, unsigned count);

#endif
