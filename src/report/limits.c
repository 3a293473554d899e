/* limits.c: the report "limits": what the sender waited for, a row per direction of a connection
 * and of its subflows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/limits/flow_series.h"
#include "base/decimal.h"
#include "base/times.h"
#include "connection_columns.h"
#include "report_internal.h"

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "level", MPS_VALUE_STRING, "Level", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "near", MPS_VALUE_STRING, NULL, NULL, 0},
    {NULL, "frame", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "duration", MPS_VALUE_SECONDS, "Duration", "s", 3},
    {NULL, "limited_by", MPS_VALUE_STRING, "Limited by", NULL, 0},
    {NULL, "sender", MPS_VALUE_REAL, "Sender", "%", 1},
    {NULL, "window", MPS_VALUE_REAL, "Window", "%", 1},
    {NULL, "network", MPS_VALUE_REAL, "Network", "%", 1},
    {NULL, "idle", MPS_VALUE_REAL, "Idle", "%", 1},
    {NULL, "scheduler", MPS_VALUE_REAL, NULL, "%", 1},
    {NULL, "unproved", MPS_VALUE_REAL, NULL, "%", 1},
    {NULL, "bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "rate", MPS_VALUE_REAL, NULL, "Mbit/s", 3},
    {"flight", "mean", MPS_VALUE_REAL, NULL, NULL, 0},
    {"flight", "max", MPS_VALUE_UINT, NULL, NULL, 0},
    {"rtt", "min", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {"rtt", "mean", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {"rtt", "max", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {NULL, "resent", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "queued", MPS_VALUE_REAL, NULL, "%", 1},
    {NULL, "used", MPS_VALUE_REAL, NULL, "%", 1},
    {NULL, "why", MPS_VALUE_STRING, "Why", NULL, 0},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_UNKNOWN_AS("subflow", "Subflow", "data"),
    MPS_TEXT_WITHOUT("level"),
    MPS_TEXT_END,
};

/* A path was full if this share of its RTT samples shows a queue and this share of its capacity was
 * used. Then the network may be the limit, whatever else the sender waited for. */
#define PATH_FULL_SHARE 0.75

/* Values of the column "limited_by". */
static const char *const cause_names[] = {
    [MPS_LIMIT_SENDER] = "sender",
    [MPS_LIMIT_WINDOW] = "window",
    [MPS_LIMIT_NETWORK] = "network",
    [MPS_LIMIT_IDLE] = "idle",
};

/* Whether a row names a cause, and why not. */
typedef enum {
    CAUSE_NAMED,
    /* Shares are not known. */
    NO_DATA,
    FELL_BACK,
    VANTAGE_UNKNOWN,
    VANTAGE_MIDDLE,
    VANTAGE_RECEIVER,
    NOTHING_ACKED,
    SCALE_UNKNOWN,
    CLOCK_LEAPT,
    /* Shares are known. */
    NO_MAIN_CAUSE,
    NETWORK_UNPROVED,
    PATH_FULL_SENDER,
    PATH_FULL_WINDOW,
} row_outcome;

static const char *outcome_text(row_outcome outcome)
{
    static const char *const texts[] = {
        [CAUSE_NAMED] = NULL,
        [NO_DATA] = "no data",
        [FELL_BACK] = "fell back to TCP: see the row of the subflow",
        [VANTAGE_UNKNOWN] = "not known which end the capture is near",
        [VANTAGE_MIDDLE] = "captured in the middle, which does not show what the sender knew",
        [VANTAGE_RECEIVER] = "captured near the receiver, which does not show what the sender knew",
        [NOTHING_ACKED] = "no data was acknowledged",
        [SCALE_UNKNOWN] = "window scale not known",
        [CLOCK_LEAPT] = "the clock of the capture leapt",
        [NO_MAIN_CAUSE] = "no cause held for half of the time",
        [NETWORK_UNPROVED] = "full flight, but no loss, queue or growth shows why",
        [PATH_FULL_SENDER] =
            "nothing left to send, but the path was full, which may be why the sender stopped",
        [PATH_FULL_WINDOW] =
            "window used up, but the path was full: a larger window may not have helped",
    };
    return texts[outcome];
}

static bool has_shares(row_outcome outcome)
{
    return outcome == CAUSE_NAMED || outcome >= NO_MAIN_CAUSE;
}

