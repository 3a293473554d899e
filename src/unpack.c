/* unpack.c: makes a stream of a file that may be compressed with gzip or zstd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "capture-parts.h"

#define INPUT_SIZE 65536u
#define GZIP_WINDOW (15 + 16) /* the largest window; 16: a gzip header, not zlib's */

struct mps_unpack {
    int fd;
    ssize_t (*read)(mps_unpack *unpack, char *buffer, size_t size);
    z_stream gzip;
    ZSTD_DStream *zstd;
    bool inside;         /* a compressed member or frame has begun and not ended */
    const char *problem; /* static text, or NULL */
    size_t next, end;    /* of what was read and not yet used */
    bool empty;
    uint8_t input[INPUT_SIZE];
};

/* @return 1: there is input; 0: it has ended; -1: errno says why not */
static int fill(mps_unpack *unpack)
{
    if (unpack->next < unpack->end)
        return 1;

    ssize_t count;
    do {
        count = read(unpack->fd, unpack->input, INPUT_SIZE);
    } while (count < 0 && errno == EINTR);
    unpack->next = 0;
    unpack->end = count > 0 ? (size_t)count : 0;
    return count > 0 ? 1 : (int)count;
}

static ssize_t fail(mps_unpack *unpack, const char *problem)
{
    unpack->problem = problem;
    errno = EIO;
    return -1;
}

static ssize_t ended(mps_unpack *unpack, int filled)
{
    if (filled < 0)
        return -1;
    return unpack->inside ? fail(unpack, "the compressed data is cut off") : 0;
}

static ssize_t read_plain(mps_unpack *unpack, char *buffer, size_t size)
{
    const int filled = fill(unpack);
    if (filled <= 0)
        return filled;

    const size_t count = MIN(size, unpack->end - unpack->next);
    memcpy(buffer, unpack->input + unpack->next, count);
    unpack->next += count;
    return (ssize_t)count;
}

static ssize_t read_gzip(mps_unpack *unpack, char *buffer, size_t size)
{
    z_stream *gzip = &unpack->gzip;

    gzip->next_out = (Bytef *)buffer;
    gzip->avail_out = (uInt)MIN(size, UINT_MAX);
    const uInt room = gzip->avail_out;
    while (gzip->avail_out == room) {
        const int filled = fill(unpack);
        if (filled <= 0)
            return ended(unpack, filled);

        gzip->next_in = unpack->input + unpack->next;
        gzip->avail_in = (uInt)(unpack->end - unpack->next);
        unpack->inside = true;
        const int result = inflate(gzip, Z_NO_FLUSH);
        unpack->next = unpack->end - gzip->avail_in;
        if (result == Z_STREAM_END) {
            /* Another member may follow (RFC 1952 section 2.2). */
            inflateReset(gzip);
            unpack->inside = false;
        } else if (result != Z_OK && result != Z_BUF_ERROR) {
            unpack->problem = "the compressed data is damaged";
            break; /* what came out until here is good */
        }
    }
    const uInt count = room - gzip->avail_out;
    return count > 0 ? (ssize_t)count : fail(unpack, unpack->problem);
}

static ssize_t read_zstd(mps_unpack *unpack, char *buffer, size_t size)
{
    ZSTD_outBuffer out = {buffer, size, 0};

    while (out.pos == 0) {
        /* What the decoder still holds comes first, although no input may be left. */
        const int filled = fill(unpack);
        if (filled < 0)
            return -1;

        ZSTD_inBuffer in = {unpack->input, unpack->end, unpack->next};
        const size_t result = ZSTD_decompressStream(unpack->zstd, &out, &in);
        unpack->next = in.pos;
        if (ZSTD_isError(result))
            return fail(unpack, "the compressed data is damaged");
        if (filled == 0 && out.pos == 0)
            return ended(unpack, filled);
        unpack->inside = result != 0;
    }
    return (ssize_t)out.pos;
}

static ssize_t unpack_read(void *cookie, char *buffer, size_t size)
{
    mps_unpack *unpack = cookie;

    if (unpack->problem != NULL)
        return fail(unpack, unpack->problem);
    return unpack->read(unpack, buffer, size);
}

static int unpack_close(void *cookie)
{
    mps_unpack *unpack = cookie;
    const int result = close(unpack->fd);

    if (unpack->read == read_gzip)
        inflateEnd(&unpack->gzip);
    ZSTD_freeDStream(unpack->zstd);
    g_free(unpack);
    return result;
}

/* Read enough to see the magic number, through a pipe too, where a read may give one byte. */
static bool choose_reader(mps_unpack *unpack)
{
    static const uint8_t zstd_magic[] = {0x28, 0xb5, 0x2f, 0xfd};
    static const uint8_t gzip_magic[] = {0x1f, 0x8b};

    while (unpack->end < sizeof zstd_magic) {
        const ssize_t count =
            read(unpack->fd, unpack->input + unpack->end, INPUT_SIZE - unpack->end);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return false;
        if (count == 0)
            break;
        unpack->end += (size_t)count;
    }

    unpack->empty = unpack->end == 0;
    unpack->read = read_plain;
    if (unpack->end >= sizeof gzip_magic && memcmp(unpack->input, gzip_magic, 2) == 0) {
        if (inflateInit2(&unpack->gzip, GZIP_WINDOW) != Z_OK) {
            errno = ENOMEM;
            return false;
        }
        unpack->read = read_gzip;
    } else if (unpack->end >= sizeof zstd_magic && memcmp(unpack->input, zstd_magic, 4) == 0) {
        unpack->zstd = ZSTD_createDStream();
        if (unpack->zstd == NULL) {
            errno = ENOMEM;
            return false;
        }
        unpack->read = read_zstd;
    }
    return true;
}

FILE *mps_unpack_open(int fd, mps_unpack **unpack)
{
    const cookie_io_functions_t functions = {.read = unpack_read, .close = unpack_close};
    mps_unpack *made = g_new0(mps_unpack, 1);

    made->fd = fd;
    FILE *stream = choose_reader(made) ? fopencookie(made, "r", functions) : NULL;
    if (stream == NULL) {
        const int reason = errno;
        unpack_close(made);
        errno = reason;
        return NULL;
    }
    *unpack = made;
    return stream;
}

const char *mps_unpack_problem(const mps_unpack *unpack)
{
    return unpack->problem;
}

bool mps_unpack_empty(const mps_unpack *unpack)
{
    return unpack->empty;
}
