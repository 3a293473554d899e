/* rtt.c: the report "rtt" (docs/report-rtt.md): a row per subflow and direction, then one per
 * direction at data level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/rtt.h"
#include "base/statistics.h"
#include "base/times.h"
#include "report_internal.h"
#include <math.h>

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "tcp_stream", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "level", MPS_VALUE_STRING, "Level", NULL, 0},
    {NULL, "handshake_rtt", MPS_VALUE_SECONDS, "HS RTT", "ms", 3},
    {NULL, "samples", MPS_VALUE_UINT, "Samples", NULL, 0},
    {NULL, "ambiguous", MPS_VALUE_UINT, "Ambig.", NULL, 0},
    {NULL, "min", MPS_VALUE_SECONDS, "Min", "ms", 3},
    {NULL, "median", MPS_VALUE_SECONDS, "Median", "ms", 3},
    {NULL, "mean", MPS_VALUE_SECONDS, "Mean", "ms", 3},
    {NULL, "p95", MPS_VALUE_SECONDS, "P95", "ms", 3},
    {NULL, "p99", MPS_VALUE_SECONDS, "P99", "ms", 3},
    {NULL, "max", MPS_VALUE_SECONDS, "Max", "ms", 3},
    {NULL, "stdev", MPS_VALUE_SECONDS, "Std dev", "ms", 3},
    {NULL, "min_frame", MPS_VALUE_UINT, "Min frame", NULL, 0},
    {NULL, "min_data_frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "max_frame", MPS_VALUE_UINT, "Max frame", NULL, 0},
    {NULL, "max_data_frame", MPS_VALUE_UINT, NULL, NULL, 0},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_UNKNOWN_AS("subflow", "Subflow", "data"),
    MPS_TEXT_WITHOUT("level"),
    MPS_TEXT_WHEN_WIDE("handshake_rtt"),
    MPS_TEXT_WHEN_WIDE("ambiguous"),
    MPS_TEXT_END,
};

/* The samples of one row that passed the filter. */
typedef struct {
    GArray *times;           /* int64_t, ns */
    unsigned ambiguous;      /* acknowledgements without a sample */
    mps_rtt_sample min, max; /* the first smallest and largest */
} mps_selection;

static void select_sample(mps_selection *selection, const mps_rtt_sample *sample)
{
    if (sample->data_frame == 0) {
        selection->ambiguous++;
        return;
    }
    if (selection->times->len == 0 || sample->time < selection->min.time)
        selection->min = *sample;
    if (selection->times->len == 0 || sample->time > selection->max.time)
        selection->max = *sample;
    g_array_append_val(selection->times, sample->time);
}

static mps_selection select_samples(const mps_report *report, const GArray *samples)
{
    mps_selection selection = {.times = g_array_new(FALSE, FALSE, sizeof(int64_t))};
    for (guint i = 0; samples && i < samples->len; i++) {
        const mps_rtt_sample *sample = &g_array_index(samples, mps_rtt_sample, i);
        if (mps_report_passed(report, sample->frame))
            select_sample(&selection, sample);
    }
    return selection;
}

/* @return the sample standard deviation (divisor n - 1), ns. @param count  at least 2 */
static double deviation(const int64_t *times, size_t count, double mean)
{
    double squares = 0;
    for (size_t i = 0; i < count; i++)
        squares += ((double)times[i] - mean) * ((double)times[i] - mean);
    return sqrt(squares / (double)(count - 1));
}

static void add_real_duration(mps_table *table, double ns)
{
    mps_table_add(table, MPS_SECONDS(mps_whole(round(ns))));
}

static void add_nulls(mps_table *table, unsigned count)
{
    while (count-- > 0)
        mps_table_add(table, MPS_NULL);
}

/* Columns after `ambiguous`. */
#define STATISTICS_COLUMNS 11u

static void add_statistics(mps_table *table, const mps_selection *selection)
{
    size_t count = selection->times->len;
    int64_t *times = (int64_t *)(void *)selection->times->data;
    mps_statistics statistics;
    mps_table_add(table, MPS_UINT(count));
    mps_table_add(table, MPS_UINT(selection->ambiguous));
    if (count == 0) {
        add_nulls(table, STATISTICS_COLUMNS);
        return;
    }
    mps_statistics_of(times, count, &statistics);
    mps_table_add(table, MPS_SECONDS(statistics.min));
    add_real_duration(table, statistics.median);
    add_real_duration(table, statistics.mean);
    mps_table_add(table, MPS_SECONDS(statistics.p95));
    mps_table_add(table, MPS_SECONDS(statistics.p99));
    mps_table_add(table, MPS_SECONDS(statistics.max));
    if (count > 1)
        add_real_duration(table, deviation(times, count, statistics.mean));
    else
        mps_table_add(table, MPS_NULL);
    mps_table_add(table, MPS_UINT(selection->min.frame));
    mps_table_add(table, MPS_UINT(selection->min.data_frame));
    mps_table_add(table, MPS_UINT(selection->max.frame));
    mps_table_add(table, MPS_UINT(selection->max.data_frame));
}

/* Append a row. @param info  of the subflow; NULL: data level */
static void add_row(const mps_report *report, mps_table *table, uint32_t connection,
                    const mps_subflow_info *info, mps_direction direction, const GArray *samples)
{
    mps_selection selection = select_samples(report, samples);
    mps_table_add(table, MPS_UINT(connection));
    mps_table_add_known(table, info ? (int64_t)info->number : -1);
    mps_table_add_known(table, info ? info->tcp_stream : -1);
    mps_table_add_direction(table, direction);
    mps_table_add_string(table, info ? "subflow" : "data");
    mps_table_add_duration(table, info ? info->handshake_rtt : -1);
    add_statistics(table, &selection);
    g_array_free(selection.times, TRUE);
}

/* Append the rows of a subflow. @return false if it has none: no segment of it was counted */
static bool add_subflow(const mps_report *report, const mps_tracker *tracker, uint32_t id,
                        mps_table *table)
{
    mps_subflow_info info;
    mps_counts counts[2] = {{0}};
    mps_report_add_subflow(report, tracker, id, counts);
    if (counts[0].segments + counts[1].segments == 0)
        return false;
    mps_tracker_subflow(tracker, id, &info);
    for (unsigned i = 0; i < 2; i++) {
        uint32_t half = mps_analysis_half(tracker, id, (mps_direction)i);
        add_row(report, table, info.connection, &info, (mps_direction)i,
                mps_rtt_of_half(tracker, half));
    }
    return true;
}

static void add_connection(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                           mps_table *table)
{
    mps_connection_info info;
    bool any = false;
    mps_tracker_connection(tracker, number, &info);
    for (uint32_t i = 0; i < info.subflow_count; i++)
        any |= add_subflow(report, tracker, mps_tracker_subflow_id(tracker, number, i), table);
    for (unsigned i = 0; any && i < 2; i++) {
        uint32_t space = mps_analysis_space(tracker, number, (mps_direction)i);
        add_row(report, table, number, NULL, (mps_direction)i, mps_rtt_of_space(tracker, space));
    }
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    for (uint32_t number = 0; number < count; number++)
        if (mps_report_wants(report, number))
            add_connection(report, tracker, number, table);
}

const mps_report_kind mps_report_rtt = {
    .name = "rtt",
    .title = "MPTCP Round-Trip Times",
    .about = "round-trip times of subflows, and times from data to DATA_ACK",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_RTT,
    .rows = rows,
};
