/* transfers.c: what tests of the critical path make transfers of.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "transfers.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

const mps_critical_limits usual_limits = MPS_CRITICAL_LIMITS;

void check_path_of(histories *h, unsigned hosts, mps_direction direction, uint32_t subflow,
                   const char *expected)
{
    mps_critical_path *path = histories_walk(h, hosts, direction, subflow, &usual_limits);
    assert_int_equal(path->reason, MPS_CRITICAL_KNOWN);
    char *text = histories_text(path);
    assert_string_equal(text, expected);
    histories_check(path);
    g_free(text);
    mps_critical_path_free(path);
}

void check_path(histories *h, const char *expected)
{
    check_path_of(h, 3, MPS_C2S, MPS_NONE, expected);
}

void client_sends(histories *h, int64_t left, int64_t arrived, uint64_t seq, uint32_t length)
{
    histories_add(h,
                  (shot){.left = left, .arrived = arrived, .seq = seq, .length = length, .ack = 1});
}

void server_acks(histories *h, int64_t left, uint64_t number)
{
    histories_add(
        h,
        (shot){
            .direction = MPS_S2C, .left = left, .arrived = left + TRIP, .seq = 1, .ack = number});
}

void client_bursts(histories *h, int64_t left, uint64_t first, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        client_sends(h, left + 10 * i, left + 10 * i + TRIP, 1 + FULL * (first + i), FULL);
}
