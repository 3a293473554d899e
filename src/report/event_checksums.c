/* event_checksums.c: the second table of the report "events": how many DSS checksums were right,
 * wrong, or could not be verified.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/checksum.h"
#include "report_internal.h"

static const mps_column columns[] = {
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},
    {NULL, "direction", MPS_VALUE_STRING, "Dir", NULL, 0},
    {NULL, "ok", MPS_VALUE_UINT, "Checksums ok", NULL, 0},
    {NULL, "bad", MPS_VALUE_UINT, "Bad", NULL, 0},
    {NULL, "unknown", MPS_VALUE_UINT, "Unknown", NULL, 0},
};

/* Count the mappings whose first segment passed the filter, by connection and direction. */
static void count(GArray *counts, const mps_report *report, const mps_tracker *tracker)
{
    const GArray *mappings = mps_checked_mappings(tracker);
    for (guint i = 0; mappings && i < mappings->len; i++) {
        const mps_checked_mapping *mapping = &g_array_index(mappings, mps_checked_mapping, i);
        uint32_t connection, subflow;
        if (!mps_report_shows(report, tracker, mapping->frame, mapping->subflow))
            continue;
        mps_tracker_numbers(tracker, mapping->subflow, &connection, &subflow);
        mps_direction direction = mps_tracker_direction(tracker, mapping->subflow, mapping->half);
        g_array_index(counts, mps_checksum_counts, 2 * connection + direction)
            .counts[mapping->status]++;
    }
}

static void rows(const mps_report *report, const mps_tracker *tracker, mps_table *table)
{
    guint directions = 2 * mps_tracker_connections(tracker);
    GArray *all = g_array_sized_new(FALSE, TRUE, sizeof(mps_checksum_counts), directions);
    g_array_set_size(all, directions);
    count(all, report, tracker);
    for (guint i = 0; i < directions; i++) {
        const uint32_t *counts = g_array_index(all, mps_checksum_counts, i).counts;
        uint32_t ok = counts[MPS_CHECK_OK], bad = counts[MPS_CHECK_BAD];
        uint32_t unknown = counts[MPS_CHECK_UNKNOWN];
        if (ok + bad + unknown == 0)
            continue;
        mps_table_add(table, MPS_UINT(i / 2));
        mps_table_add_direction(table, i % 2);
        mps_table_add(table, MPS_UINT(ok));
        mps_table_add(table, MPS_UINT(bad));
        mps_table_add(table, MPS_UINT(unknown));
    }
    g_array_free(all, TRUE);
}

const mps_report_kind mps_report_event_checksums = {
    .name = "checksums",
    .title = "DSS checksums",
    .empty = "No mapping has a DSS checksum.",
    .columns = columns,
    .column_count = G_N_ELEMENTS(columns),
    .rows = rows,
};
