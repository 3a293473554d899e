/* test_tracker_hostile.c: nonsense, and segments made to cost time. If the tracker had an operation
 * that takes too long with them, the test would take minutes and exceed its time limit.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))

static int setup(void **state)
{
    *state = bench_new(MPS_TRACK_MPTCP);
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

static uint32_t below(GRand *random, uint32_t limit)
{
    return (uint32_t)(((uint64_t)g_rand_int(random) * limit) >> 32);
}

/* A number that is small, random or about to wrap. */
static uint32_t odd_number(GRand *random)
{
    switch (below(random, 4)) {
    case 0:
        return g_rand_int(random);
    case 1:
        return UINT32_MAX - below(random, 70000);
    default:
        return below(random, 200000);
    }
}

static uint64_t odd_long(GRand *random)
{
    if (below(random, 3) == 0)
        return (uint64_t)odd_number(random) << 32 | odd_number(random);
    return (below(random, 2) ? idsn_of(KC, 1) : idsn_of(KS, 1)) + odd_number(random);
}

static void add_odd_dss(GRand *random, packet *p)
{
    packet_dss(p, &(dss){
                      .has_ack = below(random, 2),
                      .ack_is_32 = below(random, 2),
                      .ack = odd_long(random),
                      .has_map = below(random, 4) > 0,
                      .dsn_is_32 = below(random, 2),
                      .dsn = odd_long(random),
                      .fin = below(random, 20) == 0,
                      .ssn = odd_number(random),
                      .length = (uint16_t)(below(random, 50) ? odd_number(random) : 0),
                  });
}

static void add_odd_option(GRand *random, packet *p)
{
    uint64_t keys[4] = {KC, KS, 1, 2}, own = keys[below(random, 4)], other = keys[below(random, 4)];
    uint8_t id = (uint8_t)below(random, 4), version = (uint8_t)below(random, 3);
    uint32_t token = token_of(own, version == 0 ? 0 : 1);
    switch (below(random, 12)) {
    case 0:
        packet_capable(p, version, (uint8_t)g_rand_int(random), below(random, 3), own, other);
        break;
    case 1:
        packet_capable_data(p, 1, own, other, (uint16_t)odd_number(random));
        break;
    case 2:
        packet_join_syn(p, id & 1, id, below(random, 2) ? token : below(random, 5), id);
        break;
    case 3:
        packet_join_synack(p, id & 1, id, id);
        break;
    case 4:
        packet_join_ack(p);
        break;
    case 5:
        packet_prio(p, id & 1, (int)id - 1);
        break;
    case 6:
        if (below(random, 30) == 0)
            packet_fastclose(p, own);
        else
            packet_tcprst(p, id);
        break;
    case 7:
        packet_add_addr(p, id, &p->source);
        break;
    default:
        add_odd_dss(random, p);
    }
}

static packet odd_packet(GRand *random)
{
    static const uint16_t flags[] = {0, 0, 0, 0, 0, 0, MPS_TCP_PSH, MPS_TCP_FIN, MPS_TCP_RST};
    wire w = wire_new((uint8_t)below(random, 4), (uint16_t)(78 + below(random, 5)));
    if (below(random, 3))
        w.isn[0] = w.isn[1] = 0;
    packet p = packet_new(&w, below(random, 2), flags[below(random, G_N_ELEMENTS(flags))],
                          odd_number(random), odd_number(random),
                          below(random, 3) ? below(random, 3000) : below(random, 65000));
    if (below(random, 40) == 0) {
        p.flags |= MPS_TCP_SYN;
        p.flags &= below(random, 2) ? 0xfff : ~MPS_TCP_ACK & 0xfff;
        p.seq = below(random, 3) ? w.isn[0] : p.seq;
    }
    if (below(random, 3))
        add_odd_option(random, &p);
    if (p.options_length <= 12)
        add_odd_dss(random, &p);
    return p;
}

