/* align.c: which sent segment is which received one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ranges.h"
#include <stdlib.h>
#include <string.h>

/* Segments looked at to learn what a path leaves alone, and how many a verdict needs. */
#define MPS_SURVEY_SEGMENTS 2000u
#define MPS_SURVEY_ENOUGH 8u

/* PSH moves when segments are split or merged, ECE and CWR are the path's to set. */
#define MPS_FLAGS_KEPT (MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK | MPS_TCP_URG)

/* A segment in a list that is sorted by what it says. */
typedef struct {
    uint64_t digest;
    uint32_t index;
} mps_entry;

typedef struct {
    const mps_lists *lists;
    mps_entry *sent, *received; /* sorted by digest, then index */
    size_t sent_count, received_count;
    bool kept[MPS_BY_COUNT];
    mps_alignment *result;
    uint32_t *receiver_of; /* for each sent one: the received one, or MPS_NONE */
    uint32_t exact;        /* pairs in these two */
    uint32_t refused_count;
    bool *sent_withheld; /* sent ones that were refused */
    bool *withheld;      /* received ones that were refused: no part of them matches either */
    uint32_t *sender_of; /* for each received one: the sent one, or MPS_NONE */
    GArray *refused;     /* mps_group, looked at again when all others are done */
} mps_work;

/* What the order of the certain matches tells. Gaps are numbered by how many precede them. */
typedef struct {
    uint32_t *sent_ranks, *received_ranks; /* the gap in which each segment lies */
    bool *calm;                            /* of each gap: nothing overtook anything there */
    bool usable;   /* of a group: all of its members lie where order can be trusted */
    GArray *found; /* pairs, applied at the end: ranks are of what was certain before */
} mps_order;

/* Entries that say the same: a stretch of each sorted list. */
typedef struct {
    const mps_entry *sent, *received;
    size_t sent_count, received_count;
} mps_group;

static uint64_t mix(uint64_t digest, uint64_t value)
{
    digest = (digest ^ value) * UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */
    return digest ^ digest >> 29;
}

static uint64_t digest_of(const mps_packet *packet, uint32_t seq_shift, uint32_t ack_shift)
{
    uint32_t ack = packet->flags & MPS_TCP_ACK ? packet->ack - ack_shift : 0;
    uint64_t digest = mix(0, (uint64_t)(packet->seq - seq_shift) << 32 | ack);
    return mix(digest, (uint64_t)packet->length << 16 | (packet->flags & MPS_FLAGS_KEPT));
}

static uint64_t property(const mps_packet *packet, unsigned by)
{
    switch (by) {
    case MPS_BY_IP_ID:
        return (uint64_t)(int64_t)packet->ip_id;
    case MPS_BY_TIMESTAMPS:
        return (uint64_t)packet->tsval << 32 | packet->tsecr;
    case MPS_BY_WINDOW:
        return packet->window;
    case MPS_BY_PUSH:
        return packet->flags & MPS_TCP_PSH;
    case MPS_BY_OPTIONS:
        return packet->options;
    default:
        return packet->sack;
    }
}

static int compare_entries(const void *a, const void *b)
{
    const mps_entry *x = a, *y = b;
    if (x->digest != y->digest)
        return x->digest < y->digest ? -1 : 1;
    return (x->index > y->index) - (x->index < y->index);
}

static mps_entry *sort_list(const mps_packet *packets, size_t count, uint32_t seq_shift,
                            uint32_t ack_shift)
{
    mps_entry *entries = g_new0(mps_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++)
        entries[i] = (mps_entry){digest_of(&packets[i], seq_shift, ack_shift), (uint32_t)i};
    if (count > 1)
        qsort(entries, count, sizeof *entries, compare_entries);
    return entries;
}

static size_t stretch(const mps_entry *entries, size_t count, uint64_t digest)
{
    size_t length = 0;
    while (length < count && entries[length].digest == digest)
        length++;
    return length;
}

