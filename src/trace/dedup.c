/* dedup.c: captures that show each packet twice: of all interfaces of a host at once, for one, when
 * packets go through a bridge or a tunnel there. Taken for two segments, half of those sent would
 * be missing at the other end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dedup.h"
#include <string.h>

/* A packet shows up again before so many others of its direction, and within so many ns: keepalives
 * that are alike are farther apart. */
#define NEAR 16u
#define SOON UINT64_C(10000000)

/* So many of a hundred, in either direction, are there twice. */
#define TWICE_PERCENT 90u

static bool is_again(const mps_packet *a, const mps_packet *b)
{
    return a->seq == b->seq && a->ack == b->ack && a->length == b->length && a->flags == b->flags &&
           a->ip_id == b->ip_id && a->tsval == b->tsval && a->tsecr == b->tsecr &&
           a->window == b->window && a->options == b->options && a->sack == b->sack &&
           b->time >= a->time && (uint64_t)b->time - (uint64_t)a->time <= SOON;
}

/* Which packets show a near one before them again, one each. @param again  set, one for each
 * @return how many */
static guint find_again(const GArray *packets, bool *again)
{
    bool *has_copy = g_new0(bool, packets->len + 1);
    guint count = 0;
    for (guint i = 0; i < packets->len; i++) {
        const mps_packet *packet = &g_array_index(packets, mps_packet, i);
        for (guint k = i > NEAR ? i - NEAR : 0; k < i && !again[i]; k++) {
            if (again[k] || has_copy[k] ||
                !is_again(&g_array_index(packets, mps_packet, k), packet))
                continue;
            again[i] = has_copy[k] = true;
            count++;
        }
    }
    g_free(has_copy);
    return count;
}

static void leave_out(GArray *array, const bool *again)
{
    guint size = g_array_get_element_size(array), kept = 0;
    for (guint i = 0; i < array->len; i++) {
        if (again[i])
            continue;
        memmove(array->data + (gsize)kept++ * size, array->data + (gsize)i * size, size);
    }
    g_array_set_size(array, kept);
}

bool mps_dedup_segments(GArray *const packets[2], GArray *const headers[2], unsigned least)
{
    bool *again[2], twice = packets[0]->len + packets[1]->len > 0;
    for (unsigned half = 0; half < 2; half++) {
        again[half] = g_new0(bool, packets[half]->len + 1);
        guint count = twice ? find_again(packets[half], again[half]) : 0;
        twice = twice && count >= least &&
                (guint64)count * 200 >= (guint64)packets[half]->len * TWICE_PERCENT;
    }
    for (unsigned half = 0; half < 2; half++) {
        if (twice)
            leave_out(packets[half], again[half]);
        if (twice && headers)
            leave_out(headers[half], again[half]);
        g_free(again[half]);
    }
    return twice;
}
