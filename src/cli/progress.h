/* progress.h: a line on standard error, where that is a terminal, that says how much of the files
 * was read, and what is done after that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PROGRESS_H
#define MPS_PROGRESS_H

#include <mptcpscope/source.h>

typedef struct mps_progress mps_progress;

/** @return the line, which is not shown yet, freed with mps_progress_free(); NULL where standard
 *  error is no terminal or a dumb one. */
mps_progress *mps_progress_new(void);

/** Erase the line and free it; NULL is allowed. */
void mps_progress_free(mps_progress *progress);

/** Say that a file is read from now on. The line appears when the command has worked for a second.
 *  Several may be read at a time. A pipe has no line.
 *  @param progress  NULL: nothing is shown
 *  @param path      of the file; must live until mps_progress_end()
 *  @param source    may be closed before that */
void mps_progress_begin(mps_progress *progress, const char *path, const mps_source *source);

/** Say that a file was read. The line is erased with the last one. */
void mps_progress_end(mps_progress *progress, const char *path);

/** Say how many of many files are done, which are read elsewhere. @param count  0: all is over */
void mps_progress_files(mps_progress *progress, uint32_t done, uint32_t count);

/** Say what is done with files that were read. @param task  static, a few words; NULL: that is
 * over, and the line is erased */
void mps_progress_task(mps_progress *progress, const char *task);

/** Erase the line while something else is written to standard error, until mps_progress_resume().
 */
void mps_progress_pause(mps_progress *progress);

/** End what mps_progress_pause() began. */
void mps_progress_resume(mps_progress *progress);

#endif
