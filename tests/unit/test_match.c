/* test_match.c: mps_pairs_find() on two captures of the same traffic, before and after a path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "recorder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "compare/comparison.h"
#include "match/align.h"
#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */

#define PORT_BY_SERVER 1002

/* What the path between the two captures does, and what the second capture lacks. */
typedef struct {
    bool nat;          /* 10.0.0.x becomes 192.168.9.9, and ports change */
    uint32_t shift[2]; /* added to sequence numbers: of the clients, of the servers */
    unsigned skip;     /* segments before the capture starts */
    int drop_port;     /* no segment of this port is captured; 0: all are */
    bool no_options;   /* all options are stripped */
    int64_t delay[2];  /* ns, of what 10.0.0.x sends, and of what it receives */
} crossing;

static bool from_client(const packet *p)
{
    return p->source.bytes[2] == 0;
}

static void translate(mps_address *address, uint16_t *port)
{
    *address = (mps_address){.length = 4, .bytes = {192, 168, 9, 9}};
    *port = (uint16_t)(*port + 30000);
}

/* Change a packet as the path does. */
static void cross(packet *p, const crossing *c)
{
    bool client = from_client(p);
    p->seq += c->shift[!client];
    p->ack += p->ack ? c->shift[client] : 0;
    if (c->no_options)
        p->options_length = 0;
    if (c->nat && client)
        translate(&p->source, &p->source_port);
    else if (c->nat)
        translate(&p->destination, &p->destination_port);
}

/* @return the capture of the traffic at the far end of the path. */
static mps_trace *trace_through(const bench *b, const crossing *c)
{
    recorder *r = recorder_new(MPS_TRACK_MPTCP);
    for (guint i = c->skip; i < b->packets->len; i++) {
        packet p = g_array_index(b->packets, packet, i);
        mps_segment segment;
        if (c->drop_port && MAX(p.source_port, p.destination_port) == c->drop_port)
            continue;
        int64_t delay = c->delay[!from_client(&p)];
        cross(&p, c);
        packet_parse(&p, &segment);
        segment.frame = i + 1;
        segment.time = INT64_C(1700000000000000000) + i * INT64_C(1000000) + delay;
        recorder_add(r, &segment);
    }
    return recorder_end(r, 0);
}

/* A subflow that the server opens, from the higher port. */
static wire wire_by_server(uint8_t host, uint16_t port)
{
    wire w = wire_new(host, port);
    mps_address client = w.address[0];
    w.address[0] = w.address[1];
    w.address[1] = client;
    return w;
}

/* Two MPTCP connections, the first with three subflows, and a plain TCP connection. */
static bench *some_traffic(void)
{
    bench *b = bench_new(MPS_TRACK_TCP);
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), k = wire_by_server(3, PORT_BY_SERVER);
    wire other = wire_new(4, 1003), plain = wire_new(5, 1004);
    bench_open(b, &w, 1, KC, KS);
    bench_open(b, &other, 0, KC + 1, KS + 1);
    bench_join(b, &j, token_of(KS, 1), 71);
    bench_join(b, &k, token_of(KC, 1), 81);
    packet p = packet_new(&plain, 0, MPS_TCP_SYN, 0, 0, 0);
    bench_feed(b, &p);
    p = packet_new(&plain, 1, MPS_TCP_SYN, 0, 1, 0);
    bench_feed(b, &p);
    bench_plain(b, &plain, 0, 1, 100);
    for (uint32_t i = 0; i < 10; i++) {
        bench_data(b, &w, 0, 1 + 100 * i, 100, idsn_of(KC, 1) + 1 + 200 * i);
        bench_data(b, &j, 0, 1 + 100 * i, 100, idsn_of(KC, 1) + 101 + 200 * i);
        bench_data(b, &k, 0, 1 + 100 * i, 100, idsn_of(KS, 1) + 1 + 100 * i);
        bench_data(b, &other, 1, 1 + 100 * i, 100, idsn_of(KS + 1, 0) + 1 + 100 * i);
        bench_plain(b, &plain, 1, 1 + 100 * i, 100);
    }
    return b;
}

/* Find the pair of A's subflow with this port. @return its port in B; -1: B does not have it */
static int partner_port(const mps_trace *a, const mps_trace *b, const mps_pairs *pairs, int port,
                        mps_pair *found)
{
    for (guint i = 0; i < pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(pairs->subflows, mps_pair, i);
        mps_subflow_info info;
        if (pair->a == MPS_NONE)
            continue;
        mps_tracker_subflow(mps_trace_tracker(a), pair->a, &info);
        if (MAX(info.port[0], info.port[1]) != port)
            continue;
        *found = *pair;
        if (pair->b == MPS_NONE)
            return -1;
        mps_tracker_subflow(mps_trace_tracker(b), pair->b, &info);
        return MAX(info.port[0], info.port[1]);
    }
    fail_msg("no subflow of port %d is listed", port);
    return -1;
}

