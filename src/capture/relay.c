/* relay.c: reads the rest of a capture file through the wiretap module.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pipe2 */
#endif

#include "relay.h"

#include "base/write_all.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <mptcpscope/error.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

/* Bytes that the thread reads at once: what a pipe holds. */
#define CHUNK_SIZE 65536u

/* Of the module: wiretap does not say that two files may be read at once. */
static GMutex module_lock;

struct mps_relay {
    const mps_frame_reader *reader;
    void *state; /* of the reader */
    GByteArray *first;
    mps_input *input;
    mps_blocks *blocks;
    GMutex lock; /* of blocks */
    pthread_t feeder;
    bool is_feeding;
    int ends[2]; /* of the pipe: where it is read, where it is written; -1: closed */
};

static void close_end(mps_relay *relay, unsigned end)
{
    if (relay->ends[end] >= 0)
        close(relay->ends[end]);
    relay->ends[end] = -1;
}

/* The thread. It may be cancelled while it waits for input or for the reader of the pipe. */
static void *feed(void *data)
{
    mps_relay *relay = data;
    uint8_t chunk[CHUNK_SIZE];
    ssize_t got;
    bool is_read = mps_write_all(relay->ends[1], relay->first->data, relay->first->len);
    while (is_read && (got = mps_input_read(relay->input, (char *)chunk, sizeof chunk)) > 0) {
        /* Before the reader can see the packets: then their facts are known. */
        g_mutex_lock(&relay->lock);
        mps_blocks_follow(relay->blocks, chunk, (size_t)got);
        g_mutex_unlock(&relay->lock);
        is_read = mps_write_all(relay->ends[1], chunk, (size_t)got);
    }
    close_end(relay, 1);
    return NULL;
}

/* Start the thread without any signal: those of the process are not for it, and SIGPIPE shall not
 * end the process when the reader gives up. */
static bool start_feeder(mps_relay *relay)
{
    sigset_t all, before;
    if (pipe2(relay->ends, O_CLOEXEC) != 0)
        return false;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int problem = pthread_create(&relay->feeder, NULL, feed, relay);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    relay->is_feeding = problem == 0;
    errno = problem;
    return relay->is_feeding;
}

static void stop_feeder(mps_relay *relay)
{
    close_end(relay, 0);
    if (relay->is_feeding) {
        pthread_cancel(relay->feeder);
        pthread_join(relay->feeder, NULL);
        relay->is_feeding = false;
    }
    close_end(relay, 1);
}

static bool load_reader(mps_relay *relay, GError **error)
{
    /* The module stays loaded: what its libraries hold lives as long as the process. */
    void *module = dlopen(MPS_FRAME_READER_MODULE, RTLD_NOW | RTLD_LOCAL);
    if (module != NULL)
        relay->reader = dlsym(module, MPS_FRAME_READER_SYMBOL);
    if (relay->reader == NULL)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT,
                    "only Wireshark's wiretap can read this file on, and the module %s cannot be "
                    "loaded; tshark -q -r FILE -z mptcp,dump,file=DUMP writes a dump that can be "
                    "read instead",
                    MPS_FRAME_READER_MODULE);
    return relay->reader != NULL;
}

static bool open_reader(mps_relay *relay, GError **error)
{
    char *problem = NULL;
    if (!start_feeder(relay)) {
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, g_strerror(errno));
        return false;
    }
    char *path = g_strdup_printf("/dev/fd/%d", relay->ends[0]);
    g_mutex_lock(&module_lock);
    relay->state = relay->reader->open(path, &problem);
    g_mutex_unlock(&module_lock);
    g_free(path);
    if (relay->state == NULL) {
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, problem);
        g_free(problem);
        return false;
    }
    close_end(relay, 0); /* the reader has opened it */
    return true;
}

mps_relay *mps_relay_new(GByteArray *first, mps_input *input, mps_blocks *blocks, GError **error)
{
    mps_relay *relay = g_new0(mps_relay, 1);
    relay->first = first;
    relay->input = input;
    relay->blocks = blocks;
    relay->ends[0] = relay->ends[1] = -1;
    g_mutex_init(&relay->lock);
    if (load_reader(relay, error) && open_reader(relay, error))
        return relay;
    mps_relay_free(relay);
    return NULL;
}

mps_read_result mps_relay_next(mps_relay *relay, mps_read_frame *frame, char **problem)
{
    g_mutex_lock(&module_lock);
    const mps_read_result result = relay->reader->next(relay->state, frame, problem);
    g_mutex_unlock(&module_lock);
    return result;
}

void mps_relay_take_packet(mps_relay *relay, mps_link_facts *facts)
{
    g_mutex_lock(&relay->lock);
    mps_blocks_take_packet(relay->blocks, facts);
    g_mutex_unlock(&relay->lock);
}

void mps_relay_free(mps_relay *relay)
{
    if (relay == NULL)
        return;
    if (relay->state != NULL) {
        g_mutex_lock(&module_lock);
        relay->reader->close(relay->state);
        g_mutex_unlock(&module_lock);
    }
    stop_feeder(relay);
    g_mutex_clear(&relay->lock);
    g_byte_array_unref(relay->first);
    g_free(relay);
}
