/* critical_path.c: the report "critical-path": what each moment of a transfer waited for, as one
 * capture near its sender shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/critical_path/history.h"
#include "analysis/critical_path/holes.h"
#include "critical_tables.h"
#include "report_internal.h"
#include "table/table_write.h"

static const mps_column columns[] = {MPS_CRITICAL_ROW_COLUMNS("Verdict", "No path, because")};

/* A connection that is examined. */
typedef struct {
    const mps_report *report;
    const mps_tracker *tracker;
    mps_connection_info info;
    mps_near near;
    unsigned host; /* the one whose history this is, if the capture was made near any */
    mps_critical_input input;
    mps_critical_walker *walker;
} subject;

static void begin(subject *of, uint32_t number)
{
    const uint64_t shift[2] = {0, 0};
    mps_critical_history history;
    mps_tracker_connection(of->tracker, number, &of->info);
    of->host = of->near == MPS_NEAR_SERVER ? MPS_SERVER : MPS_CLIENT;
    mps_critical_input_init(&of->input);
    for (uint32_t i = 0; i < of->info.subflow_count; i++) {
        mps_subflow_info info;
        mps_tracker_subflow(of->tracker, mps_tracker_subflow_id(of->tracker, number, i), &info);
        const mps_critical_subflow subflow = {
            .number = i, .tcp_stream = info.tcp_stream, .initial = info.initial != 0};
        g_array_append_val(of->input.subflows, subflow);
    }
    mps_critical_history_begin(&history, &of->input, of->host, of->tracker);
    for (uint32_t i = 0; i < of->info.subflow_count; i++)
        mps_critical_history_add(&history, i, mps_tracker_subflow_id(of->tracker, number, i),
                                 shift);
    mps_critical_history_end(&history, NULL, NULL);
    mps_critical_history_clear(&history);
}

static void end(subject *of)
{
    mps_critical_walker_free(of->walker);
    mps_critical_input_clear(&of->input);
}

/* @return whether any payload went in a direction. @param mapped  set: of data that are known */
static bool has_payload(const subject *of, mps_direction direction, bool *mapped)
{
    const GArray *history = of->input.hosts[of->host];
    bool any = false;
    *mapped = false;
    for (guint i = 0; i < history->len && !*mapped; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        any |= segment->direction == direction && segment->length > 0;
        *mapped = segment->direction == direction && segment->has_dsn;
    }
    return any;
}

/* @return why there can be no path, whatever the walk finds; MPS_CRITICAL_KNOWN: there may be one
 */
static mps_critical_reason obstacle_of(const subject *of, mps_direction direction)
{
    const mps_vantage vantage = mps_vantage_of(of->near, direction);
    bool mapped;
    if (!has_payload(of, direction, &mapped))
        return MPS_CRITICAL_NO_DATA;
    if (vantage == MPS_VANTAGE_RECEIVER)
        return MPS_CRITICAL_NEAR_RECEIVER;
    if (vantage != MPS_VANTAGE_SENDER)
        return MPS_CRITICAL_NOT_NEAR;
    if (mps_tracker_leap_of(of->tracker, of->info.number))
        return MPS_CRITICAL_CLOCK_LEAPT;
    return mapped ? MPS_CRITICAL_KNOWN : MPS_CRITICAL_NO_MAPPING;
}

/* @return the index in the history of the frame with which a path ends */
static uint32_t end_of(const subject *of, const mps_critical_path *path)
{
    const GArray *history = of->input.hosts[of->host];
    uint32_t last = 0;
    for (guint i = 0; i < history->len; i++)
        if (g_array_index(history, mps_critical_segment, i).time <= path->end)
            last = i;
    return last;
}

/* @return whether the window of a segment that came is not known: what the sender waited for is not
 * known then, either */
static bool lacks_window(const subject *of, uint32_t until)
{
    const GArray *history = of->input.hosts[of->host];
    for (guint i = 0; i <= until && i < history->len; i++) {
        const mps_critical_segment *segment = &g_array_index(history, mps_critical_segment, i);
        if (segment->direction != of->host && segment->has_ack && !segment->has_window)
            return true;
    }
    return false;
}

/* @return the same reason, in the words of one capture; or why the path that was found does not
 * hold */
