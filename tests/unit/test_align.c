/* test_align.c: mps_align() on simulated paths, where the outcome of each packet is known.
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

enum { ID_PRESERVED, ID_ZERO, ID_ABSENT, ID_REWRITTEN };

enum {
    DIRECTIONS = 4, /* of a capture with two subflows */
    PACKETS = 400,  /* of each direction */
};

/* What path and captures do. The rates are in packets of 10000. */
typedef struct {
    uint32_t lost, duplicated, delayed;
    uint32_t missing_at_sender, missing_at_receiver; /* packets that the captures miss */
    unsigned ip_id;                                  /* ID_* */
    uint32_t seq_shift, ack_shift;
    bool stripped; /* the path removes timestamps and all other options */
    bool sparse;   /* one packet in a hundred is identical to another one; otherwise half of them */
} path;

typedef struct {
    GArray *sent, *received; /* mps_packet; `frame` is the packet's true number */
    mps_align_lists lists;
    mps_alignment alignment;
    unsigned wrong, unmatched; /* matches; packets in both captures without a match */
} simulation;

static bool chance(GRand *random, uint32_t of_10000)
{
    return g_rand_int(random) % 10000 < of_10000;
}

/* @return mps_packet, what one end sends: data, retransmissions, bursts of duplicate ACKs, and RSTs
 * at the end. */
