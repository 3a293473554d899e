/* test_tracker.c: handshakes, joins, numbers and states, against figures worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "tracker/tracker_state.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define SYN MPS_TCP_SYN

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

/* `printf '\1\2\3\4\5\6\7\10' | sha256sum` (and sha1sum). */
static void test_known_key(void **state)
{
    (void)state;
    assert_int_equal(token_of(KC, 1), 0x66840dda);
    assert_int_equal(idsn_of(KC, 1), UINT64_C(0xf5a101d3d29d6f72));
    assert_int_equal(token_of(KC, 0), 0xdd5783bc);
    assert_int_equal(idsn_of(KC, 0), UINT64_C(0x3a95ed6e4ebb4ad5));
}

static void check_opened(bench *b, const wire *w, int version)
{
    bench_open(b, w, version, KC, KS);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.version, version);
    assert_int_equal(info.roles, MPS_ROLES_HANDSHAKE);
    assert_true(info.has_key[0] && info.has_key[1] && info.has_token[0] && info.has_token[1]);
    assert_int_equal(info.key[0], KC);
    assert_int_equal(info.key[1], KS);
    assert_int_equal(info.token[0], token_of(KC, version));
    assert_int_equal(info.token[1], token_of(KS, version));
    assert_int_equal(info.checksum, 0);
    assert_int_equal(info.client_port, w->port[0]);
    assert_int_equal(info.server_port, 80);
    assert_int_equal(mps_address_compare(&info.client, &w->address[0]), 0);
    assert_int_equal(info.subflow_count, 1);
    assert_int_equal(info.accepted, 1);
    assert_int_equal(info.state, MPS_CONNECTION_OPEN);
    assert_int_equal(info.fallback, MPS_FALLBACK_NONE);
    assert_int_equal(info.end - info.start, 2 * b->step);
}

static void check_idsn(bench *b, const wire *w, int version)
{
    mps_verdict v = bench_data(b, w, FROM_OPENER, 1, 100, idsn_of(KC, version) + 1);
    mps_dsn dsn = mps_tracker_dsn(b->tracker, &v);
    assert_true(v.has_dsn && dsn.has_absolute && dsn.has_relative);
    assert_int_equal(dsn.absolute, idsn_of(KC, version) + 1);
    assert_int_equal(dsn.relative, 1);
    v = bench_data(b, w, FROM_PEER, 1, 50, idsn_of(KS, version) + 11);
    dsn = mps_tracker_dsn(b->tracker, &v);
    assert_int_equal(dsn.absolute, idsn_of(KS, version) + 11);
    assert_int_equal(dsn.relative, 11);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 100, 0, 0, 0);
    assert_sums(bench_sums(b, 0, 0, MPS_S2C), 50, 0, 0, 0);
}

static void test_handshake_v1(void **state)
{
    wire w = wire_new(1, 1000);
    check_opened(*state, &w, 1);
    check_idsn(*state, &w, 1);
    mps_subflow_info s = subflow_info(*state, 0, 0);
    assert_int_equal(s.initial, 1);
    assert_int_equal(s.initiator, MPS_C2S);
    assert_true(s.handshake_seen && s.has_isn[0] && s.has_isn[1]);
    assert_int_equal(s.isn[0], w.isn[0]);
    assert_int_equal(s.isn[1], w.isn[1]);
    assert_int_equal(s.state, MPS_SUBFLOW_OPEN);
    assert_int_equal(s.join_delay, -1);
    assert_int_equal(s.backup, 0);
}

static void test_handshake_v0(void **state)
{
    wire w = wire_new(1, 1000);
    check_opened(*state, &w, 0);
    check_idsn(*state, &w, 0);
}

/* The handshake's ACK carries data, later segments have a DSS. */
static void test_first_data(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    packet p = packet_new(&w, 0, SYN, 0, 0, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC | MPS_CAPABLE_CHECKSUM, 0, 0, 0);
    bench_feed(b, &p);
    p = packet_new(&w, 1, SYN, 0, 1, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 1, KS, 0);
    bench_feed(b, &p);
    for (unsigned i = 0; i < 2; i++) { /* the second time it is a retransmission */
        p = packet_new(&w, 0, MPS_TCP_PSH, 1, 1, 300);
        packet_capable_data(&p, MPS_CAPABLE_HMAC | MPS_CAPABLE_CHECKSUM, KC, KS, 300);
        mps_verdict v = bench_feed(b, &p);
        assert_true(v.has_dsn);
        assert_int_equal(mps_tracker_dsn(b->tracker, &v).relative, 1);
        assert_int_equal(v.retransmitted, i ? 300 : 0);
    }
    bench_data(b, &w, 0, 301, 100, idsn_of(KC, 1) + 301);
    assert_sums(bench_sums(b, 0, 0, MPS_C2S), 400, 300, 0, 0);
    assert_int_equal(connection_info(b, 0).checksum, 1);
    assert_int_equal(connection_info(b, 0).fallback, MPS_FALLBACK_NONE);
}

