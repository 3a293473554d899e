/* test_reinjection_verdicts.c: the verdicts on bytes that were sent again, against results worked
 * out by hand. Two captures are made of one list of segments, each with the time it left and the
 * time it arrived, unless it was lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "packets.h"
#include "recorder.h"
#include "reinjection/reinjection_internal.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define MS INT64_C(1000000)
#define START (INT64_C(1700000000) * 1000 * MS)

enum { LOST = -1, MISSED = -2 }; /* in place of a time, ms: not captured there */

/* When a segment was captured by the client's host and by the server's. */
typedef struct {
    int64_t at[2];
} times;

typedef struct {
    bench *b; /* keeps the segments */
    GArray *times;
    wire first, second; /* two subflows */
    uint64_t dsn;       /* of the client's first byte */
    bool unsorted;      /* the client's capture is as fed, not in order of time */
    mps_trace *traces[2];
    mps_comparison *comparison;
    mps_reinjection_side *client, *server;
} road;

/* Record when the next segment left and arrived, ms. */
static void note(road *r, int64_t left, int64_t arrived)
{
    packet *p = &g_array_index(r->b->packets, packet, r->times->len);
    bool client = p->source.bytes[2] == 0;
    times t = {{client ? left : arrived, client ? arrived : left}};
    g_array_append_val(r->times, t);
    p->ip_id = (uint16_t)r->times->len;
}

/* Record when the segment that was fed last left and arrived, ms. */
static void went(road *r, int64_t left, int64_t arrived)
{
    assert_int_equal(r->times->len + 1, r->b->packets->len);
    note(r, left, arrived);
}

static road *road_new(void)
{
    road *r = g_new0(road, 1);
    r->b = bench_new(MPS_TRACK_TCP);
    r->times = g_array_new(FALSE, FALSE, sizeof(times));
    r->first = wire_new(1, 1000);
    r->second = wire_new(2, 1001);
    r->dsn = idsn_of(KC, 1) + 1;
    bench_open(r->b, &r->first, 1, KC, KS);
    bench_join(r->b, &r->second, token_of(KS, 1), 71);
    while (r->times->len < r->b->packets->len) /* shows that the clocks are at most 1 ms apart */
        note(r, r->times->len, r->times->len + 1);
    return r;
}

/* The client sends bytes with a mapping of their own. @param dsn  counted from 0 */
static void send_data(road *r, const wire *w, uint32_t ssn, uint32_t length, uint64_t dsn,
                      int64_t left, int64_t arrived)
{
    bench_data(r->b, w, FROM_OPENER, ssn, length, r->dsn + dsn);
    went(r, left, arrived);
}

/* The server acknowledges all data bytes before `dsn`. */
static void acknowledge(road *r, const wire *w, uint64_t dsn, int64_t left, int64_t arrived)
{
    bench_ack(r->b, w, FROM_PEER, r->dsn + dsn);
    went(r, left, arrived);
}

static const road *sorted_road; /* qsort() cannot pass it on */
static unsigned sorted_side;

static int compare_times(const void *x, const void *y)
{
    uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    int64_t s = g_array_index(sorted_road->times, times, a).at[sorted_side];
    int64_t t = g_array_index(sorted_road->times, times, b).at[sorted_side];
    return s != t ? (s > t) - (s < t) : (a > b) - (a < b);
}

/* @return what one host captured, in order of its time. @param ahead  of its clock, ns */
static mps_trace *capture(const road *r, unsigned side, int64_t ahead)
{
    recorder *dump = recorder_new(MPS_TRACK_TCP);
    uint32_t frame = 0, *order = g_new(uint32_t, r->times->len);
    for (guint i = 0; i < r->times->len; i++)
        order[i] = i;
    sorted_road = r;
    sorted_side = side;
    if (side == 1 || !r->unsorted)
        qsort(order, r->times->len, sizeof *order, compare_times);
    for (guint i = 0; i < r->times->len; i++) {
        int64_t at = g_array_index(r->times, times, order[i]).at[side];
        mps_segment segment;
        if (at < 0)
            continue;
        packet_parse(&g_array_index(r->b->packets, packet, order[i]), &segment);
        segment.frame = ++frame;
        segment.time = START + at * MS + ahead;
        recorder_add(dump, &segment);
    }
    g_free(order);
    return recorder_end(dump, MPS_NEED_TRANSMISSIONS);
}

