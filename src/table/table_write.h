/* table_write.h: tables as text, csv and json, for reports of one capture and of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_WRITE_H
#define MPS_TABLE_WRITE_H

#include <mptcpscope/report.h>

/** Write a table between rules, with its title and filter. @param filter NULL: none */
void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter);

/** Write another table below one that was written as text. */
void mps_write_text_below(FILE *out, const mps_table *table, const char *title);

/** Write a table as csv, with a header line. */
void mps_write_csv(FILE *out, const mps_table *table);

/* The parts of it. */
void mps_write_csv_heading(FILE *out, const mps_table *table);
void mps_write_csv_row(FILE *out, const mps_table *table, unsigned row);
void mps_write_csv_rows(FILE *out, const mps_table *table);

/** Write what a json document of a report begins with. @param capture NULL: live */
void mps_write_json_opening(FILE *out, const char *report, const char *capture);

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
