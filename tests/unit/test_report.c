/* test_report.c: options in a report's call; rows, text, csv and json; statistics of delays.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/statistics.h"
#include "report/report_internal.h"
#include <cmocka.h>
#include <mptcpscope/error.h>
#include <mptcpscope/report.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */

static void accept(mps_report_options *options, const char *report, const char *text)
{
    GError *error = NULL;
    assert_true(mps_report_options_parse(options, report, text, &error));
    assert_null(error);
}

static void refuse(const char *report, const char *text, const char *expected)
{
    mps_report_options options;
    GError *error = NULL;
    assert_false(mps_report_options_parse(&options, report, text, &error));
    assert_non_null(error);
    assert_true(g_error_matches(error, MPS_ERROR, MPS_ERROR_USAGE));
    if (!strstr(error->message, expected))
        fail_msg("\"%s\" does not contain \"%s\"", error->message, expected);
    g_error_free(error);
    assert_false(mps_report_options_parse(&options, report, text, NULL));
}

static void test_no_options(void **state)
{
    (void)state;
    const char *const none[] = {"", ",", NULL};
    for (unsigned i = 0; i < 3; i++) {
        mps_report_options options;
        accept(&options, "connections", none[i]);
        assert_int_equal(options.format, MPS_FORMAT_TEXT);
        assert_int_equal(options.connection, MPS_NONE);
        assert_null(options.file);
        assert_null(options.filter);
        assert_false(options.tcp == MPS_DUMP_TCP_ALL);
        mps_report_options_clear(&options);
    }
}

static void test_path_options(void **state)
{
    (void)state;
    mps_report_options options;
    accept(&options, "critical-path", ",pieces=1,end=2,direction=s2c,interval=0.5,near=server,tcp");
    assert_true(options.path.pieces);
    assert_int_equal(options.path.end_subflow, 2);
    assert_int_equal(options.path.directions, 1u << MPS_S2C);
    assert_int_equal(options.interval, 500000000);
    assert_string_equal(options.filter, "tcp");
    assert_true(mps_path_choice_given(&options.path));
    mps_report_options_clear(&options);
    accept(&options, "critical-path", "");
    assert_false(mps_path_choice_given(&options.path));
    refuse("critical-path", "pieces=yes", "expected pieces=1");
    refuse("critical-path", "pieces=", "expected pieces=1");
    refuse("critical-path", "end=-1", "expected the number of a subflow");
    refuse("critical-path", "direction=up", "expected c2s or s2c");
    refuse("critical-path", "interval=0", "expected seconds");
    refuse("critical-path", "clock=skew", "near, interval, direction, end, pieces");
    refuse("limits", "pieces=1", "unknown option \"pieces\"");
    refuse("series", "end=1", "unknown option \"end\"");
    refuse("dump", "direction=c2s", "unknown option \"direction\"");
}

static void test_all_options(void **state)
{
    (void)state;
    mps_report_options options;
    accept(&options, "subflows", ",format=json,file=/tmp/a b=c.json,connection=4294967294,tcp");
    assert_int_equal(options.format, MPS_FORMAT_JSON);
    assert_string_equal(options.file, "/tmp/a b=c.json");
    assert_int_equal(options.connection, 4294967294u);
    assert_string_equal(options.filter, "tcp");
    mps_report_options_clear(&options);
    assert_null(options.file);
    accept(&options, "dump", "file=a,file=b,tcp=all");
    assert_string_equal(options.file, "b");
    assert_true(options.tcp == MPS_DUMP_TCP_ALL);
    mps_report_options_clear(&options);
    accept(&options, "connections", "format=csv,connection=0,format=text,");
    assert_int_equal(options.format, MPS_FORMAT_TEXT);
    assert_int_equal(options.connection, 0);
    assert_null(options.filter);
    mps_report_options_clear(&options);
}

/* All that follows the last option is the filter, with its commas and signs. */
static void test_filters(void **state)
{
    (void)state;
    const char *const filters[] = {
        "tcp.port==80 && ip.addr in {1.2.3.4,5.6.7.8}",
        "tcp",
        "tcp==80",
        "ip.src==10.0.0.1,format=csv",
        "!(tcp.flags & 0x02)",
        "frame[0:3] == 00:01:02",
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(filters); i++) {
        mps_report_options options;
        char *text = g_strconcat("format=csv,", filters[i], NULL);
        accept(&options, "connections", text);
        assert_int_equal(options.format, MPS_FORMAT_CSV);
        assert_string_equal(options.filter, filters[i]);
        mps_report_options_clear(&options);
        accept(&options, "connections", filters[i]);
        assert_int_equal(options.format, MPS_FORMAT_TEXT);
        assert_string_equal(options.filter, filters[i]);
        mps_report_options_clear(&options);
        g_free(text);
    }
}

