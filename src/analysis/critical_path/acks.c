/* acks.c: what arriving acknowledgements brought to a sender.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "acks.h"
#include "base/sorted.h"

void mps_critical_acks_add(GArray *acks, mps_critical_ack ack, int64_t reaction)
{
    if (acks->len > 0) {
        const mps_critical_ack *last = &g_array_index(acks, mps_critical_ack, acks->len - 1);
        ack.covered = last->covered + MIN(ack.time - last->time, reaction);
    }
    g_array_append_val(acks, ack);
}

static bool is_until(const void *element, const void *key)
{
    const mps_critical_ack *ack = element;
    const int64_t *time = key;
    return ack->time <= *time;
}

static int64_t covered_until(const GArray *acks, int64_t time, int64_t reaction)
{
    const guint place = mps_sorted_place(acks, is_until, &time);
    if (place == 0)
        return 0;
    const mps_critical_ack *last = &g_array_index(acks, mps_critical_ack, place - 1);
    return last->covered + MIN(time - last->time, reaction);
}

int64_t mps_critical_acks_cover(const GArray *acks, int64_t from, int64_t until, int64_t reaction)
{
    return covered_until(acks, until, reaction) - covered_until(acks, from, reaction);
}

static bool is_earlier(const void *element, const void *key)
{
    const mps_critical_ack *ack = element;
    const uint32_t *event = key;
    return ack->event < *event;
}

const mps_critical_ack *mps_critical_ack_before(const GArray *acks, uint32_t event)
{
    const guint place = mps_sorted_place(acks, is_earlier, &event);
    return place > 0 ? &g_array_index(acks, mps_critical_ack, place - 1) : NULL;
}

static bool is_lower(const void *element, const void *key)
{
    const mps_critical_edge *edge = element;
    const uint64_t *number = key;
    return edge->edge < *number;
}

const mps_critical_edge *mps_critical_edge_of(const GArray *edges, uint64_t number)
{
    const guint place = mps_sorted_place(edges, is_lower, &number);
    return place < edges->len ? &g_array_index(edges, mps_critical_edge, place) : NULL;
}

static bool arrived_earlier(const void *element, const void *key)
{
    const mps_critical_edge *edge = element;
    const uint32_t *event = key;
    return edge->event < *event;
}

const mps_critical_edge *mps_critical_edge_before(const GArray *edges, uint32_t event)
{
    const guint place = mps_sorted_place(edges, arrived_earlier, &event);
    return place > 0 ? &g_array_index(edges, mps_critical_edge, place - 1) : NULL;
}
