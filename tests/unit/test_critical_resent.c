/* test_critical_resent.c: critical paths through what is sent again, against paths worked out by
 * hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "transfers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_fast_retransmission(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 10, LOST, 1, FULL);
    client_sends(h, t + 20, t + 20 + TRIP, 1 + FULL, FULL);
    histories_add(h, (shot){.direction = MPS_S2C,
                            .left = t + 30 + TRIP,
                            .arrived = t + 30 + 2 * TRIP,
                            .seq = 1,
                            .ack = 1,
                            .sacked_from = 1 + FULL,
                            .sacked_to = 1 + 2 * FULL});
    client_sends(h, t + 40 + 2 * TRIP, t + 40 + 3 * TRIP, 1, FULL);
    mps_critical_path *path = histories_walk(h, 3, MPS_C2S, MPS_NONE, &usual_limits);
    assert_true(path->head_of_line);
    assert_int_equal(path->held_by, 0);
    assert_int_equal(path->waited, (20 + 2 * TRIP) * 1000); /* since the second segment arrived */
    assert_int_equal(path->delivered, 2 * FULL);
    mps_critical_path_free(path);
    check_path(h, OPENING "host handshake 0> 110\nrecovery recovery:fast 0> 20030\n"
                          "propagation delivery 0> 10000\n");
    histories_free(h);
}

static void test_timeout(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 10, LOST, 1, FULL);
    client_sends(h, t + 10 + 200000, LOST, 1, FULL);
    client_sends(h, t + 10 + 600000, t + 10 + 600000 + TRIP, 1, FULL);
    check_path(h, OPENING "host handshake 0> 110\nrecovery recovery:timeout 0> 200000\n"
                          "recovery recovery:timeout 0> 400000\npropagation delivery 0> 10000\n");
    histories_free(h);
}

/* The last segment was sent again for nothing: its first transmission was late. */
static void test_original_late(void **state)
{
    histories *h = histories_new(1);
    (void)state;
    int64_t t = histories_open(h, 0, 0, TRIP);
    client_sends(h, t + 10, t + 10 + 300000, 1, FULL);
    client_sends(h, t + 10 + 200000, t + 10 + 200000 + TRIP, 1, FULL);
    check_path(h, OPENING "host handshake 0> 110\nrecovery recovery:original-late 0> 200000\n"
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
    client_sends(h, t + 10, LOST, 1, FULL);
    histories_add(h, (shot){.subflow = 1,
                            .left = t + 90000,
                            .arrived = t + 90000 + TRIP,
                            .seq = 1,
                            .length = FULL,
                            .dsn = 1,
                            .ack = 1});
    check_path(h, OPENING "host handshake 0> 110\nrecovery recovery:reinjection 1> 89990\n"
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
    client_sends(h, 20200, 30200, 1, FULL);
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
    check_path_of(h, 3, MPS_C2S, 0,
                  OPENING "host handshake 0> 100\n"
                          "propagation receive-window 0> 10000\nreceiver receive-window 0< 169800\n"
                          "propagation receive-window 0< 10000\nhost receive-window 0> 50\n"
                          "propagation delivery 0> 10000\n");
    histories_free(h);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fast_retransmission), cmocka_unit_test(test_timeout),
        cmocka_unit_test(test_original_late),       cmocka_unit_test(test_reinjection),
        cmocka_unit_test(test_window_probe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
