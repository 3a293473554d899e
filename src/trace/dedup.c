/* dedup.c: removes the second copy of packets that a capture holds twice. A capture on all
 * interfaces of a host does, for example, when packets pass a bridge or a tunnel there. If both
 * copies counted as segments, half of the sent segments would be missing at the other end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "dedup.h"
#include "base/times.h"
#include <string.h>

/* A copy is among the next 16 packets of its direction and follows within 10 ms. Identical
 * keepalives are farther apart (RFC 9293 section 3.8.4: by default two hours). */
#define COPY_DISTANCE_MAX 16u
#define COPY_DELAY_MAX_NS INT64_C(10000000)

/* Percentage of packets that must be there twice, in each direction. It is below 100 because the
 * capture may lack some copies. */
#define TWICE_MIN_PERCENT 90u

static bool is_copy(const mps_packet *a, const mps_packet *b)
{
    return a->seq == b->seq && a->ack == b->ack && a->length == b->length && a->flags == b->flags &&
           a->ip_id == b->ip_id && a->tsval == b->tsval && a->tsecr == b->tsecr &&
           a->window == b->window && a->options == b->options && a->sack == b->sack &&
           b->time >= a->time && mps_minus(b->time, a->time) <= COPY_DELAY_MAX_NS;
}

/* Find the packets that are copies of an earlier one; a packet has at most one copy.
 * @param copies  set for each packet: whether it is a copy
 * @return how many copies there are */
static guint find_copies(const GArray *packets, bool *copies)
{
    bool *has_copy = g_new0(bool, packets->len + 1);
    guint count = 0;
    for (guint i = 0; i < packets->len; i++) {
        const mps_packet *packet = &g_array_index(packets, mps_packet, i);
        for (guint k = i > COPY_DISTANCE_MAX ? i - COPY_DISTANCE_MAX : 0; k < i && !copies[i];
             k++) {
            const mps_packet *earlier = &g_array_index(packets, mps_packet, k);
            if (copies[k] || has_copy[k] || !is_copy(earlier, packet))
                continue;
            copies[i] = has_copy[k] = true;
            count++;
        }
    }
    g_free(has_copy);
    return count;
}

/* Remove the elements whose packets are copies. */
static void remove_copies(GArray *array, const bool *copies)
{
    guint size = g_array_get_element_size(array), kept = 0;
    for (guint i = 0; i < array->len; i++) {
        if (copies[i])
            continue;
        memmove(array->data + (gsize)kept++ * size, array->data + (gsize)i * size, size);
    }
    g_array_set_size(array, kept);
}

bool mps_dedup_segments(GArray *const packets[2], GArray *const headers[2], unsigned least)
{
    bool *copies[2], twice = packets[0]->len + packets[1]->len > 0;
    for (unsigned half = 0; half < 2; half++) {
        copies[half] = g_new0(bool, packets[half]->len + 1);
        guint count = twice ? find_copies(packets[half], copies[half]) : 0;
        /* A packet and its copy count as two. */
        twice = twice && count >= least &&
                (guint64)2 * count * 100 >= (guint64)packets[half]->len * TWICE_MIN_PERCENT;
    }
    for (unsigned half = 0; half < 2; half++) {
        if (twice)
            remove_copies(packets[half], copies[half]);
        if (twice && headers)
            remove_copies(headers[half], copies[half]);
        g_free(copies[half]);
    }
    return twice;
}
