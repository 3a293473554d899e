/* write.h: tables as text, csv and json, for reports of one capture and of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_REPORT_WRITE_H
#define MPS_REPORT_WRITE_H

#include <mptcpscope/report.h>

/** Write a table between rules, with its title and filter. @param filter NULL: none */
void mps_write_text(FILE *out, const mps_table *table, const char *title, const char *filter);

/** Write a table as csv, with a header line. */
void mps_write_csv(FILE *out, const mps_table *table);

/** Write `"rows": [ … ]`, the last member of a json document. */
void mps_write_json_rows(FILE *out, const mps_table *table);

/** Write a json string with its quotes. */
void mps_write_json_string(FILE *out, const char *string);

/** Write a value as csv does, but never quoted. */
void mps_write_bare(FILE *out, const mps_value *value);

#endif
