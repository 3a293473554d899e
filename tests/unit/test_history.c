/* test_history.c: the earlier transmissions of every byte, against a list kept for each byte.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "reinjection/history.h"
#include <mptcpscope/tracker.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { BYTES = 300, SENT = 400, PARTS = 200 }; /* PARTS: more than history.c keeps apart */

/* Every transmission, and for each byte those that carried it, in their order. */
typedef struct {
    mps_history history;
    GArray *pasts;
    mps_sent sent[SENT];
    uint32_t count;
    GArray *carriers[BYTES]; /* uint32_t */
    uint64_t visited;        /* the visitor was called up to here */
} model;

static model *model_new(void)
{
    model *m = g_new0(model, 1);
    m->pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    mps_history_init(&m->history, m->pasts);
    for (unsigned i = 0; i < BYTES; i++)
        m->carriers[i] = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    return m;
}

static void model_free(model *m)
{
    for (unsigned i = 0; i < BYTES; i++)
        g_array_free(m->carriers[i], TRUE);
    mps_history_clear(&m->history);
    g_array_free(m->pasts, TRUE);
    g_free(m);
}

/* Compare the past of one byte with its list. */
static void check_past(const model *m, uint64_t byte, uint32_t index)
{
    const GArray *carriers = m->carriers[byte];
    int64_t first = INT64_MAX, second = INT64_MAX;
    uint32_t by = MPS_NONE;
    bool undetermined = false;
    if (carriers->len == 0) {
        assert_int_equal(index, MPS_NONE);
        return;
    }
    for (guint i = 0; i < carriers->len; i++) {
        const mps_sent *one = &m->sent[g_array_index(carriers, uint32_t, i)];
        undetermined |= one->arrived == MPS_ARRIVED_UNDETERMINED;
        if (one->arrived == MPS_ARRIVED_YES && one->arrival.time < first) {
            second = first;
            first = one->arrival.time;
            by = 1000 + one->sending;
        } else if (one->arrived == MPS_ARRIVED_YES) {
            second = MIN(second, one->arrival.time);
        }
    }
    const mps_past *past = &g_array_index(m->pasts, mps_past, index);
    assert_int_equal(past->first_by, by);
    assert_int_equal(past->undetermined, undetermined);
    assert_int_equal(past->arrivals, (first < INT64_MAX) + (second < INT64_MAX));
    if (past->arrivals > 0)
        assert_int_equal(past->first.time, first);
    if (past->arrivals > 1)
        assert_int_equal(past->second.time, second);
    assert_int_equal(past->first_sent, m->sent[g_array_index(carriers, uint32_t, 0)].sent);
    for (guint i = carriers->len; i-- > 0; past = &g_array_index(m->pasts, mps_past, index)) {
        assert_int_equal(past->sending, g_array_index(carriers, uint32_t, i));
        index = past->previous;
        if (index == MPS_NONE) {
            assert_int_equal(i, 0);
            break;
        }
    }
}

static uint32_t visit(const mps_sent *sent, uint32_t past, void *data)
{
    model *m = data;
    assert_int_equal(sent->start, m->visited);
    assert_true(sent->length > 0);
    m->visited += sent->length;
    for (uint64_t i = sent->start; i < sent->start + sent->length; i++)
        check_past(m, i, past);
    return 1000 + sent->sending;
}

static void add(model *m, uint64_t start, uint32_t length, mps_arrived arrived, int64_t arrival)
{
    mps_sent *sent = &m->sent[m->count];
    *sent = (mps_sent){start, length, m->count, 10 * m->count, arrived, {arrival, 0, 0}};
    m->visited = start;
    mps_history_add(&m->history, sent, visit, m);
    assert_int_equal(m->visited, start + length);
    for (uint64_t i = start; i < start + length; i++)
        g_array_append_val(m->carriers[i], m->count);
    m->count++;
}

static void test_random(void **state)
{
    (void)state;
    GRand *random = g_rand_new_with_seed(3);
    for (int longest = 2; longest < 128; longest *= 6) { /* few enough parts to keep apart */
        model *m = model_new();
        while (m->count < SENT) {
            uint32_t length = (uint32_t)g_rand_int_range(random, 1, longest + 1);
            uint64_t start = (uint64_t)g_rand_int_range(random, 0, BYTES - (int)length + 1);
            int outcome = g_rand_int_range(random, 0, 20);
            add(m, start, length,
                outcome < 6    ? MPS_ARRIVED_NO
                : outcome < 19 ? MPS_ARRIVED_YES
                               : MPS_ARRIVED_UNDETERMINED,
                g_rand_int_range(random, 0, 1000000));
        }
        model_free(m);
    }
    g_rand_free(random);
}

/* The past of the last visit, and the number of visits. */
typedef struct {
    uint32_t past;
    unsigned visits;
} last_visit;

static uint32_t remember(const mps_sent *sent, uint32_t past, void *data)
{
    last_visit *last = data;
    (void)sent;
    last->past = past;
    last->visits++;
    return MPS_NONE;
}

/* The pasts of a segment that repeats very many small ones are exact to the byte. The past of a
 * later repetition is marked as incomplete. */
static void test_too_many_parts(void **state)
{
    (void)state;
    GArray *pasts = g_array_new(FALSE, FALSE, sizeof(mps_past));
    mps_history history;
    last_visit last = {0, 0};
    mps_history_init(&history, pasts);
    for (uint32_t i = 0; i < PARTS; i++) {
        mps_sent small = {i, 1, i, i, MPS_ARRIVED_YES, {1000 + i, 0, 0}};
        mps_history_add(&history, &small, remember, &last);
    }
    mps_sent large = {0, PARTS, PARTS, 5000, MPS_ARRIVED_YES, {6000, 0, 0}};
    last.visits = 0;
    mps_history_add(&history, &large, remember, &last);
    assert_int_equal(last.visits, PARTS);
    assert_int_equal(g_array_index(pasts, mps_past, last.past).first.time, 1000 + PARTS - 1);
    assert_false(g_array_index(pasts, mps_past, last.past).undetermined);
    last.visits = 0;
    mps_history_add(&history, &large, remember, &last);
    assert_int_equal(last.visits, 1);
    const mps_past *past = &g_array_index(pasts, mps_past, last.past);
    assert_true(past->undetermined);
    assert_true(past->incomplete);
    assert_int_equal(past->arrivals, 0); /* some did, but it is not known which was the first */
    mps_history_clear(&history);
    g_array_free(pasts, TRUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_too_many_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
