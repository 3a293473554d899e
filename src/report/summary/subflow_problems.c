/* subflow_problems.c: what looks wrong with a subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary_internal.h"

static const char *opening_option(const mps_summary_subflow *subflow)
{
    return subflow->info.initial == 0 ? "MP_JOIN" : "MP_CAPABLE";
}

/* Why a subflow was reset, as its MP_TCPRST says. */
static const char *reset_reason(const mps_summary_subflow *subflow)
{
    return subflow->info.reset_reason < 0
               ? "no reason given"
               : mps_tcprst_reason_name((uint8_t)subflow->info.reset_reason);
}

/* Who sent the first RST. @return false: nobody */
static bool resetter(const mps_summary_subflow *subflow, mps_direction *by)
{
    uint32_t c2s = subflow->course[MPS_C2S].rst, s2c = subflow->course[MPS_S2C].rst;
    *by = c2s > 0 && (s2c == 0 || c2s < s2c) ? MPS_C2S : MPS_S2C;
    return c2s > 0 || s2c > 0;
}

#define ADD(kind, severity, frame, ...)                                                            \
    mps_problem_add(search, kind, severity, subflow->info.connection, subflow->info.number, frame, \
                    __VA_ARGS__)

/* The SYN got no answer, or RST. */
static void find_unanswered(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    char waited[MPS_DECIMAL_MAX];
    const mps_half_milestones *syn = &subflow->course[subflow->info.initiator];
    const mps_half_milestones *answer = &subflow->course[!subflow->info.initiator];
    int64_t time = subflow->connection.end - subflow->info.start;
    if (answer->rst > 0)
        ADD(MPS_PROBLEM_REJECTED, MPS_WARNING, answer->rst, "SYN with %s answered with RST: %s",
            opening_option(subflow), reset_reason(subflow));
    else if (syn->syns > 0)
        ADD(MPS_PROBLEM_UNANSWERED, time < MPS_ANSWER_TIME ? MPS_NOTE : MPS_WARNING, syn->syn_frame,
            "%s never answered: sent %ux, the connection went on for %s s", opening_option(subflow),
            syn->syns, mps_decimal(waited, (double)time / 1e9, 3));
}

static void find_refused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    mps_direction by;
    uint32_t frame = subflow->course[!subflow->info.initiator].refused;
    if (!resetter(subflow, &by))
        ADD(MPS_PROBLEM_REFUSED, MPS_WARNING, frame,
            "MP_JOIN refused: SYN/ACK without it, from the %s or something on the path",
            mps_sender_name(!subflow->info.initiator));
    else
        ADD(MPS_PROBLEM_REFUSED, MPS_WARNING, frame,
            "MP_JOIN refused: SYN/ACK without it, from the %s or something on the path; the %s "
            "reset the subflow in frame %u (%s)",
            mps_sender_name(!subflow->info.initiator), mps_sender_name(by), subflow->course[by].rst,
            reset_reason(subflow));
}

/* An RST that ends what was over anyway is nothing wrong. */
static bool was_over(const mps_problem_search *search, const mps_summary_subflow *subflow,
                     int64_t time)
{
    const mps_ending *ending =
        &g_array_index(search->endings, mps_ending, subflow->info.connection);
    if (ending->fastclose > 0 && time >= ending->fastclose_time - MPS_AT_ONCE)
        return true;
    return subflow->connection.state == MPS_CONNECTION_CLOSED &&
           time >= MAX(ending->fin_time[MPS_C2S], ending->fin_time[MPS_S2C]);
}

/* @return whether it was reset too early */
static bool find_reset(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    mps_direction by;
    if (subflow->info.state != MPS_SUBFLOW_RESET || !resetter(subflow, &by) ||
        was_over(search, subflow, subflow->course[by].rst_time))
        return false;
    int64_t time = subflow->course[by].rst_time;
    char *rest = subflow->carried ? mps_went_on_text(search, subflow, time) : g_strdup("");
    ADD(MPS_PROBLEM_RESET, MPS_WARNING, subflow->course[by].rst, "reset by the %s: %s%s",
        mps_sender_name(by), reset_reason(subflow), rest);
    g_free(rest);
    return true;
}

