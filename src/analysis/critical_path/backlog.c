/* backlog.c: finds data that were sent later than data that follow them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "backlog.h"

/* A segment with fresh data. */
typedef struct {
    uint64_t dsn;
    uint32_t sending;
} fresh;

static gint compare_data(gconstpointer a, gconstpointer b)
{
    const fresh *x = a, *y = b;
    if (x->dsn != y->dsn)
        return x->dsn < y->dsn ? -1 : 1;
    return (x->sending > y->sending) - (x->sending < y->sending);
}

/* Sums of a row of numbers that change (Fenwick, A new data structure for cumulative frequency
 * tables, 1994). Places count from 1. */
static void sums_add(uint64_t *sums, guint count, guint place, uint64_t number)
{
    for (; place <= count; place += place & -place)
        sums[place] += number;
}

static uint64_t sums_before(const uint64_t *sums, guint place)
{
    uint64_t sum = 0;
    for (place--; place > 0; place -= place & -place)
        sum += sums[place];
    return sum;
}

void mps_critical_backlog_find(const mps_critical_sender *sender, const GArray *history)
{
    GArray *sendings = sender->sendings;
    GArray *order = g_array_new(FALSE, FALSE, sizeof(fresh));
    for (guint i = 0; i < sendings->len; i++) {
        const mps_critical_sending *sending = &g_array_index(sendings, mps_critical_sending, i);
        const fresh one = {g_array_index(history, mps_critical_segment, sending->event).dsn, i};
        if (sending->fresh)
            g_array_append_val(order, one);
    }
    g_array_sort(order, compare_data);
    guint *place = g_new0(guint, sendings->len + 1);
    for (guint i = 0; i < order->len; i++)
        place[g_array_index(order, fresh, i).sending] = i + 1;
    uint64_t *sums = g_new0(uint64_t, order->len + 1);
    for (guint i = sendings->len; i > 0; i--) { /* from the last one sent to the first */
        mps_critical_sending *sending = &g_array_index(sendings, mps_critical_sending, i - 1);
        if (!sending->fresh)
            continue;
        sending->backlog = sums_before(sums, place[i - 1]);
        sums_add(sums, order->len, place[i - 1],
                 g_array_index(history, mps_critical_segment, sending->event).length);
    }
    g_free(sums);
    g_free(place);
    g_array_free(order, TRUE);
}
