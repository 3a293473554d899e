/* test_path_model.c: which fields mps_align() considers preserved, where the evidence is weak.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "match/align.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Segments without SACK blocks; unique ones and duplicate ACKs with SACK blocks. */
enum { UNIQUE = 200, WITH_SACK = 20, ALL = UNIQUE + 2 * WITH_SACK };

static void align(const mps_packet *sent, size_t sent_count, const mps_packet *received,
                  size_t received_count, mps_alignment *a)
{
    const mps_align_lists lists = {.sent = sent,
                                   .sent_count = sent_count,
                                   .received = received,
                                   .received_count = received_count};
    mps_preserved_fields prior = {0};
    mps_path_model_survey(&lists, &prior);
    mps_align(&lists, &prior, a);
    for (guint i = 0; i < a->matches->len; i++) {
        const mps_match *match = &g_array_index(a->matches, mps_match, i);
        assert_int_equal(sent[match->sent].frame, received[match->received].frame);
    }
}

static mps_packet acknowledge(uint32_t frame, uint32_t ack)
{
    return (mps_packet){.frame = frame,
                        .seq = 5,
                        .ack = ack,
                        .flags = MPS_TCP_ACK,
                        .ip_id = (int32_t)frame + 1,
                        .tsval = frame + 1,
                        .tsecr = 9};
}

/* A path that shifts sequence numbers may leave SACK blocks unchanged. Relative to the
 * acknowledgement number, the blocks then differ. Of 220 segments with unique numbers, 20 have such
 * blocks; of the duplicate ACKs, all have. All match nevertheless, by their IP IDs. */
static void test_sack_not_shifted(void **state)
{
    (void)state;
    mps_packet sent[ALL], received[ALL];
    for (uint32_t i = 0; i < ALL; i++) {
        bool duplicate = i >= UNIQUE + WITH_SACK;
        sent[i] = received[i] = acknowledge(i, duplicate ? 77 : 1000 + i);
        if (i >= UNIQUE) {
            sent[i].sack = 2 * i;
            received[i].sack = 2 * i + 1;
        }
    }
    mps_alignment a;
    align(sent, ALL, received, ALL, &a);
    assert_int_equal(a.matched, ALL);
    assert_int_equal(a.lost + a.ambiguous + a.unseen, 0);
    mps_alignment_clear(&a);
}

/* Captures with little in common: of 60 segments at either end, a few are in both captures. Others
 * were sent twice; the first was lost, and the second is missing at the sender's capture. Neither
 * their IP IDs nor their timestamps agree, and that does not show that the path changes these. */
static void test_little_in_common(void **state)
{
    (void)state;
    enum { COUNT = 60, TWICE = 18 };
    for (uint32_t common = 0; common <= 12; common++) {
        mps_packet sent[COUNT], received[COUNT];
        for (uint32_t i = 0; i < COUNT; i++) {
            sent[i] = received[i] = acknowledge(i, 1000 + i);
            if (i < common)
                continue;
            received[i].frame += 1000;
            received[i].ip_id += 1000;
            received[i].tsval += 1000;
            received[i].ack += i < common + TWICE ? 0 : 1000;
        }
        mps_alignment a;
        align(sent, COUNT, received, COUNT, &a);
        assert_int_equal(a.matched, common);
        mps_alignment_clear(&a);
    }
}

/* A path that changes the IP IDs and timestamps of all segments: all match. */
static void test_all_changed(void **state)
{
    (void)state;
    mps_packet sent[UNIQUE], received[UNIQUE];
    for (uint32_t i = 0; i < UNIQUE; i++) {
        sent[i] = received[i] = acknowledge(i, 1000 + i);
        received[i].ip_id = 7;
        received[i].tsval += 123456;
    }
    mps_alignment a;
    align(sent, UNIQUE, received, UNIQUE, &a);
    assert_int_equal(a.matched, UNIQUE);
    mps_alignment_clear(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sack_not_shifted),
        cmocka_unit_test(test_little_in_common),
        cmocka_unit_test(test_all_changed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
