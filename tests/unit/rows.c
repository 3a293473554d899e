/* rows.c: the rows of a report over a bench (see packets.h), for tests.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

bench *rows_bench(const char *name)
{
    bench *b = bench_new(MPS_TRACK_MPTCP);
    mps_report *report = mps_report_new(name, MPS_NONE, NULL);
    assert_non_null(report);
    mps_analyses_want(b->tracker, mps_report_needs(report));
    mps_report_free(report);
    return b;
}

mps_report *rows_report(const bench *b, const char *name, uint32_t connection, row_filter filter)
{
    mps_report *report = mps_report_new(name, connection, NULL);
    assert_non_null(report);
    for (guint i = 0; i < b->verdicts->len; i++) {
        const mps_verdict *verdict = &g_array_index(b->verdicts, mps_verdict, i);
        if (!filter || filter(verdict))
            mps_report_count(report, verdict);
    }
    return report;
}

const mps_value *rows_value(const mps_table *table, unsigned row, const char *column)
{
    char **names = g_strsplit(column, ".", 2);
    const char *group = names[1] ? names[0] : NULL, *name = names[1] ? names[1] : names[0];
    const mps_value *value = NULL;
    assert_true(row < table->row_count);
    for (unsigned i = 0; i < table->column_count; i++)
        if (g_strcmp0(table->columns[i].group, group) == 0 &&
            g_strcmp0(table->columns[i].name, name) == 0)
            value = mps_table_value(table, row, i);
    if (!value)
        fail_msg("no column %s", column);
    g_strfreev(names);
    return value;
}

char *rows_written(const mps_report *report, const bench *b, mps_format format)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    assert_non_null(out);
    mps_report_write(report, b->tracker,
                     &(mps_report_document){mps_plain_style(format), "capture.pcap", NULL, NULL},
                     out);
    fclose(out);
    return text;
}
