/* reordering.c: the report "reordering": what arrived out of order, and how long it waited. A row
 * per direction of a connection and of its subflows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/reordering.h"
#include "base/sparse.h"
#include "base/times.h"
#include "connection_columns.h"
#include "report_internal.h"

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "level", MPS_VALUE_STRING, "Level", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Subflow", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "near", MPS_VALUE_STRING, "Near", NULL, 0},
    {NULL, "segments", MPS_VALUE_UINT, "Segments", NULL, 0},
    {NULL, "bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "reordered_segments", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "reordered_ratio", MPS_VALUE_REAL, "Reord.", "%", 1},
    {"extent", "mean", MPS_VALUE_REAL, NULL, NULL, 1},
    {"extent", "max", MPS_VALUE_UINT, "Extent", NULL, 0},
    {NULL, "held_segments", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "held_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "held_share", MPS_VALUE_REAL, "Held", "%", 1},
    {NULL, "unreleased_bytes", MPS_VALUE_UINT, NULL, NULL, 0},
    {NULL, "queued_segments", MPS_VALUE_UINT, NULL, NULL, 0},
    {"hold", "min", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {"hold", "median", MPS_VALUE_SECONDS, "Hold p50", "ms", 3},
    {"hold", "mean", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {"hold", "p95", MPS_VALUE_SECONDS, "p95", "ms", 3},
    {"hold", "p99", MPS_VALUE_SECONDS, NULL, "ms", 3},
    {"hold", "max", MPS_VALUE_SECONDS, "max", "ms", 3},
    {"hold", "mean_of_all", MPS_VALUE_SECONDS, "mean of all", "ms", 3},
    {"buffer", "max", MPS_VALUE_UINT, "Buffer max", NULL, 0},
    {"buffer", "mean", MPS_VALUE_REAL, "mean", NULL, 0},
    {"buffer", "window_share", MPS_VALUE_REAL, "of window", "%", 1},
    {NULL, "waited_for", MPS_VALUE_JSON, "Awaited subflow", NULL, 0},
};

static const mps_column awaited_columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "near", MPS_VALUE_STRING, "Near", NULL, 0},
    {NULL, "subflow", MPS_VALUE_UINT, "Awaited subflow", NULL, 0},
    {NULL, "byte_seconds", MPS_VALUE_REAL, "Byte seconds", NULL, 3},
    {NULL, "share", MPS_VALUE_REAL, "Share", "%", 1},
};

/* What text has of them. */
static const mps_text_choice text_choices[] = {
    MPS_TEXT_UNKNOWN_AS("subflow", "Subflow", "data"),
    MPS_TEXT_WITHOUT("level"),
    MPS_TEXT_WHEN_WIDE("segments"),
    MPS_TEXT_WHEN_WIDE("extent.max"),
    MPS_TEXT_AS("hold.p95", "Hold p95"),
    MPS_TEXT_AS("hold.max", "Hold max"),
    MPS_TEXT_WHEN_WIDE("hold.mean_of_all"),
    MPS_TEXT_WHEN_WIDE("buffer.mean"),
    MPS_TEXT_AS("buffer.window_share", "of window"),
    MPS_TEXT_END,
};

/* Bytes that were held equally long. */
typedef struct {
    int64_t hold; /* ns */
    uint64_t bytes;
} mps_wait;

/* Sums over the arrivals in a direction of a connection or of a subflow that passed the filter. All
 * zero: there are none. */
typedef struct {
    uint64_t segments, bytes, reordered, held_segments, held_bytes, unreleased_bytes, queued;
    uint64_t untimed_bytes; /* were held across a leap of the clock */
    uint64_t extent_sum, extent_max, buffer_max;
    double byte_time;    /* bytes * ns that the released bytes were held */
    double open_time;    /* bytes * ns that the others were held, to the end */
    int64_t end;         /* of the connection or subflow, ns; if there are unreleased bytes */
    double window_share; /* 0: unknown */
    GArray *waits;       /* mps_wait; NULL: none */
    double *fillers;     /* `byte_time` by number of the awaited subflow; the last: not captured;
                          * NULL: nobody asks */
} mps_reordering_sum;

/* What the rows of one direction of a connection are made from. */
typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    const mps_connection_info *connection;
    mps_direction direction;
    mps_near near;
    mps_table *table;
    bool awaited; /* the rows are the awaited subflows */
    mps_reordering_sum data;
    mps_sparse *subflows; /* mps_reordering_sum, by number of the subflow */
} mps_reordering_job;

