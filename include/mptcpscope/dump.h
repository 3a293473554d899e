/* dump.h: writes the dump, a csv file with the facts and the verdict of each TCP segment.
 *
 * docs/dump-format.md specifies the format. A reader needs only the facts: the tracker gets from
 * them every figure that it gets from the capture.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_DUMP_H
#define MPTCPSCOPE_DUMP_H

#include <glib.h>
#include <mptcpscope/tracker.h>

/* Increased when an older reader would be misled, because a column is removed or changes its
 * meaning. New columns do not change it; readers ignore columns that they do not know. */
#define MPS_DUMP_VERSION 1

/* A dump that is being written. */
typedef struct mps_dump_writer mps_dump_writer;

/**
 * Begin a dump.
 * @param path     as in mps_output_open(); .gz and .zst are compressed
 * @param capture  name of the capture, for the first line; NULL: live
 * @return the writer, which the caller ends with mps_dump_writer_close() or _discard(); NULL, with
 *         `error`, when the file cannot be written
 */
mps_dump_writer *mps_dump_writer_new(const char *path, const char *capture, GError **error);

/** Write one row. mps_dump_writer_close() reports failures.
 *  @param tracker  that made the verdict
 *  @param verdict  NULL for a segment of a connection that is not followed (plain TCP) */
void mps_dump_write(mps_dump_writer *writer, const mps_tracker *tracker, const mps_segment *segment,
                    const mps_verdict *verdict);

/** Write an ICMP error, after the segments that were captured before it. */
void mps_dump_write_icmp(mps_dump_writer *writer, const mps_icmp_error *error);

/** End the dump, give it its name and free the writer. Numbers of connections and subflows that
 *  changed after a row was written are corrected.
 *  @return false, with `error`, when something could not be written; then no file is left */
bool mps_dump_writer_close(mps_dump_writer *writer, const mps_tracker *tracker, GError **error);

/** End the dump, remove its file and free the writer. */
void mps_dump_writer_discard(mps_dump_writer *writer);

#endif
