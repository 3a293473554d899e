/* test_reordering.c: the report "reordering" on small captures made by hand, whose figures the
 * comments work out, and reassembly queues against a count byte by byte. What is found as segments
 * come must be what a replay finds.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/reordering.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define MS INT64_C(1000000)             /* ns */
#define START INT64_C(1700000000000000000)

/* A connection with its initial subflow and a joined one, captured at the server. */
typedef struct {
    bench *b;
    wire w, j;
} two_subflows;

/* SYN, SYN/ACK 1 ms later, and ACK after 39 ms more: the server answers at once. */
static void open_at(two_subflows *t, const wire *w, int64_t ms)
{
    for (unsigned step = 0; step < 3; step++) {
        packet p = packet_new(w, step == 1, step < 2 ? MPS_TCP_SYN : 0, step == 2, step > 0, 0);
        if (w == &t->w)
            packet_capable(&p, 1, MPS_CAPABLE_HMAC, step, step == 1 ? KS : KC, KS);
        else if (step == 0)
            packet_join_syn(&p, false, 3, token_of(KS, 1), 1);
        else if (step == 1)
            packet_join_synack(&p, false, 4, 2);
        else
            packet_join_ack(&p);
        t->b->time = START + (ms + (step == 0 ? 0 : step == 1 ? 1 : 40)) * MS;
        bench_feed(t->b, &p);
    }
}

