/* test_summary.c: the problems that the report "summary" finds in hand-made segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report/summary/summary_internal.h"
#include "rows.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define KC UINT64_C(0x0102030405060708) /* client's key */
#define KS UINT64_C(0xf1f2f3f4f5f6f7f8) /* server's key */
#define DSN(n) (idsn_of(KC, 1) + (n))   /* the client's n-th byte; the first is 1 */
#define SDSN(n) (idsn_of(KS, 1) + (n))  /* the server's */
#define MS 1000000

/* The initial subflow of a connection, in frames 1 to 3, and another one that may join. Each frame
 * is 1 ms after the one before. */
typedef struct {
    bench *b;
    wire w, j;
    mps_report *report;
    GArray *summaries; /* mps_summary */
} fixture;

static void clear_summary(gpointer summary)
{
    mps_summary_clear(summary);
}

static bool keep(const mps_summary *summary, void *summaries)
{
    g_array_append_vals(summaries, summary, 1);
    return true;
}

static void summarise_all(fixture *f)
{
    f->summaries = g_array_new(FALSE, FALSE, sizeof(mps_summary));
    g_array_set_clear_func(f->summaries, clear_summary);
    mps_summaries_visit(f->report, f->b->tracker, keep, f->summaries);
}

static void clear_summaries(fixture *f)
{
    g_array_free(f->summaries, TRUE);
}

static int setup(void **state)
{
    fixture *f = g_new0(fixture, 1);
    f->b = rows_bench("summary");
    f->w = wire_new(1, 1000);
    f->j = wire_new(2, 1001);
    bench_open(f->b, &f->w, 1, KC, KS);
    *state = f;
    return 0;
}

static int teardown(void **state)
{
    fixture *f = *state;
    clear_summaries(f);
    mps_report_free(f->report);
    bench_free(f->b);
    g_free(f);
    return 0;
}

static const mps_summary *summarise(fixture *f, row_filter filter)
{
    f->report = rows_report(f->b, "summary", MPS_NONE, filter);
    summarise_all(f);
    assert_int_equal(f->summaries->len, 1);
    return &g_array_index(f->summaries, mps_summary, 0);
}

static const mps_problem *nth_problem(const mps_summary *summary, guint n)
{
    return &g_array_index(summary->problems, mps_problem, n);
}

static unsigned count(const mps_summary *summary, mps_problem_kind kind)
{
    unsigned n = 0;
    for (guint i = 0; i < summary->problems->len; i++)
        n += nth_problem(summary, i)->kind == kind;
    return n;
}

static const mps_problem *problem(const mps_summary *summary, mps_problem_kind kind)
{
    assert_int_equal(count(summary, kind), 1);
    for (guint i = 0; i < summary->problems->len; i++)
        if (nth_problem(summary, i)->kind == kind)
            return nth_problem(summary, i);
    return NULL;
}

#define assert_problem(summary, kind_, severity_, frame_, subflow_, text_)                         \
    do {                                                                                           \
        const mps_problem *p_ = problem(summary, kind_);                                           \
        assert_int_equal(p_->severity, severity_);                                                 \
        assert_int_equal(p_->frame, frame_);                                                       \
        assert_int_equal(p_->subflow, subflow_);                                                   \
        assert_string_equal(p_->text, text_);                                                      \
    } while (0)

static void join(fixture *f)
{
    bench_join(f->b, &f->j, token_of(KS, 1), 1);
}

