/* input.c: reads a file, plain or compressed with gzip or zstd, in blocks or line by line.
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

/* Bytes of the file that one read() asks for: large enough that system calls do not matter. */
#define RAW_SIZE (128u * 1024u)

/* Bytes of decompressed text that are held: several of the longest lines, so that a line is seldom
 * moved to the front. */
#define TEXT_SIZE (4u * MPS_INPUT_LINE_MAX)

/* A plain file is read straight into the caller's memory from this many bytes on. */
#define DIRECT_READ_MIN (32u * 1024u)

/* Bytes of the longest magic number, that of zstd. */
#define MAGIC_SIZE 4u

typedef enum { PLAIN, GZIP, ZSTD } compression;

struct mps_input {
    int fd;
    compression kind;
    bool raw_ended; /* the file itself has ended */
    bool within;    /* in the middle of a gzip member or a zstd frame */
    bool cut_off;   /* the problem: compressed data end too early */
    int problem;    /* errno of the first failure; 0: none */
    const char *problem_text;
    z_stream gzip;
    ZSTD_DStream *zstd;
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

/* read() that is not interrupted. @return as read() does; a failure is noted */
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

/* Decompress once into `to`. @return how many bytes came out */
static size_t step_gzip(mps_input *input, void *to, size_t size)
{
    z_stream *z = &input->gzip;
    if (!input->within)
        inflateReset(z); /* a file of several members is one stream */
    input->within = true;
    uInt limit = (uInt)MIN(size, (size_t)INT_MAX); /* zlib counts in 32 bits */
    z->next_in = input->raw + input->raw_at;
    z->avail_in = (uInt)(input->raw_end - input->raw_at);
    z->next_out = to;
    z->avail_out = limit;
    int result = inflate(z, Z_NO_FLUSH);
    input->raw_at = input->raw_end - z->avail_in;
    if (result == Z_STREAM_END)
        input->within = false;
    else if (result == Z_MEM_ERROR)
        set_problem(input, ENOMEM, g_strerror(ENOMEM));
    else if (result != Z_OK && result != Z_BUF_ERROR)
        set_problem(input, EBADMSG, "the gzip data are damaged");
    return limit - z->avail_out;
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
        /* The decompressor may still hold bytes when the file has ended. */
        bool last = input->raw_ended && input->raw_at == input->raw_end;
        if (last && !input->within)
            return 0;
        size_t got = input->kind == GZIP ? step_gzip(input, to, size) : step_zstd(input, to, size);
        if (got > 0 || input->problem != 0)
            return got;
        if (last && input->within) {
            set_problem(input, EBADMSG, "the compressed data are cut off");
            input->cut_off = true;
            return 0;
        }
    }
}

/* Read what the text buffer does not hold. @return as mps_input_read() */
static ssize_t read_on(mps_input *input, void *to, size_t size)
{
    size_t got = 0;
    if (input->problem == 0 && size > 0)
        got = input->kind == PLAIN ? read_plain(input, to, size) : read_compressed(input, to, size);
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

const char *mps_input_problem(const mps_input *input)
{
    return input->problem != 0 ? input->problem_text : NULL;
}

bool mps_input_cut_off(const mps_input *input)
{
    return input->cut_off;
}

/* ---- opening ---- */

/* Read until the magic number is there; a pipe may deliver it in parts. */
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

/* Add to the text. @return false at the end of the file, or if reading failed */
static bool fill_text(mps_input *input)
{
    if (input->text_ended)
        return false;
    if (TEXT_SIZE - input->text_end < MPS_INPUT_LINE_MAX) { /* nearly full: move to the front */
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

size_t mps_input_peek(mps_input *input, size_t size, const char **start)
{
    while (input->text_end - input->text_at < size && fill_text(input))
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
        if (!fill_text(input))
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

/* Called by stdio when the stream needs more bytes. */
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
