/* connection.c: MPTCP connections: keys and tokens, which flows belong to which, merging, numbers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/likely.h"
#include "tracker_internal.h"
#include <stdlib.h>

/* Connections with one token that are looked at, from the latest on. A host has a token once at a
 * time (RFC 8684 section 3.1); many connections with one are an attack, or one key used for all. */
#define MPS_SAME_TOKEN_MAX 64u

static const mps_space no_space = {0};

mps_space *mps_connection_space(mps_connection *connection, mps_direction direction)
{
    if (MPS_UNLIKELY(connection->space[direction] == &no_space))
        connection->space[direction] = g_memdup2(&no_space, sizeof no_space);
    return connection->space[direction];
}

static void space_free(mps_space *space)
{
    if (space == &no_space)
        return;
    mps_runs_clear(&space->sent);
    g_free(space);
}

static void add_flow(mps_flow_list *list, mps_flow *flow)
{
    if (list->size == 0) {
        list->size = 1;
        list->pdata = &list->first;
    } else if (list->len == list->size) {
        const bool inside = list->pdata == &list->first;
        list->size *= 2;
        list->pdata = g_renew(mps_flow *, inside ? NULL : list->pdata, list->size);
        if (inside)
            list->pdata[0] = list->first;
    }
    list->pdata[list->len++] = flow;
}

static void clear_flows(mps_flow_list *list)
{
    if (list->pdata != &list->first)
        g_free(list->pdata);
    *list = (mps_flow_list){0};
}

mps_connection *mps_connection_new(mps_tracker *tracker, mps_flow *flow, mps_roles roles)
{
    mps_connection *connection = mps_pool_add(tracker->connections);
    connection->order = tracker->connections->count - 1;
    connection->version = connection->checksum = -1;
    connection->roles = roles;
    connection->start = flow->start;
    connection->end = flow->end;
    connection->pieces = tracker->pieces;
    for (unsigned d = 0; d < 2; d++) {
        connection->space[d] = (mps_space *)&no_space;
        connection->space_id[d] = 2 * connection->order + d;
    }
    connection->link.data = connection;
    g_queue_push_tail_link(&tracker->left, &connection->link);
    if (tracker->numbering->from == MPS_NONE) {
        connection->number = tracker->numbering->alive->len;
        g_ptr_array_add(tracker->numbering->alive, connection);
    }
    mps_connection_attach(connection, flow);
    return connection;
}

void mps_connection_clear(mps_connection *connection)
{
    for (unsigned d = 0; d < 2; d++) {
        space_free(connection->space[d]);
        connection->space[d] = (mps_space *)&no_space;
    }
    clear_flows(&connection->flows);
    if (connection->priorities)
        g_array_free(connection->priorities, TRUE);
    connection->priorities = NULL;
}

void mps_connection_attach(mps_connection *connection, mps_flow *flow)
{
    flow->connection = connection;
    flow->number = connection->flows.len;
    connection->start = MIN(connection->start, flow->start);
    connection->end = MAX(connection->end, flow->end);
    add_flow(&connection->flows, flow);
}

/* Are both DATA_FINs acknowledged? */
static bool closed(const mps_connection *connection)
{
    for (unsigned i = 0; i < 2; i++) {
        const mps_space *space = connection->space[i];
        if (!space->has_fin || !space->has_ack || (int64_t)(space->ack - space->fin) <= 0)
            return false;
    }
    return true;
}

bool mps_connection_ended(const mps_connection *connection)
{
    return connection->fastclosed || closed(connection);
}

mps_connection *mps_connection_by_token(const mps_tracker *tracker, uint32_t token)
{
    GPtrArray *all = g_hash_table_lookup(tracker->tokens, GUINT_TO_POINTER(token));
    for (guint i = all ? all->len : 0, tried = 0; i-- > 0 && tried < MPS_SAME_TOKEN_MAX; tried++)
        if (!mps_connection_ended(all->pdata[i]))
            return all->pdata[i];
    return all && all->len ? all->pdata[all->len - 1] : NULL;
}

/* Make a connection known by the token of a side, unless it is by that of the other side. */
static void register_token(mps_tracker *tracker, mps_connection *connection, unsigned side,
                           bool other_registered)
{
    uint32_t token = connection->token[side];
    if (other_registered && connection->token[!side] == token)
        return;
    GPtrArray *all = g_hash_table_lookup(tracker->tokens, GUINT_TO_POINTER(token));
    if (!all) {
        all = g_ptr_array_new();
        g_hash_table_insert(tracker->tokens, GUINT_TO_POINTER(token), all);
    }
    g_ptr_array_add(all, connection);
}

