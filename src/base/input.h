/* input.h: reading a file that may be compressed by gzip or zstd, told apart by content.
 *
 * Compressed data that are damaged or cut off are errors; they never look like the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_INPUT_H
#define MPS_INPUT_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

/* The longest line that mps_input_line() takes, newline included. */
#define MPS_INPUT_LINE_MAX 65536u

typedef struct mps_input mps_input;

/** Open a file. @return NULL, with `error`, when it cannot be read */
mps_input *mps_input_new(const char *path, GError **error);
void mps_input_free(mps_input *input);

/** Read what comes next, decompressed.
 *  @return how many bytes, 0 at the end, -1 with errno on errors (see mps_input_problem()) */
ssize_t mps_input_read(mps_input *input, void *to, size_t size);

/** @return why reading failed, in words that live as long as `input`; NULL: it did not */
const char *mps_input_problem(const mps_input *input);

/**
 * Look at what comes next, which stays there.
 * @param wanted  how many bytes, MPS_INPUT_LINE_MAX at most
 * @param start   set to the first of them
 * @return how many there are: fewer only where the file ends or reading fails
 */
size_t mps_input_peek(mps_input *input, size_t wanted, const char **start);

/**
 * Read the next line.
 * @param line    set to its first byte; valid, with the newline behind it, until the next call
 * @param length  set to its length, newline not counted
 * @return 1: a line, 0: the end, -1: `error`, naming the line. A last line without a newline is
 *         an error: the file was cut off.
 */
int mps_input_line(mps_input *input, const char **line, size_t *length, GError **error);

/** @return the number of the line that was read last, from 1. */
guint64 mps_input_line_number(const mps_input *input);

/** @return a stream over `input`, which must outlive it and can be asked for its problem; NULL,
 *  with `error`, when there is no memory */
FILE *mps_input_stream(mps_input *input, GError **error);

#endif
