/* pair_identity.c: compares the handshakes of two connections or subflows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/bytes.h"
#include "pair_internal.h"

/* @return 1: the values are equal, -1: they differ, 0: one of them is unknown. */
static int compare_known(bool has_a, uint32_t a, bool has_b, uint32_t b)
{
    return !has_a || !has_b ? 0 : a == b ? 1 : -1;
}

/* @return whether two pairs of values have one in common and none that differs, with the two ends
 * in the same order or swapped. */
static bool same_values(const bool has_a[2], const uint32_t a[2], const bool has_b[2],
                        const uint32_t b[2])
{
    for (unsigned swap = 0; swap < 2; swap++) {
        int first = compare_known(has_a[0], a[0], has_b[swap], b[swap]);
        int second = compare_known(has_a[1], a[1], has_b[!swap], b[!swap]);
        if (first >= 0 && second >= 0 && first + second > 0)
            return true;
    }
    return false;
}

bool mps_pair_same_tokens(const mps_connection_info *a, const mps_connection_info *b)
{
    return same_values(a->has_token, a->token, b->has_token, b->token);
}

static bool same_nonces(const mps_subflow_info *a, const mps_subflow_info *b)
{
    return same_values(a->has_nonce, a->nonce, b->has_nonce, b->nonce);
}

static bool same_end(const mps_subflow_info *a, unsigned x, const mps_subflow_info *b, unsigned y)
{
    return a->port[x] == b->port[y] && mps_address_compare(&a->address[x], &b->address[y]) == 0;
}

bool mps_pair_same_ends(const mps_subflow_info *a, const mps_subflow_info *b, bool *swap)
{
    *swap = false;
    if (same_end(a, 0, b, 0) && same_end(a, 1, b, 1))
        return true;
    *swap = true;
    return same_end(a, 0, b, 1) && same_end(a, 1, b, 0);
}

/* Compare initial sequence numbers, which distinguish connections that reuse the same ports. If one
 * number is equal, the other may differ, since a path may shift the numbers of one side.
 * @return how many are equal; -1: they show a different connection */
static int count_same_isns(const mps_subflow_info *a, const mps_subflow_info *b, bool swap)
{
    int client = compare_known(a->has_isn[0], a->isn[0], b->has_isn[swap], b->isn[swap]);
    int server = compare_known(a->has_isn[1], a->isn[1], b->has_isn[!swap], b->isn[!swap]);
    if (client + server < 0)
        return -1;
    return (client > 0) + (server > 0);
}

mps_pair_evidence mps_pair_same_subflow(const mps_subflow_info *a, const mps_subflow_info *b)
{
    if (a->initial == 1 && b->initial == 1)
        return MPS_EVIDENCE_MP_CAPABLE;
    if (a->initial != 1 && b->initial != 1 && same_nonces(a, b))
        return MPS_EVIDENCE_NONCES;
    return MPS_EVIDENCE_NONE;
}

int mps_pair_similarity(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    return mps_pair_same_ends(a, b, &swap) ? count_same_isns(a, b, swap) : -1;
}

bool mps_pair_is_flipped(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    if (mps_pair_same_ends(a, b, &swap))
        return swap;
    if (a->handshake_seen && b->handshake_seen) /* both know which end opened it */
        return a->initiator != b->initiator;
    return false;
}

uint64_t mps_pair_ends_digest(const mps_subflow_info *info)
{
    uint64_t sum = 0; /* a sum does not depend on the order of the ends */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t hash = info->port[i] + 1u;
        for (unsigned k = 0; k < info->address[i].length; k++)
            hash = (hash ^ info->address[i].bytes[k]) * MPS_FNV_PRIME_64;
        sum += hash ^ hash >> 29;
    }
    return sum;
}

uint64_t mps_pair_isn_digest(const mps_subflow_info *info)
{
    return (uint64_t)MIN(info->isn[0], info->isn[1]) << 32 | MAX(info->isn[0], info->isn[1]);
}
