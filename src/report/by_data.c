/* by_data.c: sorts connections by how much data they carried.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "by_data.h"
#include <string.h>

/* A connection, and how much it carried. */
typedef struct {
    uint32_t number;
    uint64_t bytes;
} carried;

/* @return a number of a row; false: it is not known */
static bool number_of(const mps_table *table, const char *group, const char *name, uint64_t *number)
{
    for (unsigned i = 0; i < table->column_count; i++) {
        const mps_value *value = mps_table_value(table, 0, i);
        if (g_strcmp0(table->columns[i].group, group) != 0 ||
            strcmp(table->columns[i].name, name) != 0)
            continue;
        *number = value->type == MPS_VALUE_UINT ? value->u : 0;
        return value->type == MPS_VALUE_UINT;
    }
    return false;
}

static void take_connection(const mps_table *table, void *data)
{
    GArray *all = data;
    uint64_t number = 0;
    carried one = {.bytes = 0};
    for (unsigned i = 0; i < 2; i++) {
        const char *direction = mps_direction_name(i);
        uint64_t bytes = 0;
        if (!number_of(table, direction, "data_bytes", &bytes))
            number_of(table, direction, "bytes", &bytes);
        one.bytes += bytes;
    }
    number_of(table, NULL, "connection", &number);
    one.number = (uint32_t)number;
    g_array_append_val(all, one);
}

static gint compare_carried(gconstpointer a, gconstpointer b)
{
    const carried *one = a, *other = b;
    if (one->bytes != other->bytes)
        return one->bytes < other->bytes ? 1 : -1;
    return (one->number > other->number) - (one->number < other->number);
}

GArray *mps_connections_by_data(const mps_report *connections, const mps_tracker *tracker)
{
    GArray *all = g_array_new(FALSE, FALSE, sizeof(carried));
    GArray *numbers = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    mps_report_pass_rows(connections, tracker, take_connection, all);
    g_array_sort(all, compare_carried);
    for (guint i = 0; i < all->len; i++)
        g_array_append_val(numbers, g_array_index(all, carried, i).number);
    g_array_free(all, TRUE);
    return numbers;
}

uint32_t mps_connection_with_most_data(const mps_report *connections, const mps_tracker *tracker,
                                       const bool *common)
{
    GArray *numbers = mps_connections_by_data(connections, tracker);
    uint32_t found = MPS_NONE;
    for (guint i = 0; i < numbers->len && found == MPS_NONE; i++) {
        const uint32_t number = g_array_index(numbers, uint32_t, i);
        if (!common || common[number])
            found = number;
    }
    g_array_free(numbers, TRUE);
    return found;
}