static int setup(void **state)
{
    two_subflows *t = g_new0(two_subflows, 1);
    t->b = rows_bench("reordering");
    t->w = wire_new(1, 1000);
    t->j = wire_new(2, 1001);
    t->b->host = &t->w.address[FROM_PEER];
    open_at(t, &t->w, 0);
    open_at(t, &t->j, 50);
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

/* Data of the client at 100 + `ms` ms. */
static void data(two_subflows *t, const wire *w, int64_t ms, uint32_t ssn, uint32_t length,
                 uint64_t dsn)
{
    t->b->time = START + (100 + ms) * MS;
    bench_data(t->b, w, FROM_OPENER, ssn, length, DSN(dsn));
}

/* A DATA_ACK of the server, without a TCP acknowledgement. Its window is 1000 bytes. */
static void data_ack(two_subflows *t, int64_t ms, uint64_t dsn)
{
    t->b->time = START + (100 + ms) * MS;
    bench_ack(t->b, &t->w, FROM_PEER, DSN(dsn));
}

/* What a replay of the client's data tells. */
typedef struct {
    mps_held_figures figures;
    uint64_t data;
    double held;  /* bytes */
    int64_t time; /* of the arrival before */
} replayed_data;

static void take_arrival(const mps_arrival *arrival, uint32_t level, void *data)
{
    replayed_data *all = data;
    assert_int_equal(level, MPS_NONE);
    assert_false(arrival->queued);
    assert_true(arrival->time >= all->time);
    all->time = arrival->time;
    all->data += arrival->length;
    if (arrival->occupancy == 0)
        return;
    all->held += arrival->length;
    all->figures.longest = MAX(all->figures.longest, arrival->hold);
    if (arrival->room > 0)
        all->figures.window_share =
            MAX(all->figures.window_share, (double)arrival->occupancy / (double)arrival->room);
}

static mps_held_figures replayed(const two_subflows *t, uint64_t *data)
{
    replayed_data all = {.figures = MPS_HELD_UNKNOWN};
    mps_reordering_replay(t->b->tracker, 0, MPS_C2S, true, take_arrival, &all);
    all.figures.held_share = all.held / (double)all.data;
    *data = all.data;
    return all.figures;
}

/* Where segments came in the order of time, no replay is needed. @return whether they did */
static bool check_without_replay(const two_subflows *t)
{
    uint64_t data;
    mps_held_figures figures;
    const mps_held_figures right = replayed(t, &data);
    assert_false(mps_reordering_held(t->b->tracker, 0, MPS_C2S, data - 1, &figures));
    if (!mps_reordering_held(t->b->tracker, 0, MPS_C2S, data, &figures))
        return false;
    assert_true(figures.held_share == right.held_share);
    assert_true(figures.window_share == right.window_share);
    assert_int_equal(figures.longest, right.longest);
    return true;
}

static mps_table *table_of(const two_subflows *t, row_filter filter)
{
    mps_report *report = rows_report(t->b, "reordering", MPS_NONE, filter);
    mps_table *table = mps_report_table(report, t->b->tracker);
    check_without_replay(t);
    mps_report_free(report);
    return table;
}

/* The traffic of two tests, and what both expect.
 *
 *  #  ms  subflow  SSN      DSN      data level                                   room  above
 *  0   0  0        1-100    1-100    in order
 *     1 DATA_ACK 101, window 1000: bytes below 1101 may come
 *  1   2  1        1-100    201-300  held, 101-200 is missing                     1000  100
 *  2   4  1        101-200  301-400  held                                         1000  200
 *  3   7  0        101-200  101-200  late by 2 (#1 lies higher); frees #1, #2: 5 ms, 3 ms
 *  4   8  0        301-400  501-600  held, 401-500 is missing (and SSN 201-300)    700  100
 *  5  10  1        201-250  601-650  held                                          700  150
 *  6  14  0        201-300  401-500  late by 2 (#4); frees #4, #5: 6 ms, 4 ms
 *  7  15  0        401-500  701-800  held, 651-700 is missing                      450  100
 *  8  17  1        251-300  651-700  late by 1 (#7); frees #7: 2 ms
 *
 * Held: 100 bytes 5 ms, 100 bytes 3 ms, 100 bytes 6 ms, 50 bytes 4 ms, 100 bytes 2 ms: 450 bytes,
 * 500 + 300 + 600 + 200 + 200 = 1800 byte ms, 1600 of them waiting for subflow 0. In the order of
 * hold 100 have 2, 200 up to 3, 250 up to 4, 350 up to 5, 450 up to 6 ms: byte 225 is the median.
 * The largest share of the window is 100 / 450. The connection lasts 117 ms. */
static void check_data_row(const mps_table *table)
{
    assert_text(table, 0, "level", "data");
    assert_null_value(table, 0, "subflow");
    assert_text(table, 0, "direction", "c2s");
    assert_text(table, 0, "near", "receiver");
    assert_uint(table, 0, "segments", 9);
    assert_uint(table, 0, "bytes", 800);
    assert_uint(table, 0, "reordered_segments", 3);
    assert_real(table, 0, "reordered_ratio", 3.0 / 9);
    assert_real(table, 0, "extent.mean", (2.0 + 2 + 1) / 3);
    assert_uint(table, 0, "extent.max", 2);
    assert_uint(table, 0, "held_segments", 5);
    assert_uint(table, 0, "held_bytes", 450);
    assert_real(table, 0, "held_share", 450.0 / 800);
    assert_uint(table, 0, "unreleased_bytes", 0);
    assert_ns(table, 0, "hold.min", 2 * MS);
    assert_ns(table, 0, "hold.median", 4 * MS);
    assert_ns(table, 0, "hold.mean", 1800 * MS / 450);
    assert_ns(table, 0, "hold.p95", 6 * MS);
    assert_ns(table, 0, "hold.p99", 6 * MS);
    assert_ns(table, 0, "hold.max", 6 * MS);
    assert_ns(table, 0, "hold.mean_of_all", 1800 * MS / 800);
    assert_uint(table, 0, "buffer.max", 200);
    assert_real(table, 0, "buffer.mean", 1800.0 / 117);
    assert_real(table, 0, "buffer.window_share", 100.0 / 450);
    assert_text(table, 0, "waited_for", "0: 89 %, 1: 11 %");
    assert_non_null(strstr(rows_value(table, 0, "waited_for")->nested.json,
                           "{\"subflow\": 0, \"byte_seconds\": 1.6, \"share\": 0.888888888889}"));
}

/* Subflow 0: SSN 201 comes 1 after 301-400, which waits 6 ms for it; the subflow lasts 115 ms.
 * Subflow 1: all in order. The subflows deliver #1, #2, #5 and #7 too early, but not #4, which its
 * subflow holds until #6 came. */
static void check_subflow_rows(const mps_table *table)
{
    assert_int_equal(table->row_count, 3);
    assert_text(table, 1, "level", "subflow");
    assert_uint(table, 1, "subflow", 0);
    assert_uint(table, 1, "segments", 5);
    assert_uint(table, 1, "bytes", 500);
    assert_uint(table, 1, "reordered_segments", 1);
    assert_uint(table, 1, "extent.max", 1);
    assert_uint(table, 1, "held_bytes", 100);
    assert_ns(table, 1, "hold.max", 6 * MS);
    assert_real(table, 1, "buffer.mean", 600.0 / 115);
    assert_null_value(table, 1, "buffer.window_share");
    assert_null_value(table, 1, "waited_for");
    assert_uint(table, 2, "subflow", 1);
    assert_uint(table, 2, "segments", 4);
    assert_uint(table, 2, "held_segments", 0);
    assert_null_value(table, 2, "extent.max");
    assert_null_value(table, 2, "hold.median");
    assert_ns(table, 2, "hold.mean_of_all", 0);
    assert_uint(table, 0, "queued_segments", 4);
    assert_uint(table, 1, "queued_segments", 1);
    assert_uint(table, 2, "queued_segments", 3);
}

static void feed_subflow_0(two_subflows *t)
{
    data(t, &t->w, 0, 1, 100, 1);
    data_ack(t, 1, 101);
    data(t, &t->w, 7, 101, 100, 101);
    data(t, &t->w, 8, 301, 100, 501);
    data(t, &t->w, 14, 201, 100, 401);
    data(t, &t->w, 15, 401, 100, 701);
}

static void feed_subflow_1(two_subflows *t)
{
    data(t, &t->j, 2, 1, 100, 201);
    data(t, &t->j, 4, 101, 100, 301);
    data(t, &t->j, 10, 201, 50, 601);
    data(t, &t->j, 17, 251, 50, 651);
}

/* Two interfaces were captured: the frames of one subflow come before those of the other. */
static void test_order_is_that_of_time(void **state)
{
    two_subflows *t = *state;
    feed_subflow_0(t);
    feed_subflow_1(t);
    assert_false(check_without_replay(t));
    mps_table *table = table_of(t, NULL);
    check_data_row(table);
    check_subflow_rows(table);
    mps_table_free(table);
}

static void test_by_hand(void **state)
{
    two_subflows *t = *state;
    data(t, &t->w, 0, 1, 100, 1);
    data_ack(t, 1, 101);
    data(t, &t->j, 2, 1, 100, 201);
    data(t, &t->j, 4, 101, 100, 301);
    data(t, &t->w, 7, 101, 100, 101);
    data(t, &t->w, 8, 301, 100, 501);
    data(t, &t->j, 10, 201, 50, 601);
    data(t, &t->w, 14, 201, 100, 401);
    data(t, &t->w, 15, 401, 100, 701);
    data(t, &t->j, 17, 251, 50, 651);
    assert_true(check_without_replay(t));
    mps_table *table = table_of(t, NULL);
    check_data_row(table);
    check_subflow_rows(table);
    mps_table_free(table);
}

static bool is_joined(const mps_verdict *verdict)
{
    return verdict->subflow == 1;
}

/* All segments are analysed, but only those of subflow 1 are counted: #1, #2, #5, #8 from above.
 * Held: 100 bytes 5 ms, 100 bytes 3 ms, 50 bytes 4 ms, all waiting for subflow 0. */
static void test_filter(void **state)
{
    two_subflows *t = *state;
    feed_subflow_0(t);
    feed_subflow_1(t);
    mps_table *table = table_of(t, is_joined);
    assert_int_equal(table->row_count, 2);
    assert_uint(table, 0, "segments", 4);
    assert_uint(table, 0, "bytes", 300);
    assert_uint(table, 0, "reordered_segments", 1);
    assert_uint(table, 0, "held_bytes", 250);
    assert_ns(table, 0, "hold.mean", 1000 * MS / 250);
    assert_uint(table, 0, "queued_segments", 3);
    assert_text(table, 0, "waited_for", "0: 100 %");
    assert_uint(table, 1, "subflow", 1);
    mps_table_free(table);
}

/* A retransmission and a reinjection of data that arrived before are no arrivals. An
 * acknowledgement ends the wait for data that was not captured: 201-300 waits 5 ms for such a byte.
 * 401-500 is still held at the end, 4 ms later. */
static void test_repeated_missing_and_open(void **state)
{
    two_subflows *t = *state;
    data(t, &t->w, 0, 1, 100, 1);
    data(t, &t->w, 1, 1, 100, 1);
    data(t, &t->j, 2, 1, 100, 1);
    data(t, &t->j, 3, 101, 100, 201);
    data_ack(t, 8, 301);
    data(t, &t->j, 9, 201, 100, 401);
    data(t, &t->j, 13, 201, 100, 401);
    mps_table *table = table_of(t, NULL);
    assert_uint(table, 0, "segments", 3);
    assert_uint(table, 0, "bytes", 300);
    assert_uint(table, 0, "reordered_segments", 0);
    assert_uint(table, 0, "held_bytes", 200);
    assert_uint(table, 0, "unreleased_bytes", 100);
    assert_ns(table, 0, "hold.min", 5 * MS);
    assert_ns(table, 0, "hold.max", 5 * MS);
    assert_ns(table, 0, "hold.mean", 5 * MS);
    assert_ns(table, 0, "hold.mean_of_all", 5 * MS * 100 / 200);
    assert_real(table, 0, "buffer.mean", (500.0 + 400) / 113);
    assert_text(table, 0, "waited_for", "not captured: 100 %");
    assert_uint(table, 1, "segments", 1);
    assert_uint(table, 2, "segments", 3);
    mps_table_free(table);
}

/* Segments of 100 bytes on both subflows, some of them again, and DATA_ACKs, at random. */
static void test_random_without_replay(void **state)
{
    two_subflows *t = *state;
    GRand *random = g_rand_new_with_seed(3);
    uint64_t top = 1;
    for (int64_t ms = 0; ms < 500; ms++) {
        const uint64_t dsn = 1 + 100 * (uint64_t)g_rand_int_range(random, 0, 200);
        const bool joined = g_rand_boolean(random);
        if (g_rand_int_range(random, 0, 8) == 0) {
            data_ack(t, ms, (uint64_t)g_rand_int_range(random, 1, (gint32)top + 1));
        } else {
            data(t, joined ? &t->j : &t->w, ms, (uint32_t)dsn, 100, dsn);
            top = MAX(top, dsn + 100);
        }
        if (ms > 0 && ms % 20 == 0 && top > 1)
            assert_true(check_without_replay(t));
    }
    g_rand_free(random);
}

/* The median counts bytes: of three bytes that wait 3, 2 and 1 ms it is that of the second one. */
static void test_median_of_bytes(void **state)
{
    two_subflows *t = *state;
    data(t, &t->w, 0, 2, 1, 2);
    data(t, &t->w, 1, 3, 1, 3);
    data(t, &t->w, 2, 4, 1, 4);
    data(t, &t->w, 3, 1, 1, 1);
    mps_table *table = table_of(t, NULL);
    assert_ns(table, 0, "hold.min", 1 * MS);
    assert_ns(table, 0, "hold.median", 2 * MS);
    assert_ns(table, 0, "hold.max", 3 * MS);
    mps_table_free(table);
}

/* 101-500 was not captured, but acknowledged: 501-600 is in order. An acknowledgement of 2^31 bytes
 * more is ignored: 701-800 waits for 601-700. */
static void test_acknowledged_but_not_captured(void **state)
{
    two_subflows *t = *state;
    data(t, &t->w, 0, 1, 100, 1);
    data_ack(t, 1, 501);
    data(t, &t->w, 2, 501, 100, 501);
    data_ack(t, 3, 501 + (UINT64_C(1) << 31));
    data(t, &t->j, 4, 1, 100, 701);
    data(t, &t->w, 6, 601, 100, 601);
    mps_table *table = table_of(t, NULL);
    assert_uint(table, 0, "segments", 4);
    assert_uint(table, 0, "held_bytes", 100);
    assert_ns(table, 0, "hold.max", 2 * MS);
    assert_text(table, 0, "waited_for", "0: 100 %");
    mps_table_free(table);
}

/* Linux queues data that a subflow delivers at once by the in-order point from before: 301-400
 * follows 1-200 on its subflow; 201-300 of the other subflow is found in the queue only afterwards.
 */
static void test_queue_is_examined_last(void **state)
{
    two_subflows *t = *state;
    data(t, &t->w, 0, 101, 100, 101);
    data(t, &t->j, 1, 1, 100, 201);
    data(t, &t->w, 2, 201, 100, 301);
    data(t, &t->w, 3, 1, 100, 1);
    mps_table *table = table_of(t, NULL);
    assert_uint(table, 0, "queued_segments", 2);
    assert_uint(table, 1, "queued_segments", 1);
    assert_uint(table, 2, "queued_segments", 1);
    assert_uint(table, 0, "held_segments", 3);
    assert_uint(table, 0, "extent.max", 3);
    mps_table_free(table);
}

/* The DATA_ACK 101, with another window. */
static void data_ack_window(two_subflows *t, int64_t ms, uint16_t window)
{
    packet p = packet_new(&t->w, FROM_PEER, 0, 1, 1, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = DSN(101)});
    p.window = window;
    t->b->time = START + (100 + ms) * MS;
    bench_feed(t->b, &p);
}

