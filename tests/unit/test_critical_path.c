/* test_critical_path.c: critical paths of hand-made histories, against paths worked out by hand.
 *
 * In most of them a way takes 10 ms, the client's data begin at 1, and full segments hold 1000
 * bytes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "histories.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define TRIP 10000
#define FULL 1000u

static const mps_critical_limits limits = MPS_CRITICAL_LIMITS;

/* The pieces of the handshake, with which all paths begin. */
#define OPENING                                                                                    \
    "propagation handshake 0> 10000\nhost handshake 0< 100\npropagation handshake 0< 10000\n"

static void check_of(histories *h, unsigned hosts, mps_direction direction, uint32_t subflow,
                     const char *expected)
{
    mps_critical_path *path = histories_walk(h, hosts, direction, subflow, &limits);
    assert_int_equal(path->reason, MPS_CRITICAL_KNOWN);
    char *text = histories_text(path);
    assert_string_equal(text, expected);
    histories_check(path);
    g_free(text);
    mps_critical_path_free(path);
}

static void check(histories *h, const char *expected)
{
    check_of(h, 3, MPS_C2S, MPS_NONE, expected);
}

/* The client sends data on subflow 0. */
static void data(histories *h, int64_t left, int64_t arrived, uint64_t seq, uint32_t length)
{
    histories_add(h,
                  (shot){.left = left, .arrived = arrived, .seq = seq, .length = length, .ack = 1});
}

/* The server acknowledges them, and the ACK takes 10 ms. */
static void ack(histories *h, int64_t left, uint64_t number)
{
    histories_add(
        h,
        (shot){
            .direction = MPS_S2C, .left = left, .arrived = left + TRIP, .seq = 1, .ack = number});
}

/* The client sends full segments, and each arrives after 10 ms, unless it is lost. */
static void burst(histories *h, int64_t left, uint64_t first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        data(h, left + 10 * i, left + 10 * i + TRIP, 1 + FULL * (first + i), FULL);
}

static void test_delivery(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 20, t + 20 + TRIP + 500, 1, FULL);
    check(h, OPENING "host handshake 0> 120\n"
                     "propagation delivery 0> 10000\nserialisation delivery 0> 500\n");
    histories_free(h);
}

static void test_congestion_window(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    burst(h, t + 10, 0, 10);              /* the initial window */
    ack(h, t + 10 + TRIP + 30, 1 + FULL); /* the first segment is acknowledged */
    burst(h, t + 10 + 2 * TRIP + 80, 10, 2);
    check(h, OPENING "host handshake 0> 110\n"
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
    burst(h, 2 * TRIP + 200, 0, 2);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 3 * TRIP + 250,
                            .arrived = 4 * TRIP + 250,
                            .seq = 1,
                            .ack = 1 + 2 * FULL,
                            .window = 2 * FULL});
    burst(h, 4 * TRIP + 300, 2, 2);
    check(h, OPENING "host handshake 0> 100\n"
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
    burst(h, 2 * TRIP + 200, 0, 10); /* arrive from 30200 */
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
    burst(h, 40350, 10, 10); /* fill the window */
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 90000,
                            .arrived = 100000,
                            .seq = 1,
                            .ack = 1 + 20 * FULL,
                            .window = 10 * FULL}); /* it read ten of twenty */
    burst(h, 100050, 20, 1);
    check(h, OPENING "host handshake 0> 100\n"
                     "propagation receive-window 0> 10000\nreceiver receive-window 0< 59800\n"
                     "propagation receive-window 0< 10000\nhost receive-window 0> 50\n"
                     "propagation delivery 0> 10000\n");
    histories_free(h);
}

static void test_fast_retransmission(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, LOST, 1, FULL);
    data(h, t + 20, t + 20 + TRIP, 1 + FULL, FULL);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 30 + TRIP,
                            .arrived = t + 30 + 2 * TRIP,
                            .seq = 1,
                            .ack = 1,
                            .sacked_from = 1 + FULL,
                            .sacked_to = 1 + 2 * FULL});
    data(h, t + 40 + 2 * TRIP, t + 40 + 3 * TRIP, 1, FULL);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
    assert_true(path->head_of_line);
    assert_int_equal(path->held_by, 0);
    assert_int_equal(path->waited, (20 + 2 * TRIP) * 1000); /* since the second segment arrived */
    assert_int_equal(path->delivered, 2 * FULL);
    mps_critical_path_free(path);
    check(h, OPENING "host handshake 0> 110\nrecovery recovery:fast 0> 20030\n"
                     "propagation delivery 0> 10000\n");
    histories_free(h);
}