typedef void (*mps_group_visitor)(mps_work *work, const mps_group *group, void *data);

/* Walk two sorted lists, a group of equal entries at a time. */
static void each_group(mps_work *work, const mps_group *all, mps_group_visitor visit, void *data)
{
    size_t i = 0, k = 0;
    while (i < all->sent_count || k < all->received_count) {
        uint64_t digest = UINT64_MAX;
        if (i < all->sent_count)
            digest = all->sent[i].digest;
        if (k < all->received_count)
            digest = MIN(digest, all->received[k].digest);
        mps_group group = {
            .sent = all->sent + i,
            .received = all->received + k,
            .sent_count = stretch(all->sent + i, all->sent_count - i, digest),
            .received_count = stretch(all->received + k, all->received_count - k, digest),
        };
        visit(work, &group, data);
        i += group.sent_count;
        k += group.received_count;
    }
}

static const mps_packet *sent_packet(const mps_work *work, const mps_entry *entry)
{
    return &work->lists->sent[entry->index];
}

static const mps_packet *received_packet(const mps_work *work, const mps_entry *entry)
{
    return &work->lists->received[entry->index];
}

static void survey_group(mps_work *work, const mps_group *group, void *data)
{
    mps_invariants *invariants = data;
    if (group->sent_count != 1 || group->received_count != 1)
        return;
    const mps_packet *sent = sent_packet(work, group->sent);
    const mps_packet *received = received_packet(work, group->received);
    invariants->tried++;
    for (unsigned by = 0; by < MPS_BY_COUNT; by++)
        invariants->kept[by] += property(sent, by) == property(received, by);
}

static void work_init(mps_work *work, const mps_lists *lists, size_t limit)
{
    *work = (mps_work){.lists = lists};
    work->sent_count = MIN(lists->sent_count, limit);
    work->received_count = MIN(lists->received_count, limit);
    work->sent = sort_list(lists->sent, work->sent_count, 0, 0);
    work->received =
        sort_list(lists->received, work->received_count, lists->seq_shift, lists->ack_shift);
}

static void work_clear(mps_work *work)
{
    g_free(work->sent);
    g_free(work->received);
}

static void survey(mps_work *work, mps_invariants *invariants)
{
    const mps_group all = {work->sent, work->received, work->sent_count, work->received_count};
    each_group(work, &all, survey_group, invariants);
}

void mps_align_survey(const mps_lists *lists, mps_invariants *invariants)
{
    mps_work work;
    work_init(&work, lists, MPS_SURVEY_SEGMENTS);
    survey(&work, invariants);
    work_clear(&work);
}

/* What the path leaves alone in nine of ten segments it leaves alone. */
static void learn(mps_work *work, const mps_invariants *prior)
{
    mps_invariants own = {0};
    survey(work, &own);
    const mps_invariants *known = own.tried >= MPS_SURVEY_ENOUGH ? &own : prior;
    for (unsigned by = 0; by < MPS_BY_COUNT; by++)
        work->kept[by] =
            known->tried > 0 && (uint64_t)known->kept[by] * 10 >= (uint64_t)known->tried * 9;
}

static void match(mps_work *work, uint32_t sent, uint32_t received)
{
    work->receiver_of[sent] = received;
    work->sender_of[received] = sent;
    work->exact++;
}

/* Two segments that are alike in what must be: is one of what must not differ different? */
static bool contradict(const mps_work *work, const mps_packet *sent, const mps_packet *received)
{
    for (unsigned by = MPS_BY_IP_ID; by <= MPS_BY_TIMESTAMPS; by++)
        if (work->kept[by] && property(sent, by) != property(received, by))
            return true;
    return false;
}

/* The IP ID tells copies that the path made from those the sender sent. */
static bool told_by_ip_id(const mps_work *work, const mps_group *group)
{
    return work->kept[MPS_BY_IP_ID] && sent_packet(work, group->sent)->ip_id > 0;
}

