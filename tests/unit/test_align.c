/* test_align.c: mps_align() against a simulated path of which every packet's fate is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "match/align.h"

#define ACK MPS_TCP_ACK
#define RST MPS_TCP_RST
#define PSH MPS_TCP_PSH

enum { ID_KEPT, ID_ZERO, ID_ABSENT, ID_REWRITTEN };

enum { DIRECTIONS = 4, PACKETS = 400 }; /* of a capture: two subflows; of a direction */

/* What a path does, in packets of 10000, and to the IP ID. */
typedef struct {
    uint32_t lost, duplicated, delayed;
    uint32_t not_captured, missed; /* by the capture at the sender's end, at the receiver's */
    unsigned ip_id;                /* ID_* */
    uint32_t seq_shift, ack_shift;
    bool stripped; /* it takes timestamps and all other options away */
    bool sparse;   /* one packet in a hundred is a copy of another, else half of them */
} path;

typedef struct {
    GArray *sent, *received; /* mps_packet; `frame` is the packet's true number */
    mps_align_lists lists;
    mps_alignment alignment;
    unsigned wrong, unmatched; /* pairs that are not; packets in both that were not paired */
} simulation;

static bool chance(GRand *random, uint32_t of_10000)
{
    return g_rand_int(random) % 10000 < of_10000;
}

/* What one end sends: data, retransmissions, bursts of duplicate ACKs, RSTs at the end. */
static GArray *send_all(GRand *random, const path *p, unsigned count)
{
    GArray *sent = g_array_new(FALSE, FALSE, sizeof(mps_packet));
    mps_packet now = {.seq = 4294000000u, .ack = 77, .tsval = 500, .flags = ACK, .window = 300};
    while (sent->len < count) {
        unsigned kind = g_rand_int(random) % 4, length = 1 + g_rand_int(random) % 6;
        bool apart = p->sparse && !chance(random, 50);
        bool last = sent->len + 8 >= count;
        if (last)
            now.flags = RST | ACK;
        for (unsigned i = 0; i < length; i++) {
            now.length = kind == 0 && !last ? 1000 : 0;
            now.sack = kind == 1 ? g_rand_int(random) % 3 : 0;
            now.frame = sent->len;
            now.ip_id = p->ip_id == ID_ABSENT ? -1
                        : p->ip_id == ID_ZERO ? 0
                                              : (int32_t)(now.frame + 1);
            now.time += 100000;
            g_array_append_val(sent, now);
            now.tsval += apart;
            now.seq += now.length;
            if (kind == 0 && chance(random, 300)) /* the next one is a retransmission */
                now.seq -= now.length;
        }
        now.ack += kind == 3 ? 1448 : 0;
        now.tsval += g_rand_int(random) % 3;
        now.tsecr += g_rand_int(random) % 2;
        now.window = (uint16_t)(now.window + g_rand_int(random) % 2);
    }
    return sent;
}

/* Packets that a capture missed. */
static void forget_some(GRand *random, uint32_t of_10000, GArray *packets)
{
    for (guint i = packets->len; i-- > 0;)
        if (chance(random, of_10000))
            g_array_remove_index(packets, i);
}

static gint by_time(gconstpointer a, gconstpointer b)
{
    const mps_packet *x = a, *y = b;
    return x->time != y->time ? (x->time > y->time ? 1 : -1)
                              : (x->frame > y->frame) - (x->frame < y->frame);
}

static GArray *arrive(GRand *random, const path *p, const GArray *sent)
{
    GArray *received = g_array_new(FALSE, FALSE, sizeof(mps_packet));
    for (guint i = 0; i < sent->len; i++) {
        mps_packet packet = g_array_index(sent, mps_packet, i);
        packet.seq += p->seq_shift;
        packet.ack += p->ack_shift;
        if (p->ip_id == ID_REWRITTEN)
            packet.ip_id = (int32_t)(g_rand_int(random) & 0xffff);
        if (p->stripped)
            packet.tsval = packet.tsecr = packet.options = packet.sack = 0;
        packet.time += 20000000 + (chance(random, p->delayed) ? 350000 : 0);
        if (chance(random, p->lost))
            continue;
        g_array_append_val(received, packet);
        packet.time += 30000;
        if (chance(random, p->duplicated))
            g_array_append_val(received, packet);
    }
    g_array_sort(received, by_time);
    forget_some(random, p->missed, received);
    return received;
}

