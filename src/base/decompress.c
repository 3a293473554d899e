/* decompress.c: decompresses gzip, zstd, lz4 and xz.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "decompress.h"

#define ZLIB_CONST /* zlib does not write to its input */
#include <zlib.h>

#include <glib.h>
#include <limits.h>
#include <lz4frame.h>
#include <lzma.h>
#include <string.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "bytes.h"

/* The largest window of zstd that MPS_DECOMPRESS_MEMORY allows, as a power of two. */
#define ZSTD_WINDOW_LOG 27

/* zstd and lz4 begin with such a number in little endian, or with a frame to be skipped, whose
 * length follows (RFC 8878 section 3.1). */
#define ZSTD_MAGIC 0xfd2fb528u
#define LZ4_MAGIC 0x184d2204u
#define SKIPPABLE_MAGIC 0x184d2a50u
#define SKIPPABLE_MASK 0xfffffff0u

/* Data of lz4 -l, as in images of Linux. */
#define LZ4_LEGACY_MAGIC 0x184c2102u

/* Bytes of a magic number, and of a length after it. */
#define MAGIC_SIZE 4u
#define SKIPPABLE_HEAD 8u

static const char no_memory[] = "not enough memory";

/* The bytes that a step uses and makes. */
typedef struct {
    const uint8_t *from, *end;
    uint8_t *to;
    size_t size;
} step;

typedef struct {
    bool (*begin)(mps_decompressor *);
    void (*decompress)(mps_decompressor *, step *);
    void (*end)(mps_decompressor *);
    bool has_padding;
} format;

struct mps_decompressor {
    const format *format;
    bool within;         /* a member has begun */
    const char *problem; /* NULL: none */
    z_stream gzip;
    ZSTD_DStream *zstd;
    LZ4F_dctx *lz4;
    lzma_stream xz;
    uint8_t head[SKIPPABLE_HEAD]; /* what passed of the head of a frame to be skipped */
    size_t head_size;
    uint32_t skip; /* bytes that are left of that frame */
};

/* ---- gzip ---- */

static bool begin_gzip(mps_decompressor *d)
{
    return inflateInit2(&d->gzip, MAX_WBITS + 16) == Z_OK;
}

static void decompress_gzip(mps_decompressor *d, step *s)
{
    z_stream *z = &d->gzip;
    if (!d->within)
        inflateReset(z);
    d->within = true;
    const uInt in = (uInt)MIN((size_t)(s->end - s->from), (size_t)INT_MAX); /* zlib: 32 bits */
    const uInt out = (uInt)MIN(s->size, (size_t)INT_MAX);
    z->next_in = s->from;
    z->avail_in = in;
    z->next_out = s->to;
    z->avail_out = out;
    const int result = inflate(z, Z_NO_FLUSH);
    s->from += in - z->avail_in;
    s->to += out - z->avail_out;
    if (result == Z_STREAM_END)
        d->within = false;
    else if (result == Z_MEM_ERROR)
        d->problem = no_memory;
    else if (result != Z_OK && result != Z_BUF_ERROR)
        d->problem = "the gzip data are damaged";
}

static void end_gzip(mps_decompressor *d)
{
    inflateEnd(&d->gzip);
}

/* ---- zstd ---- */

static bool begin_zstd(mps_decompressor *d)
{
    d->zstd = ZSTD_createDStream();
    return d->zstd != NULL &&
           !ZSTD_isError(ZSTD_DCtx_setParameter(d->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG));
}

static void decompress_zstd(mps_decompressor *d, step *s)
{
    ZSTD_inBuffer in = {s->from, (size_t)(s->end - s->from), 0};
    ZSTD_outBuffer out = {s->to, s->size, 0};
    const size_t left = ZSTD_decompressStream(d->zstd, &out, &in);
    s->from += in.pos;
    s->to += out.pos;
    d->within = left != 0;
    if (!ZSTD_isError(left))
        return;
    switch (ZSTD_getErrorCode(left)) {
    case ZSTD_error_frameParameter_windowTooLarge:
        d->problem = "the zstd data need more than 256 MiB of memory";
        break;
    case ZSTD_error_memory_allocation:
        d->problem = no_memory;
        break;
    default:
        d->problem = "the zstd data are damaged";
    }
}

static void end_zstd(mps_decompressor *d)
{
    ZSTD_freeDStream(d->zstd);
}

/* ---- lz4 ---- */

static bool begin_lz4(mps_decompressor *d)
{
    return !LZ4F_isError(LZ4F_createDecompressionContext(&d->lz4, LZ4F_VERSION));
}

static void decompress_lz4(mps_decompressor *d, step *s)
{
    size_t in = (size_t)(s->end - s->from), out = s->size;
    const size_t left = LZ4F_decompress(d->lz4, s->to, &out, s->from, &in, NULL);
    d->within = left != 0;
    if (LZ4F_isError(left)) { /* then it does not say what it used */
        d->problem = "the lz4 data are damaged";
        return;
    }
    s->from += in;
    s->to += out;
}

static void end_lz4(mps_decompressor *d)
{
    LZ4F_freeDecompressionContext(d->lz4);
}

/* ---- xz ---- */

static bool begin_xz(mps_decompressor *d)
{
    return lzma_stream_decoder(&d->xz, MPS_DECOMPRESS_MEMORY, 0) == LZMA_OK;
}

