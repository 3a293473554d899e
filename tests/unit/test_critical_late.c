/* test_critical_late.c: critical paths where the receiver's capture begins in mid-transfer, and how
 * much each subflow brought.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "transfers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define DATA(offset) (MPS_CRITICAL_FIRST_DATA + (offset))

/* The client sends payload on a subflow. @param data  offset of its first byte */
static void sends(histories *h, uint32_t subflow, int64_t left, int64_t arrived, uint64_t seq,
                  uint64_t data, uint32_t length)
{
    histories_add(h, (shot){.subflow = subflow,
                            .left = left,
                            .arrived = arrived,
                            .seq = seq,
                            .length = length,
                            .dsn = DATA(data),
                            .ack = 1});
}

/* The server acknowledges it. @param data  bytes of data */
static void acks(histories *h, uint32_t subflow, int64_t left, uint64_t ack, uint64_t data)
{
    histories_add(h, (shot){.subflow = subflow,
                            .direction = MPS_S2C,
                            .left = left,
                            .arrived = left + TRIP,
                            .seq = 1,
                            .ack = ack,
                            .data_ack = DATA(data)});
}

/* Check the path from client to server. @param elapsed  us  @param delivered  bytes of data */
static void check(histories *h, int64_t elapsed, uint64_t delivered)
{
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_int_equal(path->reason, MPS_CRITICAL_KNOWN);
    histories_check(path);
    assert_int_equal(path->elapsed, 1000 * elapsed);
    assert_int_equal(path->delivered, delivered);
    assert_int_equal(path->undelivered, 0);
    mps_critical_path_free(path);
}

/* Segments leave a queue one in three milliseconds, and the capture at the server begins with the
 * third of five: what that waited for is not in it. */
static void test_queue_before(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    const int64_t t = histories_open(h, 0, 0, TRIP) + 10, first = t + TRIP;
    for (unsigned i = 0; i < 5; i++) {
        sends(h, 0, t + i, first + 3000 * i, 1 + FULL * i, FULL * i, FULL);
        acks(h, 0, first + 3000 * i + 10, 1 + FULL * (i + 1), FULL * (i + 1));
    }
    sends(h, 0, t + 90000, first + 90000, 1, 0, FULL); /* again, and nothing is before it */
    histories_begin(h, 1, first + 6000);
    check_path(h, "unexplained - 36210\n"
                  "bottleneck bottleneck 0> 3000\nbottleneck bottleneck 0> 3000\n");
    histories_free(h);
}

/* The first of three segments was lost, and the capture at the server begins with the third: the
 * repetition is below all that it has as yet. All data were delivered, by the last segment. */
static void test_lost_before(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    const int64_t t = histories_open(h, 0, 0, TRIP) + 10;
    sends(h, 0, t, LOST, 1, 0, FULL);
    sends(h, 0, t + 10, t + TRIP, 1 + FULL, FULL, FULL);
    sends(h, 0, t + 20, t + TRIP + 20, 1 + 2 * FULL, 2 * FULL, FULL);
    sends(h, 0, t + 300000, t + 300000 + TRIP, 1, 0, FULL);
    acks(h, 0, t + 300010 + TRIP, 1 + 3 * FULL, 3 * FULL);
    sends(h, 0, t + 400000, t + 400000 + TRIP, 1 + 3 * FULL, 3 * FULL, FULL);
    histories_begin(h, 1, t + TRIP + 20);
    histories_set_base(h, 1, 0, 1 + 2 * FULL); /* the first byte that it has */
    check(h, t + 400000 + TRIP, 4 * FULL);
    histories_free(h);
}

/* Data that the server had acknowledged before its capture began are no hole in it: those that
 * follow are in order when they arrive. */
static void test_acknowledged_before(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    const int64_t t = histories_open(h, 0, 0, TRIP) + 10;
    sends(h, 0, t, t + TRIP, 1, 0, 16);
    acks(h, 0, t + TRIP + 40, 17, 16);
    sends(h, 0, t + 500000, t + 500000 + TRIP, 17, 16, 1);
    acks(h, 0, t + 540000 + TRIP, 18, 17); /* late */
    histories_begin(h, 1, t + 400000);
    check(h, t + 500000 + TRIP, 17);
    histories_free(h);
}

/* The last byte of the data comes first, and the capture has the mapping of that alone: what the
 * server acknowledges shows when the rest came. */
static void test_mapped_before(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP) + 10;
    t = histories_open(h, 1, t, TRIP) + 10;
    for (unsigned i = 0; i < 4; i++) {
        const int64_t left = t + 20000 * i;
        sends(h, 1, left, left + TRIP, 1 + FULL * i, FULL * i, FULL);
        acks(h, 1, left + TRIP + 10, 1 + FULL * (i + 1), FULL * (i + 1) + (i == 3));
    }
    sends(h, 0, t + 15000, t + 15000 + TRIP, 1, 4 * FULL, 1);
    histories_begin(h, 1, t + 15000 + TRIP);
    histories_unmap(h, 1, 1);
    check(h, t + 60000 + TRIP + 10, 4 * FULL + 1);
    histories_free(h);
}

/* Subflow 1 brings three segments that wait for one of subflow 0: they are what it carried. */
static void test_brought(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP) + 10;
    t = histories_open(h, 1, t, TRIP) + 10;
    for (unsigned i = 0; i < 3; i++)
        sends(h, 1, t + 10 * i, t + 10 * i + TRIP, 1 + FULL * i, FULL * (i + 1), FULL);
    sends(h, 0, t, t + 3 * TRIP, 1, 0, FULL);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_true(path->head_of_line);
    assert_int_equal(path->delivered, 4 * FULL);
    assert_int_equal(g_array_index(path->delivered_by, uint64_t, 0), FULL);
    assert_int_equal(g_array_index(path->delivered_by, uint64_t, 1), 3 * FULL);
    mps_critical_path_free(path);
    histories_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_queue_before),
        cmocka_unit_test(test_lost_before),
        cmocka_unit_test(test_acknowledged_before),
        cmocka_unit_test(test_mapped_before),
        cmocka_unit_test(test_brought),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
