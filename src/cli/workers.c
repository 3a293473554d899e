/* workers.c: starts workers, gives them work and takes in their results.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memfd_create */
#endif
#include "workers.h"
#include "base/output_nameless.h"
#include "worker.h"
#include <errno.h>
#include <mptcpscope/error.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Bytes of a result that are taken in before it is wanted, and bytes that are read at once. */
#define HELD_MAX ((guint)1 << 20)
#define BLOCK ((guint)1 << 17)

typedef struct {
    pid_t process;           /* 0: there is none */
    int socket;              /* to it */
    int messages;            /* the file that it has as standard error */
    mps_work_result *result; /* of what it does; NULL: nothing */
    mps_work_header header;  /* of that */
    size_t taken;            /* bytes of header, messages and output taken in */
} worker;

struct mps_workers {
    worker *workers;
    unsigned count;
    mps_work work;
    void *data;
};

static bool fail(GError **error, const char *what)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "cannot %s: %s", what, g_strerror(errno));
    return false;
}

/* ---- starting ---- */

/* In a new worker. @param spool  its file for results */
static void become_worker(const mps_workers *all, const worker *self, int socket, int spool)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigaction(SIGINT, &(struct sigaction){.sa_handler = SIG_IGN},
              NULL); /* it ends with the others */
    for (unsigned i = 0; i < all->count; i++)
        if (all->workers[i].process > 0)
            close(all->workers[i].socket); /* each must see that its own is closed */
    mps_worker_serve(socket, self->messages, spool, all->work, all->data);
}

static bool fork_worker(mps_workers *all, worker *self, int spool, GError **error)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail(error, "start a process");
    self->messages = memfd_create("messages", MFD_CLOEXEC);
    const pid_t process = self->messages < 0 ? -1 : fork();
    if (process == 0) {
        close(ends[0]);
        become_worker(all, self, ends[1], spool);
    }
    close(ends[1]);
    if (process > 0) {
        self->process = process;
        self->socket = ends[0];
        return true;
    }
    fail(error, "start a process");
    close(ends[0]);
    if (self->messages >= 0)
        close(self->messages);
    return false;
}

static bool start_worker(mps_workers *all, worker *self, GError **error)
{
    const int spool = mps_nameless_temporary();
    bool started = false;
    if (spool < 0)
        g_set_error(error, MPS_ERROR, MPS_ERROR_OUTPUT, "cannot make a temporary file in %s: %s",
                    g_get_tmp_dir(), g_strerror(errno));
    else
        started = fork_worker(all, self, spool, error);
    if (spool >= 0)
        close(spool);
    return started;
}

mps_workers *mps_workers_start(unsigned count, mps_work work, void *data, GError **error)
{
    mps_workers *all = g_new0(mps_workers, 1);
    all->workers = g_new0(worker, count);
    all->count = count;
    all->work = work;
    all->data = data;
    for (unsigned i = 0; i < count; i++)
        if (!start_worker(all, &all->workers[i], error)) {
            mps_workers_end(all);
            return NULL;
        }
    return all;
}

/* ---- ending ---- */

/* @return how a process ended, as a clause, freed by the caller */
static char *how_ended(int status)
{
    if (WIFSIGNALED(status))
        return g_strdup_printf("the process that read it was ended by signal %d (%s)",
                               WTERMSIG(status), strsignal(WTERMSIG(status)));
    return g_strdup_printf("the process that read it ended with status %d", WEXITSTATUS(status));
}

/* @return what a worker that has ended said before, freed by the caller */
static char *last_words(const worker *self)
{
    char text[4096];
    const ssize_t size = pread(self->messages, text, sizeof text, 0);
    return g_strndup(text, size > 0 ? (gsize)size : 0);
}

/* Close what belongs to a worker, and wait for its end. @return as of waitpid() */
static int reap(worker *self)
{
    int status = 0;
    close(self->socket);
    close(self->messages);
    while (waitpid(self->process, &status, 0) < 0 && errno == EINTR)
        continue;
    self->process = 0;
    return status;
}

/* A worker has ended: so has its result, and another one takes its place. */
static bool replace(mps_workers *all, worker *self, GError **error)
{
    mps_work_result *result = self->result;
    char *words = last_words(self);
    const int status = reap(self);
    if (result && !result->done) {
        if (!result->begun)
            g_string_assign(result->messages, words);
        result->ended = how_ended(status);
        result->done = true;
    }
    g_free(words);
    self->result = NULL;
    return start_worker(all, self, error);
}

