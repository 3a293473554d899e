/* comparison_columns.h: the columns that identify the subflow of a row about two captures.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARISON_COLUMNS_H
#define MPS_COMPARISON_COLUMNS_H

#include "comparison.h"
#include "table/table_build.h"

/* A's numbers of a subflow, or of a plain TCP connection. */
#define MPS_COMPARISON_SUBFLOW_COLUMNS                                                             \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},                                     \
    {                                                                                              \
        NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0                                      \
    }

/** Append the values of MPS_COMPARISON_SUBFLOW_COLUMNS.
 *  @param connection  the number to show as the row's connection; MPS_NONE: null */
void mps_comparison_add_subflow(mps_table *table, const mps_comparison *comparison,
                                uint32_t connection, const mps_comparison_row *row);

/** Append the TCP stream of a subflow; null where the capture does not have it.
 *  @param id  of the subflow in the capture, or MPS_NONE */
void mps_comparison_add_stream(mps_table *table, const mps_trace *trace, uint32_t id);

#endif
