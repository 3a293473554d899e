/* test_tracker_states.c: how connections end and fall back, connections whose beginning was not
 * captured, handshake times.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "tracker/tracker_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))
#define PEER_DSN(n) (idsn_of(KS, 1) + (n))
#define SYN MPS_TCP_SYN
#define FIN MPS_TCP_FIN
#define RST MPS_TCP_RST

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

static void feed(bench *b, const wire *w, unsigned from, uint16_t flags, uint32_t seq, uint32_t ack)
{
    packet p = packet_new(w, from, flags, seq, ack, 0);
    bench_feed(b, &p);
}

static void test_subflow_states(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    bench_open(b, &w, 1, KC, KS);
    bench_join(b, &j, token_of(KS, 1), 1);
    feed(b, &w, 0, FIN, 1, 1);
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_OPEN);
    feed(b, &w, 1, FIN, 1, 2);
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_CLOSED);
    feed(b, &w, 0, RST, 2, 2); /* after both FINs it changes nothing */
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_CLOSED);
    packet p = packet_new(&j, 1, RST, 1, 1, 0);
    packet_tcprst(&p, 2);
    bench_feed(b, &p);
    assert_int_equal(subflow_info(b, 0, 1).state, MPS_SUBFLOW_RESET);
    assert_int_equal(subflow_info(b, 0, 1).reset_reason, 2);
    assert_int_equal(subflow_info(b, 0, 0).reset_reason, -1);
    /* Without DATA_FIN: the only accepted subflow was closed by FIN both ways. */
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_CLOSED);
}

static void test_reset(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), never = wire_new(3, 1002);
    bench_open(b, &w, 1, KC, KS);
    bench_join(b, &j, token_of(KS, 1), 1);
    packet p = packet_new(&never, 0, SYN, 0, 0, 0);
    packet_join_syn(&p, false, 5, token_of(KS, 1), 4);
    bench_feed(b, &p);
    feed(b, &w, 1, RST, 1, 1);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_OPEN);
    feed(b, &j, 0, RST, 1, 0);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_RESET);
}

static void test_fastclose(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    packet p = packet_new(&w, 0, RST, 1, 1, 0);
    packet_fastclose(&p, KS);
    bench_feed(b, &p);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_FASTCLOSED);
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_RESET);
}

static void open_partly(bench *b, const wire *w, bool server_agrees, bool client_confirms)
{
    packet p = packet_new(w, 0, SYN, 0, 0, 0);
    packet_capable(&p, 1, 1, 0, 0, 0);
    bench_feed(b, &p);
    p = packet_new(w, 1, SYN, 0, 1, 0);
    if (server_agrees)
        packet_capable(&p, 1, 1, 1, KS, 0);
    bench_feed(b, &p);
    p = packet_new(w, 0, 0, 1, 1, 0);
    if (client_confirms)
        packet_capable(&p, 1, 1, 2, KC, KS);
    bench_feed(b, &p);
}

/* Data in both directions without options is counted as data: the connection continues. */
static void check_fallen_back(bench *b, const wire *w, const char *reason)
{
    bench_plain(b, w, 0, 1, 500);
    bench_plain(b, w, 1, 1, 1000);
    bench_plain(b, w, 1, 1001, 1000);
    bench_plain(b, w, 1, 501, 1000);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.state, MPS_CONNECTION_FALLBACK);
    assert_string_equal(mps_fallback_reason(info.fallback), reason);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 500, 0, 0, 0);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_S2C), 2000, 1000, 0, 0);
    assert_int_equal(subflow_info(b, 0, 0).state, MPS_SUBFLOW_OPEN);
}

static void test_fallback_in_synack(void **state)
{
    wire w = wire_new(1, 1000);
    open_partly(*state, &w, false, false);
    check_fallen_back(*state, &w, "no MP_CAPABLE in SYN/ACK");
}

static void test_fallback_in_ack(void **state)
{
    wire w = wire_new(1, 1000);
    open_partly(*state, &w, true, false);
    check_fallen_back(*state, &w, "no MP_CAPABLE in ACK");
}