static void test_wrong_options(void **state)
{
    (void)state;
    refuse("connections", "format=xml", "text, csv, json");
    refuse("connections", "format=", "text, csv, json");
    refuse("connections", "format=CSV", "text, csv, json");
    refuse("connections", "colour=red", "colour");
    refuse("connections", "colour=red", "format, file, connection");
    refuse("connections", "format=csv,formt=json", "formt");
    refuse("connections", "file=", "file");
    refuse("connections", "file=x,connection=", "connection");
    refuse("connections", "connection=-1", "connection");
    refuse("connections", "connection=+1", "connection");
    refuse("connections", "connection= 1", "connection");
    refuse("connections", "connection=1x", "connection");
    refuse("connections", "connection=4294967295", "connection");
    refuse("connections", "connection=99999999999999999999", "connection");
    refuse("connections", "tcp=all", "tcp");
    refuse("dump", "", "file=PATH");
    refuse("dump", "tcp=all", "file=PATH");
    refuse("dump", "file=a,tcp=some", "tcp=all");
    refuse("dump", "file=a,format=csv", "format");
}

static void check_hint(const char *report, const char *filter, const char *expected)
{
    char *hint = mps_report_filter_hint(report, filter);
    if (expected)
        assert_string_equal(hint, expected);
    else
        assert_null(hint);
    g_free(hint);
}

static void test_filter_hints(void **state)
{
    (void)state;
    static const char *const filters[] = {"tcp",         "ip.addr==10.0.0.0/24", "tcp.port==1",
                                          "tcp.len > 0", "ip.addr in {1,2}",     "format",
                                          "jsonx",       "tcp.port in {1,x=2}",  "-1"};
    check_hint("rtt", "csv", "\"csv\" is taken for a display filter; the option is format=csv");
    check_hint("rtt", "json,tcp",
               "\"json\" is taken for a display filter; the option is format=json");
    check_hint("rtt", "7", "\"7\" is taken for a display filter; the option is connection=7");
    check_hint("rtt", "a.csv", "\"a.csv\" is taken for a display filter; the option is file=a.csv");
    check_hint("rtt", "server",
               "\"server\" is taken for a display filter; the option is near=server");
    check_hint("critical-path", "s2c",
               "\"s2c\" is taken for a display filter; the option is direction=s2c");
    check_hint("rtt", "s2c", NULL); /* it has no such option */
    check_hint("dump", "all", "\"all\" is taken for a display filter; the option is tcp=all");
    check_hint("dump", "json", NULL);
    check_hint("rtt", "tcp,file=x",
               "file= is taken for a part of the display filter; options come before it");
    check_hint("rtt", "tcp,pieces=1", NULL);
    for (unsigned i = 0; i < G_N_ELEMENTS(filters); i++)
        check_hint("rtt", filters[i], NULL);
}

static void test_zeros(void **state)
{
    (void)state;
    mps_report_options options;
    GError *error = NULL;
    accept(&options, "mib", "zeros=1");
    assert_true(options.zeros);
    refuse("mib", "zeros=2", "zeros=1");
    refuse("rtt", "zeros=1", "known options: format, file, connection, near");
    mps_report *report = mps_report_new("rtt", MPS_NONE, NULL);
    assert_false(mps_report_set_zeros(report, &error));
    assert_true(g_error_matches(error, MPS_ERROR, MPS_ERROR_USAGE));
    g_error_free(error);
    mps_report_free(report);
}

/* A second table is among the tables of all, and each of these is of a report. */
static void test_table_names(void **state)
{
    (void)state;
    const char *const *tables = mps_report_tables_of_all();
    assert_string_equal(tables[0], "rows");
    for (const char *const *name = mps_report_names(); *name; name++) {
        const mps_report_kind *totals = mps_report_kind_of(*name)->totals;
        assert_int_equal(mps_report_has_table(*name, "rows"), totals != NULL);
        assert_true(!totals || g_strv_contains(tables + 1, totals->name));
    }
    for (unsigned i = 0; tables[i]; i++) {
        unsigned reports = 0;
        for (const char *const *name = mps_report_names(); *name; name++)
            reports += mps_report_has_table(*name, tables[i]);
        assert_true(reports > 0);
        assert_false(g_strv_contains(tables + i + 1, tables[i]));
    }
}