static void sum_wait(mps_reordering_sum *sum, const mps_reordering_job *job,
                     const mps_arrival *arrival)
{
    const uint32_t subflows = job->connection->subflow_count;
    double byte_time = (double)arrival->hold * arrival->length;
    mps_wait wait = {arrival->hold, arrival->length};
    if (!sum->waits)
        sum->waits = g_array_new(FALSE, FALSE, sizeof(mps_wait));
    g_array_append_val(sum->waits, wait);
    sum->byte_time += byte_time;
    if (!sum->fillers)
        return;
    uint32_t subflow = subflows;
    if (arrival->filler != MPS_NONE)
        subflow = mps_report_subflow_number(job->tracker, arrival->filler);
    sum->fillers[MIN(subflow, subflows)] += byte_time;
}

/* @return which part of the receive window arrivals above the gap took; 0: unknown */
static double window_share(const mps_arrival *arrival)
{
    return arrival->room > 0 ? (double)arrival->occupancy / (double)arrival->room : 0;
}

/* @return when the connection or a subflow ended, ns. @param level  as in sum_arrival() */
static int64_t end_of(const mps_reordering_job *job, uint32_t level)
{
    mps_subflow_info info;
    if (level == MPS_NONE)
        return job->connection->end;
    mps_tracker_subflow(
        job->tracker, mps_tracker_subflow_id(job->tracker, job->connection->number, level), &info);
    return info.end;
}

/* @param level  as in sum_arrival() */
static void sum_held(mps_reordering_sum *sum, const mps_reordering_job *job,
                     const mps_arrival *arrival, uint32_t level)
{
    sum->held_segments++;
    sum->held_bytes += arrival->length;
    sum->buffer_max = MAX(sum->buffer_max, arrival->occupancy);
    sum->window_share = MAX(sum->window_share, window_share(arrival));
    if (arrival->hold == MPS_HOLD_UNKNOWN) {
        sum->untimed_bytes += arrival->length;
        return;
    }
    if (arrival->hold != MPS_STILL_HELD) {
        sum_wait(sum, job, arrival);
        return;
    }
    if (sum->unreleased_bytes == 0)
        sum->end = end_of(job, level);
    sum->unreleased_bytes += arrival->length;
    sum->open_time += (double)MAX(mps_minus(sum->end, arrival->time), 0) * arrival->length;
}

/* Add up an arrival. @param level  number of its subflow; MPS_NONE: it is an arrival of data */
static void sum_arrival(const mps_arrival *arrival, uint32_t level, void *data)
{
    mps_reordering_job *job = data;
    if (!mps_report_passed(job->report, arrival->frame))
        return;
    mps_reordering_sum *sum = level == MPS_NONE ? &job->data : mps_sparse_at(job->subflows, level);
    sum->segments++;
    sum->bytes += arrival->length;
    sum->reordered += arrival->extent > 0;
    sum->extent_sum += arrival->extent;
    sum->extent_max = MAX(sum->extent_max, arrival->extent);
    if (arrival->queued) { /* so the arrivals of subflows say */
        sum->queued++;
        job->data.queued++;
    }
    if (arrival->occupancy > 0)
        sum_held(sum, job, arrival, level);
}

static gint compare_waits(gconstpointer a, gconstpointer b)
{
    const mps_wait *x = a, *y = b;
    return (x->hold > y->hold) - (x->hold < y->hold);
}

/* @return the least hold that so many percent of the bytes do not exceed, ns.
 * @param waits  sorted, not empty  @param bytes  their sum */
static int64_t percentile(const GArray *waits, uint64_t bytes, unsigned percent)
{
    guint i = 0;
    uint64_t rank = (bytes * percent + 99) / 100;
    for (uint64_t below = 0; i + 1 < waits->len; i++) {
        below += g_array_index(waits, mps_wait, i).bytes;
        if (below >= rank)
            break;
    }
    return g_array_index(waits, mps_wait, i).hold;
}

/* Append a mean time. @param sum  ns */
static void add_mean(mps_table *table, double sum, uint64_t count)
{
    mps_table_add(table, count ? MPS_SECONDS(mps_whole(sum / (double)count)) : MPS_NULL);
}

static void add_holds(mps_table *table, mps_reordering_sum *sum)
{
    static const unsigned percents[] = {95, 99};
    const GArray *waits = sum->waits;
    uint64_t released = sum->held_bytes - sum->unreleased_bytes - sum->untimed_bytes;
    const bool any = waits && waits->len > 0;
    if (any)
        g_array_sort(sum->waits, compare_waits);
    mps_table_add(table, any ? MPS_SECONDS(percentile(waits, released, 0)) : MPS_NULL);
    mps_table_add(table, any ? MPS_SECONDS(percentile(waits, released, 50)) : MPS_NULL);
    add_mean(table, sum->byte_time, released);
    for (unsigned i = 0; i < G_N_ELEMENTS(percents); i++)
        mps_table_add(table,
                      any ? MPS_SECONDS(percentile(waits, released, percents[i])) : MPS_NULL);
    mps_table_add(table, any ? MPS_SECONDS(percentile(waits, released, 100)) : MPS_NULL);
    add_mean(table, sum->byte_time, sum->bytes - sum->unreleased_bytes - sum->untimed_bytes);
}

