/* test_loss_proof.c: which losses are proved where the receiver's capture misses segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "compare/loss_proof.h"
#include <string.h>

enum { MOST = 16, SEQ = 0xffffff00u, SIZE = 1000 };

/* One direction: what each capture has, in the order of time. */
typedef struct {
    mps_packet sent[MOST], received[MOST], answers[MOST], arrived[MOST];
    unsigned sent_count, received_count, answers_count, arrived_count;
    uint8_t outcomes[MOST];
    mps_alignment alignment;
    uint32_t order; /* in the receiver's capture */
} scene;

static void scene_init(scene *s)
{
    memset(s, 0, sizeof *s);
    s->alignment.matches = g_array_new(FALSE, FALSE, sizeof(mps_match));
    s->alignment.sent_outcomes = s->outcomes;
}

/* Send the n-th payload of SIZE bytes (-1: a pure ACK). @return its number */
static uint32_t send_it(scene *s, int n)
{
    s->sent[s->sent_count] = (mps_packet){.seq = SEQ + (n < 0 ? 0 : (uint32_t)n * SIZE),
                                          .length = n < 0 ? 0 : SIZE,
                                          .flags = MPS_TCP_ACK};
    s->outcomes[s->sent_count] = MPS_SENT_LOST;
    s->alignment.lost++;
    s->alignment.sent++;
    return s->sent_count++;
}

/* A sent segment arrives, and is captured. */
static void arrive(scene *s, uint32_t sent)
{
    mps_match match = {sent, s->received_count, s->sent[sent].length, MPS_MATCH_EXACT};
    g_array_append_val(s->alignment.matches, match);
    s->received[s->received_count] = s->sent[sent];
    s->received[s->received_count++].order = ++s->order;
    s->outcomes[sent] = MPS_SENT_MATCHED;
    s->alignment.lost--;
}

/* The receiver acknowledges all payload before the n-th.
 * @param captured  in its capture @param got  in that of the sender, too */
static void acknowledge(scene *s, int n, bool captured, bool got)
{
    mps_packet ack = {.ack = SEQ + (uint32_t)n * SIZE, .flags = MPS_TCP_ACK};
    ack.order = ++s->order;
    if (captured)
        s->answers[s->answers_count++] = ack;
    if (got)
        s->arrived[s->arrived_count++] = ack;
}

static void prove(scene *s)
{
    const mps_align_lists lists = {.sent = s->sent,
                                   .received = s->received,
                                   .sent_count = s->sent_count,
                                   .received_count = s->received_count,
                                   .answers = s->answers,
                                   .answers_count = s->answers_count};
    unsigned counts[MPS_SENT_UNDETERMINED + 1] = {0};
    mps_losses_prove(&lists, s->arrived, s->arrived_count, &s->alignment);
    for (unsigned i = 0; i < s->sent_count; i++)
        counts[s->outcomes[i]]++;
    assert_int_equal(counts[MPS_SENT_LOST], s->alignment.lost);
    assert_int_equal(counts[MPS_SENT_UNDETERMINED], s->alignment.undetermined);
    assert_int_equal(counts[MPS_SENT_MISSING_AT_RECEIVER], s->alignment.uncaptured);
    g_array_free(s->alignment.matches, TRUE);
}

static void test_sent_again(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    uint32_t lost = send_it(&s, 0), next = send_it(&s, 1);
    arrive(&s, next);
    acknowledge(&s, 0, true, true);
    arrive(&s, send_it(&s, 0));
    acknowledge(&s, 2, true, true);
    prove(&s);
    assert_int_equal(s.outcomes[lost], MPS_SENT_LOST);
}

static void test_acknowledged_before_the_copy_arrived(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    uint32_t first = send_it(&s, 0), again = send_it(&s, 0);
    acknowledge(&s, 1, true, false);
    arrive(&s, again);
    acknowledge(&s, 1, true, true);
    prove(&s);
    assert_int_equal(s.outcomes[first], MPS_SENT_UNDETERMINED);
}

/* The receiver's capture lacks the first ACK, too. The sender got it before it sent a copy, or
 * after that. */
