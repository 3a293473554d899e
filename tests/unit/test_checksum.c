/* test_checksum.c: DSS checksums of mappings that are divided into segments in every way.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include <analysis/checksum.h>
#include <mptcpscope/report.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x1111222233334444)
#define KS UINT64_C(0x5555666677778888)

/* A mapping of the opener's data. `payload` has the bytes from SSN 1 on. */
typedef struct {
    uint64_t dsn;
    uint32_t ssn; /* where its payload is, or would be */
    uint16_t bytes, length, checksum;
    bool fin, dsn_is_32;
} mapping;

static uint8_t payload[4096];
static wire w;

static int setup(void **state)
{
    bench *b = bench_new(MPS_TRACK_MPTCP);
    mps_analyses_want(b->tracker, MPS_NEED_CHECKSUMS | MPS_NEED_EVENTS);
    for (unsigned i = 0; i < sizeof payload; i++)
        payload[i] = (uint8_t)(i * i + i / 7);
    w = wire_new(1, 1000);
    w.isn[0] = UINT32_MAX - 500; /* sequence numbers wrap */
    bench_open(b, &w, 1, KC, KS);
    *state = b;
    return 0;
}

static int teardown(void **state)
{
    bench_free(*state);
    return 0;
}

static uint8_t *put(uint8_t *to, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++)
        to[i] = (uint8_t)(value >> (8 * (size - 1 - i)));
    return to + size;
}

/* The checksum as RFC 8684 section 3.3.1 describes it, byte by byte. */
static uint16_t checksum_of(uint64_t dsn, uint32_t ssn, uint16_t length, const uint8_t *data,
                            unsigned bytes)
{
    uint8_t all[4096 + 17] = {0};
    uint8_t *end = put(put(put(put(all, dsn, 8), ssn, 4), length, 2), 0, 2);
    uint32_t sum = 0;
    memcpy(end, data, bytes);
    for (unsigned i = 0; i < 16 + bytes; i += 2) {
        sum += (uint32_t)(all[i] << 8 | all[i + 1]);
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)~sum;
}

static uint64_t dsn_at(uint32_t ssn)
{
    return idsn_of(KC, 1) + ssn;
}

static mapping map(uint32_t ssn, uint16_t bytes, bool fin)
{
    mapping m = {.dsn = dsn_at(ssn), .ssn = ssn, .bytes = bytes, .fin = fin};
    m.length = (uint16_t)(bytes + fin);
    m.checksum = checksum_of(m.dsn, bytes ? ssn : 0, m.length, payload + ssn - 1, bytes);
    return m;
}

/* Feed the part [from, to) of the payload, with the DSS of a mapping. */
static void feed(bench *b, const mapping *m, uint32_t from, uint32_t to)
{
    packet p = packet_new(&w, 0, 0, from, 1, to - from);
    p.payload = to > from ? payload + from - 1 : NULL;
    packet_dss(&p, &(dss){.has_map = true,
                          .has_checksum = true,
                          .dsn = m->dsn,
                          .dsn_is_32 = m->dsn_is_32,
                          .ssn = m->bytes ? m->ssn : 0,
                          .length = m->length,
                          .fin = m->fin,
                          .checksum = m->checksum});
    bench_feed(b, &p);
}

static void check_counts(const bench *b, uint32_t ok, uint32_t bad, uint32_t unknown)
{
    uint32_t found[3] = {0};
    const GArray *mappings = mps_checked_mappings(b->tracker);
    for (guint i = 0; i < mappings->len; i++)
        found[g_array_index(mappings, mps_checked_mapping, i).status]++;
    assert_int_equal(found[MPS_CHECK_OK], ok);
    assert_int_equal(found[MPS_CHECK_BAD], bad);
    assert_int_equal(found[MPS_CHECK_UNKNOWN], unknown);
}

