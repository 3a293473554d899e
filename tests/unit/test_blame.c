/* test_blame.c: whose time a critical path was, and whether it was the network, from pieces made by
 * hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "both_ends/blame.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

/* What the comparison is made to know. Frame 1 was lost, frame 2 arrived; subflow 0 lost data to
 * the server. */
static mps_fate fate_of(const mps_critical_piece *piece, const void *data)
{
    (void)data;
    return piece->from.frame == 1   ? MPS_FATE_LOST
           : piece->from.frame == 2 ? MPS_FATE_ARRIVED
                                    : MPS_FATE_UNKNOWN;
}

static bool lost_data(uint32_t subflow, mps_direction direction, const void *data)
{
    (void)data;
    return subflow == 0 && direction == MPS_C2S;
}

static const mps_blame_evidence evidence = {fate_of, lost_data, NULL, false};

static void add(mps_critical_path *path, mps_critical_cause cause, mps_critical_why why,
                mps_critical_detail detail, uint32_t frame, uint32_t subflow)
{
    const mps_critical_piece piece = {.from = {.frame = frame},
                                      .to = {.time = MS},
                                      .subflow = subflow,
                                      .cause = (uint8_t)cause,
                                      .why = (uint8_t)why,
                                      .detail = (uint8_t)detail};
    g_array_append_val(path->pieces, piece);
    path->elapsed += MS;
}

/* Expect one piece of 1 ms to be of a part. */
static void expect(mps_part part, mps_critical_cause cause, mps_critical_why why,
                   mps_critical_detail detail, uint32_t frame, uint32_t subflow)
{
    mps_critical_path path = {.pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece))};
    add(&path, cause, why, detail, frame, subflow);
    const mps_blame blame = mps_blame_of(&path, MPS_C2S, &evidence);
    for (unsigned i = 0; i < MPS_PARTS; i++)
        assert_int_equal(blame.parts[i], i == part ? MS : 0);
    for (unsigned i = 0; i < MPS_PARTIES; i++)
        assert_int_equal(blame.parties[i], i == mps_party_of(part) ? MS : 0);
    g_array_free(path.pieces, TRUE);
}

static void test_parts(void **state)
{
    (void)state;
    expect(MPS_PART_RATE, MPS_CAUSE_BOTTLENECK, MPS_WHY_BOTTLENECK, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_RATE, MPS_CAUSE_QUEUEING, MPS_WHY_RECEIVE_WINDOW, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_RATE, MPS_CAUSE_SERIALISATION, MPS_WHY_DELIVERY, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_WAYS, MPS_CAUSE_PROPAGATION, MPS_WHY_DELIVERY, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_WAYS, MPS_CAUSE_PROPAGATION, MPS_WHY_PEER_DATA, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_HANDSHAKES, MPS_CAUSE_PROPAGATION, MPS_WHY_HANDSHAKE, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_REACTIONS, MPS_CAUSE_RECEIVER, MPS_WHY_HANDSHAKE, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_REACTIONS, MPS_CAUSE_HOST, MPS_WHY_CONGESTION_WINDOW, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_READER, MPS_CAUSE_RECEIVER, MPS_WHY_RECEIVE_WINDOW, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_LATE_ACKS, MPS_CAUSE_RECEIVER, MPS_WHY_NAGLE, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_REACTIONS, MPS_CAUSE_RECEIVER, MPS_WHY_UNKNOWN, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_RECEIVE_WINDOW, MPS_CAUSE_PROPAGATION, MPS_WHY_RECEIVE_WINDOW, MPS_DETAIL_NONE,
           0, 0);
    expect(MPS_PART_SEND_BUFFER, MPS_CAUSE_QUEUEING, MPS_WHY_SEND_BUFFER, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_NAGLE, MPS_CAUSE_PROPAGATION, MPS_WHY_NAGLE, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_CONGESTION_WINDOW, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW,
           MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_HELD, MPS_CAUSE_HELD, MPS_WHY_HELD, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_PACING, MPS_CAUSE_PACING, MPS_WHY_PACING, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_APPLICATION, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_STALLED, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, MPS_DETAIL_OR_STALLED, 0,
           0);
    expect(MPS_PART_UNEXPLAINED, MPS_CAUSE_UNEXPLAINED, MPS_WHY_UNKNOWN, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_UNEXPLAINED, MPS_CAUSE_PROPAGATION, MPS_WHY_UNKNOWN, MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_UNEXPLAINED, MPS_CAUSE_RTT, MPS_WHY_CONGESTION_WINDOW, MPS_DETAIL_NONE, 0, 0);
}

