/* pair_identity.c: are two connections, or two subflows, one and the same, by what their handshakes
 * say?
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pair_internal.h"

/* Of two values of which one may be unknown: 1 equal, -1 different, 0 cannot be told. */
static int compare_known(bool has_a, uint32_t a, bool has_b, uint32_t b)
{
    return !has_a || !has_b ? 0 : a == b ? 1 : -1;
}

/* Is one of the values of two ends equal, and none different? Which end is which may differ. */
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

/* Ports are used again: initial sequence numbers that both differ are of another connection; a
 * path may shift those of one side. @return how many are known to be equal, -1: another one */
static int same_isns(const mps_subflow_info *a, const mps_subflow_info *b, bool swap)
{
    int client = compare_known(a->has_isn[0], a->isn[0], b->has_isn[swap], b->isn[swap]);
    int server = compare_known(a->has_isn[1], a->isn[1], b->has_isn[!swap], b->isn[!swap]);
    if (client + server < 0)
        return -1;
    return (client > 0) + (server > 0);
}

const char *mps_pair_same_subflow(const mps_subflow_info *a, const mps_subflow_info *b)
{
    if (a->initial == 1 && b->initial == 1)
        return "MP_CAPABLE";
    return a->initial != 1 && b->initial != 1 && same_nonces(a, b) ? "nonces" : NULL;
}

int mps_pair_similarity(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    return mps_pair_same_ends(a, b, &swap) ? same_isns(a, b, swap) : -1;
}

bool mps_pair_is_flipped(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    if (mps_pair_same_ends(a, b, &swap))
        return swap;
    if (a->handshake_seen && b->handshake_seen) /* who opened it is known to both */
        return a->initiator != b->initiator;
    return false;
}

uint64_t mps_pair_ends_digest(const mps_subflow_info *info)
{
    uint64_t sum = 0; /* the same whichever end is the client */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t hash = info->port[i] + 1u;
        for (unsigned k = 0; k < info->address[i].length; k++)
            hash = (hash ^ info->address[i].bytes[k]) * UINT64_C(1099511628211);
        sum += hash ^ hash >> 29;
    }
    return sum;
}

uint64_t mps_pair_isn_digest(const mps_subflow_info *info)
{
    return (uint64_t)MIN(info->isn[0], info->isn[1]) << 32 | MAX(info->isn[0], info->isn[1]);
}
