/* pair_by_content.c: tells segments, and by them subflows, apart by what no path needs to change.
 *
 * Behind address translation and without a handshake nothing else tells a subflow, and where
 * sequence numbers are shifted nothing else tells by how much.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pair_by_content.h"
#include "align_internal.h"
#include <stdlib.h>

/* What sequence numbers are shifted by, or a subflow is, is accepted when so many segments say it,
 * and so many of a hundred agree. */
#define VOTES_MIN 8u
#define PERCENT_MIN 95u

/* What may be looked at, in bits of mps_packet_property(): some paths change the one, some the
 * other, and segments need something that hardly repeats. */
static const unsigned ways[] = {
    1u << MPS_BY_TIMESTAMPS | 1u << MPS_BY_OPTIONS | 1u << MPS_BY_WINDOW,
    1u << MPS_BY_TIMESTAMPS | 1u << MPS_BY_IP_ID,
    1u << MPS_BY_OPTIONS,
    1u << MPS_BY_IP_ID,
};

/* A segment by what it says but for ports, sequence and acknowledgement number. */
typedef struct {
    uint64_t digest;
    const mps_packet *packet;
    uint32_t half; /* 2 * subflow id + direction */
} mps_content;

/* Of a segment that was cut, options may be missing. */
static bool says_enough(const mps_packet *packet, unsigned way)
{
    if (packet->cut && ways[way] != 1u << MPS_BY_IP_ID)
        return false;
    if (ways[way] & 1u << MPS_BY_TIMESTAMPS)
        return packet->tsval > 0;
    return ways[way] & 1u << MPS_BY_OPTIONS ? packet->options > 0 : packet->ip_id > 0;
}

static uint64_t digest_of(const mps_packet *packet, unsigned way)
{
    const unsigned flags = MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK;
    uint64_t digest = mps_mix(0, (uint64_t)packet->length << 16 | (packet->flags & flags));
    for (unsigned by = 0; by < MPS_BY_COUNT; by++)
        if (ways[way] & 1u << by)
            digest = mps_mix(digest, mps_packet_property(packet, by));
    return digest;
}

/* Add one direction of a subflow to a list. */
static void add_content(GArray *list, const mps_trace *trace, uint32_t id, mps_direction direction,
                        unsigned way)
{
    size_t count;
    const mps_packet *packets = mps_trace_packets(trace, id, direction, &count);
    for (size_t i = 0; i < count; i++) {
        if (!says_enough(&packets[i], way))
            continue;
        mps_content one = {digest_of(&packets[i], way), &packets[i], 2 * id + direction};
        g_array_append_val(list, one);
    }
}

static gint compare_digests(gconstpointer a, gconstpointer b)
{
    const mps_content *x = a, *y = b;
    return (x->digest > y->digest) - (x->digest < y->digest);
}

/* How many from `first` on say the same. */
static guint stretch(const GArray *list, guint first)
{
    guint next = first;
    while (next < list->len && g_array_index(list, mps_content, next).digest ==
                                   g_array_index(list, mps_content, first).digest)
        next++;
    return next - first;
}

typedef void (*mps_content_visitor)(const mps_content *a, const mps_content *b, void *data);

/* Sort two lists, and visit those that are alone in each with what they say. */
static void each_alone(GArray *a, GArray *b, mps_content_visitor visit, void *data)
{
    guint i = 0, k = 0;
    if (a->len == 0 || b->len == 0)
        return;
    g_array_sort(a, compare_digests);
    g_array_sort(b, compare_digests);
    while (i < a->len && k < b->len) {
        const mps_content *x = &g_array_index(a, mps_content, i);
        const mps_content *y = &g_array_index(b, mps_content, k);
        guint of_a = x->digest <= y->digest ? stretch(a, i) : 0;
        guint of_b = y->digest <= x->digest ? stretch(b, k) : 0;
        if (of_a == 1 && of_b == 1)
            visit(x, y, data);
        i += of_a;
        k += of_b;
    }
}

/* Differences that segments vote for, of the numbers of A's client and of its server. */
typedef struct {
    GArray *votes[2]; /* uint32_t */
} mps_ballot;

static void vote(const mps_content *a, const mps_content *b, void *data)
{
    mps_ballot *ballot = data;
    unsigned sender = a->half & 1;
    uint32_t seq = b->packet->seq - a->packet->seq, ack = b->packet->ack - a->packet->ack;
    g_array_append_val(ballot->votes[sender], seq);
    if (a->packet->flags & MPS_TCP_ACK)
        g_array_append_val(ballot->votes[!sender], ack);
}

