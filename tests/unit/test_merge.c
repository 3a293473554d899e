/* test_merge.c: segments come in the order of time while they are read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "trace/merge.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

/* Add a segment with a mapping; its numbers tell its frame. */
static void add(mps_merge *merge, uint32_t interface, uint32_t frame, int64_t time)
{
    const wire w = wire_new(1, 1001);
    mps_segment *segment = mps_merge_room(merge);
    packet p = packet_new(&w, FROM_OPENER, MPS_TCP_PSH, frame, 1, 100);
    packet_timestamps(&p, 7 + frame, 9);
    packet_dss(&p, &(dss){.has_map = true, .dsn = 1000 + frame, .ssn = frame, .length = 100});
    packet_parse(&p, segment);
    segment->frame = frame;
    segment->time = time;
    segment->link = (mps_link_facts){.interface = interface};
    mps_merge_add(merge, NULL);
}

static void add_icmp(mps_merge *merge, uint32_t interface, uint32_t frame, int64_t time)
{
    const mps_icmp_error error = {.frame = frame, .time = time, .link = {.interface = interface}};
    mps_merge_room(merge);
    mps_merge_add(merge, &error);
}

/* The next one is this segment, whole. */
static void check_next(mps_merge *merge, uint32_t frame)
{
    mps_segment *segment;
    assert_true(mps_merge_is_ready(merge));
    assert_int_equal(mps_merge_take(merge, &segment), MPS_NEXT_SEGMENT);
    memset(mps_merge_room(merge), 0xee, sizeof *segment); /* that is other room */
    assert_int_equal(segment->frame, frame);
    assert_int_equal(segment->tsval, 7 + frame);
    const mps_option *option = mps_segment_option(segment, MPS_DSS);
    assert_int_equal(option->dss.dsn, 1000 + frame);
    assert_true(option->raw >= segment->options &&
                option->raw + option->length <= segment->options + segment->options_captured);
}

static void check_end(mps_merge *merge)
{
    mps_segment *segment;
    assert_true(mps_merge_is_ready(merge));
    assert_int_equal(mps_merge_take(merge, &segment), MPS_NEXT_END);
    mps_merge_free(merge);
}

/* Batches of two interfaces; frames 2 and 4 at one time. */
static void test_batches(void **unused)
{
    mps_merge *merge = mps_merge_new(true);
    (void)unused;
    add(merge, 0, 1, 10 * MS);
    add(merge, 0, 2, 30 * MS);
    add(merge, 1, 3, 20 * MS);
    add(merge, 1, 4, 30 * MS);
    add(merge, 0, 5, 40 * MS);
    assert_false(mps_merge_is_ready(merge));
    mps_merge_end(merge);
    const uint32_t expected[] = {1, 3, 2, 4, 5};
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
        check_next(merge, expected[i]);
    check_end(merge);
}

/* Segments wait for half a second at most, by the times of the capture. */
static void test_wait(void **unused)
{
    mps_merge *merge = mps_merge_new(true);
    (void)unused;
    add(merge, 0, 1, 0);
    add(merge, 0, 2, 500 * MS);
    assert_false(mps_merge_is_ready(merge));
    add(merge, 0, 3, 501 * MS);
    check_next(merge, 1);
    assert_false(mps_merge_is_ready(merge));
    add(merge, 1, 4, 100 * MS);
    assert_false(mps_merge_is_ready(merge));
    mps_merge_end(merge);
    check_next(merge, 4);
    check_next(merge, 2);
    check_next(merge, 3);
    check_end(merge);
}

/* What one interface has in another order stays so, for mps_replay_is_needed() to see. */
static void test_step_back(void **unused)
{
    mps_merge *merge = mps_merge_new(true);
    (void)unused;
    add(merge, 0, 1, 20 * MS);
    add(merge, 0, 2, 10 * MS);
    add(merge, 16, 3, 5 * MS); /* shares its queue */
    mps_merge_end(merge);
    for (uint32_t frame = 1; frame <= 3; frame++)
        check_next(merge, frame);
    check_end(merge);
}

/* ICMP errors have their place among the segments. */
static void test_icmp(void **unused)
{
    mps_merge *merge = mps_merge_new(true);
    mps_segment *segment;
    (void)unused;
    add(merge, 0, 1, 10 * MS);
    add(merge, 0, 2, 30 * MS);
    add_icmp(merge, MPS_NONE, 3, 20 * MS);
    add_icmp(merge, 1, 4, 40 * MS); /* freed with `merge` */
    mps_merge_end(merge);
    check_next(merge, 1);
    assert_int_equal(mps_merge_take(merge, &segment), MPS_NEXT_ICMP_ERROR);
    assert_int_equal(mps_merge_icmp_error(merge)->frame, 3);
    check_next(merge, 2);
    mps_merge_free(merge);
}

/* One interface of which some segments are late: frame 3, frame 4 at the time of frame 1, and frame
 * 6 by nearly 100 ms, when no other queue has room for it. */
static void test_late(void **unused)
{
    mps_merge *merge = mps_merge_new(false);
    (void)unused;
    add(merge, 0, 1, 10 * MS);
    add(merge, 0, 2, 30 * MS);
    add(merge, 0, 3, 20 * MS);
    add(merge, 0, 4, 10 * MS);
    assert_false(mps_merge_is_ready(merge));
    add(merge, 0, 5, 101 * MS);
    add(merge, 0, 6, 2 * MS);
    assert_false(mps_merge_failed(merge));
    assert_false(mps_merge_is_ready(merge));
    mps_merge_end(merge);
    const uint32_t expected[] = {6, 1, 4, 3, 2, 5};
    for (unsigned i = 0; i < G_N_ELEMENTS(expected); i++)
        check_next(merge, expected[i]);
    check_end(merge);
}

/* Segments wait for those that are late by less than 100 ms, and no longer. */
static void test_wait_for_late(void **unused)
{
    mps_merge *merge = mps_merge_new(false);
    (void)unused;
    add(merge, 0, 1, 0);
    add(merge, 0, 2, 100 * MS);
    assert_false(mps_merge_is_ready(merge));
    add(merge, 0, 3, 101 * MS);
    check_next(merge, 1);
    assert_false(mps_merge_is_ready(merge));
    mps_merge_free(merge);
}

/* A clock that was set back by 100 ms stays so, although frame 1 still waits; frame 3 follows it.
 */
static void test_set_back(void **unused)
{
    mps_merge *merge = mps_merge_new(false);
    (void)unused;
    add(merge, 0, 1, 1000 * MS);
    add(merge, 0, 2, 900 * MS);
    assert_true(mps_merge_failed(merge));
    add(merge, 0, 3, 950 * MS);
    mps_merge_end(merge);
    for (uint32_t frame = 1; frame <= 3; frame++)
        check_next(merge, frame);
    check_end(merge);
}

/* However little time passes, not more wait than some. */
static void test_limit(void **unused)
{
    mps_merge *merge = mps_merge_new(true);
    uint32_t frame = 0;
    (void)unused;
    while (!mps_merge_is_ready(merge) && frame < 100000)
        frame++, add(merge, frame % 2, frame, frame);
    assert_true(frame >= 1000 && frame <= 50000);
    check_next(merge, 1);
    assert_false(mps_merge_is_ready(merge));
    mps_merge_free(merge);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_batches),   cmocka_unit_test(test_wait),
        cmocka_unit_test(test_step_back), cmocka_unit_test(test_icmp),
        cmocka_unit_test(test_limit),     cmocka_unit_test(test_late),
        cmocka_unit_test(test_set_back),  cmocka_unit_test(test_wait_for_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
