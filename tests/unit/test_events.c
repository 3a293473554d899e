/* test_events.c: the report "events" on segments made by hand: options, HMACs, the acknowledgement
 * of a DATA_FIN, fallback.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x1111222233334444)
#define KS UINT64_C(0x5555666677778888)
#define NONCE_CLIENT 0x01020304u
#define NONCE_SERVER 0xa1a2a3a4u

/* HMACs of these keys and nonces, computed with Python's hmac. */
#define SHA256_CLIENT                                                                              \
    0x69, 0xf4, 0x28, 0xaf, 0x6f, 0x68, 0x9f, 0x40, 0x79, 0x79, 0x60, 0xcf, 0xa6, 0x2b, 0x0b,      \
        0xaf, 0x23, 0xa2, 0x66, 0xbe
#define SHA256_SERVER                                                                              \
    0xb4, 0xb6, 0x18, 0x56, 0x1b, 0x42, 0xc2, 0x4d, 0xcb, 0x74, 0x4c, 0x28, 0x5e, 0xac, 0xa9,      \
        0x8f, 0xc2, 0x7d, 0xc1, 0x85
#define SHA1_CLIENT                                                                                \
    0xed, 0x10, 0x93, 0xf9, 0x90, 0x89, 0xfd, 0x9d, 0x37, 0x19, 0x75, 0x7e, 0xb8, 0x8e, 0x6b,      \
        0x7d, 0x28, 0x7f, 0x7a, 0x5b
#define SHA1_SERVER                                                                                \
    0xb9, 0xb6, 0x37, 0xd4, 0xa6, 0xa0, 0x96, 0x0d, 0x5d, 0xeb, 0xb4, 0xae, 0x07, 0x93, 0xbe,      \
        0x01, 0x74, 0xaf, 0xe5, 0xe0

static const uint8_t hmacs[2][2][20] = {/* by version and sending side */
                                        {{SHA1_CLIENT}, {SHA1_SERVER}},
                                        {{SHA256_CLIENT}, {SHA256_SERVER}}};

