/* report.c: the list of reports; counting segments for them; their tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "report_internal.h"
#include <mptcpscope/error.h>

static const mps_report_kind *const kinds[] = {
    &mps_report_connections, &mps_report_subflows,     &mps_report_summary,
    &mps_report_events,      &mps_report_reinjections, &mps_report_rtt,
    &mps_report_reordering,  &mps_report_limits,       &mps_report_interarrival,
    &mps_report_series,      &mps_report_mib,          &mps_report_critical_path,
    &mps_report_flows,
};

/* Their names: each is that of a kind. */
static const char *const names_of_kinds[] = {
    "connections", "subflows",     "summary", "events", "reinjections",  "rtt",   "reordering",
    "limits",      "interarrival", "series",  "mib",    "critical-path", "flows", NULL,
};
G_STATIC_ASSERT(G_N_ELEMENTS(names_of_kinds) == G_N_ELEMENTS(kinds) + 1);

/* The name of the first table of a report, as of json. */
#define ROWS "rows"

/* The tables of reports that have two: the first one, and the second of each. */
static const char *const names_of_tables[] = {ROWS, "checksums", "totals", "flows", NULL};

const char *const *mps_report_names(void)
{
    return names_of_kinds;
}

void mps_report_list(int indent, FILE *out)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        fprintf(out, "%*s%-13s  %s\n", indent, "", kinds[i]->name, kinds[i]->about);
}

const char *mps_report_about(const char *name)
{
    return mps_report_kind_of(name)->about;
}

const mps_report_kind *mps_report_kind_of(const char *name)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (g_strcmp0(kinds[i]->name, name) == 0)
            return kinds[i];
    return NULL;
}

mps_report *mps_report_new(const char *name, uint32_t connection, GError **error)
{
    const mps_report_kind *kind = mps_report_kind_of(name);
    if (kind) {
        mps_report *report = g_new0(mps_report, 1);
        report->kind = kind;
        report->connection = connection;
        report->interval = kind->flush ? MPS_INTERVAL_DEFAULT : 0;
        report->path = MPS_PATH_CHOICE_NONE;
        report->segments = g_array_new(FALSE, TRUE, sizeof(uint32_t));
        report->counts = mps_sparse_new(sizeof(mps_counts));
        report->late_counted = g_new0(uint32_t, 1);
        return report;
    }
    char *names = mps_names_text(mps_report_names());
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "unknown report \"%s\"; known reports: %s",
                name ? name : "", names);
    g_free(names);
    return NULL;
}

/* Forget what was counted of plain TCP. */
static void clear_plain(mps_report *report)
{
    mps_report_free(report->plain);
    mps_tracker_free(report->plain_by);
    report->plain = NULL;
    report->plain_by = NULL;
}

void mps_report_free(mps_report *report)
{
    if (!report)
        return;
    g_array_free(report->segments, TRUE);
    mps_sparse_free(report->counts);
    mps_frame_set_clear(&report->passed);
    g_free(report->late_counted);
    mps_intervals_free(report->live);
    clear_plain(report);
    mps_host_counters_free(report->against);
    g_free(report);
}

/* Forget what was counted. */
static void clear_counts(mps_report *report)
{
    g_array_set_size(report->segments, 0);
    mps_sparse_clear(report->counts);
    *report->late_counted = 0;
    clear_plain(report);
}

void mps_report_reset(mps_report *report)
{
    clear_counts(report);
    mps_frame_set_clear(&report->passed);
    mps_intervals_free(report->live);
    report->live = NULL;
    report->live_taken = 0;
    report->live_rows = 0;
    report->live_begun = false;
}

bool mps_report_is_live(const mps_report *report)
{
    return report->kind->flush != NULL;
}

bool mps_report_set_interval(mps_report *report, int64_t interval, GError **error)
{
    if (!report->kind->takes_interval) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "the report %s has no intervals",
                    report->kind->name);
        return false;
    }
    report->interval = interval;
    return true;
}

bool mps_report_set_zeros(mps_report *report, GError **error)
{
    if (!report->kind->takes_zeros) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "the report %s leaves out no zeros",
                    report->kind->name);
        return false;
    }
    report->zeros = true;
    return true;
}

const char *const *mps_report_tables_of_all(void)
{
    return names_of_tables;
}

bool mps_report_has_table(const char *report, const char *table)
{
    const mps_report_kind *kind = mps_report_kind_of(report);
    return kind && kind->totals &&
           (strcmp(table, ROWS) == 0 || strcmp(table, kind->totals->name) == 0);
}

