/* decompress.h: decompresses gzip, zstd, lz4 and xz; the first bytes tell which.
 *
 * What is compressed may be several members (frames, streams) one after the other. Zero bytes
 * between and after members of gzip and xz are padding. Memory is bounded: data that need more than
 * MPS_DECOMPRESS_MEMORY are refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_DECOMPRESS_H
#define MPS_DECOMPRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that a decompressor may use: those of zstd --long and xz -9 are enough. */
#define MPS_DECOMPRESS_MEMORY (256u << 20)

typedef struct mps_decompressor mps_decompressor;

/** @return whether data begin with a frame to be skipped, of zstd or lz4: how they are compressed
 * is known where the frame ends. @param size  of `start` */
bool mps_decompress_skips(const uint8_t *start, size_t size);

/** @return a decompressor for data that begin with these bytes, freed by the caller with
 *  mps_decompressor_free(); NULL: they are not compressed
 *  @param size  of `start`; all bytes there are, or more than 8 */
mps_decompressor *mps_decompressor_new(const uint8_t *start, size_t size);
void mps_decompressor_free(mps_decompressor *decompressor);

/**
 * Decompress.
 * @param from  compressed bytes; moved over those that were used
 * @param end   of them
 * @param last  no more follow
 * @param to    where at most `size` bytes are written
 * @return how many were; 0 with `from` at `end`: it needs more, or has failed or ended
 */
size_t mps_decompress(mps_decompressor *decompressor, const uint8_t **from, const uint8_t *end,
                      bool last, void *to, size_t size);

/** @return whether the data may not end here: a member has begun. */
bool mps_decompressor_within(const mps_decompressor *decompressor);

/** @return why the data cannot be decompressed, static; NULL: they can. */
const char *mps_decompressor_problem(const mps_decompressor *decompressor);

#endif
