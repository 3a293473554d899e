/* output.h: writes a file that appears only when it is complete.
 *
 * The bytes go to a file without a name, which gets it, in place of the old file, when all of them
 * are written. Links are followed. Pipes and devices are written directly. Files whose names end in
 * .gz or .zst are compressed.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_OUTPUT_H
#define MPTCPSCOPE_OUTPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

typedef struct mps_output mps_output;

/** @return whether two paths (NULL or "-": standard output) lead to the same file or pipe, so that
 *  writing to one destroys what the other holds. What is opened there counts, not the names. One
 *  descriptor or device given twice is not the same: it is written one after the other. */
bool mps_output_same(const char *a, const char *b);

/** @return whether a path stands for standard output: NULL, "-", /dev/stdout and the like. */
bool mps_output_is_standard(const char *path);

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
