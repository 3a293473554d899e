/* json.c: reads JSON documents that come from outside.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "json.h"
#include "input.h"
#include <mptcpscope/error.h>
#include <mptcpscope/printable.h>

char *mps_text_read(const char *path, size_t *length, GError **error)
{
    mps_input *input = mps_input_new(path, error);
    if (!input)
        return NULL;
    char *text = g_malloc(MPS_TEXT_SIZE_MAX + 2);
    size_t used = 0;
    ssize_t got = 0;
    while (used <= MPS_TEXT_SIZE_MAX &&
           (got = mps_input_read(input, text + used, MPS_TEXT_SIZE_MAX + 1 - used)) > 0)
        used += (size_t)got;
    if (got < 0)
        g_set_error_literal(error, MPS_ERROR, MPS_ERROR_INPUT, mps_input_problem(input));
    else if (used > MPS_TEXT_SIZE_MAX)
        g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "longer than %u bytes", MPS_TEXT_SIZE_MAX);
    mps_input_free(input);
    if (got < 0 || used > MPS_TEXT_SIZE_MAX) {
        g_free(text);
        return NULL;
    }
    text[used] = '\0';
    *length = used;
    return text;
}

json_t *mps_json_parse(const char *text, size_t length, GError **error)
{
    json_error_t problem;
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &problem);
    if (root)
        return root;
    char *printable = mps_printable(problem.text);
    g_set_error(error, MPS_ERROR, MPS_ERROR_INPUT, "JSON, line %d: %s", MAX(problem.line, 1),
                printable);
    g_free(printable);
    return NULL;
}