static int setup(void **state)
{
    *state = rows_bench("events");
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

static bool is_fifth(const mps_verdict *verdict)
{
    return verdict->frame == 5;
}

/* The report over all segments so far. */
static mps_table *report_of(const bench *b, row_filter filter)
{
    mps_report *report = rows_report(b, "events", MPS_NONE, filter);
    mps_table *table = mps_report_table(report, b->tracker);
    mps_report_free(report);
    return table;
}

/* Compare cells of a row with pairs of column name and text, ended by NULL. */
static void check_row(const mps_table *table, unsigned row, ...)
{
    static const mps_column plain;
    va_list pairs;
    const char *name;
    assert_true(row < table->row_count);
    va_start(pairs, row);
    while ((name = va_arg(pairs, const char *))) {
        char *text = mps_value_text(rows_value(table, row, name), &plain);
        assert_string_equal(text, va_arg(pairs, const char *));
        g_free(text);
    }
    va_end(pairs);
}

/* The row of an event in a frame; there must be one. */
static unsigned row_of(const mps_table *table, const char *event, uint32_t frame)
{
    unsigned found = table->row_count;
    for (unsigned row = 0; row < table->row_count; row++) {
        if (rows_value(table, row, "frame")->u != frame ||
            strcmp(rows_value(table, row, "event")->string, event) != 0)
            continue;
        assert_int_equal(found, table->row_count);
        found = row;
    }
    assert_true(found < table->row_count);
    return found;
}

/* Feed an acknowledgement with one more option. @return its frame */
static uint32_t feed_option(bench *b, const wire *w, unsigned from, const uint8_t *bytes,
                            unsigned size)
{
    packet p = packet_new(w, from, 0, 1, 1, 0);
    packet_option(&p, bytes, size);
    bench_feed(b, &p);
    return b->frame;
}

#define FEED_OPTION(b, w, from, ...)                                                               \
    feed_option(b, w, from, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void test_capable(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    packet p = packet_new(&w, 0, 0, 1, 1, 100);
    packet_capable_data(&p, MPS_CAPABLE_CHECKSUM | MPS_CAPABLE_HMAC, KC, KS, 100);
    bench_feed(b, &p);
    mps_table *t = report_of(b, NULL);
    assert_int_equal(t->row_count, 4);
    check_row(t, 0, "frame", "1", "time", "1700000000.000000", "connection", "0", "subflow", "0",
              "direction", "c2s", "event", "MP_CAPABLE", "step", "SYN", "version", "1", "flags",
              "H", "key", "-", "hmac", "-", NULL);
    check_row(t, 1, "direction", "s2c", "step", "SYN/ACK", "key", "0x5555666677778888",
              "receiver_key", "-", NULL);
    check_row(t, 2, "step", "ACK", "key", "0x1111222233334444", "receiver_key",
              "0x5555666677778888", "length", "-", NULL);
    check_row(t, 3, "step", "data", "flags", "AH", "length", "100", NULL);
    mps_table_free(t);
}

/* Feed the handshake of a join.
 * @param opener  side that opens it
 * @param wrong   bit of the HMAC that is flipped, in the SYN/ACK (0 to 63) and in the ACK; -1: none
 */
static void feed_join(bench *b, const wire *w, int version, unsigned opener, int wrong)
{
    const uint32_t nonces[2] = {NONCE_CLIENT, NONCE_SERVER};
    uint8_t synack[16] = {30, 16, 0x10, 4}, ack[24] = {30, 24, 0x10};
    packet p = packet_new(w, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, true, 3, token_of(opener ? KC : KS, version), nonces[opener]);
    bench_feed(b, &p);
    memcpy(synack + 4, hmacs[version][!opener], 8);
    memcpy(ack + 4, hmacs[version][opener], 20);
    for (unsigned i = 0; i < 4; i++)
        synack[12 + i] = (uint8_t)(nonces[!opener] >> (24 - 8 * i));
    if (wrong >= 0) {
        synack[4 + wrong / 8 % 8] ^= (uint8_t)(1 << wrong % 8);
        ack[4 + wrong / 8] ^= (uint8_t)(1 << wrong % 8);
    }
    p = packet_new(w, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_option(&p, synack, sizeof synack);
    bench_feed(b, &p);
    FEED_OPTION(b, w, FROM_OPENER, 30, 24, 0x10, 0, ack[4], ack[5], ack[6], ack[7], ack[8], ack[9],
                ack[10], ack[11], ack[12], ack[13], ack[14], ack[15], ack[16], ack[17], ack[18],
                ack[19], ack[20], ack[21], ack[22], ack[23]);
}

static void test_join(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    bench_open(b, &w, 1, KC, KS);
    feed_join(b, &j, 1, 0, -1);
    mps_table *t = report_of(b, NULL);
    assert_int_equal(t->row_count, 6);
    check_row(t, 3, "event", "MP_JOIN", "step", "SYN", "subflow", "1", "addr_id", "3", "backup",
              "yes", "nonce", "16909060", "hmac", "-", NULL);
    assert_int_equal(rows_value(t, 3, "token")->u, token_of(KS, 1));
    check_row(t, 4, "step", "SYN/ACK", "addr_id", "4", "backup", "no", "nonce", "2711790500",
              "token", "-", "hmac", "ok", "direction", "s2c", NULL);
    check_row(t, 5, "step", "ACK", "addr_id", "-", "backup", "-", "nonce", "-", "hmac", "ok", NULL);
    mps_table_free(t);
}

/* Both versions, opened by either side, with any bit flipped. */
static void test_join_hmac(void **state)
{
    (void)state;
    for (int version = 0; version < 2; version++) {
        for (unsigned opener = 0; opener < 2; opener++) {
            for (int wrong = -1; wrong < 160; wrong += 7) {
                bench *b;
                wire w = wire_new(1, 1000), j = wire_new(2, 1001);
                setup((void **)&b);
                bench_open(b, &w, version, KC, KS);
                feed_join(b, &j, version, opener, wrong);
                mps_table *t = report_of(b, NULL);
                const char *status = wrong < 0 ? "ok" : "bad";
                check_row(t, 3, "hmac", "-", "direction", opener ? "s2c" : "c2s", NULL);
                check_row(t, 4, "hmac", status, NULL);
                check_row(t, 5, "hmac", status, NULL);
                mps_table_free(t);
                bench_free(b);
            }
        }
    }
}

/* Without a key or a nonce the HMAC is unknown. A key that comes later is used. */
static void test_join_hmac_unknown(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001), k = wire_new(3, 1002);
    feed_join(b, &j, 1, 0, -1);
    mps_table *t = report_of(b, NULL);
    check_row(t, 1, "step", "SYN/ACK", "hmac", "-", NULL);
    mps_table_free(t);
    bench_open(b, &w, 1, KC, KS);
    uint32_t ack = FEED_OPTION(b, &k, FROM_OPENER, 30, 24, 0x10, 0, SHA256_CLIENT);
    t = report_of(b, NULL);
    check_row(t, 1, "step", "SYN/ACK", "hmac", "ok", NULL);
    check_row(t, row_of(t, "MP_JOIN", ack), "step", "ACK", "hmac", "-", NULL);
    mps_table_free(t);
}

static void test_addresses(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    FEED_OPTION(b, &w, 1, 30, 16, 0x30, 2, 10, 0, 9, 9, 0x3f, 0x22, 0x4f, 0xeb, 0x60, 0xc7, 0x91,
                0x51);
    FEED_OPTION(b, &w, 0, 30, 30, 0x30, 3, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0x13,
                0x89, 0x3e, 0x8e, 0x4a, 0x87, 0xf6, 0x76, 0x96, 0xfd);
    FEED_OPTION(b, &w, 1, 30, 16, 0x30, 2, 10, 0, 9, 8, 0x3f, 0x22, 0x4f, 0xeb, 0x60, 0xc7, 0x91,
                0x51); /* another address with the same HMAC */
    FEED_OPTION(b, &w, 0, 30, 10, 0x31, 2, 10, 0, 9, 9, 0x13, 0x89);
    FEED_OPTION(b, &w, 1, 30, 4, 0x40, 2);
    FEED_OPTION(b, &w, 1, 30, 6, 0x40, 2, 3, 255);
    FEED_OPTION(b, &w, 1, 30, 16, 0x30, 2, 10, 0, 9, 9, 0x3f, 0x22, 0x4f, 0xeb, 0x60, 0xc7, 0x91,
                0x51); /* announced again, as before it was withdrawn */
    mps_table *t = report_of(b, NULL);
    assert_int_equal(t->row_count, 10);
    check_row(t, 3, "event", "ADD_ADDR", "address", "10.0.9.9", "port", "-", "addr_id", "2", "hmac",
              "ok", "direction", "s2c", NULL);
    check_row(t, 4, "address", "fd00::1", "port", "5001", "addr_id", "3", "hmac", "ok", NULL);
    check_row(t, 5, "address", "10.0.9.8", "hmac", "bad", NULL);
    check_row(t, 6, "event", "ADD_ADDR echo", "address", "10.0.9.9", "port", "5001", "hmac", "-",
              NULL);
    check_row(t, 7, "event", "REMOVE_ADDR", "addr_id", "2", "addr_ids", "2", NULL);
    check_row(t, 8, "addr_id", "-", "addr_ids", "2, 3, 255", NULL);
    check_row(t, 9, "event", "ADD_ADDR", "address", "10.0.9.9", "addr_id", "2", "hmac", "ok", NULL);
    mps_table_free(t);
}

/* The first bytes of the right HMAC are no forgery. */
static void test_leftmost_hmac(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    FEED_OPTION(b, &w, 1, 30, 16, 0x30, 2, 10, 0, 9, 9, 0x01, 0xd9, 0xcd, 0xd9, 0x2c, 0x9a, 0x4d,
                0xa2);
    FEED_OPTION(b, &w, 1, 30, 16, 0x30, 2, 10, 0, 9, 8, 0x01, 0xd9, 0xcd, 0xd9, 0x2c, 0x9a, 0x4d,
                0xa2);
    mps_table *t = report_of(b, NULL);
    check_row(t, 3, "event", "ADD_ADDR", "hmac", "leftmost", NULL);
    check_row(t, 4, "event", "ADD_ADDR", "hmac", "bad", NULL);
    mps_table_free(t);
}

static void test_others(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 0, KC, KS);
    FEED_OPTION(b, &w, 0, 30, 3, 0x51);
    FEED_OPTION(b, &w, 0, 30, 4, 0x50, 7);
    uint64_t failed = idsn_of(KS, 0) + 43;
    uint8_t fail[12] = {30, 12, 0x60};
    for (unsigned i = 0; i < 8; i++)
        fail[4 + i] = (uint8_t)(failed >> (56 - 8 * i));
    feed_option(b, &w, 0, fail, sizeof fail);
    FEED_OPTION(b, &w, 1, 30, 12, 0x70, 0, 0x11, 0x11, 0x22, 0x22, 0x33, 0x33, 0x44, 0x44);
    FEED_OPTION(b, &w, 1, 30, 4, 0x81, 2);
    FEED_OPTION(b, &w, 1, 30, 8, 0x34, 2, 10, 0, 9, 9);
    mps_table *t = report_of(b, NULL);
    char dsn[24];
    g_snprintf(dsn, sizeof dsn, "%" G_GUINT64_FORMAT, failed);
    check_row(t, 3, "event", "MP_PRIO", "backup", "yes", "addr_id", "-", NULL);
    check_row(t, 4, "event", "MP_PRIO", "backup", "no", "addr_id", "7", NULL);
    check_row(t, 5, "event", "MP_FAIL", "dsn", dsn, "dsn_relative", "43", NULL);
    check_row(t, 6, "event", "MP_FASTCLOSE", "key", "0x1111222233334444", NULL);
    check_row(t, 7, "event", "MP_TCPRST", "reason", "Lack of resources", "flags", "T", NULL);
    check_row(t, 8, "event", "ADD_ADDR", "address", "10.0.9.9", "hmac", "-", NULL);
    mps_table_free(t);
}

/* Feed a DATA_FIN, `length` bytes of data before it. @return its frame */
static uint32_t feed_fin(bench *b, const wire *w, unsigned from, uint64_t dsn, uint16_t length,
                         bool is_32)
{
    packet p = packet_new(w, from, 0, 1, 1, length);
    packet_dss(&p, &(dss){.has_map = true,
                          .dsn_is_32 = is_32,
                          .dsn = dsn,
                          .ssn = length ? 1 : 0,
                          .length = (uint16_t)(length + 1),
                          .fin = true});
    bench_feed(b, &p);
    return b->frame;
}

static void test_data_fin(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    uint64_t client = idsn_of(KC, 1), server = idsn_of(KS, 1);
    char frame[16], dsn[24];
    bench_open(b, &w, 1, KC, KS);
    uint32_t fin = feed_fin(b, &w, 0, client + 1, 100, false);
    bench_ack(b, &w, 1, client + 101); /* the data, but not the DATA_FIN */
    bench_ack(b, &w, 1, client + 102);
    g_snprintf(frame, sizeof frame, "%u", b->frame);
    bench_ack(b, &w, 1, client + 102);
    uint32_t again = feed_fin(b, &w, 0, client + 101, 0, true);
    uint32_t other = feed_fin(b, &w, 1, server + 1, 0, false);
    mps_table *t = report_of(b, NULL);
    g_snprintf(dsn, sizeof dsn, "%" G_GUINT64_FORMAT, client + 101);
    check_row(t, row_of(t, "DATA_FIN", fin), "dsn", dsn, "dsn_relative", "101", "acked", frame,
              "direction", "c2s", NULL);
    check_row(t, row_of(t, "DATA_FIN", again), "dsn", dsn, "dsn_relative", "101", "acked", frame,
              NULL);
    check_row(t, row_of(t, "DATA_FIN", other), "dsn_relative", "1", "acked", "-", "direction",
              "s2c", NULL);
    mps_table_free(t);
}

static void test_fallback(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000);
    packet p = packet_new(&w, 0, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, MPS_CAPABLE_HMAC, 0, 0, 0);
    bench_feed(b, &p);
    p = packet_new(&w, 1, MPS_TCP_SYN, 0, 1, 0);
    bench_feed(b, &p);
    bench_plain(b, &w, 0, 1, 100);
    mps_table *t = report_of(b, NULL);
    assert_int_equal(t->row_count, 2);
    check_row(t, 1, "frame", "2", "event", "fallback", "reason", "no MP_CAPABLE in SYN/ACK",
              "direction", "s2c", "dsn", "-", "hmac", "-", NULL);
    mps_table_free(t);
}

