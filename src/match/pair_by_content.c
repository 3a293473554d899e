/* pair_by_content.c: identifies subflows, and shifts of sequence numbers, by segment contents.
 *
 * Behind address translation, and without a handshake, nothing else identifies a subflow. Where the
 * path shifts sequence numbers, nothing else shows by how much.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pair_by_content.h"
#include "align_internal.h"

/* A shift, or a pair of subflows, is accepted if it has at least this many votes, each from a
 * segment that is unique in both captures, ... */
#define VOTES_MIN 8u

/* ... and at least this percentage of all votes. The others come from coincidences and from
 * retransmissions. */
#define VOTES_PERCENT_MIN 95u

/* Sets of fields that segments are compared by, one set after the other: each path changes other
 * fields. Every set has a field that rarely repeats. */
static const unsigned field_sets[] = {
    1u << MPS_PATH_FIELD_TIMESTAMPS | 1u << MPS_PATH_FIELD_OPTIONS | 1u << MPS_PATH_FIELD_WINDOW,
    1u << MPS_PATH_FIELD_TIMESTAMPS | 1u << MPS_PATH_FIELD_IP_ID,
    1u << MPS_PATH_FIELD_OPTIONS,
    1u << MPS_PATH_FIELD_IP_ID,
};

/* A segment with a digest of its contents, without addresses, ports, sequence and acknowledgement
 * numbers. */
typedef struct {
    uint64_t digest;
    const mps_packet *packet;
    uint32_t half; /* the subflow direction: 2 * subflow id + direction */
} mps_segment_content;

/* @return whether a segment carries the field that rarely repeats. If its options were cut, only
 * the IP ID is known. */
static bool is_distinctive(const mps_packet *packet, unsigned set)
{
    if (packet->cut && field_sets[set] != 1u << MPS_PATH_FIELD_IP_ID)
        return false;
    if (field_sets[set] & 1u << MPS_PATH_FIELD_TIMESTAMPS)
        return packet->tsval > 0;
    return field_sets[set] & 1u << MPS_PATH_FIELD_OPTIONS ? packet->options > 0 : packet->ip_id > 0;
}

static uint64_t digest_of(const mps_packet *packet, unsigned set)
{
    const unsigned flags = MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK;
    uint64_t digest = mps_mix(0, (uint64_t)packet->length << 16 | (packet->flags & flags));
    for (unsigned field = 0; field < MPS_PATH_FIELD_COUNT; field++)
        if (field_sets[set] & 1u << field)
            digest = mps_mix(digest, mps_path_field_value(packet, field));
    return digest;
}

/* Add the distinctive segments of one direction of a subflow to a list of mps_segment_content. */
static void add_contents(GArray *list, const mps_trace *trace, uint32_t id, mps_direction direction,
                         unsigned set)
{
    size_t count;
    const mps_packet *packets = mps_trace_packets(trace, id, direction, &count);
    for (size_t i = 0; i < count; i++) {
        if (!is_distinctive(&packets[i], set))
            continue;
        mps_segment_content one = {digest_of(&packets[i], set), &packets[i], 2 * id + direction};
        g_array_append_val(list, one);
    }
}

static gint compare_digests(gconstpointer a, gconstpointer b)
{
    const mps_segment_content *x = a, *y = b;
    return (x->digest > y->digest) - (x->digest < y->digest);
}

/* @return how many elements from `first` on have equal digests. */
static guint run_length(const GArray *list, guint first)
{
    guint next = first;
    while (next < list->len && g_array_index(list, mps_segment_content, next).digest ==
                                   g_array_index(list, mps_segment_content, first).digest)
        next++;
    return next - first;
}

typedef void (*mps_content_visitor)(const mps_segment_content *a, const mps_segment_content *b,
                                    void *data);

/* Sort two lists of mps_segment_content, and visit each pair of segments with equal digests of
 * which either list has only one. */
static void each_unique_pair(GArray *a, GArray *b, mps_content_visitor visit, void *data)
{
    guint i = 0, k = 0;
    if (a->len == 0 || b->len == 0)
        return;
    g_array_sort(a, compare_digests);
    g_array_sort(b, compare_digests);
    while (i < a->len && k < b->len) {
        const mps_segment_content *x = &g_array_index(a, mps_segment_content, i);
        const mps_segment_content *y = &g_array_index(b, mps_segment_content, k);
        guint in_a = x->digest <= y->digest ? run_length(a, i) : 0;
        guint in_b = y->digest <= x->digest ? run_length(b, k) : 0;
        if (in_a == 1 && in_b == 1)
            visit(x, y, data);
        i += in_a;
        k += in_b;
    }
}

static bool is_accepted(guint votes, guint all)
{
    return votes >= VOTES_MIN && (uint64_t)votes * 100 >= (uint64_t)all * VOTES_PERCENT_MIN;
}

/* Shifts that segments vote for: of the sequence numbers of A's client, and of its server. */
typedef struct {
    GArray *votes[2]; /* uint32_t, modulo 2^32 */
} mps_shift_votes;

/* @param data  mps_shift_votes, added to */
static void vote_for_shift(const mps_segment_content *a, const mps_segment_content *b, void *data)
{
    mps_shift_votes *shifts = data;
    unsigned sender = a->half & 1;
    uint32_t seq = b->packet->seq - a->packet->seq, ack = b->packet->ack - a->packet->ack;
    g_array_append_val(shifts->votes[sender], seq);
    if (a->packet->flags & MPS_TCP_ACK)
        g_array_append_val(shifts->votes[!sender], ack);
}

