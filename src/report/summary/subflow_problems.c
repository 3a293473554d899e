/* subflow_problems.c: what looks wrong with a subflow.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "base/times.h"
#include "summary_internal.h"

static const char *opening_option(const mps_summary_subflow *subflow)
{
    return subflow->info.initial == 0 ? "MP_JOIN" : "MP_CAPABLE";
}

/* Find who sent the first RST. @return false if nobody did */
static bool find_resetter(const mps_summary_subflow *subflow, mps_direction *by)
{
    uint32_t c2s = subflow->milestones[MPS_C2S].rst, s2c = subflow->milestones[MPS_S2C].rst;
    *by = c2s > 0 && (s2c == 0 || c2s < s2c) ? MPS_C2S : MPS_S2C;
    return c2s > 0 || s2c > 0;
}

#define ADD(kind, severity, frame, ...)                                                            \
    mps_problem_add(search, kind, severity, subflow->info.connection, subflow->info.number, frame, \
                    __VA_ARGS__)

/* The SYN got no answer. */
static void find_unanswered(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    char waited[MPS_DECIMAL_MAX];
    const mps_half_milestones *syn = &subflow->milestones[subflow->info.initiator];
    int64_t time = mps_minus(subflow->connection.end, subflow->info.start);
    if (syn->syns > 0)
        ADD(MPS_PROBLEM_JOIN_UNANSWERED, time < MPS_ANSWER_TIME ? MPS_NOTE : MPS_WARNING,
            syn->syn_frame,
            "SYN with %s never answered: %u sent, the connection continued for %s s",
            opening_option(subflow), syn->syns, mps_seconds(waited, time));
}

/* An ICMP error answered the SYN, and nothing else did. */
static void find_icmp_refused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *syn = &subflow->milestones[subflow->info.initiator];
    char *text = mps_icmp_error_text(subflow->info.refusal);
    if (syn->syns > 1)
        ADD(MPS_PROBLEM_ICMP_REFUSED, MPS_WARNING, subflow->info.refusal->frame,
            "SYN with %s refused by ICMP: %s; %u sent", opening_option(subflow), text, syn->syns);
    else
        ADD(MPS_PROBLEM_ICMP_REFUSED, MPS_WARNING, subflow->info.refusal->frame,
            "SYN with %s refused by ICMP: %s", opening_option(subflow), text);
    g_free(text);
}

/* The handshake was not completed: the third ACK is missing, or a RST came instead. */
static void find_incomplete(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    mps_direction by;
    const mps_half_milestones *syn = &subflow->milestones[subflow->info.initiator];
    const mps_half_milestones *answer = &subflow->milestones[!subflow->info.initiator];
    const char *option = opening_option(subflow);
    if (!find_resetter(subflow, &by) && syn->segments > 0)
        ADD(MPS_PROBLEM_HANDSHAKE_INCOMPLETE, MPS_WARNING, answer->syn_frame,
            "%u SYN/ACK%s with %s, but no third ACK: not accepted", answer->syns,
            answer->syns == 1 ? "" : "s", option);
    else if (subflow->info.state != MPS_SUBFLOW_RESET)
        return;
    else if (answer->syns == 0 && syn->syns > 0)
        ADD(MPS_PROBLEM_SYN_RESET, MPS_WARNING, subflow->milestones[by].rst,
            "SYN with %s answered with RST: %s", option, mps_reset_reason_text(&subflow->info));
    else
        ADD(MPS_PROBLEM_RESET, MPS_WARNING, subflow->milestones[by].rst,
            "%sreset by the %s before any payload: %s", syn->syns > 0 ? "refused: " : "",
            mps_direction_sender(by), mps_reset_reason_text(&subflow->info));
}

static void find_refused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    mps_direction by;
    uint32_t frame = subflow->milestones[!subflow->info.initiator].refused;
    if (!find_resetter(subflow, &by))
        ADD(MPS_PROBLEM_JOIN_REFUSED, MPS_WARNING, frame,
            "MP_JOIN refused by the %s or the path: SYN/ACK without MP_JOIN",
            mps_direction_sender(!subflow->info.initiator));
    else
        ADD(MPS_PROBLEM_JOIN_REFUSED, MPS_WARNING, frame,
            "MP_JOIN refused by the %s or the path: SYN/ACK without MP_JOIN; the %s reset the "
            "subflow in frame %u (%s)",
            mps_direction_sender(!subflow->info.initiator), mps_direction_sender(by),
            subflow->milestones[by].rst, mps_reset_reason_text(&subflow->info));
}

/* An RST after the end of the connection is normal. @param time  of the RST, ns */
static bool was_over(const mps_problem_search *search, const mps_summary_subflow *subflow,
                     int64_t time)
{
    const mps_ending *ending = mps_ending_of(search->endings, subflow->info.connection);
    if (ending->fastclose > 0 && time >= mps_minus(ending->fastclose_time, MPS_FASTCLOSE_RESETS))
        return true;
    return subflow->connection.state == MPS_CONNECTION_CLOSED &&
           time >= MAX(ending->fin_time[MPS_C2S], ending->fin_time[MPS_S2C]);
}