static void test_fallback_at_data(void **state)
{
    wire w = wire_new(1, 1000);
    open_partly(*state, &w, true, true);
    check_fallen_back(*state, &w, "options vanished after the handshake");
}

/* Options come in both directions, but the data has no mapping. */
static void test_fallback_without_mapping(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    mps_address address = {.length = 4, .bytes = {10, 0, 9, 9}};
    open_partly(b, &w, true, true);
    packet p = packet_new(&w, 1, 0, 1, 1, 0);
    packet_add_addr(&p, 4, &address);
    bench_feed(b, &p);
    bench_ack(b, &w, 0, PEER_DSN(1));
    check_fallen_back(b, &w, "data without mapping");
}

/* The opener sends mapped data, but receives segments without MPTCP. Then it gives up MPTCP,
 * too. */
static void test_fallback_of_peer(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    open_partly(b, &w, true, true);
    bench_data(b, &w, 0, 1, 500, DSN(1));
    bench_plain(b, &w, 0, 501, 100); /* it could be a lost mapping */
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
    feed(b, &w, 1, 0, 1, 501);
    bench_plain(b, &w, 0, 601, 400);
    assert_string_equal(mps_fallback_reason(connection_info(b, 0).fallback),
                        "options vanished after the handshake");
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 1000, 0, 0, 0);
}

static void feed_capable(bench *b, const wire *w, unsigned from, uint8_t version, unsigned keys)
{
    packet p = packet_new(w, from, SYN, 0, from, 0);
    packet_capable(&p, version, 1, keys, from ? KS : KC, 0);
    bench_feed(b, &p);
}

/* The client gives MPTCP up when its SYN gets no answer, whatever answer comes later. */
static void test_fallback_of_syn(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    feed_capable(b, &w, 0, 1, 0);
    feed(b, &w, 0, SYN, 0, 0);
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
    feed(b, &w, 1, SYN, 0, 1);
    feed(b, &w, 0, 0, 1, 1);
    check_fallen_back(b, &w, "SYN repeated without MP_CAPABLE");
}

static void test_fallback_of_syn_too_late(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    feed_capable(b, &w, 0, 1, 0);
    feed(b, &w, 0, SYN, 0, 0);
    feed_capable(b, &w, 1, 1, 1);
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
    feed(b, &w, 0, 0, 1, 1);
    check_fallen_back(b, &w, "SYN repeated without MP_CAPABLE");
}

static void test_fallback_of_version(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    feed_capable(b, &w, 0, 1, 0);
    feed_capable(b, &w, 1, 0, 1);
    feed(b, &w, 0, 0, 1, 1);
    check_fallen_back(b, &w, "wrong version in SYN/ACK");
}

/* Mapped data, then an infinite mapping. The other direction continues where its mappings ended. */
/* The third ACK shows the fallback, though nobody sends payload. The version was not agreed on. */
static void test_fallback_without_payload(void **state)
{
    bench *b = *state;
    for (unsigned answer = 0; answer < 2; answer++) {
        wire w = wire_new((uint8_t)(1 + answer), 1000);
        feed_capable(b, &w, 0, 1, 0);
        feed_capable(b, &w, 1, (uint8_t)answer, 1);
        feed(b, &w, 0, 0, 1, 1);
        mps_connection_info info = connection_info(b, answer);
        assert_int_equal(info.state, MPS_CONNECTION_FALLBACK);
        assert_int_equal(info.fallback,
                         answer == 0 ? MPS_FALLBACK_OTHER_VERSION : MPS_FALLBACK_PLAIN_ACK);
        assert_int_equal(info.version, 1);
    }
}

