/* rows.h: the rows of a report over a bench (see packets.h), for tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TEST_ROWS_H
#define TEST_ROWS_H

#include "packets.h"
#include <mptcpscope/report.h>

/* Which verdicts a report counts, as a display filter would choose. */
typedef bool (*row_filter)(const mps_verdict *verdict);

/** @return a bench whose tracker keeps what a report needs. @param name  of the report */
bench *rows_bench(const char *name);

/** @return a report over the verdicts of a bench. Free it with mps_report_free().
 *  @param connection  number; MPS_NONE: all
 *  @param filter      which verdicts it counts; NULL: all */
mps_report *rows_report(const bench *b, const char *name, uint32_t connection, row_filter filter);

/** @return a value by the name of its column; "gap.min" is `min` in the group `gap`. */
const mps_value *rows_value(const mps_table *table, unsigned row, const char *column);

/** @return the report as written in a format; the caller frees it. */
char *rows_written(const mps_report *report, const bench *b, mps_format format);

/* Macros, so that cmocka reports the caller's line. */
#define assert_null_value(table, row, column)                                                      \
    assert_int_equal(rows_value(table, row, column)->type, MPS_VALUE_NULL)
#define assert_uint(table, row, column, n)                                                         \
    do {                                                                                           \
        assert_int_equal(rows_value(table, row, column)->type, MPS_VALUE_UINT);                    \
        assert_int_equal(rows_value(table, row, column)->u, n);                                    \
    } while (0)
#define assert_ns(table, row, column, n)                                                           \
    do {                                                                                           \
        assert_int_equal(rows_value(table, row, column)->type, MPS_VALUE_SECONDS);                 \
        assert_int_equal(rows_value(table, row, column)->i, n);                                    \
    } while (0)
#define assert_bool(table, row, column, b)                                                         \
    do {                                                                                           \
        assert_int_equal(rows_value(table, row, column)->type, MPS_VALUE_BOOL);                    \
        assert_int_equal(rows_value(table, row, column)->boolean, b);                              \
    } while (0)
#define assert_real(table, row, column, x)                                                         \
    do {                                                                                           \
        assert_int_equal(rows_value(table, row, column)->type, MPS_VALUE_REAL);                    \
        assert_true(rows_value(table, row, column)->real > (x)-1e-12);                             \
        assert_true(rows_value(table, row, column)->real < (x) + 1e-12);                           \
    } while (0)
#define assert_text(table, row, column, s)                                                         \
    do {                                                                                           \
        const mps_value *value_ = rows_value(table, row, column);                                  \
        assert_true(value_->type == MPS_VALUE_STRING || value_->type == MPS_VALUE_JSON);           \
        assert_string_equal(                                                                       \
            value_->type == MPS_VALUE_STRING ? value_->string : value_->nested.text, s);           \
    } while (0)

#endif
