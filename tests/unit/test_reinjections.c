/* test_reinjections.c: the report "reinjections" and the analysis of transmissions, against figures
 * worked out by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/transmissions.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/report_internal.h"

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define MS 1000000

/* A connection with its initial subflow and a joined one. Data begins with frame 7. Each frame
 * comes 1 ms after the one before. */
typedef struct {
    bench *b;
    wire w, j;
    mps_report *report;
    mps_table *table, *totals;
} fixture;

static int setup(void **state)
{
    fixture *f = g_new0(fixture, 1);
    f->b = rows_bench("reinjections");
    f->w = wire_new(1, 1000);
    f->j = wire_new(2, 1001);
    bench_open(f->b, &f->w, 1, KC, KS);
    bench_join(f->b, &f->j, token_of(KS, 1), 1);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    mps_report_free(f->report);
    mps_table_free(f->table);
    mps_table_free(f->totals);
    bench_free(f->b);
    g_free(f);
    return 0;
}

static void report(fixture *f, uint32_t connection, row_filter filter)
{
    f->report = rows_report(f->b, "reinjections", connection, filter);
    f->table = mps_report_table(f->report, f->b->tracker);
    f->totals = mps_report_kind_table(f->report, f->b->tracker, f->report->kind->totals);
}

/* Data from the client. */
static void send(fixture *f, const wire *w, uint32_t ssn, uint32_t length, uint64_t byte)
{
    bench_data(f->b, w, FROM_OPENER, ssn, length, DSN(byte));
}

static void test_one(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);
    send(f, &f->j, 1, 1000, 1);
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 1);
    assert_uint(f->table, 0, "frame", 8);
    assert_uint(f->table, 0, "connection", 0);
    assert_uint(f->table, 0, "subflow", 1);
    assert_text(f->table, 0, "direction", "c2s");
    assert_int_equal(rows_value(f->table, 0, "dsn")->type, MPS_VALUE_BIG);
    assert_int_equal(rows_value(f->table, 0, "dsn")->u, DSN(1));
    assert_uint(f->table, 0, "length", 1000);
    assert_ns(f->table, 0, "delay", MS);
    assert_ns(f->table, 0, "delay_first", MS);
    assert_null_value(f->table, 0, "acked"); /* no DATA_ACK was seen */
    assert_null_value(f->table, 0, "acked_bytes");
    assert_bool(f->table, 0, "same_subflow", false);
    assert_bool(f->table, 0, "complete", true);
    assert_text(f->table, 0, "originals", "7/0:1000");
}

/* Check the frames that carry bytes of a frame's only transmission, earlier or later. */
static void check_copies(const fixture *f, uint32_t frame, bool later, const char *expected)
{
    const mps_transmissions *all = mps_transmissions_of(f->b->tracker);
    GString *frames = g_string_new(NULL);
    bool complete;
    uint32_t index = 0;
    while (g_array_index(all->sent, mps_transmission, index).frame != frame)
        index++;
    GArray *copies = mps_transmissions_other(all, index, 1, ~0u, later, &complete);
    for (guint i = 0; i < copies->len; i++)
        g_string_append_printf(frames, "%s%u", i > 0 ? " " : "",
                               g_array_index(copies, mps_other_transmission, i).frame);
    assert_true(complete);
    assert_string_equal(frames->str, expected);
    g_array_free(copies, TRUE);
    g_string_free(frames, TRUE);
}

/* A reinjection of half of two segments. The first of them was retransmitted before. */
static void test_overlap(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);       /* frame 7 */
    send(f, &f->w, 1001, 1000, 1001); /* 8 */
    send(f, &f->w, 1, 1000, 1);       /* 9: a retransmission */
    send(f, &f->j, 1, 1000, 501);     /* 10 */
    send(f, &f->w, 2001, 600, 1401);  /* 11: 100 of 10 and 8, 500 of 8 only */
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 2);
    assert_text(f->table, 0, "originals", "7/0:500 8/0:500 9/0:500");
    assert_ns(f->table, 0, "delay", MS);
    assert_ns(f->table, 0, "delay_first", 3 * MS);
    assert_uint(f->table, 1, "frame", 11);
    assert_uint(f->table, 1, "length", 600);
    assert_text(f->table, 1, "originals", "8/0:600 10/1:100");
    assert_bool(f->table, 1, "same_subflow", false); /* the latest original, 10, was on the other */
    assert_ns(f->table, 1, "delay", MS);
    assert_ns(f->table, 1, "delay_first", 3 * MS);
    assert_text(f->totals, 0, "moves", "0>0:500 0>1:1000 1>0:100");
    /* 1-500: 2, 501-1000: 3, 1001-1400: 2, 1401-1500: 3, 1501-2000: 2 times */
    assert_text(f->totals, 0, "histogram", "2:1400 3:600");
    check_copies(f, 8, true, "10 11");
    check_copies(f, 11, true, "");
    check_copies(f, 10, false, "7 8 9");
    check_copies(f, 11, false, "8 10");
}

