/* test_fields.c: the fields of single segments, against figures worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include <mptcpscope/fields.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define KEY_A UINT64_C(0x0102030405060708)
#define KEY_B UINT64_C(0x1112131415161718)
#define MS INT64_C(1000000)

/* A connection with two subflows; segments are a millisecond apart. */
typedef struct {
    bench *bench;
    wire first, second;
    uint64_t base; /* DSN of the client's first byte */
} scene;

static scene scene_new(void)
{
    scene s = {bench_new(MPS_TRACK_MPTCP), wire_new(1, 1001), wire_new(2, 1002), 0};
    s.base = idsn_of(KEY_A, 1) + 1;
    mps_analyses_want(s.bench->tracker, MPS_NEED_ALL_FIELDS);
    bench_open(s.bench, &s.first, 1, KEY_A, KEY_B);
    bench_join(s.bench, &s.second, token_of(KEY_B, 1), 7);
    return s;
}

static mps_fields fields_of(const scene *s, mps_verdict verdict)
{
    mps_fields fields;
    assert_true(mps_fields_of(s->bench->tracker, &verdict, &fields));
    return fields;
}

static mps_verdict send_data(const scene *s, const wire *w, uint32_t ssn, uint64_t at)
{
    return bench_data(s->bench, w, FROM_OPENER, ssn, 100, s->base + at);
}

static void test_events(void **state)
{
    (void)state;
    scene s = scene_new();
    mps_fields fields = fields_of(&s, g_array_index(s.bench->verdicts, mps_verdict, 4));
    assert_int_equal(fields.events, 1);
    assert_int_equal(fields.event[0].kind, MPS_EVENT_MP_JOIN);
    assert_int_equal(fields.event[0].step, MPS_STEP_SYNACK);
    assert_int_equal(fields.in_flight, MPS_NONE);
    bench_free(s.bench);
}

static void test_reinjection(void **state)
{
    (void)state;
    scene s = scene_new();
    mps_verdict first = send_data(&s, &s.first, 1, 0);
    assert_int_equal(fields_of(&s, first).reinjected_in.count, 0);
    mps_verdict again = send_data(&s, &s.second, 1, 0);
    mps_fields fields = fields_of(&s, again);
    assert_int_equal(fields.reinjection_of.count, 1);
    assert_int_equal(fields.reinjection_of.frames[0], first.frame);
    assert_int_equal(fields.reinjected_in.count, 0);
    fields = fields_of(&s, first);
    assert_int_equal(fields.reinjection_of.count, 0);
    assert_int_equal(fields.reinjected_in.count, 1);
    assert_int_equal(fields.reinjected_in.frames[0], again.frame);
    bench_free(s.bench);
}

static bool is_known(const scene *s, mps_verdict verdict)
{
    mps_fields fields;
    return mps_fields_of(s->bench->tracker, &verdict, &fields);
}

/* Only what has events or reinjects data is kept. */
static void test_notable(void **state)
{
    (void)state;
    scene s = {bench_new(MPS_TRACK_MPTCP), wire_new(1, 1001), wire_new(2, 1002), 0};
    s.base = idsn_of(KEY_A, 1) + 1;
    mps_analyses_want(s.bench->tracker, MPS_NEED_ALL_FIELDS & ~(unsigned)MPS_NEED_RTT);
    mps_fields_keep(s.bench->tracker, MPS_FIELDS_OF_NOTABLE);
    bench_open(s.bench, &s.first, 1, KEY_A, KEY_B);
    bench_join(s.bench, &s.second, token_of(KEY_B, 1), 7);
    mps_verdict first = send_data(&s, &s.first, 1, 0);
    mps_verdict again = send_data(&s, &s.second, 1, 0);
    mps_verdict next = send_data(&s, &s.first, 101, 100);
    assert_false(is_known(&s, first));
    assert_false(is_known(&s, next));
    assert_int_equal(fields_of(&s, again).reinjection_of.frames[0], first.frame);
    assert_int_equal(fields_of(&s, g_array_index(s.bench->verdicts, mps_verdict, 4)).event[0].kind,
                     MPS_EVENT_MP_JOIN);
    bench_free(s.bench);
}