/* @return why the shares of a row are not known; CAUSE_NAMED: they are. */
static row_outcome find_obstacle(const mps_limit_row *row, mps_fallback fallback)
{
    static const row_outcome elsewhere[] = {
        [MPS_VANTAGE_UNKNOWN] = VANTAGE_UNKNOWN,
        [MPS_VANTAGE_MIDDLE] = VANTAGE_MIDDLE,
        [MPS_VANTAGE_RECEIVER] = VANTAGE_RECEIVER,
    };
    const mps_limits *limits = &row->limits;
    if (limits->bytes == 0)
        return NO_DATA;
    if (row->subflow == MPS_NONE && fallback)
        return FELL_BACK;
    if (row->vantage != MPS_VANTAGE_SENDER)
        return elsewhere[row->vantage];
    if (!limits->acknowledged || limits->end <= limits->start)
        return NOTHING_ACKED;
    return row->window_unknown ? SCALE_UNKNOWN : CAUSE_NAMED;
}

/* @return the cause that held for the longest time. */
static mps_limit_cause find_main_cause(const mps_limits *limits)
{
    mps_limit_cause most = MPS_LIMIT_SENDER;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        if (limits->spent[i] > limits->spent[most])
            most = i;
    return most;
}

/* @return why the main cause is not named as the limit; CAUSE_NAMED: it is. */
static row_outcome find_doubt(const mps_limit_row *row, mps_limit_cause cause)
{
    const mps_limits *limits = &row->limits;
    int64_t others = 0;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        others += i == cause ? 0 : limits->spent[i];
    if (limits->spent[cause] < others)
        return NO_MAIN_CAUSE;
    if (cause == MPS_LIMIT_NETWORK && limits->unproved > limits->spent[cause] / 2)
        return NETWORK_UNPROVED;
    bool full = row->queued >= PATH_FULL_SHARE && row->used >= PATH_FULL_SHARE;
    if (full && cause == MPS_LIMIT_SENDER)
        return PATH_FULL_SENDER;
    if (full && cause == MPS_LIMIT_WINDOW)
        return PATH_FULL_WINDOW;
    return CAUSE_NAMED;
}

static void add_milliseconds(GString *why, const char *before, double ns)
{
    g_string_append(why, before);
    mps_add_decimal(why, ns / 1e6, 1);
    g_string_append(why, " ms");
}

static void append_network(GString *why, const mps_limits *limits)
{
    g_string_append_printf(why, "full flight of up to %" G_GUINT64_FORMAT " bytes",
                           limits->max_flight);
    if (limits->resent)
        g_string_append_printf(why, "; %u segment%s sent again, the first in frame %u",
                               limits->resent, limits->resent > 1 ? "s" : "", limits->first_resent);
    if (limits->rtt_count) {
        add_milliseconds(why, "; mean RTT ", limits->rtt_mean);
        add_milliseconds(why, ", least ", (double)limits->rtt_min);
    }
}

/* Append the facts that show a cause. */
static void append_facts(GString *why, const mps_limits *limits, mps_limit_cause cause)
{
    static const char *const facts[] = {
        [MPS_LIMIT_SENDER] = "nothing left to send",
        [MPS_LIMIT_WINDOW] = "window used up",
        [MPS_LIMIT_IDLE] = "nothing in flight",
    };
    if (cause == MPS_LIMIT_NETWORK)
        append_network(why, limits);
    else
        g_string_append(why, facts[cause]);
    if (cause == MPS_LIMIT_SENDER && limits->scheduler > limits->spent[cause] / 2)
        g_string_append(why, " here: the scheduler used another subflow");
    add_milliseconds(why, "; longest ", (double)limits->longest[cause]);
    g_string_append_printf(why, ", from frame %u", limits->frame[cause]);
}

/* Append what a row is about, and where it begins. */
static void add_identity(mps_table *table, uint32_t number, const mps_tracker *tracker,
                         const mps_limit_row *row)
{
    bool data = row->subflow == MPS_NONE;
    mps_table_add(table, MPS_UINT(number));
    mps_table_add_string(table, data ? "data" : "subflow");
    mps_table_add_number(table, data ? MPS_NONE : mps_report_subflow_number(tracker, row->subflow));
    mps_table_add_direction(table, row->direction);
    mps_table_add_vantage(table, row->vantage);
    mps_table_add(table, row->frame ? MPS_UINT(row->frame) : MPS_NULL);
}

