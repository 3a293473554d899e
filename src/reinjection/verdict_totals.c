/* verdict_totals.c: makes the tables of sums of reinjections: by pair of subflows, and by
 * connection and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "compare/comparison_columns.h"
#include "reinjection_tables.h"

#define SUM_COLUMNS                                                                                \
    {NULL, "reinjections", MPS_VALUE_UINT, "Segments", NULL, 0},                                   \
        {NULL, "length", MPS_VALUE_UINT, "Bytes", NULL, 0},                                        \
        {NULL, "useful_bytes", MPS_VALUE_UINT, "Useful", NULL, 0},                                 \
        {NULL, "redundant_bytes", MPS_VALUE_UINT, "Redundant", NULL, 0},                           \
        {NULL, "lost_bytes", MPS_VALUE_UINT, "Lost", NULL, 0},                                     \
        {NULL, "unknown_bytes", MPS_VALUE_UINT, "Unknown", NULL, 0},                               \
        {NULL, "wasted_bytes", MPS_VALUE_UINT, "Wasted", NULL, 0},                                 \
        {NULL, "spurious_bytes", MPS_VALUE_UINT, "Spurious", NULL, 0},                             \
        {NULL, "unsure_bytes", MPS_VALUE_UINT, "Unsure", NULL, 0},                                 \
        {NULL, "advanced_bytes", MPS_VALUE_UINT, "Advanced", NULL, 0},                             \
        {NULL, "gained_bytes", MPS_VALUE_UINT, "Gained", NULL, 0},                                 \
        {NULL, "gain_median", MPS_VALUE_SECONDS, "Gain: median", "ms", 3},                         \
        {NULL, "gain_mean", MPS_VALUE_SECONDS, "mean", "ms", 3},                                   \
    {                                                                                              \
        NULL, "gain_max", MPS_VALUE_SECONDS, "max", "ms", 3                                        \
    }

static const mps_column pair_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "from", MPS_VALUE_UINT, "From", NULL, 0},
    {NULL, "to", MPS_VALUE_UINT, "To", NULL, 0},
    SUM_COLUMNS,
};

static const mps_column total_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    SUM_COLUMNS,
};

/* A row of either table. */
typedef struct {
    uint32_t connection, from, to; /* numbers; from and to are 0 in totals */
    uint32_t peer_connection;      /* B's number: distinguishes connections without a number in A */
    mps_direction direction;
    uint32_t segments;
    mps_reinjection_bytes bytes;
    GArray *gains; /* mps_gain, those above 0; NULL: none */
} mps_reinjection_sum;

static void clear_sum(gpointer data)
{
    const mps_reinjection_sum *sum = data;
    if (sum->gains)
        g_array_free(sum->gains, TRUE);
}

static GArray *new_sums(guint count)
{
    GArray *sums = g_array_new(FALSE, TRUE, sizeof(mps_reinjection_sum));
    g_array_set_clear_func(sums, clear_sum);
    g_array_set_size(sums, count);
    return sums;
}

static void add_gain(mps_reinjection_sum *sum, const mps_gain *gain)
{
    if (gain->gain <= 0)
        return;
    if (!sum->gains)
        sum->gains = g_array_new(FALSE, FALSE, sizeof(mps_gain));
    g_array_append_val(sum->gains, *gain);
}

static gint compare_gains(gconstpointer a, gconstpointer b)
{
    const mps_gain *x = a, *y = b;
    return (x->gain > y->gain) - (x->gain < y->gain);
}

/* Append the gained bytes, and the median, mean and maximum of their gains over all bytes. */
static void add_gains(mps_table *table, GArray *gains)
{
    uint64_t bytes = 0, below = 0;
    double sum = 0;
    int64_t median = 0, mean = 0, max = 0;
    guint middle = 0, count = gains ? gains->len : 0;
    for (guint i = 0; i < count; i++) {
        const mps_gain *one = &g_array_index(gains, mps_gain, i);
        bytes += one->bytes;
        sum += (double)one->gain * one->bytes;
    }
    if (bytes > 0) {
        g_array_sort(gains, compare_gains);
        for (; 2 * (below + g_array_index(gains, mps_gain, middle).bytes) < bytes; middle++)
            below += g_array_index(gains, mps_gain, middle).bytes;
        median = g_array_index(gains, mps_gain, middle).gain;
        mean = mps_whole(sum / (double)bytes);
        max = g_array_index(gains, mps_gain, count - 1).gain;
    }
    mps_table_add(table, MPS_UINT(bytes));
    mps_table_add_ns(table, bytes > 0, median);
    mps_table_add_ns(table, bytes > 0, mean);
    mps_table_add_ns(table, bytes > 0, max);
}

static void add_sum(mps_table *table, const mps_reinjection_sum *sum)
{
    const mps_reinjection_bytes *bytes = &sum->bytes;
    uint64_t wasted = bytes->redundant + bytes->lost;
    mps_table_add(table, MPS_UINT(sum->segments));
    mps_table_add(table, MPS_UINT(bytes->useful + wasted + bytes->unknown));
    mps_reinjection_add_arrival_bytes(table, bytes);
    mps_table_add(table, MPS_UINT(wasted));
    mps_reinjection_add_timing_bytes(table, bytes);
    add_gains(table, sum->gains);
}

static const mps_sender *sender_at(const mps_reinjection_side *side, uint32_t index)
{
    return &g_array_index(side->sent.senders, mps_sender, index);
}

