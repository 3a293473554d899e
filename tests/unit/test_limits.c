/* test_limits.c: what a sender waited for, in flow series and segments made by hand. Every expected
 * figure was worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/limits/path_samples.h"
#include "analysis/limits/state_machine.h"
#include "analysis/limits/window_watch.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define FULL_PAYLOAD 1000
#define CLIENT_KEY UINT64_C(0x1111111111111111)
#define SERVER_KEY UINT64_C(0x2222222222222222)

/* A flow series on a path with an RTT of 20 ms. */
typedef struct {
    mps_limit_flow_series series;
    GArray *events; /* mps_limit_event */
    guint next;
    mps_limits limits;
    uint64_t top;
} scene;

static scene scene_new(void)
{
    return (scene){.series = {.full_payload = FULL_PAYLOAD, .least_rtt = 20 * MS},
                   .events = g_array_new(FALSE, FALSE, sizeof(mps_limit_event))};
}

static void add_event(scene *s, int64_t ms, mps_limit_event what)
{
    what.time = ms * MS;
    what.frame = s->events->len + 1;
    g_array_append_val(s->events, what);
}

static void sends(scene *s, int64_t ms, uint32_t length)
{
    s->top += length;
    add_event(s, ms,
              (mps_limit_event){.kind = MPS_LIMIT_EVENT_SEND,
                                .number = s->top,
                                .length = length,
                                .small = length < FULL_PAYLOAD});
}

static void resent(scene *s, int64_t ms)
{
    add_event(s, ms, (mps_limit_event){.kind = MPS_LIMIT_EVENT_RESEND});
}

/* @param window  0: not known */
static void acks(scene *s, int64_t ms, uint64_t number, uint64_t window)
{
    add_event(s, ms,
              (mps_limit_event){.kind = MPS_LIMIT_EVENT_ACK,
                                .number = number,
                                .has_window_edge = window > 0,
                                .window_edge = number + window});
}

static void begin_events(void *data)
{
    ((scene *)data)->next = 0;
}

static const mps_limit_event *next_event(void *data)
{
    scene *s = data;
    return s->next < s->events->len ? &g_array_index(s->events, mps_limit_event, s->next++) : NULL;
}

static void measure_rtts(scene *s)
{
    mps_round_trips trips = {0};
    for (guint i = 0; i < s->events->len; i++) {
        mps_limit_event *event = &g_array_index(s->events, mps_limit_event, i);
        event->rtt = mps_round_trips_take(&trips, event);
    }
    mps_round_trips_clear(&trips);
}

static void run(scene *s)
{
    mps_outlook outlook = {0};
    measure_rtts(s);
    for (guint i = 0; i < s->events->len; i++)
        mps_outlook_add(&outlook, &g_array_index(s->events, mps_limit_event, i));
    s->series.events = (mps_limit_events){begin_events, next_event, s};
    s->series.outlook = &outlook;
    mps_limits_run(&s->series, &s->limits);
    mps_outlook_clear(&outlook);
}

/* Run the state machine and check the milliseconds of each cause, which add up to the duration. */
static void check(scene *s, int64_t sender, int64_t window, int64_t network, int64_t idle)
{
    mps_limits *limits = &s->limits;
    run(s);
    assert_int_equal(limits->spent[MPS_LIMIT_SENDER], sender * MS);
    assert_int_equal(limits->spent[MPS_LIMIT_WINDOW], window * MS);
    assert_int_equal(limits->spent[MPS_LIMIT_NETWORK], network * MS);
    assert_int_equal(limits->spent[MPS_LIMIT_IDLE], idle * MS);
    assert_int_equal(limits->end - limits->start, (sender + window + network + idle) * MS);
}

static void scene_free(scene *s)
{
    g_array_free(s->events, TRUE);
    g_array_free(s->limits.closed, TRUE);
}

static void test_paced(void **state)
{
    (void)state;
    scene s = scene_new();
    for (unsigned i = 0; i < 4; i++) {
        sends(&s, 100 * i, 500);
        acks(&s, 100 * i + 20, s.top, 10000);
    }
    check(&s, 320, 0, 0, 0);
    assert_int_equal(s.limits.bytes, 2000);
    assert_int_equal(s.limits.max_flight, 500);
    assert_true(s.limits.mean_flight == 500 * 80 / 320.0);
    assert_int_equal(s.limits.rtt_count, 4);
    assert_int_equal(s.limits.rtt_min, 20 * MS);
    assert_int_equal(s.limits.scheduler, 0);
    scene_free(&s);
}

