/* test_rtt.c: round-trip times and intervals of segments made by hand, against figures worked out
 * by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/flight.h"
#include "report/report_internal.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define CLIENT_KEY UINT64_C(0x1111111111111111)
#define SERVER_KEY UINT64_C(0x2222222222222222)
#define MS INT64_C(1000000)
#define START INT64_C(1700000000000000000)

/* A connection with two subflows, open when a test begins. Its handshakes take frames 1 to 6 and
 * the first 6 ms. */
typedef struct {
    bench *b;
    wire first, second;
    uint64_t dsn; /* of the client's first data byte */
} scene;

static scene scene_new(void)
{
    scene s = {bench_new(MPS_TRACK_MPTCP), wire_new(1, 4000), wire_new(2, 4001),
               idsn_of(CLIENT_KEY, 1) + 1};
    mps_analyses_want(s.b->tracker, MPS_NEED_RTT | MPS_NEED_SERIES);
    bench_open(s.b, &s.first, 1, CLIENT_KEY, SERVER_KEY);
    bench_join(s.b, &s.second, token_of(SERVER_KEY, 1), 7);
    return s;
}

/* The client sends bytes [at, at + length) of its data on a subflow, under SSNs from `ssn` on. The
 * first byte is 1. `ms` counts from the start. tsval 0: no timestamps. */
static void data(scene *s, const wire *w, int64_t ms, uint32_t ssn, uint32_t length, uint64_t at,
                 uint32_t tsval)
{
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_PSH, ssn, 1, length);
    packet_dss(&p, &(dss){.has_map = true,
                          .dsn = s->dsn + at - 1,
                          .ssn = ssn,
                          .length = (uint16_t)length,
                          .dsn_is_32 = true});
    if (tsval)
        packet_timestamps(&p, tsval, 1);
    s->b->time = START + ms * MS;
    bench_feed(s->b, &p);
}

/* The server acknowledges the subflow up to `ack` and data up to `data_ack` (0: no DATA_ACK). */
static void ack(scene *s, const wire *w, int64_t ms, uint32_t ack, uint64_t data_ack,
                uint32_t tsecr)
{
    packet p = packet_new(w, FROM_PEER, 0, 1, ack, 0);
    if (data_ack)
        packet_dss(&p, &(dss){.has_ack = true, .ack = s->dsn + data_ack - 1});
    if (tsecr)
        packet_timestamps(&p, 1, tsecr);
    s->b->time = START + ms * MS;
    bench_feed(s->b, &p);
}

static mps_report *report_of(const scene *s, const char *name, int64_t interval)
{
    mps_report *report = mps_report_new(name, MPS_NONE, NULL);
    if (interval)
        assert_true(mps_report_set_interval(report, interval, NULL));
    for (guint i = 0; i < s->b->verdicts->len; i++)
        mps_report_count(report, &g_array_index(s->b->verdicts, mps_verdict, i));
    return report;
}

static mps_table *table_of(const scene *s, const char *name, int64_t interval)
{
    mps_report *report = report_of(s, name, interval);
    mps_table *table = mps_report_table(report, s->b->tracker);
    mps_report_free(report);
    return table;
}

static void scene_free(scene *s)
{
    bench_free(s->b);
}

#define assert_cell(table, row, name, expected)                                                    \
    do {                                                                                           \
        assert_int_not_equal(rows_value(table, row, name)->type, MPS_VALUE_NULL);                  \
        assert_int_equal(rows_value(table, row, name)->i, expected);                               \
    } while (0)
#define assert_null_cell(table, row, name)                                                         \
    assert_int_equal(rows_value(table, row, name)->type, MPS_VALUE_NULL)

/* Rows of "rtt": subflow 0 c2s, s2c, subflow 1 c2s, s2c, data c2s, s2c. */
enum { FIRST = 0, SECOND = 2, DATA = 4, RTT_ROWS = 6 };

