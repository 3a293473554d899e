/* test_diff.c: finds what a path changed in segments that the test makes itself.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "recorder.h"
#include "segment/option_parse.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "diff/diff_rows.h"
#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */

#define DELAY INT64_C(5000000) /* ns */

/* Changes a packet, the i-th of all from 0, into what one end of the path captures of it. */
typedef void (*path_function)(packet *p, guint i, bool at_client, GRand *random);

static bool from_client(const packet *p)
{
    return p->source.bytes[2] == 0;
}

static bool arrives(const packet *p, bool at_client)
{
    return at_client != from_client(p);
}

/* Parse a packet whose options may be any bytes. */
static void parse(const packet *p, mps_segment *segment)
{
    uint8_t options[sizeof p->options];
    packet padded = *p;
    memset(padded.options, 1, sizeof padded.options); /* NOP */
    packet_parse(&padded, segment);
    memset(options, 1, sizeof options);
    memcpy(options, p->options, p->options_length);
    mps_segment_parse_options(segment, options, segment->header_length - 20u);
}

/* @return what one end captured: all packets, as `path` changes them for this end; NULL: unchanged
 */
static mps_trace *capture(const bench *b, bool at_client, path_function path, unsigned needs)
{
    recorder *r = recorder_new(MPS_TRACK_TCP);
    GRand *random = g_rand_new_with_seed(1);
    for (guint i = 0; i < b->packets->len; i++) {
        packet p = g_array_index(b->packets, packet, i);
        mps_segment segment;
        if (path)
            path(&p, i, at_client, random);
        parse(&p, &segment);
        segment.frame = i + 1;
        segment.time = INT64_C(1700000000000000000) + i * INT64_C(20000000) +
                       (arrives(&p, at_client) ? DELAY : 0);
        recorder_add(r, &segment);
    }
    g_rand_free(random);
    return recorder_end(r, needs);
}

/* Both ends of a path. */
typedef struct {
    mps_trace *client, *server;
    mps_comparison *comparison;
    mps_diff *diff;
} ends;

static ends compare(const bench *b, path_function path)
{
    ends e = {.client = capture(b, true, path, MPS_NEED_HEADERS),
              .server = capture(b, false, path, MPS_NEED_HEADERS)};
    e.comparison = mps_comparison_new(e.client, e.server, MPS_CLOCK_NONE, NULL);
    assert_non_null(e.comparison);
    e.diff = mps_diff_new(e.comparison, MPS_NONE);
    return e;
}

static void ends_free(ends *e)
{
    mps_diff_free(e->diff);
    mps_comparison_free(e->comparison);
    mps_trace_free(e->client);
    mps_trace_free(e->server);
}

/* @return the row of this name, change and direction; there must be at most one */
static const mps_diff_row *row_of(const ends *e, const char *what, mps_change change,
                                  mps_direction direction)
{
    const mps_diff_row *found = NULL;
    for (guint i = 0; i < e->diff->rows->len; i++) {
        const mps_diff_row *row = &g_array_index(e->diff->rows, mps_diff_row, i);
        char *name = mps_diff_what_name(row->what);
        if (strcmp(name, what) == 0 && row->change == change && row->direction == direction) {
            assert_null(found);
            found = row;
        }
        g_free(name);
    }
    return found;
}

/* A connection whose server acknowledges all data with SACK blocks, and announces two addresses. */
static bench *some_traffic(void)
{
    bench *b = bench_new(MPS_TRACK_TCP);
    wire w = wire_new(1, 1000);
    bench_open(b, &w, 1, KC, KS);
    packet p = packet_new(&w, FROM_PEER, 0, 1, 1, 0);
    packet_add_addr(&p, 5, &(mps_address){.length = 4, .bytes = {10, 0, 9, 5}});
    packet_add_addr(&p, 6, &(mps_address){.length = 4, .bytes = {10, 0, 9, 6}});
    bench_feed(b, &p);
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t left = w.isn[0] + 1001 + 100 * i;
        const uint8_t sack[] = {5,
                                10,
                                (uint8_t)(left >> 24),
                                (uint8_t)(left >> 16),
                                (uint8_t)(left >> 8),
                                (uint8_t)left,
                                (uint8_t)((left + 100) >> 24),
                                (uint8_t)((left + 100) >> 16),
                                (uint8_t)((left + 100) >> 8),
                                (uint8_t)(left + 100)};
        bench_data(b, &w, FROM_OPENER, 1 + 100 * i, 100, idsn_of(KC, 1) + 1 + 100 * i);
        p = packet_new(&w, FROM_PEER, 0, 1, 101 + 100 * i, 0);
        packet_option(&p, sack, sizeof sack);
        bench_feed(b, &p);
    }
    return b;
}