/* The received packet that a sent one matched, or MPS_NONE. */
/* What is told of each segment must add up to the figures. */
static void check_fates(const mps_alignment *a)
{
    uint32_t sent[MPS_SENT_MISSING_AT_RECEIVER + 1] = {0},
                                                 received[MPS_RECEIVED_AMBIGUOUS + 1] = {0};
    for (uint32_t i = 0; i < a->sent; i++)
        sent[a->sent_outcomes[i]]++;
    for (uint32_t i = 0; i < a->received; i++)
        received[a->received_outcomes[i]]++;
    assert_int_equal(sent[MPS_SENT_MATCHED], a->matched);
    assert_int_equal(sent[MPS_SENT_MISSING_AT_RECEIVER], a->uncaptured);
    assert_int_equal(sent[MPS_SENT_LOST] + sent[MPS_SENT_AMBIGUOUS], a->lost + a->ambiguous);
    assert_true(sent[MPS_SENT_LOST] <= a->lost);
    assert_int_equal(received[MPS_RECEIVED_DUPLICATED], a->duplicated);
    assert_int_equal(received[MPS_RECEIVED_MISSING_AT_SENDER], a->unseen);
}

static uint32_t receiver_of(const mps_alignment *a, uint32_t sent)
{
    guint low = 0, high = a->matches->len;
    while (low < high) {
        guint middle = (low + high) / 2;
        const mps_match *match = &g_array_index(a->matches, mps_match, middle);
        if (match->sent == sent)
            return match->received;
        if (match->sent < sent)
            low = middle + 1;
        else
            high = middle;
    }
    return MPS_NONE;
}

static void judge(simulation *s)
{
    const mps_alignment *a = &s->alignment;
    uint32_t matched = 0;
    g_autoptr(GHashTable) arrived = g_hash_table_new(NULL, NULL);
    for (guint i = 0; i < s->received->len; i++)
        g_hash_table_add(arrived,
                         GUINT_TO_POINTER(g_array_index(s->received, mps_packet, i).frame + 1));
    for (guint i = 0; i < s->sent->len; i++) {
        uint32_t frame = g_array_index(s->sent, mps_packet, i).frame, k = receiver_of(a, i);
        matched += k != MPS_NONE;
        if (k != MPS_NONE)
            s->wrong += g_array_index(s->received, mps_packet, k).frame != frame;
        else
            s->unmatched += g_hash_table_contains(arrived, GUINT_TO_POINTER(frame + 1)) ? 1 : 0;
    }
    assert_int_equal(a->sent, s->sent->len);
    assert_int_equal(a->received, s->received->len);
    assert_int_equal(a->matched, matched);
    assert_int_equal(a->sent, a->matched + a->lost + a->ambiguous);
    assert_true(a->received >= a->matched + a->unseen + a->duplicated);
    assert_true(a->reordered <= a->matched);
}

static void simulate(simulation *s, GRand *random, const path *p)
{
    *s = (simulation){.sent = send_all(random, p, PACKETS)};
    s->received = arrive(random, p, s->sent);
    forget_some(random, p->not_captured, s->sent);
    s->lists = (mps_align_lists){
        .sent = (const mps_packet *)s->sent->data,
        .sent_count = s->sent->len,
        .received = (const mps_packet *)s->received->data,
        .received_count = s->received->len,
        .seq_shift = p->seq_shift,
        .ack_shift = p->ack_shift,
    };
}

static void simulation_clear(simulation *s)
{
    g_array_free(s->sent, TRUE);
    g_array_free(s->received, TRUE);
    mps_alignment_clear(&s->alignment);
}

/* Sums over many rounds. */
typedef struct {
    unsigned sent, matched, wrong, unmatched, ambiguous, duplicated, lost, unseen, reordered;
} outcome;

static void add_outcome(outcome *sum, const simulation *s)
{
    sum->sent += s->alignment.sent;
    sum->matched += s->alignment.matched;
    sum->wrong += s->wrong;
    sum->unmatched += s->unmatched;
    sum->ambiguous += s->alignment.ambiguous;
    sum->duplicated += s->alignment.duplicated;
    sum->lost += s->alignment.lost;
    sum->unseen += s->alignment.unseen;
    sum->reordered += s->alignment.reordered;
}

