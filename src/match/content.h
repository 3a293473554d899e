/* content.h: tells segments, and by them subflows, apart by what no path needs to change.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_MATCH_CONTENT_H
#define MPS_MATCH_CONTENT_H

#include <mptcpscope/match.h>

/* What sequence numbers are shifted by is accepted when so many segments say it, and so many of a
 * hundred agree. */
#define MPS_CONTENT_VOTES 8u
#define MPS_CONTENT_PERCENT 95u

/* A segment by what it says but for ports, sequence and acknowledgement number. */
typedef struct {
    uint64_t digest;
    const mps_packet *packet;
    uint32_t half; /* 2 * subflow id + direction */
} mps_content;

/* What may be looked at: some paths change the one, some the other. */
#define MPS_CONTENT_WAYS 4u

/** Add one direction of a subflow to a list. @param way  below MPS_CONTENT_WAYS */
void mps_content_add(GArray *list, const mps_trace *trace, uint32_t id, mps_direction direction,
                     unsigned way);

typedef void (*mps_content_visitor)(const mps_content *a, const mps_content *b, void *data);

/** Sort two lists, and visit those that are alone in each with what they say. */
void mps_content_each(GArray *a, GArray *b, mps_content_visitor visit, void *data);

/**
 * Find by how much a path shifted sequence numbers, from segments that are alone with what they
 * say.
 * @param pair   of subflows in both captures; its shift is set where it is not known
 */
void mps_content_find_shift(const mps_trace *a, const mps_trace *b, mps_pair *pair);

/* A subflow of A and one of B that hold the same segments. */
typedef struct {
    uint32_t a, b;
    bool flipped; /* as in mps_pair */
} mps_content_pair;

/**
 * Find subflows that hold the same segments, whatever their addresses.
 * @param a_partner  of each subflow of A: those that are not MPS_NONE are left out; likewise B
 * @return mps_content_pair; to be freed by the caller
 */
GArray *mps_content_pairs(const mps_trace *a, const uint32_t *a_partner, const mps_trace *b,
                          const uint32_t *b_partner);

#endif