/* Remove a connection from a list; the latest are at its end. */
static void remove_connection(GPtrArray *all, const mps_connection *connection)
{
    for (guint i = all->len; i-- > 0;) {
        if (all->pdata[i] == connection) {
            g_ptr_array_remove_index(all, i);
            return;
        }
    }
}

static void unregister_tokens(mps_tracker *tracker, mps_connection *connection)
{
    for (unsigned side = 0; side < 2; side++) {
        GPtrArray *all =
            connection->has_token[side]
                ? g_hash_table_lookup(tracker->tokens, GUINT_TO_POINTER(connection->token[side]))
                : NULL;
        if (all)
            remove_connection(all, connection);
    }
}

/* Did the connection end before the other one began? Then both may have had the same token. */
static bool precedes(const mps_connection *connection, const mps_connection *other)
{
    return mps_connection_ended(connection) && connection->end < other->start;
}

/* The connection that was made from an MP_JOIN with this token, captured before the handshake that
 * shows whose token it is. NULL: there is no such connection. */
static mps_connection *joined_before(const mps_tracker *tracker, const mps_connection *connection,
                                     uint32_t token)
{
    GPtrArray *all = g_hash_table_lookup(tracker->tokens, GUINT_TO_POINTER(token));
    for (guint i = all ? all->len : 0, tried = 0; i-- > 0 && tried < MPS_SAME_TOKEN_MAX; tried++) {
        mps_connection *other = all->pdata[i];
        if (other != connection && other->roles != MPS_ROLES_HANDSHAKE &&
            !precedes(other, connection))
            return other;
    }
    return NULL;
}

void mps_connection_set_token(mps_tracker *tracker, mps_connection *connection, unsigned side,
                              uint32_t token)
{
    if (connection->has_token[side])
        return;
    connection->has_token[side] = true;
    connection->token[side] = token;
    mps_connection *other = joined_before(tracker, connection, token);
    register_token(tracker, connection, side, connection->has_token[!side]);
    if (other) {
        bool same_side = other->has_token[side] && other->token[side] == token;
        mps_connection_merge(tracker, connection, other, !same_side);
    }
}