static void test_idle(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 500);
    acks(&s, 20, 500, 10000);
    sends(&s, 3000, 500);
    acks(&s, 3020, 1000, 10000);
    check(&s, 40, 0, 0, 2980);
    assert_int_equal(s.limits.longest[MPS_LIMIT_IDLE], 2980 * MS);
    scene_free(&s);
}

/* A second is not idle yet. */
static void test_pause(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 500);
    acks(&s, 20, 500, 10000);
    sends(&s, 1020, 500);
    acks(&s, 1040, 1000, 10000);
    check(&s, 1040, 0, 0, 0);
    scene_free(&s);
}

static void test_window(void **state)
{
    (void)state;
    scene s = scene_new();
    acks(&s, 0, 0, 2000);
    sends(&s, 10, 1000);
    sends(&s, 10, 1000);
    acks(&s, 30, 1000, 2000);
    sends(&s, 30, 1000);
    acks(&s, 40, 3000, 2000);
    check(&s, 0, 30, 0, 0);
    assert_int_equal(s.limits.frame[MPS_LIMIT_WINDOW], 3);
    assert_int_equal(s.limits.closed->len, 1);
    assert_int_equal(g_array_index(s.limits.closed, mps_limit_closed, 0).start, 10 * MS);
    assert_int_equal(g_array_index(s.limits.closed, mps_limit_closed, 0).end, 40 * MS);
    scene_free(&s);
}

/* All was acknowledged, but the window is zero until 500 ms, so the sender is not idle. The
 * window's right edge never moves back (RFC 8684 section 3.3.5). */
static void test_zero_window(void **state)
{
    (void)state;
    scene s = scene_new();
    acks(&s, 0, 0, 1000);
    sends(&s, 10, 1000);
    acks(&s, 30, 1000, 0);
    add_event(&s, 500,
              (mps_limit_event){.kind = MPS_LIMIT_EVENT_ACK,
                                .number = 1000,
                                .has_window_edge = true,
                                .window_edge = 5000});
    acks(&s, 500, 1000, 1);
    sends(&s, 500, 500);
    acks(&s, 520, 1500, 5000);
    check(&s, 20, 490, 0, 0);
    scene_free(&s);
}

/* A subflow. The connection's window is closed from 10 to 30 ms, and another subflow sends at 7 ms.
 */
static void test_subflow(void **state)
{
    (void)state;
    scene s = scene_new();
    const mps_limit_closed period = {10 * MS, 30 * MS, 0};
    const int64_t times[] = {0, 7 * MS, 40 * MS};
    GArray *closed = g_array_new(FALSE, FALSE, sizeof period);
    GArray *all = g_array_new(FALSE, FALSE, sizeof times[0]);
    g_array_append_val(closed, period);
    g_array_append_vals(all, times, G_N_ELEMENTS(times));
    s.series.closed = closed;
    s.series.sends = all;
    s.series.least_rtt = 5 * MS;
    sends(&s, 0, 500);
    acks(&s, 5, 500, 0);
    sends(&s, 40, 500);
    acks(&s, 45, 1000, 0);
    check(&s, 25, 20, 0, 0);
    assert_int_equal(s.limits.scheduler, 20 * MS);
    g_array_free(closed, TRUE);
    g_array_free(all, TRUE);
    scene_free(&s);
}

/* From the last acknowledgement before a loss until the loss is repaired. */
static void test_loss(void **state)
{
    (void)state;
    scene s = scene_new();
    for (unsigned i = 0; i < 4; i++)
        sends(&s, 0, 1000);
    acks(&s, 20, 1000, 10000);
    resent(&s, 60);
    acks(&s, 80, 4000, 10000);
    check(&s, 20, 0, 60, 0);
    assert_int_equal(s.limits.unproved, 0);
    assert_int_equal(s.limits.resent, 1);
    assert_int_equal(s.limits.first_resent, 6);
    assert_int_equal(s.limits.rtt_count, 1); /* not of data sent again */
    scene_free(&s);
}