/* What belongs to a segment is known until the next one comes. */
static void test_latest(void **state)
{
    (void)state;
    scene s = {bench_new(MPS_TRACK_MPTCP), wire_new(1, 1001), wire_new(2, 1002), 0};
    s.base = idsn_of(KEY_A, 1) + 1;
    mps_analyses_want(s.bench->tracker, MPS_NEED_FIELDS | MPS_NEED_EVENTS);
    mps_fields_keep(s.bench->tracker, MPS_FIELDS_OF_LATEST);
    bench_open(s.bench, &s.first, 1, KEY_A, KEY_B);
    mps_verdict first = send_data(&s, &s.first, 1, 0);
    assert_true(is_known(&s, first));
    mps_verdict next = send_data(&s, &s.first, 101, 100);
    assert_false(is_known(&s, first));
    assert_true(is_known(&s, next));
    bench_free(s.bench);
}

/* Data 100..199 comes 2 ms before 0..99. */
static void test_order(void **state)
{
    (void)state;
    scene s = scene_new();
    mps_verdict high = send_data(&s, &s.second, 1, 100);
    mps_fields fields = fields_of(&s, high);
    assert_true(fields.out_of_order);
    assert_false(fields.has_hold);
    assert_int_equal(fields.in_flight, 100);
    assert_int_equal(fields.data_in_flight, 200);
    mps_verdict higher = send_data(&s, &s.second, 101, 200);
    mps_verdict low = send_data(&s, &s.first, 1, 0);
    assert_false(fields_of(&s, low).out_of_order);
    assert_int_equal(fields_of(&s, low).data_in_flight, 300);
    fields = fields_of(&s, high);
    assert_true(fields.has_hold);
    assert_int_equal(fields.hold, 2 * MS);
    assert_int_equal(fields_of(&s, higher).hold, MS);
    assert_int_equal(fields_of(&s, higher).mappings.frames[0], higher.frame);
    bench_free(s.bench);
}

/* The same, but the capture does not have the frames in the order of time. */
static void test_order_of_time(void **state)
{
    (void)state;
    scene s = scene_new();
    int64_t start = s.bench->time;
    s.bench->time = start + MS;
    mps_verdict high = send_data(&s, &s.second, 1, 100);
    s.bench->time = start;
    mps_verdict low = send_data(&s, &s.first, 1, 0);
    assert_true(fields_of(&s, high).out_of_order);
    mps_fields_settle(s.bench->tracker);
    assert_false(fields_of(&s, high).out_of_order);
    assert_int_equal(fields_of(&s, high).data_in_flight, 200);
    assert_int_equal(fields_of(&s, low).data_in_flight, 100);
    bench_free(s.bench);
}

/* A DATA_ACK 1 ms after the second of two segments, and one of data that was not captured. */
static void test_data_acks(void **state)
{
    (void)state;
    scene s = scene_new();
    send_data(&s, &s.first, 1, 0);
    send_data(&s, &s.first, 101, 100);
    mps_fields fields = fields_of(&s, bench_ack(s.bench, &s.first, FROM_PEER, s.base + 200));
    assert_true(fields.has_data_ack && fields.data_ack.has_relative);
    assert_int_equal(fields.data_ack.relative, 201);
    assert_int_equal(fields.data_rtts, 2);
    assert_int_equal(fields.data_rtt[0], 2 * MS);
    assert_int_equal(fields.data_rtt[1], MS);
    assert_int_equal(fields.unseen, 0);
    mps_verdict verdict = bench_ack(s.bench, &s.first, FROM_PEER, s.base + 350);
    assert_int_equal(fields_of(&s, verdict).unseen, 150);
    send_data(&s, &s.second, 1, 200);
    assert_int_equal(fields_of(&s, verdict).unseen, 50);
    bench_free(s.bench);
}

static void test_nothing_kept(void **state)
{
    (void)state;
    scene s = scene_new();
    mps_verdict verdict = {.frame = 1000};
    mps_fields fields;
    assert_false(mps_fields_of(s.bench->tracker, &verdict, &fields));
    bench_free(s.bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),    cmocka_unit_test(test_reinjection),
        cmocka_unit_test(test_notable),   cmocka_unit_test(test_latest),
        cmocka_unit_test(test_order),     cmocka_unit_test(test_order_of_time),
        cmocka_unit_test(test_data_acks), cmocka_unit_test(test_nothing_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
