/* json.h: reads JSON documents (RFC 8259) that come from outside.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef MPS_JSON_H
#define MPS_JSON_H

#include <glib.h>
#include <jansson.h>

/* The longest text, bytes: what people write, or nstat, has a few kB. */
#define MPS_TEXT_SIZE_MAX (1u << 20)

/**
 * Read a whole text, at most MPS_TEXT_SIZE_MAX bytes.
 * @param path    as of mps_input_new(); the file may be compressed
 * @param length  set to its bytes
 * @return the text, ended by a zero, freed by the caller with g_free(); NULL, with `error`
 */
char *mps_text_read(const char *path, size_t *length, GError **error);

/**
 * Parse a document; names that are given twice are errors.
 * @param text, length  the whole of it
 * @return an object or an array, freed by the caller with json_decref(); NULL, with `error`, which
 *         names the line
 */
json_t *mps_json_parse(const char *text, size_t length, GError **error);

#endif