/* 400 bytes are held where there is room for 500, and 500 more where there is room for 1000: a
 * smaller window does not move its right edge back. */
static void test_window_moves(void **state)
{
    static const uint16_t windows[] = {100, 200, 300, 400, 500};
    two_subflows *t = *state;
    data(t, &t->w, 0, 1, 100, 1);
    for (unsigned i = 0; i < G_N_ELEMENTS(windows); i++)
        data_ack_window(t, 1 + i, windows[i]);
    data(t, &t->j, 7, 1, 400, 201);
    mps_table *table = table_of(t, NULL);
    assert_real(table, 0, "buffer.window_share", 400.0 / 500);
    mps_table_free(table);
    data_ack_window(t, 8, 1000);
    data_ack_window(t, 9, 300);
    data(t, &t->j, 10, 401, 500, 601);
    table = table_of(t, NULL);
    assert_real(table, 0, "buffer.window_share", 900.0 / 1000);
    mps_table_free(table);
}

/* If the handshake was not captured, the first byte that was captured is the first one expected. */
static void test_start_in_the_middle(void **state)
{
    (void)state;
    two_subflows t = {rows_bench("reordering"), wire_new(1, 1000), wire_new(2, 1001)};
    data(&t, &t.w, 0, 5001, 100, 70001);
    data(&t, &t.w, 1, 5101, 100, 70101);
    data(&t, &t.w, 2, 5301, 100, 70301);
    data(&t, &t.w, 4, 5201, 100, 70201);
    mps_table *table = table_of(&t, NULL);
    assert_uint(table, 0, "segments", 4);
    assert_uint(table, 0, "reordered_segments", 1);
    assert_uint(table, 0, "held_bytes", 100);
    assert_ns(table, 0, "hold.max", 2 * MS);
    assert_null_value(table, 0, "near");
    assert_null_value(table, 0, "buffer.window_share");
    mps_table_free(table);
    bench_free(t.b);
}

