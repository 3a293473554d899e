/* table_build.h: makes tables: appends values row by row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_TABLE_BUILD_H
#define MPS_TABLE_BUILD_H

#include <mptcpscope/table.h>
#include <mptcpscope/types.h>

/* Columns of common kinds, in declarations of columns. */
#define MPS_COLUMN_MS(group, name, title)                                                          \
    {                                                                                              \
        group, name, MPS_VALUE_SECONDS, title, "ms", 3                                             \
    }
#define MPS_COLUMN_COUNT(name, title)                                                              \
    {                                                                                              \
        NULL, name, MPS_VALUE_UINT, title, NULL, 0                                                 \
    }

/* Intervals without a segment get rows where no more than this many follow one another, and until
 * there are this many in all: clocks jump. */
#define MPS_INTERVAL_GAP_MAX 1000
#define MPS_INTERVAL_FILLED_MAX 100000u

/** @return a table without rows; mps_table_complete() it when all values are in. */
mps_table *mps_table_new(const mps_column *columns, unsigned count);
void mps_table_complete(mps_table *table);

/** Append the next value of the row that is being filled. Strings are copied, lists become the
 *  table's own. */
void mps_table_add(mps_table *table, mps_value value);
void mps_table_add_string(mps_table *table, const char *string);
void mps_table_add_json(mps_table *table, char *json, char *text);
void mps_table_add_address(mps_table *table, const mps_address *address);

/* Values in short. */
#define MPS_NULL ((mps_value){.type = MPS_VALUE_NULL})
#define MPS_UINT(n) ((mps_value){.type = MPS_VALUE_UINT, .u = (uint64_t)(n)})
#define MPS_INT(n) ((mps_value){.type = MPS_VALUE_INT, .i = (int64_t)(n)})
#define MPS_BOOL(b) ((mps_value){.type = MPS_VALUE_BOOL, .boolean = (b)})
#define MPS_REAL(x) ((mps_value){.type = MPS_VALUE_REAL, .real = (x)})
#define MPS_SECONDS(ns) ((mps_value){.type = MPS_VALUE_SECONDS, .i = (ns)})
#define MPS_TIME(ns) ((mps_value){.type = MPS_VALUE_TIME, .i = (ns)})
#define MPS_KEY(k) ((mps_value){.type = MPS_VALUE_KEY, .u = (k)})

/** Append a number where it is known, null where it is negative. */
void mps_table_add_known(mps_table *table, int64_t number);
/** Append a connection, subflow or the like by its number; null for MPS_NONE. */
void mps_table_add_number(mps_table *table, uint32_t number);

/** Append a duration or a delay, ns, which may be negative; null if it is not known. */
void mps_table_add_ns(mps_table *table, bool known, int64_t ns);

/** Append "c2s" or "s2c". */
void mps_table_add_direction(mps_table *table, mps_direction direction);
void mps_table_add_duration(mps_table *table, int64_t ns);

/** Append bytes per second of `ns` as bit/s; null where no time passed. */
void mps_table_add_rate(mps_table *table, int64_t bytes, int64_t ns);

#endif