void mps_workers_end(mps_workers *all)
{
    for (unsigned i = 0; all && i < all->count; i++)
        if (all->workers[i].process > 0) {
            kill(all->workers[i].process, SIGKILL);
            reap(&all->workers[i]);
        }
    if (all)
        g_free(all->workers);
    g_free(all);
}

void mps_work_result_free(mps_work_result *result)
{
    g_string_free(result->messages, TRUE);
    g_byte_array_free(result->output, TRUE);
    g_free(result->ended);
    g_free(result);
}

/* ---- work and results ---- */

/* @return a worker that has nothing to do, or NULL */
static worker *find_idle(const mps_workers *all)
{
    for (unsigned i = 0; i < all->count; i++)
        if (all->workers[i].process > 0 && !all->workers[i].result)
            return &all->workers[i];
    return NULL;
}

bool mps_workers_idle(const mps_workers *all)
{
    return find_idle(all) != NULL;
}

mps_work_result *mps_workers_give(mps_workers *all, uint32_t piece)
{
    worker *self = find_idle(all);
    mps_work_result *result = g_new0(mps_work_result, 1);
    result->piece = piece;
    result->messages = g_string_new(NULL);
    result->output = g_byte_array_new();
    self->result = result;
    self->taken = 0;
    /* If it has ended, mps_workers_wait() finds out. */
    (void)!send(self->socket, &piece, sizeof piece, MSG_NOSIGNAL);
    return result;
}

/* Take in bytes of a result: the header, the messages, then the output. */
static void take_bytes(worker *self, const uint8_t *bytes, size_t count)
{
    mps_work_result *result = self->result;
    while (count > 0) {
        const size_t place = self->taken;
        const size_t end_of_messages = sizeof self->header + self->header.messages;
        size_t part = count;
        if (place < sizeof self->header) {
            part = MIN(count, sizeof self->header - place);
            memcpy((uint8_t *)&self->header + place, bytes, part);
        } else if (place < end_of_messages) {
            part = MIN(count, end_of_messages - place);
            g_string_append_len(result->messages, (const char *)bytes, (gssize)part);
        } else {
            g_byte_array_append(result->output, bytes, (guint)part);
        }
        self->taken += part;
        bytes += part;
        count -= part;
    }
    if (self->taken < sizeof self->header)
        return;
    const size_t begin = sizeof self->header + self->header.messages;
    result->status = self->header.status;
    result->begun = self->taken >= begin;
    result->done = self->taken == begin + self->header.output;
}

/* Take in what there is of a worker's result. @return false, with `error`, when it has ended and
 * none can take its place */
static bool take(mps_workers *all, worker *self, GError **error)
{
    uint8_t block[BLOCK];
    const ssize_t got = recv(self->socket, block, sizeof block, MSG_DONTWAIT);
    if (got < 0 && (errno == EINTR || errno == EAGAIN))
        return true;
    if (got <= 0 || !self->result)
        return replace(all, self, error);
    take_bytes(self, block, (size_t)got);
    if (self->result->done) {
        self->result = NULL;
        memset(&self->header, 0, sizeof self->header);
    }
    return true;
}

static bool has_room(const mps_work_result *result)
{
    return result->output->len < HELD_MAX;
}

bool mps_workers_wait(mps_workers *all, const mps_work_result *wanted, int interrupt,
                      GError **error)
{
    struct pollfd *polled = g_new0(struct pollfd, all->count + 1);
    bool works = true;
    for (unsigned i = 0; i < all->count; i++) {
        const worker *self = &all->workers[i];
        const bool takes = !self->result || self->result == wanted || has_room(self->result);
        polled[i] = (struct pollfd){.fd = takes ? self->socket : -1, .events = POLLIN};
    }
    polled[all->count] = (struct pollfd){.fd = interrupt, .events = POLLIN};
    if (poll(polled, all->count + 1, -1) > 0)
        for (unsigned i = 0; i < all->count && works; i++)
            if (polled[i].revents)
                works = take(all, &all->workers[i], error);
    g_free(polled);
    return works;
}
