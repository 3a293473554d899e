/* align_by_order.c: matches indistinguishable segments by their position among certain matches.
 *
 * If the path never moves a segment past more than a known number of others, a segment cannot be
 * mistaken for one that is farther away. Indistinguishable segments that are closer together match
 * in their order only if the path was seen to preserve the order of very many segments, to make no
 * duplicates, and not to bring segments that the sender's capture lacks: when indistinguishable
 * segments change places, nothing shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"

/* Certain matches needed for each match that rests on order alone. With k such matches, a path that
 * disturbs one segment in n goes unnoticed among 100 k certain matches with probability
 * exp(-100 k / n), and then disturbs one of the k with probability k / n at most. The product is
 * below 1 / 270 for every n. */
#define MPS_ORDER_EVIDENCE 100u

/* Certain matches needed for each match that rests on order alone, where the path loses nothing,
 * none of the captures' subflows shows disorder in this direction, and as many of the segments were
 * sent as received between the same two certain matches, everywhere. Then these are the same
 * segments, and only disorder among them can make a match wrong. Most disorder would also move a
 * segment past a certain match, and the numbers would differ. */
#define MPS_ORDER_EVIDENCE_LOSSLESS 3u

/* Segments are taken for one another up to twice the greatest displacement seen, and this many
 * places more: the greatest one seen is not the greatest one possible. */
#define MPS_ORDER_MARGIN 2u

typedef struct {
    mps_align_state *state;
    uint32_t *sent_ranks, *received_ranks; /* certain matches before each segment */
    uint32_t window; /* in ranks: segments farther apart are not taken for one another */
    bool doubtful; /* segments are lost, and others are missing at the sender's capture: what looks
                    * like one segment may be two */
    bool order_trusted; /* the path preserves order */
    uint64_t by_order;  /* matches that rest on order alone */
    bool unbalanced;    /* set by note_unbalanced() */
    GArray *duplicates; /* mps_align_group, clusters sent once and received several times */
    GArray *matches;    /* uint32_t, sent and received in turn. These, and the duplicates, are
                         * recorded at the end, since the ranks are those of the certain matches */
} mps_order_search;

typedef void (*mps_cluster_visitor)(mps_order_search *order, const mps_align_group *cluster);

/* Visit the clusters of a group: sent and received segments by rank, each within `window` of the
 * previous one. */
static void each_cluster(mps_order_search *order, const mps_align_group *group, uint32_t window,
                         mps_cluster_visitor visit)
{
    size_t i = 0, k = 0;
    while (i < group->sent_count || k < group->received_count) {
        mps_align_group cluster = {group->sent + i, group->received + k, 0, 0};
        uint64_t reach = UINT64_MAX;
        for (;;) {
            uint64_t sent = UINT64_MAX, received = UINT64_MAX;
            if (i < group->sent_count)
                sent = order->sent_ranks[group->sent[i].index];
            if (k < group->received_count)
                received = order->received_ranks[group->received[k].index];
            uint64_t next = MIN(sent, received);
            if (next > reach || next == UINT64_MAX)
                break;
            reach = next + window;
            if (sent == next)
                i++;
            else
                k++;
        }
        cluster.sent_count = (size_t)(group->sent + i - cluster.sent);
        cluster.received_count = (size_t)(group->received + k - cluster.received);
        visit(order, &cluster);
    }
}

static bool is_single(const mps_align_group *cluster)
{
    return cluster->sent_count <= 1 && cluster->received_count <= 1;
}

static void count_by_order(mps_order_search *order, const mps_align_group *cluster)
{
    if (!is_single(cluster))
        order->by_order += MIN(cluster->sent_count, cluster->received_count);
}

static void note_unbalanced(mps_order_search *order, const mps_align_group *cluster)
{
    order->unbalanced |= cluster->sent_count != cluster->received_count;
}

/* @return whether the segment was sent once and the path duplicated it. */
static bool is_duplicated(const mps_order_search *order, const mps_align_group *cluster)
{
    const mps_align_state *state = order->state;
    return cluster->sent_count == 1 && cluster->received_count > 1 &&
           state->complete[state->lists->sent[cluster->sent->index].length > 0];
}

static void match_in_order(mps_order_search *order, const mps_align_group *cluster)
{
    for (size_t i = 0; i < cluster->sent_count; i++) {
        uint32_t match[2] = {cluster->sent[i].index, cluster->received[i].index};
        g_array_append_vals(order->matches, match, 2);
    }
}