static void join_syn(fixture *f, bool backup)
{
    packet p = packet_new(&f->j, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_join_syn(&p, backup, 3, token_of(KS, 1), 1);
    bench_feed(f->b, &p);
}

static void feed_reset(fixture *f, const wire *w, unsigned from, int reason)
{
    packet p = packet_new(w, from, MPS_TCP_RST, 1, 1, 0);
    if (reason >= 0)
        packet_tcprst(&p, (uint8_t)reason);
    bench_feed(f->b, &p);
}

static void fin(fixture *f, unsigned from, uint64_t dsn)
{
    packet p = packet_new(&f->w, from, 0, 1, 1, 0);
    packet_dss(&p, &(dss){.has_map = true, .dsn = dsn, .length = 1, .fin = true});
    bench_feed(f->b, &p);
}

/* DATA_FINs and their DATA_ACKs, in four frames. @param sent  bytes that the client sent before */
static void close_both(fixture *f, uint32_t sent)
{
    fin(f, FROM_OPENER, DSN(sent + 1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(sent + 2));
    fin(f, FROM_PEER, SDSN(1));
    bench_ack(f->b, &f->w, FROM_OPENER, SDSN(2));
}

static void nothing_wrong(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(101));
    close_both(f, 100);
    const mps_summary *summary = summarise(f, NULL);
    assert_int_equal(summary->problems->len, 0);
    assert_string_equal(summary->ended, "closed by both sides with DATA_FINs in frames 6 and 8");
    assert_int_equal(summary->data[MPS_C2S].acked, 100);
    assert_int_equal(summary->data[MPS_C2S].unacked, 0);
    assert_int_equal(summary->data[MPS_S2C].acked, 0);
    char *text = rows_written(f->report, f->b, MPS_FORMAT_TEXT);
    assert_non_null(strstr(text, "No problems found.\n"));
    free(text);
}

static void join_never_answered(void **state)
{
    fixture *f = *state;
    join_syn(f, false); /* frame 4, at 3 ms */
    f->b->time += 1000 * MS;
    join_syn(f, false); /* at 1004 ms */
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_JOIN_UNANSWERED, MPS_WARNING, 4, 1,
                   "SYN with MP_JOIN never answered: 2 sent, the connection continued for 1.001 s");
    assert_int_equal(count(summary, MPS_PROBLEM_SYN_REPEATED), 0);
}

static void join_not_answered_yet(void **state)
{
    fixture *f = *state;
    join_syn(f, false);
    assert_int_equal(problem(summarise(f, NULL), MPS_PROBLEM_JOIN_UNANSWERED)->severity, MPS_NOTE);
}

static void join_answered_with_reset(void **state)
{
    fixture *f = *state;
    join_syn(f, false);
    packet p = packet_new(&f->j, FROM_PEER, MPS_TCP_RST, 0, 1, 0);
    packet_tcprst(&p, 3);
    bench_feed(f->b, &p);
    assert_problem(summarise(f, NULL), MPS_PROBLEM_SYN_RESET, MPS_WARNING, 5, 1,
                   "SYN with MP_JOIN answered with RST: Administratively prohibited");
}

static void join_refused(void **state)
{
    fixture *f = *state;
    join_syn(f, false);
    packet p = packet_new(&f->j, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    bench_feed(f->b, &p);
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_JOIN_REFUSED, MPS_WARNING, 5, 1,
                   "MP_JOIN refused by the server or the path: SYN/ACK without MP_JOIN");
    assert_int_equal(count(summary, MPS_PROBLEM_UNUSED), 0);
    assert_int_equal(summary->unused, 1); /* the initial one */
}

static void join_repeated(void **state)
{
    fixture *f = *state;
    join_syn(f, false);
    join(f); /* frames 5 to 7 */
    assert_problem(summarise(f, NULL), MPS_PROBLEM_SYN_REPEATED, MPS_NOTE, 4, 1,
                   "SYN with MP_JOIN sent 2 times before the subflow opened");
}

static void reset_with_reason(void **state)
{
    fixture *f = *state;
    join(f);
    feed_reset(f, &f->j, FROM_PEER, 2); /* frame 7 */
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_RESET, MPS_WARNING, 7, 1,
                   "refused: reset by the server before any payload: Lack of resources");
    assert_string_equal(summary->ended, "still open at the end of the capture");
}

/* The RST in frame 9 comes while the subflow is alive: no silence is reported besides. */
static void reset_while_it_went_on(void **state)
{
    fixture *f = *state;
    join(f);
    bench_data(f->b, &f->j, FROM_OPENER, 1, 100, DSN(1));
    bench_ack(f->b, &f->j, FROM_PEER, DSN(1));
    feed_reset(f, &f->j, FROM_PEER, 1); /* at 8 ms */
    f->b->time += 400 * MS;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 200, DSN(1)); /* at 409 ms */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(201));
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(
        summary, MPS_PROBLEM_RESET, MPS_WARNING, 9, 1,
        "reset by the server: MPTCP-specific error; the connection continued for 0.401 s; "
        "the client's data stalled for up to 0.403 s (no new DATA_ACK between frames 8 "
        "and 11)");
    assert_int_equal(count(summary, MPS_PROBLEM_SILENT), 0);
}

