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

void mps_summary_clear(mps_summary *summary)
{
    g_array_free(summary->subflows, TRUE);
    g_array_free(summary->problems, TRUE);
    g_free(summary->ended);
}

static mps_summary summary_of(mps_problem_search *search, uint32_t number)
{
    mps_summary summary = {.subflows = g_array_new(FALSE, FALSE, sizeof(mps_summary_subflow))};
    mps_tracker_connection(search->tracker, number, &summary.info);
    add_subflows(&summary, search->report, search->tracker);
    summary.problems = mps_problems_of(search, number);
    for (guint i = 0; i < summary.problems->len; i++)
        summary.warnings += g_array_index(summary.problems, mps_problem, i).severity == MPS_WARNING;
    for (unsigned d = 0; d < 2; d++)
        summary.data[d] = mps_milestones_of_data(search->tracker, number, d);
    summary.ended =
        mps_ending_text(search->tracker, &summary.info, mps_ending_of(search->endings, number));
    return summary;
}

void mps_summaries_visit(const mps_report *report, const mps_tracker *tracker,
                         mps_summary_visitor visit, void *data)
{
    mps_problem_search search = mps_problems_begin(report, tracker);
    for (uint32_t i = 0; i < mps_tracker_connections(tracker); i++) {
        if (!mps_report_wants(report, i))
            continue;
        mps_summary summary = summary_of(&search, i);
        if (summary.subflows->len == 0 || !visit(&summary, data))
            mps_summary_clear(&summary);
    }
    mps_problems_end(&search);
}