static void test_an_ack_answers_the_last_data_it_covers(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0); /* frame 7 */
    data(&s, &s.first, 105, 1001, 1000, 1001, 0);
    ack(&s, &s.first, 120, 2001, 2001, 0); /* frame 9: 15 ms */
    data(&s, &s.first, 130, 2001, 1000, 2001, 0);
    ack(&s, &s.first, 161, 3001, 3001, 0); /* frame 11: 31 ms */
    ack(&s, &s.first, 170, 3001, 3001, 0); /* nothing new */
    mps_table *t = table_of(&s, "rtt", 0);
    assert_int_equal(t->row_count, RTT_ROWS);
    assert_cell(t, FIRST, "samples", 2);
    assert_cell(t, FIRST, "min", 15 * MS);
    assert_cell(t, FIRST, "min_frame", 9);
    assert_cell(t, FIRST, "min_data_frame", 8);
    assert_cell(t, FIRST, "max", 31 * MS);
    assert_cell(t, FIRST, "max_frame", 11);
    assert_cell(t, FIRST, "median", 23 * MS);
    assert_cell(t, FIRST, "mean", 23 * MS);
    assert_cell(t, FIRST, "stdev", 11313708); /* 16 ms / sqrt(2) */
    assert_cell(t, FIRST, "handshake_rtt", 2 * MS);
    /* At data level each segment gives one: 20, 15 and 31 ms. */
    assert_cell(t, DATA, "samples", 3);
    assert_cell(t, DATA, "min", 15 * MS);
    assert_cell(t, DATA, "mean", 22 * MS);
    assert_cell(t, DATA, "stdev", 8185353); /* sqrt((2² + 7² + 9²) / 2) ms */
    assert_null_cell(t, DATA, "subflow");
    assert_null_cell(t, DATA, "handshake_rtt");
    assert_cell(t, SECOND, "samples", 0);
    assert_null_cell(t, SECOND, "min");
    mps_table_free(t);
    scene_free(&s);
}

static void test_retransmitted_data_gives_no_sample(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    data(&s, &s.first, 150, 1, 1000, 1, 0);
    ack(&s, &s.first, 160, 1001, 1001, 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", 0);
    assert_cell(t, FIRST, "ambiguous", 1);
    assert_cell(t, DATA, "samples", 0);
    assert_cell(t, DATA, "ambiguous", 1);
    mps_table_free(t);
    scene_free(&s);
}

/* Send data twice, with timestamps 500 and `again`, and check the sample of an ACK that echoes
 * `echo`. */
static void check_echo(uint32_t again, uint32_t echo, int64_t expected)
{
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 500);
    data(&s, &s.first, 150, 1, 1000, 1, again);
    ack(&s, &s.first, 160, 1001, 0, echo);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", expected > 0);
    assert_cell(t, FIRST, "ambiguous", expected == 0);
    if (expected)
        assert_cell(t, FIRST, "min", expected * MS);
    mps_table_free(t);
    scene_free(&s);
}

static void test_the_echo_shows_which_transmission_was_answered(void **state)
{
    (void)state;
    check_echo(550, 550, 10); /* the second */
    check_echo(550, 500, 60); /* the first: the second was not needed */
    check_echo(500, 500, 0);  /* both sent within one tick: unknown */
    check_echo(550, 77, 0);   /* rewritten on the path */
    check_echo(550, 600, 0);
}

/* Byte 1 is lost and sent again at 150. The ACK then covers everything that waited for it. */
static void check_hole(uint32_t tsval, int64_t expected)
{
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, tsval);
    data(&s, &s.first, 101, 1001, 1000, 1001, tsval ? tsval + 1 : 0);
    data(&s, &s.first, 150, 1, 1000, 1, tsval ? tsval + 50 : 0);
    ack(&s, &s.first, 162, 2001, 0, tsval ? tsval + 50 : 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", expected > 0);
    assert_cell(t, FIRST, "ambiguous", expected == 0);
    if (expected)
        assert_cell(t, FIRST, "max", expected * MS);
    mps_table_free(t);
    scene_free(&s);
}

static void test_a_filled_hole_answers_what_filled_it(void **state)
{
    (void)state;
    check_hole(500, 12); /* and not 61 */
    check_hole(0, 0);
}

