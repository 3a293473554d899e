/* limits.c: the report "limits", a row per direction of a connection and of its subflows: what its
 * sender waited for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/limits/flow_series.h"
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

/* A path is full if this share of the RTTs shows a queue and this share of what it can deliver was
 * sent: then the network limits, whatever else held the sender. */
#define PATH_FULL 0.75

static const char *const causes[] = {"sender", "window", "network", "idle"};

/* Why nothing can be said of a row; NULL: something can. */
static const char *obstacle(const mps_limit_row *row, mps_fallback fallback)
{
    static const char *const places[] = {
        [MPS_VANTAGE_UNKNOWN] = "cannot tell which end the capture is near",
        [MPS_VANTAGE_MIDDLE] = "captured in the middle: the sender cannot be watched from there",
        [MPS_VANTAGE_RECEIVER] =
            "captured near the receiver: the sender cannot be watched from there",
    };
    const mps_limits *limits = &row->limits;
    if (limits->bytes == 0)
        return "no data";
    if (row->subflow == MPS_NONE && fallback)
        return "fell back to TCP: see the subflow";
    if (row->near != MPS_VANTAGE_SENDER)
        return places[row->near];
    if (!limits->acknowledged || limits->end <= limits->start)
        return "no data was acknowledged";
    return row->window_unknown ? "window scale not known" : NULL;
}

/* What held for most of the time. */
static mps_limit_cause largest(const mps_limits *limits)
{
    mps_limit_cause most = MPS_LIMIT_SENDER;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        if (limits->spent[i] > limits->spent[most])
            most = i;
    return most;
}

/* Why the largest share is not called the limit; NULL: it is. */
static const char *doubt(const mps_limit_row *row, mps_limit_cause most)
{
    const mps_limits *limits = &row->limits;
    int64_t others = 0;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        others += i == most ? 0 : limits->spent[i];
    if (limits->spent[most] < others)
        return "no cause held for half of the time";
    if (most == MPS_LIMIT_NETWORK && limits->unproved > limits->spent[most] / 2)
        return "full flight, but no loss, queue or growth that shows why";
    bool full = row->queued >= PATH_FULL && row->used >= PATH_FULL;
    if (full && most == MPS_LIMIT_SENDER)
        return "nothing left to send, but the path was full: it may be why the sender stopped";
    if (full && most == MPS_LIMIT_WINDOW)
        return "window used up, but the path was full: a larger one may not have helped";
    return NULL;
}

static void tell_network(GString *why, const mps_limits *limits)
{
    g_string_append_printf(why, "full flight of up to %" G_GUINT64_FORMAT " bytes",
                           limits->max_flight);
    if (limits->again)
        g_string_append_printf(why, "; %u segment%s sent again, the first in frame %u",
                               limits->again, limits->again > 1 ? "s" : "", limits->first_again);
    if (limits->rtt_count)
        g_string_append_printf(why, "; RTT %.1f ms, least %.1f ms", limits->rtt_mean / 1e6,
                               (double)limits->rtt_min / 1e6);
}

/* The facts behind a cause. */
static void tell(GString *why, const mps_limits *limits, mps_limit_cause cause)
{
    static const char *const facts[] = {
        [MPS_LIMIT_SENDER] = "nothing left to send",
        [MPS_LIMIT_WINDOW] = "window used up",
        [MPS_LIMIT_IDLE] = "silence",
    };
    if (cause == MPS_LIMIT_NETWORK)
        tell_network(why, limits);
    else
        g_string_append(why, facts[cause]);
    if (cause == MPS_LIMIT_SENDER && limits->scheduler > limits->spent[cause] / 2)
        g_string_append(why, " here: the scheduler took another subflow");
    g_string_append_printf(why, "; longest %.1f ms from frame %u",
                           (double)limits->longest[cause] / 1e6, limits->frame[cause]);
}

static void add_share(mps_table *table, int64_t part, int64_t whole)
{
    mps_table_add(table, whole > 0 ? MPS_REAL((double)part / (double)whole) : MPS_NULL);
}