/* Capture all at both ends, and pass the verdicts. @param ahead  of the server's clock, ms */
static void judge(road *r, int64_t ahead)
{
    r->traces[0] = capture(r, 0, 0);
    r->traces[1] = capture(r, 1, ahead * MS);
    r->comparison = mps_comparison_new(r->traces[0], r->traces[1], MPS_CLOCK_NONE, NULL);
    assert_non_null(r->comparison);
    r->client = mps_reinjections_of(r->comparison, true);
    r->server = mps_reinjections_of(r->comparison, false);
    assert_int_equal(r->server->reinjections->len + r->server->retransmissions->len, 0);
}

static void road_free(road *r)
{
    mps_reinjections_free(r->client);
    mps_reinjections_free(r->server);
    mps_comparison_free(r->comparison);
    mps_trace_free(r->traces[0]);
    mps_trace_free(r->traces[1]);
    g_array_free(r->times, TRUE);
    bench_free(r->b);
    g_free(r);
}

static const mps_reinjection_row *reinjection(const road *r, guint index)
{
    assert_true(index < r->client->reinjections->len);
    return &g_array_index(r->client->reinjections, mps_reinjection_row, index);
}

static const mps_retransmission_row *retransmission(const road *r, guint index)
{
    assert_true(index < r->client->retransmissions->len);
    return &g_array_index(r->client->retransmissions, mps_retransmission_row, index);
}

#define assert_bytes(row, n_useful, n_redundant, n_lost, n_unknown, n_spurious, n_unsure)          \
    do {                                                                                           \
        const mps_reinjection_bytes *bytes_ = &(row)->bytes;                                       \
        assert_int_equal(bytes_->useful, n_useful);                                                \
        assert_int_equal(bytes_->redundant, n_redundant);                                          \
        assert_int_equal(bytes_->lost, n_lost);                                                    \
        assert_int_equal(bytes_->unknown, n_unknown);                                              \
        assert_int_equal(bytes_->spurious, n_spurious);                                            \
        assert_int_equal(bytes_->unsure, n_unsure);                                                \
        assert_int_equal((row)->length, (n_useful) + (n_redundant) + (n_lost) + (n_unknown));      \
    } while (0)

#define assert_necessity(row, n_needed, n_spurious, n_unknown, n_lost, n_early, n_unsure)          \
    do {                                                                                           \
        const mps_necessity *necessity_ = &(row)->necessity;                                       \
        assert_int_equal(necessity_->needed, n_needed);                                            \
        assert_int_equal(necessity_->spurious, n_spurious);                                        \
        assert_int_equal(necessity_->unknown, n_unknown);                                          \
        assert_int_equal(necessity_->lost, n_lost);                                                \
        assert_int_equal(necessity_->early, n_early);                                              \
        assert_int_equal(necessity_->unsure, n_unsure);                                            \
        assert_int_equal((row)->length, (n_needed) + (n_spurious) + (n_unknown));                  \
    } while (0)

#define assert_gain(row, ms)                                                                       \
    do {                                                                                           \
        assert_true((row)->has_gain);                                                              \
        assert_int_equal((row)->gain, (ms)*MS);                                                    \
    } while (0)

/* Each verdict once: each byte is sent on the first subflow and reinjected on the second. The
 * verdicts do not depend on how far the clocks are apart. */
