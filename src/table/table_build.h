/* table_build.h: builds tables value by value, row by row.
 *
 * table.c                builds tables and formats values as text
 * text.c, csv_json.c     write tables (table_write.h)
 * text_cell.c            the text of a cell, and its colour
 * text_layout.c          which columns text has, and how they fit on lines
 * style.c                how text shows points in time, how wide it is (mptcpscope/style.h)
 * colours.c              the colours of text, and which cells have them
 * sentences.c            writes sentences and notes (table_write.h)
 * reinjection_columns.c  the columns of a reinjection, for several reports
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_BUILD_H
#define MPS_TABLE_BUILD_H

#include <mptcpscope/table.h>
#include <mptcpscope/types.h>

/* Declarations of common columns. */
#define MPS_COLUMN_MS(group, name, title)                                                          \
    {                                                                                              \
        group, name, MPS_VALUE_SECONDS, title, "ms", 3                                             \
    }
#define MPS_COLUMN_COUNT(name, title)                                                              \
    {                                                                                              \
        NULL, name, MPS_VALUE_UINT, title, NULL, 0                                                 \
    }

/* An interval without segments gets a row, except in a gap of more than MPS_INTERVAL_GAP_MAX
 * intervals and after MPS_INTERVAL_FILLED_MAX such rows in the table. The limits keep tables small
 * when a clock is set far ahead. */
#define MPS_INTERVAL_GAP_MAX 1000
#define MPS_INTERVAL_FILLED_MAX 100000u

/** @param columns  must outlive the table
 *  @return a table without rows, freed by the caller with mps_table_free() */
mps_table *mps_table_new(const mps_column *columns, unsigned count);

/** Pass each row on when it is complete, instead of keeping all: what a report writes can be larger
 *  than what it knows. @param take_row, data  see mps_table */
void mps_table_pass_rows(mps_table *table, void (*take_row)(const mps_table *table, void *data),
                         void *data);

/** Set the number of rows. Call it after the last value. */
void mps_table_complete(mps_table *table);

/** Remove rows of a complete table. @param is_unwanted  whether to remove a row @param data  for it
 */
void mps_table_remove_rows(mps_table *table,
                           bool (*is_unwanted)(const mps_table *table, unsigned row,
                                               const void *data),
                           const void *data);

/** Append text to a string of a complete table. */
void mps_table_append_text(mps_table *table, unsigned row, unsigned column, const char *text);

/** Append the next value of the current row. A string is copied; a list is owned by the table. */
void mps_table_add(mps_table *table, mps_value value);

/** Append a copy of a string; null for NULL. */
void mps_table_add_string(mps_table *table, const char *string);

/** Append a list. @param json  for json @param text  for csv and text; both owned by the table */
void mps_table_add_json(mps_table *table, char *json, char *text);

/** Append the rows of another table as a list. @param list  freed
 *  @param in_lines  json has each row in a line of its own
 *  @param text      as of mps_table_add_json(); NULL: the number of rows */
void mps_table_add_list(mps_table *table, mps_table *list, bool in_lines, char *text);

/** Append an address; null for no address. */
void mps_table_add_address(mps_table *table, const mps_address *address);

/* Values. Durations and times are in ns. */
#define MPS_NULL ((mps_value){.type = MPS_VALUE_NULL})
#define MPS_UINT(n) ((mps_value){.type = MPS_VALUE_UINT, .u = (uint64_t)(n)})
#define MPS_INT(n) ((mps_value){.type = MPS_VALUE_INT, .i = (int64_t)(n)})
#define MPS_BOOL(b) ((mps_value){.type = MPS_VALUE_BOOL, .boolean = (b)})
#define MPS_REAL(x) ((mps_value){.type = MPS_VALUE_REAL, .real = (x)})
#define MPS_SECONDS(ns) ((mps_value){.type = MPS_VALUE_SECONDS, .i = (ns)})
#define MPS_TIME(ns) ((mps_value){.type = MPS_VALUE_TIME, .i = (ns)})
#define MPS_KEY(k) ((mps_value){.type = MPS_VALUE_KEY, .u = (k)})

/** Append a number; null if it is negative (unknown). */
void mps_table_add_known(mps_table *table, int64_t number);

/** Append the number of a connection, a subflow or a frame; null for MPS_NONE. */
void mps_table_add_number(mps_table *table, uint32_t number);

/** Append a duration or a delay, ns, which may be negative; null if it is not known. */
void mps_table_add_ns(mps_table *table, bool known, int64_t ns);

/** Append "c2s" or "s2c". */
void mps_table_add_direction(mps_table *table, mps_direction direction);

/** Append a duration in ns; null if it is negative (unknown). */
void mps_table_add_duration(mps_table *table, int64_t ns);

/** Append the rate of `bytes` in `ns`, in bit/s; null if no time passed. */
void mps_table_add_rate(mps_table *table, int64_t bytes, int64_t ns);

#endif
