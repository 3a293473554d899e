/* pair_find.c: finds which connections and subflows are the same, from what tells surely to what
 * tells less.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pair_by_content.h"
#include "pair_internal.h"

/* More subflows than this with the same ends, of which the handshake was not seen whole, are not
 * told apart. */
#define SAME_ENDS_MAX 256u

static void pair_subflows(mps_pairing *pairing, uint32_t a, uint32_t b, const char *why)
{
    pairing->a.partner[a] = b;
    pairing->b.partner[b] = a;
    pairing->why[a] = why;
}

static void pair_connections(mps_pairing *pairing, uint32_t a, uint32_t b, const char *why)
{
    pairing->a.connection_partner[a] = b;
    pairing->b.connection_partner[b] = a;
    pairing->connection_why[a] = why;
}

/* A table from a 64-bit property to the index that has it; to MPS_NONE where several have. */
static GHashTable *index_new(void)
{
    return g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, NULL);
}

static void index_add(GHashTable *index, uint64_t property, uint32_t number)
{
    gint64 key = (gint64)property;
    uint32_t value = g_hash_table_contains(index, &key) ? MPS_NONE : number;
    g_hash_table_replace(index, g_memdup2(&key, sizeof key), GUINT_TO_POINTER(value));
}

static uint32_t index_find(GHashTable *index, uint64_t property)
{
    gint64 key = (gint64)property;
    gpointer value;
    if (!g_hash_table_lookup_extended(index, &key, NULL, &value))
        return MPS_NONE;
    return GPOINTER_TO_UINT(value);
}

static GHashTable *index_tokens(const mps_pair_side *side)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->connections->len; i++)
        for (unsigned k = 0; k < 2; k++)
            if (CONNECTION(side, i)->has_token[k])
                index_add(index, CONNECTION(side, i)->token[k], i);
    return index;
}

static void pair_by_tokens(mps_pairing *pairing)
{
    GHashTable *in_a = index_tokens(&pairing->a), *in_b = index_tokens(&pairing->b);
    for (uint32_t i = 0; i < pairing->a.connections->len; i++) {
        const mps_connection_info *info = CONNECTION(&pairing->a, i);
        for (unsigned k = 0; k < 2; k++) {
            if (!info->has_token[k] || pairing->a.connection_partner[i] != MPS_NONE)
                continue;
            uint32_t b = index_find(in_b, info->token[k]);
            if (b == MPS_NONE || index_find(in_a, info->token[k]) != i ||
                pairing->b.connection_partner[b] != MPS_NONE)
                continue;
            if (mps_pair_same_tokens(info, CONNECTION(&pairing->b, b)))
                pair_connections(pairing, i, b, "tokens");
        }
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* In an index of nonces, of 32 bits: the initial subflow. */
#define INITIAL UINT64_MAX

static GHashTable *index_within(const mps_pair_side *side, uint32_t connection)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < CONNECTION(side, connection)->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(side->tracker, connection, i);
        const mps_subflow_info *info = SUBFLOW(side, id);
        if (info->initial == 1)
            index_add(index, INITIAL, id);
        for (unsigned k = 0; k < 2; k++)
            if (info->has_nonce[k])
                index_add(index, info->nonce[k], id);
    }
    return index;
}

/* The subflow of B that A's subflow x is. */
static void pair_by(mps_pairing *pairing, GHashTable *in_b, uint32_t x, uint64_t property)
{
    uint32_t y = index_find(in_b, property);
    if (y == MPS_NONE || pairing->a.partner[x] != MPS_NONE || pairing->b.partner[y] != MPS_NONE)
        return;
    const char *why = mps_pair_same_subflow(SUBFLOW(&pairing->a, x), SUBFLOW(&pairing->b, y));
    if (why)
        pair_subflows(pairing, x, y, why);
}

/* The subflows of connections that are paired. */
static void pair_within(mps_pairing *pairing, uint32_t a, uint32_t b)
{
    GHashTable *in_b = index_within(&pairing->b, b);
    for (uint32_t i = 0; i < CONNECTION(&pairing->a, a)->subflow_count; i++) {
        uint32_t x = mps_tracker_subflow_id(pairing->a.tracker, a, i);
        const mps_subflow_info *info = SUBFLOW(&pairing->a, x);
        if (info->initial == 1)
            pair_by(pairing, in_b, x, INITIAL);
        for (unsigned k = 0; k < 2; k++)
            if (info->has_nonce[k])
                pair_by(pairing, in_b, x, info->nonce[k]);
    }
    g_hash_table_destroy(in_b);
}

/* A connection that is known by nothing but a stray subflow. */
static bool is_stray(const mps_pair_side *side, uint32_t connection)
{
    if (connection == MPS_NONE)
        return true;
    const mps_connection_info *info = CONNECTION(side, connection);
    return !info->has_token[0] && !info->has_token[1];
}

/* A subflow of one connection is none of another. It may be plain TCP, or seem to stand alone, at
 * an end where the path took its options away. */
