/* pair.c: lists which connections and subflows two captures have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pair_by_content.h"
#include "pair_internal.h"
#include "partners.h"

static const char *const evidence_texts[] = {
    [MPS_EVIDENCE_NONE] = NULL,
    [MPS_EVIDENCE_TOKENS] = "tokens",
    [MPS_EVIDENCE_SUBFLOW] = "a subflow",
    [MPS_EVIDENCE_MP_CAPABLE] = "MP_CAPABLE",
    [MPS_EVIDENCE_NONCES] = "nonces",
    [MPS_EVIDENCE_ENDS] = "addresses and ports",
    [MPS_EVIDENCE_ISNS] = "initial sequence numbers",
    [MPS_EVIDENCE_SEGMENTS] = "segments",
};

const char *mps_pair_evidence_text(mps_pair_evidence evidence)
{
    return evidence_texts[evidence];
}

static void side_init(mps_pair_side *side, const mps_trace *trace)
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
        mps_tracker_connection(side->tracker, i, MPS_PAIR_CONNECTION(side, i));
    for (uint32_t i = 0; i < subflows; i++)
        mps_tracker_subflow(side->tracker, i, MPS_PAIR_SUBFLOW(side, i));
    side->partner = mps_partners_new(subflows);
    side->connection_partner = mps_partners_new(connections);
}

static void side_clear(mps_pair_side *side)
{
    g_array_free(side->connections, TRUE);
    g_array_free(side->subflows, TRUE);
    g_free(side->partner);
    g_free(side->connection_partner);
}

/* Find the shifts from the initial sequence numbers, or from segments where these are not known. */
static void find_shift(const mps_pairing *pairing, mps_pair *pair)
{
    const mps_subflow_info *a = MPS_PAIR_SUBFLOW(&pairing->a, pair->a),
                           *b = MPS_PAIR_SUBFLOW(&pairing->b, pair->b);
    for (unsigned side = 0; side < 2; side++) {
        unsigned in_b = pair->flipped ? !side : side;
        pair->shift_known[side] = a->has_isn[side] && b->has_isn[in_b];
        if (pair->shift_known[side])
            pair->shift[side] = b->isn[in_b] - a->isn[side];
    }
    mps_pair_find_shift(pairing->a.trace, pairing->b.trace, pair);
}

static void list_subflow(mps_pairs *pairs, const mps_pairing *pairing, uint32_t a, uint32_t b)
{
    mps_pair pair = {.a = a, .b = b};
    if (a != MPS_NONE && b != MPS_NONE) {
        const mps_subflow_info *x = MPS_PAIR_SUBFLOW(&pairing->a, a),
                               *y = MPS_PAIR_SUBFLOW(&pairing->b, b);
        bool swap;
        pair.evidence = pairing->evidence[a];
        pair.translated = !mps_pair_same_ends(x, y, &swap);
        pair.flipped = pairing->flipped[a] || mps_pair_is_flipped(x, y);
        find_shift(pairing, &pair);
    }
    g_array_append_val(pairs->subflows, pair);
}

/* List the subflows of one of B's connections that only B has. */
static void list_only_in_b(mps_pairs *pairs, const mps_pairing *pairing, uint32_t connection)
{
    for (uint32_t i = 0; i < MPS_PAIR_CONNECTION(&pairing->b, connection)->subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(pairing->b.tracker, connection, i);
        if (pairing->b.partner[id] == MPS_NONE)
            list_subflow(pairs, pairing, MPS_NONE, id);
    }
}

/* List MPTCP connections and their subflows: those of A, then those that only B has. */
static void list_mptcp(mps_pairs *pairs, const mps_pairing *pairing)
{
    for (uint32_t n = 0; n < pairing->a.connections->len; n++) {
        uint32_t partner = pairing->a.connection_partner[n];
        mps_connection_pair pair = {n, partner, pairing->connection_evidence[n]};
        g_array_append_val(pairs->connections, pair);
        for (uint32_t i = 0; i < MPS_PAIR_CONNECTION(&pairing->a, n)->subflow_count; i++) {
            uint32_t id = mps_tracker_subflow_id(pairing->a.tracker, n, i);
            list_subflow(pairs, pairing, id, pairing->a.partner[id]);
        }
        if (partner != MPS_NONE)
            list_only_in_b(pairs, pairing, partner);
    }
    for (uint32_t n = 0; n < pairing->b.connections->len; n++) {
        mps_connection_pair pair = {MPS_NONE, n, MPS_EVIDENCE_NONE};
        if (pairing->b.connection_partner[n] != MPS_NONE)
            continue;
        g_array_append_val(pairs->connections, pair);
        list_only_in_b(pairs, pairing, n);
    }
}

/* List subflows that belong to no MPTCP connection. */
static void list_plain(mps_pairs *pairs, const mps_pairing *pairing)
{
    for (uint32_t i = 0; i < pairing->a.subflows->len; i++)
        if (MPS_PAIR_SUBFLOW(&pairing->a, i)->connection == MPS_NONE)
            list_subflow(pairs, pairing, i, pairing->a.partner[i]);
    for (uint32_t i = 0; i < pairing->b.subflows->len; i++)
        if (MPS_PAIR_SUBFLOW(&pairing->b, i)->connection == MPS_NONE &&
            pairing->b.partner[i] == MPS_NONE)
            list_subflow(pairs, pairing, MPS_NONE, i);
}

mps_pairs *mps_pairs_find(const mps_trace *a, const mps_trace *b)
{
    mps_pairing pairing;
    mps_pairs *pairs = g_new(mps_pairs, 1);
    side_init(&pairing.a, a);
    side_init(&pairing.b, b);
    pairing.evidence = g_new0(uint8_t, pairing.a.subflows->len + 1);
    pairing.flipped = g_new0(bool, pairing.a.subflows->len + 1);
    pairing.connection_evidence = g_new0(uint8_t, pairing.a.connections->len + 1);
    pairs->connections = g_array_new(FALSE, FALSE, sizeof(mps_connection_pair));
    pairs->subflows = g_array_new(FALSE, FALSE, sizeof(mps_pair));
    mps_pair_find(&pairing);
    list_mptcp(pairs, &pairing);
    list_plain(pairs, &pairing);
    g_free(pairing.evidence);
    g_free(pairing.flipped);
    g_free(pairing.connection_evidence);
    side_clear(&pairing.a);
    side_clear(&pairing.b);
    return pairs;
}

void mps_pairs_free(mps_pairs *pairs)
{
    if (!pairs)
        return;
    g_array_free(pairs->connections, TRUE);
    g_array_free(pairs->subflows, TRUE);
    g_free(pairs);
}