static void test_acknowledged_before_the_copy_was_sent(void **state)
{
    (void)state;
    for (unsigned late = 0; late < 2; late++) {
        scene s;
        scene_init(&s);
        uint32_t first = send_it(&s, 0), again = send_it(&s, 0), third = send_it(&s, 0);
        s.sent[first].order = 1;
        s.sent[again].order = 3;
        s.sent[third].order = 5;
        acknowledge(&s, 1, false, true);
        s.arrived[0].order = late ? 6 : 2;
        arrive(&s, third);
        acknowledge(&s, 1, true, false);
        prove(&s);
        assert_int_equal(s.outcomes[first], late ? MPS_SENT_LOST : MPS_SENT_MISSING_AT_RECEIVER);
        assert_int_equal(s.outcomes[again], late ? MPS_SENT_LOST : MPS_SENT_UNDETERMINED);
    }
}

/* The rest was sent only once, and arrived. */
static void test_sent_again_in_part(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    uint32_t first = send_it(&s, 0), again = send_it(&s, 0);
    s.sent[first].length = 2 * SIZE;
    arrive(&s, again);
    acknowledge(&s, 2, true, true);
    prove(&s);
    assert_int_equal(s.outcomes[first], MPS_SENT_MISSING_AT_RECEIVER);
}

static void test_sent_once_and_acknowledged(void **state)
{
    for (unsigned captured = 0; captured < 2; captured++) {
        scene s;
        (void)state;
        scene_init(&s);
        uint32_t first = send_it(&s, 0);
        arrive(&s, send_it(&s, 1));
        acknowledge(&s, 2, captured, !captured);
        prove(&s);
        assert_int_equal(s.outcomes[first], MPS_SENT_MISSING_AT_RECEIVER);
    }
}

static void test_one_of_two_copies_arrived(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    uint32_t first = send_it(&s, 0), again = send_it(&s, 0);
    arrive(&s, send_it(&s, 1));
    acknowledge(&s, 2, true, true);
    prove(&s);
    assert_int_equal(s.outcomes[first], MPS_SENT_UNDETERMINED);
    assert_int_equal(s.outcomes[again], MPS_SENT_UNDETERMINED);
}

static void test_still_asked_for_at_the_end(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    arrive(&s, send_it(&s, 0));
    uint32_t asked = send_it(&s, 1), beyond = send_it(&s, 2);
    arrive(&s, send_it(&s, 3));
    acknowledge(&s, 1, true, true);
    prove(&s);
    assert_int_equal(s.outcomes[asked], MPS_SENT_LOST);
    assert_int_equal(s.outcomes[beyond], MPS_SENT_UNDETERMINED);
}

static void test_may_be_on_its_way_at_the_end(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    arrive(&s, send_it(&s, 0));
    acknowledge(&s, 1, true, true);
    uint32_t last = send_it(&s, 1);
    prove(&s);
    assert_int_equal(s.outcomes[last], MPS_SENT_UNDETERMINED);
}

static void test_without_payload(void **state)
{
    scene s;
    (void)state;
    scene_init(&s);
    uint32_t ack = send_it(&s, -1), reset = send_it(&s, -1), finish = send_it(&s, -1);
    s.sent[reset].flags = MPS_TCP_RST;
    s.sent[finish].flags = MPS_TCP_ACK | MPS_TCP_FIN;
    uint32_t again = send_it(&s, -1);
    s.sent[again].flags = MPS_TCP_ACK | MPS_TCP_FIN;
    arrive(&s, again);
    prove(&s);
    assert_int_equal(s.outcomes[ack], MPS_SENT_UNDETERMINED);
    assert_int_equal(s.outcomes[reset], MPS_SENT_UNDETERMINED);
    assert_int_equal(s.outcomes[finish], MPS_SENT_LOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sent_again),
        cmocka_unit_test(test_acknowledged_before_the_copy_arrived),
        cmocka_unit_test(test_acknowledged_before_the_copy_was_sent),
        cmocka_unit_test(test_sent_again_in_part),
        cmocka_unit_test(test_sent_once_and_acknowledged),
        cmocka_unit_test(test_one_of_two_copies_arrived),
        cmocka_unit_test(test_still_asked_for_at_the_end),
        cmocka_unit_test(test_may_be_on_its_way_at_the_end),
        cmocka_unit_test(test_without_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