static void test_timeout(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, LOST, 1, FULL);
    data(h, t + 10 + 200000, LOST, 1, FULL);
    data(h, t + 10 + 600000, t + 10 + 600000 + TRIP, 1, FULL);
    check(h, OPENING "host handshake 0> 110\nrecovery recovery:timeout 0> 200000\n"
                     "recovery recovery:timeout 0> 400000\npropagation delivery 0> 10000\n");
    histories_free(h);
}

/* The last segment was sent again for nothing: its first transmission was late. */
static void test_original_late(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, t + 10 + 300000, 1, FULL);
    data(h, t + 10 + 200000, t + 10 + 200000 + TRIP, 1, FULL);
    check(h, OPENING "host handshake 0> 110\nrecovery recovery:original-late 0> 200000\n"
                     "propagation delivery 0> 10000\n");
    histories_free(h);
}

/* A segment was lost on subflow 0; subflow 1 brought its data. */
static void test_reinjection(void **state)
{
    histories *h = histories_new(2);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    histories_open(h, 1, t + 1000, TRIP);
    data(h, t + 10, LOST, 1, FULL);
    histories_add(h, (shot){.subflow = 1,
                            .left = t + 90000,
                            .arrived = t + 90000 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .dsn = 1,
                            .ack = 1});
    check(h, OPENING "host handshake 0> 110\nrecovery recovery:reinjection 1> 89990\n"
                     "propagation delivery 1> 10000\n");
    histories_free(h);
}