/* New bytes around reinjected ones are not counted. */
static void test_new_around(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 100, 301);
    send(f, &f->j, 1, 1000, 1);
    send(f, &f->w, 101, 10, 5001);
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 1);
    assert_uint(f->table, 0, "length", 100);
    assert_int_equal(rows_value(f->table, 0, "dsn")->u, DSN(301));
    assert_text(f->table, 0, "originals", "7/0:100");
    assert_text(f->totals, 0, "histogram", "1:910 2:100");
    assert_uint(f->totals, 0, "data_bytes", 1010);
}

static void test_acknowledged(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);                   /* 7 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(601));  /* 8: 600 bytes */
    send(f, &f->j, 1, 1000, 1);                   /* 9 */
    bench_ack(f->b, &f->j, FROM_PEER, DSN(1001)); /* 10: all */
    send(f, &f->w, 1001, 1000, 1);                /* 11 */
    send(f, &f->w, 2001, 1000, 1);                /* 12 */
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 3);
    assert_bool(f->table, 0, "acked", false);
    assert_uint(f->table, 0, "acked_bytes", 600);
    assert_bool(f->table, 1, "acked", true);
    assert_uint(f->table, 1, "acked_bytes", 1000);
    assert_bool(f->table, 1, "same_subflow", false);
    assert_text(f->table, 2, "originals", "7/0:1000 9/1:1000 11/0:1000");
    assert_bool(f->table, 2, "same_subflow", true);
    assert_uint(f->totals, 0, "reinjections", 3);
    assert_uint(f->totals, 0, "reinjected_bytes", 3000);
    assert_uint(f->totals, 0, "acked_bytes", 2600);
    assert_real(f->totals, 0, "ratio", 3.0);
    assert_text(f->totals, 0, "moves", "0>0:1000 0>1:1000 1>0:1000");
    assert_text(f->totals, 0, "histogram", "4:1000");
}

/* A DATA_ACK that was captured after the reinjection, but has an earlier time, and the reverse. */
static void test_acknowledged_by_time(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);                   /* 7 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1));    /* 8 */
    send(f, &f->j, 1, 1000, 1);                   /* 9 */
    f->b->time -= 1500000;                        /* 0.5 ms before 9 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1001)); /* 10 */
    send(f, &f->w, 1001, 1000, 1001);             /* 11 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(2001)); /* 12 */
    f->b->time -= 1500000;                        /* 0.5 ms before 12 */
    send(f, &f->j, 1001, 1000, 1001);             /* 13 */
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 2);
    assert_bool(f->table, 0, "acked", true);
    assert_bool(f->table, 1, "acked", false);
    assert_uint(f->table, 1, "acked_bytes", 0);
}

/* Two interfaces: a frame with a later time is no original, one that was captured later can be. */
static void test_originals_by_time(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1); /* 7 */
    send(f, &f->w, 1, 1000, 1); /* 8 */
    f->b->time -= 3 * MS / 2;   /* between 7 and 8 */
    send(f, &f->j, 1, 1000, 1); /* 9 */
    f->b->time -= 3 * MS / 2;   /* 0.5 ms before 9 */
    send(f, &f->w, 1, 1000, 1); /* 10 */
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 1);
    assert_text(f->table, 0, "originals", "7/0:1000 10/0:1000");
    assert_ns(f->table, 0, "delay", MS / 2);
    assert_ns(f->table, 0, "delay_first", MS / 2);
}

/* The time of bytes whose mapping came later is unknown. */
static void test_late_mapping(void **state)
{
    fixture *f = *state;
    bench_plain(f->b, &f->w, FROM_OPENER, 1, 1000); /* 7 */
    packet p = packet_new(&f->w, FROM_OPENER, 0, 1001, 1, 1000);
    packet_dss(&p, &(dss){.has_map = true, .dsn = DSN(1), .ssn = 1, .length = 2000});
    bench_feed(f->b, &p);            /* 8 */
    send(f, &f->j, 1, 1000, 1);      /* 9: bytes with a late mapping */
    send(f, &f->j, 1001, 900, 1001); /* 10: bytes of 8 itself */
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 2);
    assert_text(f->table, 0, "originals", "8/0:1000");
    assert_null_value(f->table, 0, "delay");
    assert_null_value(f->table, 0, "delay_first");
    assert_ns(f->table, 1, "delay", 2 * MS);
}

static bool is_behind_8(const mps_verdict *verdict)
{
    return verdict->frame > 8;
}

