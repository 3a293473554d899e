/* document.h: what every document about two captures or more holds: names, notes, clocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DOCUMENT_H
#define MPS_DOCUMENT_H

#include "comparison.h"

/** Write what a reader should know: a member of a json document, or lines of text. */
void mps_document_notes(FILE *out, const GPtrArray *notes, mps_format format);

/** Write the names of two captures, which text begins with. */
void mps_document_names(FILE *out, const mps_trace *a, const mps_trace *b);

/** Write what a json document about two captures begins with, up to their names. */
void mps_document_json_opening(FILE *out, const char *report, const mps_trace *a,
                               const mps_trace *b);

/** Write a member of a json document: the names of captures. */
void mps_document_json_captures(FILE *out, const mps_trace *const *traces, unsigned count);

/** Write what is known of B's clock as a part of another document. */
void mps_clock_write_part(const mps_comparison *comparison, mps_format format, FILE *out);

#endif
