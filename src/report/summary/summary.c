/* summary.c: columns and rows of the report "summary", for csv, json and tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "report/connection_columns.h"
#include "shown.h"

#define RATIO_COLUMNS(group)                                                                       \
    {group, "throughput", MPS_VALUE_REAL, "Throughput", "Mbit/s", 3},                              \
        {group, "retransmission_ratio", MPS_VALUE_REAL, "Retrans.", "%", 2},                       \
    {                                                                                              \
        group, "reinjection_ratio", MPS_VALUE_REAL, "Reinj.", "%", 2                               \
    }

#define CONNECTION_DIRECTION_COLUMNS(group)                                                        \
    MPS_DIRECTION_COLUMNS(group, "Goodput"), RATIO_COLUMNS(group),                                 \
        {group, "acked_bytes", MPS_VALUE_UINT, NULL, NULL, 0},                                     \
    {                                                                                              \
        group, "unacked_bytes", MPS_VALUE_UINT, NULL, NULL, 0                                      \
    }

#define SUBFLOW_DIRECTION_COLUMNS(group)                                                           \
    MPS_DIRECTION_COLUMNS(group, NULL), RATIO_COLUMNS(group),                                      \
        {group, "throughput_share", MPS_VALUE_REAL, "Share", "%", 1},                              \
    {                                                                                              \
        group, "share", MPS_VALUE_REAL, "Data share", "%", 1                                       \
    }

static const mps_column columns[] = {
    MPS_CONNECTION_COLUMNS,
    {NULL, "checksum", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 6},
    {NULL, "state", MPS_VALUE_STRING, "State", NULL, 0},
    {NULL, "fallback", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "ended", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "subflows_tried", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "subflows_accepted", MPS_VALUE_UINT, "Subflows", NULL, 0},
    {NULL, "subflows_unused", MPS_VALUE_UINT, "Unused", NULL, 0},
    CONNECTION_DIRECTION_COLUMNS("c2s"),
    CONNECTION_DIRECTION_COLUMNS("s2c"),
    {NULL, "subflows", MPS_VALUE_JSON, NULL, NULL, 0},
    {NULL, "warnings", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "problems", MPS_VALUE_JSON, "Problems", NULL, 0},
};

/* In tables of all connections, the connection comes first. In the lists of one it is left out. */
#define OF_CONNECTION                                                                              \
    {                                                                                              \
        NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0                                        \
    }

static const mps_column subflow_columns[] = {
    OF_CONNECTION,
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "initial", MPS_VALUE_BOOL, "Initial", NULL, 0},
    {NULL, "initiator", MPS_VALUE_STRING, "Opener", NULL, 0},
    {NULL, "client", MPS_VALUE_STRING, "Client", NULL, 0},
    {NULL, "client_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "server", MPS_VALUE_STRING, "Server", NULL, 0},
    {NULL, "server_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "backup", MPS_VALUE_BOOL, "Backup", NULL, 0},
    {NULL, "start", MPS_VALUE_TIME, "Start", NULL, 0},
    {NULL, "join_delay", MPS_VALUE_SECONDS, "Join", "ms", 3},
    {NULL, "handshake_rtt", MPS_VALUE_SECONDS, "HS RTT", "ms", 3},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 6},
    {NULL, "state", MPS_VALUE_STRING, "State", NULL, 0},
    {NULL, "reset_reason", MPS_VALUE_STRING, "Reset reason", NULL, 0},
    {NULL, "icmp_error", MPS_VALUE_STRING, "ICMP error", NULL, 0},
    {NULL, "icmp_sender", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "accepted", MPS_VALUE_BOOL, "Accepted", NULL, 0},
    {NULL, "unused", MPS_VALUE_BOOL, "Unused", NULL, 0},
    SUBFLOW_DIRECTION_COLUMNS("c2s"),
    SUBFLOW_DIRECTION_COLUMNS("s2c"),
};

static const mps_column problem_columns[] = {
    OF_CONNECTION,
    {NULL, "severity", MPS_VALUE_STRING, "Severity", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "problem", MPS_VALUE_STRING, "Problem", NULL, 0},
    {NULL, "count", MPS_VALUE_UINT, "Count", NULL, 0},
    {NULL, "text", MPS_VALUE_STRING, "Text", NULL, 0},
};

