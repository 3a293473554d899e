/* diff.h: what the path changed between two captures of the same traffic.
 *
 * Segments that are in both captures as they are (an exact match) are compared header by header;
 * those that one end has in other pieces only by what pieces keep. Comparison is from the sender's
 * end to the receiver's: what the path does, not what A and B differ in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DIFF_H
#define MPS_DIFF_H

#include "compare/comparison.h"

/* What happened to a field, an option, or a segment. */
typedef enum {
    MPS_CHANGE_STRIPPED,   /* an option left and did not arrive */
    MPS_CHANGE_ADDED,      /* an option, or a segment, arrived that had not left */
    MPS_CHANGE_ALTERED,    /* arrived with another value */
    MPS_CHANGE_SHIFTED,    /* a number that arrived changed by the same amount every time */
    MPS_CHANGE_MISSING,    /* a segment left and did not arrive */
    MPS_CHANGE_DUPLICATED, /* a segment arrived more often than it had left */
    MPS_CHANGE_SPLIT,      /* a segment arrived in pieces */
    MPS_CHANGE_MERGED,     /* segments arrived in one */
    MPS_CHANGE_COUNT
} mps_change;

/* One thing that was changed in one direction of one subflow. */
typedef struct {
    uint32_t connection, peer_connection; /* as in mps_comparison_row */
    uint32_t subflow, peer_subflow;
    mps_pair pair;
    mps_direction direction;
    bool a_sends;
    unsigned what; /* for mps_diff_what_name() */
    mps_change change;
    char *a, *b;                /* values in A and B at the first place; NULL: none there */
    uint32_t frame, peer_frame; /* the first place in A and in B; 0: none there, or not known */
    uint16_t flags;             /* TCP flags of the segment there */
    uint32_t count, of;         /* how many were changed so, of how many */
    int constant;               /* 1: always by `difference`, 0: not; -1: it is no number */
    int64_t difference; /* at the receiver's end minus at the sender's, at the first place */
    char *text;         /* the same in a sentence */
} mps_diff_row;

typedef struct {
    const mps_comparison *comparison; /* not owned */
    GArray *rows;                     /* mps_diff_row */
    GPtrArray *sentences;             /* strings: what that means, connection by connection */
    GPtrArray *notes;                 /* strings: what was not compared, and why */
} mps_diff;

/**
 * Find what the path changed.
 * @param owd         of traces that were loaded with MPS_NEED_HEADERS; must outlive what is
 * returned
 * @param connection  only this one of A; MPS_NONE: all
 * @return to be freed with mps_diff_free()
 */
mps_diff *mps_diff_new(const mps_comparison *comparison, uint32_t connection);
void mps_diff_free(mps_diff *diff);

/** @return the name of a field or option: "mss", "MP_JOIN", "option_254". The caller frees it. */
char *mps_diff_what_name(unsigned what);

/** @return the name of a change, static: "stripped". */
const char *mps_change_name(mps_change change);

#endif
