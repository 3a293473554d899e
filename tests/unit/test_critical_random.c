/* test_critical_random.c: what holds of the critical paths of any histories.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "histories.h"
#include "tracker/tracker_state.h"
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define SLOW 10e-6 /* of a clock, a ratio */

static const mps_critical_limits limits = MPS_CRITICAL_LIMITS;

/* A transfer in which anything may happen: losses, reordering, several subflows, both directions,
 * acknowledgements of nothing in particular, matches that are missing. */
static histories *random_histories(GRand *random, unsigned subflows)
{
    histories *h = histories_new(subflows);
    uint64_t seq[4][2], dsn[2] = {1, 1};
    int64_t t = 0;
    for (unsigned i = 0; i < subflows; i++) {
        histories_open(h, i, i * 5000, g_rand_int_range(random, 100, 20000));
        seq[i][0] = seq[i][1] = 1;
    }
    t = 70000;
    for (unsigned i = 0; i < 200; i++) {
        const uint32_t subflow = (uint32_t)g_rand_int_range(random, 0, (gint32)subflows);
        const mps_direction direction = g_rand_boolean(random) ? MPS_C2S : MPS_S2C;
        const bool again = g_rand_int_range(random, 0, 8) == 0;
        const bool other = g_rand_int_range(random, 0, 8) == 0;
        const uint32_t length = (uint32_t)g_rand_int_range(random, 0, 3) * 500;
        uint64_t *top = &seq[subflow][direction];
        shot s = {.subflow = subflow, .direction = direction, .length = length};
        t += g_rand_int_range(random, 0, g_rand_boolean(random) ? 50 : 5000);
        s.left = t;
        s.arrived =
            g_rand_int_range(random, 0, 10) == 0 ? LOST : t + g_rand_int_range(random, 100, 20000);
        s.seq = again ? (uint64_t)g_rand_int_range(random, 1, (gint32)*top + 1) : *top;
        s.dsn = other ? (uint64_t)g_rand_int_range(random, 1, (gint32)dsn[direction] + 1)
                      : dsn[direction];
        s.ack = (uint64_t)g_rand_int_range(random, 1, (gint32)seq[subflow][!direction] + 1);
        s.data_ack = (uint64_t)g_rand_int_range(random, 1, (gint32)dsn[!direction] + 1);
        s.window = (uint32_t)g_rand_int_range(random, 1, 20000);
        if (g_rand_int_range(random, 0, 5) == 0) {
            s.sacked_from = s.ack + 100;
            s.sacked_to = s.ack + 600;
        }
        s.unmatched = g_rand_int_range(random, 0, 100) == 0;
        histories_add(h, s);
        *top = MAX(*top, s.seq + length);
        dsn[direction] = MAX(dsn[direction], s.dsn + length);
    }
    return h;
}

/* @return the next piece of a path that is longer than an error of some ns; NULL: there is none */
static const mps_critical_piece *next_piece(const mps_critical_path *path, guint *next, int error)
{
    while (*next < path->pieces->len) {
        const mps_critical_piece *piece =
            &g_array_index(path->pieces, mps_critical_piece, (*next)++);
        if (llabs(piece->to.time - piece->from.time) > error)
            return piece;
    }
    return NULL;
}

/* @return whether a piece is the same as another one, and as long but for a share of its length and
 * an error of some ns */
static bool is_same(const mps_critical_piece *x, const mps_critical_piece *y, double share,
                    int error)
{
    const double length = (double)(x->to.time - x->from.time);
    const double longer = (double)(y->to.time - y->from.time) - length;
    if (x->cause != y->cause || x->why != y->why || x->from.frame != y->from.frame ||
        x->to.frame != y->to.frame || x->subflow != y->subflow)
        return false;
    return x->cause == MPS_CAUSE_PROPAGATION || x->cause == MPS_CAUSE_UNEXPLAINED ||
           fabs(longer) <= share * fabs(length) + error;
}

static bool same_but_propagation(const mps_critical_path *a, const mps_critical_path *b,
                                 double share, int error)
{
    guint of_a = 0, of_b = 0;
    const mps_critical_piece *x, *y;
    do {
        x = next_piece(a, &of_a, error);
        y = next_piece(b, &of_b, error);
    } while (x && y && is_same(x, y, share, error));
    return !x && !y;
}

/* Whatever the traffic is: the pieces join and add up, the walk ends, and neither a difference of
 * the clocks nor a drift that is known changes anything but propagation. (Times are whole us: with
 * a clock that is slow, none of them becomes longer than a threshold.) */
static void test_random(void **state)
{
    GRand *random = g_rand_new_with_seed(20261128);
    unsigned paths = 0;
    (void)state;
    for (unsigned i = 0; i < 400; i++) {
        const unsigned subflows = 1 + i % 3;
        histories *h = random_histories(random, subflows);
        for (unsigned k = 0; k < 4; k++) {
            const mps_direction direction = (mps_direction)(k % 2);
            const uint32_t end = k < 2 ? MPS_NONE : i % subflows;
            histories_move_clock(h, MPS_SERVER, 0);
            mps_critical_path *path = histories_walk(h, 3, direction, end, &limits);
            histories_move_clock(h, MPS_SERVER, 3456789);
            mps_critical_path *moved = histories_walk(h, 3, direction, end, &limits);
            mps_critical_path *half = histories_walk(h, 1u << direction, direction, end, &limits);
            histories_drift(h, MPS_SERVER, -SLOW);
            mps_critical_path *drifted = histories_walk(h, 3, direction, end, &limits);
            histories_drift(h, MPS_SERVER, 0);
            assert_int_equal(path->reason, moved->reason);
            if (path->reason == MPS_CRITICAL_KNOWN) {
                histories_check(path);
                histories_check(moved);
                histories_check(drifted);
                assert_true(same_but_propagation(path, moved, 0, 0));
                assert_true(same_but_propagation(path, drifted, 2 * SLOW, 2));
                paths++;
            }
            if (half->reason == MPS_CRITICAL_KNOWN)
                histories_check(half);
            mps_critical_path_free(path);
            mps_critical_path_free(moved);
            mps_critical_path_free(drifted);
            mps_critical_path_free(half);
        }
        histories_free(h);
    }
    assert_true(paths > 1000);
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