static void test_data_after_a_retransmission_gives_the_sample(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    data(&s, &s.first, 150, 1, 1000, 1, 0);
    data(&s, &s.first, 155, 1001, 1000, 1001, 0);
    ack(&s, &s.first, 170, 2001, 0, 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", 1);
    assert_cell(t, FIRST, "min", 15 * MS);
    mps_table_free(t);
    scene_free(&s);
}

static void test_acks_into_a_large_segment_give_a_sample_each(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 30000, 1, 0);
    ack(&s, &s.first, 110, 10001, 0, 0);
    ack(&s, &s.first, 120, 20001, 20001, 0);
    ack(&s, &s.first, 130, 30001, 30001, 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", 3);
    assert_cell(t, FIRST, "min", 10 * MS);
    assert_cell(t, FIRST, "max", 30 * MS);
    assert_cell(t, DATA, "samples", 1); /* when all of it is acknowledged */
    assert_cell(t, DATA, "min", 30 * MS);
    mps_table_free(t);
    scene_free(&s);
}

static void test_reinjected_data_gives_no_sample_at_data_level(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    data(&s, &s.first, 110, 1001, 1000, 1001, 0);
    data(&s, &s.second, 150, 1, 1000, 1, 0); /* the first 1000 once more */
    ack(&s, &s.second, 180, 1001, 2001, 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, DATA, "samples", 1); /* bytes from 1001 on */
    assert_cell(t, DATA, "ambiguous", 1);
    assert_cell(t, DATA, "min", 70 * MS);
    assert_cell(t, DATA, "min_data_frame", 8);
    assert_cell(t, SECOND, "samples", 1); /* on the subflow it was sent once */
    assert_cell(t, SECOND, "min", 30 * MS);
    assert_cell(t, FIRST, "samples", 0);
    mps_table_free(t);
    scene_free(&s);
}

static void test_an_ack_of_data_that_was_not_captured_gives_none(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    ack(&s, &s.first, 120, 5001, 5001, 0);
    mps_table *t = table_of(&s, "rtt", 0);
    assert_cell(t, FIRST, "samples", 0);
    assert_cell(t, DATA, "samples", 0);
    mps_table_free(t);
    scene_free(&s);
}

static void test_a_sample_belongs_to_the_frame_of_its_ack(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    ack(&s, &s.first, 120, 1001, 1001, 0);
    data(&s, &s.first, 130, 1001, 1000, 1001, 0);
    ack(&s, &s.first, 155, 2001, 2001, 0);
    mps_report *report = mps_report_new("rtt", MPS_NONE, NULL);
    mps_report_count(report, &g_array_index(s.b->verdicts, mps_verdict, 9)); /* the last ACK */
    mps_table *t = mps_report_table(report, s.b->tracker);
    assert_int_equal(t->row_count, 4); /* subflow 0 and the connection */
    assert_cell(t, 0, "samples", 1);
    assert_cell(t, 0, "min", 25 * MS);
    mps_table_free(t);
    mps_report_free(report);
    scene_free(&s);
}

/* Rows of "series" of subflow 0, whose first segment is at 0 ms. */
static void test_intervals(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    data(&s, &s.first, 101, 1001, 500, 1001, 0);
    ack(&s, &s.first, 120, 1001, 1001, 0);
    data(&s, &s.first, 450, 1001, 500, 1001, 0); /* again */
    ack(&s, &s.first, 470, 1501, 1501, 0);
    mps_table *t = table_of(&s, "series", 200 * MS);
    /* Interval 0: both subflows; 1: none of the first, which goes on; 2. */
    assert_int_equal(t->row_count, 8);
    assert_cell(t, 0, "start", START);
    assert_cell(t, 0, "segments", 4);
    assert_cell(t, 0, "bytes", 1500);
    assert_cell(t, 0, "data_bytes", 1500);
    assert_cell(t, 0, "in_flight", 500);
    assert_cell(t, 0, "in_flight_max", 1500);
    assert_cell(t, 0, "data_in_flight", 500);
    assert_cell(t, 0, "receive_window", 1000);
    assert_cell(t, 0, "rtt", 20 * MS);
    assert_true(rows_value(t, 0, "throughput")->real == 8 * 1500 / 0.2);
    assert_cell(t, 1, "segments", 2); /* s2c: SYN/ACK and the ACK */
    assert_null_cell(t, 1, "rtt");
    assert_cell(t, 2, "subflow", 1);
    assert_cell(t, 2, "data_in_flight", 500); /* the connection's */
    assert_cell(t, 2, "in_flight", 0);
    assert_cell(t, 4, "start_relative", 200 * MS);
    assert_cell(t, 4, "segments", 0);
    assert_cell(t, 4, "in_flight", 500);
    assert_cell(t, 4, "in_flight_max", 500);
    assert_null_cell(t, 4, "rtt");
    assert_cell(t, 6, "start_relative", 400 * MS);
    assert_cell(t, 6, "bytes", 500);
    assert_cell(t, 6, "data_bytes", 0);
    assert_cell(t, 6, "retransmitted_bytes", 500);
    assert_cell(t, 6, "in_flight", 0);
    assert_cell(t, 6, "in_flight_max", 500);
    assert_null_cell(t, 6, "rtt"); /* Karn */
    mps_table_free(t);
    scene_free(&s);
}

static void test_years_without_a_segment_make_no_rows(void **state)
{
    (void)state;
    scene s = scene_new();
    data(&s, &s.first, 100, 1, 1000, 1, 0);
    data(&s, &s.first, INT64_C(1000) * 86400 * 365 * 30, 1001, 1000, 1001, 0);
    data(&s, &s.first, 110, 2001, 1000, 2001, 0); /* and back */
    s.b->step = 0;
    s.b->time = INT64_MAX;
    bench_plain(s.b, &s.first, FROM_OPENER, 3001, 1);
    s.b->time = INT64_MIN;
    bench_plain(s.b, &s.first, FROM_OPENER, 3002, 1);
    mps_table *t = table_of(&s, "series", MS);
    assert_true(t->row_count >= 8 && t->row_count <= 300);
    int64_t bytes = 0;
    for (unsigned row = 0; row < t->row_count; row++)
        bytes += rows_value(t, row, "bytes")->i;
    assert_int_equal(bytes, 3002);
    mps_table_free(t);
    scene_free(&s);
}

static void test_only_series_has_intervals(void **state)
{
    (void)state;
    mps_report_options options;
    GError *error = NULL;
    assert_true(mps_report_options_parse(&options, "series", ",interval=0.25,tcp.port==80", NULL));
    assert_int_equal(options.interval, 250 * MS);
    assert_string_equal(options.filter, "tcp.port==80");
    mps_report_options_clear(&options);
    assert_true(mps_report_options_parse(&options, "series", "interval=1000000000", NULL));
    assert_int_equal(options.interval, INT64_C(1000000000000000000));
    mps_report_options_clear(&options);
    static const char *const wrong[] = {
        "0",   "-1",         "",           "1x",          ".5",           "1.0000000001",
        "1e3", "1000000001", "2000000000", "10000000000", "1000000000.1", "99999999999999999999"};
    for (unsigned i = 0; i < G_N_ELEMENTS(wrong); i++) {
        char *text = g_strconcat("interval=", wrong[i], NULL);
        assert_false(mps_report_options_parse(&options, "series", text, &error));
        assert_non_null(strstr(error->message, "expected seconds"));
        g_clear_error(&error);
        g_free(text);
    }
    assert_false(mps_report_options_parse(&options, "rtt", "interval=1", &error));
    assert_non_null(strstr(error->message, "known options: format, file, connection"));
    g_clear_error(&error);
    mps_report *report = mps_report_new("rtt", MPS_NONE, NULL);
    assert_false(mps_report_set_interval(report, MS, &error));
    g_clear_error(&error);
    assert_null(mps_report_flush(report, NULL, true));
    mps_report_free(report);
}

static char *live_csv(const scene *s, mps_report *report, unsigned *calls)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool end = s->b->verdicts->len == 0;
    const mps_report_document document = {.style = mps_plain_style(MPS_FORMAT_CSV)};
    *calls += mps_report_write_live(report, s->b->tracker, &document, end, out);
    fclose(out);
    return text;
}

