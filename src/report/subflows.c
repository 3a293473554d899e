/* subflows.c: the report "subflows", a row per subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "connection_columns.h"
#include "report_internal.h"

#define SUBFLOW_DIRECTION_COLUMNS(group)                                                           \
    MPS_DIRECTION_COLUMNS(group, NULL), {group, "share", MPS_VALUE_REAL, "Share", "%", 1},         \
    {                                                                                              \
        group, "throughput", MPS_VALUE_REAL, "Throughput", "Mbit/s", 3                             \
    }

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0},
    {NULL, "initial", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "initiator", MPS_VALUE_STRING, "Opener", NULL, 0},
    {NULL, "client", MPS_VALUE_STRING, "Client", NULL, 0},
    {NULL, "client_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "server", MPS_VALUE_STRING, "Server", NULL, 0},
    {NULL, "server_port", MPS_VALUE_UINT, "Port", NULL, 0},
    {NULL, "client_addr_id", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "server_addr_id", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "backup", MPS_VALUE_BOOL, "Backup", NULL, 0},
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "join_delay", MPS_VALUE_SECONDS, "Join", "ms", 3},
    {NULL, "handshake_rtt", MPS_VALUE_SECONDS, "HS RTT", "ms", 3},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 6},
    {NULL, "state", MPS_VALUE_STRING, "State", NULL, 0},
    {NULL, "reset_reason", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "icmp_error", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "icmp_sender", MPS_VALUE_STRING, NULL, NULL, 0},
    SUBFLOW_DIRECTION_COLUMNS("c2s"),
    SUBFLOW_DIRECTION_COLUMNS("s2c"),
};

const char *mps_subflow_state_name(mps_subflow_state state)
{
    static const char *const names[] = {
        [MPS_SUBFLOW_SYN] = "syn",
        [MPS_SUBFLOW_OPEN] = "open",
        [MPS_SUBFLOW_CLOSED] = "closed",
        [MPS_SUBFLOW_RESET] = "reset",
    };
    return names[state];
}

/* Append what a subflow sent in one direction. @param connection  what all its subflows sent */
static void add_direction(mps_table *table, const mps_counts *own, const mps_counts *connection,
                          int64_t duration)
{
    int64_t data = MAX(own->data, 0);
    mps_table_add_counts(table, own, duration);
    mps_table_add_ratio(table, (double)data,
                        mps_counts_data_known(connection) ? (double)connection->data : 0);
    if (own->uncaptured)
        mps_table_add(table, MPS_NULL);
    else
        mps_table_add_rate(table, own->bytes, duration);
}

static void add_row(mps_table *table, const mps_subflow_info *info, const mps_counts own[2],
                    const mps_counts connection[2])
{
    const char *initiator = mps_direction_sender(info->initiator);
    mps_table_add(table, MPS_UINT(info->connection));
    mps_table_add(table, MPS_UINT(info->number));
    mps_table_add(table, MPS_UINT(info->frame));
    mps_table_add_known(table, info->tcp_stream);
    mps_table_add_known_bool(table, info->initial);
    mps_table_add_string(table, info->handshake_seen ? initiator : NULL);
    for (unsigned side = 0; side < 2; side++) {
        mps_table_add_address(table, &info->address[side]);
        mps_table_add(table, MPS_UINT(info->port[side]));
    }
    mps_table_add_known(table, info->address_id[0]);
    mps_table_add_known(table, info->address_id[1]);
    mps_table_add_course(table, info);
    for (unsigned i = 0; i < 2; i++)
        add_direction(table, &own[i], &connection[i], info->duration);
}

static void connection_rows(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                            mps_table *table)
{
    mps_connection_info connection;
    mps_counts sum[2] = {{0}};
    mps_tracker_connection(tracker, number, &connection);
    mps_report_add_connection(report, tracker, number, sum);
    for (uint32_t i = 0; i < connection.subflow_count; i++) {
        uint32_t id = mps_tracker_subflow_id(tracker, number, i);
        mps_subflow_info info;
        mps_counts own[2] = {{0}};
        mps_tracker_subflow(tracker, id, &info);
        mps_report_add_subflow(report, tracker, id, own);
        if (own[0].segments + own[1].segments > 0)
            add_row(table, &info, own, sum);
    }
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    for (uint32_t number = 0; number < count; number++)
        if (mps_report_wants(report, number))
            connection_rows(report, tracker, number, table);
}

/* Text has a table of the subflows and one of what was sent: a line for both would be too long. */
static void text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 mps_text *out)
{
    static const char *const sent[] = {"connection", "subflow", "c2s", "s2c", NULL};
    static const mps_text_choice others[] = {MPS_TEXT_WITHOUT("c2s"), MPS_TEXT_WITHOUT("s2c"),
                                             MPS_TEXT_END};
    mps_table *table = mps_report_table(report, tracker);
    mps_write_text_form(
        out, table,
        &(mps_text_form){.title = mps_report_subflows.title, .filter = filter, .choices = others});
    if (table->row_count > 0)
        mps_write_text_part(out, table, "What each side sent", sent, true);
    mps_table_free(table);
}

const mps_report_kind mps_report_subflows = {
    .name = "subflows",
    .title = "MPTCP Subflows",
    .about = "the same of each subflow, with its share, join delay and handshake RTT",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .rows = rows,
    .text = text,
};
