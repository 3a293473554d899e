/* interarrival.c: the report "interarrival": the gaps between new data, and how the data was spread
 * over the subflows. A row per connection and direction.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/new_data.h"
#include "base/statistics.h"
#include "base/times.h"
#include "connection_columns.h"
#include "report_internal.h"
#include <string.h>

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "segments", MPS_VALUE_UINT, "Segments", NULL, 0},
    {NULL, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},
    {NULL, "late_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {"gap", "min", MPS_VALUE_SECONDS, NULL, NULL, 0},
    {"gap", "median", MPS_VALUE_REAL, "Gap median", "ms", 3},
    {"gap", "mean", MPS_VALUE_REAL, "mean", "ms", 3},
    {"gap", "p95", MPS_VALUE_SECONDS, "p95", "ms", 3},
    {"gap", "max", MPS_VALUE_SECONDS, "max", "ms", 3},
    {"jump", "count", MPS_VALUE_UINT, "Jumps", NULL, 0},
    {"jump", "median", MPS_VALUE_REAL, NULL, NULL, 0},
    {"jump", "max", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "switches", MPS_VALUE_UINT, "Switches", NULL, 0},
    {NULL, "switch_rate", MPS_VALUE_REAL, "per s", NULL, 2},
    {"block", "count", MPS_VALUE_UINT, "Blocks", NULL, 0},
    {"block", "min", MPS_VALUE_UINT, NULL, NULL, 0},
    {"block", "median", MPS_VALUE_REAL, "median", "B", 0},
    {"block", "mean", MPS_VALUE_REAL, "mean", "B", 0},
    {"block", "p95", MPS_VALUE_UINT, NULL, NULL, 0},
    {"block", "max", MPS_VALUE_UINT, "max", "B", 0},
    {NULL, "dominant", MPS_VALUE_UINT, "Main subflow", NULL, 0},
    {NULL, "share", MPS_VALUE_REAL, "Share", "%", 1},
    {NULL, "jain", MPS_VALUE_REAL, "Jain", NULL, 3},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_WHEN_WIDE("data_bytes"),
    MPS_TEXT_WHEN_WIDE("gap.mean"),
    MPS_TEXT_AS("gap.p95", "Gap p95"),
    MPS_TEXT_AS("gap.max", "Gap max"),
    MPS_TEXT_AS("switch_rate", "Switches per s"),
    MPS_TEXT_WHEN_WIDE("block.count"),
    MPS_TEXT_AS("block.median", "Block median"),
    MPS_TEXT_WHEN_WIDE("block.mean"),
    MPS_TEXT_AS("block.max", "Block max"),
    MPS_TEXT_END,
};

/* What was collected of a direction. */
typedef struct {
    GArray *gaps, *jumps, *blocks; /* int64_t: ns, bytes, bytes */
    GArray *shares;                /* uint64_t: bytes by the subflow's number */
    uint64_t segments, bytes, late_bytes, switches;
    int64_t first, last; /* times of the first and last segment, ns */
    bool leapt;          /* the clock leapt between them */
} mps_spread;

/* Count what lies between a segment and the one before it. It counts with the later one. */
static void take_pair(mps_spread *spread, const mps_leaps *leaps, const mps_new_data *before,
                      const mps_new_data *arrival)
{
    int64_t gap = mps_minus(arrival->time, before->time);
    uint64_t ahead = arrival->dsn - before->dsn_end, back = before->dsn_end - arrival->dsn;
    int64_t jump = (int64_t)MIN(MIN(ahead, back), INT64_MAX);
    bool leapt = mps_leaps_between(leaps, before->frame, arrival->frame);
    if (!leapt)
        g_array_append_val(spread->gaps, gap);
    spread->leapt |= leapt;
    if (jump > 0)
        g_array_append_val(spread->jumps, jump);
    spread->switches += arrival->subflow != before->subflow;
}

/* @param block  bytes of the block so far */
static void take_arrival(mps_spread *spread, const mps_tracker *tracker,
                         const mps_new_data *arrival, int64_t *block)
{
    uint32_t subflow = mps_report_subflow_number(tracker, arrival->subflow);
    if (subflow >= spread->shares->len)
        g_array_set_size(spread->shares, subflow + 1);
    g_array_index(spread->shares, uint64_t, subflow) += arrival->bytes;
    if (spread->segments++ == 0)
        spread->first = arrival->time;
    spread->last = arrival->time;
    spread->bytes += arrival->bytes;
    *block += arrival->bytes;
}

static void end_block(mps_spread *spread, int64_t *block)
{
    if (*block > 0)
        g_array_append_val(spread->blocks, *block);
    *block = 0;
}

static void take_all(mps_spread *spread, const mps_report *report, const mps_tracker *tracker,
                     uint32_t space_id)
{
    const GArray *arrivals = mps_new_data_of(tracker, space_id);
    GArray *sorted = mps_new_data_by_time(tracker, space_id);
    int64_t block = 0;
    for (guint i = 0; i < sorted->len; i++) {
        const mps_new_data *arrival = &g_array_index(sorted, mps_new_data, i);
        if (i > 0 && arrival[-1].subflow != arrival->subflow)
            end_block(spread, &block);
        if (!mps_report_passed(report, arrival->frame))
            continue;
        if (i > 0)
            take_pair(spread, mps_tracker_leaps(tracker), arrival - 1, arrival);
        take_arrival(spread, tracker, arrival, &block);
    }
    end_block(spread, &block);
    g_array_free(sorted, TRUE);
    for (guint i = 0; i < arrivals->len; i++) {
        const mps_new_data *arrival = &g_array_index(arrivals, mps_new_data, i);
        if (mps_report_passed(report, arrival->frame))
            spread->late_bytes += arrival->late_bytes;
    }
}

