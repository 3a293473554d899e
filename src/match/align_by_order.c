/* align_by_order.c: tells copies that say the same by their place among segments that are certain.
 *
 * A segment that the path never moves by more than so many others cannot be taken for a copy that
 * is farther away. Copies that are nearer match in their order only if the path was seen to keep
 * the order of very many, to lose none of them twice over and to make no copies: copies that change
 * places leave no trace.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "align_internal.h"

/* Matches that must have kept their order for each copy that is told by order alone. A path that
 * disturbs one in n goes unnoticed there in exp(-100 k / n) of all cases, and then disturbs one of
 * k copies with k / n at most: together less than 1 / 270, whatever n is. */
#define MPS_ORDER_EVIDENCE 100u

/* Copies may be farther away than any match was moved: twice as far, and two more. */
#define MPS_ORDER_MARGIN 2u

typedef struct {
    mps_align_state *state;
    uint32_t *sent_ranks, *received_ranks; /* how many matches precede each segment */
    uint32_t window;                       /* those farther apart are not taken for one another */
    bool doubtful;    /* segments are lost, and not captured: what looks like one may be two */
    bool trusted;     /* the path keeps order */
    uint64_t crowded; /* copies that only order tells */
    GArray *repeated; /* mps_align_group, likewise */
    GArray *found;    /* pairs, applied at the end: ranks are of what was certain before */
} mps_order_search;

typedef void (*mps_cluster_visitor)(mps_order_search *order, const mps_align_group *cluster);

/* Walk the copies of a group by place: those within the window of the one before are together. */
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

static bool is_alone(const mps_align_group *cluster)
{
    return cluster->sent_count <= 1 && cluster->received_count <= 1;
}

static void count_crowded(mps_order_search *order, const mps_align_group *cluster)
{
    if (!is_alone(cluster))
        order->crowded += MIN(cluster->sent_count, cluster->received_count);
}

/* Sent once, and arrived several times. */
static bool is_repeated(const mps_order_search *order, const mps_align_group *cluster)
{
    const mps_align_state *state = order->state;
    return cluster->sent_count == 1 && cluster->received_count > 1 &&
           state->complete[state->lists->sent[cluster->sent->index].length > 0];
}

static void match_in_order(mps_order_search *order, const mps_align_group *cluster)
{
    for (size_t i = 0; i < cluster->sent_count; i++) {
        uint32_t pair[2] = {cluster->sent[i].index, cluster->received[i].index};
        g_array_append_vals(order->found, pair, 2);
    }
}

static void settle_place(mps_order_search *order, const mps_align_group *cluster)
{
    if (cluster->sent_count == cluster->received_count)
        match_in_order(order, cluster);
    else
        mps_align_state_refuse(order->state, cluster);
}

static void settle_cluster(mps_order_search *order, const mps_align_group *cluster)
{
    bool both = cluster->sent_count > 0 && cluster->received_count > 0;
    if (both && is_alone(cluster) && !order->doubtful)
        match_in_order(order, cluster);
    else if (is_repeated(order, cluster))
        g_array_append_val(order->repeated, *cluster);
    else if (both && order->trusted)
        each_cluster(order, cluster, 0, settle_place);
    else
        mps_align_state_refuse(order->state, cluster);
}

static bool keeps_order(const mps_path_model *path_model)
{
    return path_model->displaced == 0 && path_model->repeated == 0 &&
           mps_path_model_sums(path_model).unmatched == 0;
}

static bool is_enough(const mps_order_search *order, const mps_path_statistics *sums)
{
    return sums->certain >= MPS_ORDER_EVIDENCE * order->crowded;
}

static void set_window(mps_order_search *order, uint32_t displaced)
{
    const GArray *refused = order->state->refused;
    order->window = 2 * MIN(displaced, UINT32_MAX / 4) + MPS_ORDER_MARGIN;
    order->crowded = 0;
    for (guint i = 0; i < refused->len; i++)
        each_cluster(order, &g_array_index(refused, mps_align_group, i), order->window,
                     count_crowded);
}

/* Other paths of the capture count where this one tells too little. */
static void judge(mps_order_search *order, const mps_path_model *own, const mps_path_model *prior)
{
    const mps_path_statistics here = mps_path_model_sums(own), all = mps_path_model_sums(prior);
    set_window(order, own->displaced);
    order->trusted = keeps_order(own);
    order->doubtful = here.unmatched > 0 && here.lost > 0;
    if (is_enough(order, &here))
        return;
    set_window(order, MAX(own->displaced, prior->displaced));
    order->trusted = keeps_order(own) && keeps_order(prior) && is_enough(order, &all);
    order->doubtful = (here.unmatched > 0 || all.unmatched > 0) && (here.lost > 0 || all.lost > 0);
}

void mps_align_by_order(mps_align_state *state, const mps_path_model *prior)
{
    mps_order_search order = {.state = state};
    if (state->refused->len == 0)
        return;
    order.sent_ranks = mps_align_ranks(state->receiver_of, state->sent_count);
    order.received_ranks = mps_align_ranks(state->sender_of, state->received_count);
    order.found = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    order.repeated = g_array_new(FALSE, FALSE, sizeof(mps_align_group));
    judge(&order, &state->path_model, prior);
    for (guint i = 0; i < state->refused->len; i++)
        each_cluster(&order, &g_array_index(state->refused, mps_align_group, i), order.window,
                     settle_cluster);
    for (guint i = 0; i + 1 < order.found->len; i += 2)
        mps_align_state_match(state, g_array_index(order.found, uint32_t, i),
                              g_array_index(order.found, uint32_t, i + 1));
    for (guint i = 0; i < order.repeated->len; i++)
        mps_align_state_match_first(state, &g_array_index(order.repeated, mps_align_group, i));
    g_array_free(order.repeated, TRUE);
    g_free(order.sent_ranks);
    g_free(order.received_ranks);
    g_array_free(order.found, TRUE);
}
