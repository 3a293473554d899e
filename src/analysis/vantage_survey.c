/* vantage_survey.c: finds the hosts of a capture, and adds up what is known of them and of the
 * paths between them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vantage_survey.h"
#include "base/hash.h"
#include "base/times.h"

#include <string.h>

/* A host can be slow once (it looks up a link address, its program thinks). So times alone tell
 * only where the slower end answered so often. */
#define ANSWERS_MIN 3u

/* The fastest answers between two addresses. */
typedef struct {
    uint32_t host[2]; /* index of an address of the client's host, and of the server's */
    uint32_t answers[2];
    int64_t least[2]; /* ns, from the capture to the client or the server and back */
} path;

/* ---- which addresses are one host ---- */

static guint hash_address(gconstpointer key)
{
    return mps_hash_bytes(key, sizeof(mps_address));
}

static gboolean same_address(gconstpointer a, gconstpointer b)
{
    return memcmp(a, b, sizeof(mps_address)) == 0;
}

static uint32_t index_of(mps_survey *s, const mps_address *address)
{
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(s->addresses, address));
    if (known)
        return known - 1;
    const uint32_t index = s->parent->len;
    g_array_append_val(s->parent, index);
    g_hash_table_insert(s->addresses, (gpointer)address, GUINT_TO_POINTER(index + 1));
    return index;
}

/* @return the address that stands for the host. Paths are halved on the way (Tarjan and van
 * Leeuwen, Worst-case analysis of set union algorithms, 1984). */
static uint32_t host_of(const mps_survey *s, uint32_t index)
{
    uint32_t *parent = (uint32_t *)(void *)s->parent->data;
    while (parent[index] != index)
        index = parent[index] = parent[parent[index]];
    return index;
}

static void unite(const mps_survey *s, uint32_t a, uint32_t b)
{
    a = host_of(s, a);
    b = host_of(s, b);
    g_array_index(s->parent, uint32_t, MAX(a, b)) = MIN(a, b);
}

static uint32_t *ends_of(const mps_survey *s, uint32_t number)
{
    return &g_array_index(s->ends, uint32_t, 2 * number);
}

static void find_hosts(mps_survey *s)
{
    for (uint32_t id = 0; id < mps_tracker_subflows(s->tracker); id++) {
        const mps_flow *flow = mps_tracker_flow(s->tracker, id);
        uint32_t number, subflow;
        mps_tracker_numbers(s->tracker, id, &number, &subflow);
        for (unsigned half = 0; number != MPS_NONE && half < 2; half++) {
            uint32_t *end = &ends_of(s, number)[mps_flow_side(flow, half)];
            const uint32_t index = index_of(s, &flow->host[half].address);
            if (*end == MPS_NONE)
                *end = index;
            unite(s, *end, index);
        }
    }
}

/* ---- what is known of hosts and paths ---- */

static void add_half(mps_survey *s, uint32_t sender, uint32_t receiver,
                     const mps_half_evidence *half)
{
    mps_host *from = &g_array_index(s->hosts, mps_host, host_of(s, sender));
    mps_host *to = &g_array_index(s->hosts, mps_host, host_of(s, receiver));
    from->sent += half->out;
    from->contradicts += (uint64_t)half->in + half->other;
    to->received += half->in;
    to->contradicts += (uint64_t)half->out + half->other;
    from->fresh += half->fresh;
    from->forwarded += half->forwarded;
    from->filled += half->filled;
    from->unfilled += half->unfilled;
}

static uint64_t *key_of(uint32_t client, uint32_t server)
{
    uint64_t *key = g_new(uint64_t, 1);
    *key = (uint64_t)client << 32 | server;
    return key;
}

/* @return the value of a key, which is freed; made of zeros if there is none */
static void *value_of(GHashTable *table, uint64_t *key, size_t size)
{
    void *value = g_hash_table_lookup(table, key);
    if (value) {
        g_free(key);
        return value;
    }
    value = g_malloc0(size);
    g_hash_table_insert(table, key, value);
    return value;
}

static void add_answers(path *p, unsigned side, int64_t least, uint32_t count)
{
    if (count == 0)
        return;
    p->least[side] = p->answers[side] ? MIN(p->least[side], least) : least;
    p->answers[side] += count;
}

/* One segment can answer by its TSecr and by its acknowledgment number. */
static void add_timers(path *p, unsigned side, const mps_half_evidence *half)
{
    const uint32_t before = p->answers[side];
    uint32_t most = 0;
    for (unsigned kind = 0; half->timers && kind < MPS_ANSWER_KINDS; kind++) {
        const mps_answer_timer *timer = &half->timers[kind];
        add_answers(p, side, timer->least, timer->answers);
        most = MAX(most, timer->answers);
    }
    p->answers[side] = before + most;
}