static void add_ratio(mps_table *table, int64_t part, int64_t whole)
{
    double ratio = mps_ratio(part, whole);
    mps_table_add(table, ratio < 0 ? MPS_NULL : MPS_REAL(ratio));
}

static void add_counts(mps_table *table, const mps_counts *counts, int64_t duration)
{
    mps_table_add_counts(table, counts, duration);
    bool known = !counts->uncaptured;
    if (known)
        mps_table_add_rate(table, counts->bytes, duration);
    else
        mps_table_add(table, MPS_NULL);
    add_ratio(table, counts->retransmitted, known ? counts->bytes : 0);
    add_ratio(table, counts->reinjected, mps_counts_data_known(counts) ? counts->data : 0);
}

static void add_subflow(mps_table *table, const mps_summary *summary,
                        const mps_summary_subflow *subflow)
{
    const mps_subflow_info *info = &subflow->info;
    mps_table_add(table, MPS_UINT(info->number));
    mps_table_add(table, MPS_UINT(info->frame));
    mps_table_add_known(table, info->tcp_stream);
    mps_table_add_known_bool(table, info->initial);
    mps_table_add_string(table,
                         info->handshake_seen ? mps_direction_sender(info->initiator) : NULL);
    for (unsigned side = 0; side < 2; side++) {
        mps_table_add_address(table, &info->address[side]);
        mps_table_add(table, MPS_UINT(info->port[side]));
    }
    mps_table_add_course(table, info);
    mps_table_add(table, MPS_BOOL(subflow->accepted));
    mps_table_add(table, MPS_BOOL(subflow->accepted && !subflow->has_payload));
    for (unsigned i = 0; i < 2; i++) {
        const mps_counts *own = &subflow->counts[i], *whole = &summary->counts[i];
        add_counts(table, own, info->duration);
        add_ratio(table, own->bytes, whole->uncaptured ? 0 : whole->bytes);
        add_ratio(table, own->data, mps_counts_data_known(whole) ? whole->data : 0);
    }
}

/* @return the subflows as csv and text have them: not very many; freed by the caller */
static char *subflows_text(const mps_summary *summary)
{
    GString *text = g_string_new(NULL);
    mps_shown shown = mps_shown_subflows(summary);
    for (guint i = 0; i < shown.indexes->len; i++) {
        guint index = g_array_index(shown.indexes, guint, i);
        const mps_summary_subflow *subflow =
            &g_array_index(summary->subflows, mps_summary_subflow, index);
        char *sentence = mps_subflow_text(subflow);
        g_string_append_printf(text, "%s%u: %s", i ? "; " : "", subflow->info.number, sentence);
        g_free(sentence);
    }
    for (guint i = 0; i < shown.left_out->len; i++)
        g_string_append_printf(text, "; %s", (const char *)shown.left_out->pdata[i]);
    mps_shown_clear(&shown);
    return g_string_free(text, FALSE);
}

static void add_subflows(mps_table *table, const mps_summary *summary)
{
    mps_table *list = mps_table_new(subflow_columns + 1, G_N_ELEMENTS(subflow_columns) - 1);
    for (guint i = 0; i < summary->subflows->len; i++)
        add_subflow(list, summary, &g_array_index(summary->subflows, mps_summary_subflow, i));
    mps_table_add_list(table, list, false, subflows_text(summary));
}

/* @return the problems as csv and text have them: not very many; freed by the caller */
static char *problems_text(const mps_summary *summary)
{
    GString *text = g_string_new(NULL);
    mps_shown shown = mps_shown_problems(summary);
    for (guint i = 0; i < shown.indexes->len; i++) {
        const mps_problem *problem =
            &g_array_index(summary->problems, mps_problem, g_array_index(shown.indexes, guint, i));
        g_string_append_printf(text, "%s%s, frame %u: ", i ? " | " : "",
                               mps_severity_name(problem->severity), problem->frame);
        if (problem->subflow != MPS_NONE)
            g_string_append_printf(text, "subflow %u: ", problem->subflow);
        g_string_append(text, problem->text);
    }
    for (guint i = 0; i < shown.left_out->len; i++)
        g_string_append_printf(text, " | %s", (const char *)shown.left_out->pdata[i]);
    mps_shown_clear(&shown);
    return g_string_free(text, FALSE);
}

