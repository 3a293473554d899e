/* output_spool.h: output files that are read back, as the dump writer does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTPUT_SPOOL_H
#define MPS_OUTPUT_SPOOL_H

#include <mptcpscope/output.h>

/** Begin a compressed file in the folder for temporary files. The caller reads it back and then
 *  calls mps_output_discard(). @return NULL, with `error`, when it cannot be written */
mps_output *mps_output_spool(GError **error);

/** @return the path under which the file can be read back until it is committed or discarded,
 *  owned by `output`; NULL for a pipe or a device, which is written directly */
const char *mps_output_temporary(const mps_output *output);

#endif