#define SHIFT 1000000u

static void add_to_sack(packet *p)
{
    for (unsigned at = 2; at < 10; at += 4) {
        uint32_t value;
        memcpy(&value, p->options + at, 4);
        value = GUINT32_TO_BE(GUINT32_FROM_BE(value) + SHIFT);
        memcpy(p->options + at, &value, 4);
    }
}

/* The path adds SHIFT to the client's sequence numbers, also in the SACK blocks of the server. */
static void shift_with_sack(packet *p, guint i, bool at_client, GRand *random)
{
    (void)i;
    (void)random;
    if (at_client)
        return;
    if (from_client(p))
        p->seq += SHIFT;
    else
        p->ack += p->ack ? SHIFT : 0;
    if (p->options_length == 10)
        add_to_sack(p);
}

static void shift_without_sack(packet *p, guint i, bool at_client, GRand *random)
{
    shift_with_sack(p, i, at_client, random);
    if (at_client && p->options_length == 10)
        add_to_sack(p);
}

static void test_sack_must_follow_a_shift(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends good = compare(b, shift_with_sack), bad = compare(b, shift_without_sack);
    const mps_diff_row *shifted = row_of(&good, "sequence", MPS_CHANGE_SHIFTED, MPS_C2S);
    assert_non_null(shifted);
    assert_int_equal(shifted->difference, SHIFT);
    assert_int_equal(shifted->count, 22); /* SYN, ACK, data */
    const mps_diff_row *back = row_of(&good, "acknowledgement", MPS_CHANGE_SHIFTED, MPS_S2C);
    assert_non_null(back);
    assert_int_equal(back->difference, UINT32_MAX - SHIFT + 1);
    assert_int_equal(good.diff->rows->len, 2);
    const mps_diff_row *sack = row_of(&bad, "sack", MPS_CHANGE_ALTERED, MPS_S2C);
    assert_non_null(sack);
    assert_int_equal(sack->count, 20);
    assert_int_equal(sack->of, 20);
    assert_string_equal(sack->a, sack->b); /* not changed, which is the error */
    assert_int_equal(bad.diff->rows->len, 3);
    ends_free(&good);
    ends_free(&bad);
    bench_free(b);
}

/* Strip the second of two ADD_ADDR options. */
static void strip_one_of_two(packet *p, guint i, bool at_client, GRand *random)
{
    (void)random;
    if (i == 3 && arrives(p, at_client))
        p->options_length = 16;
}

static void test_one_of_two_options(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends e = compare(b, strip_one_of_two);
    const mps_diff_row *row = row_of(&e, "ADD_ADDR", MPS_CHANGE_STRIPPED, MPS_S2C);
    assert_int_equal(e.diff->rows->len, 1);
    assert_non_null(row);
    assert_int_equal(row->count, 1);
    assert_int_equal(row->of, 2);
    assert_int_equal(row->frame, 4);
    assert_int_equal(row->peer_frame, 4);
    assert_non_null(strstr(row->b, "address_id 6"));
    assert_null(row->a);
    ends_free(&e);
    bench_free(b);
}

static void remove_two_addresses(packet *p, guint i, bool at_client, GRand *random)
{
    (void)random;
    if (i == 4) {
        const uint8_t ids[] = {MPS_TCP_OPTION_MPTCP, 5, MPS_REMOVE_ADDR << 4, 3, 0};
        p->options_length = 0;
        packet_option(p, ids, sizeof ids);
        p->options[4] = arrives(p, at_client) ? 12 : 0;
    }
    if (i == 6 && !arrives(p, at_client)) {
        const uint8_t ids[] = {MPS_TCP_OPTION_MPTCP, 4, MPS_REMOVE_ADDR << 4, 200};
        packet_option(p, ids, sizeof ids);
    }
}