/* Ten full packets, one every 10 ms, each acknowledged after 40 ms. */
static void full_flight(scene *s, bool queued)
{
    for (unsigned i = 0; i < 14; i++) {
        if (i >= 4)
            add_event(s, 10 * i,
                      (mps_limit_event){.kind = MPS_LIMIT_EVENT_ACK,
                                        .number = 1000 * (i - 3),
                                        .has_window_edge = true,
                                        .window_edge = 1000000,
                                        .sampled = true,
                                        .queued = queued});
        if (i < 10)
            sends(s, 10 * i, 1000);
    }
}

/* A queue limits the flight, and delays the last data by 20 ms beyond the path's RTT. */
static void test_queue(void **state)
{
    (void)state;
    scene s = scene_new();
    full_flight(&s, true);
    check(&s, 20, 0, 110, 0);
    assert_int_equal(s.limits.unproved, 0);
    scene_free(&s);
}

/* The flight grows in the first round, of 40 ms. After that nothing shows why it does not. */
static void test_unproved(void **state)
{
    (void)state;
    scene s = scene_new();
    full_flight(&s, false);
    check(&s, 20, 0, 110, 0);
    assert_int_equal(s.limits.unproved, 50 * MS);
    scene_free(&s);
}

/* Nagle's algorithm: the rest is held back while half of the flight is acknowledged. */
static void test_held_back(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 1000);
    sends(&s, 0, 1000);
    acks(&s, 20, 1000, 10000);
    sends(&s, 30, 300);
    acks(&s, 50, 2300, 10000);
    check(&s, 50, 0, 0, 0);
    scene_free(&s);
}

/* A few small packets in a full flight come from the scheduler, not from a lack of data. */
static void test_small_but_not_dry(void **state)
{
    (void)state;
    scene s = scene_new();
    for (unsigned i = 0; i < 8; i++)
        sends(&s, 0, 1000);
    acks(&s, 20, 1000, 100000);
    sends(&s, 22, 400);
    acks(&s, 42, 8400, 100000);
    check(&s, 20, 0, 22, 0);
    assert_int_equal(s.limits.unproved, 22 * MS);
    scene_free(&s);
}

static int64_t rtt_of(const scene *s, guint event)
{
    return g_array_index(s->events, mps_limit_event, event).rtt;
}

/* An ACK measures from the last data that it is the first to acknowledge. */
static void test_round_trips(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 1000);
    sends(&s, 3, 1000);
    sends(&s, 5, 1000);
    acks(&s, 20, 2000, 0); /* event 3 */
    acks(&s, 21, 2000, 0);
    acks(&s, 26, 3000, 0); /* event 5 */
    measure_rtts(&s);
    assert_int_equal(rtt_of(&s, 0), -1);
    assert_int_equal(rtt_of(&s, 3), 17 * MS);
    assert_int_equal(rtt_of(&s, 4), -1);
    assert_int_equal(rtt_of(&s, 5), 21 * MS);
    g_array_free(s.events, TRUE);
}

/* What was sent until data was sent again gives no sample (Karn's rule); what comes later does. */
static void test_ambiguous(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 1000);
    resent(&s, 10);
    sends(&s, 12, 1000);
    acks(&s, 20, 1000, 0); /* event 3 */
    acks(&s, 32, 2000, 0);
    measure_rtts(&s);
    assert_int_equal(rtt_of(&s, 3), -1);
    assert_int_equal(rtt_of(&s, 4), 20 * MS);
    g_array_free(s.events, TRUE);
}

/* Many are in flight, and acknowledged one after another. */
static void test_long_flight(void **state)
{
    (void)state;
    enum { FLIGHT = 500 };
    scene s = scene_new();
    for (unsigned i = 0; i < 2 * FLIGHT; i++) {
        sends(&s, i, 1000);
        if (i >= FLIGHT)
            acks(&s, i, 1000 * (i - FLIGHT + 1), 0);
    }
    measure_rtts(&s);
    for (unsigned i = 0; i < FLIGHT; i++)
        assert_int_equal(rtt_of(&s, FLIGHT + 2 * i + 1), FLIGHT * MS);
    g_array_free(s.events, TRUE);
}

