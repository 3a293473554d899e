/* test_replay.c: segments are kept whole, and come again in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "same_segment.h"
#include <mptcpscope/replay.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define SECOND INT64_C(1000000000)

static mps_segment segment_of(const wire *w, unsigned from, uint32_t seq, uint32_t frame,
                              int64_t time)
{
    mps_segment segment;
    packet p = packet_new(w, from, MPS_TCP_PSH, seq, 1, 100);
    packet_timestamps(&p, 7 + seq, 9);
    packet_dss(&p, &(dss){.has_map = true, .dsn = 1000 + seq, .ssn = seq, .length = 100});
    packet_parse(&p, &segment);
    segment.frame = frame;
    segment.time = time;
    segment.tcp_stream = 3;
    segment.link = (mps_link_facts){2, 5, 0x010203040506, 0x0a0b0c0d0e0f, MPS_WAY_OUT};
    return segment;
}

/* Frames 1 to 4 were captured in the order 3, 1, 2, 4; 2 and 4 at one time. */
static void test_order(void **unused)
{
    const wire w = wire_new(1, 1001);
    const int64_t times[] = {2, 3, 1, 3};
    const uint32_t expected[] = {3, 1, 2, 4};
    mps_segment kept[4], segment;
    mps_replay *replay = mps_replay_new();
    bench *b = bench_new(MPS_TRACK_TCP);
    mps_verdict verdict;
    (void)unused;
    for (unsigned i = 0; i < 4; i++) {
        kept[i] = segment_of(&w, 0, 100 * (uint32_t)times[i] + i, i + 1, times[i] * SECOND);
        mps_tracker_segment(b->tracker, &kept[i], &verdict);
        mps_replay_add(replay, &kept[i], 10 * i);
    }
    assert_int_equal(mps_replay_count(replay), 4);
    assert_true(mps_replay_is_needed(b->tracker));
    for (unsigned round = 0; round < 2; round++) {
        uint32_t index;
        mps_replay_begin(replay, b->tracker);
        for (unsigned i = 0; i < 4; i++) {
            assert_int_equal(mps_replay_next(replay, &segment, &index), MPS_NEXT_SEGMENT);
            assert_int_equal(segment.frame, expected[i]);
            assert_int_equal(segment.order, i + 1);
            assert_int_equal(index, expected[i] - 1);
            assert_int_equal(mps_replay_mark(replay, index), 10 * index);
            assert_int_equal(mps_replay_frame(replay, index), expected[i]);
            assert_same_segment(&segment, &kept[index]);
        }
        assert_int_equal(mps_replay_next(replay, &segment, &index), MPS_NEXT_END);
    }
    mps_replay_begin(replay, NULL); /* in the order of the file */
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(mps_replay_next(replay, &segment, NULL), MPS_NEXT_SEGMENT);
        assert_int_equal(segment.frame, i + 1);
    }
    assert_int_equal(mps_replay_next(replay, &segment, NULL), MPS_NEXT_END);
    assert_int_equal(mps_replay_next(replay, &segment, NULL), MPS_NEXT_END);
    mps_replay_free(replay);
    bench_free(b);
}

/* Options that the snaplen cuts stay cut. */
static void test_cut_options(void **unused)
{
    const wire w = wire_new(1, 1001);
    mps_segment cut = segment_of(&w, FROM_OPENER, 1, 1, SECOND), segment;
    mps_replay *replay = mps_replay_new();
    bench *b = bench_new(MPS_TRACK_TCP);
    (void)unused;
    cut.options_captured = 14;
    cut.options_truncated = true;
    mps_replay_add(replay, &cut, 0);
    mps_replay_begin(replay, b->tracker);
    assert_int_equal(mps_replay_next(replay, &segment, NULL), MPS_NEXT_SEGMENT);
    assert_true(segment.options_truncated);
    assert_int_equal(segment.options_captured, 14);
    mps_replay_free(replay);
    bench_free(b);
}

static void test_not_needed(void **unused)
{
    const wire w = wire_new(1, 1001);
    bench *b = bench_new(MPS_TRACK_TCP);
    mps_verdict verdict;
    (void)unused;
    assert_false(mps_replay_is_needed(b->tracker));
    for (unsigned i = 0; i < 4; i++) { /* two of them at one time */
        const mps_segment segment = segment_of(&w, 0, 1 + 100 * i, i + 1, i / 2 * SECOND);
        mps_tracker_segment(b->tracker, &segment, &verdict);
    }
    assert_false(mps_replay_is_needed(b->tracker));
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order),
        cmocka_unit_test(test_cut_options),
        cmocka_unit_test(test_not_needed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
