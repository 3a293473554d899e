/* choice.c: finds the connection whose arrows are drawn, and says what a capture does not have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/decimal.h"
#include "base/times.h"
#include "flow_internal.h"
#include "report/by_data.h"
#include <mptcpscope/error.h>
#include <mptcpscope/fields.h>

/* @return the connection with most data, as pictures choose it. @param common  whether B has a
 * connection; NULL: one capture  @return MPS_NONE: there is none */
static uint32_t largest(const mps_trace *trace, const mps_arrow_log *log, const bool *common)
{
    mps_report *connections = mps_report_new("connections", MPS_NONE, NULL);
    for (guint i = 0; i < log->records->len; i++)
        mps_report_count(connections, &g_array_index(log->records, mps_arrow_record, i).verdict);
    const uint32_t most =
        mps_connection_with_most_data(connections, mps_trace_tracker(trace), common);
    mps_report_free(connections);
    return most;
}

/* Set `error`: there is no connection to draw. @return false */
static bool fail_without_connection(const mps_comparison *comparison, GError **error)
{
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT,
                        comparison ? mps_comparison_lacks_connections(comparison)
                                   : "no MPTCP connection");
    return false;
}

/* Find the connection. @param common  as of largest()  @return false, with `error` */
static bool find_connection(mps_arrows *arrows, const mps_arrow_choice *choice, const bool *common,
                            GError **error)
{
    const uint32_t count = mps_tracker_connections(mps_trace_tracker(arrows->trace[0]));
    const bool chosen = choice->connection != MPS_NONE;
    arrows->connection =
        chosen ? choice->connection : largest(arrows->trace[0], arrows->log[0], common);
    if (arrows->connection >= count)
        return fail_without_connection(arrows->comparison, error);
    if (common && !common[arrows->connection]) {
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "connection %u of A is not in B",
                    arrows->connection);
        return false;
    }
    if (!chosen && count > 1)
        g_ptr_array_add(arrows->notes,
                        g_strdup_printf("Connection %u of %u, numbered from 0: the first one of "
                                        "those with most data; -c chooses another.",
                                        arrows->connection, count));
    return true;
}

/* The time of the connection's first frame. If the clock was set back, later ones are before it. */
static int64_t first_time(const mps_arrows *arrows)
{
    const GArray *records = arrows->log[0]->records;
    for (guint i = 0; i < records->len; i++) {
        const mps_arrow_record *record = &g_array_index(records, mps_arrow_record, i);
        uint32_t connection, subflow;
        mps_tracker_numbers(mps_trace_tracker(arrows->trace[0]), record->verdict.subflow,
                            &connection, &subflow);
        if (connection == arrows->connection)
            return record->time;
    }
    return 0; /* a connection has segments */
}

mps_arrows *mps_arrows_begin(const mps_comparison *comparison, const mps_trace *trace,
                             const mps_arrow_log *log, const mps_arrow_choice *choice,
                             GError **error)
{
    mps_arrows *arrows = g_new0(mps_arrows, 1);
    bool *common = comparison ? mps_comparison_common(comparison) : NULL;
    arrows->comparison = comparison;
    arrows->trace[0] = trace;
    arrows->log[0] = log;
    arrows->subflow = choice->subflow;
    arrows->list = g_array_new(FALSE, FALSE, sizeof(mps_arrow));
    arrows->notes = g_ptr_array_new_with_free_func(g_free);
    const bool found =
        find_connection(arrows, choice, common, error) &&
        mps_tracker_has(mps_trace_tracker(trace), arrows->connection, arrows->subflow, error);
    g_free(common);
    if (!found) {
        mps_arrows_free(arrows);
        return NULL;
    }
    mps_fields_settle(mps_trace_tracker(trace));
    arrows->start = first_time(arrows);
    return arrows;
}

void mps_arrows_add(mps_arrows *arrows, const mps_arrow_choice *choice, const mps_arrow *arrow)
{
    arrows->earliest = arrows->any ? MIN(arrows->earliest, arrow->place) : arrow->place;
    arrows->latest = arrows->any ? MAX(arrows->latest, arrow->place) : arrow->place;
    arrows->any = true;
    if (arrow->place >= choice->from && arrow->place <= choice->to)
        g_array_append_vals(arrows->list, arrow, 1);
}

static void add_seconds(GString *text, const char *before, int64_t ns)
{
    g_string_append(text, before);
    mps_add_decimal(text, (double)ns / 1e9, 6);
    g_string_append(text, " s");
}

static void fail_empty(const mps_arrows *arrows, const mps_arrow_choice *choice, GError **error)
{
    GString *text = g_string_new(NULL);
    if (arrows->subflow != MPS_NONE)
        g_string_append_printf(text, "subflow %u of ", arrows->subflow);
    g_string_append_printf(text, "connection %u has no segment", arrows->connection);
    if (choice->from != INT64_MIN)
        add_seconds(text, " from ", choice->from);
    if (choice->to != INT64_MAX)
        add_seconds(text, " to ", choice->to);
    if (arrows->any) {
        add_seconds(text, "; its segments are from ", arrows->earliest);
        add_seconds(text, " to ", arrows->latest);
    }
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, text->str);
    g_string_free(text, TRUE);
}

/* Note where relative sequence numbers are not those that the SYN begins. */
static void note_unknown_starts(const mps_arrows *arrows)
{
    const mps_connection *connection =
        mps_tracker_connection_at(mps_trace_tracker(arrows->trace[0]), arrows->connection);
    for (guint i = 0; i < connection->flows.len; i++) {
        const mps_flow *flow = connection->flows.pdata[i];
        if (flow->half[0]->isn_known && flow->half[1]->isn_known)
            continue;
        if (arrows->subflow != MPS_NONE && flow->number != arrows->subflow)
            continue;
        g_ptr_array_add(arrows->notes,
                        g_strdup("Sequence numbers of a direction whose SYN was not captured count "
                                 "from the first one captured, which is 1."));
        return;
    }
}

mps_arrows *mps_arrows_end(mps_arrows *arrows, const mps_arrow_choice *choice, GError **error)
{
    if (arrows->list->len > 0) {
        note_unknown_starts(arrows);
        return arrows;
    }
    fail_empty(arrows, choice, error);
    mps_arrows_free(arrows);
    return NULL;
}

void mps_arrows_free(mps_arrows *arrows)
{
    if (!arrows)
        return;
    g_array_free(arrows->list, TRUE);
    g_ptr_array_free(arrows->notes, TRUE);
    g_free(arrows);
}