/* @return whether the sample has values; if not, the statistics are 0 */
static bool describe(GArray *sample, mps_statistics *statistics)
{
    memset(statistics, 0, sizeof *statistics);
    if (sample->len > 0)
        mps_statistics_of((int64_t *)sample->data, sample->len, statistics);
    return sample->len > 0;
}

static void add_gaps(mps_table *table, GArray *gaps)
{
    mps_statistics s;
    bool any = describe(gaps, &s);
    mps_table_add(table, any ? MPS_SECONDS(s.min) : MPS_NULL);
    mps_table_add(table, any ? MPS_REAL(s.median / 1e9) : MPS_NULL);
    mps_table_add(table, any ? MPS_REAL(s.mean / 1e9) : MPS_NULL);
    mps_table_add(table, any ? MPS_SECONDS(s.p95) : MPS_NULL);
    mps_table_add(table, any ? MPS_SECONDS(s.max) : MPS_NULL);
}

static void add_jumps(mps_table *table, GArray *jumps)
{
    mps_statistics s;
    bool any = describe(jumps, &s);
    mps_table_add(table, MPS_UINT(s.count));
    mps_table_add(table, any ? MPS_REAL(s.median) : MPS_NULL);
    mps_table_add(table, any ? MPS_UINT(s.max) : MPS_NULL);
}

static void add_blocks(mps_table *table, GArray *blocks)
{
    mps_statistics s;
    bool any = describe(blocks, &s);
    mps_table_add(table, MPS_UINT(s.count));
    mps_table_add(table, any ? MPS_UINT(s.min) : MPS_NULL);
    mps_table_add(table, any ? MPS_REAL(s.median) : MPS_NULL);
    mps_table_add(table, any ? MPS_REAL(s.mean) : MPS_NULL);
    mps_table_add(table, any ? MPS_UINT(s.p95) : MPS_NULL);
    mps_table_add(table, any ? MPS_UINT(s.max) : MPS_NULL);
}

/* Append the subflow with the most bytes, its share, and the fairness index of Jain, Chiu and Hawe
 * (1984): (sum of x)^2 / (n * sum of x^2) over the bytes x of the n accepted subflows. */
static void add_shares(mps_table *table, const mps_spread *spread, uint32_t accepted)
{
    if (spread->bytes == 0) {
        for (unsigned i = 0; i < 3; i++)
            mps_table_add(table, MPS_NULL);
        return;
    }
    guint dominant = 0, used = 0;
    double squares = 0, bytes = (double)spread->bytes;
    for (guint i = 0; i < spread->shares->len; i++) {
        uint64_t own = g_array_index(spread->shares, uint64_t, i);
        squares += (double)own * (double)own;
        used += own > 0;
        if (own > g_array_index(spread->shares, uint64_t, dominant))
            dominant = i;
    }
    uint64_t most = g_array_index(spread->shares, uint64_t, dominant);
    mps_table_add(table, MPS_UINT(dominant));
    mps_table_add(table, MPS_REAL((double)most / bytes));
    mps_table_add(table, MPS_REAL(bytes * bytes / (MAX(accepted, used) * squares)));
}

static void add_row(mps_table *table, const mps_connection_info *info, mps_direction direction,
                    const mps_spread *spread)
{
    double seconds = spread->leapt ? 0 : (double)mps_minus(spread->last, spread->first) / 1e9;
    mps_table_add(table, MPS_UINT(info->number));
    mps_table_add_direction(table, direction);
    mps_table_add(table, MPS_UINT(spread->segments));
    mps_table_add(table, MPS_UINT(spread->bytes));
    mps_table_add(table, MPS_UINT(spread->late_bytes));
    add_gaps(table, spread->gaps);
    add_jumps(table, spread->jumps);
    mps_table_add(table, MPS_UINT(spread->switches));
    mps_table_add_ratio(table, (double)spread->switches, seconds);
    add_blocks(table, spread->blocks);
    add_shares(table, spread, info->accepted);
}

static void report_direction(const mps_report *report, const mps_tracker *tracker, mps_table *table,
                             uint32_t number, mps_direction direction)
{
    const uint32_t space_id = mps_analysis_space(tracker, number, direction);
    if (!mps_new_data_of(tracker, space_id))
        return;
    mps_spread spread = {
        .gaps = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .jumps = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .blocks = g_array_new(FALSE, FALSE, sizeof(int64_t)),
        .shares = g_array_new(FALSE, TRUE, sizeof(uint64_t)),
    };
    take_all(&spread, report, tracker, space_id);
    if (spread.segments + spread.late_bytes > 0) {
        mps_connection_info info;
        mps_tracker_connection(tracker, number, &info);
        add_row(table, &info, direction, &spread);
    }
    g_array_free(spread.gaps, TRUE);
    g_array_free(spread.jumps, TRUE);
    g_array_free(spread.blocks, TRUE);
    g_array_free(spread.shares, TRUE);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    for (uint32_t number = 0; number < count; number++) {
        if (!mps_report_wants(report, number))
            continue;
        report_direction(report, tracker, table, number, MPS_C2S);
        report_direction(report, tracker, table, number, MPS_S2C);
    }
}

const mps_report_kind mps_report_interarrival = {
    .name = "interarrival",
    .title = "MPTCP Interarrival",
    .about = "gaps between new data, switches between subflows, lengths of blocks",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_INTERARRIVAL,
    .rows = rows,
};