/* Nothing is called lost that was not lost between the captures. */
static void test_loss(void **state)
{
    (void)state;
    expect(MPS_PART_LOSS, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, MPS_DETAIL_FAST, 1, 0);
    expect(MPS_PART_ARRIVED, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, MPS_DETAIL_REINJECTION, 2, 0);
    expect(MPS_PART_UNEXPLAINED, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, MPS_DETAIL_TIMEOUT, 3, 0);
    expect(MPS_PART_LOSS, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS,
           MPS_DETAIL_NONE, 0, 0);
    expect(MPS_PART_CONGESTION_WINDOW, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS,
           MPS_DETAIL_NONE, 0, 1);
}

/* @return the part of a round trip for the window after loss, of which the piece is the way of the
 *         acknowledgement. @param data  of the path  @param last  of the data that came last */
static mps_part part_after_loss(mps_direction data, mps_direction last)
{
    mps_critical_path path = {.pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece))};
    add(&path, MPS_CAUSE_QUEUEING, MPS_WHY_PEER_DATA, MPS_DETAIL_NONE, 0, 0);
    g_array_index(path.pieces, mps_critical_piece, 0).direction = (uint8_t)last;
    add(&path, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS, MPS_DETAIL_NONE, 0, 0);
    g_array_index(path.pieces, mps_critical_piece, 1).direction = (uint8_t)!last;
    const mps_blame blame = mps_blame_of(&path, data, &evidence);
    g_array_free(path.pieces, TRUE);
    assert_int_equal(blame.parts[MPS_PART_LOSS] + blame.parts[MPS_PART_CONGESTION_WINDOW], MS);
    return blame.parts[MPS_PART_LOSS] > 0 ? MPS_PART_LOSS : MPS_PART_CONGESTION_WINDOW;
}

/* The window of a sender is small after loss of its own data, not of those of its peer. */
static void test_loss_of_the_other_direction(void **state)
{
    (void)state;
    assert_int_equal(part_after_loss(MPS_C2S, MPS_C2S), MPS_PART_LOSS);
    assert_int_equal(part_after_loss(MPS_S2C, MPS_S2C), MPS_PART_CONGESTION_WINDOW);
    assert_int_equal(part_after_loss(MPS_S2C, MPS_C2S), MPS_PART_LOSS);
    assert_int_equal(part_after_loss(MPS_C2S, MPS_S2C), MPS_PART_CONGESTION_WINDOW);
}

/* Where captures miss segments nobody knows what a host waited for; what the network did is seen.
 */
static void test_missing_segments(void **state)
{
    (void)state;
    const mps_blame_evidence missing = {fate_of, lost_data, NULL, true};
    mps_critical_path path = {.pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece))};
    add(&path, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, MPS_DETAIL_NONE, 0, 0);
    add(&path, MPS_CAUSE_RECEIVER, MPS_WHY_RECEIVE_WINDOW, MPS_DETAIL_NONE, 0, 0);
    add(&path, MPS_CAUSE_BOTTLENECK, MPS_WHY_BOTTLENECK, MPS_DETAIL_NONE, 0, 0);
    const mps_blame blame = mps_blame_of(&path, MPS_C2S, &missing);
    assert_int_equal(blame.parties[MPS_PARTY_HOSTS], 0);
    assert_int_equal(blame.parties[MPS_PARTY_NETWORK], MS);
    assert_int_equal(blame.parts[MPS_PART_UNEXPLAINED], 2 * MS);
    g_array_free(path.pieces, TRUE);
}

