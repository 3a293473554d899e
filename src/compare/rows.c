/* rows.c: makes the rows of a comparison, one for each subflow and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"
#include "match/partners.h"

static uint32_t connection_of(const mps_trace *trace, uint32_t id, uint32_t *subflow)
{
    uint32_t connection;
    mps_tracker_numbers(mps_trace_tracker(trace), id, &connection, subflow);
    return connection;
}

static mps_comparison_row new_row(const mps_comparison *comparison, const mps_pair *pair)
{
    mps_comparison_row row = {.connection = MPS_NONE,
                              .peer_connection = MPS_NONE,
                              .peer_subflow = MPS_NONE,
                              .pair = *pair};
    if (pair->b != MPS_NONE)
        row.peer_connection = connection_of(comparison->b, pair->b, &row.peer_subflow);
    row.subflow = row.peer_subflow;
    if (pair->a != MPS_NONE)
        row.connection = connection_of(comparison->a, pair->a, &row.subflow);
    return row;
}

static void add_rows(mps_comparison *comparison, mps_comparison_row row)
{
    for (unsigned direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        row.direction = (mps_direction)direction;
        g_array_append_val(comparison->rows, row);
    }
}

uint32_t *mps_comparison_partners(const mps_comparison *comparison, bool of_a)
{
    uint32_t count =
        mps_tracker_connections(mps_trace_tracker(of_a ? comparison->a : comparison->b));
    uint32_t *partners = mps_partners_new(count);
    for (guint i = 0; i < comparison->pairs->connections->len; i++) {
        const mps_connection_pair *pair =
            &g_array_index(comparison->pairs->connections, mps_connection_pair, i);
        if (pair->a != MPS_NONE && pair->b != MPS_NONE)
            partners[of_a ? pair->a : pair->b] = of_a ? pair->b : pair->a;
    }
    return partners;
}

/* A subflow that only one capture has gets rows if its connection is in both captures: all its
 * segments were lost, or are missing at the sender's capture. A connection that is in one capture
 * only shows nothing of the path. */
void mps_rows_make(mps_comparison *comparison)
{
    uint32_t *in_b = mps_comparison_partners(comparison, true),
             *in_a = mps_comparison_partners(comparison, false);
    for (guint i = 0; i < comparison->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(comparison->pairs->subflows, mps_pair, i);
        mps_comparison_row row = new_row(comparison, pair);
        if (pair->b == MPS_NONE)
            row.peer_connection = row.connection == MPS_NONE ? MPS_NONE : in_b[row.connection];
        if (pair->a == MPS_NONE)
            row.connection = row.peer_connection == MPS_NONE ? MPS_NONE : in_a[row.peer_connection];
        if (mps_pair_in_both(pair) ||
            (row.connection != MPS_NONE && row.peer_connection != MPS_NONE))
            add_rows(comparison, row);
    }
    g_free(in_a);
    g_free(in_b);
}

void mps_comparison_lists(const mps_comparison *comparison, const mps_comparison_row *row,
                          mps_align_lists *lists)
{
    if (mps_pair_in_both(&row->pair)) {
        mps_pair_lists(comparison->a, comparison->b, &row->pair, row->direction, row->a_sends,
                       lists);
        return;
    }
    bool in_a = row->pair.a != MPS_NONE;
    size_t count;
    const mps_packet *packets =
        in_a ? mps_trace_packets(comparison->a, row->pair.a, row->direction, &count)
             : mps_trace_packets(comparison->b, row->pair.b, row->direction, &count);
    *lists = (mps_align_lists){0};
    if (in_a == row->a_sends) {
        lists->sent = packets;
        lists->sent_count = count;
    } else {
        lists->received = packets;
        lists->received_count = count;
    }
}

bool *mps_comparison_common(const mps_comparison *comparison)
{
    bool *common = g_new0(bool, MAX(mps_tracker_connections(mps_trace_tracker(comparison->a)), 1));
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        if (row->connection != MPS_NONE)
            common[row->connection] = true;
    }
    return common;
}

const char *mps_comparison_lacks_connections(const mps_comparison *comparison)
{
    if (mps_tracker_connections(mps_trace_tracker(comparison->a)) > 0)
        return "no MPTCP connection of A is in B";
    return mps_tracker_connections(mps_trace_tracker(comparison->b)) > 0
               ? "A has no MPTCP connection; B has: name B first"
               : "no MPTCP connection";
}