/* Check that `count` subflows are paired, and that all of their segments match. */
static void check_all_paired(const crossing *c, int count, int port_shift)
{
    const crossing nothing = {0};
    bench *traffic = some_traffic();
    mps_trace *a = trace_through(traffic, &nothing), *b = trace_through(traffic, c);
    mps_pairs *pairs = mps_pairs_find(a, b);
    for (int port = 1000; port < 1000 + count; port++) {
        mps_pair pair;
        bool by_server = port == PORT_BY_SERVER;
        int expected = by_server && port_shift ? 80 + port_shift : port + port_shift;
        assert_int_equal(partner_port(a, b, pairs, port, &pair), expected);
        assert_int_not_equal(pair.evidence, MPS_EVIDENCE_NONE);
        assert_int_equal(pair.translated, c->nat);
        assert_int_equal(pair.flipped, by_server && (c->skip || c->no_options)); /* B guesses */
        for (unsigned direction = 0; direction < 2; direction++) {
            mps_align_lists lists;
            mps_alignment alignment;
            const mps_preserved_fields none = {0};
            mps_pair_lists(a, b, &pair, (mps_direction)direction, true, &lists);
            mps_align(&lists, &none, &alignment);
            assert_int_equal(alignment.matched, lists.received_count);
            assert_int_equal(alignment.unseen, 0);
            mps_alignment_clear(&alignment);
        }
    }
    mps_pairs_free(pairs);
    mps_trace_free(a);
    mps_trace_free(b);
    bench_free(traffic);
}

static void test_same(void **state)
{
    (void)state;
    check_all_paired(&(crossing){0}, 5, 0);
}

static void test_translated(void **state)
{
    (void)state;
    check_all_paired(&(crossing){.nat = true}, 5, 30000);
}

/* If the numbers of both ends are shifted, only its ends identify a plain TCP connection. */
static void test_shifted(void **state)
{
    (void)state;
    check_all_paired(&(crossing){.shift = {1000, 4000000000u}}, 4, 0);
    check_all_paired(&(crossing){.shift = {1000, 0}}, 5, 0);
    check_all_paired(&(crossing){.nat = true, .shift = {1000, 5}}, 4, 30000);
}

/* B starts after all handshakes; A has them. */
static void test_started_late(void **state)
{
    (void)state;
    check_all_paired(&(crossing){.skip = 15}, 5, 0);
}

/* B starts after all handshakes, and the path shifts sequence numbers, with NAT or without. The
 * mappings in the segments show by how much. */
static void test_started_late_and_shifted(void **state)
{
    (void)state;
    check_all_paired(&(crossing){.skip = 15, .shift = {1000, 4000000000u}}, 4, 0);
    check_all_paired(&(crossing){.skip = 15, .nat = true, .shift = {1000, 5}}, 2, 30000);
}

/* Seven segments are too few to prove that it is the same connection, and not one that reuses the
 * ports. */
static void test_too_few_segments(void **state)
{
    (void)state;
    for (uint32_t segments = 7; segments <= 8; segments++) {
        bench *traffic = bench_new(MPS_TRACK_TCP);
        wire w = wire_new(1, 1000);
        bench_open(traffic, &w, 1, KC, KS);
        unsigned handshake = traffic->packets->len;
        for (uint32_t i = 0; i < segments; i++)
            bench_data(traffic, &w, 0, 1 + 100 * i, 100, idsn_of(KC, 1) + 1 + 100 * i);
        const crossing nothing = {0}, late = {.skip = handshake, .shift = {1000, 5}};
        mps_trace *a = trace_through(traffic, &nothing), *b = trace_through(traffic, &late);
        mps_pairs *pairs = mps_pairs_find(a, b);
        mps_pair pair;
        assert_int_equal(partner_port(a, b, pairs, 1000, &pair), segments == 8 ? 1000 : -1);
        if (segments == 8) {
            assert_int_equal(pair.evidence, MPS_EVIDENCE_SEGMENTS);
            assert_true(pair.shift_known[0] && pair.shift_known[1]);
            assert_int_equal(pair.shift[0], 1000);
            assert_int_equal(pair.shift[1], 5);
        }
        mps_pairs_free(pairs);
        mps_trace_free(a);
        mps_trace_free(b);
        bench_free(traffic);
    }
}

static void test_only_one_has_it(void **state)
{
    (void)state;
    bench *traffic = some_traffic();
    for (int port = 1000; port < 1005; port++) {
        const crossing nothing = {0}, some = {.drop_port = port};
        mps_trace *a = trace_through(traffic, &nothing), *b = trace_through(traffic, &some);
        mps_pairs *pairs = mps_pairs_find(a, b), *reverse = mps_pairs_find(b, a);
        for (int other = 1000; other < 1005; other++) {
            mps_pair pair;
            assert_int_equal(partner_port(a, b, pairs, other, &pair), other == port ? -1 : other);
        }
        assert_int_equal(pairs->subflows->len, 5);
        assert_int_equal(reverse->subflows->len, 5);
        /* Without the handshake, subflows that different ends opened are two connections. */
        assert_true(pairs->connections->len <= 3);
        assert_true(reverse->connections->len <= 3);
        mps_pairs_free(pairs);
        mps_pairs_free(reverse);
        mps_trace_free(a);
        mps_trace_free(b);
    }
    bench_free(traffic);
}