static void test_live_rows_come_when_their_interval_is_over(void **state)
{
    (void)state;
    scene s = scene_new();
    mps_report *report = report_of(&s, "series", 200 * MS);
    mps_table *t = mps_report_flush(report, s.b->tracker, false);
    assert_int_equal(t->row_count, 0);
    mps_table_free(t);
    data(&s, &s.first, 199, 1, 1000, 1, 0);
    mps_report_count(report, &g_array_index(s.b->verdicts, mps_verdict, 6));
    t = mps_report_flush(report, s.b->tracker, false);
    assert_int_equal(t->row_count, 0);
    mps_table_free(t);
    data(&s, &s.first, 200, 1001, 1000, 1001, 0);
    mps_report_count(report, &g_array_index(s.b->verdicts, mps_verdict, 7));
    t = mps_report_flush(report, s.b->tracker, false);
    assert_int_equal(t->row_count, 4);
    assert_cell(t, 0, "bytes", 1000);
    mps_table_free(t);
    t = mps_report_flush(report, s.b->tracker, false);
    assert_int_equal(t->row_count, 0); /* rows are given once */
    mps_table_free(t);
    data(&s, &s.first, 150, 2001, 1000, 2001, 0); /* in an interval that is over */
    mps_report_count(report, &g_array_index(s.b->verdicts, mps_verdict, 8));
    t = mps_report_flush(report, s.b->tracker, true);
    assert_int_equal(t->row_count, 2);
    assert_cell(t, 0, "bytes", 2000);
    mps_table_free(t);
    unsigned calls = 0;
    char *text = live_csv(&s, report, &calls);
    assert_true(g_str_has_prefix(text, "start,start_relative,"));
    free(text);
    text = live_csv(&s, report, &calls);
    assert_string_equal(text, ""); /* the heading comes once */
    free(text);
    assert_int_equal(calls, 1);
    mps_report_free(report);
    scene_free(&s);
}