/* @return whether the subflow was reset before the connection was over */
static bool find_reset(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    mps_direction by;
    if (subflow->info.state != MPS_SUBFLOW_RESET || !find_resetter(subflow, &by) ||
        was_over(search, subflow, subflow->milestones[by].rst_time))
        return false;
    int64_t time = subflow->milestones[by].rst_time;
    char *rest = subflow->has_payload ? mps_continuation_text(search, subflow, time) : g_strdup("");
    ADD(MPS_PROBLEM_RESET, MPS_WARNING, subflow->milestones[by].rst, "reset by the %s: %s%s",
        mps_direction_sender(by), mps_reset_reason_text(&subflow->info), rest);
    g_free(rest);
    return true;
}

static mps_severity ratio_severity(double ratio)
{
    return ratio >= MPS_HIGH_RATIO ? MPS_WARNING : MPS_NOTE;
}

static void find_repeated_bytes(mps_problem_search *search, const mps_summary_subflow *subflow,
                                mps_direction direction)
{
    const mps_half_milestones *milestones = &subflow->milestones[direction];
    const mps_counts *counts = &subflow->counts[direction];
    double retransmitted = mps_ratio(counts->retransmitted, counts->bytes);
    double reinjected = mps_ratio(counts->reinjected, counts->data);
    char text[MPS_DECIMAL_MAX];
    if (milestones->retransmissions >= MPS_RATIO_SEGMENTS && retransmitted >= MPS_RAISED_RATIO)
        ADD(MPS_PROBLEM_RETRANSMISSIONS, ratio_severity(retransmitted),
            milestones->first_retransmission,
            "%s %% of the payload bytes from the %s are retransmissions, in %u segments",
            mps_decimal(text, 100 * retransmitted, 1), mps_direction_sender(direction),
            milestones->retransmissions);
    if (counts->reinjections < MPS_RATIO_SEGMENTS)
        return;
    if (counts->data <= 0)
        ADD(MPS_PROBLEM_REINJECTIONS, MPS_WARNING, milestones->first_reinjection,
            "carries no new data from the %s, only %" G_GINT64_FORMAT " reinjected bytes",
            mps_direction_sender(direction), counts->reinjected);
    else if (reinjected > 1) /* a ratio to so little data would be hard to read */
        ADD(MPS_PROBLEM_REINJECTIONS, MPS_WARNING, milestones->first_reinjection,
            "carries more reinjected bytes from the %s than new data: %" G_GINT64_FORMAT
            " to %" G_GINT64_FORMAT ", in %" G_GINT64_FORMAT " segments",
            mps_direction_sender(direction), counts->reinjected, counts->data,
            counts->reinjections);
    else if (reinjected >= MPS_RAISED_RATIO)
        ADD(MPS_PROBLEM_REINJECTIONS, ratio_severity(reinjected), milestones->first_reinjection,
            "reinjected bytes from the %s are %s %% of its new data, in %" G_GINT64_FORMAT
            " segments",
            mps_direction_sender(direction), mps_decimal(text, 100 * reinjected, 1),
            counts->reinjections);
}

static void find_missing(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *milestones = subflow->milestones;
    bool guessed = subflow->connection.roles == MPS_ROLES_PORT;
    if (milestones[0].syns + milestones[1].syns == 0)
        ADD(MPS_PROBLEM_HANDSHAKE_MISSING, MPS_NOTE, subflow->info.frame,
            "handshake not captured: the capture starts after it, or lacks it%s",
            guessed ? "; the end with the higher port is assumed to be the client" : "");
    if (subflow->info.state == MPS_SUBFLOW_SYN || subflow->info.refusal)
        return; /* nobody answered it */
    for (unsigned i = 0; i < 2; i++)
        if (subflow->info.uncaptured[i] > 0)
            ADD(MPS_PROBLEM_ONE_WAY, MPS_WARNING, subflow->info.frame,
                "the capture has no segment from the %s on this subflow, though %" G_GUINT64_FORMAT
                " bytes of it were acknowledged",
                mps_direction_sender(i), subflow->info.uncaptured[i]);
        else if (milestones[i].segments == 0)
            ADD(MPS_PROBLEM_ONE_WAY, MPS_NOTE, subflow->info.frame,
                "the capture has no segment from the %s on this subflow", mps_direction_sender(i));
}

/* Payload has no mapping that is known. The capture may lack it: where it begins after the
 * handshake, where the snaplen cut options, and where DATA_ACKs cover data that it does not show.
 */
