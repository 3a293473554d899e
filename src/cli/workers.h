/* workers.h: processes that do pieces of work side by side, each with what it writes.
 *
 * They are processes, not threads: one that ends by a bug or for lack of memory takes no other
 * piece with it, and its memory is given back. A worker does one piece after the other. What it
 * writes goes to a file without a name in the folder for temporary files first. So a result is
 * complete before any of it arrives, and a worker whose result nobody takes yet waits with it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_WORKERS_H
#define MPS_WORKERS_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* The result of a piece of work, as far as it has arrived. */
typedef struct {
    uint32_t piece;
    int status;         /* what the work returned; valid once `begun` */
    bool begun;         /* all messages have arrived, and what was written may have begun to */
    bool done;          /* all has arrived, or the worker has ended */
    char *ended;        /* how the worker ended before it was done, as a clause; NULL: it did not */
    GString *messages;  /* what it wrote to standard error */
    GByteArray *output; /* what it wrote, unless the caller has taken it off */
} mps_work_result;

/** Do a piece of work, in a worker. @param out  for what it writes, checked by the caller
 *  @return a status for the result */
typedef int (*mps_work)(uint32_t piece, FILE *out, void *data);

typedef struct mps_workers mps_workers;

/** Start workers. @param count  at least 1
 *  @return ended by the caller with mps_workers_end(); NULL, with `error` */
mps_workers *mps_workers_start(unsigned count, mps_work work, void *data, GError **error);

/** @return whether a worker has nothing to do. */
bool mps_workers_idle(const mps_workers *workers);

/** Give an idle worker a piece. @return its result, which the caller frees with
 *  mps_work_result_free() once it is done */
mps_work_result *mps_workers_give(mps_workers *workers, uint32_t piece);

/** Wait until something of a result arrives, and take it in. Of a result that holds much already
 *  no more is taken in, unless it is `wanted`.
 *  @param interrupt  a descriptor that ends the wait when it is readable; -1: none
 *  @return false, with `error`, when no more work can be done */
bool mps_workers_wait(mps_workers *workers, const mps_work_result *wanted, int interrupt,
                      GError **error);

/** End the workers, whatever they do. NULL is allowed. */
void mps_workers_end(mps_workers *workers);

void mps_work_result_free(mps_work_result *result);

#endif
