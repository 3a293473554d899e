/* output.h: writes a file that appears only when it is complete.
 *
 * The bytes go to a temporary file in the same folder, which is renamed when all of them are
 * written. Pipes and devices are written directly. Files whose names end in .gz or .zst are
 * compressed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_OUTPUT_H
#define MPTCPSCOPE_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct mps_output mps_output;

/** @return whether two paths lead to the same regular file, so that writing to one overwrites the
 *  other. Pipes, devices and standard output (NULL or "-") are never the same. */
bool mps_output_same(const char *a, const char *b);

/** Begin a file. @param path  NULL or "-": standard output
 *  @return the output, which the caller ends with mps_output_commit() or mps_output_discard();
 *  NULL, with `error`, when the file cannot be written */
mps_output *mps_output_open(const char *path, GError **error);

/** @return the stream to write to, valid until the file is ended. */
FILE *mps_output_stream(mps_output *output);

/** End writing and close the stream. The caller must still call mps_output_commit() or
 *  mps_output_discard(). So several files can be written before any of them gets its name.
 *  @return false, with `error`, when something could not be written */
bool mps_output_end(mps_output *output, GError **error);

/** End the file, give it its name and free `output`. Failures of all earlier writes are reported
 *  here. @return false, with `error`, when something could not be written; then no file is left */
bool mps_output_commit(mps_output *output, GError **error);

/** End the file, remove it and free `output`. */
void mps_output_discard(mps_output *output);

#endif
