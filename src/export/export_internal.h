/* export_internal.h: the tables of a capture for programs that compute: segments and flows.
 *
 *   export.c         reads a capture or a dump, and writes the file (mptcpscope/export.h)
 *   segment_table.c  the table "segments": what the dump has, with types
 *   flow_table.c     the table "flows": those of the report "flows"
 *   stored_rows.c    rows of fixed size, filled cell by cell
 *   table_file.h     what the module offers that writes the file (../hdf5)
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_EXPORT_INTERNAL_H
#define MPS_EXPORT_INTERNAL_H

#include "table_file.h"
#include <glib.h>
#include <mptcpscope/export.h>
#include <mptcpscope/report.h>
#include <stdint.h>

/* A file that is written. */
typedef struct {
    const mps_table_file *format;
    void *state;
} mps_export_file;

/* ---- stored_rows.c ---- */

/* A column as it is declared. */
typedef struct {
    const char *name;
    mps_stored_type type;
    bool may_be_unknown; /* a number; a column NAME_valid after it is 1 where it is known, else 0 */
} mps_stored_spec;

/* Rows of fixed size that are collected and written. */
typedef struct {
    const mps_stored_spec *specs;
    unsigned spec_count;
    GArray *columns;  /* mps_stored_column */
    unsigned *places; /* by spec: its column */
    size_t row_size;  /* bytes */
    char *rows, *row; /* MPS_STORED_CHUNK of them; the one that is filled */
    unsigned count;   /* rows that are complete */
    unsigned next;    /* spec of the next cell */
    const mps_export_file *file;
    bool failed;
} mps_stored_rows;

/* Rows that are compressed together: some 300 kB of segments, less than readers keep in memory. */
#define MPS_STORED_CHUNK 1024u

/** Begin a table.
 *  @param widths  by column of `specs`: the most bytes of its texts
 *  @return ended by mps_stored_rows_end(); NULL on errors */
mps_stored_rows *mps_stored_rows_begin(const mps_export_file *file, const char *name,
                                       const char *title, const mps_stored_spec *specs,
                                       unsigned count, const size_t *widths);

/** Fill the next cell from text: a number in decimal or a text, nothing for what is unknown.
 *  @param text  not longer than the column is wide */
void mps_stored_put_text(mps_stored_rows *rows, const char *text, size_t length);

/** Fill the next cell with a number. @param known  false: it is not known */
void mps_stored_put_number(mps_stored_rows *rows, bool known, int64_t number);

/** Fill the next cell with a real number. @param number  NAN: it is not known */
void mps_stored_put_real(mps_stored_rows *rows, double number);

/** Write what is left and free everything. @return false if something could not be written */
bool mps_stored_rows_end(mps_stored_rows *rows);

/* ---- segment_table.c ---- */

/* The segments that are read, until their verdicts are final. */
typedef struct mps_segment_spool mps_segment_spool;

/** @return nothing yet; freed by mps_segment_spool_free(). NULL, with `error`: there is no room */
mps_segment_spool *mps_segment_spool_new(GError **error);

/** Free what was kept; NULL is allowed. */
void mps_segment_spool_free(mps_segment_spool *spool);

/** Keep a segment. @param verdict  NULL: plain TCP */
void mps_segment_spool_add(mps_segment_spool *spool, const mps_segment *segment,
                           const mps_verdict *verdict);

/** Write the table. @param connection  the only one; MPS_NONE: all, and plain TCP that was kept
 *  @return false, with `error` */
bool mps_segment_table_write(mps_segment_spool *spool, const mps_export_file *file,
                             const mps_tracker *tracker, uint32_t connection, GError **error);

/* ---- flow_table.c ---- */

/** Write the table. @param report  a report "flows" that has counted  @return false on errors */
bool mps_flow_table_write(const mps_export_file *file, const mps_report *report,
                          const mps_tracker *tracker);

/** Set `error` to why an output could not be written. @return false */
bool mps_export_fail(GError **error);

#endif
