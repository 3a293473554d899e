/* test_critical_path.c: critical paths of hand-made histories, against paths worked out by hand.
 * What is sent again is in test_critical_resent.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "transfers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void test_delivery(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 20, t + 20 + TRIP + 500, 1, FULL);
    check_path(h, OPENING "host handshake 0> 120\n"
                          "propagation delivery 0> 10000\nserialisation delivery 0> 500\n");
    histories_free(h);
}

static void test_congestion_window(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 10);              /* the initial window */
    server_acks(h, t + 10 + TRIP + 30, 1 + FULL); /* the first segment is acknowledged */
    client_bursts(h, t + 10 + 2 * TRIP + 80, 10, 2);
    check_path(h,
               OPENING "host handshake 0> 110\n"
                       "propagation congestion-window 0> 10000\nreceiver congestion-window 0< 30\n"
                       "propagation congestion-window 0< 10000\nhost congestion-window 0> 60\n"
                       "propagation delivery 0> 10000\n");
    histories_free(h);
}

static void test_receive_window(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    /* The SYN/ACK offers two segments, and each ACK two more. */
    histories_add(h, (shot){.left = 0, .arrived = TRIP, .syn = true});
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = TRIP + 100,
                            .arrived = 2 * TRIP + 100,
                            .ack = 1,
                            .syn = true,
                            .window = 2 * FULL});
    client_bursts(h, 2 * TRIP + 200, 0, 2);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 3 * TRIP + 250,
                            .arrived = 4 * TRIP + 250,
                            .seq = 1,
                            .ack = 1 + 2 * FULL,
                            .window = 2 * FULL});
    client_bursts(h, 4 * TRIP + 300, 2, 2);
    check_path(h, OPENING "host handshake 0> 100\n"
                          "pacing pacing 0> 10\n"
                          "propagation receive-window 0> 10000\nreceiver receive-window 0< 40\n"
                          "propagation receive-window 0< 10000\nhost receive-window 0> 60\n"
                          "propagation delivery 0> 10000\n");
    histories_free(h);
}

/* A window that its reader keeps small: the path goes to where the reader fell behind. */
static void test_slow_reader(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    const uint32_t window = 20 * FULL;
    histories_add(h, (shot){.left = 0, .arrived = TRIP, .syn = true});
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = TRIP + 100,
                            .arrived = 2 * TRIP + 100,
                            .ack = 1,
                            .syn = true,
                            .window = window});
    client_bursts(h, 2 * TRIP + 200, 0, 10); /* arrive from 30200 */
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 30180,
                            .arrived = 40180,
                            .seq = 1,
                            .ack = 1,
                            .window = window});
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 30300,
                            .arrived = 40300,
                            .seq = 1,
                            .ack = 1 + 10 * FULL,
                            .window = 10 * FULL});
    client_bursts(h, 40350, 10, 10); /* fill the window */
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 90000,
                            .arrived = 100000,
                            .seq = 1,
                            .ack = 1 + 20 * FULL,
                            .window = 10 * FULL}); /* it read ten of twenty */
    client_bursts(h, 100050, 20, 1);
    check_path(h, OPENING "host handshake 0> 100\n"
                          "propagation receive-window 0> 10000\nreceiver receive-window 0< 59800\n"
                          "propagation receive-window 0< 10000\nhost receive-window 0> 50\n"
                          "propagation delivery 0> 10000\n");
    histories_free(h);
}

/* Data 1001 went on subflow 1 long before data 1 went on subflow 0, to which they were bound. */
static void test_held(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    int64_t u = histories_open(h, 1, t + 1000, TRIP);
    histories_add(h, (shot){.subflow = 1,
                            .left = u + 50,
                            .arrived = u + 50 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .dsn = 1 + FULL,
                            .ack = 1});
    client_sends(h, u + 80000, u + 80000 + TRIP, 1, FULL);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_true(path->head_of_line);
    mps_critical_path_free(path);
    check_path(h, OPENING "host handshake 1> 1100\n" /* the client then opened subflow 1 */
                          "propagation handshake 1> 10000\nhost handshake 1< 100\n"
                          "propagation handshake 1< 10000\nhost handshake 1> 150\n"
                          "held held 0> 79950\npropagation delivery 0> 10000\n");
    histories_free(h);
}

/* A small segment waits until the one before is acknowledged. */
static void test_nagle(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 2);
    client_sends(h, t + 1000, t + 1000 + TRIP, 1 + 2 * FULL, 300);
    server_acks(h, t + 1000 + TRIP + 40000, 1 + 2 * FULL + 300); /* delayed */
    client_sends(h, t + 1000 + 2 * TRIP + 40050, t + 1000 + 3 * TRIP + 40050, 1 + 2 * FULL + 300,
                 300);
    check_path(h, OPENING "host handshake 0> 110\npacing pacing 0> 10\npacing pacing 0> 980\n"
                          "propagation nagle 0> 10000\nreceiver nagle 0< 40000\n"
                          "propagation nagle 0< 10000\nhost nagle 0> 50\n"
                          "propagation delivery 0> 10000\n");
    histories_free(h);
}

