/* rows.c: makes the tables of mptcpscope summary A B: the rows of csv and json, the lists in them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "both_ends_internal.h"
#include "owd/delay_columns.h"

/* Figures of one direction of a subflow, or of a connection.
 * @param least, median, p95, low, high  titles of delays; NULL: not in text */
#define FIGURE_COLUMNS(least, median, p95, low, high)                                              \
    MPS_COLUMN_COUNT("sent", "Sent"), MPS_COLUMN_COUNT("matched", NULL),                           \
        MPS_COLUMN_COUNT("lost", "Lost"), MPS_COLUMN_COUNT("undetermined", "Undet."),              \
        MPS_COLUMN_COUNT("unseen", NULL), MPS_COLUMN_COUNT("outside", NULL),                       \
        MPS_COLUMN_COUNT("uncaptured", NULL),                                                      \
        {NULL, "loss_ratio", MPS_VALUE_REAL, "Loss", "%", 2},                                      \
        {NULL, "loss_ratio_low", MPS_VALUE_REAL, NULL, "%", 2},                                    \
        {NULL, "loss_ratio_high", MPS_VALUE_REAL, NULL, "%", 2},                                   \
        MPS_COLUMN_COUNT("duplicated", "Dup."), MPS_COLUMN_COUNT("reordered", "Reord."),           \
        MPS_COLUMN_MS("owd", "min", least), MPS_COLUMN_MS("owd", "median", median),                \
        MPS_COLUMN_MS("owd", "mean", NULL), MPS_COLUMN_MS("owd", "p95", p95),                      \
        MPS_COLUMN_MS("owd", "p99", NULL), MPS_COLUMN_MS("owd", "max", NULL),                      \
        MPS_COLUMN_MS("owd", "error_low", low), MPS_COLUMN_MS("owd", "error_high", high)

/* Which subflow, and which direction of it. */
#define SUBFLOW_COLUMNS                                                                            \
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},                                         \
        {NULL, "peer_subflow", MPS_VALUE_UINT, NULL, NULL, 0},                                     \
        {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},                                       \
        {NULL, "peer_tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},                                  \
    {                                                                                              \
        NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0                                        \
    }

static const mps_column subflow_columns[] = {
    SUBFLOW_COLUMNS,
    FIGURE_COLUMNS("Delay min", "median", "P95", "Err. from", "to"),
};

/* The same without delays in text. */
static const mps_column undelayed_columns[] = {
    SUBFLOW_COLUMNS,
    FIGURE_COLUMNS(NULL, NULL, NULL, NULL, NULL),
};

static const mps_column part_columns[] = {
    {NULL, "party", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "part", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "time", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "share", MPS_VALUE_REAL, NULL, NULL, 0},
};

static const mps_column row_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "answer", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "answer_text", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "data_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "elapsed", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {"time", "network", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {"time", "hosts", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {"time", "both", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {"time", "unknown", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {NULL, "verdict", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "reason", MPS_VALUE_STRING, NULL, NULL, 0},
    FIGURE_COLUMNS(NULL, NULL, NULL, NULL, NULL),
    {"reinjected", "segments", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "useful_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "redundant_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "lost_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "unknown_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "spurious_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"reinjected", "unsure_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"retransmitted", "segments", MPS_VALUE_UINT, NULL, NULL, 0},
    {"retransmitted", "bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"retransmitted", "needed_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"retransmitted", "spurious_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"retransmitted", "unknown_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "parts", MPS_VALUE_JSON, NULL, NULL, 0},
    {NULL, "subflows", MPS_VALUE_JSON, NULL, NULL, 0},
};

static const mps_column problem_columns[] = {
    {NULL, "severity", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "problem", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "seen_in", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_subflow", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "count", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_count", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "text", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "peer_text", MPS_VALUE_STRING, NULL, NULL, 0},
};

static const mps_column connection_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "ends", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "peer_ends", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "ended", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "peer_ended", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "warnings", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "peer_warnings", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "problems", MPS_VALUE_JSON, NULL, NULL, 0},
};

