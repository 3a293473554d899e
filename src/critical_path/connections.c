/* connections.c: groups the rows of a comparison by connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "critical_path_internal.h"

static void clear_connection(gpointer element)
{
    mps_critical_connection *connection = element;
    g_array_free(connection->pairs, TRUE);
}

/* @param places  where each of A's connections is in `connections`, plus 1 */
static mps_critical_connection *connection_of(GArray *connections, const mps_comparison_row *row,
                                              GHashTable *places)
{
    const guint place =
        row->connection == MPS_NONE
            ? 0
            : GPOINTER_TO_UINT(g_hash_table_lookup(places, GUINT_TO_POINTER(row->connection)));
    if (place > 0)
        return &g_array_index(connections, mps_critical_connection, place - 1);
    const mps_critical_connection connection = {.connection = row->connection,
                                                .peer_connection = row->peer_connection,
                                                .pairs = g_array_new(FALSE, FALSE, sizeof(guint))};
    g_array_append_val(connections, connection);
    if (row->connection != MPS_NONE)
        g_hash_table_insert(places, GUINT_TO_POINTER(row->connection),
                            GUINT_TO_POINTER(connections->len));
    return &g_array_index(connections, mps_critical_connection, connections->len - 1);
}

GArray *mps_critical_connections_of(const mps_comparison *comparison)
{
    GArray *connections = g_array_new(FALSE, FALSE, sizeof(mps_critical_connection));
    GHashTable *places = g_hash_table_new(NULL, NULL);
    g_array_set_clear_func(connections, clear_connection);
    for (guint i = 0; i + 1 < comparison->rows->len; i += 2) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        g_array_append_val(connection_of(connections, row, places)->pairs, i);
    }
    g_hash_table_destroy(places);
    return connections;
}

void mps_critical_connections_free(GArray *connections)
{
    g_array_free(connections, TRUE);
}
