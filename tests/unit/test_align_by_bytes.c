/* test_align_by_bytes.c: mps_align() with payload that the two captures cut differently.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "match/align.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define START 4294960000u /* the first sequence number, which wraps after 7296 bytes */

static mps_packet data(uint32_t at, uint32_t length, uint32_t tsval)
{
    return (mps_packet){.seq = START + at,
                        .length = length,
                        .tsval = tsval,
                        .ip_id = -1,
                        .flags = MPS_TCP_ACK,
                        .ack = 7,
                        .window = 100};
}

static void align(const mps_packet *sent, size_t sent_count, const mps_packet *received,
                  size_t received_count, mps_alignment *a)
{
    const mps_preserved_fields kept = {.compared = {100, 100, 100, 100, 100, 100},
                                       .equal = {100, 100, 100, 100, 100, 100}};
    const mps_align_lists lists = {.sent = sent,
                                   .sent_count = sent_count,
                                   .received = received,
                                   .received_count = received_count};
    mps_align(&lists, &kept, a);
}

static void assert_match(const mps_alignment *a, guint index, uint32_t sent, uint32_t received,
                         uint32_t length, mps_match_kind kind)
{
    assert_true(index < a->matches->len);
    const mps_match *match = &g_array_index(a->matches, mps_match, index);
    assert_int_equal(match->sent, sent);
    assert_int_equal(match->received, received);
    assert_int_equal(match->length, length);
    assert_int_equal(match->kind, kind);
}

static void split(void **state)
{
    (void)state;
    const mps_packet sent[] = {data(0, 4344, 1), data(4344, 100, 2)};
    const mps_packet received[] = {data(0, 1448, 1), data(1448, 1448, 1), data(2896, 1448, 1),
                                   data(4344, 100, 2)};
    mps_alignment a;
    align(sent, 2, received, 4, &a);
    assert_int_equal(a.matched, 2);
    assert_int_equal(a.split, 1);
    assert_int_equal(a.merged, 0);
    assert_int_equal(a.lost + a.unseen + a.ambiguous, 0);
    assert_int_equal(a.matched_bytes, 4444);
    assert_int_equal(a.reordered, 0);
    for (uint32_t i = 0; i < 3; i++)
        assert_match(&a, i, 0, i, 1448, MPS_MATCH_SPLIT);
    assert_match(&a, 3, 1, 3, 100, MPS_MATCH_EXACT);
    mps_alignment_clear(&a);
}

/* The second segment overtakes the last two parts of the first. One segment is reordered, not each
 * part. */
static void split_and_late(void **state)
{
    (void)state;
    const mps_packet sent[] = {data(0, 4344, 1), data(4344, 100, 2)};
    const mps_packet received[] = {data(0, 1448, 1), data(4344, 100, 2), data(1448, 1448, 1),
                                   data(2896, 1448, 1)};
    mps_alignment a;
    align(sent, 2, received, 4, &a);
    assert_int_equal(a.matched, 2);
    assert_int_equal(a.reordered, 1);
    mps_alignment_clear(&a);
}

static void merged(void **state)
{
    (void)state;
    const mps_packet sent[] = {data(0, 1448, 1), data(1448, 1448, 1), data(2896, 500, 1)};
    const mps_packet received[] = {data(0, 3396, 1)};
    mps_alignment a;
    align(sent, 3, received, 1, &a);
    assert_int_equal(a.matched, 3);
    assert_int_equal(a.merged, 3);
    assert_int_equal(a.lost + a.unseen + a.ambiguous, 0);
    assert_match(&a, 0, 0, 0, 1448, MPS_MATCH_MERGED);
    assert_match(&a, 2, 2, 0, 500, MPS_MATCH_MERGED);
    mps_alignment_clear(&a);
}

/* One part of three is lost. The others match, and only whole segments count as lost. */
static void part_lost(void **state)
{
    (void)state;
    const mps_packet sent[] = {data(0, 4344, 1), data(4344, 2896, 1)};
    const mps_packet received[] = {data(0, 1448, 1), data(2896, 1448, 1)};
    mps_alignment a;
    align(sent, 2, received, 2, &a);
    assert_int_equal(a.matched, 1);
    assert_int_equal(a.lost, 1);
    assert_int_equal(a.unseen, 0);
    assert_int_equal(a.matched_bytes, 2896);
    assert_int_equal(a.sent_bytes, 7240);
    mps_alignment_clear(&a);
}

