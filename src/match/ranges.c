/* ranges.c: matches payload by its bytes where two captures cut it differently.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ranges.h"
#include "../sorted.h"
#include "cover.h"
#include "partners.h"
#include <stdlib.h>

/* A received segment that more sent ones than this overlap is not looked at: bytes are sent again a
 * few times, not hundreds of times. */
#define MPS_OVERLAPS_MAX 256u

/* Nor one for which more than this many must be looked at. */
#define MPS_LOOKED_AT_MAX 1024u

/* Payload of an unmatched segment, in sequence numbers without wrap that both ends share. */
typedef struct {
    uint64_t start, end;
    uint32_t index, ack;
    uint32_t released;   /* of a sent one: what it matched as it is, before that was in doubt */
    uint64_t timestamps; /* 0 where they do not tell */
    bool refused;
    bool matched; /* by a match that was kept */
    bool touched; /* bytes of it were received, perhaps those of another */
    bool told;    /* of a received one: what it is of is known */
} mps_range;

/* Segments that have no match yet, those that have, and those to be left alone. */
typedef enum { OPEN, MATCHED, WITHHELD } mps_which;

/* Payload of one list.
 * @param released  what sent ones matched before, or NULL */
static GArray *collect(const mps_ranges_input *input, bool of_sent, mps_which which,
                       const uint32_t *released)
{
    const mps_lists *lists = input->lists;
    const mps_packet *packets = of_sent ? lists->sent : lists->received;
    size_t count = of_sent ? lists->sent_count : lists->received_count;
    const uint32_t *partner = of_sent ? input->receiver_of : input->sender_of;
    const uint8_t *withheld = of_sent ? input->sent_withheld : input->withheld;
    GArray *ranges = g_array_new(FALSE, FALSE, sizeof(mps_range));
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, lists->sent_count > 0 ? lists->sent[0].seq : 0);
    for (size_t i = 0; i < count; i++) {
        const mps_packet *packet = &packets[i];
        if (!mps_has_bytes(packet))
            continue;
        uint64_t at = mps_unwrap_next(&unwrap, packet->seq - (of_sent ? 0 : lists->seq_shift));
        if ((partner[i] != MPS_NONE ? MATCHED : withheld[i] ? WITHHELD : OPEN) != which)
            continue;
        mps_range range = {.start = at, .end = at + packet->length, .index = (uint32_t)i};
        range.released = released ? released[i] : MPS_NONE;
        range.ack = packet->ack - (of_sent ? 0 : lists->ack_shift);
        if (input->by_timestamps)
            range.timestamps = (uint64_t)packet->tsval << 32 | packet->tsecr;
        g_array_append_val(ranges, range);
    }
    return ranges;
}

