/* test_interarrival.c: the report "interarrival", against figures worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define MS 1000000

/* A connection with its initial subflow and a joined one. Data begins with frame 7. */
typedef struct {
    bench *b;
    wire w, j;
    int64_t start; /* of data */
    mps_table *table;
} fixture;

static int setup(void **state)
{
    fixture *f = g_new0(fixture, 1);
    f->b = rows_bench("interarrival");
    f->w = wire_new(1, 1000);
    f->j = wire_new(2, 1001);
    bench_open(f->b, &f->w, 1, KC, KS);
    bench_join(f->b, &f->j, token_of(KS, 1), 1);
    f->start = f->b->time;
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    mps_table_free(f->table);
    bench_free(f->b);
    g_free(f);
    return 0;
}

static void report(fixture *f, row_filter filter)
{
    mps_report *made = rows_report(f->b, "interarrival", MPS_NONE, filter);
    f->table = mps_report_table(made, f->b->tracker);
    mps_report_free(made);
}

/* Data from the client, `ms` after the first. */
static void send(fixture *f, int ms, const wire *w, uint32_t ssn, uint32_t length, uint64_t byte)
{
    f->b->time = f->start + (int64_t)ms * MS;
    bench_data(f->b, w, FROM_OPENER, ssn, length, DSN(byte));
}

/* Subflows 0 0 1 1 0: blocks of 2000, 700 and 300 bytes. */
static void exchange(fixture *f)
{
    send(f, 0, &f->w, 1, 1000, 1);
    send(f, 2, &f->w, 1001, 1000, 1001);
    send(f, 3, &f->j, 1, 500, 2001);
    send(f, 4, &f->w, 1, 1000, 1);       /* a retransmission: no new data */
    send(f, 5, &f->w, 2001, 500, 2001);  /* a reinjection: no new data, no switch */
    send(f, 9, &f->j, 501, 200, 2801);   /* 300 bytes too high */
    send(f, 19, &f->w, 2501, 300, 2501); /* 500 below the end of the one before */
}

static void test_exchange(void **state)
{
    fixture *f = *state;
    exchange(f);
    report(f, NULL);
    assert_int_equal(f->table->row_count, 1);
    assert_uint(f->table, 0, "connection", 0);
    assert_text(f->table, 0, "direction", "c2s");
    assert_uint(f->table, 0, "segments", 5);
    assert_uint(f->table, 0, "data_bytes", 3000);
    assert_uint(f->table, 0, "late_bytes", 0);
    assert_ns(f->table, 0, "gap.min", MS); /* gaps: 2, 1, 6, 10 ms */
    assert_real(f->table, 0, "gap.median", 0.004);
    assert_real(f->table, 0, "gap.mean", 0.00475);
    assert_ns(f->table, 0, "gap.p95", 10 * MS);
    assert_ns(f->table, 0, "gap.max", 10 * MS);
    assert_uint(f->table, 0, "jump.count", 2);
    assert_real(f->table, 0, "jump.median", 400.0);
    assert_uint(f->table, 0, "jump.max", 500);
    assert_uint(f->table, 0, "switches", 2);
    assert_real(f->table, 0, "switch_rate", 2 / 0.019);
    assert_uint(f->table, 0, "block.count", 3);
    assert_uint(f->table, 0, "block.min", 300);
    assert_real(f->table, 0, "block.median", 700.0);
    assert_real(f->table, 0, "block.mean", 1000.0);
    assert_uint(f->table, 0, "block.p95", 2000);
    assert_uint(f->table, 0, "block.max", 2000);
    assert_uint(f->table, 0, "dominant", 0);
    assert_real(f->table, 0, "share", 2300 / 3000.0);
    /* (2300 + 700)^2 / (2 (2300^2 + 700^2)) */
    assert_real(f->table, 0, "jain", 9e6 / 11.56e6);
}

static bool is_on_second(const mps_verdict *verdict)
{
    return verdict->subflow == 1;
}

/* A gap between two segments is counted with the later one, whether or not the earlier one passes
 * the filter. */
static void test_filter(void **state)
{
    fixture *f = *state;
    exchange(f);
    report(f, is_on_second);
    assert_int_equal(f->table->row_count, 1);
    assert_uint(f->table, 0, "segments", 2);
    assert_uint(f->table, 0, "data_bytes", 700);
    assert_ns(f->table, 0, "gap.min", MS);
    assert_ns(f->table, 0, "gap.max", 6 * MS);
    assert_uint(f->table, 0, "jump.count", 1);
    assert_uint(f->table, 0, "switches", 1);
    assert_real(f->table, 0, "switch_rate", 1 / 0.006);
    assert_uint(f->table, 0, "block.count", 1);
    assert_uint(f->table, 0, "block.max", 700);
    assert_uint(f->table, 0, "dominant", 1);
    assert_real(f->table, 0, "share", 1.0);
}

/* Two interfaces, whose frames are in the capture one after the other. */
static void test_order_of_time(void **state)
{
    fixture *f = *state;
    send(f, 0, &f->w, 1, 100, 1);
    send(f, 20, &f->w, 101, 100, 201);
    send(f, 10, &f->j, 1, 100, 101);
    send(f, 30, &f->j, 101, 100, 301);
    report(f, NULL);
    assert_ns(f->table, 0, "gap.min", 10 * MS);
    assert_ns(f->table, 0, "gap.max", 10 * MS);
    assert_uint(f->table, 0, "jump.count", 0);
    assert_null_value(f->table, 0, "jump.median");
    assert_uint(f->table, 0, "switches", 3);
    assert_uint(f->table, 0, "block.count", 4);
    assert_real(f->table, 0, "jain", 1.0);
}

static void test_single_segment(void **state)
{
    fixture *f = *state;
    send(f, 0, &f->j, 1, 100, 1);
    report(f, NULL);
    assert_uint(f->table, 0, "segments", 1);
    assert_null_value(f->table, 0, "gap.min");
    assert_null_value(f->table, 0, "gap.p95");
    assert_null_value(f->table, 0, "switch_rate");
    assert_uint(f->table, 0, "switches", 0);
    assert_uint(f->table, 0, "block.count", 1);
    assert_uint(f->table, 0, "dominant", 1);
    assert_real(f->table, 0, "jain", 0.5);
}

static bool is_8(const mps_verdict *verdict)
{
    return verdict->frame == 8;
}

/* Bytes whose mapping came later have no time, but are counted. */
static void test_late(void **state)
{
    fixture *f = *state;
    bench_plain(f->b, &f->w, FROM_OPENER, 1, 1000); /* 7 */
    packet p = packet_new(&f->w, FROM_OPENER, 0, 1001, 1, 400);
    packet_dss(&p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1, .length = 1000});
    bench_feed(f->b, &p);               /* 8: maps earlier payload, not its own */
    send(f, 5, &f->w, 1001, 400, 1001); /* 9 */
    report(f, NULL);
    assert_uint(f->table, 0, "segments", 0);
    assert_uint(f->table, 0, "data_bytes", 0);
    assert_uint(f->table, 0, "late_bytes", 1400);
    assert_null_value(f->table, 0, "gap.max");
    assert_null_value(f->table, 0, "block.max");
    assert_null_value(f->table, 0, "dominant");
    assert_null_value(f->table, 0, "jain");
    mps_table_free(f->table);
    report(f, is_8);
    assert_uint(f->table, 0, "late_bytes", 1000);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_exchange),       TEST(test_filter), TEST(test_order_of_time),
        TEST(test_single_segment), TEST(test_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