static void test_joins(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), by_client = wire_new(2, 1001), by_server = wire_new(3, 1002);
    bench_open(b, &w, 1, KC, KS);
    int64_t opened = b->time - 3 * b->step;
    bench_join(b, &by_client, token_of(KS, 1), 77);
    bench_join(b, &by_server, token_of(KC, 1), 88);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    assert_int_equal(connection_info(b, 0).subflow_count, 3);
    assert_int_equal(connection_info(b, 0).accepted, 3);
    mps_subflow_info s = subflow_info(b, 0, 1);
    assert_int_equal(s.initial, 0);
    assert_int_equal(s.initiator, MPS_C2S);
    assert_int_equal(s.address_id[0], 3);
    assert_int_equal(s.address_id[1], 4);
    assert_int_equal(s.nonce[0], 77);
    assert_int_equal(s.nonce[1], 78);
    assert_int_equal(s.join_delay, 3 * b->step);
    assert_int_equal(s.start - opened, 3 * b->step);
    s = subflow_info(b, 0, 2);
    assert_int_equal(s.initiator, MPS_S2C);
    assert_int_equal(s.port[0], 80); /* the client's end is where the SYN went to */
    assert_int_equal(s.port[1], 1002);
    assert_int_equal(s.address_id[1], 3);
    assert_int_equal(s.nonce[1], 88);
    assert_int_equal(s.isn[1], by_server.isn[0]);
    bench_data(b, &by_client, 0, 1, 10, idsn_of(KC, 1) + 1);
    bench_data(b, &by_server, 0, 1, 20, idsn_of(KS, 1) + 1);
    bench_data(b, &by_server, 1, 1, 30, idsn_of(KC, 1) + 11);
    assert_sums(bench_sums(b, 0, 2, MPS_S2C), 20, 0, 0, 0);
    assert_sums(bench_sums(b, 0, 2, MPS_C2S), 30, 0, 0, 0);
    assert_sums(bench_sums(b, 0, MPS_NONE, MPS_C2S), 40, 0, 0, 0);
}

/* The capture has the MP_JOIN and its data before the handshake that shows whose token it is. */
static void join_before(bench *b, bool by_server)
{
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), other = wire_new(9, 999);
    uint64_t own = by_server ? KS : KC, theirs = by_server ? KC : KS;
    bench_join(b, &j, token_of(theirs, 1), 5);
    bench_data(b, &j, 0, 1, 100, idsn_of(own, 1) + 101);
    bench_data(b, &j, 1, 1, 40, idsn_of(theirs, 1) + 1);
    uint32_t connection, subflow;
    bench_open(b, &other, 1, 111, 222);
    uint32_t generation = mps_tracker_generation(b->tracker);
    mps_tracker_numbers(b->tracker, 1, &connection, &subflow);
    assert_int_equal(connection, 1);
    bench_open(b, &w, 1, KC, KS);
    assert_int_not_equal(generation, mps_tracker_generation(b->tracker));
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    mps_tracker_numbers(b->tracker, 2, &connection, &subflow);
    assert_int_equal(connection, 0);
    assert_int_equal(subflow, 1);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.roles, MPS_ROLES_HANDSHAKE);
    assert_int_equal(info.frame, 1);
    assert_int_equal(info.key[0], KC);
    assert_int_equal(info.token[1], token_of(KS, 1));
    assert_int_equal(info.client_port, 1000); /* of the initial subflow, although it comes second */
    assert_int_equal(subflow_info(b, 0, 0).initiator, by_server ? MPS_S2C : MPS_C2S);
    assert_int_equal(subflow_info(b, 0, 0).join_delay, 0);
    assert_int_equal(subflow_info(b, 0, 1).initial, 1);
    /* the same bytes on the initial subflow: a reinjection */
    bench_data(b, &w, by_server ? 1 : 0, 1, 200, idsn_of(own, 1) + 1);
    assert_sums(bench_sums(b, 0, MPS_NONE, by_server), 200, 0, 100, 0);
    assert_sums(bench_sums(b, 0, MPS_NONE, !by_server), 40, 0, 0, 0);
    mps_verdict *v = &g_array_index(b->verdicts, mps_verdict, 3);
    assert_int_equal(mps_tracker_dsn(b->tracker, v).relative, 101);
    assert_int_equal(mps_tracker_dsn(b->tracker, v).absolute, idsn_of(own, 1) + 101);
}

