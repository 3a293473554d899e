/* icmp_problems.c: ICMP errors about segments of connections. Those that refused a subflow are
 * problems of the subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary_internal.h"

/* @return the segment that an error is about. @param step  as of mps_tracker_icmp_step() */
static const char *segment_text(uint16_t step)
{
    if (step == 0)
        return "a segment";
    return step == MPS_TCP_SYN ? "the SYN" : "the SYN/ACK";
}

static void check(mps_problem_search *search, const mps_icmp_record *record)
{
    const mps_flow *flow = mps_tracker_flow(search->tracker, record->subflow);
    const uint16_t step = mps_tracker_icmp_step(search->tracker, record);
    const bool about_syn = step == MPS_TCP_SYN, refuses = mps_icmp_error_refuses(&record->error);
    uint32_t connection, subflow;
    mps_tracker_numbers(search->tracker, record->subflow, &connection, &subflow);
    if (!mps_report_wants(search->report, connection) ||
        (about_syn && refuses && mps_flow_refusal(flow)))
        return;
    bool answered = about_syn && flow->answered;
    char *text = mps_icmp_error_text(&record->error);
    mps_problem_add(
        search, MPS_PROBLEM_ICMP_ERROR, refuses && !answered ? MPS_WARNING : MPS_NOTE, connection,
        subflow, record->error.frame, "ICMP error about %s from the %s: %s%s", segment_text(step),
        mps_direction_sender(mps_tracker_direction(search->tracker, record->subflow, record->half)),
        text, answered ? "; the SYN was answered all the same" : "");
    g_free(text);
}

void mps_search_icmp(mps_problem_search *search)
{
    for (uint32_t i = 0; i < mps_tracker_icmp_count(search->tracker); i++) {
        const mps_icmp_record *record = mps_tracker_icmp_at(search->tracker, i);
        if (mps_tracker_icmp_counts(search->tracker, record))
            check(search, record);
    }
}
