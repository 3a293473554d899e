/* pair_histories.c: makes the histories of both hosts of a connection from two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/critical_path/history.h"
#include "critical_path_internal.h"
#include "match/byte_cover.h"

static int64_t time_by_a(int64_t time, const void *comparison)
{
    return mps_comparison_time_by_a(comparison, time);
}

static const mps_comparison_row *row_at(const mps_comparison *comparison, guint index)
{
    return &g_array_index(comparison->rows, mps_comparison_row, index);
}

/* A capture that began late does not know the shift of the windows. The other one may. */
static void find_scales(mps_critical_subflow *subflow, const mps_trace *trace, uint32_t id)
{
    const mps_flow *flow = id == MPS_NONE ? NULL : mps_tracker_flow(mps_trace_tracker(trace), id);
    for (unsigned half = 0; flow && half < 2; half++) {
        const mps_direction direction = mps_flow_direction(flow, half);
        if (flow->half[half]->window_scale == MPS_NONE)
            continue;
        subflow->scale_known[direction] = true;
        subflow->scale[direction] = flow->half[half]->window_scale;
    }
}

static void add_subflow(mps_critical_input *input, const mps_comparison *comparison,
                        const mps_comparison_row *row)
{
    const bool in_a = row->pair.a != MPS_NONE;
    mps_subflow_info info;
    mps_tracker_subflow(mps_trace_tracker(in_a ? comparison->a : comparison->b),
                        in_a ? row->pair.a : row->pair.b, &info);
    mps_critical_subflow subflow = {.number = row->subflow != MPS_NONE ? row->subflow : 0,
                                    .tcp_stream = in_a ? info.tcp_stream : -1,
                                    .initial = info.initial != 0};
    find_scales(&subflow, comparison->a, row->pair.a);
    find_scales(&subflow, comparison->b, row->pair.b);
    g_array_append_val(input->subflows, subflow);
}

/* What to add to B's extended sequence numbers of each direction to get A's. Both count from the
 * first byte that their capture knows of. */
static void find_shift(const mps_comparison *comparison, const mps_comparison_row *row,
                       uint64_t shift[2])
{
    const mps_pair *pair = &row->pair;
    shift[0] = shift[1] = 0;
    if (!mps_pair_in_both(pair))
        return;
    const mps_flow *a = mps_tracker_flow(mps_trace_tracker(comparison->a), pair->a);
    const mps_flow *b = mps_tracker_flow(mps_trace_tracker(comparison->b), pair->b);
    for (unsigned direction = 0; direction < 2; direction++) {
        const mps_half *in_a = a->half[mps_flow_direction(a, 0) != direction];
        const mps_half *in_b = b->half[mps_flow_direction(b, 0) != direction];
        const uint32_t wire = in_b->anchor - in_a->anchor - pair->shift[direction];
        shift[direction] = (uint64_t)(int64_t)(int32_t)wire;
    }
}

static void add_host(mps_critical_history *history, const mps_comparison *comparison,
                     const mps_critical_connection *connection, bool in_a)
{
    for (guint i = 0; i < connection->pairs->len; i++) {
        const mps_comparison_row *row =
            row_at(comparison, g_array_index(connection->pairs, guint, i));
        uint64_t shift[2] = {0, 0};
        if (!in_a)
            find_shift(comparison, row, shift);
        mps_critical_history_add(history, i, in_a ? row->pair.a : row->pair.b, shift);
    }
    mps_critical_history_end(history, !in_a && comparison->corrected ? time_by_a : NULL,
                             comparison);
}

static gint compare_matches(gconstpointer a, gconstpointer b)
{
    const mps_critical_match *x = a, *y = b;
    if (x->received != y->received)
        return x->received < y->received ? -1 : 1;
    return (x->sent > y->sent) - (x->sent < y->sent);
}