static void find_unmapped(mps_problem_search *search, const mps_summary_subflow *subflow,
                          mps_direction from)
{
    const mps_half_milestones *milestones = &subflow->milestones[from];
    const char *lacking = NULL;
    if (milestones->unmapped <= 0)
        return;
    if (milestones->cut > 0) {
        ADD(MPS_PROBLEM_UNMAPPED, MPS_NOTE, milestones->first_unmapped,
            "no mapping is known for %" G_GINT64_FORMAT " payload bytes from the %s: the snaplen "
            "cut the options of %u segments",
            milestones->unmapped, mps_direction_sender(from), milestones->cut);
        return;
    }
    if (subflow->milestones[0].syns + subflow->milestones[1].syns == 0)
        lacking = "the capture starts after the handshake, or lacks it, and may lack the mapping";
    else if (mps_search_data(search, subflow->info.connection, from).unseen > 0)
        lacking = "data that the capture does not show was acknowledged, so that it may lack the "
                  "mapping";
    if (lacking)
        ADD(MPS_PROBLEM_UNMAPPED, MPS_NOTE, milestones->first_unmapped,
            "no mapping is known for %" G_GINT64_FORMAT " payload bytes from the %s: %s",
            milestones->unmapped, mps_direction_sender(from), lacking);
    else
        ADD(MPS_PROBLEM_UNMAPPED, MPS_WARNING, milestones->first_unmapped,
            "%" G_GINT64_FORMAT " payload bytes from the %s have no mapping", milestones->unmapped,
            mps_direction_sender(from));
}

static void find_payload_problems(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    for (unsigned i = 0; i < 2; i++) {
        find_repeated_bytes(search, subflow, i);
        find_unmapped(search, subflow, (mps_direction)i);
    }
}

/* The subflow carried nothing, although the connection had data to send while it was there. */
static void find_unused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_subflow_info *info = &subflow->info;
    bool stays = info->state == MPS_SUBFLOW_OPEN;
    if (search->has_payload && subflow->accepted && !subflow->has_payload && info->backup != 1 &&
        mps_data_sent_between(search, info->connection,
                              mps_plus(info->start, MAX(info->handshake_rtt, 0)),
                              stays ? subflow->connection.end : info->end))
        ADD(MPS_PROBLEM_UNUSED, MPS_NOTE, info->frame,
            "accepted and not a backup, but carried no payload");
}

/* The subflow was closed without ever carrying payload, in mid-connection. */
static void find_left_unused(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *milestones = subflow->milestones;
    char rest[MPS_DECIMAL_MAX];
    const mps_ending *ending = mps_ending_of(search->endings, subflow->info.connection);
    int64_t closed = MAX(milestones[0].fin_time, milestones[1].fin_time);
    int64_t end = subflow->connection.end;
    for (unsigned i = 0; i < 2; i++)
        if (ending->fin[i] > 0)
            end = MIN(end, ending->fin_time[i]);
    int64_t left = mps_minus(end, closed);
    if (subflow->info.state == MPS_SUBFLOW_CLOSED && !subflow->has_payload &&
        left >= MPS_SILENCE_MIN &&
        !g_hash_table_contains(search->removed, GUINT_TO_POINTER(subflow->info.id)))
        ADD(MPS_PROBLEM_LEFT, MPS_NOTE, MAX(milestones[0].fin, milestones[1].fin),
            "closed %s s before the connection", mps_seconds(rest, left));
}

static void find_malformed(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    for (unsigned i = 0; i < 2; i++) {
        const mps_half_milestones *milestones = &subflow->milestones[i];
        if (milestones->malformed > 0)
            ADD(MPS_PROBLEM_MALFORMED, MPS_WARNING, milestones->first_malformed,
                "%u segment%s from the %s with a malformed MPTCP option", milestones->malformed,
                milestones->malformed == 1 ? "" : "s", mps_direction_sender(i));
    }
}

void mps_search_subflow(mps_problem_search *search, const mps_summary_subflow *subflow)
{
    const mps_half_milestones *syn = &subflow->milestones[subflow->info.initiator];
    find_missing(search, subflow);
    find_malformed(search, subflow);
    if (subflow->info.state == MPS_SUBFLOW_SYN) {
        find_unanswered(search, subflow);
        return;
    }
    if (subflow->info.refusal) {
        find_icmp_refused(search, subflow);
        return;
    }
    if (syn->syns > 1 && subflow->milestones[!subflow->info.initiator].syns > 0)
        ADD(MPS_PROBLEM_SYN_REPEATED, MPS_NOTE, syn->syn_frame,
            "SYN with %s sent %u times before the subflow opened", opening_option(subflow),
            syn->syns);
    if (!subflow->accepted) {
        if (subflow->milestones[!subflow->info.initiator].refused > 0)
            find_refused(search, subflow);
        else
            find_incomplete(search, subflow);
        return;
    }
    find_payload_problems(search, subflow);
    find_left_unused(search, subflow);
    if (!find_reset(search, subflow))
        find_unused(search, subflow);
}
