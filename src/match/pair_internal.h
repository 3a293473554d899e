/* pair_internal.h: the state of two captures while their subflows are paired.
 *
 *   pair.c             runs the search and lists the result
 *   pair_find.c        tries each kind of evidence, the strongest first
 *   pair_identity.c    compares the handshakes of two connections or subflows
 *   pair_by_content.c  compares the contents of segments
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_INTERNAL_H
#define MPS_PAIR_INTERNAL_H

#include "align.h"

/* One of the two captures. */
typedef struct {
    const mps_trace *trace;
    const mps_tracker *tracker;
    GArray *connections;          /* mps_connection_info, by number */
    GArray *subflows;             /* mps_subflow_info, by id */
    uint32_t *partner;            /* by subflow id: its id in the other capture, or MPS_NONE */
    uint32_t *connection_partner; /* by connection number, likewise */
} mps_pair_side;

typedef struct {
    mps_pair_side a, b;
    uint8_t *evidence; /* mps_pair_evidence, by subflow of A */
    bool *flipped;     /* by subflow of A that is paired by its segments: as in mps_pair */
    uint8_t *connection_evidence; /* mps_pair_evidence, by connection of A */
} mps_pairing;

/* A connection or subflow of one capture, as a pointer to what the tracker says about it.
 * `side` is a pointer to mps_pair_side; `id` and `n` are as in its arrays. */
#define MPS_PAIR_SUBFLOW(side, id) (&g_array_index((side)->subflows, mps_subflow_info, id))
#define MPS_PAIR_CONNECTION(side, n) (&g_array_index((side)->connections, mps_connection_info, n))

/** Find which connections and subflows are the same: sets the partners and the evidence. */
void mps_pair_find(mps_pairing *pairing);

/** @return whether two connections have a token in common and no token contradicts. The two sides
 *  may be swapped, since a capture may not show which is the client. */
bool mps_pair_same_tokens(const mps_connection_info *a, const mps_connection_info *b);

/** Compare two subflows of paired connections.
 *  @return MPS_EVIDENCE_MP_CAPABLE or MPS_EVIDENCE_NONCES if they are the same; MPS_EVIDENCE_NONE
 *          if they are not, or if it is not known */
mps_pair_evidence mps_pair_same_subflow(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return whether addresses and ports are equal.
 *  @param swap  set to whether client and server are exchanged */
bool mps_pair_same_ends(const mps_subflow_info *a, const mps_subflow_info *b, bool *swap);

/** @return how many initial sequence numbers two subflows have in common (0 to 2), if they have the
 *  same ends; -1: the ends or the numbers show that they are different subflows. */
int mps_pair_similarity(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return whether the client of one is the server of the other. */
bool mps_pair_is_flipped(const mps_subflow_info *a, const mps_subflow_info *b);

/** @return a digest of addresses and ports that does not depend on which end is the client. */
uint64_t mps_pair_ends_digest(const mps_subflow_info *info);

/** @return both initial sequence numbers, in a form that does not depend on which end is the
 *  client. */
uint64_t mps_pair_isn_digest(const mps_subflow_info *info);

#endif
