/* document.c: parts that documents about two or more captures share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "document.h"
#include "table/table_write.h"

void mps_document_names(mps_text *out, const mps_trace *a, const mps_trace *b)
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

void mps_document_add_notes(GPtrArray *notes, const mps_trace *a, const mps_trace *b)
{
    const mps_trace *const both[] = {a, b};
    for (unsigned i = 0; i < 2; i++) {
        const GPtrArray *own = mps_trace_notes(both[i]);
        for (guint k = 0; k < own->len; k++)
            g_ptr_array_add(notes,
                            g_strdup_printf("%s: %s", i ? "B" : "A", (const char *)own->pdata[k]));
    }
}
