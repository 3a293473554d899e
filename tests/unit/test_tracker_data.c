/* test_tracker_data.c: mappings, retransmission and reinjection, wrap, captures that start in the
 * middle, against figures worked out by hand.
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
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define PEER_DSN(n) (idsn_of(KS, 1) + (n))

/* A connection with its initial subflow and a joined one. */
typedef struct {
    bench *b;
    wire w, j;
} two_subflows;

static int setup(void **state)
{
    two_subflows *t = g_new0(two_subflows, 1);
    t->b = bench_new(MPS_TRACK_MPTCP);
    t->w = wire_new(1, 1000);
    t->j = wire_new(2, 1001);
    bench_open(t->b, &t->w, 1, KC, KS);
    bench_join(t->b, &t->j, token_of(KS, 1), 1);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    two_subflows *t = *state;
    bench_free(t->b);
    g_free(t);
    return 0;
}

/* A segment from the client with a mapping of any extent. */
static mps_verdict feed_mapped(bench *b, const wire *w, uint32_t ssn, uint32_t length,
                               uint32_t map_ssn, uint16_t map_length, uint64_t dsn)
{
    packet p = packet_new(w, 0, 0, ssn, 1, length);
    packet_dss(&p, &(dss){.has_map = true, .dsn = dsn, .ssn = map_ssn, .length = map_length});
    return bench_feed(b, &p);
}

static void check_dsn(const bench *b, const mps_verdict *v, uint64_t relative)
{
    assert_true(v->has_dsn);
    assert_true(mps_tracker_dsn(b->tracker, v).has_relative);
    assert_int_equal(mps_tracker_dsn(b->tracker, v).relative, relative);
    assert_int_equal(mps_tracker_dsn(b->tracker, v).absolute, DSN(relative));
}

static void test_mapping_on_first_only(void **state)
{
    two_subflows *t = *state;
    feed_mapped(t->b, &t->w, 1, 1000, 1, 3000, DSN(1));
    mps_verdict v = bench_plain(t->b, &t->w, 0, 1001, 1000);
    check_dsn(t->b, &v, 1001);
    bench_plain(t->b, &t->w, 0, 2001, 1000);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 3000, 0, 0, 0);
    assert_sums(bench_sums(t->b, 0, 1, -1), 0, 0, 0, 0);
}

static void test_mapping_on_all(void **state)
{
    two_subflows *t = *state;
    for (uint32_t i = 0; i < 3; i++) {
        mps_verdict v = feed_mapped(t->b, &t->w, 1 + 1000 * i, 1000, 1, 3000, DSN(1));
        check_dsn(t->b, &v, 1 + 1000 * i);
        assert_int_equal(v.data, 1000);
    }
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 3000, 0, 0, 0);
}

/* A coalesced segment keeps only the option of one of its two mappings. The other mapping came
 * before. */
static void test_segment_spans_mappings(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->j, 0, 1, 500, DSN(501));
    feed_mapped(t->b, &t->w, 1, 200, 1, 500, DSN(1));
    mps_verdict v = feed_mapped(t->b, &t->w, 201, 700, 501, 400, DSN(1001));
    check_dsn(t->b, &v, 201);
    assert_int_equal(v.data, 700);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 900, 0, 0, 0);
    assert_sums(bench_sums(t->b, 0, MPS_NONE, MPS_C2S), 1400, 0, 0, 0);
}

/* Bytes are unmapped when they come, and data once the mapping came. Some are a reinjection. */
static void test_mapping_late(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->j, 0, 1, 100, DSN(901));
    mps_verdict v = bench_plain(t->b, &t->w, 0, 1, 1000);
    assert_int_equal(v.unmapped, 1000);
    assert_false(v.has_dsn);
    bench_plain(t->b, &t->w, 0, 2001, 500);
    bench_plain(t->b, &t->w, 0, 2001, 500); /* a retransmission: it stays one */
    v = feed_mapped(t->b, &t->w, 1001, 1000, 1, 3000, DSN(1));
    assert_int_equal(v.unmapped, -1500);
    assert_int_equal(v.data, 1000 + 1500 - 100);
    assert_int_equal(v.reinjected, 100);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 2400, 500, 100, 0);
    bench_plain(t->b, &t->w, 0, 2501, 700); /* 500 of them mapped */
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 2900, 500, 100, 200);
}

