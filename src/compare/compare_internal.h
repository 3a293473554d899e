/* compare_internal.h: how two captures are compared.
 *
 *   owd.c         a row for each subflow and direction; the clocks
 *   ends.c        which capture is nearer the client; the matches
 *   outside.c     what a capture cannot have
 *   points.c      what became of each segment
 *   figures.c     delay, variation, loss, round trips of some of them
 *   statistics.c  what a sample of delays is like
 *   units.c       subflows and connections, with their figures
 *   data.c        what the data of a connection took
 *   columns.c     tables of these; over_time.c: in intervals; clock_tables.c: of the clocks
 *   legs.c        three captures or more; path.c: segments followed through them; write_legs.c
 *   write.c       owd as text, csv and json; write_packets.c, write_map.c, write_clock.c: more
 *
 *   sent.c        the payload that a host sent, in order, and what arrived of it
 *   history.c     what was sent before of every byte
 *   fate.c        what became of bytes that were sent again; fate_gain.c: what that gained
 *   fate_rows.c   tables of these: rows; fate_sums.c, fate_needs.c: sums, retransmissions
 *   write_fate.c  all of them as text, csv and json
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARE_INTERNAL_H
#define MPS_COMPARE_INTERNAL_H

#include <mptcpscope/owd.h>

/** Tell what a row's segments are at both ends. Where one capture does not have the subflow, that
 *  list is empty. */
void mps_comparison_lists(const mps_comparison *owd, const mps_comparison_row *row,
                          mps_align_lists *lists);

/** Hand all matched segments of a row to the clock.
 *  @param exchange  take the ends for one another */
void mps_comparison_add_to_clock(const mps_comparison *owd, const mps_comparison_row *row,
                                 bool exchange, mps_clock *clock);

/** Find out which end A is, connection by connection, and align all rows. Where a connection tells
 *  nothing, A is what it is of most others. */
void mps_orientation_find(mps_comparison *owd);

/** Tell what is outside from what is lost, in all rows; those of a pair stand beside one another. A
 *  capture that began late, or ended early, or has one direction only, has not lost what went by
 *  without it. */
void mps_coverage_find(mps_comparison *owd);

/** @return the numbers in the other capture of one capture's connections, by their own; MPS_NONE:
 *  it does not have them; to be freed by the caller. @param of_a  those of A, else of B */
uint32_t *mps_comparison_partners(const mps_comparison *owd, bool of_a);

#endif
