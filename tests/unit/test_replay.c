/* test_replay.c: segments are kept whole, and come again in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
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

static void check_equal(const mps_segment *a, const mps_segment *b)
{
    assert_int_equal(a->frame, b->frame);
    assert_int_equal(a->time, b->time);
    assert_int_equal(a->tcp_stream, b->tcp_stream);
    assert_int_equal(a->link.interface, b->link.interface);
    assert_int_equal(a->link.link_index, b->link.link_index);
    assert_int_equal(a->link.source, b->link.source);
    assert_int_equal(a->link.destination, b->link.destination);
    assert_int_equal(a->link.way, b->link.way);
    assert_memory_equal(&a->source, &b->source, sizeof a->source);
    assert_memory_equal(&a->destination, &b->destination, sizeof a->destination);
    assert_int_equal(a->ip_id, b->ip_id);
    assert_int_equal(a->ttl, b->ttl);
    assert_int_equal(a->tos, b->tos);
    assert_int_equal(a->source_port, b->source_port);
    assert_int_equal(a->destination_port, b->destination_port);
    assert_int_equal(a->seq, b->seq);
    assert_int_equal(a->ack, b->ack);
    assert_int_equal(a->flags, b->flags);
    assert_int_equal(a->window, b->window);
    assert_int_equal(a->checksum, b->checksum);
    assert_int_equal(a->urgent, b->urgent);
    assert_int_equal(a->header_length, b->header_length);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->has_payload_sum, b->has_payload_sum);
    assert_int_equal(a->payload_sum, b->payload_sum);
    assert_int_equal(a->options_captured, b->options_captured);
    assert_memory_equal(a->options, b->options, a->options_captured);
    assert_int_equal(a->options_truncated, b->options_truncated);
    assert_int_equal(a->tsval, b->tsval);
    assert_int_equal(a->mptcp_count, b->mptcp_count);
    assert_int_equal(a->mptcp[0].dss.dsn, b->mptcp[0].dss.dsn);
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
            check_equal(&segment, &kept[index]);
        }
        assert_int_equal(mps_replay_next(replay, &segment, &index), MPS_NEXT_END);
    }
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