/* Acknowledgements let every segment go, although the window has room. */
static void test_send_buffer(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 1);
    for (unsigned i = 1; i < 4; i++) {
        const int64_t left = t + 10 + (2 * TRIP + 100) * i;
        server_acks(h, left - 50 - TRIP, 1 + FULL * i);
        client_bursts(h, left, i, 1);
    }
    const char *round = "propagation send-buffer 0> 10000\nreceiver send-buffer 0< 50\n"
                        "propagation send-buffer 0< 10000\nhost send-buffer 0> 50\n";
    char *expected = g_strconcat(OPENING "host handshake 0> 110\n", round, round, round,
                                 "propagation delivery 0> 10000\n", NULL);
    check_path(h, expected);
    g_free(expected);
    histories_free(h);
}

/* Nothing arrived since long: the application wrote the data only then. */
static void test_application(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 1);
    server_acks(h, t + 20 + TRIP, 1 + FULL);
    client_bursts(h, t + 300000, 1, 1);
    server_acks(h, t + 300010 + TRIP, 1 + 2 * FULL);
    client_bursts(h, t + 500000, 2, 1);
    check_path(h, OPENING "host handshake 0> 110\napplication application 0> 299990\n"
                          "application application 0> 200000\npropagation delivery 0> 10000\n");
    histories_free(h);
}

/* The server answers a request after 30 ms. */
static void test_answer(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 10, t + 10 + TRIP, 1, 200);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 10 + TRIP + 30000,
                            .arrived = t + 10 + 2 * TRIP + 30000,
                            .seq = 1,
                            .length = FULL,
                            .ack = 201});
    check_path_of(h, 3, MPS_S2C, MPS_NONE,
                  OPENING "host handshake 0> 110\npropagation peer-data 0> 10000\n"
                          "application application 0< 30000\npropagation delivery 0< 10000\n");
    histories_free(h);
}

/* Segments leave together, and the line takes 2 ms for each. */
static void test_busy_line(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    for (unsigned i = 0; i < 4; i++)
        client_sends(h, t + 10 + i, t + 10 + TRIP + 2000 * (i + 1), 1 + FULL * i, FULL);
    check_path(h, OPENING "host handshake 0> 110\npropagation delivery 0> 10000\n"
                          "serialisation delivery 0> 2000\n"
                          "bottleneck bottleneck 0> 2000\nbottleneck bottleneck 0> 2000\n"
                          "bottleneck bottleneck 0> 2000\n");
    histories_free(h);
}

static void test_missing_match(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    histories_add(h, (shot){.left = t + 10,
                            .arrived = t + 10 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .ack = 1,
                            .unmatched = true});
    check_path(h, "unexplained - 30210\n");
    histories_free(h);
}

static void test_repeated_syn(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    histories_add(h, (shot){.left = 0, .arrived = LOST, .syn = true});
    int64_t t = histories_open(h, 0, 1000000, TRIP);
    client_sends(h, t + 20, t + 20 + TRIP, 1, FULL);
    check_path(h, "recovery handshake:timeout 0> 1000000\n" OPENING "host handshake 0> 120\n"
                  "propagation delivery 0> 10000\n");
    histories_free(h);
}

/* The client opens subflow 1 when ADD_ADDR arrives. */
static void test_announced_address(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + TRIP + 40,
                            .arrived = t + 2 * TRIP + 40,
                            .seq = 1,
                            .ack = 1,
                            .add_addr = true});
    server_acks(h, t + TRIP + 60, 1);
    int64_t u = histories_open(h, 1, t + 2 * TRIP + 100, TRIP);
    histories_add(h, (shot){.subflow = 1,
                            .left = u + 50,
                            .arrived = u + 50 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .ack = 1});
    check_path(h, OPENING "host handshake 0> 100\npropagation handshake 0> 10000\n"
                          "host handshake 0< 40\npropagation handshake 0< 10000\n"
                          "host handshake 1> 60\npropagation handshake 1> 10000\n"
                          "host handshake 1< 100\npropagation handshake 1< 10000\n"
                          "host handshake 1> 150\npropagation delivery 1> 10000\n");
    histories_free(h);
}

/* Two segments arrived as one: the path goes to the one that brought the missing byte. */
static void test_merged(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 10, t + 30 + TRIP, 1, FULL);
    histories_add(h, (shot){.left = t + 30,
                            .arrived = t + 30 + TRIP,
                            .seq = 1 + FULL,
                            .length = FULL,
                            .ack = 1,
                            .merged = true});
    check_path(h, OPENING "host handshake 0> 110\npropagation delivery 0> 10000\n"
                          "queueing delivery 0> 20\n");
    histories_free(h);
}