static const mps_column overview_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},
    MPS_COLUMN_MS(NULL, "elapsed", "Elapsed"),
    {NULL, "answer", MPS_VALUE_STRING, "Is it the network?", NULL, 0},
    {NULL, "network", MPS_VALUE_REAL, "Network", "%", 1},
    {NULL, "hosts", MPS_VALUE_REAL, "Hosts", "%", 1},
    {NULL, "both", MPS_VALUE_REAL, "Both", "%", 1},
    {NULL, "unknown", MPS_VALUE_REAL, "Unknown", "%", 1},
    {NULL, "lost", MPS_VALUE_UINT, "Lost", NULL, 0},
    {NULL, "sent", MPS_VALUE_UINT, "of", NULL, 0},
};

static void add_figures(mps_table *table, const mps_aggregate *aggregate)
{
    const mps_alignment *counts = &aggregate->alignment;
    mps_table_add(table, MPS_UINT(counts->sent));
    mps_table_add(table, MPS_UINT(counts->matched));
    mps_table_add(table, MPS_UINT(counts->lost));
    mps_table_add(table, MPS_UINT(counts->undetermined));
    mps_table_add(table, MPS_UINT(counts->unseen));
    mps_table_add(table, MPS_UINT(counts->outside));
    mps_table_add(table, MPS_UINT(counts->uncaptured));
    mps_owd_add_loss(table, counts->matched, counts->lost, counts->undetermined);
    mps_table_add(table, MPS_UINT(counts->duplicated));
    mps_table_add(table, MPS_UINT(counts->reordered));
    mps_owd_add_delay(table, &aggregate->figures);
}

static void add_subflow(mps_table *table, const mps_both_ends *both, guint index)
{
    const mps_aggregate *aggregate = mps_both_figures(both, index);
    const mps_comparison_row *row = aggregate->row;
    mps_table_add_number(table, row->subflow);
    mps_table_add_number(table, row->peer_subflow);
    mps_comparison_add_stream(table, both->comparison->a, row->pair.a);
    mps_comparison_add_stream(table, both->comparison->b, row->pair.b);
    mps_table_add_direction(table, row->direction);
    add_figures(table, aggregate);
}

static bool has_segments(const mps_both_ends *both, guint row)
{
    const mps_alignment *counts = &mps_both_figures(both, row)->alignment;
    return counts->sent > 0 || counts->received > 0;
}

/* @return whether delays are certainly off by the difference of the clocks, or by nobody knows what
 */
static bool are_delays_off(const mps_comparison *comparison)
{
    const mps_clock_estimate *clock = &comparison->clock;
    return !comparison->corrected &&
           (!clock->has_offset || clock->offset_low > 0 || clock->offset_high < 0);
}

mps_table *mps_both_subflows(const mps_both_ends *both, const mps_both_connection *connection,
                             guint most, guint *left_out)
{
    mps_table *table =
        mps_table_new(are_delays_off(both->comparison) ? undelayed_columns : subflow_columns,
                      G_N_ELEMENTS(subflow_columns));
    guint count = 0;
    for (guint i = 0; i < connection->pairs->len; i++) {
        const guint first = g_array_index(connection->pairs, guint, i);
        for (guint row = first; row < first + 2; row++)
            if (has_segments(both, row) && count++ < most)
                add_subflow(table, both, row);
    }
    *left_out = count > most ? count - most : 0;
    mps_table_complete(table);
    return table;
}

static void add_parts(mps_table *table, const mps_blame *blame)
{
    mps_table *list = mps_table_new(part_columns, G_N_ELEMENTS(part_columns));
    for (unsigned i = 0; i < MPS_PARTS; i++) {
        mps_table_add_string(list, mps_party_name(mps_party_of(i)));
        mps_table_add_string(list, mps_part_name(i));
        mps_table_add(list, MPS_SECONDS(blame->parts[i]));
        mps_table_add(list, blame->elapsed > 0
                                ? MPS_REAL((double)blame->parts[i] / (double)blame->elapsed)
                                : MPS_NULL);
    }
    mps_table_add_list(table, list, true, NULL);
}

static void add_nulls(mps_table *table, unsigned count)
{
    while (count-- > 0)
        mps_table_add(table, MPS_NULL);
}

/* Columns from `answer` to `unknown`. */
#define BLAME_COLUMNS 8u