static void test_verdicts(void **state)
{
    (void)state;
    for (int64_t ahead = -1000000; ahead <= 1000000; ahead += 1000000) {
        road *r = road_new();
        const wire *w = &r->first, *v = &r->second;
        send_data(r, w, 1, 100, 0, 110, 120);
        send_data(r, w, 101, 100, 100, 111, LOST);
        send_data(r, w, 201, 100, 200, 112, 122);
        send_data(r, w, 301, 100, 300, 113, LOST);
        send_data(r, w, 401, 100, 400, 114, 150);
        send_data(r, w, 501, 100, 500, 115, 190);
        send_data(r, w, 601, 100, 600, 116, 126);
        send_data(r, w, 701, 100, 700, 117, LOST);
        send_data(r, v, 1, 100, 0, 130, 140);     /* redundant, spurious */
        send_data(r, v, 101, 100, 100, 131, 141); /* useful: the only one until 170 */
        send_data(r, v, 201, 200, 200, 132, 142); /* one half each */
        send_data(r, v, 401, 100, 400, 150, 160); /* redundant; left when the other arrived */
        send_data(r, v, 501, 100, 500, 151, 161); /* useful: overtakes by 29 ms */
        send_data(r, v, 601, 100, 600, 152, LOST);
        send_data(r, v, 701, 100, 700, 153, 163); /* useful: nothing else ever arrived */
        send_data(r, w, 101, 100, 100, 160, 170); /* retransmissions */
        send_data(r, w, 201, 200, 200, 161, 171);
        acknowledge(r, v, 200, 145, 155);
        acknowledge(r, w, 400, 172, 182); /* the second half of row 2 came again at 171 */
        acknowledge(r, w, 800, 199, 209);
        judge(r, ahead);
        for (guint i = 0; i < 7; i++)
            assert_int_equal(reinjection(r, i)->bytes.advanced, i == 1 || i == 6 ? 100 : 0);
        assert_int_equal(r->client->reinjections->len, 7);
        assert_bytes(reinjection(r, 0), 0, 100, 0, 0, 100, 0);
        assert_gain(reinjection(r, 0), -20);
        assert_bytes(reinjection(r, 1), 100, 0, 0, 0, 0, 0);
        assert_gain(reinjection(r, 1), 29);
        assert_bytes(reinjection(r, 2), 100, 100, 0, 0, 100, 0);
        assert_gain(reinjection(r, 2), 29); /* the greatest; the other half came 20 ms late */
        assert_bytes(reinjection(r, 3), 0, 100, 0, 0, 0, 100);
        assert_bytes(reinjection(r, 4), 100, 0, 0, 0, 0, 0);
        assert_gain(reinjection(r, 4), 29);
        assert_bytes(reinjection(r, 5), 0, 0, 100, 0, 100, 0);
        assert_false(reinjection(r, 5)->has_gain);
        assert_bytes(reinjection(r, 6), 100, 0, 0, 0, 0, 0);
        assert_false(reinjection(r, 6)->has_gain);
        assert_int_equal(r->client->retransmissions->len, 2);
        assert_necessity(retransmission(r, 0), 100, 0, 0, 0, 0, 0);
        assert_int_equal(retransmission(r, 0)->delay, 49 * MS);
        assert_necessity(retransmission(r, 1), 100, 100, 0, 0, 100, 0);
        assert_int_equal(retransmission(r, 1)->delay, 48 * MS); /* since 113, the later one */
        road_free(r);
    }
}

/* Bytes go over the first subflow, are moved to the second, and back. */
static void test_pairs(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first, *v = &r->second;
    send_data(r, w, 1, 300, 0, 110, 120);
    send_data(r, v, 1, 100, 0, 130, 140);
    send_data(r, v, 101, 100, 100, 131, 141);
    send_data(r, w, 301, 300, 0, 150, 160); /* 200 from the second, 100 from itself */
    judge(r, 0);
    static const struct {
        const char *from;
        uint32_t segments, bytes;
    } expected[] = {{"first", 2, 200}, {"second", 1, 200}, {"first", 1, 100}};
    assert_int_equal(r->client->pairs->len, G_N_ELEMENTS(expected));
    for (guint i = 0; i < G_N_ELEMENTS(expected); i++) {
        const mps_reinjection_pair *pair =
            &g_array_index(r->client->pairs, mps_reinjection_pair, i);
        const mps_sender *from = &g_array_index(r->client->sent.senders, mps_sender, pair->from);
        assert_int_equal(from->row->subflow, expected[i].from[0] == 's');
        assert_int_equal(pair->segments, expected[i].segments);
        assert_int_equal(pair->bytes.redundant, expected[i].bytes);
    }
    road_free(r);
}