/* A group whose members cannot be told apart by what they say. */
static void settle_alike(mps_work *work, const mps_group *group, void *data)
{
    (void)data;
    size_t sent = group->sent_count, received = group->received_count;
    if (sent == 0 || received == 0)
        return;
    if (sent == received && (sent == 1 || told_by_ip_id(work, group))) {
        for (size_t i = 0; i < sent; i++)
            match(work, group->sent[i].index, group->received[i].index);
    } else if (sent == 1 && told_by_ip_id(work, group)) {
        match(work, group->sent->index, group->received->index);
        work->result->duplicated += (uint32_t)received - 1;
        for (size_t i = 1; i < received; i++)
            work->withheld[group->received[i].index] = true;
    } else {
        mps_group copy = *group;
        copy.sent = g_memdup2(group->sent, sent * sizeof *copy.sent);
        copy.received = g_memdup2(group->received, received * sizeof *copy.received);
        g_array_append_val(work->refused, copy);
    }
}

static mps_entry *sort_by_properties(const mps_work *work, const mps_entry *entries, size_t count,
                                     const mps_packet *packets)
{
    mps_entry *sorted = g_new0(mps_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++) {
        sorted[i] = (mps_entry){0, entries[i].index};
        for (unsigned by = 0; by < MPS_BY_COUNT; by++)
            if (work->kept[by])
                sorted[i].digest = mix(sorted[i].digest, property(&packets[sorted[i].index], by));
    }
    qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}

/* A group of segments with the same sequence numbers, length and flags. */
static void settle_group(mps_work *work, const mps_group *group, void *data)
{
    if (group->sent_count == 1 && group->received_count == 1 &&
        !contradict(work, sent_packet(work, group->sent), received_packet(work, group->received))) {
        match(work, group->sent->index, group->received->index);
        return;
    }
    mps_entry *sent = sort_by_properties(work, group->sent, group->sent_count, work->lists->sent);
    mps_entry *received =
        sort_by_properties(work, group->received, group->received_count, work->lists->received);
    const mps_group parts = {sent, received, group->sent_count, group->received_count};
    each_group(work, &parts, settle_alike, data);
    g_free(sent);
    g_free(received);
}

/* Count matched segments that arrive behind one that was sent later (RFC 4737 section 3.3). The
 * pieces of one segment are not later than one another. */
static uint32_t count_reordered(const mps_work *work)
{
    uint32_t next = 0, reordered = 0;
    bool *behind = g_new0(bool, work->lists->sent_count + 1);
    for (size_t i = 0; i < work->lists->received_count; i++) {
        uint32_t sent = work->sender_of[i];
        if (sent == MPS_NONE)
            continue;
        if (sent + 1 < next && !behind[sent]) {
            behind[sent] = true;
            reordered++;
        }
        next = MAX(next, sent + 1);
    }
    g_free(behind);
    return reordered;
}

/* How many certain matches precede each segment of a list. */
static uint32_t *rank(const uint32_t *partner, size_t count)
{
    uint32_t *ranks = g_new(uint32_t, count + 1), sum = 0;
    for (size_t i = 0; i < count; i++) {
        ranks[i] = sum;
        sum += partner[i] != MPS_NONE;
    }
    return ranks;
}

static mps_entry *sort_by_rank(const mps_entry *entries, size_t count, const uint32_t *ranks)
{
    mps_entry *sorted = g_new0(mps_entry, MAX(count, 1));
    for (size_t i = 0; i < count; i++)
        sorted[i] = (mps_entry){ranks[entries[i].index], entries[i].index};
    qsort(sorted, count, sizeof *sorted, compare_entries);
    return sorted;
}

static void count_refused(mps_work *work, const mps_group *group)
{
    work->refused_count += (uint32_t)MIN(group->sent_count, group->received_count);
    for (size_t i = 0; i < group->received_count; i++)
        work->withheld[group->received[i].index] = true;
    for (size_t i = 0; group->received_count > 0 && i < group->sent_count; i++)
        work->sent_withheld[group->sent[i].index] = true;
}