/* Segments of odd lengths in every order, and retransmissions after all of them. */
static void test_orders(void **state)
{
    static const unsigned orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                          {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    static const uint32_t edges[4] = {0, 101, 304, 307};
    bench *b = *state;
    for (unsigned i = 0; i < 6; i++) {
        mapping m = map(1 + 307 * i, 307, false);
        for (unsigned k = 0; k < 3; k++) {
            check_counts(b, i, 0, k > 0);
            feed(b, &m, m.ssn + edges[orders[i][k]], m.ssn + edges[orders[i][k] + 1]);
        }
        check_counts(b, i + 1, 0, 0);
        feed(b, &m, m.ssn + 101, m.ssn + 304);
    }
    check_counts(b, 6, 0, 0);
}

/* Mappings divided at random, out of order. The checksum is wrong if one bit of payload is. */
static void test_random(void **state)
{
    bench *b = *state;
    GRand *dice = g_rand_new_with_seed(8684);
    uint32_t ssn = 1, counts[2] = {0};
    while (ssn < 4000) {
        int bytes = g_rand_int_range(dice, 1, 40);
        mapping m = map(ssn, (uint16_t)bytes, g_rand_boolean(dice));
        uint32_t low = ssn + (uint32_t)g_rand_int_range(dice, 0, bytes), end = ssn + m.bytes;
        uint32_t high = low + (uint32_t)g_rand_int_range(dice, 0, (int)(end - low) + 1);
        bool flip = g_rand_boolean(dice);
        m.dsn_is_32 = g_rand_boolean(dice);
        if (flip)
            payload[(int)ssn - 1 + g_rand_int_range(dice, 0, bytes)] ^=
                (uint8_t)(1 << g_rand_int_range(dice, 0, 8));
        feed(b, &m, high, end);
        feed(b, &m, low, high);
        feed(b, &m, ssn, low);
        counts[flip]++;
        ssn = end;
    }
    g_rand_free(dice);
    assert_true(counts[0] > 10 && counts[1] > 10);
    check_counts(b, counts[0], counts[1], 0);
}

/* A DATA_FIN without payload, and the same again. */
static void test_lone_fin(void **state)
{
    bench *b = *state;
    mapping m = map(1, 0, true);
    feed(b, &m, 1, 1);
    feed(b, &m, 1, 1);
    check_counts(b, 1, 0, 0);
    m.dsn++;
    feed(b, &m, 1, 1);
    check_counts(b, 1, 1, 0);
}

/* The first data comes with MP_CAPABLE, which has the checksum, too. */
static void test_capable(void **state)
{
    bench *b = *state;
    uint16_t checksum = checksum_of(dsn_at(1), 1, 100, payload, 100);
    packet p = packet_new(&w, 0, 0, 1, 1, 100);
    p.payload = payload;
    packet_capable_data(&p, MPS_CAPABLE_CHECKSUM, KC, KS, 100);
    put(p.options + p.options_length - 2, checksum, 2);
    bench_feed(b, &p);
    check_counts(b, 1, 0, 0);
}

/* Checksums that cannot be verified are unknown. */
static void test_unknown(void **state)
{
    bench *b = *state;
    mapping m = map(1, 100, false), next = map(101, 100, false);
    packet p = packet_new(&w, 0, 0, 1, 1, 100);
    packet_dss(&p, &(dss){.has_map = true,
                          .has_checksum = true,
                          .dsn = m.dsn,
                          .ssn = 1,
                          .length = 100,
                          .checksum = m.checksum});
    bench_feed(b, &p); /* its payload was not captured */
    feed(b, &m, 1, 101);
    check_counts(b, 0, 0, 1);
    m = map(201, 100, false);
    feed(b, &next, 101, 101); /* the mapping alone */
    feed(b, &m, 101, 301);    /* a segment with the payload of both mappings */
    feed(b, &m, 201, 301);
    check_counts(b, 0, 0, 3);
    m = map(301, 100, false);
    feed(b, &m, 301, 350);
    feed(b, &m, 340, 391); /* some bytes again: the number is right, but not all were seen */
    check_counts(b, 0, 0, 4);
    m = map(401, 100, false);
    feed(b, &m, 401, 500); /* a byte is missing */
    check_counts(b, 0, 0, 5);
    feed(b, &m, 500, 501);
    check_counts(b, 1, 0, 4);
    m = map(501, 100, false);
    feed(b, &m, 501, 551);
    feed(b, &m, 561, 611); /* a segment that goes beyond its end */
    check_counts(b, 1, 0, 5);
    m = map(711, 100, false);
    feed(b, &m, 701, 801); /* a segment that begins before it */
    check_counts(b, 1, 0, 6);
}

/* Mappings and payload in any order and of any size, with and without bytes. If the time grew more
 * than n log n, the test would take minutes. */
static void test_nonsense(void **state)
{
    bench *b = *state;
    GRand *dice = g_rand_new_with_seed(3);
    for (unsigned i = 0; i < 40000; i++) {
        uint32_t ssn = i % 2 ? 4000000 - 50 * i : g_rand_int(dice) % 100000;
        packet p = packet_new(&w, 0, 0, ssn + g_rand_int(dice) % 3, 1, g_rand_int(dice) % 100);
        p.payload = g_rand_boolean(dice) ? payload : NULL;
        packet_dss(&p, &(dss){.has_map = true,
                              .has_checksum = true,
                              .dsn = dsn_at(ssn),
                              .ssn = ssn,
                              .fin = i % 7 == 0,
                              .length = (uint16_t)(1 + g_rand_int(dice) % 200)});
        bench_feed(b, &p);
    }
    g_rand_free(dice);
    assert_true(mps_checked_mappings(b->tracker)->len > 1000);
}

/* The report shows a bad checksum at the frame that completed the mapping, and counts all. */
static void test_report(void **state)
{
    bench *b = *state;
    mapping m = map(1, 100, false), bad = map(101, 100, false);
    mps_report *report = mps_report_new("events", MPS_NONE, NULL);
    char *text = NULL;
    size_t size;
    feed(b, &m, 1, 101);
    bad.checksum ^= 0x0100;
    feed(b, &bad, 151, 201);
    feed(b, &bad, 101, 151);
    for (guint i = 0; i < b->verdicts->len; i++)
        mps_report_count(report, &g_array_index(b->verdicts, mps_verdict, i));
    FILE *out = open_memstream(&text, &size);
    mps_report_write(report, b->tracker,
                     &(mps_report_document){.style = mps_plain_style(MPS_FORMAT_JSON)}, out);
    fclose(out);
    assert_non_null(strstr(text, "{\"connection\": 0, \"direction\": \"c2s\", \"ok\": 1, "
                                 "\"bad\": 1, \"unknown\": 0}"));
    const char *row = strstr(text, "{\"frame\": 6,"), *cells;
    assert_non_null(row);
    assert_ptr_equal(strstr(row, "\"event\": \"DSS checksum\""), strstr(row, "\"event\": "));
    cells = strstr(row, "\"dsn_relative\": \"101\", \"length\": 100, \"acked\": null, "
                        "\"hmac\": null, \"checksum\": \"bad\"");
    assert_non_null(cells);
    free(text);
    mps_report_free(report);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_orders),  CASE(test_random), CASE(test_lone_fin), CASE(test_capable),
        CASE(test_unknown), CASE(test_report), CASE(test_nonsense),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
