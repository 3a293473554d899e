/* collect.c: collects what the other folders know of two captures, by connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "both_ends_internal.h"
#include "fate.h"

static const mps_comparison_row *row_at(const mps_both_ends *both, guint index)
{
    return &g_array_index(both->comparison->rows, mps_comparison_row, index);
}

/* @return ns by which a time from a moment at one host to a path's end at the other may be wrong;
 *         -1: nothing is known of it */
static int64_t error_of_clocks(const mps_comparison *comparison, int64_t end)
{
    int64_t low, high;
    if (!comparison->clock.has_offset)
        return -1;
    const int64_t at_b = mps_plus(end, comparison->clock.offset);
    if (!mps_comparison_error(comparison, true, end, at_b, &low, &high))
        return -1;
    return MAX(ABS(low), ABS(high));
}

/* @param sums  mps_resent_sum by row */
static void take_path(const mps_both_ends *both, mps_both_connection *connection,
                      const mps_critical_row *path, const GArray *sums)
{
    mps_both_direction *direction = &connection->directions[path->direction];
    mps_fates fates;
    direction->path = path;
    if (path->path->reason != MPS_CRITICAL_KNOWN)
        return;
    direction->blamed = true;
    mps_fates_init(&fates, both->comparison, connection->pairs, sums, path->path);
    const mps_blame_evidence evidence = mps_fates_evidence(&fates);
    direction->blame = mps_blame_of(path->path, path->direction, &evidence);
    mps_fates_clear(&fates);
    /* A path begins at the client. That of data to the client ends there, too, by the same clock.
     * But where the clocks are not corrected, their difference moves the parts against each other.
     */
    if (path->direction == MPS_C2S || !both->comparison->corrected)
        direction->slack = error_of_clocks(both->comparison, path->path->end);
}

/* @param sums  mps_resent_sum by row  @param whole  next of both->by_connection; advanced */
static void add_connection(mps_both_ends *both, const mps_critical_connection *grouped,
                           const mps_critical_row *paths, const GArray *sums, guint *whole)
{
    mps_both_connection connection = {
        .connection = grouped->connection,
        .peer_connection = grouped->peer_connection,
        .pairs = grouped->pairs,
    };
    const guint first = g_array_index(grouped->pairs, guint, 0);
    for (guint i = 0; i < 2; i++) {
        const mps_aggregate *figures =
            grouped->connection == MPS_NONE
                ? mps_both_figures(both, first + i)
                : &g_array_index(both->by_connection, mps_aggregate, (*whole)++);
        connection.directions[figures->row->direction].figures = figures;
        take_path(both, &connection, &paths[i], sums);
    }
    for (guint i = 0; i < grouped->pairs->len; i++) {
        const guint pair = g_array_index(grouped->pairs, guint, i);
        for (guint row = pair; row < pair + 2; row++) {
            mps_both_direction *direction = &connection.directions[row_at(both, row)->direction];
            mps_resent_sum_add(&direction->resent, &g_array_index(sums, mps_resent_sum, row));
            connection.bytes += mps_both_figures(both, row)->alignment.sent_bytes;
        }
    }
    g_array_append_val(both->connections, connection);
}

static void add_connections(mps_both_ends *both, uint32_t only)
{
    GArray *sums = mps_resent_sums_of(both->comparison);
    guint whole = 0, path = 0;
    for (guint i = 0; i < both->grouped->len; i++) {
        const mps_critical_connection *grouped =
            &g_array_index(both->grouped, mps_critical_connection, i);
        if (only == MPS_NONE || grouped->connection == only) {
            add_connection(both, grouped, &g_array_index(both->paths, mps_critical_row, path), sums,
                           &whole);
            path += 2;
        } else if (grouped->connection != MPS_NONE) {
            whole += 2;
        }
    }
    g_array_free(sums, TRUE);
}