static bool may_pair(const mps_pairing *pairing, uint32_t a, uint32_t b)
{
    uint32_t in_a = SUBFLOW(&pairing->a, a)->connection, in_b = SUBFLOW(&pairing->b, b)->connection;
    if (pairing->a.partner[a] != MPS_NONE || pairing->b.partner[b] != MPS_NONE)
        return false;
    uint32_t of_a = in_a == MPS_NONE ? MPS_NONE : pairing->a.connection_partner[in_a];
    uint32_t of_b = in_b == MPS_NONE ? MPS_NONE : pairing->b.connection_partner[in_b];
    if (of_a == MPS_NONE && of_b == MPS_NONE)
        return true;
    if (in_a != MPS_NONE && in_b != MPS_NONE &&
        mps_pair_same_tokens(CONNECTION(&pairing->a, in_a), CONNECTION(&pairing->b, in_b)))
        return true; /* in parts at one end: joined by both ends, and no handshake seen */
    return of_a == MPS_NONE   ? is_stray(&pairing->a, in_a)
           : of_b == MPS_NONE ? is_stray(&pairing->b, in_b)
                              : of_a == in_b;
}

/* What both initial sequence numbers say, and the ends if they are to be the same. */
static uint64_t handshake_property(const mps_subflow_info *info, bool ends)
{
    return mps_pair_isn_digest(info) ^ (ends ? mps_pair_ends_digest(info) : 0);
}

static GHashTable *index_isns(const mps_pair_side *side, bool ends)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->subflows->len; i++)
        if (side->partner[i] == MPS_NONE && SUBFLOW(side, i)->has_isn[0] &&
            SUBFLOW(side, i)->has_isn[1])
            index_add(index, handshake_property(SUBFLOW(side, i), ends), i);
    return index;
}

/* Both initial sequence numbers tell a connection: of one pair of ends, however often its ports
 * were used again, and behind address translation. */
static void pair_by_isns(mps_pairing *pairing, bool ends)
{
    GHashTable *in_a = index_isns(&pairing->a, ends), *in_b = index_isns(&pairing->b, ends);
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++) {
        const mps_subflow_info *info = SUBFLOW(&pairing->a, i);
        if (pairing->a.partner[i] != MPS_NONE || !info->has_isn[0] || !info->has_isn[1])
            continue;
        uint32_t b = index_find(in_b, handshake_property(info, ends));
        if (b == MPS_NONE || !may_pair(pairing, i, b) ||
            index_find(in_a, handshake_property(info, ends)) != i)
            continue;
        if (!ends)
            pair_subflows(pairing, i, b, "initial sequence numbers");
        else if (mps_pair_similarity(info, SUBFLOW(&pairing->b, b)) == 2)
            pair_subflows(pairing, i, b, "addresses and ports");
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* Subflows with these ends that are not paired yet, by mps_pair_ends_digest(): GArray of ids. */
static GHashTable *index_ends(const mps_pair_side *side)
{
    GHashTable *index =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    for (uint32_t i = 0; i < side->subflows->len; i++) {
        if (side->partner[i] != MPS_NONE)
            continue;
        gint64 key = (gint64)mps_pair_ends_digest(SUBFLOW(side, i));
        GArray *ids = g_hash_table_lookup(index, &key);
        if (!ids) {
            ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
            g_hash_table_insert(index, g_memdup2(&key, sizeof key), ids);
        }
        g_array_append_val(ids, i);
    }
    return index;
}

/* The one most similar to `info`; MPS_NONE where there is none, or several, or too many to look at.
 */
static uint32_t most_similar(const mps_pair_side *side, GHashTable *ends,
                             const mps_subflow_info *info)
{
    gint64 key = (gint64)mps_pair_ends_digest(info);
    const GArray *ids = g_hash_table_lookup(ends, &key);
    uint32_t best = MPS_NONE;
    int similar = -1;
    for (guint i = 0; ids && ids->len <= SAME_ENDS_MAX && i < ids->len; i++) {
        uint32_t id = g_array_index(ids, uint32_t, i);
        int score = mps_pair_similarity(info, SUBFLOW(side, id));
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
        uint32_t b = most_similar(&pairing->b, in_b, SUBFLOW(&pairing->a, i));
        if (b == MPS_NONE || !may_pair(pairing, i, b) ||
            most_similar(&pairing->a, in_a, SUBFLOW(&pairing->b, b)) != i)
            continue;
        pair_subflows(pairing, i, b, "addresses and ports");
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* Without a handshake, behind address translation, segments still tell a subflow. */
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
        pair_subflows(pairing, one->a, one->b, "segments");
        pairing->flipped[one->a] = one->flipped;
    }
    g_array_free(found, TRUE);
}

/* Connections without tokens in common are one if a subflow is. */
static void pair_by_subflows(mps_pairing *pairing)
{
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++) {
        if (pairing->a.partner[i] == MPS_NONE)
            continue;
        uint32_t a = SUBFLOW(&pairing->a, i)->connection;
        uint32_t b = SUBFLOW(&pairing->b, pairing->a.partner[i])->connection;
        if (a == MPS_NONE || b == MPS_NONE || pairing->a.connection_partner[a] != MPS_NONE ||
            pairing->b.connection_partner[b] != MPS_NONE)
            continue;
        pair_connections(pairing, a, b, "a subflow");
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
