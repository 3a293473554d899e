/* data_delay.c: computes the delay of a connection's data.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "data_delay.h"
#include "analysis/first_seen.h"

/* Consecutive data bytes that were first seen in one segment. */
typedef struct {
    uint64_t start, end;   /* data sequence numbers as on the wire, modulo 2^64 */
    int64_t time;          /* when they were first seen, ns */
    int64_t complete_time; /* when all bytes below had been seen as well, ns; if `complete` */
    bool complete;         /* all bytes below were seen */
} mps_data_run;

/* Mark the runs up to the first gap as complete. */
static void find_complete(GArray *runs)
{
    for (guint i = 0; i < runs->len; i++) {
        mps_data_run *run = &g_array_index(runs, mps_data_run, i);
        const mps_data_run *below = i > 0 ? run - 1 : run;
        run->complete = i == 0 || (below->complete && below->end == run->start);
        run->complete_time = i == 0 ? run->time : MAX(run->time, below->complete_time);
    }
}

/* @return mps_data_run of one direction of a connection, by data sequence number; NULL: their 64
 * bits are not known; the caller frees the array */
static GArray *runs_of(const mps_trace *trace, uint32_t number, mps_direction direction)
{
    if (number == MPS_NONE) /* plain TCP in this capture */
        return NULL;
    const mps_tracker *tracker = mps_trace_tracker(trace);
    uint32_t space_id = mps_analysis_space(tracker, number, direction);
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    const mps_space *space = connection->space[direction];
    const GArray *all = mps_seen_data_of(tracker, space_id);
    if (!all || !space->absolute_known)
        return NULL;
    GArray *firsts = mps_first_seen_of(all);
    GArray *runs = g_array_sized_new(FALSE, TRUE, sizeof(mps_data_run), firsts->len);
    for (guint i = 0; i < firsts->len; i++) {
        const mps_seen_data *first = &g_array_index(firsts, mps_seen_data, i);
        mps_data_run run = {.start = first->start + space->offset, .time = first->time};
        run.end = run.start + first->length;
        g_array_append_val(runs, run);
    }
    g_array_free(firsts, TRUE);
    find_complete(runs);
    return runs;
}

/* Delays, and the figures to set from them. */
typedef struct {
    const mps_comparison *comparison;
    bool a_sends;
    GArray *delays;
    mps_figures *figures;
} mps_delay_sample;

static void add_delay(mps_delay_sample *sample, int64_t sent, int64_t received)
{
    int64_t time_a = sample->a_sends ? sent : received;
    int64_t time_b = sample->a_sends ? received : sent;
    int64_t delay = mps_comparison_delay(sample->comparison, sample->a_sends, time_a, time_b);
    g_array_append_val(sample->delays, delay);
    mps_figures_widen_error(sample->comparison, sample->a_sends, time_a, time_b, sample->figures);
}

static void add_run(mps_delay_sample *arrival, mps_delay_sample *delivery, const mps_data_run *sent,
                    const mps_data_run *received)
{
    add_delay(arrival, sent->time, received->time);
    if (received->complete)
        add_delay(delivery, sent->time, received->complete_time);
}

/* Join the sent and the received runs; both are in the order of numbers. */
static void join(const GArray *sent, const GArray *received, mps_delay_sample *arrival,
                 mps_delay_sample *delivery)
{
    for (guint i = 0, k = 0; i < sent->len && k < received->len;) {
        const mps_data_run *from = &g_array_index(sent, mps_data_run, i);
        const mps_data_run *to = &g_array_index(received, mps_data_run, k);
        if (from->start < to->end && to->start < from->end)
            add_run(arrival, delivery, from, to);
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
    /* Without these, what looks like the first transmission may be a later one. */
    if (connection->alignment.unseen > 0)
        return;
    GArray *in_a = runs_of(comparison->a, row->connection, row->direction);
    GArray *in_b = runs_of(comparison->b, row->peer_connection, direction);
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
