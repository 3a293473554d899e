/* compare.c: two captures compared: their rows, by subflow and direction, and clocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"
#include "match/partners.h"
#include <math.h>
#include <mptcpscope/error.h>

static uint32_t connection_of(const mps_trace *trace, uint32_t id, uint32_t *subflow)
{
    uint32_t connection;
    mps_tracker_numbers(mps_trace_tracker(trace), id, &connection, subflow);
    return connection;
}

static mps_comparison_row new_row(const mps_comparison *owd, const mps_pair *pair)
{
    mps_comparison_row row = {.connection = MPS_NONE,
                              .peer_connection = MPS_NONE,
                              .peer_subflow = MPS_NONE,
                              .pair = *pair};
    if (pair->b != MPS_NONE)
        row.peer_connection = connection_of(owd->b, pair->b, &row.peer_subflow);
    row.subflow = row.peer_subflow;
    if (pair->a != MPS_NONE)
        row.connection = connection_of(owd->a, pair->a, &row.subflow);
    return row;
}

static void add_rows(mps_comparison *owd, mps_comparison_row row)
{
    for (unsigned direction = MPS_C2S; direction <= MPS_S2C; direction++) {
        row.direction = (mps_direction)direction;
        g_array_append_val(owd->rows, row);
    }
}

uint32_t *mps_comparison_partners(const mps_comparison *owd, bool of_a)
{
    uint32_t count = mps_tracker_connections(mps_trace_tracker(of_a ? owd->a : owd->b));
    uint32_t *partners = mps_partners_new(count);
    for (guint i = 0; i < owd->pairs->connections->len; i++) {
        const mps_connection_pair *pair =
            &g_array_index(owd->pairs->connections, mps_connection_pair, i);
        if (pair->a != MPS_NONE && pair->b != MPS_NONE)
            partners[of_a ? pair->a : pair->b] = of_a ? pair->b : pair->a;
    }
    return partners;
}

/* A subflow that one capture does not have counts where its connection is in both: all of it was
 * lost, or not seen. A connection that is in one capture only says nothing of the path. */
static void add_all_rows(mps_comparison *owd)
{
    uint32_t *in_b = mps_comparison_partners(owd, true),
             *in_a = mps_comparison_partners(owd, false);
    for (guint i = 0; i < owd->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(owd->pairs->subflows, mps_pair, i);
        mps_comparison_row row = new_row(owd, pair);
        if (pair->b == MPS_NONE)
            row.peer_connection = row.connection == MPS_NONE ? MPS_NONE : in_b[row.connection];
        if (pair->a == MPS_NONE)
            row.connection = row.peer_connection == MPS_NONE ? MPS_NONE : in_a[row.peer_connection];
        if (mps_pair_in_both(pair) ||
            (row.connection != MPS_NONE && row.peer_connection != MPS_NONE))
            add_rows(owd, row);
    }
    g_free(in_a);
    g_free(in_b);
}

void mps_comparison_lists(const mps_comparison *owd, const mps_comparison_row *row,
                          mps_align_lists *lists)
{
    if (mps_pair_in_both(&row->pair)) {
        mps_pair_lists(owd->a, owd->b, &row->pair, row->direction, row->a_sends, lists);
        return;
    }
    bool in_a = row->pair.a != MPS_NONE;
    size_t count;
    const mps_packet *packets =
        in_a ? mps_trace_packets(owd->a, row->pair.a, row->direction, &count)
             : mps_trace_packets(owd->b, row->pair.b, row->direction, &count);
    *lists = (mps_align_lists){0};
    if (in_a == row->a_sends) {
        lists->sent = packets;
        lists->sent_count = count;
    } else {
        lists->received = packets;
        lists->received_count = count;
    }
}

void mps_comparison_add_to_clock(const mps_comparison *owd, const mps_comparison_row *row,
                                 bool exchange, mps_clock *clock)
{
    mps_align_lists lists;
    mps_comparison_lists(owd, row, &lists);
    const GArray *matches = row->alignment.matches;
    if (!lists.sent || !lists.received)
        return;
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        int64_t sent = lists.sent[match->sent].time;
        int64_t received = lists.received[match->received].time;
        mps_clock_add(clock, row->pair.a, row->a_sends != exchange, row->a_sends ? sent : received,
                      row->a_sends ? received : sent);
    }
}

