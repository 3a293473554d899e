/* fuzz_two.c: compares two files. The first two bytes of an input are the length of the first file;
 * what remains is the second.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "oracles.h"

#include <glib/gstdio.h>
#include <mptcpscope/diff.h>
#include <mptcpscope/owd.h>
#include <mptcpscope/reinjection.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INTERVAL 100000000

typedef void (*writer)(const mps_comparison *comparison, mps_format format, FILE *out);

static void write_owd(const mps_comparison *comparison, mps_format format, FILE *out)
{
    const mps_owd_choice choice = {MPS_NONE, MPS_OWD_BY_SUBFLOW, INTERVAL};
    mps_owd_write(comparison, &choice, format, out);
}

static void write_reinjections(const mps_comparison *comparison, mps_format format, FILE *out)
{
    mps_reinjections_write(comparison, MPS_NONE, NULL, format, out);
}

static void write_diff(const mps_comparison *comparison, mps_format format, FILE *out)
{
    mps_diff_write(comparison, MPS_NONE, format, out);
}

static void check_writer(const mps_comparison *comparison, writer write, const char *what)
{
    for (mps_format format = MPS_FORMAT_TEXT; format <= MPS_FORMAT_JSON; format++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        if (!out)
            abort();
        write(comparison, format, out);
        fclose(out);
        if (format == MPS_FORMAT_JSON)
            check_json(text, what);
        free(text);
    }
}

static void compare(const mps_trace *a, const mps_trace *b, mps_clock_mode mode)
{
    GError *error = NULL;
    mps_comparison *comparison = mps_comparison_new(a, b, mode, &error);
    if (!comparison != (error != NULL))
        abort();
    if (comparison) {
        check_writer(comparison, mps_clock_write, "clock");
        check_writer(comparison, write_owd, "owd");
        check_writer(comparison, write_reinjections, "reinjections");
        check_writer(comparison, write_diff, "diff");
    }
    g_clear_error(&error);
    mps_comparison_free(comparison);
}

static mps_trace *load(const char *name, const uint8_t *data, size_t size)
{
    GError *error = NULL;
    char *path = input_file(name, data, size);
    mps_trace *trace = mps_trace_load(
        path, MPS_NEED_FIRST_SEEN | MPS_NEED_TRANSMISSIONS | MPS_NEED_HEADERS, &error);
    if (!trace != (error != NULL))
        abort();
    g_clear_error(&error);
    g_unlink(path);
    g_free(path);
    return trace;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const size_t first = MIN((size_t)(data[0] << 8 | data[1]), size - 2);
    mps_trace *a = load("a", data + 2, first);
    mps_trace *b = a ? load("b", data + 2 + first, size - 2 - first) : NULL;
    for (mps_clock_mode mode = MPS_CLOCK_NONE; b && mode <= MPS_CLOCK_SKEW; mode++)
        compare(a, b, mode);
    mps_trace_free(a);
    mps_trace_free(b);
    return 0;
}
