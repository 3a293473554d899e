/* critical_tables.h: the tables of critical paths, for the report on one capture and for two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_CRITICAL_TABLES_H
#define MPS_CRITICAL_TABLES_H

#include "analysis/critical_path/critical_path.h"
#include "table/table_build.h"
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

/** Free what a row owns. */
void mps_critical_row_clear(mps_critical_row *row);

/** @return the number of a subflow in output; MPS_NONE for MPS_NONE. @param index  in row->subflows
 */
uint32_t mps_critical_subflow_number(const mps_critical_row *row, uint32_t index);

/* What to write of each path beside its sums. */
typedef struct {
    bool pieces;
    int64_t interval; /* length of the intervals, ns; 0: none */
} mps_critical_extent;

/** Write the verdict of each path as text: a sentence or some, in lines. */
void mps_critical_write_verdicts(FILE *out, const GArray *rows);

/** Make the table with a row for each path, which has the others as lists.
 *  @param rows  mps_critical_row  @return freed with mps_table_free() */
mps_table *mps_critical_row_table(const GArray *rows, const mps_critical_extent *extent);

/** Make the table of the classes, of the causes, of the pieces, of the intervals, of all paths. */
mps_table *mps_critical_class_table(const GArray *rows);
mps_table *mps_critical_cause_table(const GArray *rows);
mps_table *mps_critical_piece_table(const GArray *rows);
mps_table *mps_critical_interval_table(const GArray *rows, int64_t interval);

#endif