/* Sent again with another timestamp: it is determined which transmission a part belongs to. With
 * the same timestamp it is not, and both are refused. */
static void sent_again(void **state)
{
    (void)state;
    for (uint32_t same = 0; same < 2; same++) {
        const mps_packet sent[] = {data(0, 2896, 1), data(0, 2000, same ? 1 : 9)};
        const mps_packet received[] = {data(0, 1448, same ? 1 : 9), data(1448, 552, same ? 1 : 9)};
        mps_alignment a;
        align(sent, 2, received, 2, &a);
        assert_int_equal(a.matched, same ? 0 : 1);
        assert_int_equal(a.ambiguous, same ? 2 : 0);
        assert_int_equal(a.lost, same ? 0 : 1);
        assert_int_equal(a.unseen, 0);
        if (!same)
            assert_match(&a, 0, 1, 0, 1448, MPS_MATCH_SPLIT);
        mps_alignment_clear(&a);
    }
}

/* The same part arrives twice: the path duplicated it, or the sender's capture missed one. The rest
 * of the capture shows which. A duplicate may carry new bytes too, or a part of a segment that
 * arrived whole. */
static void arrived_twice(void **state)
{
    (void)state;
    mps_preserved_fields known = {
        .compared = {1000, 1000, 1000, 1000, 1000, 1000},
        .equal = {1000, 1000, 1000, 1000, 1000, 1000},
        .path_model = {.statistics = {{.sent = 1000, .received = 1000, .certain = 1000}},
                       .duplicated = 10},
    };
    const mps_packet whole[] = {data(0, 2896, 1), data(2896, 2896, 1)};
    const mps_packet twice[] = {data(0, 1448, 1),   data(0, 2000, 1),    data(2000, 896, 1),
                                data(2000, 200, 1), data(2896, 2896, 1), data(2896, 1448, 1)};
    const mps_align_lists lists = {
        .sent = whole, .sent_count = 2, .received = twice, .received_count = 6};
    for (unsigned missed = 0; missed < 2; missed++) {
        mps_alignment duplicates;
        known.path_model.statistics[0].unmatched = missed;
        mps_align(&lists, &known, &duplicates);
        assert_int_equal(duplicates.lost + duplicates.unseen, 0);
        assert_int_equal(duplicates.matched, missed ? 0 : 2);
        assert_int_equal(duplicates.ambiguous, missed ? 2 : 0);
        assert_int_equal(duplicates.duplicated, missed ? 0 : 2);
        assert_int_equal(duplicates.matched_bytes, missed ? 0 : 5792);
        if (!missed) {
            assert_match(&duplicates, 0, 0, 0, 1448, MPS_MATCH_SPLIT);
            assert_match(&duplicates, 1, 0, 1, 552, MPS_MATCH_SPLIT);
            assert_match(&duplicates, 2, 0, 2, 896, MPS_MATCH_SPLIT);
            assert_match(&duplicates, 3, 1, 4, 2896, MPS_MATCH_EXACT);
        }
        mps_alignment_clear(&duplicates);
    }
    /* Two arrive merged, then a duplicate of the second: the duplicate does not match. */
    const mps_packet two[] = {data(0, 1448, 1), data(1448, 1448, 1)};
    const mps_packet copy[] = {data(0, 2896, 1), data(1448, 1448, 1)};
    const mps_align_lists merged_first = {
        .sent = two, .sent_count = 2, .received = copy, .received_count = 2};
    mps_alignment late;
    known.path_model.statistics[0].unmatched = 0;
    mps_align(&merged_first, &known, &late);
    assert_match(&late, 0, 0, 0, 1448, MPS_MATCH_MERGED);
    assert_match(&late, 1, 1, 0, 1448, MPS_MATCH_MERGED);
    assert_int_equal(late.duplicated, 1);
    mps_alignment_clear(&late);
    const mps_packet sent[] = {data(0, 2896, 1)};
    const mps_packet received[] = {data(0, 1448, 1), data(1448, 1448, 1), data(1448, 1448, 1)};
    mps_alignment a;
    align(sent, 1, received, 3, &a);
    assert_int_equal(a.matched, 1);
    assert_int_equal(a.matched_bytes, 1448);
    assert_int_equal(a.lost + a.unseen + a.ambiguous, 0);
    mps_alignment_clear(&a);
}

