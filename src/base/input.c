/* input.c: reads a file, plain or compressed, in blocks or line by line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mptcpscope/error.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "decompress.h"

/* Bytes of the file that one read() asks for: large enough that system calls do not matter. */
#define RAW_SIZE (128u * 1024u)

/* Bytes of decompressed text that are held: several of the longest lines, so that a line is seldom
 * moved to the front. */
#define TEXT_SIZE (4u * MPS_INPUT_LINE_MAX)

/* A plain file is read straight into the caller's memory from this many bytes on. */
#define DIRECT_READ_MIN (32u * 1024u)

/* Bytes that tell whether the file is compressed. */
#define MAGIC_SIZE 8u

/* Bytes that are read first: enough to tell what the file is. What follows them can be read
 * straight into the caller's memory. */
#define START_SIZE 64u

struct mps_input {
    int fd;
    bool is_standard;          /* the file is standard input, which stays open */
    bool is_stream;            /* it is no regular file: it may grow while it is read */
    uint64_t size;             /* bytes of the file; 0: not known */
    _Atomic uint64_t *counter; /* of bytes that were read; NULL: nobody counts them */
    int stop;     /* descriptor that ends a stream when it becomes readable; -1: none */
    bool stopped; /* it has: of the file only `left` bytes are still to be read */
    size_t left;
    mps_decompressor *decompressor; /* NULL: the file is plain */
    bool raw_ended;                 /* the file itself has ended */
    bool cut_off;                   /* the problem: compressed data end too early */
    int problem;                    /* errno of the first failure; 0: none */
    const char *problem_text;
    uint8_t *raw; /* bytes as in the file; those from raw_at to raw_end are not used yet */
    size_t raw_at, raw_end;
    char *text; /* decompressed bytes, for lines only; text_at to text_end are not used yet */
    size_t text_at, text_end;
    bool text_ended; /* read_on() has no more */
    guint64 line;    /* number of the line that was read last, from 1 */
};

static void set_problem(mps_input *input, int number, const char *text)
{
    input->problem = number;
    input->problem_text = text;
}

/* ---- blocks ---- */

/* Wait until there are bytes in a stream, or it is stopped: then what it holds now is read. */
static void await_stream(mps_input *input)
{
    struct pollfd ready[] = {{.fd = input->fd, .events = POLLIN},
                             {.fd = input->stop, .events = POLLIN}};
    int held = 0;
    while (poll(ready, G_N_ELEMENTS(ready), -1) < 0 && errno == EINTR)
        continue;
    if (ready[1].revents == 0)
        return;
    input->stopped = true;
    input->left = ioctl(input->fd, FIONREAD, &held) == 0 && held > 0 ? (size_t)held : 0;
}