static void reset_without_reason(void **state)
{
    fixture *f = *state;
    feed_reset(f, &f->w, FROM_OPENER, -1); /* frame 4 */
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_RESET, MPS_WARNING, 4, 0,
                   "reset by the client: no reason given");
    assert_string_equal(summary->ended, "all subflows were reset, the last one in frame 4");
}

static void reset_when_all_was_over(void **state)
{
    fixture *f = *state;
    close_both(f, 0);
    feed_reset(f, &f->w, FROM_OPENER, -1);
    assert_int_equal(summarise(f, NULL)->problems->len, 0);
}

/* The HMACs of packets.c are invented. */
static void hmac_wrong(void **state)
{
    fixture *f = *state;
    join(f);
    const mps_summary *summary = summarise(f, NULL);
    assert_int_equal(count(summary, MPS_PROBLEM_BAD_HMAC), 2);
    assert_int_equal(nth_problem(summary, 0)->frame, 5);
    assert_string_equal(nth_problem(summary, 0)->text,
                        "wrong HMAC in the server's MP_JOIN: forged, or changed on the path");
    assert_int_equal(nth_problem(summary, 1)->frame, 6);
    assert_int_equal(nth_problem(summary, 0)->severity, MPS_WARNING);
}

static void checksum_wrong(void **state)
{
    fixture *f = *state;
    static const uint8_t payload[200] = {1, 2, 3};
    for (unsigned i = 0; i < 2; i++) { /* frames 4 and 5 */
        packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_PSH, 1 + 100 * i, 1, 100);
        packet_dss(&p, &(dss){.has_map = true,
                              .dsn = DSN(1 + 100 * i),
                              .ssn = 1 + 100 * i,
                              .length = 100,
                              .has_checksum = true});
        p.payload = payload + 100 * i;
        bench_feed(f->b, &p);
    }
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_BAD_CHECKSUM, MPS_WARNING, 4, 0,
                   "wrong DSS checksum: payload or mapping was changed on the path");
    assert_int_equal(problem(summary, MPS_PROBLEM_BAD_CHECKSUM)->count, 2);
}

static void mp_fail(void **state)
{
    fixture *f = *state;
    packet p = packet_new(&f->w, FROM_PEER, 0, 1, 1, 0);
    packet_option(&p, (const uint8_t[12]){MPS_TCP_OPTION_MPTCP, 12, MPS_MP_FAIL << 4}, 12);
    bench_feed(f->b, &p);
    assert_problem(summarise(f, NULL), MPS_PROBLEM_MP_FAIL, MPS_WARNING, 4, 0,
                   "MP_FAIL: the server received data with a wrong DSS checksum");
}

/* 300 bytes are sent, 100 acknowledged; the RST that belongs to the MP_FASTCLOSE is no problem. */
static void fastclose_with_data(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 300, DSN(1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(101));
    packet p = packet_new(&f->w, FROM_PEER, 0, 1, 1, 0);
    packet_fastclose(&p, KC);
    bench_feed(f->b, &p);
    feed_reset(f, &f->w, FROM_PEER, -1);
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(
        summary, MPS_PROBLEM_FASTCLOSE, MPS_WARNING, 6, MPS_NONE,
        "the server aborted the connection with MP_FASTCLOSE; not acknowledged: 200 bytes "
        "from the client, 0 from the server");
    assert_int_equal(summary->problems->len, 1);
    assert_string_equal(summary->ended, "aborted by the server: MP_FASTCLOSE in frame 6");
}

