/* reinjection_columns.c: adds the row of a reinjection to a table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reinjection_columns.h"

/* Append the list of earlier transmissions. */
static void add_originals(mps_table *table, const GArray *originals)
{
    GString *json = g_string_new("["), *text = g_string_new(NULL);
    guint count = originals->len;
    guint first = count > MPS_ORIGINALS_MAX ? count - MPS_ORIGINALS_MAX : 0;
    for (guint i = first; i < count; i++) {
        const mps_original *one = &g_array_index(originals, mps_original, i);
        g_string_append_printf(json, "%s{\"frame\": %u, \"subflow\": %u, \"length\": %u}",
                               i > first ? ", " : "", one->frame, one->subflow, one->length);
        g_string_append_printf(text, "%s%u/%u:%u", i > first ? " " : "", one->frame, one->subflow,
                               one->length);
    }
    g_string_append_c(json, ']');
    mps_table_add_json(table, g_string_free(json, FALSE), g_string_free(text, FALSE));
}

void mps_table_add_reinjection(mps_table *table, const mps_reinjection_values *values)
{
    int64_t acked = values->acked;
    int same = values->same_subflow;
    mps_table_add(table, MPS_UINT(values->frame));
    mps_table_add(table, MPS_TIME(values->time));
    mps_table_add_number(table, values->connection);
    mps_table_add(table, MPS_UINT(values->subflow));
    mps_table_add_direction(table, values->direction);
    if (values->dsn.has_absolute)
        mps_table_add(
            table,
            (mps_value){.type = MPS_VALUE_BIG,
                        .dsn = {.absolute = values->dsn.absolute,
                                .relative = values->dsn.has_relative ? values->dsn.relative : 0}});
    else
        mps_table_add(table, MPS_NULL);
    mps_table_add(table, MPS_UINT(values->length));
    mps_table_add(table, values->has_delay ? MPS_SECONDS(values->delay) : MPS_NULL);
    mps_table_add(table, values->has_delay_first ? MPS_SECONDS(values->delay_first) : MPS_NULL);
    mps_table_add(table, acked < 0 ? MPS_NULL : MPS_BOOL(acked == values->length));
    mps_table_add_known(table, acked);
    mps_table_add(table, same < 0 ? MPS_NULL : MPS_BOOL(same));
    mps_table_add(table, MPS_BOOL(values->complete && values->originals->len <= MPS_ORIGINALS_MAX));
    add_originals(table, values->originals);
}
