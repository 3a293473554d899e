/* input.c: reading a file that may be compressed by gzip or zstd, in blocks or by lines.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif

#include "input.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <mptcpscope/error.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#define RAW_SIZE (128u * 1024u)
#define TEXT_SIZE (4u * MPS_INPUT_LINE_MAX)
#define LARGE_PIECE (32u * 1024u)
#define MAGIC_SIZE 4u

typedef enum { PLAIN, GZIP, ZSTD } compression;

struct mps_input {
    int fd;
    compression kind;
    bool raw_ended; /* the file itself has no more */
    bool within;    /* in the middle of a gzip member or a zstd frame */
    int problem;    /* errno of the first failure, 0: none */
    const char *problem_text;
    z_stream gzip;
    ZSTD_DStream *zstd;
    uint8_t *raw; /* bytes as in the file, those from raw_at to raw_end not used yet */
    size_t raw_at, raw_end;
    char *text; /* decompressed bytes, for lines only: from text_at to text_end not used yet */
    size_t text_at, text_end;
    bool text_ended; /* mps_input_read() has no more */
    guint64 line;
};

static void set_problem(mps_input *input, int number, const char *text)
{
    input->problem = number;
    input->problem_text = text;
}

/* ---- blocks ---- */

static ssize_t read_file(mps_input *input, void *to, size_t size)
{
    ssize_t got;
    do
        got = read(input->fd, to, size);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        set_problem(input, errno, g_strerror(errno));
    return got;
}

/* Have raw bytes at hand if there are any. @return false if reading failed */
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