/* A capture: each of its directions tells of the others, too. */
static void run_once(GRand *random, const path *p, outcome *sum)
{
    simulation all[DIRECTIONS];
    mps_preserved_fields prior = {0};
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        simulate(&all[i], random, p);
        mps_path_model_survey(&all[i].lists, &prior);
    }
    for (unsigned i = 0; i < DIRECTIONS; i++) {
        mps_align(&all[i].lists, &prior, &all[i].alignment);
        check_fates(&all[i].alignment);
        judge(&all[i]);
        add_outcome(sum, &all[i]);
        simulation_clear(&all[i]);
    }
}

static outcome run(guint32 seed, const path *p)
{
    outcome sum = {0};
    GRand *random = g_rand_new_with_seed(seed);
    for (unsigned round = 0; round < 40; round++)
        run_once(random, p, &sum);
    g_rand_free(random);
    return sum;
}

/* With IP IDs that the path keeps every packet is told from every other. */
static void test_ip_id(void **state)
{
    (void)state;
    const path paths[] = {
        {.lost = 300},
        {.lost = 300, .delayed = 100},
        {.lost = 300, .duplicated = 100},
        {.lost = 300, .not_captured = 30},
        {.lost = 300, .duplicated = 300, .delayed = 500, .not_captured = 100, .missed = 100},
        {.lost = 300, .delayed = 100, .seq_shift = 1000000000, .ack_shift = 4000000000u},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        outcome o = run(100 + i, &paths[i]);
        assert_int_equal(o.wrong, 0);
        assert_int_equal(o.unmatched, 0);
        assert_true(o.ambiguous <= (paths[i].missed > 0 ? o.sent / 10000 : 0));
        assert_true(o.lost > 1000);
        assert_int_equal(o.duplicated > 0, paths[i].duplicated > 0);
        assert_int_equal(o.unseen > 0, paths[i].not_captured > 0);
        assert_int_equal(o.reordered > 0, paths[i].delayed > 0);
    }
}

/* Without, order tells copies where they are few, and those that stand alone match in any case. */
static void test_order(void **state)
{
    (void)state;
    for (unsigned ip_id = ID_ZERO; ip_id <= ID_REWRITTEN; ip_id++) {
        path p = {.ip_id = ip_id, .sparse = true, .seq_shift = 77};
        outcome o = run(200, &p);
        assert_int_equal(o.wrong + o.lost + o.unseen + o.duplicated, 0);
        assert_true(o.unmatched * 1000 < o.sent);
        p.lost = 300;
        o = run(201, &p);
        assert_int_equal(o.wrong + o.unseen + o.duplicated, 0);
        assert_true(o.unmatched * 1000 < o.sent);
        p.stripped = true;
        o = run(204, &p);
        assert_int_equal(o.wrong, 0);
        p.stripped = false;
        p.delayed = p.duplicated = p.missed = 100;
        o = run(202, &p);
        assert_int_equal(o.wrong, 0);
        assert_true(o.unmatched * 50 < o.sent);
        p.sparse = false;
        o = run(203, &p);
        assert_int_equal(o.wrong, 0);
    }
}

static uint32_t any_rate(GRand *random)
{
    static const uint32_t rates[] = {0, 0, 3, 10, 30, 100, 300, 1000};
    return rates[g_rand_int(random) % G_N_ELEMENTS(rates)];
}

/* Whatever path and captures do: no pair is wrong. */
static void test_disorder(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(300);
    for (unsigned round = 0; round < 900; round++) {
        const path p = {
            .lost = any_rate(random),
            .duplicated = any_rate(random),
            .delayed = any_rate(random),
            .not_captured = any_rate(random),
            .missed = any_rate(random),
            .ip_id = ID_ZERO + round % 3,
            .stripped = g_rand_int(random) % 4 == 0,
            .sparse = round & 1,
        };
        outcome o = {0};
        run_once(random, &p, &o);
        assert_int_equal(o.wrong, 0);
    }
    g_rand_free(random);
}

