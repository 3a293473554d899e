/* words.c: the words and numbers that the sentences of the report "summary" share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "summary_internal.h"

/* The names of problems in json, which scripts compare. */
const char *mps_problem_name(mps_problem_kind kind)
{
    static const char *const names[] = {
        [MPS_PROBLEM_FALLBACK] = "fallback",
        [MPS_PROBLEM_JOIN_UNANSWERED] = "join_unanswered",
        [MPS_PROBLEM_SYN_RESET] = "syn_reset",
        [MPS_PROBLEM_JOIN_REFUSED] = "join_refused",
        [MPS_PROBLEM_SYN_REPEATED] = "syn_repeated",
        [MPS_PROBLEM_RESET] = "reset",
        [MPS_PROBLEM_BAD_HMAC] = "bad_hmac",
        [MPS_PROBLEM_BAD_CHECKSUM] = "bad_checksum",
        [MPS_PROBLEM_MP_FAIL] = "mp_fail",
        [MPS_PROBLEM_FASTCLOSE] = "fastclose",
        [MPS_PROBLEM_RETRANSMISSIONS] = "retransmissions",
        [MPS_PROBLEM_REINJECTIONS] = "reinjections",
        [MPS_PROBLEM_UNUSED] = "unused",
        [MPS_PROBLEM_SILENT] = "silent",
        [MPS_PROBLEM_LEFT] = "left",
        [MPS_PROBLEM_UNMAPPED] = "unmapped",
        [MPS_PROBLEM_HANDSHAKE_MISSING] = "handshake_missing",
        [MPS_PROBLEM_ONE_WAY] = "one_way",
        [MPS_PROBLEM_DATA_MISSING] = "data_missing",
        [MPS_PROBLEM_OPEN] = "open",
        [MPS_PROBLEM_HANDSHAKE_INCOMPLETE] = "handshake_incomplete",
        [MPS_PROBLEM_LEFTMOST_HMAC] = "leftmost_hmac",
        [MPS_PROBLEM_ADDRESS_ID] = "address_id",
        [MPS_PROBLEM_ADDRESS_UNUSED] = "address_unused",
        [MPS_PROBLEM_REMOVED] = "removed",
        [MPS_PROBLEM_PRIO] = "prio",
        [MPS_PROBLEM_NO_JOIN_HERE] = "no_join_here",
        [MPS_PROBLEM_KEY_CHANGED] = "key_changed",
        [MPS_PROBLEM_MALFORMED] = "malformed",
        [MPS_PROBLEM_TIME_LEAP] = "time_leap",
        [MPS_PROBLEM_NO_DATA_FIN] = "no_data_fin",
        [MPS_PROBLEM_WINDOW_LIMITED] = "window_limited",
        [MPS_PROBLEM_HELD] = "held",
        [MPS_PROBLEM_ICMP_REFUSED] = "icmp_refused",
        [MPS_PROBLEM_ICMP_ERROR] = "icmp_error",
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(names) == MPS_PROBLEM_ICMP_ERROR + 1);
    return names[kind];
}

/* Severities as json and as text have them. */
static const struct {
    const char *name, *title;
} severities[] = {
    [MPS_NOTE] = {"note", "Note"},
    [MPS_WARNING] = {"warning", "Warning"},
};

const char *mps_severity_name(mps_severity severity)
{
    return severities[severity].name;
}

const char *mps_severity_title(mps_severity severity)
{
    return severities[severity].title;
}

const char *mps_fallback_cause(mps_fallback fallback)
{
    static const char *const causes[] = {
        [MPS_FALLBACK_NONE] = NULL,
        [MPS_FALLBACK_PLAIN_SYN] = "the SYNs with MP_CAPABLE got no answer",
        [MPS_FALLBACK_PLAIN_SYNACK] =
            "the server does not support MPTCP, or the path removes the option",
        [MPS_FALLBACK_OTHER_VERSION] = "the server supports another version of MPTCP",
        [MPS_FALLBACK_PLAIN_ACK] = "the client gave up MPTCP, or the path removes the option",
        [MPS_FALLBACK_ACK_LOST] =
            "the server repeated its SYN/ACK and does not know the client's key",
        [MPS_FALLBACK_OPTIONS_VANISHED] = "the path removes the options from later segments",
        [MPS_FALLBACK_UNMAPPED_DATA] = "one end gave up MPTCP, or the path removes options",
        [MPS_FALLBACK_INFINITE_MAPPING] = "one end gave up MPTCP",
        [MPS_FALLBACK_CHECKSUM_FAILED] = "the path changes the payload",
    };
    G_STATIC_ASSERT(G_N_ELEMENTS(causes) == MPS_FALLBACK_CHECKSUM_FAILED + 1);
    return causes[fallback];
}

const char *mps_reset_reason_text(const mps_subflow_info *info)
{
    return info->reset_reason < 0 ? "no reason given"
                                  : mps_tcprst_reason_name((uint8_t)info->reset_reason);
}

char *mps_icmp_error_text(const mps_icmp_error *error)
{
    char sender[MPS_ADDRESS_TEXT_MAX];
    const char *name = mps_icmp_error_name(error);
    mps_address_text(&error->sender, sender);
    return error->mtu > 0 ? g_strdup_printf("%s, MTU %u, from %s", name, error->mtu, sender)
                          : g_strdup_printf("%s, from %s", name, sender);
}

double mps_ratio(int64_t part, int64_t whole)
{
    return whole > 0 ? (double)MAX(part, 0) / (double)whole : -1;
}

const char *mps_seconds(char *text, int64_t ns)
{
    return mps_decimal(text, (double)ns / 1e9, 3);
}
