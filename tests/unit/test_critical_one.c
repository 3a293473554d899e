/* test_critical_one.c: critical paths of one capture: round trips that are not split, what the
 * capture missed, the report over segments made by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/critical_path/holes.h"
#include "histories.h"
#include "rows.h"
#include "tracker/tracker_state.h"
#include <mptcpscope/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define CLIENT_KEY UINT64_C(0x1111111111111111)
#define SERVER_KEY UINT64_C(0x2222222222222222)

enum { TRIP = 10000, FULL = 1400 }; /* us, bytes */

static const mps_critical_limits limits = MPS_CRITICAL_LIMITS;

#define OPENING "rtt handshake 0< 20100\nhost handshake 0> 110\n"

/* Check the path by the client's capture, and free the histories. */
static void check(histories *h, const char *expected)
{
    mps_critical_path *path = histories_walk(h, 1u << MPS_CLIENT, MPS_C2S, MPS_NONE, &limits);
    assert_int_equal(path->reason, MPS_CRITICAL_KNOWN);
    assert_true(path->one_capture);
    char *text = histories_text(path);
    assert_string_equal(text, expected);
    histories_check(path);
    g_free(text);
    mps_critical_path_free(path);
    histories_free(h);
}

/* The client sends data, which arrive after 10 ms. */
static void data(histories *h, int64_t left, uint64_t seq, uint32_t length)
{
    histories_add(
        h, (shot){.left = left, .arrived = left + TRIP, .seq = seq, .length = length, .ack = 1});
}

/* The server acknowledges them, and the ACK takes 10 ms. */
static void ack(histories *h, int64_t left, uint64_t number)
{
    histories_add(
        h,
        (shot){
            .direction = MPS_S2C, .left = left, .arrived = left + TRIP, .seq = 1, .ack = number});
}

/* An acknowledgement that fills a gap answers what was sent again, not what it covers as well. */
static void test_gap(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    for (unsigned i = 0; i < 10; i++)
        data(h, t + 10 + 10 * i, 1 + i * FULL, FULL);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 10 + TRIP + 60,
                            .arrived = t + 10 + 2 * TRIP + 60,
                            .seq = 1,
                            .ack = 1,
                            .sacked_from = 1 + FULL,
                            .sacked_to = 1 + 10 * FULL});
    data(h, t + 2 * TRIP + 100, 1, FULL);
    ack(h, t + 3 * TRIP + 130, 1 + 10 * FULL);
    check(h, OPENING "recovery recovery:fast 0> 20090\nrtt delivery 0< 20030\n");
}

/* An acknowledgement that comes faster than any before answers the first transmission. */
static void test_answer_to_the_first(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, 1, FULL);
    data(h, t + 10 + 3 * TRIP - 5000, 1, FULL);
    ack(h, t + 10 + 2 * TRIP + 30, 1 + FULL);
    check(h, OPENING "rtt delivery 0< 30030\n");
}

/* A FIN and a DATA_FIN are no data. */
static void test_fin(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, 1, FULL);
    ack(h, t + 10 + TRIP + 30, 2 + FULL);
    mps_critical_path *path = histories_walk(h, 1u << MPS_CLIENT, MPS_C2S, MPS_NONE, &limits);
    assert_int_equal(path->delivered, FULL);
    assert_int_equal(path->undelivered, 0);
    assert_int_equal(g_array_index(path->delivered_by, uint64_t, 0), FULL);
    mps_critical_path_free(path);
    check(h, OPENING "rtt delivery 0< 20030\n");
}

/* The path ends with the acknowledgement of the last data that were acknowledged. */
static void test_not_acknowledged(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, 1, FULL);
    data(h, t + 20, 1 + FULL, FULL);
    ack(h, t + 10 + TRIP + 30, 1 + FULL);
    mps_critical_path *path = histories_walk(h, 1u << MPS_CLIENT, MPS_C2S, MPS_NONE, &limits);
    assert_int_equal(path->delivered, FULL);
    assert_int_equal(path->undelivered, FULL);
    mps_critical_path_free(path);
    check(h, OPENING "rtt delivery 0< 20030\n");
}

/* What exceeds the shortest round trip before an answer of the peer may be anything. */
static void test_answer_of_the_peer(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, 1, 100);
    ack(h, t + 10 + TRIP, 101);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 10 + TRIP + 7000,
                            .arrived = t + 10 + 2 * TRIP + 7000,
                            .seq = 1,
                            .length = 100,
                            .ack = 101});
    histories_add(h, (shot){.left = t + 10 + 2 * TRIP + 16000,
                            .arrived = t + 10 + 3 * TRIP + 16000,
                            .seq = 101,
                            .length = 100,
                            .ack = 101});
    ack(h, t + 10 + 3 * TRIP + 16000, 201);
    check(h, OPENING "rtt peer-data 0< 20000\nunexplained peer-data 0< 7000\n"
                     "application application 0> 9000\nrtt delivery 0< 20000\n");
}