/* The abort resets the other subflow; its RST comes first in the capture. */
static void fastclose_resets(void **state)
{
    fixture *f = *state;
    join(f);
    feed_reset(f, &f->j, FROM_OPENER, -1);
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_RST, 1, 1, 0);
    packet_fastclose(&p, KS);
    bench_feed(f->b, &p);
    const mps_summary *summary = summarise(f, NULL);
    assert_int_equal(count(summary, MPS_PROBLEM_RESET), 0);
    assert_int_equal(count(summary, MPS_PROBLEM_FASTCLOSE), 1);
}

static void fastclose_without_data(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 300, DSN(1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(301));
    packet p = packet_new(&f->w, FROM_OPENER, MPS_TCP_RST, 301, 1, 0);
    packet_fastclose(&p, KS);
    bench_feed(f->b, &p);
    assert_problem(
        summarise(f, NULL), MPS_PROBLEM_FASTCLOSE, MPS_NOTE, 6, MPS_NONE,
        "the client aborted the connection with MP_FASTCLOSE; no data was unacknowledged");
}

/* `of` segments of 10 bytes, then the first `again` of them once more. */
static void feed_again(fixture *f, unsigned of, unsigned again)
{
    for (unsigned i = 0; i < of + again; i++) {
        unsigned n = i < of ? i : i - of;
        bench_data(f->b, &f->w, FROM_OPENER, 1 + 10 * n, 10, DSN(1 + 10 * n));
    }
}

static void many_retransmissions(void **state)
{
    fixture *f = *state;
    feed_again(f, 57, 3); /* 3 of 60: 5 %; frames 4 to 60, then 61 to 63 */
    assert_problem(summarise(f, NULL), MPS_PROBLEM_RETRANSMISSIONS, MPS_WARNING, 61, 0,
                   "5.0 % of the payload bytes from the client are retransmissions, in 3 segments");
}

static void some_retransmissions(void **state)
{
    fixture *f = *state;
    feed_again(f, 58, 3); /* 3 of 61 */
    assert_problem(summarise(f, NULL), MPS_PROBLEM_RETRANSMISSIONS, MPS_NOTE, 62, 0,
                   "4.9 % of the payload bytes from the client are retransmissions, in 3 segments");
}

static void too_few_retransmissions(void **state)
{
    fixture *f = *state;
    feed_again(f, 2, 2);
    assert_int_equal(count(summarise(f, NULL), MPS_PROBLEM_RETRANSMISSIONS), 0);
}

/* The first 30 bytes on the first subflow, frames 7 to 9, then on the second one. */
static void reinject(fixture *f)
{
    join(f);
    for (unsigned i = 0; i < 3; i++)
        bench_data(f->b, &f->w, FROM_OPENER, 1 + 10 * i, 10, DSN(1 + 10 * i));
    for (unsigned i = 0; i < 3; i++)
        bench_data(f->b, &f->j, FROM_OPENER, 1 + 10 * i, 10, DSN(1 + 10 * i));
}

static void reinjections_only(void **state)
{
    fixture *f = *state;
    reinject(f);
    assert_problem(summarise(f, NULL), MPS_PROBLEM_REINJECTIONS, MPS_WARNING, 10, 1,
                   "carries no new data from the client, only 30 reinjected bytes");
}

static void more_reinjected_than_new(void **state)
{
    fixture *f = *state;
    reinject(f);
    bench_data(f->b, &f->j, FROM_OPENER, 31, 29, DSN(31));
    assert_problem(summarise(f, NULL), MPS_PROBLEM_REINJECTIONS, MPS_WARNING, 10, 1,
                   "carries more reinjected bytes from the client than new data: 30 to 29, in 3 "
                   "segments");
}

static void as_many_reinjected_as_new(void **state)
{
    fixture *f = *state;
    reinject(f);
    bench_data(f->b, &f->j, FROM_OPENER, 31, 30, DSN(31));
    assert_problem(summarise(f, NULL), MPS_PROBLEM_REINJECTIONS, MPS_WARNING, 10, 1,
                   "reinjected bytes from the client are 100.0 % of its new data, in 3 segments");
}

static void unused(void **state)
{
    fixture *f = *state;
    join(f);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 10, DSN(1));
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_UNUSED, MPS_NOTE, 4, 1,
                   "accepted and not a backup, but carried no payload");
    assert_int_equal(summary->unused, 1);
}

