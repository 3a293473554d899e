/* test_critical_verdict.c: what the verdict of a critical path says, from sums made by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/critical_path/account.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define MS INT64_C(1000000)

typedef struct {
    mps_critical_path path;
    GArray *subflows;
} made_path;

/* A path of a connection with two subflows, numbers 0 and 1, of which each brought
 * half of the data. */
static void make(made_path *made)
{
    memset(made, 0, sizeof(*made));
    made->subflows = g_array_new(FALSE, FALSE, sizeof(mps_critical_subflow));
    made->path.sums = g_array_new(FALSE, FALSE, sizeof(mps_critical_sum));
    made->path.pieces = g_array_new(FALSE, FALSE, sizeof(mps_critical_piece));
    made->path.delivered_by = g_array_new(FALSE, FALSE, sizeof(uint64_t));
    for (uint32_t i = 0; i < 2; i++) {
        const mps_critical_subflow subflow = {.number = i};
        const uint64_t bytes = 500;
        g_array_append_val(made->subflows, subflow);
        g_array_append_val(made->path.delivered_by, bytes);
        made->path.delivered += bytes;
    }
}

static void add(made_path *made, mps_critical_cause cause, mps_critical_why why, uint32_t subflow,
                int64_t ms)
{
    const mps_critical_sum sum = {.time = ms * MS,
                                  .pieces = 1,
                                  .subflow = subflow,
                                  .cause = (uint8_t)cause,
                                  .why = (uint8_t)why};
    g_array_append_val(made->path.sums, sum);
    made->path.classes[mps_critical_class_of(cause, why)] += sum.time;
    made->path.elapsed += sum.time;
}

/* Add what one segment waited for the one before it in a queue. */
static void add_gap(made_path *made, uint32_t subflow, int64_t ms, uint32_t bytes)
{
    const mps_critical_piece piece = {.to.time = ms * MS,
                                      .subflow = subflow,
                                      .bytes = bytes,
                                      .cause = MPS_CAUSE_BOTTLENECK,
                                      .why = MPS_WHY_BOTTLENECK};
    g_array_append_val(made->path.pieces, piece);
    add(made, MPS_CAUSE_BOTTLENECK, MPS_WHY_BOTTLENECK, subflow, ms);
}

static void clear(made_path *made)
{
    g_array_free(made->subflows, TRUE);
    g_array_free(made->path.sums, TRUE);
    g_array_free(made->path.pieces, TRUE);
    g_array_free(made->path.delivered_by, TRUE);
}

/* Hold the verdict against a text, and free what was made. */
static void expect(made_path *made, const char *text)
{
    char *verdict = mps_critical_verdict(&made->path, made->subflows);
    if (text)
        assert_string_equal(verdict, text);
    else
        assert_null(verdict);
    g_free(verdict);
    clear(made);
}

#define MOVES                                                                                      \
    " These bounds leave out work that moves to another subflow: the path that ends on it shows "  \
    "what it would wait for."

/* 300 000 bytes in 800 ms are 3 Mbit/s. */
static void test_rate(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    add_gap(&made, 0, 400, 100000);
    add_gap(&made, 0, 400, 200000);
    add(&made, MPS_CAUSE_QUEUEING, MPS_WHY_CONGESTION_WINDOW, 0, 100);
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_HANDSHAKE, 0, 60);
    add(&made, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, 0, 20);
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS, 0, 10);
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_DELIVERY, 0, 10);
    expect(&made, "For 0.900 of 1.000 s data waited for the rate of the path, in the queue of "
                  "subflow 0, which let through 3.00 Mbit/s of payload. To mend that saves at "
                  "most 0.900 s. Of the rest, at most: handshakes 0.060 s, what was taken for "
                  "lost 0.030 s. Subflow 1 was never on the path: it carried 50.0 % of the data "
                  "and was never waited for." MOVES);
}

