/* pair.c: which connection and subflow of one capture is which of the other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "content.h"
#include <string.h>

/* One capture while pairs are looked for. */
typedef struct {
    const mps_trace *trace;
    const mps_tracker *tracker;
    GArray *connections; /* mps_connection_info */
    GArray *subflows;    /* mps_subflow_info, by id */
    uint32_t *partner;   /* of each subflow in the other capture, or MPS_NONE */
    uint32_t *connection_partner;
} mps_side;

typedef struct {
    mps_side a, b;
    mps_pairs *pairs;
    const char **why;            /* of each subflow of A */
    bool *flipped;               /* likewise, of those that only their segments tell */
    const char **connection_why; /* of each connection of A */
} mps_search;

#define SUBFLOW(side, id) (&g_array_index((side)->subflows, mps_subflow_info, id))
#define CONNECTION(side, n) (&g_array_index((side)->connections, mps_connection_info, n))

static uint32_t *new_partners(uint32_t count)
{
    uint32_t *partners = g_new(uint32_t, count + 1);
    memset(partners, 0xff, sizeof *partners * (count + 1)); /* MPS_NONE */
    return partners;
}

static void side_init(mps_side *side, const mps_trace *trace)
{
    side->trace = trace;
    side->tracker = mps_trace_tracker(trace);
    uint32_t connections = mps_tracker_connections(side->tracker);
    uint32_t subflows = mps_tracker_subflows(side->tracker);
    side->connections = g_array_sized_new(FALSE, FALSE, sizeof(mps_connection_info), connections);
    side->subflows = g_array_sized_new(FALSE, FALSE, sizeof(mps_subflow_info), subflows);
    g_array_set_size(side->connections, connections);
    g_array_set_size(side->subflows, subflows);
    for (uint32_t i = 0; i < connections; i++)
        mps_tracker_connection(side->tracker, i, CONNECTION(side, i));
    for (uint32_t i = 0; i < subflows; i++)
        mps_tracker_subflow(side->tracker, i, SUBFLOW(side, i));
    side->partner = new_partners(subflows);
    side->connection_partner = new_partners(connections);
}

static void side_clear(mps_side *side)
{
    g_array_free(side->connections, TRUE);
    g_array_free(side->subflows, TRUE);
    g_free(side->partner);
    g_free(side->connection_partner);
}

static void pair_subflows(mps_search *search, uint32_t a, uint32_t b, const char *why)
{
    search->a.partner[a] = b;
    search->b.partner[b] = a;
    search->why[a] = why;
}

static void pair_connections(mps_search *search, uint32_t a, uint32_t b, const char *why)
{
    search->a.connection_partner[a] = b;
    search->b.connection_partner[b] = a;
    search->connection_why[a] = why;
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

/* Do two connections have a token in common, and none that differs? Sides may be swapped where
 * one of the captures does not know who is who. */
static bool same_tokens(const mps_connection_info *a, const mps_connection_info *b)
{
    for (unsigned swap = 0; swap < 2; swap++) {
        unsigned equal = 0, different = 0;
        for (unsigned side = 0; side < 2; side++) {
            if (!a->has_token[side] || !b->has_token[side ^ swap])
                continue;
            equal += a->token[side] == b->token[side ^ swap];
            different += a->token[side] != b->token[side ^ swap];
        }
        if (equal > 0 && different == 0)
            return true;
    }
    return false;
}

static GHashTable *index_tokens(const mps_side *side)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->connections->len; i++)
        for (unsigned k = 0; k < 2; k++)
            if (CONNECTION(side, i)->has_token[k])
                index_add(index, CONNECTION(side, i)->token[k], i);
    return index;
}