#define SPACE 400 /* bytes of a random queue */

/* A reassembly queue, and the same kept byte by byte. */
typedef struct {
    mps_reassembly queue;
    GArray *settled;                        /* mps_arrival: those that left the queue */
    int64_t arrived[SPACE], ordered[SPACE]; /* -1: not yet */
    uint64_t starts[4 * SPACE];             /* of the arrivals, in their order */
    guint arrivals;
} plain_queue;

/* Bytes that arrived above the first one that is missing. */
static uint64_t count_above(const plain_queue *plain)
{
    uint64_t above = 0;
    bool missing = false;
    for (unsigned i = 0; i < SPACE; i++) {
        missing |= plain->arrived[i] < 0;
        above += missing && plain->arrived[i] >= 0;
    }
    return above;
}

/* How many arrivals ago the first one came that lies higher. */
static uint32_t plain_extent(const plain_queue *plain, uint64_t start)
{
    for (guint j = 0; j < plain->arrivals; j++)
        if (plain->starts[j] > start)
            return plain->arrivals - j;
    return 0;
}

static void arrive(plain_queue *plain, unsigned start, unsigned end, int64_t now)
{
    uint32_t extents[SPACE];
    guint first = plain->arrivals;
    for (unsigned i = start; i < end; i++) {
        if (plain->arrived[i] >= 0)
            continue;
        if (i == start || plain->arrived[i - 1] != now) {
            extents[plain->arrivals - first] = plain_extent(plain, i);
            plain->starts[plain->arrivals++] = i;
        }
        plain->arrived[i] = now;
    }
    for (unsigned i = 0; i < SPACE && plain->arrived[i] >= 0; i++)
        if (plain->ordered[i] < 0)
            plain->ordered[i] = now;
    guint count =
        mps_reassembly_arrive(&plain->queue, start, end, &(mps_arrival){.time = now}, NULL, NULL);
    assert_int_equal(count, plain->arrivals - first);
    assert_int_equal(plain->queue.occupancy, count_above(plain));
    for (guint i = 0; i < count; i++)
        assert_int_equal(g_array_index(plain->queue.arrivals, mps_arrival,
                                       plain->queue.arrivals->len - count + i)
                             .extent,
                         extents[i]);
}