/* Address IDs are shown as a list of numbers, also ID 0. */
static void test_remove_addr(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends e = compare(b, remove_two_addresses);
    const mps_diff_row *altered = row_of(&e, "REMOVE_ADDR", MPS_CHANGE_ALTERED, MPS_C2S);
    const mps_diff_row *stripped = row_of(&e, "REMOVE_ADDR", MPS_CHANGE_STRIPPED, MPS_C2S);
    assert_int_equal(e.diff->rows->len, 2);
    assert_string_equal(altered->a, "address_ids 3 0");
    assert_string_equal(altered->b, "address_ids 3 12");
    assert_string_equal(stripped->a, "address_ids 200");
    assert_null(stripped->b);
    ends_free(&e);
    bench_free(b);
}

static void break_options(packet *p, guint i, bool at_client, GRand *random)
{
    (void)random;
    if (i == 6 && arrives(p, at_client))
        p->options[1] = 1; /* an impossible length */
}

static void test_malformed(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends e = compare(b, break_options);
    const mps_diff_row *stripped = row_of(&e, "DSS", MPS_CHANGE_STRIPPED, MPS_C2S);
    const mps_diff_row *added = row_of(&e, "malformed_options", MPS_CHANGE_ADDED, MPS_C2S);
    assert_int_equal(e.diff->rows->len, 2);
    assert_non_null(stripped);
    assert_non_null(added);
    assert_int_equal(stripped->count, 1);
    assert_int_equal(stripped->of, 20);
    assert_int_equal(stripped->frame, 7);
    assert_int_equal(added->count, 1);
    assert_int_equal(added->of, 1);
    ends_free(&e);
    bench_free(b);
}

static void scramble(packet *p, guint i, bool at_client, GRand *random)
{
    if (i < 4 || !arrives(p, at_client))
        return;
    p->options_length = 4 * (unsigned)g_rand_int_range(random, 0, 11);
    for (unsigned k = 0; k < p->options_length; k++)
        p->options[k] = (uint8_t)(g_rand_boolean(random) ? g_rand_int_range(random, 0, 256)
                                                         : g_rand_int_range(random, 0, 8));
}

/* Random options give rows, and their counts add up. */
static void test_scrambled(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends e = compare(b, scramble);
    uint32_t changed = 0;
    assert_true(e.diff->rows->len > 20);
    for (guint i = 0; i < e.diff->rows->len; i++) {
        const mps_diff_row *row = &g_array_index(e.diff->rows, mps_diff_row, i);
        char *name = mps_diff_what_name(row->what);
        assert_true(row->count >= 1 && row->count <= row->of);
        assert_int_equal(row->frame, row->peer_frame);
        assert_true(row->frame >= 5 && row->frame <= 44);
        assert_non_null(row->text);
        if (strcmp(name, "DSS") == 0 && row->direction == MPS_C2S &&
            row->change != MPS_CHANGE_ADDED) {
            assert_int_equal(row->of, 20);
            changed += row->count;
        }
        g_free(name);
    }
    assert_int_equal(changed, 20); /* each was removed or replaced by random bytes */
    ends_free(&e);
    bench_free(b);
}

static void test_nothing(void **state)
{
    (void)state;
    bench *b = some_traffic();
    ends e = compare(b, NULL);
    assert_int_equal(e.diff->rows->len, 0);
    assert_int_equal(e.diff->sentences->len, 1);
    assert_string_equal(e.diff->sentences->pdata[0],
                        "Nothing was changed in the 44 compared segments of 1 subflow.");
    ends_free(&e);
    bench_free(b);
}

/* Headers are kept only on request, so that other commands do not need the memory. */
static void test_headers_only_on_request(void **state)
{
    (void)state;
    bench *b = some_traffic();
    mps_trace *with = capture(b, true, NULL, MPS_NEED_HEADERS);
    mps_trace *without = capture(b, true, NULL, 0);
    const mps_header *headers = mps_trace_headers(with, 0, MPS_C2S);
    assert_non_null(headers);
    assert_int_equal(headers[0].header_length, 20 + headers[0].options_captured);
    assert_int_equal(headers[0].options[0], MPS_TCP_OPTION_MPTCP);
    assert_null(mps_trace_headers(without, 0, MPS_C2S));
    mps_trace_free(with);
    mps_trace_free(without);
    bench_free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_sack_must_follow_a_shift),
        cmocka_unit_test(test_one_of_two_options),
        cmocka_unit_test(test_remove_addr),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_scrambled),
        cmocka_unit_test(test_headers_only_on_request),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
