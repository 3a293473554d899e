/* document.h: parts that documents about two or more captures share: names, clocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DOCUMENT_H
#define MPS_DOCUMENT_H

#include "comparison.h"
#include "table/table_write.h"

/** Write the names of two captures: the first lines of text. */
void mps_document_names(mps_text *out, const mps_trace *a, const mps_trace *b);

/** Append the notes on two captures, each with the letter of its capture, "A" or "B".
 *  @param notes  char *, one sentence each, which the array frees with g_free() */
void mps_document_add_notes(GPtrArray *notes, const mps_trace *a, const mps_trace *b);

/** Write the beginning of a json document about two captures, up to and including their names.
 *  @param report  the document's name, for its member `report` */
void mps_document_json_opening(FILE *out, const char *report, const mps_trace *a,
                               const mps_trace *b);

/** Write the names of captures as the member `captures` of a json document. */
void mps_document_json_captures(FILE *out, const mps_trace *const *traces, unsigned count);

/* Where sentences about clocks go on: after "Clocks: ". */
#define MPS_CLOCKS_INDENT 8u

/** Write what is known of B's clock as a part of a json document: its member `clock`. */
void mps_clock_write_json_part(const mps_comparison *comparison, FILE *out);

/** Write whether B's times are corrected: the line before mps_clock_write_text_part(). */
void mps_clock_write_mode(const mps_comparison *comparison, mps_text *out);

/** Write the same as lines of text. */
void mps_clock_write_text_part(const mps_comparison *comparison, mps_text *out);

#endif
