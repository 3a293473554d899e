/* dump.h: the dump, one csv row per TCP segment with its facts and its verdict.
 *
 * docs/dump-format.md specifies the format. A reader needs the facts only: run through the tracker
 * they give every figure the capture gives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_DUMP_H
#define MPTCPSCOPE_DUMP_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/* Changes when a reader of an older version would be misled: a column that is removed or means
 * something else. New columns do not change it; readers ignore columns they do not know. */
#define MPS_DUMP_VERSION 1

typedef struct mps_dump_writer mps_dump_writer;

/**
 * Begin a dump.
 * @param path     compressed if it ends in .gz or .zst
 * @param capture  name of the capture, told in the first line; NULL: live
 * @return NULL, with `error`, when it cannot be written
 */
mps_dump_writer *mps_dump_writer_new(const char *path, const char *capture, GError **error);

/** Write one row. @param verdict NULL for a segment of a connection that is not followed
 *  (plain TCP). Errors are told by mps_dump_writer_close(). */
void mps_dump_write(mps_dump_writer *writer, const mps_tracker *tracker, const mps_segment *segment,
                    const mps_verdict *verdict);

/** End the dump and give it its name; numbers that changed since a row was written are put right.
 *  @return false, with `error` and no file left, when something could not be written */
bool mps_dump_writer_close(mps_dump_writer *writer, const mps_tracker *tracker, GError **error);

/** End it without leaving anything behind. */
void mps_dump_writer_discard(mps_dump_writer *writer);

#endif