/* The client accepts the version of the SYN/ACK; or what has no option is not the third ACK. */
static void test_no_fallback_in_ack(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), x = wire_new(2, 1000);
    feed_capable(b, &w, 0, 1, 0);
    feed_capable(b, &w, 1, 0, 1);
    packet p = packet_new(&w, FROM_OPENER, MPS_TCP_ACK, 1, 1, 0);
    packet_capable(&p, 0, 1, 2, KC, KS);
    bench_feed(b, &p);
    feed(b, &w, 0, 0, 1, 1);
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
    assert_int_equal(connection_info(b, 0).version, 0);
    feed_capable(b, &x, 0, 1, 0);
    feed_capable(b, &x, 1, 1, 1);
    feed(b, &x, 0, 0, 101, 1);
    assert_int_equal(connection_info(b, 1).fallback, MPS_FALLBACK_NONE);
}

static void test_infinite_mapping(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    bench_data(b, &w, 0, 1, 1000, DSN(1));
    bench_data(b, &w, 1, 1, 200, PEER_DSN(1));
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_OPEN);
    packet p = packet_new(&w, 0, 0, 1001, 1, 500);
    packet_dss(&p, &(dss){.has_map = true, .dsn = DSN(1001), .ssn = 1001, .length = 0});
    mps_verdict v = bench_feed(b, &p);
    assert_int_equal(mps_tracker_dsn(b->tracker, &v).relative, 1001);
    bench_plain(b, &w, 0, 1501, 60000);
    v = bench_plain(b, &w, 0, 61501, 60000);
    assert_int_equal(mps_tracker_dsn(b->tracker, &v).relative, 61501);
    v = bench_plain(b, &w, 1, 201, 300);
    assert_int_equal(mps_tracker_dsn(b->tracker, &v).relative, 201);
    assert_string_equal(mps_fallback_reason(connection_info(b, 0).fallback), "infinite mapping");
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_FALLBACK);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 121500, 0, 0, 0);
    assert_sums(bench_sums(b, 0, 0, MPS_S2C), 500, 0, 0, 0);
}

/* MP_FAIL on the subflow explains the infinite mapping. On another subflow it does not. */
static void test_failed_checksum(void **state)
{
    bench *b = *state;
    for (unsigned other = 0; other < 2; other++) {
        wire w = wire_new((uint8_t)(1 + other), 1000), j = wire_new(9, (uint16_t)(1001 + other));
        uint8_t fail[12] = {MPS_TCP_OPTION_MPTCP, 12, MPS_MP_FAIL << 4};
        uint64_t key = KS + other;
        bench_open(b, &w, 1, KC + other, key);
        bench_join(b, &j, token_of(key, 1), 1);
        packet p = packet_new(other ? &j : &w, 1, 0, 1, 1, 0);
        packet_option(&p, fail, sizeof fail);
        bench_feed(b, &p);
        assert_int_equal(connection_info(b, other).fallback, MPS_FALLBACK_NONE);
        p = packet_new(&w, 0, 0, 1, 1, 500);
        packet_dss(&p, &(dss){.has_map = true, .dsn = idsn_of(KC + other, 1) + 1, .ssn = 1});
        bench_feed(b, &p);
        assert_string_equal(mps_fallback_reason(connection_info(b, other).fallback),
                            other ? "infinite mapping" : "DSS checksum failed");
    }
}

/* Data without a mapping between data with mappings: a mapping was lost, MPTCP continues. */
static void test_no_fallback(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    bench_data(b, &w, 0, 1, 1000, DSN(1));
    bench_plain(b, &w, 0, 1001, 1000);
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 1000, 0, 0, 1000);
}

/* A segment with numbers of both ends. */
static mps_verdict feed_middle(bench *b, const wire *w, unsigned from, uint32_t ssn, uint64_t dsn,
                               uint64_t ack, bool is_32)
{
    packet p = packet_new(w, from, 0, ssn, 1, 100);
    packet_dss(&p, &(dss){.has_map = true,
                          .has_ack = true,
                          .ack = ack,
                          .ack_is_32 = is_32,
                          .dsn = dsn,
                          .dsn_is_32 = is_32,
                          .ssn = ssn,
                          .length = 100});
    return bench_feed(b, &p);
}