/* The first two segments of the second subflow do not carry the mapping that covers them. The first
 * one reinjects, not the segment that brings the mapping. The next segment of the first subflow
 * reinjects the second one, although its own mapping comes first. */
static void test_late_mapping(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first, *v = &r->second;
    send_data(r, w, 1, 100, 0, 110, LOST);
    bench_plain(r->b, v, FROM_OPENER, 1, 100); /* data bytes 0 to 100 */
    went(r, 120, 130);
    bench_plain(r->b, v, FROM_OPENER, 101, 100); /* 100 to 200, before all others */
    went(r, 121, LOST);
    send_data(r, w, 101, 100, 100, 122, 132); /* reinjects those */
    packet p = packet_new(v, FROM_OPENER, MPS_TCP_PSH, 201, 1, 100);
    packet_dss(&p, &(dss){.has_map = true, .dsn = r->dsn, .ssn = 1, .length = 300});
    bench_feed(r->b, &p);
    went(r, 140, 150);
    judge(r, 0);
    assert_int_equal(r->client->reinjections->len, 2);
    assert_int_equal(mps_sent_packet(&r->client->sent, reinjection(r, 0)->sending)->time,
                     START + 120 * MS);
    assert_bytes(reinjection(r, 0), 100, 0, 0, 0, 0, 0);
    assert_int_equal(mps_sent_packet(&r->client->sent, reinjection(r, 1)->sending)->time,
                     START + 122 * MS);
    assert_bytes(reinjection(r, 1), 100, 0, 0, 0, 0, 0);
    road_free(r);
}

/* Whether a retransmission is needed does not depend on whether it arrives itself. */
static void test_retransmissions(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first;
    send_data(r, w, 1, 100, 0, 110, LOST);
    send_data(r, w, 101, 100, 100, 111, 190); /* only late */
    send_data(r, w, 201, 100, 200, 112, 122);
    send_data(r, w, 301, 100, 300, 113, 123);
    send_data(r, w, 1, 100, 0, 150, LOST);
    send_data(r, w, 101, 100, 100, 151, 161);
    send_data(r, w, 201, 100, 200, 152, LOST);
    send_data(r, w, 1, 200, 0, 170, 180); /* still needed; spurious, and the copy had arrived */
    judge(r, 0);
    assert_int_equal(r->client->retransmissions->len, 4);
    assert_necessity(retransmission(r, 0), 100, 0, 0, 100, 0, 0);
    assert_necessity(retransmission(r, 1), 0, 100, 0, 0, 0, 0);
    assert_necessity(retransmission(r, 2), 0, 100, 0, 100, 100, 0);
    assert_necessity(retransmission(r, 3), 100, 100, 0, 0, 100, 0);
    assert_int_equal(retransmission(r, 3)->delay, 19 * MS);
    assert_int_equal(r->client->reinjections->len, 0);
    road_free(r);
}

/* The server's capture lacks a subflow on which the server sent: its segments are not lost. */
static void test_subflow_that_was_not_captured(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first, *v = &r->second;
    for (guint i = 0; i < r->times->len; i++) {
        const packet *p = &g_array_index(r->b->packets, packet, i);
        if (p->source_port == 1001 || p->destination_port == 1001)
            g_array_index(r->times, times, i).at[1] = MISSED;
    }
    send_data(r, w, 1, 100, 0, 110, 120);
    send_data(r, w, 101, 100, 100, 111, LOST);
    send_data(r, v, 1, 100, 0, 130, MISSED);
    send_data(r, v, 101, 100, 100, 131, MISSED);
    send_data(r, w, 201, 100, 0, 150, 160);   /* certainly redundant: the first arrived */
    send_data(r, w, 301, 100, 100, 151, 161); /* undetermined: the copy on v may have arrived */
    judge(r, 0);
    assert_int_equal(r->client->reinjections->len, 4);
    assert_bytes(reinjection(r, 0), 0, 0, 0, 100, 0, 0);
    assert_bytes(reinjection(r, 1), 0, 0, 0, 100, 0, 0);
    assert_bytes(reinjection(r, 2), 0, 100, 0, 0, 100, 0);
    assert_bytes(reinjection(r, 3), 0, 0, 0, 100, 0, 0);
    for (guint i = 0; i < 4; i++)
        assert_false(reinjection(r, i)->has_gain);
    road_free(r);
}