/* One capture does not show queues, nor who carried the data in the end. */
static void test_one_capture(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    made.path.one_capture = true;
    made.path.rounds_of[MPS_WHY_CONGESTION_WINDOW] = 6;
    add(&made, MPS_CAUSE_RTT, MPS_WHY_CONGESTION_WINDOW, 0, 60);
    add(&made, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, 0, 20);
    add(&made, MPS_CAUSE_RTT, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS, 0, 10);
    add(&made, MPS_CAUSE_RTT, MPS_WHY_DELIVERY, 0, 10);
    expect(&made, "For 60.000 of 100.000 ms the sender waited for its congestion window, before "
                  "any loss, in 3 round trips (one capture does not show whether it filled the "
                  "path). To mend that saves at most 60.000 ms. Of the rest, at most: sending "
                  "again and the congestion window after that 30.000 ms, the round trips of "
                  "answers and of the last data 10.000 ms. Subflow 1 was never on the path: it "
                  "first sent 50.0 % of the data and was never waited for." MOVES);
}

/* All time of a path is of one kind. */
static void expect_alone(mps_critical_cause cause, mps_critical_why why, const char *text)
{
    made_path made;
    make(&made);
    made.path.one_capture = true;
    made.path.rounds_of[why] = 2;
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, cause, why, 0, 40);
    expect(&made, text);
}

static void test_one_capture_alone(void **state)
{
    (void)state;
    expect_alone(MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY,
                 "For 40.000 of 40.000 ms the sender made good what it took for lost, on "
                 "subflow 0: 40.000 ms until data were sent again. To mend that saves at most "
                 "40.000 ms.");
    expect_alone(MPS_CAUSE_RTT, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS,
                 "For 40.000 of 40.000 ms the sender made good what it took for lost, on "
                 "subflow 0: 40.000 ms for the congestion window after that, in 1 round trip "
                 "(one capture does not show whether loss made it small, or it filled the "
                 "path). To mend that saves at most 40.000 ms.");
    expect_alone(MPS_CAUSE_RTT, MPS_WHY_DELIVERY,
                 "For 40.000 of 40.000 ms data were on their way to the peer, and its answers "
                 "on the way back. To mend that saves at most 40.000 ms.");
    expect_alone(MPS_CAUSE_UNEXPLAINED, MPS_WHY_PEER_DATA,
                 "For 40.000 of 40.000 ms the capture does not show what was waited for.");
}

/* A queue that was seen to be busy for less than half of the time tells no rate. */
static void test_rate_unknown(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    add(&made, MPS_CAUSE_QUEUEING, MPS_WHY_CONGESTION_WINDOW, 0, 60);
    add_gap(&made, 0, 40, 1000);
    add_gap(&made, 1, 50, 50000);
    expect(&made, "For 150.000 of 150.000 ms data waited for the rate of the path, in the queue "
                  "of subflow 0 (100.000 ms) and subflow 1 (50.000 ms, 8.00 Mbit/s of payload). "
                  "To mend that saves at most 150.000 ms." MOVES);
}

/* A queue that stood still tells its rate without that time: 3000 bytes in 12 ms are 2 Mbit/s. A
 * line on which every gap is long has no silence. */
static void test_silence(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add_gap(&made, 0, 4, 1000);
    add_gap(&made, 0, 188, 1000);
    add_gap(&made, 0, 4, 1000);
    add_gap(&made, 0, 4, 1000);
    expect(&made, "For 200.000 of 200.000 ms data waited for the rate of the path, in the queue "
                  "of subflow 0, which let through 2.00 Mbit/s of payload, but for 188.000 ms in "
                  "which nothing of it arrived. To mend that saves at most 200.000 ms.");
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    for (unsigned i = 0; i < 4; i++)
        add_gap(&made, 0, 200, 1000);
    expect(&made, "For 800.000 of 800.000 ms data waited for the rate of the path, in the queue "
                  "of subflow 0, which let through 0.04 Mbit/s of payload. To mend that saves at "
                  "most 800.000 ms.");
}

/* Retransmissions and the congestion window after them are one: loss. */
static void test_loss(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 50);
    add(&made, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, 1, 40);
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW_AFTER_LOSS, 1, 30);
    expect(&made, "For 70.000 of 120.000 ms the sender made good what it took for lost, on "
                  "subflow 1: 40.000 ms until data were sent again, 30.000 ms for the congestion "
                  "window after that. To mend that saves at most 70.000 ms. Of the rest, at "
                  "most: the sender's application 50.000 ms." MOVES);
}

