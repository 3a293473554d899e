/* pair_find.c: finds which connections and subflows are the same, trying the strongest evidence
 * first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/hash.h"
#include "pair_by_content.h"
#include "pair_internal.h"

/* If more unpaired subflows than this have the same ends, none of them is paired by its ends:
 * comparing each with each takes quadratic time. */
#define SAME_ENDS_MAX 256u

static void pair_subflows(mps_pairing *pairing, uint32_t a, uint32_t b, mps_pair_evidence evidence)
{
    pairing->a.partner[a] = b;
    pairing->b.partner[b] = a;
    pairing->evidence[a] = (uint8_t)evidence;
}

static void pair_connections(mps_pairing *pairing, uint32_t a, uint32_t b,
                             mps_pair_evidence evidence)
{
    pairing->a.connection_partner[a] = b;
    pairing->b.connection_partner[b] = a;
    pairing->connection_evidence[a] = (uint8_t)evidence;
}

/* @return a hash table from a 64-bit value to the id or number that has it, or to MPS_NONE if
 * several have it. */
static GHashTable *index_new(void)
{
    return g_hash_table_new_full(mps_hash_int64, g_int64_equal, g_free, NULL);
}

static void index_add(GHashTable *index, uint64_t value, uint32_t number)
{
    gint64 key = (gint64)value;
    uint32_t owner = g_hash_table_contains(index, &key) ? MPS_NONE : number;
    g_hash_table_replace(index, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(owner));
}

static uint32_t index_find(GHashTable *index, uint64_t value)
{
    gint64 key = (gint64)value;
    gpointer owner;
    if (!g_hash_table_lookup_extended(index, &key, NULL, &owner))
        return MPS_NONE;
    return GPOINTER_TO_UINT(owner);
}

static GHashTable *index_tokens(const mps_pair_side *side)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->connections->len; i++)
        for (unsigned k = 0; k < 2; k++)
            if (MPS_PAIR_CONNECTION(side, i)->has_token[k])
                index_add(index, MPS_PAIR_CONNECTION(side, i)->token[k], i);
    return index;
}

static void pair_by_tokens(mps_pairing *pairing)
{
    GHashTable *in_a = index_tokens(&pairing->a), *in_b = index_tokens(&pairing->b);
    for (uint32_t i = 0; i < pairing->a.connections->len; i++) {
        const mps_connection_info *info = MPS_PAIR_CONNECTION(&pairing->a, i);
        for (unsigned k = 0; k < 2; k++) {
            if (!info->has_token[k] || pairing->a.connection_partner[i] != MPS_NONE)
                continue;
            uint32_t b = index_find(in_b, info->token[k]);
            if (b == MPS_NONE || index_find(in_a, info->token[k]) != i ||
                pairing->b.connection_partner[b] != MPS_NONE)
                continue;
            if (mps_pair_same_tokens(info, MPS_PAIR_CONNECTION(&pairing->b, b)))
                pair_connections(pairing, i, b, MPS_EVIDENCE_TOKENS);
        }
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* The key of the initial subflow in an index of nonces. It cannot be a nonce, which has 32 bits. */
#define INITIAL_SUBFLOW UINT64_MAX

/* @return an index of a connection's subflows by nonce. */
static GHashTable *index_nonces(const mps_pair_side *side, uint32_t connection)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < MPS_PAIR_CONNECTION(side, connection)->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(side->tracker, connection, i);
        const mps_subflow_info *info = MPS_PAIR_SUBFLOW(side, id);
        if (info->initial == 1)
            index_add(index, INITIAL_SUBFLOW, id);
        for (unsigned k = 0; k < 2; k++)
            if (info->has_nonce[k])
                index_add(index, info->nonce[k], id);
    }
    return index;
}

/* Pair subflow x of A with the subflow of B that has this key in the index. */
static void pair_by_key(mps_pairing *pairing, GHashTable *in_b, uint32_t x, uint64_t key)
{
    uint32_t y = index_find(in_b, key);
    if (y == MPS_NONE || pairing->a.partner[x] != MPS_NONE || pairing->b.partner[y] != MPS_NONE)
        return;
    mps_pair_evidence evidence =
        mps_pair_same_subflow(MPS_PAIR_SUBFLOW(&pairing->a, x), MPS_PAIR_SUBFLOW(&pairing->b, y));
    if (evidence != MPS_EVIDENCE_NONE)
        pair_subflows(pairing, x, y, evidence);
}

