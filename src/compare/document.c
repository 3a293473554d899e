/* document.c: parts that documents about two or more captures share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "document.h"
#include "table/table_write.h"

void mps_document_names(FILE *out, const mps_trace *a, const mps_trace *b)
{
    mps_write_text_line(out, "A", mps_trace_name(a));
    mps_write_text_line(out, "B", mps_trace_name(b));
}

void mps_document_json_captures(FILE *out, const mps_trace *const *traces, unsigned count)
{
    fputs("\"captures\": [", out);
    for (unsigned i = 0; i < count; i++) {
        fputs(i > 0 ? ", " : "", out);
        mps_write_json_string(out, mps_trace_name(traces[i]));
    }
    putc(']', out);
}

void mps_document_json_opening(FILE *out, const char *report, const mps_trace *a,
                               const mps_trace *b)
{
    const mps_trace *const both[] = {a, b};
    fprintf(out, "{\"schema\": 1, \"report\": \"%s\", ", report);
    mps_document_json_captures(out, both, 2);
}

static void write_notes_json(FILE *out, const GPtrArray *notes)
{
    fputs("\"notes\": [", out);
    for (guint i = 0; i < notes->len; i++) {
        if (i > 0)
            fputs(", ", out);
        mps_write_json_string(out, notes->pdata[i]);
    }
    putc(']', out);
}

void mps_document_notes(FILE *out, const GPtrArray *notes, mps_format format)
{
    if (format == MPS_FORMAT_JSON)
        write_notes_json(out, notes);
    else
        for (guint i = 0; i < notes->len; i++)
            mps_write_text_line(out, "Note", notes->pdata[i]);
}
