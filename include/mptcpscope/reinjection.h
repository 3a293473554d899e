/* reinjection.h: the verdicts on bytes that were sent again, by the captures of both ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_REINJECTION_H
#define MPTCPSCOPE_REINJECTION_H

#include <mptcpscope/compare.h>

/** @return the names of the tables of mps_reinjections_write(), static, ended by NULL. */
const char *const *mps_reinjections_tables(void);

/** Write the verdict on every reinjection, and on retransmissions on a subflow. The traces must
 * have been loaded with MPS_NEED_TRANSMISSIONS.
 *  @param connection  number of a connection of A to write only; MPS_NONE: all
 *  @param only  the table to write only, one of mps_reinjections_tables(). NULL: text has all
 * except the retransmissions, csv has the first. json ignores it and has all tables */
void mps_reinjections_write(const mps_comparison *comparison, uint32_t connection, const char *only,
                            const mps_style *style, FILE *out);

/* Takes a table of mps_reinjections_write(). @param name, title  static */
typedef void (*mps_reinjections_taker)(const char *name, const char *title, const mps_table *table,
                                       void *data);

/** Make the tables of mps_reinjections_write() and pass them on, in the order of text. */
void mps_reinjections_pass(const mps_comparison *comparison, uint32_t connection,
                           mps_reinjections_taker take, void *data);

#endif
