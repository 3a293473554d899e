/* one_sided.c: segments that one end does not have.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

static char *describe(const mps_packet *packet)
{
    char *flags = mps_flags_text(packet->flags);
    char *text = g_strdup_printf("%s seq %u len %u", flags, packet->seq, packet->length);
    g_free(flags);
    return text;
}

/* Segments with RST count by themselves: they end a subflow. */
static unsigned what_of(const mps_packet *packet)
{
    return packet->flags & MPS_TCP_RST ? MPS_WHAT_RESET : MPS_WHAT_SEGMENT;
}

static void note_missing(mps_tally *tally, const mps_packet *packet)
{
    mps_finding *finding = mps_tally_note(tally, NULL, what_of(packet), MPS_CHANGE_MISSING);
    if (finding->count > 1)
        return;
    finding->sent_frame = packet->frame;
    finding->flags = packet->flags;
    finding->sent = describe(packet);
}

/* Note a segment that is received only. @return its finding, if it is the first; else NULL */
static mps_finding *note_received(mps_tally *tally, const mps_packet *packet, unsigned what,
                                  mps_change change)
{
    mps_finding *finding = mps_tally_note(tally, NULL, what, change);
    if (finding->count > 1)
        return NULL;
    finding->received_frame = packet->frame;
    finding->flags = packet->flags;
    finding->received = describe(packet);
    return finding;
}

/* What the path made itself has come fewer hops. */
static void note_added(mps_tally *tally, const mps_packet *packet, const mps_header *header)
{
    mps_finding *first = note_received(tally, packet, what_of(packet), MPS_CHANGE_ADDED);
    if (first && header && tally->received_ttl >= 0 && header->ttl != tally->received_ttl)
        first->remark = g_strdup_printf("its TTL is %u, that of all others %d", header->ttl,
                                        tally->received_ttl);
}

/* How many there are is known, but not which. */
static void note_count(mps_tally *tally, mps_change change, uint32_t count)
{
    if (count > 0)
        mps_tally_note(tally, NULL, MPS_WHAT_SEGMENT, change)->count += count - 1;
}

/* The stretch of an alignment that has matches. */
typedef struct {
    uint32_t first_sent, last_sent, first_received, last_received;
} matched_stretch;

static matched_stretch stretch_of(const mps_alignment *alignment)
{
    const GArray *matches = alignment->matches;
    matched_stretch stretch = {MPS_NONE, 0, MPS_NONE, 0};
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        stretch.first_sent = MIN(stretch.first_sent, match->sent);
        stretch.last_sent = MAX(stretch.last_sent, match->sent);
        stretch.first_received = MIN(stretch.first_received, match->received);
        stretch.last_received = MAX(stretch.last_received, match->received);
    }
    return stretch;
}

/* What of a received list the sender's capture was there for: until it began, and from when it
 * ended, it did not capture what came to it either, while it has all else. */
static void find_covered(const mps_alignment *own, const mps_alignment *back, uint32_t *from,
                         uint32_t *until)
{
    *from = 0;
    *until = own->received;
    if (own->matches->len == 0 || back->matches->len == 0)
        return;
    matched_stretch there = stretch_of(own), here = stretch_of(back);
    bool late = here.first_sent > 0 && back->sent_outcomes[0] == MPS_SENT_OUTSIDE_CAPTURE;
    bool early = here.last_sent + 1 < back->sent &&
                 back->sent_outcomes[back->sent - 1] == MPS_SENT_OUTSIDE_CAPTURE;
    if (late && there.first_sent == 0 && here.first_received == 0)
        *from = there.first_received;
    if (early && there.last_sent + 1 == own->sent && here.last_received + 1 == back->received)
        *until = there.last_received + 1;
}

static void find_unseen(mps_tally *tally, const mps_align_lists *lists,
                        const mps_alignment *alignment, const mps_alignment *back,
                        const mps_header *headers)
{
    uint32_t from, until, added = alignment->unseen;
    find_covered(alignment, back, &from, &until);
    for (uint32_t i = 0; i < lists->received_count; i++) {
        const mps_packet *packet = &lists->received[i];
        if (alignment->received_outcomes[i] != MPS_RECEIVED_MISSING_AT_SENDER)
            continue;
        added--;
        /* a reset at an end may be what ended it, and the path's */
        if ((i < from || i >= until) && !(packet->flags & MPS_TCP_RST))
            tally->outside++;
        else
            note_added(tally, packet, headers ? &headers[i] : NULL);
    }
    note_count(tally, MPS_CHANGE_ADDED, added);
}

void mps_find_alone(mps_tally *tally, const mps_align_lists *lists, const mps_alignment *alignment,
                    const mps_alignment *back, const mps_header *received_headers)
{
    uint32_t missing = alignment->lost, duplicated = alignment->duplicated;
    for (uint32_t i = 0; i < lists->sent_count; i++) {
        if (alignment->sent_outcomes[i] != MPS_SENT_LOST)
            continue;
        note_missing(tally, &lists->sent[i]);
        missing--;
    }
    note_count(tally, MPS_CHANGE_MISSING, missing); /* some of copies that are alike */
    find_unseen(tally, lists, alignment, back, received_headers);
    for (uint32_t i = 0; i < lists->received_count; i++) {
        if (alignment->received_outcomes[i] != MPS_RECEIVED_DUPLICATED)
            continue;
        note_received(tally, &lists->received[i], MPS_WHAT_SEGMENT, MPS_CHANGE_DUPLICATED);
        duplicated--;
    }
    note_count(tally, MPS_CHANGE_DUPLICATED, duplicated);
}

static const mps_packet *packets_of(const mps_comparison *comparison, const mps_comparison_row *row,
                                    mps_direction direction, size_t *count)
{
    return row->pair.a != MPS_NONE
               ? mps_trace_packets(comparison->a, row->pair.a, direction, count)
               : mps_trace_packets(comparison->b, row->pair.b, direction, count);
}

/* Whether the other end acknowledged something: a reset may be the path's. */
static bool was_answered(const mps_comparison *comparison, const mps_comparison_row *row)
{
    size_t count;
    const mps_packet *answers = packets_of(comparison, row, !row->direction, &count);
    for (size_t i = 0; i < count; i++)
        if ((answers[i].flags & (MPS_TCP_ACK | MPS_TCP_RST)) == MPS_TCP_ACK)
            return true;
    return false;
}

void mps_find_one_sided(mps_tally *tally, const mps_comparison *comparison,
                        const mps_comparison_row *row)
{
    bool missing = (row->pair.a != MPS_NONE) == row->a_sends;
    size_t count;
    const mps_packet *packets = packets_of(comparison, row, row->direction, &count);
    if (count == 0)
        return;
    if (missing && was_answered(comparison, row)) {
        tally->uncaptured = (uint32_t)count;
        return;
    }
    mps_finding *finding = mps_tally_note(tally, NULL, MPS_WHAT_SUBFLOW,
                                          missing ? MPS_CHANGE_MISSING : MPS_CHANGE_ADDED);
    finding->count = (uint32_t)count;
    finding->flags = packets[0].flags;
    *(missing ? &finding->sent_frame : &finding->received_frame) = packets[0].frame;
    *(missing ? &finding->sent : &finding->received) = describe(&packets[0]);
}