/* The receiver acknowledges a segment that its capture lacks: that segment is not lost. A segment
 * is lost if it was not acknowledged, or if its bytes arrived with another segment. */
static void acknowledged(void **state)
{
    (void)state;
    const mps_packet sent[] = {data(0, 1000, 1), data(1000, 1000, 2), data(2000, 1000, 3),
                               data(2000, 1000, 5), data(3000, 1000, 6)};
    const mps_packet received[] = {data(0, 1000, 1), data(2000, 1000, 5)};
    /* The last one acknowledges more than was sent. */
    const mps_packet answers[] = {{.ack = START + 1000, .flags = MPS_TCP_ACK},
                                  {.ack = START + 3000, .flags = MPS_TCP_ACK},
                                  {.ack = START + 9000, .flags = MPS_TCP_ACK}};
    const mps_preserved_fields kept = {.compared = {100, 100, 100, 100, 100, 100},
                                       .equal = {100, 100, 100, 100, 100, 100}};
    mps_align_lists lists = {
        .sent = sent, .sent_count = 5, .received = received, .received_count = 2};
    for (unsigned i = 0; i < 2; i++) {
        mps_alignment a;
        lists.answers = answers;
        lists.answers_count = i ? 3 : 0;
        mps_align(&lists, &kept, &a);
        assert_int_equal(a.matched, 2);
        assert_int_equal(a.uncaptured, i);
        assert_int_equal(a.lost, 3 - i);
        mps_alignment_clear(&a);
    }
}

static uint32_t next_cut(GRand *random, uint32_t left)
{
    uint32_t cut = 1 + g_rand_int(random) % 20000;
    return MIN(left, cut);
}

/* A stream is cut at random at both ends, and parts are lost. Every match has the same bytes and
 * timestamps, and every byte that arrived is matched. */
static void random_cuts(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(5);
    for (unsigned run = 0; run < 300; run++) {
        mps_packet sent[200], received[400];
        size_t sent_count = 0, received_count = 0;
        uint32_t at = 0;
        uint64_t arrived = 0;
        while (sent_count < 100) { /* each end cuts a batch in its own way */
            uint32_t length = 1 + g_rand_int(random) % 60000, cut;
            uint32_t tsval = 10 + (uint32_t)sent_count;
            for (uint32_t from = 0; from < length && sent_count < 199; from += cut) {
                cut = next_cut(random, length - from);
                if (sent_count == 198)
                    cut = length - from;
                sent[sent_count++] = data(at + from, cut, tsval);
            }
            for (uint32_t from = 0; from < length && received_count < 399; from += cut) {
                cut = next_cut(random, length - from);
                if (g_rand_int(random) % 20 == 0)
                    continue; /* lost */
                received[received_count++] = data(at + from, cut, tsval);
                arrived += cut;
            }
            at += length;
        }
        mps_alignment a;
        align(sent, sent_count, received, received_count, &a);
        assert_int_equal(a.matched_bytes, arrived);
        assert_int_equal(a.ambiguous + a.unseen + a.duplicated, 0);
        assert_int_equal(a.sent, a.matched + a.lost);
        for (guint i = 0; i < a.matches->len; i++) {
            const mps_match *match = &g_array_index(a.matches, mps_match, i);
            const mps_packet *s = &sent[match->sent], *r = &received[match->received];
            assert_int_equal(s->tsval, r->tsval);
            uint32_t s_at = s->seq - START, r_at = r->seq - START;
            uint32_t from = MAX(s_at, r_at), to = MIN(s_at + s->length, r_at + r->length);
            assert_true(to > from);
            assert_int_equal(match->length, to - from);
        }
        mps_alignment_clear(&a);
    }
    g_rand_free(random);
}

/* Send segments that the path cuts into parts. Lost parts, and a few that are not lost, are sent
 * again as segments of their own.
 * @param sent     appended to
 * @param packets  the parts that arrive are appended: `frame` is the index of the sent segment */
