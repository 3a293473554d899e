/* by_data.h: connections in the order of how much data they carried.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BY_DATA_H
#define MPS_BY_DATA_H

#include <mptcpscope/report.h>

/** Sort connections by their data in both directions, or the payload of a direction of which it is
 *  not known how much is data. Those with most come first; of the same, the one with the lower
 *  number.
 *  @param connections  a report "connections" that has counted
 *  @return their numbers (uint32_t); freed by the caller */
GArray *mps_connections_by_data(const mps_report *connections, const mps_tracker *tracker);

/** Find the first of those connections that is meant.
 *  @param common  whether a connection is meant, by its number; NULL: all are
 *  @return its number; MPS_NONE: there is none */
uint32_t mps_connection_with_most_data(const mps_report *connections, const mps_tracker *tracker,
                                       const bool *common);

#endif