static void test_names(void **state)
{
    (void)state;
    const char *const *names = mps_report_names();
    unsigned found = 0;
    for (unsigned i = 0; names[i]; i++) {
        GError *error = NULL;
        mps_report *report = mps_report_new(names[i], MPS_NONE, &error);
        assert_non_null(report);
        assert_null(error);
        assert_non_null(mps_report_title(report));
        assert_false(g_strv_contains(names + i + 1, names[i]));
        mps_report_free(report);
        found += !strcmp(names[i], "connections") || !strcmp(names[i], "subflows");
    }
    assert_int_equal(found, 2);
    GError *error = NULL;
    assert_null(mps_report_new("connection", MPS_NONE, &error));
    assert_true(g_error_matches(error, MPS_ERROR, MPS_ERROR_USAGE));
    assert_non_null(strstr(error->message, "connections, subflows"));
    g_error_free(error);
    mps_report_free(NULL);
}

/* 1000 bytes to the server on two subflows, 300 of them twice; none back. And a segment of another
 * connection. */
static bench *some_traffic(void)
{
    bench *b = bench_new(MPS_TRACK_MPTCP);
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), stray = wire_new(3, 5000);
    bench_open(b, &w, 1, KC, KS);
    bench_join(b, &j, token_of(KS, 1), 9);
    bench_data(b, &w, 0, 1, 700, idsn_of(KC, 1) + 1);
    bench_data(b, &j, 0, 1, 600, idsn_of(KC, 1) + 401);
    bench_ack(b, &stray, 0, 1);
    return b;
}

static mps_report *count_all(const bench *b, const char *name, uint32_t connection)
{
    mps_report *report = mps_report_new(name, connection, NULL);
    for (unsigned round = 0; round < 2; round++) { /* the reset forgets the first round */
        mps_report_reset(report);
        for (guint i = 0; i < b->verdicts->len; i++)
            mps_report_count(report, &g_array_index(b->verdicts, mps_verdict, i));
    }
    return report;
}

static char *written(const mps_report *report, const bench *b, mps_format format,
                     const char *capture, const char *filter)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    mps_report_write(report, b->tracker,
                     &(mps_report_document){mps_plain_style(format), capture, filter, NULL}, out);
    fclose(out);
    return text;
}

/* @return the cell of a column in csv text; the caller frees it. @param row  from 0 */
static char *cell(const char *csv, const char *column, unsigned row)
{
    char **lines = g_strsplit(csv, "\n", -1), *found = NULL;
    char **names = g_strsplit(lines[0], ",", -1);
    assert_true(row + 1 < g_strv_length(lines));
    char **cells = g_strsplit(lines[row + 1], ",", -1);
    assert_int_equal(g_strv_length(names), g_strv_length(cells));
    for (unsigned i = 0; names[i]; i++)
        if (strcmp(names[i], column) == 0)
            found = g_strdup(cells[i]);
    if (!found)
        fail_msg("no column %s", column);
    g_strfreev(lines);
    g_strfreev(names);
    g_strfreev(cells);
    return found;
}

static void check_cell(const char *csv, const char *column, unsigned row, const char *expected)
{
    char *actual = cell(csv, column, row);
    assert_string_equal(actual, expected);
    g_free(actual);
}

/* Without a filter a report need not remember what was counted: all has passed. */
static void test_no_filter(void **state)
{
    (void)state;
    mps_report *report = mps_report_new("rtt", MPS_NONE, NULL);
    const mps_verdict verdict = {.frame = 3, .length = 100, .data = 100};
    assert_false(mps_report_passed(report, 3));
    mps_report_count(report, &verdict);
    assert_true(mps_report_passed(report, 3));
    assert_false(mps_report_passed(report, 4));
    mps_report_pass_all(report);
    mps_report_reset(report);
    assert_true(mps_report_passed(report, 4));
    mps_report_free(report);
}