static mps_severity ratio_severity(double ratio)
{
    return ratio >= MPS_HIGH_RATIO ? MPS_WARNING : MPS_NOTE;
}

static void find_repetition(mps_problem_search *search, const mps_summary_subflow *subflow,
                            mps_direction direction)
{
    const mps_half_milestones *course = &subflow->course[direction];
    const mps_counts *counts = &subflow->counts[direction];
    double retransmitted = mps_ratio(counts->retransmitted, counts->bytes);
    double reinjected = mps_ratio(counts->reinjected, counts->data);
    char text[MPS_DECIMAL_MAX];
    if (course->retransmissions >= MPS_RATIO_SEGMENTS && retransmitted >= MPS_RAISED_RATIO)
        ADD(MPS_PROBLEM_RETRANSMISSIONS, ratio_severity(retransmitted),
            course->first_retransmission,
            "%s %% of the payload of the %s is retransmitted, in %u segments",
            mps_decimal(text, 100 * retransmitted, 1), mps_sender_name(direction),
            course->retransmissions);
    if (counts->reinjections < MPS_RATIO_SEGMENTS)
        return;
    if (counts->data <= 0)
        ADD(MPS_PROBLEM_REINJECTIONS, MPS_WARNING, course->first_reinjection,
            "carries no new data of the %s, just %" G_GINT64_FORMAT " reinjected bytes",
            mps_sender_name(direction), counts->reinjected);
    else if (reinjected >= MPS_RAISED_RATIO)
        ADD(MPS_PROBLEM_REINJECTIONS, ratio_severity(reinjected), course->first_reinjection,
            "reinjected bytes of the %s are %s %% of its new data, in %" G_GINT64_FORMAT
            " segments",
            mps_sender_name(direction), mps_decimal(text, 100 * reinjected, 1),
            counts->reinjections);
}

static void find_uncaptured(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *course = subflow->course;
    bool guessed = subflow->connection.roles == MPS_ROLES_PORT;
    if (course[0].syns + course[1].syns == 0)
        ADD(MPS_PROBLEM_MIDDLE, MPS_NOTE, subflow->info.frame,
            "handshake not captured: the capture starts in the middle, or misses it%s",
            guessed ? "; the higher port is taken for the client's" : "");
    for (unsigned i = 0; i < 2 && subflow->info.state != MPS_SUBFLOW_SYN; i++)
        if (course[i].segments == 0)
            ADD(MPS_PROBLEM_ONE_WAY, MPS_NOTE, subflow->info.frame,
                "nothing that the %s sent on it is in the capture", mps_sender_name(i));
}

static void find_odd_payload(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    for (unsigned i = 0; i < 2; i++) {
        const mps_half_milestones *course = &subflow->course[i];
        find_repetition(search, subflow, i);
        if (course->unmapped > 0)
            ADD(MPS_PROBLEM_UNMAPPED, MPS_WARNING, course->first_unmapped,
                "%" G_GINT64_FORMAT " bytes of payload of the %s have no mapping", course->unmapped,
                mps_sender_name(i));
    }
}

/* Nothing but the handshake, while the connection had something to carry. */
static void find_unused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    if (search->carried && subflow->accepted && !subflow->carried && subflow->info.backup != 1)
        ADD(MPS_PROBLEM_UNUSED, MPS_NOTE, subflow->info.frame,
            "accepted and no backup, but carried no payload either way");
}

void mps_search_subflow(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *syn = &subflow->course[subflow->info.initiator];
    find_uncaptured(search, subflow);
    if (subflow->info.state == MPS_SUBFLOW_SYN) {
        find_unanswered(search, subflow);
        return;
    }
    if (syn->syns > 1)
        ADD(MPS_PROBLEM_SYN_REPEATED, MPS_NOTE, syn->syn_frame,
            "SYN with %s sent %ux before the subflow opened", opening_option(subflow), syn->syns);
    if (!subflow->accepted) {
        find_refused(search, subflow);
        return;
    }
    find_odd_payload(search, subflow);
    if (!find_reset(search, subflow))
        find_unused(search, subflow);
}