/* Two subflows of one connection and one of another; no handshake was captured. */
static void start_in_middle(bench *b, bool is_32)
{
    wire w = wire_new(1, 50000), j = wire_new(2, 50001), other = wire_new(3, 50002);
    uint64_t c = UINT64_C(0x1234567890000000), s = UINT64_C(0x9876543280000000);
    uint64_t elsewhere = UINT64_C(0x4000000010000000);
    feed_middle(b, &w, 0, 70001, c, s, is_32);
    feed_middle(b, &other, 0, 90001, elsewhere, elsewhere, is_32);
    feed_middle(b, &j, 0, 5001, c + 200, s, is_32);
    feed_middle(b, &w, 0, 70101, c + 100, s, is_32);
    feed_middle(b, &j, 0, 5101, c, s, is_32); /* a reinjection */
    mps_verdict v = feed_middle(b, &j, 1, 1, s, c + 300, is_32);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.subflow_count, 2);
    assert_int_equal(info.version, -1);
    assert_int_equal(info.roles, MPS_ROLES_PORT);
    assert_int_equal(info.client_port, 50000);
    assert_false(info.has_token[0] || info.has_key[0] || info.has_token[1]);
    assert_int_equal(connection_info(b, 1).subflow_count, 1);
    assert_int_equal(subflow_info(b, 0, 1).initial, -1);
    assert_false(subflow_info(b, 0, 1).handshake_seen);
    assert_int_equal(subflow_info(b, 0, 1).handshake_rtt, -1);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 300, 0, 100, 0);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_S2C), 100, 0, 0, 0);
    assert_sums(bench_sums(b, 1, MPS_NONE, -1), 100, 0, 0, 0);
    mps_dsn dsn = mps_tracker_dsn(b->tracker, &v);
    assert_false(dsn.has_relative);
    assert_int_equal(dsn.has_absolute, !is_32);
    if (!is_32)
        assert_int_equal(dsn.absolute, s);
}

static void test_middle_64(void **state)
{
    start_in_middle(*state, false);
}

static void test_middle_32(void **state)
{
    start_in_middle(*state, true);
}

/* The server, whose port is the higher one, opened the second subflow. */
static void test_middle_flipped(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 50000), j = wire_new(2, 60000);
    uint64_t c = UINT64_C(0x1234567890000000), s = UINT64_C(0x9876543280000000);
    feed_middle(b, &w, 0, 70001, c, s, false);
    feed_middle(b, &w, 1, 70001, s, c + 100, false);
    feed_middle(b, &j, 0, 5001, s + 100, c + 100, false);
    feed_middle(b, &j, 1, 5001, c + 100, s + 200, false);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    assert_int_equal(subflow_info(b, 0, 1).initiator, MPS_S2C);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 200, 0, 0, 0);
    assert_sums(bench_sums(b, 0, 1, MPS_S2C), 100, 0, 0, 0);
}

/* Joins with the same receiver token belong to one connection, whatever their data is. */
static void test_middle_token(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), k = wire_new(3, 1002);
    bench_join(b, &w, 4711, 1);
    bench_join(b, &j, 4711, 2);
    bench_join(b, &k, 4712, 3);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.subflow_count, 2);
    assert_int_equal(info.roles, MPS_ROLES_JOIN);
    assert_true(info.has_token[1] && !info.has_token[0]);
    assert_int_equal(info.token[1], 4711);
    assert_int_equal(subflow_info(b, 0, 0).join_delay, -1);
}

/* A subflow whose mapping covers two segments. Its beginning follows from the second one. */
static void test_middle_unknown_isn(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 50000);
    uint64_t dsn = UINT64_C(0x1234567890000000);
    for (uint32_t i = 1; i < 3; i++) { /* the mapping's first segment was not captured */
        packet p = packet_new(&w, 0, 0, 7001 + 100 * i, 1, 100);
        packet_dss(&p, &(dss){.has_map = true, .dsn = dsn, .ssn = 7001, .length = 300});
        bench_feed(b, &p);
    }
    packet p = packet_new(&w, 0, 0, 7301, 1, 100);
    packet_dss(&p, &(dss){.has_map = true, .dsn = dsn + 300, .ssn = 7301, .length = 100});
    mps_verdict v = bench_feed(b, &p);
    assert_int_equal(mps_tracker_dsn(b->tracker, &v).absolute, dsn + 300);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 300, 0, 0, 0);
    assert_true(subflow_info(b, 0, 0).has_isn[0]);
    assert_int_equal(subflow_info(b, 0, 0).isn[0], w.isn[0]);
}