/* Nothing was sent while the subflow was there. */
static void unused_in_silence(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 10, DSN(1));
    join(f);
    const mps_summary *summary = summarise(f, NULL);
    assert_int_equal(count(summary, MPS_PROBLEM_UNUSED), 0);
    assert_int_equal(summary->unused, 1);
}

static void feed_bytes(fixture *f, unsigned from, const uint8_t *bytes, unsigned size)
{
    packet p = packet_new(&f->w, from, MPS_TCP_ACK, 1, 1, 0);
    packet_option(&p, bytes, size);
    bench_feed(f->b, &p);
}

/* One address ID, two addresses; the first is removed in between or not. */
static void two_addresses(void **state)
{
    fixture *f = *state;
    static const uint8_t add[] = {30, 8, 0x34, 2, 10, 0, 2, 2};
    static const uint8_t other[] = {30, 8, 0x34, 2, 10, 0, 2, 3};
    static const uint8_t remove[] = {30, 4, 0x40, 2};
    feed_bytes(f, FROM_PEER, add, sizeof add);
    feed_bytes(f, FROM_PEER, remove, sizeof remove);
    feed_bytes(f, FROM_PEER, other, sizeof other);
    feed_bytes(f, FROM_PEER, add, sizeof add);
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_ADDRESS_ID, MPS_WARNING, 7, 0,
                   "the server announces address ID 2 as 10.0.2.2, in frame 6 it was 10.0.2.3");
}

static void priority(void **state)
{
    fixture *f = *state;
    packet p = packet_new(&f->w, FROM_PEER, MPS_TCP_ACK, 1, 1, 0);
    packet_prio(&p, true, -1);
    bench_feed(f->b, &p);
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_PRIO, MPS_NOTE, 4, 0,
                   "the server made this subflow a backup (MP_PRIO)");
}

/* An MP_PRIO of 5 bytes, twice. */
static void malformed(void **state)
{
    fixture *f = *state;
    static const uint8_t prio[] = {30, 5, 0x51, 1, 0};
    feed_bytes(f, FROM_PEER, prio, sizeof prio);
    feed_bytes(f, FROM_PEER, prio, sizeof prio);
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_MALFORMED, MPS_WARNING, 4, 0,
                   "2 segments from the server with a malformed MPTCP option");
}

/* The clock leaps back between segments whose numbers go on; what is only late in the file is no
 * leap. */
static void time_leap(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 101, 100, DSN(101));
    f->b->time -= INT64_C(3600000000000);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    f->b->time += INT64_C(3600000000000);
    assert_int_equal(count(summarise(f, NULL), MPS_PROBLEM_TIME_LEAP), 0);
    clear_summaries(f);
    mps_report_free(f->report);
    f->b->time -= INT64_C(7200000000000);
    bench_data(f->b, &f->w, FROM_OPENER, 201, 100, DSN(201));
    const mps_summary *summary = summarise(f, NULL);
    const mps_problem *leap = problem(summary, MPS_PROBLEM_TIME_LEAP);
    assert_int_equal(leap->severity, MPS_WARNING);
    assert_true(g_str_has_prefix(leap->text, "times leap back by "));
}

/* The third ACK repeats another key of the server than its SYN/ACK had; the first data has another
 * key of the client. */