/* read() that is not interrupted. @return as read() does; a failure is noted */
static ssize_t read_file(mps_input *input, void *to, size_t size)
{
    ssize_t got;
    if (input->stop >= 0 && !input->stopped)
        await_stream(input);
    if (input->stopped && input->left == 0)
        return 0;
    do
        got = read(input->fd, to, input->stopped ? MIN(size, input->left) : size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        set_problem(input, errno, g_strerror(errno));
    else if (input->stopped)
        input->left -= (size_t)got;
    if (got > 0 && input->counter != NULL)
        atomic_fetch_add_explicit(input->counter, (uint64_t)got, memory_order_relaxed);
    return got;
}

/* Read raw bytes if all were used. @return false if reading failed */
static bool fill_raw(mps_input *input)
{
    if (input->raw_at < input->raw_end || input->raw_ended)
        return true;
    ssize_t got = read_file(input, input->raw, RAW_SIZE);
    if (got < 0)
        return false;
    input->raw_at = 0;
    input->raw_end = (size_t)got;
    input->raw_ended = got == 0;
    return true;
}

/* Small reads, as streams make them, are served from a block; large ones go to the file. */
static size_t read_plain(mps_input *input, void *to, size_t size)
{
    if (input->raw_at == input->raw_end && size >= DIRECT_READ_MIN) {
        ssize_t got = read_file(input, to, size);
        return got > 0 ? (size_t)got : 0;
    }
    if (!fill_raw(input))
        return 0;
    size_t held = MIN(size, input->raw_end - input->raw_at);
    memcpy(to, input->raw + input->raw_at, held);
    input->raw_at += held;
    return held;
}

static size_t read_compressed(mps_input *input, void *to, size_t size)
{
    for (;;) {
        if (!fill_raw(input))
            return 0;
        /* The decompressor may still hold bytes when the file has ended. */
        const bool last = input->raw_ended && input->raw_at == input->raw_end;
        const uint8_t *from = input->raw + input->raw_at;
        const size_t got =
            mps_decompress(input->decompressor, &from, input->raw + input->raw_end, last, to, size);
        input->raw_at = (size_t)(from - input->raw);
        const char *problem = mps_decompressor_problem(input->decompressor);
        if (problem != NULL)
            set_problem(input, EBADMSG, problem);
        if (got > 0 || problem != NULL)
            return got;
        if (last && mps_decompressor_within(input->decompressor)) {
            set_problem(input, EBADMSG, "the compressed data are cut off");
            input->cut_off = true;
        }
        if (last)
            return 0;
    }
}

/* Read what the text buffer does not hold. @return as mps_input_read() */
static ssize_t read_on(mps_input *input, void *to, size_t size)
{
    size_t got = 0;
    if (input->problem == 0 && size > 0)
        got = input->decompressor == NULL ? read_plain(input, to, size)
                                          : read_compressed(input, to, size);
    if (got > 0 || input->problem == 0)
        return (ssize_t)got; /* bytes that came out before a problem are good */
    errno = input->problem;
    return -1;
}

ssize_t mps_input_read(mps_input *input, void *to, size_t size)
{
    size_t peeked = MIN(size, input->text_end - input->text_at);
    if (peeked == 0)
        return read_on(input, to, size);
    memcpy(to, input->text + input->text_at, peeked);
    input->text_at += peeked;
    return (ssize_t)peeked;
}

uint64_t mps_input_count(mps_input *input, _Atomic uint64_t *counter)
{
    const off_t read_already = lseek(input->fd, 0, SEEK_CUR);
    atomic_store_explicit(counter, read_already > 0 ? (uint64_t)read_already : 0,
                          memory_order_relaxed);
    input->counter = counter;
    return input->size;
}

bool mps_input_is_stream(const mps_input *input)
{
    return input->is_stream;
}

void mps_input_stop_at(mps_input *input, int descriptor)
{
    input->stop = input->is_stream ? descriptor : -1;
}

bool mps_input_stopped(const mps_input *input)
{
    return input->stopped;
}

const char *mps_input_problem(const mps_input *input)
{
    return input->problem != 0 ? input->problem_text : NULL;
}

bool mps_input_cut_off(const mps_input *input)
{
    return input->cut_off;
}

/* ---- opening ---- */

/* Read on until there are `size` bytes at most. @return false if reading failed */
static bool read_start(mps_input *input, size_t size)
{
    ssize_t got = read_file(input, input->raw + input->raw_end, size - input->raw_end);
    if (got < 0)
        return false;
    input->raw_end += (size_t)got;
    input->raw_ended = got == 0;
    return true;
}

/* Read until the magic number is there; a pipe may deliver it in parts. Behind a frame that is to
 * be skipped there is another one. */
static bool read_magic(mps_input *input)
{
    while (input->raw_end < MAGIC_SIZE && !input->raw_ended)
        if (!read_start(input, START_SIZE))
            return false;
    return !mps_decompress_skips(input->raw, input->raw_end) || read_start(input, RAW_SIZE);
}

static bool open_file(mps_input *input, const char *path)
{
    struct stat status;
    input->is_standard = strcmp(path, "-") == 0;
    input->fd = input->is_standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0 || fstat(input->fd, &status) != 0) {
        set_problem(input, errno, g_strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        set_problem(input, EISDIR, g_strerror(EISDIR));
        return false;
    }
    input->is_stream = !S_ISREG(status.st_mode);
    input->size = input->is_stream ? 0 : (uint64_t)status.st_size;
    return true;
}

mps_input *mps_input_new(const char *path, GError **error)
{
    mps_input *input = g_new0(mps_input, 1);
    input->stop = -1;
    input->raw = g_malloc(RAW_SIZE);
    input->text = g_malloc(TEXT_SIZE); /* costs nothing until it is touched */
    if (open_file(input, path) && read_magic(input)) {
        input->decompressor = mps_decompressor_new(input->raw, input->raw_end);
        return input;
    }
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, input->problem_text);
    mps_input_free(input);
    return NULL;
}

