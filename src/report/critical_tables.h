/* critical_tables.h: the tables of critical paths, for the report on one capture and for two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_TABLES_H
#define MPS_CRITICAL_TABLES_H

#include "analysis/critical_path/critical_path.h"
#include "table/table_build.h"
#include "table/table_write.h"
#include <mptcpscope/report.h>
#include <stdio.h>

/* The critical path of one direction of a connection. */
typedef struct {
    uint32_t connection, peer_connection; /* A's, or the only capture's, and B's; MPS_NONE: none */
    uint32_t end_subflow;                 /* number of the subflow with whose last data it ends;
                                           * MPS_NONE: it ends with the last data of all */
    mps_direction direction;
    bool cut; /* the sender's capture ended when the transfer went on: the path ends with the last
               * data that both captures have */
    mps_critical_path *path;
    GArray *subflows;       /* mps_critical_subflow; a reference. Their maps may be gone */
    const char *capture[2]; /* "A" or "B": the capture at client and server, static; NULL: there is
                             * one capture only */
    char *verdict;          /* in words; NULL: none */
} mps_critical_row;

/* Columns of a row. Text has the verdict or the reason in lines of their own.
 * @param verdict_title, reason_title  NULL: not in text */
#define MPS_CRITICAL_ROW_COLUMNS(verdict_title, reason_title)                                      \
    {NULL, "connection", MPS_VALUE_UINT, "Conn", NULL, 0},                                         \
        {NULL, "peer_connection", MPS_VALUE_UINT, NULL, NULL, 0},                                  \
        {NULL, "plain_stream", MPS_VALUE_UINT, "Stream", NULL, 0},                                 \
        {NULL, "direction", MPS_VALUE_STRING, "Path", NULL, 0},                                    \
        {NULL, "end_subflow", MPS_VALUE_UINT, "Ends on", NULL, 0},                                 \
        {NULL, "start", MPS_VALUE_TIME, NULL, NULL, 0},                                            \
        {NULL, "end", MPS_VALUE_TIME, NULL, NULL, 0}, MPS_COLUMN_MS(NULL, "elapsed", "Elapsed"),   \
        {NULL, "data_bytes", MPS_VALUE_UINT, "Data bytes", NULL, 0},                               \
        {NULL, "undelivered_bytes", MPS_VALUE_UINT, NULL, NULL, 0},                                \
        {NULL, "rounds", MPS_VALUE_REAL, "Round trips", NULL, 1},                                  \
        {"head_of_line", "subflow", MPS_VALUE_UINT, "Held by", NULL, 0},                           \
        MPS_COLUMN_MS("head_of_line", "waited", "Held"),                                           \
        {NULL, "verdict", MPS_VALUE_STRING, verdict_title, NULL, 0},                               \
        {NULL, "reason", MPS_VALUE_STRING, reason_title, NULL, 0},                                 \
        {NULL, "classes", MPS_VALUE_JSON, NULL, NULL, 0},                                          \
        {NULL, "causes", MPS_VALUE_JSON, NULL, NULL, 0},                                           \
        {NULL, "pieces", MPS_VALUE_JSON, NULL, NULL, 0},                                           \
    {                                                                                              \
        NULL, "intervals", MPS_VALUE_JSON, NULL, NULL, 0                                           \
    }

/** @return the number of a subflow in output; MPS_NONE for MPS_NONE. @param index  in row->subflows
 */
uint32_t mps_critical_subflow_number(const mps_critical_row *row, uint32_t index);

/** @return an empty array of mps_critical_row, which clears its rows; freed with g_array_free() */
GArray *mps_critical_rows_new(void);

/** @return the paths that a report "critical-path" is about (mps_critical_row), as one capture
 * shows them; freed with g_array_free() */
GArray *mps_critical_rows_of_report(const mps_report *report, const mps_tracker *tracker);

/* What to write of each path beside its sums. */
typedef struct {
    bool pieces;
    int64_t interval; /* length of the intervals, ns; 0: none */
} mps_critical_extent;

/** @return what to write of some paths together: the length of the intervals is doubled until there
 *  are at most MPS_INTERVAL_FILLED_MAX of them, or one for each path. */
mps_critical_extent mps_critical_fitting(const GArray *rows, const mps_critical_extent *extent);

/** Write the verdict of each path as text: a sentence or some, in lines. */
void mps_critical_write_verdicts(mps_text *out, const GArray *rows);

/** Append the row of a path to a table with MPS_CRITICAL_ROW_COLUMNS. */
void mps_critical_add_row(mps_table *table, const mps_critical_row *row,
                          const mps_critical_extent *extent);

/** Make the table with a row for each path, which has the others as lists.
 *  @param rows  mps_critical_row  @return freed with mps_table_free() */
mps_table *mps_critical_row_table(const GArray *rows, const mps_critical_extent *extent);

/** Make the table for csv: of all pieces or all intervals where these are asked for; otherwise with
 *  a row for each path.
 *  @return freed with mps_table_free() */
mps_table *mps_critical_csv_table(const GArray *rows, const mps_critical_extent *extent);

/* The tables with several rows for each path. */
typedef enum {
    MPS_CRITICAL_LIST_CLASSES, /* what the time was spent on */
    MPS_CRITICAL_LIST_CAUSES,  /* by cause, and what the sender waited for */
    MPS_CRITICAL_LIST_PIECES,
    MPS_CRITICAL_LIST_INTERVALS, /* over time */
} mps_critical_list;

/** Make one of these tables, of all paths. @param interval  of INTERVALS, ns
 *  @return freed with mps_table_free() */
mps_table *mps_critical_list_table(const GArray *rows, mps_critical_list list, int64_t interval);

/** Write all tables of some paths as text.
 *  @param first    title and filter of the first table
 *  @param capture  as of mps_table */
void mps_critical_write_tables(mps_text *out, const GArray *rows, const mps_text_form *first,
                               const char *capture, const mps_critical_extent *extent);

#endif
