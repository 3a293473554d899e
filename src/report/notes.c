/* notes.c: the notes of a report, sentences that a reader of any report should know. Those
 * about the segments are the same whichever way the capture was read; those about the file come
 * from its reader.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "analysis/notes.h"
#include "report_internal.h"
#include "table/table_write.h"

/* An empty report does not mean that the capture is empty. */
static void note_no_connection(const mps_tracker *tracker, GPtrArray *notes)
{
    uint64_t segments = mps_tracker_segment_counts(tracker)->tcp;
    if (mps_tracker_connections(tracker) > 0)
        return;
    if (segments == 0)
        g_ptr_array_add(notes, g_strdup("There is no MPTCP segment."));
    else
        g_ptr_array_add(
            notes, g_strdup_printf("There is no MPTCP connection in %" G_GUINT64_FORMAT
                                   " TCP segment%s. Two captures of plain TCP can be compared; "
                                   "\"dump\" writes plain TCP with tcp=all.",
                                   segments, segments == 1 ? "" : "s"));
}

/* What the user said of the vantage point counts. Where the capture contradicts it, it is said. */
static void note_near(const mps_report *report, const mps_tracker *tracker, GPtrArray *notes)
{
    if (!(report->kind->needs & MPS_NEED_VANTAGE) || !mps_near_choice_given(&report->near))
        return;
    mps_vantages *vantages = mps_vantages_new(tracker, &report->near);
    mps_vantages_notes(vantages, report->connection, notes);
    mps_vantages_free(vantages);
}

GPtrArray *mps_report_notes(const mps_report *report, const mps_tracker *tracker,
                            const GPtrArray *of_file)
{
    GPtrArray *notes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; of_file && i < of_file->len; i++)
        g_ptr_array_add(notes, g_strdup(of_file->pdata[i]));
    mps_segment_notes(tracker, notes);
    note_no_connection(tracker, notes);
    note_near(report, tracker, notes);
    if (report->kind->notes)
        report->kind->notes(report, tracker, notes);
    return notes;
}

void mps_report_write_closing(const mps_report *report, const mps_tracker *tracker,
                              const mps_report_document *document, FILE *out)
{
    GPtrArray *notes = mps_report_notes(report, tracker, document->notes);
    if (document->style->format == MPS_FORMAT_JSON) {
        fputs(", ", out);
        mps_write_json_notes(out, notes);
        fputs("}\n", out);
    } else if (document->style->format == MPS_FORMAT_TEXT) {
        mps_write_text_notes(&(mps_text){out, document->style}, notes);
    }
    g_ptr_array_free(notes, TRUE);
}