/* Append the sums of one end's pairs of subflows. */
static void sum_pairs(const mps_reinjection_side *side, GArray *sums)
{
    guint first = sums->len;
    g_array_set_size(sums, first + side->pairs->len);
    for (guint i = 0; i < side->pairs->len; i++) {
        const mps_reinjection_pair *pair = &g_array_index(side->pairs, mps_reinjection_pair, i);
        mps_reinjection_sum *sum = &g_array_index(sums, mps_reinjection_sum, first + i);
        const mps_sender *to = sender_at(side, pair->to);
        sum->connection = to->connection;
        sum->peer_connection = to->row->peer_connection;
        sum->direction = to->row->direction;
        sum->from = sender_at(side, pair->from)->subflow;
        sum->to = to->subflow;
        sum->segments = pair->segments;
        sum->bytes = pair->bytes;
    }
    for (guint i = 0; i < side->gains->len; i++) {
        const mps_gain *gain = &g_array_index(side->gains, mps_gain, i);
        uint32_t pair = g_array_index(side->ranges, mps_reinjected_range, gain->range).pair;
        add_gain(&g_array_index(sums, mps_reinjection_sum, first + pair), gain);
    }
}

static gint compare_sums(gconstpointer a, gconstpointer b)
{
    const mps_reinjection_sum *x = a, *y = b;
    if (x->connection != y->connection)
        return x->connection < y->connection ? -1 : 1;
    if (x->connection == MPS_NONE && x->peer_connection != y->peer_connection)
        return x->peer_connection < y->peer_connection ? -1 : 1;
    if (x->direction != y->direction)
        return x->direction < y->direction ? -1 : 1;
    if (x->from != y->from)
        return x->from < y->from ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static void add_place(mps_table *table, const mps_reinjection_sum *sum)
{
    mps_table_add_number(table, sum->connection);
    mps_table_add_direction(table, sum->direction);
}

mps_table *mps_reinjection_pairs(const mps_reinjections_both *both)
{
    mps_table *table = mps_table_new(pair_columns, G_N_ELEMENTS(pair_columns));
    GArray *sums = new_sums(0);
    sum_pairs(both->sides[0], sums);
    sum_pairs(both->sides[1], sums);
    g_array_sort(sums, compare_sums);
    for (guint i = 0; i < sums->len; i++) {
        const mps_reinjection_sum *sum = &g_array_index(sums, mps_reinjection_sum, i);
        if (!mps_reinjections_include(both, sum->connection))
            continue;
        add_place(table, sum);
        mps_table_add(table, MPS_UINT(sum->from));
        mps_table_add(table, MPS_UINT(sum->to));
        add_sum(table, sum);
    }
    g_array_free(sums, TRUE);
    mps_table_complete(table);
    return table;
}

/* @return the sum of a sender's connection and direction. The sums of A's connections come first,
 * then those of B's, for connections that are plain TCP in A and MPTCP in B */
static mps_reinjection_sum *total_of(const mps_reinjection_side *side, const mps_sender *sender,
                                     GArray *sums)
{
    const mps_tracker *in_a = mps_trace_tracker(side->sent.comparison->a);
    uint32_t place = sender->connection != MPS_NONE
                         ? sender->connection
                         : mps_tracker_connections(in_a) + sender->row->peer_connection;
    return &g_array_index(sums, mps_reinjection_sum, 2 * place + (guint)sender->row->direction);
}

/* Add one end's rows to the sums of their connections and directions. */
static void sum_totals(const mps_reinjection_side *side, GArray *sums)
{
    for (guint i = 0; i < side->reinjections->len; i++) {
        const mps_reinjection_row *row = &g_array_index(side->reinjections, mps_reinjection_row, i);
        const mps_sender *sender = mps_sender_of(&side->sent, row->sending);
        mps_reinjection_sum *sum = total_of(side, sender, sums);
        sum->connection = sender->connection;
        sum->direction = sender->row->direction;
        sum->segments++;
        mps_reinjection_bytes_add(&sum->bytes, &row->bytes);
    }
    for (guint i = 0; i < side->gains->len; i++) {
        const mps_gain *gain = &g_array_index(side->gains, mps_gain, i);
        uint32_t index = g_array_index(side->ranges, mps_reinjected_range, gain->range).row;
        const mps_reinjection_row *row =
            &g_array_index(side->reinjections, mps_reinjection_row, index);
        add_gain(total_of(side, mps_sender_of(&side->sent, row->sending), sums), gain);
    }
}

mps_table *mps_reinjection_totals(const mps_reinjections_both *both)
{
    mps_table *table = mps_table_new(total_columns, G_N_ELEMENTS(total_columns));
    GArray *sums = new_sums(2 * (mps_tracker_connections(mps_trace_tracker(both->comparison->a)) +
                                 mps_tracker_connections(mps_trace_tracker(both->comparison->b))));
    sum_totals(both->sides[0], sums);
    sum_totals(both->sides[1], sums);
    for (guint i = 0; i < sums->len; i++) {
        const mps_reinjection_sum *sum = &g_array_index(sums, mps_reinjection_sum, i);
        if (sum->segments == 0 || !mps_reinjections_include(both, sum->connection))
            continue;
        add_place(table, sum);
        add_sum(table, sum);
    }
    g_array_free(sums, TRUE);
    mps_table_complete(table);
    return table;
}
