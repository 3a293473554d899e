/* one_sided.c: finds segments and subflows that only one capture has.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare/running.h"
#include "diff_internal.h"

static char *describe(const mps_packet *packet)
{
    char *flags = mps_flags_text(packet->flags);
    char *text = g_strdup_printf("%s seq %u len %u", flags, packet->seq, packet->length);
    g_free(flags);
    return text;
}

/* Segments with RST are counted separately: they end a subflow. */
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

/* Note a segment that only the receiver's capture has. @return the finding if this is its first
 * segment, otherwise NULL */
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

/* A segment that the path made has passed fewer hops, so that its TTL differs from the others. */
static void note_added(mps_tally *tally, const mps_packet *packet, const mps_header *header)
{
    mps_finding *first = note_received(tally, packet, what_of(packet), MPS_CHANGE_ADDED);
    int ttl = tally->received_ttl;
    if (first && header && ttl != MPS_TTL_UNKNOWN && ttl != MPS_TTL_VARIES && header->ttl != ttl)
        first->remark =
            g_strdup_printf("TTL %u, but %d in all compared segments", header->ttl, ttl);
}

/* Count segments of which only the number is known, because equal copies cannot be told apart. */
static void note_count(mps_tally *tally, mps_change change, uint32_t count)
{
    if (count > 0)
        mps_tally_note(tally, NULL, MPS_WHAT_SEGMENT, change)->count += count - 1;
}

/* The first and the last matched segment of an alignment. */
typedef struct {
    uint32_t first_sent, last_sent, first_received, last_received;
} matched_range;

static matched_range range_of(const mps_alignment *alignment)
{
    const GArray *matches = alignment->matches;
    matched_range range = {MPS_NONE, 0, MPS_NONE, 0};
    for (guint i = 0; i < matches->len; i++) {
        const mps_match *match = &g_array_index(matches, mps_match, i);
        range.first_sent = MIN(range.first_sent, match->sent);
        range.last_sent = MAX(range.last_sent, match->sent);
        range.first_received = MIN(range.first_received, match->received);
        range.last_received = MAX(range.last_received, match->received);
    }
    return range;
}

/* Find the received segments, from `from` to before `until`, during which the sender's capture ran.
 * If it began late or ended early, segments of the other direction are outside its time. Received
 * segments before the first match, or after the last, were then sent outside its time, too. */
static void find_covered(const mps_alignment *own, const mps_alignment *back, uint32_t *from,
                         uint32_t *until)
{
    *from = 0;
    *until = own->received;
    if (own->matches->len == 0 || back->matches->len == 0)
        return;
    matched_range forward = range_of(own), backward = range_of(back);
    bool late = backward.first_sent > 0 && back->sent_outcomes[0] == MPS_SENT_OUTSIDE_CAPTURE;
    bool early = backward.last_sent + 1 < back->sent &&
                 back->sent_outcomes[back->sent - 1] == MPS_SENT_OUTSIDE_CAPTURE;
    if (late && forward.first_sent == 0 && backward.first_received == 0)
        *from = forward.first_received;
    if (early && forward.last_sent + 1 == own->sent && backward.last_received + 1 == back->received)
        *until = forward.last_received + 1;
}

/* A reset that only the receiver's capture has may have been sent by the path. The order of the
 * segments does not show that it lies outside the time of the sender's capture, but the times may.
 * @param missed  the sender's capture is known to miss segments */
static void find_added(mps_tally *tally, const mps_align_lists *lists,
                       const mps_alignment *alignment, const mps_alignment *back,
                       const mps_running *running, bool missed, const mps_header *headers)
{
    uint32_t from, until, added = alignment->unseen;
    find_covered(alignment, back, &from, &until);
    uint32_t first = range_of(alignment).first_received;
    for (uint32_t i = 0; i < lists->received_count; i++) {
        const mps_packet *packet = &lists->received[i];
        if (alignment->received_outcomes[i] != MPS_RECEIVED_MISSING_AT_SENDER)
            continue;
        added--;
        bool uncovered =
            i < from || i >= until || (i < first && !mps_running_surely(running, packet->time));
        bool reset = packet->flags & MPS_TCP_RST;
        if ((uncovered && !reset) || !mps_running_at(running, packet->time))
            tally->outside_capture++;
        else if (missed && !reset)
            tally->missing_at_sender++;
        else
            note_added(tally, packet, headers ? &headers[i] : NULL);
    }
    note_count(tally, MPS_CHANGE_ADDED, added);
}

void mps_find_one_sided_segments(mps_tally *tally, const mps_comparison *comparison,
                                 const mps_comparison_row *row, const mps_comparison_row *back,
                                 const mps_align_lists *lists, const mps_header *received_headers)
{
    const mps_alignment *alignment = &row->alignment;
    uint32_t missing = alignment->lost, duplicated = alignment->duplicated;
    uint32_t last = range_of(alignment).last_sent;
    mps_running sender, receiver; /* their captures */
    mps_running_init(&sender, comparison, row, true);
    mps_running_init(&receiver, comparison, row, false);
    for (uint32_t i = 0; i < lists->sent_count; i++) {
        if (alignment->sent_outcomes[i] != MPS_SENT_LOST)
            continue;
        int64_t time = lists->sent[i].time;
        if (i > last ? mps_running_surely(&receiver, time) : mps_running_at(&receiver, time))
            note_missing(tally, &lists->sent[i]);
        else
            tally->outside_capture++;
        missing--;
    }
    note_count(tally, MPS_CHANGE_MISSING, missing); /* among equal copies */
    find_added(tally, lists, alignment, &back->alignment, &sender,
               mps_capture_missed(&comparison->gaps[!row->a_sends]), received_headers);
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

/* @return whether the other end acknowledged something. Resets do not count: the path may send
 * them. */
static bool was_answered(const mps_comparison *comparison, const mps_comparison_row *row)
{
    size_t count;
    const mps_packet *answers = packets_of(comparison, row, !row->direction, &count);
    for (size_t i = 0; i < count; i++)
        if ((answers[i].flags & (MPS_TCP_ACK | MPS_TCP_RST)) == MPS_TCP_ACK)
            return true;
    return false;
}

void mps_find_one_sided_subflow(mps_tally *tally, const mps_comparison *comparison,
                                const mps_comparison_row *row)
{
    bool missing = (row->pair.a != MPS_NONE) == row->a_sends;
    size_t count;
    const mps_packet *packets = packets_of(comparison, row, row->direction, &count);
    if (count == 0)
        return;
    if (missing && was_answered(comparison, row)) {
        tally->missing_at_receiver = (uint32_t)count;
        return;
    }
    mps_running running; /* the capture that does not have the subflow */
    mps_running_init(&running, comparison, row, !missing);
    if (!mps_running_at(&running, packets[0].time)) {
        tally->outside_capture = (uint32_t)count;
        return;
    }
    mps_finding *finding = mps_tally_note(tally, NULL, MPS_WHAT_SUBFLOW,
                                          missing ? MPS_CHANGE_MISSING : MPS_CHANGE_ADDED);
    finding->count = (uint32_t)count;
    finding->flags = packets[0].flags;
    *(missing ? &finding->sent_frame : &finding->received_frame) = packets[0].frame;
    *(missing ? &finding->sent : &finding->received) = describe(&packets[0]);
}
