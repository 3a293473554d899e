/* dump_icmp.h: the lines of a dump that tell of ICMP errors. They are comments to readers of csv,
 * so that every row is a segment.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DUMP_ICMP_H
#define MPS_DUMP_ICMP_H

#include "dump_cells.h"
#include <mptcpscope/icmp_error.h>

/** @return the line of an error, with its newline; freed by the caller with g_free(). It has less
 *  than 512 bytes. */
char *mps_dump_icmp_line(const mps_icmp_error *error);

/** @return whether the line in `cells` tells of an ICMP error. */
bool mps_dump_icmp_begins(const mps_dump_cells *cells);

/** Read such a line. @param icmp  filled in
 *  @return false, with `error`, which names the line and the cell, if it is malformed */
bool mps_dump_icmp_read(const mps_dump_cells *cells, mps_icmp_error *icmp, GError **error);

#endif
