/* network.c: delays of the network, and which sent segment a received one is.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "network.h"
#include "base/sorted.h"

/* The least delay of all segments of at least a length. The floors of a direction are in descending
 * order of lengths, and so of delays. */
typedef struct {
    uint32_t length;
    int64_t least; /* ns */
} floor_of_length;

static void free_floors(gpointer element)
{
    mps_critical_delays *delays = element;
    if (delays->floors)
        g_array_free(delays->floors, TRUE);
}

/* Take in the delay of a segment: `floors` has the least of each length as yet. */
static void take_delay(mps_critical_delays *delays, uint32_t length, int64_t delay,
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
            const mps_critical_segment *sent = mps_critical_at(input, direction, match->sent);
            const mps_critical_segment *received =
                mps_critical_at(input, !direction, match->received);
            const guint half = 2u * sent->subflow + direction;
            take_delay(&g_array_index(all, mps_critical_delays, half), match->length,
                       received->time - sent->time, places[half]);
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

mps_critical_parts mps_critical_parts_of(const mps_critical_delays *delays, int64_t delay,
                                         uint32_t length)
{
    mps_critical_parts parts = {.propagation = delay};
    const guint longer = mps_sorted_place(delays->floors, is_as_long, &length);
    if (!delays->known || longer == 0)
        return parts;
    parts.propagation = MIN(delays->least, delay);
    const int64_t least = g_array_index(delays->floors, floor_of_length, longer - 1).least;
    parts.serialisation = MIN(MAX(least, delays->least), delay) - parts.propagation;
    parts.queueing = delay - parts.propagation - parts.serialisation;
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