/* Pair the subflows of two connections that are the same. */
static void pair_within(mps_pairing *pairing, uint32_t a, uint32_t b)
{
    GHashTable *in_b = index_nonces(&pairing->b, b);
    for (uint32_t i = 0; i < MPS_PAIR_CONNECTION(&pairing->a, a)->subflow_count; i++) {
        uint32_t x = mps_tracker_subflow_id(pairing->a.tracker, a, i);
        const mps_subflow_info *info = MPS_PAIR_SUBFLOW(&pairing->a, x);
        if (info->initial == 1)
            pair_by_key(pairing, in_b, x, INITIAL_SUBFLOW);
        for (unsigned k = 0; k < 2; k++)
            if (info->has_nonce[k])
                pair_by_key(pairing, in_b, x, info->nonce[k]);
    }
    g_hash_table_destroy(in_b);
}

/* @return whether nothing identifies the connection: no token is known, or it is plain TCP. */
static bool is_unidentified(const mps_pair_side *side, uint32_t connection)
{
    if (connection == MPS_NONE)
        return true;
    const mps_connection_info *info = MPS_PAIR_CONNECTION(side, connection);
    return !info->has_token[0] && !info->has_token[1];
}

/* @return whether two subflows may be the same as far as their connections show. Both must be
 * unpaired, and must not belong to different connections. A subflow may look like plain TCP, or
 * like a connection of its own, in a capture after a path that strips MPTCP options. */
static bool may_pair(const mps_pairing *pairing, uint32_t a, uint32_t b)
{
    uint32_t in_a = MPS_PAIR_SUBFLOW(&pairing->a, a)->connection,
             in_b = MPS_PAIR_SUBFLOW(&pairing->b, b)->connection;
    if (pairing->a.partner[a] != MPS_NONE || pairing->b.partner[b] != MPS_NONE)
        return false;
    uint32_t of_a = in_a == MPS_NONE ? MPS_NONE : pairing->a.connection_partner[in_a];
    uint32_t of_b = in_b == MPS_NONE ? MPS_NONE : pairing->b.connection_partner[in_b];
    if (of_a == MPS_NONE && of_b == MPS_NONE)
        return true;
    if (in_a != MPS_NONE && in_b != MPS_NONE &&
        mps_pair_same_tokens(MPS_PAIR_CONNECTION(&pairing->a, in_a),
                             MPS_PAIR_CONNECTION(&pairing->b, in_b)))
        return true; /* one capture lacks the MP_CAPABLE handshake, and subflows that different
                      * hosts opened are two connections there */
    return of_a == MPS_NONE   ? is_unidentified(&pairing->a, in_a)
           : of_b == MPS_NONE ? is_unidentified(&pairing->b, in_b)
                              : of_a == in_b;
}

/* @return a digest of both initial sequence numbers, and of the ends if `ends` is set. */
static uint64_t handshake_digest(const mps_subflow_info *info, bool ends)
{
    return mps_pair_isn_digest(info) ^ (ends ? mps_pair_ends_digest(info) : 0);
}

static GHashTable *index_isns(const mps_pair_side *side, bool ends)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->subflows->len; i++)
        if (side->partner[i] == MPS_NONE && MPS_PAIR_SUBFLOW(side, i)->has_isn[0] &&
            MPS_PAIR_SUBFLOW(side, i)->has_isn[1])
            index_add(index, handshake_digest(MPS_PAIR_SUBFLOW(side, i), ends), i);
    return index;
}

/* Pair subflows by both initial sequence numbers.
 * @param ends  true: the ends must be the same as well, and the numbers distinguish connections
 * that reuse the ports; false: any ends, since the path may translate addresses */
