/* pair.h: which connections and subflows are the same in two captures.
 *
 * Matching never looks at the clocks: two captures match however far their clocks are apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_H
#define MPS_PAIR_H

#include "trace/trace.h"

/* What shows that two connections, or two subflows, are the same. */
typedef enum {
    MPS_EVIDENCE_NONE,       /* not paired */
    MPS_EVIDENCE_TOKENS,     /* connections: a token in common (RFC 8684 section 3.2) */
    MPS_EVIDENCE_SUBFLOW,    /* connections: a subflow in common */
    MPS_EVIDENCE_MP_CAPABLE, /* initial subflows of paired connections */
    MPS_EVIDENCE_NONCES,     /* a nonce of MP_JOIN in common (RFC 8684 section 3.2) */
    MPS_EVIDENCE_ENDS,       /* addresses and ports */
    MPS_EVIDENCE_ISNS,       /* both initial sequence numbers */
    MPS_EVIDENCE_SEGMENTS,   /* segments that no other subflow has */
} mps_pair_evidence;

/** @return the word for the evidence in output; static; NULL for MPS_EVIDENCE_NONE. */
const char *mps_pair_evidence_text(mps_pair_evidence evidence);

/* A TCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b; /* subflow ids; MPS_NONE: the other capture does not have it */
    mps_pair_evidence evidence;
    bool translated;     /* addresses or ports differ */
    bool flipped;        /* A's client is B's server: without a handshake both roles are guesses */
    uint32_t shift[2];   /* B's sequence numbers minus A's, modulo 2^32: of A's client, of its
                          * server */
    bool shift_known[2]; /* otherwise the shift is set to 0 */
} mps_pair;

/** @return whether both captures have the subflow. */
static inline bool mps_pair_in_both(const mps_pair *pair)
{
    return pair->a != MPS_NONE && pair->b != MPS_NONE;
}

/* An MPTCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b; /* connection numbers; MPS_NONE: the other capture does not have it */
    mps_pair_evidence evidence;
} mps_connection_pair;

typedef struct {
    GArray *connections; /* mps_connection_pair, in A's order, then those that only B has */
    GArray *subflows;    /* mps_pair, by connection in this order; plain TCP comes last */
} mps_pairs;

/**
 * Find the connections and subflows that both captures have.
 *
 * Tokens identify connections, and nonces of MP_JOIN identify subflows. Where the handshake was not
 * captured, and for plain TCP, addresses and ports or initial sequence numbers identify a subflow;
 * where these fail, segments that no other subflow has.
 * A subflow that could be one of several is left without a partner.
 * @return all connections and subflows of both captures; the caller frees them with
 *         mps_pairs_free()
 */
mps_pairs *mps_pairs_find(const mps_trace *a, const mps_trace *b);

/** @param pairs  may be NULL */
void mps_pairs_free(mps_pairs *pairs);

#endif