/* A history of one host, for holes: numbers are relative, 1 is the first byte. */
typedef struct {
    mps_critical_input input;
} half_history;

static void half_begin(half_history *h)
{
    mps_critical_subflow subflow = {.initial = true};
    for (unsigned i = 0; i < 4; i++)
        subflow.map[i / 2][i % 2].base = 1;
    h->input = (mps_critical_input){.subflows = g_array_new(FALSE, FALSE, sizeof(subflow))};
    g_array_append_val(h->input.subflows, subflow);
    h->input.hosts[MPS_CLIENT] = g_array_new(FALSE, FALSE, sizeof(mps_critical_segment));
    h->input.sacks[MPS_CLIENT] = g_array_new(FALSE, FALSE, sizeof(mps_critical_sack));
}

static void half_add(half_history *h, mps_direction direction, uint64_t seq, uint32_t length,
                     uint64_t number, uint64_t sacked)
{
    const mps_critical_segment segment = {.seq = seq,
                                          .length = length,
                                          .ack = number,
                                          .has_ack = number > 0,
                                          .sack_count = sacked > 0,
                                          .sacks = h->input.sacks[MPS_CLIENT]->len,
                                          .direction = (uint8_t)direction};
    const mps_critical_sack sack = {sacked - 10, sacked};
    g_array_append_val(h->input.hosts[MPS_CLIENT], segment);
    if (sacked > 0)
        g_array_append_val(h->input.sacks[MPS_CLIENT], sack);
}

/* @return whether there are holes; the history is empty afterwards */
static bool half_ends(half_history *h, uint32_t until)
{
    const bool found = mps_critical_has_holes(&h->input, MPS_CLIENT, until);
    g_array_set_size(h->input.hosts[MPS_CLIENT], 0);
    g_array_set_size(h->input.sacks[MPS_CLIENT], 0);
    return found;
}

static void test_holes(void **state)
{
    half_history h;
    (void)state;
    half_begin(&h);
    half_add(&h, MPS_C2S, 1, 100, 1, 0);
    half_add(&h, MPS_S2C, 1, 0, 101, 0);
    half_add(&h, MPS_S2C, 1, 0, 102, 0); /* a FIN */
    assert_false(half_ends(&h, UINT32_MAX));

    half_add(&h, MPS_C2S, 1, 100, 1, 0); /* acknowledged before it was sent */
    half_add(&h, MPS_S2C, 1, 0, 201, 0);
    half_add(&h, MPS_C2S, 101, 100, 1, 0);
    assert_true(half_ends(&h, UINT32_MAX));

    half_add(&h, MPS_C2S, 1, 100, 1, 0); /* the same, after the end */
    half_add(&h, MPS_S2C, 1, 0, 101, 0);
    half_add(&h, MPS_S2C, 1, 0, 201, 0);
    assert_false(half_ends(&h, 1));

    half_add(&h, MPS_C2S, 101, 100, 1, 0); /* captured out of order, but in time */
    half_add(&h, MPS_C2S, 1, 100, 1, 0);
    half_add(&h, MPS_S2C, 1, 0, 201, 0);
    assert_false(half_ends(&h, UINT32_MAX));

    half_add(&h, MPS_C2S, 101, 100, 1, 0); /* what is above the gap came before the gap was sent */
    half_add(&h, MPS_S2C, 1, 0, 1, 201);
    half_add(&h, MPS_C2S, 1, 100, 1, 0);
    assert_true(half_ends(&h, UINT32_MAX));

    half_add(&h, MPS_S2C, 101, 100, 1, 0); /* a gap on the way here is none in the capture */
    half_add(&h, MPS_C2S, 1, 0, 1, 201);
    assert_false(half_ends(&h, UINT32_MAX));

    half_add(&h, MPS_S2C, 101, 100, 1, 0); /* but this host has what filled it */
    half_add(&h, MPS_C2S, 1, 0, 201, 0);
    assert_true(half_ends(&h, UINT32_MAX));
    g_array_free(h.input.hosts[MPS_CLIENT], TRUE);
    g_array_free(h.input.sacks[MPS_CLIENT], TRUE);
    g_array_free(h.input.subflows, TRUE);
}

/* A connection with an RTT of 20 ms, captured at the client. Its data begin at `dsn`. */
static bench *connection(wire *w, uint64_t *dsn)
{
    bench *b = rows_bench("critical-path");
    *w = wire_new(1, 4000);
    b->host = &w->address[FROM_OPENER];
    *dsn = idsn_of(CLIENT_KEY, 1) + 1;
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 0, CLIENT_KEY, 0);
    bench_feed(b, &p);
    b->time += 20 * MS - b->step;
    p = packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    p.window = 60000;
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 1, SERVER_KEY, 0);
    bench_feed(b, &p);
    b->time -= b->step;
    p = packet_new(w, FROM_OPENER, 0, 1, 1, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 2, CLIENT_KEY, SERVER_KEY);
    bench_feed(b, &p);
    b->time -= b->step;
    return b;
}