/* What the row is of, and where it begins. */
static void add_line(mps_table *table, uint32_t number, const mps_tracker *tracker,
                     const mps_limit_row *row)
{
    static const char *const near[] = {
        [MPS_VANTAGE_SENDER] = "sender",
        [MPS_VANTAGE_MIDDLE] = "middle",
        [MPS_VANTAGE_RECEIVER] = "receiver",
    };
    bool data = row->subflow == MPS_NONE;
    uint32_t connection, subflow = 0;
    if (!data)
        mps_tracker_numbers(tracker, row->subflow, &connection, &subflow);
    mps_table_add(table, MPS_UINT(number));
    mps_table_add_string(table, data ? "data" : "subflow");
    mps_table_add(table, data ? MPS_NULL : MPS_UINT(subflow));
    mps_table_add_direction(table, row->direction);
    mps_table_add_string(table, row->near == MPS_VANTAGE_UNKNOWN ? NULL : near[row->near]);
    mps_table_add(table, row->frame ? MPS_UINT(row->frame) : MPS_NULL);
}

/* Everything behind `limited_by`. @param known  the shares are */
static void add_figures(mps_table *table, const mps_limit_row *row, bool known)
{
    const mps_limits *limits = &row->limits;
    int64_t duration = known ? limits->end - limits->start : 0;
    for (unsigned i = 0; i < MPS_LIMIT_CAUSES; i++)
        add_share(table, limits->spent[i], duration);
    add_share(table, limits->scheduler, duration);
    add_share(table, limits->unproved, duration);
    mps_table_add(table, MPS_UINT(limits->bytes));
    mps_table_add_rate(table, (int64_t)limits->bytes, duration);
    mps_table_add(table, known ? MPS_REAL(limits->mean_flight) : MPS_NULL);
    mps_table_add(table, known ? MPS_UINT(limits->max_flight) : MPS_NULL);
    known = known && limits->rtt_count > 0;
    mps_table_add(table, known ? MPS_SECONDS(limits->rtt_min) : MPS_NULL);
    mps_table_add(table, known ? MPS_SECONDS((int64_t)limits->rtt_mean) : MPS_NULL);
    mps_table_add(table, known ? MPS_SECONDS(limits->rtt_max) : MPS_NULL);
    mps_table_add(table, MPS_UINT(limits->again));
    mps_table_add(table, known ? MPS_REAL(row->queued) : MPS_NULL);
    mps_table_add(table, known && row->used > 0 ? MPS_REAL(row->used) : MPS_NULL);
}

static void add_row(mps_table *table, uint32_t number, const mps_tracker *tracker,
                    const mps_limit_row *row, mps_fallback fallback)
{
    const mps_limits *limits = &row->limits;
    const char *unknown = obstacle(row, fallback);
    mps_limit_cause most = largest(limits);
    const char *doubtful = unknown ? unknown : doubt(row, most);
    GString *why = g_string_new(doubtful);
    if (!doubtful)
        tell(why, limits, most);
    add_line(table, number, tracker, row);
    mps_table_add(table, unknown ? MPS_NULL : MPS_SECONDS(limits->end - limits->start));
    mps_table_add_string(table, doubtful ? NULL : causes[most]);
    add_figures(table, row, !unknown);
    mps_table_add_string(table, why->str);
    g_string_free(why, TRUE);
}

/* Whether a segment of the row's direction was counted. */
static bool passed(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                   const mps_limit_row *row)
{
    mps_counts counts[2] = {{0}};
    mps_connection_info info;
    if (row->subflow != MPS_NONE) {
        mps_report_add_subflow(report, tracker, row->subflow, counts);
    } else {
        mps_tracker_connection(tracker, number, &info);
        for (uint32_t i = 0; i < info.subflow_count; i++)
            mps_report_add_subflow(report, tracker, mps_tracker_subflow_id(tracker, number, i),
                                   counts);
    }
    return counts[row->direction].segments > 0;
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    uint32_t count = mps_tracker_connections(tracker);
    for (uint32_t number = 0; number < count; number++) {
        if (!mps_report_wants(report, number))
            continue;
        mps_connection_info info;
        mps_tracker_connection(tracker, number, &info);
        GArray *found = mps_limit_rows(tracker, number);
        for (guint i = 0; i < found->len; i++) {
            const mps_limit_row *row = &g_array_index(found, mps_limit_row, i);
            if (passed(report, tracker, number, row))
                add_row(table, number, tracker, row, info.fallback);
        }
        mps_limit_rows_free(found);
    }
}

const mps_report_kind mps_report_limits = {
    .name = "limits",
    .title = "MPTCP Limits: what the sender waited for",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .needs = MPS_NEED_LIMITS,
    .rows = rows,
};