static void test_rounds(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_RECEIVE_WINDOW, 0, 70);
    made.path.rounds_of[MPS_WHY_RECEIVE_WINDOW] = 2;
    add(&made, MPS_CAUSE_RECEIVER, MPS_WHY_RECEIVE_WINDOW, 0, 30);
    expect(&made, "For 70.000 of 100.000 ms the sender waited for the receive window, in 1 round "
                  "trip. To mend that saves at most 100.000 ms, with the reader, who keeps it "
                  "small. Of the rest, at most: the receiver's application 30.000 ms.");
}

/* Whose application it was is told by the direction of the data. */
static void test_applications(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_PEER_DATA, 0, 60);
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 40);
    g_array_index(made.path.sums, mps_critical_sum, 1).direction = MPS_S2C;
    expect(&made, "For 100.000 of 100.000 ms the applications (the client's for 60.000 ms, the "
                  "server's for 40.000 ms) had nothing to send, as far as can be seen. To mend "
                  "that saves at most 100.000 ms.");
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 40);
    g_array_index(made.path.sums, mps_critical_sum, 0).direction = MPS_S2C;
    expect(&made, "For 40.000 of 40.000 ms the server's application had nothing to send, as far "
                  "as can be seen. To mend that saves at most 40.000 ms.");
}

/* What is not known is not put down to anybody; answers are no last data; and most is not all. */
static void test_unknown(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_RECEIVER, MPS_WHY_UNKNOWN, 0, 40);
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 30);
    g_array_index(made.path.sums, mps_critical_sum, 1).detail = MPS_DETAIL_OR_STALLED;
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_PEER_DATA, 0, 20);
    add(&made, MPS_CAUSE_HOST, MPS_WHY_UNKNOWN, 0, 10);
    expect(&made,
           "For 40.000 of 100.000 ms the sender waited for the receiver; it is not known for "
           "what. To mend that saves at most 40.000 ms. Of the rest, at most: a stalled "
           "subflow or an idle application 30.000 ms, the ways of answers and of the last "
           "data 20.000 ms, reactions of the hosts 10.000 ms.");
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 97);
    add(&made, MPS_CAUSE_APPLICATION, MPS_WHY_APPLICATION, 0, 3);
    g_array_index(made.path.sums, mps_critical_sum, 1).direction = MPS_S2C;
    add(&made, MPS_CAUSE_PROPAGATION, MPS_WHY_CONGESTION_WINDOW, 0, 20);
    expect(&made, "For 100.000 of 120.000 ms the client's application, for the most part, had "
                  "nothing to send, as far as can be seen. To mend that saves at most 120.000 ms, "
                  "with the congestion window, which pauses make small. Of the rest, at most: the "
                  "congestion window before loss 20.000 ms.");
}

/* Nothing can be saved where nothing is explained, and no path has no verdict. */
static void test_none(void **state)
{
    (void)state;
    made_path made;
    make(&made);
    g_array_index(made.path.delivered_by, uint64_t, 0) = 0;
    g_array_index(made.path.delivered_by, uint64_t, 1) = 0;
    add(&made, MPS_CAUSE_UNEXPLAINED, MPS_WHY_UNKNOWN, MPS_NONE, 5);
    expect(&made, "For 5.000 of 5.000 ms the captures do not show what was waited for.");
    make(&made);
    expect(&made, NULL);
    make(&made);
    add(&made, MPS_CAUSE_RECOVERY, MPS_WHY_RECOVERY, 0, 5);
    made.path.reason = MPS_CRITICAL_CLOCK_SET;
    expect(&made, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rate),        cmocka_unit_test(test_rate_unknown),
        cmocka_unit_test(test_silence),     cmocka_unit_test(test_loss),
        cmocka_unit_test(test_rounds),      cmocka_unit_test(test_applications),
        cmocka_unit_test(test_unknown),     cmocka_unit_test(test_none),
        cmocka_unit_test(test_one_capture), cmocka_unit_test(test_one_capture_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