static void keep_settled(mps_arrival *arrival, void *data)
{
    plain_queue *plain = data;
    g_array_append_val(plain->settled, *arrival);
}

/* Of the arrivals, in their order, all that come before the first one that is held are settled. */
static void check_settled(plain_queue *plain)
{
    guint settled = 0;
    mps_reassembly_settle(&plain->queue, false, keep_settled, plain);
    while (settled < plain->arrivals && plain->ordered[plain->starts[settled]] >= 0)
        settled++;
    assert_int_equal(plain->settled->len, settled);
    assert_true(plain->queue.arrivals->len <= 2 * (plain->arrivals - settled));
}

static void check_queue(const plain_queue *plain)
{
    uint64_t bytes = 0;
    for (guint i = 0; i < plain->arrivals; i++) {
        const mps_arrival *a = &g_array_index(plain->settled, mps_arrival, i);
        assert_int_equal(a->start, plain->starts[i]);
        bytes += a->length;
        for (uint64_t byte = a->start; byte < a->start + a->length; byte++) {
            assert_int_equal(a->time, plain->arrived[byte]);
            if (plain->ordered[byte] < 0)
                assert_int_equal(a->hold, MPS_STILL_HELD);
            else
                assert_int_equal(a->hold, plain->ordered[byte] - plain->arrived[byte]);
        }
    }
    for (unsigned i = 0; i < SPACE; i++)
        bytes -= plain->arrived[i] >= 0;
    assert_int_equal(bytes, 0);
}