/* Settle segments between the same two certain matches. */
static void settle_equal_rank(mps_order_search *order, const mps_align_group *cluster)
{
    if (cluster->sent_count == cluster->received_count)
        match_in_order(order, cluster);
    else
        mps_align_state_refuse(order->state, cluster);
}

static void settle_cluster(mps_order_search *order, const mps_align_group *cluster)
{
    bool both = cluster->sent_count > 0 && cluster->received_count > 0;
    if (both && is_single(cluster) && !order->doubtful)
        match_in_order(order, cluster);
    else if (is_duplicated(order, cluster))
        g_array_append_val(order->duplicates, *cluster);
    else if (both && order->order_trusted)
        each_cluster(order, cluster, 0, settle_equal_rank);
    else
        mps_align_state_refuse(order->state, cluster);
}

static bool preserves_order(const mps_path_model *path_model)
{
    return path_model->max_displacement == 0 && path_model->duplicated == 0 &&
           mps_path_model_sums(path_model).unmatched == 0;
}

/* @return whether the path was seen often enough for the matches that rest on order.
 * @param lossless  it lost nothing */
static bool is_enough(const mps_order_search *order, const mps_path_statistics *sums, bool lossless)
{
    unsigned each = lossless ? MPS_ORDER_EVIDENCE_LOSSLESS : MPS_ORDER_EVIDENCE;
    return sums->certain >= each * order->by_order;
}

/* Set the window and count what then rests on order alone. */
static void set_window(mps_order_search *order, uint32_t displacement)
{
    const GArray *undetermined = order->state->undetermined;
    order->window = 2 * MIN(displacement, UINT32_MAX / 4) + MPS_ORDER_MARGIN;
    order->by_order = 0;
    for (guint i = 0; i < undetermined->len; i++)
        each_cluster(order, &g_array_index(undetermined, mps_align_group, i), order->window,
                     count_by_order);
}

/* @return whether as many of any indistinguishable segments were sent as received between the same
 * two certain matches */
static bool is_balanced(mps_order_search *order)
{
    const GArray *undetermined = order->state->undetermined;
    for (guint i = 0; i < undetermined->len && !order->unbalanced; i++)
        each_cluster(order, &g_array_index(undetermined, mps_align_group, i), 0, note_unbalanced);
    return !order->unbalanced;
}

/* Decide how far to trust order. Where this path shows too little, the others count as well. */
static void assess_path(mps_order_search *order, const mps_path_model *own,
                        const mps_path_model *prior)
{
    const mps_path_statistics here = mps_path_model_sums(own), all = mps_path_model_sums(prior);
    set_window(order, own->max_displacement);
    order->order_trusted = preserves_order(own);
    order->doubtful = here.unmatched > 0 && here.lost > 0;
    bool lossless = own->lost_within == 0 && order->order_trusted && preserves_order(prior) &&
                    is_balanced(order);
    if (is_enough(order, &here, lossless))
        return;
    lossless = lossless && prior->lost_within == 0;
    set_window(order, MAX(own->max_displacement, prior->max_displacement));
    order->order_trusted =
        preserves_order(own) && preserves_order(prior) && is_enough(order, &all, lossless);
    order->doubtful = (here.unmatched > 0 || all.unmatched > 0) && (here.lost > 0 || all.lost > 0);
}

void mps_align_by_order(mps_align_state *state, const mps_path_model *prior)
{
    mps_order_search order = {.state = state};
    if (state->undetermined->len == 0)
        return;
    order.sent_ranks = mps_align_ranks(state->receiver_of, state->sent_count);
    order.received_ranks = mps_align_ranks(state->sender_of, state->received_count);
    order.matches = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    order.duplicates = g_array_new(FALSE, FALSE, sizeof(mps_align_group));
    assess_path(&order, &state->path_model, prior);
    for (guint i = 0; i < state->undetermined->len; i++)
        each_cluster(&order, &g_array_index(state->undetermined, mps_align_group, i), order.window,
                     settle_cluster);
    for (guint i = 0; i + 1 < order.matches->len; i += 2)
        mps_align_state_match(state, g_array_index(order.matches, uint32_t, i),
                              g_array_index(order.matches, uint32_t, i + 1));
    for (guint i = 0; i < order.duplicates->len; i++)
        mps_align_state_match_first(state, &g_array_index(order.duplicates, mps_align_group, i));
    g_array_free(order.duplicates, TRUE);
    g_free(order.sent_ranks);
    g_free(order.received_ranks);
    g_array_free(order.matches, TRUE);
}