/* The report shows only events that pass the filter, but uses what all segments showed. */
static void test_filter(void **state)
{
    bench *b = *state;
    wire w = wire_new(1, 1000), j = wire_new(2, 1001);
    bench_open(b, &w, 1, KC, KS);
    feed_join(b, &j, 1, 0, -1);
    mps_table *t = report_of(b, is_fifth);
    assert_int_equal(t->row_count, 1);
    check_row(t, 0, "frame", "5", "hmac", "ok", NULL);
    mps_table_free(t);
}

/* A table without any analysis still has its columns. */
static void test_nothing(void **state)
{
    mps_report *report = mps_report_new("events", MPS_NONE, NULL);
    mps_tracker *tracker = mps_tracker_new(MPS_TRACK_MPTCP);
    mps_table *t = mps_report_table(report, tracker);
    (void)state;
    assert_int_equal(t->row_count, 0);
    mps_table_free(t);
    mps_tracker_free(tracker);
    mps_report_free(report);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_capable),   CASE(test_join),
        CASE(test_join_hmac), CASE(test_join_hmac_unknown),
        CASE(test_addresses), CASE(test_leftmost_hmac),
        CASE(test_others),    CASE(test_data_fin),
        CASE(test_fallback),  CASE(test_filter),
        CASE(test_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