static void test_join_before_by_client(void **state)
{
    join_before(*state, false);
}

static void test_join_before_by_server(void **state)
{
    join_before(*state, true);
}

/* Two joins, one by each end, and then the handshake: all three are one connection. */
static void test_joins_before(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), k = wire_new(3, 1002);
    bench_join(b, &j, token_of(KS, 1), 5);
    bench_join(b, &k, token_of(KC, 1), 9);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    bench_open(b, &w, 1, KC, KS);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    assert_int_equal(subflow_info(b, 0, 0).initiator, MPS_C2S);
    assert_int_equal(subflow_info(b, 0, 1).initiator, MPS_S2C);
    assert_int_equal(subflow_info(b, 0, 2).initiator, MPS_C2S);
    assert_int_equal(connection_info(b, 0).accepted, 3);
}

static void test_join_refused(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), plain = wire_new(2, 1001), silent = wire_new(3, 1002);
    wire rejected = wire_new(4, 1003);
    bench_open(b, &w, 1, KC, KS);
    packet p = packet_new(&plain, 0, SYN, 0, 0, 0);
    packet_join_syn(&p, true, 1, token_of(KS, 1), 1);
    bench_feed(b, &p);
    p = packet_new(&plain, 1, SYN, 0, 1, 0);
    bench_feed(b, &p); /* a SYN/ACK without MP_JOIN */
    for (unsigned i = 0; i < 3; i++) {
        p = packet_new(&silent, 0, SYN, 0, 0, 0);
        packet_join_syn(&p, true, 1, token_of(KS, 1), 2);
        bench_feed(b, &p); /* a repetition: still one subflow */
    }
    p = packet_new(&rejected, 0, SYN, 0, 0, 0);
    packet_join_syn(&p, false, 1, token_of(KS, 1), 3);
    bench_feed(b, &p);
    p = packet_new(&rejected, 1, MPS_TCP_RST, 0, 1, 0);
    packet_tcprst(&p, 3);
    bench_feed(b, &p);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    mps_connection_info info = connection_info(b, 0);
    assert_int_equal(info.subflow_count, 4);
    assert_int_equal(info.accepted, 1);
    assert_int_equal(info.fallback, MPS_FALLBACK_NONE);
    assert_int_equal(subflow_info(b, 0, 2).state, MPS_SUBFLOW_SYN);
    assert_int_equal(subflow_info(b, 0, 2).backup, 1);
    assert_int_equal(subflow_info(b, 0, 3).state, MPS_SUBFLOW_RESET);
    assert_false(subflow_info(b, 0, 3).accepted);
    assert_int_equal(subflow_info(b, 0, 3).reset_reason, 3);
    assert_int_equal(info.state, MPS_CONNECTION_OPEN);
}

/* A SYN on the same ports with another ISN is a new TCP connection. With the same ISN it is not. */
static void test_ports_reused(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    for (unsigned i = 0; i < 2; i++) {
        packet p = packet_new(&w, 0, SYN, 0, 0, 0);
        packet_capable(&p, 1, 1, 0, 0, 0);
        bench_feed(b, &p);
    }
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    bench_open(b, &w, 1, KC, KS);
    bench_data(b, &w, 0, 1, 10, idsn_of(KC, 1) + 1);
    assert_int_equal(mps_tracker_connections(b->tracker), 1);
    w.isn[0] += 50;
    bench_open(b, &w, 1, KC + 1, KS + 1);
    bench_data(b, &w, 0, 1, 20, idsn_of(KC + 1, 1) + 1);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    assert_sums(bench_sums(b, 0, MPS_NONE, -1), 10, 0, 0, 0);
    assert_sums(bench_sums(b, 1, MPS_NONE, -1), 20, 0, 0, 0);
    w.isn[0] += 50; /* plain TCP on the same ports is not followed and changes nothing */
    packet p = packet_new(&w, 0, SYN, 0, 0, 0);
    bench_feed(b, &p);
    assert_false(b->taken);
    assert_int_equal(connection_info(b, 1).subflow_count, 1);
}

