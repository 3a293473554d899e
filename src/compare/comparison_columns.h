/* comparison_columns.h: the columns that say which subflow of both captures a row is about.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_COMPARISON_COLUMNS_H
#define MPS_COMPARISON_COLUMNS_H

#include "comparison.h"
#include "table/table_build.h"

/* Which subflow of A, or connection of plain TCP. */
#define MPS_COMPARISON_SUBFLOW_COLUMNS                                                             \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},                                     \
    {                                                                                              \
        NULL, "tcp_stream", MPS_VALUE_UINT, "Stream", NULL, 0                                      \
    }

/** Append the values of MPS_COMPARISON_SUBFLOW_COLUMNS. @param connection  that it counts as one of
 */
void mps_comparison_add_subflow(mps_table *table, const mps_comparison *comparison,
                                uint32_t connection, const mps_comparison_row *row);

/** Append the TCP stream of a subflow; null where the capture does not have it. @param id  of the
 *  subflow, or MPS_NONE */
void mps_comparison_add_stream(mps_table *table, const mps_trace *trace, uint32_t id);

#endif