/* @return the answer, of shares in percent of 1 s. @param slack  ms */
static mps_answer answer(int network, int hosts, int both, int unknown, int slack)
{
    const mps_blame blame = {
        .elapsed = 1000 * MS,
        .parties = {network * 10 * MS, hosts * 10 * MS, both * 10 * MS, unknown * 10 * MS},
    };
    return mps_answer_of(&blame, slack < 0 ? -1 : slack * MS);
}

static void test_answers(void **state)
{
    (void)state;
    assert_int_equal(answer(75, 25, 0, 0, 0), MPS_ANSWER_NETWORK);
    assert_int_equal(answer(74, 26, 0, 0, 0), MPS_ANSWER_NEITHER);
    assert_int_equal(answer(25, 75, 0, 0, 0), MPS_ANSWER_HOSTS);
    assert_int_equal(answer(10, 10, 80, 0, 0), MPS_ANSWER_NEITHER);
    /* What is unknown may be anybody's. */
    assert_int_equal(answer(60, 0, 20, 20, 0), MPS_ANSWER_UNKNOWN);
    assert_int_equal(answer(0, 60, 20, 20, 0), MPS_ANSWER_UNKNOWN);
    assert_int_equal(answer(40, 20, 20, 20, 0), MPS_ANSWER_NEITHER);
    assert_int_equal(answer(0, 0, 0, 100, 0), MPS_ANSWER_UNKNOWN);
    /* So may what the clocks hide: the answer holds for all times within their error. */
    assert_int_equal(answer(76, 24, 0, 0, 10), MPS_ANSWER_NETWORK);
    assert_int_equal(answer(76, 24, 0, 0, 100), MPS_ANSWER_UNKNOWN);
    assert_int_equal(answer(24, 76, 0, 0, 100), MPS_ANSWER_UNKNOWN);
    assert_int_equal(answer(100, 0, 0, 0, 500), MPS_ANSWER_NETWORK);
    assert_int_equal(answer(100, 0, 0, 0, 1000), MPS_ANSWER_UNKNOWN);
    assert_int_equal(answer(100, 0, 0, 0, -1), MPS_ANSWER_UNKNOWN);
}

/* Hold the sentence against a text. @param slack  ms */
static void expect_text(int network, int hosts, int both, int unknown, int slack, const char *text)
{
    const mps_blame blame = {
        .elapsed = 1000 * MS,
        .parties = {network * 10 * MS, hosts * 10 * MS, both * 10 * MS, unknown * 10 * MS},
    };
    char *found = mps_answer_text(&blame, slack < 0 ? -1 : slack * MS);
    assert_string_equal(found, text);
    g_free(found);
}

static void test_sentences(void **state)
{
    (void)state;
    expect_text(80, 20, 0, 0, 0, "It is the network: it took 80.0 % of the time.");
    expect_text(20, 80, 0, 0, 0, "It is not the network: the hosts took 80.0 % of the time.");
    expect_text(20, 10, 70, 0, 0,
                "Neither alone: the network took 20.0 %, the hosts 10.0 %, both together 70.0 % of "
                "the time.");
    expect_text(40, 40, 0, 20, 0,
                "Neither alone: the network took 40.0 %, the hosts 40.0 %, it is not known who "
                "20.0 % of the time.");
    expect_text(40, 20, 0, 40, 0,
                "It cannot be told whether it is the network: the captures do not show who took "
                "40.0 % of the time.");
    expect_text(76, 24, 0, 0, 100,
                "It cannot be told whether it is the network: times from one clock to the other "
                "may be wrong by 100.000 ms, which is too much for so short a time.");
    expect_text(76, 24, 0, 0, -1,
                "It cannot be told whether it is the network: how far the clocks are apart is not "
                "known.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_loss),
        cmocka_unit_test(test_loss_of_the_other_direction),
        cmocka_unit_test(test_missing_segments),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_sentences),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