/* The same as an mps_flight, kept byte by byte. */
#define BYTES 200u
typedef struct {
    unsigned times[BYTES];
    uint32_t last[BYTES], before[BYTES];
    uint64_t acked;
} model;

static void compare_range(const mps_outstanding *range, bool whole, void *data)
{
    model *m = data;
    (void)whole;
    assert_true(range->start < range->end && range->end <= BYTES);
    for (uint64_t at = m->acked; at < range->start; at++)
        assert_int_equal(m->times[at], 0); /* nothing outstanding is left out */
    for (uint64_t at = range->start; at < range->end; at++) {
        assert_int_equal(range->last.frame, m->last[at]);
        assert_true(m->times[at] > 0);
        assert_true(range->times > 1 || m->times[at] == 1);
        assert_true(range->times != 2 || m->times[at] == 2);
        if (range->times == 2)
            assert_int_equal(range->before.frame, m->before[at]);
        else if (range->times > 2)
            assert_true(range->before.frame >= m->before[at]);
        m->times[at] = 0;
    }
    m->acked = range->end;
}

static void test_a_flight_knows_each_byte(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(1);
    for (unsigned round = 0; round < 3000; round++) {
        mps_flight flight = {0};
        model m = {0};
        for (uint32_t frame = 1; frame < 40; frame++) {
            uint64_t start = (uint64_t)g_rand_int_range(random, 0, BYTES - 1);
            uint64_t end = start + (uint64_t)g_rand_int_range(random, 1, 60);
            end = MIN(end, BYTES);
            if (frame % 8 == 0) {
                mps_flight_acknowledge(&flight, start, compare_range, &m);
                for (; m.acked < start; m.acked++)
                    assert_int_equal(m.times[m.acked], 0);
                continue;
            }
            start = MAX(start, m.acked);
            mps_flight_send(&flight, start, end, false,
                            &(mps_flight_sending){.frame = frame, .order = frame});
            for (uint64_t at = start; at < end; at++) {
                m.times[at]++;
                m.before[at] = m.last[at];
                m.last[at] = frame;
            }
        }
        mps_flight_acknowledge(&flight, BYTES, compare_range, &m);
        for (; m.acked < BYTES; m.acked++)
            assert_int_equal(m.times[m.acked], 0);
        mps_flight_clear(&flight);
    }
    g_rand_free(random);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_ack_answers_the_last_data_it_covers),
        cmocka_unit_test(test_retransmitted_data_gives_no_sample),
        cmocka_unit_test(test_the_echo_shows_which_transmission_was_answered),
        cmocka_unit_test(test_a_filled_hole_answers_what_filled_it),
        cmocka_unit_test(test_data_after_a_retransmission_gives_the_sample),
        cmocka_unit_test(test_acks_into_a_large_segment_give_a_sample_each),
        cmocka_unit_test(test_reinjected_data_gives_no_sample_at_data_level),
        cmocka_unit_test(test_an_ack_of_data_that_was_not_captured_gives_none),
        cmocka_unit_test(test_a_sample_belongs_to_the_frame_of_its_ack),
        cmocka_unit_test(test_a_flight_knows_each_byte),
        cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_years_without_a_segment_make_no_rows),
        cmocka_unit_test(test_only_series_has_intervals),
        cmocka_unit_test(test_live_rows_come_when_their_interval_is_over),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
