/* connection_columns.c: columns and values that several reports share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "connection_columns.h"

static const char *roles_name(mps_roles roles)
{
    static const char *const names[] = {
        [MPS_ROLES_HANDSHAKE] = "handshake",
        [MPS_ROLES_JOIN] = "join",
        [MPS_ROLES_PORT] = "port",
    };
    return names[roles];
}

void mps_table_add_connection(mps_table *table, const mps_connection_info *info)
{
    mps_table_add(table, MPS_UINT(info->number));
    mps_table_add(table, MPS_UINT(info->frame));
    mps_table_add_known(table, info->version);
    mps_table_add_address(table, &info->client);
    mps_table_add(table, MPS_UINT(info->client_port));
    mps_table_add_address(table, &info->server);
    mps_table_add(table, MPS_UINT(info->server_port));
    mps_table_add_string(table, roles_name(info->roles));
}

void mps_table_add_counts(mps_table *table, const mps_counts *counts, int64_t duration)
{
    int64_t data = MAX(counts->data, 0);
    bool known = !counts->uncaptured, data_known = mps_counts_data_known(counts);
    mps_table_add(table, MPS_UINT(counts->segments));
    mps_table_add(table, known ? MPS_UINT(counts->bytes) : MPS_NULL);
    mps_table_add(table, data_known ? MPS_UINT(data) : MPS_NULL);
    mps_table_add(table, known ? MPS_UINT(counts->retransmitted) : MPS_NULL);
    mps_table_add(table, data_known ? MPS_UINT(MAX(counts->reinjected, 0)) : MPS_NULL);
    mps_table_add(table, data_known ? MPS_UINT(counts->reinjections) : MPS_NULL);
    if (data_known)
        mps_table_add_rate(table, data, duration);
    else
        mps_table_add(table, MPS_NULL);
}

void mps_table_add_known_bool(mps_table *table, int value)
{
    mps_table_add(table, value < 0 ? MPS_NULL : MPS_BOOL(value > 0));
}

void mps_table_add_course(mps_table *table, const mps_subflow_info *info)
{
    const mps_address none = {0};
    mps_table_add_known_bool(table, info->backup);
    mps_table_add(table, MPS_TIME(info->start));
    mps_table_add_duration(table, info->join_delay);
    mps_table_add_duration(table, info->handshake_rtt);
    mps_table_add_duration(table, info->duration);
    mps_table_add_string(table, mps_subflow_state_name(info->state));
    mps_table_add_string(
        table, info->reset_reason < 0 ? NULL : mps_tcprst_reason_name((uint8_t)info->reset_reason));
    mps_table_add_string(table, info->refusal ? mps_icmp_error_name(info->refusal) : NULL);
    mps_table_add_address(table, info->refusal ? &info->refusal->sender : &none);
}

void mps_table_add_ratio(mps_table *table, double part, double whole)
{
    mps_table_add(table, whole > 0 ? MPS_REAL(part / whole) : MPS_NULL);
}

void mps_table_add_vantage(mps_table *table, mps_vantage vantage)
{
    static const char *const names[] = {
        [MPS_VANTAGE_UNKNOWN] = NULL,
        [MPS_VANTAGE_SENDER] = "sender",
        [MPS_VANTAGE_MIDDLE] = "middle",
        [MPS_VANTAGE_RECEIVER] = "receiver",
    };
    mps_table_add_string(table, names[vantage]);
}
