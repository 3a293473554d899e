/* completeness.c: finds captures that miss segments, and what then is not proved lost.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare_internal.h"
#include "loss_proof.h"
#include "match/byte_cover.h"

/* @return whether the sender's capture has any byte of a received segment. Then the path may have
 * changed the segment. */
static bool sender_has_part(const mps_align_lists *lists, const GArray *sent, mps_unwrap *unwrap,
                            const mps_packet *packet)
{
    if (!mps_has_bytes(packet))
        return false;
    uint64_t start = mps_unwrap_next(unwrap, packet->seq - lists->seq_shift);
    return mps_byte_cover_meets(sent, start, start + packet->length);
}

/* Count the received segments that the sender's capture lacks although it ran: it has segments that
 * arrived before them, and after. Another host may have sent a RST. */
static void count_unseen(const mps_comparison *comparison, const mps_comparison_row *row,
                         mps_capture_gaps *gaps)
{
    const mps_alignment *alignment = &row->alignment;
    mps_align_lists lists;
    if (alignment->unseen == 0 || alignment->matched == 0)
        return;
    mps_comparison_lists(comparison, row, &lists);
    uint32_t origin = lists.sent[0].seq;
    GArray *sent = mps_byte_cover_of(lists.sent, lists.sent_count, 0, origin);
    mps_unwrap unwrap;
    mps_unwrap_init(&unwrap, origin);
    uint64_t pending[2] = {0, 0}; /* without payload, and with, since the last match */
    bool begun = false;
    for (uint32_t i = 0; i < alignment->received; i++) {
        const mps_packet *packet = &lists.received[i];
        bool part = sender_has_part(&lists, sent, &unwrap, packet);
        if (alignment->received_outcomes[i] == MPS_RECEIVED_MATCHED) {
            gaps->sent += begun ? pending[0] : 0;
            gaps->sent_payload += begun ? pending[1] : 0;
            begun = true;
            pending[0] = pending[1] = 0;
        } else if (alignment->received_outcomes[i] == MPS_RECEIVED_MISSING_AT_SENDER &&
                   !(packet->flags & MPS_TCP_RST) && !part) {
            pending[packet->length > 0]++;
        }
    }
    g_array_free(sent, TRUE);
}

static void find_gaps(mps_comparison *comparison)
{
    comparison->gaps[0].dropped = mps_trace_drops(comparison->a);
    comparison->gaps[1].dropped = mps_trace_drops(comparison->b);
    for (guint i = 0; i < comparison->rows->len; i++) {
        const mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        if (row->alignment.received > 0) /* not a capture of the other direction alone */
            comparison->gaps[row->a_sends].received += row->alignment.uncaptured;
        count_unseen(comparison, row, &comparison->gaps[!row->a_sends]);
    }
}

static bool is_incomplete(const mps_capture_gaps *gaps)
{
    return gaps->sent > 0 || mps_capture_missed(gaps);
}

bool mps_capture_missed(const mps_capture_gaps *gaps)
{
    return gaps->received > 0 || gaps->sent_payload > 0 || gaps->dropped > 0;
}

static void prove_losses(const mps_comparison *comparison, mps_comparison_row *row,
                         const mps_comparison_row *back)
{
    mps_align_lists lists, back_lists;
    row->alignment.incomplete = true;
    if (row->alignment.lost + row->alignment.uncaptured == 0)
        return;
    mps_comparison_lists(comparison, row, &lists);
    mps_comparison_lists(comparison, back, &back_lists);
    mps_losses_prove(&lists, back_lists.received, back_lists.received_count, &row->alignment);
}

/* Append ", N segments that its host sent" if there are any. */
static void append_count(GString *text, uint64_t count, const char *noun, const char *what)
{
    if (count > 0)
        g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s%s %s", text->len > 0 ? ", " : "",
                               count, noun, count == 1 ? "" : "s", what);
}

static void note_gaps(mps_comparison *comparison, const mps_capture_gaps *gaps, const char *of)
{
    if (!is_incomplete(gaps))
        return;
    GString *text = g_string_new(NULL);
    append_count(text, gaps->received, "segment", "whose payload its host acknowledged");
    append_count(text, gaps->sent + gaps->sent_payload, "segment", "that its host sent");
    append_count(text, gaps->dropped, "packet",
                 "of any kind that its interfaces report as dropped");
    g_ptr_array_add(comparison->notes,
                    g_strdup_printf("%s's capture missed packets: %s. A segment that only the "
                                    "sender's capture has is undetermined unless it is proved "
                                    "lost.",
                                    of, text->str));
    g_string_free(text, TRUE);
}

void mps_completeness_find(mps_comparison *comparison)
{
    find_gaps(comparison);
    for (guint i = 0; i < comparison->rows->len; i++) {
        mps_comparison_row *row = &g_array_index(comparison->rows, mps_comparison_row, i);
        const mps_comparison_row *back =
            &g_array_index(comparison->rows, mps_comparison_row, i ^ 1);
        if (is_incomplete(&comparison->gaps[row->a_sends]))
            prove_losses(comparison, row, back);
    }
    note_gaps(comparison, &comparison->gaps[0], "A");
    note_gaps(comparison, &comparison->gaps[1], "B");
}
