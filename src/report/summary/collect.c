/* collect.c: collects what the report "summary" says about each connection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary_internal.h"

mps_summary_subflow mps_summary_subflow_of(const mps_report *report, const mps_tracker *tracker,
                                           const mps_connection_info *connection, uint32_t number)
{
    uint32_t id = mps_tracker_subflow_id(tracker, connection->number, number);
    mps_summary_subflow subflow = {.connection = *connection};
    mps_tracker_subflow(tracker, id, &subflow.info);
    mps_report_add_subflow(report, tracker, id, subflow.counts);
    for (unsigned i = 0; i < 2; i++)
        subflow.milestones[i] = mps_milestones_of_half(tracker, mps_analysis_half(tracker, id, i));
    subflow.accepted = subflow.info.accepted;
    for (unsigned i = 0; i < 2; i++)
        subflow.has_payload |=
            subflow.milestones[i].first_payload > 0 || subflow.info.uncaptured[i] > 0;
    return subflow;
}

static void add_counts(mps_counts *sum, const mps_counts *own)
{
    sum->segments += own->segments;
    sum->bytes += own->bytes;
    sum->data += own->data;
    sum->retransmitted += own->retransmitted;
    sum->reinjected += own->reinjected;
    sum->reinjections += own->reinjections;
    sum->unmapped += own->unmapped;
    sum->cut |= own->cut;
    sum->uncaptured |= own->uncaptured;
}

static void add_subflows(mps_summary *summary, const mps_report *report, const mps_tracker *tracker)
{
    for (uint32_t i = 0; i < summary->info.subflow_count; i++) {
        mps_summary_subflow subflow = mps_summary_subflow_of(report, tracker, &summary->info, i);
        summary->unused += subflow.accepted && !subflow.has_payload;
        if (subflow.counts[0].segments + subflow.counts[1].segments == 0)
            continue;
        add_counts(&summary->counts[0], &subflow.counts[0]);
        add_counts(&summary->counts[1], &subflow.counts[1]);
        g_array_append_val(summary->subflows, subflow);
    }
}

/* Find the problems of a connection. They are sorted by connection, and this is called for the
 * connections in order.
 * @param next  index of the first problem that no earlier call has passed */
static void find_problems(mps_summary *summary, const GArray *problems, guint *next)
{
    while (*next < problems->len &&
           g_array_index(problems, mps_problem, *next).connection < summary->info.number)
        ++*next;
    if (*next < problems->len)
        summary->problems = &g_array_index(problems, mps_problem, *next);
    for (; *next < problems->len; ++*next) {
        const mps_problem *problem = &g_array_index(problems, mps_problem, *next);
        if (problem->connection != summary->info.number)
            break;
        summary->problem_count++;
        summary->warnings += problem->severity == MPS_WARNING;
    }
}

static void clear_summary(gpointer data)
{
    mps_summary *summary = data;
    g_array_free(summary->subflows, TRUE);
    g_free(summary->ended);
}

void mps_summaries_visit(const mps_report *report, const mps_tracker *tracker,
                         const GArray *problems, mps_summary_visitor visit, void *data)
{
    GArray *endings = mps_endings(tracker);
    guint next = 0;
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++) {
        if (!mps_report_wants(report, i))
            continue;
        mps_summary summary = {.subflows = g_array_new(FALSE, FALSE, sizeof(mps_summary_subflow))};
        mps_tracker_connection(tracker, i, &summary.info);
        add_subflows(&summary, report, tracker);
        find_problems(&summary, problems, &next);
        for (unsigned d = 0; d < 2; d++)
            summary.data[d] = mps_milestones_of_data(tracker, i, d);
        summary.ended =
            mps_ending_text(tracker, &summary.info, &g_array_index(endings, mps_ending, i));
        if (summary.subflows->len == 0 || !visit(&summary, data))
            clear_summary(&summary);
    }
    g_array_free(endings, TRUE);
}

GArray *mps_summary_problems(const mps_report *report, const mps_tracker *tracker)
{
    GArray *endings = mps_endings(tracker);
    GArray *problems = mps_problems(report, tracker, endings);
    g_array_free(endings, TRUE);
    return problems;
}

static bool keep(const mps_summary *summary, void *connections)
{
    g_array_append_vals(connections, summary, 1);
    return true;
}

mps_summaries mps_summaries_of(const mps_report *report, const mps_tracker *tracker)
{
    mps_summaries all = {
        .connections = g_array_new(FALSE, FALSE, sizeof(mps_summary)),
        .problems = mps_summary_problems(report, tracker),
    };
    g_array_set_clear_func(all.connections, clear_summary);
    mps_summaries_visit(report, tracker, all.problems, keep, all.connections);
    return all;
}

void mps_summaries_clear(mps_summaries *summaries)
{
    g_array_free(summaries->connections, TRUE);
    g_array_free(summaries->problems, TRUE);
}
