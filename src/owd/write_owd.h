/* write_owd.h: the tables of two captures, and parts of documents with them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WRITE_OWD_H
#define MPS_WRITE_OWD_H

#include "compare/document.h"
#include "delay_columns.h"
#include "table/table_write.h"
#include <mptcpscope/owd.h>

/* The tables of two captures. */
typedef struct {
    mps_table *subflows, *connections;
    bool negative;        /* the delay of a matched segment is below 0 */
    mps_table *intervals; /* NULL: not requested */
} mps_owd_tables;

/** Make the tables. @param tables  filled in; to be cleared with mps_owd_free_tables() */
void mps_owd_make_tables(const mps_comparison *comparison, const mps_owd_choice *choice,
                         mps_owd_tables *tables);

/** Free the tables, but not the structure. */
void mps_owd_free_tables(mps_owd_tables *tables);

/** @return the table that csv consists of. */
const mps_table *mps_owd_chosen_table(const mps_owd_tables *tables, const mps_owd_choice *choice);

/** Write the clocks, notes and tables of two captures as text, without the captures' names. */
void mps_owd_write_text(mps_text *out, const mps_comparison *comparison,
                        const mps_owd_tables *tables);

/** Write the same as members of a json object. */
void mps_owd_write_json(FILE *out, const mps_comparison *comparison, const mps_owd_tables *tables);

#endif
