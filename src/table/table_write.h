/* table_write.h: tables as text, csv and json, for reports of one capture and of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_WRITE_H
#define MPS_TABLE_WRITE_H

#include <mptcpscope/table.h>
#include <stdio.h>

/** Write a table between rules, with its title and filter. @param filter NULL: none */
void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter);

/** Write another table below one that was written as text. */
void mps_write_text_below(FILE *out, const mps_table *table, const char *title);

/** Write those columns of a table that are named, by group or, where there is none, by name, as
 *  text: a line of all would be too long.
 *  @param names  ends with NULL @param below  another table that was written as text */
void mps_write_text_part(FILE *out, const mps_table *table, const char *title,
                         const char *const *names, bool below);

/** Write a table as csv, with a header line. */
void mps_write_csv(FILE *out, const mps_table *table);

/* The parts of it. */
void mps_write_csv_heading(FILE *out, const mps_table *table);
void mps_write_csv_row(FILE *out, const mps_table *table, unsigned row);
void mps_write_csv_rows(FILE *out, const mps_table *table);

/** Write one row as members of a json object. */
void mps_write_json_members(FILE *out, const mps_table *table, unsigned row);

/** Write one row as a json object. */
void mps_write_json_row(FILE *out, const mps_table *table, unsigned row);

/** Write a member of a json document: the key and an array of rows. */
void mps_write_json_table(FILE *out, const mps_table *table, const char *key);

/** Write `"rows": [ … ]`, the last member of a json document. */
void mps_write_json_rows(FILE *out, const mps_table *table);

/** Write a json string with its quotes. */
void mps_write_json_string(FILE *out, const char *string);

/** Write a value as csv does, but never quoted. */
void mps_write_bare(FILE *out, const mps_value *value);

#endif
