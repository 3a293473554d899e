/* output_spool.h: what the dump needs of an output beyond output.h, to read back what it wrote.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_OUTPUT_SPOOL_H
#define MPS_OUTPUT_SPOOL_H

#include <mptcpscope/output.h>

/** Begin a file in the folder for temporary files, to be read back and then discarded. It is
 *  compressed. @return NULL, with `error`, when it cannot be written */
mps_output *mps_output_spool(GError **error);

/** @return the name under which the file can be read back until it is ended, or NULL where it is
 *  a pipe or a device, which is written directly */
const char *mps_output_temporary(const mps_output *output);

#endif