static void test_csv_connections(void **state)
{
    (void)state;
    bench *b = some_traffic();
    mps_report *report = count_all(b, "connections", MPS_NONE);
    char *csv = written(report, b, MPS_FORMAT_CSV, "x", "tcp");
    check_cell(csv, "connection", 0, "0");
    check_cell(csv, "version", 0, "1");
    check_cell(csv, "client", 0, "10.0.0.1");
    check_cell(csv, "client_port", 0, "1000");
    check_cell(csv, "client_key", 0, "0x0102030405060708");
    check_cell(csv, "client_token", 0, "1719930330"); /* 0x66840dda */
    check_cell(csv, "start", 0, "1700000000.000000000");
    check_cell(csv, "duration", 0, "0.007000000");
    check_cell(csv, "subflows", 0, "2");
    check_cell(csv, "state", 0, "open");
    check_cell(csv, "fallback", 0, "");
    check_cell(csv, "checksum", 0, "false");
    check_cell(csv, "c2s_segments", 0, "6");
    check_cell(csv, "c2s_bytes", 0, "1300");
    check_cell(csv, "c2s_data_bytes", 0, "1000");
    check_cell(csv, "c2s_reinjected_bytes", 0, "300");
    check_cell(csv, "c2s_reinjections", 0, "1");
    check_cell(csv, "c2s_retransmitted_bytes", 0, "0");
    check_cell(csv, "s2c_segments", 0, "2");
    check_cell(csv, "s2c_data_bytes", 0, "0");
    check_cell(csv, "s2c_goodput", 0, "0");
    check_cell(csv, "version", 1, "");
    check_cell(csv, "client_key", 1, "");
    check_cell(csv, "server_token", 1, "");
    check_cell(csv, "checksum", 1, "");
    check_cell(csv, "c2s_goodput", 1, ""); /* no time passed */
    free(csv);
    mps_report_free(report);
    bench_free(b);
}

static void test_csv_subflows(void **state)
{
    (void)state;
    bench *b = some_traffic();
    mps_report *report = count_all(b, "subflows", 0);
    char *csv = written(report, b, MPS_FORMAT_CSV, NULL, NULL);
    for (unsigned row = 0; row < 2; row++) {
        check_cell(csv, "connection", row, "0");
        check_cell(csv, "subflow", row, row ? "1" : "0");
        check_cell(csv, "initial", row, row ? "false" : "true");
        check_cell(csv, "initiator", row, "client");
        check_cell(csv, "tcp_stream", row, "");
        check_cell(csv, "join_delay", row, row ? "0.003000000" : "");
        check_cell(csv, "handshake_rtt", row, "0.002000000");
        check_cell(csv, "c2s_share", row, row ? "0.3" : "0.7");
        check_cell(csv, "s2c_share", row, "");
        check_cell(csv, "client_addr_id", row, row ? "3" : "0");
        check_cell(csv, "reset_reason", row, "");
    }
    check_cell(csv, "c2s_throughput", 1, "1200000"); /* 600 bytes in 4 ms */
    check_cell(csv, "c2s_goodput", 1, "600000");
    assert_null(strstr(csv, "5000,")); /* the report is about connection 0 only */
    free(csv);
    mps_report_free(report);
    bench_free(b);
}

/* Brackets and strings are closed, and no character is where json does not allow it. */
static void check_json(const char *json)
{
    char open[64];
    unsigned depth = 0;
    bool quoted = false;
    for (const char *c = json; *c; c++) {
        assert_true(g_utf8_validate(json, -1, NULL));
        if (quoted) {
            assert_true((unsigned char)*c >= 0x20);
            if (*c == '\\')
                c++;
            else if (*c == '"')
                quoted = false;
        } else if (*c == '"') {
            quoted = true;
        } else if (*c == '{' || *c == '[') {
            open[depth++] = *c;
        } else if (*c == '}' || *c == ']') {
            assert_true(depth > 0);
            assert_int_equal(open[--depth], *c == '}' ? '{' : '[');
        } else {
            assert_non_null(strchr(" \n,:.-+0123456789eE"
                                   "truefalsn",
                                   *c));
        }
    }
    assert_int_equal(depth, 0);
    assert_false(quoted);
}

static void assert_has(const char *text, const char *part)
{
    if (!strstr(text, part))
        fail_msg("no %s in %s", part, text);
}