/* A hostile capture, or an idle one: very many that say the same. */
static void test_many_copies(void **state)
{
    (void)state;
    enum { COPIES = 200000 };
    const mps_preserved_fields none = {0};
    mps_packet *packets = g_new0(mps_packet, COPIES);
    for (uint32_t i = 0; i < COPIES; i++)
        packets[i] = (mps_packet){.flags = ACK, .ip_id = -1, .length = 1, .tsval = i % 1000};
    mps_align_lists lists = {.sent = packets, .received = packets, .sent_count = COPIES};
    for (unsigned missing = 0; missing < 2; missing++) {
        mps_alignment a;
        lists.received_count = COPIES - missing;
        mps_align(&lists, &none, &a);
        assert_int_equal(a.matched, 0);
        assert_int_equal(a.ambiguous + a.lost, COPIES);
        assert_int_equal(a.lost, missing);
        mps_alignment_clear(&a);
    }
    g_free(packets);
}

enum { MAX_LIST = 32 };

/* Ten packets, `alike` that say the same, and ten more. */
static unsigned make_list(mps_packet *list, unsigned alike, bool ip_id)
{
    unsigned count = alike + 20;
    for (unsigned i = 0; i < count; i++) {
        bool is_alike = i >= 10 && i < 10 + alike;
        list[i] = (mps_packet){.frame = i,
                               .seq = 5,
                               .ack = is_alike ? 1000 : 10 * i,
                               .flags = ACK,
                               .ip_id = ip_id ? (int32_t)i + 1 : -1,
                               .time = i};
    }
    return count;
}

static unsigned leave_out(mps_packet *to, const mps_packet *from, unsigned count, unsigned which)
{
    unsigned left = 0;
    for (unsigned i = 0; i < count; i++)
        if (i != which)
            to[left++] = from[i];
    return left;
}

/* The rest of the capture shows a path that keeps order. */
static const mps_preserved_fields orderly = {
    .compared = {5000, 5000, 5000, 5000, 5000, 5000},
    .equal = {5000, 5000, 5000, 5000, 5000, 5000},
    .path_model = {.statistics = {{.sent = 5000, .received = 5000, .certain = 5000}}},
};

static void align_with(const mps_packet *sent, unsigned sent_count, const mps_packet *received,
                       unsigned received_count, const mps_preserved_fields *prior, mps_alignment *a)
{
    const mps_align_lists lists = {.sent = sent,
                                   .sent_count = sent_count,
                                   .received = received,
                                   .received_count = received_count};
    mps_align(&lists, prior, a);
    check_fates(a);
    for (unsigned i = 0; i < sent_count; i++)
        if (receiver_of(a, i) != MPS_NONE)
            assert_int_equal(sent[i].frame, received[receiver_of(a, i)].frame);
}

static void align(const mps_packet *sent, unsigned sent_count, const mps_packet *received,
                  unsigned received_count, mps_alignment *a)
{
    align_with(sent, sent_count, received, received_count, &orderly, a);
}

/* Duplicate ACKs, one of which is lost, or was not captured when sent. */
static void test_one_missing(void **state)
{
    (void)state;
    for (unsigned alike = 1; alike <= 5; alike++) {
        for (unsigned which = 0; which < alike + 20; which++) {
            for (int ip_id = 0; ip_id < 2; ip_id++) {
                mps_packet all[MAX_LIST], part[MAX_LIST];
                unsigned count = make_list(all, alike, ip_id), left;
                left = leave_out(part, all, count, which);
                bool one_of = !ip_id && alike > 1 && which >= 10 && which < 10 + alike;
                mps_alignment a;
                align(all, count, part, left, &a);
                assert_int_equal(a.lost, 1);
                assert_int_equal(a.ambiguous, one_of ? alike - 1 : 0);
                assert_int_equal(a.matched, one_of ? 20 : left);
                mps_alignment_clear(&a);
                align(part, left, all, count, &a);
                assert_int_equal(a.unseen, one_of ? 0 : 1); /* which one was sent is not told */
                assert_int_equal(a.lost, 0);
                if (ip_id || alike == 1) /* else one of the copies may be missing as well */
                    assert_int_equal(a.ambiguous, 0);
                mps_alignment_clear(&a);
            }
        }
    }
}

