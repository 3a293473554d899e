/* worker.c: does pieces of work in a process of its own.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "worker.h"
#include "base/write_all.h"
#include <string.h>
#include <sys/sendfile.h>

/* Most bytes of messages about one piece that are passed on. */
#define MESSAGES_MAX ((off_t)1 << 20)

/* @return how many bytes a file has */
static off_t size_of(int fd)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    return MAX(size, 0);
}

static void empty(int fd)
{
    if (ftruncate(fd, 0) == 0)
        lseek(fd, 0, SEEK_SET);
}

/* Send the beginning of a file. If nobody takes it, the process ends. */
static void send_file(int socket, int file, off_t size)
{
    for (off_t at = 0; at < size;) {
        const ssize_t sent = sendfile(socket, file, &at, (size_t)MIN(size - at, 1 << 30));
        if (sent == 0 || (sent < 0 && errno != EINTR))
            _exit(1);
    }
}

/* Do a piece of work; what it writes is in the file `spool` then. @return its status */
static int do_piece(uint32_t piece, int spool, mps_work work, void *data)
{
    FILE *out = fdopen(dup(spool), "w");
    if (!out)
        _exit(1);
    int status = work(piece, out, data);
    const bool failed = ferror(out) != 0;
    if (fclose(out) != 0 || failed) {
        fprintf(stderr, "mptcpscope: a temporary file in %s: %s\n", g_get_tmp_dir(),
                g_strerror(errno));
        status = status ? status : 1;
    }
    if (status != 0)
        empty(spool);
    return status;
}

void mps_worker_serve(int socket, int messages, int spool, mps_work work, void *data)
{
    uint32_t piece;
    dup2(messages, STDERR_FILENO); /* also what libraries say */
    setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
    while (read(socket, &piece, sizeof piece) == sizeof piece) {
        mps_work_header header;
        memset(&header, 0, sizeof header);
        header.status = do_piece(piece, spool, work, data);
        fflush(stderr);
        header.messages = (uint32_t)MIN(size_of(messages), MESSAGES_MAX);
        header.output = (uint64_t)size_of(spool);
        if (!mps_write_all(socket, &header, sizeof header))
            break;
        send_file(socket, messages, header.messages);
        send_file(socket, spool, (off_t)header.output);
        empty(messages);
        empty(spool);
    }
    _exit(0);
}
