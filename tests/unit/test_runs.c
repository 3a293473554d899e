/* test_runs.c: ranges with offsets, compared with a plain array that has an entry per number.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/runs.h"

#define SIZE 400u /* numbers that the model covers */
#define NONE UINT64_MAX

/* The offset of each number, or NONE where it is not covered. */
typedef struct {
    uint64_t base; /* the first number */
    uint64_t offset[SIZE];
} model;

/* The calls of the visitor that are expected, and how many came. */
typedef struct {
    uint64_t expected[SIZE][2];
    unsigned count, seen;
} gaps;

static void check_gap(uint64_t start, uint64_t end, void *data)
{
    gaps *g = data;
    assert_true(g->seen < g->count);
    assert_int_equal(start, g->expected[g->seen][0]);
    assert_int_equal(end, g->expected[g->seen][1]);
    g->seen++;
}

static uint64_t model_add(model *m, unsigned from, unsigned to, uint64_t offset, gaps *g)
{
    uint64_t added = 0;
    g->count = g->seen = 0;
    for (unsigned i = from; i < to; i++) {
        if (m->offset[i] != NONE)
            continue;
        bool goes_on = g->count > 0 && g->expected[g->count - 1][1] == m->base + i;
        if (!goes_on)
            g->expected[g->count++][0] = m->base + i;
        g->expected[g->count - 1][1] = m->base + i + 1;
        m->offset[i] = offset;
        added++;
    }
    return added;
}

/* The end of the run that starts at `i`. */
static unsigned model_end(const model *m, unsigned i)
{
    uint64_t offset = m->offset[i];
    while (i < SIZE && m->offset[i] == offset)
        i++;
    return i;
}

static unsigned model_count(const model *m)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SIZE;) {
        if (m->offset[i] == NONE) {
            i++;
            continue;
        }
        count++;
        i = model_end(m, i);
    }
    return count;
}

static void check_find(const mps_runs *runs, const model *m)
{
    unsigned start = 0; /* of the run that covers i */
    for (unsigned i = 0; i < SIZE; i++) {
        if (i == 0 || m->offset[i] != m->offset[i - 1])
            start = i;
        unsigned at = i;
        while (at < SIZE && m->offset[at] == NONE)
            at++;
        mps_run run;
        bool found = mps_runs_find(runs, m->base + i, &run);
        assert_int_equal(found, at < SIZE);
        if (!found)
            continue;
        assert_int_equal(run.start, m->base + (at == i ? start : at));
        assert_int_equal(run.end, m->base + model_end(m, at));
        assert_int_equal(run.offset, m->offset[at]);
    }
}

static void check_all(const mps_runs *runs, const model *m)
{
    assert_int_equal(mps_runs_count(runs), model_count(m));
    assert_int_equal(mps_runs_empty(runs), model_count(m) == 0);
    check_find(runs, m);
}

/* Remove whole runs that end at or below the limit. */
static void model_trim(model *m, unsigned limit)
{
    for (unsigned i = 0; i < limit;) {
        unsigned end = model_end(m, i);
        if (end > limit && m->offset[i] != NONE)
            break;
        for (; i < end && i < SIZE; i++)
            m->offset[i] = NONE;
    }
}

static void run_random(GRand *random, uint64_t base, unsigned offsets, unsigned longest)
{
    mps_runs runs = {0};
    model m = {.base = base};
    static gaps g;
    unsigned to = 0;
    memset(m.offset, 0xff, sizeof m.offset);
    for (unsigned step = 0; step < 120; step++) {
        const bool goes_on = g_rand_boolean(random); /* where the step before ended */
        unsigned from = goes_on ? to : (unsigned)g_rand_int_range(random, 0, SIZE);
        unsigned length = (unsigned)g_rand_int_range(random, 0, (gint32)longest);
        to = MIN(SIZE, from + length);
        uint64_t offset = (uint64_t)g_rand_int_range(random, 0, (gint32)offsets);
        const bool covered = mps_runs_top_covers(&runs, base + from, base + to);
        uint64_t added = model_add(&m, from, to, offset, &g);
        assert_false(covered && added > 0);
        bool watched = g_rand_boolean(random);
        assert_int_equal(
            mps_runs_add(&runs, base + from, base + to, offset, watched ? check_gap : NULL, &g),
            added);
        assert_int_equal(g.seen, watched ? g.count : 0);
        if (g_rand_int_range(random, 0, 20) == 0) {
            unsigned limit = (unsigned)g_rand_int_range(random, 0, SIZE);
            mps_runs_trim(&runs, base + limit);
            model_trim(&m, limit);
        }
        check_all(&runs, &m);
    }
    mps_runs_clear(&runs);
    assert_true(mps_runs_empty(&runs));
    assert_int_equal(mps_runs_count(&runs), 0);
}