/* A segment of 300 bytes is split on its way (offload): each third has its own verdict. */
static void test_split(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first, *v = &r->second;
    send_data(r, w, 1, 300, 0, 110, MISSED);
    send_data(r, w, 201, 100, 200, MISSED, 121); /* the last third; the one in the middle is lost */
    send_data(r, w, 1, 100, 0, MISSED, 122);
    send_data(r, v, 1, 300, 0, 130, 140);
    send_data(r, w, 101, 200, 100, 150, 160);
    judge(r, 0);
    assert_int_equal(r->client->reinjections->len, 1);
    assert_bytes(reinjection(r, 0), 100, 200, 0, 0, 200, 0);
    assert_int_equal(r->client->gains->len, 3);
    assert_gain(reinjection(r, 0), 20); /* the middle, until 160; -18 and -19 the others */
    assert_int_equal(r->client->retransmissions->len, 1);
    assert_necessity(retransmission(r, 0), 100, 100, 0, 0, 100, 0);
    road_free(r);
}

/* It is ambiguous which of two copies arrived; other bytes are not affected. */
static void test_ambiguous(void **state)
{
    (void)state;
    road *r = road_new();
    const wire *w = &r->first, *v = &r->second;
    send_data(r, w, 1, 100, 0, 110, 120);
    send_data(r, w, 101, 100, 100, 111, LOST);
    send_data(r, w, 101, 100, 100, 112, 122);
    guint last = r->b->packets->len - 1;
    g_array_index(r->b->packets, packet, last).ip_id =
        g_array_index(r->b->packets, packet, last - 1).ip_id;
    send_data(r, w, 201, 100, 200, 113, LOST);
    send_data(r, v, 1, 100, 100, 130, 140);
    send_data(r, v, 101, 100, 200, 131, 141);
    judge(r, 0);
    assert_int_equal(r->client->sent.senders->len, 2);
    const mps_sender *sender = &g_array_index(r->client->sent.senders, mps_sender, 0);
    assert_int_equal(sender->row->alignment.ambiguous, 1);
    assert_necessity(retransmission(r, 0), 0, 0, 100, 0, 0, 0);
    assert_bytes(reinjection(r, 0), 0, 0, 0, 100, 0, 0);
    assert_bytes(reinjection(r, 1), 100, 0, 0, 0, 0, 0);
    road_free(r);
}

/* A capture of several interfaces is not in order of time: what was sent first is the original. */
static void test_order_of_time(void **state)
{
    (void)state;
    road *r = road_new();
    r->unsorted = true;
    send_data(r, &r->second, 1, 100, 0, 130, 140);
    send_data(r, &r->first, 1, 100, 0, 110, 120);
    judge(r, 0);
    assert_int_equal(r->client->reinjections->len, 1);
    assert_int_equal(mps_sender_of(&r->client->sent, reinjection(r, 0)->sending)->row->subflow, 1);
    assert_bytes(reinjection(r, 0), 0, 100, 0, 0, 100, 0);
    road_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts),      cmocka_unit_test(test_pairs),
        cmocka_unit_test(test_late_mapping),  cmocka_unit_test(test_retransmissions),
        cmocka_unit_test(test_order_of_time), cmocka_unit_test(test_ambiguous),
        cmocka_unit_test(test_split),         cmocka_unit_test(test_subflow_that_was_not_captured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
