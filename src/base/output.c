/* output.c: writes a file that appears only when it is complete, compressed as its name says.
 *
 * Callers write to a cookie stream. Its bytes pass through the compressor to a file descriptor. So
 * writes can fail in one place only, and the reason is kept until the file is ended.
 *
 * A file has no name while it is written. So whatever ends the program, nothing is left of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie, O_TMPFILE */
#endif
#define ZLIB_CONST

#include "output_nameless.h"
#include "output_place.h"
#include "output_spool.h"
#include "write_all.h"

#include <errno.h>
#include <fcntl.h>
#include <mptcpscope/error.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* Bytes of the stream's buffer and of a compressed block: few system calls, little memory. */
#define BUFFER_SIZE (128u * 1024u)

/* Most bytes that are handed to the compressor at once: zlib counts in 32 bits. */
#define BLOCK_MAX ((size_t)1 << 30)

/* Dumps are large and repetitive. The fastest levels already make them small; higher ones would
 * take longer than writing the dump. */
#define GZIP_LEVEL 1
#define ZSTD_LEVEL 1

typedef enum { PLAIN, GZIP, ZSTD } compression;

struct mps_output {
    FILE *stream; /* NULL once writing has ended */
    char *buffer; /* of the stream */
    int fd;
    mps_output_place place;
    bool nameless;   /* fd is a file that gets its name at the end */
    char *temporary; /* path of that file while it is open; NULL: written directly */
    int problem;     /* errno of the first failure; 0: none */
    compression kind;
    z_stream gzip;
    ZSTD_CCtx *zstd;
    uint8_t *packed; /* a block of compressed bytes */
};

static bool fail(GError **error, int number)
{
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_OUTPUT, g_strerror(number));
    return false;
}

/* ---- from the stream to the file ---- */

static bool write_all(mps_output *output, const void *data, size_t size)
{
    if (!mps_write_all(output->fd, data, size)) {
        output->problem = errno;
        return false;
    }
    return true;
}

static bool write_gzip(mps_output *output, const char *data, size_t size, int flush)
{
    z_stream *z = &output->gzip;
    z->next_in = (const Bytef *)data;
    z->avail_in = (uInt)size; /* at most BLOCK_MAX, see sink() */
    do {
        z->next_out = output->packed;
        z->avail_out = BUFFER_SIZE;
        deflate(z, flush); /* cannot fail: the state is valid and there is room for output */
        if (!write_all(output, output->packed, BUFFER_SIZE - z->avail_out))
            return false;
    } while (z->avail_out == 0);
    return true;
}

static bool write_zstd(mps_output *output, const char *data, size_t size, ZSTD_EndDirective end)
{
    ZSTD_inBuffer in = {data, size, 0};
    bool done;
    do {
        ZSTD_outBuffer out = {output->packed, BUFFER_SIZE, 0};
        size_t left = ZSTD_compressStream2(output->zstd, &out, &in, end);
        if (ZSTD_isError(left)) {
            output->problem = ENOMEM; /* the only possible reason here */
            return false;
        }
        if (!write_all(output, output->packed, out.pos))
            return false;
        done = end == ZSTD_e_end ? left == 0 : in.pos == in.size;
    } while (!done);
    return true;
}

/* Called by stdio to write the stream's bytes. @return `size`, or 0 on errors, as glibc requires */
static ssize_t sink(void *cookie, const char *data, size_t size)
{
    mps_output *output = cookie;
    size_t done = 0;
    while (done < size && output->problem == 0) {
        size_t block = MIN(size - done, BLOCK_MAX);
        if (output->kind == GZIP)
            write_gzip(output, data + done, block, Z_NO_FLUSH);
        else if (output->kind == ZSTD)
            write_zstd(output, data + done, block, ZSTD_e_continue);
        else
            write_all(output, data + done, block);
        done += block;
    }
    return output->problem == 0 ? (ssize_t)size : 0;
}

/* ---- opening ---- */

static bool open_descriptor(mps_output *output)
{
    if (output->place.fd == STDOUT_FILENO)
        fflush(stdout); /* earlier output of stdio comes first */
    output->fd = output->place.fd;
    return true;
}

static bool open_direct(mps_output *output, const char *path, GError **error)
{
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd >= 0 || fail(error, errno);
}

/* @param fd  a file without a name; -1, with errno: there is none */
static bool take_nameless(mps_output *output, int fd, GError **error)
{
    if (fd < 0)
        return fail(error, errno);
    output->fd = fd;
    output->nameless = true;
    output->temporary = g_strdup_printf("/proc/self/fd/%d", fd);
    return true;
}

/* Begin a file. One that replaces another gets its mode, so that a restricted file stays
 * restricted. */