/* All segments are analysed, those that pass the filter are counted. */
static void test_filter(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);       /* 7 */
    send(f, &f->j, 1, 1000, 1);       /* 8 */
    send(f, &f->w, 1001, 100, 1);     /* 9 */
    send(f, &f->w, 1101, 1000, 1001); /* 10 */
    report(f, MPS_NONE, is_behind_8);
    assert_int_equal(f->table->row_count, 1);
    assert_text(f->table, 0, "originals", "7/0:100 8/1:100");
    assert_int_equal(f->totals->row_count, 1);
    assert_uint(f->totals, 0, "data_bytes", 1000);
    assert_uint(f->totals, 0, "reinjected_bytes", 100);
    assert_text(f->totals, 0, "moves", "1>0:100");
    assert_text(f->totals, 0, "histogram", "1:1100");
}

static void test_other_connection(void **state)
{
    fixture *f = *state;
    send(f, &f->w, 1, 1000, 1);
    send(f, &f->j, 1, 1000, 1);
    report(f, 1, NULL);
    assert_int_equal(f->table->row_count, 0);
    assert_int_equal(f->totals->row_count, 0);
}

static void test_written(void **state)
{
    fixture *f = *state;
    f->b->time = INT64_C(1700000000500000000);
    send(f, &f->w, 1, 100, 1);
    send(f, &f->w, 101, 100, 101);
    send(f, &f->j, 1, 200, 1);
    report(f, MPS_NONE, NULL);
    char *json = rows_written(f->report, f->b, MPS_FORMAT_JSON);
    char *dsn = g_strdup_printf("%" G_GUINT64_FORMAT, DSN(1));
    char *expected = g_strdup_printf(
        "{\"schema\": 1, \"report\": \"reinjections\", \"capture\": \"capture.pcap\", \"totals\": "
        "[\n  {\"connection\": 0, \"direction\": \"c2s\", \"data_bytes\": 200, "
        "\"reinjections\": 1, \"reinjected_bytes\": 200, \"ratio\": 1, \"acked_bytes\": null, "
        "\"moves\": [{\"from\": 0, \"to\": 1, \"bytes\": 200}], "
        "\"histogram\": [{\"times\": 2, \"sent\": 200, \"mapped\": 200}]}\n], \"rows\": [\n"
        "  {\"frame\": 9, \"time\": \"1700000000.502000000\", \"connection\": 0, \"subflow\": 1, "
        "\"direction\": \"c2s\", \"dsn\": \"%s\", \"length\": 200, "
        "\"delay\": 0.001000000, \"delay_first\": 0.002000000, \"acked\": null, "
        "\"acked_bytes\": null, \"same_subflow\": false, \"complete\": true, \"originals\": "
        "[{\"frame\": 7, \"subflow\": 0, \"length\": 100}, "
        "{\"frame\": 8, \"subflow\": 0, \"length\": 100}]}\n], \"notes\": []}\n",
        dsn);
    assert_string_equal(json, expected);
    char *csv = rows_written(f->report, f->b, MPS_FORMAT_CSV);
    assert_true(g_str_has_suffix(csv, ",,,false,true,7/0:100 8/0:100\n"));
    char *text = rows_written(f->report, f->b, MPS_FORMAT_TEXT);
    assert_non_null(strstr(text, "By connection and direction"));
    assert_non_null(strstr(text, "7/0:100 8/0:100\n"));
    assert_non_null(strstr(text, "0>1:200"));
    g_free(expected);
    g_free(dsn);
    free(json);
    free(csv);
    free(text);
}

static void send_one_byte(fixture *f, unsigned times)
{
    for (uint32_t i = 0; i < times; i++)
        send(f, i % 2 ? &f->j : &f->w, 1 + i / 2, 1, 1);
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, times - 1);
}

/* At most 32 originals are listed, and the report says so. */
static void test_many_originals(void **state)
{
    fixture *f = *state;
    send_one_byte(f, 34);
    assert_bool(f->table, 31, "complete", true);
    assert_ns(f->table, 31, "delay_first", 32 * MS);
    assert_true(g_str_has_prefix(rows_value(f->table, 31, "originals")->nested.text, "7/0:1 "));
    assert_bool(f->table, 32, "complete", false);
    assert_ns(f->table, 32, "delay_first", 33 * MS);
    assert_true(g_str_has_prefix(rows_value(f->table, 32, "originals")->nested.text, "8/1:1 "));
}

/* One byte is sent thousands of times: the search is given up. */
static void test_hostile(void **state)
{
    enum { COPIES = 5000 };
    fixture *f = *state;
    send_one_byte(f, COPIES);
    assert_bool(f->table, COPIES - 2, "complete", false);
    assert_ns(f->table, COPIES - 2, "delay", MS);
    assert_null_value(f->table, COPIES - 2, "delay_first");
    assert_text(f->totals, 0, "histogram", "5000:1");
}