static void test_retransmission(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->w, 0, 1, 1000, DSN(1));
    mps_verdict v = bench_data(t->b, &t->w, 0, 1, 1000, DSN(1));
    assert_int_equal(v.retransmitted, 1000);
    assert_int_equal(v.data, 0);
    check_dsn(t->b, &v, 1);
    v = bench_data(t->b, &t->w, 0, 501, 1000, DSN(501)); /* half of the bytes are new */
    assert_int_equal(v.retransmitted, 500);
    assert_int_equal(v.data, 500);
    bench_data(t->b, &t->w, 0, 2001, 100, DSN(2001)); /* leaves a gap */
    v = bench_data(t->b, &t->w, 0, 1001, 2000, DSN(1001));
    assert_int_equal(v.retransmitted, 600);
    assert_int_equal(v.data, 1400);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 3000, 2100, 0, 0);
}

static void test_reinjection(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->w, 0, 1, 1000, DSN(1));
    mps_verdict v = bench_data(t->b, &t->j, 0, 1, 600, DSN(701));
    assert_int_equal(v.reinjected, 300);
    assert_int_equal(v.data, 300);
    v = bench_data(t->b, &t->j, 0, 1, 600, DSN(701));
    assert_int_equal(v.retransmitted, 600);
    v = bench_data(t->b, &t->w, 0, 1001, 1300, DSN(1)); /* new SSN, same subflow */
    assert_int_equal(v.reinjected, 1300);
    check_dsn(t->b, &v, 1);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 1000, 0, 1300, 0);
    assert_sums(bench_sums(t->b, 0, 1, MPS_C2S), 300, 600, 300, 0);
}

/* A keep-alive probe repeats the last byte, or carries none. */
static void test_keep_alive(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->w, 0, 1, 1000, DSN(1));
    mps_verdict v = bench_plain(t->b, &t->w, 0, 1000, 1);
    assert_int_equal(v.retransmitted, 1);
    v = bench_plain(t->b, &t->w, 0, 1000, 0);
    assert_int_equal(v.length, 0);
    assert_false(v.has_dsn);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 1000, 1, 0, 0);
    assert_int_equal(connection_info(t->b, 0).fallback, MPS_FALLBACK_NONE);
}

static void test_data_fin(void **state)
{
    two_subflows *t = *state;
    packet p = packet_new(&t->w, 0, 0, 1, 1, 100); /* after 100 bytes of data */
    packet_dss(&p, &(dss){.has_map = true, .fin = true, .dsn = DSN(1), .ssn = 1, .length = 101});
    mps_verdict v = bench_feed(t->b, &p);
    assert_true(v.data_fin);
    check_dsn(t->b, &v, 1);
    p = packet_new(&t->j, 0, 0, 1, 1, 0); /* without data */
    packet_dss(&p, &(dss){.has_map = true, .fin = true, .dsn = DSN(101), .length = 1});
    v = bench_feed(t->b, &p);
    assert_true(v.data_fin);
    check_dsn(t->b, &v, 101);
    assert_sums(bench_sums(t->b, 0, MPS_NONE, MPS_C2S), 100, 0, 0, 0);
    bench_ack(t->b, &t->w, 1, DSN(101));
    p = packet_new(&t->w, 1, 0, 1, 1, 0);
    packet_dss(&p, &(dss){.has_map = true, .fin = true, .dsn = PEER_DSN(1), .length = 1});
    bench_feed(t->b, &p);
    bench_ack(t->b, &t->w, 0, PEER_DSN(2));
    assert_int_equal(connection_info(t->b, 0).state,
                     MPS_CONNECTION_OPEN); /* one DATA_FIN is not acknowledged */
    bench_ack(t->b, &t->j, 1, DSN(102));
    assert_int_equal(connection_info(t->b, 0).state, MPS_CONNECTION_CLOSED);
    assert_sums(bench_sums(t->b, 0, MPS_NONE, -1), 100, 0, 0, 0);
}

