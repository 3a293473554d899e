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

/* The connections that are shown. */
typedef struct {
    GArray *summaries;            /* mps_summary */
    guint left_out, never_opened; /* others, and those of them that never opened */
} mps_shown_connections;

/** @return none yet; the caller frees `summaries`. */
mps_shown_connections mps_shown_connections_new(void);

/** Take in a summary, for mps_summaries_visit(). Connections that opened are shown before those
 *  that did not, those with warnings before those without, then those with more bytes. The memory
 *  does not grow with the number of the others.
 *  @param shown  mps_shown_connections @return true: what the summary holds is kept, or freed */
bool mps_shown_connections_add(const mps_summary *summary, void *shown);

/** Put the connections in the order of their numbers.
 *  @return how many are left out, in words, freed with g_free(); NULL: none */
char *mps_shown_connections_finish(mps_shown_connections *shown);

/** Choose among the subflows of a connection: with payload, accepted, reset, others; then by bytes.
 *  @return cleared by mps_shown_clear() */
mps_shown mps_shown_subflows(const mps_summary *summary);

/** @return the i-th subflow of those that are shown */
const mps_summary_subflow *mps_shown_subflow(const mps_summary *summary, const mps_shown *shown,
                                             guint i);

/** Choose among the problems of a connection: of each kind and severity the first ones, so that
 * many of one kind do not hide another. @return as mps_shown_subflows() */
mps_shown mps_shown_problems(const mps_summary *summary);

/** Free what a choice holds. */
void mps_shown_clear(mps_shown *shown);

#endif