static void test_many(void **state)
{
    bench *b = *state;
    enum { COUNT = 50 };
    for (unsigned i = 0; i < COUNT; i++) {
        wire w = wire_new((uint8_t)(i % 7), (uint16_t)(1000 + i));
        bench_open(b, &w, (int)(i % 2), KC + i, KS + i);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        wire j = wire_new(20, (uint16_t)(1000 + i));
        bench_join(b, &j, token_of(KS + i, (int)(i % 2)), i);
        bench_data(b, &j, 0, 1, i + 1, idsn_of(KC + i, (int)(i % 2)) + 1);
    }
    assert_int_equal(mps_tracker_connections(b->tracker), COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_int_equal(connection_info(b, i).client_port, 1000 + i);
        assert_int_equal(connection_info(b, i).subflow_count, 2);
        assert_sums(bench_sums(b, i, 1, MPS_C2S), i + 1, 0, 0, 0);
    }
}

static void close_data(bench *b, const wire *w, uint64_t client_dsn, uint64_t server_dsn)
{
    uint64_t dsn[2] = {client_dsn, server_dsn};
    for (unsigned from = 0; from < 2; from++) {
        packet p = packet_new(w, from, 0, 1, 1, 0);
        packet_dss(&p, &(dss){.has_map = true, .fin = true, .dsn = dsn[from], .length = 1});
        mps_verdict v = bench_feed(b, &p);
        assert_true(v.data_fin);
        bench_ack(b, w, !from, dsn[from] + 1);
    }
}

/* Tokens are unique at one time only: the MP_JOIN belongs to the connection that has not ended. */
static void test_token_again(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), again = wire_new(1, 1001), j = wire_new(2, 1002);
    bench_open(b, &w, 1, KC, KS);
    close_data(b, &w, idsn_of(KC, 1) + 1, idsn_of(KS, 1) + 1);
    bench_open(b, &again, 1, KC, KS);
    bench_join(b, &j, token_of(KS, 1), 1);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_CLOSED);
    assert_int_equal(connection_info(b, 1).state, MPS_CONNECTION_OPEN);
    assert_int_equal(connection_info(b, 0).subflow_count, 1);
    assert_int_equal(connection_info(b, 1).subflow_count, 2);
}

/* The same, but the handshake of the first connection was not captured. */
static void test_token_again_after_join(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1002);
    bench_join(b, &j, token_of(KS, 1), 1);
    close_data(b, &j, idsn_of(KC, 1) + 1001, idsn_of(KS, 1) + 1);
    assert_int_equal(connection_info(b, 0).state, MPS_CONNECTION_CLOSED);
    b->time += INT64_C(3600000000000);
    bench_open(b, &w, 1, KC, KS);
    assert_int_equal(mps_tracker_connections(b->tracker), 2);
    assert_int_equal(connection_info(b, 1).state, MPS_CONNECTION_OPEN);
}

static void test_prio(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    bench_open(b, &w, 1, KC, KS);
    bench_join(b, &j, token_of(KS, 1), 1);
    assert_int_equal(subflow_info(b, 0, 1).backup, 0);
    packet p = packet_new(&j, 0, 0, 1, 1, 0);
    packet_prio(&p, true, -1);
    bench_feed(b, &p);
    assert_int_equal(subflow_info(b, 0, 1).backup, 1);
    assert_int_equal(subflow_info(b, 0, 0).backup, 0);
    p = packet_new(&j, 0, 0, 1, 1, 0);
    packet_prio(&p, true, 0); /* version 0: the client's address 0, sent on another subflow */
    bench_feed(b, &p);
    assert_int_equal(subflow_info(b, 0, 0).backup, 1);
    p = packet_new(&w, 1, 0, 1, 1, 0);
    packet_prio(&p, false, 4); /* the server's address 4, of the joined subflow */
    bench_feed(b, &p);
    assert_int_equal(subflow_info(b, 0, 1).backup, 0);
    assert_int_equal(subflow_info(b, 0, 0).backup, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_key),
        cmocka_unit_test_setup_teardown(test_handshake_v1, setup, teardown),
        cmocka_unit_test_setup_teardown(test_handshake_v0, setup, teardown),
        cmocka_unit_test_setup_teardown(test_first_data, setup, teardown),
        cmocka_unit_test_setup_teardown(test_joins, setup, teardown),
        cmocka_unit_test_setup_teardown(test_join_before_by_client, setup, teardown),
        cmocka_unit_test_setup_teardown(test_join_before_by_server, setup, teardown),
        cmocka_unit_test_setup_teardown(test_joins_before, setup, teardown),
        cmocka_unit_test_setup_teardown(test_join_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ports_reused, setup, teardown),
        cmocka_unit_test_setup_teardown(test_many, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token_again, setup, teardown),
        cmocka_unit_test_setup_teardown(test_token_again_after_join, setup, teardown),
        cmocka_unit_test_setup_teardown(test_prio, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
