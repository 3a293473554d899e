/* write_owd.h: parts of the documents of owd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WRITE_OWD_H
#define MPS_WRITE_OWD_H

#include "delay_columns.h"

/* What is told of two captures. */
typedef struct {
    mps_table *subflows, *connections;
    mps_table *intervals; /* NULL: not asked for */
} mps_owd_tables;

void mps_owd_make_tables(const mps_comparison *owd, const mps_owd_choice *choice,
                         mps_owd_tables *tables);
void mps_owd_free_tables(mps_owd_tables *tables);

/** @return the one that csv has. */
const mps_table *mps_owd_chosen_table(const mps_owd_tables *tables, const mps_owd_choice *choice);

/** Write all that is told of two captures, but their names, as text. */
void mps_owd_write_text(FILE *out, const mps_comparison *owd, const mps_owd_tables *tables);

/** Write the same as members of a json object. */
void mps_owd_write_json(FILE *out, const mps_comparison *owd, const mps_owd_tables *tables);

/** Write those columns of a table that are named, by group or else by name, as text; a line of all
 *  would be too long. @param names  ends with NULL @param below  another table */
void mps_document_part(FILE *out, const mps_table *table, const char *title,
                       const char *const *names, bool below);

/** Write what a reader should know: a member of a json document, or lines of text. */
void mps_document_notes(FILE *out, const GPtrArray *notes, mps_format format);

/** Write the names of two captures, which text begins with. */
void mps_document_names(FILE *out, const mps_trace *a, const mps_trace *b);

/** Write what a json document about two captures begins with, up to their names. */
void mps_document_json_opening(FILE *out, const char *report, const mps_trace *a,
                               const mps_trace *b);

/** Write a member of a json document: the names of captures. */
void mps_document_json_captures(FILE *out, const mps_trace *const *traces, unsigned count);

#endif