static void pair_by_isns(mps_pairing *pairing, bool ends)
{
    GHashTable *in_a = index_isns(&pairing->a, ends), *in_b = index_isns(&pairing->b, ends);
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++) {
        const mps_subflow_info *info = MPS_PAIR_SUBFLOW(&pairing->a, i);
        if (pairing->a.partner[i] != MPS_NONE || !info->has_isn[0] || !info->has_isn[1])
            continue;
        uint32_t b = index_find(in_b, handshake_digest(info, ends));
        if (b == MPS_NONE || !may_pair(pairing, i, b) ||
            index_find(in_a, handshake_digest(info, ends)) != i)
            continue;
        if (!ends)
            pair_subflows(pairing, i, b, MPS_EVIDENCE_ISNS);
        else if (mps_pair_similarity(info, MPS_PAIR_SUBFLOW(&pairing->b, b)) == 2)
            pair_subflows(pairing, i, b, MPS_EVIDENCE_ENDS);
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* @return a hash table from mps_pair_ends_digest() to a GArray of the ids of unpaired subflows. */
static GHashTable *index_ends(const mps_pair_side *side)
{
    GHashTable *index =
        g_hash_table_new_full(mps_hash_int64, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    for (uint32_t i = 0; i < side->subflows->len; i++) {
        if (side->partner[i] != MPS_NONE)
            continue;
        gint64 key = (gint64)mps_pair_ends_digest(MPS_PAIR_SUBFLOW(side, i));
        GArray *ids = g_hash_table_lookup(index, &key);
        if (!ids) {
            ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
            g_hash_table_insert(index, g_memdup2(&key, sizeof key), ids);
        }
        g_array_append_val(ids, i);
    }
    return index;
}

/* @return the id of the unpaired subflow with the same ends that has most initial sequence numbers
 * in common with `info`; MPS_NONE: there is none, or several, or too many share the ends. */
static uint32_t most_similar(const mps_pair_side *side, GHashTable *ends,
                             const mps_subflow_info *info)
{
    gint64 key = (gint64)mps_pair_ends_digest(info);
    const GArray *ids = g_hash_table_lookup(ends, &key);
    uint32_t best = MPS_NONE;
    int similar = -1;
    for (guint i = 0; ids && ids->len <= SAME_ENDS_MAX && i < ids->len; i++) {
        uint32_t id = g_array_index(ids, uint32_t, i);
        int score = mps_pair_similarity(info, MPS_PAIR_SUBFLOW(side, id));
        if (score < 0 || score < similar)
            continue;
        best = score == similar ? MPS_NONE : id;
        similar = score;
    }
    return best;
}

static void pair_by_ends(mps_pairing *pairing)
{
    GHashTable *in_a = index_ends(&pairing->a), *in_b = index_ends(&pairing->b);
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++) {
        if (pairing->a.partner[i] != MPS_NONE)
            continue;
        uint32_t b = most_similar(&pairing->b, in_b, MPS_PAIR_SUBFLOW(&pairing->a, i));
        if (b == MPS_NONE || !may_pair(pairing, i, b) ||
            most_similar(&pairing->a, in_a, MPS_PAIR_SUBFLOW(&pairing->b, b)) != i)
            continue;
        pair_subflows(pairing, i, b, MPS_EVIDENCE_ENDS);
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* Pair subflows by their segments. Behind address translation, and without the handshake, nothing
 * else identifies them. */
static void pair_by_content(mps_pairing *pairing)
{
    GArray *found = mps_pair_by_content(pairing->a.trace, pairing->a.partner, pairing->b.trace,
                                        pairing->b.partner);
    for (guint i = 0; i < found->len; i++) {
        const mps_content_pair *one = &g_array_index(found, mps_content_pair, i);
        mps_pair pair = {.a = one->a, .b = one->b, .flipped = one->flipped};
        mps_pair_find_shift(pairing->a.trace, pairing->b.trace, &pair);
        if (!pair.shift_known[0] || !pair.shift_known[1] || !may_pair(pairing, one->a, one->b))
            continue;
        pair_subflows(pairing, one->a, one->b, MPS_EVIDENCE_SEGMENTS);
        pairing->flipped[one->a] = one->flipped;
    }
    g_array_free(found, TRUE);
}

/* Pair connections without tokens in common that have a subflow in common. */
static void pair_by_subflows(mps_pairing *pairing)
{
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++) {
        if (pairing->a.partner[i] == MPS_NONE)
            continue;
        uint32_t a = MPS_PAIR_SUBFLOW(&pairing->a, i)->connection;
        uint32_t b = MPS_PAIR_SUBFLOW(&pairing->b, pairing->a.partner[i])->connection;
        if (a == MPS_NONE || b == MPS_NONE || pairing->a.connection_partner[a] != MPS_NONE ||
            pairing->b.connection_partner[b] != MPS_NONE)
            continue;
        pair_connections(pairing, a, b, MPS_EVIDENCE_SUBFLOW);
    }
}

void mps_pair_find(mps_pairing *pairing)
{
    pair_by_tokens(pairing);
    for (uint32_t i = 0; i < pairing->a.connections->len; i++)
        if (pairing->a.connection_partner[i] != MPS_NONE)
            pair_within(pairing, i, pairing->a.connection_partner[i]);
    pair_by_isns(pairing, true);
    pair_by_ends(pairing);
    pair_by_isns(pairing, false);
    pair_by_content(pairing);
    pair_by_subflows(pairing);
}
