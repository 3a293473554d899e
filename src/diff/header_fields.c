/* header_fields.c: compares fields of the IP and TCP headers of an exact match.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

/* Matching requires that these flags are equal. */
#define FLAGS_MATCHED (MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK | MPS_TCP_URG)

/* The ECN field (RFC 3168 section 5). */
enum { ECN_NOT_ECT = 0, ECN_ECT_1 = 1, ECN_ECT_0 = 2, ECN_CE = 3 };
#define ECN_MASK 3u
#define ECN_BITS 2

typedef char *(*number_text)(unsigned number);

static char *plain_text(unsigned number)
{
    return g_strdup_printf("%u", number);
}

static char *ecn_text(unsigned ecn)
{
    static const char *const names[] = {
        [ECN_NOT_ECT] = "Not-ECT",
        [ECN_ECT_1] = "ECT(1)",
        [ECN_ECT_0] = "ECT(0)",
        [ECN_CE] = "CE",
    };
    return g_strdup(names[ecn & ECN_MASK]);
}

/* Give the first of a finding its values. */
static void set_values(mps_finding *finding, unsigned sent, unsigned received, number_text text)
{
    if (finding->count > 1)
        return;
    finding->sent = text(sent);
    finding->received = text(received);
}

static void compare_number(mps_tally *tally, const mps_matched_segment *segment, unsigned what,
                           unsigned sent, unsigned received)
{
    if (sent == received)
        return;
    mps_finding *finding = mps_tally_number(tally, segment, what, MPS_CHANGE_ALTERED,
                                            (int64_t)received - (int64_t)sent);
    set_values(finding, sent, received, plain_text);
}

static void compare_ecn(mps_tally *tally, const mps_matched_segment *segment)
{
    unsigned sent = segment->sent_header->tos & ECN_MASK;
    unsigned received = segment->received_header->tos & ECN_MASK;
    if (sent == received)
        return;
    bool marked = sent != ECN_NOT_ECT && received == ECN_CE;
    mps_finding *finding = mps_tally_note(
        tally, segment, marked ? MPS_WHAT_CONGESTION : MPS_WHAT_ECN, MPS_CHANGE_ALTERED);
    set_values(finding, sent, received, ecn_text);
}

static void compare_flags(mps_tally *tally, const mps_matched_segment *segment)
{
    if (((segment->sent->flags ^ segment->received->flags) & ~FLAGS_MATCHED) == 0)
        return;
    mps_finding *finding = mps_tally_note(tally, segment, MPS_WHAT_FLAGS, MPS_CHANGE_ALTERED);
    set_values(finding, segment->sent->flags, segment->received->flags, mps_flags_text);
}

/* Each hop decrements the TTL. A segment whose difference is not that of the first segment took
 * another route. */
static void compare_ttl(mps_tally *tally, const mps_matched_segment *segment)
{
    int received = segment->received_header->ttl;
    int difference = received - segment->sent_header->ttl;
    if (tally->compared == 1)
        tally->ttl_difference = difference;
    if (tally->received_ttl != received)
        tally->received_ttl = tally->compared == 1 ? received : MPS_TTL_VARIES;
    bool same_route = difference == tally->ttl_difference;
    if (same_route && difference == 0)
        return;
    mps_finding *finding =
        mps_tally_number(tally, segment, MPS_WHAT_TTL,
                         same_route ? MPS_CHANGE_SHIFTED : MPS_CHANGE_ALTERED, difference);
    set_values(finding, segment->sent_header->ttl, segment->received_header->ttl, plain_text);
}

void mps_compare_header_fields(mps_tally *tally, const mps_matched_segment *segment)
{
    const mps_header *sent = segment->sent_header, *received = segment->received_header;
    compare_ttl(tally, segment);
    compare_number(tally, segment, MPS_WHAT_DSCP, sent->tos >> ECN_BITS, received->tos >> ECN_BITS);
    compare_ecn(tally, segment);
    if (segment->sent->ip_id >= 0 && segment->received->ip_id >= 0)
        compare_number(tally, segment, MPS_WHAT_IP_ID, (unsigned)segment->sent->ip_id,
                       (unsigned)segment->received->ip_id);
    compare_flags(tally, segment);
    compare_number(tally, segment, MPS_WHAT_WINDOW, segment->sent->window,
                   segment->received->window);
    compare_number(tally, segment, MPS_WHAT_URGENT, sent->urgent, received->urgent);
}