/* The client sends 500 bytes every 100 ms, four times. Each is acknowledged after 20 ms. */
static void feed_paced(bench *b, const wire *w, uint64_t dsn)
{
    const int64_t start = b->time;
    for (uint32_t i = 0; i < 4; i++) {
        b->time = start + 100 * i * MS;
        bench_data(b, w, FROM_OPENER, 1 + 500 * i, 500, dsn + 500 * i);
        packet p = packet_new(w, FROM_PEER, 0, 1, 1 + 500 * (i + 1), 0);
        p.window = 60000;
        packet_dss(&p, &(dss){.has_ack = true, .ack = dsn + 500 * (i + 1)});
        b->time = start + (100 * i + 20) * MS;
        bench_feed(b, &p);
    }
}

static bool from_server(const mps_verdict *verdict)
{
    return verdict->half == FROM_PEER;
}

static void test_report(void **state)
{
    (void)state;
    wire w;
    uint64_t dsn;
    bench *b = connection(&w, &dsn);
    feed_paced(b, &w, dsn);
    mps_report *report = rows_report(b, "critical-path", MPS_NONE, NULL);
    mps_table *table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, 2);
    assert_text(table, 0, "direction", "c2s");
    assert_ns(table, 0, "elapsed", 340 * MS);
    assert_uint(table, 0, "data_bytes", 2000);
    assert_uint(table, 0, "undelivered_bytes", 0);
    assert_text(
        table, 0, "verdict",
        "For 300.000 of 340.000 ms the client's application had nothing to send, as far as "
        "can be seen. To mend that saves at most 300.000 ms. Of the rest, at most: handshakes "
        "20.000 ms, the round trips of answers and of the last data 20.000 ms.");
    assert_null_value(table, 0, "reason");
    assert_null_value(table, 0, "pieces");
    assert_null_value(table, 0, "head_of_line.waited");
    assert_text(table, 1, "reason", "no data was delivered in this direction");
    assert_null_value(table, 1, "elapsed");
    mps_table_free(table);
    mps_report_free(report);
    report = rows_report(b, "critical-path", MPS_NONE, from_server);
    table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, 1);
    assert_text(table, 0, "direction", "s2c");
    mps_table_free(table);
    mps_report_free(report);
    bench_free(b);
}

/* @return the reason of the path from client to server */
static char *reason_of(const bench *b, mps_near near)
{
    mps_report *report = rows_report(b, "critical-path", MPS_NONE, NULL);
    mps_report_set_near(report, &(mps_near_choice){.near = near});
    assert_true(
        mps_report_set_path(report, &(mps_path_choice){MPS_NONE, 1u << MPS_C2S, true}, NULL));
    mps_table *table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, 1);
    const mps_value *reason = rows_value(table, 0, "reason");
    char *text = reason->type == MPS_VALUE_NULL ? NULL : g_strdup(reason->string);
    mps_table_free(table);
    mps_report_free(report);
    return text;
}

static void expect_reason(const bench *b, mps_near near, const char *expected)
{
    char *reason = reason_of(b, near);
    if (expected)
        assert_string_equal(reason, expected);
    else
        assert_null(reason);
    g_free(reason);
}

static void test_reasons(void **state)
{
    (void)state;
    wire w;
    uint64_t dsn;
    bench *b = connection(&w, &dsn);
    expect_reason(b, MPS_NEAR_CLIENT, "no data was delivered in this direction");
    bench_data(b, &w, FROM_OPENER, 1, 500, dsn);
    expect_reason(b, MPS_NEAR_CLIENT, "no data of this direction were acknowledged");
    bench_free(b);
    b = connection(&w, &dsn);
    feed_paced(b, &w, dsn);
    expect_reason(b, MPS_NEAR_UNKNOWN, NULL); /* the way of the frames shows it */
    expect_reason(b, MPS_NEAR_SERVER, "the capture was made near the receiver");
    expect_reason(b, MPS_NEAR_MIDDLE, "nothing shows that the capture was made near the sender");
    packet p = packet_new(&w, FROM_PEER, 0, 1, 3001, 0); /* 1000 bytes were not captured */
    p.window = 60000;
    packet_dss(&p, &(dss){.has_ack = true, .ack = dsn + 2000});
    bench_feed(b, &p);
    expect_reason(b, MPS_NEAR_CLIENT, NULL); /* after the end: the data were acknowledged */
    bench_data(b, &w, FROM_OPENER, 3001, 500, dsn + 3000);
    p = packet_new(&w, FROM_PEER, 0, 1, 3501, 0);
    p.window = 60000;
    packet_dss(&p, &(dss){.has_ack = true, .ack = dsn + 3500});
    bench_feed(b, &p);
    expect_reason(b, MPS_NEAR_CLIENT, "the capture misses segments that were acknowledged");
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gap),
        cmocka_unit_test(test_answer_to_the_first),
        cmocka_unit_test(test_fin),
        cmocka_unit_test(test_not_acknowledged),
        cmocka_unit_test(test_answer_of_the_peer),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_report),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