/* @param subflow  its number as text; NULL: not captured  @param byte_time  bytes * ns */
static void append_filler(GString *json, GString *text, const char *subflow, double byte_time,
                          double share)
{
    char seconds[G_ASCII_DTOSTR_BUF_SIZE], part[G_ASCII_DTOSTR_BUF_SIZE];
    g_ascii_formatd(seconds, sizeof seconds, "%.12g", byte_time / 1e9);
    g_ascii_formatd(part, sizeof part, "%.12g", share);
    g_string_append_printf(json, "%s{\"subflow\": %s, \"byte_seconds\": %s, \"share\": %s}",
                           json->len > 1 ? ", " : "", subflow ? subflow : "null", seconds, part);
    g_string_append_printf(text, "%s%s: %.0f %%", text->len ? ", " : "",
                           subflow ? subflow : "not captured", 100 * share);
}

/* Append the awaited subflows; in text "0: 78 %, 1: 22 %". @param subflows  of the connection */
static void add_fillers(mps_table *table, const mps_reordering_sum *sum, uint32_t subflows)
{
    GString *json = g_string_new("["), *text = g_string_new(NULL);
    for (uint32_t i = 0; i <= subflows; i++) {
        char number[16];
        g_snprintf(number, sizeof number, "%u", i);
        if (sum->fillers[i] > 0)
            append_filler(json, text, i < subflows ? number : NULL, sum->fillers[i],
                          sum->fillers[i] / sum->byte_time);
    }
    g_string_append_c(json, ']');
    mps_table_add_json(table, g_string_free(json, FALSE), g_string_free(text, FALSE));
}

/* Append all columns after `near`.
 * @param life      of the connection or subflow, ns
 * @param subflows  of the connection; not used without `fillers` */
static void add_sum(mps_table *table, mps_reordering_sum *sum, int64_t life, uint32_t subflows)
{
    mps_table_add(table, MPS_UINT(sum->segments));
    mps_table_add(table, MPS_UINT(sum->bytes));
    mps_table_add(table, MPS_UINT(sum->reordered));
    mps_table_add_ratio(table, (double)sum->reordered, (double)sum->segments);
    mps_table_add_ratio(table, (double)sum->extent_sum, (double)sum->reordered);
    mps_table_add(table, sum->reordered ? MPS_UINT(sum->extent_max) : MPS_NULL);
    mps_table_add(table, MPS_UINT(sum->held_segments));
    mps_table_add(table, MPS_UINT(sum->held_bytes));
    mps_table_add_ratio(table, (double)sum->held_bytes, (double)sum->bytes);
    mps_table_add(table, MPS_UINT(sum->unreleased_bytes));
    mps_table_add(table, MPS_UINT(sum->queued));
    add_holds(table, sum);
    mps_table_add(table, MPS_UINT(sum->buffer_max));
    mps_table_add_ratio(table, sum->byte_time + sum->open_time, (double)life);
    mps_table_add(table, sum->window_share > 0 ? MPS_REAL(sum->window_share) : MPS_NULL);
    if (sum->fillers && sum->byte_time > 0)
        add_fillers(table, sum, subflows);
    else
        mps_table_add(table, MPS_NULL);
}

static void add_direction(const mps_reordering_job *job)
{
    mps_table_add_direction(job->table, job->direction);
    mps_table_add_vantage(job->table, mps_vantage_of(job->near, job->direction));
}

/* Append a row for each awaited subflow. */
static void add_awaited(const mps_reordering_job *job)
{
    const mps_connection_info *info = job->connection;
    for (uint32_t i = 0; i <= info->subflow_count; i++) {
        if (job->data.fillers[i] <= 0)
            continue;
        mps_table_add(job->table, MPS_UINT(info->number));
        add_direction(job);
        mps_table_add_number(job->table, i < info->subflow_count ? i : MPS_NONE);
        mps_table_add(job->table, MPS_REAL(job->data.fillers[i] / 1e9));
        mps_table_add_ratio(job->table, job->data.fillers[i], job->data.byte_time);
    }
}

static void add_data(mps_reordering_job *job)
{
    const mps_connection_info *info = job->connection;
    if (job->data.segments == 0)
        return;
    mps_table_add(job->table, MPS_UINT(info->number));
    mps_table_add_string(job->table, "data");
    mps_table_add(job->table, MPS_NULL);
    add_direction(job);
    add_sum(job->table, &job->data, info->duration, info->subflow_count);
}