bool mps_report_set_table(mps_report *report, const char *name, GError **error)
{
    const mps_report_kind *kind = report->kind;
    if (!kind->totals) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "the report %s has only one table",
                    kind->name);
        return false;
    }
    report->tables = strcmp(name, ROWS) == 0                 ? MPS_TABLES_ROWS
                     : strcmp(name, kind->totals->name) == 0 ? MPS_TABLES_TOTALS
                                                             : MPS_TABLES_ALL;
    if (report->tables != MPS_TABLES_ALL)
        return true;
    g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE,
                "the report %s has no table \"%s\"; known tables: %s, %s", kind->name, name, ROWS,
                kind->totals->name);
    return false;
}

void mps_report_set_drops(mps_report *report, uint64_t packets)
{
    report->drops = packets;
}

bool mps_report_set_path(mps_report *report, const mps_path_choice *choice, GError **error)
{
    if (!report->kind->takes_path) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_USAGE, "the report %s has no critical paths",
                    report->kind->name);
        return false;
    }
    report->path = *choice;
    return true;
}

void mps_report_set_connection(mps_report *report, uint32_t connection)
{
    report->connection = connection;
}

void mps_report_set_file(mps_report *report, const char *file)
{
    report->file = file;
}

void mps_report_pass_all(mps_report *report)
{
    report->passes_all = true;
}

void mps_report_set_near(mps_report *report, const mps_near_choice *near)
{
    report->near = *near;
}

const char *mps_report_title(const mps_report *report)
{
    return report->kind->title;
}

unsigned mps_report_needs(const mps_report *report)
{
    return report->kind->needs;
}

bool mps_report_passed(const mps_report *report, uint32_t frame)
{
    return report->passes_all || mps_frame_set_has(&report->passed, frame);
}

bool mps_report_wants(const mps_report *report, uint32_t connection)
{
    return report->connection == MPS_NONE || report->connection == connection;
}

bool mps_report_shows(const mps_report *report, const mps_tracker *tracker, uint32_t frame,
                      uint32_t subflow)
{
    uint32_t connection, number;
    if (!mps_report_passed(report, frame))
        return false;
    mps_tracker_numbers(tracker, subflow, &connection, &number);
    return mps_report_wants(report, connection);
}

uint32_t mps_report_subflow_number(const mps_tracker *tracker, uint32_t id)
{
    uint32_t connection, number;
    mps_tracker_numbers(tracker, id, &connection, &number);
    return number;
}

/* Something of a frame was counted. */
static inline void pass(mps_report *report, uint32_t frame)
{
    if (!report->passes_all)
        mps_frame_set_add(&report->passed, frame);
}

/* Count a segment that counts. */
static inline void count(const mps_report *report, const mps_verdict *verdict)
{
    const uint32_t number = 2 * verdict->subflow + verdict->half;
    if (number >= report->segments->len)
        g_array_set_size(report->segments, number + 1);
    g_array_index(report->segments, uint32_t, number)++;
    if (verdict->length == 0 && verdict->data == 0 && verdict->reinjected == 0 &&
        verdict->unmapped == 0)
        return; /* as of a SYN: most halves of a flood have nothing else */
    mps_counts *counts = mps_sparse_at(report->counts, number);
    counts->bytes += verdict->length;
    counts->data += verdict->data;
    counts->retransmitted += verdict->retransmitted;
    counts->reinjected += verdict->reinjected;
    counts->reinjections += verdict->reinjected > 0;
    counts->unmapped += verdict->unmapped;
}

void mps_report_count(mps_report *report, const mps_verdict *verdict)
{
    if (report->kind->needs || report->recounts || verdict->copy)
        pass(report, verdict->frame);
    if (!verdict->copy)
        count(report, verdict);
}

void mps_report_count_icmp(mps_report *report, const mps_icmp_record *record)
{
    if (report->kind->needs)
        pass(report, record->error.frame);
}

bool mps_report_wants_plain(const mps_report *report)
{
    return report->kind->takes_plain && report->connection == MPS_NONE;
}

/* Count a segment of plain TCP, unless it is a copy of another. */
static void count_plain(mps_report *report, const mps_segment *segment)
{
    mps_verdict verdict;
    if (!report->plain) {
        report->plain = mps_report_new(report->kind->name, MPS_NONE, NULL);
        report->plain_by = mps_tracker_new(MPS_TRACK_TCP);
        mps_report_pass_all(report->plain);
    }
    if (mps_tracker_segment(report->plain_by, segment, &verdict))
        mps_report_count(report->plain, &verdict);
}