/* The window was closed and opens. The sender sends the last byte again: nothing was lost. */
static void test_window_probe(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    histories_add(h, (shot){.left = 0, .arrived = TRIP, .syn = true});
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = TRIP + 100,
                            .arrived = 2 * TRIP + 100,
                            .ack = 1,
                            .syn = true,
                            .window = FULL});
    data(h, 20200, 30200, 1, FULL);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 30250,
                            .arrived = 40250,
                            .seq = 1,
                            .ack = 1 + FULL,
                            .window = 1});
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = 200000,
                            .arrived = 210000,
                            .seq = 1,
                            .ack = 1 + FULL,
                            .window = 4 * FULL});
    histories_add(h, (shot){.left = 210050,
                            .arrived = 220050,
                            .seq = 1 + FULL,
                            .length = 1,
                            .dsn = FULL,
                            .ack = 1});
    check_of(h, 3, MPS_C2S, 0,
             OPENING "host handshake 0> 100\n"
                     "propagation receive-window 0> 10000\nreceiver receive-window 0< 169800\n"
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
    data(h, u + 80000, u + 80000 + TRIP, 1, FULL);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
    assert_true(path->head_of_line);
    mps_critical_path_free(path);
    check(h, OPENING "host handshake 1> 1100\n" /* the client then opened subflow 1 */
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
    burst(h, t + 10, 0, 2);
    data(h, t + 1000, t + 1000 + TRIP, 1 + 2 * FULL, 300);
    ack(h, t + 1000 + TRIP + 40000, 1 + 2 * FULL + 300); /* delayed */
    data(h, t + 1000 + 2 * TRIP + 40050, t + 1000 + 3 * TRIP + 40050, 1 + 2 * FULL + 300, 300);
    check(h, OPENING "host handshake 0> 110\npacing pacing 0> 10\npacing pacing 0> 980\n"
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
    burst(h, t + 10, 0, 1);
    for (unsigned i = 1; i < 4; i++) {
        const int64_t left = t + 10 + (2 * TRIP + 100) * i;
        ack(h, left - 50 - TRIP, 1 + FULL * i);
        burst(h, left, i, 1);
    }
    const char *round = "propagation send-buffer 0> 10000\nreceiver send-buffer 0< 50\n"
                        "propagation send-buffer 0< 10000\nhost send-buffer 0> 50\n";
    char *expected = g_strconcat(OPENING "host handshake 0> 110\n", round, round, round,
                                 "propagation delivery 0> 10000\n", NULL);
    check(h, expected);
    g_free(expected);
    histories_free(h);
}

/* Nothing arrived since long: the application wrote the data only then. */
static void test_application(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    burst(h, t + 10, 0, 1);
    ack(h, t + 20 + TRIP, 1 + FULL);
    burst(h, t + 300000, 1, 1);
    ack(h, t + 300010 + TRIP, 1 + 2 * FULL);
    burst(h, t + 500000, 2, 1);
    check(h, OPENING "host handshake 0> 110\napplication application 0> 299990\n"
                     "application application 0> 200000\npropagation delivery 0> 10000\n");
    histories_free(h);
}

/* The server answers a request after 30 ms. */
static void test_answer(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    data(h, t + 10, t + 10 + TRIP, 1, 200);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 10 + TRIP + 30000,
                            .arrived = t + 10 + 2 * TRIP + 30000,
                            .seq = 1,
                            .length = FULL,
                            .ack = 201});
    check_of(h, 3, MPS_S2C, MPS_NONE,
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
        data(h, t + 10 + i, t + 10 + TRIP + 2000 * (i + 1), 1 + FULL * i, FULL);
    check(h, OPENING "host handshake 0> 110\npropagation delivery 0> 10000\n"
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
    check(h, "unexplained - 30210\n");
    histories_free(h);
}

static void test_repeated_syn(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    histories_add(h, (shot){.left = 0, .arrived = LOST, .syn = true});
    int64_t t = histories_open(h, 0, 1000000, TRIP);
    data(h, t + 20, t + 20 + TRIP, 1, FULL);
    check(h, "recovery handshake:timeout 0> 1000000\n" OPENING "host handshake 0> 120\n"
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
    ack(h, t + TRIP + 60, 1);
    int64_t u = histories_open(h, 1, t + 2 * TRIP + 100, TRIP);
    histories_add(h, (shot){.subflow = 1,
                            .left = u + 50,
                            .arrived = u + 50 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .ack = 1});
    check(h, OPENING "host handshake 0> 100\npropagation handshake 0> 10000\n"
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
    data(h, t + 10, t + 30 + TRIP, 1, FULL);
    histories_add(h, (shot){.left = t + 30,
                            .arrived = t + 30 + TRIP,
                            .seq = 1 + FULL,
                            .length = FULL,
                            .ack = 1,
                            .merged = true});
    check(h, OPENING "host handshake 0> 110\npropagation delivery 0> 10000\n"
                     "queueing delivery 0> 20\n");
    histories_free(h);
}

/* From the client's capture alone, round trips are not split. */
static void test_one_capture(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    burst(h, t + 10, 0, 10);
    ack(h, t + 10 + TRIP + 30, 1 + FULL);
    burst(h, t + 10 + 2 * TRIP + 80, 10, 2);
    ack(h, t + 10 + 3 * TRIP + 180, 1 + 12 * FULL);
    check_of(h, 1u << 0, MPS_C2S, MPS_NONE,
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
    burst(h, t + 10, 0, 10);
    ack(h, t + 10 + TRIP + 30, 1 + FULL);
    burst(h, t + 10 + 2 * TRIP + 80, 10, 2);
    histories_move_clock(h, 1, -50000);
    check(h, "propagation handshake 0> -40000\nhost handshake 0< 100\n"
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
        data(h, t, t + TRIP + 50, 1, FULL);
        data(h, t + 1, t + TRIP + late, 1 + FULL, FULL);
        mps_critical_path *even = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
        histories_drift(h, 1, drifts[i % G_N_ELEMENTS(drifts)]);
        mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
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
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
    assert_int_equal(path->reason, MPS_CRITICAL_NO_DATA);
    mps_critical_path_free(path);
    data(h, t + 10, t + 10 + TRIP, 1, FULL);
    path = histories_walk(h, 3, MPS_C2S, 1, &limits);
    assert_int_equal(path->reason, MPS_CRITICAL_NO_DATA_ON_SUBFLOW);
    mps_critical_path_free(path);
    histories_free(h);
    h = histories_new(1);
    data(h, 10, 10 + TRIP, 1, FULL);
    path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &limits);
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
        cmocka_unit_test(test_fast_retransmission),
        cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_original_late),
        cmocka_unit_test(test_reinjection),
        cmocka_unit_test(test_window_probe),
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