/* In every other run, arrivals leave as soon as they are settled; in the others, all at the end. */
static void test_random_queues(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(4737);
    for (unsigned run = 0; run < 300; run++) {
        plain_queue *plain = g_new0(plain_queue, 1);
        memset(plain->arrived, 0xff, sizeof plain->arrived);
        memset(plain->ordered, 0xff, sizeof plain->ordered);
        plain->settled = g_array_new(FALSE, FALSE, sizeof(mps_arrival));
        mps_reassembly_begin(&plain->queue, 0);
        for (int64_t now = 1; now < 80; now++) {
            unsigned start = (unsigned)g_rand_int_range(random, 0, SPACE - 1);
            unsigned length = (unsigned)g_rand_int_range(random, 1, 40);
            arrive(plain, start, MIN(start + length, SPACE), now);
            if (run % 2 == 0)
                check_settled(plain);
        }
        mps_reassembly_settle(&plain->queue, true, keep_settled, plain);
        assert_int_equal(plain->settled->len, plain->arrivals);
        check_queue(plain);
        mps_reassembly_end(&plain->queue);
        g_array_free(plain->settled, TRUE);
        g_free(plain);
    }
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_by_hand, setup, teardown),
        cmocka_unit_test_setup_teardown(test_order_is_that_of_time, setup, teardown),
        cmocka_unit_test_setup_teardown(test_filter, setup, teardown),
        cmocka_unit_test_setup_teardown(test_repeated_missing_and_open, setup, teardown),
        cmocka_unit_test_setup_teardown(test_random_without_replay, setup, teardown),
        cmocka_unit_test_setup_teardown(test_median_of_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_acknowledged_but_not_captured, setup, teardown),
        cmocka_unit_test_setup_teardown(test_queue_is_examined_last, setup, teardown),
        cmocka_unit_test_setup_teardown(test_window_moves, setup, teardown),
        cmocka_unit_test(test_start_in_the_middle),
        cmocka_unit_test(test_random_queues),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
