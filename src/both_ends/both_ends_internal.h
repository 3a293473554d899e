/* both_ends_internal.h: all that a page on two captures tells of each connection that both have.
 *
 * Nothing is computed here a second time: the figures are those of owd/, reinjection/, diff/,
 * critical_path/ and of the report summary at each end. Of its own the page has who took the time
 * (blame.h), and which problems both ends see.
 *
 *   blame.c            whose each part of the time is, and the answer
 *   fate.c             what became of the transmissions that a path names
 *   words.c            times, shares, clocks and what was sent again, in words
 *   collect.c          collects what the other folders know, by connection
 *   problems.c         brings together the problems that either end sees
 *   rows.c             makes the tables of csv and json, and the one of subflows in text
 *   page.c             writes text
 *   write_both_ends.c  writes mptcpscope summary A B
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_BOTH_ENDS_INTERNAL_H
#define MPS_BOTH_ENDS_INTERNAL_H

#include "blame.h"
#include "critical_path/critical_rows.h"
#include "diff/diff_rows.h"
#include "owd/aggregate.h"
#include "reinjection/resent_sums.h"
#include "report/summary/one_end.h"
#include "table/table_write.h"
#include <mptcpscope/both_ends.h>

/* One direction of a connection. */
typedef struct {
    const mps_critical_row *path; /* may be without one: see its reason */
    const mps_aggregate *figures; /* of all its subflows */
    mps_resent_sum resent;        /* likewise */
    bool blamed;                  /* the following are set */
    mps_blame blame;
    int64_t slack; /* as of mps_answer_of() */
} mps_both_direction;

/* A connection, MPTCP or plain TCP, that both captures have. */
typedef struct {
    uint32_t connection, peer_connection; /* MPS_NONE: plain TCP */
    const GArray *pairs;                  /* as of mps_critical_connection */
    uint64_t bytes;                       /* payload that was sent, both ways */
    mps_both_direction directions[2];     /* by mps_direction, as A names it */
    const mps_end_summary *ends[2];       /* of A, of B; NULL: it has none, or is not wanted */
} mps_both_connection;

typedef struct {
    const mps_comparison *comparison;
    GArray *connections; /* mps_both_connection, in A's order */
    mps_diff *diff;
    GPtrArray *ends[2]; /* mps_end_summary by number of connection, of A, of B */
    GPtrArray *notes;   /* of mps_critical_notes() */

    GArray *grouped;       /* mps_critical_connection */
    GArray *paths;         /* mps_critical_row */
    GArray *subflows;      /* mps_aggregate by row of the comparison */
    GArray *by_connection; /* mps_aggregate */
} mps_both_ends;

/** Collect what both ends show.
 *  @param most  the most connections to take in: those with most data, MPTCP before plain TCP
 *  @return freed by the caller with mps_both_ends_free() */
mps_both_ends *mps_both_ends_new(const mps_comparison *comparison,
                                 const mps_report *const reports[2], uint32_t connection,
                                 guint most, guint *left_out);
void mps_both_ends_free(mps_both_ends *both);

/** Keep the most important connections: MPTCP before plain TCP, then those with most data.
 *  @param connections  mps_both_connection, in A's order, also afterwards
 *  @return how many were left out */
guint mps_both_keep(GArray *connections, guint most);

/** @return the figures of a row of the comparison. @param row  its index */
static inline const mps_aggregate *mps_both_figures(const mps_both_ends *both, guint row)
{
    return &g_array_index(both->subflows, mps_aggregate, row);
}

/* A problem that one end sees, or both. */
typedef struct {
    const mps_end_problem *seen[2]; /* in A, in B; NULL: not there */
    uint32_t subflow;               /* A's number, if it is known */
    bool of_b;                      /* B's number instead: A has no such subflow */
} mps_both_problem;

/** @return the problem as A shows it, or as B does if A does not. */
static inline const mps_end_problem *mps_both_problem_shown(const mps_both_problem *problem)
{
    return problem->seen[problem->seen[0] ? 0 : 1];
}

/** @return mps_both_problem of a connection, in the order of A's frames, then those that only B
 *          sees; freed by the caller with g_array_free(). Both ends see a problem if they tell the
 *          same of the same subflow, but for the figures that each end measures for itself */
GArray *mps_both_problems_of(const mps_both_ends *both, const mps_both_connection *connection);

/** @return a table with a row for each connection and direction; freed by mps_table_free(). */
mps_table *mps_both_rows(const mps_both_ends *both);

/** @return a table with a row for each connection, with its problems; likewise. */
mps_table *mps_both_connections(const mps_both_ends *both);

/** @return a table of losses and delays by subflow and direction of a connection; likewise.
 *  @param most  the most rows  @param left_out  set: how many there are besides */
mps_table *mps_both_subflows(const mps_both_ends *both, const mps_both_connection *connection,
                             guint most, guint *left_out);

/** @return a table with a line for each connection and direction with data; likewise. */
mps_table *mps_both_overview(const mps_both_ends *both);

/** Write the page as text. @param left_out  connections that it does not have */
void mps_both_page(mps_text *out, const mps_both_ends *both, guint left_out);

#endif