/* From the client's capture alone, round trips are not split. */
static void test_one_capture(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 10);
    server_acks(h, t + 10 + TRIP + 30, 1 + FULL);
    client_bursts(h, t + 10 + 2 * TRIP + 80, 10, 2);
    server_acks(h, t + 10 + 3 * TRIP + 180, 1 + 12 * FULL);
    check_path_of(h, 1u << 0, MPS_C2S, MPS_NONE,
                  "rtt handshake 0< 20100\nhost handshake 0> 110\n"
                  "rtt congestion-window 0< 20030\nhost congestion-window 0> 60\n"
                  "rtt delivery 0< 20090\n");
    histories_free(h);
}

/* What one host does is the same however far the clocks are apart. */
static void test_clock_offset(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_bursts(h, t + 10, 0, 10);
    server_acks(h, t + 10 + TRIP + 30, 1 + FULL);
    client_bursts(h, t + 10 + 2 * TRIP + 80, 10, 2);
    histories_move_clock(h, 1, -50000);
    check_path(h, "propagation handshake 0> -40000\nhost handshake 0< 100\n"
                  "propagation handshake 0< 60000\nhost handshake 0> 110\n"
                  "propagation congestion-window 0> -40000\nreceiver congestion-window 0< 30\n"
                  "propagation congestion-window 0< 60000\nhost congestion-window 0> 60\n"
                  "propagation delivery 0> -40000\n");
    histories_free(h);
}

/* A second passes between a short delay and one that is 0.9 or 1.2 ms longer. The clocks drift
 * apart by 500 us meanwhile, but queues do not: less than a millisecond proves no busy line, and
 * the rest is propagation. */
static void test_clock_drift(void **state)
{
    const double drifts[] = {500e-6, -500e-6};
    (void)state;
    for (unsigned i = 0; i < 2 * G_N_ELEMENTS(drifts); i++) {
        histories *h = histories_new(1);
        int64_t t = histories_open(h, 0, 0, TRIP) + 1000000;
        const int64_t late = i < G_N_ELEMENTS(drifts) ? 900 : 1200;
        client_sends(h, t, t + TRIP + 50, 1, FULL);
        client_sends(h, t + 1, t + TRIP + late, 1 + FULL, FULL);
        mps_critical_path *even = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
        histories_drift(h, 1, drifts[i % G_N_ELEMENTS(drifts)]);
        mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
        const mps_critical_piece *last = &g_array_index(path->pieces, mps_critical_piece, 0);
        assert_int_equal(last->cause, late > 1000 ? MPS_CAUSE_BOTTLENECK : MPS_CAUSE_QUEUEING);
        assert_int_equal(path->pieces->len, even->pieces->len);
        for (guint k = 0; k < path->pieces->len; k++) {
            const mps_critical_piece *x = &g_array_index(even->pieces, mps_critical_piece, k);
            const mps_critical_piece *y = &g_array_index(path->pieces, mps_critical_piece, k);
            assert_int_equal(x->cause, y->cause);
            assert_int_equal(x->to.frame, y->to.frame);
            if (x->cause != MPS_CAUSE_PROPAGATION)
                assert_true(llabs((x->to.time - x->from.time) - (y->to.time - y->from.time)) <
                            1000);
        }
        mps_critical_path_free(even);
        mps_critical_path_free(path);
        histories_free(h);
    }
}

static void test_no_path(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_int_equal(path->reason, MPS_CRITICAL_NO_DATA);
    mps_critical_path_free(path);
    client_sends(h, t + 10, t + 10 + TRIP, 1, FULL);
    path = histories_walk(h, 3, MPS_C2S, 1, &usual_limits);
    assert_int_equal(path->reason, MPS_CRITICAL_NO_DATA_ON_SUBFLOW);
    mps_critical_path_free(path);
    histories_free(h);
    h = histories_new(1);
    client_sends(h, 10, 10 + TRIP, 1, FULL);
    path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_int_equal(path->reason, MPS_CRITICAL_NO_HANDSHAKE);
    mps_critical_path_free(path);
    histories_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_delivery),
        cmocka_unit_test(test_congestion_window),
        cmocka_unit_test(test_receive_window),
        cmocka_unit_test(test_slow_reader),
        cmocka_unit_test(test_held),
        cmocka_unit_test(test_nagle),
        cmocka_unit_test(test_send_buffer),
        cmocka_unit_test(test_application),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_busy_line),
        cmocka_unit_test(test_missing_match),
        cmocka_unit_test(test_repeated_syn),
        cmocka_unit_test(test_announced_address),
        cmocka_unit_test(test_merged),
        cmocka_unit_test(test_one_capture),
        cmocka_unit_test(test_clock_offset),
        cmocka_unit_test(test_clock_drift),
        cmocka_unit_test(test_no_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
