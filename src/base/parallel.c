/* parallel.c: does work that comes in pieces on all processors.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "parallel.h"
#include <glib.h>

typedef struct {
    void (*work)(unsigned piece, void *data);
    void *data;
    unsigned count;
    guint next; /* piece, atomic */
} parallel_job;

/* Do one piece after the other, until all are taken. */
static gpointer do_pieces(gpointer data)
{
    parallel_job *job = data;
    unsigned piece;
    while ((piece = (guint)g_atomic_int_add(&job->next, 1)) < job->count)
        job->work(piece, job->data);
    return NULL;
}

void mps_parallel(unsigned count, size_t size, void (*work)(unsigned piece, void *data), void *data)
{
    parallel_job job = {work, data, count, 0};
    const unsigned processors = size < MPS_PARALLEL_MIN ? 1 : MIN(count, g_get_num_processors());
    GThread **others = g_new0(GThread *, processors);
    for (unsigned i = 1; i < processors; i++)
        others[i] = g_thread_try_new("parallel", do_pieces, &job, NULL); /* NULL: fewer work */
    do_pieces(&job);
    for (unsigned i = 1; i < processors; i++)
        if (others[i])
            g_thread_join(others[i]);
    g_free(others);
}