/* Append all columns after `limited_by`. @param known  whether the shares are known */
static void add_figures(mps_table *table, const mps_limit_row *row, bool known)
{
    const mps_limits *limits = &row->limits;
    int64_t duration = known ? mps_minus(limits->end, limits->start) : 0;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        mps_table_add_ratio(table, (double)limits->spent[i], (double)duration);
    mps_table_add_ratio(table, (double)limits->scheduler, (double)duration);
    mps_table_add_ratio(table, (double)limits->unproved, (double)duration);
    mps_table_add(table, MPS_UINT(limits->bytes));
    mps_table_add_rate(table, (int64_t)limits->bytes, duration);
    mps_table_add(table, known ? MPS_REAL(limits->mean_flight) : MPS_NULL);
    mps_table_add(table, known ? MPS_UINT(limits->max_flight) : MPS_NULL);
    bool has_rtt = known && limits->rtt_count > 0;
    mps_table_add(table, has_rtt ? MPS_SECONDS(limits->rtt_min) : MPS_NULL);
    mps_table_add(table, has_rtt ? MPS_SECONDS(mps_whole(limits->rtt_mean)) : MPS_NULL);
    mps_table_add(table, has_rtt ? MPS_SECONDS(limits->rtt_max) : MPS_NULL);
    mps_table_add(table, MPS_UINT(limits->resent));
    mps_table_add(table, has_rtt ? MPS_REAL(row->queued) : MPS_NULL);
    mps_table_add(table, has_rtt && row->used > 0 ? MPS_REAL(row->used) : MPS_NULL);
}

static void add_row(mps_table *table, uint32_t number, const mps_tracker *tracker,
                    const mps_limit_row *row, const mps_connection_info *info)
{
    const mps_limits *limits = &row->limits;
    mps_limit_cause cause = find_main_cause(limits);
    row_outcome outcome = find_obstacle(row, info->fallback);
    if (outcome == CAUSE_NAMED && info->duration < 0)
        outcome = CLOCK_LEAPT;
    if (outcome == CAUSE_NAMED)
        outcome = find_doubt(row, cause);
    bool known = has_shares(outcome);
    GString *why = g_string_new(outcome_text(outcome));
    if (outcome == CAUSE_NAMED)
        append_facts(why, limits, cause);
    add_identity(table, number, tracker, row);
    mps_table_add(table, known ? MPS_SECONDS(mps_minus(limits->end, limits->start)) : MPS_NULL);
    mps_table_add_string(table, outcome == CAUSE_NAMED ? cause_names[cause] : NULL);
    add_figures(table, row, known);
    mps_table_add_string(table, why->str);
    g_string_free(why, TRUE);
}

/* @return whether a segment in the row's direction was counted. */
static bool passed(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                   const mps_limit_row *row)
{
    mps_counts counts[2] = {{0}};
    if (row->subflow != MPS_NONE)
        mps_report_add_subflow(report, tracker, row->subflow, counts);
    else
        mps_report_add_connection(report, tracker, number, counts);
    return counts[row->direction].segments > 0;
}

void mps_report_limits_of_data(const mps_report *report, const mps_tracker *tracker,
                               const mps_connection_info *info, mps_direction direction,
                               mps_near near, mps_table *table)
{
    GArray *found = mps_limit_rows_of(tracker, info->number, near, direction);
    const mps_limit_row *data = &g_array_index(found, mps_limit_row, 0);
    if (passed(report, tracker, info->number, data))
        add_row(table, info->number, tracker, data, info);
    mps_limit_rows_free(found);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    for (uint32_t number = 0; number < count; number++) {
        if (!mps_report_wants(report, number))
            continue;
        mps_connection_info info;
        mps_tracker_connection(tracker, number, &info);
        GArray *found = mps_limit_rows(tracker, number, mps_vantages_near(vantages, number));
        for (guint i = 0; i < found->len; i++) {
            const mps_limit_row *row = &g_array_index(found, mps_limit_row, i);
            if (passed(report, tracker, number, row))
                add_row(table, number, tracker, row, &info);
        }
        mps_limit_rows_free(found);
    }
    mps_vantages_free(vantages);
}

const mps_report_kind mps_report_limits = {
    .name = "limits",
    .title = "MPTCP Limits: what the sender waited for",
    .about = "what limited the sender: itself, the receive window or the network",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_LIMITS | MPS_NEED_VANTAGE,
    .rows = rows,
};