static GArray *send_all(GRand *random, const path *p, unsigned count)
{
    GArray *sent = g_array_new(FALSE, FALSE, sizeof(mps_packet));
    mps_packet now = {.seq = 4294000000u, .ack = 77, .tsval = 500, .flags = ACK, .window = 300};
    while (sent->len < count) {
        unsigned kind = g_rand_int(random) % 4, length = 1 + g_rand_int(random) % 6;
        bool distinct = p->sparse && !chance(random, 50);
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
            now.tsval += distinct;
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

/* Remove the packets that a capture misses. */
static void remove_some(GRand *random, uint32_t of_10000, GArray *packets)
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

/* @return mps_packet, what the capture at the receiver's end holds. */
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
    remove_some(random, p->missing_at_receiver, received);
    return received;
}

/* The outcomes of all segments must add up to the counts. */
static void check_outcomes(const mps_alignment *a)
{
    uint32_t sent[MPS_SENT_MISSING_AT_RECEIVER + 1] = {0};
    uint32_t received[MPS_RECEIVED_AMBIGUOUS + 1] = {0};
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

/* @return the received packet that a sent one matched, or MPS_NONE. */
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

/* Count wrong and missing matches, and check the counts of the alignment. */
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
    remove_some(random, p->missing_at_sender, s->sent);
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

/* Simulate one pair of captures. The survey of all its directions is the prior for each. */
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
        check_outcomes(&all[i].alignment);
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

/* With IP IDs that the path preserves, every packet is distinguished from every other. */
static void test_ip_id(void **state)
{
    (void)state;
    const path paths[] = {
        {.lost = 300},
        {.lost = 300, .delayed = 100},
        {.lost = 300, .duplicated = 100},
        {.lost = 300, .missing_at_sender = 30},
        {.lost = 300,
         .duplicated = 300,
         .delayed = 500,
         .missing_at_sender = 100,
         .missing_at_receiver = 100},
        {.lost = 300, .delayed = 100, .seq_shift = 1000000000, .ack_shift = 4000000000u},
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(paths); i++) {
        outcome o = run(100 + i, &paths[i]);
        assert_int_equal(o.wrong, 0);
        assert_int_equal(o.unmatched, 0);
        assert_true(o.ambiguous <= (paths[i].missing_at_receiver > 0 ? o.sent / 10000 : 0));
        assert_true(o.lost > 1000);
        assert_int_equal(o.duplicated > 0, paths[i].duplicated > 0);
        assert_int_equal(o.unseen > 0, paths[i].missing_at_sender > 0);
        assert_int_equal(o.reordered > 0, paths[i].delayed > 0);
    }
}

/* Without IP IDs, order determines identical packets where they are few. Unique ones always match.
 */
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
        p.delayed = p.duplicated = p.missing_at_receiver = 100;
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

/* Whatever path and captures do, no match is wrong. */
static void test_disorder(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(300);
    for (unsigned round = 0; round < 900; round++) {
        const path p = {
            .lost = any_rate(random),
            .duplicated = any_rate(random),
            .delayed = any_rate(random),
            .missing_at_sender = any_rate(random),
            .missing_at_receiver = any_rate(random),
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

/* A hostile capture, or an idle one, has very many identical packets. */
static void test_many_identical(void **state)
{
    (void)state;
    enum { IDENTICAL = 200000 };
    const mps_preserved_fields none = {0};
    mps_packet *packets = g_new0(mps_packet, IDENTICAL);
    for (uint32_t i = 0; i < IDENTICAL; i++)
        packets[i] = (mps_packet){.flags = ACK, .ip_id = -1, .length = 1, .tsval = i % 1000};
    mps_align_lists lists = {.sent = packets, .received = packets, .sent_count = IDENTICAL};
    for (unsigned missing = 0; missing < 2; missing++) {
        mps_alignment a;
        lists.received_count = IDENTICAL - missing;
        mps_align(&lists, &none, &a);
        assert_int_equal(a.matched, 0);
        assert_int_equal(a.ambiguous + a.lost, IDENTICAL);
        assert_int_equal(a.lost, missing);
        mps_alignment_clear(&a);
    }
    g_free(packets);
}

enum { MAX_LIST = 32 };

/* Make ten unique packets, `identical` identical ones, and ten more unique ones. */
static unsigned make_list(mps_packet *list, unsigned identical, bool ip_id)
{
    unsigned count = identical + 20;
    for (unsigned i = 0; i < count; i++) {
        bool is_identical = i >= 10 && i < 10 + identical;
        list[i] = (mps_packet){.frame = i,
                               .seq = 5,
                               .ack = is_identical ? 1000 : 10 * i,
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

/* The rest of the capture shows a path that preserves all fields and the order. */
static const mps_preserved_fields orderly = {
    .compared = {5000, 5000, 5000, 5000, 5000, 5000},
    .equal = {5000, 5000, 5000, 5000, 5000, 5000},
    .path_model = {.statistics = {{.sent = 5000, .received = 5000, .certain = 5000}}},
};

/* Align, and check that no match is wrong. */
static void align_with(const mps_packet *sent, unsigned sent_count, const mps_packet *received,
                       unsigned received_count, const mps_preserved_fields *prior, mps_alignment *a)
{
    const mps_align_lists lists = {.sent = sent,
                                   .sent_count = sent_count,
                                   .received = received,
                                   .received_count = received_count};
    mps_align(&lists, prior, a);
    check_outcomes(a);
    for (unsigned i = 0; i < sent_count; i++)
        if (receiver_of(a, i) != MPS_NONE)
            assert_int_equal(sent[i].frame, received[receiver_of(a, i)].frame);
}

static void align(const mps_packet *sent, unsigned sent_count, const mps_packet *received,
                  unsigned received_count, mps_alignment *a)
{
    align_with(sent, sent_count, received, received_count, &orderly, a);
}

/* Of duplicate ACKs, one is lost, or is missing at the sender's capture. */
static void test_one_missing(void **state)
{
    (void)state;
    for (unsigned identical = 1; identical <= 5; identical++) {
        for (unsigned which = 0; which < identical + 20; which++) {
            for (int ip_id = 0; ip_id < 2; ip_id++) {
                mps_packet all[MAX_LIST], part[MAX_LIST];
                unsigned count = make_list(all, identical, ip_id), left;
                left = leave_out(part, all, count, which);
                bool one_of = !ip_id && identical > 1 && which >= 10 && which < 10 + identical;
                mps_alignment a;
                align(all, count, part, left, &a);
                assert_int_equal(a.lost, 1);
                assert_int_equal(a.ambiguous, one_of ? identical - 1 : 0);
                assert_int_equal(a.matched, one_of ? 20 : left);
                mps_alignment_clear(&a);
                align(part, left, all, count, &a);
                /* Of identical ones, it is not known which one is missing. */
                assert_int_equal(a.unseen, one_of ? 0 : 1);
                assert_int_equal(a.lost, 0);
                if (ip_id || identical == 1) /* otherwise another one may have been lost */
                    assert_int_equal(a.ambiguous, 0);
                mps_alignment_clear(&a);
            }
        }
    }
}

/* Identical packets with certain matches between them match by position. */
static void test_determined_by_neighbours(void **state)
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
    mps_packet late = part[12]; /* packet 13 arrives last: order proves nothing near it */
    left = leave_out(part, part, left, 12);
    part[left++] = late;
    align(all, count, part, left, &a);
    assert_int_equal(a.reordered, 1);
    assert_int_equal(a.matched + a.ambiguous, left);
    mps_alignment_clear(&a);
}

enum { UNIQUE = 60, RUN = 15, WITH_RUN = UNIQUE + RUN };

/* Make unique packets, with a run of RSTs among them as a kernel sends them: their IP ID is 0. */
static void make_run(mps_packet *list)
{
    for (unsigned i = 0; i < WITH_RUN; i++) {
        bool reset = i >= 30 && i < 30 + RUN;
        list[i] = (mps_packet){.frame = i,
                               .seq = reset ? 77 : 1000 + 10 * i,
                               .ip_id = reset ? 0 : (int32_t)i + 1,
                               .flags = reset ? RST : ACK,
                               .time = i};
    }
}

/* On a path that loses nothing, as many packets received as sent are the same ones, in order. Where
 * the numbers differ, or the path was seen to lose others, nothing tells which ones they are. */
static void test_run_of_resets(void **state)
{
    (void)state;
    const mps_preserved_fields none = {0};
    mps_packet all[WITH_RUN], part[WITH_RUN];
    mps_alignment a;
    make_run(all);
    align_with(all, WITH_RUN, all, WITH_RUN, &none, &a);
    assert_int_equal(a.matched, WITH_RUN);
    mps_alignment_clear(&a);
    for (unsigned which = 1; which + 1 < WITH_RUN; which++) {
        unsigned left = leave_out(part, all, WITH_RUN, which);
        bool in_run = which >= 30 && which < 30 + RUN;
        align_with(all, WITH_RUN, part, left, &none, &a);
        assert_int_equal(a.matched, UNIQUE - !in_run);
        assert_int_equal(a.ambiguous, RUN - in_run);
        assert_int_equal(a.lost, 1);
        mps_alignment_clear(&a);
        align_with(part, left, all, WITH_RUN, &none, &a);
        assert_int_equal(a.matched, UNIQUE - !in_run);
        mps_alignment_clear(&a);
    }
    /* A capture that ended early did not lose what it lacks. */
    align_with(all, WITH_RUN, all, WITH_RUN - 5, &none, &a);
    assert_int_equal(a.matched, WITH_RUN - 5);
    mps_alignment_clear(&a);
    /* A packet that another one overtook: the path may have exchanged RSTs, too. */
    make_run(part);
    part[10] = all[11];
    part[11] = all[10];
    align_with(all, WITH_RUN, part, WITH_RUN, &none, &a);
    assert_int_equal(a.matched, UNIQUE);
    assert_int_equal(a.ambiguous, RUN);
    mps_alignment_clear(&a);
    /* One RST arrives after the packet that follows the run. */
    make_run(part);
    part[30 + RUN - 1] = all[30 + RUN];
    part[30 + RUN] = all[30 + RUN - 1];
    align_with(all, WITH_RUN, part, WITH_RUN, &none, &a);
    assert_int_equal(a.matched, UNIQUE);
    mps_alignment_clear(&a);
}

/* A packet arrives twice: either the path duplicated it, or the sender sent it twice and one is
 * missing at its capture. If the path is known to duplicate, and that capture misses nothing else,
 * the path did it. The IP ID shows it in any case. */
static void test_duplicates(void **state)
{
    (void)state;
    mps_preserved_fields duplicating = orderly;
    duplicating.path_model.duplicated = 10;
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
        align_with(all, count, twice, n, &duplicating, &a);
        assert_int_equal(a.duplicated, 1);
        assert_int_equal(a.matched, count);
        assert_int_equal(receiver_of(&a, 7), 7);
        assert_int_equal(a.unseen, 0);
        mps_alignment_clear(&a);
        all[3].seq++; /* now packet 3 is missing at the sender's capture */
        align_with(all, count, twice, n, &duplicating, &a);
        assert_int_equal(a.duplicated, ip_id ? 1 : 0);
        assert_int_equal(a.ambiguous, ip_id ? 0 : 1);
        assert_int_equal(a.unseen, 1);
        mps_alignment_clear(&a);
    }
}

/* Timestamps distinguish a retransmission from the first transmission, if the path preserves them.
 * A packet with unique numbers matches even if its window changed. */
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
    part[3].window = 9; /* the path changed this window */
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
        cmocka_unit_test(test_ip_id),          cmocka_unit_test(test_order),
        cmocka_unit_test(test_disorder),       cmocka_unit_test(test_many_identical),
        cmocka_unit_test(test_one_missing),    cmocka_unit_test(test_determined_by_neighbours),
        cmocka_unit_test(test_run_of_resets),  cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_retransmission), cmocka_unit_test(test_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