static uint64_t big_endian(const guint8 *bytes, unsigned count)
{
    uint64_t value = 0;
    for (unsigned i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* The token is the first 32 bits of the key's hash and the IDSN the last 64. The hash is SHA-256 in
 * version 1 (RFC 8684 sections 3.1 and 3.2) and SHA-1 in version 0 (RFC 6824, same sections). */
static void hash_key(uint64_t key, int version, uint32_t *token, uint64_t *idsn)
{
    guint8 bytes[8], digest[32];
    gsize length = sizeof digest;
    GChecksum *checksum = g_checksum_new(version == 0 ? G_CHECKSUM_SHA1 : G_CHECKSUM_SHA256);
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (guint8)(key >> (56 - 8 * i));
    g_checksum_update(checksum, bytes, sizeof bytes);
    g_checksum_get_digest(checksum, digest, &length);
    g_checksum_free(checksum);
    *token = (uint32_t)big_endian(digest, 4);
    *idsn = big_endian(digest + length - 8, 8);
}

void mps_connection_set_key(mps_tracker *tracker, mps_flow *flow, unsigned side, uint64_t key)
{
    mps_connection *connection = flow->connection;
    if (connection->has_key[side])
        return;
    connection->has_key[side] = true;
    connection->key[side] = key;
    if (connection->version != 0 && connection->version != 1)
        return; /* the hash of later versions is not known */
    uint32_t token;
    uint64_t idsn;
    hash_key(key, connection->version, &token, &idsn);
    mps_space_set_key(mps_connection_space(connection, side == MPS_CLIENT ? MPS_C2S : MPS_S2C),
                      idsn);
    mps_connection_set_token(tracker, connection, side, token);
}

/* Swap two data sequence spaces, with their numbers. */
static void swap_spaces(mps_connection *a, mps_direction of_a, mps_connection *b,
                        mps_direction of_b)
{
    mps_space *space = a->space[of_a];
    const uint32_t id = a->space_id[of_a];
    a->space[of_a] = b->space[of_b];
    a->space_id[of_a] = b->space_id[of_b];
    b->space[of_b] = space;
    b->space_id[of_b] = id;
}

/* Swap client and server. */
static void flip(mps_connection *connection)
{
    swap_spaces(connection, MPS_C2S, connection, MPS_S2C);
    bool has_key = connection->has_key[0], has_token = connection->has_token[0];
    uint64_t key = connection->key[0];
    uint32_t token = connection->token[0];
    connection->has_key[0] = connection->has_key[1];
    connection->has_token[0] = connection->has_token[1];
    connection->key[0] = connection->key[1];
    connection->token[0] = connection->token[1];
    connection->has_key[1] = has_key;
    connection->has_token[1] = has_token;
    connection->key[1] = key;
    connection->token[1] = token;
    for (guint i = 0; i < connection->flows.len; i++)
        ((mps_flow *)connection->flows.pdata[i])->initiator ^= 1;
    mps_connection_flip_backup(connection);
}

/* Merge two data sequence spaces that are one. Data was sent in one of them at most. */
static void merge_space(mps_connection *into, mps_connection *other, mps_direction direction)
{
    if (!mps_runs_empty(&other->space[direction]->sent) || !into->space[direction]->has_reference)
        swap_spaces(into, direction, other, direction);
    const mps_space *from = other->space[direction];
    if (!from->has_reference)
        return;
    mps_space *space = mps_connection_space(into, direction);
    if (from->initial_known)
        mps_space_set_key(space, from->initial + from->offset);
    if (from->has_ack && from->absolute_known) {
        uint64_t ack = mps_space_extend(space, from->ack + from->offset, true);
        if (!space->has_ack || (int64_t)(ack - space->ack) > 0)
            space->ack = ack;
        space->has_ack = true;
    }
    if (from->has_fin && !space->has_fin && from->absolute_known) {
        space->fin = mps_space_extend(space, from->fin + from->offset, true);
        space->has_fin = true;
    }
}

static gint compare_ids(gconstpointer a, gconstpointer b)
{
    const mps_flow *x = *(mps_flow *const *)a, *y = *(mps_flow *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

static void move_flows(mps_connection *into, mps_connection *from)
{
    const mps_flow *last = into->flows.pdata[into->flows.len - 1];
    const mps_flow *first = from->flows.pdata[0];
    bool in_order = last->id < first->id;
    for (guint i = 0; i < from->flows.len; i++)
        mps_connection_attach(into, from->flows.pdata[i]);
    if (in_order) /* as a rule: so that merging many connections takes linear time */
        return;
    qsort(into->flows.pdata, into->flows.len, sizeof(mps_flow *), compare_ids);
    for (guint i = 0; i < into->flows.len; i++)
        ((mps_flow *)into->flows.pdata[i])->number = i;
}

static void merge_properties(mps_connection *into, const mps_connection *from)
{
    for (unsigned side = 0; side < 2; side++) {
        if (!into->has_key[side] && from->has_key[side]) {
            into->has_key[side] = true;
            into->key[side] = from->key[side];
        }
        if (!into->has_token[side] && from->has_token[side]) {
            into->has_token[side] = true;
            into->token[side] = from->token[side];
        }
    }
    into->version = into->version < 0 ? from->version : into->version;
    into->checksum = into->checksum < 0 ? from->checksum : into->checksum;
    if (!into->has_syn_time) {
        into->has_syn_time = from->has_syn_time;
        into->syn_time = from->syn_time;
    }
    into->roles = MIN(into->roles, from->roles);
    into->fastclosed |= from->fastclosed;
    if (!into->fallback) {
        into->fallback = from->fallback;
        into->fallback_frame = from->fallback_frame;
    }
}

mps_connection *mps_connection_merge(mps_tracker *tracker, mps_connection *a, mps_connection *b,
                                     bool flipped)
{
    mps_connection *into = a->order < b->order ? a : b, *from = into == a ? b : a;
    unregister_tokens(tracker, a);
    unregister_tokens(tracker, b);
    if (flipped)
        flip(into->roles > from->roles ? into : from);
    merge_properties(into, from);
    mps_connection_merge_backup(into, from);
    merge_space(into, from, MPS_C2S);
    merge_space(into, from, MPS_S2C);
    move_flows(into, from);
    for (unsigned side = 0; side < 2; side++)
        if (into->has_token[side])
            register_token(tracker, into, side, side > 0 && into->has_token[0]);
    const uint32_t from_order = from->order, from_number = from->number;
    g_queue_unlink(&tracker->left, &from->link);
    mps_connection_clear(from);
    if (from_order < tracker->numbering->from) {
        tracker->numbering->from = from_order;
        tracker->numbering->kept = from_number;
    }
    tracker->generation++;
    return into;
}

void mps_tracker_renumber(const mps_tracker *tracker)
{
    mps_numbering *numbering = tracker->numbering;
    if (numbering->from == MPS_NONE)
        return;
    g_ptr_array_set_size(numbering->alive, (gint)numbering->kept);
    for (guint i = numbering->from; i < tracker->connections->count; i++) {
        mps_connection *connection = mps_pool_at(tracker->connections, i);
        if (connection->flows.len == 0)
            continue;
        connection->number = numbering->alive->len;
        g_ptr_array_add(numbering->alive, connection);
    }
    numbering->from = MPS_NONE;
}
