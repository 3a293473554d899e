/* output.h: an output file that is whole or not there.
 *
 * What is written goes to a temporary file beside the one that was asked for, which takes its name
 * when all was written. Pipes and devices are written directly. Files that end in .gz or .zst are
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

/** @return whether two paths lead to one file, which writing to one of them would overwrite; pipes
 *  and devices are no such files. NULL and "-" are standard output. */
bool mps_output_same(const char *a, const char *b);

/** Begin a file. @param path NULL or "-": standard output
 *  @return to be ended by mps_output_commit() or mps_output_discard(); NULL, with `error`, when it
 *  cannot be written */
mps_output *mps_output_open(const char *path, GError **error);

/** @return the stream to write to, valid until the file is ended. */
FILE *mps_output_stream(mps_output *output);

/** End writing; the stream is closed. mps_output_commit() or _discard() is still to be called: so
 *  several files get their names when all of them are written.
 *  @return false, with `error`, when something could not be written */
bool mps_output_end(mps_output *output, GError **error);

/** End the file and give it its name. @return false, with `error` and nothing left behind, when
 *  something could not be written (checked here for all writes before). */
bool mps_output_commit(mps_output *output, GError **error);

/** End without leaving anything behind. */
void mps_output_discard(mps_output *output);

#endif