/* Everything matches at once: there is no path between these captures. */
static bool is_one_capture(const mps_comparison *owd)
{
    bool any = false;
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(owd->rows, mps_comparison_row, i);
        mps_align_lists lists;
        mps_comparison_lists(owd, row, &lists);
        if (!lists.sent || !lists.received)
            continue;
        for (guint k = 0; k < row->alignment.matches->len; k++) {
            const mps_match *match = &g_array_index(row->alignment.matches, mps_match, k);
            if (lists.sent[match->sent].time != lists.received[match->received].time)
                return false;
            any = true;
        }
    }
    return any;
}

/* Count the connections of which no subflow is in the other capture. */
static unsigned count_alone(const mps_comparison *owd, const mps_trace *trace, bool of_a)
{
    uint32_t count = mps_tracker_connections(mps_trace_tracker(trace)), subflow;
    bool *paired = g_new0(bool, MAX(count, 1));
    unsigned alone = count;
    for (guint i = 0; i < owd->pairs->subflows->len; i++) {
        const mps_pair *pair = &g_array_index(owd->pairs->subflows, mps_pair, i);
        if (!mps_pair_in_both(pair))
            continue;
        uint32_t number = connection_of(trace, of_a ? pair->a : pair->b, &subflow);
        if (number != MPS_NONE && !paired[number]) {
            paired[number] = true;
            alone--;
        }
    }
    g_free(paired);
    return alone;
}

static void note_alone(mps_comparison *owd, unsigned count, const char *own, const char *other)
{
    if (count > 0)
        g_ptr_array_add(owd->notes, g_strdup_printf("%u connection%s of %s %s not in %s.", count,
                                                    count == 1 ? "" : "s", own,
                                                    count == 1 ? "is" : "are", other));
}

static void note_twice(mps_comparison *owd, uint32_t count, const char *of)
{
    if (count > 0)
        g_ptr_array_add(owd->notes,
                        g_strdup_printf("%s's capture shows each packet of %u TCP connection%s "
                                        "twice: it counts once, as it was seen first.",
                                        of, count, count == 1 ? "" : "s"));
}

static bool any_pair(const mps_pairs *pairs)
{
    for (guint i = 0; i < pairs->subflows->len; i++)
        if (mps_pair_in_both(&g_array_index(pairs->subflows, mps_pair, i)))
            return true;
    return false;
}

int64_t mps_comparison_delay(const mps_comparison *owd, bool a_sends, int64_t time_a,
                             int64_t time_b)
{
    int64_t ahead = owd->corrected ? mps_clock_ahead(&owd->clock, a_sends, time_a, time_b,
                                                     owd->mode == MPS_CLOCK_SKEW)
                                   : 0;
    /* Times of a hostile capture may be further apart than 2^63 ns: they wrap. */
    uint64_t delay = (uint64_t)time_b - (uint64_t)time_a - (uint64_t)ahead;
    return (int64_t)(a_sends ? delay : -delay);
}

bool mps_comparison_error(const mps_comparison *owd, bool a_sends, int64_t time_a, int64_t time_b,
                          int64_t *low, int64_t *high)
{
    int64_t from, to, taken = 0; /* B's clock minus A's: at least, at most, and as corrected */
    if (!owd->clock.has_offset)
        return false;
    if (owd->corrected)
        taken = mps_clock_ahead(&owd->clock, a_sends, time_a, time_b, owd->mode == MPS_CLOCK_SKEW);
    mps_clock_bounds(&owd->clock, time_a, time_b, &from, &to);
    *low = a_sends ? taken - to : from - taken;
    *high = a_sends ? taken - from : to - taken;
    /* A delay is in seconds of B's clock, which may be longer or shorter than true ones. */
    double most = (double)mps_comparison_delay(owd, a_sends, time_a, time_b) + (double)*high;
    *low -= (int64_t)ceil(fmax(most, 0) * fmax(owd->clock.skew_high, 0));
    double slow = fmax(-owd->clock.skew_low, 0);
    *high += (int64_t)ceil(fmax(most, 0) * slow / (1 - slow));
    return true;
}

/* By how much the steps of the clock between two times may be wrong, ns: not corrected, or the time
 * of a segment near them taken for one on their other side. */
static double steps_between(const mps_comparison *owd, int64_t from, int64_t until)
{
    double sum = 0;
    for (guint i = 0; owd->clock.steps && i < owd->clock.steps->len; i++) {
        const mps_clock_step *step = &g_array_index(owd->clock.steps, mps_clock_step, i);
        if (step->until < from || step->from > until)
            continue;
        sum += fmax(fabs((double)step->size_low), fabs((double)step->size_high));
        sum += owd->corrected ? fabs((double)step->size) : 0;
    }
    return sum;
}

