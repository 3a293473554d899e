/* reinjection.h: what became of bytes that were sent again, as both ends show it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_REINJECTION_H
#define MPTCPSCOPE_REINJECTION_H

#include <mptcpscope/compare.h>

/** @return the names of the tables of mps_reinjections_write(), ending with NULL */
const char *const *mps_reinjections_tables(void);

/** Write what became of every reinjection, and of retransmissions on a subflow. The traces must
 *  have been loaded with MPS_NEED_TRANSMISSIONS.
 *  @param only  write this table only, of mps_reinjections_tables(); NULL: those that text has room
 * for, the first in csv. Does not matter to json, which has them all */
void mps_reinjections_write(const mps_comparison *comparison, uint32_t connection, const char *only,
                            mps_format format, FILE *out);

#endif
