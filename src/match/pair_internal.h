/* pair_internal.h: what pair.c, recognise.c and alike.c share while pairs are looked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_INTERNAL_H
#define MPS_PAIR_INTERNAL_H

#include "align.h"

/* One capture while pairs are looked for. */
typedef struct {
    const mps_trace *trace;
    const mps_tracker *tracker;
    GArray *connections; /* mps_connection_info */
    GArray *subflows;    /* mps_subflow_info, by id */
    uint32_t *partner;   /* of each subflow in the other capture, or MPS_NONE */
    uint32_t *connection_partner;
} mps_pair_side;

typedef struct {
    mps_pair_side a, b;
    const char **why;            /* of each subflow of A that has a partner: static */
    bool *flipped;               /* likewise, of those that only their segments tell */
    const char **connection_why; /* of each connection of A that has a partner: static */
} mps_pairing;

#define SUBFLOW(side, id) (&g_array_index((side)->subflows, mps_subflow_info, id))
#define CONNECTION(side, n) (&g_array_index((side)->connections, mps_connection_info, n))

/** Find which connections and subflows are the same: fills in all partners. */
void mps_pair_find(mps_pairing *pairing);

/** @return whether two connections have a token in common, and none that differs. Sides may be
 *  swapped where one of the captures does not know who is who. */
bool mps_pair_same_tokens(const mps_connection_info *a, const mps_connection_info *b);

/** @return by what subflows of connections that are paired are the same: static; NULL: they are
 *  not, or nothing tells. */
const char *mps_pair_same_subflow(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return whether the ends are the same. @param[out] swap  client and server are exchanged */
bool mps_pair_same_ends(const mps_subflow_info *a, const mps_subflow_info *b, bool *swap);

/** @return how many initial sequence numbers two subflows with the same ends share; -1: another
 *  one. */
int mps_pair_similarity(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return whether the client of one is the server of the other. */
bool mps_pair_is_flipped(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return a digest of both ends, or of both initial sequence numbers: the same whichever end is
 * the client. */
uint64_t mps_pair_ends_digest(const mps_subflow_info *info);
uint64_t mps_pair_isn_digest(const mps_subflow_info *info);

#endif
