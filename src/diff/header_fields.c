/* header_fields.c: what is another in the IP and TCP headers of two segments that match.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

/* Flags by which segments match cannot differ. */
#define FLAGS_MATCHED (MPS_TCP_FIN | MPS_TCP_SYN | MPS_TCP_RST | MPS_TCP_ACK | MPS_TCP_URG)

enum { ECN_NONE = 0, ECN_MARKED = 3 };

typedef char *(*number_text)(unsigned number);

static char *plain_text(unsigned number)
{
    return g_strdup_printf("%u", number);
}

static char *ecn_text(unsigned ecn)
{
    static const char *const names[] = {"Not-ECT", "ECT(1)", "ECT(0)", "CE"}; /* RFC 3168 */
    return g_strdup(names[ecn & 3]);
}

char *mps_flags_text(unsigned flags)
{
    static const char *const names[] = {"FIN", "SYN", "RST", "PSH", "ACK",
                                        "URG", "ECE", "CWR", "AE"};
    GString *text = g_string_new(NULL);
    for (unsigned i = 0; i < 12; i++) {
        if (!(flags >> i & 1))
            continue;
        g_string_append(text, text->len ? " " : "");
        if (i < G_N_ELEMENTS(names))
            g_string_append(text, names[i]);
        else
            g_string_append_printf(text, "0x%x", 1u << i);
    }
    if (text->len == 0)
        g_string_append_c(text, '0');
    return g_string_free(text, FALSE);
}

static void tell_values(mps_finding *finding, unsigned sent, unsigned received, number_text text)
{
    if (finding->count > 1)
        return;
    finding->sent = text(sent);
    finding->received = text(received);
}

static void compare_number(mps_tally *tally, const mps_both *both, unsigned what, unsigned sent,
                           unsigned received)
{
    if (sent == received)
        return;
    mps_finding *finding =
        mps_tally_number(tally, both, what, MPS_CHANGE_ALTERED, (int64_t)received - (int64_t)sent);
    tell_values(finding, sent, received, plain_text);
}

static void compare_ecn(mps_tally *tally, const mps_both *both)
{
    unsigned sent = both->sent_header->tos & 3u, received = both->received_header->tos & 3u;
    if (sent == received)
        return;
    bool marked = sent != ECN_NONE && received == ECN_MARKED;
    mps_finding *finding = mps_tally_note(tally, both, marked ? MPS_WHAT_CONGESTION : MPS_WHAT_ECN,
                                          MPS_CHANGE_ALTERED);
    tell_values(finding, sent, received, ecn_text);
}

static void compare_flags(mps_tally *tally, const mps_both *both)
{
    if (((both->sent->flags ^ both->received->flags) & ~FLAGS_MATCHED) == 0)
        return;
    mps_finding *finding = mps_tally_note(tally, both, MPS_WHAT_FLAGS, MPS_CHANGE_ALTERED);
    tell_values(finding, both->sent->flags, both->received->flags, mps_flags_text);
}

/* Every hop takes one. What differs from the first segment came by another way. */
static void compare_ttl(mps_tally *tally, const mps_both *both)
{
    int received = both->received_header->ttl, hops = received - both->sent_header->ttl;
    if (tally->compared == 1)
        tally->hops = hops;
    if (tally->received_ttl != received)
        tally->received_ttl = tally->compared == 1 ? received : -2;
    bool alike = hops == tally->hops;
    if (alike && hops == 0)
        return;
    mps_finding *finding = mps_tally_number(tally, both, MPS_WHAT_TTL,
                                            alike ? MPS_CHANGE_SHIFTED : MPS_CHANGE_ALTERED, hops);
    tell_values(finding, both->sent_header->ttl, both->received_header->ttl, plain_text);
}

void mps_compare_fields(mps_tally *tally, const mps_both *both)
{
    const mps_header *sent = both->sent_header, *received = both->received_header;
    compare_ttl(tally, both);
    compare_number(tally, both, MPS_WHAT_DSCP, sent->tos >> 2, received->tos >> 2);
    compare_ecn(tally, both);
    if (both->sent->ip_id >= 0 && both->received->ip_id >= 0)
        compare_number(tally, both, MPS_WHAT_IP_ID, (unsigned)both->sent->ip_id,
                       (unsigned)both->received->ip_id);
    compare_flags(tally, both);
    compare_number(tally, both, MPS_WHAT_WINDOW, both->sent->window, both->received->window);
    compare_number(tally, both, MPS_WHAT_URGENT, sent->urgent, received->urgent);
}
