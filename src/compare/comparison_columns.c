/* comparison_columns.c: values of the columns that rows about two captures share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "comparison_columns.h"

void mps_comparison_add_stream(mps_table *table, const mps_trace *trace, uint32_t id)
{
    mps_subflow_info info = {.tcp_stream = -1};
    if (id != MPS_NONE)
        mps_tracker_subflow(mps_trace_tracker(trace), id, &info);
    mps_table_add_known(table, info.tcp_stream);
}

void mps_comparison_add_subflow(mps_table *table, const mps_comparison *comparison,
                                uint32_t connection, const mps_comparison_row *row)
{
    mps_table_add_number(table, connection);
    mps_table_add_number(table, row->subflow);
    mps_comparison_add_stream(table, comparison->a, row->pair.a);
}