static void add_blame(mps_table *table, const mps_both_direction *direction)
{
    const mps_blame *blame = &direction->blame;
    if (!direction->blamed) {
        add_nulls(table, BLAME_COLUMNS);
        return;
    }
    char *text = mps_answer_text(blame, direction->slack);
    mps_table_add_string(table, mps_answer_name(mps_answer_of(blame, direction->slack)));
    mps_table_add_string(table, text);
    mps_table_add(table, MPS_UINT(direction->path->path->delivered));
    mps_table_add(table, MPS_SECONDS(blame->elapsed));
    for (unsigned i = 0; i < MPS_PARTIES; i++)
        mps_table_add(table, MPS_SECONDS(blame->parties[i]));
    g_free(text);
}

static void add_resent(mps_table *table, const mps_resent_sum *sum)
{
    const mps_reinjection_bytes *bytes = &sum->reinjected;
    mps_table_add(table, MPS_UINT(sum->reinjections));
    mps_table_add(table, MPS_UINT(bytes->useful + bytes->redundant + bytes->lost + bytes->unknown));
    mps_table_add(table, MPS_UINT(bytes->useful));
    mps_table_add(table, MPS_UINT(bytes->redundant));
    mps_table_add(table, MPS_UINT(bytes->lost));
    mps_table_add(table, MPS_UINT(bytes->unknown));
    mps_table_add(table, MPS_UINT(bytes->spurious));
    mps_table_add(table, MPS_UINT(bytes->unsure));
    mps_table_add(table, MPS_UINT(sum->retransmissions));
    mps_table_add(table, MPS_UINT(sum->retransmitted));
    mps_table_add(table, MPS_UINT(sum->necessity.needed));
    mps_table_add(table, MPS_UINT(sum->necessity.spurious));
    mps_table_add(table, MPS_UINT(sum->necessity.unknown));
}

static void add_subflow_list(mps_table *table, const mps_both_ends *both,
                             const mps_both_connection *connection, mps_direction direction)
{
    mps_table *list = mps_table_new(subflow_columns, G_N_ELEMENTS(subflow_columns));
    for (guint i = 0; i < connection->pairs->len; i++) {
        const guint first = g_array_index(connection->pairs, guint, i);
        for (guint row = first; row < first + 2; row++)
            if (mps_both_figures(both, row)->row->direction == direction)
                add_subflow(list, both, row);
    }
    mps_table_add_list(table, list, true, NULL);
}

static void add_row(mps_table *table, const mps_both_ends *both,
                    const mps_both_connection *connection, mps_direction d)
{
    const mps_both_direction *direction = &connection->directions[d];
    const mps_pair *pair = &direction->figures->row->pair;
    const bool plain = connection->connection == MPS_NONE;
    mps_table_add_number(table, connection->connection);
    mps_table_add_number(table, connection->peer_connection);
    mps_comparison_add_stream(table, both->comparison->a, plain ? pair->a : MPS_NONE);
    mps_comparison_add_stream(table, both->comparison->b, plain ? pair->b : MPS_NONE);
    mps_table_add_direction(table, d);
    add_blame(table, direction);
    mps_table_add_string(table, direction->path->verdict);
    mps_table_add_string(table, mps_critical_reason_text(direction->path->path->reason));
    add_figures(table, direction->figures);
    add_resent(table, &direction->resent);
    if (direction->blamed)
        add_parts(table, &direction->blame);
    else
        mps_table_add(table, MPS_NULL);
    add_subflow_list(table, both, connection, d);
}

mps_table *mps_both_rows(const mps_both_ends *both)
{
    mps_table *table = mps_table_new(row_columns, G_N_ELEMENTS(row_columns));
    for (guint i = 0; i < both->connections->len; i++)
        for (unsigned d = 0; d < 2; d++)
            add_row(table, both, &g_array_index(both->connections, mps_both_connection, i), d);
    mps_table_complete(table);
    return table;
}