/* Each byte was mapped alone, in descending order: a segment that sends all of them again has more
 * pieces than a sender would make. What that leaves unknown is null. */
static void test_small_mappings(void **state)
{
    enum { MAPPINGS = 40 };
    fixture *f = *state;
    for (uint32_t i = 0; i < MAPPINGS; i++)
        send(f, &f->w, 1 + i, 1, 3 * (MAPPINGS - i));
    packet again = packet_new(&f->w, FROM_OPENER, 0, 1, 1, MAPPINGS);
    mps_verdict verdict = bench_feed(f->b, &again);
    assert_int_equal(verdict.retransmitted, MAPPINGS);
    send(f, &f->j, 1, 1, 3);
    report(f, MPS_NONE, NULL);
    assert_int_equal(f->table->row_count, 1);
    assert_bool(f->table, 0, "complete", false);
    assert_null_value(f->table, 0, "delay");
    assert_null_value(f->table, 0, "delay_first");
    assert_null_value(f->table, 0, "same_subflow");
    assert_null_value(f->totals, 0, "histogram");
    assert_null_value(f->totals, 0, "moves");
    assert_uint(f->totals, 0, "reinjected_bytes", 1);
}

/* The history of every byte, kept in the simplest way. */
enum { BYTES = 3000, SENDS = 600 };

typedef struct {
    uint32_t frame;
    unsigned subflow;
} sending;

static void expect_row(fixture *f, unsigned row, GArray *const *history, uint64_t byte,
                       uint32_t length)
{
    uint32_t bytes[7 + SENDS] = {0};
    unsigned subflow[7 + SENDS] = {0}, listed = 0;
    for (uint64_t i = byte; i < byte + length; i++)
        for (guint k = 0; k < history[i]->len; k++) {
            const sending *s = &g_array_index(history[i], sending, k);
            bytes[s->frame]++;
            subflow[s->frame] = s->subflow;
        }
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 7 + SENDS; i++) {
        if (bytes[i] > 0)
            g_string_append_printf(text, "%s%u/%u:%u", listed++ ? " " : "", i, subflow[i],
                                   bytes[i]);
    }
    if (listed <= 32)
        assert_text(f->table, row, "originals", text->str);
    assert_bool(f->table, row, "complete", listed <= 32);
    g_string_free(text, TRUE);
}

/* Random ranges; few of them are new. */
static void test_random(void **state)
{
    fixture *f = *state;
    GRand *random = g_rand_new_with_seed(20240229);
    GArray *history[BYTES + 1];
    uint32_t ssn[2] = {1, 1};
    struct {
        uint64_t byte;
        uint32_t length;
    } sent[SENDS];
    for (unsigned i = 0; i <= BYTES; i++)
        history[i] = g_array_new(FALSE, FALSE, sizeof(sending));
    for (unsigned i = 0; i < SENDS; i++) {
        unsigned on = (unsigned)g_rand_int_range(random, 0, 2);
        sent[i].length = (uint32_t)g_rand_int_range(random, 1, i % 3 ? 20 : 80);
        sent[i].byte = (uint64_t)g_rand_int_range(random, 1, BYTES - 80);
        send(f, on ? &f->j : &f->w, ssn[on], sent[i].length, sent[i].byte);
        ssn[on] += sent[i].length;
    }
    report(f, MPS_NONE, NULL);
    unsigned row = 0;
    for (unsigned i = 0; i < SENDS; i++) {
        uint32_t again = 0;
        uint64_t end = sent[i].byte + sent[i].length;
        for (uint64_t k = sent[i].byte; k < end; k++)
            again += history[k]->len > 0;
        if (again > 0) {
            assert_uint(f->table, row, "frame", 7 + i);
            assert_uint(f->table, row, "length", again);
            expect_row(f, row++, history, sent[i].byte, sent[i].length);
        }
        const mps_verdict *v =
            &g_array_index(f->b->verdicts, mps_verdict, f->b->verdicts->len - SENDS + i);
        sending s = {7 + i, v->subflow};
        for (uint64_t k = sent[i].byte; k < end; k++)
            g_array_append_val(history[k], s);
    }
    assert_int_equal(row, f->table->row_count);
    assert_true(row > SENDS / 2);
    for (unsigned i = 0; i <= BYTES; i++)
        g_array_free(history[i], TRUE);
    g_rand_free(random);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_one),
        TEST(test_overlap),
        TEST(test_new_around),
        TEST(test_acknowledged),
        TEST(test_acknowledged_by_time),
        TEST(test_originals_by_time),
        TEST(test_late_mapping),
        TEST(test_filter),
        TEST(test_other_connection),
        TEST(test_written),
        TEST(test_many_originals),
        TEST(test_hostile),
        TEST(test_small_mappings),
        TEST(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