static void check_numbers(const bench *b)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < mps_tracker_connections(b->tracker); i++) {
        mps_connection_info info = connection_info(b, i);
        assert_int_equal(info.number, i);
        assert_true(info.subflow_count > 0 && info.accepted <= info.subflow_count);
        assert_true(info.start <= info.end);
        for (uint32_t k = 0; k < info.subflow_count; k++)
            subflow_info(b, i, k);
        count += info.subflow_count;
    }
    assert_true(count <= mps_tracker_subflows(b->tracker));
}

static void run_random(guint32 seed, mps_track what, unsigned segments)
{
    GRand *random = g_rand_new_with_seed(seed);
    bench *b = bench_new(what);
    for (unsigned i = 0; i < segments; i++) {
        packet p = odd_packet(random);
        mps_verdict v = bench_feed(b, &p);
        if (!b->taken)
            continue;
        assert_int_equal(v.length, p.length);
        assert_int_equal((int64_t)v.data + v.retransmitted + v.reinjected + v.unmapped, v.length);
        mps_tracker_dsn(b->tracker, &v);
        if (i % 1000 == 0)
            check_numbers(b);
    }
    check_numbers(b);
    for (int direction = 0; direction < 2; direction++) {
        sums s = bench_sums(b, MPS_NONE, MPS_NONE, direction);
        assert_true(s.data >= 0 && s.reinjected >= 0 && s.unmapped >= 0);
        assert_int_equal(s.bytes, s.data + s.retransmitted + s.reinjected + s.unmapped);
    }
    bench_free(b);
    g_rand_free(random);
}

static void test_random(void **state)
{
    (void)state;
    run_random(8684, MPS_TRACK_MPTCP, 60000);
    run_random(6824, MPS_TRACK_TCP, 60000);
    for (guint32 seed = 0; seed < 80; seed++) /* many short runs, with different beginnings */
        run_random(seed, seed % 2 ? MPS_TRACK_TCP : MPS_TRACK_MPTCP, 1000);
}

/* Payload and mappings with a gap before each, from high to low. */
static void test_descending(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    for (uint32_t i = 200000; i > 0; i--) {
        mps_verdict v = bench_data(b, &w, 0, 100 * i, 10, DSN(50 * (uint64_t)i));
        assert_int_equal(v.data, 10);
    }
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 2000000, 0, 0, 0);
}

/* Mappings that are never trimmed, because a gap stays below them, and ACKs that look for it. */
static void test_hole(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    for (uint32_t i = 1; i < 100000; i++) {
        bench_data(b, &w, 0, 1 + 10 * i, 10, DSN(20 * (uint64_t)i));
        packet p = packet_new(&w, 1, 0, 1, 11 + 10 * i, 0);
        bench_feed(b, &p);
    }
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 999990, 0, 0, 0);
}

/* The same keys again and again. */
static void test_one_token(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < 40000; i++) {
        wire w = wire_new((uint8_t)(i % 100), (uint16_t)(1000 + i / 100));
        bench_open(b, &w, 1, KC, KS);
    }
    assert_int_equal(mps_tracker_connections(b->tracker), 40000);
}

/* Subflows that fit no connection; each is compared with those before. */
static void test_strays(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < 20000; i++) {
        wire w = wire_new((uint8_t)(i % 100), (uint16_t)(1000 + i / 100));
        bench_ack(b, &w, 1, (uint64_t)i << 40);
        bench_ack(b, &w, 1, (uint64_t)i << 40);
    }
    assert_int_equal(mps_tracker_connections(b->tracker), 20000);
}

/* Every second connection is merged into another, and numbers are asked for each time. */
static void test_merges(void **state)
{
    bench *b = *state;
    for (uint32_t i = 0; i < 20000; i++) {
        wire w = wire_new((uint8_t)(i % 100), (uint16_t)(1000 + i / 100));
        wire j = wire_new((uint8_t)(100 + i % 100), (uint16_t)(1000 + i / 100));
        uint32_t connection, subflow;
        bench_join(b, &j, token_of(KS + i, 1), i);
        bench_open(b, &w, 1, KC + i, KS + i);
        mps_tracker_numbers(b->tracker, 2 * i, &connection, &subflow);
        assert_int_equal(connection, i);
    }
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random), CASE(test_descending), CASE(test_hole),
        CASE(test_one_token),          CASE(test_strays),     CASE(test_merges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
