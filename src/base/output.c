/* output.c: writes a file that appears only when it is complete, compressed as its name says.
 *
 * Callers write to a cookie stream. Its bytes pass through the compressor to a file descriptor. So
 * writes can fail in one place only, and the reason is kept until the file is ended.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* fopencookie */
#endif
#define ZLIB_CONST

#include "output_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <limits.h>
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

/* Symbolic links that are followed, as many as Linux follows (path_resolution(7)). */
#define LINKS_MAX 40

typedef enum { PLAIN, GZIP, ZSTD } compression;

struct mps_output {
    FILE *stream; /* NULL once writing has ended */
    char *buffer; /* of the stream */
    int fd;
    bool keep_open;  /* fd belongs to somebody else */
    char *target;    /* name of the file; NULL: written directly */
    char *temporary; /* file that is renamed to the target at the end; NULL: written directly */
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
    const char *from = data;
    while (size > 0) {
        ssize_t written = write(output->fd, from, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            output->problem = errno;
            return false;
        }
        from += written;
        size -= (size_t)written;
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

/* The open descriptor that a path such as /dev/stdout stands for, or -1. Such a path must not be
 * opened again: that would begin at the start of a redirected file, and renaming a temporary file
 * to it would replace a file that somebody else holds open. */
static int descriptor_of(const char *path)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    if (strcmp(path, "/dev/stdout") == 0)
        return STDOUT_FILENO;
    if (strcmp(path, "/dev/stderr") == 0)
        return STDERR_FILENO;
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        guint64 number;
        if (g_str_has_prefix(path, folders[i]) &&
            g_ascii_string_to_unsigned(path + strlen(folders[i]), 10, 0, INT_MAX, &number, NULL))
            return (int)number;
    }
    return -1;
}

/* Follow symbolic links by hand, because realpath() fails where the file does not exist yet.
 * @return the path they lead to, freed by the caller; NULL, with errno */
static char *follow_links(const char *path)
{
    char *at = g_strdup(path);
    for (unsigned links = 0; links < LINKS_MAX; links++) {
        char *link = g_file_read_link(at, NULL);
        if (link == NULL)
            return at;
        char *folder = g_path_get_dirname(at);
        g_free(at);
        at = g_path_is_absolute(link) ? g_strdup(link) : g_build_filename(folder, link, NULL);
        g_free(folder);
        g_free(link);
    }
    g_free(at);
    errno = ELOOP;
    return NULL;
}

static bool open_descriptor(mps_output *output, int fd, GError **error)
{
    if (fcntl(fd, F_GETFD) < 0)
        return fail(error, errno);
    if (fd == STDOUT_FILENO)
        fflush(stdout); /* earlier output of stdio comes first */
    output->fd = fd;
    output->keep_open = true;
    return true;
}

static bool open_direct(mps_output *output, const char *path, GError **error)
{
    output->fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    return output->fd >= 0 || fail(error, errno);
}

/* Create a temporary file. @param pattern  its path, which ends in XXXXXX; owned by the output */
static bool open_temporary(mps_output *output, char *pattern, int mode, GError **error)
{
    output->fd = g_mkstemp_full(pattern, O_RDWR | O_CLOEXEC, mode);
    if (output->fd < 0) {
        int number = errno;
        g_free(pattern);
        return fail(error, number);
    }
    output->temporary = pattern;
    return true;
}

/* Create the temporary file in the folder of output->target.
 * @param old  the file that it will replace, whose mode it gets, so that a restricted file stays
 *             restricted; NULL: no such file */
static bool open_beside(mps_output *output, const struct stat *old, GError **error)
{
    if (old != NULL && access(output->target, W_OK) != 0)
        return fail(error, errno);
    char *folder = g_path_get_dirname(output->target);
    char *name = g_path_get_basename(output->target);
    /* The name gets longer by two dots and XXXXXX. */
    char *hidden = g_strdup_printf(".%.*s.XXXXXX", NAME_MAX - (int)strlen("..XXXXXX"), name);
    bool good = open_temporary(output, g_build_filename(folder, hidden, NULL), 0666, error);
    if (good && old != NULL && fchmod(output->fd, old->st_mode & 0777) != 0)
        good = fail(error, errno);
    g_free(hidden);
    g_free(name);
    g_free(folder);
    return good;
}

static bool is_standard_output(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

static bool open_path(mps_output *output, const char *path, GError **error)
{
    int fd = is_standard_output(path) ? STDOUT_FILENO : descriptor_of(path);
    if (fd >= 0)
        return open_descriptor(output, fd, error);
    struct stat old;
    bool exists = stat(path, &old) == 0;
    if (!exists && (errno != ENOENT || path[0] == '\0'))
        return fail(error, errno);
    if (exists && S_ISDIR(old.st_mode))
        return fail(error, EISDIR);
    if (exists && !S_ISREG(old.st_mode))
        return open_direct(output, path, error);
    output->target = follow_links(path);
    if (output->target == NULL)
        return fail(error, errno);
    return open_beside(output, exists ? &old : NULL, error);
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

bool mps_output_same(const char *a, const char *b)
{
    struct stat in_a, in_b;
    if (is_standard_output(a) || is_standard_output(b))
        return false;
    bool has_a = stat(a, &in_a) == 0, has_b = stat(b, &in_b) == 0;
    if (has_a && has_b)
        return S_ISREG(in_a.st_mode) && in_a.st_dev == in_b.st_dev && in_a.st_ino == in_b.st_ino;
    char *name_a = g_canonicalize_filename(a, NULL), *name_b = g_canonicalize_filename(b, NULL);
    bool same = !has_a && !has_b && strcmp(name_a, name_b) == 0;
    g_free(name_a);
    g_free(name_b);
    return same;
}

mps_output *mps_output_open(const char *path, GError **error)
{
    mps_output *output = g_new0(mps_output, 1);
    output->fd = -1;
    if (open_path(output, path, error) && begin_compression(output, compression_of(path), error) &&
        open_stream(output, error))
        return output;
    mps_output_discard(output);
    return NULL;
}

mps_output *mps_output_spool(GError **error)
{
    mps_output *output = g_new0(mps_output, 1);
    output->fd = -1;
    char *pattern = g_build_filename(g_get_tmp_dir(), "mptcpscope.XXXXXX", NULL);
    if (open_temporary(output, pattern, 0600, error) && begin_compression(output, ZSTD, error) &&
        open_stream(output, error))
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

/* Close the stream, the compressor and the file. After a problem nothing more is written. */
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
    if (output->fd >= 0 && !output->keep_open && close(output->fd) != 0 && output->problem == 0)
        output->problem = errno;
    output->fd = -1;
}

static void free_output(mps_output *output)
{
    g_free(output->buffer);
    g_free(output->packed);
    g_free(output->target);
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
    if (output->problem == 0 && output->temporary != NULL &&
        rename(output->temporary, output->target) != 0)
        output->problem = errno;
    int problem = output->problem;
    if (problem != 0 && output->temporary != NULL)
        g_unlink(output->temporary);
    free_output(output);
    return problem == 0 || fail(error, problem);
}

void mps_output_discard(mps_output *output)
{
    if (output->problem == 0)
        output->problem = ECANCELED; /* the buffer is not written */
    end_writing(output);
    if (output->temporary != NULL)
        g_unlink(output->temporary);
    free_output(output);
}
