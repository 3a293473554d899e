/* arrivals.c: finds arrivals and handshake segments in a host's history.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "arrivals.h"
#include "base/sorted.h"

static void free_events(gpointer events)
{
    g_array_free(events, TRUE);
}

static GPtrArray *lists_new(guint count)
{
    GPtrArray *lists = g_ptr_array_new_with_free_func(free_events);
    for (guint i = 0; i < count; i++)
        g_ptr_array_add(lists, g_array_new(FALSE, FALSE, sizeof(uint32_t)));
    return lists;
}

void mps_critical_arrivals_init(mps_critical_arrivals *arrivals, const mps_critical_input *input,
                                unsigned host)
{
    const GArray *history = input->hosts[host];
    arrivals->subflows = lists_new(input->subflows->len);
    arrivals->syns = lists_new(input->subflows->len);
    arrivals->announcements = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t i = 0; history && i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction == host) {
            if (segment->syn)
                g_array_append_val((GArray *)arrivals->syns->pdata[segment->subflow], i);
            continue;
        }
        g_array_append_val((GArray *)arrivals->subflows->pdata[segment->subflow], i);
        if (segment->add_addr)
            g_array_append_val(arrivals->announcements, i);
    }
}

void mps_critical_arrivals_clear(mps_critical_arrivals *arrivals)
{
    g_ptr_array_free(arrivals->subflows, TRUE);
    g_ptr_array_free(arrivals->syns, TRUE);
    g_array_free(arrivals->announcements, TRUE);
}

static bool is_earlier(const void *element, const void *key)
{
    const uint32_t *event = element, *limit = key;
    return *event < *limit;
}

uint32_t mps_critical_event_before(const GArray *events, uint32_t event)
{
    const guint place = mps_sorted_place(events, is_earlier, &event);
    return place > 0 ? g_array_index(events, uint32_t, place - 1) : MPS_NONE;
}

uint32_t mps_critical_payload_before(const mps_critical_arrivals *arrivals, const GArray *history,
                                     uint32_t subflow, uint32_t event)
{
    const GArray *events = arrivals->subflows->pdata[subflow];
    for (guint place = mps_sorted_place(events, is_earlier, &event); place > 0; place--) {
        const uint32_t arrival = g_array_index(events, uint32_t, place - 1);
        if (g_array_index(history, mps_critical_segment, arrival).length > 0)
            return arrival;
    }
    return MPS_NONE;
}

bool mps_critical_begins_with_syn(const mps_critical_arrivals *arrivals, const GArray *history,
                                  uint32_t subflow)
{
    const GArray *events = arrivals->subflows->pdata[subflow];
    const GArray *own_syns = arrivals->syns->pdata[subflow];
    return own_syns->len > 0 ||
           (events->len > 0 &&
            g_array_index(history, mps_critical_segment, g_array_index(events, uint32_t, 0)).syn);
}

uint32_t mps_critical_arrival_before(const GArray *history, unsigned host, uint32_t event)
{
    while (event-- > 0)
        if (g_array_index(history, mps_critical_segment, event).direction != host)
            return event;
    return MPS_NONE;
}