static gint compare_votes(gconstpointer a, gconstpointer b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static bool is_elected(guint votes, guint all)
{
    return votes >= VOTES_MIN && (uint64_t)votes * 100 >= (uint64_t)all * PERCENT_MIN;
}

/* What nearly all vote for. */
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
    return is_elected(best, votes->len);
}

static void ballot_of(const mps_trace *a, const mps_trace *b, const mps_pair *pair, unsigned way,
                      mps_ballot *ballot)
{
    for (unsigned direction = 0; direction < 2; direction++) {
        GArray *in_a = g_array_new(FALSE, FALSE, sizeof(mps_content));
        GArray *in_b = g_array_new(FALSE, FALSE, sizeof(mps_content));
        mps_direction other = pair->flipped ? !direction : direction;
        add_content(in_a, a, pair->a, direction, way);
        add_content(in_b, b, pair->b, other, way);
        each_alone(in_a, in_b, vote, ballot);
        g_array_free(in_a, TRUE);
        g_array_free(in_b, TRUE);
    }
}

void mps_pair_find_shift(const mps_trace *a, const mps_trace *b, mps_pair *pair)
{
    for (unsigned way = 0; way < G_N_ELEMENTS(ways); way++) {
        mps_ballot ballot;
        if (pair->shift_known[0] && pair->shift_known[1])
            return;
        for (unsigned side = 0; side < 2; side++)
            ballot.votes[side] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        ballot_of(a, b, pair, way, &ballot);
        for (unsigned side = 0; side < 2; side++) {
            uint32_t shift = 0;
            if (!pair->shift_known[side] && count_votes(ballot.votes[side], &shift)) {
                pair->shift[side] = shift;
                pair->shift_known[side] = true;
            }
            g_array_free(ballot.votes[side], TRUE);
        }
    }
}

/* Two directions that have a segment in common. */
typedef struct {
    uint32_t a, b; /* halves */
} mps_common;

static void note_common(const mps_content *a, const mps_content *b, void *data)
{
    mps_common one = {a->half, b->half};
    g_array_append_val((GArray *)data, one);
}

static gint compare_common(gconstpointer a, gconstpointer b)
{
    const mps_common *x = a, *y = b;
    if (x->a != y->a)
        return x->a < y->a ? -1 : 1;
    return (x->b > y->b) - (x->b < y->b);
}

static void collect(GArray *list, const mps_trace *trace, const uint32_t *partner, unsigned way)
{
    uint32_t count = mps_tracker_subflows(mps_trace_tracker(trace));
    for (uint32_t id = 0; id < count; id++)
        for (unsigned direction = 0; partner[id] == MPS_NONE && direction < 2; direction++)
            add_content(list, trace, id, direction, way);
}

/* Add the pair of directions that nearly all segments in common with a direction of A tell of. */
static void elect(const GArray *common, guint first, guint count, GArray *pairs)
{
    guint best = 0, run = 0;
    const mps_common *elected = NULL;
    for (guint i = first; i < first + count; i++) {
        const mps_common *one = &g_array_index(common, mps_common, i);
        run = i > first && one->b == one[-1].b ? run + 1 : 1;
        if (run > best) {
            best = run;
            elected = one;
        }
    }
    if (!is_elected(best, count))
        return;
    bool flipped = (elected->a & 1) != (elected->b & 1);
    mps_content_pair pair = {elected->a / 2, elected->b / 2, flipped};
    g_array_append_val(pairs, pair);
}

GArray *mps_pair_by_content(const mps_trace *a, const uint32_t *a_partner, const mps_trace *b,
                            const uint32_t *b_partner)
{
    GArray *pairs = g_array_new(FALSE, FALSE, sizeof(mps_content_pair));
    for (unsigned way = 0; way < G_N_ELEMENTS(ways); way++) {
        GArray *in_a = g_array_new(FALSE, FALSE, sizeof(mps_content));
        GArray *in_b = g_array_new(FALSE, FALSE, sizeof(mps_content));
        GArray *common = g_array_new(FALSE, FALSE, sizeof(mps_common));
        guint first = 0;
        collect(in_a, a, a_partner, way);
        collect(in_b, b, b_partner, way);
        each_alone(in_a, in_b, note_common, common);
        g_array_sort(common, compare_common);
        for (guint i = 1; i <= common->len; i++) {
            if (i < common->len && g_array_index(common, mps_common, i).a ==
                                       g_array_index(common, mps_common, first).a)
                continue;
            elect(common, first, i - first, pairs);
            first = i;
        }
        g_array_free(in_a, TRUE);
        g_array_free(in_b, TRUE);
        g_array_free(common, TRUE);
    }
    return pairs;
}