static void decompress_xz(mps_decompressor *d, step *s)
{
    lzma_stream *z = &d->xz;
    if (!d->within && z->total_in > 0 && !begin_xz(d)) { /* another stream */
        d->problem = no_memory;
        return;
    }
    d->within = true;
    z->next_in = s->from;
    z->avail_in = (size_t)(s->end - s->from);
    z->next_out = s->to;
    z->avail_out = s->size;
    const lzma_ret result = lzma_code(z, LZMA_RUN);
    s->from = z->next_in;
    s->to = z->next_out;
    switch (result) {
    case LZMA_OK:
    case LZMA_BUF_ERROR: /* nothing to do: the caller knows whether more follows */
        break;
    case LZMA_STREAM_END:
        d->within = false;
        break;
    case LZMA_MEM_ERROR:
        d->problem = no_memory;
        break;
    case LZMA_MEMLIMIT_ERROR:
        d->problem = "the xz data need more than 256 MiB of memory";
        break;
    default:
        d->problem = "the xz data are damaged";
    }
}

static void end_xz(mps_decompressor *d)
{
    lzma_end(&d->xz);
}

/* ---- all ---- */

/* A format that is named, not read. */
static bool begin_lz4_legacy(mps_decompressor *d)
{
    d->problem = "the legacy format of lz4 is not supported";
    return true;
}

static bool begin_nothing(mps_decompressor *d)
{
    (void)d;
    return true;
}

static void end_nothing(mps_decompressor *d)
{
    (void)d;
}

static void decompress_skippable(mps_decompressor *d, step *s);

static const format gzip = {begin_gzip, decompress_gzip, end_gzip, true};
static const format zstd = {begin_zstd, decompress_zstd, end_zstd, false};
static const format lz4 = {begin_lz4, decompress_lz4, end_lz4, false};
static const format xz = {begin_xz, decompress_xz, end_xz, true};
static const format lz4_legacy = {begin_lz4_legacy, NULL, end_nothing, false};
static const format skippable = {begin_nothing, decompress_skippable, end_nothing, false};

/* @param start  of MAGIC_SIZE bytes @return zstd, lz4, or a frame to be skipped; or NULL */
static const format *find_by_magic(const uint8_t *start)
{
    const uint32_t magic = mps_load32_little(start);
    if ((magic & SKIPPABLE_MASK) == SKIPPABLE_MAGIC)
        return &skippable;
    return magic == ZSTD_MAGIC         ? &zstd
           : magic == LZ4_MAGIC        ? &lz4
           : magic == LZ4_LEGACY_MAGIC ? &lz4_legacy
                                       : NULL;
}

static void begin_format(mps_decompressor *d, const format *found)
{
    d->format = found;
    if (!found->begin(d))
        d->problem = no_memory;
}

/* The first frames are to be skipped, which zstd and lz4 have alike, as pzstd and others begin. The
 * magic number after them says which of the two it is. */
static void decompress_skippable(mps_decompressor *d, step *s)
{
    while (s->from < s->end && d->format == &skippable && d->problem == NULL) {
        const size_t skipped = MIN((size_t)(s->end - s->from), d->skip);
        s->from += skipped;
        d->skip -= (uint32_t)skipped;
        if (s->from == s->end)
            break;
        d->head[d->head_size++] = *s->from++;
        if (d->head_size < MAGIC_SIZE)
            continue;
        const format *found = find_by_magic(d->head);
        if (found == NULL) {
            d->problem = "what follows a skippable frame is neither zstd nor lz4";
        } else if (found != &skippable) {
            begin_format(d, found);
        } else if (d->head_size == SKIPPABLE_HEAD) {
            d->skip = mps_load32_little(d->head + MAGIC_SIZE);
            d->head_size = 0;
        }
    }
    d->within = d->head_size > 0 || d->skip > 0;
    if (d->format != &skippable && d->problem == NULL) {
        step again = {d->head, d->head + MAGIC_SIZE, s->to, s->size};
        d->format->decompress(d, &again); /* it makes nothing of a magic number */
    }
}

bool mps_decompress_skips(const uint8_t *start, size_t size)
{
    return size >= 8 && (mps_load32_little(start) & SKIPPABLE_MASK) == SKIPPABLE_MAGIC;
}

static const format *find_format(const uint8_t *start, size_t size)
{
    static const uint8_t gzip_magic[] = {0x1f, 0x8b};
    static const uint8_t xz_magic[] = {0xfd, '7', 'z', 'X', 'Z', 0};
    if (size >= sizeof gzip_magic && memcmp(start, gzip_magic, sizeof gzip_magic) == 0)
        return &gzip;
    if (size >= sizeof xz_magic && memcmp(start, xz_magic, sizeof xz_magic) == 0)
        return &xz;
    return size >= MAGIC_SIZE ? find_by_magic(start) : NULL;
}

mps_decompressor *mps_decompressor_new(const uint8_t *start, size_t size)
{
    const format *found = find_format(start, size);
    if (found == NULL)
        return NULL;
    mps_decompressor *decompressor = g_new0(mps_decompressor, 1);
    begin_format(decompressor, found);
    return decompressor;
}

void mps_decompressor_free(mps_decompressor *decompressor)
{
    if (decompressor == NULL)
        return;
    decompressor->format->end(decompressor);
    g_free(decompressor);
}

size_t mps_decompress(mps_decompressor *decompressor, const uint8_t **from, const uint8_t *end,
                      bool last, void *to, size_t size)
{
    if (decompressor->problem != NULL)
        return 0;
    while (decompressor->format->has_padding && !decompressor->within && *from < end && **from == 0)
        ++*from;
    if (*from == end && (!last || !decompressor->within))
        return 0;
    step s = {*from, end, to, size};
    decompressor->format->decompress(decompressor, &s);
    *from = s.from;
    return (size_t)(s.to - (uint8_t *)to);
}

bool mps_decompressor_within(const mps_decompressor *decompressor)
{
    return decompressor->within;
}

const char *mps_decompressor_problem(const mps_decompressor *decompressor)
{
    return decompressor->problem;
}
