/* source.h: segments from a file, be it a capture or a dump; told apart by content.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPTCPSCOPE_SOURCE_H
#define MPTCPSCOPE_SOURCE_H

#include <glib.h>
#include <mptcpscope/segment.h>

typedef struct mps_source mps_source;

/** Open a dump or a capture, compressed or not.
 *  @return to be closed with mps_source_close(); NULL, with `error`, when it is neither */
mps_source *mps_source_open(const char *path, GError **error);

/** Read the next TCP segment. @return 1: a segment, 0: the end, -1: `error` */
int mps_source_next(mps_source *source, mps_segment *segment, GError **error);

/** @return the name of the capture: the file's without its folder, or what the dump tells. */
const char *mps_source_capture(const mps_source *source);

void mps_source_close(mps_source *source);

#endif
