/* shown.h: which of very many connections, subflows and problems text shows. json has all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_SUMMARY_SHOWN_H
#define MPS_SUMMARY_SHOWN_H

#include "summary_internal.h"

typedef struct {
    GArray *indexes;     /* guint, ascending: those to show */
    GPtrArray *left_out; /* char *: how many others there are, by what they are; empty: none */
} mps_shown;

/** Choose among connections. Those that opened come before those that did not, those with warnings
 *  before those without, then those with more bytes. @return cleared by mps_shown_clear() */
mps_shown mps_shown_connections(const GArray *summaries);

/** Choose among the subflows of a connection: with payload, accepted, reset, others; then by bytes.
 *  @return as mps_shown_connections() */
mps_shown mps_shown_subflows(const mps_summary *summary);

/** Choose among the problems of a connection: of each kind and severity the first ones, so that
 * many of one kind do not hide another. @return as mps_shown_connections() */
mps_shown mps_shown_problems(const mps_summary *summary);

/** Free what a choice holds. */
void mps_shown_clear(mps_shown *shown);

#endif
