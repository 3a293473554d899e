/* test_record_log.c: records that are kept as differences, and merged in the order of time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analysis/record_merge.h"

#define NUMBERS 5u

/* @return a number of few or of many bits, both ends of the range included */
static uint64_t any_number(GRand *random)
{
    const uint64_t bits = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random);
    const int32_t choice = g_rand_int_range(random, 0, 6);
    if (choice < 2)
        return choice ? UINT64_MAX : 0;
    return choice < 4 ? bits & 0xffff : choice < 5 ? bits & 0xffffffff : bits;
}

static void add(mps_record_log *log, int64_t time, uint32_t frame, uint64_t mark)
{
    const uint64_t numbers[] = {(uint64_t)time, frame, mark};
    mps_record_log_add(log, numbers, G_N_ELEMENTS(numbers));
}

static void check_no_record(const mps_record_log *log)
{
    static const uint64_t zeros[MPS_RECORD_NUMBERS_MAX] = {0};
    uint64_t room[MPS_RECORD_NUMBERS_MAX];
    memset(room, 1, sizeof room);
    mps_record_log_latest(log, room);
    assert_null(log->first);
    assert_memory_equal(room, zeros, sizeof room);
}

/* All numbers come back, in their order, from as many blocks as it takes. */
static void test_numbers(void **state)
{
    (void)state;
    enum { RECORDS = 3000 };
    static uint64_t given[RECORDS][NUMBERS];
    GRand *random = g_rand_new_with_seed(1);
    mps_record_log log = {0};
    uint64_t room[MPS_RECORD_NUMBERS_MAX];
    check_no_record(&log);
    for (uint32_t i = 0; i < RECORDS; i++) {
        given[i][MPS_RECORD_TIME] = i ? given[i - 1][MPS_RECORD_TIME] + i % 3 : 0;
        given[i][MPS_RECORD_FRAME] = i;
        for (unsigned k = 2; k < NUMBERS; k++)
            given[i][k] = any_number(random);
        mps_record_log_add(&log, given[i], NUMBERS);
        mps_record_log_latest(&log, room);
        assert_memory_equal(room, given[i], sizeof given[i]);
    }
    assert_null(log.first->next);
    mps_record_reader reader;
    mps_record_reader_begin(&reader, log.first);
    for (uint32_t i = 0; i < RECORDS; i++) {
        assert_true(mps_record_reader_next(&reader));
        assert_memory_equal(reader.numbers, given[i], sizeof given[i]);
    }
    assert_false(mps_record_reader_next(&reader));
    assert_false(mps_record_reader_next(&reader));
    mps_record_log_clear(&log);
    check_no_record(&log);
    g_rand_free(random);
}

/* A record that changes nothing is a record. */
static void test_same(void **state)
{
    (void)state;
    mps_record_log log = {0};
    mps_record_reader reader;
    for (unsigned i = 0; i < 3; i++)
        add(&log, 0, 0, 0);
    mps_record_reader_begin(&reader, log.first);
    for (unsigned i = 0; i < 3; i++)
        assert_true(mps_record_reader_next(&reader));
    assert_false(mps_record_reader_next(&reader));
    mps_record_log_clear(&log);
}

typedef struct {
    int64_t time;
    uint32_t frame;
    uint32_t source;
    uint64_t mark;
} expected;

static gint compare_expected(gconstpointer a, gconstpointer b)
{
    const expected *x = a, *y = b;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return (x->frame > y->frame) - (x->frame < y->frame);
}

static void check(mps_record_merge *merge, const GArray *all)
{
    for (guint i = 0; i < all->len; i++) {
        const expected *right = &g_array_index(all, expected, i);
        const mps_merged_record *record = mps_record_merge_next(merge);
        assert_non_null(record);
        assert_int_equal(record->moment.time, right->time);
        assert_int_equal(record->moment.place, right->frame);
        assert_int_equal(record->source, right->source);
        assert_int_equal(record->numbers[2], right->mark);
    }
    assert_null(mps_record_merge_next(merge));
    assert_null(mps_record_merge_next(merge));
}

/* Logs whose records come late now and then are merged as a stable sort does, and again. */
static void test_merge(void **state)
{
    (void)state;
    enum { LOGS = 5, RECORDS = 2000 };
    GRand *random = g_rand_new_with_seed(2);
    mps_record_log logs[LOGS] = {{0}};
    GArray *all = g_array_new(FALSE, FALSE, sizeof(expected));
    mps_record_merge *merge = mps_record_merge_new(NULL);
    for (uint32_t i = 0; i < LOGS; i++) {
        for (uint32_t k = 0; k < i * RECORDS; k++) { /* the first log is empty */
            const bool late = g_rand_int_range(random, 0, 50) == 0;
            const expected each = {(int64_t)k / 4 - (late ? 100 : 0), k / 2, 10 * i, k};
            add(&logs[i], each.time, each.frame, each.mark);
            g_array_append_val(all, each);
        }
        mps_record_merge_add(merge, &logs[i], 10 * i);
    }
    g_array_sort(all, compare_expected);
    check(merge, all);
    mps_record_merge_begin(merge);
    assert_non_null(mps_record_merge_next(merge));
    mps_record_merge_begin(merge);
    check(merge, all);
    mps_record_merge_free(merge);
    g_array_free(all, TRUE);
    for (uint32_t i = 0; i < LOGS; i++)
        mps_record_log_clear(&logs[i]);
    g_rand_free(random);
}

/* What comes after a leap of the clock comes after what was before, whatever their times are. */
static void test_leap(void **state)
{
    (void)state;
    mps_record_log logs[2] = {{0}};
    mps_leap leap = {.frame = 3, .step = -90};
    mps_leaps leaps = {.list = g_array_new(FALSE, FALSE, sizeof(mps_leap))};
    g_array_append_val(leaps.list, leap);
    add(&logs[0], 100, 1, 1);
    add(&logs[0], 20, 4, 4);
    add(&logs[1], 110, 2, 2);
    add(&logs[1], 10, 3, 3);
    mps_record_merge *merge = mps_record_merge_new(&leaps);
    for (uint32_t i = 0; i < 2; i++)
        mps_record_merge_add(merge, &logs[i], i);
    for (uint64_t mark = 1; mark <= 4; mark++)
        assert_int_equal(mps_record_merge_next(merge)->numbers[2], mark);
    assert_null(mps_record_merge_next(merge));
    mps_record_merge_free(merge);
    for (uint32_t i = 0; i < 2; i++)
        mps_record_log_clear(&logs[i]);
    g_array_free(leaps.list, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_same),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_leap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