/* The path strips MPTCP: what is plain TCP in B is still the subflow of A. */
static void test_stripped(void **state)
{
    (void)state;
    check_all_paired(&(crossing){.no_options = true}, 5, 0);
}

/* Connections that reuse the same ports are distinguished by their initial sequence numbers. */
static void test_ports_reused(void **state)
{
    (void)state;
    enum { REUSES = 1000 };
    bench *traffic = bench_new(MPS_TRACK_TCP);
    for (unsigned i = 0; i < REUSES; i++) {
        wire w = wire_new(1, 1000);
        w.isn[0] += 100000 * i;
        w.isn[1] += 70000 * i;
        packet p = packet_new(&w, 0, MPS_TCP_SYN, 0, 0, 0);
        bench_feed(traffic, &p);
        p = packet_new(&w, 1, MPS_TCP_SYN, 0, 1, 0);
        bench_feed(traffic, &p);
        bench_plain(traffic, &w, 0, 1, 100);
    }
    const crossing nothing = {0}, late = {.skip = 3};
    mps_trace *a = trace_through(traffic, &nothing), *b = trace_through(traffic, &late);
    mps_pairs *pairs = mps_pairs_find(a, b);
    assert_int_equal(pairs->subflows->len, REUSES);
    for (guint i = 0; i < REUSES; i++) {
        const mps_pair *pair = &g_array_index(pairs->subflows, mps_pair, i);
        assert_int_equal(pair->a, i);
        assert_int_equal(pair->b, i ? i - 1 : MPS_NONE);
    }
    mps_pairs_free(pairs);
    mps_trace_free(a);
    mps_trace_free(b);
    bench_free(traffic);
}

static void assert_delays(const mps_comparison *comparison, const mps_comparison_row *row,
                          int64_t expected)
{
    mps_align_lists lists;
    mps_pair_lists(comparison->a, comparison->b, &row->pair, row->direction, row->a_sends, &lists);
    for (guint i = 0; i < row->alignment.matches->len; i++) {
        const mps_match *match = &g_array_index(row->alignment.matches, mps_match, i);
        int64_t sent = lists.sent[match->sent].time;
        int64_t received = lists.received[match->received].time;
        assert_int_equal(mps_comparison_delay(comparison, row->a_sends,
                                              row->a_sends ? sent : received,
                                              row->a_sends ? received : sent),
                         expected);
    }
}

/* Delays of 20 ms to the server and 30 ms back, B's clock 5 s ahead, captures in either order. */
static void test_owd(void **state)
{
    (void)state;
    bench *traffic = some_traffic();
    const crossing near_client = {.delay = {0, 30000000}};
    const crossing near_server = {.delay = {5020000000, 5000000000}};
    mps_trace *a = trace_through(traffic, &near_client);
    mps_trace *b = trace_through(traffic, &near_server);
    for (unsigned order = 0; order < 2; order++) {
        GError *error = NULL;
        mps_comparison *comparison =
            mps_comparison_new(order ? b : a, order ? a : b, MPS_CLOCK_NONE, &error);
        assert_null(error);
        assert_int_equal(comparison->rows->len, 10);
        for (guint i = 0; i < comparison->rows->len; i++) {
            const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
            int64_t expected = row->direction == MPS_C2S ? 5020000000 : -4970000000;
            assert_true(row->alignment.matched > 0);
            assert_int_equal(row->alignment.lost + row->alignment.unseen, 0);
            assert_delays(comparison, row, expected);
            assert_int_equal(row->a_sends, (row->direction == MPS_C2S) != (order == 1));
        }
        assert_int_equal(comparison->notes->len, order);
        mps_comparison_free(comparison);
    }
    GError *error = NULL;
    assert_null(mps_comparison_new(a, a, MPS_CLOCK_NONE, &error)); /* one capture twice */
    assert_non_null(error);
    g_error_free(error);
    mps_trace_free(a);
    mps_trace_free(b);
    bench_free(traffic);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_translated),
        cmocka_unit_test(test_shifted),
        cmocka_unit_test(test_started_late),
        cmocka_unit_test(test_started_late_and_shifted),
        cmocka_unit_test(test_too_few_segments),
        cmocka_unit_test(test_only_one_has_it),
        cmocka_unit_test(test_stripped),
        cmocka_unit_test(test_ports_reused),
        cmocka_unit_test(test_owd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