/* A TCP connection turns out to be MPTCP: numbers that were returned before are no longer right. */
static void test_plain_at_first(void **state)
{
    (void)state;
    bench *b = bench_new(MPS_TRACK_TCP);
    wire w = wire_new(1, 50000);
    uint32_t connection, subflow, generation = mps_tracker_generation(b->tracker);
    bench_plain(b, &w, 0, 1, 100);
    mps_tracker_numbers(b->tracker, 0, &connection, &subflow);
    assert_int_equal(connection, MPS_NONE);
    assert_int_equal(subflow, MPS_NONE);
    bench_data(b, &w, 0, 101, 100, 5000);
    mps_tracker_numbers(b->tracker, 0, &connection, &subflow);
    assert_int_equal(connection, 0);
    assert_int_equal(subflow, 0);
    assert_int_not_equal(mps_tracker_generation(b->tracker), generation);
    generation = mps_tracker_generation(b->tracker);
    wire next = wire_new(2, 1000);
    bench_open(b, &next, 1, KC, KS); /* MPTCP from the first segment on: nothing changes */
    assert_int_equal(mps_tracker_generation(b->tracker), generation);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 100, 0, 0, 100);
    bench_free(b);
}

/* The capture has the SYN/ACK before the SYN, and the ACK before both. */
static void test_handshake_out_of_order(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    packet ack = packet_new(&w, 0, 0, 1, 1, 0), synack = packet_new(&w, 1, SYN, 0, 1, 0);
    packet syn = packet_new(&w, 0, SYN, 0, 0, 0);
    packet_capable(&syn, 1, 1, 0, 0, 0);
    packet_capable(&synack, 1, 1, 1, KS, 0);
    packet_capable(&ack, 1, 1, 2, KC, KS);
    bench_feed(b, &ack);
    bench_feed(b, &synack);
    bench_feed(b, &syn);
    bench_data(b, &w, 1, 1, 100, PEER_DSN(1));
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.subflow_count, 1);
    assert_int_equal(info.accepted, 1);
    assert_int_equal(info.client_port, 1000);
    assert_true(info.has_key[0] && info.has_key[1]);
    assert_int_equal(info.key[1], KS);
    assert_int_equal(subflow_info(b, 0, 0).isn[0], w.isn[0]);
    assert_int_equal(subflow_info(b, 0, 0).isn[1], w.isn[1]);
    assert_sums(bench_sums(b, 0, 0, MPS_S2C), 100, 0, 0, 0);
}

/* The third ACK was not captured: the client's key and its IDSN stay unknown. */
static void test_ack_missing(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    packet p = packet_new(&w, 0, SYN, 0, 0, 0);
    packet_capable(&p, 1, 1, 0, 0, 0);
    bench_feed(b, &p);
    p = packet_new(&w, 1, SYN, 0, 1, 0);
    packet_capable(&p, 1, 1, 1, KS, 0);
    bench_feed(b, &p);
    bench_join(b, &j, token_of(KS, 1), 4);
    mps_verdict v = bench_data(b, &w, 0, 1, 100, DSN(1));
    assert_false(mps_tracker_dsn(b->tracker, &v).has_relative);
    assert_int_equal(mps_tracker_dsn(b->tracker, &v).absolute, DSN(1));
    bench_data(b, &j, 0, 1, 100, DSN(51));
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.accepted, 2);
    assert_false(info.has_key[0] || info.has_token[0]);
    assert_int_equal(info.fallback, MPS_FALLBACK_NONE);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 150, 0, 50, 0);
}