/* Above 1.25 times the least RTT plus 1 ms there was a queue. */
static void test_queue_is_seen(void **state)
{
    (void)state;
    assert_false(mps_limits_is_queued(25 * MS, 20 * MS));
    assert_false(mps_limits_is_queued(26 * MS, 20 * MS));
    assert_true(mps_limits_is_queued(26 * MS + 1, 20 * MS));
    assert_true(mps_limits_is_queued(20 * MS, 10 * MS)); /* the handshake took less */
}

/* What follows: new data, of a full packet or not, and whether data is resent before an ACK. */
static void test_outlook(void **state)
{
    (void)state;
    scene s = scene_new();
    sends(&s, 0, 1000);    /* 0 */
    sends(&s, 1, 400);     /* 1 */
    acks(&s, 20, 500, 0);  /* 2 */
    acks(&s, 21, 500, 0);  /* 3: it acknowledges nothing more */
    resent(&s, 22);        /* 4 */
    sends(&s, 23, 1000);   /* 5 */
    acks(&s, 40, 2400, 0); /* 6 */
    acks(&s, 41, 2400, 0); /* 7 */
    const mps_next_packet packets[] = {MPS_NEXT_SMALL, MPS_NEXT_FULL, MPS_NEXT_FULL, MPS_NEXT_FULL,
                                       MPS_NEXT_FULL,  MPS_NEXT_NONE, MPS_NEXT_NONE, MPS_NEXT_NONE};
    const bool lost[] = {false, false, true, true, false, false, false, false};
    mps_outlook outlook = {0};
    for (guint i = 0; i < s.events->len; i++)
        mps_outlook_add(&outlook, &g_array_index(s.events, mps_limit_event, i));
    assert_int_equal(mps_outlook_count(&outlook), 8);
    assert_int_equal(mps_outlook_end(&outlook), 6);
    for (guint i = 0; i < 8; i++) {
        assert_int_equal(mps_outlook_packet(&outlook, i), packets[i]);
        assert_int_equal(mps_outlook_is_lost(&outlook, i), lost[i]);
    }
    sends(&s, 50, 1000);
    mps_outlook_add(&outlook, &g_array_index(s.events, mps_limit_event, 8));
    assert_int_equal(mps_outlook_end(&outlook), 8); /* nothing acknowledges all */
    mps_outlook_clear(&outlook);
    g_array_free(s.events, TRUE);
}

/* @return the capacity that all events of a scene show */
static double capacity_of(const scene *s)
{
    mps_capacity capacity = {0};
    for (guint i = 0; i < s->events->len; i++)
        mps_capacity_take(&capacity, &g_array_index(s->events, mps_limit_event, i));
    return capacity.most;
}

/* 1000 bytes every 2 ms, then every ms, then after a pause: the fastest eight in a row count. */
static void test_capacity(void **state)
{
    (void)state;
    scene s = scene_new();
    for (unsigned i = 1; i <= 8; i++)
        acks(&s, 2 * i, 1000 * i, 0);
    assert_true(capacity_of(&s) == 0);
    acks(&s, 18, 9000, 0);
    assert_true(capacity_of(&s) == 8000 / 16e6);
    for (unsigned i = 1; i <= 8; i++)
        acks(&s, 18 + i, 9000 + 1000 * i, 0);
    assert_true(capacity_of(&s) == 8000 / 8e6);
    acks(&s, 27, 17000, 0); /* a duplicate is no delivery */
    acks(&s, 1000, 18000, 0);
    assert_true(capacity_of(&s) == 8000 / 8e6);
    g_array_free(s.events, TRUE);
}

static void test_nothing(void **state)
{
    (void)state;
    scene s = scene_new();
    check(&s, 0, 0, 0, 0);
    assert_int_equal(s.limits.bytes, 0);
    g_array_free(s.limits.closed, TRUE);
    acks(&s, 10, 1000, 1000);
    resent(&s, 20);
    run(&s);
    assert_int_equal(s.limits.bytes, 0);
    scene_free(&s);
}

/* A connection with an RTT of 20 ms, captured where the client is
 * `client_rtt` ns away, there and back. Its data begins at `dsn`. */
