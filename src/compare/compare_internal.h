/* compare_internal.h: the comparison of two captures; for the files of this folder.
 *
 *   compare.c             compares two captures: rows, matches, coverage, clocks, notes
 *   rows.c                makes a row for each subflow and direction
 *   orientation.c         determines which capture is nearer to the client, and aligns the rows
 *   coverage.c            finds the segments that a capture cannot contain
 *   completeness.c        finds captures that miss segments
 *   loss_proof.c          proves losses where the receiver's capture misses segments
 *   running.c             tells by the times whether a capture ran when a segment passed its host
 *   outcomes.c            gives the outcome of each sent segment: delay, loss, reordering
 *   clock_tables.c        makes the tables of the clocks: steps, path changes, evidence
 *   write_clock.c         writes mptcpscope clock, and the clocks in other documents
 *   write_map.c           writes mptcpscope map: which connections and subflows are the same
 *   write_pairs.c         writes every matched pair of segments
 *   comparison_columns.c  columns that rows about two captures share
 *   document.c            parts that documents about two captures share
 *
 * comparison.h has the types, for other folders as well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARE_INTERNAL_H
#define MPS_COMPARE_INTERNAL_H

#include "comparison.h"

/** Make two rows, one for each direction, for each subflow that both captures have, and for each
 *  subflow that only one capture has if both have its connection. Nothing is aligned yet. */
void mps_rows_make(mps_comparison *comparison);

/** Add all matched segments of a row to the clock.
 *  @param exchange  exchange the two ends */
void mps_comparison_add_to_clock(const mps_comparison *comparison, const mps_comparison_row *row,
                                 bool exchange, mps_clock *clock);

/** Determine, connection by connection, which capture is nearer to the client, and align all rows.
 *  A connection that does not show it is oriented as most others are. */
void mps_orientation_find(mps_comparison *comparison);

/** Find the segments that are outside a capture's time, in all rows: a capture that began late,
 *  ended early or has only one direction did not lose the segments that it cannot contain. The two
 *  rows of a subflow must follow one another. */
void mps_coverage_find(mps_comparison *comparison);

/** Find captures that miss segments. What such a capture lacks is undetermined, in all rows, unless
 *  it is proved lost. Follows mps_coverage_find(). */
void mps_completeness_find(mps_comparison *comparison);

#endif
