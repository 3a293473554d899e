/* pair.h: which connections and subflows of two captures are the same.
 *
 * Nothing here looks at the clocks: two captures match however far their clocks are apart.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PAIR_H
#define MPS_PAIR_H

#include "trace/trace.h"

/* A TCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b;       /* subflow ids; MPS_NONE: the other capture does not have it */
    const char *why;     /* static: what it was recognised by; NULL where one is missing */
    bool translated;     /* addresses or ports differ */
    bool flipped;        /* B takes A's client for the server: without handshake both only guess */
    uint32_t shift[2];   /* B's sequence numbers minus A's, of A's client and of its server */
    bool shift_known[2]; /* else it is taken to be 0 */
} mps_pair;

/** @return whether both captures have it. */
static inline bool mps_pair_in_both(const mps_pair *pair)
{
    return pair->a != MPS_NONE && pair->b != MPS_NONE;
}

/* An MPTCP connection of A and the same one of B. */
typedef struct {
    uint32_t a, b;   /* connection numbers; MPS_NONE: the other capture does not have it */
    const char *why; /* as above */
} mps_connection_pair;

typedef struct {
    GArray *connections; /* mps_connection_pair, in A's order, then those only B has */
    GArray *subflows;    /* mps_pair, likewise; those of plain TCP last */
} mps_pairs;

/**
 * Find the connections and subflows that both captures have.
 *
 * Connections are told by their tokens, subflows by the nonces of MP_JOIN, and where the handshake
 * was not captured by addresses and ports, plain TCP by these or by the initial sequence numbers;
 * the rest by segments that no other subflow has.
 * What could be one of several is left out.
 */
mps_pairs *mps_pairs_find(const mps_trace *a, const mps_trace *b);
void mps_pairs_free(mps_pairs *pairs);

#endif