static bench *connection(wire *w, uint64_t *dsn, int64_t client_rtt)
{
    bench *b = rows_bench("limits");
    *w = wire_new(1, 4000);
    b->host = &w->address[FROM_OPENER];
    *dsn = idsn_of(CLIENT_KEY, 1) + 1;
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 0, CLIENT_KEY, 0);
    bench_feed(b, &p);
    b->time += 20 * MS - client_rtt - b->step;
    p = packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    p.window = 60000;
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 1, SERVER_KEY, 0);
    bench_feed(b, &p);
    b->time += client_rtt - b->step;
    p = packet_new(w, FROM_OPENER, 0, 1, 1, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 2, CLIENT_KEY, SERVER_KEY);
    bench_feed(b, &p);
    return b;
}

/* The client sends 500 bytes every 100 ms, first 1000. Each is acknowledged after 20 ms. */
static void feed_paced(bench *b, const wire *w, uint64_t dsn)
{
    int64_t start = b->time;
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t length = i == 0 ? 1000 : 500, at = i == 0 ? 0 : 500 + 500 * i;
        b->time = start + 100 * i * MS;
        bench_data(b, w, FROM_OPENER, 1 + at, length, dsn + at);
        packet p = packet_new(w, FROM_PEER, 0, 1, 1 + at + length, 0);
        p.window = 5000;
        packet_dss(&p, &(dss){.has_ack = true, .ack = dsn + at + length});
        b->time = start + (100 * i + 20) * MS;
        bench_feed(b, &p);
    }
}

static bool from_server(const mps_verdict *verdict)
{
    return verdict->half == FROM_PEER;
}

static void test_rows(void **state)
{
    (void)state;
    wire w;
    uint64_t dsn;
    bench *b = connection(&w, &dsn, 0);
    feed_paced(b, &w, dsn);
    mps_report *report = rows_report(b, "limits", MPS_NONE, NULL);
    mps_table *table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, 4); /* two directions, of the connection and the subflow */
    for (unsigned row = 0; row < 2; row++) {
        assert_text(table, row, "level", row == 0 ? "data" : "subflow");
        assert_text(table, row, "direction", "c2s");
        assert_text(table, row, "near", "sender");
        assert_text(table, row, "limited_by", "sender");
        assert_uint(table, row, "frame", 4);
        assert_ns(table, row, "duration", 320 * MS);
        assert_real(table, row, "sender", 1.0);
        assert_real(table, row, "window", 0.0);
        assert_uint(table, row, "bytes", 2500);
        assert_true(rows_value(table, row, "rate")->real == 62500);
        assert_ns(table, row, "rtt.mean", 20 * MS);
        assert_null_value(table, row + 2, "limited_by");
        assert_text(table, row + 2, "why", "no data");
    }
    mps_table_free(table);
    mps_report_free(report);

    report = rows_report(b, "limits", MPS_NONE, from_server);
    table = mps_report_table(report, b->tracker);
    assert_int_equal(table->row_count, 2);
    assert_text(table, 0, "direction", "s2c");
    mps_table_free(table);
    mps_report_free(report);
    bench_free(b);
}

/* Send from both ends. The segments of one acknowledge those of the other. */
static void feed_both(bench *b, const wire *w, uint64_t dsn)
{
    const uint64_t server_dsn = idsn_of(SERVER_KEY, 1) + 1;
    const int64_t start = b->time, client_rtts[] = {20, 20, 90, 20}; /* ms */
    for (uint32_t i = 0; i < 4; i++) {
        packet p = packet_new(w, FROM_OPENER, 0, 1 + 500 * i, 1 + 500 * i, 500);
        packet_dss(&p, &(dss){.has_map = true,
                              .has_ack = true,
                              .length = 500,
                              .ssn = 1 + 500 * i,
                              .dsn = dsn + 500 * i,
                              .ack = server_dsn + 500 * i});
        b->time = start + 100 * i * MS;
        bench_feed(b, &p);
        p = packet_new(w, FROM_PEER, 0, 1 + 500 * i, 501 + 500 * i, 500);
        packet_dss(&p, &(dss){.has_map = true,
                              .has_ack = true,
                              .length = 500,
                              .ssn = 1 + 500 * i,
                              .dsn = server_dsn + 500 * i,
                              .ack = dsn + 500 * i + 500});
        b->time = start + (100 * i + client_rtts[i]) * MS;
        bench_feed(b, &p);
    }
}

