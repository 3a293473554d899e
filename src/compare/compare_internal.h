/* compare_internal.h: how two captures are compared.
 *
 *   compare.c             puts the comparison together: rows, matches, what is outside, the clocks
 *   rows.c                a row for each subflow and direction
 *   orientation.c         which capture is nearer the client
 *   coverage.c            what a capture cannot have
 *   outcomes.c            what became of each segment that was sent
 *   clock_tables.c        tables of the clocks; write_clock.c: the clocks as a document
 *   write_map.c           which connection and subflow is which
 *   write_pairs.c         every matched pair of segments
 *   comparison_columns.c  columns that rows about two captures share
 *   document.c            what documents about two captures share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARE_INTERNAL_H
#define MPS_COMPARE_INTERNAL_H

#include "comparison.h"

/** Make a row for each subflow that both captures have, and for each that one lacks of a connection
 *  that both have; two rows, one a direction. Nothing is aligned yet. */
void mps_rows_make(mps_comparison *comparison);

/** Hand all matched segments of a row to the clock.
 *  @param exchange  take the ends for one another */
void mps_comparison_add_to_clock(const mps_comparison *comparison, const mps_comparison_row *row,
                                 bool exchange, mps_clock *clock);

/** Find out which end A is, connection by connection, and align all rows. Where a connection tells
 *  nothing, A is what it is of most others. */
void mps_orientation_find(mps_comparison *comparison);

/** Tell what is outside from what is lost, in all rows; those of a pair stand beside one another. A
 *  capture that began late, or ended early, or has one direction only, has not lost what went by
 *  without it. */
void mps_coverage_find(mps_comparison *comparison);

#endif
