/* series.c: the report "series" (docs/report-series.md): a row per interval, subflow and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "intervals.h"
#include "report_internal.h"
#include <math.h>
#include <stdlib.h>

static const mps_column columns[] = {
    {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},
    {NULL, "start_relative", MPS_VALUE_SECONDS, "Start", "s", 3},
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "segments", MPS_VALUE_UINT, "Segments", NULL, 0},
    {NULL, "bytes", MPS_VALUE_UINT, "Bytes", NULL, 0},
    {NULL, "throughput", MPS_VALUE_REAL, "Throughput", "Mbit/s", 3},
    {NULL, "data_bytes", MPS_VALUE_INT, "Data", NULL, 0},
    {NULL, "goodput", MPS_VALUE_REAL, "Goodput", "Mbit/s", 3},
    {NULL, "retransmitted_bytes", MPS_VALUE_UINT, "Retrans.", NULL, 0},
    {NULL, "reinjected_bytes", MPS_VALUE_INT, "Reinj.", NULL, 0},
    {NULL, "in_flight", MPS_VALUE_UINT, "Flight", NULL, 0},
    {NULL, "in_flight_max", MPS_VALUE_UINT, "max", NULL, 0},
    {NULL, "data_in_flight", MPS_VALUE_UINT, "Data fl.", NULL, 0},
    {NULL, "data_in_flight_max", MPS_VALUE_UINT, "max", NULL, 0},
    {NULL, "receive_window", MPS_VALUE_UINT, "Window", NULL, 0},
    {NULL, "rtt", MPS_VALUE_SECONDS, "RTT", "ms", 3},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("segments"),
    MPS_TEXT_WHEN_WIDE("bytes"),
    MPS_TEXT_WHEN_WIDE("data_bytes"),
    MPS_TEXT_WHEN_WIDE("in_flight"),
    MPS_TEXT_AS("in_flight_max", "Flight max"),
    MPS_TEXT_WHEN_WIDE("data_in_flight"),
    MPS_TEXT_AS("data_in_flight_max", "Data flight max"),
    MPS_TEXT_END,
};

/* A row before it is written. Numbers may change while segments come, so they are looked up now. */
typedef struct {
    const mps_interval *interval;
    uint32_t connection, subflow;
} mps_series_row;

static int compare_rows(const void *a, const void *b)
{
    const mps_series_row *x = a, *y = b;
    if (x->interval->index != y->interval->index)
        return x->interval->index < y->interval->index ? -1 : 1;
    if (x->connection != y->connection)
        return x->connection < y->connection ? -1 : 1;
    return (x->subflow > y->subflow) - (x->subflow < y->subflow);
}

/* Append what was in flight and the window, null where MPS_NONE. */
static void add_state(mps_table *table, const mps_mark *half, const mps_mark *space)
{
    mps_table_add_number(table, half->flight);
    mps_table_add_number(table, half->flight_max);
    mps_table_add_number(table, space->flight);
    mps_table_add_number(table, space->flight_max);
    mps_table_add_number(table, half->window);
}

