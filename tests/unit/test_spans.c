/* test_spans.c: ranges of items against a plain array, in random, ascending and descending order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/spans.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { SIZE = 20000 }; /* numbers that the model covers */

/* The item that covers each number; 0: none. */
typedef struct {
    mps_spans spans;
    uint32_t items[SIZE];
    uint64_t checked; /* end of the part for which replaced spans were reported */
} model;

static void check_replaced(const mps_span *replaced, void *data)
{
    model *m = data;
    assert_true(replaced->length > 0);
    for (uint64_t i = m->checked; i < replaced->start; i++)
        assert_int_equal(m->items[i], 0); /* no replaced span was left out */
    for (uint64_t i = 0; i < replaced->length; i++)
        assert_int_equal(m->items[replaced->start + i], replaced->item);
    m->checked = replaced->start + replaced->length;
}

static void cover(model *m, uint64_t start, uint32_t length, uint32_t item)
{
    mps_span span = {start, length, item};
    m->checked = start;
    mps_spans_cover(&m->spans, &span, check_replaced, m);
    assert_true(m->checked <= start + length);
    for (uint64_t i = m->checked; i < start + length; i++)
        assert_int_equal(m->items[i], 0);
    for (uint64_t i = start; i < start + length; i++)
        m->items[i] = item;
}

/* Cover all numbers at once: every span must be reported. */
static void finish(model *m)
{
    cover(m, 0, SIZE, UINT32_MAX);
    assert_int_equal(m->spans.blocks->len, 1);
    mps_spans_clear(&m->spans);
    g_free(m);
}

static void test_random(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(7);
    for (int longest = 3; longest < 3000; longest *= 10) {
        model *m = g_new0(model, 1);
        for (uint32_t i = 1; i <= 8000; i++) {
            uint32_t length = (uint32_t)g_rand_int_range(random, 1, longest + 1);
            cover(m, (uint64_t)g_rand_int_range(random, 0, SIZE - longest), length, i);
        }
        finish(m);
    }
    g_rand_free(random);
}

static void test_ascending(void **state)
{
    (void)state;
    model *m = g_new0(model, 1);
    for (uint32_t i = 0; i < SIZE / 4; i++)
        cover(m, 4 * i, 3, i + 1);
    assert_true(m->spans.blocks->len < 25); /* blocks are full */
    finish(m);
}

static void test_descending(void **state)
{
    (void)state;
    model *m = g_new0(model, 1);
    for (uint32_t i = SIZE / 4; i-- > 0;)
        cover(m, 4 * i, 3, i + 1);
    for (uint32_t i = SIZE / 4; i-- > 0;)
        cover(m, 4 * i, 4, i + 2);
    finish(m);
}

/* A span at the highest numbers. */
static void test_top(void **state)
{
    (void)state;
    model *m = g_new0(model, 1);
    const mps_span top = {UINT64_MAX - 10, 10, 1};
    mps_spans_cover(&m->spans, &top, check_replaced, m);
    cover(m, 5, 10, 2);
    finish(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_ascending),
        cmocka_unit_test(test_descending),
        cmocka_unit_test(test_top),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