static void add_problem(mps_table *table, const mps_problem *problem)
{
    bool has_subflow = problem->subflow != MPS_NONE;
    mps_table_add_string(table, mps_severity_name(problem->severity));
    mps_table_add(table, MPS_UINT(problem->frame));
    mps_table_add(table, has_subflow ? MPS_UINT(problem->subflow) : MPS_NULL);
    mps_table_add_string(table, mps_problem_name(problem->kind));
    mps_table_add(table, MPS_UINT(problem->count));
    mps_table_add_string(table, problem->text);
}

static void add_problems(mps_table *table, const mps_summary *summary)
{
    mps_table *list = mps_table_new(problem_columns + 1, G_N_ELEMENTS(problem_columns) - 1);
    for (guint i = 0; i < summary->problems->len; i++)
        add_problem(list, &g_array_index(summary->problems, mps_problem, i));
    mps_table_add(table, MPS_UINT(summary->warnings));
    mps_table_add_list(table, list, false, problems_text(summary));
}

static bool add_row(const mps_summary *summary, void *output)
{
    mps_table *table = output;
    const mps_connection_info *info = &summary->info;
    mps_table_add_connection(table, info);
    mps_table_add_known_bool(table, info->checksum);
    mps_table_add(table, MPS_TIME(info->start));
    mps_table_add_duration(table, info->duration);
    mps_table_add_string(table, mps_connection_state_name(info->state));
    mps_table_add_string(table, mps_fallback_reason(info->fallback));
    mps_table_add_string(table, summary->ended);
    mps_table_add(table, MPS_UINT(info->subflow_count));
    mps_table_add(table, MPS_UINT(info->accepted));
    mps_table_add(table, MPS_UINT(summary->unused));
    for (unsigned i = 0; i < 2; i++) {
        const mps_data_milestones *data = &summary->data[i];
        add_counts(table, &summary->counts[i], info->duration);
        mps_table_add(table, data->has_acked ? MPS_UINT(data->acked) : MPS_NULL);
        mps_table_add(table, data->has_acks && !summary->counts[i].uncaptured
                                 ? MPS_UINT(data->unacked)
                                 : MPS_NULL);
    }
    add_subflows(table, summary);
    add_problems(table, summary);
    return false;
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    mps_summaries_visit(report, tracker, add_row, table);
}

static bool add_subflow_rows(const mps_summary *summary, void *output)
{
    mps_table *table = output;
    for (guint i = 0; i < summary->subflows->len; i++) {
        mps_table_add(table, MPS_UINT(summary->info.number));
        add_subflow(table, summary, &g_array_index(summary->subflows, mps_summary_subflow, i));
    }
    return false;
}

static bool add_problem_rows(const mps_summary *summary, void *output)
{
    mps_table *table = output;
    for (guint i = 0; i < summary->problems->len; i++) {
        mps_table_add(table, MPS_UINT(summary->info.number));
        add_problem(table, &g_array_index(summary->problems, mps_problem, i));
    }
    return false;
}

static void subflow_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    mps_summaries_visit(report, tracker, add_subflow_rows, table);
}

static void problem_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    mps_summaries_visit(report, tracker, add_problem_rows, table);
}

const mps_report_kind mps_report_summary_subflows = {
    .name = "subflows",
    .title = "subflows",
    .columns = subflow_columns,
    .column_count = G_N_ELEMENTS(subflow_columns),
    .rows = subflow_rows,
};

const mps_report_kind mps_report_summary_problems = {
    .name = "problems",
    .title = "what looks wrong",
    .empty = "No problems found.",
    .columns = problem_columns,
    .column_count = G_N_ELEMENTS(problem_columns),
    .rows = problem_rows,
};

static const mps_report_kind *const lists[] = {&mps_report_summary_subflows,
                                               &mps_report_summary_problems, NULL};

const mps_report_kind mps_report_summary = {
    .name = "summary",
    .title = "MPTCP Summary",
    .about = "overview of each connection in sentences, and what looks wrong",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .needs = MPS_NEED_EVENTS | MPS_NEED_CHECKSUMS | MPS_NEED_INTERARRIVAL | MPS_NEED_MILESTONES |
             MPS_NEED_LIMITS | MPS_NEED_REORDERING | MPS_NEED_VANTAGE,
    .rows = rows,
    .lists = lists,
    .text = mps_summary_text,
};