static void pair_by_tokens(mps_search *search)
{
    GHashTable *in_a = index_tokens(&search->a), *in_b = index_tokens(&search->b);
    for (uint32_t i = 0; i < search->a.connections->len; i++) {
        const mps_connection_info *info = CONNECTION(&search->a, i);
        for (unsigned k = 0; k < 2; k++) {
            if (!info->has_token[k] || search->a.connection_partner[i] != MPS_NONE)
                continue;
            uint32_t b = index_find(in_b, info->token[k]);
            if (b == MPS_NONE || index_find(in_a, info->token[k]) != i ||
                search->b.connection_partner[b] != MPS_NONE)
                continue;
            if (same_tokens(info, CONNECTION(&search->b, b)))
                pair_connections(search, i, b, "tokens");
        }
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* Of two values of which one may be unknown: 1 equal, -1 different, 0 cannot be told. */
static int compare_known(bool has_a, uint32_t a, bool has_b, uint32_t b)
{
    return !has_a || !has_b ? 0 : a == b ? 1 : -1;
}

static bool same_nonces(const mps_subflow_info *a, const mps_subflow_info *b)
{
    for (unsigned swap = 0; swap < 2; swap++) {
        int first = compare_known(a->has_nonce[0], a->nonce[0], b->has_nonce[swap], b->nonce[swap]);
        int second =
            compare_known(a->has_nonce[1], a->nonce[1], b->has_nonce[!swap], b->nonce[!swap]);
        if (first >= 0 && second >= 0 && first + second > 0)
            return true;
    }
    return false;
}

static bool same_end(const mps_subflow_info *a, unsigned x, const mps_subflow_info *b, unsigned y)
{
    return a->port[x] == b->port[y] && mps_address_compare(&a->address[x], &b->address[y]) == 0;
}

/* Whether the ends are the same; `swap` is set where client and server are exchanged. */
static bool same_ends(const mps_subflow_info *a, const mps_subflow_info *b, bool *swap)
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

static const char *recognise(const mps_subflow_info *a, const mps_subflow_info *b)
{
    if (a->initial == 1 && b->initial == 1)
        return "MP_CAPABLE";
    return a->initial != 1 && b->initial != 1 && same_nonces(a, b) ? "nonces" : NULL;
}

/* The subflows of connections that are paired. */
static void pair_within(mps_search *search, uint32_t a, uint32_t b)
{
    uint32_t count_a = CONNECTION(&search->a, a)->subflow_count;
    uint32_t count_b = CONNECTION(&search->b, b)->subflow_count;
    for (uint32_t i = 0; i < count_a; i++) {
        uint32_t x = mps_tracker_subflow_id(search->a.tracker, a, i);
        for (uint32_t k = 0; k < count_b && search->a.partner[x] == MPS_NONE; k++) {
            uint32_t y = mps_tracker_subflow_id(search->b.tracker, b, k);
            if (search->b.partner[y] != MPS_NONE)
                continue;
            const char *why = recognise(SUBFLOW(&search->a, x), SUBFLOW(&search->b, y));
            if (why)
                pair_subflows(search, x, y, why);
        }
    }
}

static uint64_t ends_property(const mps_subflow_info *info)
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

static uint64_t isn_property(const mps_subflow_info *info)
{
    return (uint64_t)MIN(info->isn[0], info->isn[1]) << 32 | MAX(info->isn[0], info->isn[1]);
}

/* A connection that is known by nothing but a stray subflow. */
static bool is_stray(const mps_side *side, uint32_t connection)
{
    if (connection == MPS_NONE)
        return true;
    const mps_connection_info *info = CONNECTION(side, connection);
    return !info->has_token[0] && !info->has_token[1];
}

/* A subflow of one connection is none of another. It may be plain TCP, or seem to stand alone, at
 * an end where the path took its options away. */
static bool may_pair(const mps_search *search, uint32_t a, uint32_t b)
{
    uint32_t in_a = SUBFLOW(&search->a, a)->connection, in_b = SUBFLOW(&search->b, b)->connection;
    if (search->a.partner[a] != MPS_NONE || search->b.partner[b] != MPS_NONE)
        return false;
    uint32_t of_a = in_a == MPS_NONE ? MPS_NONE : search->a.connection_partner[in_a];
    uint32_t of_b = in_b == MPS_NONE ? MPS_NONE : search->b.connection_partner[in_b];
    if (of_a == MPS_NONE && of_b == MPS_NONE)
        return true;
    if (in_a != MPS_NONE && in_b != MPS_NONE &&
        same_tokens(CONNECTION(&search->a, in_a), CONNECTION(&search->b, in_b)))
        return true; /* in parts at one end: joined by both ends, and no handshake seen */
    return of_a == MPS_NONE   ? is_stray(&search->a, in_a)
           : of_b == MPS_NONE ? is_stray(&search->b, in_b)
                              : of_a == in_b;
}

/* Subflows with these ends that are not paired yet, by ends_property(): GArray of ids. */
static GHashTable *index_ends(const mps_side *side)
{
    GHashTable *index =
        g_hash_table_new_full(g_int64_hash, g_int64_equal, g_free, (GDestroyNotify)g_array_unref);
    for (uint32_t i = 0; i < side->subflows->len; i++) {
        if (side->partner[i] != MPS_NONE)
            continue;
        gint64 key = (gint64)ends_property(SUBFLOW(side, i));
        GArray *ids = g_hash_table_lookup(index, &key);
        if (!ids) {
            ids = g_array_new(FALSE, FALSE, sizeof(uint32_t));
            g_hash_table_insert(index, g_memdup2(&key, sizeof key), ids);
        }
        g_array_append_val(ids, i);
    }
    return index;
}

/* How many initial sequence numbers two subflows with the same ends share; -1: another one. */
static int similarity(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    return same_ends(a, b, &swap) ? same_isns(a, b, swap) : -1;
}

/* The one most similar to `info`; MPS_NONE where there is none, or several. */
static uint32_t most_similar(const mps_side *side, GHashTable *ends, const mps_subflow_info *info)
{
    gint64 key = (gint64)ends_property(info);
    const GArray *ids = g_hash_table_lookup(ends, &key);
    uint32_t best = MPS_NONE;
    int similar = -1;
    for (guint i = 0; ids && i < ids->len; i++) {
        uint32_t id = g_array_index(ids, uint32_t, i);
        int score = similarity(info, SUBFLOW(side, id));
        if (score < 0 || score < similar)
            continue;
        best = score == similar ? MPS_NONE : id;
        similar = score;
    }
    return best;
}

static void pair_by_ends(mps_search *search)
{
    GHashTable *in_a = index_ends(&search->a), *in_b = index_ends(&search->b);
    for (uint32_t i = 0; i < search->a.subflows->len; i++) {
        if (search->a.partner[i] != MPS_NONE)
            continue;
        uint32_t b = most_similar(&search->b, in_b, SUBFLOW(&search->a, i));
        if (b == MPS_NONE || !may_pair(search, i, b) ||
            most_similar(&search->a, in_a, SUBFLOW(&search->b, b)) != i)
            continue;
        pair_subflows(search, i, b, "addresses and ports");
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

static GHashTable *index_isns(const mps_side *side)
{
    GHashTable *index = index_new();
    for (uint32_t i = 0; i < side->subflows->len; i++)
        if (side->partner[i] == MPS_NONE && SUBFLOW(side, i)->has_isn[0] &&
            SUBFLOW(side, i)->has_isn[1])
            index_add(index, isn_property(SUBFLOW(side, i)), i);
    return index;
}

/* Behind address translation both initial sequence numbers still tell a connection. */
static void pair_by_isns(mps_search *search)
{
    GHashTable *in_a = index_isns(&search->a), *in_b = index_isns(&search->b);
    for (uint32_t i = 0; i < search->a.subflows->len; i++) {
        const mps_subflow_info *info = SUBFLOW(&search->a, i);
        if (search->a.partner[i] != MPS_NONE || !info->has_isn[0] || !info->has_isn[1])
            continue;
        uint32_t b = index_find(in_b, isn_property(info));
        if (b != MPS_NONE && may_pair(search, i, b) && index_find(in_a, isn_property(info)) == i)
            pair_subflows(search, i, b, "initial sequence numbers");
    }
    g_hash_table_destroy(in_a);
    g_hash_table_destroy(in_b);
}

/* Without a handshake, behind address translation, segments still tell a subflow. */
static void pair_by_content(mps_search *search)
{
    GArray *found =
        mps_content_pairs(search->a.trace, search->a.partner, search->b.trace, search->b.partner);
    for (guint i = 0; i < found->len; i++) {
        const mps_content_pair *one = &g_array_index(found, mps_content_pair, i);
        mps_pair pair = {.a = one->a, .b = one->b, .flipped = one->flipped};
        mps_content_find_shift(search->a.trace, search->b.trace, &pair);
        if (!pair.shift_known[0] || !pair.shift_known[1] || !may_pair(search, one->a, one->b))
            continue;
        pair_subflows(search, one->a, one->b, "segments");
        search->flipped[one->a] = one->flipped;
    }
    g_array_free(found, TRUE);
}

/* Connections without tokens in common are one if a subflow is. */
static void pair_by_subflows(mps_search *search)
{
    for (uint32_t i = 0; i < search->a.subflows->len; i++) {
        if (search->a.partner[i] == MPS_NONE)
            continue;
        uint32_t a = SUBFLOW(&search->a, i)->connection;
        uint32_t b = SUBFLOW(&search->b, search->a.partner[i])->connection;
        if (a == MPS_NONE || b == MPS_NONE || search->a.connection_partner[a] != MPS_NONE ||
            search->b.connection_partner[b] != MPS_NONE)
            continue;
        pair_connections(search, a, b, "a subflow");
    }
}

static bool is_flipped(const mps_subflow_info *a, const mps_subflow_info *b)
{
    bool swap;
    if (same_ends(a, b, &swap))
        return swap;
    if (a->handshake_seen && b->handshake_seen) /* who opened it is known to both */
        return a->initiator != b->initiator;
    return false;
}

/* What the initial sequence numbers tell of their shift, and the segments where these do not. */
static void find_shift(const mps_search *search, mps_pair *pair)
{
    const mps_subflow_info *a = SUBFLOW(&search->a, pair->a), *b = SUBFLOW(&search->b, pair->b);
    for (unsigned side = 0; side < 2; side++) {
        unsigned in_b = pair->flipped ? !side : side;
        pair->shift_known[side] = a->has_isn[side] && b->has_isn[in_b];
        if (pair->shift_known[side])
            pair->shift[side] = b->isn[in_b] - a->isn[side];
    }
    mps_content_find_shift(search->a.trace, search->b.trace, pair);
}

static void list_subflow(mps_search *search, uint32_t a, uint32_t b)
{
    mps_pair pair = {.a = a, .b = b};
    if (a != MPS_NONE && b != MPS_NONE) {
        const mps_subflow_info *x = SUBFLOW(&search->a, a), *y = SUBFLOW(&search->b, b);
        bool swap;
        pair.why = search->why[a];
        pair.translated = !same_ends(x, y, &swap);
        pair.flipped = search->flipped[a] || is_flipped(x, y);
        find_shift(search, &pair);
    }
    g_array_append_val(search->pairs->subflows, pair);
}

/* List subflows by connection: of A's MPTCP connections, then of those that only B has. */
static void list_mptcp(mps_search *search)
{
    for (uint32_t n = 0; n < search->a.connections->len; n++) {
        uint32_t partner = search->a.connection_partner[n];
        mps_connection_pair pair = {n, partner, search->connection_why[n]};
        g_array_append_val(search->pairs->connections, pair);
        for (uint32_t i = 0; i < CONNECTION(&search->a, n)->subflow_count; i++) {
            uint32_t id = mps_tracker_subflow_id(search->a.tracker, n, i);
            list_subflow(search, id, search->a.partner[id]);
        }
        for (uint32_t i = 0;
             partner != MPS_NONE && i < CONNECTION(&search->b, partner)->subflow_count; i++) {
            uint32_t id = mps_tracker_subflow_id(search->b.tracker, partner, i);
            if (search->b.partner[id] == MPS_NONE)
                list_subflow(search, MPS_NONE, id);
        }
    }
    for (uint32_t n = 0; n < search->b.connections->len; n++) {
        mps_connection_pair pair = {MPS_NONE, n, NULL};
        if (search->b.connection_partner[n] != MPS_NONE)
            continue;
        g_array_append_val(search->pairs->connections, pair);
        for (uint32_t i = 0; i < CONNECTION(&search->b, n)->subflow_count; i++) {
            uint32_t id = mps_tracker_subflow_id(search->b.tracker, n, i);
            if (search->b.partner[id] == MPS_NONE)
                list_subflow(search, MPS_NONE, id);
        }
    }
}

static void list_plain(mps_search *search)
{
    for (uint32_t i = 0; i < search->a.subflows->len; i++)
        if (SUBFLOW(&search->a, i)->connection == MPS_NONE)
            list_subflow(search, i, search->a.partner[i]);
    for (uint32_t i = 0; i < search->b.subflows->len; i++)
        if (SUBFLOW(&search->b, i)->connection == MPS_NONE && search->b.partner[i] == MPS_NONE)
            list_subflow(search, MPS_NONE, i);
}

mps_pairs *mps_pairs_find(const mps_trace *a, const mps_trace *b)
{
    mps_search search = {.pairs = g_new0(mps_pairs, 1)};
    side_init(&search.a, a);
    side_init(&search.b, b);
    search.why = g_new0(const char *, search.a.subflows->len + 1);
    search.flipped = g_new0(bool, search.a.subflows->len + 1);
    search.connection_why = g_new0(const char *, search.a.connections->len + 1);
    search.pairs->connections = g_array_new(FALSE, FALSE, sizeof(mps_connection_pair));
    search.pairs->subflows = g_array_new(FALSE, FALSE, sizeof(mps_pair));
    pair_by_tokens(&search);
    for (uint32_t i = 0; i < search.a.connections->len; i++)
        if (search.a.connection_partner[i] != MPS_NONE)
            pair_within(&search, i, search.a.connection_partner[i]);
    pair_by_ends(&search);
    pair_by_isns(&search);
    pair_by_content(&search);
    pair_by_subflows(&search);
    list_mptcp(&search);
    list_plain(&search);
    g_free(search.why);
    g_free(search.flipped);
    g_free(search.connection_why);
    side_clear(&search.a);
    side_clear(&search.b);
    return search.pairs;
}

void mps_pairs_free(mps_pairs *pairs)
{
    if (!pairs)
        return;
    g_array_free(pairs->connections, TRUE);
    g_array_free(pairs->subflows, TRUE);
    g_free(pairs);
}
