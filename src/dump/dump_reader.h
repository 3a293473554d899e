/* dump_reader.h: reads a dump back into segments.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_READER_H
#define MPS_DUMP_READER_H

#include "base/input.h"
#include <mptcpscope/dump.h>

typedef struct mps_dump mps_dump;

/** Open a dump, compressed or not. @return NULL with `error` when it is none of this version. */
mps_dump *mps_dump_open(const char *path, GError **error);

/** @return whether the file begins like a dump. */
bool mps_dump_begins(mps_input *input);

/** As mps_dump_open(), of a file that is open already. @param input  taken over, also on errors */
mps_dump *mps_dump_from(mps_input *input, GError **error);

/** Read the next row. @return 1: a segment, 0: the end, -1: `error`, naming the line */
int mps_dump_next(mps_dump *dump, mps_segment *segment, GError **error);

/** @return the capture's name as the dump tells it, or NULL */
const char *mps_dump_capture(const mps_dump *dump);
void mps_dump_close(mps_dump *dump);

#endif