static mps_critical_reason reason_of(const subject *of, const mps_critical_path *path)
{
    if (path->reason == MPS_CRITICAL_NO_HANDSHAKE)
        return MPS_CRITICAL_NO_SYN;
    if (path->reason == MPS_CRITICAL_NO_DATA)
        return MPS_CRITICAL_NOT_ACKNOWLEDGED;
    if (path->reason != MPS_CRITICAL_KNOWN)
        return path->reason;
    const uint32_t until = end_of(of, path);
    if (lacks_window(of, until))
        return MPS_CRITICAL_NO_SCALE;
    return mps_critical_has_holes(&of->input, of->host, until) ? MPS_CRITICAL_HOLES
                                                               : MPS_CRITICAL_KNOWN;
}

static mps_critical_path *path_without(mps_critical_reason reason)
{
    mps_critical_path *path = mps_critical_path_new();
    path->reason = reason;
    return path;
}

static mps_critical_path *find_path(subject *of, mps_direction direction)
{
    const uint32_t end_subflow = of->report->path.end_subflow; /* numbers are indices here */
    if (end_subflow != MPS_NONE && end_subflow >= of->info.subflow_count)
        return path_without(MPS_CRITICAL_NO_SUBFLOW);
    const mps_critical_reason obstacle = obstacle_of(of, direction);
    if (obstacle != MPS_CRITICAL_KNOWN)
        return path_without(obstacle);
    if (!of->walker)
        of->walker = mps_critical_walker_new(&of->input, &MPS_CRITICAL_LIMITS);
    mps_critical_path *path = mps_critical_walk(of->walker, direction, end_subflow, MPS_NONE);
    path->reason = reason_of(of, path);
    return path;
}

static void add_row(subject *of, mps_direction direction, GArray *rows)
{
    mps_critical_row row = {
        .connection = of->info.number,
        .peer_connection = MPS_NONE,
        .end_subflow = of->report->path.end_subflow,
        .direction = direction,
        .path = find_path(of, direction),
        .subflows = g_array_ref(of->input.subflows),
    };
    row.verdict = mps_critical_verdict(row.path, row.subflows);
    g_array_append_val(rows, row);
}

/* Append the rows of a connection: of each direction that is asked for, and of which a segment was
 * counted. */
static void add_connection(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                           mps_near near, GArray *rows)
{
    const unsigned directions = report->path.directions;
    mps_counts counts[2] = {{0}};
    mps_report_add_connection(report, tracker, number, counts);
    if (counts[MPS_C2S].segments + counts[MPS_S2C].segments == 0)
        return;
    subject of = {.report = report, .tracker = tracker, .near = near};
    begin(&of, number);
    for (unsigned i = 0; i < 2; i++)
        if ((directions == 0 || directions & 1u << i) && counts[i].segments > 0)
            add_row(&of, (mps_direction)i, rows);
    end(&of);
}

/* Append the rows of all connections that the report is about.
 * @param take  called with those of one, which it may remove; NULL: keep all */
static void add_rows(const mps_report *report, const mps_tracker *tracker, GArray *rows,
                     void (*take)(GArray *rows, const mps_report *report, mps_table *table),
                     mps_table *table)
{
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++) {
        if (!mps_report_wants(report, i))
            continue;
        add_connection(report, tracker, i, mps_vantages_near(vantages, i), rows);
        if (take)
            take(rows, report, table);
    }
    mps_vantages_free(vantages);
}

/* Write the rows of a connection, and forget them: pieces take much memory. */
static void take_rows(GArray *rows, const mps_report *report, mps_table *table)
{
    const mps_critical_extent all = {report->path.pieces, report->interval};
    const mps_critical_extent extent = mps_critical_fitting(rows, &all);
    for (guint i = 0; i < rows->len; i++)
        mps_critical_add_row(table, &g_array_index(rows, mps_critical_row, i), &extent);
    g_array_set_size(rows, 0);
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    GArray *found = mps_critical_rows_new();
    add_rows(report, tracker, found, take_rows, table);
    g_array_free(found, TRUE);
}

GArray *mps_critical_rows_of_report(const mps_report *report, const mps_tracker *tracker)
{
    GArray *found = mps_critical_rows_new();
    add_rows(report, tracker, found, NULL, NULL);
    return found;
}

/* Csv has the pieces or the intervals where these are asked for. */
static mps_table *csv_table(const mps_report *report, const mps_tracker *tracker)
{
    if (!report->path.pieces && report->interval == 0)
        return NULL;
    GArray *found = mps_critical_rows_of_report(report, tracker);
    const mps_critical_extent extent = {report->path.pieces, report->interval};
    mps_table *table = mps_critical_csv_table(found, &extent);
    g_array_free(found, TRUE);
    return table;
}