static void add_subflow(mps_reordering_job *job, uint32_t number)
{
    mps_reordering_sum *sum = mps_sparse_find(job->subflows, number);
    mps_subflow_info info;
    if (!sum)
        return;
    mps_tracker_subflow(
        job->tracker, mps_tracker_subflow_id(job->tracker, job->connection->number, number), &info);
    mps_table_add(job->table, MPS_UINT(info.connection));
    mps_table_add_string(job->table, "subflow");
    mps_table_add(job->table, MPS_UINT(number));
    add_direction(job);
    add_sum(job->table, sum, info.duration, 0);
}

static void clear_sum(mps_reordering_sum *sum)
{
    if (sum->waits)
        g_array_free(sum->waits, TRUE);
    g_free(sum->fillers);
}

static void direction_rows(mps_reordering_job *job)
{
    const uint32_t subflows = job->connection->subflow_count;
    job->data = (mps_reordering_sum){.fillers = g_new0(double, (gsize)subflows + 1)};
    job->subflows = mps_sparse_new(sizeof(mps_reordering_sum));
    mps_reordering_replay(job->tracker, job->connection->number, job->direction, job->awaited,
                          sum_arrival, job);
    if (job->awaited)
        add_awaited(job);
    else
        add_data(job);
    for (uint32_t i = 0; i < subflows && !job->awaited; i++)
        add_subflow(job, i);
    clear_sum(&job->data);
    for (guint i = 0; i < job->subflows->count; i++)
        clear_sum(mps_sparse_item(job->subflows, i));
    mps_sparse_free(job->subflows);
}

/* Sums over the data of a direction that passed the filter, for mps_report_held(). */
typedef struct {
    const mps_report *report;
    uint64_t bytes, held;
    mps_held_figures figures;
} mps_held_sum;

static void sum_figures(const mps_arrival *arrival, uint32_t level, void *data)
{
    mps_held_sum *sum = data;
    (void)level; /* there is only data */
    if (!mps_report_passed(sum->report, arrival->frame))
        return;
    sum->bytes += arrival->length;
    if (arrival->occupancy == 0)
        return;
    sum->held += arrival->length;
    if (arrival->room > 0)
        sum->figures.window_share = MAX(sum->figures.window_share, window_share(arrival));
    sum->figures.longest = MAX(sum->figures.longest, arrival->hold); /* < 0 where unknown */
}

static mps_held_figures replay_held(const mps_report *report, const mps_tracker *tracker,
                                    uint32_t number, mps_direction direction)
{
    mps_held_sum sum = {.report = report, .figures = MPS_HELD_UNKNOWN};
    mps_reordering_replay(tracker, number, direction, true, sum_figures, &sum);
    if (sum.bytes > 0)
        sum.figures.held_share = (double)sum.held / (double)sum.bytes;
    return sum.figures;
}

mps_held_figures mps_report_held(const mps_report *report, const mps_tracker *tracker,
                                 uint32_t number, mps_direction direction)
{
    const uint64_t data = mps_report_data(report, tracker, number, direction);
    mps_held_figures figures;
    if (mps_reordering_held(tracker, number, direction, data, &figures))
        return figures;
    return replay_held(report, tracker, number, direction);
}

static void add_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table,
                     bool awaited)
{
    uint32_t count = mps_tracker_connections(tracker);
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    for (uint32_t number = 0; number < count; number++) {
        mps_connection_info info;
        if (!mps_report_wants(report, number))
            continue;
        mps_tracker_connection(tracker, number, &info);
        const mps_near near = mps_vantages_near(vantages, number);
        for (mps_direction direction = MPS_C2S; direction <= MPS_S2C; direction++)
            direction_rows(&(mps_reordering_job){
                .report = report,
                .tracker = tracker,
                .connection = &info,
                .direction = direction,
                .near = near,
                .table = table,
                .awaited = awaited,
            });
    }
    mps_vantages_free(vantages);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    add_rows(report, tracker, table, false);
}

static void awaited_rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    add_rows(report, tracker, table, true);
}

const mps_report_kind mps_report_reordering_awaited = {
    .name = "awaited",
    .title = "awaited subflows",
    .empty = "No data waited for data of a subflow.",
    .columns = awaited_columns,
    .column_count = G_N_ELEMENTS(awaited_columns),
    .rows = awaited_rows,
};

static const mps_report_kind *const lists[] = {&mps_report_reordering_awaited, NULL};

const mps_report_kind mps_report_reordering = {
    .name = "reordering",
    .title = "MPTCP Reordering",
    .about = "data out of order, how long the receiver held it, for which subflow it waited",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .text_choices = text_choices,
    .needs = MPS_NEED_REORDERING | MPS_NEED_VANTAGE,
    .rows = rows,
    .lists = lists,
    .empty = "No payload passed.",
};