/* A gap is calm where both matches beside it keep their place among all others. */
static bool *find_calm_gaps(const mps_work *work, const mps_order *order)
{
    uint32_t count = work->exact, sent_rank = 0, highest = 0;
    bool *calm = g_new(bool, count + 1);
    memset(calm, true, count + 1);
    for (size_t i = 0; i < work->lists->sent_count; i++) {
        uint32_t received = work->receiver_of[i];
        if (received == MPS_NONE)
            continue;
        uint32_t received_rank = order->received_ranks[received];
        if (received_rank != sent_rank || highest > sent_rank)
            calm[sent_rank] = calm[sent_rank + 1] = false;
        highest = MAX(highest, received_rank);
        sent_rank++;
    }
    return calm;
}

static void order_init(mps_order *order, const mps_work *work)
{
    order->sent_ranks = rank(work->receiver_of, work->lists->sent_count);
    order->received_ranks = rank(work->sender_of, work->lists->received_count);
    order->calm = find_calm_gaps(work, order);
    order->found = g_array_new(FALSE, FALSE, sizeof(uint32_t));
}

static void order_clear(mps_order *order)
{
    g_free(order->sent_ranks);
    g_free(order->received_ranks);
    g_free(order->calm);
    g_array_free(order->found, TRUE);
}

/* Copies of a group in one gap. More received than sent: they overtook or were duplicated. */
static void check_gap(mps_work *work, const mps_group *group, void *data)
{
    mps_order *order = data;
    uint64_t gap = (group->sent_count > 0 ? group->sent : group->received)->digest;
    if (!order->calm[gap] || group->received_count > group->sent_count)
        order->usable = false;
    /* A repetition that is lost looks like an original that was overtaken. */
    bool told = work->kept[MPS_BY_IP_ID] || work->kept[MPS_BY_TIMESTAMPS];
    if (!told && group->sent_count != group->received_count)
        order->usable = false;
}

static void settle_gap(mps_work *work, const mps_group *group, void *data)
{
    mps_order *order = data;
    if (group->sent_count != group->received_count) {
        count_refused(work, group);
        return;
    }
    for (size_t i = 0; i < group->sent_count; i++) {
        uint32_t pair[2] = {group->sent[i].index, group->received[i].index};
        g_array_append_vals(order->found, pair, 2);
    }
}

/* Where nothing overtook anything, copies can only match within the gap they lie in. */
static void settle_by_order(mps_work *work, const mps_group *group, mps_order *order)
{
    mps_entry *sent = sort_by_rank(group->sent, group->sent_count, order->sent_ranks);
    mps_entry *received =
        sort_by_rank(group->received, group->received_count, order->received_ranks);
    const mps_group gaps = {sent, received, group->sent_count, group->received_count};
    order->usable = true;
    each_group(work, &gaps, check_gap, order);
    if (order->usable)
        each_group(work, &gaps, settle_gap, order);
    else
        count_refused(work, group);
    g_free(sent);
    g_free(received);
}

static void settle_refused(mps_work *work)
{
    mps_order order;
    if (work->refused->len == 0)
        return;
    order_init(&order, work);
    for (guint i = 0; i < work->refused->len; i++) {
        mps_group *group = &g_array_index(work->refused, mps_group, i);
        settle_by_order(work, group, &order);
        g_free((void *)group->sent);
        g_free((void *)group->received);
    }
    for (guint i = 0; i + 1 < order.found->len; i += 2)
        match(work, g_array_index(order.found, uint32_t, i),
              g_array_index(order.found, uint32_t, i + 1));
    order_clear(&order);
}

static uint32_t *unmatched(size_t count)
{
    uint32_t *partners = g_new(uint32_t, count + 1);
    memset(partners, 0xff, (count + 1) * sizeof *partners); /* MPS_NONE */
    return partners;
}

