/* network.c: delays of the network, and which sent segment a received one is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "network.h"
#include "base/sorted.h"
#include "base/times.h"

/* The least delay of all segments of at least a length. The floors of a direction are in descending
 * order of lengths, and so of delays. */
typedef struct {
    uint32_t length;
    double least; /* ns */
} floor_of_length;

static void free_floors(gpointer element)
{
    mps_critical_delays *delays = element;
    if (delays->floors)
        g_array_free(delays->floors, TRUE);
}

/* Take in the delay of a segment: `floors` has the least of each length as yet. */
static void take_delay(mps_critical_delays *delays, uint32_t length, double delay,
                       GHashTable *places)
{
    if (!delays->known || delay < delays->least)
        delays->least = delay;
    delays->known = true;
    if (!delays->floors)
        delays->floors = g_array_new(FALSE, FALSE, sizeof(floor_of_length));
    GArray *floors = delays->floors;
    gpointer place;
    if (g_hash_table_lookup_extended(places, GUINT_TO_POINTER(length), NULL, &place)) {
        floor_of_length *floor = &g_array_index(floors, floor_of_length, GPOINTER_TO_UINT(place));
        floor->least = MIN(floor->least, delay);
        return;
    }
    g_hash_table_insert(places, GUINT_TO_POINTER(length), GUINT_TO_POINTER(floors->len));
    const floor_of_length floor = {length, delay};
    g_array_append_val(floors, floor);
}

static gint compare_lengths(gconstpointer a, gconstpointer b)
{
    const floor_of_length *x = a, *y = b;
    return (x->length < y->length) - (x->length > y->length);
}

/* Make the least of each length that of all lengths from there on. */
static void accumulate(GArray *floors)
{
    if (!floors)
        return;
    g_array_sort(floors, compare_lengths);
    for (guint i = 1; i < floors->len; i++) {
        floor_of_length *floor = &g_array_index(floors, floor_of_length, i);
        floor->least = MIN(floor->least, floor[-1].least);
    }
}

/* @return the time since a host's history began, ns, by a clock that does not drift, as is likely.
 * It has a fraction: the drift is a line through two shortest delays, which are equal then. */
static double steady_time_of(const mps_critical_input *input, unsigned host, uint32_t event)
{
    const int64_t elapsed =
        mps_critical_at(input, host, event)->time - mps_critical_at(input, host, 0)->time;
    return (double)elapsed / (1 + input->fast[host]);
}

static double steady_delay_of(const mps_critical_input *input, unsigned direction,
                              const mps_critical_match *match)
{
    return steady_time_of(input, !direction, match->received) -
           steady_time_of(input, direction, match->sent);
}

/* @return the place of the delays of a match's subflow and direction */
static guint half_of(const mps_critical_input *input, unsigned direction,
                     const mps_critical_match *match)
{
    return 2u * mps_critical_at(input, direction, match->sent)->subflow + direction;
}

GArray *mps_critical_delays_of(const mps_critical_input *input)
{
    const guint count = 2 * input->subflows->len;
    GArray *all = g_array_new(FALSE, TRUE, sizeof(mps_critical_delays));
    g_array_set_clear_func(all, free_floors);
    g_array_set_size(all, count);
    GHashTable **places = g_new0(GHashTable *, count + 1);
    for (guint i = 0; i < count; i++)
        places[i] = g_hash_table_new(NULL, NULL);
    for (unsigned direction = 0; direction < 2; direction++) {
        const GArray *matches = input->matches[direction];
        for (guint i = 0; matches && i < matches->len; i++) {
            const mps_critical_match *match = &g_array_index(matches, mps_critical_match, i);
            const guint half = half_of(input, direction, match);
            take_delay(&g_array_index(all, mps_critical_delays, half), match->length,
                       steady_delay_of(input, direction, match), places[half]);
        }
    }
    for (guint i = 0; i < count; i++) {
        accumulate(g_array_index(all, mps_critical_delays, i).floors);
        g_hash_table_destroy(places[i]);
    }
    g_free(places);
    return all;
}

void mps_critical_delays_free(GArray *delays)
{
    if (delays)
        g_array_free(delays, TRUE);
}

static bool is_as_long(const void *element, const void *key)
{
    const floor_of_length *floor = element;
    const uint32_t *length = key;
    return floor->length >= *length;
}

mps_critical_parts mps_critical_parts_of(const mps_critical_input *input, const GArray *all,
                                         mps_direction direction, const mps_critical_match *match)
{
    const mps_critical_delays *delays =
        &g_array_index(all, mps_critical_delays, half_of(input, direction, match));
    mps_critical_parts parts = {.propagation =
                                    mps_critical_at(input, !direction, match->received)->time -
                                    mps_critical_at(input, direction, match->sent)->time};
    const guint longer = mps_sorted_place(delays->floors, is_as_long, &match->length);
    if (!delays->known || longer == 0)
        return parts;
    const double delay = steady_delay_of(input, direction, match);
    const double least = g_array_index(delays->floors, floor_of_length, longer - 1).least;
    const double unqueued = MIN(MAX(least, delays->least), delay);
    parts.serialisation = mps_nearest_ns(unqueued - MIN(delays->least, delay));
    parts.queueing = mps_nearest_ns(delay - unqueued);
    parts.propagation -= parts.serialisation + parts.queueing;
    return parts;
}

static bool is_earlier(const void *element, const void *key)
{
    const mps_critical_match *match = element;
    const uint32_t *received = key;
    return match->received < *received;
}

const mps_critical_match *mps_critical_match_of(const mps_critical_input *input,
                                                mps_direction direction, uint32_t received,
                                                const uint64_t *byte)
{
    const GArray *matches = input->matches[direction];
    const mps_critical_match *best = NULL;
    bool best_holds = false;
    for (guint i = mps_sorted_place(matches, is_earlier, &received); matches && i < matches->len;
         i++) {
        const mps_critical_match *match = &g_array_index(matches, mps_critical_match, i);
        if (match->received != received)
            break;
        const mps_critical_segment *sent = mps_critical_at(input, direction, match->sent);
        const bool holds = byte && sent->seq <= *byte && *byte - sent->seq < sent->length;
        if (best && best_holds > holds)
            continue;
        if (!best || holds > best_holds || match->sent > best->sent)
            best = match;
        best_holds = holds;
    }
    return best;
}