static gint compare_starts(gconstpointer a, gconstpointer b)
{
    const mps_range *x = a, *y = b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

/* What is looked through for each received range. */
typedef struct {
    const GArray *sent;                    /* by start */
    uint64_t *reach;                       /* of each: the highest end up to it */
    mps_range *overlaps[MPS_OVERLAPS_MAX]; /* what overlaps the range at hand, from right to left */
    unsigned count;
} mps_search;

static bool starts_before(const void *element, const void *key)
{
    return ((const mps_range *)element)->start < *(const uint64_t *)key;
}

static guint first_behind(const GArray *sent, uint64_t end)
{
    return mps_sorted_place(sent, starts_before, &end);
}

static bool is_same(const mps_range *a, const mps_range *b)
{
    return a->start == b->start && a->end == b->end;
}

/* Find what overlaps a received range. Segments are cut, and put together, only with the same
 * acknowledgement number. @return false if there is too much */
static bool find_overlaps(mps_search *search, const mps_range *received)
{
    unsigned looked_at = 0;
    search->count = 0;
    for (guint i = first_behind(search->sent, received->end);
         i-- > 0 && search->reach[i] > received->start;) {
        mps_range *sent = &g_array_index(search->sent, mps_range, i);
        if (looked_at++ == MPS_LOOKED_AT_MAX)
            return false;
        if (sent->end <= received->start || sent->timestamps != received->timestamps ||
            (is_same(sent, received) && sent->released != received->index))
            continue; /* those of the same bytes were compared as they are, and differ */
        sent->touched = true;
        if (sent->ack != received->ack)
            continue;
        if (search->count == MPS_OVERLAPS_MAX)
            return false;
        search->overlaps[search->count++] = sent;
    }
    return true;
}

/* No byte of the range is of two that were found; those were refused else. */
static bool is_told(mps_search *search, mps_range *received)
{
    uint64_t covered = received->end;
    for (unsigned i = 0; i < search->count; i++) {
        if (search->overlaps[i]->end > covered && i > 0) {
            received->refused = true;
            search->overlaps[i]->refused = search->overlaps[i - 1]->refused = true;
        }
        covered = MIN(covered, search->overlaps[i]->start);
    }
    return !received->refused && search->count > 0;
}

/* A match with the place of its bytes, to find those that were received twice. */
typedef struct {
    mps_match match;
    uint64_t start, end;
    mps_range *sent, *received;
    bool repeated; /* all its bytes had arrived */
} mps_found;

static gint compare_found(gconstpointer a, gconstpointer b)
{
    const mps_found *x = a, *y = b;
    if (x->match.sent != y->match.sent)
        return x->match.sent < y->match.sent ? -1 : 1;
    return (x->match.received > y->match.received) - (x->match.received < y->match.received);
}

/* As compare_found(), but by the place of the bytes. */
static gint compare_places(gconstpointer a, gconstpointer b)
{
    const mps_found *x = a, *y = b;
    if (x->match.sent == y->match.sent && x->start != y->start)
        return x->start < y->start ? -1 : 1;
    return compare_found(a, b);
}

static void add_found(const mps_search *search, mps_range *received, GArray *found)
{
    for (unsigned i = 0; i < search->count; i++) {
        mps_range *sent = search->overlaps[i];
        uint64_t start = MAX(sent->start, received->start), end = MIN(sent->end, received->end);
        bool piece = received->start >= sent->start && received->end <= sent->end;
        mps_found one = {
            .match = {sent->index, received->index, (uint32_t)(end - start),
                      is_same(sent, received) ? MPS_MATCH_EXACT
                      : piece                 ? MPS_MATCH_SPLIT
                                              : MPS_MATCH_MERGED},
            .start = start,
            .end = end,
            .sent = sent,
            .received = received,
        };
        received->told = true;
        g_array_append_val(found, one);
    }
}

/* Leave what arrived first to the earlier match. */
static void take_new_bytes(mps_found *one, const mps_found *earlier)
{
    if (earlier->start <= one->start && earlier->end >= one->end)
        one->repeated = true;
    else if (earlier->start <= one->start)
        one->start = earlier->end;
    else if (earlier->end >= one->end)
        one->end = earlier->start;
    else
        one->received->refused = true;
    one->match.length = (uint32_t)(one->end - one->start);
}

/* The same bytes of one transmission arrived twice: the path made a copy, or the sender's capture
 * missed another transmission. `all` are the matches of one sent segment. */
static void settle_repeated(mps_found *all, guint count, bool complete)
{
    for (guint i = 1; i < count; i++) {
        mps_found *one = &all[i];
        for (guint k = 0; k < i && !one->repeated; k++) {
            mps_found *earlier = &all[k];
            bool meets = one->start < earlier->end && earlier->start < one->end;
            if (!meets || earlier->repeated)
                continue;
            if (complete)
                take_new_bytes(one, earlier);
            else
                one->received->refused = earlier->received->refused = true;
        }
    }
}

static void settle_all_repeated(GArray *found, bool complete)
{
    guint first = 0;
    for (guint i = 1; i <= found->len; i++) {
        mps_found *start = &g_array_index(found, mps_found, first);
        if (i < found->len && g_array_index(found, mps_found, i).sent == start->sent)
            continue;
        if (i - first > MPS_OVERLAPS_MAX)
            start->sent->refused = true;
        else
            settle_repeated(start, i - first, complete);
        first = i;
    }
}

/* What was received of a refused transmission cannot be told, either. */
static void refuse_with_sender(const GArray *found)
{
    for (guint i = 0; i < found->len; i++) {
        const mps_found *one = &g_array_index(found, mps_found, i);
        if (one->sent->refused)
            one->received->refused = true;
    }
}

static uint32_t note_refused(const GArray *ranges, uint8_t *fates, uint8_t refused)
{
    uint32_t count = 0;
    for (guint i = 0; i < ranges->len; i++) {
        const mps_range *range = &g_array_index(ranges, mps_range, i);
        if (!range->refused)
            continue;
        fates[range->index] = refused;
        count++;
    }
    return count;
}

static void search_init(mps_search *search, GArray *sent)
{
    uint64_t highest = 0;
    *search = (mps_search){.sent = sent, .reach = g_new(uint64_t, sent->len + 1)};
    g_array_sort(sent, compare_starts);
    for (guint i = 0; i < sent->len; i++) {
        highest = MAX(highest, g_array_index(sent, mps_range, i).end);
        search->reach[i] = highest;
    }
}

static GArray *find_all(GArray *sent, GArray *received, bool complete)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_found));
    mps_search search;
    search_init(&search, sent);
    for (guint i = 0; i < received->len; i++) {
        mps_range *range = &g_array_index(received, mps_range, i);
        if (!find_overlaps(&search, range))
            range->refused = true;
        else if (is_told(&search, range))
            add_found(&search, range, found);
    }
    g_free(search.reach);
    g_array_sort(found, compare_found);
    if (found->len > 0)
        settle_all_repeated(found, complete);
    refuse_with_sender(found);
    g_array_sort(found, compare_places);
    return found;
}

/* Are all bytes of a received range in those that overlap it? */
static bool is_explained(mps_search *search, const mps_range *received)
{
    uint64_t from = received->end;
    if (!find_overlaps(search, received))
        return false;
    for (unsigned i = 0; i < search->count && search->overlaps[i]->end >= from; i++)
        from = MIN(from, search->overlaps[i]->start);
    return from <= received->start;
}