static void add_matches(mps_critical_pair *pair, const mps_comparison_row *row, uint32_t subflow,
                        const mps_critical_history hosts[2])
{
    const unsigned direction = row->direction;
    const GArray *matches = row->alignment.matches;
    for (guint i = 0; matches && i < matches->len; i++) {
        const mps_match *one = &g_array_index(matches, mps_match, i);
        const mps_critical_match match = {
            .received = mps_critical_history_place(&hosts[!direction], subflow, row->direction,
                                                   one->received),
            .sent =
                mps_critical_history_place(&hosts[direction], subflow, row->direction, one->sent),
            .length = one->length,
        };
        if (match.received == MPS_NONE || match.sent == MPS_NONE)
            continue;
        g_array_append_val(pair->input.matches[direction], match);
    }
}

/* @return the last received payload of a row whose match is known, plus 1; 0: there is none */
static uint32_t matched_until(const mps_comparison_row *row)
{
    const GArray *matches = row->alignment.matches;
    uint32_t until = 0;
    for (guint i = 0; matches && i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        if (match->length > 0)
            until = MAX(until, match->received + 1);
    }
    return until;
}

/* Find payload that arrived and that the sender's capture does not have. */
static void find_unseen(mps_critical_pair *pair, const mps_comparison *comparison,
                        const mps_comparison_row *row, uint32_t subflow,
                        const mps_critical_history hosts[2])
{
    const unsigned direction = row->direction;
    mps_align_lists lists;
    if (row->alignment.unseen == 0)
        return;
    mps_comparison_lists(comparison, row, &lists);
    const uint32_t until = matched_until(row);
    for (uint32_t i = 0; i < lists.received_count; i++) {
        if (row->alignment.received_outcomes[i] != MPS_RECEIVED_MISSING_AT_SENDER ||
            !mps_has_bytes(&lists.received[i]))
            continue;
        uint32_t *first = i < until ? &pair->missed[direction] : &pair->beyond[direction];
        *first =
            MIN(*first, mps_critical_history_place(&hosts[!direction], subflow, row->direction, i));
    }
}

/* Say how fast B's clock runs, where its times are not corrected for that. */
static void find_drift(mps_critical_pair *pair, const mps_comparison *comparison)
{
    const bool with_skew = comparison->corrected && comparison->mode == MPS_CLOCK_SKEW;
    pair->input.fast[pair->a_is_client ? MPS_SERVER : MPS_CLIENT] =
        with_skew ? 0 : comparison->clock.likeliest;
}

void mps_critical_pair_init(mps_critical_pair *pair, const mps_comparison *comparison,
                            const mps_critical_connection *connection)
{
    mps_critical_history hosts[2];
    mps_critical_input *input = &pair->input;
    const mps_comparison_row *first =
        row_at(comparison, g_array_index(connection->pairs, guint, 0));
    mps_critical_input_init(input);
    pair->a_is_client = first->a_sends == (first->direction == MPS_C2S);
    find_drift(pair, comparison);
    for (guint i = 0; i < connection->pairs->len; i++)
        add_subflow(input, comparison,
                    row_at(comparison, g_array_index(connection->pairs, guint, i)));
    for (unsigned host = 0; host < 2; host++) {
        const bool in_a = (host == MPS_CLIENT) == pair->a_is_client;
        mps_critical_history_begin(&hosts[host], input, host,
                                   mps_trace_tracker(in_a ? comparison->a : comparison->b));
        add_host(&hosts[host], comparison, connection, in_a);
        input->matches[host] = g_array_new(FALSE, FALSE, sizeof(mps_critical_match));
        pair->missed[host] = pair->beyond[host] = MPS_NONE;
    }
    for (guint i = 0; i < connection->pairs->len; i++)
        for (unsigned k = 0; k < 2; k++) {
            const mps_comparison_row *row =
                row_at(comparison, g_array_index(connection->pairs, guint, i) + k);
            add_matches(pair, row, i, hosts);
            find_unseen(pair, comparison, row, i, hosts);
        }
    for (unsigned i = 0; i < 2; i++) {
        g_array_sort(input->matches[i], compare_matches);
        mps_critical_history_clear(&hosts[i]);
    }
}

void mps_critical_pair_clear(mps_critical_pair *pair)
{
    mps_critical_input_clear(&pair->input);
}