static void test_random(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(8684);
    for (unsigned round = 0; round < 100; round++) {
        run_random(random, 0, 1, 30);
        run_random(random, (UINT64_C(1) << 32) - SIZE / 2, 3, 30);
        run_random(random, UINT64_MAX - SIZE, 2, 8);
        run_random(random, 12345, 3, SIZE);
        run_random(random, 99, SIZE, SIZE / 3); /* long rows of neighbours */
    }
    g_rand_free(random);
}

static void test_nothing(void **state)
{
    (void)state;
    mps_runs runs = {0};
    mps_run run;
    assert_false(mps_runs_find(&runs, 0, &run));
    assert_int_equal(mps_runs_add(&runs, 5, 5, 0, NULL, NULL), 0);
    assert_int_equal(mps_runs_add(&runs, 6, 5, 0, NULL, NULL), 0);
    assert_true(mps_runs_empty(&runs));
    mps_runs_trim(&runs, UINT64_MAX);
    mps_runs_clear(&runs);
}

/* In-order traffic is one run. */
static void test_in_order(void **state)
{
    (void)state;
    mps_runs runs = {0};
    for (uint64_t at = 0; at < 100000; at++)
        assert_int_equal(mps_runs_add(&runs, at * 1448, at * 1448 + 1448, 7, NULL, NULL), 1448);
    assert_int_equal(mps_runs_count(&runs), 1);
    mps_runs_clear(&runs);
}

/* Many neighbours with offsets of their own, covered again and again: if each was visited, this
 * would take minutes. */
static void test_neighbours(void **state)
{
    (void)state;
    mps_runs runs = {0};
    mps_run run;
    for (uint64_t at = 0; at < 50000; at++)
        mps_runs_add(&runs, 100 + at, 101 + at, at + 1, NULL, NULL);
    for (uint64_t i = 0; i < 50000; i++)
        assert_int_equal(mps_runs_add(&runs, 100, 50100 + 2 * i, 3, NULL, NULL), i > 0 ? 2 : 0);
    assert_true(mps_runs_find(&runs, 40100, &run));
    assert_int_equal(run.offset, 40001);
    mps_runs_trim(&runs, 40100);
    assert_int_equal(mps_runs_add(&runs, 99, 40101, 9, NULL, NULL), 40001);
    assert_true(mps_runs_find(&runs, 50100, &run));
    assert_int_equal(run.offset, 3);
    mps_runs_clear(&runs);
}

/* Neighbours on both sides are joined, the top run included, but only with the same offset. */
static void test_join(void **state)
{
    (void)state;
    mps_runs runs = {0};
    mps_runs_add(&runs, 0, 10, 1, NULL, NULL);
    mps_runs_add(&runs, 20, 30, 1, NULL, NULL);
    mps_runs_add(&runs, 40, 50, 1, NULL, NULL);
    mps_runs_add(&runs, 10, 20, 1, NULL, NULL);
    assert_int_equal(mps_runs_count(&runs), 2);
    mps_runs_add(&runs, 30, 40, 2, NULL, NULL);
    assert_int_equal(mps_runs_count(&runs), 3);
    mps_runs_clear(&runs);
}

/* Ranges in descending order that never touch: the worst order, which would take minutes if an
 * insertion moved all others. */
static void test_descending(void **state)
{
    (void)state;
    mps_runs runs = {0};
    for (uint64_t i = 200000; i > 0; i--)
        assert_int_equal(mps_runs_add(&runs, 10 * i, 10 * i + 5, 0, NULL, NULL), 5);
    assert_int_equal(mps_runs_count(&runs), 200000);
    assert_int_equal(mps_runs_add(&runs, 0, 3000000, 0, NULL, NULL), 3000000 - 1000000);
    assert_int_equal(mps_runs_count(&runs), 1);
    mps_runs_clear(&runs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),     cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_in_order),   cmocka_unit_test(test_join),
        cmocka_unit_test(test_descending), cmocka_unit_test(test_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
