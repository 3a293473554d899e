/* write_owd.h: parts of the documents of owd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WRITE_OWD_H
#define MPS_WRITE_OWD_H

#include "compare/document.h"
#include "delay_columns.h"
#include <mptcpscope/owd.h>

/* What is told of two captures. */
typedef struct {
    mps_table *subflows, *connections;
    mps_table *intervals; /* NULL: not asked for */
} mps_owd_tables;

void mps_owd_make_tables(const mps_comparison *comparison, const mps_owd_choice *choice,
                         mps_owd_tables *tables);
void mps_owd_free_tables(mps_owd_tables *tables);

/** @return the one that csv has. */
const mps_table *mps_owd_chosen_table(const mps_owd_tables *tables, const mps_owd_choice *choice);

/** Write all that is told of two captures, but their names, as text. */
void mps_owd_write_text(FILE *out, const mps_comparison *comparison, const mps_owd_tables *tables);

/** Write the same as members of a json object. */
void mps_owd_write_json(FILE *out, const mps_comparison *comparison, const mps_owd_tables *tables);

#endif
