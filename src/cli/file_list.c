/* file_list.c: reads a list of FILEs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "file_list.h"
#include "base/input.h"
#include <errno.h>
#include <mptcpscope/error.h>
#include <stdint.h>
#include <string.h>

/* Bytes that are read at once. */
#define BLOCK 65536u

static bool read_all(mps_input *input, GByteArray *text, GError **error)
{
    ssize_t got;
    do {
        const guint size = text->len;
        g_byte_array_set_size(text, size + BLOCK);
        got = mps_input_read(input, text->data + size, BLOCK);
        g_byte_array_set_size(text, size + (guint)MAX(got, 0));
    } while (got > 0 && text->len < G_MAXUINT / 2);
    if (got == 0)
        return true;
    const char *problem = got < 0 ? mps_input_problem(input) : "the list is too long";
    g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, problem ? problem : g_strerror(errno));
    return false;
}

bool mps_file_list_read(const char *path, GPtrArray *files, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    if (!input)
        return false;
    GByteArray *text = g_byte_array_new();
    const bool read = read_all(input, text, error);
    const guint before = files->len;
    mps_input_free(input);
    const uint8_t end = text->len > 0 && memchr(text->data, '\0', text->len) ? '\0' : '\n';
    for (guint at = 0; read && at < text->len;) {
        const uint8_t *name = text->data + at;
        const uint8_t *next = memchr(name, end, text->len - at);
        const guint length = next ? (guint)(next - name) : text->len - at;
        if (length > 0)
            g_ptr_array_add(files, g_strndup((const char *)name, length));
        at += length + 1;
    }
    g_byte_array_free(text, TRUE);
    if (read && files->len == before)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, "the list names no file");
    return read && files->len > before;
}