static bool open_file(mps_output *output, GError **error)
{
    const mps_output_place *place = &output->place;
    if (place->exists && faccessat(place->folder, place->name, W_OK, 0) != 0)
        return fail(error, errno);
    if (!take_nameless(output, mps_nameless_open(place->folder, 0666), error))
        return false;
    return !place->exists || fchmod(output->fd, place->old.st_mode & 0777) == 0 ||
           fail(error, errno);
}

static bool open_path(mps_output *output, const char *path, GError **error)
{
    int problem = mps_output_place_find(&output->place, path);
    if (problem != 0)
        return fail(error, problem);
    if (output->place.fd >= 0)
        return open_descriptor(output);
    return output->place.folder < 0 ? open_direct(output, path, error) : open_file(output, error);
}

static bool begin_compression(mps_output *output, compression kind, GError **error)
{
    output->kind = kind;
    if (kind == GZIP && deflateInit2(&output->gzip, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + 16,
                                     MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK) {
        output->kind = PLAIN;
        return fail(error, ENOMEM);
    }
    if (kind == ZSTD) {
        output->zstd = ZSTD_createCCtx();
        if (output->zstd == NULL)
            return fail(error, ENOMEM);
        ZSTD_CCtx_setParameter(output->zstd, ZSTD_c_compressionLevel, ZSTD_LEVEL);
        ZSTD_CCtx_setParameter(output->zstd, ZSTD_c_checksumFlag, 1);
    }
    if (kind != PLAIN)
        output->packed = g_malloc(BUFFER_SIZE);
    return true;
}

static compression compression_of(const char *path)
{
    if (path != NULL && g_str_has_suffix(path, ".gz"))
        return GZIP;
    if (path != NULL && g_str_has_suffix(path, ".zst"))
        return ZSTD;
    return PLAIN;
}

static bool open_stream(mps_output *output, GError **error)
{
    static const cookie_io_functions_t functions = {.write = sink};
    output->stream = fopencookie(output, "w", functions);
    if (output->stream == NULL)
        return fail(error, errno);
    output->buffer = g_malloc(BUFFER_SIZE);
    setvbuf(output->stream, output->buffer, _IOFBF, BUFFER_SIZE);
    return true;
}

static mps_output *new_output(void)
{
    mps_output *output = g_new0(mps_output, 1);
    output->fd = output->place.fd = output->place.folder = -1;
    return output;
}

mps_output *mps_output_open(const char *path, GError **error)
{
    mps_output *output = new_output();
    if (open_path(output, path, error) && begin_compression(output, compression_of(path), error) &&
        open_stream(output, error))
        return output;
    mps_output_discard(output);
    return NULL;
}

mps_output *mps_output_spool(GError **error)
{
    mps_output *output = new_output();
    if (!take_nameless(output, mps_nameless_temporary(), error))
        g_prefix_error(error, "cannot make a temporary file in %s: ", g_get_tmp_dir());
    else if (begin_compression(output, ZSTD, error) && open_stream(output, error))
        return output;
    mps_output_discard(output);
    return NULL;
}

FILE *mps_output_stream(mps_output *output)
{
    return output->stream;
}

const char *mps_output_temporary(const mps_output *output)
{
    return output->temporary;
}

/* ---- ending ---- */

/* Close the stream and the compressor. After a problem nothing more is written. */
static void end_writing(mps_output *output)
{
    if (output->stream != NULL)
        fclose(output->stream); /* sink() keeps the reason if it fails */
    output->stream = NULL;
    if (output->problem == 0 && output->kind == GZIP)
        write_gzip(output, NULL, 0, Z_FINISH);
    if (output->problem == 0 && output->kind == ZSTD)
        write_zstd(output, NULL, 0, ZSTD_e_end);
    if (output->kind == GZIP)
        deflateEnd(&output->gzip);
    ZSTD_freeCCtx(output->zstd);
    output->zstd = NULL;
    output->kind = PLAIN; /* so that a second call does no harm */
}

static void close_file(mps_output *output)
{
    bool own = output->place.fd < 0; /* not somebody else's */
    if (output->fd >= 0 && own && close(output->fd) != 0 && output->problem == 0)
        output->problem = errno;
    output->fd = -1;
}

static void free_output(mps_output *output)
{
    mps_output_place_clear(&output->place);
    g_free(output->buffer);
    g_free(output->packed);
    g_free(output->temporary);
    g_free(output);
}

bool mps_output_end(mps_output *output, GError **error)
{
    end_writing(output);
    return output->problem == 0 || fail(error, output->problem);
}

bool mps_output_commit(mps_output *output, GError **error)
{
    end_writing(output);
    if (output->problem == 0 && output->nameless)
        output->problem = mps_nameless_name(output->fd, output->place.folder, output->place.name);
    close_file(output);
    int problem = output->problem;
    free_output(output);
    return problem == 0 || fail(error, problem);
}

void mps_output_discard(mps_output *output)
{
    if (output->problem == 0)
        output->problem = ECANCELED; /* the buffer is not written */
    end_writing(output);
    close_file(output);
    free_output(output);
}
