/* diff_rows.h: the results of `diff`: what the path changed between two captures of the same
 * traffic.
 *
 * Segments that both captures have unchanged in size (an exact match) are compared field by field.
 * Segments that were split or merged are compared only in what splitting and merging preserve.
 * Each comparison goes from the sender's end to the receiver's end: it shows what the path did.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DIFF_ROWS_H
#define MPS_DIFF_ROWS_H

#include "compare/comparison.h"

/* What happened to a field, an option or a segment. */
typedef enum {
    MPS_CHANGE_STRIPPED,   /* an option was sent and did not arrive */
    MPS_CHANGE_ADDED,      /* an option or a segment arrived that was not sent */
    MPS_CHANGE_ALTERED,    /* arrived with another value */
    MPS_CHANGE_SHIFTED,    /* a number that arrived changed by the same amount every time */
    MPS_CHANGE_MISSING,    /* a segment was sent and did not arrive */
    MPS_CHANGE_DUPLICATED, /* a segment arrived more often than it was sent */
    MPS_CHANGE_SPLIT,      /* a segment arrived as several smaller ones */
    MPS_CHANGE_MERGED,     /* a segment arrived within a larger one */
    MPS_CHANGE_COUNT
} mps_change;

/* Whether a changed number always differs by the same amount. */
typedef enum {
    MPS_DIFFERENCE_NONE, /* the value is not a number */
    MPS_DIFFERENCE_VARIES,
    MPS_DIFFERENCE_CONSTANT,
} mps_difference_kind;

/* One thing that was changed in one direction of one subflow. "The first" is the first segment in
 * the order of the sender's capture. */
typedef struct {
    uint32_t connection, peer_connection; /* as in mps_comparison_row */
    uint32_t subflow, peer_subflow;       /* likewise */
    mps_pair pair;                        /* the subflow in both captures */
    mps_direction direction;
    bool a_sends;  /* A is the sender's capture */
    unsigned what; /* MPS_WHAT_* of diff_internal.h; mps_diff_what_name() gives its name */
    mps_change change;
    char *a, *b;                /* values of the first in A and in B, owned; NULL: no value */
    uint32_t frame, peer_frame; /* the first in A and in B; 0: not in this capture, or unknown */
    uint16_t flags;             /* TCP flags of the first */
    uint32_t count, of;         /* how many were changed, out of how many */
    mps_difference_kind difference_kind;
    int64_t difference;     /* receiver's value minus sender's value, of the first */
    bool announces_address; /* the first is an ADD_ADDR that announces (not an echo) */
    char *text;             /* the row as a sentence, owned */
} mps_diff_row;

typedef struct {
    const mps_comparison *comparison; /* not owned */
    GArray *rows;                     /* mps_diff_row */
    GPtrArray *sentences;             /* strings: the changes and their effects, by connection */
    GArray *kinds;    /* guint: what each is about; equal if the same. A conclusion has none */
    GPtrArray *notes; /* strings: what was not compared, and why */
} mps_diff;

/**
 * Find what the path changed.
 * @param comparison  its traces were loaded with MPS_NEED_HEADERS; must outlive the result
 * @param connection  compare only this connection of A; MPS_NONE: all
 * @return the caller frees it with mps_diff_free()
 */
mps_diff *mps_diff_new(const mps_comparison *comparison, uint32_t connection);

/** Free the result of mps_diff_new(). @param diff  may be NULL */
void mps_diff_free(mps_diff *diff);

/** @return a table with a row for each mps_diff_row; freed by the caller with mps_table_free(). */
mps_table *mps_diff_table(const mps_diff *diff);

/** Choose the sentences that a reader looks at.
 *  @param most, per_kind  of more than `most`, only the first `per_kind` about each kind of change;
 *                         a sentence then says how many are left out. Conclusions are all chosen
 *  @return char *, owned by the array, which the caller frees with g_ptr_array_free() */
GPtrArray *mps_diff_shown_sentences(const mps_diff *diff, guint most, guint per_kind);

/** @return the name of a field or option as in the column `what`: "mss", "MP_JOIN", "option_254".
 *  The caller frees it. */
char *mps_diff_what_name(unsigned what);

/** @return the name of a change as in the column `kind`, static: "stripped". */
const char *mps_change_name(mps_change change);

#endif
