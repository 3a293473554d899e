/* test_leaps.c: where the clock of a capture leapt, and where segments are only out of order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tracker/leaps.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MS INT64_C(1000000)
#define HOUR (INT64_C(3600000) * MS)

/* A segment; its frame is its place. */
typedef struct {
    unsigned half;
    int64_t time; /* ns */
    uint32_t seq, ack, tsval;
} sent;

/* Check the frame of the only leap, and how far it goes. @param frame  0: there is none */
static void check(const sent *segments, unsigned count, bool timestamps, uint32_t frame,
                  int64_t step)
{
    mps_leaps leaps = {0};
    mps_latest latest[2] = {0};
    for (unsigned i = 0; i < count; i++) {
        const sent *it = &segments[i];
        const mps_segment segment = {.frame = i + 1,
                                     .time = it->time,
                                     .seq = it->seq,
                                     .ack = it->ack,
                                     .tsval = it->tsval,
                                     .has_timestamps = timestamps};
        mps_leaps_segment(&leaps, &latest[it->half], &latest[!it->half], &segment);
    }
    assert_int_equal(mps_leaps_count(&leaps), frame > 0);
    if (frame > 0) {
        assert_int_equal(g_array_index(leaps.list, mps_leap, 0).frame, frame);
        assert_int_equal(g_array_index(leaps.list, mps_leap, 0).step, step);
        assert_true(mps_leaps_between(&leaps, 1, frame));
        assert_false(mps_leaps_between(&leaps, 1, frame - 1));
        assert_false(mps_leaps_between(&leaps, frame, count));
    }
    mps_leaps_clear(&leaps);
}

/* Data and its acknowledgements every 10 ms, with timestamps of 1 ms: 8 segments. */
static void exchange(sent segments[8])
{
    for (unsigned i = 0; i < 8; i++)
        segments[i] = (sent){i % 2, 10 * MS * i, i % 2 ? 1 : 1 + 100 * (i / 2),
                             i % 2 ? 101 + 100 * (i / 2) : 1, 500 + 10 * i};
}

static void test_in_order(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    check(segments, 8, true, 0, 0);
    check(segments, 8, false, 0, 0);
}

/* Numbers go on while the time steps back. */
static void test_back(void **unused)
{
    sent segments[8];
    (void)unused;
    for (int64_t leap = 1100 * MS; leap <= HOUR; leap += HOUR / 2) {
        exchange(segments);
        for (unsigned i = 4; i < 8; i++)
            segments[i].time -= leap;
        check(segments, 8, false, 5, 10 * MS - leap);
        check(segments, 8, true, 5, 10 * MS - leap);
    }
}

/* The first segment after the leap only repeats: its peer's shows the leap, or its TSval. */
static void test_back_with_retransmission(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 4; i < 8; i++)
        segments[i].time -= HOUR;
    segments[4].seq = 1;
    check(segments, 8, false, 5, 10 * MS - HOUR);
    check(segments, 5, false, 0, 0);
    check(segments, 5, true, 5, 10 * MS - HOUR);
}

/* The file has the second part first: numbers step back with the time. */
static void test_parts_in_wrong_order(void **unused)
{
    sent segments[8], turned[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 0; i < 8; i++) {
        turned[i] = segments[(i + 4) % 8];
        turned[i].time += i < 4 ? HOUR : 0;
        turned[i].tsval += i < 4 ? 3600000 : 0;
    }
    check(turned, 8, true, 0, 0);
    check(turned, 8, false, 0, 0);
}

/* The time steps forward by an hour. If timestamps do as well, there was silence. */
static void test_forward(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 4; i < 8; i++)
        segments[i].time += HOUR;
    check(segments, 8, true, 5, HOUR + 10 * MS);
    check(segments, 8, false, 0, 0); /* nothing tells it from silence */
    for (unsigned i = 4; i < 8; i++)
        segments[i].tsval += 3600000;
    check(segments, 8, true, 0, 0);
}

/* The timestamps of one end alone stand still: it slept, or a box on the path rewrites them. */
static void test_one_end_slept(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 4; i < 8; i++) {
        segments[i].time += HOUR;
        segments[i].tsval += i % 2 ? 3600000 : 0;
    }
    check(segments, 8, true, 0, 0);
}

/* Timestamps that never tick show nothing. */
static void test_constant_timestamps(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 0; i < 8; i++) {
        segments[i].time += i >= 4 ? HOUR : 0;
        segments[i].tsval = 7;
    }
    check(segments, 8, true, 0, 0);
}

/* The clock is set back by less than a second: both directions show it. */
static void test_back_a_little(void **unused)
{
    sent segments[8];
    (void)unused;
    for (int64_t leap = 150 * MS; leap < 1000 * MS; leap += 200 * MS) {
        exchange(segments);
        for (unsigned i = 4; i < 8; i++)
            segments[i].time -= leap;
        check(segments, 8, true, 5, 10 * MS - leap);
        check(segments, 8, false, 5, 10 * MS - leap);
        check(segments, 5, true, 0, 0); /* one direction alone */
    }
    exchange(segments);
    for (unsigned i = 4; i < 8; i++)
        segments[i].time -= 90 * MS;
    check(segments, 8, true, 0, 0);
}

/* The first segment after a small leap repeats what was sent before. */
static void test_back_a_little_with_retransmission(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 4; i < 8; i++)
        segments[i].time -= 500 * MS;
    segments[4].seq = 1;
    check(segments, 8, false, 5, 10 * MS - 500 * MS);
}

/* TSval goes by the clock that was set: numbers of both directions must contradict. */
static void test_back_with_timestamps(void **unused)
{
    sent segments[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 4; i < 8; i++) {
        segments[i].time -= HOUR;
        segments[i].tsval -= 3600000;
    }
    check(segments, 8, true, 5, 10 * MS - HOUR);
    check(segments, 5, true, 0, 0);
}

/* A retransmission stands before what was sent earlier: its number is lower, its time is not. */
static void test_retransmission_stands_first(void **unused)
{
    sent segments[8], turned[8];
    (void)unused;
    exchange(segments);
    for (unsigned i = 0; i < 8; i++)
        turned[i] = segments[(i + 6) % 8];
    for (unsigned i = 0; i < 2; i++) {
        turned[i].time += 5000 * MS;
        turned[i].tsval += 5000;
    }
    turned[0].seq = 1;
    check(turned, 8, true, 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order),
        cmocka_unit_test(test_back),
        cmocka_unit_test(test_back_with_retransmission),
        cmocka_unit_test(test_back_a_little),
        cmocka_unit_test(test_back_a_little_with_retransmission),
        cmocka_unit_test(test_back_with_timestamps),
        cmocka_unit_test(test_retransmission_stands_first),
        cmocka_unit_test(test_parts_in_wrong_order),
        cmocka_unit_test(test_forward),
        cmocka_unit_test(test_one_end_slept),
        cmocka_unit_test(test_constant_timestamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
