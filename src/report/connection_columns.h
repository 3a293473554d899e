/* connection_columns.h: columns and values that several reports share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CONNECTION_COLUMNS_H
#define MPS_CONNECTION_COLUMNS_H

#include "analysis/vantage.h"
#include "report_internal.h"

/* Which connection; docs/reports.md defines each column. */
#define MPS_CONNECTION_COLUMNS                                                                     \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "frame", MPS_VALUE_UINT, "Frame", NULL, 0},                                         \
        {NULL, "version", MPS_VALUE_UINT, "Ver", NULL, 0},                                         \
        {NULL, "client", MPS_VALUE_STRING, "Client", NULL, 0},                                     \
        {NULL, "client_port", MPS_VALUE_UINT, "Port", NULL, 0},                                    \
        {NULL, "server", MPS_VALUE_STRING, "Server", NULL, 0},                                     \
        {NULL, "server_port", MPS_VALUE_UINT, "Port", NULL, 0},                                    \
    {                                                                                              \
        NULL, "roles", MPS_VALUE_STRING, NULL, NULL, 0                                             \
    }

/* What was sent in one direction; docs/reports.md defines each column.
 * @param goodput_title  heading of the goodput; NULL: text does not show it */
#define MPS_DIRECTION_COLUMNS(group, goodput_title)                                                \
    {group, "segments", MPS_VALUE_UINT, "Segments", NULL, 0},                                      \
        {group, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},                                        \
        {group, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},                              \
        {group, "retransmitted_bytes", MPS_VALUE_UINT, "Retrans.", NULL, 0},                       \
        {group, "reinjected_bytes", MPS_VALUE_UINT, "Reinj.", NULL, 0},                            \
        {group, "reinjections", MPS_VALUE_UINT, NULL, NULL, 0},                                    \
    {                                                                                              \
        group, "goodput", MPS_VALUE_REAL, goodput_title, "Mbit/s", 3                               \
    }

/** Append the values of MPS_CONNECTION_COLUMNS. */
void mps_table_add_connection(mps_table *table, const mps_connection_info *info);

/** Append the values of MPS_DIRECTION_COLUMNS.
 *  @param duration  of the connection or subflow, ns: the goodput is per this time */
void mps_table_add_counts(mps_table *table, const mps_counts *counts, int64_t duration);

/** Append how a subflow went: whether it is a backup, its start, times and end, and the ICMP error
 *  that refused it with that error's sender. */
void mps_table_add_course(mps_table *table, const mps_subflow_info *info);

/** Append a yes or no. @param value  1 or 0; negative: unknown, null */
void mps_table_add_known_bool(mps_table *table, int value);

/** Append `part` / `whole`; null if the whole is 0. */
void mps_table_add_ratio(mps_table *table, double part, double whole);

/** Append "sender", "middle" or "receiver"; null for MPS_VANTAGE_UNKNOWN. */
void mps_table_add_vantage(mps_table *table, mps_vantage vantage);

#endif
