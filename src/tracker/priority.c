/* priority.c: which subflows are backup paths: the flag of MP_JOIN, and MP_PRIO.
 *
 * MP_PRIO with an address ID changes all subflows from that address. They are not visited: their
 * connection keeps the latest MP_PRIO of each address, and the question for a subflow compares.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tracker_internal.h"

/* The latest MP_PRIO with an address ID of one side. */
typedef struct {
    uint32_t change; /* see mps_tracker.changes */
    uint8_t side, address_id;
    bool backup;
} priority;

static priority *find(const mps_connection *connection, unsigned side, int address_id)
{
    for (guint i = 0; connection->priorities && i < connection->priorities->len; i++) {
        priority *one = &g_array_index(connection->priorities, priority, i);
        if (one->side == side && one->address_id == address_id)
            return one;
    }
    return NULL;
}

static void note(mps_connection *connection, const priority *latest)
{
    if (!connection->priorities)
        connection->priorities = g_array_new(FALSE, FALSE, sizeof(priority));
    priority *known = find(connection, latest->side, latest->address_id);
    if (!known)
        g_array_append_vals(connection->priorities, latest, 1);
    else if (known->change < latest->change)
        *known = *latest;
}

void mps_flow_set_backup(mps_tracker *tracker, mps_flow *flow, int backup)
{
    flow->backup = (int16_t)backup;
    flow->backup_change = ++tracker->changes;
}

void mps_connection_set_backup(mps_tracker *tracker, mps_connection *connection, unsigned side,
                               uint8_t address_id, bool backup)
{
    priority latest = {++tracker->changes, (uint8_t)side, address_id, backup};
    note(connection, &latest);
}

int mps_flow_backup(const mps_flow *flow)
{
    int backup = flow->backup;
    uint32_t change = flow->backup_change;
    for (unsigned half = 0; flow->connection && half < 2; half++) {
        const priority *one =
            find(flow->connection, mps_flow_side(flow, half), flow->host[half].address_id);
        if (one && one->change > change) {
            backup = one->backup;
            change = one->change;
        }
    }
    return backup;
}

void mps_connection_flip_backup(mps_connection *connection)
{
    for (guint i = 0; connection->priorities && i < connection->priorities->len; i++)
        g_array_index(connection->priorities, priority, i).side ^= 1;
}

void mps_connection_merge_backup(mps_connection *into, const mps_connection *from)
{
    for (guint i = 0; from->priorities && i < from->priorities->len; i++)
        note(into, &g_array_index(from->priorities, priority, i));
}