static void add_row(const mps_intervals *intervals, const mps_tracker *tracker, int64_t length,
                    const mps_series_row *row, mps_direction direction, mps_table *table)
{
    int64_t index = row->interval->index;
    int64_t start = mps_intervals_start(intervals, index),
            origin = mps_intervals_start(intervals, 0);
    uint32_t half_id = mps_analysis_half(tracker, row->interval->subflow, direction);
    uint32_t space_id = mps_analysis_space(tracker, row->connection, direction);
    const mps_interval_counts *counts = &row->interval->counts[half_id & 1];
    mps_mark half = mps_intervals_half(intervals, half_id, index);
    mps_mark space = mps_intervals_space(intervals, space_id, index);
    int64_t relative = mps_minus(start, origin);
    mps_table_add(table, MPS_TIME(start));
    mps_table_add(table, mps_intervals_leapt(intervals) ? MPS_NULL : MPS_SECONDS(relative));
    mps_table_add(table, MPS_UINT(row->connection));
    mps_table_add(table, MPS_UINT(row->subflow));
    mps_table_add_direction(table, direction);
    mps_table_add(table, MPS_UINT(counts->segments));
    mps_table_add(table, MPS_UINT(counts->bytes));
    mps_table_add_rate(table, counts->bytes, length);
    mps_table_add(table, MPS_INT(counts->data));
    mps_table_add_rate(table, counts->data, length);
    mps_table_add(table, MPS_UINT(counts->retransmitted));
    mps_table_add(table, MPS_INT(counts->reinjected));
    add_state(table, &half, &space);
    mps_table_add(table,
                  counts->rtts == 0
                      ? MPS_NULL
                      : MPS_SECONDS(mps_whole(round(counts->rtt_sum / (double)counts->rtts))));
}

/* Append the intervals that are over and were not appended before, by time. */
static void add_done(const mps_report *report, const mps_tracker *tracker, mps_intervals *intervals,
                     mps_table *table)
{
    GArray *done = mps_intervals_done(intervals);
    GArray *found = g_array_new(FALSE, FALSE, sizeof(mps_series_row));
    for (guint i = 0; i < done->len; i++) {
        mps_series_row row = {.interval = &g_array_index(done, mps_interval, i)};
        mps_tracker_numbers(tracker, row.interval->subflow, &row.connection, &row.subflow);
        if (mps_report_wants(report, row.connection))
            g_array_append_val(found, row);
    }
    g_array_sort(found, compare_rows);
    for (guint i = 0; i < found->len; i++)
        for (unsigned direction = 0; direction < 2; direction++)
            add_row(intervals, tracker, report->interval, &g_array_index(found, mps_series_row, i),
                    (mps_direction)direction, table);
    g_array_free(found, TRUE);
    g_array_free(done, TRUE);
}

static void take(const mps_report *report, mps_intervals *intervals, const GArray *items,
                 guint position)
{
    const mps_series_item *item = &g_array_index(items, mps_series_item, position);
    mps_intervals_take(intervals, item, mps_report_passed(report, item->frame));
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    const GArray *items = mps_series_items(tracker);
    if (!items || items->len == 0)
        return;
    mps_intervals *intervals = mps_intervals_new(report->interval);
    GArray *order = mps_series_by_time(tracker);
    const mps_moment *places = (const mps_moment *)(const void *)order->data;
    mps_intervals_begin(intervals, places[0].time);
    for (guint i = 0; i < order->len; i++) {
        if (i > 0 && places[i].leaps != places[i - 1].leaps) {
            mps_intervals_end(intervals);
            add_done(report, tracker, intervals, table);
            mps_intervals_leap(intervals);
        }
        take(report, intervals, items, places[i].place);
    }
    mps_intervals_end(intervals);
    add_done(report, tracker, intervals, table);
    g_array_free(order, TRUE);
    mps_intervals_free(intervals);
}

static void flush(mps_report *report, const mps_tracker *tracker, bool end, mps_table *table)
{
    const GArray *items = mps_series_items(tracker);
    if (!items || items->len == 0)
        return;
    if (!report->live) {
        report->live = mps_intervals_new(report->interval);
        mps_intervals_begin(report->live, g_array_index(items, mps_series_item, 0).time);
    }
    for (; report->live_taken < items->len; report->live_taken++)
        take(report, report->live, items, report->live_taken);
    if (end)
        mps_intervals_end(report->live);
    add_done(report, tracker, report->live, table);
}

const mps_report_kind mps_report_series = {
    .name = "series",
    .title = "MPTCP Series",
    .about = "throughput, goodput, bytes in flight and RTT over time; also live",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_SERIES | MPS_NEED_RTT,
    .rows = rows,
    .takes_interval = true,
    .flush = flush,
};
