/* dump_reader.h: reads a dump back into segments and ICMP errors.
 *
 * dump_reader.c  opens a dump and reads it row by row
 * dump_cells.c   reads the cells of a row
 * dump_icmp.c    reads and writes the lines of ICMP errors (dump_icmp.h)
 * dump_writer.c  writes a dump (mptcpscope/dump.h)
 * dump_row.c     formats the cells of a row
 * dump_format.h  the words that the reader and the writer share
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_READER_H
#define MPS_DUMP_READER_H

#include "base/input.h"
#include <mptcpscope/dump.h>

/* A dump that is being read. */
typedef struct mps_dump mps_dump;

/** Open a dump, compressed or not. @return the dump, closed by the caller with mps_dump_close();
 *  NULL, with `error`, if the file is no dump of this version */
mps_dump *mps_dump_open(const char *path, GError **error);

/** @return whether a file begins like a dump. Nothing is consumed. */
bool mps_dump_begins(mps_input *input);

/** Open a dump that was opened as an input.
 *  @param input  owned by the dump from now on; freed on errors
 *  @return as mps_dump_open() */
mps_dump *mps_dump_from(mps_input *input, GError **error);

/** Read the next row or ICMP error.
 *  @param segment  filled in where MPS_NEXT_SEGMENT is returned
 *  @return MPS_NEXT_FAILED: `error`, which names the line */
mps_next mps_dump_next(mps_dump *dump, mps_segment *segment, GError **error);

/** @return the ICMP error, after mps_dump_next() came to one; owned by `dump`. */
const mps_icmp_error *mps_dump_icmp_error(const mps_dump *dump);

/** @return the name of the capture from the dump's first line, owned by `dump`; NULL: live. */
const char *mps_dump_capture(const mps_dump *dump);

/** Close a dump and its input; NULL is allowed. */
void mps_dump_close(mps_dump *dump);

#endif
