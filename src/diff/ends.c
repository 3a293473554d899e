/* ends.c: segments that one end does not have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tally.h"

/* Segments of a list in no match, in its order. */
static GArray *unmatched(const mps_alignment *alignment, size_t count, bool sent)
{
    GArray *alone = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    bool *matched = g_new0(bool, MAX(count, 1));
    for (guint i = 0; i < alignment->matches->len; i++) {
        const mps_match *match = &g_array_index(alignment->matches, mps_match, i);
        matched[sent ? match->sent : match->received] = true;
    }
    for (uint32_t i = 0; i < count; i++)
        if (!matched[i])
            g_array_append_val(alone, i);
    g_free(matched);
    return alone;
}

/* Leave what the other capture may have been too late, or too early over, to have. */
static void keep_inner(GArray *alone, const GArray *matches)
{
    guint kept = 0;
    if (matches->len == 0)
        return;
    uint32_t first = g_array_index(matches, mps_match, 0).sent;
    uint32_t last = g_array_index(matches, mps_match, matches->len - 1).sent;
    for (guint i = 0; i < alone->len; i++) {
        uint32_t index = g_array_index(alone, uint32_t, i);
        if (index > first && index < last)
            g_array_index(alone, uint32_t, kept++) = index;
    }
    g_array_set_size(alone, kept);
}

static char *describe(const mps_packet *packet)
{
    char *flags = mps_flags_text(packet->flags);
    char *text = g_strdup_printf("%s seq %u len %u", flags, packet->seq, packet->length);
    g_free(flags);
    return text;
}

static void note_missing(mps_tally *tally, const mps_packet *packet)
{
    unsigned what = packet->flags & MPS_TCP_RST ? MPS_WHAT_RESET : MPS_WHAT_SEGMENT;
    mps_finding *finding = mps_tally_note(tally, NULL, what, MPS_CHANGE_MISSING);
    if (finding->count > 1)
        return;
    finding->sent_frame = packet->frame;
    finding->flags = packet->flags;
    finding->sent = describe(packet);
}

/* What the path made itself has come fewer hops. */
static void note_added(mps_tally *tally, const mps_packet *packet, const mps_header *header)
{
    unsigned what = packet->flags & MPS_TCP_RST ? MPS_WHAT_RESET : MPS_WHAT_SEGMENT;
    mps_finding *finding = mps_tally_note(tally, NULL, what, MPS_CHANGE_ADDED);
    if (finding->count > 1)
        return;
    finding->received_frame = packet->frame;
    finding->flags = packet->flags;
    finding->received = describe(packet);
    if (header && tally->received_ttl >= 0 && header->ttl != tally->received_ttl)
        finding->remark = g_strdup_printf("its TTL is %u, that of all others %d", header->ttl,
                                          tally->received_ttl);
}

/* How many there are is known, but not which. */
static void note_count(mps_tally *tally, unsigned change, uint32_t count)
{
    if (count > 0)
        mps_tally_note(tally, NULL, MPS_WHAT_SEGMENT, (mps_change)change)->count = count;
}

void mps_find_alone(mps_tally *tally, const mps_lists *lists, const mps_alignment *alignment,
                    const mps_header *received_headers)
{
    GArray *sent = unmatched(alignment, lists->sent_count, true);
    GArray *received = unmatched(alignment, lists->received_count, false);
    if (alignment->outside > 0)
        keep_inner(sent, alignment->matches);
    bool sent_told = sent->len == alignment->lost,
         received_told = received->len == alignment->unseen;
    for (guint i = 0; sent_told && i < sent->len; i++)
        note_missing(tally, &lists->sent[g_array_index(sent, uint32_t, i)]);
    for (guint i = 0; received_told && i < received->len; i++) {
        uint32_t index = g_array_index(received, uint32_t, i);
        note_added(tally, &lists->received[index],
                   received_headers ? &received_headers[index] : NULL);
    }
    note_count(tally, MPS_CHANGE_MISSING, sent_told ? 0 : alignment->lost);
    note_count(tally, MPS_CHANGE_ADDED, received_told ? 0 : alignment->unseen);
    note_count(tally, MPS_CHANGE_DUPLICATED, alignment->duplicated);
    g_array_free(sent, TRUE);
    g_array_free(received, TRUE);
}