static void cut_and_send_again(GRand *random, GArray *sent, GArray *packets)
{
    GArray *again = g_array_new(FALSE, FALSE, sizeof(mps_packet));
    for (uint32_t at = 0; sent->len < 100;) {
        uint32_t parts = 1 + g_rand_int(random) % 4;
        mps_packet whole = data(at, parts * 1000, 0);
        bool resend = again->len > 0 && g_rand_int(random) % 4 == 0;
        if (resend) {
            whole = g_array_index(again, mps_packet, 0);
            g_array_remove_index(again, 0);
            parts = whole.length / 1000;
        } else {
            at += whole.length;
        }
        for (uint32_t i = 0, step; i < parts; i += step) { /* a part is 1000 or 2000 bytes */
            step = MIN(1 + g_rand_int(random) % 2, parts - i);
            mps_packet part = data(whole.seq - START + 1000 * i, 1000 * step, 0);
            part.frame = sent->len;
            bool lost = g_rand_int(random) % 12 == 0;
            if (lost || g_rand_int(random) % 50 == 0) /* a spurious one */
                g_array_append_val(again, part);
            if (!lost)
                g_array_append_val(packets, part);
        }
        g_array_append_val(sent, whole);
    }
    g_array_free(again, TRUE);
}

/* Where only the bytes distinguish transmissions, no transmission is mistaken for another. */
static void sent_again_unmarked(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(6);
    uint32_t matched = 0, all = 0;
    for (unsigned run = 0; run < 1000; run++) {
        GArray *sent = g_array_new(FALSE, FALSE, sizeof(mps_packet));
        GArray *received = g_array_new(FALSE, FALSE, sizeof(mps_packet));
        cut_and_send_again(random, sent, received);
        mps_alignment a;
        const mps_packet *arrived = (const mps_packet *)received->data;
        align((const mps_packet *)sent->data, sent->len, arrived, received->len, &a);
        for (guint i = 0; i < a.matches->len; i++) {
            const mps_match *match = &g_array_index(a.matches, mps_match, i);
            assert_int_equal(match->sent, arrived[match->received].frame);
        }
        assert_int_equal(a.sent, a.matched + a.lost + a.ambiguous);
        matched += a.matched;
        all += a.sent;
        mps_alignment_clear(&a);
        g_array_free(sent, TRUE);
        g_array_free(received, TRUE);
    }
    assert_true(matched > all / 2);
    g_rand_free(random);
}

/* Some segments are lost, others are missing at the sender's capture, and some bytes are sent
 * twice. Parts may then belong to another transmission, unless the sender's capture misses none. */
static void parts_in_doubt(void **state)
{
    (void)state;
    mps_preserved_fields known = {
        .compared = {1000, 1000, 1000, 1000, 1000, 1000},
        .equal = {1000, 1000, 1000, 1000, 1000, 1000},
        .path_model = {.statistics = {[1] = {.sent = 1000, .received = 1000, .lost = 20}}},
    };
    const mps_packet sent[] = {data(0, 2000, 0), data(2000, 2000, 0), data(4000, 2000, 0),
                               data(4000, 1000, 0)};
    const mps_packet received[] = {data(0, 1000, 0), data(1000, 1000, 0), data(2000, 1000, 0)};
    const mps_align_lists lists = {
        .sent = sent, .sent_count = 4, .received = received, .received_count = 3};
    for (unsigned missed = 0; missed <= 20; missed += 20) {
        mps_alignment a;
        known.path_model.statistics[1].unmatched = missed;
        mps_align(&lists, &known, &a);
        assert_int_equal(a.matched, missed ? 0 : 2);
        assert_int_equal(a.ambiguous, missed ? 2 : 0);
        assert_int_equal(a.lost, 2);
        mps_alignment_clear(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split),
        cmocka_unit_test(split_and_late),
        cmocka_unit_test(merged),
        cmocka_unit_test(part_lost),
        cmocka_unit_test(sent_again),
        cmocka_unit_test(arrived_twice),
        cmocka_unit_test(acknowledged),
        cmocka_unit_test(random_cuts),
        cmocka_unit_test(sent_again_unmarked),
        cmocka_unit_test(parts_in_doubt),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