void mps_input_free(mps_input *input)
{
    if (input == NULL)
        return;
    mps_decompressor_free(input->decompressor);
    if (input->fd >= 0 && !input->is_standard)
        close(input->fd);
    g_free(input->raw);
    g_free(input->text);
    g_free(input);
}

/* ---- lines ---- */

/* Add up to `size` bytes to the text. @return false at the end of the file, or if reading failed */
static bool fill_text(mps_input *input, size_t size)
{
    if (input->text_ended)
        return false;
    if (TEXT_SIZE - input->text_end < MPS_INPUT_LINE_MAX) { /* nearly full: move to the front */
        memmove(input->text, input->text + input->text_at, input->text_end - input->text_at);
        input->text_end -= input->text_at;
        input->text_at = 0;
    }
    ssize_t got =
        read_on(input, input->text + input->text_end, MIN(size, TEXT_SIZE - input->text_end));
    input->text_ended = got <= 0;
    if (got > 0)
        input->text_end += (size_t)got;
    return got > 0;
}

size_t mps_input_peek(mps_input *input, size_t size, const char **start)
{
    size_t held;
    while ((held = input->text_end - input->text_at) < size && fill_text(input, size - held))
        continue;
    *start = input->text + input->text_at;
    return MIN(size, input->text_end - input->text_at);
}

/* Set an error that names the line. @return -1 */
static int line_error(const mps_input *input, const char *reason, GError **error)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "line %" G_GUINT64_FORMAT ": %s", input->line,
                reason);
    return -1;
}

/* The same for a line that lacks its end. @param what  lacks its end */
static int cut_off_error(const mps_input *input, const char *what, GError **error)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_CUT_OFF, "%s cut off in line %" G_GUINT64_FORMAT, what,
                input->line);
    return -1;
}

int mps_input_line(mps_input *input, const char **line, size_t *length, GError **error)
{
    size_t searched = 0;
    const char *end;
    for (;;) {
        size_t held = input->text_end - input->text_at;
        const char *start = input->text + input->text_at;
        end = held > searched ? memchr(start + searched, '\n', held - searched) : NULL;
        if (end != NULL || held >= MPS_INPUT_LINE_MAX)
            break;
        searched = held;
        if (!fill_text(input, TEXT_SIZE))
            break;
    }
    input->line++;
    *line = input->text + input->text_at;
    size_t held = input->text_end - input->text_at;
    if (end != NULL && end < *line + MPS_INPUT_LINE_MAX) {
        *length = (size_t)(end - *line);
        input->text_at += *length + 1;
        return 1;
    }
    if (end != NULL || held >= MPS_INPUT_LINE_MAX)
        return line_error(input, "longer than 64 KiB", error);
    if (input->cut_off)
        return cut_off_error(input, "the compressed data are", error);
    if (input->problem != 0)
        return line_error(input, input->problem_text, error);
    return held > 0 ? cut_off_error(input, "the file is", error) : 0;
}

guint64 mps_input_line_number(const mps_input *input)
{
    return input->line;
}

/* ---- streams ---- */

FILE *mps_input_hand_over(mps_input *input)
{
    if (input->is_stream || input->is_standard || input->decompressor != NULL)
        return NULL;
    const int fd = fcntl(input->fd, F_DUPFD_CLOEXEC, 0);
    FILE *stream = fd >= 0 && lseek(fd, 0, SEEK_SET) == 0 ? fdopen(fd, "r") : NULL;
    if (stream == NULL && fd >= 0)
        close(fd);
    return stream;
}

void mps_input_passed(mps_input *input, uint64_t bytes)
{
    if (input->counter != NULL)
        atomic_store_explicit(input->counter, bytes, memory_order_relaxed);
}
