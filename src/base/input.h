/* input.h: reads a file, plain or compressed with gzip, zstd, lz4 or xz; the content decides which.
 *
 * Compressed data that are damaged or cut off are errors; they never look like the end of the file.
 * MPS_ERROR_CUT_OFF tells the second case: what was read before is whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_INPUT_H
#define MPS_INPUT_H

#include <glib.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

/* Bytes of the longest line that mps_input_line() accepts, newline included. */
#define MPS_INPUT_LINE_MAX 65536u

typedef struct mps_input mps_input;

/** Open a file. @param path  "-": standard input, from where it is  @return the input, freed by the
 * caller with mps_input_free(); NULL, with `error`, when it cannot be read */
mps_input *mps_input_new(const char *path, GError **error);

/** Close the file and free the input; NULL is allowed. */
void mps_input_free(mps_input *input);

/** Read the next bytes, decompressed.
 *  @param to    at least `size` bytes
 *  @return how many bytes were read, 0 at the end, -1 with errno on errors (see
 *          mps_input_problem()) */
ssize_t mps_input_read(mps_input *input, void *to, size_t size);

/** Count the bytes that are read of the file, which may be compressed.
 *  @param counter  set; any thread may read it while `input` lives
 *  @return how many there are; 0: not known */
uint64_t mps_input_count(mps_input *input, _Atomic uint64_t *counter);

/** @return whether the file is a pipe, a terminal or the like, which may grow while it is read.
 * What is there is read at once, without waiting for more than the caller asked for. */
bool mps_input_is_stream(const mps_input *input);

/** Let a descriptor end a stream: when it becomes readable, what the stream holds then is read, and
 * no more is waited for. @param descriptor  -1: none (default). Ignored for regular files */
void mps_input_stop_at(mps_input *input, int descriptor);

/** @return whether that descriptor has ended the stream. */
bool mps_input_stopped(const mps_input *input);

/** @return why reading failed, as text that lives as long as `input`; NULL: it did not fail. */
const char *mps_input_problem(const mps_input *input);

/** @return whether reading failed because compressed data are cut off at their end. */
bool mps_input_cut_off(const mps_input *input);

/**
 * Look at the next bytes without consuming them.
 * @param size   how many bytes, at most MPS_INPUT_LINE_MAX
 * @param start  set to the first of them
 * @return how many bytes there are: fewer than `size` only where the file ends or reading fails
 */
size_t mps_input_peek(mps_input *input, size_t size, const char **start);

/**
 * Read the next line.
 * @param line    set to its first byte; valid, with its newline, until the next call
 * @param length  set to its length, newline not counted
 * @return 1: a line; 0: the end; -1: `error`, which names the line. A last line without a newline
 *         is an error (MPS_ERROR_CUT_OFF), for it may lack more than that.
 */
int mps_input_line(mps_input *input, const char **line, size_t *length, GError **error);

/** @return the number of the line that was read last, from 1. */
guint64 mps_input_line_number(const mps_input *input);

/** Hand a plain regular file over to a stream of its own, for who reads through stdio.
 *  `input` must not be read any more, and counts what mps_input_passed() tells it.
 *  @return the stream, at the beginning of the file, closed by the caller; NULL: the file is
 *          compressed, no regular one, or standard input */
FILE *mps_input_hand_over(mps_input *input);

/** Note how many bytes of the file were read through that stream, for mps_input_count(). */
void mps_input_passed(mps_input *input, uint64_t bytes);

#endif