static void text(const mps_report *report, const mps_tracker *tracker, const char *filter,
                 mps_text *out)
{
    const mps_critical_extent extent = {report->path.pieces, report->interval};
    GArray *found = mps_critical_rows_of_report(report, tracker);
    const mps_text_form first = {.title = report->kind->title, .filter = filter};
    if (report->file)
        mps_write_text_line(out, "Capture", report->file);
    mps_critical_write_verdicts(out, found);
    mps_critical_write_tables(out, found, &first, report->file, &extent);
    g_array_free(found, TRUE);
}

/* @return whether a connection may have a path: the capture was made near the sender of payload
 * that the report is about */
static bool may_have_path(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                          mps_near near)
{
    const unsigned direction = near == MPS_NEAR_SERVER ? MPS_S2C : MPS_C2S;
    const unsigned directions = report->path.directions;
    mps_counts counts[2] = {{0}};
    if (near != MPS_NEAR_CLIENT && near != MPS_NEAR_SERVER)
        return false;
    mps_report_add_connection(report, tracker, number, counts);
    return counts[direction].bytes > 0 && (directions == 0 || directions & 1u << direction);
}

/* Say what one capture cannot show, where it may show any path. */
static void notes(const mps_report *report, const mps_tracker *tracker, GPtrArray *notes)
{
    bool any = false;
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    for (uint32_t i = 0; i < mps_tracker_connections(tracker) && !any; i++)
        any = mps_report_wants(report, i) &&
              may_have_path(report, tracker, i, mps_vantages_near(vantages, i));
    mps_vantages_free(vantages);
    if (any)
        g_ptr_array_add(
            notes,
            g_strdup("One capture shows one end. A path ends when the last data were acknowledged, "
                     "as their delivery was not seen. A round trip is not split into its two ways, "
                     "the queues there and the receiver: a capture at the other end as well shows "
                     "these (mptcpscope critical-path A B)."));
}

static mps_table *list_table(const mps_report *report, const mps_tracker *tracker,
                             mps_critical_list list, int64_t interval)
{
    GArray *found = mps_critical_rows_of_report(report, tracker);
    const mps_critical_extent all = {false, interval};
    const mps_critical_extent extent = mps_critical_fitting(found, &all);
    mps_table *table = mps_critical_list_table(found, list, extent.interval);
    g_array_free(found, TRUE);
    return table;
}

static mps_table *classes_table(const mps_report *report, const mps_tracker *tracker)
{
    return list_table(report, tracker, MPS_CRITICAL_LIST_CLASSES, 0);
}

static mps_table *causes_table(const mps_report *report, const mps_tracker *tracker)
{
    return list_table(report, tracker, MPS_CRITICAL_LIST_CAUSES, 0);
}

static mps_table *pieces_table(const mps_report *report, const mps_tracker *tracker)
{
    return list_table(report, tracker, MPS_CRITICAL_LIST_PIECES, 0);
}

static mps_table *intervals_table(const mps_report *report, const mps_tracker *tracker)
{
    const int64_t interval = report->interval > 0 ? report->interval : MPS_INTERVAL_DEFAULT;
    return list_table(report, tracker, MPS_CRITICAL_LIST_INTERVALS, interval);
}

/* Why there is none is in the rows of the report. */
static const char no_path[] = "The capture shows no critical path.";

const mps_report_kind mps_report_critical_classes = {
    .name = "classes",
    .title = "what the time was spent on",
    .empty = no_path,
    .table = classes_table,
};

const mps_report_kind mps_report_critical_causes = {
    .name = "causes",
    .title = "causes, and what the sender waited for",
    .empty = no_path,
    .table = causes_table,
};

const mps_report_kind mps_report_critical_pieces = {
    .name = "pieces",
    .title = "pieces",
    .empty = no_path,
    .table = pieces_table,
};

const mps_report_kind mps_report_critical_intervals = {
    .name = "intervals",
    .title = "over time",
    .empty = no_path,
    .table = intervals_table,
};

static const mps_report_kind *const lists[] = {
    &mps_report_critical_classes, &mps_report_critical_causes, &mps_report_critical_pieces,
    &mps_report_critical_intervals, NULL};

const mps_report_kind mps_report_critical_path = {
    .name = "critical-path",
    .title = "MPTCP Critical Paths: from the first SYN to the last data acknowledged",
    .about = "what each moment of a transfer waited for, as one end shows it",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .needs = MPS_NEED_CRITICAL_PATH | MPS_NEED_VANTAGE,
    .takes_interval = true,
    .takes_path = true,
    .rows = rows,
    .lists = lists,
    .csv_table = csv_table,
    .notes = notes,
    .text = text,
};
