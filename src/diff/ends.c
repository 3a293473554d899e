/* ends.c: segments that one end does not have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tally.h"

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
        mps_tally_note(tally, NULL, MPS_WHAT_SEGMENT, (mps_change)change)->count += count - 1;
}

void mps_find_alone(mps_tally *tally, const mps_lists *lists, const mps_alignment *alignment,
                    const mps_header *received_headers)
{
    uint32_t missing = alignment->lost, added = alignment->unseen;
    for (uint32_t i = 0; i < lists->sent_count; i++) {
        if (alignment->sent_fates[i] != MPS_SENT_LOST)
            continue;
        note_missing(tally, &lists->sent[i]);
        missing--;
    }
    for (uint32_t i = 0; i < lists->received_count; i++) {
        if (alignment->received_fates[i] != MPS_RECEIVED_UNSEEN)
            continue;
        note_added(tally, &lists->received[i], received_headers ? &received_headers[i] : NULL);
        added--;
    }
    note_count(tally, MPS_CHANGE_MISSING, missing); /* some of copies that are alike */
    note_count(tally, MPS_CHANGE_ADDED, added);
    note_count(tally, MPS_CHANGE_DUPLICATED, alignment->duplicated);
}