bool mps_comparison_drift(const mps_comparison *owd, int64_t from, int64_t until, int64_t *most)
{
    const mps_clock_estimate *clock = &owd->clock;
    bool followed = owd->corrected && owd->mode == MPS_CLOCK_SKEW;
    double taken = followed ? clock->skew : 0;
    double rate = fmax(fabs(clock->skew_low - taken), fabs(clock->skew_high - taken));
    double span = (double)((uint64_t)until - (uint64_t)from);
    *most = clock->has_offset ? (int64_t)ceil(rate * span + steps_between(owd, from, until)) : 0;
    return clock->has_offset;
}

/* Clocks belong to hosts: all connections tell of the same two. */
static void estimate_clock(mps_comparison *owd)
{
    mps_clock *clock = mps_clock_new();
    mps_clock_set_resolution(clock,
                             MAX(mps_trace_resolution(owd->a), mps_trace_resolution(owd->b)));
    for (guint i = 0; i < owd->rows->len; i++)
        mps_comparison_add_to_clock(owd, &g_array_index(owd->rows, mps_comparison_row, i), false,
                                    clock);
    mps_clock_estimate_of(clock, &owd->clock);
    mps_clock_free(clock);
}

static void decide_correction(mps_comparison *owd, mps_clock_mode mode)
{
    owd->mode = mode;
    owd->corrected = (mode == MPS_CLOCK_OFFSET && owd->clock.has_offset) ||
                     (mode == MPS_CLOCK_SKEW && owd->clock.has_skew);
}

/* What a host acknowledged and its capture does not have shows that the capture is not complete. */
static void note_uncaptured(mps_comparison *owd)
{
    uint64_t of[2] = {0, 0}; /* A's, B's */
    for (guint i = 0; i < owd->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(owd->rows, mps_comparison_row, i);
        of[row->a_sends] += row->alignment.uncaptured;
    }
    for (unsigned i = 0; i < 2; i++)
        if (of[i] > 0)
            g_ptr_array_add(
                owd->notes,
                g_strdup_printf("%s's capture missed at least %" G_GUINT64_FORMAT
                                " segments that its host received: of those without payload "
                                "that count as lost, some may be, too.",
                                i ? "B" : "A", of[i]));
}

/* Align what both captures have. @return false, with `error`: that is nothing, or they are one */
static bool compare(mps_comparison *owd, GError **error)
{
    if (!any_pair(owd->pairs)) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "no connection is in both captures");
        return false;
    }
    add_all_rows(owd);
    mps_orientation_find(owd);
    note_twice(owd, mps_trace_deduplicated(owd->a), "A");
    note_twice(owd, mps_trace_deduplicated(owd->b), "B");
    note_alone(owd, count_alone(owd, owd->a, true), "A", "B");
    note_alone(owd, count_alone(owd, owd->b, false), "B", "A");
    if (!is_one_capture(owd))
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                "both hold the same segments at the same times: is it one capture twice?");
    return false;
}

mps_comparison *mps_comparison_new(const mps_trace *a, const mps_trace *b, mps_clock_mode mode,
                                   GError **error)
{
    mps_comparison *owd = g_new0(mps_comparison, 1);
    owd->a = a;
    owd->b = b;
    owd->pairs = mps_pairs_find(a, b);
    owd->rows = g_array_new(FALSE, FALSE, sizeof(mps_comparison_row));
    owd->notes = g_ptr_array_new_with_free_func(g_free);
    if (!compare(owd, error)) {
        mps_comparison_free(owd);
        return NULL;
    }
    mps_coverage_find(owd);
    note_uncaptured(owd);
    estimate_clock(owd);
    decide_correction(owd, mode);
    return owd;
}

void mps_comparison_free(mps_comparison *owd)
{
    if (!owd)
        return;
    for (guint i = 0; i < owd->rows->len; i++)
        mps_alignment_clear(&g_array_index(owd->rows, mps_comparison_row, i).alignment);
    g_array_free(owd->rows, TRUE);
    g_ptr_array_free(owd->notes, TRUE);
    mps_pairs_free(owd->pairs);
    mps_clock_estimate_clear(&owd->clock);
    g_free(owd);
}