void mps_report_count_plain(mps_report *report, const mps_segment *segment)
{
    if (report->recounts)
        pass(report, segment->frame);
    count_plain(report, segment);
}

void mps_report_recount_plain(mps_report *report, const mps_segment *segment)
{
    if (mps_report_passed(report, segment->frame))
        count_plain(report, segment);
}

void mps_report_will_recount(mps_report *report)
{
    report->recounts = true;
}

void mps_report_recount_begin(mps_report *report)
{
    clear_counts(report);
}

void mps_report_recount(mps_report *report, const mps_verdict *verdict)
{
    if (!verdict->copy && mps_report_passed(report, verdict->frame))
        count(report, verdict);
}

void mps_report_count_late(const mps_report *report, const mps_tracker *tracker)
{
    uint32_t *counted = report->late_counted;
    for (; *counted < mps_tracker_late(tracker); ++*counted) {
        const mps_verdict *verdict = mps_tracker_late_verdict(tracker, *counted);
        if (mps_report_passed(report, verdict->frame))
            count(report, verdict);
    }
}

void mps_report_add_subflow(const mps_report *report, const mps_tracker *tracker, uint32_t id,
                            mps_counts counts[2])
{
    mps_subflow_info info;
    mps_tracker_subflow(tracker, id, &info);
    for (unsigned side = 0; side < 2; side++) {
        counts[side].uncaptured |= info.uncaptured[side] > 0;
        counts[side].cut |= info.cut[side];
    }
    for (uint8_t half = 0; half < 2; half++) {
        const uint32_t number = 2 * id + half;
        mps_counts *sum = &counts[mps_tracker_direction(tracker, id, half)];
        if (number < report->segments->len)
            sum->segments += g_array_index(report->segments, uint32_t, number);
        const mps_counts *own = mps_sparse_find(report->counts, number);
        if (!own)
            continue;
        sum->bytes += own->bytes;
        sum->data += own->data;
        sum->retransmitted += own->retransmitted;
        sum->reinjected += own->reinjected;
        sum->reinjections += own->reinjections;
        sum->unmapped += own->unmapped;
    }
}

void mps_report_add_connection(const mps_report *report, const mps_tracker *tracker,
                               uint32_t number, mps_counts counts[2])
{
    mps_connection_info info;
    mps_tracker_connection(tracker, number, &info);
    for (uint32_t i = 0; i < info.subflow_count; i++)
        mps_report_add_subflow(report, tracker, mps_tracker_subflow_id(tracker, number, i), counts);
}

uint64_t mps_report_data(const mps_report *report, const mps_tracker *tracker, uint32_t number,
                         mps_direction direction)
{
    const mps_connection *connection = mps_tracker_connection_at(tracker, number);
    int64_t data = 0;
    for (guint i = 0; i < connection->flows.len; i++) {
        const uint32_t half = mps_analysis_half(tracker, connection->flows.pdata[i]->id, direction);
        const mps_counts *own = mps_sparse_find(report->counts, half);
        data += own ? own->data : 0;
    }
    return (uint64_t)MAX(data, 0);
}

mps_table *mps_report_new_table(const mps_report *report, const mps_report_kind *kind)
{
    mps_table *table = mps_table_new(kind->columns, kind->column_count);
    table->capture = report->file;
    return table;
}

mps_table *mps_report_kind_table(const mps_report *report, const mps_tracker *tracker,
                                 const mps_report_kind *kind)
{
    mps_report_count_late(report, tracker);
    if (kind->table)
        return kind->table(report, tracker); /* for windows */
    mps_table *table = mps_report_new_table(report, kind);
    kind->rows(report, tracker, table);
    mps_table_complete(table);
    return table;
}

mps_table *mps_report_table(const mps_report *report, const mps_tracker *tracker)
{
    return mps_report_kind_table(report, tracker, report->kind);
}

void mps_report_pass_rows(const mps_report *report, const mps_tracker *tracker,
                          void (*take_row)(const mps_table *table, void *data), void *data)
{
    mps_report_count_late(report, tracker);
    mps_table *table = mps_report_new_table(report, report->kind);
    mps_table_pass_rows(table, take_row, data);
    report->kind->rows(report, tracker, table);
    mps_table_free(table);
}

mps_table *mps_report_flush(mps_report *report, const mps_tracker *tracker, bool end)
{
    if (!report->kind->flush)
        return NULL;
    mps_table *table = mps_report_new_table(report, report->kind);
    report->kind->flush(report, tracker, end, table);
    mps_table_complete(table);
    return table;
}
