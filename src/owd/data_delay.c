/* data_delay.c: what the data of a connection took.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "data_delay.h"
#include "analysis/first_seen.h"

/* Data bytes that were first seen in one segment. */
typedef struct {
    uint64_t start, end; /* as on the wire, but for bits that are lost beyond 64 */
    int64_t time;
    int64_t whole_time; /* when all below had been seen as well */
    bool whole;         /* they were */
} mps_data_stretch;

/* No byte is missing up to the first gap. */
static void find_whole(GArray *stretches)
{
    for (guint i = 0; i < stretches->len; i++) {
        mps_data_stretch *stretch = &g_array_index(stretches, mps_data_stretch, i);
        const mps_data_stretch *below = i > 0 ? stretch - 1 : stretch;
        stretch->whole = i == 0 || (below->whole && below->end == stretch->start);
        stretch->whole_time = i == 0 ? stretch->time : MAX(stretch->time, below->whole_time);
    }
}

/* What was first seen when, in the order of data sequence numbers. NULL: these are not known. */
static GArray *stretches_of(const mps_trace *trace, uint32_t number, mps_direction direction)
{
    if (number == MPS_NONE) /* there it is plain TCP */
        return NULL;
    const mps_tracker *tracker = mps_trace_tracker(trace);
    uint32_t space_id = mps_analysis_space(tracker, number, direction);
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_space *space = &connection->space[direction];
    const GArray *all = mps_seen_data_of(tracker, space_id);
    if (!all || !space->absolute_known)
        return NULL;
    GArray *firsts = mps_first_seen_of(all);
    GArray *stretches = g_array_sized_new(FALSE, TRUE, sizeof(mps_data_stretch), firsts->len);
    for (guint i = 0; i < firsts->len; i++) {
        const mps_seen_data *first = &g_array_index(firsts, mps_seen_data, i);
        mps_data_stretch stretch = {.start = first->start + space->offset, .time = first->time};
        stretch.end = stretch.start + first->length;
        g_array_append_val(stretches, stretch);
    }
    g_array_free(firsts, TRUE);
    find_whole(stretches);
    return stretches;
}

/* Delays, and what the clocks may add to them. */
typedef struct {
    const mps_comparison *comparison;
    bool a_sends;
    GArray *delays;
    mps_figures *figures;
} mps_delay_sample;

static void add_delay(mps_delay_sample *sample, int64_t sent, int64_t received)
{
    int64_t time_a = sample->a_sends ? sent : received, low, high;
    int64_t time_b = sample->a_sends ? received : sent;
    int64_t delay = mps_comparison_delay(sample->comparison, sample->a_sends, time_a, time_b);
    mps_figures *figures = sample->figures;
    g_array_append_val(sample->delays, delay);
    if (!mps_comparison_error(sample->comparison, sample->a_sends, time_a, time_b, &low, &high))
        return;
    figures->error_low = figures->has_error ? MIN(figures->error_low, low) : low;
    figures->error_high = figures->has_error ? MAX(figures->error_high, high) : high;
    figures->has_error = true;
}

static void add_stretch(mps_delay_sample *arrival, mps_delay_sample *delivery,
                        const mps_data_stretch *sent, const mps_data_stretch *received)
{
    add_delay(arrival, sent->time, received->time);
    if (received->whole)
        add_delay(delivery, sent->time, received->whole_time);
}

/* Hold what was sent against what was received, both in the order of numbers. */
static void join(const GArray *sent, const GArray *received, mps_delay_sample *arrival,
                 mps_delay_sample *delivery)
{
    for (guint i = 0, k = 0; i < sent->len && k < received->len;) {
        const mps_data_stretch *from = &g_array_index(sent, mps_data_stretch, i);
        const mps_data_stretch *to = &g_array_index(received, mps_data_stretch, k);
        if (from->start < to->end && to->start < from->end)
            add_stretch(arrival, delivery, from, to);
        if (from->end <= to->end)
            i++;
        else
            k++;
    }
}

static void end_sample(mps_delay_sample *sample)
{
    if (sample->delays->len > 0)
        mps_statistics_of((int64_t *)sample->delays->data, sample->delays->len,
                          &sample->figures->delay);
    g_array_free(sample->delays, TRUE);
}

void mps_data_delay_of(const mps_comparison *comparison, const mps_aggregate *connection,
                       mps_data_delay *data)
{
    const mps_comparison_row *row = connection->row;
    mps_direction direction = row->pair.flipped ? !row->direction : row->direction;
    *data = (mps_data_delay){0};
    if (connection->alignment.unseen > 0) /* what seems to be the first time may be the second */
        return;
    GArray *in_a = stretches_of(comparison->a, row->connection, row->direction);
    GArray *in_b = stretches_of(comparison->b, row->peer_connection, direction);
    if (in_a && in_b) {
        mps_delay_sample arrival = {comparison, row->a_sends,
                                    g_array_new(FALSE, FALSE, sizeof(int64_t)), &data->arrival};
        mps_delay_sample delivery = {comparison, row->a_sends,
                                     g_array_new(FALSE, FALSE, sizeof(int64_t)), &data->delivery};
        join(row->a_sends ? in_a : in_b, row->a_sends ? in_b : in_a, &arrival, &delivery);
        end_sample(&arrival);
        end_sample(&delivery);
    }
    if (in_a)
        g_array_free(in_a, TRUE);
    if (in_b)
        g_array_free(in_b, TRUE);
}