static void keys_changed(void **state)
{
    fixture *f = *state;
    wire x = wire_new(5, 1005);
    packet p = packet_new(&x, FROM_OPENER, MPS_TCP_SYN, 0, 0, 0);
    packet_capable(&p, 1, MPS_CAPABLE_NO_JOIN_HERE | 1, 0, 0, 0);
    bench_feed(f->b, &p); /* frame 4 */
    p = packet_new(&x, FROM_PEER, MPS_TCP_SYN, 0, 1, 0);
    packet_capable(&p, 1, 1, 1, 7, 0);
    bench_feed(f->b, &p);
    p = packet_new(&x, FROM_OPENER, MPS_TCP_ACK, 1, 1, 0);
    packet_capable(&p, 1, 1, 2, 6, 8);
    bench_feed(f->b, &p);
    p = packet_new(&x, FROM_OPENER, MPS_TCP_ACK, 1, 1, 100);
    packet_capable(&p, 1, 1, 2, 5, 7);
    bench_feed(f->b, &p);
    f->report = rows_report(f->b, "summary", 1, NULL);
    summarise_all(f);
    const mps_summary *summary = &g_array_index(f->summaries, mps_summary, 0);
    assert_int_equal(count(summary, MPS_PROBLEM_KEY_CHANGED), 2);
    assert_problem(summary, MPS_PROBLEM_NO_JOIN_HERE, MPS_NOTE, 4, MPS_NONE,
                   "the client asks for no further subflows to this address (flag C of "
                   "MP_CAPABLE)");
    for (guint i = 0; i < summary->problems->len; i++)
        if (nth_problem(summary, i)->frame == 6)
            assert_true(g_str_has_prefix(nth_problem(summary, i)->text,
                                         "the server's keys in the SYN/ACK (frame 5) and in the "
                                         "ACK differ"));
        else if (nth_problem(summary, i)->kind == MPS_PROBLEM_KEY_CHANGED)
            assert_true(g_str_has_prefix(nth_problem(summary, i)->text,
                                         "the client's keys in the ACK (frame 6) and in the data "
                                         "differ"));
}

static void leap_forward(void **state)
{
    fixture *f = *state;
    f->b->time += INT64_C(1700000000000000000);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    const mps_problem *leap = problem(summarise(f, NULL), MPS_PROBLEM_TIME_LEAP);
    assert_true(g_str_has_prefix(leap->text, "times leap forward by 1700000000."));
}

static void backup_is_unused(void **state)
{
    fixture *f = *state;
    join(f);
    packet p = packet_new(&f->j, FROM_OPENER, 0, 1, 1, 0);
    packet_prio(&p, true, -1);
    bench_feed(f->b, &p);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 10, DSN(1));
    const mps_summary *summary = summarise(f, NULL);
    assert_int_equal(count(summary, MPS_PROBLEM_UNUSED), 0);
    assert_int_equal(summary->unused, 1);
}

/* The server's last segment is frame 8, at 7 ms; the client sends its last one at 8 ms. */
static void silent(void **state)
{
    fixture *f = *state;
    join(f);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 1000, DSN(1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(1001));
    bench_data(f->b, &f->w, FROM_OPENER, 1001, 1000, DSN(1001)); /* frame 9 */
    bench_data(f->b, &f->j, FROM_OPENER, 1, 500, DSN(2001));
    bench_ack(f->b, &f->j, FROM_PEER, DSN(1001));
    f->b->time += 290 * MS;
    bench_data(f->b, &f->j, FROM_OPENER, 501, 1000, DSN(1001)); /* reinjected, 301 ms */
    bench_ack(f->b, &f->j, FROM_PEER, DSN(2501));               /* frame 13, 302 ms */
    f->b->time += 1000 * MS;                                    /* the application pauses */
    bench_data(f->b, &f->j, FROM_OPENER, 1501, 10, DSN(2501));  /* 1303 ms */
    bench_ack(f->b, &f->j, FROM_PEER, DSN(2511));
    assert_problem(
        summarise(f, NULL), MPS_PROBLEM_SILENT, MPS_WARNING, 8, 0,
        "fell silent at 0.007 s; the connection continued for 1.296 s; the client's data "
        "stalled for up to 0.294 s (no new DATA_ACK between frames 9 and 13)");
}

/* All its payload was acknowledged and the connection is open: the subflow is idle, not silent. */
static void idle(void **state)
{
    fixture *f = *state;
    join(f);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 1000, DSN(1));
    packet p = packet_new(&f->w, FROM_PEER, 0, 1, 1001, 0);
    packet_dss(&p, &(dss){.has_ack = true, .ack = DSN(1001)});
    bench_feed(f->b, &p);
    f->b->time += 1000 * MS;
    bench_data(f->b, &f->j, FROM_OPENER, 1, 500, DSN(1001));
    assert_int_equal(count(summarise(f, NULL), MPS_PROBLEM_SILENT), 0);
}