/* The client's data took 20, 20, 90 and 20 ms until it was acknowledged: one of four samples shows
 * a queue. The server's took 80, 80 and 10 ms: two of three do. With one subflow the data level
 * sees what that does. */
static void test_both_directions(void **state)
{
    (void)state;
    static const mps_near_choice near[] = {{.near = MPS_NEAR_CLIENT}, {.near = MPS_NEAR_SERVER}};
    static const double queued[] = {0.25, 2 / 3.0};
    wire w;
    uint64_t dsn;
    bench *b = connection(&w, &dsn, 0);
    feed_both(b, &w, dsn);
    for (unsigned sender = 0; sender < 2; sender++) {
        mps_report *report = rows_report(b, "limits", MPS_NONE, NULL);
        mps_report_set_near(report, &near[sender]);
        mps_table *table = mps_report_table(report, b->tracker);
        assert_int_equal(table->row_count, 4);
        for (unsigned row = 2 * sender; row < 2 * sender + 2; row++) {
            assert_uint(table, row, "bytes", 2000);
            assert_real(table, row, "queued", queued[sender]);
        }
        mps_table_free(table);
        mps_report_free(report);
    }
    bench_free(b);
}

/* Halfway from the client: what it waited for is not known. */
static void test_elsewhere(void **state)
{
    (void)state;
    wire w;
    uint64_t dsn;
    bench *b = connection(&w, &dsn, 10 * MS);
    feed_paced(b, &w, dsn);
    mps_report *report = rows_report(b, "limits", MPS_NONE, NULL);
    const mps_near_choice middle = {.near = MPS_NEAR_MIDDLE};
    mps_report_set_near(report, &middle);
    mps_table *table = mps_report_table(report, b->tracker);
    for (unsigned row = 0; row < 2; row++) {
        assert_text(table, row, "near", "middle");
        assert_null_value(table, row, "limited_by");
        assert_null_value(table, row, "sender");
        assert_null_value(table, row, "duration");
        assert_uint(table, row, "bytes", 2500);
    }
    mps_table_free(table);
    mps_report_free(report);
    bench_free(b);
}

/* The window was closed for 50 of 60 ms in which data was sent, but for 50 of 120 ms until all was
 * acknowledged. */
static void test_watch_until_the_end(void **state)
{
    const mps_limit_record first = {.time = 0, .data_end = 1000, .data = 1000};
    const mps_limit_record opens = {.time = 50000000, .data_ack = 1000, .window = 60000};
    const mps_limit_record last = {.time = 60000000, .data_end = 2000, .data = 1000};
    const mps_limit_record end = {.time = 120000000, .data_ack = 2000, .window = 60000};
    const mps_limit_record after = {.time = 121000000, .data_end = 3000, .data = 1000};
    mps_window_watch watch = {0};
    (void)state;
    mps_window_watch_send(&watch, &first, 1500);
    mps_window_watch_ack(&watch, &opens);
    mps_window_watch_send(&watch, &last, 1500);
    assert_true(mps_window_watch_suspects(&watch));
    mps_window_watch_ack(&watch, &end);
    assert_false(mps_window_watch_suspects(&watch));
    mps_window_watch_send(&watch, &after, 1500);
    assert_false(mps_window_watch_suspects(&watch));
    mps_window_watch_ack(&watch, &opens); /* it comes late */
    assert_true(mps_window_watch_suspects(&watch));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_watch_until_the_end),
        cmocka_unit_test(test_paced),
        cmocka_unit_test(test_idle),
        cmocka_unit_test(test_pause),
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_zero_window),
        cmocka_unit_test(test_subflow),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_unproved),
        cmocka_unit_test(test_held_back),
        cmocka_unit_test(test_small_but_not_dry),
        cmocka_unit_test(test_round_trips),
        cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_long_flight),
        cmocka_unit_test(test_queue_is_seen),
        cmocka_unit_test(test_outlook),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_both_directions),
        cmocka_unit_test(test_elsewhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