/* Sending 2^32 bytes would take too many segments: the DSN jumps by less than 2^31 each time. */
static void test_wrap_of_32_bit_dsn(void **state)
{
    two_subflows *t = *state;
    uint64_t at = 1;
    for (uint32_t i = 0; i < 12; i++) {
        packet p = packet_new(&t->w, 0, 0, 1 + 1000 * i, 1, 1000);
        packet_dss(&p, &(dss){.has_map = true,
                              .dsn_is_32 = true,
                              .dsn = (uint32_t)DSN(at),
                              .ssn = 1 + 1000 * i,
                              .length = 1000});
        mps_verdict v = bench_feed(t->b, &p);
        check_dsn(t->b, &v, at);
        assert_int_equal(v.data, 1000);
        at += UINT64_C(1) << 30;
    }
    packet p = packet_new(&t->w, 0, 0, 12001, 1, 1000); /* within reach below the highest number */
    at -= (UINT64_C(1) << 30) + 1000;
    packet_dss(&p, &(dss){.has_map = true,
                          .dsn_is_32 = true,
                          .dsn = (uint32_t)DSN(at),
                          .ssn = 12001,
                          .length = 1000});
    mps_verdict v = bench_feed(t->b, &p);
    check_dsn(t->b, &v, at);
    v = bench_data(t->b, &t->j, 0, 1, 2000, DSN(at)); /* the same bytes with DSNs of 64 bits */
    assert_int_equal(v.reinjected, 2000);
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 13000, 0, 0, 0);
}

static void test_wrap_of_ssn(void **state)
{
    two_subflows *t = *state;
    for (unsigned i = 0; i < 3; i++) {
        static const uint32_t isns[] = {UINT32_MAX - 1500, UINT32_MAX, UINT32_MAX - 1};
        wire k = wire_new((uint8_t)(10 + i), 1002);
        k.isn[0] = isns[i];
        uint64_t dsn = 1 + 100000 * i;
        bench_join(t->b, &k, token_of(KS, 1), 2 + i);
        bench_data(t->b, &k, 0, 1, 1000, DSN(dsn));
        mps_verdict v = bench_data(t->b, &k, 0, 1001, 1000, DSN(dsn + 1000)); /* wraps */
        check_dsn(t->b, &v, dsn + 1000);
        bench_data(t->b, &k, 0, 2001, 1000, DSN(dsn + 2000));
        v = bench_data(t->b, &k, 0, 501, 2000, DSN(dsn + 500));
        assert_int_equal(v.retransmitted, 2000);
        assert_sums(bench_sums(t->b, 0, 2 + i, MPS_C2S), 3000, 2000, 0, 0);
    }
}

/* More than 4 GiB on one subflow: the 32-bit SSN in the mapping wraps. */
static void test_long_subflow(void **state)
{
    two_subflows *t = *state;
    uint64_t at = 1;
    for (unsigned i = 0; i < 20; i++) {
        mps_verdict v = bench_data(t->b, &t->w, 0, (uint32_t)at, 1000, DSN(at));
        check_dsn(t->b, &v, at);
        at += UINT64_C(1) << 29;
    }
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 20000, 0, 0, 0);
}

/* Two subflows that take turns have a mapping per segment. Acknowledged mappings are forgotten, and
 * counts stay right. */
static void test_many_mappings(void **state)
{
    two_subflows *t = *state;
    for (uint32_t i = 0; i < 500; i++) {
        const wire *w = i % 2 ? &t->j : &t->w;
        mps_verdict v = bench_data(t->b, w, 0, 1 + i / 2 * 10, 10, DSN(1 + 10 * i));
        assert_int_equal(v.data, 10);
        packet p = packet_new(w, 1, 0, 1, 1 + i / 2 * 10 + 10, 0);
        bench_feed(t->b, &p);
    }
    mps_verdict v = bench_data(t->b, &t->w, 0, 1, 10, DSN(1)); /* acknowledged long ago */
    assert_int_equal(v.retransmitted, 10);
    check_dsn(t->b, &v, 1);
    assert_sums(bench_sums(t->b, 0, MPS_NONE, MPS_C2S), 5000, 10, 0, 0);
}

/* Inconsistent copies of a mapping: bytes that are mapped keep their numbers. */
static void test_mapping_contradicted(void **state)
{
    two_subflows *t = *state;
    bench_data(t->b, &t->w, 0, 1, 1000, DSN(1));
    feed_mapped(t->b, &t->w, 1001, 1000, 1, 2000, DSN(5001));
    assert_sums(bench_sums(t->b, 0, 0, MPS_C2S), 2000, 0, 0, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_mapping_on_first_only),
        CASE(test_mapping_on_all),
        CASE(test_segment_spans_mappings),
        CASE(test_mapping_late),
        CASE(test_retransmission),
        CASE(test_reinjection),
        CASE(test_keep_alive),
        CASE(test_data_fin),
        CASE(test_wrap_of_32_bit_dsn),
        CASE(test_wrap_of_ssn),
        CASE(test_long_subflow),
        CASE(test_many_mappings),
        CASE(test_mapping_contradicted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