/* Append what a problem has for each end: A's, B's. */
static void add_problem(mps_table *list, const mps_both_problem *problem)
{
    const mps_end_problem *const *seen = problem->seen;
    const mps_end_problem *one = mps_both_problem_shown(problem);
    mps_table_add_string(list, one->severity);
    mps_table_add_string(list, one->name);
    mps_table_add_string(list, !seen[1] ? "A" : !seen[0] ? "B" : "both");
    mps_table_add_number(list, problem->of_b ? MPS_NONE : problem->subflow);
    mps_table_add_number(list, seen[1] ? seen[1]->subflow : MPS_NONE);
    for (unsigned end = 0; end < 2; end++)
        mps_table_add(list, seen[end] ? MPS_UINT(seen[end]->frame) : MPS_NULL);
    for (unsigned end = 0; end < 2; end++)
        mps_table_add(list, seen[end] ? MPS_UINT(seen[end]->count) : MPS_NULL);
    for (unsigned end = 0; end < 2; end++)
        mps_table_add_string(list, seen[end] ? seen[end]->text : NULL);
}

static void add_problems(mps_table *table, const mps_both_ends *both,
                         const mps_both_connection *connection)
{
    GArray *problems = mps_both_problems_of(both, connection);
    mps_table *list = mps_table_new(problem_columns, G_N_ELEMENTS(problem_columns));
    for (guint i = 0; i < problems->len; i++)
        add_problem(list, &g_array_index(problems, mps_both_problem, i));
    mps_table_add_list(table, list, true, NULL);
    g_array_free(problems, TRUE);
}

mps_table *mps_both_connections(const mps_both_ends *both)
{
    mps_table *table = mps_table_new(connection_columns, G_N_ELEMENTS(connection_columns));
    for (guint i = 0; i < both->connections->len; i++) {
        const mps_both_connection *one = &g_array_index(both->connections, mps_both_connection, i);
        const mps_end_summary *const *ends = one->ends;
        mps_table_add_number(table, one->connection);
        mps_table_add_number(table, one->peer_connection);
        for (unsigned end = 0; end < 2; end++)
            mps_table_add_string(table, ends[end] ? ends[end]->ends : NULL);
        for (unsigned end = 0; end < 2; end++)
            mps_table_add_string(table, ends[end] ? ends[end]->ended : NULL);
        for (unsigned end = 0; end < 2; end++)
            mps_table_add(table, ends[end] ? MPS_UINT(ends[end]->warnings) : MPS_NULL);
        add_problems(table, both, one);
    }
    mps_table_complete(table);
    return table;
}

static void add_overview(mps_table *table, const mps_both_ends *both,
                         const mps_both_connection *connection, mps_direction d)
{
    static const char *const answers[] = {
        [MPS_ANSWER_NETWORK] = "yes",
        [MPS_ANSWER_HOSTS] = "no",
        [MPS_ANSWER_NEITHER] = "not alone",
        [MPS_ANSWER_UNKNOWN] = "cannot be told",
    };
    const mps_both_direction *direction = &connection->directions[d];
    const mps_blame *blame = &direction->blame;
    const mps_aggregate *figures = direction->figures;
    const bool known = direction->blamed && blame->elapsed > 0;
    mps_table_add_number(table, connection->connection);
    mps_comparison_add_stream(table, both->comparison->a, figures->row->pair.a);
    mps_table_add_direction(table, d);
    mps_table_add(table, known ? MPS_UINT(direction->path->path->delivered) : MPS_NULL);
    mps_table_add(table, known ? MPS_SECONDS(blame->elapsed) : MPS_NULL);
    mps_table_add_string(
        table, answers[known ? mps_answer_of(blame, direction->slack) : MPS_ANSWER_UNKNOWN]);
    for (unsigned i = 0; i < MPS_PARTIES; i++)
        mps_table_add(table, known ? MPS_REAL((double)blame->parties[i] / (double)blame->elapsed)
                                   : MPS_NULL);
    mps_table_add(table, MPS_UINT(figures->alignment.lost));
    mps_table_add(table, MPS_UINT(figures->alignment.sent));
}

mps_table *mps_both_overview(const mps_both_ends *both)
{
    mps_table *table = mps_table_new(overview_columns, G_N_ELEMENTS(overview_columns));
    for (guint i = 0; i < both->connections->len; i++) {
        const mps_both_connection *one = &g_array_index(both->connections, mps_both_connection, i);
        for (unsigned d = 0; d < 2; d++)
            if (one->directions[d].path->path->reason != MPS_CRITICAL_NO_DATA)
                add_overview(table, both, one, d);
    }
    mps_table_complete(table);
    return table;
}