/* Copies with something certain between them match each in its own place. */
static void test_told_by_neighbours(void **state)
{
    (void)state;
    mps_packet all[MAX_LIST], part[MAX_LIST];
    unsigned count = make_list(all, 0, false), left;
    for (unsigned i = 4; i <= 16; i += 4)
        all[i].ack = 1000;
    left = leave_out(part, all, count, 12);
    mps_alignment a;
    align(all, count, part, left, &a);
    assert_int_equal(a.matched, left);
    assert_int_equal(a.lost, 1);
    assert_int_equal(receiver_of(&a, 12), MPS_NONE);
    mps_alignment_clear(&a);
    mps_packet late = part[12]; /* the one at 13 comes last: order tells nothing around it */
    left = leave_out(part, part, left, 12);
    part[left++] = late;
    align(all, count, part, left, &a);
    assert_int_equal(a.reordered, 1);
    assert_int_equal(a.matched + a.ambiguous, left);
    mps_alignment_clear(&a);
}

/* The network's copy of a packet, or the sender's own that was not captured when sent. Where the
 * path makes copies, and that capture misses nothing else, it is the network's; the IP ID tells in
 * any case. */
static void test_duplicates(void **state)
{
    (void)state;
    mps_preserved_fields copies = orderly;
    copies.path_model.duplicated = 10;
    for (int ip_id = 0; ip_id < 2; ip_id++) {
        mps_packet all[MAX_LIST], twice[MAX_LIST];
        unsigned count = make_list(all, 0, ip_id), n = 0;
        for (unsigned i = 0; i < count; i++) {
            twice[n++] = all[i];
            if (i == 7)
                twice[n++] = all[i];
        }
        mps_alignment a;
        align(all, count, twice, n, &a);
        assert_int_equal(a.duplicated, ip_id ? 1 : 0);
        assert_int_equal(a.ambiguous, ip_id ? 0 : 1);
        assert_int_equal(a.unseen, 0);
        mps_alignment_clear(&a);
        align_with(all, count, twice, n, &copies, &a);
        assert_int_equal(a.duplicated, 1);
        assert_int_equal(a.matched, count);
        assert_int_equal(receiver_of(&a, 7), 7);
        assert_int_equal(a.unseen, 0);
        mps_alignment_clear(&a);
        all[3].seq++; /* that one is not captured when sent */
        align_with(all, count, twice, n, &copies, &a);
        assert_int_equal(a.duplicated, ip_id ? 1 : 0);
        assert_int_equal(a.ambiguous, ip_id ? 0 : 1);
        assert_int_equal(a.unseen, 1);
        mps_alignment_clear(&a);
    }
}

/* A retransmission is told from the first transmission by its timestamps, when the path keeps
 * them. A packet that says what no other says stays itself, though its window changed. */
static void test_retransmission(void **state)
{
    (void)state;
    mps_packet all[MAX_LIST], part[MAX_LIST];
    unsigned count = make_list(all, 2, false), left;
    for (unsigned i = 0; i < count; i++)
        all[i].tsval = 100 + i;
    for (unsigned which = 10; which < 12; which++) {
        left = leave_out(part, all, count, which);
        mps_alignment a;
        align(all, count, part, left, &a);
        assert_int_equal(a.matched, left);
        assert_int_equal(receiver_of(&a, which), MPS_NONE);
        mps_alignment_clear(&a);
    }
    left = leave_out(part, all, count, count);
    part[3].window = 9; /* the path changed one window: the packet is still this one */
    mps_alignment a;
    align(all, count, part, left, &a);
    assert_int_equal(a.matched, count);
    mps_alignment_clear(&a);
}

static void test_empty(void **state)
{
    (void)state;
    mps_packet all[MAX_LIST];
    unsigned count = make_list(all, 3, true);
    mps_alignment a;
    align(all, count, NULL, 0, &a);
    assert_int_equal(a.lost, count);
    mps_alignment_clear(&a);
    align(NULL, 0, all, count, &a);
    assert_int_equal(a.unseen, count);
    mps_alignment_clear(&a);
    align(NULL, 0, NULL, 0, &a);
    assert_int_equal(a.matched, 0);
    mps_alignment_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ip_id),       cmocka_unit_test(test_order),
        cmocka_unit_test(test_disorder),    cmocka_unit_test(test_many_copies),
        cmocka_unit_test(test_one_missing), cmocka_unit_test(test_told_by_neighbours),
        cmocka_unit_test(test_duplicates),  cmocka_unit_test(test_retransmission),
        cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
