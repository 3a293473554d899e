/* parallel.h: does work that comes in pieces on all processors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_PARALLEL_H
#define MPS_PARALLEL_H

#include <stddef.h>

/* The size of work that costs as much as some hundred threads: about 1 ms. */
#define MPS_PARALLEL_MIN 4096u

/** Do work, in any order, in this thread and in those of the other processors.
 *  @param count  of its pieces
 *  @param size   of all together, in segments: below MPS_PARALLEL_MIN this thread does it alone
 *  @param work   does a piece, from 0; it changes nothing that another piece uses
 *  @param data   for `work` */
void mps_parallel(unsigned count, size_t size, void (*work)(unsigned piece, void *data),
                  void *data);

#endif
