/* export.h: writes what a capture holds as tables for programs that compute, to an HDF5 file: its
 * segments and its flows (docs/export.md).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_EXPORT_H
#define MPTCPSCOPE_EXPORT_H

#include <mptcpscope/source.h>

/* A file that is written. */
typedef struct mps_export mps_export;

/* What is written. */
typedef struct {
    uint32_t connection; /* number of the only one; MPS_NONE: all */
    bool plain_tcp;      /* segments of plain TCP, too; flows always are, unless `connection` is set
                          */
} mps_export_choice;

/** Begin a file.
 *  @param path  as in mps_output_open()
 *  @return the export, which the caller ends with mps_export_commit() or mps_export_discard();
 * NULL, with `error`, when the file cannot be written or this machine lacks what writes such files
 */
mps_export *mps_export_new(const char *path, const mps_export_choice *choice, GError **error);

/** Read all segments. @param source  nothing was read of it  @return false, with `error`, when it
 *  cannot be read */
bool mps_export_read(mps_export *export, mps_source *source, GError **error);

/** @return the tracker after the last segment, owned by `export`. */
const mps_tracker *mps_export_tracker(const mps_export *export);

/** Write the tables, give the file its name and free `export`.
 *  @return false, with `error`, when something could not be written; then no file is left */
bool mps_export_commit(mps_export *export, mps_source *source, GError **error);

/** Free `export`, and leave no file. */
void mps_export_discard(mps_export *export);

#endif
