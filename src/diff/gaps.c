/* gaps.c: what was not compared, and why.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "diff_internal.h"

void mps_gaps_add(mps_gaps *gaps, const mps_tally *tally, const mps_alignment *alignment)
{
    gaps->compared += tally->compared;
    gaps->cut += tally->options_cut;
    gaps->unknown += tally->payloads_unknown;
    gaps->unfilled += tally->unfilled;
    gaps->wrong += tally->wrong;
    gaps->ambiguous += alignment->ambiguous;
    gaps->outside += alignment->outside + tally->outside;
    gaps->uncaptured += alignment->uncaptured + tally->uncaptured;
}

static void note(GPtrArray *notes, uint64_t count, const char *text)
{
    if (count > 0)
        g_ptr_array_add(notes, g_strdup_printf("Segments %s: %" G_GUINT64_FORMAT ".", text, count));
}

void mps_gaps_note(const mps_gaps *gaps, GPtrArray *notes)
{
    note(notes, gaps->cut, "captured without all of their options, which are compared in part");
    note(notes, gaps->unknown,
         "of whose payload one end tells nothing, so that it is not compared");
    note(notes, gaps->unfilled, "captured before their checksum was filled in (offload)");
    note(notes, gaps->wrong, "whose checksum was wrong already when they were sent, as captured");
    note(notes, gaps->ambiguous, "that could be one of several, and are not compared");
    note(notes, gaps->outside, "that went by before or after the other capture");
    note(notes, gaps->uncaptured, "that the receiver acknowledged, and its capture missed");
}