/* Small pieces, as streams want them, are taken from a block; large ones are read as they are. */
static size_t read_plain(mps_input *input, void *to, size_t size)
{
    if (input->raw_at == input->raw_end && size >= LARGE_PIECE) {
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

/* Decompress a step. @return how many bytes came out */
static size_t step_gzip(mps_input *input, void *to, size_t size)
{
    z_stream *z = &input->gzip;
    if (!input->within)
        inflateReset(z); /* files of several members are one stream */
    input->within = true;
    uInt room = (uInt)MIN(size, (size_t)INT_MAX);
    z->next_in = input->raw + input->raw_at;
    z->avail_in = (uInt)(input->raw_end - input->raw_at);
    z->next_out = to;
    z->avail_out = room;
    int result = inflate(z, Z_NO_FLUSH);
    input->raw_at = input->raw_end - z->avail_in;
    if (result == Z_STREAM_END)
        input->within = false;
    else if (result == Z_MEM_ERROR)
        set_problem(input, ENOMEM, g_strerror(ENOMEM));
    else if (result != Z_OK && result != Z_BUF_ERROR)
        set_problem(input, EBADMSG, "the gzip data are damaged");
    return room - z->avail_out;
}

static size_t step_zstd(mps_input *input, void *to, size_t size)
{
    ZSTD_inBuffer in = {input->raw, input->raw_end, input->raw_at};
    ZSTD_outBuffer out = {to, size, 0};
    size_t left = ZSTD_decompressStream(input->zstd, &out, &in);
    input->raw_at = in.pos;
    input->within = left != 0;
    if (ZSTD_isError(left))
        set_problem(input, EBADMSG, "the zstd data are damaged");
    return out.pos;
}

static size_t read_compressed(mps_input *input, void *to, size_t size)
{
    for (;;) {
        if (!fill_raw(input))
            return 0;
        /* The decompressor may hold bytes back although the file has no more. */
        bool last = input->raw_ended && input->raw_at == input->raw_end;
        if (last && !input->within)
            return 0;
        size_t got = input->kind == GZIP ? step_gzip(input, to, size) : step_zstd(input, to, size);
        if (got > 0 || input->problem != 0)
            return got;
        if (last && input->within) {
            set_problem(input, EBADMSG, "the compressed data are cut off");
            return 0;
        }
    }
}

static ssize_t read_on(mps_input *input, void *to, size_t size)
{
    size_t got = 0;
    if (input->problem == 0 && size > 0)
        got = input->kind == PLAIN ? read_plain(input, to, size) : read_compressed(input, to, size);
    if (got > 0 || input->problem == 0)
        return (ssize_t)got; /* what came out before a problem still counts */
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

const char *mps_input_problem(const mps_input *input)
{
    return input->problem != 0 ? input->problem_text : NULL;
}

/* ---- opening ---- */

/* Read until the magic is there, which a pipe may give in pieces. */
static bool read_magic(mps_input *input)
{
    while (input->raw_end < MAGIC_SIZE && !input->raw_ended) {
        ssize_t got = read_file(input, input->raw + input->raw_end, RAW_SIZE - input->raw_end);
        if (got < 0)
            return false;
        input->raw_end += (size_t)got;
        input->raw_ended = got == 0;
    }
    return true;
}

static bool begin_decompression(mps_input *input)
{
    static const uint8_t gzip[] = {0x1f, 0x8b};
    static const uint8_t zstd[] = {0x28, 0xb5, 0x2f, 0xfd};
    bool memory = true;
    if (input->raw_end >= sizeof gzip && memcmp(input->raw, gzip, sizeof gzip) == 0) {
        memory = inflateInit2(&input->gzip, MAX_WBITS + 16) == Z_OK;
        input->kind = memory ? GZIP : PLAIN;
    } else if (input->raw_end >= sizeof zstd && memcmp(input->raw, zstd, sizeof zstd) == 0) {
        input->zstd = ZSTD_createDStream();
        memory = input->zstd != NULL;
        input->kind = ZSTD;
    }
    if (!memory)
        set_problem(input, ENOMEM, g_strerror(ENOMEM));
    return memory;
}

static bool open_file(mps_input *input, const char *path)
{
    struct stat status;
    input->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (input->fd < 0 || fstat(input->fd, &status) != 0) {
        set_problem(input, errno, g_strerror(errno));
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        set_problem(input, EISDIR, g_strerror(EISDIR));
        return false;
    }
    return true;
}

mps_input *mps_input_new(const char *path, GError **error)
{
    mps_input *input = g_new0(mps_input, 1);
    input->raw = g_malloc(RAW_SIZE);
    input->text = g_malloc(TEXT_SIZE); /* costs nothing until it is touched */
    if (open_file(input, path) && read_magic(input) && begin_decompression(input))
        return input;
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, input->problem_text);
    mps_input_free(input);
    return NULL;
}

void mps_input_free(mps_input *input)
{
    if (input == NULL)
        return;
    if (input->kind == GZIP)
        inflateEnd(&input->gzip);
    ZSTD_freeDStream(input->zstd);
    if (input->fd >= 0)
        close(input->fd);
    g_free(input->raw);
    g_free(input->text);
    g_free(input);
}

/* ---- lines ---- */

/* Add to the text. @return false if there is no more, or reading failed */
static bool fill_text(mps_input *input)
{
    if (input->text_ended)
        return false;
    if (TEXT_SIZE - input->text_end < MPS_INPUT_LINE_MAX) { /* little room behind: move to front */
        memmove(input->text, input->text + input->text_at, input->text_end - input->text_at);
        input->text_end -= input->text_at;
        input->text_at = 0;
    }
    ssize_t got = read_on(input, input->text + input->text_end, TEXT_SIZE - input->text_end);
    input->text_ended = got <= 0;
    if (got > 0)
        input->text_end += (size_t)got;
    return got > 0;
}

size_t mps_input_peek(mps_input *input, size_t wanted, const char **start)
{
    while (input->text_end - input->text_at < wanted && fill_text(input))
        continue;
    *start = input->text + input->text_at;
    return MIN(wanted, input->text_end - input->text_at);
}

static int line_error(const mps_input *input, const char *reason, GError **error)
{
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "line %" G_GUINT64_FORMAT ": %s", input->line,
                reason);
    return -1;
}

int mps_input_line(mps_input *input, const char **line, size_t *length, GError **error)
{
    size_t searched = 0;
    const char *end;
    for (;;) {
        size_t there = input->text_end - input->text_at;
        const char *start = input->text + input->text_at;
        end = there > searched ? memchr(start + searched, '\n', there - searched) : NULL;
        if (end != NULL || there >= MPS_INPUT_LINE_MAX)
            break;
        searched = there;
        if (!fill_text(input))
            break;
    }
    input->line++;
    *line = input->text + input->text_at;
    size_t there = input->text_end - input->text_at;
    if (end != NULL && end < *line + MPS_INPUT_LINE_MAX) {
        *length = (size_t)(end - *line);
        input->text_at += *length + 1;
        return 1;
    }
    if (end != NULL || there >= MPS_INPUT_LINE_MAX)
        return line_error(input, "longer than 64 KiB", error);
    if (input->problem != 0)
        return line_error(input, input->problem_text, error);
    if (there > 0)
        return line_error(input, "ends without a newline: the file is cut off", error);
    return 0;
}

guint64 mps_input_line_number(const mps_input *input)
{
    return input->line;
}

/* ---- streams ---- */

static ssize_t stream_read(void *cookie, char *to, size_t size)
{
    return mps_input_read(cookie, to, size);
}

FILE *mps_input_stream(mps_input *input, GError **error)
{
    FILE *stream = fopencookie(input, "r", (cookie_io_functions_t){.read = stream_read});
    if (stream == NULL)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, g_strerror(errno));
    return stream;
}
