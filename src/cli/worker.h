/* worker.h: what a worker does: takes pieces of work from a socket and answers with their results.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WORKER_H
#define MPS_WORKER_H

#include "workers.h"

/* What comes before each result on the socket; the messages and the output follow. */
typedef struct {
    int32_t status;
    uint32_t messages; /* bytes */
    uint64_t output;   /* bytes */
} mps_work_header;

/** Do work in this process until the other end of the socket is closed; it does not return.
 *  @param socket    pieces come from there, as uint32_t, and results go there
 *  @param messages  descriptor of a file that takes the place of standard error
 *  @param spool     descriptor of a file for what the work writes */
void mps_worker_serve(int socket, int messages, int spool, mps_work work,
                      void *data) G_GNUC_NORETURN;

#endif