static void test_json(void **state)
{
    (void)state;
    bench *b = some_traffic();
    mps_report *report = count_all(b, "connections", MPS_NONE);
    char *json = written(report, b, MPS_FORMAT_JSON, "a\"b\\c\n\x01.pcap", NULL);
    check_json(json);
    assert_true(g_str_has_prefix(json, "{\"schema\": 1, \"report\": \"connections\", "
                                       "\"capture\": \"a\\\"b\\\\c\\u000a\\u0001.pcap\", "));
    assert_has(json, "\"rows\": [");
    assert_has(json, "\"client_key\": \"0x0102030405060708\"");
    assert_has(json, "\"client_token\": 1719930330");
    assert_has(json, "\"start\": \"1700000000.000000000\"");
    assert_has(json, "\"duration\": 0.007000000");
    assert_has(json, "\"fallback\": null");
    assert_has(json, "\"c2s\": {\"segments\": 6, \"bytes\": 1300, \"data_bytes\": 1000, ");
    assert_has(json, "}}");
    free(json);
    json = written(report, b, MPS_FORMAT_JSON, NULL, "tcp");
    check_json(json);
    assert_has(json, "\"capture\": null");
    free(json);
    json = written(report, b, MPS_FORMAT_JSON, "caf\xe9.pcap", NULL); /* no UTF-8 */
    check_json(json);
    free(json);
    mps_report_free(report);
    bench_free(b);
}

static void test_empty(void **state)
{
    (void)state;
    bench *b = bench_new(MPS_TRACK_MPTCP);
    for (unsigned i = 0; mps_report_names()[i]; i++) {
        mps_report *report = mps_report_new(mps_report_names()[i], MPS_NONE, NULL);
        mps_analyses_want(b->tracker, mps_report_needs(report));
        char *json = written(report, b, MPS_FORMAT_JSON, NULL, NULL);
        check_json(json);
        free(json);
        char *csv = written(report, b, MPS_FORMAT_CSV, NULL, NULL);
        if (strcmp(mps_report_names()[i], "mib") != 0) /* it always has a row per counter */
            assert_ptr_equal(strchr(csv, '\n'), csv + strlen(csv) - 1); /* the header alone */
        free(csv);
        char *text = written(report, b, MPS_FORMAT_TEXT, NULL, NULL);
        assert_has(text, mps_report_title(report));
        free(text);
        mps_report_free(report);
    }
    bench_free(b);
}

static void test_text(void **state)
{
    (void)state;
    bench *b = some_traffic();
    mps_report *report = count_all(b, "connections", MPS_NONE);
    char *text = written(report, b, MPS_FORMAT_TEXT, "x", "tcp.port == 80");
    assert_has(text, "MPTCP Connections\n");
    assert_has(text, "Filter: tcp.port == 80\n");
    assert_has(text, "10.0.0.1");
    free(text);
    text = written(report, b, MPS_FORMAT_TEXT, "x", NULL);
    assert_has(text, "Filter: <none>\n");
    free(text);
    mps_report_free(report);
    bench_free(b);
}

static void test_value_text(void **state)
{
    (void)state;
    const mps_column ms = {.unit = "ms", .decimals = 3}, plain = {.decimals = 1};
    const struct {
        mps_value value;
        const mps_column *column;
        const char *text;
    } cases[] = {
        {{.type = MPS_VALUE_NULL}, &plain, "-"},
        {{.type = MPS_VALUE_BOOL, .boolean = true}, &plain, "yes"},
        {{.type = MPS_VALUE_BIG, .u = UINT64_MAX}, &plain, "18446744073709551615"},
        {{.type = MPS_VALUE_INT, .i = INT64_MIN}, &plain, "-9223372036854775808"},
        {{.type = MPS_VALUE_SECONDS, .i = 1234567}, &ms, "1.235"},
        {{.type = MPS_VALUE_SECONDS, .i = -1500000}, &ms, "-1.500"},
        {{.type = MPS_VALUE_REAL, .real = 0.25}, &plain, "0.2"},
        {{.type = MPS_VALUE_KEY, .u = 255}, &plain, "0x00000000000000ff"},
        {{.type = MPS_VALUE_TIME, .i = 1000002000}, &plain, "1.000002"},
        {{.type = MPS_VALUE_TIME, .i = -1500000000}, &plain, "-1.500000"}, /* before 1970 */
    };
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        char *text = mps_value_text(&cases[i].value, cases[i].column);
        assert_string_equal(text, cases[i].text);
        g_free(text);
    }
}

