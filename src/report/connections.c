/* connections.c: the report "connections", a row per MPTCP connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "connection_columns.h"
#include "report_internal.h"

static const mps_column columns[] = {
    MPS_CONNECTION_COLUMNS,
    {NULL, "client_token", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "server_token", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "client_key", MPS_VALUE_KEY, NULL, NULL, 0},
    {NULL, "server_key", MPS_VALUE_KEY, NULL, NULL, 0},
    {NULL, "checksum", MPS_VALUE_BOOL, NULL, NULL, 0},
    {NULL, "start", MPS_VALUE_TIME, "Start", NULL, 0},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 6},
    {NULL, "subflows", MPS_VALUE_UINT, "Subflows", NULL, 0},
    {NULL, "state", MPS_VALUE_STRING, "State", NULL, 0},
    {NULL, "fallback", MPS_VALUE_STRING, NULL, NULL, 0},
    MPS_DIRECTION_COLUMNS("c2s", "Goodput"),
    MPS_DIRECTION_COLUMNS("s2c", "Goodput"),
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("version"),
    MPS_TEXT_WHEN_WIDE("start"),
    MPS_TEXT_WHEN_WIDE("bytes"),
    MPS_TEXT_END,
};

const char *mps_connection_state_name(mps_connection_state state)
{
    static const char *const names[] = {
        [MPS_CONNECTION_OPEN] = "open",
        [MPS_CONNECTION_CLOSED] = "closed",
        [MPS_CONNECTION_FASTCLOSED] = "fastclosed",
        [MPS_CONNECTION_RESET] = "reset",
        [MPS_CONNECTION_FALLBACK] = "fallback",
    };
    return names[state];
}

static void add_row(mps_table *table, const mps_connection_info *info, const mps_counts counts[2])
{
    mps_table_add_connection(table, info);
    for (unsigned side = 0; side < 2; side++)
        mps_table_add(table, info->has_token[side] ? MPS_UINT(info->token[side]) : MPS_NULL);
    for (unsigned side = 0; side < 2; side++)
        mps_table_add(table, info->has_key[side] ? MPS_KEY(info->key[side]) : MPS_NULL);
    mps_table_add_known_bool(table, info->checksum);
    mps_table_add(table, MPS_TIME(info->start));
    mps_table_add_duration(table, info->duration);
    mps_table_add(table, MPS_UINT(info->accepted));
    mps_table_add_string(table, mps_connection_state_name(info->state));
    mps_table_add_string(table, mps_fallback_reason(info->fallback));
    mps_table_add_counts(table, &counts[MPS_C2S], info->duration);
    mps_table_add_counts(table, &counts[MPS_S2C], info->duration);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    for (uint32_t number = 0; number < count; number++) {
        if (!mps_report_wants(report, number))
            continue;
        mps_connection_info info;
        mps_counts counts[2] = {{0}};
        mps_tracker_connection(tracker, number, &info);
        mps_report_add_connection(report, tracker, number, counts);
        if (counts[MPS_C2S].segments + counts[MPS_S2C].segments > 0)
            add_row(table, &info, counts);
    }
}

const mps_report_kind mps_report_connections = {
    .name = "connections",
    .title = "MPTCP Connections",
    .about = "each connection: ends, duration, data and goodput in each direction, state",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .rows = rows,
};