/* Connections of MPTCP first, those with most data first. */
static gint compare_importance(gconstpointer a, gconstpointer b)
{
    const mps_both_connection *x = a, *y = b;
    const bool plain_x = x->connection == MPS_NONE, plain_y = y->connection == MPS_NONE;
    if (plain_x != plain_y)
        return plain_x ? 1 : -1;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->pairs == y->pairs
               ? 0
               : (g_array_index(x->pairs, guint, 0) > g_array_index(y->pairs, guint, 0)) -
                     (g_array_index(x->pairs, guint, 0) < g_array_index(y->pairs, guint, 0));
}

static gint compare_rows(gconstpointer a, gconstpointer b)
{
    const guint x = g_array_index(((const mps_both_connection *)a)->pairs, guint, 0);
    const guint y = g_array_index(((const mps_both_connection *)b)->pairs, guint, 0);
    return (x > y) - (x < y);
}

guint mps_both_keep(GArray *connections, guint most)
{
    const guint all = connections->len;
    if (all <= most)
        return 0;
    g_array_sort(connections, compare_importance);
    g_array_set_size(connections, most);
    g_array_sort(connections, compare_rows);
    return all - most;
}

/* Take what each end's report says of the connections. */
static void take_ends(mps_both_ends *both, const mps_report *const reports[2])
{
    const mps_trace *traces[2] = {both->comparison->a, both->comparison->b};
    for (unsigned end = 0; end < 2; end++) {
        const mps_tracker *tracker = mps_trace_tracker(traces[end]);
        GArray *wanted = g_array_new(FALSE, TRUE, sizeof(bool));
        g_array_set_size(wanted, mps_tracker_connections(tracker));
        for (guint i = 0; i < both->connections->len; i++) {
            const mps_both_connection *one =
                &g_array_index(both->connections, mps_both_connection, i);
            const uint32_t number = end == 0 ? one->connection : one->peer_connection;
            if (number != MPS_NONE)
                g_array_index(wanted, bool, number) = true;
        }
        both->ends[end] = mps_end_summaries_of(reports[end], tracker, wanted);
        g_array_free(wanted, TRUE);
    }
    for (guint i = 0; i < both->connections->len; i++) {
        mps_both_connection *one = &g_array_index(both->connections, mps_both_connection, i);
        if (one->connection != MPS_NONE)
            one->ends[0] = both->ends[0]->pdata[one->connection];
        if (one->peer_connection != MPS_NONE)
            one->ends[1] = both->ends[1]->pdata[one->peer_connection];
    }
}

mps_both_ends *mps_both_ends_new(const mps_comparison *comparison,
                                 const mps_report *const reports[2], uint32_t connection,
                                 guint most, guint *left_out)
{
    mps_both_ends *both = g_new0(mps_both_ends, 1);
    const mps_critical_choice choice = {.connection = connection, .end_subflow = MPS_NONE};
    both->comparison = comparison;
    both->connections = g_array_new(FALSE, FALSE, sizeof(mps_both_connection));
    both->grouped = mps_critical_connections_of(comparison);
    both->paths = mps_critical_rows_of(comparison, &choice);
    both->notes = mps_critical_notes(comparison, both->paths);
    both->subflows = mps_aggregates_of(comparison, MPS_NONE);
    both->by_connection = mps_aggregates_by_connection(comparison, both->subflows);
    both->diff = mps_diff_new(comparison, connection);
    add_connections(both, connection);
    *left_out = mps_both_keep(both->connections, most);
    take_ends(both, reports);
    return both;
}

void mps_both_ends_free(mps_both_ends *both)
{
    g_array_free(both->connections, TRUE);
    for (unsigned end = 0; end < 2; end++)
        g_ptr_array_free(both->ends[end], TRUE);
    g_ptr_array_free(both->notes, TRUE);
    mps_diff_free(both->diff);
    mps_aggregates_free(both->by_connection);
    mps_aggregates_free(both->subflows);
    g_array_free(both->paths, TRUE);
    mps_critical_connections_free(both->grouped);
    g_free(both);
}