/* A segment that matches as it is, and bytes of which arrived with another one, too, that no
 * segment without match explains: either may be the copy. Its match is taken back. @return by sent
 * segment: what it matched, or MPS_NONE */
static uint32_t *release_repeated(const mps_ranges_input *input)
{
    uint32_t *released = mps_partners_new(input->lists->sent_count);
    GArray *sent = collect(input, true, MATCHED, NULL);
    GArray *received = collect(input, false, OPEN, NULL);
    GArray *open = collect(input, true, OPEN, NULL);
    mps_search search, without;
    search_init(&search, sent);
    search_init(&without, open);
    for (guint i = 0; i < received->len; i++) {
        const mps_range *range = &g_array_index(received, mps_range, i);
        if (is_explained(&without, range))
            continue;
        find_overlaps(&search, range);
        for (unsigned k = 0; k < search.count; k++) {
            uint32_t index = search.overlaps[k]->index;
            if (input->receiver_of[index] == MPS_NONE)
                continue;
            released[index] = input->receiver_of[index];
            input->sender_of[released[index]] = input->receiver_of[index] = MPS_NONE;
        }
    }
    g_free(search.reach);
    g_free(without.reach);
    g_array_free(open, TRUE);
    g_array_free(sent, TRUE);
    g_array_free(received, TRUE);
    return released;
}

/* A segment that matches as it is, and bytes of which may also have arrived with one that was
 * refused: which is the copy cannot be told. */
static void refuse_matched(const mps_ranges_input *input, const mps_search *search,
                           mps_ranges_rest *rest)
{
    for (unsigned i = 0; i < search->count; i++) {
        uint32_t index = search->overlaps[i]->index, partner = input->receiver_of[index];
        bool told = input->by_ip_id && input->lists->sent[index].ip_id > 0;
        if (told || partner == MPS_NONE)
            continue;
        input->sender_of[partner] = input->receiver_of[index] = MPS_NONE;
        input->sent_withheld[index] = MPS_SENT_AMBIGUOUS;
        input->withheld[partner] = MPS_RECEIVED_AMBIGUOUS;
        rest->sent_refused++;
        rest->refused++;
    }
}

/* What may have arrived with a received segment that was refused, whether it has a match or not. */
static void refuse_with_refused(const mps_ranges_input *input, mps_ranges_rest *rest)
{
    GArray *matched = collect(input, true, MATCHED, NULL), *open = collect(input, true, OPEN, NULL);
    GArray *received = collect(input, false, WITHHELD, NULL);
    mps_search search, without;
    search_init(&search, matched);
    search_init(&without, open);
    for (guint i = 0; i < received->len; i++) {
        const mps_range *range = &g_array_index(received, mps_range, i);
        if (input->withheld[range->index] == MPS_RECEIVED_DUPLICATED)
            continue;
        if (find_overlaps(&search, range))
            refuse_matched(input, &search, rest);
        find_overlaps(&without, range);
    }
    for (guint i = 0; i < open->len; i++) {
        const mps_range *range = &g_array_index(open, mps_range, i);
        if (!range->touched)
            continue;
        input->sent_withheld[range->index] = MPS_SENT_AMBIGUOUS;
        rest->sent_refused++;
    }
    g_free(search.reach);
    g_free(without.reach);
    g_array_free(matched, TRUE);
    g_array_free(open, TRUE);
    g_array_free(received, TRUE);
}

static uint32_t note_duplicated(const GArray *received, uint8_t *fates)
{
    uint32_t count = 0;
    for (guint i = 0; i < received->len; i++) {
        const mps_range *range = &g_array_index(received, mps_range, i);
        if (!range->told || range->matched || range->refused)
            continue;
        fates[range->index] = MPS_RECEIVED_DUPLICATED;
        count++;
    }
    return count;
}

GArray *mps_match_ranges(const mps_ranges_input *input, mps_ranges_rest *rest)
{
    GArray *matches = g_array_new(FALSE, FALSE, sizeof(mps_match));
    refuse_with_refused(input, rest);
    uint32_t *released = release_repeated(input);
    GArray *sent = collect(input, true, OPEN, released);
    GArray *received = collect(input, false, OPEN, NULL);
    GArray *found = find_all(sent, received, input->complete);
    for (guint i = 0; i < found->len; i++) {
        const mps_found *one = &g_array_index(found, mps_found, i);
        if (!one->sent->refused && !one->received->refused && !one->repeated) {
            one->sent->matched = one->received->matched = true;
            g_array_append_val(matches, one->match);
        }
    }
    for (guint i = 0; i < sent->len; i++) { /* touched, and yet without a match: not proven lost */
        mps_range *range = &g_array_index(sent, mps_range, i);
        range->refused = range->refused || (range->touched && !range->matched);
    }
    rest->sent_refused += note_refused(sent, rest->sent_fates, MPS_SENT_AMBIGUOUS);
    rest->refused += note_refused(received, rest->received_fates, MPS_RECEIVED_AMBIGUOUS);
    rest->duplicated = note_duplicated(received, rest->received_fates);
    g_free(released);
    g_array_free(found, TRUE);
    g_array_free(sent, TRUE);
    g_array_free(received, TRUE);
    return matches;
}
