/* notes.c: what a reader of any report should know of the segments of a capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "notes.h"
#include "base/times.h"
#include "tracker/tracker_state.h"

/* Without a connection the options that would have shown one may be among those cut. */
static void note_cut_options(const mps_tracker *tracker, GPtrArray *notes)
{
    const mps_segment_counts *counts = mps_tracker_segment_counts(tracker);
    bool mptcp = mps_tracker_connections(tracker) > 0;
    uint64_t cut = mptcp ? counts->mptcp_cut : counts->tcp_cut;
    if (cut > 0)
        g_ptr_array_add(notes,
                        g_strdup_printf("The snaplen cuts the TCP options of %" G_GUINT64_FORMAT
                                        " of %" G_GUINT64_FORMAT " %s segments.",
                                        cut, mptcp ? counts->mptcp : counts->tcp,
                                        mptcp ? "MPTCP" : "TCP"));
}

static void note_copies(const mps_tracker *tracker, GPtrArray *notes)
{
    const mps_copy_counts counts = mps_tracker_count_copies(tracker);
    if (counts.copies > 0)
        g_ptr_array_add(
            notes, g_strdup_printf("The capture shows %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                                   " segments more than once, for example on several interfaces "
                                   "or before and after NAT; each counts once.",
                                   counts.repeated, counts.segments));
}

static void note_leaps(const mps_tracker *tracker, GPtrArray *notes)
{
    const mps_leaps *leaps = mps_tracker_leaps(tracker);
    const guint count = mps_leaps_count(leaps);
    if (count == 0)
        return;
    const mps_leap *first = &g_array_index(leaps->list, mps_leap, 0);
    const uint64_t ms = (uint64_t)mps_apart(first->step, 0) / 1000000;
    char *others = count > 1 ? g_strdup_printf(", the first of %u leaps", count) : g_strdup("");
    g_ptr_array_add(notes, g_strdup_printf("Times leap %s by %" G_GUINT64_FORMAT
                                           ".%03u s in frame %u%s: the clock was set. "
                                           "Times and rates across %s are not right.",
                                           first->step < 0 ? "back" : "forward", ms / 1000,
                                           (unsigned)(ms % 1000), first->frame, others,
                                           count > 1 ? "them" : "it"));
    g_free(others);
}

void mps_segment_notes(const mps_tracker *tracker, GPtrArray *notes)
{
    note_copies(tracker, notes);
    note_cut_options(tracker, notes);
    note_leaps(tracker, notes);
}