/* The 64-bit DSN wraps. */
static void test_end_of_64_bits(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 50000);
    uint64_t dsn = UINT64_MAX - 149;
    for (uint32_t i = 0; i < 4; i++) {
        mps_verdict v = bench_data(b, &w, 0, 1 + 100 * i, 100, dsn + 100 * i);
        assert_int_equal(mps_tracker_dsn(b->tracker, &v).absolute, dsn + 100 * i);
    }
    bench_data(b, &w, 0, 401, 200, dsn + 100);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 400, 0, 200, 0);
}

/* SYNs at 0 and 1 s, SYN/ACK at `synack`, ACK 20 ms later. All times are ns. */
static int64_t rtt_of_repeated_syn(bench *b, bool timestamps, uint32_t echoed, int64_t synack)
{
    wire w = wire_new(1, 1000);
    int64_t begin = b->time;
    for (unsigned i = 0; i < 2; i++) {
        packet p = packet_new(&w, 0, SYN, 0, 0, 0);
        packet_capable(&p, 1, 1, 0, 0, 0);
        if (timestamps)
            packet_timestamps(&p, 5000 + 1000 * i, 0);
        b->time = begin + i * INT64_C(1000000000);
        bench_feed(b, &p);
    }
    packet p = packet_new(&w, 1, SYN, 0, 1, 0);
    packet_capable(&p, 1, 1, 1, KS, 0);
    if (timestamps)
        packet_timestamps(&p, 99, echoed);
    b->time = begin + synack;
    bench_feed(b, &p);
    p = packet_new(&w, 0, 0, 1, 1, 0);
    packet_capable(&p, 1, 1, 2, KC, KS);
    b->time = begin + synack + 20000000;
    bench_feed(b, &p);
    return subflow_info(b, 0, 0).handshake_rtt;
}

static void test_rtt(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    bench_open(b, &w, 1, KC, KS);
    assert_int_equal(subflow_info(b, 0, 0).handshake_rtt, 2 * b->step);
    b->step *= 5;
    bench_join(b, &j, token_of(KS, 1), 4);
    assert_int_equal(subflow_info(b, 0, 1).handshake_rtt, 2 * b->step);
}

static void test_rtt_last_syn(void **state)
{
    assert_int_equal(rtt_of_repeated_syn(*state, true, 6000, 1050000000), 70000000);
}

/* A repeated SYN/ACK echoes the first SYN, too: an echo of it does not show what was answered. */
static void test_rtt_first_syn(void **state)
{
    assert_int_equal(rtt_of_repeated_syn(*state, true, 5000, 1050000000), -1);
}

static void test_rtt_ambiguous(void **state)
{
    assert_int_equal(rtt_of_repeated_syn(*state, false, 0, 1050000000), -1);
}

static void test_rtt_odd_echo(void **state)
{
    assert_int_equal(rtt_of_repeated_syn(*state, true, 5500, 1050000000), -1);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_subflow_states),
        CASE(test_reset),
        CASE(test_fastclose),
        CASE(test_fallback_in_synack),
        CASE(test_fallback_in_ack),
        CASE(test_fallback_at_data),
        CASE(test_fallback_without_payload),
        CASE(test_no_fallback_in_ack),
        CASE(test_infinite_mapping),
        CASE(test_no_fallback),
        CASE(test_middle_64),
        CASE(test_middle_32),
        CASE(test_middle_flipped),
        CASE(test_middle_token),
        CASE(test_middle_unknown_isn),
        cmocka_unit_test(test_plain_at_first),
        CASE(test_handshake_out_of_order),
        CASE(test_ack_missing),
        CASE(test_end_of_64_bits),
        CASE(test_rtt),
        CASE(test_rtt_last_syn),
        CASE(test_rtt_first_syn),
        CASE(test_rtt_ambiguous),
        CASE(test_rtt_odd_echo),
        CASE(test_fallback_without_mapping),
        CASE(test_fallback_of_syn),
        CASE(test_fallback_of_syn_too_late),
        CASE(test_fallback_of_version),
        CASE(test_failed_checksum),
        CASE(test_fallback_of_peer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