static void left(void **state)
{
    fixture *f = *state;
    join(f);
    bench_data(f->b, &f->w, FROM_OPENER, 1, 1000, DSN(1));
    for (unsigned from = 0; from < 2; from++) { /* frames 8 and 9 */
        packet p = packet_new(&f->w, from, MPS_TCP_FIN, from ? 1 : 1001, from ? 1002 : 1, 0);
        bench_feed(f->b, &p);
    }
    f->b->time += 1000 * MS;
    bench_data(f->b, &f->j, FROM_OPENER, 1, 500, DSN(1001));
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_LEFT, MPS_NOTE, 8, 0,
                   "closed while the connection continued for 1.002 s on other subflows");
    assert_int_equal(count(summary, MPS_PROBLEM_SILENT), 0);
}

/* 40 bytes without a mapping, in frame 8, between data of subflow 1. */
static void send_unmapped(fixture *f)
{
    join(f);
    bench_data(f->b, &f->j, FROM_OPENER, 1, 100, DSN(1));
    bench_plain(f->b, &f->j, FROM_OPENER, 101, 40);
    bench_data(f->b, &f->j, FROM_OPENER, 141, 100, DSN(101));
}

static void unmapped(void **state)
{
    fixture *f = *state;
    send_unmapped(f);
    assert_problem(summarise(f, NULL), MPS_PROBLEM_UNMAPPED, MPS_WARNING, 8, 1,
                   "40 payload bytes from the client have no mapping");
}

static void unmapped_but_acknowledged(void **state)
{
    fixture *f = *state;
    send_unmapped(f);
    bench_ack(f->b, &f->w, FROM_PEER, DSN(241)); /* they were data */
    assert_problem(
        summarise(f, NULL), MPS_PROBLEM_UNMAPPED, MPS_NOTE, 8, 1,
        "no mapping is known for 40 payload bytes from the client: data that the capture "
        "does not show was acknowledged, so that it may lack the mapping");
}

static void data_missing(void **state)
{
    fixture *f = *state;
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(101));
    bench_ack(f->b, &f->w, FROM_PEER, DSN(151)); /* frame 6 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(201));
    bench_data(f->b, &f->w, FROM_OPENER, 201, 100, DSN(201));
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(
        summary, MPS_PROBLEM_DATA_MISSING, MPS_NOTE, 6, MPS_NONE,
        "DATA_ACK for data from the client that is not in the capture (100 bytes in total)");
    assert_int_equal(summary->data[MPS_C2S].acked, 200);
    assert_int_equal(summary->data[MPS_C2S].unacked, 100);
}

static void half_closed(void **state)
{
    fixture *f = *state;
    fin(f, FROM_OPENER, DSN(1)); /* frame 4 */
    bench_ack(f->b, &f->w, FROM_PEER, DSN(2));
    assert_problem(summarise(f, NULL), MPS_PROBLEM_OPEN, MPS_NOTE, 5, MPS_NONE,
                   "half closed: DATA_FIN from the client in frame 4 (acknowledged), none from the "
                   "server");
}

static bool after_frame_5(const mps_verdict *verdict)
{
    return verdict->frame > 5;
}

/* Problems of frames that do not pass the filter are left out; figures count those that pass. */
static void filtered(void **state)
{
    fixture *f = *state;
    join(f);                                              /* wrong HMACs in frames 5 and 6 */
    bench_data(f->b, &f->w, FROM_OPENER, 1, 100, DSN(1)); /* frame 7 */
    const mps_summary *summary = summarise(f, after_frame_5);
    assert_int_equal(summary->counts[MPS_C2S].data, 100);
    assert_int_equal(summary->counts[MPS_C2S].segments, 2);
    assert_int_equal(summary->problems->len, 2);
    assert_int_equal(problem(summary, MPS_PROBLEM_BAD_HMAC)->frame, 6);
    assert_int_equal(problem(summary, MPS_PROBLEM_OPEN)->frame, 7);
}