/* What a half sends, the host at the other end answers. */
static void add_flow(mps_survey *s, const mps_flow *flow, uint32_t id)
{
    const unsigned client = mps_flow_side(flow, 0) == MPS_CLIENT ? 0 : 1;
    const uint32_t index[2] = {index_of(s, &flow->host[client].address),
                               index_of(s, &flow->host[!client].address)};
    path *p = value_of(s->paths, key_of(index[0], index[1]), sizeof *p);
    memcpy(p->host, index, sizeof p->host);
    for (unsigned side = 0; side < 2; side++) {
        const unsigned half = side == MPS_CLIENT ? client : !client;
        const mps_half_evidence evidence = mps_vantage_evidence(s->tracker, 2 * id + half);
        add_half(s, index[side], index[!side], &evidence);
        add_timers(p, !side, &evidence);
        /* The initiator (half 0) sends the SYN, which the SYN/ACK answers. */
        const int64_t handshake = half == 0 ? flow->syn_to_synack : flow->synack_to_ack;
        add_answers(p, !side, handshake, handshake >= 0);
    }
}

static void add_distance(mps_distance *between, const path *p)
{
    const int64_t rtt = mps_plus(p->least[0], p->least[1]);
    for (unsigned side = 0; side < 2; side++) {
        between->to[side] = mps_plus(between->to[side], p->least[side]);
        between->near[side] |= rtt >= MPS_NEAR_RTT_MIN && p->least[side] <= rtt / MPS_NEAR_PART;
    }
}

/* One fast answer proves that an end is near, but slow ones prove little: how often the slower end
 * answered decides. */
static void add_path(mps_survey *s, const path *p)
{
    if (p->answers[0] == 0 || p->answers[1] == 0)
        return;
    mps_host_pair *both =
        value_of(s->pairs, key_of(host_of(s, p->host[0]), host_of(s, p->host[1])), sizeof *both);
    add_distance(&both->all, p);
    if (p->answers[p->least[1] > p->least[0]] >= ANSWERS_MIN)
        add_distance(&both->sure, p);
}

static void weigh(mps_survey *s)
{
    for (uint32_t id = 0; id < mps_tracker_subflows(s->tracker); id++) {
        const mps_flow *flow = mps_tracker_flow(s->tracker, id);
        if (flow->connection)
            add_flow(s, flow, id);
    }
    GHashTableIter at;
    gpointer value;
    g_hash_table_iter_init(&at, s->paths);
    while (g_hash_table_iter_next(&at, NULL, &value))
        add_path(s, value);
}

/* ---- the survey ---- */

void mps_survey_begin(mps_survey *s, const mps_tracker *tracker)
{
    *s = (mps_survey){
        .tracker = tracker,
        .addresses = g_hash_table_new(hash_address, same_address),
        .parent = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .hosts = g_array_new(FALSE, TRUE, sizeof(mps_host)),
        .ends = g_array_new(FALSE, FALSE, sizeof(uint32_t)),
        .paths = g_hash_table_new_full(mps_hash_int64, g_int64_equal, g_free, g_free),
        .pairs = g_hash_table_new_full(mps_hash_int64, g_int64_equal, g_free, g_free),
    };
    const uint32_t none = MPS_NONE;
    for (uint32_t i = 0; i < 2 * mps_tracker_connections(tracker); i++)
        g_array_append_val(s->ends, none);
    find_hosts(s);
    g_array_set_size(s->hosts, s->parent->len);
    weigh(s);
}

void mps_survey_end(mps_survey *s)
{
    g_hash_table_destroy(s->addresses);
    g_hash_table_destroy(s->paths);
    g_hash_table_destroy(s->pairs);
    g_array_free(s->parent, TRUE);
    g_array_free(s->hosts, TRUE);
    g_array_free(s->ends, TRUE);
}

uint32_t mps_survey_host_at(const mps_survey *s, uint32_t connection, unsigned side)
{
    const uint32_t end = ends_of(s, connection)[side];
    return end != MPS_NONE ? host_of(s, end) : MPS_NONE;
}

uint32_t mps_survey_host_with(const mps_survey *s, const mps_address *address)
{
    const guint known = GPOINTER_TO_UINT(g_hash_table_lookup(s->addresses, address));
    return known ? host_of(s, known - 1) : MPS_NONE;
}

const mps_host *mps_survey_host(const mps_survey *s, uint32_t number)
{
    return &g_array_index(s->hosts, mps_host, number);
}

const mps_host_pair *mps_survey_pair(const mps_survey *s, uint32_t client, uint32_t server)
{
    static const mps_host_pair unknown = {0};
    const uint64_t key = (uint64_t)client << 32 | server;
    const mps_host_pair *both = g_hash_table_lookup(s->pairs, &key);
    return both ? both : &unknown;
}