/* Put exact matches and those by ranges together, in the order of sending. */
static void list_matches(mps_work *work, const GArray *ranges)
{
    mps_alignment *result = work->result;
    guint next = 0;
    for (uint32_t i = 0; i < work->lists->sent_count; i++) {
        uint32_t length = work->lists->sent[i].length;
        result->sent_bytes += length;
        if (work->receiver_of[i] != MPS_NONE) {
            mps_match exact = {i, work->receiver_of[i], length, MPS_MATCH_EXACT};
            g_array_append_val(result->matches, exact);
            result->matched++;
            result->matched_bytes += length;
        }
        unsigned kinds = 0;
        for (; next < ranges->len && g_array_index(ranges, mps_match, next).sent == i; next++) {
            const mps_match *range = &g_array_index(ranges, mps_match, next);
            g_array_append_val(result->matches, *range);
            result->matched_bytes += range->length;
            work->sender_of[range->received] = i;
            kinds |= 1u << range->kind;
        }
        result->matched += kinds > 0;
        result->split += (kinds & 1u << MPS_MATCH_SPLIT) > 0;
        result->merged += kinds == 1u << MPS_MATCH_MERGED;
    }
}

static void count_all(mps_work *work, const mps_ranges_refused *refused)
{
    mps_alignment *result = work->result;
    uint32_t arrived = 0;
    for (size_t i = 0; i < work->lists->received_count; i++)
        arrived += work->sender_of[i] != MPS_NONE;
    result->ambiguous = work->refused_count + refused->sent;
    result->lost = result->sent - result->matched - result->ambiguous;
    result->unseen =
        result->received - arrived - result->duplicated - work->refused_count - refused->received;
    result->reordered = count_reordered(work);
}

/* Nothing at all matches, and a sequence number that the path may shift is not known at one end:
 * that proves no loss. */
static void doubt_shift(mps_alignment *result, const mps_lists *lists)
{
    if (!lists->shift_unknown || result->matched > 0 || result->sent == 0 || result->received == 0)
        return;
    result->ambiguous = result->sent;
    result->lost = result->unseen = 0;
}

static void match_ranges(mps_work *work)
{
    mps_ranges_refused refused = {0, 0};
    mps_ranges_input input = {
        .lists = work->lists,
        .receiver_of = work->receiver_of,
        .sender_of = work->sender_of,
        .withheld = work->withheld,
        .sent_withheld = work->sent_withheld,
        .by_timestamps = work->kept[MPS_BY_TIMESTAMPS],
    };
    GArray *ranges = mps_match_ranges(&input, &refused);
    list_matches(work, ranges);
    count_all(work, &refused);
    g_array_free(ranges, TRUE);
}

void mps_align(const mps_lists *lists, const mps_invariants *prior, mps_alignment *alignment)
{
    mps_work work;
    work_init(&work, lists, SIZE_MAX);
    *alignment = (mps_alignment){
        .sent = (uint32_t)lists->sent_count,
        .received = (uint32_t)lists->received_count,
        .matches = g_array_new(FALSE, FALSE, sizeof(mps_match)),
    };
    work.result = alignment;
    work.receiver_of = unmatched(lists->sent_count);
    work.sender_of = unmatched(lists->received_count);
    work.withheld = g_new0(bool, lists->received_count + 1);
    work.sent_withheld = g_new0(bool, lists->sent_count + 1);
    work.refused = g_array_new(FALSE, FALSE, sizeof(mps_group));
    learn(&work, prior);
    const mps_group all = {work.sent, work.received, work.sent_count, work.received_count};
    each_group(&work, &all, settle_group, NULL);
    settle_refused(&work);
    match_ranges(&work);
    doubt_shift(alignment, lists);
    g_array_free(work.refused, TRUE);
    g_free(work.receiver_of);
    g_free(work.sender_of);
    g_free(work.withheld);
    g_free(work.sent_withheld);
    work_clear(&work);
}

void mps_alignment_clear(mps_alignment *alignment)
{
    if (alignment->matches)
        g_array_free(alignment->matches, TRUE);
    alignment->matches = NULL;
}