/* The capture starts in the middle and has only segments from the client. */
static void middle(void **state)
{
    fixture *f = g_new0(fixture, 1);
    (void)state;
    f->b = rows_bench("summary");
    f->w = wire_new(1, 1000);
    bench_data(f->b, &f->w, FROM_OPENER, 501, 100, DSN(501));
    bench_data(f->b, &f->w, FROM_OPENER, 601, 100, DSN(601));
    const mps_summary *summary = summarise(f, NULL);
    assert_problem(summary, MPS_PROBLEM_HANDSHAKE_MISSING, MPS_NOTE, 1, 0,
                   "handshake not captured: the capture starts after it, or lacks it; the end with "
                   "the higher port is assumed to be the client");
    assert_problem(summary, MPS_PROBLEM_ONE_WAY, MPS_NOTE, 1, 0,
                   "the capture has no segment from the server on this subflow");
    assert_false(summary->data[MPS_C2S].has_acked);
    void *own = f;
    teardown(&own);
}

/* csv and json have the text of the problems. */
static void written(void **state)
{
    fixture *f = *state;
    feed_reset(f, &f->w, FROM_OPENER, -1);
    summarise(f, NULL);
    char *json = rows_written(f->report, f->b, MPS_FORMAT_JSON);
    assert_non_null(strstr(json, "\"warnings\": 1, \"problems\": [{\"severity\": \"warning\", "
                                 "\"frame\": 4, \"subflow\": 0, \"problem\": \"reset\", "
                                 "\"count\": 1, \"text\": \"reset by the client: no reason "
                                 "given\"}]}"));
    char *csv = rows_written(f->report, f->b, MPS_FORMAT_CSV);
    assert_non_null(
        strstr(csv, ",1,\"warning, frame 4: subflow 0: reset by the client: no reason given\"\n"));
    free(json);
    free(csv);
}

/* An address that is announced again after it was withdrawn is a new announcement, and nobody
 * followed it. */
static void announced_again(void **state)
{
    fixture *f = *state;
    static const uint8_t add[] = {30,   16,   0x30, 2,    10,   0,    9,    9,
                                  0x3f, 0x22, 0x4f, 0xeb, 0x60, 0xc7, 0x91, 0x51};
    static const uint8_t remove[] = {30, 4, 0x40, 2};
    feed_bytes(f, FROM_PEER, add, sizeof add);
    feed_bytes(f, FROM_PEER, remove, sizeof remove);
    feed_bytes(f, FROM_PEER, add, sizeof add);
    f->b->time += 2000 * (int64_t)MS;
    bench_ack(f->b, &f->w, FROM_OPENER, SDSN(1));
    assert_problem(
        summarise(f, NULL), MPS_PROBLEM_ADDRESS_UNUSED, MPS_WARNING, 6, 0,
        "ADD_ADDR of 10.0.9.9 (address ID 2) from the server: sent 1 time, never echoed, "
        "never followed by a join");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(announced_again),
        TEST(nothing_wrong),
        TEST(join_never_answered),
        TEST(join_not_answered_yet),
        TEST(join_answered_with_reset),
        TEST(join_refused),
        TEST(join_repeated),
        TEST(reset_with_reason),
        TEST(reset_while_it_went_on),
        TEST(reset_without_reason),
        TEST(reset_when_all_was_over),
        TEST(hmac_wrong),
        TEST(checksum_wrong),
        TEST(mp_fail),
        TEST(fastclose_with_data),
        TEST(fastclose_without_data),
        TEST(fastclose_resets),
        TEST(many_retransmissions),
        TEST(some_retransmissions),
        TEST(too_few_retransmissions),
        TEST(reinjections_only),
        TEST(more_reinjected_than_new),
        TEST(as_many_reinjected_as_new),
        TEST(unused),
        TEST(unused_in_silence),
        TEST(two_addresses),
        TEST(priority),
        TEST(malformed),
        TEST(time_leap),
        TEST(keys_changed),
        TEST(leap_forward),
        TEST(backup_is_unused),
        TEST(silent),
        TEST(idle),
        TEST(left),
        TEST(unmapped),
        TEST(unmapped_but_acknowledged),
        TEST(data_missing),
        TEST(half_closed),
        TEST(filtered),
        cmocka_unit_test(middle),
        TEST(written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