static gint compare_votes(gconstpointer a, gconstpointer b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

/* @param votes   uint32_t; sorted here
 * @param result  set to the value with most votes
 * @return whether that value is accepted */
static bool count_votes(GArray *votes, uint32_t *result)
{
    guint best = 0, run = 0;
    g_array_sort(votes, compare_votes);
    for (guint i = 0; i < votes->len; i++) {
        uint32_t one = g_array_index(votes, uint32_t, i);
        run = i > 0 && g_array_index(votes, uint32_t, i - 1) == one ? run + 1 : 1;
        if (run > best) {
            best = run;
            *result = one;
        }
    }
    return is_accepted(best, votes->len);
}

static void collect_votes(const mps_trace *a, const mps_trace *b, const mps_pair *pair,
                          unsigned set, mps_shift_votes *shifts)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        GArray *in_a = g_array_new(FALSE, FALSE, sizeof(mps_segment_content));
        GArray *in_b = g_array_new(FALSE, FALSE, sizeof(mps_segment_content));
        mps_direction direction_b = pair->flipped ? !direction : direction;
        add_contents(in_a, a, pair->a, direction, set);
        add_contents(in_b, b, pair->b, direction_b, set);
        each_unique_pair(in_a, in_b, vote_for_shift, shifts);
        g_array_free(in_a, TRUE);
        g_array_free(in_b, TRUE);
    }
}

void mps_pair_find_shift(const mps_trace *a, const mps_trace *b, mps_pair *pair)
{
    for (unsigned set = 0; set < G_N_ELEMENTS(field_sets); set++) {
        mps_shift_votes shifts;
        if (pair->shift_known[0] && pair->shift_known[1])
            return;
        for (unsigned side = 0; side < 2; side++)
            shifts.votes[side] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        collect_votes(a, b, pair, set, &shifts);
        for (unsigned side = 0; side < 2; side++) {
            uint32_t shift = 0;
            if (!pair->shift_known[side] && count_votes(shifts.votes[side], &shift)) {
                pair->shift[side] = shift;
                pair->shift_known[side] = true;
            }
            g_array_free(shifts.votes[side], TRUE);
        }
    }
}

/* The subflow directions of A and of B in which a segment occurs, as in mps_segment_content. */
typedef struct {
    uint32_t a, b;
} mps_shared_segment;

/* @param data  GArray of mps_shared_segment, appended to */
static void note_shared(const mps_segment_content *a, const mps_segment_content *b, void *data)
{
    mps_shared_segment one = {a->half, b->half};
    g_array_append_val((GArray *)data, one);
}

static gint compare_shared(gconstpointer a, gconstpointer b)
{
    const mps_shared_segment *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

/* Add the contents of all subflows that have no partner. */
static void collect_contents(GArray *list, const mps_trace *trace, const uint32_t *partner,
                             unsigned set)
{
    uint32_t count = mps_tracker_subflows(mps_trace_tracker(trace));
    for (uint32_t id = 0; id < count; id++)
        for (unsigned direction = 0; partner[id] == MPS_NONE && direction < 2; direction++)
            add_contents(list, trace, id, direction, set);
}

/* Add a pair of subflows if nearly all shared segments of one direction of A are in the same
 * direction of B.
 * @param shared  mps_shared_segment, sorted; those from `first` on are of this direction of A
 * @param pairs   mps_content_pair, appended to */
static void add_accepted(const GArray *shared, guint first, guint count, GArray *pairs)
{
    guint best = 0, run = 0;
    const mps_shared_segment *accepted = NULL;
    for (guint i = first; i < first + count; i++) {
        const mps_shared_segment *one = &g_array_index(shared, mps_shared_segment, i);
        run = i > first && one->b == one[-1].b ? run + 1 : 1;
        if (run > best) {
            best = run;
            accepted = one;
        }
    }
    if (!is_accepted(best, count))
        return;
    bool flipped = (accepted->a & 1) != (accepted->b & 1);
    mps_content_pair pair = {accepted->a / 2, accepted->b / 2, flipped};
    g_array_append_val(pairs, pair);
}

GArray *mps_pair_by_content(const mps_trace *a, const uint32_t *a_partner, const mps_trace *b,
                            const uint32_t *b_partner)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(mps_content_pair));
    for (unsigned set = 0; set < G_N_ELEMENTS(field_sets); set++) {
        GArray *in_a = g_array_new(FALSE, FALSE, sizeof(mps_segment_content));
        GArray *in_b = g_array_new(FALSE, FALSE, sizeof(mps_segment_content));
        GArray *shared = g_array_new(FALSE, FALSE, sizeof(mps_shared_segment));
        guint first = 0;
        collect_contents(in_a, a, a_partner, set);
        collect_contents(in_b, b, b_partner, set);
        each_unique_pair(in_a, in_b, note_shared, shared);
        g_array_sort(shared, compare_shared);
        for (guint i = 1; i <= shared->len; i++) {
            if (i < shared->len && g_array_index(shared, mps_shared_segment, i).a ==
                                       g_array_index(shared, mps_shared_segment, first).a)
                continue;
            add_accepted(shared, first, i - first, pairs);
            first = i;
        }
        g_array_free(in_a, TRUE);
        g_array_free(in_b, TRUE);
        g_array_free(shared, TRUE);
    }
    return pairs;
}