/* A sample of i * step + offset, shuffled. */
static mps_statistics statistics_of(size_t count, int64_t step, int64_t offset)
{
    int64_t *values = g_new(int64_t, count);
    mps_statistics s;
    for (size_t i = 0; i < count; i++)
        values[i * 7919 % count] = (int64_t)(i + 1) * step + offset;
    mps_statistics_of(values, count, &s);
    assert_int_equal(s.count, count);
    assert_int_equal(s.min, step + offset);
    assert_int_equal(s.max, (int64_t)count * step + offset);
    g_free(values);
    return s;
}

/* RFC 2330 section 11.3: of n values, p percent do not exceed the one of rank n * p / 100,
 * rounded up. */
static void test_percentiles(void **state)
{
    (void)state;
    const struct {
        size_t count;
        int64_t p95, p99;
    } cases[] = {{1, 1, 1},    {2, 2, 2},     {19, 19, 19},   {20, 19, 20},
                 {21, 20, 21}, {100, 95, 99}, {101, 96, 100}, {1000, 950, 990}};
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        mps_statistics s = statistics_of(cases[i].count, 1, 0);
        assert_int_equal(s.p95, cases[i].p95);
        assert_int_equal(s.p99, cases[i].p99);
        assert_true(s.median == (double)(cases[i].count + 1) / 2);
        assert_true(s.mean == (double)(cases[i].count + 1) / 2);
    }
}

/* A clock that is wrong by a hundred days costs no precision. */
static void test_offsets(void **state)
{
    (void)state;
    const int64_t offsets[] = {0, -1000, INT64_C(8640000000000000), -INT64_C(8640000000000000)};
    for (unsigned i = 0; i < G_N_ELEMENTS(offsets); i++) {
        mps_statistics s = statistics_of(1001, 3, offsets[i]);
        assert_true(s.median == (double)(501 * 3 + offsets[i]));
        assert_true(s.mean == (double)(501 * 3 + offsets[i]));
        assert_int_equal(s.p95, 951 * 3 + offsets[i]);
    }
}

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Large samples are sorted by another algorithm. Test values of all widths, up to the extremes. */
static void test_large_samples(void **state)
{
    (void)state;
    const size_t count = 10007;
    int64_t *values = g_new(int64_t, count), *sorted = g_new(int64_t, count);
    GRand *random = g_rand_new_with_seed(1);
    for (unsigned bits = 0; bits <= 64; bits++) {
        for (size_t i = 0; i < count; i++) {
            uint64_t value = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random);
            values[i] = sorted[i] = bits == 0 ? 7 : (int64_t)((value >> (64 - bits)) - 1000);
        }
        qsort(sorted, count, sizeof *sorted, compare_values);
        mps_statistics s;
        mps_statistics_of(values, count, &s);
        assert_memory_equal(values, sorted, count * sizeof *values);
        assert_int_equal(s.p999, sorted[9996]); /* rank 0.999 · 10007, rounded up: 9997 */
    }
    g_rand_free(random);
    g_free(values);
    g_free(sorted);
}

/* A clock that is decades off costs no precision either, though a double has steps of hundreds of
 * ns there. And the extreme values. */
static void test_decades(void **state)
{
    (void)state;
    const int64_t decades = INT64_C(1700000000123456789);
    int64_t few[] = {decades + 5, decades, decades + 1, decades + 1};
    mps_statistics s;
    mps_statistics_of(few, 4, &s);
    assert_int_equal(s.nearest_median, decades + 1);
    assert_int_equal(s.nearest_mean, decades + 2); /* 7 / 4, to the nearest */
    int64_t far[] = {INT64_MAX, INT64_MIN, INT64_MIN + 1};
    mps_statistics_of(far, 2, &s);
    assert_int_equal(s.nearest_mean, 0);
    assert_int_equal(s.nearest_median, 0);
    mps_statistics_of(far, 3, &s);
    assert_int_equal(s.nearest_median, INT64_MIN + 1);
    assert_int_equal(s.p999, INT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_options),
        cmocka_unit_test(test_all_options),
        cmocka_unit_test(test_path_options),
        cmocka_unit_test(test_filters),
        cmocka_unit_test(test_wrong_options),
        cmocka_unit_test(test_filter_hints),
        cmocka_unit_test(test_zeros),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_table_names),
        cmocka_unit_test(test_no_filter),
        cmocka_unit_test(test_csv_connections),
        cmocka_unit_test(test_csv_subflows),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_value_text),
        cmocka_unit_test(test_percentiles),
        cmocka_unit_test(test_offsets),
        cmocka_unit_test(test_decades),
        cmocka_unit_test(test_large_samples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
